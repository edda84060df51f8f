//! Makes VMACs and ipvlans, many in one go, and takes them away. Runs on the thread that talks to the kernel.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use keepalived_linux::netlink::{
    AddressSpec, CommandSocket, HardwareAddress, KernelError, Link, LinkChange, LinkKind, LinkTarget, MacvlanMode,
    NewLink, NewLinkKind, Operation, Shielded, Work,
};
use keepalived_model::{
    address::{Address, PreferredLifetime, Prefixed},
    units::{Family, IfName},
    vrrp::IpvlanMode,
};

use super::{
    planning::{Kind, Macvlans, Wanted},
    sysctls::Ledger,
};
use crate::vrrp::world::{Interface, World};

/// The group that virtual interfaces move to when many are deleted: the kernel deletes a group in one grace period, and each by itself
/// in one of its own (20 s for a thousand).
const DOOMED_GROUP: u32 = 0x6b61_0000;

/// Settings outside the VMACs; only the thread that talks to the kernel takes the lock.
pub(super) type SharedLedger = Arc<Mutex<Ledger>>;

/// What the firewall does for a virtual interface.
fn shielded(wanted: &Wanted, index: u32, base: u32, link_local: Option<Ipv6Addr>) -> Vec<Shielded> {
    let families = [(wanted.ipv4, Family::V4), (wanted.ipv6, Family::V6)];
    let spoken = families.into_iter().filter(|(spoken, _)| *spoken);
    let reports = spoken.map(|(_, family)| Shielded::Vmac {
        family,
        name: wanted.name,
        vmac: index,
        base,
    });
    let parent = link_local.map(|address| Shielded::ParentLinkLocal(address, wanted.name));
    let is_macvlan = matches!(wanted.key.kind, Kind::Macvlan(_));
    reports.chain(parent).filter(|_| is_macvlan).collect()
}

/// One virtual interface to be made, or made to fit.
#[derive(Clone, Debug)]
pub(super) struct Make {
    pub(super) wanted: Wanted,
    /// Index and group of the interface under it.
    base: (u32, u32),
    /// The VRF that the interface under it is in.
    vrf: Option<u32>,
    /// It is there already, and in which group.
    present: Option<u32>,
    /// Interfaces in its way.
    obstacles: Vec<u32>,
    link_local: Option<Ipv6Addr>,
}

impl Make {
    /// What must be done for `wanted`; `None` while there is nothing to put it on. A macvlan of another name in `macvlans` that has its
    /// MAC could not be up beside it, and goes, unless it is one of those that are in use (`ours`).
    pub(super) fn new(
        wanted: &Wanted,
        world: &World,
        macvlans: &Macvlans,
        ours: impl Fn(&IfName) -> bool,
    ) -> Option<Self> {
        let base = world.named(&wanted.key.base)?;
        let found = world.named(&wanted.name);
        let present = found.filter(|i| fits(&i.link, wanted, base.link.index));
        let mut obstacles: Vec<u32> = found
            .filter(|_| present.is_none())
            .map(|i| i.link.index)
            .into_iter()
            .collect();
        if let Kind::Macvlan(mac) = wanted.key.kind
            && let Some(twin) = macvlans.get(&(base.link.index, mac))
            && *twin != wanted.name
            && !ours(twin)
        {
            obstacles.extend(world.named(twin).map(|i| i.link.index));
        }
        let is_vrf = |index: &u32| {
            world
                .indexed(*index)
                .is_some_and(|i| matches!(i.link.kind, LinkKind::Vrf { .. }))
        };
        Some(Self {
            base: (base.link.index, base.link.group),
            vrf: base.link.master.filter(is_vrf),
            present: present.map(|i| i.link.group),
            obstacles,
            link_local: wanted.link_local.then(|| link_local(wanted, base)).flatten(),
            wanted: wanted.clone(),
        })
    }

    /// Is it there already?
    pub(super) const fn reuses(&self) -> bool {
        self.present.is_some()
    }

    fn target(&self) -> LinkTarget {
        LinkTarget::Name(self.wanted.name.as_str().to_owned())
    }

    fn change(&self, change: LinkChange) -> Operation {
        Operation::ChangeLink {
            link: self.target(),
            change,
        }
    }

    /// Everything before its settings can be written.
    fn creation(&self, operations: &mut Vec<Operation>) {
        let group = self.wanted.group.unwrap_or(self.base.1);
        match self.present {
            None => operations.push(Operation::AddLink(NewLink {
                name: self.wanted.name.as_str().to_owned(),
                parent: self.base.0,
                kind: kind(&self.wanted.key.kind),
                group,
                up: false,
            })),
            Some(has) if has != group => operations.push(self.change(LinkChange::Group(group))),
            Some(_) => {}
        }
        operations.push(self.change(LinkChange::NoAddressGeneration));
        if let Some(vrf) = self.vrf {
            operations.push(self.change(LinkChange::Master(Some(vrf))));
        }
    }

    /// What the firewall does for it when it has this index (`vrrp.md` section 12).
    pub(super) fn shielded(&self, index: u32) -> Vec<Shielded> {
        shielded(&self.wanted, index, self.base.0, self.link_local)
    }

    fn addresses(&self, index: u32) -> Vec<Operation> {
        let link_local = self.link_local.and_then(|address| {
            let mut address = Address::plain(Prefixed::new(IpAddr::V6(address), 64)?);
            address.preferred_lft = Some(PreferredLifetime::Seconds(0));
            Some(address)
        });
        let own = self.wanted.address.map(Address::plain);
        let all = link_local.into_iter().chain(own);
        all.map(|address| Operation::AddAddress(AddressSpec::configured(&address, index)))
            .collect()
    }
}

fn kind(kind: &Kind) -> NewLinkKind {
    match kind {
        Kind::Macvlan(address) => NewLinkKind::Macvlan {
            mode: MacvlanMode::Private,
            address: *address,
        },
        Kind::Ipvlan(_, _, mode) => NewLinkKind::Ipvlan {
            flags: match mode {
                IpvlanMode::Bridge => 0,
                IpvlanMode::Private => 1,
                IpvlanMode::Vepa => 2,
            },
        },
    }
}

/// Is this interface what is wanted?
pub(super) fn fits(link: &Link, wanted: &Wanted, base: u32) -> bool {
    let private = MacvlanMode::Private.bits();
    link.parent == Some(base)
        && match (&wanted.key.kind, &link.kind) {
            (Kind::Macvlan(mac), LinkKind::Macvlan { mode }) => {
                *mode == private && link.address == HardwareAddress::new(mac)
            }
            (Kind::Ipvlan(..), LinkKind::Ipvlan { mode }) => *mode == 0,
            _ => false,
        }
}

/// The link-local address to send from: as configured, else that of the interface under it, else what its MAC makes (RFC 4291 appendix A).
fn link_local(wanted: &Wanted, base: &Interface) -> Option<Ipv6Addr> {
    if let Kind::Ipvlan(vrid, ..) = wanted.key.kind {
        // All on one interface have its MAC, so the address must tell them apart, as the kernel has it do by a number of the device.
        return wanted.source.or_else(|| {
            let [a, b, c, d, e, f] = base.link.address.ethernet()?;
            Some(interface_id([a, b, c, 0, vrid.get(), d, e, f]))
        });
    }
    let has = base.addresses.iter().find_map(|a| match a.local {
        IpAddr::V6(address) if address.is_unicast_link_local() => Some(address),
        _ => None,
    });
    wanted
        .source
        .or(has)
        .or_else(|| base.link.address.ethernet().map(from_mac))
}

/// The address that IPv6 forms of a MAC.
fn from_mac([a, b, c, d, e, f]: [u8; 6]) -> Ipv6Addr {
    interface_id([a ^ 2, b, c, 0xff, 0xfe, d, e, f])
}

/// The link-local address with this interface identifier.
fn interface_id(id: [u8; 8]) -> Ipv6Addr {
    Ipv6Addr::from(0xfe80_u128 << 112 | u128::from(u64::from_be_bytes(id)))
}

/// Makes them all; one result each, in order. The firewall looks after them before they are up and can say anything.
pub(super) fn make(makes: Vec<Make>, firewall: Operation, ledger: SharedLedger) -> Work {
    Box::new(move |socket| {
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let obstacles = makes.iter().flat_map(|make| &make.obstacles);
        delete(socket, &obstacles.copied().collect::<Vec<_>>());
        let mut batch = Batch::default();
        for (number, make) in makes.iter().enumerate() {
            batch.add(number, |operations| make.creation(operations));
        }
        let mut results = vec![Ok(()); makes.len()];
        batch.execute(socket, &mut results);
        shield(
            socket,
            firewall,
            made(&makes, &results).into_iter().map(|(_, make)| make),
        );
        let mut batch = Batch::default();
        for (number, make) in made(&makes, &results) {
            ledger.apply(&make.wanted);
            batch.add(number, |operations| {
                operations.push(make.change(LinkChange::Up(true)));
                if make.wanted.notify {
                    operations.push(Operation::ChangeLink {
                        link: make.base.0.into(),
                        change: LinkChange::Group(make.base.1),
                    });
                }
            });
        }
        batch.execute(socket, &mut results);
        let mut batch = Batch::default();
        for (number, make) in made(&makes, &results) {
            if let Some(index) = index_of(make.wanted.name) {
                batch.add(number, |operations| operations.extend(make.addresses(index)));
            }
        }
        batch.execute(socket, &mut results);
        results
    })
}

fn index_of(name: IfName) -> Option<u32> {
    nix::net::if_::if_nametoindex(name.as_str()).ok()
}

/// Without a firewall the switches learn the virtual MAC also from a BACKUP; that is no reason to be without the interface.
fn shield<'a>(socket: &mut CommandSocket, ready: Operation, made: impl Iterator<Item = &'a Make>) {
    let indexed = made.filter_map(|make| Some(make.shielded(index_of(make.wanted.name)?)));
    let mut shielded: Vec<Shielded> = indexed.flatten().collect();
    // One transaction for each family.
    shielded.sort_by_key(|shielded| shielded.family().bits());
    let shields = shielded.into_iter().map(Operation::Shield);
    let operations: Vec<Operation> = std::iter::once(ready).chain(shields).collect();
    if let Some(error) = socket.execute(&operations).into_iter().find_map(Result::err) {
        tracing::info!("failed to keep membership reports away from virtual MACs: {error}");
    }
}

/// Those that were made so far.
fn made<'a>(makes: &'a [Make], results: &[Result<(), KernelError>]) -> Vec<(usize, &'a Make)> {
    let all = makes.iter().enumerate().zip(results);
    all.filter(|(_, result)| result.is_ok()).map(|(make, _)| make).collect()
}

/// Operations of several virtual interfaces.
#[derive(Default)]
struct Batch {
    operations: Vec<Operation>,
    /// Whose each is.
    owners: Vec<usize>,
}

impl Batch {
    fn add(&mut self, owner: usize, fill: impl FnOnce(&mut Vec<Operation>)) {
        fill(&mut self.operations);
        self.owners.resize(self.operations.len(), owner);
    }

    /// The first refusal of each becomes its result.
    fn execute(self, socket: &mut CommandSocket, results: &mut [Result<(), KernelError>]) {
        let outcomes = socket.execute(&self.operations);
        for (owner, outcome) in self.owners.into_iter().zip(outcomes) {
            if let Some(result) = results.get_mut(owner)
                && result.is_ok()
            {
                *result = outcome;
            }
        }
    }
}

/// One virtual interface that goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unmake {
    pub(super) name: IfName,
    pub(super) base: IfName,
    /// `None` when it is gone already, or not known to be there yet.
    pub(super) index: Option<u32>,
    /// It was asked for and may be there by now: look it up.
    pub(super) by_name: bool,
}

/// Takes them away and restores what was changed for them, the firewall too unless it is kept.
pub(super) fn unmake(all: Vec<Unmake>, keep_firewall: bool, ledger: SharedLedger) -> Work {
    Box::new(move |socket| {
        let index = |gone: &Unmake| {
            let name = gone.name.as_str();
            let look_up = || nix::net::if_::if_nametoindex(name).ok().filter(|_| gone.by_name);
            gone.index.or_else(look_up)
        };
        let indexes: Vec<Option<u32>> = all.iter().map(index).collect();
        let there: Vec<u32> = indexes.iter().copied().flatten().collect();
        let mut deleted = delete(socket, &there).into_iter();
        let results = indexes.iter().map(|index| match index {
            Some(_) => deleted.next().unwrap_or(Ok(())),
            None => Ok(()),
        });
        let results = results.collect();
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        for gone in &all {
            ledger.release(gone.name, gone.base);
        }
        if !keep_firewall && let Err(error) = socket.remove_firewall() {
            tracing::info!("failed to remove the tables of the firewall: {error}");
        }
        results
    })
}

fn delete(socket: &mut CommandSocket, indexes: &[u32]) -> Vec<Result<(), KernelError>> {
    let each = |indexes: &[u32]| -> Vec<Operation> {
        let delete = |index: &u32| Operation::DeleteLink { index: *index };
        indexes.iter().map(delete).collect()
    };
    if indexes.len() < 2 {
        return socket.execute(&each(indexes));
    }
    let group = DOOMED_GROUP | (std::process::id() & 0xffff);
    let moves = indexes.iter().map(|index| Operation::ChangeLink {
        link: (*index).into(),
        change: LinkChange::Group(group),
    });
    let moved = socket.execute(&moves.collect::<Vec<_>>());
    let gone = socket.execute(&[Operation::DeleteGroup { group }]);
    if moved.iter().chain(&gone).any(Result::is_err) {
        return socket.execute(&each(indexes));
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_local_address_is_formed_of_a_mac() {
        let formed = from_mac([0x02, 0, 0, 0, 0, 0x0a]);
        assert_eq!(formed, "fe80::ff:fe00:a".parse::<Ipv6Addr>().expect("valid"));
    }
}
