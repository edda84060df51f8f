//! `bfd_instance` (`bfd.md` 2, `config-language.md` 13.8).

use std::{collections::HashMap, net::IpAddr};

use keepalived_model::{bfd::BfdInstance, time::Micros, units::Family};

use super::names::Names;
use crate::{
    check::codes,
    diag::Diagnostic,
    grammar::Context,
    table::BFD_INSTANCE,
    typed::{Entry, Seen},
};

/// Above this an interval is hardly meant.
const SENSIBLE: Micros = Micros::from_secs(10);

/// Sources by neighbour and kind of hop, to find sessions with the same peers.
#[derive(Debug, Default)]
pub(crate) struct Peers(HashMap<(IpAddr, bool), HashMap<Option<IpAddr>, usize>>);

impl Peers {
    /// Two sessions with one neighbour must differ in a known source, or in the kind of hop. Gives the earlier one, or takes
    /// the new one in.
    fn clash(&mut self, session: &BfdInstance, index: usize) -> Option<usize> {
        let sources = self.0.entry((session.neighbor, session.multihop)).or_default();
        let clash = match session.source {
            None => sources.values().next(),
            source => sources.get(&source).or_else(|| sources.get(&None)),
        };
        let clash = clash.copied();
        if clash.is_none() {
            sources.insert(session.source, index);
        }
        clash
    }
}

/// Reads a `bfd_instance` block.
pub(crate) fn read(
    cx: &mut Context<'_>,
    names: &mut Names,
    sessions: &mut Vec<BfdInstance>,
    known: &mut Peers,
    entry: &Entry<'_>,
) {
    let (name, span) = (entry.text(0), entry.span_of(0));
    if let Some(before) = names.span(name) {
        cx.typing.say(
            Diagnostic::new(
                &codes::BFD_NAME,
                span,
                format!("bfd_instance {name} is already defined; this block is ignored"),
            )
            .label(before, "the first is here"),
        );
        return;
    }
    let Some(session) = body(cx, entry) else { return };
    if let Some(other) = known.clash(&session, sessions.len()) {
        let other = sessions.get(other).map_or("", |s| &s.name);
        cx.say(
            &codes::BFD_DUPLICATE,
            span,
            format!("bfd_instance {name} has the same peers as {other}; it is dropped"),
        );
        return;
    }
    names.add(name, sessions.len(), span);
    sessions.push(session);
}

fn body(cx: &mut Context<'_>, entry: &Entry<'_>) -> Option<BfdInstance> {
    let name = entry.text(0);
    let (mut neighbor, mut source) = (None, None);
    let (mut min_rx, mut min_tx, mut idle_tx) = (Micros::from_millis(10), Micros::from_millis(10), Micros::SECOND);
    let (mut multiplier, mut passive, mut multihop) = (5, false, false);
    let (mut ttl, mut max_hops) = (None, 0_i64);
    let (mut weight, mut reverse) = (0, false);
    let (mut for_vrrp, mut for_checker) = (false, false);
    let mut hops_span = entry.span();
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&BFD_INSTANCE, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "neighbor_ip" => neighbor = inner.addr(0).or(neighbor),
            "source_ip" => source = inner.addr(0).or(source),
            "min_rx" => min_rx = sensible(cx, &inner),
            "min_tx" => min_tx = sensible(cx, &inner),
            "idle_tx" => idle_tx = sensible(cx, &inner),
            "multiplier" => multiplier = inner.u8(0),
            "passive" => passive = true,
            "ttl" => ttl = Some(inner.u8(0)),
            "max_hops" => {
                max_hops = inner.int(0);
                hops_span = inner.span_of(0);
            }
            "multihop" => multihop = inner.bool(),
            "weight" => {
                weight = inner.i16(0);
                reverse = inner.has(1);
            }
            "vrrp" => for_vrrp = true,
            "checker" => for_checker = true,
            _ => {}
        }
    }
    let span = entry.span_of(0);
    let Some(neighbor) = neighbor else {
        cx.say_help(
            &codes::BFD_NEIGHBOUR,
            span,
            format!("bfd_instance {name} has no neighbour; it is dropped"),
            "add `neighbor_ip ADDRESS`",
        );
        return None;
    };
    let family = Family::of(neighbor);
    if source.is_some_and(|s| Family::of(s) != family) {
        cx.say(
            &codes::BFD_NEIGHBOUR,
            span,
            format!("source and neighbour of bfd_instance {name} are of different families; it is dropped"),
        );
        return None;
    }
    let ttl = ttl.unwrap_or(match family {
        Family::V4 => 255,
        Family::V6 => 64,
    });
    // -1 and 255 mean that the distance is not checked.
    let max_hops = match u8::try_from(max_hops) {
        Err(_) | Ok(255) => None,
        Ok(hops) if hops > ttl => {
            cx.say(
                &codes::BFD_HOPS,
                hops_span,
                format!("max_hops {hops} of bfd_instance {name} is above the TTL {ttl}; {ttl} is used"),
            );
            Some(ttl)
        }
        Ok(hops) => Some(hops),
    };
    // Without either word both processes are told.
    let both = !for_vrrp && !for_checker;
    Some(BfdInstance {
        name: name.into(),
        neighbor,
        source,
        min_rx,
        min_tx,
        idle_tx,
        multiplier,
        passive,
        ttl,
        max_hops,
        multihop,
        weight,
        reverse,
        for_vrrp: for_vrrp || both,
        for_checker: for_checker || both,
    })
}

fn sensible(cx: &mut Context<'_>, entry: &Entry<'_>) -> Micros {
    let value = entry.micros(0);
    if value > SENSIBLE {
        cx.say(
            &codes::BFD_LARGE,
            entry.span_of(0),
            format!("`{}` is larger than makes sense", entry.keyword.name),
        );
    }
    value
}
