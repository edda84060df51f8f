//! VMACs and ipvlans: interfaces of our own, on which instances speak with the MAC of their virtual router (`vrrp.md` section 11).
//!
//! | file | subject |
//! |---|---|
//! | `planning.rs`, `naming.rs` | which are needed, their names, what goes onto them: pure |
//! | `creation.rs`, `sysctls.rs` | making them and taking them away, on the thread that talks to the kernel |
//! | `watching.rs` | when: reload, deletion by somebody else, stop |
//!
//! They are made while a configuration is prepared and kept aside, so that everything is there when it comes into force; an aborted
//! reload takes them away again. Those that both configurations need are not touched.

mod creation;
mod naming;
mod planning;
mod sysctls;
mod watching;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use keepalived_linux::netlink::{LinkKind, Operation, Shielded, Work};
use keepalived_model::{config::Config, units::IfName, vrrp::Instance};

use self::{
    creation::{Make, SharedLedger, Unmake, fits},
    planning::{Key, Kind, Planned, Wanted, private_macvlans},
    sysctls::Ledger,
};
use super::{originals::Originals, world::World};

/// The virtual interfaces of an instance whose names are decided.
pub(super) fn names(instance: &Instance) -> impl Iterator<Item = IfName> {
    let own = instance.own_interface().filter(|own| Some(*own) != instance.interface);
    let addresses = instance.addresses.iter().chain(&instance.excluded_addresses);
    let others = addresses.filter(|a| a.base.is_some()).filter_map(|a| a.interface);
    own.into_iter().chain(others)
}

/// What an answer of the kernel is about.
#[derive(Debug)]
pub(super) enum Errand {
    /// These were made for the configuration of this generation, which is kept aside.
    Prepared(u64, Vec<Asked>),
    /// The tables were read again for the configuration of this generation.
    Read(u64, Vec<Asked>),
    /// These were made while it is in force.
    Made(Vec<Asked>),
    /// These were taken away.
    Unmade(Vec<Wanted>),
}

/// A virtual interface that the kernel was asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked(Make);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The kernel was asked for it.
    Asked,
    /// It is there.
    There,
    /// Somebody deleted it, or there is nothing to put it on.
    Missing,
}

#[derive(Debug)]
struct Entry {
    wanted: Wanted,
    state: State,
}

/// The virtual interfaces of the configuration in force, and those of the one kept aside.
#[derive(Debug, Default)]
pub(super) struct Vmacs {
    entries: HashMap<IfName, Entry>,
    by_base: BTreeMap<IfName, BTreeSet<IfName>>,
    aside: Aside,
    /// The generation that waits for the kernel.
    preparing: Option<u64>,
    /// What the firewall looks after for each that is there.
    shielded: HashMap<IfName, Vec<Shielded>>,
    ledger: SharedLedger,
}

#[derive(Debug, Default)]
struct Aside {
    wanted: Vec<Wanted>,
    /// Those that were made for it, or changed.
    made: Vec<IfName>,
}

impl Vmacs {
    /// None yet.
    pub(super) fn new(originals: &Arc<Originals>) -> Self {
        Self {
            ledger: Arc::new(Mutex::new(Ledger::new(originals))),
            ..Self::default()
        }
    }

    /// Does a configuration wait for virtual interfaces of its own?
    pub(super) const fn is_preparing(&self) -> bool {
        self.preparing.is_some()
    }

    /// Writes the names of the virtual interfaces into `config`. Gives what must be made before it can come into force, and what the user
    /// should read.
    fn prepare(&mut self, config: &mut Config, world: &World) -> (Vec<Make>, Vec<String>) {
        self.aside = Aside::default();
        if !planning::needed(config) {
            return (Vec::new(), Vec::new());
        }
        let known: HashMap<Key, IfName> = self.entries.values().map(|e| (e.wanted.key, e.wanted.name)).collect();
        let Planned { wanted, notes } = planning::plan(config, world, &known);
        let macvlans = private_macvlans(world);
        let ours = |name: &IfName| self.entries.contains_key(name);
        let mut makes = Vec::new();
        for wanted in &wanted {
            let now = match (known.get(&wanted.key), self.entries.get(&wanted.name)) {
                // Nobody has it: make it now.
                (None, None) => true,
                // It stays; perhaps IPv6 has come to it.
                (Some(name), Some(entry)) => *name == wanted.name && entry.wanted != *wanted,
                // It takes the name or the MAC of one that is still in use: that one must go first.
                _ => false,
            };
            makes.extend(now.then(|| Make::new(wanted, world, &macvlans, ours)).flatten());
        }
        self.aside = Aside {
            made: makes.iter().map(|make| make.wanted.name).collect(),
            wanted,
        };
        (makes, notes)
    }

    /// The configuration kept aside comes into force: gives what is not needed any more.
    fn commit(&mut self, world: &World) -> Vec<Wanted> {
        let aside = std::mem::take(&mut self.aside);
        let mut old = std::mem::take(&mut self.entries);
        self.by_base.clear();
        for wanted in aside.wanted {
            let before = old.remove(&wanted.name);
            let same = before.as_ref().is_some_and(|e| e.wanted.key == wanted.key);
            let there = is_there(&wanted, world);
            let state = match before.as_ref().filter(|_| same).map(|e| e.state) {
                Some(state) => state,
                // One of that name that is to go is not ours.
                None if there && before.is_none() => State::There,
                None => State::Missing,
            };
            if let Some(before) = before.filter(|_| !same) {
                old.insert(before.wanted.name, before);
            }
            self.by_base.entry(wanted.key.base).or_default().insert(wanted.name);
            self.entries.insert(wanted.name, Entry { wanted, state });
        }
        let mut gone: Vec<Wanted> = old.into_values().map(|entry| entry.wanted).collect();
        gone.sort_unstable_by_key(|wanted| wanted.name);
        gone
    }

    /// The configuration kept aside is dropped: gives what was made for nothing, and what must be made as it was.
    fn abort(&mut self, world: &World) -> (Vec<Wanted>, Vec<Make>) {
        let aside = std::mem::take(&mut self.aside);
        let made: BTreeSet<IfName> = aside.made.into_iter().collect();
        let new = |wanted: &Wanted| made.contains(&wanted.name) && !self.entries.contains_key(&wanted.name);
        let gone = aside.wanted.into_iter().filter(new).collect();
        let macvlans = private_macvlans(world);
        let ours = |name: &IfName| self.entries.contains_key(name);
        let changed = made.iter().filter_map(|name| self.entries.get(name));
        let makes = changed.filter_map(|entry| Make::new(&entry.wanted, world, &macvlans, ours));
        (gone, makes.collect())
    }

    /// Something happened to the interface of this name: gives what can and must be made now.
    fn changed(&mut self, name: &IfName, world: &World) -> Vec<Make> {
        if self.entries.is_empty() {
            return Vec::new();
        }
        let above = self.by_base.get(name).into_iter().flatten();
        let names: Vec<IfName> = above.chain([name]).copied().collect();
        for name in &names {
            if let Some(entry) = self.entries.get_mut(name)
                && entry.state == State::There
                && world.named(name).is_none()
            {
                entry.state = State::Missing;
            }
        }
        self.missing(names.into_iter(), world)
    }

    /// What the firewall need not look after any more, if the interface of this name is gone.
    fn unshielded(&mut self, name: &IfName, world: &World) -> Option<Vec<Shielded>> {
        if world.named(name).is_some() {
            return None;
        }
        self.shielded.remove(name)
    }

    /// What is missing and can be made.
    fn all_missing(&mut self, world: &World) -> Vec<Make> {
        let missing = self.entries.values().filter(|e| e.state == State::Missing);
        let mut names: Vec<IfName> = missing.map(|e| e.wanted.name).collect();
        names.sort_unstable();
        self.missing(names.into_iter(), world)
    }

    fn missing(&mut self, names: impl Iterator<Item = IfName>, world: &World) -> Vec<Make> {
        let mut macvlans = None;
        let mut makes = Vec::new();
        for name in names {
            let Some(entry) = self.entries.get(&name).filter(|e| e.state == State::Missing) else {
                continue;
            };
            let macvlans = macvlans.get_or_insert_with(|| private_macvlans(world));
            let ours = |name: &IfName| self.entries.contains_key(name);
            if let Some(make) = Make::new(&entry.wanted, world, macvlans, ours) {
                makes.push(make);
            }
            if let Some(entry) = self.entries.get_mut(&name)
                && makes.last().is_some_and(|make| make.wanted.name == name)
            {
                entry.state = State::Asked;
            }
        }
        makes
    }

    /// The work of making them when `firewall` makes the firewall ready.
    fn make(&self, makes: Vec<Make>, firewall: Operation) -> Work {
        creation::make(makes, firewall, Arc::clone(&self.ledger))
    }

    /// The kernel was asked to make one, and it is there now, or it is not.
    fn answered(&mut self, wanted: &Wanted, world: &World) {
        if let Some(entry) = self.entries.get_mut(&wanted.name)
            && entry.state == State::Asked
        {
            entry.state = if is_there(wanted, world) {
                State::There
            } else {
                State::Missing
            };
        }
    }

    /// Those that were deleted again before the kernel's answer came.
    fn lost_meanwhile(&mut self, made: impl Iterator<Item = IfName>, world: &World) -> Vec<Make> {
        self.missing(made, world)
    }

    /// All of them, at the end: none is wanted any more.
    fn drain(&mut self) -> Vec<Wanted> {
        self.by_base.clear();
        let mut all: Vec<Wanted> = self.entries.drain().map(|(_, entry)| entry.wanted).collect();
        all.sort_unstable_by_key(|wanted| wanted.name);
        all
    }

    /// How to take them away.
    fn unmake(gone: &[Wanted], world: &World) -> Vec<Unmake> {
        let unmake = |wanted: &Wanted| Unmake {
            name: wanted.name,
            base: wanted.key.base,
            index: ours(wanted, world),
            by_name: false,
        };
        gone.iter().map(unmake).collect()
    }
}

/// The index of one that was made. Somebody may have given it another MAC meanwhile; it goes all the same.
fn ours(wanted: &Wanted, world: &World) -> Option<u32> {
    let base = world.named(&wanted.key.base)?.link.index;
    let link = &world.named(&wanted.name)?.link;
    let same_kind = match wanted.key.kind {
        Kind::Macvlan(_) => matches!(link.kind, LinkKind::Macvlan { .. }),
        Kind::Ipvlan(..) => matches!(link.kind, LinkKind::Ipvlan { .. }),
    };
    (same_kind && link.parent == Some(base)).then_some(link.index)
}

fn is_there(wanted: &Wanted, world: &World) -> bool {
    let base = world.named(&wanted.key.base).map(|base| base.link.index);
    let found = world.named(&wanted.name).zip(base);
    found.is_some_and(|(interface, base)| fits(&interface.link, wanted, base))
}

#[cfg(test)]
mod tests;
