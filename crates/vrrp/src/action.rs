//! All that the engine can want. Every value must be acted on, in the order given for its instance.

use std::{net::IpAddr, sync::Arc};

use keepalived_model::{
    address::Address,
    time::Micros,
    vrrp::{Garp, Instance, SyncGroup},
};

use crate::{
    input::{ObjectRef, Ticket},
    spec::{Fault, GroupId, InstanceId, TrackerId},
    table::State,
};

pub use crate::advert::Transmit;

/// One wish of the engine.
#[derive(Debug)]
#[must_use = "a wish that is dropped leaves the world different from what the engine believes"]
pub enum Action {
    /// Send one advert, to every destination of the instance.
    Transmit(Transmit),
    /// Shield the addresses from local use while MASTER (`no_accept`), or no longer; comes only for instances that do not accept.
    Firewall {
        /// Which instance.
        instance: InstanceId,
        /// Its configuration, for the addresses.
        config: Arc<Instance>,
        /// Shield them?
        shield: bool,
    },
    /// Change the kernel; its answer comes back as [`crate::Input::KernelDone`] with the ticket.
    Kernel(KernelBatch),
    /// Send gratuitous ARPs or unsolicited neighbour advertisements.
    Announce(Announce),
    /// The state changed and the world should know: scripts, FIFO, D-Bus, SNMP, mail.
    State(StateChange),
    /// The state of a sync group changed, after that of its members (at start: before).
    Group(GroupChange),
    /// The effective priority changed (`notify_priority_changes`, D-Bus, SNMP).
    Priority {
        /// Which instance.
        instance: InstanceId,
        /// Before.
        old: u8,
        /// Now.
        new: u8,
        /// Is it MASTER (else BACKUP in the words of the FIFO)?
        master: bool,
        /// Nobody is to be told by FIFO: a file that was a reason for FAULT no longer is, and the state that follows tells the priority.
        silent: bool,
    },
    /// As MASTER it heard an advert of lower priority (`notify_master_rx_lower_pri`, FIFO `MASTER_RX_LOWER_PRI`).
    LowerPriorityReceived {
        /// Which instance.
        instance: InstanceId,
        /// Its effective priority.
        priority: u8,
    },
    /// Something to write into the log. What a peer can cause is limited.
    Log(InstanceId, LogEvent),
    /// A tracker changed its result: log `VRRP_Script(NAME) succeeded|failed`, `Quorum gained|lost` and the like.
    TrackerChanged {
        /// Which tracker.
        tracker: TrackerId,
        /// Good now?
        good: bool,
        /// Is it the first result, or one taken for granted at a reload?
        assumed: bool,
    },
}

/// A change of the kernel for one instance, to be handed over in one go.
#[derive(Debug)]
#[must_use]
pub struct KernelBatch {
    /// Comes back with the answer.
    pub ticket: Ticket,
    /// What to do.
    pub operation: BatchOperation,
    /// With which of its objects.
    pub part: BatchPart,
    /// The configuration the objects are in (at a reload that removes objects: the old one).
    pub config: Arc<Instance>,
}

impl KernelBatch {
    /// Whose batch it is.
    #[must_use]
    pub const fn instance(&self) -> InstanceId {
        self.ticket.instance()
    }

    /// Its addresses with their numbers, advertised ones first (install: in this order, before routes and rules; remove: after them).
    pub fn addresses(&self) -> impl Iterator<Item = (u16, &Address)> {
        let c = &*self.config;
        let wanted = move |n: &u16| match &self.part {
            BatchPart::All => true,
            BatchPart::Some(list) => list.contains(&ObjectRef::Address(*n)),
        };
        (0u16..)
            .zip(c.addresses.iter().chain(&c.excluded_addresses))
            .filter(move |(n, _)| wanted(n))
    }

    /// Does the batch contain this route or rule of [`KernelBatch::config`]?
    #[must_use]
    pub fn contains(&self, object: ObjectRef) -> bool {
        match &self.part {
            BatchPart::All => true,
            BatchPart::Some(list) => list.contains(&object),
        }
    }
}

/// What a batch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BatchOperation {
    /// Addresses, excluded addresses, routes, rules are put in; existing ones count as done.
    Install,
    /// Rules, routes, addresses, excluded addresses are taken out.
    Remove,
    /// As `Remove`, at the start of an instance: most will not exist, which is not worth a word.
    RemoveLeftovers,
}

/// Which objects of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchPart {
    /// Every address, route and rule.
    All,
    /// These (a reload changed the lists).
    Some(Box<[ObjectRef]>),
}

/// Gratuitous ARP (IPv4) or unsolicited NA (IPv6), `rounds` times over all that is named.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Announce {
    /// Which instance.
    pub instance: InstanceId,
    /// Its configuration, for the addresses.
    pub config: Arc<Instance>,
    /// What is announced.
    pub what: Announced,
    /// How often.
    pub rounds: u32,
}

impl Announce {
    /// The configured addresses that are named, in order; nothing for [`Announced::Source`].
    pub fn addresses(&self) -> impl Iterator<Item = (u16, &Address)> {
        let c = &*self.config;
        let what = self.what;
        (0u16..)
            .zip(c.addresses.iter().chain(&c.excluded_addresses))
            .filter(move |(n, _)| match what {
                Announced::All | Announced::ExtraInterfaces => true,
                Announced::One(one) => one == *n,
                Announced::Source(_) => false,
            })
    }
}

/// What is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// Every address, each on its interface.
    All,
    /// One address: `addresses`, then `excluded_addresses`.
    One(u16),
    /// Every address that is not on the instance's own interface, or with `garp_extra_if all` everyone, on the other VMAC interfaces.
    ExtraInterfaces,
    /// The address a unicast instance sends from, on its interface.
    Source(IpAddr),
}

/// A state that others hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notified {
    /// MASTER.
    Master,
    /// BACKUP.
    Backup,
    /// FAULT.
    Fault,
    /// The process stops.
    Stop,
    /// A reload removed the instance (`notify_deleted`).
    Deleted,
}

/// A change of state, after all that belongs to it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// Which instance.
    pub instance: InstanceId,
    /// Its configuration, for names and scripts (it may be gone from the engine).
    pub config: Arc<Instance>,
    /// Before.
    pub old: State,
    /// Now.
    pub new: Notified,
    /// Effective priority.
    pub priority: u8,
    /// Why.
    pub reason: Reason,
}

/// A change of state of a sync group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChange {
    /// Which group.
    pub group: GroupId,
    /// Its configuration, for its name and scripts.
    pub config: Arc<SyncGroup>,
    /// Now.
    pub new: Notified,
}

/// Why a state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The instance starts.
    Start,
    /// Nothing was heard of a master for Master_Down.
    MasterSilent,
    /// The master resigned with priority 0.
    MasterResigned,
    /// A master of lower priority was overruled.
    Preempted,
    /// A better master was heard.
    BetterMaster,
    /// A fault began.
    Fault,
    /// All faults ended.
    Recovered,
    /// Somebody deleted an address, a route or a rule.
    ObjectDeleted,
    /// The process was not scheduled for so long that somebody else must be MASTER (`timer_expired_backup`).
    Late,
    /// Another member of its sync group moved.
    Group,
    /// The process stops.
    Stop,
    /// The instance was removed.
    Removed,
}

/// Something worth a line in the log; `{:?}` is for tests, the driver has the words (`runtime.md` 6.2 and 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogEvent {
    /// `Entering BACKUP STATE`, `Entering FAULT STATE (init)` ...
    Entering {
        /// The state.
        state: State,
        /// At start.
        init: bool,
    },
    /// `Receive advertisement timeout` (detailed).
    ReceiveTimeout,
    /// `sent 0 priority` (detailed).
    SentPriorityZero,
    /// `setting VIPs.` and the like (detailed).
    Setting,
    /// `removing VIPs.` and the like (detailed).
    Removing,
    /// `Changing effective priority from X to Y`.
    PriorityChanged {
        /// X.
        old: u8,
        /// Y.
        new: u8,
    },
    /// `Master received advert from A with higher priority P, ours O`.
    BetterAdvert {
        /// A.
        source: IpAddr,
        /// P; when equal to `ours` the address decided.
        priority: u8,
        /// O.
        ours: u8,
    },
    /// As BACKUP: `received lower priority (P) advert from A - discarding`.
    LowerAdvertDiscarded {
        /// A.
        source: IpAddr,
        /// P.
        priority: u8,
    },
    /// As MASTER: `Received advert from A with lower priority P, ours O`.
    LowerAdvert {
        /// A.
        source: IpAddr,
        /// P.
        priority: u8,
        /// O.
        ours: u8,
    },
    /// An advert of equal priority from our own address.
    OwnAddressAdvert {
        /// The address.
        source: IpAddr,
    },
    /// `Backup received priority 0 advertisement` (detailed).
    BackupReceivedZero {
        /// From whom.
        source: IpAddr,
    },
    /// `master set to A` (detailed).
    MasterSet {
        /// A.
        source: IpAddr,
    },
    /// `master changed from A to B` (detailed).
    MasterChanged {
        /// A.
        old: IpAddr,
        /// B.
        new: IpAddr,
    },
    /// `start preempt delay` (detailed).
    PreemptDelayStarted {
        /// The delay.
        delay: Micros,
    },
    /// `stop preempt delay` (detailed).
    PreemptDelayStopped,
    /// A version 3 master uses another interval than ours; said once.
    IntervalDiffers {
        /// Who.
        source: IpAddr,
        /// Its interval.
        theirs: Micros,
        /// Ours.
        ours: Micros,
    },
    /// Two owners (priority 255) of one virtual router.
    RivalOwner {
        /// The other one.
        source: IpAddr,
        /// It has the higher address, so we yield.
        yields: bool,
    },
    /// An advert lists other addresses than ours; it is processed nevertheless.
    AddressListDiffers {
        /// From whom.
        source: IpAddr,
        /// How many it has.
        theirs: u8,
        /// How many we have.
        ours: u8,
    },
    /// The peer uses the unicast checksum of versions up to 1.3.6, and so do we from now on.
    OldChecksumLearnt {
        /// Who.
        source: IpAddr,
    },
    /// An advert was refused; one line a kind until the state or the master changes.
    Refused {
        /// From whom.
        source: IpAddr,
        /// Why.
        why: RefusedPacket,
    },
    /// An advert with a good HMAC comes from a clock that is more than half the window away.
    ClockSkew {
        /// Sender.
        source: IpAddr,
        /// How far it is away, whole seconds.
        by: Micros,
        /// Its clock is ahead of ours.
        ahead: bool,
        /// `time_window`.
        window: Micros,
    },
    /// `N` lines about adverts were not written.
    Suppressed {
        /// How many.
        count: u32,
    },
    /// A cause of FAULT at start (`entering FAULT state due to ...`).
    InFault {
        /// Which.
        cause: FaultCause,
    },
    /// An object of ours was deleted by somebody else.
    ObjectDeleted {
        /// Which.
        object: ObjectRef,
        /// How often, and how long until it is put back in place; without a wait a new election takes it back.
        loss: keepalived_track::Loss,
    },
    /// The kernel refused objects.
    KernelRefused {
        /// How many.
        failed: u32,
    },
    /// Late: another node must be MASTER by now (`timer_expired_backup`).
    TooLate {
        /// Since the last advert.
        silent: Micros,
    },
}

/// Why an instance is in FAULT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCause {
    /// A fault of its own.
    Own(Fault),
    /// A tracker is bad.
    Tracker(TrackerId),
}

/// Why an advert was refused (`vrrp.md` 5.2), with what the log line needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedPacket {
    /// AH where none is configured, or none where it is.
    AuthenticationHeader,
    /// Too short, too long, or the count of addresses lies.
    Length {
        /// Received.
        got: u32,
        /// Expected.
        expected: u32,
    },
    /// TTL or hop limit.
    Ttl {
        /// Received.
        got: u8,
    },
    /// Another version.
    Version {
        /// Received.
        got: u8,
        /// Ours.
        expected: u8,
    },
    /// An authentication type that does not exist.
    UnknownAuthType {
        /// Received.
        got: u8,
    },
    /// Another authentication type.
    AuthType {
        /// Received.
        got: u8,
        /// Ours.
        expected: u8,
    },
    /// Wrong password.
    Password,
    /// AH: digest, SPI or sequence number.
    AuthFailure,
    /// HMAC trailer missing.
    HmacMissing,
    /// HMAC trailer malformed.
    HmacMalformed,
    /// HMAC trailer outside the time window.
    HmacStale,
    /// HMAC trailer with an unknown key.
    HmacUnknownKey {
        /// Its number.
        key: u8,
    },
    /// HMAC trailer with a wrong digest.
    HmacInvalid,
    /// HMAC trailer seen before.
    HmacReplay,
    /// Version 2: another interval.
    Interval {
        /// Received.
        got: u8,
        /// Ours.
        expected: u8,
    },
    /// Not an ADVERTISEMENT.
    Type {
        /// Received.
        got: u8,
    },
    /// Checksum.
    Checksum,
    /// Multicast destination for a unicast instance, or the other way round.
    Destination,
    /// Unicast, and not from a peer.
    UnknownPeer,
    /// Unicast, TTL outside the peer's limits.
    PeerTtl {
        /// Received.
        got: u8,
    },
}

impl Announce {
    /// Announcement settings of the instance.
    #[must_use]
    pub fn settings(&self) -> &Garp {
        &self.config.garp
    }
}
