//! Scripts as they are written, before it is known whose identity they take.

use keepalived_model::script::Command;

use super::scripts::{Loudness, Scripts};
use crate::{check::codes, grammar::Context, source::Span, typed::Entry, values::script::ScriptLine};

/// A script as it was written, with its place.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// The command, not yet checked.
    pub(crate) line: ScriptLine,
    /// Where.
    pub(crate) span: Span,
}

/// Reads the script of an entry. `None` when there is none or its quotes do not match, which was said.
pub(crate) fn written(cx: &mut Context<'_>, entry: &Entry<'_>) -> Option<Written> {
    let line = match entry.script() {
        Ok(line) => line,
        Err(why) => {
            cx.say(&codes::SCRIPT_QUOTE, entry.span(), why);
            return None;
        }
    };
    if line.argv.is_empty() {
        return None;
    }
    let span = entry.word(0).map_or(entry.span(), |w| w.span);
    Some(Written { line, span })
}

/// Checks one script. `None`: it is dropped, and that was said. The flag tells that others than root can change it.
pub(crate) fn check(
    scripts: &mut Scripts<'_>,
    cx: &mut Context<'_>,
    written: Written,
    what: &str,
    loudness: Loudness,
) -> Option<(Box<Command>, bool)> {
    let usable = scripts.line(&mut cx.typing.diagnostics, written.span, written.line, what, loudness)?;
    Some((Box::new(usable.command), usable.insecure))
}

/// Checks a notification script of the object `owner`.
pub(crate) fn notify(
    scripts: &mut Scripts<'_>,
    cx: &mut Context<'_>,
    written: Option<Written>,
    owner: &str,
    keyword: &str,
) -> Option<Box<Command>> {
    // The name is only made when there is a script: most of 65,024 instances have none.
    let written = written?;
    let what = format!("({owner}) {keyword}");
    check(scripts, cx, written, &what, Loudness::Logged).map(|(command, _)| command)
}
