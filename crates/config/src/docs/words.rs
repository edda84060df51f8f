//! Facts of a declaration in words, shared by all documents.

use crate::{
    table::{Block, BodyKind, EXTENSION, Keyword, ReloadEffect, Repeat, Status},
    typed::slot_text,
};

/// The keyword with its arguments and braces, on one line.
#[must_use]
pub fn syntax(keyword: &Keyword) -> String {
    let mut text = keyword.name.to_owned();
    for slot in keyword.slots {
        text.push(' ');
        text.push_str(&slot_text(slot));
    }
    match keyword.body {
        BodyKind::None => {}
        BodyKind::Block(_) => text.push_str(" { ... }"),
        BodyKind::Items(_) => text.push_str(" { <item> ... }"),
        BodyKind::Names(what) => {
            text.push_str(" { <");
            text.push_str(what);
            text.push_str("> ... }");
        }
    }
    text
}

/// What a second occurrence does.
#[must_use]
pub const fn repeated(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Last => "the last one counts",
        Repeat::LastReported => "the last one counts, with a warning",
        Repeat::First => "the first one counts, later ones are reported",
        Repeat::Flag => "no difference",
        Repeat::Yes => "each one adds to those before",
        Repeat::Merged => "settings of all occurrences combine",
        Repeat::Largest => "the largest value counts",
    }
}

/// What changing it costs.
#[must_use]
pub const fn reload(effect: ReloadEffect) -> &'static str {
    match effect {
        ReloadEffect::InPlace => "taken over in place",
        ReloadEffect::Restart => "the object restarts",
        ReloadEffect::Refused => "a reload that changes it is refused; restart the daemon",
        ReloadEffect::AtStart => "looked at when the daemon starts",
    }
}

/// Whether it works, in a few words.
#[must_use]
pub fn status(status: Status) -> String {
    match status {
        Status::Live => "works".to_owned(),
        Status::Planned(later) => format!("read, checked and kept; acts with {}", later.describe()),
        Status::NoEffect(why) => format!("accepted without effect: {why}"),
    }
}

/// First release that has it.
#[must_use]
pub fn since(since: &str) -> String {
    match since {
        "2.2.7" => "2.2.7 or older".to_owned(),
        "post-2.4.3" => "after 2.4.3".to_owned(),
        EXTENSION => "extension".to_owned(),
        other => other.to_owned(),
    }
}

/// Name of a block as people know it.
#[must_use]
pub fn place(block: &Block) -> String {
    if block.path.is_empty() {
        return "the top level".to_owned();
    }
    block
        .path
        .replace(".<item>", " (options of a line)")
        .replace(".<arg>", " (words after it)")
        .replace("<language>", "the language")
        .replace("<script arguments>", "words after a script")
}
