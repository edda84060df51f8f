//! Which instances track the interfaces of static items (`track_group`, `vrrp.md` 8.8).

use std::collections::{HashMap, HashSet};

use keepalived_model::{config::Config, units::IfName};
use keepalived_vrrp::{InstanceSpec, TrackerUse};

use super::tracking::TrackerIds;

/// Interfaces of static items, by the name of the instance that is to track them.
#[derive(Debug)]
pub(super) struct Followed<'c>(HashMap<&'c str, Vec<IfName>>);

impl<'c> Followed<'c> {
    /// Reads the track groups.
    pub(super) fn new(config: &'c Config) -> Self {
        let vrrp = &config.vrrp;
        let addresses = vrrp.static_addresses.iter().map(|a| (&a.track_group, a.interface));
        let routes = vrrp.static_routes.iter().map(|r| (&r.track_group, r.interface));
        let rules = vrrp.static_rules.iter().map(|r| (&r.track_group, r.iif));
        let mut of_group: HashMap<&str, Vec<IfName>> = HashMap::new();
        for (group, interface) in addresses.chain(routes).chain(rules) {
            if let (Some(group), Some(interface)) = (group, interface) {
                of_group.entry(&**group).or_default().push(interface);
            }
        }
        let mut followed: HashMap<&str, Vec<IfName>> = HashMap::new();
        for group in &vrrp.track_groups {
            let Some(names) = of_group.get_mut(&*group.name) else {
                continue;
            };
            names.sort_unstable();
            names.dedup();
            for member in &group.members {
                followed.entry(&**member).or_default().extend(names.iter().copied());
            }
        }
        Self(followed)
    }

    /// Adds what an instance is to track, each interface once.
    pub(super) fn track(&self, spec: &mut InstanceSpec, ids: &mut TrackerIds, interfaces: &mut HashSet<IfName>) {
        for name in self.0.get(&*spec.config.name).into_iter().flatten() {
            interfaces.insert(*name);
            let wanted = TrackerUse::fault(ids.interface(*name));
            if !spec.trackers.iter().any(|known| known.tracker == wanted.tracker) {
                spec.trackers.push(wanted);
            }
        }
    }
}
