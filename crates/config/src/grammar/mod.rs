//! Small grammars of positional lines: addresses, routes, rules, peers, trackers, groups of virtual servers.
//!
//! Each takes the words of one line and gives a typed value, or `None` when the line is dropped; what is wrong is said with the
//! bad word underlined.

pub mod address;
pub mod encap;
pub mod forwarding;
pub mod group;
pub mod iproute;
pub mod link;
pub mod number;
pub mod peer;
pub mod route;
pub mod rule;
pub mod track;

use std::{
    collections::HashMap,
    net::IpAddr,
    path::{Path, PathBuf},
};

use keepalived_model::{
    address::Prefixed,
    units::{Family, IfName},
};

use crate::{
    check::codes,
    diag::{Code, Diagnostic, Diagnostics},
    facts::{Facts, InterfaceFact},
    source::Span,
    suggest::nearest,
    tree::Word,
    typed::Typing,
};

/// What all grammars and checks share: the machine, what was said, and what was looked up already.
pub struct Context<'f> {
    /// The machine.
    pub facts: &'f dyn Facts,
    /// Types statements and holds what was said.
    pub typing: Typing,
    /// Interfaces that do not exist, each with the place that names it; judged when `dynamic_interfaces` is known.
    pub missing_interfaces: Vec<(Span, IfName)>,
    /// `iproute_etc_dir`.
    pub iproute_etc: Option<PathBuf>,
    /// `iproute_usr_dir`.
    pub iproute_usr: Option<PathBuf>,
    interfaces: HashMap<IfName, Option<InterfaceFact>>,
    tables: HashMap<&'static str, iproute::Table>,
    /// Preference of the next rule without one, IPv4 and IPv6.
    next_preference: [u32; 2],
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("typing", &self.typing)
            .finish_non_exhaustive()
    }
}

impl<'f> Context<'f> {
    /// Nothing said, nothing looked up.
    #[must_use]
    pub fn new(facts: &'f dyn Facts) -> Self {
        Self {
            facts,
            typing: Typing::default(),
            missing_interfaces: Vec::new(),
            iproute_etc: None,
            iproute_usr: None,
            interfaces: HashMap::new(),
            tables: HashMap::new(),
            next_preference: [16_384; 2],
        }
    }

    /// Says something at a place.
    pub fn say(&mut self, code: &'static Code, span: impl Into<Option<Span>>, message: impl Into<String>) {
        self.typing.say(Diagnostic::new(code, span, message));
    }

    /// Says something with help.
    pub fn say_help(
        &mut self,
        code: &'static Code,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.typing.say(Diagnostic::new(code, span, message).help(help));
    }

    /// How many names may be looked at for a suggestion: none after many mistakes, so that a machine-made file full of them
    /// costs no more than its size.
    #[must_use]
    pub const fn suggestions(&self) -> usize {
        const ENOUGH: usize = 100;
        if self.typing.diagnostics.count() < ENOUGH {
            1_024
        } else {
            0
        }
    }

    /// The interface of this name, looked up once.
    pub fn interface(&mut self, name: IfName) -> Option<InterfaceFact> {
        let facts = self.facts;
        *self.interfaces.entry(name).or_insert_with(|| facts.interface(&name))
    }

    /// Notes that the configuration relies on this interface; says so later if it does not exist.
    pub fn need_interface(&mut self, name: IfName, span: Span) -> Option<InterfaceFact> {
        let fact = self.interface(name);
        // Bounded: a machine-made file on the wrong machine would name a missing interface in every line.
        if fact.is_none() && self.missing_interfaces.len() <= Diagnostics::LIMIT {
            self.missing_interfaces.push((span, name));
        }
        fact
    }

    /// Reads an interface name and notes that it is needed.
    pub fn interface_word(&mut self, word: &Word) -> Option<IfName> {
        let Some(name) = IfName::new(&word.text) else {
            self.say_help(
                &codes::BAD_INTERFACE_NAME,
                word.span,
                format!("`{}` is not an interface name", word.text),
                "interface names have 1 to 15 characters and neither `/` nor white space",
            );
            return None;
        };
        self.need_interface(name, word.span);
        Some(name)
    }

    /// The number that `word` stands for in an iproute2 table; a number stands for itself.
    pub fn iproute_number(&mut self, kind: iproute::Kind, word: &Word) -> Option<u32> {
        let table = kind.file();
        if !self.tables.contains_key(table) && number::c_u64(&word.text).is_err() && kind.builtin(&word.text).is_none()
        {
            let text = self.facts.iproute2_table(
                table,
                self.iproute_etc.as_deref().map(Path::as_ref),
                self.iproute_usr.as_deref().map(Path::as_ref),
            );
            self.tables.insert(table, iproute::Table::parse(&text));
        }
        let found = kind.number(&word.text, self.tables.get(table));
        if found.is_none() {
            let near = self
                .tables
                .get(table)
                .and_then(|t| nearest(&word.text, t.names()))
                .map(str::to_owned);
            let mut diagnostic = Diagnostic::new(
                &codes::UNKNOWN_IPROUTE_NAME,
                word.span,
                format!("`{}` is not a known {}", word.text, kind.what()),
            )
            .help(format!(
                "write a number up to {}, or a name listed in {}",
                kind.max(),
                table
            ));
            if let Some(near) = near {
                let label = format!("write `{near}` instead");
                diagnostic = diagnostic.fix(word.span, near, label);
            }
            self.typing.say(diagnostic);
        }
        found
    }

    /// The preference of a rule that has none, counting down per family.
    pub fn take_preference(&mut self, family: Family) -> u32 {
        let next = &mut self.next_preference[usize::from(family == Family::V6)];
        let taken = *next;
        *next = next.saturating_sub(1);
        taken
    }
}

/// Walks over the words of a line.
#[derive(Debug)]
pub struct Words<'a> {
    words: &'a [Word],
    at: usize,
}

impl<'a> Words<'a> {
    /// At the first word.
    #[must_use]
    pub const fn new(words: &'a [Word]) -> Self {
        Self { words, at: 0 }
    }

    /// The next word, without taking it.
    #[must_use]
    pub fn peek(&self) -> Option<&'a Word> {
        self.words.get(self.at)
    }

    /// Takes the next word.
    pub fn take(&mut self) -> Option<&'a Word> {
        let word = self.words.get(self.at);
        self.at += usize::from(word.is_some());
        word
    }

    /// Takes the next word if it is this one.
    pub fn eat(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|w| &*w.text == text);
        self.at += usize::from(found);
        found
    }

    /// What was not taken yet.
    #[must_use]
    pub fn rest(&self) -> &'a [Word] {
        self.words.get(self.at..).unwrap_or(&[])
    }

    /// Where the next word stands, or the point after the last one.
    #[must_use]
    pub fn place(&self) -> Span {
        self.peek().map_or_else(|| after(self.words), |w| w.span)
    }

    /// Takes the argument of `option`; says so when there is none.
    pub fn argument(&mut self, cx: &mut Context<'_>, option: &Word) -> Option<&'a Word> {
        let taken = self.take();
        if taken.is_none() {
            cx.say(
                &codes::OPTION_WITHOUT_VALUE,
                option.span,
                format!("`{}` needs a value after it", option.text),
            );
        }
        taken
    }
}

/// The point after the last of `words`.
#[must_use]
pub fn after(words: &[Word]) -> Span {
    match words.last() {
        Some(word) => Span {
            column: word.span.column + word.span.len,
            len: 0,
            ..word.span
        },
        None => Span {
            file: crate::source::FileId(0),
            line: 1,
            column: 1,
            len: 0,
            expansion: None,
        },
    }
}

/// Reads an address; a `-...` or `/...` tail is ignored, as keepalived does where a plain address is expected (10.4).
pub fn address(cx: &mut Context<'_>, word: &Word) -> Option<IpAddr> {
    let text = word.text.split(['/', '-']).next().unwrap_or("");
    match text.parse() {
        Ok(address) => Some(address),
        Err(_) => {
            bad_address(cx, word);
            None
        }
    }
}

/// Says that a word is no address.
pub fn bad_address(cx: &mut Context<'_>, word: &Word) {
    let help = if word.text.contains(':') {
        "write an IPv6 address such as 2001:db8::1"
    } else if word.text.chars().any(char::is_alphabetic) {
        "host names are not looked up here; write the address itself, such as 192.0.2.1"
    } else {
        "write four numbers from 0 to 255 with dots between them, such as 192.0.2.1"
    };
    cx.say_help(
        &codes::BAD_ADDRESS,
        word.span,
        format!("`{}` is not an IP address", word.text),
        help,
    );
}

/// Reads `ADDRESS[/LENGTH]`; a bad length is reported and the full length used.
pub fn prefixed(cx: &mut Context<'_>, word: &Word) -> Option<Prefixed> {
    let (text, length) = match word.text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (&*word.text, None),
    };
    let Ok(address) = text.parse::<IpAddr>() else {
        bad_address(cx, word);
        return None;
    };
    let full = Family::of(address).bits();
    let Some(length) = length else {
        return Prefixed::new(address, full);
    };
    match number::dec::<u8>(length, 0, full) {
        Ok(length) => Prefixed::new(address, length),
        Err(_) => {
            let at = u32::try_from(text.len() + 1).unwrap_or(0);
            let span = part(word, at, u32::try_from(length.len()).unwrap_or(0));
            cx.typing.say(
                Diagnostic::new(
                    &codes::BAD_PREFIX_LENGTH,
                    span,
                    format!("`{length}` is not a prefix length of {text}; {full} is used"),
                )
                .fix(span, full.to_string(), format!("write `{full}`, which is what is used")),
            );
            Prefixed::new(address, full)
        }
    }
}

/// A piece of a word, for underlining; the whole word when its text does not stand there literally.
#[must_use]
pub fn part(word: &Word, from: u32, len: u32) -> Span {
    if word.quoted || word.span.expansion.is_some() || word.span.len as usize != word.text.len() {
        return word.span;
    }
    Span {
        column: word.span.column + from,
        len,
        ..word.span
    }
}
