//! What is wanted, as data: only valid values.

pub mod time;
