//! TOML to tree.

use std::{collections::HashMap, collections::VecDeque, ops::Range};

use toml::{
    Spanned,
    de::{DeArray, DeString, DeTable, DeValue},
};

use super::{
    reserved,
    shape::{Shape, root, shape},
    text::{complaint, label, line, statement},
};
use crate::{
    codes::language as code,
    diag::{Code, Diagnostic, Diagnostics},
    source::{FileId, SourceMap, Span},
    table::Block,
    tree::{Body, Statement, Word},
};

/// The statements of a file of the map, in the order in which they stand there.
pub fn read(file: FileId, sources: &SourceMap, diagnostics: &mut Diagnostics) -> Vec<Statement> {
    let text = sources.file(file).map_or("", |f| &f.text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let starts = text
        .bytes()
        .enumerate()
        .filter(|(_, b)| *b == b'\n')
        .map(|(at, _)| at + 1);
    let mut reader = TomlReader {
        text,
        file,
        starts: std::iter::once(0).chain(starts).collect(),
        diagnostics,
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = reader.span(error.span().unwrap_or(0..0));
        reader
            .diagnostics
            .push(Diagnostic::new(&code::TOML_SYNTAX, span, error.message().to_owned()));
    }
    reader.body(table.get_ref(), root())
}

struct TomlReader<'a> {
    text: &'a str,
    file: FileId,
    /// Where each line starts.
    starts: Vec<usize>,
    diagnostics: &'a mut Diagnostics,
}

/// A statement and where its key or value stands, which decides the order.
type Placed = (usize, Statement);

type Key<'i> = Spanned<DeString<'i>>;
type Entry<'i> = Spanned<DeValue<'i>>;

impl TomlReader<'_> {
    /// The statements of a table.
    fn body(&mut self, table: &DeTable<'_>, block: Option<&'static Block>) -> Vec<Statement> {
        let mut placed = Vec::new();
        let mut order = None;
        for (key, value) in table.iter() {
            match &**key.get_ref() {
                reserved::ARGUMENTS => {}
                reserved::ORDER => order = self.order(value),
                reserved::ITEMS => match value.get_ref() {
                    DeValue::Array(items) => {
                        let start = key.span().start;
                        placed.extend(self.items(items).into_iter().map(|item| (start, item)));
                    }
                    _ => self.shape_error(value, "an array of lines is expected here"),
                },
                _ => self.entry(key, value, block, &mut placed),
            }
        }
        placed.sort_by_key(|(at, _)| *at);
        let statements = placed.into_iter().map(|(_, statement)| statement).collect();
        match order {
            Some(order) => reorder(statements, order, block),
            None => statements,
        }
    }

    fn order(&mut self, value: &Entry<'_>) -> Option<Vec<String>> {
        let labels = value.get_ref().as_array().map(|array| {
            let texts = array.iter().map(|v| v.get_ref().as_str().map(str::to_owned));
            texts.collect::<Option<Vec<String>>>()
        });
        let labels = labels.flatten();
        if labels.is_none() {
            self.shape_error(value, "an array of keywords is expected here");
        }
        labels
    }

    /// The statements of one key.
    fn entry(&mut self, key: &Key<'_>, value: &Entry<'_>, block: Option<&'static Block>, placed: &mut Vec<Placed>) {
        let keyword = self.keyword(key);
        let shape = shape(block, &keyword.text);
        if !shape.named() {
            self.values(&keyword, None, value, shape, key.span().start, placed);
            return;
        }
        let DeValue::Table(names) = value.get_ref() else {
            self.values(&keyword, None, value, shape, key.span().start, placed);
            return;
        };
        for (name, value) in names.iter() {
            self.values(&keyword, Some(name), value, shape, name.span().start, placed);
        }
    }

    /// One statement for each element of an array of repetitions, otherwise one.
    fn values(
        &mut self,
        keyword: &Word,
        name: Option<&Key<'_>>,
        value: &Entry<'_>,
        shape: Shape,
        at: usize,
        placed: &mut Vec<Placed>,
    ) {
        let repeated = match value.get_ref() {
            DeValue::Array(array) if !is_items(shape, array) => Some(array),
            _ => None,
        };
        let Some(array) = repeated else {
            placed.extend(self.value(keyword, name, value, shape).map(|s| (at, s)));
            return;
        };
        for element in array.iter() {
            let at = element.span().start.max(at);
            placed.extend(self.value(keyword, name, element, shape).map(|s| (at, s)));
        }
    }

    /// One statement.
    fn value(&mut self, keyword: &Word, name: Option<&Key<'_>>, value: &Entry<'_>, shape: Shape) -> Option<Statement> {
        let head = |reader: &mut Self| match name {
            Some(name) => reader.statement_of(keyword, name.get_ref(), name.span()),
            None => reader.statement_of(keyword, "", 0..0),
        };
        match value.get_ref() {
            DeValue::Table(table) => Some(self.block(keyword, name, value, table, shape)),
            DeValue::Array(items) => {
                let mut statement = head(self);
                let statements = self.items(items);
                statement.body = Some(self.closed(statements, value));
                Some(statement)
            }
            DeValue::Boolean(true) => Some(head(self)),
            DeValue::Boolean(false) if !shape.takes_false() => None,
            _ if name.is_some() => {
                self.shape_error(value, "a table is expected here");
                None
            }
            DeValue::String(text) => Some(self.statement_of(keyword, text, value.span())),
            DeValue::Boolean(false) => Some(self.statement_of(keyword, "false", value.span())),
            DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Some(self.statement_of(keyword, &number.to_string(), value.span())),
                Err(_) => {
                    self.shape_error(value, "the number is too large");
                    None
                }
            },
            DeValue::Float(number) => Some(self.statement_of(keyword, number.as_str(), value.span())),
            DeValue::Datetime(_) => {
                self.shape_error(value, "nothing in a configuration is a date");
                None
            }
        }
    }

    fn block(
        &mut self,
        keyword: &Word,
        name: Option<&Key<'_>>,
        value: &Entry<'_>,
        table: &DeTable<'_>,
        shape: Shape,
    ) -> Statement {
        let arguments = table
            .iter()
            .find(|(key, _)| key.get_ref() == reserved::ARGUMENTS)
            .map(|(_, v)| v);
        let mut statement = match (name, arguments.map(|v| (v, v.get_ref().as_str()))) {
            (Some(name), _) => self.statement_of(keyword, name.get_ref(), name.span()),
            (None, Some((value, Some(text)))) => self.statement_of(keyword, text, value.span()),
            (None, Some((value, None))) => {
                self.shape_error(value, "a string is expected here");
                self.statement_of(keyword, "", 0..0)
            }
            (None, None) => self.statement_of(keyword, "", 0..0),
        };
        let statements = self.body(table, shape.block());
        statement.body = Some(self.closed(statements, value));
        statement
    }

    /// A list of lines.
    fn items(&mut self, items: &DeArray<'_>) -> Vec<Statement> {
        items.iter().filter_map(|item| self.item(item)).collect()
    }

    fn item(&mut self, item: &Entry<'_>) -> Option<Statement> {
        let statement = match item.get_ref() {
            DeValue::String(text) => self.line_of(text, item.span()),
            DeValue::Integer(number) => self.line_of(&number.to_string(), item.span()),
            DeValue::Table(table) => return self.item_table(table, item),
            _ => {
                self.shape_error(item, "a line or a table with `item` is expected here");
                return None;
            }
        };
        if statement.words.is_empty() {
            self.shape_error(item, "an item cannot be empty");
            return None;
        }
        Some(statement)
    }

    /// `{ _line = "...", _items = [...] }`, or `{ item = "10.0.0.9/24", dev = "eth0", no_track = true }`.
    fn item_table(&mut self, table: &DeTable<'_>, whole: &Entry<'_>) -> Option<Statement> {
        let find = |name: &str| table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, v)| v);
        if let Some(text) = find(reserved::LINE) {
            let mut statement = self.line_of(text.get_ref().as_str()?, text.span());
            if let Some(DeValue::Array(items)) = find(reserved::ITEMS).map(Spanned::get_ref) {
                let statements = self.items(items);
                statement.body = Some(self.closed(statements, whole));
            }
            return (!statement.words.is_empty()).then_some(statement);
        }
        let mut options: Vec<(&Key<'_>, &Entry<'_>)> = table.iter().collect();
        options.sort_by_key(|(key, _)| (key.get_ref() != "item", key.span().start));
        let mut words: Vec<Word> = Vec::new();
        for (key, value) in options {
            self.option(key, value, &mut words);
        }
        let first = words.first()?.clone();
        let made = Statement::made(words.iter().map(|w| &*w.text));
        let span = Span {
            len: 1,
            ..self.span(whole.span())
        };
        let span = if first.span.line == 0 { span } else { first.span };
        Some(Statement { words, span, ..made })
    }

    /// One option of an item as words.
    fn option(&mut self, key: &Key<'_>, value: &Entry<'_>, words: &mut Vec<Word>) {
        if let DeValue::Array(values) = value.get_ref() {
            for value in values.iter() {
                self.option(key, value, words);
            }
            return;
        }
        let name = (key.get_ref() != "item").then(|| self.keyword(key));
        let text = match value.get_ref() {
            DeValue::Boolean(false) => return,
            DeValue::Boolean(true) => String::new(),
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => {
                self.shape_error(value, "a string or number is expected here");
                return;
            }
        };
        words.extend(name);
        words.extend(self.line_of(&text, value.span()).words);
    }

    fn keyword(&self, key: &Key<'_>) -> Word {
        let text = key.get_ref();
        Word {
            text: (&**text).into(),
            span: self.span(key.span()),
            quoted: false,
        }
    }

    fn statement_of(&mut self, keyword: &Word, text: &str, range: Range<usize>) -> Statement {
        self.check(text, &range);
        let mut found = statement(keyword, &flat(text), |part| self.part(text, &range, part));
        found.span = keyword.span;
        found
    }

    fn line_of(&mut self, text: &str, range: Range<usize>) -> Statement {
        self.check(text, &range);
        line(&flat(text), |part| self.part(text, &range, part))
    }

    fn check(&mut self, text: &str, range: &Range<usize>) {
        if let Some(complaint) = complaint(text) {
            self.report(&code::TOML_TEXT, range.clone(), complaint);
        }
    }

    /// The place of a part of a string: exact where the string stands in the file as it is.
    fn part(&self, text: &str, range: &Range<usize>, part: Range<usize>) -> Span {
        let source = self.text.get(range.clone()).unwrap_or("");
        let shift = if source.len() == text.len() + 2 && source.get(1..=text.len()) == Some(text) {
            1
        } else if source.len() == text.len() + 6 && source.get(3..text.len() + 3) == Some(text) {
            3
        } else if source == text {
            0
        } else {
            return self.span(range.clone());
        };
        self.span(range.start + shift + part.start..range.start + shift + part.end)
    }

    fn closed(&self, statements: Vec<Statement>, value: &Entry<'_>) -> Body {
        let end = value.span().end;
        Body {
            statements,
            close: Some(self.span(end.saturating_sub(1)..end)),
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        let line = self
            .starts
            .partition_point(|start| *start <= range.start)
            .saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let line_end = self.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span {
            file: self.file,
            line: small(line + 1),
            column: small(range.start - start + 1),
            len: small(range.end.min(line_end).saturating_sub(range.start)),
            expansion: None,
        }
    }

    fn shape_error(&mut self, value: &Entry<'_>, message: &str) {
        self.report(&code::TOML_SHAPE, value.span(), message);
    }

    fn report(&mut self, code: &'static Code, range: Range<usize>, message: &str) {
        let span = self.span(range);
        self.diagnostics.push(Diagnostic::new(code, span, message));
    }
}

/// Is the array the body of a list, not a repetition of the keyword?
fn is_items(shape: Shape, array: &DeArray<'_>) -> bool {
    let item = |value: &Entry<'_>| match value.get_ref() {
        DeValue::String(_) | DeValue::Integer(_) => true,
        DeValue::Table(table) => table
            .iter()
            .any(|(key, _)| key.get_ref() == reserved::LINE || key.get_ref() == "item"),
        _ => false,
    };
    matches!(shape, Shape::List { .. }) && array.iter().all(item)
}

/// The text on one line.
fn flat(text: &str) -> String {
    text.replace(['\n', '\r', '\0'], " ")
}

/// Puts statements in the order of the labels; those that are not mentioned follow.
fn reorder(statements: Vec<Statement>, order: Vec<String>, block: Option<&'static Block>) -> Vec<Statement> {
    let mut places: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (at, statement) in statements.iter().enumerate() {
        let named = shape(block, statement.keyword()).named();
        places.entry(label(statement, named)).or_default().push_back(at);
    }
    let mut slots: Vec<Option<Statement>> = statements.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(slots.len());
    for label in order {
        let at = places.get_mut(&label).and_then(VecDeque::pop_front);
        ordered.extend(at.and_then(|at| slots.get_mut(at)?.take()));
    }
    ordered.extend(slots.into_iter().flatten());
    ordered
}
