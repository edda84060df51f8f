//! The engine.

use std::{collections::VecDeque, net::IpAddr};

use keepalived_model::time::Instant;

use crate::{
    action::Action,
    input::Input,
    spec::{InstanceId, InstanceSpec},
    stats::Stats,
    table::State,
};

/// What is to be seen of one instance.
#[derive(Clone, Copy, Debug)]
pub struct InstanceView<'a> {
    /// As configured.
    pub spec: &'a InstanceSpec,
    /// State.
    pub state: State,
    /// What it would like to be (`wantstate`).
    pub want: State,
    /// It is in FAULT only because first results of scripts are awaited, and nobody was told.
    pub awaiting: bool,
    /// Base priority now.
    pub base_priority: u8,
    /// Base priority and weights, not clamped.
    pub total_priority: i32,
    /// What adverts say.
    pub effective_priority: u8,
    /// The master heard last.
    pub master: Option<IpAddr>,
    /// Its priority.
    pub master_priority: u8,
    /// Interval of the master, ours when there is none.
    pub master_interval: keepalived_model::time::Micros,
    /// When the state changed last.
    pub last_transition: Instant,
    /// When the last advert was sent.
    pub last_advert_sent: Option<Instant>,
    /// When the master down timer (BACKUP) or the advert timer (MASTER) runs out.
    pub deadline: Option<Instant>,
    /// Address it sends from.
    pub source: Option<IpAddr>,
    /// Trackers that are bad and have no weight.
    pub tracker_faults: u32,
    /// Faults of its own, a bit each by [`crate::Fault`].
    pub faults: u8,
    /// Trackers without weight whose first result is awaited.
    pub awaited: u32,
    /// Uses the unicast checksum of versions up to 1.3.6.
    pub old_checksum: bool,
    /// Counters.
    pub stats: &'a Stats,
}

/// All elections of one process.
#[derive(Debug, Default)]
pub struct Engine {
    actions: VecDeque<Action>,
}

impl Engine {
    /// Something happened.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        let _ = (now, input, &mut self.actions);
    }

    /// Fires every timer that is due; each once, however late. Early calls do nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        let _ = now;
    }

    /// The next wish, in order; to be called until `None` after each input and timeout.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When `handle_timeout` is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        None
    }

    /// What is to be seen of an instance.
    #[must_use]
    pub fn view(&self, id: InstanceId) -> Option<InstanceView<'_>> {
        let _ = id;
        None
    }

    /// Every instance there is, by id.
    pub fn ids(&self) -> impl Iterator<Item = InstanceId> + '_ {
        std::iter::empty()
    }

    /// Ids for a new configuration: the old id for what is the same virtual router, else the lowest free one.
    #[must_use]
    pub fn assign_ids(&self, specs: &[InstanceSpec]) -> Vec<InstanceId> {
        (0..specs.len() as u32).map(InstanceId).collect()
    }
}
