//! Which VMACs and ipvlans a configuration needs, how they are called, and which addresses go onto them (`vrrp.md` 11, 9.1). Pure.

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, Ipv6Addr},
};

use keepalived_linux::netlink::{LinkKind, MacvlanMode};
use keepalived_model::{
    address::{Address, Prefixed},
    config::Config,
    units::{Family, IfName, Vrid},
    vrrp::{Instance, IpvlanMode, SyncGroup, Transport},
};

use super::naming::Names;
use crate::vrrp::world::World;

/// `vmac_prefix` when nothing is configured.
const PREFIX: &str = "vrrp";

/// What makes a virtual interface the same one: the kernel has no two with equal MAC on one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::vrrp) struct Key {
    /// The interface under it.
    pub(super) base: IfName,
    /// Which of those on it.
    pub(super) kind: Kind,
}

/// What sort of virtual interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::vrrp) enum Kind {
    /// `use_vmac`: a private macvlan with this MAC.
    Macvlan([u8; 6]),
    /// `use_ipvlan`: one for each instance, for all have the MAC of the interface under them.
    Ipvlan(Vrid, Family, IpvlanMode),
}

/// A virtual interface that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::vrrp) struct Wanted {
    /// What it is.
    pub(super) key: Key,
    /// Its name.
    pub(super) name: IfName,
    /// Its interface group; that of the interface under it when `None`.
    pub(super) group: Option<u32>,
    /// The kernel shall tell of the interface under it once more (`netlink_notify_msg`).
    pub(super) notify: bool,
    /// IPv4 is spoken on it.
    pub(super) ipv4: bool,
    /// IPv6 is spoken on it.
    pub(super) ipv6: bool,
    /// It gets a link-local address to send from.
    pub(super) link_local: bool,
    /// The link-local address that is configured for that.
    pub(super) source: Option<Ipv6Addr>,
    /// Its own address (`use_ipvlan`).
    pub(super) address: Option<Prefixed>,
    /// The first instance that needs it, for log lines.
    pub(super) owner: Box<str>,
}

/// What a configuration needs.
#[derive(Debug, Default)]
pub(super) struct Planned {
    /// The virtual interfaces, in configuration order.
    pub(super) wanted: Vec<Wanted>,
    /// What the user should read.
    pub(super) notes: Vec<String>,
}

/// Private macvlans that exist, by what is under them and MAC.
pub(super) type Macvlans = HashMap<(u32, [u8; 6]), IfName>;

/// Finds them.
pub(super) fn private_macvlans(world: &World) -> Macvlans {
    let private = LinkKind::Macvlan {
        mode: MacvlanMode::Private.bits(),
    };
    let all = world.interfaces().filter(|i| i.link.kind == private);
    all.filter_map(|i| Some(((i.link.parent?, i.link.address.ethernet()?), IfName::new(&i.link.name)?)))
        .collect()
}

/// Does any instance need a virtual interface?
pub(super) fn needed(config: &Config) -> bool {
    config.vrrp.instances.iter().any(uses)
}

fn uses(instance: &Instance) -> bool {
    let flagged = |a: &Address| a.use_vmac;
    instance.vmac.is_some()
        || instance
            .addresses
            .iter()
            .chain(&instance.excluded_addresses)
            .any(flagged)
}

/// Decides names, and writes them into the instances and their addresses. `known` are the names that are in use already, by what they
/// are: they stay over a reload.
pub(super) fn plan(config: &mut Config, world: &World, known: &HashMap<Key, IfName>) -> Planned {
    let mut planner = Planner::new(config, world, known);
    let groups = membership(&config.vrrp.sync_groups);
    for (number, instance) in config.vrrp.instances.iter_mut().enumerate() {
        if uses(instance) {
            planner.instance(number, instance, &groups);
        }
    }
    planner.planned
}

/// The sync group of each member.
fn membership(groups: &[SyncGroup]) -> HashMap<Box<str>, usize> {
    let all = groups.iter().enumerate();
    all.flat_map(|(number, group)| group.members.iter().map(move |member| (member.clone(), number)))
        .collect()
}

/// The virtual interface of an instance itself.
type Own = (IfName, Key);

/// Who needed a virtual interface first.
#[derive(Debug)]
struct User {
    instance: usize,
    name: Box<str>,
    group: Option<usize>,
    /// Place in `Planned::wanted`.
    place: usize,
}

struct Planner<'a> {
    world: &'a World,
    known: &'a HashMap<Key, IfName>,
    known_names: HashMap<IfName, Key>,
    present: Macvlans,
    /// Names that are given, asked for, or kept.
    taken: HashSet<IfName>,
    /// Names that some instance asks for.
    asked: HashSet<IfName>,
    names: Names,
    prefix: Box<str>,
    address_prefix: Box<str>,
    users: HashMap<Key, User>,
    planned: Planned,
}

/// An interface name to be resolved: on what, for which family, and what the instance says.
struct Wish<'a> {
    key: Key,
    family: Family,
    instance: &'a Instance,
    number: usize,
    /// For the instance itself, not for one of its addresses.
    own: bool,
}

impl<'a> Planner<'a> {
    fn new(config: &Config, world: &'a World, known: &'a HashMap<Key, IfName>) -> Self {
        let names = config.vrrp.instances.iter().filter_map(|i| i.vmac.as_ref()?.name);
        let asked: HashSet<IfName> = names.collect();
        let global = &config.global.vrrp;
        let prefix: Box<str> = global.vmac_prefix.as_deref().unwrap_or(PREFIX).into();
        Self {
            world,
            known,
            known_names: known.iter().map(|(key, name)| (*name, *key)).collect(),
            present: private_macvlans(world),
            taken: asked.iter().chain(known.values()).copied().collect(),
            asked,
            names: Names::default(),
            address_prefix: global.vmac_addr_prefix.as_deref().unwrap_or(&prefix).into(),
            prefix,
            users: HashMap::new(),
            planned: Planned::default(),
        }
    }

    fn instance(&mut self, number: usize, instance: &mut Instance, groups: &HashMap<Box<str>, usize>) {
        let (own, clash) = self.own(number, instance, groups).unzip();
        if let Some(clash) = clash.flatten().filter(|_| instance.config_fault.is_none()) {
            self.planned.notes.push(format!(
                "({}) uses same VMAC as VRRP instance {clash}, disabling {}",
                instance.name, instance.name
            ));
            instance.config_fault = Some("another instance uses the same virtual MAC".into());
        }
        let mut placed = Vec::new();
        for address in instance.addresses.iter().chain(&instance.excluded_addresses) {
            placed.push(self.place(number, instance, address, own, groups));
        }
        let addresses = instance.addresses.iter_mut().chain(&mut instance.excluded_addresses);
        let home = own.map(|(name, _)| name);
        for (address, (interface, base, clash)) in addresses.zip(placed) {
            address.use_vmac &= home.is_none() || interface != home;
            address.interface = interface;
            address.base = base;
            if let Some(clash) = clash {
                instance.config_fault.get_or_insert(clash);
            }
        }
        if let (Some(vmac), Some((name, _))) = (&mut instance.vmac, own) {
            vmac.name = Some(name);
        }
    }

    /// The virtual interface of the instance itself: its name, what it is, and the instance that has it already.
    fn own(
        &mut self,
        number: usize,
        instance: &Instance,
        groups: &HashMap<Box<str>, usize>,
    ) -> Option<(Own, Option<Box<str>>)> {
        let vmac = instance.vmac.as_ref().filter(|v| v.for_instance)?;
        let key = Key {
            base: self.base_of(instance.interface?),
            kind: match vmac.ipvlan {
                Some(mode) => Kind::Ipvlan(instance.vrid, instance.family, mode),
                None => Kind::Macvlan(mac(instance, instance.family)),
            },
        };
        let wish = Wish {
            key,
            family: instance.family,
            instance,
            number,
            own: true,
        };
        let (name, clash) = self.resolve(&wish, groups)?;
        Some(((name, key), clash))
    }

    /// Where an address goes, what is under that, and why it must not.
    fn place(
        &mut self,
        number: usize,
        instance: &Instance,
        address: &Address,
        own: Option<Own>,
        groups: &HashMap<Box<str>, usize>,
    ) -> (Option<IfName>, Option<IfName>, Option<Box<str>>) {
        let family = address.local.family();
        let stays = (address.interface.or(instance.interface), None, None);
        let Some(device) = stays.0 else { return stays };
        let base = self.base_of(device);
        let home = instance.interface.map(|name| self.base_of(name));
        let flagged = address.use_vmac || {
            let every = instance.vmac.as_ref().is_some_and(|v| v.for_addresses);
            every && (home != Some(base) || family != instance.family)
        };
        let key = Key {
            base,
            kind: Kind::Macvlan(mac(instance, family)),
        };
        // Onto an ipvlan go no virtual addresses: its MAC is that of the interface under it, which keeps them.
        if let Some((name, own_key)) = own
            && matches!(own_key.kind, Kind::Macvlan(_))
            && own_key.base == base
            && (family == instance.family || (flagged && own_key == key))
        {
            if address.use_vmac {
                let local = address.local.address;
                let note = format!(
                    "({}) use_vmac specified for VIP/eVIP {local} and vrrp instance",
                    instance.name
                );
                self.planned.notes.push(note);
            }
            self.speaks(&own_key, family);
            return (Some(name), Some(base), None);
        }
        if !flagged {
            return stays;
        }
        let wish = Wish {
            key,
            family,
            instance,
            number,
            own: false,
        };
        match self.resolve(&wish, groups) {
            Some((name, clash)) => {
                self.speaks(&key, family);
                (
                    Some(name),
                    Some(base),
                    clash.map(|other| self.clash(instance, address, &other)),
                )
            }
            None => stays,
        }
    }

    fn clash(&mut self, instance: &Instance, address: &Address, other: &str) -> Box<str> {
        let (name, local) = (&instance.name, address.local.address);
        let note = format!("({name}) VIP/eVIP {local} uses same VMAC as VRRP instance {other}, disabling {name}");
        self.planned.notes.push(note);
        "an address uses the virtual MAC of another instance".into()
    }

    /// The interface under a virtual one that somebody made: VMACs are not put on VMACs.
    fn base_of(&self, name: IfName) -> IfName {
        let under = |name: &IfName| {
            let link = &self.world.named(name)?.link;
            let is_virtual = matches!(link.kind, LinkKind::Macvlan { .. } | LinkKind::Ipvlan { .. });
            let parent = self.world.indexed(link.parent.filter(|_| is_virtual)?)?;
            IfName::new(&parent.link.name)
        };
        under(&name).unwrap_or(name)
    }

    fn speaks(&mut self, key: &Key, family: Family) {
        let user = self.users.get(key).map(|user| user.place);
        if let Some(wanted) = user.and_then(|place| self.planned.wanted.get_mut(place)) {
            match family {
                Family::V4 => wanted.ipv4 = true,
                Family::V6 => wanted.ipv6 = true,
            }
        }
    }

    /// The name for a wish, and the instance outside a common sync group that has it already.
    fn resolve(&mut self, wish: &Wish<'_>, groups: &HashMap<Box<str>, usize>) -> Option<(IfName, Option<Box<str>>)> {
        let group = groups.get(&*wish.instance.name).copied();
        if let Some(user) = self.users.get(&wish.key) {
            let wanted = self.planned.wanted.get_mut(user.place)?;
            wanted.link_local |= link_local(wish);
            let same = user.instance == wish.number || (group.is_some() && user.group == group);
            return Some((wanted.name, (!same).then(|| user.name.clone())));
        }
        let name = self.name(wish)?;
        self.taken.insert(name);
        let place = self.planned.wanted.len();
        self.planned.wanted.push(wanted(wish, name));
        let user = User {
            instance: wish.number,
            name: wish.instance.name.clone(),
            group,
            place,
        };
        self.users.insert(wish.key, user);
        Some((name, None))
    }

    fn name(&mut self, wish: &Wish<'_>) -> Option<IfName> {
        let asked = wish.instance.vmac.as_ref().filter(|_| wish.own).and_then(|v| v.name);
        if let Some(name) = asked {
            if self.may_have(&name, wish) {
                return Some(name);
            }
            let why = "already exists and is not a private macvlan; ignoring vmac if_name";
            let note = format!("({}) interface {name} {why}", wish.instance.name);
            self.planned.notes.push(note);
        }
        if let Some(name) = self.known.get(&wish.key).filter(|name| !self.asked.contains(name)) {
            return Some(*name);
        }
        if let Kind::Macvlan(mac) = wish.key.kind
            && let Some(base) = self.world.named(&wish.key.base)
            && let Some(name) = self.present.get(&(base.link.index, mac))
            && !self.taken.contains(name)
        {
            let note = format!("({}) Found matching interface {name}", wish.instance.name);
            self.planned.notes.push(note);
            return Some(*name);
        }
        let prefix = if wish.own { &self.prefix } else { &self.address_prefix };
        let (world, taken) = (self.world, &self.taken);
        let is_taken = |name: &IfName| taken.contains(name) || world.named(name).is_some();
        self.names.generate(prefix, wish.instance.vrid, wish.family, is_taken)
    }

    /// May this name be used: because it is free, ours already, or that of a private macvlan, which is made to fit?
    fn may_have(&self, name: &IfName, wish: &Wish<'_>) -> bool {
        let Some(present) = self.world.named(name) else {
            return true;
        };
        let private = LinkKind::Macvlan {
            mode: MacvlanMode::Private.bits(),
        };
        let ours_for_another = self.known_names.get(name).is_some_and(|key| *key != wish.key);
        match wish.key.kind {
            Kind::Macvlan(_) => present.link.kind == private && !ours_for_another,
            Kind::Ipvlan(..) => matches!(present.link.kind, LinkKind::Ipvlan { .. }) && !ours_for_another,
        }
    }
}

fn wanted(wish: &Wish<'_>, name: IfName) -> Wanted {
    let vmac = wish.instance.vmac.as_ref();
    let own = vmac.filter(|_| wish.own);
    let source = match &wish.instance.transport {
        Transport::Multicast { source, .. } | Transport::Unicast { source, .. } => *source,
    };
    Wanted {
        key: wish.key,
        name,
        group: vmac.and_then(|v| v.group),
        notify: vmac.is_some_and(|v| v.netlink_notify),
        ipv4: wish.family == Family::V4,
        ipv6: wish.family == Family::V6,
        link_local: link_local(wish),
        source: source.filter(|_| wish.own).and_then(|address| match address {
            IpAddr::V6(address) if address.is_unicast_link_local() => Some(address),
            _ => None,
        }),
        address: own.and_then(|v| v.address),
        owner: wish.instance.name.clone(),
    }
}

/// An IPv6 VMAC sends from a link-local address, unless adverts leave elsewhere; so does an ipvlan without an address of its own.
fn link_local(wish: &Wish<'_>) -> bool {
    let elsewhere = wish.instance.vmac.as_ref().is_some_and(|v| v.xmit_base);
    let own_mac = wish.instance.vmac.as_ref().is_some_and(|v| v.mac.is_some());
    let own_address = wish.instance.vmac.as_ref().is_some_and(|v| v.address.is_some());
    let needs = match wish.key.kind {
        Kind::Macvlan(_) => wish.own || !own_mac,
        Kind::Ipvlan(..) => !own_address,
    };
    needs && wish.family == Family::V6 && !elsewhere
}

/// The MAC that is configured, or that of the virtual router (RFC 9568 section 7.3).
fn mac(instance: &Instance, family: Family) -> [u8; 6] {
    let kind = match family {
        Family::V4 => 1,
        Family::V6 => 2,
    };
    let own = instance.vmac.as_ref().and_then(|v| v.mac);
    own.unwrap_or([0, 0, 0x5e, 0, kind, instance.vrid.get()])
}

#[cfg(test)]
mod tests;
