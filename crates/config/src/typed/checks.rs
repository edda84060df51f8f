//! Checking without lowering, and arguments in words.

use super::{Seen, Typing};
use crate::{
    table::{Block, BodyKind, Kind, Presence, Slot, TimeUnit},
    tree::Statement,
    values::number,
};

impl Typing {
    /// Types everything in a body and throws the entries away: for blocks that no lowering reads.
    pub fn check(&mut self, block: &'static Block, statements: &[Statement]) {
        let mut seen = Seen::default();
        for statement in statements {
            let Some(entry) = self.entry(block, &mut seen, statement) else {
                continue;
            };
            if let BodyKind::Block(inner) = entry.keyword.body {
                self.check(inner, entry.body());
            }
        }
    }
}

/// An argument as people write it, with its range.
#[must_use]
pub fn slot_text(slot: &Slot) -> String {
    let text = match slot.kind {
        Kind::Text { what, .. } => format!("<{what}>"),
        Kind::Int { min, max } | Kind::CInt { min, max } => range(min, max),
        Kind::U64 => "<number>".to_owned(),
        Kind::Time { unit, min, max } => time_range(unit, min, max),
        Kind::Bool => "true|false".to_owned(),
        Kind::Address => "<address>".to_owned(),
        Kind::Prefix => "<address>[/<length>]".to_owned(),
        Kind::Port => "<port>".to_owned(),
        Kind::Interface => "<interface>".to_owned(),
        Kind::Choice { words, .. } | Kind::Maybe(words) => words.join("|"),
        Kind::Literal(word) => word.to_owned(),
        Kind::Hex { digits } => format!("<{digits} hexadecimal digits>"),
        Kind::Named(table) => format!("<name of {table}|number>"),
        Kind::Script => "<command> [<user> [<group>]]".to_owned(),
        Kind::Rest { syntax, .. } => syntax.to_owned(),
    };
    if slot.presence == Presence::Optional {
        format!("[{text}]")
    } else {
        text
    }
}

fn range(min: i64, max: i64) -> String {
    match (min, max) {
        (0, 4_294_967_295) => "<number>".to_owned(),
        (-2_147_483_648, 2_147_483_647) => "<integer>".to_owned(),
        _ => format!("<{min}..{max}>"),
    }
}

fn time_range(unit: TimeUnit, min: u64, max: u64) -> String {
    let name = match unit {
        TimeUnit::Seconds | TimeUnit::SecondsMillis => "seconds",
        TimeUnit::Millis => "milliseconds",
    };
    if max >= u64::MAX - 1 {
        return format!("<{name}>");
    }
    let text = |micros| number::time_text(keepalived_model::time::Micros(micros), unit);
    format!("<{name} {}..{}>", text(min), text(max))
}
