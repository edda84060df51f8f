//! Option words of an item (an address, a route, a rule, a tracker) or of a statement (`use_vmac ...`).

use super::{Entry, Typing};
use crate::{
    codes::keyword as codes,
    diag::Diagnostic,
    suggest,
    table::{Block, OnBad},
    tree::{Statement, Word},
};

/// A walk over the option words of a line.
#[derive(Debug)]
pub struct Options<'t> {
    block: &'static Block,
    statement: &'t Statement,
    next: usize,
}

/// What stood there.
#[derive(Debug)]
pub enum Step<'t> {
    /// An option with its arguments; `entry.name()` is its current spelling.
    Option(Entry<'t>),
    /// A word that is no option: an address, a name, or a mistake ([`Typing::unknown_option`] reports it).
    Word(&'t Word),
    /// An option whose argument cannot be used and which is left out; it was reported.
    Skipped,
    /// A mistake, already reported, for which the whole line is to be dropped.
    Dropped,
}

impl<'t> Options<'t> {
    /// Walks over `statement.words[from..]` with the options of `block`.
    #[must_use]
    pub const fn new(block: &'static Block, statement: &'t Statement, from: usize) -> Self {
        Self {
            block,
            statement,
            next: from,
        }
    }

    /// The next word, without taking it.
    #[must_use]
    pub fn peek(&self) -> Option<&'t Word> {
        self.statement.words.get(self.next)
    }

    /// Takes the next word as it is.
    pub fn take_word(&mut self) -> Option<&'t Word> {
        let word = self.peek()?;
        self.next += 1;
        Some(word)
    }

    /// Index of the next word in the statement.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.next
    }

    /// Goes on at this word.
    pub const fn seek(&mut self, position: usize) {
        self.next = position;
    }

    /// The words that are left.
    #[must_use]
    pub fn rest(&self) -> &'t [Word] {
        self.statement.words.get(self.next..).unwrap_or(&[])
    }
}

impl Typing {
    /// Takes the next option; `None` at the end of the line.
    pub fn next_option<'t>(&mut self, options: &mut Options<'t>) -> Option<Step<'t>> {
        let word = options.take_word()?;
        let Some((_, keyword)) = options.block.find(&word.text) else {
            return Some(Step::Word(word));
        };
        let mut entry = Entry::new(keyword, options.statement);
        Some(match self.fill(&mut entry, options.next) {
            Some(next) => {
                options.next = next;
                Step::Option(entry)
            }
            None if keyword.slots.iter().any(|slot| slot.on_bad == OnBad::Drop) => Step::Dropped,
            None => {
                options.next = (options.next + keyword.slots.len()).min(options.statement.words.len());
                Step::Skipped
            }
        })
    }

    /// Reports a word that is no option of this kind of line.
    pub fn unknown_option(&mut self, options: &Options<'_>, word: &Word, then: &str) {
        let text = &word.text;
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_OPTION,
            word.span,
            format!("unknown option '{text}' - {then}"),
        );
        if let Some(meant) = suggest::keyword(options.block, text) {
            diagnostic = diagnostic.fix(word.span, meant, format!("did you mean \"{meant}\"?"));
        }
        self.say(diagnostic);
    }
}
