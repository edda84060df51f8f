//! `vrrp_instance`: what its block says, before defaults and corrections.

use std::{collections::HashSet, net::IpAddr};

use keepalived_model::{
    address::{Address, Prefixed},
    bfd::BfdInstance,
    route::{Route, Rule},
    time::Micros,
    units::{Family, IfName, Priority, Secret, Version, Vrid},
    vrrp::{OldUnicastChecksum, Peer, Tracking, Vmac, WantState},
};

use super::{
    hmac,
    script::{Written, written},
    track::{List, Trackables},
};
use crate::{
    check::codes,
    diag::Diagnostic,
    grammar::{self, Context, link::MacWord},
    source::Span,
    table::{VRRP_INSTANCE, VRRP_INSTANCE_AUTH_HMAC, VRRP_INSTANCE_AUTHENTICATION},
    tree::Statement,
    typed::{Entry, Seen},
};

/// Gratuitous announcements of one instance, as far as written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GarpDraft {
    pub(crate) delay: Option<Micros>,
    pub(crate) repeat: Option<u32>,
    pub(crate) refresh: Option<Micros>,
    pub(crate) refresh_repeat: Option<u32>,
    pub(crate) lower_prio_delay: Option<Micros>,
    pub(crate) lower_prio_repeat: Option<u32>,
    pub(crate) extra_if: Option<(Micros, bool)>,
}

/// Scripts of one instance or group, not yet checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct NotifyDraft {
    pub(crate) generic: Option<Written>,
    pub(crate) master: Option<Written>,
    pub(crate) backup: Option<Written>,
    pub(crate) fault: Option<Written>,
    pub(crate) stop: Option<Written>,
    pub(crate) deleted: Option<Written>,
    pub(crate) master_rx_lower_pri: Option<Written>,
    pub(crate) ordered: Option<bool>,
}

impl NotifyDraft {
    /// Takes this keyword about scripts; `false` when it is none of ours.
    pub(crate) fn take(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) -> bool {
        let slot = match entry.name() {
            "notify" => &mut self.generic,
            "notify_master" => &mut self.master,
            "notify_backup" => &mut self.backup,
            "notify_fault" => &mut self.fault,
            "notify_stop" => &mut self.stop,
            "notify_deleted" => &mut self.deleted,
            "notify_master_rx_lower_pri" => &mut self.master_rx_lower_pri,
            "notify_ordered" => {
                self.ordered = Some(entry.bool());
                return true;
            }
            _ => return false,
        };
        *slot = written(cx, entry);
        true
    }
}

/// VMAC settings with what is completed later.
#[derive(Clone, Debug, Default)]
pub(crate) struct VmacDraft {
    pub(crate) vmac: Vmac,
    pub(crate) mac: Option<MacWord>,
    pub(crate) ipvlan_address: Option<Prefixed>,
}

/// Rarely written settings, kept apart so that 65,024 drafts stay small.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rare {
    pub(crate) garp: GarpDraft,
    pub(crate) notify: NotifyDraft,
    pub(crate) vmac: Option<VmacDraft>,
    pub(crate) xmit_base: bool,
    pub(crate) ah: Option<bool>,
    pub(crate) password: Option<Secret>,
    pub(crate) hmac: Option<hmac::Draft>,
    pub(crate) kernel_rx_buf_size: Option<u32>,
    pub(crate) lvs_sync_daemon_interface: Option<IfName>,
    pub(crate) debug: u8,
    pub(crate) vrf: Option<IfName>,
    pub(crate) timer_expired: Option<u8>,
    pub(crate) old_unicast: OldUnicastChecksum,
    pub(crate) unicast_ttl: Option<u8>,
    pub(crate) routes: Vec<Route>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) peer_ttl: bool,
    pub(crate) fault_no_peer: bool,
    pub(crate) linkbeat: bool,
    pub(crate) promote: bool,
    pub(crate) native_ipv6: bool,
    pub(crate) lower_prio_no_advert: Option<bool>,
    pub(crate) higher_prio_send_advert: Option<bool>,
    pub(crate) owner_ignore_adverts: Option<bool>,
    pub(crate) notify_deleted: bool,
    pub(crate) dont_track_primary: bool,
    pub(crate) track_src_ip: bool,
    pub(crate) no_vip: bool,
}

/// What an instance says about its initial state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// `state MASTER` and `priority 255`.
    Owner,
    /// `state BACKUP`.
    Backup,
    /// Anything else.
    Other,
}

/// One instance while the rest is read.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) name: Box<str>,
    pub(crate) span: Span,
    pub(crate) vrid: Option<Vrid>,
    pub(crate) family: Option<Family>,
    pub(crate) version: Option<Version>,
    pub(crate) interface: Option<IfName>,
    /// An `interface` was written, though it may have been refused.
    pub(crate) state: Option<WantState>,
    pub(crate) priority: Option<Priority>,
    pub(crate) advert: Option<Micros>,
    pub(crate) down_timer_adverts: Option<u8>,
    pub(crate) source: Option<IpAddr>,
    pub(crate) group: Option<IpAddr>,
    pub(crate) unicast_keyword: bool,
    pub(crate) check_src: bool,
    pub(crate) peers: Vec<Peer>,
    pub(crate) addresses: Vec<Address>,
    pub(crate) excluded: Vec<Address>,
    pub(crate) nopreempt: bool,
    pub(crate) preempt_delay: Option<Micros>,
    pub(crate) accept: Option<bool>,
    pub(crate) strict: Option<bool>,
    pub(crate) skip_check: Option<bool>,
    pub(crate) checksum_v2: Option<bool>,
    pub(crate) notify_priority_changes: Option<bool>,
    pub(crate) smtp_alert: Option<bool>,
    pub(crate) track: Tracking,
    /// Places of settings that may be corrected later.
    pub(crate) places: Vec<(&'static str, Span)>,
    pub(crate) rare: Option<Box<Rare>>,
}

impl Draft {
    fn new(name: &str, span: Span) -> Self {
        Self {
            name: name.into(),
            span,
            vrid: None,
            family: None,
            version: None,
            interface: None,
            state: None,
            priority: None,
            advert: None,
            down_timer_adverts: None,
            source: None,
            group: None,
            unicast_keyword: false,
            check_src: false,
            peers: Vec::new(),
            addresses: Vec::new(),
            excluded: Vec::new(),
            nopreempt: false,
            preempt_delay: None,
            accept: None,
            strict: None,
            skip_check: None,
            checksum_v2: None,
            notify_priority_changes: None,
            smtp_alert: None,
            track: Tracking::default(),
            places: Vec::new(),
            rare: None,
        }
    }

    /// What was written about the initial state, for the check of sync groups.
    pub(crate) fn wish(&self) -> Wish {
        match self.state {
            Some(WantState::Master) if self.priority.is_some_and(Priority::is_owner) => Wish::Owner,
            Some(WantState::Backup) => Wish::Backup,
            _ => Wish::Other,
        }
    }

    /// Where a setting was written, else where the instance was.
    #[must_use]
    pub(crate) fn place(&self, keyword: &str) -> Span {
        self.places
            .iter()
            .rev()
            .find(|(k, _)| *k == keyword)
            .map_or(self.span, |(_, span)| *span)
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    fn note(&mut self, entry: &Entry<'_>) {
        self.places.push((entry.name(), entry.span()));
    }

    /// The family becomes known; says so and gives `false` when another one is known already.
    fn family(&mut self, cx: &mut Context<'_>, family: Family, what: &str, span: Span) -> bool {
        match self.family {
            Some(known) if known != family => {
                cx.say_help(
                    &codes::FAMILY_CONFLICT,
                    span,
                    format!(
                        "({}) {what} is {family} but the instance is {known}; it is ignored",
                        self.name
                    ),
                    "put it into an instance of its own, or (addresses) into `virtual_ipaddress_excluded`",
                );
                false
            }
            _ => {
                self.family = Some(family);
                true
            }
        }
    }
}

/// Reads a `vrrp_instance` block.
pub(crate) fn read(
    cx: &mut Context<'_>,
    trackables: &mut Trackables,
    bfds: &[BfdInstance],
    entry: &Entry<'_>,
) -> Draft {
    let mut draft = Draft::new(entry.text(0), entry.span_of(0));
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&VRRP_INSTANCE, &mut seen, statement) else {
            continue;
        };
        if let Some(list) = List::of(inner.name()) {
            trackables.list(cx, bfds, list, inner.body(), &mut draft.track);
        } else if !draft.common(cx, &inner) {
            draft.uncommon(cx, &inner);
        }
    }
    draft
}

impl Draft {
    /// Settings that most instances have; `false` when it is none of them.
    fn common(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) -> bool {
        match entry.name() {
            "state" => self.state(cx, entry),
            "interface" => self.interface(cx, entry),
            "virtual_router_id" => self.vrid = Vrid::new(entry.u8(0)),
            "priority" => {
                self.priority = Priority::new(entry.u8(0));
                self.note(entry);
            }
            "advert_int" => {
                self.advert = entry.opt_micros(0);
                self.note(entry);
            }
            "version" => self.version(cx, entry),
            "virtual_ipaddress" => self.addresses(cx, entry.body()),
            "virtual_ipaddress_excluded" => self.excluded(cx, entry.body()),
            "unicast_peer" => self.peers(cx, entry.body()),
            "unicast_src_ip" | "mcast_src_ip" => {
                self.unicast_keyword |= entry.name() == "unicast_src_ip";
                if let Some(address) = entry.addr(0)
                    && self.family(cx, Family::of(address), "the source address", entry.span_of(0))
                {
                    self.source = Some(address);
                    self.note(entry);
                }
            }
            "nopreempt" => {
                self.nopreempt = true;
                self.note(entry);
            }
            "preempt" => self.nopreempt = false,
            "preempt_delay" => {
                self.preempt_delay = entry.opt_micros(0).filter(|d| !d.is_zero());
                self.note(entry);
            }
            "accept" => {
                self.accept = Some(true);
                self.note(entry);
            }
            "no_accept" => self.accept = Some(false),
            "strict_mode" => self.strict = Some(entry.bool()),
            // keepalived switches it on whatever the argument says; here `no` means no.
            "skip_check_adv_addr" => self.skip_check = Some(entry.bool()),
            "v3_checksum_as_v2" => self.checksum_v2 = Some(entry.bool()),
            "smtp_alert" => self.smtp_alert = Some(entry.bool()),
            "notify_priority_changes" => self.notify_priority_changes = Some(entry.bool()),
            "down_timer_adverts" => {
                self.down_timer_adverts = Some(entry.u8(0));
                self.note(entry);
            }
            "check_unicast_src" => {
                self.check_src = true;
                self.unicast_keyword = true;
            }
            _ => return false,
        }
        true
    }

    /// The rest.
    fn uncommon(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        if self.rare().notify.take(cx, entry) {
            if entry.name() == "notify_deleted" {
                self.rare().notify_deleted = true;
            }
            return;
        }
        match entry.name() {
            "mcast_dst_ip" => self.group(cx, entry),
            "authentication" => self.authentication(cx, entry),
            "auth_hmac" => self.auth_hmac(cx, entry),
            "virtual_routes" => {
                for line in entry.body() {
                    let route = grammar::route::parse(cx, &line.words, false);
                    self.rare().routes.extend(route);
                }
            }
            "virtual_rules" => {
                for line in entry.body() {
                    let rule = grammar::rule::parse(cx, &line.words, false);
                    self.rare().rules.extend(rule);
                }
            }
            "use_vmac" | "use_vmac_addr" | "use_ipvlan" => self.vmac(cx, entry),
            "vmac_xmit_base" => {
                self.rare().xmit_base = true;
                self.note(entry);
            }
            "native_ipv6" => {
                if self.family(cx, Family::V6, "`native_ipv6`", entry.span()) {
                    self.rare().native_ipv6 = true;
                }
            }
            "old_unicast_checksum" => {
                self.unicast_keyword = true;
                self.rare().old_unicast = match entry.choice(0) {
                    Some(_) => OldUnicastChecksum::Never,
                    None => OldUnicastChecksum::Always,
                };
            }
            "vrf" => {
                if let (Some(name), Some(word)) = (entry.ifname(0), entry.word(0)) {
                    cx.need_interface(name, word.span);
                    self.rare().vrf = Some(name);
                    self.note(entry);
                }
            }
            "unicast_ttl" => {
                self.rare().unicast_ttl = Some(entry.u8(0));
                self.note(entry);
            }
            "timer_expired_backup" => {
                self.rare().timer_expired = Some(entry.opt_int(0).map_or(254, |_| entry.u8(0)));
                self.note(entry);
            }
            "owner_ignore_adverts" => {
                self.rare().owner_ignore_adverts = Some(entry.bool());
                self.note(entry);
            }
            "lower_prio_no_advert" => {
                self.rare().lower_prio_no_advert = Some(entry.bool());
                self.note(entry);
            }
            "higher_prio_send_advert" => {
                self.rare().higher_prio_send_advert = Some(entry.bool());
                self.note(entry);
            }
            "lvs_sync_daemon_interface" => {
                if let (Some(name), Some(word)) = (entry.ifname(0), entry.word(0)) {
                    cx.need_interface(name, word.span);
                    self.rare().lvs_sync_daemon_interface = Some(name);
                }
                cx.say_help(
                    &codes::DEPRECATED_KEYWORD,
                    entry.span(),
                    "`lvs_sync_daemon_interface` is deprecated",
                    "write `lvs_sync_daemon INTERFACE INSTANCE` in `global_defs`",
                );
            }
            _ => self.flags(entry),
        }
    }

    fn flags(&mut self, entry: &Entry<'_>) {
        let rare = self.rare();
        let garp = &mut rare.garp;
        match entry.name() {
            "garp_master_delay" => garp.delay = Some(entry.secs(0)),
            "garp_master_repeat" => garp.repeat = Some(entry.u32(0)),
            "garp_master_refresh" => garp.refresh = Some(entry.secs(0)),
            "garp_master_refresh_repeat" => garp.refresh_repeat = Some(entry.u32(0)),
            "garp_lower_prio_delay" => garp.lower_prio_delay = Some(entry.secs(0)),
            "garp_lower_prio_repeat" => garp.lower_prio_repeat = Some(entry.u32(0)),
            "garp_extra_if" => garp.extra_if = Some((entry.secs(1), entry.has(0))),
            "unicast_fault_no_peer" => rare.fault_no_peer = true,
            "promote_secondaries" => {
                rare.promote = true;
                self.note(entry);
            }
            "linkbeat_use_polling" => rare.linkbeat = true,
            "no_virtual_ipaddress" => {
                rare.no_vip = true;
                self.note(entry);
            }
            "dont_track_primary" => rare.dont_track_primary = true,
            "track_src_ip" => rare.track_src_ip = true,
            "debug" => rare.debug = entry.u8(0),
            "kernel_rx_buf_size" => rare.kernel_rx_buf_size = Some(entry.u32(0)),
            _ => {}
        }
        if entry.name().starts_with("garp_lower") {
            self.note(entry);
        }
    }

    fn state(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let wanted = match entry.choice(0) {
            Some("MASTER") => WantState::Master,
            _ => WantState::Backup,
        };
        if self.state == Some(WantState::Master) && wanted == WantState::Backup {
            cx.say(
                &codes::BAD_STATE,
                entry.span(),
                format!("({}) `state BACKUP` after `state MASTER` is ignored", self.name),
            );
            return;
        }
        self.state = Some(wanted);
        self.note(entry);
    }

    fn interface(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let Some(name) = entry.ifname(0) else { return };
        if cx
            .need_interface(name, entry.span_of(0))
            .is_some_and(|fact| fact.loopback)
        {
            cx.say(
                &codes::LOOPBACK,
                entry.span_of(0),
                format!(
                    "({}) cannot use the loopback interface {name}; `interface` is ignored",
                    self.name
                ),
            );
            return;
        }
        self.interface = Some(name);
        self.note(entry);
    }

    fn version(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let wanted = if entry.int(0) == 3 { Version::V3 } else { Version::V2 };
        let code = match self.version {
            Some(known) if known != wanted => &codes::LATE_VERSION,
            None if wanted == Version::V2 && self.family == Some(Family::V6) => &codes::VERSION_CONFLICT,
            _ => {
                self.version = Some(wanted);
                return;
            }
        };
        cx.say(
            code,
            entry.span(),
            format!(
                "({}) version {} contradicts what was written before; it is ignored",
                self.name,
                wanted.get()
            ),
        );
    }

    fn group(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let Some(group) = entry.addr(0) else { return };
        let usable = match group {
            IpAddr::V4(v4) => v4.is_multicast(),
            // Link-local scope: ff02::/16 (RFC 4291 section 2.7).
            IpAddr::V6(v6) => v6.is_multicast() && v6.octets()[1] & 0xf == 2,
        };
        if !usable {
            cx.say(
                &codes::MCAST_GROUP,
                entry.span_of(0),
                format!(
                    "({}) {group} is no multicast group for adverts; `mcast_dst_ip` is ignored",
                    self.name
                ),
            );
        } else if self.family(cx, Family::of(group), "`mcast_dst_ip`", entry.span_of(0)) {
            self.group = Some(group);
            self.note(entry);
        }
    }

    fn addresses(&mut self, cx: &mut Context<'_>, body: &[Statement]) {
        let mut known: HashSet<IpAddr> = self.addresses.iter().map(|a| a.local.address).collect();
        let excluded: HashSet<_> = self.excluded.iter().map(|e| (e.local.address, e.interface)).collect();
        self.addresses.reserve_exact(body.len());
        for line in body {
            let Some(address) = grammar::address::parse(cx, &line.words, false) else {
                continue;
            };
            let span = line.words.first().map_or(line.span, |w| w.span);
            if !self.family(cx, address.local.family(), &format!("{}", address.local.address), span) {
                continue;
            }
            if excluded.contains(&(address.local.address, address.interface)) || !known.insert(address.local.address) {
                duplicate(cx, &self.name, &address, span);
                continue;
            }
            self.addresses.push(address);
        }
    }

    fn excluded(&mut self, cx: &mut Context<'_>, body: &[Statement]) {
        let key = |a: &Address| (a.local.address, a.interface);
        let mut known: HashSet<_> = self.excluded.iter().chain(&self.addresses).map(key).collect();
        self.excluded.reserve_exact(body.len());
        for line in body {
            let Some(address) = grammar::address::parse(cx, &line.words, false) else {
                continue;
            };
            if known.insert(key(&address)) {
                self.excluded.push(address);
            } else {
                duplicate(
                    cx,
                    &self.name,
                    &address,
                    line.words.first().map_or(line.span, |w| w.span),
                );
            }
        }
    }

    fn peers(&mut self, cx: &mut Context<'_>, body: &[Statement]) {
        self.unicast_keyword = true;
        let mut known: HashSet<IpAddr> = self.peers.iter().map(|p| p.address).collect();
        for line in body {
            let span = line.words.first().map_or(line.span, |w| w.span);
            let Some((peer, limited)) = grammar::peer::parse(cx, &line.words) else {
                continue;
            };
            if !self.family(cx, Family::of(peer.address), "the peer", span) {
                continue;
            }
            if !known.insert(peer.address) {
                cx.say(
                    &codes::PEER_DUPLICATE,
                    span,
                    format!(
                        "({}) the peer {} is listed twice; this one is ignored",
                        self.name, peer.address
                    ),
                );
                continue;
            }
            self.peers.push(peer);
            if limited {
                self.rare().peer_ttl = true;
            }
        }
        self.places
            .push(("unicast_peer", body.first().map_or(self.span, |s| s.span)));
    }

    fn vmac(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let mut draft = self.rare().vmac.take().unwrap_or_default();
        let is_ipvlan = entry.name() == "use_ipvlan";
        if draft.vmac.for_instance && entry.name() != "use_vmac_addr" && draft.vmac.ipvlan.is_some() != is_ipvlan {
            cx.say(
                &codes::LINK_OPTION,
                entry.span(),
                format!(
                    "({}) `use_vmac` and `use_ipvlan` exclude each other; this one is ignored",
                    self.name
                ),
            );
            self.rare().vmac = Some(draft);
            return;
        }
        match entry.name() {
            "use_vmac" => {
                draft.vmac.for_instance = true;
                grammar::link::use_vmac(cx, entry.rest(0), &mut draft.vmac, &mut draft.mac);
            }
            "use_vmac_addr" => draft.vmac.for_addresses = true,
            _ => {
                draft.vmac.for_instance = true;
                let address = grammar::link::use_ipvlan(cx, entry.rest(0), &mut draft.vmac);
                if let Some(address) = address
                    && self.family(cx, address.family(), "the ipvlan address", entry.span())
                {
                    draft.ipvlan_address = Some(address);
                }
            }
        }
        self.rare().vmac = Some(draft);
        self.note(entry);
    }

    fn authentication(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let secrets = &mut cx.typing.secrets;
        secrets.block(&VRRP_INSTANCE_AUTHENTICATION, "auth_pass", entry.statement);
        let mut seen = Seen::default();
        for statement in entry.body() {
            let Some(inner) = cx.typing.entry(&VRRP_INSTANCE_AUTHENTICATION, &mut seen, statement) else {
                continue;
            };
            match inner.name() {
                "auth_type" => self.rare().ah = Some(inner.choice(0) == Some("AH")),
                _ => {
                    self.rare().password = inner
                        .opt_text(0)
                        .filter(|t| !t.is_empty())
                        .map(|t| Secret::new(t.as_bytes()))
                }
            }
        }
        self.note(entry);
    }

    fn auth_hmac(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let secrets = &mut cx.typing.secrets;
        secrets.block(&VRRP_INSTANCE_AUTH_HMAC, "key", entry.statement);
        let mut draft = self.rare().hmac.take().unwrap_or_default();
        let mut seen = Seen::default();
        for statement in entry.body() {
            if let Some(inner) = cx.typing.entry(&VRRP_INSTANCE_AUTH_HMAC, &mut seen, statement) {
                draft.take(cx, &self.name, &inner);
            }
        }
        self.rare().hmac = Some(draft);
        self.note(entry);
    }
}

fn duplicate(cx: &mut Context<'_>, name: &str, address: &Address, span: Span) {
    cx.typing.say(Diagnostic::new(
        &codes::VIP_DUPLICATE,
        span,
        format!(
            "({name}) {} is listed twice; this one is ignored",
            address.local.address
        ),
    ));
}
