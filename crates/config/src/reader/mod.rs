//! keepalived.conf to tree (`config-language.md` 2 to 9).
//!
//! A line passes these stations: comment, multi-line definition, condition, definition, repetition, references, comment
//! again, include, braces, words. Where the original looks only once for conditions, definitions and repetitions, they are
//! looked for again after substitution and after a brace: a superset, as older releases had it (section 15).

mod builder;
mod frames;
mod include;
pub(crate) mod line;
mod params;
mod paths;
pub mod script_words;
mod sequence;
pub(crate) mod words;

use std::{ops::Range, path::PathBuf};

use crate::{
    Options,
    codes::language as code,
    diag::{Diagnostic, Diagnostics},
    facts::Facts,
    source::{ExpansionId, SourceMap},
    tree::{Statement, Word},
};
use builder::Builder;
use frames::Frame;
use include::Checks;
use line::{Line, skip_blanks, unescape_comments};
use params::{Collecting, Parameters};

/// Bounds that no honest configuration reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Lines made by repetitions and multi-line parameters.
    pub generated_lines: u64,
    /// Files opened.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            generated_lines: 10_000_000,
            files: 4_096,
        }
    }
}

/// Reads the main file with everything it includes. Each complete statement of the top level goes to `sink` as soon as it
/// is known, so that a configuration of any size needs the memory of one block.
pub fn read(
    options: &Options,
    facts: &dyn Facts,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
    sink: &mut dyn FnMut(Statement),
) {
    let mut reader = Reader::new(options, facts, sources, diagnostics, sink);
    reader.open_main(&options.main);
    reader.run();
}

/// Reads given text. Relative includes start at the current directory.
#[expect(
    clippy::too_many_arguments,
    reason = "the arguments of `read` and what stands for the file"
)]
pub fn read_text(
    name: &str,
    text: &str,
    limits: Limits,
    options: &Options,
    facts: &dyn Facts,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
    sink: &mut dyn FnMut(Statement),
) {
    let mut reader = Reader::new(options, facts, sources, diagnostics, sink);
    reader.limits = limits;
    let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let identity = directory.join(name);
    let frame = reader.frame_of(name.to_owned(), text.as_bytes(), directory, identity);
    reader.frames.push(frame);
    reader.run();
}

struct Reader<'a> {
    facts: &'a dyn Facts,
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Diagnostics,
    sink: &'a mut dyn FnMut(Statement),
    config_id: String,
    limits: Limits,
    frames: Vec<Frame>,
    parameters: Parameters,
    collecting: Option<Collecting>,
    builder: Builder,
    checks: Checks,
    /// Room for the pieces of a line, used again and again.
    pieces: Vec<words::Piece>,
    /// Lines made so far.
    generated: u64,
    /// Files opened so far.
    opened: usize,
    /// A limit was reached.
    stopped: bool,
}

/// What became of the start of a line.
enum Start {
    /// The line is used up.
    Taken,
    /// The statement starts here.
    At(usize),
}

impl<'a> Reader<'a> {
    fn new(
        options: &Options,
        facts: &'a dyn Facts,
        sources: &'a mut SourceMap,
        diagnostics: &'a mut Diagnostics,
        sink: &'a mut dyn FnMut(Statement),
    ) -> Self {
        Self {
            facts,
            sources,
            diagnostics,
            sink,
            config_id: options.config_id.clone().unwrap_or_else(|| facts.host_name()),
            limits: Limits::default(),
            frames: Vec::new(),
            parameters: params::predefined(),
            collecting: None,
            builder: Builder::default(),
            checks: if options.all_config {
                Checks::ALL
            } else {
                Checks::default()
            },
            pieces: Vec::new(),
            generated: 0,
            opened: 0,
            stopped: false,
        }
    }

    fn run(mut self) {
        while let Some((line, start)) = self.next_line() {
            if !self.collect(&line, start) {
                self.line(line, start);
            }
        }
        self.builder.finish(self.diagnostics, self.sink);
    }

    fn line(&mut self, mut line: Line, start: usize) {
        let Start::At(mut start) = self.start(&line, start) else {
            return;
        };
        if line.text[start..].contains('$') && !line.text[start..].starts_with('~') && self.substitute(&mut line, start)
        {
            self.decomment(&mut line, start);
            match self.start(&line, start) {
                Start::Taken => return,
                Start::At(at) => start = at,
            }
        }
        self.pieces(&line, start);
    }

    /// Condition, definition, repetition.
    fn start(&mut self, line: &Line, start: usize) -> Start {
        let mut start = skip_blanks(&line.text, start);
        if line.text[start..].starts_with('@') {
            let Some(rest) = self.condition(&line.text[start..]) else {
                return Start::Taken;
            };
            start += rest;
        }
        let taken = match line.text.as_bytes().get(start) {
            None => true,
            Some(b'$') => self.definition(line, start),
            Some(b'~') => self.repetition(line, start),
            Some(_) => false,
        };
        if taken { Start::Taken } else { Start::At(start) }
    }

    /// `@ID rest` or `@^ID rest`: where the rest starts, if the line is kept.
    fn condition(&self, text: &str) -> Option<usize> {
        let (negated, from) = if text.starts_with("@^") { (true, 2) } else { (false, 1) };
        let len = text[from..].find([' ', '\t']).unwrap_or(text.len() - from);
        let rest = skip_blanks(text, from + len);
        let equal = text[from..from + len] == self.config_id;
        (equal != negated && rest < text.len()).then_some(rest)
    }

    /// Include, braces, statements.
    fn pieces(&mut self, line: &Line, start: usize) {
        let mut expansion = None;
        let mut at = start;
        loop {
            at = skip_blanks(&line.text, at);
            let rest = &line.text[at..];
            if rest.is_empty() {
                return;
            }
            if let Some((checks, pattern)) = include::statement(rest) {
                let span = line.span(at..line.text.len(), &mut expansion, self.sources);
                let pattern = unescape_comments(&rest[pattern..]).into_owned();
                self.include(&pattern, checks, span);
                return;
            }
            let brace = words::find_brace(rest).map(|brace| at + brace);
            self.statement(line, at..brace.unwrap_or(line.text.len()), &mut expansion);
            let Some(brace) = brace else {
                return;
            };
            let span = line.span(brace..brace + 1, &mut expansion, self.sources);
            if line.text.as_bytes().get(brace) == Some(&b'{') {
                self.builder.begin(span, self.diagnostics);
            } else {
                self.builder.end(span, self.diagnostics, self.sink);
            }
            match self.start(line, brace + 1) {
                Start::Taken => return,
                Start::At(next) => at = next,
            }
        }
    }

    /// Splits into words and hands the statement to the builder.
    fn statement(&mut self, line: &Line, range: Range<usize>, expansion: &mut Option<ExpansionId>) {
        let text = line.text[range.clone()].trim_end_matches(line::is_blank);
        let mut pieces = std::mem::take(&mut self.pieces);
        let open = words::split_into(text, &mut pieces);
        let shift = |r: Range<usize>| range.start + r.start..range.start + r.end;
        if let Some(at) = open {
            let message = format!("unterminated quote '{}'", &text[at..]);
            let span = line.plain_span(shift(at..text.len()));
            self.diagnostics
                .push(Diagnostic::new(&code::UNTERMINATED_QUOTE, span, message));
        }
        if pieces.is_empty() {
            self.pieces = pieces;
            return;
        }
        let escaped = text.contains('\\');
        let words: Vec<Word> = pieces
            .iter()
            .map(|piece| Word {
                text: word_text(&text[piece.text.clone()], piece.quoted || !escaped),
                span: line.span(shift(piece.whole()), expansion, self.sources),
                quoted: piece.quoted,
            })
            .collect();
        self.pieces = pieces;
        let keep = text.bytes().any(|b| matches!(b, b'"' | b'\'' | b'\\'));
        let raw = keep
            .then(|| unescape_comments(text))
            .filter(|raw| raw.contains(['"', '\'', '\\']));
        let statement = Statement {
            words,
            raw: raw.map(|raw| raw.into()),
            span: line.span(shift(0..text.len()), expansion, self.sources),
            body: None,
        };
        if statement.keyword() == "include_check" && self.builder.position() == (Some("global_defs"), 1) {
            self.include_check(&statement);
        }
        self.builder.statement(statement, self.sink);
    }
}

/// The text of a word; unless it is plain, `\#` and `\!` stand for the plain character.
fn word_text(text: &str, plain: bool) -> Box<str> {
    if plain {
        text.into()
    } else {
        unescape_comments(text).into()
    }
}
