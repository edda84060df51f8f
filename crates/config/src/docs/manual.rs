//! `keepalived.conf(5)`, from the table and a text about the language.

use std::fmt::Write as _;

use super::{explain::wrap, words};
use crate::table::{self, BLOCKS, Block, EXTENSION, Keyword, Status};

/// The text around the keywords, already roff.
const LANGUAGE: &str = include_str!("manual/language.5");
/// What follows the keywords.
const TAIL: &str = include_str!("manual/tail.5");

/// Sections of keywords: heading, an introduction, and the blocks.
const SECTIONS: &[(&str, &str, &[&str])] = &[
    ("TOP LEVEL", "These keywords stand outside all blocks.", &[""]),
    (
        "GLOBAL SETTINGS",
        "\\fBglobal_defs\\fR holds what concerns the daemon as a whole, and defaults of virtual routers. \
         It may stand several times and should stand first.",
        &["global_defs"],
    ),
    (
        "VIRTUAL ROUTERS",
        "A \\fBvrrp_instance\\fR is one virtual router: a set of addresses that the elected router of a group holds.",
        &["vrrp_instance", "vrrp_sync_group"],
    ),
    (
        "ADDRESSES, ROUTES AND RULES",
        "Each line of \\fBvirtual_ipaddress\\fR, \\fBvirtual_ipaddress_excluded\\fR and \\fBstatic_ipaddress\\fR is an \
         address with options; each line of \\fBvirtual_routes\\fR and \\fBstatic_routes\\fR is a route, each line of \
         \\fBvirtual_rules\\fR and \\fBstatic_rules\\fR a policy rule, in the manner of \\fBip\\fR(8). Options may stand in \
         any order.",
        &[
            "vrrp_instance.virtual_ipaddress.<item>",
            "static_routes.<item>",
            "static_rules.<item>",
        ],
    ),
    (
        "TRACKING",
        "What a virtual router can depend on. A tracked object without weight takes the router to FAULT when it fails; one \
         with a weight changes its priority.",
        &[
            "vrrp_script",
            "vrrp_track_process",
            "track_file",
            "track_group",
            "garp_group",
            "linkbeat_interfaces.<item>",
            "interface_up_down_delays.<item>",
        ],
    ),
    (
        "VIRTUAL SERVERS",
        "A \\fBvirtual_server\\fR is a service that the kernel's IPVS spreads over real servers, which are checked.",
        &["virtual_server_group.<item>", "virtual_server", "SSL"],
    ),
    ("BFD", "Bidirectional forwarding detection.", &["bfd_instance"]),
];

/// The whole page.
#[must_use]
pub fn page() -> String {
    let mut out = String::from(LANGUAGE);
    let mut done = Vec::new();
    for (heading, introduction, paths) in SECTIONS {
        let _infallible = writeln!(out, ".SH {heading}\n{introduction}");
        for path in *paths {
            blocks_under(&mut out, path, paths.len() > 1 || !path.is_empty(), &mut done);
        }
    }
    out.push_str(TAIL);
    fold(&out)
}

/// Breaks the lines of a page at 78 columns, as roff likes them: text at blanks, the tag of a paragraph with a continuation.
#[must_use]
pub fn fold(page: &str) -> String {
    const WIDTH: usize = 78;
    let mut out = String::with_capacity(page.len() + page.len() / 16);
    let (mut literal, mut tag) = (false, false);
    for line in page.lines() {
        literal = (literal || line == ".nf") && line != ".fi";
        if literal || line.starts_with('.') || line.len() <= WIDTH {
            out.push_str(line);
            out.push('\n');
        } else if tag {
            out.push_str(&wrap(line, WIDTH - 2).join(" \\\n"));
            out.push('\n');
        } else {
            wrap(line, WIDTH).iter().for_each(|piece| self::line(&mut out, piece));
        }
        tag = line == ".TP";
    }
    out
}

/// A block and those in it, each once. Options of static items follow those of virtual ones and differ by `track_group` only.
fn blocks_under(out: &mut String, path: &'static str, heading: bool, done: &mut Vec<&'static str>) {
    for block in BLOCKS {
        let inside = block.path == path
            || (!path.is_empty()
                && block.path.starts_with(path)
                && block.path.as_bytes().get(path.len()) == Some(&b'.'));
        if !inside || done.contains(&block.path) || is_twin(block) {
            continue;
        }
        done.push(block.path);
        if heading {
            let _infallible = writeln!(out, ".SS {}", escape(&words::place(block)));
        }
        for keyword in block.keywords {
            entry(out, keyword);
        }
    }
}

/// Blocks whose keywords are those of another one and are not listed twice.
fn is_twin(block: &Block) -> bool {
    let path = block.path;
    let twin = [
        (
            "vrrp_instance.virtual_ipaddress_excluded",
            "vrrp_instance.virtual_ipaddress",
        ),
        ("vrrp_instance.virtual_routes", "static_routes"),
        ("vrrp_instance.virtual_rules", "static_rules"),
        ("virtual_server.real_server.SSL_GET.url.regex_options", ""),
    ];
    twin.iter()
        .any(|(of, _)| path.starts_with(of) && path.as_bytes().get(of.len()) == Some(&b'.'))
}

fn entry(out: &mut String, keyword: &Keyword) {
    let syntax = words::syntax(keyword);
    let (name, rest) = syntax.split_at(keyword.name.len());
    out.push_str(".TP\n");
    let _infallible = writeln!(out, "\\fB{}\\fR{}", escape(name), escape(rest));
    text(out, keyword.doc);
    let mut facts = Vec::new();
    if !keyword.values.is_empty() {
        facts.push(format!("Values: {}.", keyword.values.trim_end_matches('.')));
    }
    if !keyword.default.is_empty() {
        facts.push(format!("Default: {}.", keyword.default.trim_end_matches('.')));
    }
    if keyword.since != "2.2.7" {
        facts.push(match keyword.since {
            EXTENSION => "An extension: keepalived does not have it.".to_owned(),
            since => format!("Since {}.", words::since(since)),
        });
    }
    if let Some(deprecated) = keyword.deprecated {
        facts.push(format!("Deprecated: use {}.", deprecated.by));
    }
    match keyword.status {
        Status::Live => {}
        Status::Planned(later) => facts.push(format!("Not acting yet (needs {}).", later.describe())),
        Status::NoEffect(_) => facts.push("Without effect.".to_owned()),
    }
    if !facts.is_empty() {
        out.push_str(".br\n");
        text(out, &facts.join(" "));
    }
}

/// A paragraph: one sentence a line, as roff likes it.
fn text(out: &mut String, text: &str) {
    let text = escape(text);
    let mut rest = text.as_str();
    while let Some(at) = rest.find(". ") {
        line(out, &rest[..=at]);
        rest = rest[at + 2..].trim_start();
    }
    line(out, rest);
}

/// A line that does not begin with a control character.
fn line(out: &mut String, text: &str) {
    if text.starts_with(['.', '\'']) {
        out.push_str("\\&");
    }
    out.push_str(text);
    out.push('\n');
}

/// Text as roff reads it.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '~' => out.push_str("\\(ti"),
            '^' => out.push_str("\\(ha"),
            '`' => out.push_str("\\(ga"),
            c => out.push(c),
        }
    }
    out
}

/// How many keywords the page describes; the others are spellings of the same item options elsewhere.
#[must_use]
pub fn described() -> usize {
    table::BLOCKS
        .iter()
        .filter(|block| !is_twin(block))
        .map(|block| block.keywords.len())
        .sum()
}
