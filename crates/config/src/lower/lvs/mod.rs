//! `virtual_server`, `virtual_server_group` and `SSL`: what the blocks say, before defaults and corrections.

mod check;
mod finish;
mod http;
mod server;

use std::{collections::HashMap, net::IpAddr};

use keepalived_model::{
    bfd::BfdInstance,
    lvs::{Endpoint, Forwarding, Granularity, Group, GroupEntry, Protocol, Scheduler, SchedulerFlags, Ssl},
    time::Micros,
    units::{Family, Secret},
};

pub(super) use self::finish::finish;
use self::server::ServerDraft;
use super::{
    script::{Written, written},
    track::Trackables,
};
use crate::{
    check::codes,
    codes::keyword::MISSING_PARAMETER,
    grammar::{self, Context},
    source::Span,
    table::{SSL, VIRTUAL_SERVER},
    tree::Word,
    typed::{Entry, Seen},
};

/// What checks inherit from the server and servers from the service.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inherited {
    pub(super) delay_loop: Option<Micros>,
    pub(super) warmup: Option<Micros>,
    pub(super) retry: Option<u32>,
    pub(super) delay_before_retry: Option<Micros>,
    pub(super) connect_timeout: Option<Micros>,
    pub(super) alpha: Option<bool>,
}

impl Inherited {
    /// Takes a setting; `false` when it is none of these.
    fn take(&mut self, entry: &Entry<'_>) -> bool {
        match entry.name() {
            "delay_loop" => self.delay_loop = entry.opt_micros(0),
            "warmup" => self.warmup = entry.opt_micros(0),
            "retry" => self.retry = Some(entry.u32(0)),
            "delay_before_retry" => self.delay_before_retry = entry.opt_micros(0),
            "connect_timeout" => self.connect_timeout = entry.opt_micros(0),
            "alpha" => self.alpha = Some(entry.bool()),
            _ => return false,
        }
        true
    }

    /// What is set here, else there.
    fn or(self, other: Self) -> Self {
        Self {
            delay_loop: self.delay_loop.or(other.delay_loop),
            warmup: self.warmup.or(other.warmup),
            retry: self.retry.or(other.retry),
            delay_before_retry: self.delay_before_retry.or(other.delay_before_retry),
            connect_timeout: self.connect_timeout.or(other.connect_timeout),
            alpha: self.alpha.or(other.alpha),
        }
    }
}

/// `sorry_server` while the rest is read.
#[derive(Clone, Copy, Debug)]
struct SorryDraft {
    address: IpAddr,
    port: u16,
    forwarding: Option<Forwarding>,
    inhibit: bool,
    span: Span,
}

/// One service while the rest is read.
#[derive(Debug)]
struct ServiceDraft {
    endpoint: Endpoint,
    span: Span,
    family: Option<Family>,
    protocol: Option<Protocol>,
    scheduler: Option<Scheduler>,
    flags: SchedulerFlags,
    ops: Option<Span>,
    forwarding: Option<Forwarding>,
    persistence_timeout: Option<u32>,
    granularity: Option<Granularity>,
    engine: Option<Box<str>>,
    inherited: Inherited,
    omega: bool,
    ha_suspend: Option<Span>,
    inhibit: bool,
    quorum: u32,
    hysteresis: u32,
    weight: u32,
    quorum_up: Option<Written>,
    quorum_down: Option<Written>,
    smtp_alert: Option<bool>,
    virtualhost: Option<Box<str>>,
    snmp_name: Option<Box<str>>,
    sorry: Option<SorryDraft>,
    servers: Vec<ServerDraft>,
}

/// All services, as far as read.
#[derive(Debug, Default)]
pub(super) struct Services {
    services: Vec<ServiceDraft>,
    groups: Vec<(Group, Span)>,
    group_index: HashMap<Box<str>, usize>,
    ssl: Option<Ssl>,
}

impl Services {
    /// Reads a `virtual_server` block.
    pub(super) fn service(
        &mut self,
        cx: &mut Context<'_>,
        trackables: &mut Trackables,
        bfds: &[BfdInstance],
        entry: &Entry<'_>,
    ) {
        let Some(endpoint) = header(cx, entry) else { return };
        let mut draft = ServiceDraft::new(endpoint, entry.span());
        let mut seen = Seen::default();
        for statement in entry.body() {
            let Some(inner) = cx.typing.entry(&VIRTUAL_SERVER, &mut seen, statement) else {
                continue;
            };
            if inner.name() == "real_server" {
                let server = server::read(cx, trackables, bfds, &inner);
                draft.servers.extend(server);
            } else if !draft.inherited.take(&inner) && !draft.scheduling(cx, &inner) {
                draft.other(cx, &inner);
            }
        }
        self.services.push(draft);
    }

    /// Reads a `virtual_server_group` block. References find the first of a name.
    pub(super) fn group(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let entries: Vec<GroupEntry> = entry
            .body()
            .iter()
            .filter_map(|line| grammar::group::parse(cx, &line.words))
            .collect();
        let name: Box<str> = entry.text(0).into();
        let index = self.groups.len();
        self.group_index.entry(name.clone()).or_insert(index);
        self.groups.push((Group { name, entries }, entry.span_of(0)));
    }

    /// Reads the `SSL` block; a second one replaces the first.
    pub(super) fn ssl(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        if self.ssl.is_some() {
            cx.say(
                &codes::SSL_TWICE,
                entry.span(),
                "a second `SSL` block replaces the first",
            );
        }
        cx.typing.secrets.block(&SSL, "password", entry.statement);
        let mut ssl = Ssl::default();
        let mut seen = Seen::default();
        for statement in entry.body() {
            let Some(inner) = cx.typing.entry(&SSL, &mut seen, statement) else {
                continue;
            };
            match inner.name() {
                "password" => ssl.password = inner.opt_text(0).map(|t| Secret::new(t.as_bytes())),
                "ca" => ssl.ca = inner.boxed(0),
                "certificate" => ssl.certificate = inner.boxed(0),
                _ => ssl.key = inner.boxed(0),
            }
        }
        self.ssl = Some(ssl);
    }
}

/// `ADDRESS [PORT]`, `fwmark MARK` or `group NAME`. `None`: the block is skipped, which was said.
fn header(cx: &mut Context<'_>, entry: &Entry<'_>) -> Option<Endpoint> {
    let words = entry.rest(0);
    let first = words.first()?;
    let second = words.get(1);
    if matches!(&*first.text, "fwmark" | "group") {
        let Some(value) = second else {
            cx.say(
                &MISSING_PARAMETER,
                entry.span(),
                format!(
                    "*** Configuration line starting `virtual_server` is missing a parameter after keyword `{}` at word position 3",
                    first.text
                ),
            );
            return None;
        };
        if &*first.text == "group" {
            return Some(Endpoint::Group(value.text.clone()));
        }
        return match grammar::number::dec(&value.text, 0, i64::from(u32::MAX)) {
            Ok(mark) => Some(Endpoint::Mark(mark)),
            Err(_) => skipped(cx, value, "is no firewall mark"),
        };
    }
    let text = first.text.split(['/', '-']).next().unwrap_or("");
    let Ok(address) = text.parse::<IpAddr>() else {
        return skipped(cx, first, "is neither an address nor `fwmark` nor `group`");
    };
    let port = match second {
        None => 0,
        Some(word) => match grammar::number::dec(&word.text, 0, 65_535) {
            Ok(port) => port,
            Err(_) => return skipped(cx, word, "is not a port"),
        },
    };
    Some(Endpoint::Address(address, port))
}

fn skipped<T>(cx: &mut Context<'_>, word: &Word, why: &str) -> Option<T> {
    cx.say_help(
        &codes::VS_HEADER,
        word.span,
        format!("`{}` {why}; the virtual server is skipped", word.text),
        "write `virtual_server ADDRESS PORT`, `virtual_server fwmark MARK` or `virtual_server group NAME`",
    );
    None
}

impl ServiceDraft {
    fn new(endpoint: Endpoint, span: Span) -> Self {
        Self {
            family: match &endpoint {
                Endpoint::Address(address, _) => Some(Family::of(*address)),
                Endpoint::Mark(_) | Endpoint::Group(_) => None,
            },
            endpoint,
            span,
            protocol: None,
            scheduler: None,
            flags: SchedulerFlags::default(),
            ops: None,
            forwarding: None,
            persistence_timeout: None,
            granularity: None,
            engine: None,
            inherited: Inherited::default(),
            omega: false,
            ha_suspend: None,
            inhibit: false,
            quorum: 1,
            hysteresis: 0,
            weight: 1,
            quorum_up: None,
            quorum_down: None,
            smtp_alert: None,
            virtualhost: None,
            snmp_name: None,
            sorry: None,
            servers: Vec::new(),
        }
    }

    /// Scheduler and its flags, method, protocol; `false` when it is none of these.
    fn scheduling(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) -> bool {
        match entry.name() {
            "lvs_sched" => self.scheduler = entry.choice(0).and_then(Scheduler::from_name),
            "flag-1" => self.flags.flag1 = true,
            "flag-2" => self.flags.flag2 = true,
            "flag-3" => self.flags.flag3 = true,
            "sh-port" | "sh-fallback" | "mh-port" | "mh-fallback" => self.hash_flag(cx, entry),
            "hashed" => {
                if !matches!(self.scheduler, Some(Scheduler::Sh | Scheduler::Mh)) {
                    cx.say(&codes::HASHED, entry.span(), "`hashed` has no effect");
                }
            }
            "lvs_method" => {
                if let Some(forwarding) = grammar::forwarding::parse(cx, entry.rest(0)) {
                    self.forwarding = Some(forwarding);
                }
            }
            "protocol" => {
                self.protocol = match entry.choice(0) {
                    Some("UDP") => Some(Protocol::Udp),
                    Some("SCTP") => Some(Protocol::Sctp),
                    _ => Some(Protocol::Tcp),
                }
            }
            "ops" => self.ops = Some(entry.span()),
            "ip_family" => {
                let wanted = if entry.choice(0) == Some("inet6") {
                    Family::V6
                } else {
                    Family::V4
                };
                self.set_family(cx, wanted, entry.span());
            }
            _ => return false,
        }
        true
    }

    /// `sh-*` must follow `lvs_sched sh`, `mh-*` must follow `lvs_sched mh`; the wrong one of the two is ignored silently.
    fn hash_flag(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let wanted = if entry.name().starts_with("sh") {
            Scheduler::Sh
        } else {
            Scheduler::Mh
        };
        match self.scheduler {
            Some(scheduler) if scheduler == wanted => {
                if entry.name().ends_with("port") {
                    self.flags.flag2 = true;
                } else {
                    self.flags.flag1 = true;
                }
            }
            Some(Scheduler::Sh | Scheduler::Mh) => {}
            _ => cx.say_help(
                &codes::SCHEDULER_FLAG,
                entry.span(),
                format!(
                    "`{}` needs `lvs_sched {}` above it; it is ignored",
                    entry.name(),
                    wanted.name()
                ),
                "write the scheduler first",
            ),
        }
    }

    fn set_family(&mut self, cx: &mut Context<'_>, wanted: Family, span: Span) {
        match self.family {
            Some(known) if known != wanted => cx.say(
                &codes::VS_OPTION,
                span,
                format!("the virtual server is {known}, so {wanted} is ignored"),
            ),
            _ => self.family = Some(wanted),
        }
    }

    fn other(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        match entry.name() {
            "persistence_timeout" => self.persistence_timeout = Some(entry.opt_int(0).map_or(360, |_| entry.u32(0))),
            "persistence_granularity" => self.granularity(cx, entry),
            "persistence_engine" => self.engine = entry.boxed(0),
            "ha_suspend" => self.ha_suspend = Some(entry.span()),
            "smtp_alert" => self.smtp_alert = Some(entry.bool()),
            "virtualhost" => self.virtualhost = entry.boxed(0),
            "snmp_name" => self.snmp_name = entry.boxed(0),
            "omega" => self.omega = true,
            "inhibit_on_failure" => self.inhibit = true,
            "quorum_up" => self.quorum_up = written(cx, entry),
            "quorum_down" => self.quorum_down = written(cx, entry),
            "quorum" => self.quorum = entry.u32(0),
            "hysteresis" => self.hysteresis = entry.u32(0),
            "weight" => self.weight = entry.u32(0),
            "sorry_server" => {
                if let Some(address) = entry.addr(0) {
                    self.sorry = Some(SorryDraft {
                        address,
                        port: entry.u16(1),
                        forwarding: None,
                        inhibit: false,
                        span: entry.span_of(0),
                    });
                }
            }
            "sorry_server_inhibit" | "sorry_server_lvs_method" => self.sorry_option(cx, entry),
            _ => {}
        }
    }

    fn sorry_option(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let Some(sorry) = &mut self.sorry else {
            cx.say_help(
                &codes::SORRY_SERVER,
                entry.span(),
                format!("`{}` needs `sorry_server` above it; it is ignored", entry.name()),
                "write `sorry_server ADDRESS [PORT]` first",
            );
            return;
        };
        if entry.name() == "sorry_server_inhibit" {
            sorry.inhibit = true;
        } else if let Some(forwarding) = grammar::forwarding::parse(cx, entry.rest(0)) {
            sorry.forwarding = Some(forwarding);
        }
    }

    /// A netmask means IPv4, a number IPv6; either also makes the service persistent.
    fn granularity(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let text = entry.text(0);
        let granularity = if text.contains('.') {
            text.parse().ok().map(Granularity::Mask)
        } else {
            grammar::number::dec(text, 1, 128).ok().map(Granularity::Prefix)
        };
        let Some(granularity) = granularity else {
            cx.say_help(
                &codes::VS_OPTION,
                entry.span_of(0),
                format!("`{text}` is no persistence granularity; it is ignored"),
                "write a netmask such as 255.255.255.0 for IPv4, or a prefix length from 1 to 128 for IPv6",
            );
            return;
        };
        let family = match granularity {
            Granularity::Mask(_) => Family::V4,
            Granularity::Prefix(_) => Family::V6,
        };
        if self.family.is_some_and(|known| known != family) {
            cx.say(
                &codes::VS_OPTION,
                entry.span_of(0),
                format!("`{text}` is a granularity for {family}, but the virtual server is not; it is ignored"),
            );
            return;
        }
        self.family = Some(family);
        self.granularity = Some(granularity);
        self.persistence_timeout.get_or_insert(360);
    }
}
