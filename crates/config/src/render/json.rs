//! JSON, one object for the whole run. The schema is stable and described in docs/diagnostics.md.

use serde_json::{Value, json};

use crate::{
    diag::{Diagnostic, Diagnostics},
    source::{SourceMap, Span},
};

/// `{"version": 1, "diagnostics": [...], "suppressed": N, "exitCode": N}`.
#[must_use]
pub fn json(diagnostics: &Diagnostics, sources: &SourceMap) -> Value {
    let items: Vec<Value> = diagnostics.items().iter().map(|d| one(d, sources)).collect();
    json!({
        "version": 1,
        "diagnostics": items,
        "suppressed": diagnostics.suppressed(),
        "exitCode": diagnostics.test_exit_code(),
    })
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|(span, text)| json!({ "place": place(*span, sources), "message": text }))
        .collect();
    json!({
        "code": diagnostic.code.id,
        "title": diagnostic.code.title,
        "severity": diagnostic.severity,
        "class": diagnostic.code.class,
        "message": diagnostic.message,
        "place": diagnostic.span.map(|span| place(span, sources)),
        "labels": labels,
        "help": diagnostic.help,
        "fix": diagnostic.fix.as_ref().map(|fix| json!({
            "place": place(fix.span, sources),
            "replacement": fix.replacement,
            "message": fix.label,
        })),
    })
}

fn place(span: Span, sources: &SourceMap) -> Value {
    let expansion = span.expansion.and_then(|id| sources.expansion(id)).map(|known| {
        json!({
            "text": known.text,
            "definition": place(Span { expansion: None, ..known.definition }, sources),
        })
    });
    let mut value = json!({
        "file": sources.file(span.file).map(|file| file.name.as_str()),
        "line": span.line,
        "column": span.column,
        "length": span.len,
    });
    if let (Some(expansion), Some(object)) = (expansion, value.as_object_mut()) {
        object.insert("expansion".to_owned(), expansion);
    }
    value
}
