//! Lines that say a value only where it differs from what nobody needs to write.

use keepalived_model::{script::Command, time::Micros};

use crate::{
    table::TimeUnit,
    tree::Statement,
    values::{number::time_text, script::command_word},
};

/// Statements of one block while they are written.
#[derive(Debug, Default)]
pub struct Lines(Vec<Statement>);

impl Lines {
    /// A line with these words.
    pub fn words<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) {
        self.0.push(Statement::made(words));
    }

    /// A flag, when it is on.
    pub fn flag(&mut self, keyword: &str, on: bool) {
        if on {
            self.words([keyword]);
        }
    }

    /// A boolean that was given.
    pub fn boolean(&mut self, keyword: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.words([keyword, if value { "yes" } else { "no" }]);
        }
    }

    /// A text that was given.
    pub fn text(&mut self, keyword: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.words([keyword, value]);
        }
    }

    /// A number or address that was given.
    pub fn value(&mut self, keyword: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.words([keyword, &value.to_string()]);
        }
    }

    /// A length of time in seconds that was given.
    pub fn seconds(&mut self, keyword: &str, value: Option<Micros>) {
        self.text(keyword, value.map(|time| time_text(time, TimeUnit::Seconds)).as_deref());
    }

    /// A length of time in seconds, unless it is none.
    pub fn some_seconds(&mut self, keyword: &str, value: Micros) {
        self.seconds(keyword, Some(value).filter(|time| !time.is_zero()));
    }

    /// A command with its user and group.
    pub fn command(&mut self, keyword: &str, command: Option<&Command>) {
        if let Some(command) = command {
            let word = command_word(&command.argv);
            let mut words = vec![keyword, &word];
            words.extend(command.user.as_deref());
            words.extend(command.group.as_deref().filter(|_| command.user.is_some()));
            self.words(words);
        }
    }

    /// A block or list.
    pub fn block<'a>(&mut self, opener: impl IntoIterator<Item = &'a str>, body: Vec<Statement>) {
        self.0.push(Statement::made(opener).with_body(body));
    }

    /// Nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The statements.
    #[must_use]
    pub fn into_statements(self) -> Vec<Statement> {
        self.0
    }
}
