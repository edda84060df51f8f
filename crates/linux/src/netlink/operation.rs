//! The changes that can be asked of the kernel.

use super::address::AddressSpec;
use super::firewall::{Change, Shielded};
use super::link::{HardwareAddress, LINK_HEADER_LEN};
use super::route::RouteSpec;
use super::rule::RuleInfo;
use super::wire::Writer;

pub(super) const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;
const IFLA_MACVLAN_MODE: u16 = 1;
const IFLA_IPVLAN_MODE: u16 = 1;
const IFLA_IPVLAN_FLAGS: u16 = 2;
const IN6_ADDR_GEN_MODE_NONE: u8 = 1;

/// One change of the kernel's state. A batch of them is answered with one result each, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Add an address; success when it exists already.
    AddAddress(AddressSpec),
    /// Delete an address; success when it, or its interface, is gone already.
    DeleteAddress(AddressSpec),
    /// Change an existing interface.
    ChangeLink {
        /// The interface.
        link: LinkTarget,
        /// What to change.
        change: LinkChange,
    },
    /// Create an interface; fails with `EEXIST` when the name is taken.
    AddLink(NewLink),
    /// Delete an interface; success when it is gone already.
    DeleteLink {
        /// The interface.
        index: u32,
    },
    /// Add a route at its position among equal ones; success when the same route exists already.
    AddRoute(Box<RouteSpec>),
    /// Add a route, replacing one with the same destination, table, metric and TOS: one that changed with a reload.
    ReplaceRoute(Box<RouteSpec>),
    /// Delete a route; success when it is gone already.
    DeleteRoute(Box<RouteSpec>),
    /// Add a rule; success when the same rule exists already.
    AddRule(Box<RuleInfo>),
    /// Delete a rule; success when it is gone already.
    DeleteRule(Box<RuleInfo>),
    /// Keep traffic away from an address (`no_accept`), before it is added; needs [`super::CommandSocket::enable_firewall`].
    Shield(Shielded),
    /// Let traffic to an address pass again, after it is deleted; success when it was not shielded.
    Unshield(Shielded),
}

/// Which interface is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// The one with this index.
    Index(u32),
    /// The one of this name: for one that is created in the same batch.
    Name(String),
}

impl From<u32> for LinkTarget {
    fn from(index: u32) -> Self {
        Self::Index(index)
    }
}

/// What can be changed of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkChange {
    /// Administratively up or down.
    Up(bool),
    /// The link-layer address.
    Address(HardwareAddress),
    /// The master device, or none.
    Master(Option<u32>),
    /// IPv6 makes no link-local address by itself (`addrgenmode none`); cannot be said while an interface is created.
    NoAddressGeneration,
    /// The MTU in octets.
    Mtu(u32),
}

/// An interface to be created on another one (vrrp.md 11.1, 11.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// Its name, 1 to 15 octets.
    pub name: String,
    /// The interface below it.
    pub parent: u32,
    /// What it is.
    pub kind: NewLinkKind,
    /// The interface group, usually that of the parent.
    pub group: u32,
    /// Create it up; otherwise [`LinkChange::Up`] later, after address generation is off and the sysctls are set.
    pub up: bool,
}

/// What is to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewLinkKind {
    /// A macvlan with a MAC of its own: `use_vmac`.
    Macvlan {
        /// How siblings see each other; VMACs are private.
        mode: MacvlanMode,
        /// The virtual router's MAC.
        address: [u8; 6],
    },
    /// An ipvlan in L2 mode: `use_ipvlan`.
    Ipvlan {
        /// `IPVLAN_F_`: 0 bridge, 1 private, 2 VEPA.
        flags: u16,
    },
}

/// The mode of a macvlan (`ip-link(8)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacvlanMode {
    /// Siblings never see each other.
    Private,
    /// Siblings see each other through the switch.
    Vepa,
    /// Siblings see each other directly.
    Bridge,
}

impl MacvlanMode {
    /// The `MACVLAN_MODE_` bit, as [`super::LinkKind::Macvlan`] reports it.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Private => 1,
            Self::Vepa => 2,
            Self::Bridge => 4,
        }
    }
}

impl Operation {
    /// Write the request with `sequence`, asking for an answer.
    pub(super) fn write(&self, writer: &mut Writer, sequence: u32) {
        let flags = flags(libc::NLM_F_REQUEST | libc::NLM_F_ACK | self.creation_flags());
        writer.begin(self.message_type(), flags, sequence);
        match self {
            Self::AddAddress(address) => address.write_new(writer),
            Self::DeleteAddress(address) => address.write_delete(writer),
            Self::ChangeLink { link, change } => change.write(writer, link),
            Self::AddLink(link) => link.write(writer),
            Self::DeleteLink { index } => writer.raw(&link_header(*index, 0, 0)),
            Self::AddRoute(route) | Self::ReplaceRoute(route) => route.write_new(writer),
            Self::DeleteRoute(route) => route.write_delete(writer),
            Self::AddRule(rule) | Self::DeleteRule(rule) => rule.write(writer),
            // These go to another socket.
            Self::Shield(_) | Self::Unshield(_) => {}
        }
        writer.finish();
    }

    const fn message_type(&self) -> u16 {
        match self {
            Self::AddAddress(_) => libc::RTM_NEWADDR,
            Self::DeleteAddress(_) => libc::RTM_DELADDR,
            Self::ChangeLink { .. } | Self::AddLink(_) => libc::RTM_NEWLINK,
            Self::DeleteLink { .. } => libc::RTM_DELLINK,
            Self::AddRoute(_) | Self::ReplaceRoute(_) => libc::RTM_NEWROUTE,
            Self::DeleteRoute(_) => libc::RTM_DELROUTE,
            Self::AddRule(_) => libc::RTM_NEWRULE,
            Self::DeleteRule(_) => libc::RTM_DELRULE,
            Self::Shield(_) | Self::Unshield(_) => 0,
        }
    }

    /// An address is added with neither CREATE nor REPLACE nor EXCL (vrrp.md 9.2).
    const fn creation_flags(&self) -> i32 {
        match self {
            Self::AddLink(_) | Self::AddRule(_) => libc::NLM_F_CREATE | libc::NLM_F_EXCL,
            Self::AddRoute(route) => route.creation_flags(),
            Self::ReplaceRoute(_) => libc::NLM_F_CREATE | libc::NLM_F_REPLACE,
            _ => 0,
        }
    }

    /// Does this refusal mean that what was wanted is so already?
    pub(super) const fn is_satisfied_by(&self, errno: i32) -> bool {
        match self {
            Self::AddAddress(_) | Self::AddRoute(_) | Self::ReplaceRoute(_) | Self::AddRule(_) => errno == libc::EEXIST,
            Self::DeleteAddress(_) => matches!(errno, libc::EADDRNOTAVAIL | libc::ENODEV),
            Self::DeleteLink { .. } => errno == libc::ENODEV,
            Self::DeleteRoute(_) => errno == libc::ESRCH,
            Self::DeleteRule(_) => errno == libc::ENOENT,
            Self::ChangeLink { .. } | Self::AddLink(_) | Self::Shield(_) | Self::Unshield(_) => false,
        }
    }

    /// The change of the firewall that it is, if it is one.
    pub(super) const fn firewall(&self) -> Option<Change> {
        match self {
            Self::Shield(shielded) => Some(Change {
                shielded: *shielded,
                add: true,
            }),
            Self::Unshield(shielded) => Some(Change {
                shielded: *shielded,
                add: false,
            }),
            _ => None,
        }
    }
}

pub(super) fn flags(bits: i32) -> u16 {
    u16::try_from(bits).unwrap_or(0)
}

fn link_header(index: u32, flags: u32, change: u32) -> [u8; LINK_HEADER_LEN] {
    let mut header = [0; LINK_HEADER_LEN];
    header[4..8].copy_from_slice(&index.to_ne_bytes());
    header[8..12].copy_from_slice(&flags.to_ne_bytes());
    header[12..].copy_from_slice(&change.to_ne_bytes());
    header
}

fn no_address_generation(writer: &mut Writer) {
    writer.nested(libc::IFLA_AF_SPEC, |families| {
        families.nested(u16::try_from(libc::AF_INET6).unwrap_or(0), |inet6| {
            inet6.attribute(IFLA_INET6_ADDR_GEN_MODE, &[IN6_ADDR_GEN_MODE_NONE]);
        });
    });
}

impl LinkChange {
    fn write(&self, writer: &mut Writer, link: &LinkTarget) {
        let index = if let LinkTarget::Index(index) = link { *index } else { 0 };
        let up = libc::IFF_UP.cast_unsigned();
        match self {
            Self::Up(wanted) => writer.raw(&link_header(index, if *wanted { up } else { 0 }, up)),
            _ => writer.raw(&link_header(index, 0, 0)),
        }
        if let LinkTarget::Name(name) = link {
            writer.attribute_str(libc::IFLA_IFNAME, name);
        }
        match self {
            Self::Up(_) => {}
            Self::Address(address) => writer.attribute(libc::IFLA_ADDRESS, address.octets()),
            Self::Master(master) => writer.attribute_u32(libc::IFLA_MASTER, master.unwrap_or(0)),
            Self::NoAddressGeneration => no_address_generation(writer),
            Self::Mtu(mtu) => writer.attribute_u32(libc::IFLA_MTU, *mtu),
        }
    }
}

impl NewLink {
    fn write(&self, writer: &mut Writer) {
        let up = if self.up { libc::IFF_UP.cast_unsigned() } else { 0 };
        writer.raw(&link_header(0, up, up));
        writer.attribute_str(libc::IFLA_IFNAME, &self.name);
        writer.attribute_u32(libc::IFLA_LINK, self.parent);
        writer.attribute_u32(libc::IFLA_GROUP, self.group);
        if let NewLinkKind::Macvlan { address, .. } = &self.kind {
            writer.attribute(libc::IFLA_ADDRESS, address);
        }
        writer.nested(libc::IFLA_LINKINFO, |info| match &self.kind {
            NewLinkKind::Macvlan { mode, .. } => {
                info.attribute(libc::IFLA_INFO_KIND, b"macvlan");
                info.nested(libc::IFLA_INFO_DATA, |data| {
                    data.attribute_u32(IFLA_MACVLAN_MODE, mode.bits())
                });
            }
            NewLinkKind::Ipvlan { flags } => {
                info.attribute(libc::IFLA_INFO_KIND, b"ipvlan");
                info.nested(libc::IFLA_INFO_DATA, |data| {
                    data.attribute(IFLA_IPVLAN_MODE, &0_u16.to_ne_bytes());
                    data.attribute(IFLA_IPVLAN_FLAGS, &flags.to_ne_bytes());
                });
            }
        });
    }
}
