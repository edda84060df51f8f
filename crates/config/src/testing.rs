//! For the tests of this crate: a small machine, and trees from text without the language around the keywords.

use std::path::Path;

use keepalived_model::{script::Credentials, units::IfName};

use crate::{
    facts::{Facts, InterfaceFact, ScriptFact},
    source::{FileId, Span},
    tree::{Body, Statement, Word},
};

/// A machine with `eth0`, the users `root` and `joe`, four CPUs, and programs judged by their path: `/good/..` is fine,
/// `/bad/..` can be changed by others, everything else is missing.
#[derive(Debug)]
pub(crate) struct Machine;

impl Facts for Machine {
    fn interface(&self, name: &IfName) -> Option<InterfaceFact> {
        (name.as_str() == "eth0").then_some(InterfaceFact {
            index: 2,
            mtu: 1500,
            loopback: false,
            multicast: true,
            ethernet: true,
            base: None,
        })
    }

    fn credentials(&self, user: &str, group: Option<&str>) -> Result<Credentials, String> {
        let uid = match user {
            "root" => 0,
            "joe" => 1000,
            _ => return Err(format!("no user {user}")),
        };
        let groups = if group.is_some_and(|g| g.starts_with(':')) {
            vec![uid, 27]
        } else {
            Vec::new()
        };
        Ok(Credentials { uid, gid: uid, groups })
    }

    fn script(&self, program: &str, _: Option<&Credentials>, _: bool) -> ScriptFact {
        if program.starts_with("/good/") {
            ScriptFact::Good(program.into())
        } else if program == "found" {
            ScriptFact::Good("/good/found".into())
        } else if program.starts_with("/bad/") {
            ScriptFact::Insecure {
                path: program.into(),
                why: "/bad is writable by others".to_owned(),
            }
        } else {
            ScriptFact::Unusable("no such file".to_owned())
        }
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }

    fn random(&self, min: u64, _: u64) -> u64 {
        min
    }

    fn host_name(&self) -> String {
        "vm".to_owned()
    }

    fn cpus(&self) -> u16 {
        4
    }

    fn iproute2_table(&self, _: &str, _: Option<&Path>, _: Option<&Path>) -> String {
        String::new()
    }
}

/// The statements of a text: words, double quotes and braces at ends of lines, nothing else of the language.
pub(crate) fn tree(text: &str) -> Vec<Statement> {
    let mut open = vec![Vec::new()];
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line == "}" {
            let statements = open.pop().unwrap_or_default();
            let body = Body {
                statements,
                close: None,
            };
            if let Some(last) = open.last_mut().and_then(|level| level.last_mut()) {
                last.body = Some(body);
            }
            continue;
        }
        let plain = line.trim_end_matches('{').trim_end();
        if plain.is_empty() {
            continue;
        }
        let statement = Statement {
            words: words(plain, number),
            raw: plain.contains(['"', '\'', '\\']).then(|| plain.into()),
            span: span(number, 1, line.len()),
            body: None,
        };
        if let Some(level) = open.last_mut() {
            level.push(statement);
        }
        if line.ends_with('{') {
            open.push(Vec::new());
        }
    }
    open.swap_remove(0)
}

fn words(line: &str, number: u32) -> Vec<Word> {
    let mut words = Vec::new();
    for (at, piece) in line.split('"').enumerate() {
        let quoted = at % 2 == 1;
        let texts: Vec<&str> = if quoted {
            vec![piece]
        } else {
            piece.split_whitespace().collect()
        };
        words.extend(texts.into_iter().map(|text| Word {
            text: text.into(),
            span: span(number, text.as_ptr() as usize - line.as_ptr() as usize + 1, text.len()),
            quoted,
        }));
    }
    words
}

fn span(line: u32, column: usize, len: usize) -> Span {
    Span {
        file: FileId(0),
        line,
        column: u32::try_from(column).unwrap_or(0),
        len: u32::try_from(len).unwrap_or(0),
        expansion: None,
    }
}
