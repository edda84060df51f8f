//! A line on its way from the file to its words, and where each of its bytes came from.

use std::{ops::Range, rc::Rc};

use super::params::{Definition, DefinitionLine};
use crate::source::{ExpansionId, FileId, SourceMap, Span};

/// Longest line, without its end.
pub(crate) const MAX_LINE: usize = 1022;

/// Text with its origin.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) file: FileId,
    pub(super) number: u32,
    pub(super) base: Base,
    /// Replaced pieces of a physical line, in ascending order.
    edits: Vec<Edit>,
    /// The definition line that produced the text, or its first replaced piece.
    pub(super) made_by: Option<Template>,
}

/// What positions of the text mean.
#[derive(Clone, Copy, Debug)]
pub(super) enum Base {
    /// The text stands in the file; its first byte at this column.
    Physical { column: u32 },
    /// The text was made by a reference (or sequence) that stands here.
    Reference { column: u32, len: u32 },
}

/// One line of a definition.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) definition: Rc<Definition>,
    pub(super) index: usize,
}

impl Template {
    fn line(&self) -> Option<&DefinitionLine> {
        self.definition.lines.get(self.index)
    }
}

#[derive(Clone, Debug)]
struct Edit {
    out: Range<u32>,
    /// Columns counted from 0 at the start of the line's text.
    source: Range<u32>,
}

impl Line {
    pub(super) fn physical(text: &str, file: FileId, number: u32, column: u32) -> Self {
        Self {
            text: text.to_owned(),
            file,
            number,
            base: Base::Physical { column },
            edits: Vec::new(),
            made_by: None,
        }
    }

    pub(super) fn generated(text: &str, place: Span, template: Template) -> Self {
        Self {
            text: text.to_owned(),
            file: place.file,
            number: place.line,
            base: Base::Reference {
                column: place.column,
                len: place.len,
            },
            edits: Vec::new(),
            made_by: Some(template),
        }
    }

    /// Where `range` of the text stands, and whether a definition had a hand in it.
    fn place(&self, range: Range<usize>) -> (u32, u32, bool) {
        let (start, end) = (small(range.start), small(range.end));
        match self.base {
            Base::Reference { column, len } => (column, len, true),
            Base::Physical { column } if self.edits.is_empty() => (column + start, end.saturating_sub(start), false),
            Base::Physical { column } => {
                let first = self.source_of(start, false);
                let last = self.source_of(end, true).max(first);
                let made = self.edits.iter().any(|e| e.out.start < end && e.out.end > start);
                (column + first, last - first, made)
            }
        }
    }

    /// Source position of a boundary; inside a replaced piece it moves to its start or end.
    fn source_of(&self, at: u32, is_end: bool) -> u32 {
        let (mut out, mut source) = (0, 0);
        for edit in &self.edits {
            if at < edit.out.start || (at == edit.out.start && is_end) {
                break;
            }
            if at < edit.out.end || (at == edit.out.end && is_end) {
                return if is_end { edit.source.end } else { edit.source.start };
            }
            (out, source) = (edit.out.end, edit.source.end);
        }
        source + (at - out)
    }

    /// Span without an expansion.
    pub(super) fn plain_span(&self, range: Range<usize>) -> Span {
        let (column, len, _) = self.place(range);
        Span {
            file: self.file,
            line: self.number,
            column,
            len,
            expansion: None,
        }
    }

    /// Span of a piece; notes the expansion in the map when the piece was made by one.
    pub(super) fn span(
        &self,
        range: Range<usize>,
        expansion: &mut Option<ExpansionId>,
        sources: &mut SourceMap,
    ) -> Span {
        let plain = self.plain_span(range.clone());
        if !self.place(range).2 {
            return plain;
        }
        let id = *expansion.get_or_insert_with(|| {
            // A predefined parameter has no place of definition: its reference stands for it.
            let Some(line) = self.made_by.as_ref().and_then(Template::line) else {
                return sources.add_expansion(plain, &self.text);
            };
            if let Some(shared) = line.shared.get() {
                return shared;
            }
            let (id, kept) = sources.note_expansion(line.span, &self.text);
            line.shared.set((!kept).then_some(id));
            id
        });
        Span {
            expansion: Some(id),
            ..plain
        }
    }

    /// Replaces a piece of the text by what a definition says.
    pub(super) fn replace(&mut self, range: Range<usize>, by: &str, template: Option<&Template>) {
        if self.made_by.is_none() {
            self.made_by = template.cloned();
        }
        if matches!(self.base, Base::Physical { .. }) {
            self.note_edit(small(range.start)..small(range.end), small(by.len()));
        }
        self.text.replace_range(range, by);
    }

    fn note_edit(&mut self, range: Range<u32>, new_len: u32) {
        let mut out = range.clone();
        let mut source = self.source_of(range.start, false)..self.source_of(range.end, true);
        let touches = |e: &Edit| e.out.start < range.end && e.out.end > range.start;
        for edit in self.edits.iter().filter(|e| touches(e)) {
            out = out.start.min(edit.out.start)..out.end.max(edit.out.end);
            source = source.start.min(edit.source.start)..source.end.max(edit.source.end);
        }
        self.edits.retain(|e| !touches(e));
        let move_by = |at: u32| (at + new_len).saturating_sub(range.end - range.start);
        for edit in &mut self.edits {
            if edit.out.start >= range.end {
                edit.out = move_by(edit.out.start)..move_by(edit.out.end);
            }
        }
        let at = self.edits.partition_point(|e| e.source.end <= source.start);
        let end = move_by(out.end);
        self.edits.insert(
            at,
            Edit {
                out: out.start..end,
                source,
            },
        );
    }

    /// Cuts the comment that starts at or after `start`, then trailing blanks. True if a double quote stays open.
    pub(super) fn strip_comment(&mut self, start: usize) -> bool {
        let (end, open) = comment_start(self.text.get(start..).unwrap_or(""));
        self.text.truncate(start + end);
        let len = self.text.trim_end_matches(is_blank).len();
        self.text.truncate(len.max(start.min(self.text.len())));
        open
    }
}

/// White space between words.
pub(crate) const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0b' | '\x0c' | '\r')
}

/// First position at or after `from` that is not blank.
pub(super) fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    from + (rest.len() - rest.trim_start_matches(is_blank).len())
}

/// Where the comment of a line starts (or its length), and whether a double quote is left open.
/// `\#` and `\!` outside quotes start none; inside quotes only `\"` does not end the run.
pub(crate) fn comment_start(text: &str) -> (usize, bool) {
    if !text.bytes().any(|b| matches!(b, b'#' | b'!' | b'"')) {
        return (text.len(), false);
    }
    let mut quoted = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => quoted = !quoted,
            b'#' | b'!' if !quoted => return (at, false),
            _ => {}
        }
    }
    (text.len(), quoted)
}

/// Removes the backslash of `\#` and `\!` outside double quotes.
pub(crate) fn unescape_comments(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("\\#") && !text.contains("\\!") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let next = chars.next();
                if quoted || !matches!(next, Some('#' | '!')) {
                    out.push('\\');
                }
                out.extend(next);
            }
            '"' => {
                quoted = !quoted;
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.into()
}

pub(super) fn small(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes() {
        assert_eq!(comment_start("state A#B"), (7, false));
        assert_eq!(comment_start("state \"A#B\" !x"), (12, false));
        assert_eq!(comment_start("a\\#b"), (4, false));
        assert_eq!(comment_start("\"a\\\"#b"), (6, true));
        assert_eq!(comment_start("'a#b'"), (2, false));
        assert_eq!(unescape_comments("a\\#b \"c\\#d\" \\\\x"), "a#b \"c\\#d\" \\\\x");
    }
}
