//! Diagnostics as text for people, JSON and SARIF.

mod human;
mod json;
mod sarif;

pub use human::{human, log_line, summary};
pub use json::json;
pub use sarif::sarif;

use std::ops::Range;

use crate::source::{SourceMap, Span};

/// The line of a span, with its name.
struct Place<'a> {
    name: &'a str,
    text: &'a str,
    /// The span within the line.
    range: Range<usize>,
}

/// Finds the line of a span. Columns that do not fit the text are cut to it.
fn place<'a>(span: Span, lines: &mut Lines<'a>) -> Option<Place<'a>> {
    let file = lines.sources.file(span.file)?;
    let text = lines.line(span)?;
    let start = floor(text, (span.column as usize).saturating_sub(1));
    let end = floor(text, start + span.len as usize);
    Some(Place {
        name: &file.name,
        text,
        range: start..end.max(start),
    })
}

fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Finds lines by number; the starts of all lines of a file are counted once.
#[derive(Debug)]
struct Lines<'a> {
    sources: &'a SourceMap,
    starts: Vec<Option<Vec<usize>>>,
}

impl<'a> Lines<'a> {
    fn new(sources: &'a SourceMap) -> Self {
        Self {
            sources,
            starts: vec![None; sources.files().len()],
        }
    }

    fn line(&mut self, span: Span) -> Option<&'a str> {
        let text = self.sources.shown(span.file)?;
        let starts = self.starts.get_mut(span.file.0 as usize)?.get_or_insert_with(|| {
            let after = text
                .bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(at, _)| at + 1);
            std::iter::once(0).chain(after).collect()
        });
        let start = *starts.get((span.line as usize).checked_sub(1)?)?;
        let rest = text.get(start..)?;
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}
