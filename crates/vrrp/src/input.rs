//! All that can happen to the engine. A log of inputs with their times replays a run.

use std::{borrow::Cow, net::IpAddr};

use keepalived_model::{time::Micros, units::Priority};
use serde::{Deserialize, Serialize};

use crate::spec::{Fault, GroupSpec, InstanceId, InstanceSpec, PacingGroup, TrackerId, TrackerSpec};

/// One thing that happened.
#[derive(Debug, Serialize, Deserialize)]
pub enum Input<'a> {
    /// `vrrp_startup_delay` (or what is left of `vrrp_delay_after_boot`, if longer): given once, before the first `Reconfigure`.
    StartupDelay(Micros),
    /// The wall clock now, since the epoch of Unix. Only `auth_hmac` looks at it: to be given before the first `Reconfigure` that has
    /// it, and whenever the clock was set.
    WallClock(Micros),
    /// The whole wish: what is not in it is removed, the rest is added, replaced or kept by [`crate::Identity`].
    Reconfigure(Box<Reconfiguration>),
    /// One more instance (D-Bus). An instance that has this id is replaced as by a reload.
    Add(InstanceId, Box<InstanceSpec>),
    /// One instance less (D-Bus).
    Remove(InstanceId),
    /// Every MASTER advertises once more (a reload begins).
    AdvertiseNow,
    /// A datagram came in for this instance.
    Packet(Received<'a>),
    /// A tracker reports. Reports for unknown trackers are ignored.
    Tracker(TrackerId, TrackerReport),
    /// A fault begins (`true`) or ends.
    Fault(InstanceId, Fault, bool),
    /// The address to send from has changed; `None` when there is none.
    SourceAddress(InstanceId, Option<IpAddr>),
    /// Somebody else deleted an object that this instance had installed.
    ObjectDeleted(InstanceId, ObjectRef),
    /// Objects of this instance vanished with something that did not count: a MASTER installs and announces them once more.
    Reinstall(InstanceId),
    /// The kernel answered a batch.
    KernelDone(Ticket, KernelOutcome),
    /// The base priority is set from outside (SNMP) until the next reload.
    SetPriority(InstanceId, Priority),
    /// Announce the addresses of a MASTER once more (D-Bus `SendGarp`).
    SendGarp(InstanceId),
    /// Counters back to zero, of one or of all.
    ClearStats(Option<InstanceId>),
    /// The process ends. With `release` a MASTER resigns and takes its addresses down; without (`--dont-release-vrrp`) it just ends.
    Stop {
        /// See above.
        release: bool,
    },
}

/// The whole wish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconfiguration {
    /// Every tracker that some instance uses.
    pub trackers: Vec<TrackerSpec>,
    /// Every instance, ids as [`crate::Engine::assign_ids`] gave them, in configuration order.
    pub instances: Vec<(InstanceId, InstanceSpec)>,
    /// Pacing groups, by [`crate::PacingId`].
    pub pacing: Vec<PacingGroup>,
    /// Sync groups, by [`crate::GroupId`].
    pub groups: Vec<GroupSpec>,
}

/// A datagram as a raw socket gives it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Received<'a> {
    /// For whom: found by socket and VRID.
    pub instance: InstanceId,
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// TTL or hop limit; `None` when the kernel did not say.
    pub ttl: Option<u8>,
    /// IPv4: the packet with its header. IPv6: what follows the header, its checksum already checked by the kernel.
    pub bytes: Cow<'a, [u8]>,
}

/// What a tracker reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrackerReport {
    /// An interface, process quorum or BFD session is good (`true`) or bad; for a script: one run succeeded or failed.
    Good(bool),
    /// The number in a file.
    Value(i32),
    /// A script that came with a reload: nobody waits for its first result.
    Assumed,
}

/// One object of an instance, by its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ObjectRef {
    /// `addresses`, then `excluded_addresses`.
    Address(u16),
    /// `routes`.
    Route(u16),
    /// `rules`.
    Rule(u16),
}

/// Proof that a kernel batch was asked for; giving it back with the answer uses it up.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "the answer of the kernel must come back with its ticket"]
pub struct Ticket {
    pub(crate) instance: InstanceId,
    pub(crate) serial: u64,
}

impl Ticket {
    /// Whose batch it is.
    #[must_use]
    pub const fn instance(&self) -> InstanceId {
        self.instance
    }
}

/// How a batch went. An address that could not be installed is announced nevertheless, as it always was (`vrrp.md` 9.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelOutcome {
    /// Objects the kernel refused.
    pub failed: u32,
}
