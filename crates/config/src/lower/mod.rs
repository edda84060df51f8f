//! From typed entries to the model: defaults, normalisation, late resolution, corrections.

pub mod defaults;
pub mod global;
pub mod scripts;
