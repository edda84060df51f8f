//! From statements to typed entries.
//!
//! The lowering walks a body statement by statement and asks [`Typing::entry`] for each. It gets an [`Entry`] when the
//! statement can be used, with its arguments read, checked and corrected as the keyword's declaration says, and `None` when
//! it cannot; what there is to say has then been said. Nothing is allocated for an entry.
//!
//! ```text
//! let mut seen = Seen::default();
//! for statement in &body.statements {
//!     let Some(entry) = typing.entry(&VRRP_INSTANCE, &mut seen, statement) else { continue };
//!     match entry.name() {
//!         "priority" => draft.priority = entry.u8(0),
//!         ...
//! ```

mod checks;
mod options;
mod slots;

use std::{collections::HashSet, net::IpAddr};

use keepalived_model::{address::Prefixed, time::Micros, units::IfName};

use crate::{
    codes::keyword as codes,
    diag::{Code, Diagnostic, Diagnostics},
    secrets::Secrets,
    source::Span,
    suggest,
    table::{Block, BodyKind, Keyword, Kind, Repeat, Status, Surplus},
    tree::{Body, Statement, Word},
    values::script::{self, ScriptLine},
};

pub use self::{
    checks::slot_text,
    options::{Options, Step},
};

/// One argument, read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Value<'t> {
    /// Not given.
    #[default]
    Absent,
    /// `Bool`, or a `Literal` that stood there.
    Bool(bool),
    /// `Int`, `CInt`, `Port`.
    Int(i64),
    /// `U64`.
    U64(u64),
    /// `Time`.
    Micros(Micros),
    /// `Address`.
    Address(IpAddr),
    /// `Prefix`; whether a length was written.
    Prefix(Prefixed, bool),
    /// `Text`, `Named`, `Hex`.
    Text(&'t str),
    /// `Interface`.
    Interface(IfName),
    /// `Choice`, `Maybe`: index of the word.
    Choice(u8),
    /// `Rest`, `Script`: from here to the end of the line.
    Rest,
}

/// Most slots a keyword has.
pub const MAX_SLOTS: usize = 4;

/// A statement that can be used.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// Its declaration.
    pub keyword: &'static Keyword,
    /// The statement.
    pub statement: &'t Statement,
    values: [Value<'t>; MAX_SLOTS],
    /// Index in `statement.words` of the word of each slot.
    places: [u16; MAX_SLOTS],
}

impl<'t> Entry<'t> {
    const fn new(keyword: &'static Keyword, statement: &'t Statement) -> Self {
        Self {
            keyword,
            statement,
            values: [Value::Absent; MAX_SLOTS],
            places: [0; MAX_SLOTS],
        }
    }

    /// Name of the keyword in its current spelling: what the lowering matches on.
    #[must_use]
    #[expect(clippy::misnamed_getters, reason = "the name to work with is the canonical one")]
    pub const fn name(&self) -> &'static str {
        self.keyword.canonical
    }

    /// The whole statement.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.statement.span
    }

    /// Place of an argument, or of the statement when the argument is not there.
    #[must_use]
    pub fn span_of(&self, slot: usize) -> Span {
        self.word(slot).map_or(self.statement.span, |word| word.span)
    }

    /// Place of the keyword.
    #[must_use]
    pub fn keyword_span(&self) -> Span {
        self.statement
            .words
            .first()
            .map_or(self.statement.span, |word| word.span)
    }

    /// The word of an argument.
    #[must_use]
    pub fn word(&self, slot: usize) -> Option<&'t Word> {
        match self.value(slot) {
            Value::Absent => None,
            _ => self.statement.words.get(usize::from(*self.places.get(slot)?)),
        }
    }

    /// An argument.
    #[must_use]
    pub fn value(&self, slot: usize) -> Value<'t> {
        self.values.get(slot).copied().unwrap_or_default()
    }

    /// Was this argument given?
    #[must_use]
    pub fn has(&self, slot: usize) -> bool {
        self.value(slot) != Value::Absent
    }

    /// The first argument as a boolean; nothing means true.
    #[must_use]
    pub fn bool(&self) -> bool {
        !matches!(self.value(0), Value::Bool(false))
    }

    /// A number, if it is there.
    #[must_use]
    pub fn opt_int(&self, slot: usize) -> Option<i64> {
        match self.value(slot) {
            Value::Int(value) => Some(value),
            _ => None,
        }
    }

    /// A number; 0 when it is not there.
    #[must_use]
    pub fn int(&self, slot: usize) -> i64 {
        self.opt_int(slot).unwrap_or(0)
    }

    /// A number whose declared range fits; saturates otherwise.
    #[must_use]
    pub fn u8(&self, slot: usize) -> u8 {
        self.int(slot).clamp(0, u8::MAX.into()) as u8
    }

    /// A number whose declared range fits; saturates otherwise.
    #[must_use]
    pub fn u16(&self, slot: usize) -> u16 {
        self.int(slot).clamp(0, u16::MAX.into()) as u16
    }

    /// A number whose declared range fits; saturates otherwise.
    #[must_use]
    pub fn u32(&self, slot: usize) -> u32 {
        self.int(slot).clamp(0, u32::MAX.into()) as u32
    }

    /// A number whose declared range fits; saturates otherwise.
    #[must_use]
    pub fn i16(&self, slot: usize) -> i16 {
        self.int(slot).clamp(i16::MIN.into(), i16::MAX.into()) as i16
    }

    /// A number whose declared range fits; saturates otherwise.
    #[must_use]
    pub fn i32(&self, slot: usize) -> i32 {
        self.int(slot).clamp(i32::MIN.into(), i32::MAX.into()) as i32
    }

    /// A 64-bit number.
    #[must_use]
    pub fn u64(&self, slot: usize) -> Option<u64> {
        match self.value(slot) {
            Value::U64(value) => Some(value),
            Value::Int(value) => u64::try_from(value).ok(),
            _ => None,
        }
    }

    /// A plain number of seconds as a length of time.
    #[must_use]
    pub fn secs(&self, slot: usize) -> Micros {
        Micros::from_secs(u64::try_from(self.int(slot)).unwrap_or(0))
    }

    /// A length of time, if it is there.
    #[must_use]
    pub fn opt_micros(&self, slot: usize) -> Option<Micros> {
        match self.value(slot) {
            Value::Micros(value) => Some(value),
            _ => None,
        }
    }

    /// A length of time; none when it is not there.
    #[must_use]
    pub fn micros(&self, slot: usize) -> Micros {
        self.opt_micros(slot).unwrap_or_default()
    }

    /// An address.
    #[must_use]
    pub fn addr(&self, slot: usize) -> Option<IpAddr> {
        match self.value(slot) {
            Value::Address(value) => Some(value),
            Value::Prefix(value, _) => Some(value.address),
            _ => None,
        }
    }

    /// An address with its prefix length.
    #[must_use]
    pub fn prefix(&self, slot: usize) -> Option<Prefixed> {
        match self.value(slot) {
            Value::Prefix(value, _) => Some(value),
            _ => None,
        }
    }

    /// Text, if it is there.
    #[must_use]
    pub fn opt_text(&self, slot: usize) -> Option<&'t str> {
        match self.value(slot) {
            Value::Text(value) => Some(value),
            _ => None,
        }
    }

    /// Text; empty when it is not there.
    #[must_use]
    pub fn text(&self, slot: usize) -> &'t str {
        self.opt_text(slot).unwrap_or("")
    }

    /// Text that is kept.
    #[must_use]
    pub fn boxed(&self, slot: usize) -> Option<Box<str>> {
        self.opt_text(slot).map(Box::from)
    }

    /// An interface name.
    #[must_use]
    pub fn ifname(&self, slot: usize) -> Option<IfName> {
        match self.value(slot) {
            Value::Interface(value) => Some(value),
            _ => None,
        }
    }

    /// The word that was chosen.
    #[must_use]
    pub fn choice(&self, slot: usize) -> Option<&'static str> {
        let Value::Choice(at) = self.value(slot) else {
            return None;
        };
        match self.keyword.slots.get(slot)?.kind {
            Kind::Choice { words, .. } | Kind::Maybe(words) => words.get(usize::from(at)).copied(),
            _ => None,
        }
    }

    /// All words from an argument to the end of the line.
    #[must_use]
    pub fn rest(&self, slot: usize) -> &'t [Word] {
        if self.value(slot) == Value::Absent {
            return &[];
        }
        let from = self.places.get(slot).copied().map_or(usize::MAX, usize::from);
        self.statement.words.get(from..).unwrap_or(&[])
    }

    /// Words after the last argument that the keyword looks at.
    #[must_use]
    pub fn surplus(&self) -> &'t [Word] {
        let used = self
            .values
            .iter()
            .zip(self.places)
            .filter(|(value, _)| **value != Value::Absent)
            .map(|(value, place)| match value {
                Value::Rest => usize::MAX,
                _ => usize::from(place) + 1,
            })
            .max()
            .unwrap_or(1);
        self.statement.words.get(used..).unwrap_or(&[])
    }

    /// Statements between the braces; none without.
    #[must_use]
    pub fn body(&self) -> &'t [Statement] {
        self.statement.body.as_ref().map_or(&[], |body| &body.statements)
    }

    /// All words of a name list (`group`, `interfaces`, `notification_email`): any number of lines and of names a line.
    pub fn names(&self) -> impl Iterator<Item = &'t Word> + use<'t> {
        let body: &'t [Statement] = self
            .statement
            .body
            .as_ref()
            .map_or(&[], |body: &'t Body| &body.statements);
        body.iter().flat_map(|line| line.words.iter())
    }

    /// Command, user and group of a line that names a script (`config-language.md` 8.2).
    ///
    /// # Errors
    /// A sentence about a quote without its partner.
    pub fn script(&self) -> Result<ScriptLine, String> {
        script_line(self.statement)
    }
}

/// Command, user and group of a statement whose words are split by the richer rules of scripts.
fn script_line(statement: &Statement) -> Result<ScriptLine, String> {
    if let Some(raw) = &statement.raw {
        return script::line(raw);
    }
    // Without quotes and backslashes both splits agree with the words that are already there.
    let mut words = statement.args().iter();
    let argv = match words.next() {
        Some(word) if word.quoted || word.text.contains(['\\', '"', '\'']) => script::arguments(&word.text)?,
        Some(word) => vec![word.text.clone()],
        None => Vec::new(),
    };
    Ok(ScriptLine {
        argv,
        user: words.next().map(|word| word.text.clone()),
        group: words.next().map(|word| word.text.clone()),
    })
}

/// Which keywords of one body were already used. Keep it over several bodies where settings of several blocks merge.
#[derive(Clone, Debug, Default)]
pub struct Seen([u64; 3]);

impl Seen {
    fn set(&mut self, at: usize) -> bool {
        let (word, bit) = (at / 64, 1_u64 << (at % 64));
        let Some(word) = self.0.get_mut(word) else {
            return false;
        };
        let before = *word & bit != 0;
        *word |= bit;
        before
    }

    fn get(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }
}

/// Types statements and collects what there is to say about them.
#[derive(Debug, Default)]
pub struct Typing {
    /// What was said so far; the lowering adds its own.
    pub diagnostics: Diagnostics,
    /// What must not be shown again.
    pub(crate) secrets: Secrets,
    /// Planned and ineffective keywords that were already mentioned.
    mentioned: HashSet<*const Keyword>,
    /// Blocks whose opening keyword was mentioned: what stands in them is not mentioned again.
    quiet: HashSet<*const Block>,
}

impl Typing {
    /// Adds a diagnostic.
    pub fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds a diagnostic without further parts.
    pub fn report(&mut self, code: &'static Code, span: impl Into<Option<Span>>, message: impl Into<String>) {
        self.say(Diagnostic::new(code, span, message));
    }

    /// Types one statement of a block; `None` when it must be ignored.
    pub fn entry<'t>(&mut self, block: &'static Block, seen: &mut Seen, statement: &'t Statement) -> Option<Entry<'t>> {
        let Some((at, keyword)) = block.find(statement.keyword()) else {
            self.unknown_keyword(block, statement);
            return None;
        };
        self.mention(block, keyword, statement);
        if !self.braces(keyword, statement) {
            return None;
        }
        if keyword.repeat == Repeat::First && seen.get(at) {
            self.report(
                &codes::REPEATED,
                statement.span,
                format!("'{}' already given - ignoring this one", keyword.name),
            );
            return None;
        }
        let mut entry = Entry::new(keyword, statement);
        self.fill(&mut entry, 1)?;
        if !self.surplus(&entry) {
            return None;
        }
        if seen.set(at) && keyword.repeat == Repeat::LastReported {
            self.report(
                &codes::OVERWRITTEN,
                statement.span,
                format!("'{}' already given - replacing the earlier value", keyword.name),
            );
        }
        Some(entry)
    }

    fn unknown_keyword(&mut self, block: &'static Block, statement: &Statement) {
        let word = statement.keyword();
        let span = statement.words.first().map_or(statement.span, |w| w.span);
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_KEYWORD, span, format!("Unknown keyword '{word}'"));
        if let Some(meant) = suggest::keyword(block, word) {
            diagnostic = diagnostic.fix(span, meant, format!("did you mean \"{meant}\"?"));
        }
        let places = suggest::other_places(block, word);
        if !places.is_empty() {
            let here = if block.path.is_empty() {
                "the top level"
            } else {
                block.path
            };
            diagnostic = diagnostic.help(format!(
                "'{word}' is a keyword of {}, not of {here}; is a brace missing?",
                places.join(", ")
            ));
        } else if statement.body.is_some() {
            diagnostic = diagnostic.help("the whole block is ignored");
        }
        self.say(diagnostic);
    }

    /// Says once per keyword that it is planned, has no effect or is an old spelling.
    fn mention(&mut self, block: &'static Block, keyword: &'static Keyword, statement: &Statement) {
        if keyword.status == Status::Live && keyword.deprecated.is_none() {
            return;
        }
        if let Some(deprecated) = keyword.deprecated.filter(|d| d.reported) {
            self.report(
                &codes::DEPRECATED,
                statement.span,
                format!("'{}' is deprecated - use {}", keyword.name, deprecated.by),
            );
        }
        if let BodyKind::Block(inner) = keyword.body
            && (keyword.status != Status::Live || self.quiet.contains(&std::ptr::from_ref(block)))
        {
            self.quiet.insert(std::ptr::from_ref(inner));
        }
        if self.quiet.contains(&std::ptr::from_ref(block)) || !self.mentioned.insert(std::ptr::from_ref(keyword)) {
            return;
        }
        match keyword.status {
            Status::Live => {}
            Status::Planned(later) => self.report(
                &codes::PLANNED,
                statement.span,
                format!(
                    "'{}' is understood but acts only with {}",
                    keyword.name,
                    later.describe()
                ),
            ),
            Status::NoEffect(why) => self.report(
                &codes::NO_EFFECT,
                statement.span,
                format!("'{}' has no effect: {why}", keyword.name),
            ),
        }
        if let Some(deprecated) = keyword.deprecated.filter(|d| !d.reported) {
            self.report(
                &codes::OLD_SPELLING,
                statement.span,
                format!("'{}' is an old spelling of {}", keyword.name, deprecated.by),
            );
        }
    }

    /// Are the braces where they belong? Without them a block cannot be used.
    fn braces(&mut self, keyword: &'static Keyword, statement: &Statement) -> bool {
        match (keyword.body, &statement.body) {
            (BodyKind::None, Some(_)) => {
                self.report(
                    &codes::UNEXPECTED_BEGIN,
                    statement.span,
                    format!("Unexpected '{{' after '{}' - ignoring the block", keyword.name),
                );
                true
            }
            (BodyKind::None, None) | (_, Some(_)) => true,
            (_, None) => {
                self.report(
                    &codes::MISSING_BEGIN,
                    statement.span,
                    format!("Missing '{{' at beginning of configuration block '{}'", keyword.name),
                );
                false
            }
        }
    }

    /// May the statement be used in spite of words after its last argument?
    fn surplus(&mut self, entry: &Entry<'_>) -> bool {
        if entry.keyword.surplus == Surplus::Ignored || entry.surplus().is_empty() {
            return true;
        }
        let words: Vec<&str> = entry.surplus().iter().map(|word| &*word.text).collect();
        let (name, words, span) = (entry.keyword.name, words.join(" "), entry.surplus()[0].span);
        let is_list = matches!(entry.keyword.body, BodyKind::Items(_) | BodyKind::Names(_));
        match entry.keyword.surplus {
            Surplus::Refused => {
                let message = format!("'{name}' has surplus words '{words}' - ignoring the statement");
                self.report(&codes::SURPLUS_WORDS, span, message);
                false
            }
            _ if is_list => {
                self.report(
                    &codes::EXTRA_PARAMETERS,
                    span,
                    format!("Block {name} has extra parameters {words}"),
                );
                true
            }
            _ => {
                let message = format!("'{name}' has surplus words '{words}' - ignoring them");
                self.report(&codes::SURPLUS_WORDS, span, message);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests;
