//! Making statements out of nothing.

use keepalived_model::{script::Command, time::Micros};

use crate::{
    lower::seconds,
    source::{FileId, Span},
    tree::{Body, Statement, Word},
    values::script::command_word,
};

/// Where raised text stands: nowhere.
const NOWHERE: Span = Span {
    file: FileId(0),
    line: 0,
    column: 0,
    len: 0,
    expansion: None,
};

/// A word; the printer quotes it where it must.
pub(super) fn word(text: impl Into<String>) -> Word {
    Word {
        text: text.into().into_boxed_str(),
        span: NOWHERE,
        quoted: false,
    }
}

/// A statement of these words.
pub(super) fn line<const N: usize>(words: [&str; N]) -> Statement {
    words_line(words.into_iter().map(word).collect())
}

/// A statement of these words.
pub(super) fn words_line(words: Vec<Word>) -> Statement {
    Statement {
        words,
        raw: None,
        span: NOWHERE,
        body: None,
    }
}

/// The words of an item, split at blanks.
pub(super) fn item(text: &str) -> Statement {
    words_line(text.split_ascii_whitespace().map(word).collect())
}

/// A block.
pub(super) fn block(words: &[&str], statements: Vec<Statement>) -> Statement {
    Statement {
        words: words.iter().map(|w| word(*w)).collect(),
        raw: None,
        span: NOWHERE,
        body: Some(Body {
            statements,
            close: None,
        }),
    }
}

/// A statement that names a script, with its user and group unless they are given elsewhere.
pub(super) fn script(keyword: &str, command: &Command, with_user: bool) -> Statement {
    let inner = command_word(&command.argv);
    let mut raw = format!("{keyword} \"{inner}\"");
    let mut words = vec![
        word(keyword),
        Word {
            quoted: true,
            ..word(&*inner)
        },
    ];
    for name in [&command.user, &command.group]
        .into_iter()
        .flatten()
        .filter(|_| with_user)
    {
        raw.push(' ');
        raw.push_str(name);
        words.push(word(&**name));
    }
    Statement {
        words,
        raw: Some(raw.into()),
        span: NOWHERE,
        body: None,
    }
}

/// A statement whose second word is split with the escapes of script words (`regex`).
pub(super) fn escaped(keyword: &str, text: &str) -> Statement {
    let inner = command_word(&[text.into()]);
    Statement {
        words: vec![
            word(keyword),
            Word {
                quoted: true,
                ..word(&*inner)
            },
        ],
        raw: Some(format!("{keyword} \"{inner}\"").into()),
        span: NOWHERE,
        body: None,
    }
}

/// Statements of one block, added under conditions.
#[derive(Debug, Default)]
pub(super) struct Lines(pub(super) Vec<Statement>);

impl Lines {
    /// Adds a statement of these words.
    pub(super) fn add<const N: usize>(&mut self, words: [&str; N]) {
        self.0.push(line(words));
    }

    /// Adds `keyword value`.
    pub(super) fn value(&mut self, keyword: &str, value: impl ToString) {
        self.add([keyword, &value.to_string()]);
    }

    /// Adds `keyword value` when there is one.
    pub(super) fn option(&mut self, keyword: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.value(keyword, value);
        }
    }

    /// Adds a flag when it is set.
    pub(super) fn flag(&mut self, keyword: &str, set: bool) {
        if set {
            self.add([keyword]);
        }
    }

    /// Adds `keyword yes` or `keyword no` when the value is not the default.
    pub(super) fn boolean(&mut self, keyword: &str, value: bool, default: bool) {
        if value != default {
            self.add([keyword, if value { "yes" } else { "no" }]);
        }
    }

    /// Adds decimal seconds.
    pub(super) fn time(&mut self, keyword: &str, value: Micros) {
        self.value(keyword, seconds(value.as_micros()));
    }

    /// Adds a block unless it is empty.
    pub(super) fn list(&mut self, keyword: &str, statements: Vec<Statement>) {
        if !statements.is_empty() {
            self.0.push(block(&[keyword], statements));
        }
    }

    /// Adds a script when there is one.
    pub(super) fn script(&mut self, keyword: &str, command: Option<&Command>) {
        if let Some(command) = command {
            self.0.push(script(keyword, command, true));
        }
    }
}
