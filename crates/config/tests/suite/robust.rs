//! No text makes the reader panic, loop or say nothing sensible.

use proptest::prelude::*;

use crate::common::{Machine, Outcome, options, read_text, read_with};
use keepalived_config::{reader::Limits, tree::Statement};

/// Small, so that a test that would produce millions of lines ends at once.
const LIMITS: Limits = Limits {
    generated_lines: 2_000,
    files: 8,
};

fn read_bounded(text: &str) -> Outcome {
    read_with(text, &options(Some("h1")), &Machine::default(), LIMITS)
}

/// Pieces that mean something, so that random lines reach every station.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "\"",
            "'",
            "\\",
            "#",
            "!",
            "$A",
            "${A}",
            "$A=",
            "$B= \\\n",
            "$B",
            "${B}",
            " \\\n",
            "@h1 ",
            "@^h1 ",
            "~SEQ(",
            "~SEQx(",
            "~LST(",
            ")",
            ",",
            "0x10",
            "-1",
            "1",
            "9223372036854775807",
            "A",
            "I",
            "include ",
            "includea ",
            "*.conf",
            "test.conf",
            "global_defs",
            "include_check",
            "+read",
            "${_RANDOM 1 2}",
            "${_ENV X}",
            "${_PWD}",
            "${_HASH}",
            "vrrp_instance",
            "é",
            "\t",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,4}",
        Just("\n".to_owned()),
        Just(" ".to_owned()),
    ]
}

fn check(outcome: &Outcome) {
    fn walk(statements: &[Statement], outcome: &Outcome) {
        for statement in statements {
            assert!(!statement.words.is_empty());
            for word in &statement.words {
                let file = outcome.sources.file(word.span.file).unwrap();
                let line = file.text.lines().nth(word.span.line as usize - 1).unwrap_or("");
                let end = word.span.column as usize - 1 + word.span.len as usize;
                assert!(end <= line.len(), "{word:?} in {line:?}");
                if word.span.expansion.is_none() && !word.text.contains(['#', '!']) {
                    let start = word.span.column as usize - 1;
                    let text = &line[start..end];
                    let inner = if word.quoted { &text[1..text.len() - 1] } else { text };
                    assert_eq!(inner, &*word.text);
                }
            }
            if let Some(body) = &statement.body {
                walk(&body.statements, outcome);
            }
        }
    }
    walk(&outcome.statements, outcome);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn lines_of_language(pieces in prop::collection::vec(piece(), 0..60)) {
        check(&read_bounded(&pieces.concat()));
    }

    #[test]
    fn any_text(text in "\\PC{0,300}") {
        check(&read_bounded(&text));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&read_bounded(&String::from_utf8_lossy(&bytes)));
    }
}

#[test]
fn deep_nesting_and_endless_sequences_are_bounded() {
    let outcome = read_bounded(&"a {\n".repeat(100_000));
    assert_eq!(outcome.statements.len(), 1);
    let outcome = read_bounded("~SEQ(A,1,9223372036854775807) ~SEQ(B,1,1000000000) x $A $B");
    assert!(outcome.diagnostics.items().iter().any(|d| d.code.id == "KA0021"));
    let doubling: String = (0..60)
        .map(|n| format!("$P{n}=${{P{}}}${{P{}}}\n", n + 1, n + 1))
        .collect();
    let outcome = read_bounded(&format!("{doubling}$P60=\nstate $P0"));
    assert!(outcome.diagnostics.items().iter().any(|d| d.code.id == "KA0029"));
}

#[test]
fn a_giant_line_is_read_in_linear_time() {
    let outcome = read_text(&"x".repeat(8_000_000));
    assert_eq!(
        outcome.diagnostics.items().len() + outcome.diagnostics.suppressed(),
        8_000_000 / 1_023
    );
}
