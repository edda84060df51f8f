//! From the configuration and the kernel's interfaces to what the engine is told.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

use keepalived_linux::vrrp_socket::Interface as SocketInterface;
use keepalived_model::{
    config::Config,
    script::{Command, TrackScript},
    units::IfName,
    vrrp::{Instance, SyncGroup, TrackRef, Tracking},
};
use keepalived_vrrp::{
    Fault, InstanceSpec, PacingGroup, PacingId, TrackerId, TrackerKind, TrackerReport, TrackerSpec, TrackerUse,
};
use smallvec::SmallVec;

use super::{source::Sources, world::World};

/// A script is the same over a reload when its name, command and user are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ScriptKey {
    name: Box<str>,
    command: Command,
}

/// Numbers of trackers; the same thing keeps its number for the life of the process.
#[derive(Debug, Default)]
pub(super) struct TrackerIds {
    interfaces: HashMap<IfName, TrackerId>,
    scripts: HashMap<ScriptKey, TrackerId>,
    next: u32,
}

impl TrackerIds {
    fn interface(&mut self, name: IfName) -> TrackerId {
        let next = &mut self.next;
        *self.interfaces.entry(name).or_insert_with(|| fresh(next))
    }

    fn script(&mut self, script: &TrackScript) -> TrackerId {
        let next = &mut self.next;
        let key = ScriptKey {
            name: script.name.clone(),
            command: script.command.clone(),
        };
        *self.scripts.entry(key).or_insert_with(|| fresh(next))
    }

    /// The tracker of a script, if it has one.
    pub(super) fn known_script(&self, script: &TrackScript) -> Option<TrackerId> {
        let key = ScriptKey {
            name: script.name.clone(),
            command: script.command.clone(),
        };
        self.scripts.get(&key).copied()
    }

    /// The tracker of an interface, if something tracks it.
    pub(super) fn known_interface(&self, name: &IfName) -> Option<TrackerId> {
        self.interfaces.get(name).copied()
    }
}

fn fresh(next: &mut u32) -> TrackerId {
    let id = TrackerId(*next);
    *next += 1;
    id
}

/// What the engine is told, and what the worker must know beside it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Trackers in use.
    pub(super) trackers: Vec<TrackerSpec>,
    /// Instances in configuration order.
    pub(super) instances: Vec<InstanceSpec>,
    /// Pacing groups.
    pub(super) pacing: Vec<PacingGroup>,
    /// Scripts in use with their trackers.
    pub(super) scripts: Vec<(TrackerId, Arc<TrackScript>)>,
    /// Every address that is virtual somewhere: never a source.
    pub(super) virtual_addresses: HashSet<IpAddr>,
}

/// Makes the plan.
pub(super) fn plan(config: &Config, world: &World, ids: &mut TrackerIds) -> Plan {
    let mut plan = Plan::default();
    let vrrp = &config.vrrp;
    plan.virtual_addresses = vrrp
        .instances
        .iter()
        .flat_map(|i| i.addresses.iter().chain(&i.excluded_addresses))
        .map(|a| a.local.address)
        .collect();
    let scripts: HashMap<&str, TrackerId> = vrrp
        .scripts
        .iter()
        .map(|script| {
            let id = ids.script(script);
            plan.trackers.push(TrackerSpec {
                id,
                name: script.name.clone(),
                kind: TrackerKind::Script {
                    rise: script.rise,
                    fall: script.fall,
                },
                initial: None,
            });
            plan.scripts.push((id, Arc::new(script.clone())));
            (&*script.name, id)
        })
        .collect();
    let pacing = Pacing::new(config, &mut plan.pacing);
    let mut interfaces = HashSet::new();
    let groups = membership(config);
    let virtual_addresses = std::mem::take(&mut plan.virtual_addresses);
    let mut sources = Sources::new(world, &virtual_addresses);
    for instance in &vrrp.instances {
        let config = Arc::new(instance.clone());
        let mut spec = InstanceSpec::new(Arc::clone(&config), sources.of(&config));
        let tracking = match groups.get(&*config.name) {
            Some((group, owner)) => with_group(&config.track, group, *owner),
            None => config.track.clone(),
        };
        spec.trackers = trackers(&config, &tracking, &scripts, ids, &mut interfaces);
        spec.faults = faults(&config, world);
        spec.pacing = pacing.of(&config);
        plan.instances.push(spec);
    }
    plan.virtual_addresses = virtual_addresses;
    let mut interfaces: Vec<IfName> = interfaces.into_iter().collect();
    interfaces.sort_unstable();
    for name in interfaces {
        plan.trackers.push(TrackerSpec {
            id: ids.interface(name),
            name: name.as_str().into(),
            kind: TrackerKind::Interface,
            initial: Some(TrackerReport::Good(world.named(&name).is_some_and(|i| i.usable()))),
        });
    }
    plan
}

/// The interface of an instance as sockets want it; `None` while it does not exist.
pub(super) fn socket_interface(config: &Instance, world: &World) -> Option<SocketInterface> {
    let name = config.interface?;
    let index = world.named(&name)?.link.index;
    Some(SocketInterface { name, index })
}

fn faults(config: &Instance, world: &World) -> SmallVec<[Fault; 1]> {
    let mut faults = SmallVec::new();
    if config.config_fault.is_some() {
        faults.push(Fault::Configuration);
    }
    if config.interface.is_some_and(|name| world.named(&name).is_none()) {
        faults.push(Fault::NoInterface);
    }
    faults
}

/// The sync group of each member, and whether it has an owner.
fn membership(config: &Config) -> HashMap<&str, (&SyncGroup, bool)> {
    let owners: HashSet<&str> = config
        .vrrp
        .instances
        .iter()
        .filter(|i| i.is_owner())
        .map(|i| &*i.name)
        .collect();
    let mut membership = HashMap::new();
    for group in &config.vrrp.sync_groups {
        let owner = group.members.iter().any(|m| owners.contains(&**m));
        membership.extend(group.members.iter().map(|m| (&**m, (group, owner))));
    }
    membership
}

/// What a member tracks with what its sync group tracks: where both name a thing the group's weight counts, except that a member's
/// weight 0 stays; in a group with an owner everything of the group is a reason for FAULT (`vrrp.md` 7.3).
fn with_group(own: &Tracking, group: &SyncGroup, owner: bool) -> Tracking {
    let mut merged = own.clone();
    let of_group = |tracked: &TrackRef| TrackRef {
        weight: if owner { 0 } else { tracked.weight },
        ..tracked.clone()
    };
    for tracked in &group.track.interfaces {
        match merged.interfaces.iter_mut().find(|t| t.name == tracked.name) {
            Some(known) if known.weight == 0 => {}
            Some(known) => *known = of_group(tracked),
            None => merged.interfaces.push(of_group(tracked)),
        }
    }
    for tracked in &group.track.scripts {
        match merged.scripts.iter_mut().find(|t| t.name == tracked.name) {
            Some(known) if known.weight == 0 => {}
            Some(known) => *known = of_group(tracked),
            None => merged.scripts.push(of_group(tracked)),
        }
    }
    merged
}

/// Own interface, interfaces of its addresses, `track_interface`, `track_script`; each tracker once.
fn trackers(
    config: &Instance,
    tracking: &Tracking,
    scripts: &HashMap<&str, TrackerId>,
    ids: &mut TrackerIds,
    interfaces: &mut HashSet<IfName>,
) -> SmallVec<[TrackerUse; 2]> {
    let mut uses: SmallVec<[TrackerUse; 2]> = SmallVec::new();
    let mut add = |new: TrackerUse| {
        if !uses.iter().any(|known| known.tracker == new.tracker) {
            uses.push(new);
        }
    };
    let own = config.interface.filter(|_| !config.dont_track_primary);
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
    for name in own
        .into_iter()
        .chain(others.filter(|name| Some(*name) != config.interface))
    {
        interfaces.insert(name);
        add(TrackerUse::fault(ids.interface(name)));
    }
    for tracked in &tracking.interfaces {
        if let Some(name) = IfName::new(&tracked.name) {
            interfaces.insert(name);
            add(TrackerUse {
                tracker: ids.interface(name),
                weight: tracked.weight,
                reverse: tracked.reverse,
            });
        }
    }
    for tracked in &tracking.scripts {
        if let Some(tracker) = scripts.get(&*tracked.name) {
            add(TrackerUse {
                tracker: *tracker,
                weight: tracked.weight,
                reverse: tracked.reverse,
            });
        }
    }
    uses
}

/// `garp_group`, and one group for each interface under `vrrp_garp_interval` and `vrrp_gna_interval`.
struct Pacing {
    by_interface: HashMap<IfName, PacingId>,
}

impl Pacing {
    fn new(config: &Config, groups: &mut Vec<PacingGroup>) -> Self {
        let mut by_interface = HashMap::new();
        for group in &config.vrrp.garp_groups {
            let id = push(groups, group.garp_interval, group.gna_interval);
            for name in &group.interfaces {
                by_interface.entry(*name).or_insert(id);
            }
        }
        let global = &config.global.vrrp;
        if !global.garp_interval.is_zero() || !global.gna_interval.is_zero() {
            for instance in &config.vrrp.instances {
                for name in interfaces_of_addresses(instance).flatten() {
                    by_interface
                        .entry(name)
                        .or_insert_with(|| push(groups, global.garp_interval, global.gna_interval));
                }
            }
        }
        Self { by_interface }
    }

    fn of(&self, config: &Instance) -> Box<[Option<PacingId>]> {
        if self.by_interface.is_empty() {
            return Box::default();
        }
        interfaces_of_addresses(config)
            .map(|name| self.by_interface.get(&name?).copied())
            .collect()
    }
}

fn push(
    groups: &mut Vec<PacingGroup>,
    garp_interval: keepalived_model::time::Micros,
    gna_interval: keepalived_model::time::Micros,
) -> PacingId {
    groups.push(PacingGroup {
        garp_interval,
        gna_interval,
    });
    PacingId(u16::try_from(groups.len() - 1).unwrap_or(u16::MAX))
}

fn interfaces_of_addresses(config: &Instance) -> impl Iterator<Item = Option<IfName>> {
    config
        .addresses
        .iter()
        .chain(&config.excluded_addresses)
        .map(|a| a.interface.or(config.interface))
}
