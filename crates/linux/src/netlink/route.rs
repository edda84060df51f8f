//! Routes (vrrp.md 9.3): a configured route as the kernel wants it, and what the kernel tells about one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keepalived_model::address::Prefixed;
use keepalived_model::route::{Encap, Metric, NextHop, Route, RouteMetrics, RoutePosition, RouteType};
use keepalived_model::units::{Family, IfName};

use super::wire::{Writer, attributes, u32_at};

/// Length of `struct rtmsg`.
const ROUTE_HEADER_LEN: usize = 12;
/// What IPv6 routes without a metric get (`IP6_RT_PRIO_USER`).
const DEFAULT_METRIC_V6: u32 = 1024;

const RTA_VIA: u16 = 18;
const RTA_PREF: u16 = 20;
const RTA_ENCAP_TYPE: u16 = 21;
const RTA_ENCAP: u16 = 22;
const RTA_EXPIRES: u16 = 23;
const RTA_TTL_PROPAGATE: u16 = 26;
const RTNH_F_ONLINK: u8 = 4;

/// Where the interfaces of a namespace can be asked for.
pub trait Interfaces {
    /// The index of an interface.
    fn index(&self, name: &IfName) -> Option<u32>;
    /// The routing table of a VRF device.
    fn vrf_table(&self, name: &IfName) -> Option<u32>;
}

/// A configured route that names an interface which does not exist (yet).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownInterface(pub IfName);

impl std::fmt::Display for UnknownInterface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no interface {}", self.0)
    }
}

impl std::error::Error for UnknownInterface {}

/// A route to be added, replaced or deleted, with its interfaces resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteSpec {
    info: RouteInfo,
    position: RoutePosition,
    /// Neither scope nor type take part in the deletion unless they are configured.
    scope: Option<u8>,
    kind: Option<RouteType>,
    several_hops: bool,
    flags: u8,
    from_len: u8,
    /// Everything behind the header.
    attributes: Box<[u8]>,
}

/// What tells routes apart; also what the kernel says of a route that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RouteInfo {
    /// Destination; prefix length 0 is the default route.
    pub destination: Prefixed,
    /// The routing table.
    pub table: u32,
    /// Type of service.
    pub tos: u8,
    /// Metric; the kernel's default when none was asked for.
    pub metric: u32,
    /// The next hop; none with several of them.
    pub gateway: Option<IpAddr>,
    /// The outgoing interface; none with several next hops, or when the gateway decides.
    pub interface: Option<u32>,
    /// Who made it (`RTPROT_`): 18 is ours.
    pub protocol: u8,
    /// `RTN_`: 1 is unicast.
    pub kind: u8,
}

impl RouteSpec {
    /// A configured route. `device` is the interface of a route that names none and needs one, having no gateway.
    ///
    /// # Errors
    /// When an interface or VRF that it names does not exist; it can be tried again when that appears.
    pub fn configured(
        route: &Route,
        device: Option<u32>,
        interfaces: &impl Interfaces,
    ) -> Result<Self, UnknownInterface> {
        let index = |name: &IfName| interfaces.index(name).ok_or(UnknownInterface(*name));
        let interface = match &route.interface {
            Some(name) => Some(index(name)?),
            None if needs_device(route) => device,
            None => None,
        };
        let table = match &route.vrf {
            Some(name) => interfaces.vrf_table(name).ok_or(UnknownInterface(*name))?,
            None => route.table,
        };
        let default_metric = if route.family == Family::V6 {
            DEFAULT_METRIC_V6
        } else {
            0
        };
        let info = RouteInfo {
            destination: route.destination,
            table,
            tos: route.tos,
            metric: route.metric.unwrap_or(default_metric),
            gateway: route.gateway,
            interface,
            protocol: route.protocol,
            kind: route.kind.map_or(RouteType::UNICAST.0, |kind| kind.0),
        };
        let mut writer = Writer::default();
        write_attributes(&mut writer, route, &info);
        if !route.nexthops.is_empty() {
            let mut hops = Vec::with_capacity(route.nexthops.len());
            for hop in &route.nexthops {
                hops.push((hop, hop.interface.as_ref().map(index).transpose()?));
            }
            writer.nested(libc::RTA_MULTIPATH, |list| {
                hops.iter()
                    .for_each(|(hop, index)| write_hop(list, hop, *index, route.family))
            });
        }
        Ok(Self {
            info,
            position: route.position,
            scope: route.scope,
            kind: route.kind,
            several_hops: !route.nexthops.is_empty(),
            flags: if route.onlink { RTNH_F_ONLINK } else { 0 },
            from_len: route.from.map_or(0, |from| from.prefix_len),
            attributes: writer.bytes().into(),
        })
    }

    /// What tells it apart.
    #[must_use]
    pub const fn info(&self) -> &RouteInfo {
        &self.info
    }

    /// Is it this route that the kernel tells of (vrrp.md 9.5)?
    #[must_use]
    pub fn is(&self, told: &RouteInfo) -> bool {
        let same_hop = self.several_hops
            || (self.info.gateway == told.gateway
                && (self.info.interface.is_none() || self.info.interface == told.interface));
        same_hop
            && self.info.destination == told.destination
            && self.info.table == told.table
            && self.info.tos == told.tos
            && self.info.metric == told.metric
            && self.info.protocol == told.protocol
    }

    pub(super) const fn creation_flags(&self) -> i32 {
        libc::NLM_F_CREATE
            | match self.position {
                RoutePosition::Prepend => 0,
                RoutePosition::Append => libc::NLM_F_APPEND,
                RoutePosition::Add => libc::NLM_F_EXCL,
            }
    }

    pub(super) fn write_new(&self, writer: &mut Writer) {
        // As ip(8) does: what stays on this host or link cannot have the scope of the universe.
        let scope = self.scope.unwrap_or(match self.kind {
            Some(RouteType::LOCAL | RouteType::NAT) => 254,
            Some(RouteType::BROADCAST | RouteType::MULTICAST | RouteType::ANYCAST) => 253,
            _ => 0,
        });
        self.write(writer, scope, self.info.kind);
    }

    /// Scope "nowhere" and type 0 match every one.
    pub(super) fn write_delete(&self, writer: &mut Writer) {
        self.write(writer, self.scope.unwrap_or(255), self.kind.map_or(0, |kind| kind.0));
    }

    fn write(&self, writer: &mut Writer, scope: u8, kind: u8) {
        let info = &self.info;
        let family = family_number(info.destination.family());
        let table = u8::try_from(info.table).unwrap_or(0);
        let [a, b, c, d] = u32::from(self.flags).to_ne_bytes();
        let prefix = info.destination.prefix_len;
        writer.raw(&[
            family,
            prefix,
            self.from_len,
            info.tos,
            table,
            info.protocol,
            scope,
            kind,
            a,
            b,
            c,
            d,
        ]);
        writer.raw(&self.attributes);
    }
}

impl RouteInfo {
    /// Read the payload of `RTM_NEWROUTE` or `RTM_DELROUTE`; `None` when it is cut short, of another family, or an entry of
    /// the route cache.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        const RTM_F_CLONED: u32 = 0x200;
        let family = family_of(*payload.first()?)?;
        if u32_at(payload, 8)? & RTM_F_CLONED != 0 {
            return None;
        }
        let mut destination = unspecified(family);
        let mut info = Self {
            destination: Prefixed::new(destination, 0)?,
            table: u32::from(*payload.get(4)?),
            tos: *payload.get(3)?,
            metric: 0,
            gateway: None,
            interface: None,
            protocol: *payload.get(5)?,
            kind: *payload.get(7)?,
        };
        for (kind, value) in attributes(payload.get(ROUTE_HEADER_LEN..)?) {
            match kind {
                libc::RTA_DST => destination = address(family, value)?,
                libc::RTA_TABLE => info.table = u32_at(value, 0)?,
                libc::RTA_PRIORITY => info.metric = u32_at(value, 0)?,
                libc::RTA_GATEWAY => info.gateway = address(family, value),
                RTA_VIA => info.gateway = via(value),
                libc::RTA_OIF => info.interface = u32_at(value, 0),
                _ => {}
            }
        }
        info.destination = Prefixed::new(destination, *payload.get(1)?)?;
        Some(info)
    }
}

/// Routes that lead nowhere have no interface, and the others may have it from their gateway.
fn needs_device(route: &Route) -> bool {
    let leads_nowhere = matches!(
        route.kind,
        Some(RouteType::BLACKHOLE | RouteType::UNREACHABLE | RouteType::PROHIBIT | RouteType::THROW)
    );
    !leads_nowhere && route.gateway.is_none() && route.nexthops.is_empty()
}

pub(super) fn family_number(family: Family) -> u8 {
    let number = match family {
        Family::V4 => libc::AF_INET,
        Family::V6 => libc::AF_INET6,
    };
    u8::try_from(number).unwrap_or(0)
}

pub(super) fn family_of(number: u8) -> Option<Family> {
    match i32::from(number) {
        libc::AF_INET => Some(Family::V4),
        libc::AF_INET6 => Some(Family::V6),
        _ => None,
    }
}

pub(super) const fn unspecified(family: Family) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Family::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

pub(super) fn address(family: Family, value: &[u8]) -> Option<IpAddr> {
    match family {
        Family::V4 => <[u8; 4]>::try_from(value).ok().map(IpAddr::from),
        Family::V6 => <[u8; 16]>::try_from(value).ok().map(IpAddr::from),
    }
}

/// `struct rtvia`: a family of 16 bits and the address.
fn via(value: &[u8]) -> Option<IpAddr> {
    let family = u8::try_from(super::wire::u16_at(value, 0)?).ok()?;
    address(family_of(family)?, value.get(2..)?)
}

pub(super) fn write_address(writer: &mut Writer, kind: u16, address: IpAddr) {
    match address {
        IpAddr::V4(address) => writer.attribute(kind, &address.octets()),
        IpAddr::V6(address) => writer.attribute(kind, &address.octets()),
    }
}

fn write_attributes(writer: &mut Writer, route: &Route, info: &RouteInfo) {
    if info.destination.prefix_len > 0 {
        write_address(writer, libc::RTA_DST, info.destination.address);
    }
    if let Some(from) = route.from {
        write_address(writer, libc::RTA_SRC, from.address);
    }
    if let Some(source) = route.source {
        write_address(writer, libc::RTA_PREFSRC, source);
    }
    if let Some(gateway) = info.gateway {
        write_gateway(writer, gateway, route.family);
    }
    let numbers = [
        (libc::RTA_OIF, info.interface),
        (libc::RTA_PRIORITY, route.metric),
        (libc::RTA_FLOW, route.realms),
        (RTA_EXPIRES, route.expires),
        (libc::RTA_TABLE, (info.table > 255).then_some(info.table)),
    ];
    for (kind, value) in numbers {
        if let Some(value) = value {
            writer.attribute_u32(kind, value);
        }
    }
    if let Some(encap) = &route.encap {
        write_encap(writer, encap);
    }
    if let Some(pref) = route.pref {
        writer.attribute(RTA_PREF, &[pref]);
    }
    if let Some(propagate) = route.ttl_propagate {
        writer.attribute(RTA_TTL_PROPAGATE, &[u8::from(propagate)]);
    }
    if let Some(metrics) = &route.metrics {
        writer.nested(libc::RTA_METRICS, |nest| write_metrics(nest, metrics));
    }
}

/// A gateway of the other family (IPv4 over an IPv6 next hop) goes into another attribute.
fn write_gateway(writer: &mut Writer, gateway: IpAddr, family: Family) {
    if Family::of(gateway) == family {
        return write_address(writer, libc::RTA_GATEWAY, gateway);
    }
    let mut value = u16::from(family_number(Family::of(gateway))).to_ne_bytes().to_vec();
    match gateway {
        IpAddr::V4(address) => value.extend_from_slice(&address.octets()),
        IpAddr::V6(address) => value.extend_from_slice(&address.octets()),
    }
    writer.attribute(RTA_VIA, &value);
}

/// `struct rtnexthop` and its attributes (`rtnetlink(7)`). The kernel counts hops from 0.
fn write_hop(writer: &mut Writer, hop: &NextHop, index: Option<u32>, family: Family) {
    let flags = if hop.onlink { RTNH_F_ONLINK } else { 0 };
    let weight = u8::try_from(hop.weight.saturating_sub(1)).unwrap_or(u8::MAX);
    writer.counted(&[flags, weight], &index.unwrap_or(0).to_ne_bytes(), |attributes| {
        if let Some(gateway) = hop.gateway {
            write_gateway(attributes, gateway, family);
        }
        if let Some(encap) = &hop.encap {
            write_encap(attributes, encap);
        }
        if let Some(realms) = hop.realms {
            attributes.attribute_u32(libc::RTA_FLOW, realms);
        }
    });
}

/// `RTA_ENCAP_TYPE` and `RTA_ENCAP` (linux/lwtunnel.h, linux/mpls_iptunnel.h, linux/ila.h).
fn write_encap(writer: &mut Writer, encap: &Encap) {
    let kind: u16 = match encap {
        Encap::Mpls(_) => 1,
        Encap::Ip { .. } => 2,
        Encap::Ila(_) => 3,
        Encap::Ip6 { .. } => 4,
    };
    writer.attribute(RTA_ENCAP_TYPE, &kind.to_ne_bytes());
    writer.nested(RTA_ENCAP, |nest| match encap {
        Encap::Mpls(labels) => {
            let last = labels.len().saturating_sub(1);
            // Label, traffic class, bottom of stack, TTL (RFC 3032 section 2.1).
            let entry = |(at, label): (usize, &u32)| ((label << 12) | (u32::from(at == last) << 8)).to_be_bytes();
            nest.attribute(1, &labels.iter().enumerate().flat_map(entry).collect::<Vec<_>>());
        }
        Encap::Ila(locator) => nest.attribute(1, &locator.to_be_bytes()),
        Encap::Ip {
            id,
            dst,
            src,
            tos,
            ttl,
            flags,
        } => {
            write_tunnel(
                nest,
                *id,
                dst.map(IpAddr::V4),
                src.map(IpAddr::V4),
                [*ttl, *tos],
                *flags,
            );
        }
        Encap::Ip6 {
            id,
            dst,
            src,
            tc,
            hoplimit,
            flags,
        } => {
            write_tunnel(
                nest,
                *id,
                dst.map(IpAddr::V6),
                src.map(IpAddr::V6),
                [*hoplimit, *tc],
                *flags,
            );
        }
    });
}

/// `LWTUNNEL_IP_` and `LWTUNNEL_IP6_` number their attributes alike.
fn write_tunnel(
    writer: &mut Writer,
    id: Option<u64>,
    dst: Option<IpAddr>,
    src: Option<IpAddr>,
    ttl_and_tos: [Option<u8>; 2],
    flags: Option<u16>,
) {
    if let Some(id) = id {
        writer.attribute(1, &id.to_be_bytes());
    }
    for (kind, address) in [(2, dst), (3, src)] {
        if let Some(address) = address {
            write_address(writer, kind, address);
        }
    }
    for (kind, value) in [(4, ttl_and_tos[0]), (5, ttl_and_tos[1])] {
        if let Some(value) = value {
            writer.attribute(kind, &[value]);
        }
    }
    if let Some(flags) = flags {
        writer.attribute(6, &flags.to_be_bytes());
    }
}

/// `RTA_METRICS` (`RTAX_`, linux/rtnetlink.h).
fn write_metrics(writer: &mut Writer, metrics: &RouteMetrics) {
    const RTAX_LOCK: u16 = 1;
    const RTAX_FEATURES: u16 = 12;
    const RTAX_CC_ALGO: u16 = 16;
    const FEATURE_ECN: u32 = 1;
    let plain = |value: Option<u32>| value.map(|value| Metric { value, lock: false });
    // The kernel keeps round-trip times in eighths and their variation in quarters of a millisecond.
    let scaled = |metric: Option<Metric>, factor| {
        metric.map(|Metric { value, lock }| Metric {
            value: value.saturating_mul(factor),
            lock,
        })
    };
    let all = [
        (2, metrics.mtu),
        (3, plain(metrics.window)),
        (4, scaled(metrics.rtt_ms, 8)),
        (5, scaled(metrics.rttvar_ms, 4)),
        (6, metrics.ssthresh),
        (7, metrics.cwnd),
        (8, metrics.advmss),
        (9, metrics.reordering),
        (10, plain(metrics.hoplimit.map(u32::from))),
        (11, plain(metrics.initcwnd)),
        (13, metrics.rto_min_ms),
        (14, plain(metrics.initrwnd)),
        (15, plain(metrics.quickack.map(u32::from))),
        (17, plain(metrics.fastopen_no_cookie.map(u32::from))),
    ];
    let mut locks = 0_u32;
    for (kind, metric) in all {
        if let Some(Metric { value, lock }) = metric {
            writer.attribute_u32(kind, value);
            locks |= u32::from(lock) << kind;
        }
    }
    if metrics.ecn {
        writer.attribute_u32(RTAX_FEATURES, FEATURE_ECN);
    }
    if let Some((name, lock)) = &metrics.congctl {
        writer.attribute_str(RTAX_CC_ALGO, name);
        locks |= u32::from(*lock) << RTAX_CC_ALGO;
    }
    if locks != 0 {
        writer.attribute_u32(RTAX_LOCK, locks);
    }
}
