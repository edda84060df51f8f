//! `bfd_instance`.

use keepalived_model::{bfd::BfdInstance, time::Micros};

use super::build::{Lines, block};
use crate::tree::Statement;

pub(super) fn raise(sessions: &[BfdInstance]) -> Vec<Statement> {
    sessions.iter().map(session).collect()
}

fn session(session: &BfdInstance) -> Statement {
    let mut lines = Lines::default();
    lines.value("neighbor_ip", session.neighbor);
    lines.option("source_ip", session.source);
    lines.value("min_rx", millis(session.min_rx));
    lines.value("min_tx", millis(session.min_tx));
    lines.value("idle_tx", millis(session.idle_tx));
    lines.value("multiplier", session.multiplier);
    lines.flag("passive", session.passive);
    lines.value("ttl", session.ttl);
    match session.max_hops {
        Some(hops) => lines.value("max_hops", hops),
        None => lines.add(["max_hops", "-1"]),
    }
    lines.boolean("multihop", session.multihop, false);
    if session.reverse {
        lines.add(["weight", &session.weight.to_string(), "reverse"]);
    } else if session.weight != 0 {
        lines.value("weight", session.weight);
    }
    // Neither word means both.
    lines.flag("vrrp", session.for_vrrp && !session.for_checker);
    lines.flag("checker", session.for_checker && !session.for_vrrp);
    block(&["bfd_instance", &session.name], lines.0)
}

/// Decimal milliseconds.
fn millis(value: Micros) -> String {
    let (whole, fraction) = (value.as_micros() / 1000, value.as_micros() % 1000);
    if fraction == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{fraction:03}")
    }
}
