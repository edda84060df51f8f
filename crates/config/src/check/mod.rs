//! Checks that look at more than one object, and the codes of what lowering and checks say.

pub mod codes;
pub mod vrid;
