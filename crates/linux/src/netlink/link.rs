//! What a network interface is, as the kernel tells it.

use std::fmt;

use super::wire::{attributes, text, u16_at, u32_at};

/// Length of `struct ifinfomsg`.
pub(super) const LINK_HEADER_LEN: usize = 16;

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
    /// Read the payload of an `RTM_NEWLINK` or `RTM_DELLINK` message.
    ///
    /// `None` when it is cut short or speaks of another family: a bridge reports a port that leaves it as a "deleted link"
    /// of family `AF_BRIDGE`, and the interface lives on.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        if *payload.first()? != 0 {
            return None;
        }
        let mut link = Self {
            index: u32_at(payload, 4)?,
            name: String::new(),
            flags: LinkFlags(u32_at(payload, 8)?),
            mtu: 0,
            hardware_type: HardwareType(u16_at(payload, 2)?),
            address: HardwareAddress::default(),
            broadcast: HardwareAddress::default(),
            kind: LinkKind::Plain,
            parent: None,
            master: None,
            group: 0,
            oper_state: 0,
            addr_gen_mode: None,
        };
        let mut parent_elsewhere = false;
        for (kind, value) in attributes(payload.get(LINK_HEADER_LEN..)?) {
            match kind {
                libc::IFLA_ADDRESS => link.address = HardwareAddress::new(value),
                libc::IFLA_BROADCAST => link.broadcast = HardwareAddress::new(value),
                libc::IFLA_IFNAME => link.name = text(value),
                libc::IFLA_MTU => link.mtu = u32_at(value, 0).unwrap_or(0),
                libc::IFLA_LINK => link.parent = u32_at(value, 0).filter(|&index| index != 0),
                libc::IFLA_MASTER => link.master = u32_at(value, 0).filter(|&index| index != 0),
                libc::IFLA_LINKINFO => link.kind = LinkKind::parse(value),
                libc::IFLA_LINK_NETNSID => parent_elsewhere = true,
                libc::IFLA_GROUP => link.group = u32_at(value, 0).unwrap_or(0),
                libc::IFLA_OPERSTATE => link.oper_state = value.first().copied().unwrap_or(0),
                libc::IFLA_AF_SPEC => link.addr_gen_mode = addr_gen_mode(value),
                _ => {}
            }
        }
        if parent_elsewhere {
            link.parent = None;
        }
        Some(link)
    }
}

/// `IFLA_INET6_ADDR_GEN_MODE` inside `IFLA_AF_SPEC`.
fn addr_gen_mode(value: &[u8]) -> Option<u8> {
    const INET6: u16 = libc::AF_INET6 as u16;
    let (_, inet6) = attributes(value).find(|&(kind, _)| kind == INET6)?;
    let (_, mode) = attributes(inet6).find(|&(kind, _)| kind == super::operation::IFLA_INET6_ADDR_GEN_MODE)?;
    mode.first().copied()
}

impl LinkKind {
    /// Read `IFLA_LINKINFO`.
    fn parse(value: &[u8]) -> Self {
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
        let number = first.and_then(|value| u32_at(value, 0));
        match name.as_str() {
            "" => Self::Plain,
            "macvlan" => Self::Macvlan {
                mode: number.unwrap_or(0),
            },
            "ipvlan" => Self::Ipvlan {
                mode: first.and_then(|value| u16_at(value, 0)).unwrap_or(0),
            },
            "vrf" => Self::Vrf {
                table: number.unwrap_or(0),
            },
            _ => Self::Other(name),
        }
    }
}
