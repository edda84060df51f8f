//! The corpus of the language: each case is a text with the tree and the diagnostics it gives.
//!
//! The numbers are those of the table of observed outcomes (`config-language.md` 17).

use std::fmt::Write as _;

use crate::common::{Machine, Outcome, options, read_file, show};

struct Case<'a> {
    title: &'a str,
    config_id: Option<&'a str>,
    machine: Machine,
    files: Vec<(&'a str, String)>,
    expected: String,
}

/// `== TITLE`, `-i ID`, `-e NAME=VALUE`, `-- FILE` followed by its text, `>>` followed by what is expected.
fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for part in text.split("\n== ").skip(1) {
        let (title, rest) = part.split_once('\n').unwrap();
        let (given, expected) = rest.split_once("\n>>\n").unwrap_or_else(|| panic!("{title}: no >>"));
        let mut case = Case {
            title,
            config_id: None,
            machine: Machine::default(),
            files: Vec::new(),
            expected: expected.trim_end().to_owned(),
        };
        for line in given.lines() {
            if let Some(name) = line.strip_prefix("-- ") {
                case.files.push((name, String::new()));
            } else if let Some((_, text)) = case.files.last_mut() {
                let _ = writeln!(
                    text,
                    "{}",
                    line.replace("<CR>", "\r")
                        .replace("<NUL>", "\0")
                        .replace("<1100>", &"x".repeat(1100))
                );
            } else if let Some(id) = line.strip_prefix("-i ") {
                case.config_id = Some(id);
            } else if let Some((name, value)) = line.strip_prefix("-e ").and_then(|e| e.split_once('=')) {
                case.machine.environment.insert(name.to_owned(), value.to_owned());
            }
        }
        cases.push(case);
    }
    cases
}

fn run(case: &Case<'_>) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in &case.files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut options = options(case.config_id);
    options.main = directory.path().join("main").to_string_lossy().into_owned();
    let mut outcome = read_file(&options, &case.machine);
    let place = directory.path().canonicalize().unwrap();
    for statement in &mut outcome.statements {
        for word in &mut statement.words {
            word.text = word.text.replace(&*place.to_string_lossy(), "DIR").into();
        }
    }
    outcome
}

fn describe(outcome: &Outcome) -> String {
    let mut text = show(&outcome.statements);
    for diagnostic in outcome.diagnostics.items() {
        let place = diagnostic.span.map_or_else(String::new, |span| {
            let name = &outcome.sources.file(span.file).unwrap().name;
            let name = name.rsplit_once("/main").map_or(name.as_str(), |_| "main");
            let name = name.rsplit('/').next().unwrap();
            format!(" {name}:{}:{}+{}", span.line, span.column, span.len)
        });
        let _ = writeln!(text, "! {}{place}", diagnostic.code.id);
    }
    let _ = write!(text, "exit {}", outcome.diagnostics.test_exit_code());
    text
}

#[test]
fn corpus() {
    let text = include_str!("../corpus/language.txt");
    let cases = cases(text);
    let mut failed = String::new();
    for case in &cases {
        let got = describe(&run(case));
        if got != case.expected {
            let _ = writeln!(failed, "== {}\n{got}\n-- expected\n{}\n", case.title, case.expected);
        }
    }
    assert!(failed.is_empty(), "\n{failed}");
}
