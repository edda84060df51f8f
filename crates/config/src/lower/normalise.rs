//! From what an instance's block says to the instance: defaults and corrections in the order of `vrrp.md` 2.2.

use std::{collections::HashSet, net::IpAddr};

use keepalived_model::{
    address::Address,
    script::NotifyScripts,
    time::Micros,
    units::{Family, Priority, Version},
    vrrp::{
        Authentication, Checksum, Garp, Instance, OldUnicastChecksum, Preemption, TrackRef, Transport, Vmac, WantState,
    },
};

use super::{
    defaults::VrrpDefaults,
    instance::{Draft, NotifyDraft, Rare, VmacDraft},
    script::notify,
    scripts::Scripts,
};
use crate::{
    check::codes,
    diag::{Code, Diagnostic},
    facts::InterfaceFact,
    grammar::Context,
    source::Span,
};

/// Reason of a permanent fault that `unicast_fault_no_peer` asks for; recognised when a model is printed again.
pub const FAULT_NO_PEER: &str = "no unicast peer";

/// What all instances share while they are finished.
pub(crate) struct Finishing<'a, 'f> {
    pub(crate) cx: &'a mut Context<'f>,
    pub(crate) scripts: &'a mut Scripts<'f>,
    pub(crate) defaults: &'a VrrpDefaults,
    /// Names of scripts that are usable.
    pub(crate) usable: &'a HashSet<Box<str>>,
}

/// Turns a draft into an instance. `None`: it cannot exist, which was said and is fatal.
pub(crate) fn finish(with: &mut Finishing<'_, '_>, mut draft: Draft) -> Option<Instance> {
    let rare = draft.rare.take().map_or_else(Rare::default, |r| *r);
    Normaliser {
        strict: draft.strict.unwrap_or(with.defaults.strict),
        fact: draft.interface.and_then(|name| with.cx.interface(name)),
        with,
        draft,
        rare,
        fault: None,
    }
    .run()
}

struct Normaliser<'n, 'a, 'f> {
    with: &'n mut Finishing<'a, 'f>,
    draft: Draft,
    rare: Rare,
    strict: bool,
    fact: Option<InterfaceFact>,
    fault: Option<Box<str>>,
}

impl Normaliser<'_, '_, '_> {
    fn say(&mut self, code: &'static Code, span: Span, message: &str) {
        let message = format!("({}) {message}", self.draft.name);
        self.with.cx.say(code, span, message);
    }

    fn help(&mut self, code: &'static Code, span: Span, message: &str, help: &str) {
        let message = format!("({}) {message}", self.draft.name);
        self.with.cx.say_help(code, span, message, help);
    }

    fn run(mut self) -> Option<Instance> {
        let Some(vrid) = self.draft.vrid else {
            self.help(
                &codes::VRID_MISSING,
                self.draft.span,
                "the virtual router id must be set",
                "add `virtual_router_id N`, the same on all routers of the group",
            );
            return None;
        };
        let family = self.draft.family.unwrap_or(Family::V4);
        let version = self.version(family);
        let priority = self.priority();
        let want_state = self.want_state(priority);
        let mut authentication = self.authentication(version, family);
        let advert_interval = self.advert(version);
        let auth_hmac = self.rare.hmac.take().and_then(|hmac| {
            let span = self.draft.place("auth_hmac");
            hmac.finish(self.with.cx, &self.draft.name, span, advert_interval, self.strict)
        });
        if auth_hmac.is_some() && authentication != Authentication::None {
            self.say(
                &codes::AUTH_DROPPED,
                self.draft.place("authentication"),
                "auth_hmac replaces the authentication of RFC 2338",
            );
            authentication = Authentication::None;
        }
        let want_state = self.ah_state(&authentication, want_state, priority);
        let is_unicast = !self.draft.peers.is_empty();
        let vmac = self.vmac(is_unicast, vrid.get(), family);
        if !self.reachable(is_unicast) {
            return None;
        }
        self.vrf(is_unicast);
        let transport = self.transport(family);
        self.vips(version, family, &authentication, auth_hmac.is_some(), is_unicast);
        let preemption = self.preemption(priority, want_state);
        let accept = self.accept(version, priority);
        let garp = self.garp();
        let (lower_prio_no_advert, higher_prio_send_advert, owner_ignore_adverts) = self.advert_habits(priority);
        let down_timer_adverts = self.down_timer();
        self.own_interface();
        self.owner_weights(priority);
        let usable = self.with.usable;
        self.draft.track.scripts.retain(|r| usable.contains(&r.name));
        let notify = notify_scripts(self.with, &self.draft.name, std::mem::take(&mut self.rare.notify));
        if self.rare.promote && vmac.as_ref().is_some_and(|v| v.for_instance) {
            self.say(
                &codes::VMAC_OPTION,
                self.draft.place("promote_secondaries"),
                "`promote_secondaries` is always on for a virtual MAC interface",
            );
            self.rare.promote = false;
        }
        let Self {
            with,
            draft,
            rare,
            strict,
            ..
        } = self;
        let timer_expired = timer_expired(with.cx, &draft, &rare, preemption);
        Some(Instance {
            name: draft.name,
            vrid,
            family,
            version,
            interface: draft.interface,
            vrf: rare.vrf,
            want_state,
            priority,
            advert_interval,
            down_timer_adverts,
            track_src_ip: rare.track_src_ip && draft.source.is_some(),
            transport,
            dont_track_primary: rare.dont_track_primary,
            authentication,
            auth_hmac,
            addresses: draft.addresses,
            excluded_addresses: draft.excluded,
            routes: rare.routes,
            rules: rare.rules,
            promote_secondaries: rare.promote,
            preemption,
            timer_expired_backup: timer_expired,
            accept,
            strict,
            skip_check_adv_addr: draft.skip_check.unwrap_or(with.defaults.skip_check_adv_addr),
            lower_prio_no_advert,
            higher_prio_send_advert,
            owner_ignore_adverts,
            checksum: Checksum {
                v3_as_v2: draft.checksum_v2.unwrap_or(with.defaults.v3_checksum_as_v2),
                old_unicast: if is_unicast {
                    rare.old_unicast
                } else {
                    OldUnicastChecksum::Detect
                },
                old_group: with.defaults.group4,
            },
            garp,
            vmac,
            track: draft.track,
            notify,
            notify_deleted: rare.notify_deleted,
            notify_priority_changes: draft
                .notify_priority_changes
                .unwrap_or(with.defaults.notify_priority_changes),
            smtp_alert: draft.smtp_alert.unwrap_or(with.defaults.smtp_alert),
            kernel_rx_buf_size: rare.kernel_rx_buf_size,
            linkbeat_use_polling: rare.linkbeat,
            lvs_sync_daemon_interface: rare.lvs_sync_daemon_interface,
            debug: rare.debug,
            config_fault: self.fault,
        })
    }

    /// Items 2: IPv6 means version 3, unless version 2 was written before the family was known.
    fn version(&mut self, family: Family) -> Version {
        match (self.draft.version, family) {
            (Some(Version::V2), Family::V6) if self.strict => {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("version"),
                    "strict mode knows IPv6 with version 3 only; version 3 is used",
                );
                Version::V3
            }
            (Some(version), _) => version,
            (None, Family::V6) => Version::V3,
            (None, Family::V4) => self.with.defaults.version,
        }
    }

    fn priority(&self) -> Priority {
        match (self.draft.priority, self.draft.state) {
            (Some(priority), _) => priority,
            (None, Some(WantState::Master)) => Priority::OWNER,
            (None, _) => Priority::DEFAULT,
        }
    }

    fn want_state(&mut self, priority: Priority) -> WantState {
        let by_priority = if priority.is_owner() {
            WantState::Master
        } else {
            WantState::Backup
        };
        match self.draft.state {
            None => by_priority,
            Some(wanted) if self.strict && wanted != by_priority => {
                self.help(
                    &codes::STATE_CORRECTED,
                    self.draft.place("state"),
                    "in strict mode the initial state is MASTER exactly for priority 255; it is corrected",
                    "remove `state`",
                );
                by_priority
            }
            Some(wanted) => wanted,
        }
    }

    /// Item 6.
    fn authentication(&mut self, version: Version, family: Family) -> Authentication {
        let password = self.rare.password.take();
        let Some(is_ah) = self.rare.ah else {
            return Authentication::None;
        };
        let why = if self.strict {
            "strict mode does not support authentication"
        } else if version == Version::V3 {
            "VRRP version 3 does not support authentication"
        } else if password.is_none() {
            "authentication has no password"
        } else if is_ah && family == Family::V6 {
            "AH authentication is possible with IPv4 only"
        } else {
            return match password {
                Some(secret) if is_ah => Authentication::Ah(secret),
                Some(secret) => Authentication::Password(secret),
                None => Authentication::None,
            };
        };
        self.help(
            &codes::AUTH_DROPPED,
            self.draft.place("authentication"),
            &format!("{why}; it is ignored"),
            "remove the `authentication` block, or use `auth_hmac`",
        );
        Authentication::None
    }

    fn ah_state(&mut self, authentication: &Authentication, wanted: WantState, priority: Priority) -> WantState {
        if matches!(authentication, Authentication::Ah(_)) && wanted == WantState::Master && !priority.is_owner() {
            self.say(
                &codes::STATE_CORRECTED,
                self.draft.place("state"),
                "initial state MASTER is not possible with AH below priority 255; BACKUP is used",
            );
            return WantState::Backup;
        }
        wanted
    }

    /// Item 17.
    fn advert(&mut self, version: Version) -> Micros {
        let written = self.draft.advert.unwrap_or(Micros::SECOND).as_micros();
        let (step, least, most, what) = match version {
            Version::V2 => (
                1_000_000,
                1_000_000,
                255_000_000,
                "VRRPv2 intervals are whole seconds from 1 to 255",
            ),
            Version::V3 => (
                10_000,
                10_000,
                40_950_000,
                "VRRPv3 intervals are steps of 10 ms from 0.01 s to 40.95 s",
            ),
        };
        let rounded = (((written + step / 2) / step) * step).clamp(least, most);
        if rounded != written {
            let text = seconds(rounded);
            let span = self.draft.place("advert_int");
            let message = format!("({}) {what}; {text} s is used", self.draft.name);
            self.with
                .cx
                .typing
                .say(Diagnostic::new(&codes::ADVERT_ROUNDED, span, message).fix(
                    span,
                    format!("advert_int {text}"),
                    format!("write `advert_int {text}`"),
                ));
        }
        Micros(rounded)
    }

    /// Items 9 to 11: can adverts get anywhere? `false` is fatal.
    fn reachable(&mut self, is_unicast: bool) -> bool {
        let span = self.draft.span;
        let Some(interface) = self.draft.interface else {
            if !self.draft.unicast_keyword {
                self.help(
                    &codes::NO_INTERFACE,
                    span,
                    "no interface is given",
                    "add `interface NAME`",
                );
                return false;
            }
            let Some(source) = self.draft.source else {
                self.help(
                    &codes::UNICAST_WITHOUT_SOURCE,
                    span,
                    "a unicast instance needs `unicast_src_ip` or `interface`",
                    "add `unicast_src_ip ADDRESS`",
                );
                return false;
            };
            if is_link_local(source) {
                self.help(
                    &codes::LINK_LOCAL_WITHOUT_INTERFACE,
                    self.draft.place("unicast_src_ip"),
                    "a link-local source address needs an interface",
                    "add `interface NAME`",
                );
                return false;
            }
            if !is_unicast {
                self.help(
                    &codes::NO_INTERFACE,
                    span,
                    "no interface is given and no peer is left",
                    "add `interface NAME`",
                );
                return false;
            }
            return true;
        };
        let can_multicast = self.fact.is_none_or(|f| f.multicast);
        if self.strict && is_unicast && self.fact.is_some() && can_multicast {
            self.help(
                &codes::UNICAST_STRICT,
                self.draft.place("unicast_peer"),
                "unicast peers are not supported in strict mode",
                "remove the peers, or strict mode",
            );
        }
        if let Some(fact) = self.fact {
            let has_vmac = self.rare.vmac.as_ref().is_some_and(|v| v.vmac.for_instance);
            if has_vmac && !fact.ethernet {
                self.say(
                    &codes::CONFIG_FAULT,
                    self.draft.place("interface"),
                    &format!("{interface} is no Ethernet interface, so it cannot carry a virtual MAC; the instance stays in FAULT"),
                );
                self.fault = Some(format!("{interface} cannot carry a virtual MAC").into());
            } else if !fact.multicast && !is_unicast {
                self.say(
                    &codes::CONFIG_FAULT,
                    self.draft.place("interface"),
                    &format!(
                        "{interface} cannot do multicast and there are no unicast peers; the instance stays in FAULT"
                    ),
                );
                self.fault = Some(format!("{interface} cannot do multicast").into());
            }
        }
        true
    }

    fn vrf(&mut self, is_unicast: bool) {
        if self.rare.vrf.is_some() && (self.draft.interface.is_some() || !is_unicast) {
            self.say(
                &codes::VRF_DROPPED,
                self.draft.place("vrf"),
                "`vrf` is possible only for unicast without `interface`; it is cleared",
            );
            self.rare.vrf = None;
        }
    }

    /// Item 8.
    fn transport(&mut self, family: Family) -> Transport {
        if !self.draft.peers.is_empty() {
            if self.draft.group.is_some() {
                self.say(
                    &codes::UNICAST_OPTION,
                    self.draft.place("mcast_dst_ip"),
                    "`mcast_dst_ip` has no effect with unicast peers",
                );
            }
            // IPv4 unicast leaves with TTL 255 too; the IPv6 default is that of the kernel (item 3).
            let ttl = self.rare.unicast_ttl.or((family == Family::V4).then_some(255));
            return Transport::Unicast {
                source: self.draft.source,
                peers: std::mem::take(&mut self.draft.peers),
                ttl,
                check_source: self.draft.check_src || self.rare.peer_ttl || self.with.defaults.check_unicast_src,
            };
        }
        if self.draft.unicast_keyword {
            if self.rare.fault_no_peer {
                self.say(
                    &codes::CONFIG_FAULT_NOTE,
                    self.draft.span,
                    "there is no unicast peer; the instance stays in FAULT",
                );
                self.fault.get_or_insert_with(|| FAULT_NO_PEER.into());
            } else {
                self.help(
                    &codes::NO_PEERS,
                    self.draft.span,
                    "a unicast keyword was written but there is no unicast peer; multicast is used",
                    "add a `unicast_peer` block, or write `mcast_src_ip` instead of `unicast_src_ip`",
                );
            }
        }
        if self.rare.unicast_ttl.is_some() {
            self.say(
                &codes::UNICAST_OPTION,
                self.draft.place("unicast_ttl"),
                "`unicast_ttl` has no effect without unicast peers",
            );
        }
        let group = self.draft.group.unwrap_or(match family {
            Family::V4 => self.with.defaults.group4.into(),
            Family::V6 => self.with.defaults.group6,
        });
        Transport::Multicast {
            group,
            source: self.draft.source,
        }
    }

    fn vmac(&mut self, is_unicast: bool, vrid: u8, family: Family) -> Option<Box<Vmac>> {
        let Some(draft) = self.rare.vmac.take() else {
            if self.rare.xmit_base {
                self.say(
                    &codes::VMAC_OPTION,
                    self.draft.place("vmac_xmit_base"),
                    "`vmac_xmit_base` has no effect without `use_vmac`",
                );
            }
            return None;
        };
        let place = self.draft.place("use_vmac");
        let VmacDraft {
            mut vmac,
            mac,
            ipvlan_address,
        } = draft;
        vmac.address = ipvlan_address;
        if let Some(address) = ipvlan_address {
            self.draft.source.get_or_insert(address.address);
        }
        if self.draft.interface.is_none() && vmac.for_instance {
            self.say(
                &codes::VMAC_OPTION,
                place,
                "a virtual MAC needs an interface; `use_vmac` is cleared",
            );
            return None;
        }
        if let Some(mut mac) = mac {
            if self.strict {
                self.say(
                    &codes::STRICT_RESET,
                    place,
                    "strict mode uses the MAC address of RFC 9568; the written one is cleared",
                );
            } else {
                if !mac.complete {
                    mac.octets[5] = vrid;
                }
                vmac.mac = Some(mac.octets);
            }
        }
        if vmac.ipvlan.is_some() && ipvlan_address.is_none() && family == Family::V4 {
            self.say(
                &codes::CONFIG_FAULT,
                self.draft.place("use_ipvlan"),
                "an IPv4 ipvlan needs an address of its own; the instance stays in FAULT",
            );
            self.fault = Some("the ipvlan has no address".into());
        }
        vmac.xmit_base = self.xmit_base(&vmac, is_unicast);
        // Put back what `reachable` looks at.
        self.rare.vmac = Some(VmacDraft {
            vmac: vmac.clone(),
            ..VmacDraft::default()
        });
        Some(Box::new(vmac))
    }

    fn xmit_base(&mut self, vmac: &Vmac, is_unicast: bool) -> bool {
        let written = self.draft.place("vmac_xmit_base");
        if self.rare.xmit_base && !vmac.for_instance {
            self.say(
                &codes::VMAC_OPTION,
                written,
                "`vmac_xmit_base` has no effect without `use_vmac`",
            );
            return false;
        }
        if is_unicast && vmac.for_instance {
            if !self.rare.xmit_base {
                self.help(
                    &codes::XMIT_BASE_SET,
                    self.draft.place("use_vmac"),
                    "unicast with a virtual MAC needs `vmac_xmit_base`; it is set",
                    "add `vmac_xmit_base`",
                );
            }
            return true;
        }
        if self.rare.xmit_base && self.strict {
            self.say(
                &codes::STRICT_RESET,
                written,
                "strict mode sends from the virtual MAC; `vmac_xmit_base` is cleared",
            );
            return false;
        }
        self.rare.xmit_base
    }

    /// Items 12, 13 and 20, and addresses without interface.
    fn vips(&mut self, version: Version, family: Family, auth: &Authentication, has_hmac: bool, is_unicast: bool) {
        if self.draft.interface.is_none() {
            self.drop_homeless();
        }
        if family == Family::V6
            && !is_unicast
            && let Some(first) = self.draft.addresses.first()
            && !is_link_local(first.local.address)
        {
            let code = if self.strict {
                &codes::VIP_NOT_LINK_LOCAL_STRICT
            } else {
                &codes::VIP_NOT_LINK_LOCAL
            };
            self.help(
                code,
                self.draft.span,
                "the first IPv6 address should be link-local",
                "put an address of fe80::/10 first",
            );
        }
        self.limit_vips(version, family, auth, has_hmac);
        if self.draft.addresses.is_empty() {
            self.no_vip(version);
        }
    }

    fn drop_homeless(&mut self) {
        let keep = |list: &mut Vec<Address>| {
            let before = list.len();
            list.retain(|a| a.interface.is_some());
            before - list.len()
        };
        let dropped = keep(&mut self.draft.addresses) + keep(&mut self.draft.excluded);
        if dropped != 0 {
            self.help(
                &codes::VIP_WITHOUT_INTERFACE,
                self.draft.span,
                &format!("{dropped} addresses have no interface and are dropped"),
                "add `dev INTERFACE` to each",
            );
        }
    }

    /// An advert holds at most 255 addresses and must fit the MTU.
    fn limit_vips(&mut self, version: Version, family: Family, auth: &Authentication, has_hmac: bool) {
        let mtu = self.fact.map_or(1500, |f| f.mtu) as usize;
        let mut header = 14 + 8;
        header += match family {
            Family::V4 => 20,
            Family::V6 => 40,
        };
        if version == Version::V2 && family == Family::V4 {
            header += 8;
        }
        if matches!(auth, Authentication::Ah(_)) {
            header += 24;
        }
        if has_hmac {
            header += 28;
        }
        let size = usize::from(family.bits() / 8);
        let most = (mtu.saturating_sub(header) / size).min(255);
        if self.draft.addresses.len() > most {
            self.say(
                &codes::VIP_EXCESS,
                self.draft.span,
                &format!(
                    "{} addresses exceed the {most} that an advert can hold; the rest is not advertised",
                    self.draft.addresses.len()
                ),
            );
            let rest = self.draft.addresses.split_off(most);
            self.draft.excluded.extend(rest);
        }
    }

    fn no_vip(&mut self, version: Version) {
        if self.strict && self.rare.no_vip {
            self.say(
                &codes::STRICT_RESET,
                self.draft.place("no_virtual_ipaddress"),
                "strict mode does not allow `no_virtual_ipaddress`; it is cleared",
            );
            self.rare.no_vip = false;
        }
        if self.rare.no_vip {
            return;
        }
        if self.strict || version == Version::V3 {
            self.help(
                &codes::NO_VIP_FATAL,
                self.draft.span,
                "no VIP is given; at least one is required",
                "add `virtual_ipaddress { ADDRESS }`, or `no_virtual_ipaddress`",
            );
        } else {
            self.help(
                &codes::NO_VIP,
                self.draft.span,
                "no VIP is given; at least one is sensible",
                "add `virtual_ipaddress { ADDRESS }`, or `no_virtual_ipaddress`",
            );
        }
    }

    /// Item 14.
    fn preemption(&mut self, priority: Priority, wanted: WantState) -> Preemption {
        // What counts is the state that was written: priority 255 alone also means MASTER.
        let is_master = wanted == WantState::Master;
        if self.draft.nopreempt && (priority.is_owner() || is_master) {
            let why = if priority.is_owner() {
                "priority 255"
            } else {
                "initial state MASTER"
            };
            self.help(
                &codes::PREEMPT_CLEARED,
                self.draft.place("nopreempt"),
                &format!("`nopreempt` is incompatible with {why}; it is cleared"),
                "write `state BACKUP` and a priority below 255",
            );
            self.draft.nopreempt = false;
        }
        let Some(delay) = self.draft.preempt_delay else {
            return if self.draft.nopreempt {
                Preemption::Disabled
            } else {
                Preemption::Immediate
            };
        };
        let why = if is_master {
            "initial state MASTER"
        } else if self.strict {
            "strict mode"
        } else if self.draft.nopreempt {
            "nopreempt"
        } else {
            return Preemption::Delayed(delay);
        };
        self.say(
            &codes::PREEMPT_CLEARED,
            self.draft.place("preempt_delay"),
            &format!("`preempt_delay` is incompatible with {why}; it is cleared"),
        );
        if self.draft.nopreempt {
            Preemption::Disabled
        } else {
            Preemption::Immediate
        }
    }

    /// Item 15.
    fn accept(&mut self, version: Version, priority: Priority) -> bool {
        match self.draft.accept {
            Some(true) if self.strict && version == Version::V2 && !priority.is_owner() => {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("accept"),
                    "strict mode does not allow `accept` with version 2 below priority 255; it is reset",
                );
                false
            }
            Some(accept) => accept,
            None => priority.is_owner() || !self.strict,
        }
    }

    fn down_timer(&mut self) -> u8 {
        match self.draft.down_timer_adverts {
            Some(adverts) if self.strict && adverts != 3 => {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("down_timer_adverts"),
                    "strict mode waits for 3 adverts; `down_timer_adverts` is reset",
                );
                3
            }
            Some(adverts) => adverts,
            None if self.strict => 3,
            None => self.with.defaults.down_timer_adverts,
        }
    }

    fn garp(&mut self) -> Garp {
        let base = self.with.defaults.garp;
        let own = self.rare.garp;
        let mut garp = Garp {
            delay: own.delay.unwrap_or(base.delay),
            repeat: own.repeat.unwrap_or(base.repeat),
            refresh: own.refresh.unwrap_or(base.refresh),
            refresh_repeat: own.refresh_repeat.unwrap_or(base.refresh_repeat),
            ..base
        };
        garp.lower_prio_delay = own
            .lower_prio_delay
            .or(self.with.defaults.garp_lower_prio_delay)
            .unwrap_or(garp.delay);
        garp.lower_prio_repeat = own
            .lower_prio_repeat
            .or(self.with.defaults.garp_lower_prio_repeat)
            .unwrap_or(garp.repeat);
        if let Some((interval, all)) = own.extra_if {
            garp.extra_if = interval;
            garp.extra_if_all = all;
        }
        if self.strict {
            for (keyword, written) in [
                (
                    "garp_lower_prio_delay",
                    own.lower_prio_delay.is_some_and(|d| !d.is_zero()),
                ),
                ("garp_lower_prio_repeat", own.lower_prio_repeat.is_some_and(|r| r != 0)),
            ] {
                if written {
                    self.say(
                        &codes::STRICT_RESET,
                        self.draft.place(keyword),
                        &format!("strict mode does not allow `{keyword}`; it is reset"),
                    );
                }
            }
            garp.lower_prio_delay = Micros::ZERO;
            garp.lower_prio_repeat = 0;
        }
        garp
    }

    /// Item 16: `lower_prio_no_advert`, `higher_prio_send_advert`, `owner_ignore_adverts`.
    fn advert_habits(&mut self, priority: Priority) -> (bool, bool, bool) {
        let defaults = self.with.defaults;
        let mut lower = self
            .rare
            .lower_prio_no_advert
            .or(defaults.lower_prio_no_advert)
            .unwrap_or(self.strict);
        let mut higher = self
            .rare
            .higher_prio_send_advert
            .or(defaults.higher_prio_send_advert)
            .unwrap_or(false);
        if self.strict {
            if self.rare.lower_prio_no_advert == Some(false) {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("lower_prio_no_advert"),
                    "strict mode needs `lower_prio_no_advert`; it is set",
                );
            }
            if self.rare.higher_prio_send_advert == Some(true) {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("higher_prio_send_advert"),
                    "strict mode does not allow `higher_prio_send_advert`; it is cleared",
                );
            }
            (lower, higher) = (true, false);
        }
        let mut owner = self
            .rare
            .owner_ignore_adverts
            .or(defaults.owner_ignore_adverts.filter(|_| priority.is_owner()))
            .unwrap_or(self.strict && priority.is_owner());
        if priority.is_owner() && self.rare.owner_ignore_adverts == Some(false) {
            self.say(
                &codes::OWNER_IGNORE,
                self.draft.place("owner_ignore_adverts"),
                "`owner_ignore_adverts no` is overruled for priority 255",
            );
            owner = true;
        }
        (lower, higher, owner)
    }

    fn own_interface(&mut self) {
        let Some(own) = self.draft.interface else { return };
        let before = self.draft.track.interfaces.len();
        self.draft.track.interfaces.retain(|r| *r.name != *own.as_str());
        if self.draft.track.interfaces.len() != before {
            self.say(
                &codes::OWN_INTERFACE_TRACKED,
                self.draft.span,
                &format!("`track_interface {own}` is ignored, since it is the instance's own interface"),
            );
        }
    }

    /// 13.4: weights of an address owner.
    fn owner_weights(&mut self, priority: Priority) {
        if !priority.is_owner() {
            return;
        }
        let mut dropped: Vec<Box<str>> = Vec::new();
        let track = &mut self.draft.track;
        let mut unweighted_only = |r: &TrackRef| {
            let keep = r.weight == 0;
            if !keep {
                dropped.push(r.name.clone());
            }
            keep
        };
        track.interfaces.retain(&mut unweighted_only);
        track.scripts.retain(|r| unweighted_only(r));
        track.bfds.retain(&mut unweighted_only);
        track.files.retain_mut(|r| {
            if r.weight == 1 {
                dropped.push(r.name.clone());
                r.weight = 0;
            }
            unweighted_only_file(r, &mut dropped)
        });
        for name in dropped {
            self.say(
                &codes::WEIGHT_NEUTRALISED,
                self.draft.span,
                &format!("the weight of tracker `{name}` has no effect with priority 255"),
            );
        }
    }
}

fn unweighted_only_file(r: &TrackRef, dropped: &mut Vec<Box<str>>) -> bool {
    if r.weight != 0 {
        dropped.push(r.name.clone());
    }
    r.weight == 0
}

fn timer_expired(cx: &mut Context<'_>, draft: &Draft, rare: &Rare, preemption: Preemption) -> Option<u8> {
    let written = rare.timer_expired?;
    if preemption == Preemption::Disabled {
        return Some(written);
    }
    cx.say_help(
        &codes::TIMER_EXPIRED_CLEARED,
        draft.place("timer_expired_backup"),
        format!(
            "({}) `timer_expired_backup` needs `nopreempt`; it is cleared",
            draft.name
        ),
        "add `nopreempt`",
    );
    None
}

/// Checks the scripts of an instance or group.
pub(crate) fn notify_scripts(with: &mut Finishing<'_, '_>, owner: &str, draft: NotifyDraft) -> NotifyScripts {
    let mut one = |written, keyword| notify(with.scripts, with.cx, written, owner, keyword);
    NotifyScripts {
        generic: one(draft.generic, "notify"),
        master: one(draft.master, "notify_master"),
        backup: one(draft.backup, "notify_backup"),
        fault: one(draft.fault, "notify_fault"),
        stop: one(draft.stop, "notify_stop"),
        deleted: one(draft.deleted, "notify_deleted"),
        master_rx_lower_pri: one(draft.master_rx_lower_pri, "notify_master_rx_lower_pri"),
        ordered: draft.ordered.unwrap_or(with.defaults.notify_ordered),
    }
}

/// Link-local unicast of either family.
#[must_use]
pub(crate) fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.segments()[0] & 0xffc0 == 0xfe80,
    }
}

/// Microseconds as decimal seconds without trailing zeros.
#[must_use]
pub fn seconds(micros: u64) -> String {
    let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
    if fraction == 0 {
        return whole.to_string();
    }
    let digits = format!("{fraction:06}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}
