//! What waits to be said on the bus, in order and bounded.

use keepalived_status::{InstanceId, State};
use tokio::sync::mpsc;

/// Something to be said or changed on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Publication {
    /// Make the objects those of the board. With `started`, the VRRP process is new: say so and say all states.
    Sync {
        /// Is the VRRP process a new one?
        started: bool,
    },
    /// An instance appeared, or its settings changed.
    Added(InstanceId),
    /// An instance went away.
    Removed {
        /// Which.
        id: InstanceId,
        /// Its name.
        name: Box<str>,
        /// What is said of it last.
        state: State,
    },
    /// It changed its state.
    Status(InstanceId, State),
    /// A reload was carried out.
    Reloaded,
    /// The VRRP process stopped.
    Stopped,
    /// For consoles.
    Notice(String),
}

/// How many publications may wait. A state change takes two, so that 65,024 instances may fail over twice while the bus hangs.
const LIMIT: usize = 300_000;

/// The writing end. When too much waits, everything is dropped in favour of one [`Publication::Sync`].
#[derive(Debug)]
pub(super) struct Outbox {
    sender: mpsc::Sender<Publication>,
    overflowed: bool,
}

impl Outbox {
    /// Both ends.
    pub(super) fn new() -> (Self, mpsc::Receiver<Publication>) {
        let (sender, receiver) = mpsc::channel(LIMIT);
        let outbox = Self {
            sender,
            overflowed: false,
        };
        (outbox, receiver)
    }

    /// Queues one more. Never waits.
    pub(super) fn put(&mut self, publication: Publication) {
        if self.overflowed {
            // What was lost is made up for first.
            self.overflowed = self.sender.try_send(Publication::Sync { started: false }).is_err();
        }
        if !self.overflowed {
            self.overflowed = self.sender.try_send(publication).is_err();
        }
    }
}
