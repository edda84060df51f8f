//! Fix-ups of virtual servers in the order of `lvs.md` 2.9.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use keepalived_model::{
    lvs::{
        Check, CheckKind, CheckTiming, Connection, Endpoint, Forwarding, Group, GroupEntry, HttpCheck, Lvs, MiscCheck,
        Persistence, Protocol, RealServer, Scheduler, SorryServer, UdpCheck, Url, VirtualServer,
    },
    script::Command,
    time::Micros,
    units::Family,
};

use super::{
    Inherited, ServiceDraft, Services,
    check::{CheckDraft, ConnectionDraft, KindDraft},
    http::HttpDraft,
    server::ServerDraft,
};
use crate::{
    check::codes,
    grammar::Context,
    lower::{
        defaults::LvsDefaults,
        normalise::is_link_local,
        script::{Written, check as check_script, notify},
        scripts::{Loudness, Scripts},
    },
    source::Span,
};

/// Default pause between checks.
const DELAY_LOOP: Micros = Micros::from_secs(60);
/// Default time that a connection may take.
const CONNECT_TIMEOUT: Micros = Micros::from_secs(5);
/// `persistence_timeout` without an argument, and where it is needed but not written, seconds.
const PERSISTENCE: u32 = 360;

/// What a group holds.
#[derive(Clone, Copy, Debug, Default)]
struct Content {
    v4: bool,
    v6: bool,
    addresses: bool,
    marks: bool,
    bare_mark: bool,
    portless: bool,
}

impl Content {
    fn of(group: &Group) -> Self {
        let mut content = Self::default();
        for entry in &group.entries {
            let family = match entry {
                GroupEntry::Range { first, port, .. } => {
                    content.addresses = true;
                    content.portless |= *port == 0;
                    Some(Family::of(*first))
                }
                GroupEntry::Mark { family, .. } => {
                    content.marks = true;
                    content.bare_mark |= family.is_none();
                    *family
                }
            };
            content.v4 |= family == Some(Family::V4);
            content.v6 |= family == Some(Family::V6);
        }
        content
    }
}

/// Resolves groups, fills in defaults and corrects.
pub(crate) fn finish(
    cx: &mut Context<'_>,
    scripts: &mut Scripts<'_>,
    defaults: LvsDefaults,
    services: Services,
) -> Lvs {
    let mut groups = Vec::new();
    let mut contents: HashMap<Box<str>, Content> = HashMap::new();
    for (index, (group, span)) in services.groups.into_iter().enumerate() {
        // References find the first of a name.
        if services.group_index.get(&group.name) != Some(&index) {
            continue;
        }
        let content = Content::of(&group);
        if let Some(why) = unusable_group(&group, content) {
            cx.say(
                &codes::GROUP_REMOVED,
                span,
                format!("virtual_server_group {} {why}; it is removed", group.name),
            );
            continue;
        }
        contents.insert(group.name.clone(), content);
        groups.push(group);
    }
    let mut ordinals: HashMap<Box<str>, u32> = HashMap::new();
    let mut virtual_servers = Vec::with_capacity(services.services.len());
    for draft in services.services {
        let finisher = Finisher {
            content: match &draft.endpoint {
                Endpoint::Group(name) => contents.get(name).copied(),
                Endpoint::Address(..) | Endpoint::Mark(_) => None,
            },
            name: name_of(&draft.endpoint),
            cx,
            scripts,
            defaults,
        };
        let Some(mut service) = finisher.run(draft) else {
            continue;
        };
        if let Endpoint::Group(name) = &service.endpoint {
            let next = ordinals.entry(name.clone()).or_default();
            service.ordinal = *next;
            *next += 1;
        }
        virtual_servers.push(service);
    }
    Lvs {
        virtual_servers,
        groups,
        ssl: services.ssl,
    }
}

fn unusable_group(group: &Group, content: Content) -> Option<&'static str> {
    if group.entries.is_empty() {
        Some("has no entries")
    } else if content.v4 && content.v6 && content.bare_mark {
        Some("has IPv4 and IPv6 entries and a mark without family")
    } else {
        None
    }
}

fn name_of(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Address(address, port) => format!("[{address}]:{port}"),
        Endpoint::Mark(mark) => format!("FWM {mark}"),
        Endpoint::Group(name) => format!("[{name}]"),
    }
}

struct Finisher<'n, 'f, 's> {
    cx: &'n mut Context<'f>,
    scripts: &'n mut Scripts<'s>,
    defaults: LvsDefaults,
    content: Option<Content>,
    name: String,
}

impl Finisher<'_, '_, '_> {
    fn say(&mut self, code: &'static crate::diag::Code, span: Span, message: &str) {
        let message = format!("virtual server {}: {message}", self.name);
        self.cx.say(code, span, message);
    }

    fn run(mut self, mut draft: ServiceDraft) -> Option<VirtualServer> {
        let span = draft.span;
        if matches!(draft.endpoint, Endpoint::Group(_)) && self.content.is_none() {
            self.say(
                &codes::VS_GROUP,
                span,
                "the group is not defined; the virtual server is dropped",
            );
            return None;
        }
        let method = draft.forwarding;
        let forwarding_of = |own: Option<Forwarding>| own.or(method).unwrap_or_default();
        let family = self.family(&draft, method);
        self.drop_foreign(&mut draft, family, method);
        if draft.servers.is_empty() {
            self.say(&codes::VS_EMPTY, span, "it has no real servers; it is dropped");
            return None;
        }
        let family = self.join_group(span, family)?;
        let is_mark = self.pure_mark(&draft.endpoint);
        self.clear(&mut draft, is_mark);
        self.persistence(&mut draft);
        let scheduler = draft.scheduler.unwrap_or_else(|| {
            self.say(&codes::VS_DEFAULT, span, "no scheduler is set; wlc is used");
            Scheduler::Wlc
        });
        let all_set =
            draft.servers.iter().all(|s| s.forwarding.is_some()) && draft.sorry.is_none_or(|s| s.forwarding.is_some());
        if method.is_none() && !all_set {
            self.say(&codes::VS_DEFAULT, span, "no forwarding method is set; NAT is used");
        }
        let servers = std::mem::take(&mut draft.servers);
        let real_servers = self.servers(&draft, servers, is_mark, method);
        let (quorum, hysteresis) = self.quorum(&draft, &real_servers);
        let sorry_server = draft.sorry.map(|sorry| {
            let forwarding = forwarding_of(sorry.forwarding);
            let port = self.port(&draft.endpoint, is_mark, forwarding, sorry.port, sorry.span);
            let twin = real_servers
                .iter()
                .find(|r| r.address == sorry.address && r.port == port);
            if let Some(twin) = twin.filter(|t| t.inhibit_on_failure != sorry.inhibit) {
                let message = format!(
                    "the sorry server is also a real server; its inhibit setting becomes {}",
                    twin.inhibit_on_failure
                );
                self.say(&codes::VS_CLEARED, sorry.span, &message);
            }
            SorryServer {
                address: sorry.address,
                port,
                forwarding,
                inhibit: twin.map_or(sorry.inhibit, |t| t.inhibit_on_failure),
            }
        });
        let name = self.name.clone();
        let mut script = |written, keyword| notify(self.scripts, self.cx, written, &name, keyword);
        let quorum_up = script(draft.quorum_up.take(), "quorum_up");
        let quorum_down = script(draft.quorum_down.take(), "quorum_down");
        Some(VirtualServer {
            ordinal: 0,
            family,
            protocol: draft.protocol,
            scheduler,
            flags: draft.flags,
            one_packet: draft.ops.is_some(),
            forwarding: forwarding_of(None),
            persistence: draft.persistence_timeout.map(|timeout| Persistence {
                timeout,
                granularity: draft.granularity,
                engine: draft.engine.clone(),
            }),
            alpha: draft.inherited.alpha.unwrap_or(false),
            omega: draft.omega,
            ha_suspend: draft.ha_suspend.is_some(),
            inhibit_on_failure: draft.inhibit,
            delay_loop: draft.inherited.delay_loop.unwrap_or(DELAY_LOOP),
            quorum,
            hysteresis,
            quorum_up,
            quorum_down,
            smtp_alert: draft.smtp_alert.or(self.defaults.smtp_alert).unwrap_or(false),
            virtualhost: draft.virtualhost,
            snmp_name: draft.snmp_name,
            sorry_server,
            real_servers,
            endpoint: draft.endpoint,
        })
    }

    /// What is written, else that of servers that are not tunnelled, else what all tunnelled ones have in common.
    fn family(&self, draft: &ServiceDraft, method: Option<Forwarding>) -> Option<Family> {
        if draft.family.is_some() {
            return draft.family;
        }
        let is_tunnel = |own: Option<Forwarding>| matches!(own.or(method), Some(Forwarding::Tun(_)));
        let all = || {
            let servers = draft.servers.iter().map(|s| (s.address, s.forwarding));
            servers.chain(draft.sorry.iter().map(|s| (s.address, s.forwarding)))
        };
        if let Some((address, _)) = all().find(|(_, own)| !is_tunnel(*own)) {
            return Some(Family::of(address));
        }
        let mut families = all().map(|(address, _)| Family::of(address));
        let first = families.next()?;
        families.all(|f| f == first).then_some(first)
    }

    fn drop_foreign(&mut self, draft: &mut ServiceDraft, family: Option<Family>, method: Option<Forwarding>) {
        let Some(family) = family else { return };
        let is_foreign = |address: IpAddr, own: Option<Forwarding>| {
            Family::of(address) != family && !matches!(own.or(method), Some(Forwarding::Tun(_)))
        };
        let mut foreign = Vec::new();
        draft.servers.retain(|server| {
            let drop = is_foreign(server.address, server.forwarding);
            if drop {
                foreign.push((server.span, format!("real server {}", server.address)));
            }
            !drop
        });
        if let Some(sorry) = draft.sorry.filter(|s| is_foreign(s.address, s.forwarding)) {
            foreign.push((sorry.span, format!("sorry server {}", sorry.address)));
            draft.sorry = None;
        }
        for (span, what) in foreign {
            let message = format!("{what} is not {family}; it is skipped");
            self.say(&codes::RS_FAMILY, span, &message);
        }
    }

    /// A group of both families needs an undetermined family; otherwise they must agree. The outer `None`: dropped.
    fn join_group(&mut self, span: Span, family: Option<Family>) -> Option<Option<Family>> {
        let Some(content) = self.content else {
            return Some(Some(family.unwrap_or(Family::V4)));
        };
        let agreed = match (family, content.v4, content.v6) {
            (None, true, true) => Some(None),
            (Some(_), true, true) | (Some(Family::V6), true, false) | (Some(Family::V4), false, true) => None,
            (None, true, false) => Some(Some(Family::V4)),
            (None, false, true) => Some(Some(Family::V6)),
            (None, false, false) => Some(Some(Family::V4)),
            (Some(family), ..) => Some(Some(family)),
        };
        if agreed.is_none() {
            self.say(
                &codes::VS_GROUP,
                span,
                "the addresses of the group are of another family; the virtual server is dropped",
            );
        }
        agreed
    }

    fn pure_mark(&self, endpoint: &Endpoint) -> bool {
        match endpoint {
            Endpoint::Address(..) => false,
            Endpoint::Mark(_) => true,
            Endpoint::Group(_) => self.content.is_some_and(|c| !c.addresses),
        }
    }

    /// Items 1, 2 and 4.
    fn clear(&mut self, draft: &mut ServiceDraft, is_mark: bool) {
        let has_mark = is_mark || self.content.is_some_and(|c| c.marks);
        if let Some(span) = draft.ha_suspend.filter(|_| has_mark) {
            self.say(
                &codes::VS_CLEARED,
                span,
                "`ha_suspend` is not possible with firewall marks; it is cleared",
            );
            draft.ha_suspend = None;
        }
        match (is_mark, draft.protocol) {
            (true, Some(_)) => {
                self.say(
                    &codes::VS_CLEARED,
                    draft.span,
                    "a protocol is specified for fwmark; it is ignored",
                );
                draft.protocol = None;
            }
            (false, None) => {
                self.say(&codes::VS_DEFAULT, draft.span, "no protocol is set; UDP is used");
                draft.protocol = Some(Protocol::Udp);
            }
            _ => {}
        }
        if let Some(span) = draft.ops
            && !matches!(draft.protocol, None | Some(Protocol::Udp))
        {
            self.say(
                &codes::VS_CLEARED,
                span,
                "`ops` is possible with UDP and firewall marks only; it is cleared",
            );
            draft.ops = None;
        }
    }

    /// Items 2 and 3.
    fn persistence(&mut self, draft: &mut ServiceDraft) {
        let portless = matches!(draft.endpoint, Endpoint::Address(_, 0)) || self.content.is_some_and(|c| c.portless);
        if portless && draft.persistence_timeout.is_none() {
            self.say(
                &codes::VS_PORT_ZERO,
                draft.span,
                "zero port only valid for persistent services; persistence_timeout 360 is set",
            );
            draft.persistence_timeout = Some(PERSISTENCE);
        }
    }

    /// Item 9; never below zero.
    fn quorum(&mut self, draft: &ServiceDraft, servers: &[RealServer]) -> (u32, u32) {
        let total: u64 = servers.iter().map(|s| u64::from(s.weight)).sum();
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        let (mut quorum, mut hysteresis) = (draft.quorum, draft.hysteresis);
        if quorum > total {
            let message = format!("quorum {quorum} exceeds the total weight {total}; it is reduced to it");
            self.say(&codes::VS_QUORUM, draft.span, &message);
            quorum = total;
        }
        if hysteresis != 0 && hysteresis >= quorum {
            let reduced = quorum.saturating_sub(1);
            let message = format!("hysteresis {hysteresis} is not below the quorum; {reduced} is used");
            self.say(&codes::VS_QUORUM, draft.span, &message);
            hysteresis = reduced;
        }
        (quorum, hysteresis)
    }

    /// Item 10.
    fn port(&mut self, endpoint: &Endpoint, is_mark: bool, forwarding: Forwarding, port: u16, span: Span) -> u16 {
        let rewrites = forwarding == Forwarding::Nat;
        match endpoint {
            Endpoint::Address(_, service) if port == 0 => *service,
            Endpoint::Address(_, service) if !rewrites && port != *service => {
                let message =
                    format!("port {port} of the server does not match port {service} of the service; it is reset");
                self.say(&codes::RS_PORT, span, &message);
                *service
            }
            Endpoint::Mark(_) if !rewrites && port != 0 => {
                self.say(
                    &codes::RS_PORT,
                    span,
                    "a server of a firewall mark has no port of its own; it is cleared",
                );
                0
            }
            Endpoint::Group(_) if !rewrites && port != 0 && is_mark => {
                self.say(
                    &codes::RS_PORT,
                    span,
                    "a server of a firewall mark has no port of its own",
                );
                port
            }
            _ => port,
        }
    }

    fn servers(
        &mut self,
        draft: &ServiceDraft,
        servers: Vec<ServerDraft>,
        is_mark: bool,
        method: Option<Forwarding>,
    ) -> Vec<RealServer> {
        let mut known: HashSet<(IpAddr, u16)> = HashSet::with_capacity(servers.len());
        let mut finished = Vec::with_capacity(servers.len());
        for server in servers {
            if !known.insert((server.address, server.port)) {
                let message = format!(
                    "real server {} {} is listed twice; this one is dropped",
                    server.address, server.port
                );
                self.say(&codes::RS_DUPLICATE, server.span, &message);
                continue;
            }
            finished.push(self.server(draft, server, is_mark, method));
        }
        finished
    }

    fn server(
        &mut self,
        draft: &ServiceDraft,
        server: ServerDraft,
        is_mark: bool,
        method: Option<Forwarding>,
    ) -> RealServer {
        let forwarding = server.forwarding.or(method).unwrap_or_default();
        let port = self.port(&draft.endpoint, is_mark, forwarding, server.port, server.span);
        let inherited = server.inherited.or(draft.inherited);
        let target = Target {
            address: server.address,
            // Where the port of the server is cleared, checks still connect to the one that was written.
            port: if is_mark { server.port } else { port },
            inherited,
            virtualhost: server.virtualhost.clone().or_else(|| draft.virtualhost.clone()),
            delay_loop: draft.inherited.delay_loop.unwrap_or(DELAY_LOOP),
        };
        let checks = server
            .checks
            .into_iter()
            .filter_map(|check| self.check(&target, check))
            .collect();
        let owner = format!("{} RS {}", self.name, server.address);
        let mut script = |written: Option<Written>, keyword: &str| -> Option<Box<Command>> {
            notify(self.scripts, self.cx, written, &owner, keyword)
        };
        RealServer {
            address: server.address,
            port,
            weight: server.weight.unwrap_or(draft.weight),
            forwarding,
            upper_threshold: server.upper_threshold,
            lower_threshold: server.lower_threshold,
            inhibit_on_failure: server.inhibit.unwrap_or(draft.inhibit),
            alpha: inherited.alpha.unwrap_or(false),
            smtp_alert: server.smtp_alert.or(self.defaults.smtp_alert).unwrap_or(true),
            notify_up: script(server.notify_up, "notify_up"),
            notify_down: script(server.notify_down, "notify_down"),
            virtualhost: server.virtualhost,
            snmp_name: server.snmp_name,
            checks,
        }
    }

    /// Item 11, `lvs.md` 2.10. `None`: the check is dropped, which was said.
    fn check(&mut self, target: &Target, draft: CheckDraft) -> Option<Check> {
        let settings = draft.inherited.or(target.inherited);
        let delay_loop = settings.delay_loop.unwrap_or(DELAY_LOOP);
        let (retry, pause) = match draft.kind {
            KindDraft::Http(_) | KindDraft::Ssl(_) => (1, Micros::from_secs(3)),
            KindDraft::Dns { .. } => (3, delay_loop),
            KindDraft::Misc { .. } => (0, Micros::SECOND),
            _ => (1, Micros::SECOND),
        };
        let timing = CheckTiming {
            delay_loop,
            warmup: settings.warmup.unwrap_or(delay_loop),
            retry: settings.retry.unwrap_or(retry),
            delay_before_retry: settings.delay_before_retry.unwrap_or(pause),
            alpha: settings.alpha.unwrap_or(false),
            log_all_failures: draft.log_all_failures.unwrap_or(self.defaults.log_all_failures),
        };
        // Events come by themselves: nothing is scheduled.
        let timing = match draft.kind {
            KindDraft::File { .. } | KindDraft::Bfd { .. } => CheckTiming {
                delay_loop: DELAY_LOOP,
                warmup: Micros::ZERO,
                retry: 0,
                delay_before_retry: Micros::ZERO,
                alpha: timing.alpha && matches!(draft.kind, KindDraft::Bfd { .. }),
                log_all_failures: false,
            },
            _ => timing,
        };
        let connects = !matches!(
            draft.kind,
            KindDraft::Misc { .. } | KindDraft::File { .. } | KindDraft::Bfd { .. }
        );
        let connection = target.connection(draft.connection, settings.connect_timeout);
        let homeless = connects
            && matches!(connection.address, IpAddr::V6(_))
            && is_link_local(connection.address)
            && connection.bind_interface.is_none();
        if homeless {
            let message = format!(
                "the check of link-local {} needs `bind_if`; it is dropped",
                connection.address
            );
            self.say(&codes::CHECK_LINK_LOCAL, draft.span, &message);
            return None;
        }
        let kind = self.kind(target, draft.kind, connection)?;
        Some(Check { timing, kind })
    }

    fn kind(&mut self, target: &Target, draft: KindDraft, connection: Connection) -> Option<CheckKind> {
        Some(match draft {
            KindDraft::Tcp => CheckKind::Tcp(connection),
            KindDraft::Ping => CheckKind::Ping(connection),
            KindDraft::Http(http) => CheckKind::Http(http_check(target, *http, connection)),
            KindDraft::Ssl(http) => CheckKind::Ssl(http_check(target, *http, connection)),
            KindDraft::Smtp { helo_name } => CheckKind::Smtp {
                connection,
                helo_name: helo_name.unwrap_or_else(|| "smtpchecker.keepalived.org".into()),
            },
            KindDraft::Dns { record, name } => CheckKind::Dns {
                connection,
                record,
                name,
            },
            KindDraft::Udp {
                payload,
                reply,
                min_reply,
                max_reply,
            } => CheckKind::Udp(Box::new(UdpCheck {
                connection,
                payload,
                reply,
                min_reply,
                max_reply,
            })),
            KindDraft::Misc {
                command,
                timeout,
                dynamic,
            } => {
                let what = format!("MISC_CHECK of {} RS {}", self.name, target.address);
                let (command, _) = check_script(self.scripts, self.cx, command, &what, Loudness::UserReported)?;
                CheckKind::Misc(Box::new(MiscCheck {
                    command: *command,
                    timeout: timeout.unwrap_or(target.delay_loop),
                    dynamic,
                }))
            }
            KindDraft::File {
                track_file,
                weight,
                reverse,
            } => CheckKind::File {
                track_file,
                weight,
                reverse,
            },
            KindDraft::Bfd { session } => CheckKind::Bfd { session },
        })
    }
}

/// What the checks of one server need of it.
struct Target {
    address: IpAddr,
    port: u16,
    inherited: Inherited,
    virtualhost: Option<Box<str>>,
    /// Of the service, for `misc_timeout`.
    delay_loop: Micros,
}

impl Target {
    fn connection(&self, draft: ConnectionDraft, timeout: Option<Micros>) -> Connection {
        let address = draft.address.unwrap_or(self.address);
        Connection {
            address,
            port: draft.port.unwrap_or(self.port),
            bind_address: draft.bind_address.filter(|b| Family::of(*b) == Family::of(address)),
            bind_port: draft.bind_port,
            bind_interface: draft.bind_interface,
            timeout: timeout.unwrap_or(CONNECT_TIMEOUT),
            fwmark: draft.fwmark,
        }
    }
}

fn http_check(target: &Target, draft: HttpDraft, connection: Connection) -> Box<HttpCheck> {
    let compliant = draft.tls_compliant;
    Box::new(HttpCheck {
        connection,
        protocol: draft.protocol,
        virtualhost: draft.virtualhost.or_else(|| target.virtualhost.clone()),
        fast_recovery: draft.fast_recovery,
        sni: draft.sni,
        sni_name: draft.sni_name,
        tls_compliant: compliant,
        urls: draft
            .urls
            .into_iter()
            .map(|url| Url {
                path: url.path,
                digest: url.digest,
                status: url.status,
                virtualhost: url.virtualhost,
                regex: url.regex,
                tls_compliant: url.tls_compliant.unwrap_or(compliant),
            })
            .collect(),
    })
}
