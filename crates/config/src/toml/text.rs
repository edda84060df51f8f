//! Strings of TOML are pieces of a line of keepalived.conf.

use std::borrow::Cow;

use crate::{
    print::{NOWHERE, quoted, same},
    reader::{
        line::is_blank,
        script_words,
        words::{find_brace, split},
    },
    source::Span,
    tree::{Statement, Word},
};

/// Arguments as text, the words quoted only where they must be; the raw text where only that means the same to a script.
pub(super) fn arguments(statement: &Statement) -> Cow<'_, str> {
    let words: Vec<Cow<'_, str>> = statement.args().iter().map(|word| quoted(&word.text)).collect();
    let text = words.join(" ");
    let Some(raw) = &statement.raw else {
        return text.into();
    };
    let (old, new) = (script_words::split_line(raw), script_words::split_line(&text));
    let same = matches!((&old, &new), (Ok(old), Ok(new)) if old.get(1..).unwrap_or(&[]) == new);
    if same {
        return text.into();
    }
    let (pieces, _) = split(raw);
    let from = pieces.first().map_or(0, |piece| piece.whole().end);
    raw[from..].trim_matches(is_blank).into()
}

/// The whole line as text, for an item.
pub(super) fn item(statement: &Statement) -> Cow<'_, str> {
    let keyword = statement.words.first().map_or(Cow::Borrowed(""), |w| quoted(&w.text));
    let arguments = arguments(statement);
    match (arguments.is_empty(), statement.raw.as_deref()) {
        (true, None) => keyword,
        (false, None) => format!("{keyword} {arguments}").into(),
        (_, Some(raw)) => {
            let text = format!("{keyword} {arguments}");
            let text = text.trim_end_matches(is_blank);
            match (script_words::split_line(raw), script_words::split_line(text)) {
                (Ok(old), Ok(new)) if old == new => Cow::Owned(text.to_owned()),
                _ => raw.into(),
            }
        }
    }
}

/// Is there anything after the keyword? An unfinished quoted word counts: scripts may know better than the language.
pub(super) fn has_arguments(statement: &Statement) -> bool {
    !statement.args().is_empty() || (statement.raw.is_some() && !arguments(statement).is_empty())
}

/// The label of a statement in `_order`: the keyword, with the name where the keyword has one.
pub(super) fn label(statement: &Statement, named: bool) -> String {
    if named {
        item(statement).into_owned()
    } else {
        statement.keyword().to_owned()
    }
}

/// The statement of a keyword and the text of its arguments; `at` gives the place of a range of the text.
pub(super) fn statement(keyword: &Word, text: &str, at: impl Fn(std::ops::Range<usize>) -> Span) -> Statement {
    let mut statement = line(text, at);
    let first = quoted(&keyword.text);
    if statement.raw.is_some() || matches!(first, Cow::Owned(_)) || first.contains(['\'', '\\']) {
        let line = format!("{first} {}", text.trim_matches(is_blank));
        statement.raw = Some(line.trim_end_matches(is_blank).into());
    }
    statement.words.insert(0, keyword.clone());
    statement
}

/// The statement of a whole line; without words if the line is blank.
pub(super) fn line(text: &str, at: impl Fn(std::ops::Range<usize>) -> Span) -> Statement {
    let text_trimmed = text.trim_matches(is_blank);
    let words: Vec<Word> = split(text)
        .0
        .into_iter()
        .map(|piece| Word {
            text: text[piece.text.clone()].into(),
            span: at(piece.whole()),
            quoted: piece.quoted,
        })
        .collect();
    Statement {
        words,
        raw: text_trimmed.contains(['"', '\'', '\\']).then(|| text_trimmed.into()),
        span: at(0..text.len()),
        body: None,
    }
}

/// Why a text cannot be a piece of a line.
pub(super) fn complaint(text: &str) -> Option<&'static str> {
    if text.contains(['\n', '\r', '\0']) {
        Some("a string cannot hold line ends or NUL")
    } else if split(text).1.is_some() {
        Some("a double quote has no partner")
    } else if find_brace(text).is_some() {
        Some("braces must stand in double quotes")
    } else {
        None
    }
}

/// Does a key with the text of the arguments give the statement back?
pub(super) fn survives(one: &Statement) -> bool {
    let bare = Statement {
        body: None,
        ..one.clone()
    };
    let keyword = Word {
        text: one.keyword().into(),
        span: NOWHERE,
        quoted: false,
    };
    let again = statement(&keyword, &arguments(one), |_| NOWHERE);
    same(&[bare], &[again])
}
