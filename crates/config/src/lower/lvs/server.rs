//! `real_server`: what its block says.

use std::{collections::HashSet, net::IpAddr};

use keepalived_model::{bfd::BfdInstance, lvs::Forwarding};

use super::{
    Inherited,
    check::{self, CheckDraft},
};
use crate::{
    grammar::{self, Context},
    lower::{
        script::{Written, written},
        track::Trackables,
    },
    source::Span,
    table::REAL_SERVER,
    typed::{Entry, Seen},
};

/// One real server while the rest is read.
#[derive(Debug)]
pub(super) struct ServerDraft {
    pub(super) address: IpAddr,
    pub(super) port: u16,
    pub(super) span: Span,
    pub(super) weight: Option<u32>,
    pub(super) forwarding: Option<Forwarding>,
    pub(super) upper_threshold: u32,
    pub(super) lower_threshold: u32,
    pub(super) inhibit: Option<bool>,
    pub(super) smtp_alert: Option<bool>,
    pub(super) notify_up: Option<Written>,
    pub(super) notify_down: Option<Written>,
    pub(super) virtualhost: Option<Box<str>>,
    pub(super) snmp_name: Option<Box<str>>,
    pub(super) inherited: Inherited,
    pub(super) checks: Vec<CheckDraft>,
}

/// Reads a `real_server` block.
pub(super) fn read(
    cx: &mut Context<'_>,
    trackables: &mut Trackables,
    bfds: &[BfdInstance],
    entry: &Entry<'_>,
) -> Option<ServerDraft> {
    let mut draft = ServerDraft {
        address: entry.addr(0)?,
        port: entry.u16(1),
        span: entry.span_of(0),
        weight: None,
        forwarding: None,
        upper_threshold: 0,
        lower_threshold: 0,
        inhibit: None,
        smtp_alert: None,
        notify_up: None,
        notify_down: None,
        virtualhost: None,
        snmp_name: None,
        inherited: Inherited::default(),
        checks: Vec::new(),
    };
    let mut sessions: HashSet<Box<str>> = HashSet::new();
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&REAL_SERVER, &mut seen, statement) else {
            continue;
        };
        if draft.inherited.take(&inner) {
            continue;
        }
        match inner.name() {
            "weight" => draft.weight = Some(inner.u32(0)),
            "lvs_method" => {
                if let Some(forwarding) = grammar::forwarding::parse(cx, inner.rest(0)) {
                    draft.forwarding = Some(forwarding);
                }
            }
            "uthreshold" => draft.upper_threshold = inner.u32(0),
            "lthreshold" => draft.lower_threshold = inner.u32(0),
            "inhibit_on_failure" => draft.inhibit = Some(inner.bool()),
            "notify_up" => draft.notify_up = written(cx, &inner),
            "notify_down" => draft.notify_down = written(cx, &inner),
            "smtp_alert" => draft.smtp_alert = Some(inner.bool()),
            "virtualhost" => draft.virtualhost = inner.boxed(0),
            "snmp_name" => draft.snmp_name = inner.boxed(0),
            _ => draft
                .checks
                .extend(check::read(cx, trackables, bfds, &mut sessions, &inner)),
        }
    }
    Some(draft)
}
