//! Tree to keepalived.conf, such that reading it again gives the same tree.

use std::{borrow::Cow, fmt};

use crate::{
    reader::{
        line::{MAX_LINE, comment_start, is_blank, unescape_comments},
        script_words,
        words::{find_brace, split},
    },
    source::{FileId, Span},
    tree::{Statement, Word},
};

/// A statement that no line of keepalived.conf can hold, such as a word with a double quote in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inexpressible {
    /// Its words.
    pub line: String,
    /// Where it stands in the tree's source.
    pub span: Span,
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to write '{}' as a line of keepalived.conf", self.line)
    }
}

impl std::error::Error for Inexpressible {}

/// The text of a configuration.
/// # Errors
/// The first statement that cannot be written.
pub fn conf(statements: &[Statement]) -> Result<String, Inexpressible> {
    let mut out = String::new();
    for (index, statement) in statements.iter().enumerate() {
        if index > 0 && (statement.body.is_some() || statements[index - 1].body.is_some()) {
            out.push('\n');
        }
        write_statement(statement, 0, &mut out)?;
    }
    Ok(out)
}

fn write_statement(statement: &Statement, depth: usize, out: &mut String) -> Result<(), Inexpressible> {
    let indent = "    ".repeat(depth);
    let line = line(statement).ok_or_else(|| Inexpressible {
        line: statement.line().into_owned(),
        span: statement.span,
    })?;
    out.push_str(&indent);
    out.push_str(&line);
    let Some(body) = &statement.body else {
        out.push('\n');
        return Ok(());
    };
    out.push_str(" {\n");
    for inner in &body.statements {
        write_statement(inner, depth + 1, out)?;
    }
    out.push_str(&indent);
    out.push_str("}\n");
    Ok(())
}

/// The line of a statement without its body: as it was where that can be read again, otherwise its words.
#[must_use]
pub fn line(statement: &Statement) -> Option<String> {
    if let Some(raw) = &statement.raw {
        let line = escape_comments(raw);
        if reads_as(&line, statement) {
            return Some(line);
        }
    }
    let mut words = statement.words.iter();
    let mut line = String::new();
    if let Some(first) = words.next() {
        line.push_str(&written(first, is_special(&first.text)));
    }
    for word in words {
        line.push(' ');
        line.push_str(&written(word, false));
    }
    reads_as(&line, statement).then_some(line)
}

/// Quotes a word where splitting a text (not a line with comments) would not give it back.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.contains(|c: char| is_blank(c) || "{}".contains(c)) {
        format!("\"{text}\"").into()
    } else {
        text.into()
    }
}

/// A word for a line: quoted if it was or must be, with escaped comment signs otherwise.
fn written(word: &Word, special: bool) -> String {
    let text = &*word.text;
    if word.quoted || special || matches!(quoted(text), Cow::Owned(_)) {
        format!("\"{text}\"")
    } else {
        escape_comments(text)
    }
}

/// Would the reader take a line that starts with this word for something other than a statement?
fn is_special(text: &str) -> bool {
    text.starts_with('@')
        || text.starts_with("~SEQ")
        || text.starts_with("~LST")
        || (text.starts_with('$') && text.contains('='))
        || matches!(
            text,
            "include" | "includer" | "includem" | "includew" | "includeb" | "includea"
        )
}

/// Puts a backslash before comment signs outside double quotes.
fn escape_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            '"' => quoted = !quoted,
            '#' | '!' if !quoted => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Does the reader make the words of the statement from this line, and the same script words?
fn reads_as(line: &str, statement: &Statement) -> bool {
    if line.len() > MAX_LINE || line.contains(['\n', '\r', '\0']) || comment_start(line).0 != line.len() {
        return false;
    }
    if line.strip_suffix('\\').is_some_and(|before| before.ends_with(is_blank)) {
        return false;
    }
    let plain = unescape_comments(line);
    let (pieces, open) = split(line);
    let special = pieces
        .first()
        .is_some_and(|p| !p.quoted && is_special(&line[p.text.clone()]));
    let same = pieces.len() == statement.words.len()
        && pieces.iter().zip(&statement.words).all(|(piece, word)| {
            let text = &line[piece.text.clone()];
            if piece.quoted {
                *text == *word.text
            } else {
                *unescape_comments(text) == *word.text
            }
        });
    same && !special
        && open.is_none()
        && find_brace(line).is_none()
        && script_words::split_line(&plain).ok() == script_words::split_line(&statement.line()).ok()
}

/// Are two trees the same up to places, needless quotes and missing closing braces? Script words count, too.
#[must_use]
pub fn same(one: &[Statement], other: &[Statement]) -> bool {
    let texts = |statement: &Statement| statement.words.iter().map(|w| w.text.clone()).collect::<Vec<_>>();
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| {
            let bodies = match (&a.body, &b.body) {
                (None, None) => true,
                (Some(a), Some(b)) => same(&a.statements, &b.statements),
                _ => false,
            };
            bodies
                && texts(a) == texts(b)
                && script_words::split_line(&a.line()).ok() == script_words::split_line(&b.line()).ok()
        })
}

/// A place for what was made, not read.
pub const NOWHERE: Span = Span {
    file: FileId(u32::MAX),
    line: 0,
    column: 0,
    len: 0,
    expansion: None,
};

impl Statement {
    /// A statement made by a program: words are quoted where they must be.
    #[must_use]
    pub fn made<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<Word> = words
            .into_iter()
            .map(|text| Word {
                text: text.into(),
                span: NOWHERE,
                quoted: text.is_empty() || text.contains(|c: char| is_blank(c) || "{}#!'".contains(c)),
            })
            .collect();
        let raw = words.iter().any(|w| w.quoted || w.text.contains('\\')).then(|| {
            let texts: Vec<String> = words
                .iter()
                .map(|w| {
                    if w.quoted {
                        format!("\"{}\"", w.text)
                    } else {
                        w.text.to_string()
                    }
                })
                .collect();
            texts.join(" ").into()
        });
        Self {
            words,
            raw,
            span: NOWHERE,
            body: None,
        }
    }

    /// The same with a body.
    #[must_use]
    pub fn with_body(mut self, statements: Vec<Self>) -> Self {
        self.body = Some(crate::tree::Body {
            statements,
            close: Some(NOWHERE),
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(words: &[&str]) -> Option<String> {
        line(&Statement::made(words.iter().copied()))
    }

    #[test]
    fn words_are_quoted_where_they_must_be() {
        assert_eq!(line_of(&["state", "MASTER"]).unwrap(), "state MASTER");
        assert_eq!(
            line_of(&["path", "a b", "", "c#d", "{"]).unwrap(),
            "path \"a b\" \"\" \"c#d\" \"{\""
        );
        assert_eq!(line_of(&["@h1", "x"]).unwrap(), "\"@h1\" x");
        assert_eq!(line_of(&["include", "x"]).unwrap(), "\"include\" x");
        assert_eq!(line_of(&["$A=1"]).unwrap(), "\"$A=1\"");
        assert_eq!(line_of(&["a", "b\"c"]), None);
        assert_eq!(line_of(&["a", "b\nc"]), None);
        assert_eq!(line_of(&["a", &"x".repeat(2000)]), None);
    }

    #[test]
    fn blocks() {
        let tree = [Statement::made(["a", "b"]).with_body(vec![
            Statement::made(["c"]),
            Statement::made(["d"]).with_body(Vec::new()),
        ])];
        assert_eq!(conf(&tree).unwrap(), "a b {\n    c\n    d {\n    }\n}\n");
    }
}
