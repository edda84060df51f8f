//! From what an instance's block says to the instance: defaults and corrections in the order of `vrrp.md` 2.2.

mod election;
mod habits;
mod trackers;
mod transport;
mod vips;
mod vmac;

use std::collections::HashSet;

use keepalived_model::{
    script::NotifyScripts,
    units::Family,
    vrrp::{Authentication, Checksum, Instance, OldUnicastChecksum},
};

pub use self::election::seconds;
use self::election::timer_expired;
pub(crate) use self::transport::is_link_local;
use super::{
    defaults::VrrpDefaults,
    instance::{Draft, NotifyDraft, Rare},
    script::notify,
    scripts::Scripts,
};
use crate::{check::codes, diag::Code, facts::InterfaceFact, grammar::Context, source::Span};

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
