//! What the firewall's tables hold, and the sets and rules for it (vrrp.md section 12).

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use keepalived_model::units::{Family, IfName};

use super::nft::{Expressions, Hook, Key, Nft, Verdict};

const VIPS: &str = "vips";
const VIPS_LINK_LOCAL: &str = "vips_link_local";
const VIPS_LINK_LOCAL_NAME: &str = "vips_link_local_name";
const NEIGHBOUR_DISCOVERY: &str = "neighbor-discovery";
const VMAC_MAP: &str = "vmac_map";
const VMAC_SET: &str = "vmac_set";
const MLD_REPORT: &str = "mld-report";
const PARENT_LINK_LOCAL: &str = "parent_link_local";

/// Types of ICMPv6 (RFC 4861 section 4, RFC 2710 section 3, RFC 3810 section 5.2).
const ROUTER_SOLICITATION: u8 = 133;
const NEIGHBOUR_SOLICITATION: u8 = 135;
const NEIGHBOUR_ADVERTISEMENT: u8 = 136;
const MLD_REPORT_V1: u8 = 131;
const MLD_REPORT_V2: u8 = 143;

/// Where the addresses of a packet stand in its IPv6 header.
const SOURCE_V6: u32 = 8;
const DESTINATION_V6: u32 = 24;

/// Something that the firewall looks after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shielded {
    /// An address that traffic is kept away from, on every interface (`no_accept`).
    Address(IpAddr),
    /// A link-local IPv6 address that traffic is kept away from, on one interface.
    LinkLocal(Ipv6Addr, Place),
    /// An interface with a virtual router's MAC: its reports of multicast membership leave by the interface below it, and it
    /// solicits no routers.
    Vmac {
        /// Of which packets.
        family: Family,
        /// Its name.
        name: IfName,
        /// Its index.
        vmac: u32,
        /// The index of the interface below.
        base: u32,
    },
    /// A link-local address of the interface below that an interface with a virtual router's MAC has too: it does not advertise
    /// it.
    ParentLinkLocal(Ipv6Addr, IfName),
}

/// Which interface is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The one with this index.
    Index(u32),
    /// The one of this name, now and later (`dont_track_primary`).
    Name(IfName),
}

impl fmt::Display for Shielded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::LinkLocal(address, Place::Index(index)) => write!(f, "{address}%{index}"),
            Self::LinkLocal(address, Place::Name(name)) | Self::ParentLinkLocal(address, name) => {
                write!(f, "{address}%{name}")
            }
            Self::Vmac { name, .. } => write!(f, "the virtual MAC of {name}"),
        }
    }
}

impl Shielded {
    /// An address on an interface; which one counts for link-local ones only.
    #[must_use]
    pub const fn address(address: IpAddr, place: Place) -> Self {
        match address {
            // fe80::/10 (RFC 4291 section 2.4).
            IpAddr::V6(v6) if v6.segments()[0] & 0xffc0 == 0xfe80 => Self::LinkLocal(v6, place),
            _ => Self::Address(address),
        }
    }

    /// The family of the table that it belongs to.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self {
            Self::Address(address) => Family::of(*address),
            Self::LinkLocal(..) | Self::ParentLinkLocal(..) => Family::V6,
            Self::Vmac { family, .. } => *family,
        }
    }

    /// The parts of the table that it needs.
    pub(super) const fn parts(&self) -> Parts {
        match self {
            Self::Address(_) => Parts::ACCEPT,
            Self::LinkLocal(_, Place::Index(_)) => Parts::ACCEPT.and(Parts::LINK_LOCAL),
            Self::LinkLocal(_, Place::Name(_)) => Parts::ACCEPT.and(Parts::LINK_LOCAL_NAME),
            Self::Vmac { .. } | Self::ParentLinkLocal(..) => Parts::VMAC,
        }
    }

    /// Add its elements to the sets, or delete them.
    pub(super) fn write(&self, nft: &mut Nft, add: bool) {
        match self {
            Self::Address(IpAddr::V4(address)) => nft.element(VIPS, &address.octets(), None, add),
            Self::Address(IpAddr::V6(address)) => nft.element(VIPS, &address.octets(), None, add),
            Self::LinkLocal(address, Place::Index(index)) => {
                let key = [&address.octets()[..], &index.to_ne_bytes()].concat();
                nft.element(VIPS_LINK_LOCAL, &key, None, add);
            }
            Self::LinkLocal(address, Place::Name(name)) => {
                nft.element(VIPS_LINK_LOCAL_NAME, &with_name(*address, name), None, add);
            }
            Self::Vmac { family, vmac, base, .. } => {
                nft.element(VMAC_MAP, &vmac.to_ne_bytes(), Some(&base.to_ne_bytes()), add);
                if *family == Family::V6 {
                    nft.element(VMAC_SET, &vmac.to_ne_bytes(), None, add);
                }
            }
            Self::ParentLinkLocal(address, name) => {
                nft.element(PARENT_LINK_LOCAL, &with_name(*address, name), None, add);
            }
        }
    }
}

fn with_name(address: Ipv6Addr, name: &IfName) -> Vec<u8> {
    let mut key = [&address.octets()[..], name.as_str().as_bytes()].concat();
    key.resize(32, 0);
    key
}

/// Parts of a table, each of which is made when it is needed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts(u8);

impl Parts {
    /// Chains, sets and rules of `no_accept`.
    const ACCEPT: Self = Self(1);
    /// Those for link-local addresses by the interface's index.
    const LINK_LOCAL: Self = Self(2);
    /// Those for link-local addresses by the interface's name.
    const LINK_LOCAL_NAME: Self = Self(4);
    /// Those for interfaces with a virtual router's MAC.
    const VMAC: Self = Self(8);

    /// These and others.
    pub(super) const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without others.
    pub(super) const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Is it no part at all?
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn contains(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Makes parts of a table.
pub(super) struct Maker<'a> {
    pub(super) nft: &'a mut Nft,
    pub(super) family: Family,
    pub(super) priority: i32,
    pub(super) counters: bool,
}

impl Maker<'_> {
    /// Make `new` parts of a table that has the parts `made`.
    pub(super) fn make(&mut self, made: Parts, new: Parts) {
        if made.is_empty() {
            self.nft.add_table();
            self.nft.add_base_chain("out", Hook::Output, self.priority);
        }
        if new.contains(Parts::VMAC) {
            match self.family {
                Family::V4 => self.vmac_v4(),
                Family::V6 => self.vmac_v6(),
            }
        }
        if new.contains(Parts::ACCEPT) {
            self.nft.add_base_chain("in", Hook::Input, self.priority);
            match self.family {
                Family::V4 => self.accept_v4(),
                Family::V6 => self.accept_v6(),
            }
        }
        if new.contains(Parts::LINK_LOCAL) {
            self.link_local(VIPS_LINK_LOCAL, Key::InterfaceIndex);
        }
        if new.contains(Parts::LINK_LOCAL_NAME) {
            self.link_local(VIPS_LINK_LOCAL_NAME, Key::InterfaceName);
        }
    }

    fn accept_v4(&mut self) {
        let counters = self.counters;
        self.nft.add_set(VIPS, &[Key::Ipv4]);
        for (chain, offset) in [("out", 12), ("in", 16)] {
            self.nft.add_rule(chain, |rule| {
                rule.load_network(offset, 4);
                rule.lookup(VIPS);
                rule.decide(Verdict::Drop, counters);
            });
        }
    }

    /// Neighbour discovery always passes, link-local addresses count on their own interface only.
    fn accept_v6(&mut self) {
        let (counters, nft) = (self.counters, &mut *self.nft);
        nft.add_set(VIPS, &[Key::Ipv6]);
        nft.add_constant_set(
            NEIGHBOUR_DISCOVERY,
            Key::Icmpv6Type,
            &[&[NEIGHBOUR_SOLICITATION], &[NEIGHBOUR_ADVERTISEMENT]],
        );
        let ways = [
            ("in", "in_link_local", DESTINATION_V6),
            ("out", "out_link_local", SOURCE_V6),
        ];
        for (chain, local, offset) in ways {
            nft.add_chain(local);
            nft.add_rule(chain, |rule| {
                rule.load_icmpv6_type();
                rule.lookup(NEIGHBOUR_DISCOVERY);
                rule.decide(Verdict::Accept, counters);
            });
            nft.add_rule(chain, |rule| {
                rule.match_link_local(offset);
                rule.decide(Verdict::Goto(local), counters);
            });
            nft.add_rule(chain, |rule| {
                rule.load_network(offset, 16);
                rule.lookup(VIPS);
                rule.decide(Verdict::Drop, counters);
            });
        }
    }

    fn link_local(&mut self, set: &str, key: Key) {
        let counters = self.counters;
        self.nft.add_set(set, &[Key::Ipv6, key]);
        let ways = [
            ("in_link_local", Hook::Input, DESTINATION_V6),
            ("out_link_local", Hook::Output, SOURCE_V6),
        ];
        for (chain, hook, offset) in ways {
            self.nft.add_rule(chain, |rule: &mut Expressions<'_>| {
                rule.load_network(offset, 16);
                rule.load_interface(hook, key);
                rule.lookup(set);
                rule.decide(Verdict::Drop, counters);
            });
        }
    }

    /// Reports of IGMP: a switch must not learn the virtual MAC from a BACKUP.
    fn vmac_v4(&mut self) {
        let counters = self.counters;
        self.nft.add_map(VMAC_MAP, Key::InterfaceIndex, Key::InterfaceIndex);
        self.nft.insert_rule("out", |rule| {
            rule.match_igmp();
            rule.match_output_by_macvlan();
            rule.duplicate(16, 4, VMAC_MAP);
            rule.decide(Verdict::Drop, counters);
        });
    }

    /// The rules of a chain that may have others already come before those, so the last of ours is inserted first.
    fn vmac_v6(&mut self) {
        let (counters, nft) = (self.counters, &mut *self.nft);
        nft.add_map(VMAC_MAP, Key::InterfaceIndex, Key::InterfaceIndex);
        nft.add_set(VMAC_SET, &[Key::InterfaceIndex]);
        nft.add_set(PARENT_LINK_LOCAL, &[Key::Ipv6, Key::InterfaceName]);
        nft.add_constant_set(MLD_REPORT, Key::Icmpv6Type, &[&[MLD_REPORT_V1], &[MLD_REPORT_V2]]);
        nft.insert_rule("out", |rule| {
            rule.match_icmpv6_type(ROUTER_SOLICITATION);
            rule.match_output_by_macvlan();
            rule.match_output_in(VMAC_SET);
            rule.decide(Verdict::Drop, counters);
        });
        nft.insert_rule("out", |rule| {
            rule.load_icmpv6_type();
            rule.lookup(MLD_REPORT);
            rule.match_output_by_macvlan();
            rule.duplicate(DESTINATION_V6, 16, VMAC_MAP);
            rule.decide(Verdict::Drop, counters);
        });
        nft.insert_rule("out", |rule| {
            rule.match_icmpv6_type(NEIGHBOUR_ADVERTISEMENT);
            rule.match_output_by_macvlan();
            rule.load_network(SOURCE_V6, 16);
            rule.load_interface(Hook::Output, Key::InterfaceName);
            rule.lookup(PARENT_LINK_LOCAL);
            rule.decide(Verdict::Drop, counters);
        });
    }
}
