//! What the kernel has told us: interfaces and their addresses. Decides nothing.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    net::{IpAddr, Ipv6Addr},
};

use keepalived_linux::netlink::{
    Address, AddressFlags, Dump, Event, Interfaces, Link, LinkKind, Requester, RouteInfo, RuleInfo, Scope,
};
use keepalived_model::units::{Family, IfName};

use super::addresses::Addresses;

/// One interface as the kernel has it.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    /// What netlink said last.
    pub(super) link: Link,
    /// Its addresses in the order in which the kernel reported them.
    pub(super) addresses: Addresses,
}

impl Interface {
    /// IFF_UP and IFF_RUNNING: it can carry adverts.
    pub(super) const fn usable(&self) -> bool {
        self.link.flags.usable()
    }

    /// The address adverts come from when none is configured: the first primary IPv4 address, or the link-local IPv6 address.
    /// Addresses in `virtual_addresses` are never it.
    pub(super) fn source(&self, family: Family, virtual_addresses: &HashSet<IpAddr>) -> Option<IpAddr> {
        let candidates = self
            .addresses
            .iter()
            .filter(|a| Family::of(a.local) == family && !virtual_addresses.contains(&a.local));
        match family {
            Family::V4 => candidates
                .min_by_key(|a| (a.flags.contains(AddressFlags::SECONDARY), a.scope != Scope::UNIVERSE))
                .map(|a| a.local),
            Family::V6 => candidates
                .filter(|a| matches!(a.local, IpAddr::V6(v6) if is_link_local(v6)))
                .map(|a| a.local)
                .next(),
        }
    }
}

const fn is_link_local(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xffc0 == 0xfe80
}

/// What an event changed, as far as anybody here cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The interface of this name appeared, vanished, was renamed, or went up or down.
    Link(IfName),
    /// The interface with this index has another name.
    Renamed(u32),
    /// The interface with this index does not exist any more; what was on it is gone.
    Gone(IfName, u32),
    /// An address came to the interface of this name.
    Added(IfName, Address),
    /// An address left it.
    Removed(IfName, Address, Requester),
    /// A route is gone.
    RouteGone(Box<RouteInfo>, Requester),
    /// A rule is gone.
    RuleGone(Box<RuleInfo>, Requester),
    /// Events were lost: read everything again.
    Overrun,
}

impl Change {
    /// The interface that this change took away.
    pub(super) fn gone(&self) -> Option<(IfName, u32)> {
        match self {
            Self::Gone(name, index) => Some((*name, *index)),
            _ => None,
        }
    }
}

/// Mirror of links and addresses.
#[derive(Debug, Default)]
pub(super) struct World {
    by_index: BTreeMap<u32, Interface>,
    by_name: HashMap<IfName, u32>,
}

impl World {
    /// Starts anew from a dump.
    pub(super) fn from_dump(dump: Dump) -> Self {
        let mut world = Self::default();
        for link in dump.links {
            world.set_link(link);
        }
        for address in dump.addresses {
            world.set_address(address);
        }
        world
    }

    /// Interface by name.
    pub(super) fn named(&self, name: &IfName) -> Option<&Interface> {
        self.by_index.get(self.by_name.get(name)?)
    }

    /// Interface by index.
    pub(super) fn indexed(&self, index: u32) -> Option<&Interface> {
        self.by_index.get(&index)
    }

    /// All of them, by index.
    pub(super) fn interfaces(&self) -> impl Iterator<Item = &Interface> {
        self.by_index.values()
    }

    /// Is the address on the interface?
    pub(super) fn has_address(&self, index: u32, address: IpAddr, prefix: u8) -> bool {
        self.by_index
            .get(&index)
            .is_some_and(|i| i.addresses.contains(address, prefix))
    }

    /// Takes one event in; says what it changed.
    pub(super) fn apply(&mut self, event: Event, changes: &mut Vec<Change>) {
        match event {
            Event::Link(link) => {
                let index = link.index;
                let before = self
                    .by_index
                    .get(&index)
                    .map(|i| (i.link.name.clone(), i.usable(), i.link.address));
                let after = (link.name.clone(), link.flags.usable(), link.address);
                self.set_link(link);
                if before.as_ref() != Some(&after) {
                    if let Some((name, ..)) = before.filter(|(name, ..)| *name != after.0) {
                        changes.push(Change::Renamed(index));
                        changes.extend(IfName::new(&name).map(Change::Link));
                    }
                    changes.extend(IfName::new(&after.0).map(Change::Link));
                }
            }
            Event::LinkRemoved(link) => {
                if let Some(gone) = self.by_index.remove(&link.index)
                    && let Some(name) = IfName::new(&gone.link.name)
                {
                    if self.by_name.get(&name) == Some(&link.index) {
                        self.by_name.remove(&name);
                    }
                    changes.push(Change::Gone(name, link.index));
                    changes.push(Change::Link(name));
                }
            }
            Event::Address(address) => {
                let name = self.name_of(address.index);
                if self.set_address(address.clone())
                    && let Some(name) = name
                {
                    changes.push(Change::Added(name, address));
                }
            }
            Event::AddressRemoved(address, by) => {
                let name = self.name_of(address.index);
                if let Some(interface) = self.by_index.get_mut(&address.index) {
                    interface.addresses.remove(&address);
                }
                if let Some(name) = name {
                    changes.push(Change::Removed(name, address, by));
                }
            }
            Event::Overrun => changes.push(Change::Overrun),
            Event::RouteRemoved(route, by) => changes.push(Change::RouteGone(route, by)),
            Event::RuleRemoved(rule, by) => changes.push(Change::RuleGone(rule, by)),
            Event::Route(_) | Event::Rule(_) => {}
        }
    }

    fn name_of(&self, index: u32) -> Option<IfName> {
        self.by_index.get(&index).and_then(|i| IfName::new(&i.link.name))
    }

    fn set_link(&mut self, link: Link) {
        let index = link.index;
        if let Some(old) = self.by_index.get(&index)
            && old.link.name != link.name
            && let Some(name) = IfName::new(&old.link.name)
            && self.by_name.get(&name) == Some(&index)
        {
            self.by_name.remove(&name);
        }
        if let Some(name) = IfName::new(&link.name) {
            self.by_name.insert(name, index);
        }
        let addresses = self
            .by_index
            .remove(&index)
            .map_or_else(Addresses::default, |i| i.addresses);
        self.by_index.insert(index, Interface { link, addresses });
    }

    /// True when it was not there before.
    fn set_address(&mut self, address: Address) -> bool {
        self.by_index
            .get_mut(&address.index)
            .is_some_and(|interface| interface.addresses.set(address))
    }
}

impl Interfaces for World {
    fn index(&self, name: &IfName) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    fn vrf_table(&self, name: &IfName) -> Option<u32> {
        match self.named(name)?.link.kind {
            LinkKind::Vrf { table } => Some(table),
            _ => None,
        }
    }
}
