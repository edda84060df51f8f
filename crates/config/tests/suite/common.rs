//! A machine made of a table, and trees as short text.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use keepalived_config::{
    Options,
    diag::Diagnostics,
    facts::{Facts, InterfaceFact, ScriptFact},
    reader::{self, Limits},
    source::SourceMap,
    tree::Statement,
};
use keepalived_model::{script::Credentials, units::IfName};

#[derive(Debug, Default)]
pub(crate) struct Machine {
    pub(crate) environment: BTreeMap<String, String>,
}

impl Facts for Machine {
    fn interface(&self, _: &IfName) -> Option<InterfaceFact> {
        None
    }
    fn credentials(&self, user: &str, _: Option<&str>) -> Result<Credentials, String> {
        Err(format!("user {user} is unknown"))
    }
    fn script(&self, program: &str, _: Option<&Credentials>, _: bool) -> ScriptFact {
        ScriptFact::Good(program.into())
    }
    fn environment(&self, name: &str) -> Option<String> {
        self.environment.get(name).cloned()
    }
    fn random(&self, min: u64, _: u64) -> u64 {
        min
    }
    fn host_name(&self) -> String {
        "vm".to_owned()
    }
    fn cpus(&self) -> u16 {
        2
    }
    fn iproute2_table(&self, _: &str, _: Option<&Path>, _: Option<&Path>) -> String {
        String::new()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) statements: Vec<Statement>,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) sources: SourceMap,
}

pub(crate) fn options(config_id: Option<&str>) -> Options {
    Options {
        main: "test.conf".to_owned(),
        config_id: config_id.map(str::to_owned),
        all_config: false,
    }
}

pub(crate) fn read_text(text: &str) -> Outcome {
    read_with(text, &options(None), &Machine::default(), Limits::default())
}

pub(crate) fn read_with(text: &str, options: &Options, machine: &Machine, limits: Limits) -> Outcome {
    let mut outcome = Outcome::default();
    reader::read_text(
        "test.conf",
        text,
        limits,
        options,
        machine,
        &mut outcome.sources,
        &mut outcome.diagnostics,
        &mut |statement| outcome.statements.push(statement),
    );
    outcome
}

pub(crate) fn read_file(options: &Options, machine: &Machine) -> Outcome {
    let mut outcome = Outcome::default();
    reader::read(
        options,
        machine,
        &mut outcome.sources,
        &mut outcome.diagnostics,
        &mut |statement| outcome.statements.push(statement),
    );
    outcome
}

/// The tree as text: words in brackets when quoted, one statement a line.
pub(crate) fn show(statements: &[Statement]) -> String {
    let mut out = String::new();
    show_at(statements, 0, &mut out);
    out
}

fn show_at(statements: &[Statement], depth: usize, out: &mut String) {
    for statement in statements {
        let words: Vec<String> = statement
            .words
            .iter()
            .map(|w| {
                if w.quoted {
                    format!("[{}]", w.text)
                } else {
                    w.text.to_string()
                }
            })
            .collect();
        let _ = write!(out, "{}{}", "  ".repeat(depth), words.join(" "));
        if let Some(body) = &statement.body {
            out.push_str(if body.close.is_some() { " {\n" } else { " {...\n" });
            show_at(&body.statements, depth + 1, out);
        } else {
            out.push('\n');
        }
    }
}
