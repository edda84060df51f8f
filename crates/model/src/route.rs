//! Routes and policy rules (`virtual_routes`, `static_routes`, `virtual_rules`, `static_rules`).
//!
//! Numbers are those of the kernel (rtnetlink); names of the iproute2 tables were resolved when the configuration was read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::{
    address::Prefixed,
    units::{Family, IfName},
};

/// Route and rule protocol of everything that is ours (`RTPROT_KEEPALIVED`).
pub const PROTOCOL_KEEPALIVED: u8 = 18;
/// The main routing table.
pub const TABLE_MAIN: u32 = 254;

/// Kernel route type (`RTN_*`), 0..=255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RouteType(pub u8);

impl RouteType {
    /// Gateway or direct route.
    pub const UNICAST: Self = Self(1);
    /// Accept locally.
    pub const LOCAL: Self = Self(2);
    /// Accept locally as broadcast, send as broadcast.
    pub const BROADCAST: Self = Self(3);
    /// Accept locally as broadcast, but send as unicast.
    pub const ANYCAST: Self = Self(4);
    /// Multicast route.
    pub const MULTICAST: Self = Self(5);
    /// Drop.
    pub const BLACKHOLE: Self = Self(6);
    /// Destination is unreachable.
    pub const UNREACHABLE: Self = Self(7);
    /// Administratively prohibited.
    pub const PROHIBIT: Self = Self(8);
    /// Not in this table.
    pub const THROW: Self = Self(9);
    /// Translate this address.
    pub const NAT: Self = Self(10);
    /// Use an external resolver.
    pub const XRESOLVE: Self = Self(11);
}

/// Where among equal routes a route is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RoutePosition {
    /// `prepend`: before those that match (default).
    #[default]
    Prepend,
    /// `append`: after those that match.
    Append,
    /// `add`: only when none matches.
    Add,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Route {
    /// Family of the destination.
    pub family: Family,
    /// Type word, if one was written; unicast otherwise.
    pub kind: Option<RouteType>,
    /// Destination; prefix length 0 is the default route.
    pub destination: Prefixed,
    /// `via`; of the other family it becomes RTA_VIA.
    pub gateway: Option<IpAddr>,
    /// `src`: preferred source address.
    pub source: Option<IpAddr>,
    /// `from`: source prefix (IPv6).
    pub from: Option<Prefixed>,
    /// `dev`.
    pub interface: Option<IfName>,
    /// `tos`.
    pub tos: u8,
    /// `table`, default [`TABLE_MAIN`].
    pub table: u32,
    /// `vrf`: the table of this VRF replaces `table`.
    pub vrf: Option<IfName>,
    /// `protocol`, default [`PROTOCOL_KEEPALIVED`]; always that unless `no_track`.
    pub protocol: u8,
    /// `scope`, if one was written.
    pub scope: Option<u8>,
    /// `metric`.
    pub metric: Option<u32>,
    /// `onlink`.
    pub onlink: bool,
    /// `encap`.
    pub encap: Option<Box<Encap>>,
    /// `expires`, seconds (IPv6).
    pub expires: Option<u32>,
    /// `realms`: source realm in the upper 16 bits.
    pub realms: Option<u32>,
    /// `pref` (IPv6): 0 medium, 1 high, 3 low.
    pub pref: Option<u8>,
    /// `ttl-propagate`.
    pub ttl_propagate: Option<bool>,
    /// Route metrics; boxed because few routes have any.
    pub metrics: Option<Box<RouteMetrics>>,
    /// Several next hops (`nexthop`, `or`).
    pub nexthops: Vec<NextHop>,
    /// `add`, `append`, `prepend`.
    pub position: RoutePosition,
    /// `no_track`: removal by others is not noticed.
    pub no_track: bool,
    /// `track_group` (static routes only).
    pub track_group: Option<Box<str>>,
}

impl Route {
    /// A route with all options at their defaults.
    #[must_use]
    pub const fn plain(destination: Prefixed) -> Self {
        Self {
            family: destination.family(),
            kind: None,
            destination,
            gateway: None,
            source: None,
            from: None,
            interface: None,
            tos: 0,
            table: TABLE_MAIN,
            vrf: None,
            protocol: PROTOCOL_KEEPALIVED,
            scope: None,
            metric: None,
            onlink: false,
            encap: None,
            expires: None,
            realms: None,
            pref: None,
            ttl_propagate: None,
            metrics: None,
            nexthops: Vec::new(),
            position: RoutePosition::Prepend,
            no_track: false,
            track_group: None,
        }
    }
}

/// A route metric and whether path discovery must leave it alone (`lock`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Metric {
    /// The value in the unit of its keyword.
    pub value: u32,
    /// `lock`.
    pub lock: bool,
}

/// RTA_METRICS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RouteMetrics {
    /// `mtu`, bytes.
    pub mtu: Option<Metric>,
    /// `advmss`, bytes.
    pub advmss: Option<Metric>,
    /// `reordering`, packets.
    pub reordering: Option<Metric>,
    /// `cwnd`, packets.
    pub cwnd: Option<Metric>,
    /// `ssthresh`, packets.
    pub ssthresh: Option<Metric>,
    /// `window`, bytes.
    pub window: Option<u32>,
    /// `initcwnd`, packets.
    pub initcwnd: Option<u32>,
    /// `initrwnd`, packets.
    pub initrwnd: Option<u32>,
    /// `hoplimit`, 0..=255.
    pub hoplimit: Option<u8>,
    /// `rtt` in milliseconds (the kernel wants eighths).
    pub rtt_ms: Option<Metric>,
    /// `rttvar` in milliseconds (the kernel wants quarters).
    pub rttvar_ms: Option<Metric>,
    /// `rto_min` in milliseconds.
    pub rto_min_ms: Option<Metric>,
    /// `features ecn`.
    pub ecn: bool,
    /// `quickack`.
    pub quickack: Option<bool>,
    /// `congctl [lock] NAME`.
    pub congctl: Option<(Box<str>, bool)>,
    /// `fastopen_no_cookie`.
    pub fastopen_no_cookie: Option<bool>,
}

/// One of several next hops.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NextHop {
    /// `via`.
    pub gateway: Option<IpAddr>,
    /// `dev`.
    pub interface: Option<IfName>,
    /// `weight`, 1..=256; 0 stands for "not given" and counts as 1.
    pub weight: u16,
    /// `onlink`.
    pub onlink: bool,
    /// `encap`.
    pub encap: Option<Box<Encap>>,
    /// `realms`.
    pub realms: Option<u32>,
}

/// Light-weight tunnel encapsulation (`encap`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encap {
    /// `encap ip`.
    Ip {
        /// Tunnel key.
        id: Option<u64>,
        /// Tunnel destination.
        dst: Option<Ipv4Addr>,
        /// Tunnel source.
        src: Option<Ipv4Addr>,
        /// Type of service.
        tos: Option<u8>,
        /// Time to live.
        ttl: Option<u8>,
        /// Tunnel flags.
        flags: Option<u16>,
    },
    /// `encap ip6`.
    Ip6 {
        /// Tunnel key.
        id: Option<u64>,
        /// Tunnel destination.
        dst: Option<Ipv6Addr>,
        /// Tunnel source.
        src: Option<Ipv6Addr>,
        /// Traffic class.
        tc: Option<u8>,
        /// Hop limit.
        hoplimit: Option<u8>,
        /// Tunnel flags.
        flags: Option<u16>,
    },
    /// `encap mpls`: labels, each at most 1,048,575, outermost first.
    Mpls(Vec<u32>),
    /// `encap ila`: the locator.
    Ila(u64),
}

/// What a rule does with a packet that it selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RuleAction {
    /// Look up this table, never 0.
    Table(u32),
    /// Go on at the rule with this preference.
    Goto(u32),
    /// Use the table of the l3 master device.
    L3mdev,
    /// Do nothing.
    Nop,
    /// Drop.
    Blackhole,
    /// Network unreachable.
    Unreachable,
    /// Administratively prohibited.
    Prohibit,
}

/// One policy rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// IPv4 or IPv6.
    pub family: Family,
    /// `not`.
    pub invert: bool,
    /// `from`.
    pub from: Option<Prefixed>,
    /// `to`.
    pub to: Option<Prefixed>,
    /// `fwmark`: mark and mask.
    pub fwmark: Option<(u32, Option<u32>)>,
    /// `iif`.
    pub iif: Option<IfName>,
    /// `oif`.
    pub oif: Option<IfName>,
    /// `tos`.
    pub tos: Option<u8>,
    /// `tunnel-id`.
    pub tunnel_id: Option<u64>,
    /// `uidrange`, both ends included.
    pub uid_range: Option<(u32, u32)>,
    /// `ipproto`.
    pub ip_protocol: Option<u8>,
    /// `sport`, both ends included.
    pub source_ports: Option<(u16, u16)>,
    /// `dport`, both ends included.
    pub destination_ports: Option<(u16, u16)>,
    /// `realms`: source realm in the upper 16 bits.
    pub realms: Option<u32>,
    /// `suppress_prefixlength`.
    pub suppress_prefix_length: Option<u32>,
    /// `suppress_ifgroup`.
    pub suppress_group: Option<u32>,
    /// `preference`; assigned counting down from 16384 when none was written.
    pub preference: u32,
    /// `protocol`, default [`PROTOCOL_KEEPALIVED`]; always that unless `no_track`.
    pub protocol: u8,
    /// What it does.
    pub action: RuleAction,
    /// `no_track`.
    pub no_track: bool,
    /// `track_group` (static rules only).
    pub track_group: Option<Box<str>>,
}
