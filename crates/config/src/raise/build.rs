//! Making statements out of nothing.

use keepalived_model::{script::Command, time::Micros};

use crate::{
    lower::seconds,
    print::NOWHERE,
    tree::{Statement, Word},
    values::script::command_word,
};

/// A word; quoted later where it must be.
pub(super) fn word(text: impl Into<String>) -> Word {
    Word {
        text: text.into().into_boxed_str(),
        span: NOWHERE,
        quoted: false,
    }
}

/// A statement of these words.
pub(super) fn words_line(words: &[Word]) -> Statement {
    Statement::made(words.iter().map(|w| &*w.text))
}

/// The words of an item, split at blanks.
pub(super) fn item(text: &str) -> Statement {
    Statement::made(text.split_ascii_whitespace())
}

/// A block.
pub(super) fn block(words: &[&str], statements: Vec<Statement>) -> Statement {
    Statement::made(words.iter().copied()).with_body(statements)
}

/// A statement that names a script, with its user and group unless they are given elsewhere.
pub(super) fn script(keyword: &str, command: &Command, with_user: bool) -> Statement {
    let command_line = command_word(&command.argv);
    let mut words = vec![keyword, &command_line];
    if with_user {
        words.extend(
            [&command.user, &command.group]
                .into_iter()
                .flatten()
                .map(|name| &**name),
        );
    }
    Statement::made(words)
}

/// A statement whose second word is split with the escapes of script words (`regex`).
pub(super) fn escaped(keyword: &str, text: &str) -> Statement {
    Statement::made([keyword, &command_word(&[text.into()])])
}

/// Statements of one block, added under conditions.
#[derive(Debug, Default)]
pub(super) struct Lines(pub(super) Vec<Statement>);

impl Lines {
    /// Adds a statement of these words.
    pub(super) fn add<const N: usize>(&mut self, words: [&str; N]) {
        self.0.push(Statement::made(words));
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
