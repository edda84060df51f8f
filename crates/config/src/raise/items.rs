//! Lines of addresses, routes and rules, and the static blocks.

use std::fmt::Write as _;

use keepalived_model::{
    address::{Address, Broadcast, PreferredLifetime, Prefixed},
    route::{
        Encap, Metric, NextHop, PROTOCOL_KEEPALIVED, Route, RouteMetrics, RoutePosition, Rule, RuleAction, TABLE_MAIN,
    },
    units::Family,
    vrrp::{GarpGroup, LinkbeatMethod, Vrrp},
};

use super::build::{Lines, block, item};
use crate::{lower::seconds, tree::Statement};

/// Everything static.
pub(super) fn statics(vrrp: &Vrrp) -> Vec<Statement> {
    let mut lines = Lines::default();
    lines.list("static_ipaddress", vrrp.static_addresses.iter().map(address).collect());
    lines.list("static_routes", vrrp.static_routes.iter().map(route).collect());
    lines.list("static_rules", vrrp.static_rules.iter().map(rule).collect());
    for group in &vrrp.garp_groups {
        lines.0.push(garp_group(group));
    }
    let linkbeats = vrrp.linkbeats.iter().map(|l| {
        let method = match l.method {
            None => "",
            Some(LinkbeatMethod::Mii) => " MII",
            Some(LinkbeatMethod::Ethtool) => " ETHTOOL",
            Some(LinkbeatMethod::Ioctl) => " IOCTL",
        };
        item(&format!("{}{method}", l.interface))
    });
    lines.list("linkbeat_interfaces", linkbeats.collect());
    let delays = vrrp.up_down_delays.iter().map(|d| {
        let (down, up) = (seconds(d.down.as_micros()), seconds(d.up.as_micros()));
        item(&format!("{} {down} {up}", d.interface))
    });
    lines.list("interface_up_down_delays", delays.collect());
    lines.0
}

fn garp_group(group: &GarpGroup) -> Statement {
    let mut lines = Lines::default();
    lines.time("garp_interval", group.garp_interval);
    lines.time("gna_interval", group.gna_interval);
    for interface in &group.interfaces {
        lines.value("interface", interface);
    }
    block(&["garp_group"], lines.0)
}

/// Appends words to a line; writing to a `String` cannot fail.
macro_rules! put {
    ($line:expr, $($arg:tt)*) => {{ let _ = write!($line, $($arg)*); }};
}

fn prefixed(prefix: Prefixed) -> String {
    format!("{}/{}", prefix.address, prefix.prefix_len)
}

/// One address line.
pub(super) fn address(address: &Address) -> Statement {
    let mut line = match address.peer {
        // The prefix of the peer replaces that of the address.
        Some(_) => address.local.address.to_string(),
        None => prefixed(address.local),
    };
    if let Some(peer) = address.peer {
        put!(line, " peer {}", prefixed(peer));
    }
    match address.broadcast {
        Broadcast::None => {}
        Broadcast::HostBitsSet => line.push_str(" brd +"),
        Broadcast::HostBitsClear => line.push_str(" brd -"),
        Broadcast::Address(broadcast) => put!(line, " brd {broadcast}"),
    }
    if let Some(interface) = address.interface {
        put!(line, " dev {interface}");
    }
    if address.scope != 0 {
        put!(line, " scope {}", address.scope);
    }
    for (set, option) in [
        (address.flags.home, " home"),
        (address.flags.dad, " -nodad"),
        (address.flags.manage_temporary, " mngtmpaddr"),
        (address.flags.no_prefix_route, " noprefixroute"),
        (address.flags.auto_join, " autojoin"),
        (address.no_track, " no_track"),
        (address.use_vmac, " use_vmac"),
    ] {
        if set {
            line.push_str(option);
        }
    }
    match address.preferred_lft {
        None => {}
        Some(PreferredLifetime::Forever) => line.push_str(" preferred_lft forever"),
        Some(PreferredLifetime::Seconds(seconds)) => put!(line, " preferred_lft {seconds}"),
    }
    let mut words: Vec<&str> = line.split_ascii_whitespace().collect();
    // These may hold anything a word can hold.
    for (option, text) in [("label", &address.label), ("track_group", &address.track_group)] {
        if let Some(text) = text {
            words.extend([option, &**text]);
        }
    }
    Statement::made(words)
}

/// One route line.
pub(super) fn route(route: &Route) -> Statement {
    let mut line = String::from(match route.family {
        Family::V4 => "inet",
        Family::V6 => "inet6",
    });
    if let Some(kind) = route.kind {
        put!(line, " {}", kind.0);
    }
    put!(line, " {}", prefixed(route.destination));
    if let Some(gateway) = route.gateway {
        put!(line, " via {} {gateway}", family_word(gateway));
    }
    if let Some(source) = route.source {
        put!(line, " src {source}");
    }
    if let Some(from) = route.from {
        put!(line, " from {}", prefixed(from));
    }
    if let Some(interface) = route.interface {
        put!(line, " dev {interface}");
    }
    if route.tos != 0 {
        put!(line, " tos {}", route.tos);
    }
    if route.table != TABLE_MAIN {
        put!(line, " table {}", route.table);
    }
    if let Some(vrf) = route.vrf {
        put!(line, " vrf {vrf}");
    }
    if route.protocol != PROTOCOL_KEEPALIVED {
        put!(line, " protocol {}", route.protocol);
    }
    for (keyword, value) in [
        ("scope", route.scope.map(u32::from)),
        ("metric", route.metric),
        ("expires", route.expires),
        ("pref", route.pref.map(u32::from)),
    ] {
        if let Some(value) = value {
            put!(line, " {keyword} {value}");
        }
    }
    if let Some(realms) = route.realms {
        put!(line, " realms {}", realm_words(realms));
    }
    if let Some(enabled) = route.ttl_propagate {
        put!(line, " ttl-propagate {}", if enabled { "enabled" } else { "disabled" });
    }
    if route.onlink {
        line.push_str(" onlink");
    }
    match route.position {
        RoutePosition::Prepend if route.kind.is_none() => {}
        RoutePosition::Prepend => line.push_str(" prepend"),
        RoutePosition::Append => line.push_str(" append"),
        RoutePosition::Add => line.push_str(" add"),
    }
    if route.no_track {
        line.push_str(" no_track");
    }
    if let Some(encap) = &route.encap {
        line.push_str(&encap_words(encap));
    }
    if let Some(metrics) = &route.metrics {
        metric_words(&mut line, metrics);
    }
    if let Some(group) = &route.track_group {
        put!(line, " track_group {group}");
    }
    for hop in &route.nexthops {
        hop_words(&mut line, hop);
    }
    item(&line)
}

const fn family_word(address: std::net::IpAddr) -> &'static str {
    match address {
        std::net::IpAddr::V4(_) => "inet",
        std::net::IpAddr::V6(_) => "inet6",
    }
}

fn realm_words(realms: u32) -> String {
    match (realms >> 16, realms & 0xffff) {
        (0, to) => to.to_string(),
        (from, to) => format!("{from}/{to}"),
    }
}

fn encap_words(encap: &Encap) -> String {
    let mut line = String::new();
    match encap {
        Encap::Ip {
            id,
            dst,
            src,
            tos,
            ttl,
            flags,
        } => {
            line.push_str(" encap ip");
            for (keyword, value) in [
                ("id", id.map(|v| v.to_string())),
                ("dst", dst.map(|v| v.to_string())),
                ("src", src.map(|v| v.to_string())),
                ("tos", tos.map(|v| v.to_string())),
                ("ttl", ttl.map(|v| v.to_string())),
                ("flags", flags.map(|v| v.to_string())),
            ] {
                if let Some(value) = value {
                    put!(line, " {keyword} {value}");
                }
            }
        }
        Encap::Ip6 {
            id,
            dst,
            src,
            tc,
            hoplimit,
            flags,
        } => {
            line.push_str(" encap ip6");
            for (keyword, value) in [
                ("id", id.map(|v| v.to_string())),
                ("dst", dst.map(|v| v.to_string())),
                ("src", src.map(|v| v.to_string())),
                ("tc", tc.map(|v| v.to_string())),
                ("hoplimit", hoplimit.map(|v| v.to_string())),
                ("flags", flags.map(|v| v.to_string())),
            ] {
                if let Some(value) = value {
                    put!(line, " {keyword} {value}");
                }
            }
        }
        Encap::Mpls(labels) => {
            let labels: Vec<String> = labels.iter().map(u32::to_string).collect();
            put!(line, " encap mpls {}", labels.join("/"));
        }
        Encap::Ila(locator) => {
            let group = |shift: u32| locator >> shift & 0xffff;
            put!(
                line,
                " encap ila {:x}:{:x}:{:x}:{:x}",
                group(48),
                group(32),
                group(16),
                group(0)
            );
        }
    }
    line
}

fn metric_words(line: &mut String, metrics: &RouteMetrics) {
    let lock = |metric: Metric| if metric.lock { "lock " } else { "" };
    for (keyword, metric, unit) in [
        ("mtu", metrics.mtu, ""),
        ("advmss", metrics.advmss, ""),
        ("reordering", metrics.reordering, ""),
        ("cwnd", metrics.cwnd, ""),
        ("ssthresh", metrics.ssthresh, ""),
        ("rtt", metrics.rtt_ms, "ms"),
        ("rttvar", metrics.rttvar_ms, "ms"),
        ("rto_min", metrics.rto_min_ms, "ms"),
    ] {
        if let Some(metric) = metric {
            put!(line, " {keyword} {}{}{unit}", lock(metric), metric.value);
        }
    }
    for (keyword, value) in [
        ("window", metrics.window),
        ("initcwnd", metrics.initcwnd),
        ("initrwnd", metrics.initrwnd),
        ("hoplimit", metrics.hoplimit.map(u32::from)),
        ("quickack", metrics.quickack.map(u32::from)),
        ("fastopen_no_cookie", metrics.fastopen_no_cookie.map(u32::from)),
    ] {
        if let Some(value) = value {
            put!(line, " {keyword} {value}");
        }
    }
    if metrics.ecn {
        line.push_str(" features ecn");
    }
    if let Some((name, is_locked)) = &metrics.congctl {
        put!(line, " congctl {}{name}", if *is_locked { "lock " } else { "" });
    }
}

fn hop_words(line: &mut String, hop: &NextHop) {
    line.push_str(" nexthop");
    if let Some(gateway) = hop.gateway {
        put!(line, " via {} {gateway}", family_word(gateway));
    }
    if let Some(interface) = hop.interface {
        put!(line, " dev {interface}");
    }
    if hop.weight != 0 {
        put!(line, " weight {}", hop.weight);
    }
    if hop.onlink {
        line.push_str(" onlink");
    }
    if let Some(encap) = &hop.encap {
        line.push_str(&encap_words(encap));
    }
    if let Some(realms) = hop.realms {
        put!(line, " realms {}", realm_words(realms));
    }
}

/// One rule line.
pub(super) fn rule(rule: &Rule) -> Statement {
    let mut line = String::from(match rule.family {
        Family::V4 => "inet",
        Family::V6 => "inet6",
    });
    if rule.invert {
        line.push_str(" not");
    }
    for (keyword, prefix) in [("from", rule.from), ("to", rule.to)] {
        if let Some(prefix) = prefix {
            put!(line, " {keyword} {}", prefixed(prefix));
        }
    }
    match rule.fwmark {
        None => {}
        Some((mark, None)) => put!(line, " fwmark {mark}"),
        Some((mark, Some(mask))) => put!(line, " fwmark {mark}/{mask}"),
    }
    for (keyword, interface) in [("iif", rule.iif), ("oif", rule.oif)] {
        if let Some(interface) = interface {
            put!(line, " {keyword} {interface}");
        }
    }
    for (keyword, value) in [
        ("tos", rule.tos.map(u64::from)),
        ("tunnel-id", rule.tunnel_id),
        ("ipproto", rule.ip_protocol.map(u64::from)),
        ("suppress_prefixlength", rule.suppress_prefix_length.map(u64::from)),
        ("suppress_ifgroup", rule.suppress_group.map(u64::from)),
        ("preference", Some(u64::from(rule.preference))),
    ] {
        if let Some(value) = value {
            put!(line, " {keyword} {value}");
        }
    }
    if let Some((first, last)) = rule.uid_range {
        put!(line, " uidrange {first}-{last}");
    }
    for (keyword, ports) in [("sport", rule.source_ports), ("dport", rule.destination_ports)] {
        if let Some((first, last)) = ports {
            put!(line, " {keyword} {first}-{last}");
        }
    }
    if let Some(realms) = rule.realms {
        put!(line, " realms {}", realm_words(realms));
    }
    if rule.protocol != PROTOCOL_KEEPALIVED {
        put!(line, " protocol {}", rule.protocol);
    }
    match rule.action {
        RuleAction::Table(table) => put!(line, " table {table}"),
        RuleAction::Goto(target) => put!(line, " goto {target}"),
        RuleAction::L3mdev => line.push_str(" l3mdev"),
        RuleAction::Nop => line.push_str(" nop"),
        RuleAction::Blackhole => line.push_str(" blackhole"),
        RuleAction::Unreachable => line.push_str(" unreachable"),
        RuleAction::Prohibit => line.push_str(" prohibit"),
    }
    if rule.no_track {
        line.push_str(" no_track");
    }
    if let Some(group) = &rule.track_group {
        put!(line, " track_group {group}");
    }
    item(&line)
}
