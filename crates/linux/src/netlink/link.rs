//! What a network interface is, as the kernel tells it.

use std::fmt;

use netlink_packet_route::AddressFamily;
use netlink_packet_route::link::{
    AfSpecInet6, AfSpecUnspec, InfoData, InfoIpVlan, InfoKind, InfoMacVlan, InfoVrf, LinkAttribute, LinkInfo,
    LinkMessage,
};

use super::wire::{attributes, text, u16_at, u32_at};

/// Length of `struct ifinfomsg`.
const LINK_HEADER_LEN: usize = 16;

/// One network interface (`RTM_NEWLINK`, `rtnetlink(7)`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The interface index, at least 1.
    pub index: u32,
    /// The name, at most 15 octets.
    pub name: String,
    /// UP, RUNNING and so on.
    pub flags: LinkFlags,
    /// The MTU in octets.
    pub mtu: u32,
    /// The `ARPHRD_` type.
    pub hardware_type: HardwareType,
    /// The link-layer address; empty for layer 3 devices.
    pub address: HardwareAddress,
    /// The link-layer broadcast address.
    pub broadcast: HardwareAddress,
    /// What sort of virtual device it is.
    pub kind: LinkKind,
    /// The interface that this one sits on (macvlan, vlan) or is the other end of (veth), when it lives in this namespace.
    pub parent: Option<u32>,
    /// The bridge, bond or VRF that this interface is a port of.
    pub master: Option<u32>,
    /// The interface group.
    pub group: u32,
    /// `IFLA_OPERSTATE`: 6 is up, 2 is down, 0 is unknown (RFC 2863 section 3.1.14).
    pub oper_state: u8,
    /// How IPv6 link-local addresses are generated: 0 EUI-64, 1 none (`IFLA_INET6_ADDR_GEN_MODE`).
    pub addr_gen_mode: Option<u8>,
}

/// The flags of an interface (`IFF_`, `netdevice(7)`).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct LinkFlags(pub u32);

impl LinkFlags {
    /// Administratively up.
    #[must_use]
    pub const fn up(self) -> bool {
        self.0 & libc::IFF_UP.cast_unsigned() != 0
    }
    /// Up and with carrier (`IFF_RUNNING`).
    #[must_use]
    pub const fn running(self) -> bool {
        self.0 & libc::IFF_RUNNING.cast_unsigned() != 0
    }
    /// Up and running: what an election needs.
    #[must_use]
    pub const fn usable(self) -> bool {
        self.up() && self.running()
    }
    /// Can send multicast.
    #[must_use]
    pub const fn multicast(self) -> bool {
        self.0 & libc::IFF_MULTICAST.cast_unsigned() != 0
    }
    /// Has no ARP or neighbour discovery.
    #[must_use]
    pub const fn no_arp(self) -> bool {
        self.0 & libc::IFF_NOARP.cast_unsigned() != 0
    }
    /// The loopback interface.
    #[must_use]
    pub const fn loopback(self) -> bool {
        self.0 & libc::IFF_LOOPBACK.cast_unsigned() != 0
    }
    /// Point to point.
    #[must_use]
    pub const fn point_to_point(self) -> bool {
        self.0 & libc::IFF_POINTOPOINT.cast_unsigned() != 0
    }
}

impl fmt::Debug for LinkFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkFlags({:#x}", self.0)?;
        for (set, name) in [
            (self.up(), "UP"),
            (self.running(), "RUNNING"),
            (self.multicast(), "MULTICAST"),
            (self.no_arp(), "NOARP"),
        ] {
            if set {
                write!(f, " {name}")?;
            }
        }
        f.write_str(")")
    }
}

/// An `ARPHRD_` number (`netdevice(7)`, IANA ARP hardware types).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HardwareType(pub u16);

impl HardwareType {
    /// Ethernet and everything that looks like it.
    pub const ETHERNET: Self = Self(1);
    /// IP over Infiniband, whose addresses have 20 octets.
    pub const INFINIBAND: Self = Self(32);
    /// Loopback.
    pub const LOOPBACK: Self = Self(772);
}

/// A link-layer address of at most 32 octets (`MAX_ADDR_LEN`).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct HardwareAddress {
    len: u8,
    octets: [u8; 32],
}

impl HardwareAddress {
    /// The address in `octets`; what exceeds 32 octets is no address and gives an empty one.
    #[must_use]
    pub fn new(octets: &[u8]) -> Self {
        let mut address = Self::default();
        if let (Ok(len), Some(target)) = (u8::try_from(octets.len()), address.octets.get_mut(..octets.len())) {
            target.copy_from_slice(octets);
            address.len = len;
        }
        address
    }
    /// The octets; empty when the device has no address.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }
    /// The six octets of an Ethernet address, if it is one.
    #[must_use]
    pub fn ethernet(&self) -> Option<[u8; 6]> {
        self.octets().try_into().ok()
    }
}

impl fmt::Display for HardwareAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, octet) in self.octets().iter().enumerate() {
            write!(f, "{}{octet:02x}", if at == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for HardwareAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The sort of a virtual device (`IFLA_INFO_KIND`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// A physical device, or one that tells no kind.
    Plain,
    /// A macvlan with its mode (`MACVLAN_MODE_`: 1 private, 2 VEPA, 4 bridge, 8 passthru).
    Macvlan {
        /// The `MACVLAN_MODE_` bit.
        mode: u32,
    },
    /// An ipvlan with its mode (0 L2, 1 L3, 2 L3S).
    Ipvlan {
        /// The `IPVLAN_MODE_` number.
        mode: u16,
    },
    /// A VRF master device and the routing table it uses.
    Vrf {
        /// The routing table.
        table: u32,
    },
    /// Any other kind, by the kernel's name for it: "veth", "bridge", "vlan".
    Other(String),
}

impl Link {
    /// What `RTM_NEWLINK` or `RTM_DELLINK` says.
    ///
    /// `None` when it speaks of another family: a bridge reports a port that leaves it as a "deleted link" of family
    /// `AF_BRIDGE`, and the interface lives on.
    pub(super) fn of(message: LinkMessage) -> Option<Self> {
        let header = message.header;
        if header.interface_family != AddressFamily::Unspec {
            return None;
        }
        let mut link = Self::bare(header.index, header.flags.bits(), header.link_layer_type.into());
        let mut parent_elsewhere = false;
        for attribute in message.attributes {
            match attribute {
                LinkAttribute::Address(octets) => link.address = HardwareAddress::new(&octets),
                LinkAttribute::Broadcast(octets) => link.broadcast = HardwareAddress::new(&octets),
                LinkAttribute::IfName(name) => link.name = name,
                LinkAttribute::Mtu(mtu) => link.mtu = mtu,
                LinkAttribute::Link(parent) => link.parent = Some(parent).filter(|&index| index != 0),
                LinkAttribute::Controller(master) => link.master = Some(master).filter(|&index| index != 0),
                LinkAttribute::LinkInfo(info) => link.kind = LinkKind::of(&info),
                LinkAttribute::LinkNetNsId(_) => parent_elsewhere = true,
                LinkAttribute::Group(group) => link.group = group,
                LinkAttribute::OperState(state) => link.oper_state = state.into(),
                LinkAttribute::AfSpecUnspec(families) => link.addr_gen_mode = addr_gen_mode(&families),
                _ => {}
            }
        }
        if parent_elsewhere {
            link.parent = None;
        }
        Some(link)
    }

    /// What an election needs, from a message that [`Link::of`] could not be asked about; `None` as there, or when it is cut
    /// short.
    pub(super) fn essence(payload: &[u8]) -> Option<Self> {
        if *payload.first()? != 0 {
            return None;
        }
        let mut link = Self::bare(u32_at(payload, 4)?, u32_at(payload, 8)?, u16_at(payload, 2)?);
        let mut parent_elsewhere = false;
        for (kind, value) in attributes(payload.get(LINK_HEADER_LEN..)?) {
            match kind {
                libc::IFLA_ADDRESS => link.address = HardwareAddress::new(value),
                libc::IFLA_IFNAME => link.name = text(value),
                libc::IFLA_MTU => link.mtu = u32_at(value, 0).unwrap_or(0),
                libc::IFLA_LINK => link.parent = u32_at(value, 0).filter(|&index| index != 0),
                libc::IFLA_MASTER => link.master = u32_at(value, 0).filter(|&index| index != 0),
                libc::IFLA_LINKINFO => link.kind = LinkKind::essence(value),
                libc::IFLA_LINK_NETNSID => parent_elsewhere = true,
                libc::IFLA_GROUP => link.group = u32_at(value, 0).unwrap_or(0),
                libc::IFLA_OPERSTATE => link.oper_state = value.first().copied().unwrap_or(0),
                _ => {}
            }
        }
        if parent_elsewhere {
            link.parent = None;
        }
        Some(link)
    }

    fn bare(index: u32, flags: u32, hardware_type: u16) -> Self {
        Self {
            index,
            name: String::new(),
            flags: LinkFlags(flags),
            mtu: 0,
            hardware_type: HardwareType(hardware_type),
            address: HardwareAddress::default(),
            broadcast: HardwareAddress::default(),
            kind: LinkKind::Plain,
            parent: None,
            master: None,
            group: 0,
            oper_state: 0,
            addr_gen_mode: None,
        }
    }
}

fn addr_gen_mode(families: &[AfSpecUnspec]) -> Option<u8> {
    let inet6 = families.iter().find_map(|family| match family {
        AfSpecUnspec::Inet6(inet6) => Some(inet6),
        _ => None,
    })?;
    inet6.iter().find_map(|attribute| match attribute {
        AfSpecInet6::AddrGenMode(mode) => Some(mode.into()),
        _ => None,
    })
}

impl LinkKind {
    fn of(info: &[LinkInfo]) -> Self {
        let kind = info.iter().find_map(|info| match info {
            LinkInfo::Kind(kind) => Some(kind),
            _ => None,
        });
        let data = info.iter().find_map(|info| match info {
            LinkInfo::Data(data) => Some(data),
            _ => None,
        });
        match (kind, data) {
            (None, _) => Self::Plain,
            (Some(InfoKind::MacVlan), Some(InfoData::MacVlan(data))) => Self::Macvlan {
                mode: data.iter().find_map(macvlan_mode).unwrap_or(0),
            },
            (Some(InfoKind::IpVlan), Some(InfoData::IpVlan(data))) => Self::Ipvlan {
                mode: data.iter().find_map(ipvlan_mode).unwrap_or(0),
            },
            (Some(InfoKind::Vrf), Some(InfoData::Vrf(data))) => Self::Vrf {
                table: data.iter().find_map(vrf_table).unwrap_or(0),
            },
            (Some(kind), _) => Self::Other(kind.to_string()),
        }
    }

    /// Kind and, of those that count, mode or table, from `IFLA_LINKINFO` as it came.
    fn essence(value: &[u8]) -> Self {
        let mut name = String::new();
        let mut first = None;
        for (kind, value) in attributes(value) {
            match kind {
                libc::IFLA_INFO_KIND => name = text(value),
                // Mode and table are attribute 1 of their kinds.
                libc::IFLA_INFO_DATA => first = attributes(value).find(|&(kind, _)| kind == 1).map(|(_, value)| value),
                _ => {}
            }
        }
        let number = first.and_then(|value| u32_at(value, 0)).unwrap_or(0);
        match name.as_str() {
            "" => Self::Plain,
            "macvlan" => Self::Macvlan { mode: number },
            "ipvlan" => Self::Ipvlan {
                mode: first.and_then(|value| u16_at(value, 0)).unwrap_or(0),
            },
            "vrf" => Self::Vrf { table: number },
            _ => Self::Other(name),
        }
    }
}

fn macvlan_mode(attribute: &InfoMacVlan) -> Option<u32> {
    match attribute {
        InfoMacVlan::Mode(mode) => Some((*mode).into()),
        _ => None,
    }
}

fn ipvlan_mode(attribute: &InfoIpVlan) -> Option<u16> {
    match attribute {
        InfoIpVlan::Mode(mode) => Some((*mode).into()),
        _ => None,
    }
}

fn vrf_table(attribute: &InfoVrf) -> Option<u32> {
    match attribute {
        InfoVrf::TableId(table) => Some(*table),
        _ => None,
    }
}
