//! `keepalived(8)`, its options from the table that the daemon itself reads.

use std::fmt::Write as _;

use keepalived_config::docs::manual::{escape, fold};

use super::options::{Argument, TABLE};

const HEAD: &str = include_str!("keepalived.8.head");
const TAIL: &str = include_str!("keepalived.8.tail");

/// The page.
pub(super) fn keepalived() -> String {
    let mut out = String::from(HEAD);
    for row in TABLE {
        let value = escape(row.value);
        let value = match row.argument {
            Argument::None => String::new(),
            Argument::Required => format!("=\\fI{value}\\fR"),
            Argument::Optional => format!("[=\\fI{value}\\fR]"),
        };
        let short = row
            .short
            .map_or(String::new(), |letter| format!("\\fB\\-{letter}\\fR, "));
        let _infallible = writeln!(
            out,
            ".TP\n{short}\\fB\\-\\-{}\\fR{value}\n{}",
            escape(row.long),
            sentence(row.help)
        );
    }
    out.push_str(TAIL);
    fold(&out)
}

/// The line of the usage text as a sentence.
fn sentence(help: &str) -> String {
    let mut chars = help.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{}{}.", escape(&first), escape(chars.as_str()))
}
