//! What applies to VRRP as a whole, and the defaults of instances.

use std::net::IpAddr;

use keepalived_model::{global::RxBufsPolicy, units::Version};

use super::{Draft, processes::buffer};
use crate::{
    codes::keyword as codes,
    typed::{Entry, Typing},
    values::number,
};

impl Draft<'_> {
    /// Reads a keyword of VRRP; false when it is none.
    pub(super) fn vrrp(&mut self, typing: &mut Typing, entry: &Entry<'_>) -> bool {
        self.defaults(typing, entry) || self.garp_defaults(entry) || self.vrrp_globals(typing, entry)
    }

    fn defaults(&mut self, typing: &mut Typing, entry: &Entry<'_>) -> bool {
        let defaults = &mut self.global.vrrp_defaults;
        match entry.name() {
            "vrrp_mcast_group4" => match entry.addr(0) {
                Some(IpAddr::V4(group)) if group.is_multicast() => defaults.mcast_group4 = group,
                _ => no_group(typing, entry, "IPv4"),
            },
            "vrrp_mcast_group6" => match entry.addr(0) {
                Some(IpAddr::V6(group)) if group.is_multicast() => {
                    if group.segments()[0] & 0x000f != 2 {
                        let message = format!("{group} is not of link-local scope, so adverts could be routed");
                        typing.report(&codes::SETTING_NOTE, entry.span_of(0), message);
                    }
                    defaults.mcast_group6 = group;
                }
                _ => no_group(typing, entry, "IPv6"),
            },
            "vrrp_version" => defaults.version = if entry.int(0) == 3 { Version::V3 } else { Version::V2 },
            "vrrp_strict" => defaults.strict = entry.bool(),
            "vrrp_down_timer_adverts" => defaults.down_timer_adverts = entry.u8(0),
            "vrrp_lower_prio_no_advert" => defaults.lower_prio_no_advert = Some(entry.bool()),
            "vrrp_higher_prio_send_advert" => defaults.higher_prio_send_advert = Some(entry.bool()),
            "vrrp_check_unicast_src" => defaults.check_unicast_src = true,
            "vrrp_skip_check_adv_addr" => defaults.skip_check_adv_addr = entry.bool(),
            "vrrp_owner_ignore_adverts" => defaults.owner_ignore_adverts = Some(entry.bool()),
            "v3_checksum_as_v2" => v3_checksum(typing, entry, &mut defaults.v3_checksum_as_v2),
            "vrrp_notify_priority_changes" => defaults.notify_priority_changes = entry.bool(),
            "notify_ordered" => defaults.notify_ordered = entry.bool(),
            "notify_ordered_timeout" => defaults.notify_ordered_timeout = entry.secs(0),
            _ => return false,
        }
        true
    }

    fn garp_defaults(&mut self, entry: &Entry<'_>) -> bool {
        let defaults = &mut self.global.vrrp_defaults;
        match entry.name() {
            "vrrp_garp_master_delay" => defaults.garp_master_delay = entry.secs(0),
            "vrrp_garp_master_repeat" => defaults.garp_master_repeat = entry.u32(0),
            "vrrp_garp_master_refresh" => defaults.garp_master_refresh = entry.secs(0),
            "vrrp_garp_master_refresh_repeat" => defaults.garp_master_refresh_repeat = entry.u32(0),
            "vrrp_garp_lower_prio_delay" => defaults.garp_lower_prio_delay = Some(entry.secs(0)),
            "vrrp_garp_lower_prio_repeat" => defaults.garp_lower_prio_repeat = Some(entry.u32(0)),
            "vrrp_garp_extra_if" => {
                defaults.garp_extra_if_all = entry.has(0);
                defaults.garp_extra_if = entry.secs(1);
            }
            "vrrp_min_garp" => self.min_garp |= entry.bool(),
            _ => return false,
        }
        true
    }

    fn vrrp_globals(&mut self, typing: &mut Typing, entry: &Entry<'_>) -> bool {
        let vrrp = &mut self.global.vrrp;
        match entry.name() {
            "vrrp_garp_interval" => vrrp.garp_interval = entry.micros(0),
            "vrrp_gna_interval" => vrrp.gna_interval = entry.micros(0),
            "vrrp_startup_delay" => vrrp.startup_delay = vrrp.startup_delay.max(entry.micros(0)),
            "vrrp_delay_after_boot" => vrrp.delay_after_boot = vrrp.delay_after_boot.max(entry.micros(0)),
            "log_unknown_vrids" => vrrp.log_unknown_vrids = true,
            "vmac_prefix" => vrrp.vmac_prefix = entry.boxed(0),
            "vmac_addr_prefix" => vrrp.vmac_addr_prefix = entry.boxed(0),
            "vrrp_rx_bufs_policy" => rx_bufs(typing, entry, &mut vrrp.rx_bufs_policy),
            "vrrp_rx_bufs_multiplier" => vrrp.rx_bufs_multiplier = Some(entry.u32(0)),
            "process_monitor_rcv_bufs" => buffer(entry, &mut vrrp.process_monitor_rcv_bufs),
            "process_monitor_rcv_bufs_force" => vrrp.process_monitor_rcv_bufs_force = entry.bool(),
            _ => return false,
        }
        true
    }
}

fn no_group(typing: &mut Typing, entry: &Entry<'_>, family: &str) {
    let text = entry.word(0).map_or("", |word| &word.text);
    let message = format!(
        "{}: '{text}' is no {family} multicast address - ignoring",
        entry.keyword.name
    );
    typing.report(&codes::INVALID_ADDRESS, entry.span_of(0), message);
}

/// keepalived does not look at the argument, so that `no` switches the feature on; here it means no.
fn v3_checksum(typing: &mut Typing, entry: &Entry<'_>, place: &mut bool) {
    let Some(word) = entry.statement.args().first() else {
        *place = true;
        return;
    };
    match crate::values::boolean(&word.text) {
        Some(value) => {
            if !value {
                let message = "keepalived does not look at this word and switches the feature on";
                typing.report(&codes::SETTING_NOTE, word.span, message);
            }
            *place = value;
        }
        None => *place = true,
    }
}

/// A size overrides a policy, and MTU wins over ADVERT.
fn rx_bufs(typing: &mut Typing, entry: &Entry<'_>, place: &mut RxBufsPolicy) {
    for word in entry.rest(0) {
        let new = if word.text.eq_ignore_ascii_case("MTU") {
            RxBufsPolicy::Mtu
        } else if word.text.eq_ignore_ascii_case("ADVERT") {
            RxBufsPolicy::Advert
        } else {
            let bytes = number::integer(&word.text, false)
                .ok()
                .filter(|read| read.problem.is_none())
                .and_then(|read| u32::try_from(read.value).ok());
            let Some(bytes) = bytes else {
                let message = format!(
                    "vrrp_rx_bufs_policy: '{}' is neither MTU, ADVERT nor a number",
                    word.text
                );
                typing.report(&codes::INVALID_CHOICE, word.span, message);
                continue;
            };
            RxBufsPolicy::Bytes(bytes)
        };
        let rank = |policy: RxBufsPolicy| match policy {
            RxBufsPolicy::System => 0,
            RxBufsPolicy::Advert => 1,
            RxBufsPolicy::Mtu => 2,
            RxBufsPolicy::Bytes(_) => 3,
        };
        if *place != RxBufsPolicy::System && *place != new {
            let message = "vrrp_rx_bufs_policy: a size overrides a policy, and MTU overrides ADVERT";
            typing.report(&codes::INVALID_SETTING, word.span, message);
        }
        if rank(new) >= rank(*place) {
            *place = new;
        }
    }
}
