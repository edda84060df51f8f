//! From the model back to statements, such that reading them again gives the same model.

pub mod global;
pub mod lines;
