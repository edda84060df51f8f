//! Parameters: definitions and references (`config-language.md` 6).

use std::{cell::Cell, ops::Range, rc::Rc};

use super::{
    Reader,
    frames::Frame,
    line::{Line, MAX_LINE, Template},
};
use crate::{
    codes::language as code,
    diag::Diagnostic,
    fnv::FnvMap,
    source::{ExpansionId, Span},
};

/// Most replacements in one line: values may be empty, so that the length alone bounds nothing.
const MAX_REPLACEMENTS: usize = 4_096;

/// The value of a parameter.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    /// Never empty; more than one line for a multi-line value.
    pub(super) lines: Vec<DefinitionLine>,
}

#[derive(Debug)]
pub(super) struct DefinitionLine {
    pub(super) text: String,
    pub(super) span: Span,
    /// Known once the map keeps no more texts: then all lines made from this one share it.
    pub(super) shared: Cell<Option<ExpansionId>>,
}

impl DefinitionLine {
    pub(super) fn new(text: String, span: Span) -> Self {
        Self {
            text,
            span,
            shared: Cell::new(None),
        }
    }
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Parameter {
    Given(Rc<Definition>),
    Pwd,
    Instance,
    Random,
    Environment,
    Hash,
    Bang,
}

/// All parameters by name.
pub(super) type Parameters = FnvMap<String, Parameter>;

/// The table before anything is defined.
pub(super) fn predefined() -> Parameters {
    [
        ("_PWD", Parameter::Pwd),
        ("_INSTANCE", Parameter::Instance),
        ("_RANDOM", Parameter::Random),
        ("_ENV", Parameter::Environment),
        ("_HASH", Parameter::Hash),
        ("_BANG", Parameter::Bang),
    ]
    .into_iter()
    .map(|(name, parameter)| (name.to_owned(), parameter))
    .collect()
}

/// A multi-line definition while its lines arrive.
#[derive(Debug)]
pub(super) struct Collecting {
    name: String,
    lines: Vec<DefinitionLine>,
    start: Span,
}

impl Collecting {
    /// Takes one more line; false when it was the last.
    fn take(&mut self, text: &str, span: Span) -> bool {
        let (text, more) = match text.strip_suffix('\\') {
            Some(text) => (text.trim_end_matches(super::line::is_blank), true),
            None => (text, false),
        };
        if !text.is_empty() {
            self.lines.push(DefinitionLine::new(text.to_owned(), span));
        }
        more
    }
}

/// `$NAME=`: the name and where the value starts.
fn definition_head(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix('$')?;
    let len = name_length(rest);
    (len > 0 && rest[len..].starts_with('=')).then(|| (&rest[..len], len + 2))
}

/// Length of the name at the start of `text`: a letter or underscore, then letters, digits, underscores.
pub(super) fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
        .count()
}

/// A reference at the start of a text.
#[derive(Debug, PartialEq, Eq)]
struct Reference<'a> {
    name: &'a str,
    /// What stands between name and brace, from the first blank on.
    arguments: &'a str,
    /// Length with `$` and braces.
    len: usize,
}

fn reference(text: &str) -> Option<Reference<'_>> {
    let rest = text.strip_prefix('$')?;
    if let Some(rest) = rest.strip_prefix('{') {
        let len = name_length(rest);
        let after = &rest[len..];
        if len == 0 || !after.starts_with(['}', ' ', '\t']) {
            return None;
        }
        let close = after.find('}')?;
        return Some(Reference {
            name: &rest[..len],
            arguments: &after[..close],
            len: len + close + 3,
        });
    }
    let len = name_length(rest);
    let ends = rest[len..]
        .chars()
        .next()
        .is_none_or(|c| matches!(c, ' ' | '\t' | ',' | ')'));
    (len > 0 && ends).then_some(Reference {
        name: &rest[..len],
        arguments: "",
        len: len + 1,
    })
}

/// A replaced piece of the line that is being scanned: a reference to the same definition within it would never end.
struct Region {
    definition: Rc<Definition>,
    /// Where it ends, counted from the end of the line, which stays right while pieces before it change.
    from_end: usize,
}

/// What a reference is replaced by.
enum Value {
    Lines(Rc<Definition>),
    Text(String),
}

impl Reader<'_> {
    /// Is a multi-line definition being collected? Then the line belongs to it.
    pub(super) fn collect(&mut self, line: &Line, start: usize) -> bool {
        let Some(collecting) = &mut self.collecting else {
            return false;
        };
        let text = line.text.get(start..).unwrap_or("");
        if !collecting.take(text, line.plain_span(start..line.text.len())) {
            self.finish_collecting();
        }
        true
    }

    /// Ends a multi-line definition, if one is being collected.
    pub(super) fn finish_collecting(&mut self) {
        let Some(mut collecting) = self.collecting.take() else {
            return;
        };
        if collecting.lines.is_empty() {
            collecting
                .lines
                .push(DefinitionLine::new(String::new(), collecting.start));
        }
        self.define(collecting.name, collecting.lines);
    }

    pub(super) fn define(&mut self, name: String, lines: Vec<DefinitionLine>) {
        let definition = Rc::new(Definition {
            name: name.clone(),
            lines,
        });
        self.parameters.insert(name, Parameter::Given(definition));
    }

    /// Takes the line if it is a definition.
    pub(super) fn definition(&mut self, line: &Line, start: usize) -> bool {
        let Some((name, value)) = definition_head(&line.text[start..]) else {
            return false;
        };
        let value = super::line::skip_blanks(&line.text, start + value);
        let mut collecting = Collecting {
            name: name.to_owned(),
            lines: Vec::new(),
            start: line.plain_span(start..line.text.len()),
        };
        let more = collecting.take(&line.text[value..], collecting.start);
        self.collecting = Some(collecting);
        if !more {
            self.finish_collecting();
        }
        true
    }

    /// Replaces references from `start` on, again and again at the same place. True if anything changed.
    pub(super) fn substitute(&mut self, line: &mut Line, start: usize) -> bool {
        let mut at = start;
        let mut replaced = 0;
        let mut regions: Vec<Region> = Vec::new();
        while let Some(next) = line.text.get(at..).and_then(|rest| rest.find('$')) {
            at += next;
            regions.retain(|region| line.text.len() - region.from_end > at);
            let Some((len, value)) = self.value_at(line, at) else {
                at += 1;
                continue;
            };
            let range = at..at + len;
            if let Value::Lines(definition) = &value
                && self.is_active(definition, &regions)
            {
                self.report_cycle(line, range, definition);
                at += len;
                continue;
            }
            replaced += 1;
            let by = match &value {
                Value::Lines(definition) => definition.lines.first().map_or("", |l| &l.text),
                Value::Text(text) => text,
            };
            if line.text.len() - len + by.len() > MAX_LINE || replaced > MAX_REPLACEMENTS {
                self.report_limit(line, range, replaced > MAX_REPLACEMENTS);
                break;
            }
            let from_end = line.text.len() - range.end;
            for region in &mut regions {
                region.from_end = region.from_end.min(from_end);
            }
            self.replace(line, range, &value);
            if let Value::Lines(definition) = value {
                regions.push(Region { definition, from_end });
            }
        }
        replaced > 0
    }

    fn replace(&mut self, line: &mut Line, range: Range<usize>, value: &Value) {
        match value {
            Value::Text(text) => line.replace(range, text, None),
            Value::Lines(definition) => {
                if definition.lines.len() > 1 {
                    let place = line.plain_span(range.clone());
                    self.frames.push(Frame::Multi {
                        definition: definition.clone(),
                        next: 1,
                        place,
                    });
                }
                let template = Template {
                    definition: definition.clone(),
                    index: 0,
                };
                let text = definition.lines.first().map_or("", |l| &l.text);
                line.replace(range, text, Some(&template));
            }
        }
    }

    /// The reference at `at`, if it is one and is defined: its length and value.
    fn value_at(&mut self, line: &Line, at: usize) -> Option<(usize, Value)> {
        let reference = reference(&line.text[at..])?;
        let parameter = self.parameters.get(reference.name)?.clone();
        let plain = reference.arguments.is_empty();
        let value = match parameter {
            Parameter::Given(definition) => {
                let fits = definition.lines.len() == 1 || at + reference.len == line.text.len();
                (plain && fits).then_some(Value::Lines(definition))
            }
            Parameter::Pwd => plain.then(|| Value::Text(self.directory_name())),
            Parameter::Instance => plain.then(|| Value::Text(self.config_id.clone())),
            Parameter::Hash => plain.then(|| Value::Text("#".to_owned())),
            Parameter::Bang => plain.then(|| Value::Text("!".to_owned())),
            Parameter::Random | Parameter::Environment => {
                let arguments: Vec<&str> = reference.arguments.split_ascii_whitespace().collect();
                if reference.arguments.ends_with([' ', '\t']) {
                    return None;
                }
                let span = line.plain_span(at..at + reference.len);
                match parameter {
                    Parameter::Random => self.random(&arguments, span),
                    _ => self.environment(&arguments, span),
                }
                .map(Value::Text)
            }
        };
        value.map(|value| (reference.len, value))
    }

    fn random(&mut self, arguments: &[&str], span: Span) -> Option<String> {
        let numbers: Option<Vec<u64>> = arguments
            .iter()
            .map(|a| {
                if a.bytes().all(|b| b.is_ascii_digit()) {
                    a.parse().ok()
                } else {
                    None
                }
            })
            .collect();
        let (min, max) = match numbers.as_deref() {
            Some([]) => (0, 32_767),
            Some([min]) => (*min, 32_767),
            Some([min, max]) => (*min, *max),
            _ => {
                let text = "definition _RANDOM requires at most two decimal numbers, MIN and MAX";
                self.diagnostics
                    .push(Diagnostic::new(&code::BAD_PREDEFINED, span, text));
                return None;
            }
        };
        if min > max {
            let text = format!("_RANDOM minimum {min} is above maximum {max}, {min} is used");
            self.diagnostics.push(Diagnostic::new(&code::RANDOM_RANGE, span, text));
            return Some(min.to_string());
        }
        Some(self.facts.random(min, max).clamp(min, max).to_string())
    }

    fn environment(&mut self, arguments: &[&str], span: Span) -> Option<String> {
        let [name] = arguments else {
            let text = "definition _ENV requires the name of one environment variable";
            self.diagnostics
                .push(Diagnostic::new(&code::BAD_PREDEFINED, span, text));
            return None;
        };
        let value = self.facts.environment(name).unwrap_or_default();
        Some(value.replace(['\n', '\0'], " "))
    }

    fn is_active(&self, definition: &Rc<Definition>, regions: &[Region]) -> bool {
        let same = |other: &Rc<Definition>| Rc::ptr_eq(other, definition);
        regions.iter().any(|region| same(&region.definition))
            || (definition.lines.len() > 1
                && self
                    .frames
                    .iter()
                    .any(|frame| matches!(frame, Frame::Multi { definition, .. } if same(definition))))
    }

    fn report_cycle(&mut self, line: &Line, range: Range<usize>, definition: &Definition) {
        let text = format!("parameter '{}' refers to itself", definition.name);
        let mut diagnostic = Diagnostic::new(&code::REFERENCE_CYCLE, line.plain_span(range), text)
            .help("the inner reference is left as it is; give one of the parameters another value");
        if let Some(first) = definition.lines.first() {
            diagnostic = diagnostic.label(first.span, "defined here");
        }
        self.diagnostics.push(diagnostic);
    }

    fn report_limit(&mut self, line: &Line, range: Range<usize>, budget: bool) {
        let (code, text) = if budget {
            (&code::DEFINITION_BUDGET, "too many substitutions in one line")
        } else {
            (
                &code::EXPANSION_TOO_LONG,
                "the expanded line is too long; the rest is not substituted",
            )
        };
        self.diagnostics
            .push(Diagnostic::new(code, line.plain_span(range), text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        assert_eq!(definition_head("$A=x"), Some(("A", 3)));
        assert_eq!(definition_head("$A =x"), None);
        assert_eq!(definition_head("$1=x"), None);
        assert_eq!(definition_head("$_a1="), Some(("_a1", 5)));
    }

    #[test]
    fn references() {
        let name = |text| reference(text).map(|r| (r.name.to_owned(), r.arguments.to_owned(), r.len));
        assert_eq!(name("$A.Y"), None);
        assert_eq!(name("$A,Y"), Some(("A".into(), String::new(), 2)));
        assert_eq!(name("${A}Y"), Some(("A".into(), String::new(), 4)));
        assert_eq!(name("${_RANDOM 1 2}"), Some(("_RANDOM".into(), " 1 2".into(), 14)));
        assert_eq!(name("${A"), None);
        assert_eq!(name("$"), None);
    }
}
