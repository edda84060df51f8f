//! The codes of diagnostics.

pub mod keyword;
