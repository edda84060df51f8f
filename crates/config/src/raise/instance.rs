//! `vrrp_instance` and `vrrp_sync_group`.

use std::fmt::Write as _;

use keepalived_model::{
    script::NotifyScripts,
    units::{Family, Secret, Version},
    vrrp::{
        AuthHmac, Authentication, HmacMode, Instance, IpvlanMode, OldUnicastChecksum, Peer, Preemption, SyncGroup,
        Transport, Vmac, WantState,
    },
};

use super::{
    build::{Lines, block, word, words_line},
    items, track,
};
use crate::{
    lower::{FAULT_NO_PEER, defaults::VrrpDefaults},
    tree::Statement,
};

/// One instance. `group_says`: some sync group sets `notify_priority_changes`, so members must say theirs.
pub(super) fn raise(instance: &Instance, defaults: &VrrpDefaults, group_says: bool) -> Statement {
    let mut lines = Lines::default();
    // Before anything that fixes the family: `version 2` is refused once the instance is known to be IPv6.
    let default_version = match instance.family {
        Family::V4 => defaults.version,
        Family::V6 => Version::V3,
    };
    if instance.version != default_version {
        lines.value("version", instance.version.get());
    }
    lines.boolean("strict_mode", instance.strict, defaults.strict);
    lines.option("interface", instance.interface);
    lines.value("virtual_router_id", instance.vrid);
    lines.value("priority", instance.priority);
    state(&mut lines, instance);
    if instance.advert_interval != keepalived_model::time::Micros::SECOND {
        lines.time("advert_int", instance.advert_interval);
    }
    let adverts = if instance.strict {
        3
    } else {
        defaults.down_timer_adverts
    };
    if instance.down_timer_adverts != adverts {
        lines.value("down_timer_adverts", instance.down_timer_adverts);
    }
    transport(&mut lines, instance, defaults);
    lines.option("vrf", instance.vrf);
    lines.flag("track_src_ip", instance.track_src_ip);
    lines.flag("dont_track_primary", instance.dont_track_primary);
    authentication(&mut lines, &instance.authentication);
    if let Some(hmac) = &instance.auth_hmac {
        lines.0.push(auth_hmac(hmac));
    }
    addresses(&mut lines, instance, defaults);
    habits(&mut lines, instance, defaults);
    garp(&mut lines, instance, defaults);
    if let Some(vmac) = &instance.vmac {
        vmac_lines(&mut lines, vmac);
    }
    track::lists(&mut lines, &instance.track);
    notify(&mut lines, &instance.notify, defaults);
    if instance.notify.deleted.is_none() {
        lines.flag("notify_deleted", instance.notify_deleted);
    }
    if group_says || instance.notify_priority_changes != defaults.notify_priority_changes {
        lines.boolean(
            "notify_priority_changes",
            instance.notify_priority_changes,
            !instance.notify_priority_changes,
        );
    }
    lines.boolean("smtp_alert", instance.smtp_alert, defaults.smtp_alert);
    lines.option("kernel_rx_buf_size", instance.kernel_rx_buf_size);
    lines.flag("linkbeat_use_polling", instance.linkbeat_use_polling);
    lines.option("lvs_sync_daemon_interface", instance.lvs_sync_daemon_interface);
    if instance.debug != 0 {
        lines.value("debug", instance.debug);
    }
    block(&["vrrp_instance", &instance.name], lines.0)
}

fn state(lines: &mut Lines, instance: &Instance) {
    let by_priority = if instance.is_owner() {
        WantState::Master
    } else {
        WantState::Backup
    };
    if instance.want_state != by_priority {
        let state = match instance.want_state {
            WantState::Master => "MASTER",
            WantState::Backup => "BACKUP",
        };
        lines.add(["state", state]);
    }
}

fn transport(lines: &mut Lines, instance: &Instance, defaults: &VrrpDefaults) {
    match &instance.transport {
        Transport::Multicast { group, source } => {
            let default = match instance.family {
                Family::V4 => defaults.group4.into(),
                Family::V6 => defaults.group6,
            };
            if *group != default {
                lines.value("mcast_dst_ip", group);
            }
            lines.option("mcast_src_ip", *source);
            let tells_family = *group != default || source.is_some() || !instance.addresses.is_empty();
            // Nothing else says that it is IPv6.
            let has_ipvlan_address = instance.vmac.as_ref().is_some_and(|v| v.address.is_some());
            lines.flag(
                "native_ipv6",
                instance.family == Family::V6 && !tells_family && !has_ipvlan_address,
            );
            if instance.config_fault.as_deref() == Some(FAULT_NO_PEER) {
                lines.add(["check_unicast_src"]);
                lines.add(["unicast_fault_no_peer"]);
            }
        }
        Transport::Unicast {
            source,
            peers,
            ttl,
            check_source,
        } => {
            lines.option("unicast_src_ip", *source);
            lines.list("unicast_peer", peers.iter().map(peer).collect());
            let default = (instance.family == Family::V4).then_some(255);
            lines.option("unicast_ttl", ttl.filter(|_| *ttl != default));
            let implied = defaults.check_unicast_src || peers.iter().any(|p| p.min_ttl != 0 || p.max_ttl != 255);
            lines.flag("check_unicast_src", *check_source && !implied);
        }
    }
}

fn peer(peer: &Peer) -> Statement {
    let mut words = vec![word(peer.address.to_string())];
    if peer.min_ttl != 0 {
        words.extend([word("min_ttl"), word(peer.min_ttl.to_string())]);
    }
    if peer.max_ttl != 255 {
        words.extend([word("max_ttl"), word(peer.max_ttl.to_string())]);
    }
    words_line(&words)
}

fn authentication(lines: &mut Lines, authentication: &Authentication) {
    let (kind, secret) = match authentication {
        Authentication::None => return,
        Authentication::Password(secret) => ("PASS", secret),
        Authentication::Ah(secret) => ("AH", secret),
    };
    let mut inner = Lines::default();
    inner.add(["auth_type", kind]);
    inner.value("auth_pass", String::from_utf8_lossy(secret.expose()));
    lines.list("authentication", inner.0);
}

fn auth_hmac(hmac: &AuthHmac) -> Statement {
    let mut lines = Lines::default();
    for (id, key) in &hmac.keys {
        lines.add(["key", &id.to_string(), &hex(key)]);
    }
    lines.value("active_key", hmac.active_key);
    lines.value("time_window", hmac.window.as_secs());
    if hmac.monotonic {
        lines.add(["anti_replay", "monotonic"]);
    }
    match hmac.mode {
        HmacMode::Enforce => {}
        HmacMode::Permissive => lines.add(["mode", "permissive"]),
        HmacMode::ReceiveOnly => lines.add(["mode", "receive-only"]),
    }
    block(&["auth_hmac"], lines.0)
}

fn hex(key: &Secret) -> String {
    let mut text = String::from("hex:");
    for byte in key.expose() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn addresses(lines: &mut Lines, instance: &Instance, _: &VrrpDefaults) {
    lines.list(
        "virtual_ipaddress",
        instance.addresses.iter().map(items::address).collect(),
    );
    lines.list(
        "virtual_ipaddress_excluded",
        instance.excluded_addresses.iter().map(items::address).collect(),
    );
    lines.flag(
        "no_virtual_ipaddress",
        instance.addresses.is_empty() && !instance.strict,
    );
    lines.list("virtual_routes", instance.routes.iter().map(items::route).collect());
    lines.list("virtual_rules", instance.rules.iter().map(items::rule).collect());
    lines.flag("promote_secondaries", instance.promote_secondaries);
}

fn habits(lines: &mut Lines, instance: &Instance, defaults: &VrrpDefaults) {
    match instance.preemption {
        Preemption::Immediate => {}
        Preemption::Delayed(delay) => lines.time("preempt_delay", delay),
        Preemption::Disabled => lines.add(["nopreempt"]),
    }
    lines.option("timer_expired_backup", instance.timer_expired_backup);
    let owner = instance.is_owner();
    if instance.accept != (owner || !instance.strict) {
        lines.add([if instance.accept { "accept" } else { "no_accept" }]);
    }
    lines.boolean(
        "skip_check_adv_addr",
        instance.skip_check_adv_addr,
        defaults.skip_check_adv_addr,
    );
    if !instance.strict {
        lines.boolean(
            "lower_prio_no_advert",
            instance.lower_prio_no_advert,
            defaults.lower_prio_no_advert.unwrap_or(false),
        );
        lines.boolean(
            "higher_prio_send_advert",
            instance.higher_prio_send_advert,
            defaults.higher_prio_send_advert.unwrap_or(false),
        );
    }
    lines.boolean(
        "owner_ignore_adverts",
        instance.owner_ignore_adverts,
        defaults
            .owner_ignore_adverts
            .filter(|_| owner)
            .unwrap_or(instance.strict && owner),
    );
    lines.boolean(
        "v3_checksum_as_v2",
        instance.checksum.v3_as_v2,
        defaults.v3_checksum_as_v2,
    );
    match instance.checksum.old_unicast {
        OldUnicastChecksum::Detect => {}
        OldUnicastChecksum::Never => lines.add(["old_unicast_checksum", "never"]),
        OldUnicastChecksum::Always => lines.add(["old_unicast_checksum"]),
    }
}

fn garp(lines: &mut Lines, instance: &Instance, defaults: &VrrpDefaults) {
    let (own, base) = (&instance.garp, &defaults.garp);
    let mut time = |keyword: &str, value: keepalived_model::time::Micros, default| {
        if value != default {
            lines.value(keyword, value.as_secs());
        }
    };
    time("garp_master_delay", own.delay, base.delay);
    time("garp_master_refresh", own.refresh, base.refresh);
    if !instance.strict {
        time(
            "garp_lower_prio_delay",
            own.lower_prio_delay,
            defaults.garp_lower_prio_delay.unwrap_or(own.delay),
        );
    }
    let mut count = |keyword: &str, value: u32, default| {
        if value != default {
            lines.value(keyword, value);
        }
    };
    count("garp_master_repeat", own.repeat, base.repeat);
    count("garp_master_refresh_repeat", own.refresh_repeat, base.refresh_repeat);
    if !instance.strict {
        count(
            "garp_lower_prio_repeat",
            own.lower_prio_repeat,
            defaults.garp_lower_prio_repeat.unwrap_or(own.repeat),
        );
    }
    if (own.extra_if, own.extra_if_all) != (base.extra_if, base.extra_if_all) {
        let interval = own.extra_if.as_secs().to_string();
        if own.extra_if_all {
            lines.add(["garp_extra_if", "all", &interval]);
        } else {
            lines.add(["garp_extra_if", &interval]);
        }
    }
}

fn vmac_lines(lines: &mut Lines, vmac: &Vmac) {
    if vmac.for_instance {
        let mut words = vec![word(if vmac.ipvlan.is_some() {
            "use_ipvlan"
        } else {
            "use_vmac"
        })];
        if let Some(name) = vmac.name {
            words.extend([word("name"), word(name.as_str())]);
        }
        if let Some([a, b, c, d, e, f]) = vmac.mac {
            words.push(word(format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")));
        }
        if let Some(address) = vmac.address {
            words.push(word(format!("{}/{}", address.address, address.prefix_len)));
        }
        match vmac.ipvlan {
            None | Some(IpvlanMode::Bridge) => {}
            Some(IpvlanMode::Private) => words.push(word("private")),
            Some(IpvlanMode::Vepa) => words.push(word("vepa")),
        }
        if let Some(group) = vmac.group {
            words.extend([word("group"), word(group.to_string())]);
        }
        words.extend(vmac.netlink_notify.then(|| word("netlink_notify_msg")));
        lines.0.push(words_line(&words));
    }
    lines.flag("use_vmac_addr", vmac.for_addresses);
    lines.flag("vmac_xmit_base", vmac.xmit_base);
}

fn notify(lines: &mut Lines, scripts: &NotifyScripts, defaults: &VrrpDefaults) {
    lines.boolean("notify_ordered", scripts.ordered, defaults.notify_ordered);
    for (keyword, script) in [
        ("notify", &scripts.generic),
        ("notify_master", &scripts.master),
        ("notify_backup", &scripts.backup),
        ("notify_fault", &scripts.fault),
        ("notify_stop", &scripts.stop),
        ("notify_deleted", &scripts.deleted),
        ("notify_master_rx_lower_pri", &scripts.master_rx_lower_pri),
    ] {
        lines.script(keyword, script.as_deref());
    }
}

/// One sync group.
pub(super) fn group(group: &SyncGroup, defaults: &VrrpDefaults) -> Statement {
    let mut lines = Lines::default();
    lines.list(
        "group",
        group.members.iter().map(|m| words_line(&[word(&**m)])).collect(),
    );
    lines.flag("sync_group_tracking_weight", group.tracking_weight);
    track::lists(&mut lines, &group.track);
    notify(&mut lines, &group.notify, defaults);
    if let Some(value) = group.notify_priority_changes {
        lines.boolean("notify_priority_changes", value, !value);
    }
    lines.boolean("smtp_alert", group.smtp_alert, defaults.smtp_alert);
    block(&["vrrp_sync_group", &group.name], lines.0)
}
