//! keepalived.conf and TOML to model, with diagnostics.
//!
//! `text -> tree -> typed entries -> model`. Reading never fails: it gives a model and what there is to say about it.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

pub mod check;
pub mod codes;
pub mod diag;
pub mod facts;
pub mod grammar;
pub mod lower;
pub mod reader;
pub mod source;
pub mod suggest;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
pub mod tree;
pub mod typed;
pub mod values;

use keepalived_model::config::Config;

/// What is read, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// File name pattern of `-f` (glob with braces). A name ending in `.toml` is read as TOML.
    pub main: String,
    /// `-i`: the id that `@ID` lines are compared with; the host name up to the first dot when `None`.
    pub config_id: Option<String>,
    /// `-e`: every include check is an error.
    pub all_config: bool,
}

/// What reading gives.
#[derive(Debug)]
pub struct Loaded {
    /// The model, also after errors: what could be understood.
    pub config: Config,
    /// What there is to say.
    pub diagnostics: diag::Diagnostics,
    /// The files that were read.
    pub sources: source::SourceMap,
}
