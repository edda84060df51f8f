//! What each instance tracks, told to the engine: numbers of trackers, and the lists of an instance with those of its sync group.

use std::collections::{HashMap, HashSet};

use keepalived_model::{
    config::Config,
    script::TrackScript,
    units::IfName,
    vrrp::{Instance, SyncGroup, TrackRef, Tracking},
};
use keepalived_vrrp::{TrackerId, TrackerKind, TrackerReport, TrackerSpec, TrackerUse};
use smallvec::SmallVec;

use super::world::World;

/// Numbers of trackers; the same thing keeps its number for the life of the process.
#[derive(Debug, Default)]
pub(super) struct TrackerIds {
    interfaces: HashMap<IfName, TrackerId>,
    /// A script whose command changes is still the same: its last result counts until the new command has one.
    scripts: HashMap<Box<str>, TrackerId>,
    files: HashMap<Box<str>, TrackerId>,
    processes: HashMap<Box<str>, TrackerId>,
    bfds: HashMap<Box<str>, TrackerId>,
    next: u32,
}

impl TrackerIds {
    pub(super) fn interface(&mut self, name: IfName) -> TrackerId {
        let next = &mut self.next;
        *self.interfaces.entry(name).or_insert_with(|| fresh(next))
    }

    pub(super) fn script(&mut self, script: &TrackScript) -> TrackerId {
        named(&mut self.scripts, &mut self.next, &script.name)
    }

    /// The tracker of a script, if it has one.
    pub(super) fn known_script(&self, script: &TrackScript) -> Option<TrackerId> {
        self.scripts.get(&script.name).copied()
    }

    /// The tracker of an interface, if something tracks it.
    pub(super) fn known_interface(&self, name: &IfName) -> Option<TrackerId> {
        self.interfaces.get(name).copied()
    }

    /// The tracker of a `track_file`, by name.
    pub(super) fn known_file(&self, name: &str) -> Option<TrackerId> {
        self.files.get(name).copied()
    }

    /// The tracker of a `vrrp_track_process`, by name.
    pub(super) fn known_process(&self, name: &str) -> Option<TrackerId> {
        self.processes.get(name).copied()
    }

    /// The tracker of a `bfd_instance`, by name.
    pub(super) fn known_bfd(&self, name: &str) -> Option<TrackerId> {
        self.bfds.get(name).copied()
    }
}

fn fresh(next: &mut u32) -> TrackerId {
    let id = TrackerId(*next);
    *next += 1;
    id
}

fn named(map: &mut HashMap<Box<str>, TrackerId>, next: &mut u32, name: &str) -> TrackerId {
    match map.get(name) {
        Some(id) => *id,
        None => {
            let id = fresh(next);
            map.insert(name.into(), id);
            id
        }
    }
}

/// What is known of files and processes when a configuration begins to act. What is missing here cannot be watched and is
/// tracked by nobody.
#[derive(Debug, Default)]
pub(super) struct FirstReports {
    /// Number in each `track_file`, by name.
    pub(super) files: HashMap<Box<str>, i32>,
    /// Quorum of each `vrrp_track_process`, by name.
    pub(super) processes: HashMap<Box<str>, bool>,
    /// Trackers in use until now; `None` at the start. A script that comes with a reload must not hold anything up (`vrrp.md` 8.4).
    pub(super) until_now: Option<HashSet<TrackerId>>,
}

/// Numbers of everything that instances refer to by name.
#[derive(Debug, Default)]
pub(super) struct Named {
    scripts: HashMap<Box<str>, TrackerId>,
    files: HashMap<Box<str>, TrackerId>,
    processes: HashMap<Box<str>, TrackerId>,
    bfds: HashMap<Box<str>, TrackerId>,
}

impl Named {
    /// Numbers all that can be tracked beside interfaces, and adds it to what the engine is told.
    pub(super) fn new(
        config: &Config,
        first: &FirstReports,
        ids: &mut TrackerIds,
        trackers: &mut Vec<TrackerSpec>,
    ) -> Self {
        let mut all = Self::default();
        let mut add = |id, name: &str, kind, initial| {
            trackers.push(TrackerSpec {
                id,
                name: name.into(),
                kind,
                initial,
            });
            (Box::from(name), id)
        };
        for script in &config.vrrp.scripts {
            let kind = TrackerKind::Script {
                rise: script.rise,
                fall: script.fall,
            };
            let id = ids.script(script);
            let comes = first.until_now.as_ref().is_some_and(|known| !known.contains(&id));
            let initial = comes.then_some(TrackerReport::Assumed);
            all.scripts.extend([add(id, &script.name, kind, initial)]);
        }
        let next = &mut ids.next;
        for file in &config.vrrp.files {
            if let Some(value) = first.files.get(&file.name) {
                let id = named(&mut ids.files, next, &file.name);
                let initial = Some(TrackerReport::Value(*value));
                all.files.extend([add(id, &file.name, TrackerKind::File, initial)]);
            }
        }
        for process in &config.vrrp.processes {
            if let Some(quorum) = first.processes.get(&process.name) {
                let id = named(&mut ids.processes, next, &process.name);
                let initial = Some(TrackerReport::Good(*quorum));
                all.processes
                    .extend([add(id, &process.name, TrackerKind::Process, initial)]);
            }
        }
        // A session without result counts as down; one that is known keeps its state.
        for session in config.bfd.iter().filter(|session| session.for_vrrp) {
            let id = named(&mut ids.bfds, next, &session.name);
            all.bfds.extend([add(id, &session.name, TrackerKind::Bfd, None)]);
        }
        all
    }
}

/// The sync group of each member.
pub(super) fn membership(config: &Config) -> HashMap<&str, &SyncGroup> {
    let groups = config.vrrp.sync_groups.iter();
    groups
        .flat_map(|group| group.members.iter().map(move |member| (&**member, group)))
        .collect()
}

/// Own interface, interfaces of its addresses, routes and rules, and everything it tracks by name; each tracker once.
pub(super) fn uses(
    config: &Instance,
    tracking: &Tracking,
    named: &Named,
    ids: &mut TrackerIds,
    interfaces: &mut HashSet<IfName>,
) -> SmallVec<[TrackerUse; 2]> {
    let mut uses: SmallVec<[TrackerUse; 2]> = SmallVec::new();
    let mut add = |new: TrackerUse| {
        if !uses.iter().any(|known| known.tracker == new.tracker) {
            uses.push(new);
        }
    };
    // Nothing depends on the interface under a VMAC here; being tracked has its news written to the log.
    interfaces.extend(config.interface.filter(|base| config.own_interface() != Some(*base)));
    for name in implicit_interfaces(config) {
        interfaces.insert(name);
        add(TrackerUse::fault(ids.interface(name)));
    }
    let of = |tracked: &TrackRef, tracker| TrackerUse {
        tracker,
        weight: tracked.weight,
        reverse: tracked.reverse,
    };
    for tracked in &tracking.interfaces {
        if let Some(name) = IfName::new(&tracked.name) {
            interfaces.insert(name);
            add(of(tracked, ids.interface(name)));
        }
    }
    let mut all = |list: &[TrackRef], known: &HashMap<Box<str>, TrackerId>| {
        for tracked in list {
            if let Some(tracker) = known.get(&tracked.name) {
                add(of(tracked, *tracker));
            }
        }
    };
    all(&tracking.scripts, &named.scripts);
    all(&tracking.files, &named.files);
    all(&tracking.processes, &named.processes);
    all(&tracking.bfds, &named.bfds);
    uses
}

/// The own interface, then those of addresses, routes and rules that are not exempted by `no_track`.
fn implicit_interfaces(config: &Instance) -> impl Iterator<Item = IfName> {
    let own = config.own_interface().filter(|_| !config.dont_track_primary);
    let of_addresses = config
        .addresses
        .iter()
        .chain(&config.excluded_addresses)
        .filter(|a| !a.no_track)
        .filter_map(|a| a.interface);
    let of_routes = config.routes.iter().filter(|r| !r.no_track).flat_map(|r| {
        r.interface
            .into_iter()
            .chain(r.nexthops.iter().filter_map(|hop| hop.interface))
    });
    let of_rules = config
        .rules
        .iter()
        .filter(|r| !r.no_track)
        .flat_map(|r| r.iif.into_iter().chain(r.oif));
    let others = of_addresses.chain(of_routes).chain(of_rules);
    own.into_iter()
        .chain(others.filter(|name| Some(*name) != config.interface && Some(*name) != config.own_interface()))
}

/// The interfaces that are tracked, with their state.
pub(super) fn of_interfaces(
    interfaces: HashSet<IfName>,
    world: &World,
    ids: &mut TrackerIds,
    trackers: &mut Vec<TrackerSpec>,
) {
    let mut interfaces: Vec<IfName> = interfaces.into_iter().collect();
    interfaces.sort_unstable();
    for name in interfaces {
        trackers.push(TrackerSpec {
            id: ids.interface(name),
            name: name.as_str().into(),
            kind: TrackerKind::Interface,
            initial: Some(TrackerReport::Good(world.named(&name).is_some_and(|i| i.usable()))),
        });
    }
}
