//! What people and programs see of diagnostics.

use keepalived_config::{
    codes::language as code,
    diag::{Diagnostic, Diagnostics},
    render,
};

use crate::common::{Outcome, read_text};

fn complain(text: &str, about: &str) -> (Outcome, Diagnostics) {
    let outcome = read_text(text);
    let mut diagnostics = outcome.diagnostics.clone();
    for statement in &outcome.statements {
        for inner in statement.body.iter().flat_map(|b| &b.statements) {
            if let Some(word) = inner.words.iter().find(|w| w.text.contains(about)) {
                let said = Diagnostic::new(&code::TOO_DEEP, word.span, format!("'{}' is not liked", word.text))
                    .help("like it more")
                    .label(statement.span, "in this block")
                    .fix(word.span, "priority", "write \"priority\" instead");
                diagnostics.push(said);
            }
        }
    }
    (outcome, diagnostics)
}

#[test]
fn human_text() {
    let (outcome, diagnostics) = complain("vrrp_instance V {\n\té priorty 100 # x\n}}\n", "priorty");
    insta::assert_snapshot!(render::summary(&diagnostics, &outcome.sources, false));
}

#[test]
fn text_of_an_expansion() {
    let text = "$M= \\\nvrrp_instance V$I { \\\nvirtual_router_id 300$I \\\n}\n~SEQ(I,1,2) $M\n";
    let (outcome, diagnostics) = complain(text, "300");
    insta::assert_snapshot!(render::summary(&diagnostics, &outcome.sources, false));
}

#[test]
fn log_lines() {
    let (outcome, diagnostics) = complain("}\n", "");
    let lines: Vec<String> = diagnostics
        .items()
        .iter()
        .map(|d| render::log_line(d, &outcome.sources))
        .collect();
    assert_eq!(lines, ["(test.conf: Line 1) extra '}' found [KA0023]"]);
}

#[test]
fn json_and_sarif() {
    let (outcome, diagnostics) = complain("vrrp_instance V {\né priorty 100\n}}\n", "priorty");
    insta::assert_snapshot!(
        "json",
        serde_json::to_string_pretty(&render::json(&diagnostics, &outcome.sources)).unwrap()
    );
    let sarif = render::sarif(&diagnostics, &outcome.sources);
    assert_eq!(
        sarif["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"]["startColumn"],
        3
    );
    insta::assert_snapshot!(
        "sarif",
        serde_json::to_string_pretty(&sarif["runs"][0]["results"]).unwrap()
    );
}

#[test]
fn terminals_are_safe() {
    let outcome = read_text("state \"\x1b[31m\n");
    let text = render::summary(&outcome.diagnostics, &outcome.sources, false);
    assert!(!text.contains('\x1b'), "{text:?}");
    assert!(text.contains("KA0013"));
}
