//! Tree to TOML.

use std::{borrow::Cow, collections::HashMap, fmt::Write as _};

use super::{
    reserved,
    shape::{Shape, root, shape},
    text::{arguments, has_arguments, item, label, survives},
};
use crate::{table::Block, tree::Statement};

/// Longest inline table.
const INLINE: usize = 90;

/// The text of a configuration in TOML. Reading it gives the same tree, whatever the statements are.
#[must_use]
pub fn to_toml(statements: &[Statement]) -> String {
    let mut out = String::new();
    table(&mut out, "", "", true, root(), statements);
    out
}

/// Statements that share one key.
struct Group<'a> {
    keyword: &'a str,
    /// The name, for a keyword that has one.
    name: Option<Cow<'a, str>>,
    shape: Shape,
    statements: Vec<&'a Statement>,
}

impl Group<'_> {
    fn key(&self) -> String {
        match &self.name {
            Some(name) => format!("{}.{}", key(self.keyword), key(name)),
            None => key(self.keyword),
        }
    }

    /// It can be written under a `[header]`.
    fn is_table(&self) -> bool {
        self.statements.iter().all(|s| s.body.is_some())
    }

    /// It is written as an array of strings wherever that is possible.
    fn is_list(&self) -> bool {
        matches!(self.shape, Shape::List { .. })
    }
}

/// Groups statements by key, in the order of the first of each.
fn groups<'a>(block: Option<&'static Block>, statements: &'a [Statement]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known: HashMap<(&str, Option<Cow<'a, str>>), usize> = HashMap::new();
    for statement in statements {
        let keyword = statement.keyword();
        let shape = shape(block, keyword);
        let name = shape.named().then(|| arguments(statement));
        let at = *known.entry((keyword, name.clone())).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Group {
                keyword,
                name,
                shape,
                statements: Vec::new(),
            });
        }
        groups[at].statements.push(statement);
    }
    groups
}

/// The labels for `_order`, if the order of the groups is not that of the statements.
fn order(groups: &[Group<'_>], statements: &[Statement]) -> Option<Vec<String>> {
    let grouped = groups.iter().flat_map(|group| group.statements.iter().copied());
    let same = grouped.zip(statements).all(|(a, b)| std::ptr::eq(a, b));
    (!same).then(|| {
        let named: HashMap<&str, bool> = groups.iter().map(|g| (g.keyword, g.name.is_some())).collect();
        let named = |keyword| named.get(keyword).copied().unwrap_or(false);
        statements.iter().map(|s| label(s, named(s.keyword()))).collect()
    })
}

/// Can the statements be keys of a table?
fn are_keys(block: Option<&'static Block>, statements: &[Statement]) -> bool {
    let reserved = |word: &str| word.starts_with('_') || word.is_empty();
    let repeated = |keyword: &str| statements.iter().filter(|s| s.keyword() == keyword).count() > 1;
    // Several strings of a list would be its items.
    let ambiguous = |s: &Statement| {
        let open_list = s.body.is_none() && has_arguments(s);
        open_list && matches!(shape(block, s.keyword()), Shape::List { named: false }) && repeated(s.keyword())
    };
    statements
        .iter()
        .all(|s| !reserved(s.keyword()) && !ambiguous(s) && survives(s))
}

/// Writes the statements of a table: pairs, each with `prefix`, then tables with headers below `path`.
fn table(
    out: &mut String,
    path: &str,
    prefix: &str,
    headers: bool,
    block: Option<&'static Block>,
    statements: &[Statement],
) {
    if !are_keys(block, statements) {
        pair(out, prefix, reserved::ITEMS, &items(statements), headers);
        return;
    }
    let groups = groups(block, statements);
    if let Some(order) = order(&groups, statements) {
        let order: Vec<String> = order.iter().map(|label| string(label)).collect();
        pair(out, prefix, reserved::ORDER, &Form::List(order), true);
    }
    let first_table = if headers {
        first_header(&groups, path.is_empty())
    } else {
        groups.len()
    };
    for (index, group) in groups.iter().enumerate() {
        if index >= first_table {
            header(out, path, group);
        } else {
            pairs(out, prefix, group);
        }
    }
}

/// From which group on headers are used: nothing but tables may follow (at the top level also lists).
fn first_header(groups: &[Group<'_>], top: bool) -> usize {
    let may = |group: &Group<'_>| group.is_table() && (top || !group.is_list());
    let tail = groups.iter().rposition(|group| !may(group)).map_or(0, |at| at + 1);
    let lists = groups[tail..]
        .iter()
        .take_while(|group| group.is_list() && value(group).is_some())
        .count();
    tail + lists
}

/// One group as `[header]` or `[[header]]`.
fn header(out: &mut String, path: &str, group: &Group<'_>) {
    let path = if path.is_empty() {
        group.key()
    } else {
        format!("{path}.{}", group.key())
    };
    let (open, close) = if group.statements.len() > 1 {
        ("[[", "]]")
    } else {
        ("[", "]")
    };
    for statement in &group.statements {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{open}{path}{close}");
        if group.name.is_none() && has_arguments(statement) {
            pair(
                out,
                "",
                reserved::ARGUMENTS,
                &Form::One(string(&arguments(statement))),
                true,
            );
        }
        let body = statement.body.as_ref().map_or(&[][..], |body| &body.statements);
        if group.is_list() {
            pair(out, "", reserved::ITEMS, &items(body), true);
        } else {
            table(out, &path, "", true, group.shape.block(), body);
        }
    }
}

/// One group as `key = value`, or as several pairs with dotted keys where one line would be too long.
fn pairs(out: &mut String, prefix: &str, group: &Group<'_>) {
    let key = group.key();
    if let Some(form) = value(group) {
        if let ([statement], Form::One(text)) = (&group.statements[..], &form)
            && let Some(body) = &statement.body
            && text.len() > INLINE
            && !group.is_list()
            && !body.statements.is_empty()
        {
            let prefix = format!("{prefix}{key}.");
            if group.name.is_none() && has_arguments(statement) {
                pair(
                    out,
                    &prefix,
                    reserved::ARGUMENTS,
                    &Form::One(string(&arguments(statement))),
                    true,
                );
            }
            table(out, "", &prefix, false, group.shape.block(), &body.statements);
            return;
        }
        let _ = write!(out, "{prefix}{key} = ");
        form.write(out, true);
        out.push('\n');
    }
}

fn pair(out: &mut String, prefix: &str, name: &str, form: &Form, lines: bool) {
    let _ = write!(out, "{prefix}{name} = ");
    form.write(out, lines);
    out.push('\n');
}

/// A value: one text, or an array that may be written over several lines.
enum Form {
    One(String),
    List(Vec<String>),
}

impl Form {
    fn write(&self, out: &mut String, lines: bool) {
        match self {
            Self::One(text) => out.push_str(text),
            Self::List(texts) => {
                let length: usize = texts.iter().map(String::len).sum();
                if !lines || (texts.len() <= 3 && length <= INLINE) {
                    let _ = write!(out, "[{}]", texts.join(", "));
                    return;
                }
                out.push_str("[\n");
                for text in texts {
                    let _ = writeln!(out, "    {text},");
                }
                out.push(']');
            }
        }
    }

    fn inline(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, false);
        out
    }
}

/// The value of a group's key.
fn value(group: &Group<'_>) -> Option<Form> {
    let mut forms: Vec<Form> = group.statements.iter().map(|s| one(group, s)).collect();
    if forms.len() == 1 {
        return forms.pop();
    }
    Some(Form::List(forms.iter().map(Form::inline).collect()))
}

/// The value of one statement.
fn one(group: &Group<'_>, statement: &Statement) -> Form {
    let named = group.name.is_some();
    let Some(body) = &statement.body else {
        return Form::One(if named {
            "true".to_owned()
        } else {
            scalar(group.shape, statement)
        });
    };
    let plain_items = (named || !has_arguments(statement)) && body.statements.iter().all(|s| s.body.is_none());
    if group.is_list() && plain_items {
        return items(&body.statements);
    }
    let mut fields = Vec::new();
    if !named && has_arguments(statement) {
        fields.push(format!("{} = {}", reserved::ARGUMENTS, string(&arguments(statement))));
    }
    if group.is_list() || !are_keys(group.shape.block(), &body.statements) {
        fields.push(format!("{} = {}", reserved::ITEMS, items(&body.statements).inline()));
    } else {
        let groups = groups(group.shape.block(), &body.statements);
        if let Some(order) = order(&groups, &body.statements) {
            let order: Vec<String> = order.iter().map(|label| string(label)).collect();
            fields.push(format!("{} = {}", reserved::ORDER, Form::List(order).inline()));
        }
        for inner in &groups {
            if let Some(form) = value(inner) {
                fields.push(format!("{} = {}", inner.key(), form.inline()));
            }
        }
    }
    Form::One(if fields.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", fields.join(", "))
    })
}

/// A statement without braces.
fn scalar(shape: Shape, statement: &Statement) -> String {
    let text = arguments(statement);
    match &*text {
        "" => "true".to_owned(),
        "false" if shape.takes_false() => "false".to_owned(),
        text if shape.takes_number() && is_number(text) => text.to_owned(),
        text => string(text),
    }
}

/// A number that TOML writes the same way.
fn is_number(text: &str) -> bool {
    if text.parse::<i64>().is_ok_and(|n| n.to_string() == text) {
        return true;
    }
    let Some((whole, decimals)) = text.split_once('.') else {
        return false;
    };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(decimals) && (whole == "0" || !whole.starts_with('0'))
}

/// A body as a list of lines; one that has a body itself becomes a table.
fn items(statements: &[Statement]) -> Form {
    let texts = statements.iter().map(|statement| {
        let line = string(&item(statement));
        match &statement.body {
            None => line,
            Some(body) => {
                let inner = items(&body.statements).inline();
                format!("{{ {} = {line}, {} = {inner} }}", reserved::LINE, reserved::ITEMS)
            }
        }
    });
    Form::List(texts.collect())
}

/// A string on one line: literal where that saves backslashes, otherwise basic.
fn string(text: &str) -> String {
    let control = |c: char| c.is_control() && c != '\t';
    if text.contains(['"', '\\']) && !text.contains('\'') && !text.contains(control) {
        return format!("'{text}'");
    }
    if text.contains(['"', '\\']) && !text.contains("'''") && !text.ends_with('\'') && !text.contains(control) {
        return format!("'''{text}'''");
    }
    basic(text)
}

fn basic(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn key(text: &str) -> String {
    let bare = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare {
        return text.to_owned();
    }
    let string = string(text);
    if string.starts_with("'''") { basic(text) } else { string }
}
