//! Where the next line comes from: a stack of files, multi-line parameters and repetitions.

use std::{ops::Range, path::PathBuf, rc::Rc};

use super::{
    Reader,
    include::Checks,
    line::{Line, MAX_LINE, Template, is_blank},
    params::Definition,
    sequence::Numbers,
};
use crate::{
    codes::language as code,
    diag::Diagnostic,
    source::{FileId, Span},
    tree::Statement,
};

/// One source of lines.
#[derive(Debug)]
pub(super) enum Frame {
    File(FileFrame),
    /// The lines of a multi-line value after the first.
    Multi {
        definition: Rc<Definition>,
        next: usize,
        place: Span,
    },
    /// `~SEQ` or `~LST`: the line from `start` on, once for each set of values.
    Repeat {
        variables: Vec<String>,
        values: Values,
        line: Line,
        start: usize,
        head: Span,
    },
}

#[derive(Debug)]
pub(super) enum Values {
    Numbers(Numbers),
    Sets(std::vec::IntoIter<Vec<String>>),
}

impl Values {
    fn next(&mut self) -> Option<Vec<String>> {
        match self {
            Self::Numbers(numbers) => numbers.next().map(|n| vec![n]),
            Self::Sets(sets) => sets.next(),
        }
    }
}

/// A file being read.
#[derive(Debug)]
pub(super) struct FileFrame {
    pub(super) id: FileId,
    /// Where the next line starts.
    pub(super) at: usize,
    /// The physical line in which it starts, with its end.
    pub(super) line: Range<usize>,
    pub(super) number: u32,
    /// Absolute directory: `${_PWD}` and the base of relative includes.
    pub(super) directory: PathBuf,
    /// The directory as it is shown in the names of included files.
    pub(super) shown: String,
    /// What tells that a file is being read already.
    pub(super) identity: PathBuf,
    /// The include checks in force when its first line was read.
    pub(super) checks: Option<Checks>,
    /// Statements of a TOML file, which has no lines to read.
    pub(super) tree: Option<std::vec::IntoIter<Statement>>,
}

/// A piece of a physical line.
struct Physical {
    text: String,
    column: u32,
}

impl Reader<'_> {
    /// The next line that is not blank, freed of its comment, and where it starts.
    pub(super) fn next_line(&mut self) -> Option<(Line, usize)> {
        loop {
            if self.stopped {
                return None;
            }
            let found = match self.frames.last_mut()? {
                Frame::File(_) => self.file_line(),
                Frame::Multi {
                    definition,
                    next,
                    place,
                } => {
                    let line = definition.lines.get(*next).map(|template| {
                        let template = (definition.clone(), *next, template.text.as_str());
                        Line::generated(
                            template.2,
                            *place,
                            Template {
                                definition: template.0,
                                index: template.1,
                            },
                        )
                    });
                    *next += 1;
                    line.map(|line| Some((line, 0)))
                }
                Frame::Repeat { .. } => self.repeated_line(),
            };
            match found {
                None => self.end_frame(),
                Some(None) => {}
                Some(Some(line)) => {
                    self.count_line(&line.0);
                    return Some(line);
                }
            }
        }
    }

    /// `None` at the end of the source, `Some(None)` for a blank line.
    fn file_line(&mut self) -> Option<Option<(Line, usize)>> {
        let Some(Frame::File(file)) = self.frames.last_mut() else {
            return None;
        };
        if file.checks.is_none() {
            file.checks = Some(self.checks);
        }
        if let Some(tree) = &mut file.tree {
            let statement = tree.next()?;
            self.tree_statement(statement);
            return Some(None);
        }
        let text = self.sources.file(file.id).map_or("", |f| &f.text);
        let physical = next_physical(text, file)?;
        let (id, number) = (file.id, file.number);
        let mut line = Line::physical(&physical.text, id, number, physical.column);
        if physical.text.len() > MAX_LINE {
            let span = line.plain_span(0..line.text.len());
            let text = "line too long - ignoring its first 1023 characters";
            self.diagnostics.push(Diagnostic::new(&code::LINE_TOO_LONG, span, text));
            return Some(None);
        }
        if line.text.contains('\0') {
            let span = line.plain_span(0..line.text.len());
            let text = "configuration appears to have embedded NULs - ignoring line";
            self.diagnostics.push(Diagnostic::new(&code::EMBEDDED_NUL, span, text));
            return Some(None);
        }
        self.decomment(&mut line, 0);
        join_backslash(&mut line);
        let start = super::line::skip_blanks(&line.text, 0);
        if start >= line.text.len() {
            self.finish_collecting();
            return Some(None);
        }
        Some(Some((line, start)))
    }

    /// A statement of a TOML file: complete already.
    fn tree_statement(&mut self, statement: Statement) {
        let line = statement.line();
        if let Some((checks, pattern)) = super::include::statement(&line) {
            let pattern = line[pattern..].to_owned();
            self.include(&pattern, checks, statement.span);
            return;
        }
        if statement.keyword() == "global_defs" {
            let inner = statement.body.iter().flat_map(|body| &body.statements);
            for check in inner.filter(|s| s.keyword() == "include_check") {
                self.include_check(check);
            }
        }
        self.builder.complete(statement, self.sink);
    }

    fn repeated_line(&mut self) -> Option<Option<(Line, usize)>> {
        let Some(Frame::Repeat {
            variables,
            values,
            line,
            start,
            head,
        }) = self.frames.last_mut()
        else {
            return None;
        };
        let set = values.next()?;
        let (variables, head) = (variables.clone(), *head);
        let found = (line.clone(), *start);
        self.assign(&variables, set, head);
        Some(Some(found))
    }

    fn end_frame(&mut self) {
        if let Some(Frame::File(file)) = self.frames.pop() {
            self.finish_collecting();
            self.checks = file.checks.unwrap_or(self.checks);
        }
    }

    /// Strips the comment and trailing blanks; complains of an open quote.
    pub(super) fn decomment(&mut self, line: &mut Line, start: usize) {
        let before = line.text.len();
        if line.strip_comment(start) {
            let quote = line.text[start..].rfind('"').map_or(start, |at| start + at);
            let text = format!("unterminated quote '{}'", &line.text[quote..]);
            let span = line.plain_span(quote..line.text.len().min(before));
            self.diagnostics
                .push(Diagnostic::new(&code::UNTERMINATED_QUOTE, span, text));
        }
    }

    fn count_line(&mut self, line: &Line) {
        if matches!(self.frames.last(), Some(Frame::File(_)) | None) {
            return;
        }
        self.generated += 1;
        if self.generated > self.limits.generated_lines {
            self.stopped = true;
            let text = format!(
                "more than {} generated lines - reading stops here",
                self.limits.generated_lines
            );
            self.diagnostics
                .push(Diagnostic::new(&code::TOO_MANY_LINES, line.plain_span(0..0), text));
        }
    }

    /// The innermost file.
    pub(super) fn file(&self) -> Option<&FileFrame> {
        self.frames.iter().rev().find_map(|frame| match frame {
            Frame::File(file) => Some(file),
            _ => None,
        })
    }

    /// `${_PWD}`.
    pub(super) fn directory_name(&self) -> String {
        self.file()
            .map_or_else(String::new, |file| file.directory.to_string_lossy().into_owned())
    }
}

/// Removes blanks before a final backslash, which continues nothing here but becomes a part of the last word.
fn join_backslash(line: &mut Line) {
    let Some(before) = line.text.strip_suffix('\\') else {
        return;
    };
    let kept = before.trim_end_matches(is_blank).len();
    if kept < before.len() && kept > 0 {
        line.replace(kept..before.len(), "", None);
    }
}

/// Takes the next piece of the text: a line without its end, or the first 1023 bytes of a longer one.
fn next_physical(text: &str, file: &mut FileFrame) -> Option<Physical> {
    if file.at >= text.len() {
        return None;
    }
    if file.at >= file.line.end {
        let end = text[file.at..].find('\n').map_or(text.len(), |len| file.at + len + 1);
        file.line = file.at..end;
        file.number += 1;
    }
    let column = super::line::small(file.at - file.line.start) + 1;
    let content = &text[file.at..file.line.end];
    let content = content.strip_suffix('\n').unwrap_or(content);
    let content = content.strip_suffix('\r').unwrap_or(content);
    let text = if content.len() <= MAX_LINE {
        file.at = file.line.end;
        content
    } else {
        let cut = (MAX_LINE + 1..=content.len()).find(|at| content.is_char_boundary(*at))?;
        file.at += cut;
        &content[..cut]
    };
    Some(Physical {
        text: text.to_owned(),
        column,
    })
}
