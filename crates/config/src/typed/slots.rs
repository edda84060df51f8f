//! Arguments: each slot of a keyword takes its word.

use keepalived_model::{time::Micros, units::IfName};

use super::{Entry, MAX_SLOTS, Typing, Value};
use crate::{
    codes::keyword as codes,
    diag::{Code, Diagnostic},
    source::Span,
    suggest,
    table::{Keyword, Kind, OnBad, Presence, Slot, TimeUnit},
    tree::{Statement, Word},
    values::{
        address, boolean, cut,
        number::{self, Problem, Read},
    },
};

/// What reading a slot came to.
enum Outcome<'t> {
    /// This is the value; the word is used up.
    Taken(Value<'t>),
    /// The word belongs to the next slot.
    Left,
    /// The statement cannot be used.
    Refused,
}

/// What a good word looks like, for kinds where the message does not say so itself.
fn how_to_write(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::Int { min, max } => format!("write a whole number from {min} to {max}"),
        Kind::CInt { min, max } => {
            format!("write a whole number from {min} to {max}, decimal, octal (0...) or hexadecimal (0x...)")
        }
        Kind::Time { unit, min, max } => {
            let (low, high) = (
                number::time_text(Micros(*min), *unit),
                number::time_text(Micros(*max), *unit),
            );
            format!("write a number from {low} to {high}, with decimals if you like")
        }
        _ => return None,
    })
}

impl Typing {
    /// Reads the slots of the entry's keyword from `statement.words[from..]`. Gives the index of the first word that no slot
    /// took, or `None` when the statement cannot be used.
    pub(super) fn fill(&mut self, entry: &mut Entry<'_>, from: usize) -> Option<usize> {
        let (keyword, statement) = (entry.keyword, entry.statement);
        let mut next = from;
        for (at, slot) in keyword.slots.iter().enumerate().take(MAX_SLOTS) {
            let Some(word) = statement.words.get(next) else {
                if !self.missing(keyword, slot, statement, next) {
                    return None;
                }
                continue;
            };
            let literal_next = match keyword.slots.get(at + 1).map(|s| s.kind) {
                Some(Kind::Literal(literal)) if slot.presence == Presence::Optional => Some(literal),
                _ => None,
            };
            if literal_next == Some(&*word.text) {
                continue;
            }
            match self.slot(keyword, slot, word) {
                Outcome::Taken(value) => {
                    entry.values[at] = value;
                    entry.places[at] = u16::try_from(next).unwrap_or(u16::MAX);
                    next += 1;
                }
                Outcome::Left => {}
                Outcome::Refused => return None,
            }
            if entry.values[at] == Value::Rest {
                next = statement.words.len();
            }
        }
        Some(next)
    }

    /// Says what a missing word means; may the statement be used nevertheless?
    fn missing(&mut self, keyword: &'static Keyword, slot: &Slot, statement: &Statement, at: usize) -> bool {
        match slot.presence {
            Presence::Optional => true,
            Presence::Required => {
                let last = statement.words.last().map_or("", |word| &word.text);
                let message = format!(
                    "*** Configuration line starting `{}` is missing a parameter after keyword `{last}` at word position {}",
                    statement.keyword(),
                    at + 1
                );
                self.say(
                    Diagnostic::new(&codes::MISSING_PARAMETER, statement.span, message).help(format!(
                        "write: {} {}",
                        keyword.name,
                        super::checks::slot_text(slot)
                    )),
                );
                false
            }
            Presence::Expected => {
                self.report(
                    &codes::EXPECTED_ARGUMENT,
                    statement.span,
                    format!("'{}' needs {} - ignoring", keyword.name, super::checks::slot_text(slot)),
                );
                false
            }
        }
    }

    fn slot<'t>(&mut self, keyword: &'static Keyword, slot: &Slot, word: &'t Word) -> Outcome<'t> {
        let text: &'t str = &word.text;
        match slot.kind {
            Kind::Text { max, cut: may_cut, .. } => self.text(keyword, slot, word, max, may_cut),
            Kind::Int { min, max } => {
                let read = number::integer(text, min < 0);
                self.number(keyword, slot, word, read, min, max)
            }
            Kind::CInt { min, max } => {
                let read = number::c_integer(text, min < 0);
                self.number(keyword, slot, word, read, min, max)
            }
            Kind::U64 => match number::c_u64(text) {
                Some(value) => Outcome::Taken(Value::U64(value)),
                None => self.bad(
                    keyword,
                    slot,
                    word,
                    &codes::INVALID_NUMBER,
                    format!("invalid number '{text}'"),
                ),
            },
            Kind::Time { unit, min, max } => self.time(keyword, slot, word, unit, (min, max)),
            Kind::Bool => match boolean(text) {
                Some(value) => Outcome::Taken(Value::Bool(value)),
                None => {
                    let message = format!("Invalid value '{text}' for '{}'", keyword.name);
                    self.bad(keyword, slot, word, &codes::INVALID_BOOLEAN, message)
                }
            },
            Kind::Address => match address::address(text) {
                Some(value) => Outcome::Taken(Value::Address(value)),
                None => self.bad(
                    keyword,
                    slot,
                    word,
                    &codes::INVALID_ADDRESS,
                    format!("invalid address '{text}'"),
                ),
            },
            Kind::Prefix => self.prefix(keyword, slot, word),
            Kind::Port => match address::port(text) {
                Some(value) => Outcome::Taken(Value::Int(value.into())),
                None => self.bad(
                    keyword,
                    slot,
                    word,
                    &codes::INVALID_PORT,
                    format!("invalid port '{text}'"),
                ),
            },
            Kind::Interface => match IfName::new(text) {
                Some(value) => Outcome::Taken(Value::Interface(value)),
                None => {
                    let message = format!("invalid interface name '{text}'");
                    self.bad(keyword, slot, word, &codes::INVALID_INTERFACE, message)
                }
            },
            Kind::Choice { words, any_case } => self.choice(keyword, slot, word, words, any_case),
            Kind::Literal(literal) if literal == text => Outcome::Taken(Value::Bool(true)),
            Kind::Literal(_) => Outcome::Left,
            Kind::Maybe(words) => match words.iter().position(|w| *w == text) {
                Some(at) => Outcome::Taken(Value::Choice(at as u8)),
                None => Outcome::Left,
            },
            Kind::Hex { digits } if text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Outcome::Taken(Value::Text(text))
            }
            Kind::Hex { digits } => {
                let message = format!("'{text}' is not {digits} hexadecimal digits");
                self.bad(keyword, slot, word, &codes::INVALID_HEX, message)
            }
            Kind::Named(_) => Outcome::Taken(Value::Text(text)),
            Kind::Script | Kind::Rest { .. } => Outcome::Taken(Value::Rest),
        }
    }

    fn text<'t>(
        &mut self,
        keyword: &'static Keyword,
        slot: &Slot,
        word: &'t Word,
        max: usize,
        may_cut: bool,
    ) -> Outcome<'t> {
        if max == 0 || word.text.len() <= max {
            return Outcome::Taken(Value::Text(&word.text));
        }
        if may_cut {
            // What comes of it is known, as with a number that is clamped: no reason to refuse a reload.
            self.report(
                &codes::CORRECTED,
                word.span,
                format!("'{}' is longer than {max} characters - truncating it", keyword.name),
            );
            return Outcome::Taken(Value::Text(cut(&word.text, max)));
        }
        let message = format!("'{}' is longer than {max} characters", word.text);
        self.bad(keyword, slot, word, &codes::TOO_LONG, message)
    }

    fn number<'t>(
        &mut self,
        keyword: &'static Keyword,
        slot: &Slot,
        word: &Word,
        read: Result<Read<i64>, Problem>,
        min: i64,
        max: i64,
    ) -> Outcome<'t> {
        let text = &word.text;
        let read = match read {
            Ok(read) => read,
            Err(problem) => {
                let code = if problem == Problem::TooLarge {
                    &codes::OUT_OF_RANGE
                } else {
                    &codes::INVALID_NUMBER
                };
                return self.bad(keyword, slot, word, code, format!("{problem} '{text}'"));
            }
        };
        if let Some((from, to)) = slot.replace
            && read.problem.is_none()
            && read.value == from
        {
            let message = format!("'{} {from}' is not possible - using {to}", keyword.name);
            self.report(&codes::CORRECTED, word.span, message);
            return Outcome::Taken(Value::Int(to));
        }
        let inside = (min..=max).contains(&read.value);
        match read.problem {
            None if inside => Outcome::Taken(Value::Int(read.value)),
            None => {
                let message = format!("number '{text}' outside range [{min}, {max}]");
                match slot.on_bad {
                    OnBad::Clamp => {
                        let value = read.value.clamp(min, max);
                        self.bad_number(keyword, word, format!("{message} - using {value}"));
                        Outcome::Taken(Value::Int(value))
                    }
                    _ => self.bad(keyword, slot, word, &codes::OUT_OF_RANGE, message),
                }
            }
            Some(problem) if inside && !slot.strict => {
                let message = format!("{problem} '{text}' - using {}", read.value);
                self.report(&codes::INVALID_NUMBER, word.span, message);
                Outcome::Taken(Value::Int(read.value))
            }
            Some(problem) => self.bad(
                keyword,
                slot,
                word,
                &codes::INVALID_NUMBER,
                format!("{problem} '{text}'"),
            ),
        }
    }

    fn bad_number(&mut self, keyword: &'static Keyword, word: &Word, message: String) {
        self.report(&codes::OUT_OF_RANGE, word.span, format!("{}: {message}", keyword.name));
    }

    fn time<'t>(
        &mut self,
        keyword: &'static Keyword,
        slot: &Slot,
        word: &Word,
        unit: TimeUnit,
        (min, max): (u64, u64),
    ) -> Outcome<'t> {
        let text = &word.text;
        let read = match number::time(text, unit) {
            Ok(read) => read,
            Err(problem) => {
                return self.bad(
                    keyword,
                    slot,
                    word,
                    &codes::INVALID_NUMBER,
                    format!("{problem} '{text}'"),
                );
            }
        };
        if let Some((from, to)) = slot.replace
            && read.problem.is_none()
            && u64::try_from(from) == Ok(read.value)
        {
            let to = u64::try_from(to).unwrap_or(0);
            let shown = number::time_text(Micros(to), unit);
            let message = format!("'{} {text}' is not possible - using {shown}", keyword.name);
            self.report(&codes::CORRECTED, word.span, message);
            return Outcome::Taken(Value::Micros(Micros(to)));
        }
        if !(min..=max).contains(&read.value) {
            let (low, high) = (number::time_full(min, unit), number::time_full(max, unit));
            let message = format!("number '{text}' outside range [{low}, {high}]");
            return self.bad(keyword, slot, word, &codes::OUT_OF_RANGE, message);
        }
        if let Some(problem) = read.problem {
            let code = if problem == Problem::Decimals {
                &codes::TOO_MANY_DECIMALS
            } else {
                &codes::INVALID_NUMBER
            };
            let shown = number::time_text(Micros(read.value), unit);
            let message = format!("{}: {problem} '{text}' - using {shown}", keyword.name);
            self.report(code, word.span, message);
        }
        Outcome::Taken(Value::Micros(Micros(read.value)))
    }

    fn prefix<'t>(&mut self, keyword: &'static Keyword, slot: &Slot, word: &'t Word) -> Outcome<'t> {
        match address::prefix(&word.text) {
            Ok(value) => Outcome::Taken(Value::Prefix(value, word.text.contains('/'))),
            Err(Some(full)) => {
                let message = format!("invalid prefix length in '{}' - using {}", word.text, full.prefix_len);
                self.report(&codes::INVALID_PREFIX_LENGTH, word.span, message);
                Outcome::Taken(Value::Prefix(full, true))
            }
            Err(None) => {
                let message = format!("invalid address '{}'", word.text);
                self.bad(keyword, slot, word, &codes::INVALID_ADDRESS, message)
            }
        }
    }

    fn choice<'t>(
        &mut self,
        keyword: &'static Keyword,
        slot: &Slot,
        word: &Word,
        words: &'static [&'static str],
        any_case: bool,
    ) -> Outcome<'t> {
        let text: &str = &word.text;
        let found = words
            .iter()
            .position(|w| *w == text || (any_case && w.eq_ignore_ascii_case(text)));
        if let Some(at) = found {
            return Outcome::Taken(Value::Choice(at as u8));
        }
        let what = match slot.on_bad {
            OnBad::Use(at) => {
                let used = usize::try_from(at)
                    .ok()
                    .and_then(|at| words.get(at))
                    .copied()
                    .unwrap_or("");
                format!("using {used}")
            }
            OnBad::Absent => "ignoring the word".to_owned(),
            _ => "ignoring".to_owned(),
        };
        let message = format!("unknown {} '{text}' - {what}", keyword.name);
        let mut diagnostic =
            Diagnostic::new(&codes::INVALID_CHOICE, word.span, message).help(format!("one of: {}", words.join(", ")));
        if let Some(meant) = suggest::nearest(text, words.iter().copied()) {
            diagnostic = diagnostic.fix(word.span, meant, format!("did you mean \"{meant}\"?"));
        }
        self.say(diagnostic);
        match slot.on_bad {
            OnBad::Use(at) => Outcome::Taken(Value::Choice(u8::try_from(at).unwrap_or(0))),
            OnBad::Absent => Outcome::Left,
            _ => Outcome::Refused,
        }
    }

    /// Reports a value that cannot be used, and does what the declaration says.
    fn bad<'t>(
        &mut self,
        keyword: &'static Keyword,
        slot: &Slot,
        word: &Word,
        code: &'static Code,
        message: String,
    ) -> Outcome<'t> {
        let span: Span = word.span;
        let (then, outcome) = match (slot.on_bad, slot.kind) {
            (OnBad::Use(value), Kind::Time { unit, .. }) => {
                let micros = Micros(u64::try_from(value).unwrap_or(0));
                let text = number::time_text(micros, unit);
                (format!("using {text}"), Outcome::Taken(Value::Micros(micros)))
            }
            (OnBad::Use(value), _) => (format!("using {value}"), Outcome::Taken(Value::Int(value))),
            (OnBad::Absent, _) => ("ignoring the word".to_owned(), Outcome::Left),
            (OnBad::Drop, _) => ("ignoring the whole line".to_owned(), Outcome::Refused),
            (OnBad::Ignore | OnBad::Clamp, _) => ("ignoring".to_owned(), Outcome::Refused),
        };
        let mut said = Diagnostic::new(code, span, format!("{}: {message} - {then}", keyword.name));
        said.help = how_to_write(&slot.kind);
        self.say(said);
        outcome
    }
}
