//! keepalived.conf and TOML to model, with diagnostics.
//!
//! `text -> tree -> typed entries -> model`. Reading never fails: it gives a model and what there is to say about it.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

pub mod anywhere;
pub mod check;
pub mod codes;
pub mod convert;
pub mod diag;
pub mod docs;
pub mod facts;
mod fnv;
pub mod grammar;
pub mod lower;
pub mod print;
pub mod raise;
pub mod reader;
pub mod render;
mod secrets;
pub mod source;
pub mod suggest;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
pub mod toml;
pub mod tree;
pub mod typed;
pub mod values;

pub use docs::explain::explain;
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

/// Reads the configuration that `options` names. Never fails: what cannot be understood is left out and said.
#[must_use]
pub fn load(options: &Options, facts: &dyn facts::Facts) -> Loaded {
    let mut sources = source::SourceMap::default();
    let mut diagnostics = diag::Diagnostics::default();
    let mut lowering = lower::Lowering::new(facts);
    reader::read(options, facts, &mut sources, &mut diagnostics, &mut |statement| {
        lowering.statement(statement);
    });
    finish(lowering, sources, diagnostics)
}

/// Reads a text as if it were the main file `name`; relative includes start at the current directory.
#[must_use]
pub fn load_text(name: &str, text: &str, options: &Options, facts: &dyn facts::Facts) -> Loaded {
    let mut sources = source::SourceMap::default();
    let mut diagnostics = diag::Diagnostics::default();
    let mut lowering = lower::Lowering::new(facts);
    let limits = reader::Limits::default();
    reader::read_text(
        name,
        text,
        limits,
        options,
        facts,
        &mut sources,
        &mut diagnostics,
        &mut |statement| {
            lowering.statement(statement);
        },
    );
    finish(lowering, sources, diagnostics)
}

fn finish(lowering: lower::Lowering<'_>, mut sources: source::SourceMap, mut diagnostics: diag::Diagnostics) -> Loaded {
    let (config, lowered, secrets) = lowering.end();
    diagnostics.append(lowered);
    secrets.hide(&mut diagnostics, &mut sources);
    Loaded {
        config,
        diagnostics,
        sources,
    }
}

/// Exit code with which the daemon refuses to start with this configuration (`config-language.md` 11.4); `None`: it starts.
#[must_use]
pub fn daemon_refuses(loaded: &Loaded) -> Option<u8> {
    loaded.diagnostics.refusal()
}
