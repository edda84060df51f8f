//! Somebody else takes away what is ours: who it was, as far as the kernel tells, and what the log says of it.

use std::collections::{HashMap, HashSet};

use keepalived_linux::{
    netlink::{KernelError, Operation, Requester},
    timer::now,
};
use keepalived_model::{
    time::{Instant, Micros},
    units::IfName,
};
use keepalived_track::Loss;
use keepalived_vrrp::{InstanceId, ObjectRef, State};
use smallvec::SmallVec;

use super::{
    kernel::Errand,
    statics::{Asked, Taken},
    words::seconds,
    worker::Worker,
};

/// So many lines about deletions are written in one second; a rival may delete thousands of things at once.
const LINES: u32 = 20;
/// Ports whose holder was searched in all of `/proc`.
const SEARCHES: usize = 64;

/// What is known of those who delete our things.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    /// Who deleted an object of an instance in this turn.
    accused: HashMap<(InstanceId, ObjectRef), Requester>,
    searched: HashSet<Requester>,
    second: Instant,
    lines: u32,
    withheld: u32,
}

impl Rivals {
    /// Notes who deleted an object, for the line that the engine's decision becomes.
    pub(super) fn accuse(&mut self, owner: InstanceId, object: ObjectRef, by: Requester) {
        self.accused.insert((owner, object), by);
    }

    /// Who deleted the object, in words.
    pub(super) fn culprit(&mut self, owner: InstanceId, object: ObjectRef) -> String {
        let by = self.accused.get(&(owner, object)).copied();
        by.map_or_else(|| "somebody else".to_owned(), |by| self.name(by))
    }

    /// A turn is over.
    pub(super) fn forget(&mut self) {
        self.accused.clear();
    }

    fn name(&mut self, by: Requester) -> String {
        if by == Requester::default() {
            return "somebody else".to_owned();
        }
        if let Some(process) = by.process() {
            return process.to_string();
        }
        if self.searched.len() < SEARCHES && self.searched.insert(by) {
            tokio::task::spawn_blocking(move || {
                if let Some(process) = by.search() {
                    tracing::info!("Netlink port {} belongs to {process}", by.0);
                }
            });
        }
        format!("the holder of netlink port {}", by.0)
    }

    /// May one more line be written? Also how many were not, before it.
    fn may_write(&mut self, at: Instant) -> Option<u32> {
        if at.since(self.second) >= Micros::SECOND {
            self.second = at;
            self.lines = 0;
        }
        if self.lines >= LINES {
            self.withheld = self.withheld.saturating_add(1);
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.withheld))
    }
}

/// How often, for a line of the log: empty for the first time.
pub(super) fn how_often(times: u32, within: Micros) -> String {
    match times {
        0 | 1 => String::new(),
        _ => format!(", {times} times within {}", seconds(rounded(within))),
    }
}

/// Microseconds are no use to a reader.
pub(super) const fn rounded(time: Micros) -> Micros {
    Micros(time.0 / 1_000 * 1_000)
}

impl Worker {
    /// Static items were taken away and come back: says so.
    pub(super) fn statics_taken(&mut self, taken: SmallVec<[Taken; 1]>, by: Requester) {
        for Taken { what, loss } in taken {
            let Some(withheld) = self.rivals.may_write(now()) else {
                continue;
            };
            if withheld > 0 {
                tracing::info!("{withheld} more lines about deleted static items were not written");
            }
            let Loss { times, within, wait } = loss;
            let often = how_often(times, within);
            let who = self.rivals.name(by);
            if wait.is_zero() {
                tracing::info!("Restoring deleted {what}: deleted by {who}{often}");
            } else {
                let wait = seconds(wait);
                tracing::warn!("Restoring deleted {what} in {wait}: deleted by {who}{often}");
            }
        }
    }

    /// An interface came up. The kernel took IPv4 routes out when it went down and told nobody; a MASTER that did not mind
    /// (`dont_track_primary`) wants them back.
    pub(super) fn reassert_routes(&mut self, name: &IfName) {
        if !self.world.named(name).is_some_and(super::world::Interface::usable) {
            return;
        }
        let users = self.by_interface.get(name).into_iter().flatten();
        let operations: Vec<Operation> = users
            .filter_map(|id| {
                let view = self.engine.view(*id).filter(|view| view.state == State::Master)?;
                Some(self.installed.routes_present(*id, &view.spec.config))
            })
            .flatten()
            .map(|route| Operation::AddRoute(Box::new(route.clone())))
            .collect();
        // Asking for one that is there does no harm.
        self.submit_unheeded(operations);
    }

    /// Hands over changes whose results do not matter.
    pub(super) fn submit_unheeded(&mut self, operations: Vec<Operation>) {
        if !operations.is_empty() {
            self.unanswered += 1;
            self.commands.submit(Errand::Unheeded, operations);
        }
    }

    /// Hands over what static items need.
    pub(super) fn submit_statics(&mut self) {
        let errand = self.statics.take_errand();
        if !errand.is_empty() {
            let (asked, operations) = errand.split();
            self.unanswered += 1;
            self.commands.submit(Errand::Statics(asked), operations);
        }
    }

    /// The kernel answered about static items.
    pub(super) fn statics_done(&mut self, asked: Asked, results: Vec<Result<(), KernelError>>) {
        for (what, error) in self.statics.answered(asked, results) {
            tracing::info!("failed to add {what}: {error}");
        }
    }
}
