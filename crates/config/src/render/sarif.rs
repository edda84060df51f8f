//! SARIF 2.1.0, as code hosting sites and editors read it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Lines;
use crate::{
    diag::{Code, Diagnostic, Diagnostics, Severity},
    source::{SourceMap, Span},
};

/// A SARIF log with one run.
#[must_use]
pub fn sarif(diagnostics: &Diagnostics, sources: &SourceMap) -> Value {
    let codes: BTreeMap<&str, &Code> = diagnostics.items().iter().map(|d| (d.code.id, d.code)).collect();
    let index: BTreeMap<&str, usize> = codes.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let rules: Vec<Value> = codes.values().map(|code| rule(code)).collect();
    let mut lines = Lines::new(sources);
    let results: Vec<Value> = diagnostics
        .items()
        .iter()
        .map(|d| result(d, &index, &mut lines))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "keepalived",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "shortDescription": { "text": code.title },
        "help": { "text": code.explanation, "markdown": code.explanation },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error | Severity::Fatal => "error",
    }
}

fn result(diagnostic: &Diagnostic, index: &BTreeMap<&str, usize>, lines: &mut Lines<'_>) -> Value {
    let text = match &diagnostic.help {
        Some(help) => format!("{}\n{help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut value = json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": index.get(diagnostic.code.id),
        "level": level(diagnostic.severity),
        "message": { "text": text },
        "locations": diagnostic.span.and_then(|s| location(s, None, lines)).into_iter().collect::<Vec<_>>(),
    });
    let Some(object) = value.as_object_mut() else {
        return value;
    };
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .filter_map(|(s, text)| location(*s, Some(text), lines))
        .collect();
    if !related.is_empty() {
        object.insert("relatedLocations".to_owned(), related.into());
    }
    if let Some(fix) = &diagnostic.fix
        && fix.span.expansion.is_none()
        && let Some(file) = lines.sources.file(fix.span.file)
    {
        let fix = json!([{
            "description": { "text": fix.label },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(&file.name) },
                "replacements": [{
                    "deletedRegion": region(fix.span, lines),
                    "insertedContent": { "text": fix.replacement },
                }],
            }],
        }]);
        object.insert("fixes".to_owned(), fix);
    }
    value
}

fn location(span: Span, message: Option<&str>, lines: &mut Lines<'_>) -> Option<Value> {
    let file = lines.sources.file(span.file)?;
    let mut value = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&file.name) },
            "region": region(span, lines),
        },
    });
    if let (Some(text), Some(object)) = (message, value.as_object_mut()) {
        object.insert("message".to_owned(), json!({ "text": text }));
    }
    Some(value)
}

/// Columns count characters here, from 1; the end is exclusive.
fn region(span: Span, lines: &mut Lines<'_>) -> Value {
    let (start, end) = super::place(span, lines).map_or((span.column, span.column + span.len), |place| {
        let before = count(&place.text[..place.range.start]) + 1;
        (before, before + count(&place.text[place.range]))
    });
    json!({ "startLine": span.line, "startColumn": start, "endColumn": end })
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// The file's name as a URI reference: what is not allowed there in percent form.
fn uri(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
