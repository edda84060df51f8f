//! Each change, said once.

use serde::{Deserialize, Serialize};

use crate::{
    instance::{Instance, InstanceId, Live, Master},
    snapshot::Daemon,
    state::{Applied, Faults, State},
    statistics::Statistics,
    tracker::ScriptStatus,
    wall::Wall,
};

/// Something changed. The VRRP process says events in the order in which things happen and never waits for a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// First after a start of the VRRP process, and again before everything is repeated to a new reader: forget what was known.
    Reset(Box<Daemon>),
    /// An instance exists (at start, by reload, or repeated to a new reader).
    Added(Box<Instance>),
    /// The settings of a known instance were changed in place by a reload.
    Updated(Box<Instance>),
    /// A reload removed the instance; `state` is FAULT, or DELETED with `notify_deleted`.
    Removed {
        /// Which.
        id: InstanceId,
        /// What is reported for it last.
        state: State,
    },
    /// Ends what [`Event::Reset`] began: all instances have been said, what follows is news.
    Started,
    /// A reload was carried out; additions and removals have been said before.
    Reloaded {
        /// When.
        at: Wall,
    },
    /// The VRRP process stops; nothing follows.
    Stopped,
    /// Something about one instance changed.
    Instance {
        /// Which.
        id: InstanceId,
        /// What.
        change: Change,
    },
    /// Counters, said on request or now and then, never for each packet.
    Statistics(Vec<(InstanceId, Statistics)>),
    /// A sync group changed its state.
    Group {
        /// Its name.
        name: Box<str>,
        /// What it is now.
        state: State,
    },
    /// A script's verdict or exit status changed.
    Script {
        /// Its name.
        name: Box<str>,
        /// The verdict.
        status: ScriptStatus,
        /// Exit status of the run.
        exit_code: Option<i32>,
    },
    /// The quorum of a tracked process changed.
    Process {
        /// Name of the block.
        name: Box<str>,
        /// How many there are.
        current: u32,
        /// Is that enough and not too many?
        have_quorum: bool,
    },
    /// The number in a tracked file changed.
    File {
        /// Name of the block.
        name: Box<str>,
        /// The number.
        status: i64,
    },
    /// A tracked BFD session came or went.
    Bfd {
        /// Its name.
        name: Box<str>,
        /// Is it up?
        up: bool,
    },
}

/// What changed about an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Its state.
    State {
        /// What it is now.
        state: State,
        /// What it wants to be.
        want_state: State,
        /// When it became so.
        at: Wall,
    },
    /// A priority.
    Priority {
        /// Configured, or set over SNMP.
        base: u8,
        /// What it sends.
        effective: u8,
        /// Before limiting.
        total: i32,
    },
    /// The master it follows.
    Master(Option<Master>),
    /// Why it is in FAULT.
    Faults(Faults),
    /// What is installed.
    Installed {
        /// Advertised addresses.
        addresses: Applied,
        /// Excluded addresses.
        excluded_addresses: Applied,
        /// Routes.
        routes: Applied,
        /// Rules.
        rules: Applied,
    },
    /// Several things at once: its interface, its source address, its sockets.
    Live(Box<Live>),
}

impl Change {
    /// Brings `live` up to date.
    pub fn apply(&self, live: &mut Live) {
        match self {
            Self::State { state, want_state, at } => {
                live.state = *state;
                live.want_state = *want_state;
                live.last_transition = Some(*at);
            }
            Self::Priority { base, effective, total } => {
                live.base_priority = *base;
                live.effective_priority = *effective;
                live.total_priority = *total;
            }
            Self::Master(master) => live.master = *master,
            Self::Faults(faults) => live.faults = *faults,
            Self::Installed {
                addresses,
                excluded_addresses,
                routes,
                rules,
            } => {
                live.addresses.clone_from(addresses);
                live.excluded_addresses.clone_from(excluded_addresses);
                live.routes.clone_from(routes);
                live.rules.clone_from(rules);
            }
            Self::Live(new) => live.clone_from(new),
        }
    }
}
