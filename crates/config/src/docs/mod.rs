//! Everything that is written from the keyword table: `explain`, manual page, JSON schema, options of the NixOS module,
//! compatibility page.

pub mod codes;
pub mod compatibility;
pub mod explain;
pub mod manual;
pub mod sample;
pub mod schema;
pub mod words;
