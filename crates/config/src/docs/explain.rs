//! `keepalivedctl explain WORD`.

use std::fmt::Write as _;

use super::{sample, words};
use crate::{
    codes,
    diag::{Class, Code, Severity},
    suggest,
    table::{self, BLOCKS, Block, BodyKind, Keyword},
};

/// What there is to say about a keyword (all blocks it exists in), an option word, or the code of a diagnostic such as
/// `KA1001`; `None` when the word is none of these.
#[must_use]
pub fn explain(word: &str) -> Option<String> {
    if let Some(code) = codes::all().find(|code| code.id.eq_ignore_ascii_case(word)) {
        return Some(explain_code(code));
    }
    let mut groups: Vec<(&Keyword, Vec<&Block>)> = Vec::new();
    for (block, keyword) in table::places(word) {
        match groups.iter_mut().find(|(known, _)| same(known, keyword)) {
            Some((_, blocks)) => blocks.push(block),
            None => groups.push((keyword, vec![block])),
        }
    }
    if groups.is_empty() {
        return None;
    }
    let parts: Vec<String> = groups
        .iter()
        .map(|(keyword, blocks)| explain_keyword(keyword, blocks))
        .collect();
    Some(parts.join("\n"))
}

/// A word near to one that can be explained.
#[must_use]
pub fn similar(word: &str) -> Option<&'static str> {
    suggest::nearest(
        word,
        BLOCKS
            .iter()
            .flat_map(|block| block.keywords)
            .map(|keyword| keyword.name)
            .filter(|name| !name.starts_with('<')),
    )
}

/// Do two declarations say the same?
fn same(a: &Keyword, b: &Keyword) -> bool {
    (a.doc, a.default, a.values, a.since, a.status) == (b.doc, b.default, b.values, b.since, b.status)
        && words::syntax(a) == words::syntax(b)
}

fn explain_keyword(keyword: &Keyword, blocks: &[&Block]) -> String {
    let places: Vec<String> = blocks.iter().map(|block| words::place(block)).collect();
    let mut out = format!("{} - in {}\n\n", keyword.name, places.join(", "));
    for line in wrap(keyword.doc, 76) {
        let _infallible = writeln!(out, "    {line}");
    }
    out.push('\n');
    row(&mut out, "Syntax", &words::syntax(keyword));
    row(&mut out, "Values", keyword.values);
    row(&mut out, "Default", keyword.default);
    row(&mut out, "Repeated", words::repeated(keyword.repeat));
    row(&mut out, "On reload", words::reload(keyword.reload));
    row(&mut out, "Since", &words::since(keyword.since));
    row(&mut out, "Status", &words::status(keyword.status));
    if let Some(deprecated) = keyword.deprecated {
        row(&mut out, "Deprecated", &format!("use {}", deprecated.by));
    }
    if let BodyKind::Block(inner) | BodyKind::Items(inner) = keyword.body {
        let names: Vec<&str> = inner.keywords.iter().map(|k| k.name).collect();
        row(&mut out, "Contains", &names.join(" "));
    }
    if let Some(example) = blocks.first().and_then(|block| sample::example(block, keyword)) {
        out.push_str("\n    Example:\n\n");
        for line in example.lines() {
            let _infallible = writeln!(out, "        {line}");
        }
    }
    out
}

fn row(out: &mut String, name: &str, text: &str) {
    if text.is_empty() || text == "-" {
        return;
    }
    for (at, line) in wrap(text, 64).into_iter().enumerate() {
        let head = if at == 0 { format!("{name}:") } else { String::new() };
        let _infallible = writeln!(out, "    {head:<11} {line}");
    }
}

fn explain_code(code: &Code) -> String {
    let mut out = format!("{} - {}\n\n", code.id, code.title);
    for paragraph in code.explanation.split("\n\n") {
        for line in wrap(paragraph, 76) {
            let _infallible = writeln!(out, "    {line}");
        }
        out.push('\n');
    }
    let severity = match code.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
        Severity::Fatal => "error that keeps the daemon from starting",
    };
    row(&mut out, "Severity", severity);
    let exit = match code.class {
        Class::None => "does not influence the exit code",
        Class::MissingParameter => "exit code 2",
        Class::FileNotFound | Class::BadInterface | Class::Fatal => "exit code 4 when nothing worse is said",
        Class::Security | Class::ConfigFile => "exit code 6",
        _ => "exit code 5",
    };
    row(&mut out, "Under -t", exit);
    out
}

/// Breaks text into lines of at most `width` characters, at blanks.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyword_of_one_block() {
        let text = explain("virtual_router_id").unwrap_or_default();
        for piece in [
            "virtual_router_id - in vrrp_instance",
            "Syntax:     virtual_router_id <1..255>",
            "Status:     works",
            "vrrp_instance VI_1 {",
            "    virtual_router_id 51",
        ] {
            assert!(text.contains(piece), "{piece:?} is not in\n{text}");
        }
    }

    #[test]
    fn keyword_of_several_blocks() {
        let text = explain("weight").unwrap_or_default();
        assert!(
            text.contains("vrrp_script") && text.contains("real_server") && text.contains("track_file"),
            "{text}"
        );
    }

    #[test]
    fn codes_are_explained() {
        let text = explain("ka1001").unwrap_or_default();
        assert!(text.starts_with("KA1001 - unknown keyword"), "{text}");
        assert!(text.contains("exit code 5"), "{text}");
    }

    #[test]
    fn other_words_are_not() {
        assert_eq!(explain("nonsense"), None);
        assert_eq!(similar("priorty"), Some("priority"));
    }
}
