//! The VRRP election engine: all instances of one process, no I/O, no clock, no randomness (RFC 9568, RFC 5798, RFC 3768).
//!
//! A driver feeds [`Input`]s and the time into one [`Engine`], and after each of them drains its [`Action`]s. The order of actions
//! means something within one instance; between instances a driver may regroup them (all adverts of a turn in one `sendmmsg`).

mod action;
mod advert;
mod announce;
mod auth;
mod echo;
mod election;
mod engine;
mod group;
mod input;
mod instance;
mod mutation;
mod receive;
mod reconfigure;
mod rivals;
mod spec;
mod stats;
pub mod table;
mod timers;
mod trackers;

pub use action::{
    Action, Announce, Announced, BatchOperation, BatchPart, FaultCause, GroupChange, KernelBatch, LogEvent, Notified,
    Reason, RefusedPacket, StateChange, Transmit,
};
pub use engine::{Engine, InstanceView};
pub use input::{Input, KernelOutcome, ObjectRef, Received, Reconfiguration, Ticket, TrackerReport};
pub use spec::{
    Fault, GroupId, GroupSpec, Identity, InstanceId, InstanceSpec, PacingGroup, PacingId, TrackerId, TrackerKind,
    TrackerSpec, TrackerUse,
};
pub use stats::Stats;
pub use table::State;

#[cfg(feature = "mutations")]
pub use mutation::Mutation;
