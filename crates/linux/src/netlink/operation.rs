//! The changes that can be asked of the kernel.

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{
    AfSpecInet6, AfSpecUnspec, In6AddrGenMode, InfoData, InfoIpVlan, InfoKind, InfoMacVlan, IpVlanFlags, IpVlanMode,
    LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
};

use super::address::AddressSpec;
use super::firewall::{Change, FirewallSettings};
use super::line::Message;
use super::link::HardwareAddress;
use super::route::RouteSpec;
use super::rule::RuleInfo;
use super::shield::Shielded;
use crate::iptables::IptablesSettings;

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
    /// Delete every interface of a group in one go, which costs the kernel one grace period instead of one each; success when
    /// there is none.
    DeleteGroup {
        /// The interface group; not 0, in which everything is.
        group: u32,
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
    /// Have the firewall ready: the first time what a predecessor left is removed, later the tables are made again if the settings
    /// are other ones. Fails with `EOPNOTSUPP` or `EPROTONOSUPPORT` without nftables.
    UseFirewall(Box<FirewallSettings>),
    /// The same with programs of iptables instead of nftables. What they refuse is logged, for nobody waits for them.
    UseIptables(Box<IptablesSettings>),
    /// Make tables of nftables again that somebody deleted, with all that they held.
    RepairFirewall,
    /// Shield an address before it is added, or an interface before it is up; needs [`Operation::UseFirewall`].
    Shield(Shielded),
    /// No longer, after it is deleted; success when it was not shielded.
    Unshield(Shielded),
}

/// Who carries out an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Routing,
    Firewall,
    Settings,
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
    /// The interface group. Setting the present one changes nothing, but the kernel tells everybody of the interface again.
    Group(u32),
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
    /// The request, asking for an answer.
    pub(super) fn message(&self) -> Message {
        let payload = match self {
            Self::AddAddress(address) => RouteNetlinkMessage::NewAddress(address.addition()).into(),
            Self::DeleteAddress(address) => RouteNetlinkMessage::DelAddress(address.deletion()).into(),
            Self::ChangeLink { link, change } => RouteNetlinkMessage::NewLink(change.message(link)).into(),
            Self::AddLink(link) => RouteNetlinkMessage::NewLink(link.message()).into(),
            Self::DeleteLink { index } => RouteNetlinkMessage::DelLink(link_message(*index)).into(),
            Self::DeleteGroup { group } => {
                let mut message = link_message(0);
                message.attributes.push(LinkAttribute::Group(*group));
                RouteNetlinkMessage::DelLink(message).into()
            }
            Self::AddRoute(route) | Self::ReplaceRoute(route) => RouteNetlinkMessage::NewRoute(route.addition()).into(),
            Self::DeleteRoute(route) => RouteNetlinkMessage::DelRoute(route.deletion()).into(),
            Self::AddRule(rule) => RouteNetlinkMessage::NewRule(rule.message()).into(),
            Self::DeleteRule(rule) => RouteNetlinkMessage::DelRule(rule.message()).into(),
            // These go to another socket.
            Self::UseFirewall(_)
            | Self::UseIptables(_)
            | Self::RepairFirewall
            | Self::Shield(_)
            | Self::Unshield(_) => NetlinkPayload::Noop,
        };
        let mut message = NetlinkMessage::new(Default::default(), payload);
        message.header.flags = NLM_F_REQUEST | NLM_F_ACK | self.creation_flags();
        message
    }

    /// An address is added with neither CREATE nor REPLACE nor EXCL (vrrp.md 9.2).
    const fn creation_flags(&self) -> u16 {
        match self {
            Self::AddLink(_) | Self::AddRule(_) => NLM_F_CREATE | NLM_F_EXCL,
            Self::AddRoute(route) => route.creation_flags(),
            Self::ReplaceRoute(_) => NLM_F_CREATE | NLM_F_REPLACE,
            _ => 0,
        }
    }

    /// Does this refusal mean that what was wanted is so already?
    pub(super) const fn is_satisfied_by(&self, errno: i32) -> bool {
        match self {
            Self::AddAddress(_) | Self::AddRoute(_) | Self::ReplaceRoute(_) | Self::AddRule(_) => errno == libc::EEXIST,
            Self::DeleteAddress(_) => matches!(errno, libc::EADDRNOTAVAIL | libc::ENODEV),
            Self::DeleteLink { .. } | Self::DeleteGroup { .. } => errno == libc::ENODEV,
            Self::DeleteRoute(_) => errno == libc::ESRCH,
            Self::DeleteRule(_) => errno == libc::ENOENT,
            Self::ChangeLink { .. }
            | Self::AddLink(_)
            | Self::UseFirewall(_)
            | Self::UseIptables(_)
            | Self::RepairFirewall
            | Self::Shield(_)
            | Self::Unshield(_) => false,
        }
    }

    /// Who carries it out; neighbours of the same room are carried out together.
    pub(super) const fn room(&self) -> Room {
        match self {
            Self::UseFirewall(_) | Self::UseIptables(_) | Self::RepairFirewall => Room::Settings,
            Self::Shield(_) | Self::Unshield(_) => Room::Firewall,
            _ => Room::Routing,
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

fn link_message(index: u32) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = index;
    message
}

fn no_address_generation() -> LinkAttribute {
    let mode = AfSpecInet6::AddrGenMode(In6AddrGenMode::None);
    LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet6(vec![mode])])
}

impl LinkChange {
    fn message(&self, link: &LinkTarget) -> LinkMessage {
        let mut message = link_message(if let LinkTarget::Index(index) = link { *index } else { 0 });
        if let LinkTarget::Name(name) = link {
            message.attributes.push(LinkAttribute::IfName(name.clone()));
        }
        message.attributes.extend(match self {
            Self::Up(wanted) => {
                message.header.flags.set(LinkFlags::Up, *wanted);
                message.header.change_mask = LinkFlags::Up;
                None
            }
            Self::Address(address) => Some(LinkAttribute::Address(address.octets().into())),
            Self::Master(master) => Some(LinkAttribute::Controller(master.unwrap_or(0))),
            Self::NoAddressGeneration => Some(no_address_generation()),
            Self::Mtu(mtu) => Some(LinkAttribute::Mtu(*mtu)),
            Self::Group(group) => Some(LinkAttribute::Group(*group)),
        });
        message
    }
}

impl NewLink {
    fn message(&self) -> LinkMessage {
        let mut message = link_message(0);
        message.header.flags.set(LinkFlags::Up, self.up);
        message.header.change_mask = message.header.flags;
        message.attributes.extend([
            LinkAttribute::IfName(self.name.clone()),
            LinkAttribute::Link(self.parent),
            LinkAttribute::Group(self.group),
        ]);
        let (kind, data) = match &self.kind {
            NewLinkKind::Macvlan { mode, address } => {
                message.attributes.push(LinkAttribute::Address(address.to_vec()));
                let mode = InfoMacVlan::Mode(mode.bits().into());
                (InfoKind::MacVlan, InfoData::MacVlan(vec![mode]))
            }
            NewLinkKind::Ipvlan { flags } => {
                let flags = InfoIpVlan::Flags(IpVlanFlags::from_bits_retain(*flags));
                let data = vec![InfoIpVlan::Mode(IpVlanMode::L2), flags];
                (InfoKind::IpVlan, InfoData::IpVlan(data))
            }
        };
        let info = vec![LinkInfo::Kind(kind), LinkInfo::Data(data)];
        message.attributes.push(LinkAttribute::LinkInfo(info));
        message
    }
}
