//! `docs/compatibility.md`: the status of every keyword, and the choices where the original behaves oddly.

use std::fmt::Write as _;

use super::words;
use crate::table::{BLOCKS, EXTENSION, Keyword, Status};

/// The choices, written by hand.
const CHOICES: &str = include_str!("compatibility/choices.md");

/// The whole page.
#[must_use]
pub fn page() -> String {
    let mut out = String::from(CHOICES);
    out.push_str("\n## Status of every keyword\n\n");
    out.push_str(&summary());
    for block in BLOCKS.iter().filter(|block| !block.path.contains('<')) {
        let title = if block.path.is_empty() { "Top level" } else { block.path };
        let _infallible = writeln!(
            out,
            "\n### {title}\n\n| keyword | status | since | remark |\n|---|---|---|---|"
        );
        for keyword in block.keywords {
            let remark = keyword
                .deprecated
                .map_or(String::new(), |d| format!("deprecated: use {}", d.by));
            let _infallible = writeln!(
                out,
                "| `{}` | {} | {} | {} |",
                keyword.name,
                short(keyword),
                words::since(keyword.since),
                cell(&remark)
            );
        }
    }
    out
}

fn short(keyword: &Keyword) -> String {
    match keyword.status {
        Status::Live => "works".to_owned(),
        Status::Planned(later) => format!("later: {}", later.describe()),
        Status::NoEffect(why) => format!("no effect: {}", cell(why)),
    }
}

fn summary() -> String {
    let count = |wanted: fn(Status) -> bool| {
        BLOCKS
            .iter()
            .filter(|block| !block.path.contains('<'))
            .flat_map(|block| block.keywords)
            .filter(|keyword| keyword.since != EXTENSION && wanted(keyword.status))
            .count()
    };
    format!(
        "All 531 keywords of keepalived 2.4.3 are read and checked. Of these {} act, {} are kept for later work, and {} have no \
         effect in the original either. A keyword that does not act yet draws a note, which does not influence the exit code of `-t`.\n",
        count(|status| status == Status::Live),
        count(|status| matches!(status, Status::Planned(_))),
        count(|status| matches!(status, Status::NoEffect(_))),
    )
}

/// Text within a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
