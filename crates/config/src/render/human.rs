//! For people: the compiler-like form for a terminal and the one-line form for a log.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet, renderer::DecorStyle};

use super::{Lines, Place, place};
use crate::{
    diag::{Diagnostic, Diagnostics, Severity},
    source::{SourceMap, Span},
};

/// One diagnostic with its code, place, underlined text, help and fix. Ends without a line end.
#[must_use]
pub fn human(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let mut lines = Lines::new(sources);
    render(diagnostic, &mut lines, color)
}

/// All diagnostics, a blank line between them, and how many there are.
#[must_use]
pub fn summary(diagnostics: &Diagnostics, sources: &SourceMap, color: bool) -> String {
    let mut lines = Lines::new(sources);
    let mut out = String::new();
    for diagnostic in diagnostics.items() {
        out.push_str(&render(diagnostic, &mut lines, color));
        out.push_str("\n\n");
    }
    let count = |from, to| {
        diagnostics
            .items()
            .iter()
            .filter(|d| d.severity >= from && d.severity <= to)
            .count()
    };
    let (errors, warnings) = (
        count(Severity::Error, Severity::Fatal),
        count(Severity::Warning, Severity::Warning),
    );
    if errors + warnings > 0 {
        let _ = write!(out, "{}, {}", plural(errors, "error"), plural(warnings, "warning"));
        if diagnostics.suppressed() > 0 {
            let _ = write!(out, ", {} more not shown", diagnostics.suppressed());
        }
        out.push('\n');
    }
    out
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// keepalived's own form, for a log: `(FILE: Line N) MESSAGE`; without a place only the message.
#[must_use]
pub fn log_line(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let code = diagnostic.code.id;
    let message = &diagnostic.message;
    match diagnostic
        .span
        .and_then(|span| sources.file(span.file).map(|file| (file, span.line)))
    {
        Some((file, line)) => format!("({}: Line {line}) {message} [{code}]", file.name),
        None => format!("{message} [{code}]"),
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
        Severity::Fatal => Level::ERROR.with_name("fatal"),
    }
}

fn render<'a>(diagnostic: &'a Diagnostic, lines: &mut Lines<'a>, color: bool) -> String {
    let message = clean(&diagnostic.message);
    let title = level(diagnostic.severity).primary_title(message).id(diagnostic.code.id);
    let mut group = Group::with_title(title);
    let main = diagnostic.span.and_then(|span| place(span, lines));
    if let Some(main) = &main {
        let (line, own) = (diagnostic.span.map_or(1, |s| s.line), diagnostic.span);
        let mut snippet = snippet(main, line).annotation(AnnotationKind::Primary.span(main.range.clone()));
        let mut others = Vec::new();
        for (span, label) in &diagnostic.labels {
            let Some(place) = place(*span, lines) else {
                continue;
            };
            if own.is_some_and(|own| own.file == span.file && own.line == span.line) {
                snippet = snippet.annotation(AnnotationKind::Context.span(place.range).label(clean(label)));
            } else {
                others.push(context(&place, *span, label));
            }
        }
        group = group.element(snippet);
        for other in others {
            group = group.element(other);
        }
    }
    group = expansion(group, diagnostic, lines);
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    let mut report = vec![group];
    report.extend(fix(diagnostic, lines));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii).render(&report)
}

type Source<'a> = Snippet<'a, annotate_snippets::Annotation<'a>>;

fn snippet<'a>(place: &Place<'a>, line: u32) -> Source<'a> {
    Snippet::source(place.text).line_start(line as usize).path(place.name)
}

fn context<'a>(place: &Place<'a>, span: Span, label: &str) -> Source<'a> {
    snippet(place, span.line).annotation(AnnotationKind::Context.span(place.range.clone()).label(clean(label)))
}

/// Where text came from that does not stand in the file.
fn expansion<'a>(group: Group<'a>, diagnostic: &Diagnostic, lines: &mut Lines<'a>) -> Group<'a> {
    let Some(span) = diagnostic.span else {
        return group;
    };
    let Some(known) = span.expansion.and_then(|id| lines.sources.expansion(id)) else {
        return group;
    };
    let group = match known.text {
        Some(text) => group.element(Level::NOTE.message(format!("after expansion the line reads: {}", clean(text)))),
        None => group,
    };
    let definition = known.definition;
    if (definition.file, definition.line) == (span.file, span.line) {
        return group;
    }
    match place(definition, lines) {
        Some(place) => group.element(context(&place, definition, "made from this")),
        None => group,
    }
}

fn fix<'a>(diagnostic: &'a Diagnostic, lines: &mut Lines<'a>) -> Option<Group<'a>> {
    let fix = diagnostic.fix.as_ref()?;
    let place = place(fix.span, lines)?;
    // An edit of text that a definition made would have to be made there.
    if fix.span.expansion.is_some() {
        return Some(Group::with_title(Level::HELP.secondary_title(clean(&fix.label))));
    }
    let patch = Snippet::source(place.text)
        .line_start(fix.span.line as usize)
        .path(place.name)
        .patch(Patch::new(place.range, fix.replacement.as_str()));
    Some(Level::HELP.secondary_title(clean(&fix.label)).element(patch))
}

/// Control characters of a file must not reach a terminal.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
