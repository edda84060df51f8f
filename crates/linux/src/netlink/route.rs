//! Routes (vrrp.md 9.3): a configured route as the kernel wants it, and what the kernel tells about one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keepalived_model::address::Prefixed;
use keepalived_model::route::{Encap, Metric, NextHop, Route, RouteMetrics, RoutePosition, RouteType};
use keepalived_model::units::{Family, IfName};

use netlink_packet_core::{DefaultNla, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, Nla as _};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::route::{
    MplsLabel, RouteAddress, RouteAttribute, RouteFlags, RouteIp6Tunnel, RouteIp6TunnelFlags, RouteIpTunnel,
    RouteIpTunnelFlags, RouteLwEnCapType, RouteLwTunnelEncap, RouteMessage, RouteMetric, RouteMplsIpTunnel,
    RouteNextHop, RouteNextHopFlags, RouteRealm, RouteVia,
};

/// What IPv6 routes without a metric, or with 0, get (`IP6_RT_PRIO_USER`).
const DEFAULT_METRIC_V6: u32 = 1024;

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
    onlink: bool,
    from_len: u8,
    attributes: Vec<RouteAttribute>,
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
            // A metric of 0 is none.
            metric: route.metric.filter(|metric| *metric != 0).unwrap_or(default_metric),
            gateway: route.gateway,
            interface,
            protocol: route.protocol,
            kind: route.kind.map_or(RouteType::UNICAST.0, |kind| kind.0),
        };
        let mut attributes = attributes(route, &info);
        if !route.nexthops.is_empty() {
            let mut hops = Vec::with_capacity(route.nexthops.len());
            for hop in &route.nexthops {
                let index = hop.interface.as_ref().map(index).transpose()?;
                hops.push(next_hop(hop, index, route.family));
            }
            attributes.push(RouteAttribute::MultiPath(hops));
        }
        Ok(Self {
            info,
            position: route.position,
            scope: route.scope,
            kind: route.kind,
            several_hops: !route.nexthops.is_empty(),
            onlink: route.onlink,
            from_len: route.from.map_or(0, |from| from.prefix_len),
            attributes,
        })
    }

    /// A route that the kernel told of, to be deleted.
    #[must_use]
    pub fn told(info: RouteInfo) -> Self {
        let family = info.destination.family();
        let destination = (info.destination.prefix_len > 0).then_some(info.destination.address);
        let attributes = [
            destination.map(|address| RouteAttribute::Destination(address.into())),
            info.gateway.map(|gateway| via(gateway, family)),
            info.interface.map(RouteAttribute::Oif),
            Some(RouteAttribute::Priority(info.metric)),
            (info.table > 255).then_some(RouteAttribute::Table(info.table)),
        ];
        Self {
            position: RoutePosition::Prepend,
            scope: None,
            kind: Some(RouteType(info.kind)),
            several_hops: info.gateway.is_none() && info.interface.is_none(),
            onlink: false,
            from_len: 0,
            attributes: attributes.into_iter().flatten().collect(),
            info,
        }
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

    /// Would [`super::Operation::ReplaceRoute`] with this route put it in the place of `old`?
    #[must_use]
    pub fn takes_the_place_of(&self, old: &Self) -> bool {
        let key = |spec: &Self| (spec.info.destination, spec.info.table, spec.info.tos, spec.info.metric);
        let from = |spec: &Self| {
            let source = |a: &RouteAttribute| matches!(a, RouteAttribute::Source(_));
            (spec.from_len, spec.attributes.iter().find(|a| source(a)).cloned())
        };
        key(self) == key(old) && from(self) == from(old)
    }

    pub(super) const fn creation_flags(&self) -> u16 {
        NLM_F_CREATE
            | match self.position {
                RoutePosition::Prepend => 0,
                RoutePosition::Append => NLM_F_APPEND,
                RoutePosition::Add => NLM_F_EXCL,
            }
    }

    /// The payload of `RTM_NEWROUTE`.
    pub(super) fn addition(&self) -> RouteMessage {
        // As ip(8) does: what stays on this host or link cannot have the scope of the universe. The kernel refuses the original's
        // routes of these types; multicast ones it takes.
        let scope = self.scope.unwrap_or(match self.kind {
            Some(RouteType::LOCAL | RouteType::NAT) => 254,
            Some(RouteType::BROADCAST | RouteType::ANYCAST) => 253,
            _ => 0,
        });
        self.message(scope, self.info.kind)
    }

    /// The payload of `RTM_DELROUTE`. Scope "nowhere" and type 0 match every one.
    pub(super) fn deletion(&self) -> RouteMessage {
        self.message(self.scope.unwrap_or(255), self.kind.map_or(0, |kind| kind.0))
    }

    fn message(&self, scope: u8, kind: u8) -> RouteMessage {
        let info = &self.info;
        let mut message = RouteMessage::default();
        let header = &mut message.header;
        header.address_family = address_family(info.destination.family());
        header.destination_prefix_length = info.destination.prefix_len;
        header.source_prefix_length = self.from_len;
        header.tos = info.tos;
        header.table = u8::try_from(info.table).unwrap_or(0);
        header.protocol = info.protocol.into();
        header.scope = scope.into();
        header.kind = kind.into();
        if self.onlink {
            header.flags = RouteFlags::Onlink;
        }
        message.attributes.clone_from(&self.attributes);
        message
    }
}

impl RouteInfo {
    /// What `RTM_NEWROUTE` or `RTM_DELROUTE` says; `None` when it is of another family, contradicts itself, or is an entry of
    /// the route cache.
    pub(super) fn of(message: &RouteMessage) -> Option<Self> {
        let header = &message.header;
        let family = family_of(header.address_family)?;
        if header.flags.contains(RouteFlags::Cloned) {
            return None;
        }
        let mut destination = unspecified(family);
        let mut info = Self {
            destination: Prefixed::new(destination, 0)?,
            table: u32::from(header.table),
            tos: header.tos,
            metric: 0,
            gateway: None,
            interface: None,
            protocol: header.protocol.into(),
            kind: header.kind.into(),
        };
        for attribute in &message.attributes {
            match attribute {
                RouteAttribute::Destination(address) => destination = ip(address)?,
                RouteAttribute::Table(table) => info.table = *table,
                RouteAttribute::Priority(metric) => info.metric = *metric,
                RouteAttribute::Gateway(address) => info.gateway = ip(address),
                RouteAttribute::Via(RouteVia::Inet(address)) => info.gateway = Some((*address).into()),
                RouteAttribute::Via(RouteVia::Inet6(address)) => info.gateway = Some((*address).into()),
                RouteAttribute::Oif(index) => info.interface = Some(*index),
                _ => {}
            }
        }
        info.destination = Prefixed::new(destination, header.destination_prefix_length)?;
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

pub(super) const fn address_family(family: Family) -> AddressFamily {
    match family {
        Family::V4 => AddressFamily::Inet,
        Family::V6 => AddressFamily::Inet6,
    }
}

pub(super) const fn family_of(family: AddressFamily) -> Option<Family> {
    match family {
        AddressFamily::Inet => Some(Family::V4),
        AddressFamily::Inet6 => Some(Family::V6),
        _ => None,
    }
}

pub(super) const fn unspecified(family: Family) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Family::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

/// `RTA_FLOW` and `FRA_FLOW` are one number to us, as in the configuration: the source's realm above, the destination's below.
pub(super) const fn realm(realms: u32) -> RouteRealm {
    let [a, b, c, d] = realms.to_be_bytes();
    RouteRealm {
        source: u16::from_be_bytes([a, b]),
        destination: u16::from_be_bytes([c, d]),
    }
}

/// The inverse of [`realm`].
pub(super) fn realms(realm: RouteRealm) -> u32 {
    u32::from(realm.source) << 16 | u32::from(realm.destination)
}

const fn ip(address: &RouteAddress) -> Option<IpAddr> {
    match address {
        RouteAddress::Inet(address) => Some(IpAddr::V4(*address)),
        RouteAddress::Inet6(address) => Some(IpAddr::V6(*address)),
        _ => None,
    }
}

fn attributes(route: &Route, info: &RouteInfo) -> Vec<RouteAttribute> {
    let destination = (info.destination.prefix_len > 0).then_some(info.destination.address);
    let mut attributes: Vec<_> = [
        destination.map(|address| RouteAttribute::Destination(address.into())),
        route.from.map(|from| RouteAttribute::Source(from.address.into())),
        route.source.map(|source| RouteAttribute::PrefSource(source.into())),
        info.gateway.map(|gateway| via(gateway, route.family)),
        info.interface.map(RouteAttribute::Oif),
        route.metric.map(RouteAttribute::Priority),
        route.realms.map(|realms| RouteAttribute::Realm(realm(realms))),
        route.expires.map(RouteAttribute::Expires),
        (info.table > 255).then_some(RouteAttribute::Table(info.table)),
        route.pref.map(|pref| RouteAttribute::Preference(pref.into())),
        route
            .ttl_propagate
            .map(|propagate| RouteAttribute::TtlPropagate(u8::from(propagate).into())),
        route
            .metrics
            .as_ref()
            .map(|list| RouteAttribute::Metrics(metrics(list))),
    ]
    .into_iter()
    .flatten()
    .collect();
    attributes.extend(route.encap.as_deref().into_iter().flat_map(encapsulation));
    attributes
}

/// A gateway of the other family (IPv4 over an IPv6 next hop) goes into another attribute.
fn via(gateway: IpAddr, family: Family) -> RouteAttribute {
    match gateway {
        _ if Family::of(gateway) == family => RouteAttribute::Gateway(gateway.into()),
        IpAddr::V4(address) => RouteAttribute::Via(RouteVia::Inet(address)),
        IpAddr::V6(address) => RouteAttribute::Via(RouteVia::Inet6(address)),
    }
}

/// One of several next hops. The kernel counts hops from 0, and so does the type.
fn next_hop(hop: &NextHop, index: Option<u32>, family: Family) -> RouteNextHop {
    let mut told = RouteNextHop::default();
    if hop.onlink {
        told.flags = RouteNextHopFlags::Onlink;
    }
    told.hops = u8::try_from(hop.weight.saturating_sub(1)).unwrap_or(u8::MAX);
    told.interface_index = index.unwrap_or(0);
    told.attributes.extend(hop.gateway.map(|gateway| via(gateway, family)));
    told.attributes
        .extend(hop.encap.as_deref().into_iter().flat_map(encapsulation));
    told.attributes
        .extend(hop.realms.map(|realms| RouteAttribute::Realm(realm(realms))));
    told
}

/// `RTA_ENCAP_TYPE` and `RTA_ENCAP` (linux/lwtunnel.h, linux/mpls_iptunnel.h, linux/ila.h).
fn encapsulation(encap: &Encap) -> [RouteAttribute; 2] {
    let (kind, attributes) = match encap {
        Encap::Mpls(labels) => {
            let last = labels.len().saturating_sub(1);
            let label = |(at, &label): (usize, &u32)| MplsLabel {
                label,
                traffic_class: 0,
                bottom_of_stack: at == last,
                ttl: 0,
            };
            let stack = labels.iter().enumerate().map(label).collect();
            let destination = RouteLwTunnelEncap::Mpls(RouteMplsIpTunnel::Destination(stack));
            (RouteLwEnCapType::Mpls, vec![destination])
        }
        // There is no type for it: attribute 1 is the locator.
        Encap::Ila(locator) => {
            let locator = DefaultNla::new(1, locator.to_be_bytes().into());
            (RouteLwEnCapType::Ila, vec![RouteLwTunnelEncap::Other(locator)])
        }
        Encap::Ip {
            id,
            dst,
            src,
            tos,
            ttl,
            flags,
        } => {
            let all = [
                id.map(RouteIpTunnel::Id),
                dst.map(RouteIpTunnel::Destination),
                src.map(RouteIpTunnel::Source),
                ttl.map(RouteIpTunnel::Ttl),
                tos.map(RouteIpTunnel::Tos),
                flags.map(|flags| RouteIpTunnel::Flags(RouteIpTunnelFlags::from_bits_retain(flags))),
            ];
            let all = all.into_iter().flatten().map(RouteLwTunnelEncap::Ip);
            (RouteLwEnCapType::Ip, all.collect())
        }
        Encap::Ip6 {
            id,
            dst,
            src,
            tc,
            hoplimit,
            flags,
        } => {
            let all = [
                id.map(RouteIp6Tunnel::Id),
                dst.map(RouteIp6Tunnel::Destination),
                src.map(RouteIp6Tunnel::Source),
                hoplimit.map(RouteIp6Tunnel::Hoplimit),
                tc.map(RouteIp6Tunnel::Tc),
                flags.map(|flags| RouteIp6Tunnel::Flags(RouteIp6TunnelFlags::from_bits_retain(flags))),
            ];
            let all = all.into_iter().flatten().map(RouteLwTunnelEncap::Ip6);
            (RouteLwEnCapType::Ip6, all.collect())
        }
    };
    [RouteAttribute::EncapType(kind), RouteAttribute::Encap(attributes)]
}

/// `RTA_METRICS` (`RTAX_`, linux/rtnetlink.h).
fn metrics(metrics: &RouteMetrics) -> Vec<RouteMetric> {
    type Make = fn(u32) -> RouteMetric;
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
    let all: [(Make, _); 14] = [
        (RouteMetric::Mtu, metrics.mtu),
        (RouteMetric::Window, plain(metrics.window)),
        (RouteMetric::Rtt, scaled(metrics.rtt_ms, 8)),
        (RouteMetric::RttVar, scaled(metrics.rttvar_ms, 4)),
        (RouteMetric::SsThresh, metrics.ssthresh),
        (RouteMetric::Cwnd, metrics.cwnd),
        (RouteMetric::Advmss, metrics.advmss),
        (RouteMetric::Reordering, metrics.reordering),
        (RouteMetric::Hoplimit, plain(metrics.hoplimit.map(u32::from))),
        (RouteMetric::InitCwnd, plain(metrics.initcwnd)),
        (RouteMetric::RtoMin, metrics.rto_min_ms),
        (RouteMetric::InitRwnd, plain(metrics.initrwnd)),
        (RouteMetric::QuickAck, plain(metrics.quickack.map(u32::from))),
        (
            RouteMetric::FastopenNoCookie,
            plain(metrics.fastopen_no_cookie.map(u32::from)),
        ),
    ];
    let mut list = Vec::new();
    let mut locks = 0_u32;
    for (make, metric) in all {
        if let Some(Metric { value, lock }) = metric {
            let metric = make(value);
            locks |= u32::from(lock) << metric.kind();
            list.push(metric);
        }
    }
    if metrics.ecn {
        list.push(RouteMetric::Features(FEATURE_ECN));
    }
    if let Some((name, lock)) = &metrics.congctl {
        list.push(RouteMetric::CcAlgo(name.to_string()));
        locks |= u32::from(*lock) << RTAX_CC_ALGO;
    }
    if locks != 0 {
        list.push(RouteMetric::Lock(locks));
    }
    list
}
