//! The text of routes and rules (`runtime.md` 7.5).

use std::{
    fmt::{self, Display, Formatter, Result},
    net::IpAddr,
};

use keepalived_model::{
    address::Prefixed,
    route::{Encap, Metric, NextHop, Route, RouteMetrics, RoutePosition, RouteType, Rule, RuleAction, TABLE_MAIN},
    units::Family,
};

/// A route.
#[derive(Clone, Copy, Debug)]
pub struct RouteText<'a> {
    /// The route.
    pub route: &'a Route,
    /// Is it installed?
    pub set: bool,
}

impl Display for RouteText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let r = self.route;
        f.write_str(match r.position {
            RoutePosition::Prepend => "prepend",
            RoutePosition::Append => "append",
            RoutePosition::Add => "add",
        })?;
        if let Some(kind) = r.kind.filter(|kind| *kind != RouteType::UNICAST) {
            write!(f, " {}", KindName(kind))?;
        }
        write!(f, " {}", Net(r.destination))?;
        opt(f, "from", r.from.map(Net))?;
        opt(f, "src", r.source)?;
        if r.tos != 0 {
            write!(f, " tos {}", r.tos)?;
        }
        encap(f, r.encap.as_deref())?;
        via(f, r.gateway)?;
        opt(f, "dev", r.interface)?;
        if r.table != TABLE_MAIN {
            write!(f, " table {}", r.table)?;
        }
        if r.protocol != 0 {
            write!(f, " proto {}", r.protocol)?;
        }
        opt(f, "scope", r.scope)?;
        opt(f, "metric", r.metric)?;
        word(f, r.onlink, "onlink")?;
        opt(f, "realms", r.realms.map(Realms))?;
        if let Some(seconds) = r.expires {
            write!(f, " expires {seconds}sec")?;
        }
        if let Some(metrics) = &r.metrics {
            write_metrics(f, metrics)?;
        }
        if let Some(value) = r.pref {
            write!(f, " pref {}", Pref(value))?;
        }
        if let Some(value) = r.ttl_propagate {
            write!(f, " ttl-propagate {}", super::text::enabled(value))?;
        }
        r.nexthops.iter().try_for_each(|hop| nexthop(f, hop))?;
        word(f, r.no_track, "no_track")?;
        opt(f, "track_group", r.track_group.as_deref())?;
        word(f, self.set, "set")
    }
}

fn nexthop(f: &mut Formatter<'_>, hop: &NextHop) -> Result {
    f.write_str(" nexthop")?;
    via(f, hop.gateway)?;
    opt(f, "dev", hop.interface)?;
    if hop.weight != 0 {
        write!(f, " weight {}", hop.weight)?;
    }
    word(f, hop.onlink, "onlink")?;
    opt(f, "realm", hop.realms.map(Realms))?;
    encap(f, hop.encap.as_deref())
}

fn write_metrics(f: &mut Formatter<'_>, m: &RouteMetrics) -> Result {
    if let Some((name, lock)) = &m.congctl {
        write!(f, " congctl {}{name}", if *lock { "lock " } else { "" })?;
    }
    time_metric(f, "rtt", m.rtt_ms)?;
    time_metric(f, "rttvar", m.rttvar_ms)?;
    time_metric(f, "rto_min", m.rto_min_ms)?;
    word(f, m.ecn, "features ecn")?;
    lockable(f, "mtu", m.mtu)?;
    opt(f, "window", m.window)?;
    lockable(f, "ssthresh", m.ssthresh)?;
    lockable(f, "cwnd", m.cwnd)?;
    lockable(f, "advmss", m.advmss)?;
    lockable(f, "reordering", m.reordering)?;
    opt(f, "hoplimit", m.hoplimit)?;
    opt(f, "initcwnd", m.initcwnd)?;
    opt(f, "initrwnd", m.initrwnd)?;
    opt(f, "quickack", m.quickack.map(u8::from))?;
    opt(f, "fastopen_no_cookie", m.fastopen_no_cookie.map(u8::from))
}

fn lockable(f: &mut Formatter<'_>, name: &str, metric: Option<Metric>) -> Result {
    metric.map_or(Ok(()), |m| {
        write!(f, " {name} {}{}", if m.lock { "lock " } else { "" }, m.value)
    })
}

fn time_metric(f: &mut Formatter<'_>, name: &str, metric: Option<Metric>) -> Result {
    let Some(m) = metric else { return Ok(()) };
    write!(f, " {name} {}", if m.lock { "lock " } else { "" })?;
    if m.value >= 1000 && m.value % 1000 == 0 {
        write!(f, "{}s", m.value / 1000)
    } else {
        write!(f, "{}ms", m.value)
    }
}

fn encap(f: &mut Formatter<'_>, encap: Option<&Encap>) -> Result {
    match encap {
        None => Ok(()),
        Some(Encap::Ip {
            id,
            dst,
            src,
            tos,
            ttl,
            flags,
        }) => {
            f.write_str(" encap ip")?;
            opt(f, "id", *id)?;
            opt(f, "dst", *dst)?;
            opt(f, "src", *src)?;
            opt(f, "tos", *tos)?;
            opt(f, "ttl", *ttl)?;
            flags.map_or(Ok(()), |v| write!(f, " flags 0x{v:x}"))
        }
        Some(Encap::Ip6 {
            id,
            dst,
            src,
            tc,
            hoplimit,
            flags,
        }) => {
            f.write_str(" encap ip6")?;
            opt(f, "id", *id)?;
            opt(f, "dst", *dst)?;
            opt(f, "src", *src)?;
            opt(f, "tc", *tc)?;
            opt(f, "hoplimit", *hoplimit)?;
            flags.map_or(Ok(()), |v| write!(f, " flags 0x{v:x}"))
        }
        Some(Encap::Mpls(labels)) => {
            f.write_str(" encap mpls")?;
            labels.iter().enumerate().try_for_each(|(i, label)| {
                let gap = if i == 0 { " " } else { "/" };
                write!(f, "{gap}{label}")
            })
        }
        Some(Encap::Ila(locator)) => write!(
            f,
            " encap ila {:x}:{:x}:{:x}:{:x}",
            locator >> 48,
            locator >> 32 & 0xffff,
            locator >> 16 & 0xffff,
            locator & 0xffff
        ),
    }
}

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleText<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Is it installed?
    pub set: bool,
}

impl Display for RuleText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let r = self.rule;
        if r.invert {
            f.write_str("not ")?;
        }
        if r.family == Family::V6 && r.from.is_none() && r.to.is_none() {
            f.write_str("inet6 ")?;
        }
        match r.from {
            Some(net) => write!(f, "from {}", Net(net))?,
            None => f.write_str("from all")?,
        }
        opt(f, "to", r.to.map(Net))?;
        write!(f, " priority {} tos 0x{:x}", r.preference, r.tos.unwrap_or(0))?;
        if let Some((mark, mask)) = r.fwmark {
            write!(f, " fwmark 0x{mark:x}")?;
            if let Some(mask) = mask {
                write!(f, "/0x{mask:x}")?;
            }
        }
        opt(f, "iif", r.iif)?;
        opt(f, "oif", r.oif)?;
        opt(f, "suppress_prefixlen", r.suppress_prefix_length)?;
        opt(f, "suppress_ifgroup", r.suppress_group)?;
        opt(f, "tunnel-id", r.tunnel_id)?;
        range(f, "uidrange", r.uid_range)?;
        word(f, r.action == RuleAction::L3mdev, "l3mdev")?;
        if r.protocol != 0 {
            write!(f, " protocol {}", r.protocol)?;
        }
        opt(f, "ipproto", r.ip_protocol)?;
        range(f, "sport", r.source_ports)?;
        range(f, "dport", r.destination_ports)?;
        opt(f, "realms", r.realms.map(Realms))?;
        match r.action {
            RuleAction::Table(table) => write!(f, " lookup {table}")?,
            RuleAction::Goto(target) => write!(f, " goto {target}")?,
            RuleAction::L3mdev => f.write_str(" lookup 0")?,
            RuleAction::Nop => f.write_str(" nop")?,
            RuleAction::Blackhole => f.write_str(" type blackhole")?,
            RuleAction::Unreachable => f.write_str(" type unreachable")?,
            RuleAction::Prohibit => f.write_str(" type prohibit")?,
        }
        word(f, r.no_track, "no_track")?;
        opt(f, "track_group", r.track_group.as_deref())?;
        word(f, self.set, "set")
    }
}

fn range<T: Display>(f: &mut Formatter<'_>, name: &str, range: Option<(T, T)>) -> Result {
    match range {
        None => Ok(()),
        Some((low, high)) => write!(f, " {name} {low}-{high}"),
    }
}

fn opt(f: &mut Formatter<'_>, name: &str, value: Option<impl Display>) -> Result {
    value.map_or(Ok(()), |v| write!(f, " {name} {v}"))
}

fn word(f: &mut Formatter<'_>, set: bool, word: &str) -> Result {
    if set { write!(f, " {word}") } else { Ok(()) }
}

fn via(f: &mut Formatter<'_>, gateway: Option<IpAddr>) -> Result {
    match gateway {
        None => Ok(()),
        Some(address @ IpAddr::V4(_)) => write!(f, " via inet {address}"),
        Some(address @ IpAddr::V6(_)) => write!(f, " via inet6 {address}"),
    }
}

/// Source realm, if any, and destination realm.
struct Realms(u32);

impl Display for Realms {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0 >> 16 {
            0 => write!(f, "{}", self.0),
            from => write!(f, "{from}/{}", self.0 & 0xffff),
        }
    }
}

/// A prefix; rules of a host name it without length.
struct Net(Prefixed);

impl Display for Net {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.0.prefix_len == self.0.family().bits() {
            write!(f, "{}", self.0.address)
        } else {
            write!(f, "{}/{}", self.0.address, self.0.prefix_len)
        }
    }
}

struct Pref(u8);

impl Display for Pref {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("medium"),
            1 => f.write_str("high"),
            3 => f.write_str("low"),
            other => write!(f, "{other}"),
        }
    }
}

struct KindName(RouteType);

impl Display for KindName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            RouteType::LOCAL => "local",
            RouteType::BROADCAST => "broadcast",
            RouteType::ANYCAST => "anycast",
            RouteType::MULTICAST => "multicast",
            RouteType::BLACKHOLE => "blackhole",
            RouteType::UNREACHABLE => "unreachable",
            RouteType::PROHIBIT => "prohibit",
            RouteType::THROW => "throw",
            RouteType::NAT => "nat",
            RouteType::XRESOLVE => "xresolve",
            RouteType(other) => return write!(f, "{other}"),
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keepalived_model::units::IfName;

    use super::*;

    fn net(ip: &str, len: u8) -> Prefixed {
        Prefixed::new(ip.parse().unwrap(), len).unwrap()
    }

    // Each expectation is a line that Debian's keepalived 2.2.7 wrote.
    #[test]
    fn routes_read_as_in_the_original() {
        let mut r = Route::plain(net("192.0.2.0", 24));
        r.gateway = Some("10.9.0.2".parse().unwrap());
        r.interface = IfName::new("veth0");
        r.source = Some("10.9.0.1".parse().unwrap());
        r.metric = Some(3);
        let text = |route: &Route| RouteText { route, set: false }.to_string();
        assert_eq!(
            text(&r),
            "prepend 192.0.2.0/24 src 10.9.0.1 via inet 10.9.0.2 dev veth0 proto 18 metric 3"
        );
        let mut r = Route::plain(net("192.0.4.0", 24));
        r.kind = Some(RouteType::UNREACHABLE);
        r.position = RoutePosition::Add;
        r.table = 77;
        r.no_track = true;
        assert_eq!(text(&r), "add unreachable 192.0.4.0/24 table 77 proto 18 no_track");
        let mut r = Route::plain(net("2001:db8:5::", 64));
        r.from = Some(net("2001:db8:6::", 64));
        r.gateway = Some("fe80::2".parse().unwrap());
        r.interface = IfName::new("veth0");
        r.metric = Some(5);
        r.expires = Some(30);
        r.pref = Some(3);
        assert_eq!(
            text(&r),
            "prepend 2001:db8:5::/64 from 2001:db8:6::/64 via inet6 fe80::2 dev veth0 proto 18 metric 5 expires 30sec pref low"
        );
        let mut r = Route::plain(net("192.0.6.0", 24));
        r.no_track = true;
        r.nexthops = vec![
            NextHop {
                gateway: Some("10.9.0.2".parse().unwrap()),
                interface: IfName::new("veth0"),
                weight: 2,
                onlink: true,
                realms: Some(3),
                ..NextHop::default()
            },
            NextHop {
                interface: IfName::new("veth0"),
                ..NextHop::default()
            },
        ];
        assert_eq!(
            text(&r),
            "prepend 192.0.6.0/24 proto 18 nexthop via inet 10.9.0.2 dev veth0 weight 2 onlink realm 3 nexthop dev veth0 no_track"
        );
    }

    #[test]
    fn rules_read_as_in_the_original() {
        let mut r = Rule {
            family: Family::V4,
            invert: false,
            from: Some(net("10.1.0.0", 16)),
            to: Some(net("10.3.0.0", 16)),
            fwmark: Some((1, Some(3))),
            iif: None,
            oif: None,
            tos: Some(16),
            tunnel_id: None,
            uid_range: None,
            ip_protocol: None,
            source_ports: None,
            destination_ports: None,
            realms: None,
            suppress_prefix_length: None,
            suppress_group: None,
            preference: 50,
            protocol: 18,
            action: RuleAction::Table(100),
            no_track: false,
            track_group: None,
        };
        let text = |rule: &Rule| RuleText { rule, set: false }.to_string();
        assert_eq!(
            text(&r),
            "from 10.1.0.0/16 to 10.3.0.0/16 priority 50 tos 0x10 fwmark 0x1/0x3 protocol 18 lookup 100"
        );
        r.from = None;
        r.to = Some(net("1.2.3.4", 32));
        r.fwmark = None;
        r.tos = None;
        r.preference = 4;
        r.action = RuleAction::Prohibit;
        assert_eq!(
            text(&r),
            "from all to 1.2.3.4 priority 4 tos 0x0 protocol 18 type prohibit"
        );
        r.to = None;
        r.uid_range = Some((0, 99));
        r.ip_protocol = Some(6);
        r.source_ports = Some((10, 20));
        r.destination_ports = Some((80, 81));
        r.preference = 16381;
        r.action = RuleAction::Table(5);
        assert_eq!(
            text(&r),
            "from all priority 16381 tos 0x0 uidrange 0-99 protocol 18 ipproto 6 sport 10-20 dport 80-81 lookup 5"
        );
    }
}
