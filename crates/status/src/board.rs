//! What a reader of events knows: the state of the daemon, kept up to date event by event.

use std::collections::{BTreeMap, HashMap};

use crate::{
    event::Event,
    instance::{Instance, InstanceId},
    snapshot::Daemon,
    state::State,
    statistics::Statistics,
    tracker::ScriptStatus,
    wall::Wall,
};

/// Mirror of the VRRP process, made of its events. Each event costs O(log n), whatever the number of instances.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// The daemon; as it was before the first [`Event::Reset`].
    pub daemon: Daemon,
    /// All instances have been said and what comes is news.
    pub complete: bool,
    instances: BTreeMap<InstanceId, Instance>,
    names: HashMap<Box<str>, InstanceId>,
    /// State of sync groups by name.
    pub groups: BTreeMap<Box<str>, State>,
    /// Verdict and exit status of scripts by name.
    pub scripts: BTreeMap<Box<str>, (ScriptStatus, Option<i32>)>,
    /// Number and quorum of tracked processes by name.
    pub processes: BTreeMap<Box<str>, (u32, bool)>,
    /// Number in tracked files by name.
    pub files: BTreeMap<Box<str>, i64>,
    /// Tracked BFD sessions by name.
    pub bfds: BTreeMap<Box<str>, bool>,
}

impl Board {
    /// Takes an event over.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Reset(daemon) => {
                *self = Self {
                    daemon: (**daemon).clone(),
                    ..Self::default()
                }
            }
            Event::Added(instance) | Event::Updated(instance) => self.insert(instance),
            Event::Removed { id, .. } => self.remove(*id),
            Event::Started => self.complete = true,
            Event::Reloaded { at } => self.daemon.reloaded = Some(*at),
            Event::Stopped => {}
            Event::Instance { id, change } => {
                if let Some(instance) = self.instances.get_mut(id) {
                    change.apply(&mut instance.live);
                }
            }
            Event::Statistics(all) => self.count(all),
            Event::Group { name, state } => {
                self.groups.insert(name.clone(), *state);
            }
            Event::Script {
                name,
                status,
                exit_code,
            } => {
                self.scripts.insert(name.clone(), (*status, *exit_code));
            }
            Event::Process {
                name,
                current,
                have_quorum,
            } => {
                self.processes.insert(name.clone(), (*current, *have_quorum));
            }
            Event::File { name, status } => {
                self.files.insert(name.clone(), *status);
            }
            Event::Bfd { name, up } => {
                self.bfds.insert(name.clone(), *up);
            }
        }
    }

    /// How many instances there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.instances.len()
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// The instance with this number.
    #[must_use]
    pub fn get(&self, id: InstanceId) -> Option<&Instance> {
        self.instances.get(&id)
    }

    /// The instance with this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Instance> {
        self.names.get(name).and_then(|id| self.instances.get(id))
    }

    /// Instances from the number `first` on, in the order of their making.
    pub fn from(&self, first: InstanceId) -> impl Iterator<Item = &Instance> {
        self.instances.range(first..).map(|(_, instance)| instance)
    }

    /// All instances in the order of their making.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.instances.values()
    }

    /// When anything of an instance last changed its state.
    #[must_use]
    pub fn last_transition(&self) -> Option<Wall> {
        self.instances.values().filter_map(|i| i.live.last_transition).max()
    }

    fn insert(&mut self, instance: &Instance) {
        let name = instance.settings.name.clone();
        if let Some(old) = self.instances.insert(instance.id, instance.clone())
            && old.settings.name != name
            && self.names.get(&old.settings.name) == Some(&old.id)
        {
            self.names.remove(&old.settings.name);
        }
        self.names.insert(name, instance.id);
    }

    fn remove(&mut self, id: InstanceId) {
        // A reload may have given the name to another instance already.
        if let Some(old) = self.instances.remove(&id)
            && self.names.get(&old.settings.name) == Some(&id)
        {
            self.names.remove(&old.settings.name);
        }
    }

    fn count(&mut self, all: &[(InstanceId, Statistics)]) {
        for (id, statistics) in all {
            if let Some(instance) = self.instances.get_mut(id) {
                instance.statistics = *statistics;
            }
        }
    }
}
