//! From the configuration and the kernel's interfaces to what the engine is told.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

use keepalived_linux::vrrp_socket::Interface as SocketInterface;
use keepalived_model::{config::Config, script::TrackScript, units::IfName, vrrp::Instance};
use keepalived_vrrp::{Fault, InstanceSpec, PacingGroup, PacingId, TrackerId, TrackerSpec};
use smallvec::SmallVec;

use super::{
    followed::Followed,
    source::Sources,
    tracking::{self, FirstReports, Named, TrackerIds},
    world::World,
};

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
pub(super) fn plan(config: &Config, world: &World, first: &FirstReports, ids: &mut TrackerIds) -> Plan {
    let mut plan = Plan::default();
    let vrrp = &config.vrrp;
    plan.virtual_addresses = vrrp
        .instances
        .iter()
        .flat_map(|i| i.addresses.iter().chain(&i.excluded_addresses))
        .map(|a| a.local.address)
        .collect();
    let scripts = vrrp.scripts.iter();
    plan.scripts = scripts.map(|s| (ids.script(s), Arc::new(s.clone()))).collect();
    let named = Named::new(config, first, ids, &mut plan.trackers);
    let pacing = Pacing::new(config, &mut plan.pacing);
    let mut interfaces = HashSet::new();
    let groups = tracking::membership(config);
    let virtual_addresses = std::mem::take(&mut plan.virtual_addresses);
    let mut sources = Sources::new(world, &virtual_addresses);
    let followed = Followed::new(config);
    for instance in &vrrp.instances {
        let config = Arc::new(instance.clone());
        let mut spec = InstanceSpec::new(Arc::clone(&config), sources.of(&config));
        let tracking = match groups.get(&*config.name) {
            Some(group) => config.track.in_group(&group.track),
            None => config.track.clone(),
        };
        spec.trackers = tracking::uses(&config, &tracking, &named, ids, &mut interfaces);
        followed.track(&mut spec, ids, &mut interfaces);
        spec.faults = faults(&config, world);
        spec.pacing = pacing.of(&config);
        plan.instances.push(spec);
    }
    plan.virtual_addresses = virtual_addresses;
    tracking::of_interfaces(interfaces, world, ids, &mut plan.trackers);
    plan
}

/// The interface of an instance as sockets want it, or the VRF of one that has none; `None` while it does not exist.
pub(super) fn socket_interface(config: &Instance, world: &World) -> Option<SocketInterface> {
    let name = config.advert_interface()?;
    let index = world.named(&name)?.link.index;
    Some(SocketInterface { name, index })
}

fn faults(config: &Instance, world: &World) -> SmallVec<[Fault; 1]> {
    let mut faults = SmallVec::new();
    if config.config_fault.is_some() {
        faults.push(Fault::Configuration);
    }
    if config
        .advert_interface()
        .is_some_and(|name| world.named(&name).is_none())
    {
        faults.push(Fault::NoInterface);
    }
    let base = config
        .interface
        .filter(|base| config.own_interface() != Some(*base) && !config.dont_track_primary);
    if base.is_some_and(|name| !world.named(&name).is_some_and(super::world::Interface::usable)) {
        faults.push(Fault::BaseInterface);
    }
    faults
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
        .map(|a| a.base.or(a.interface).or(config.interface))
}
