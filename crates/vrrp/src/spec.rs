//! What the engine is told about an instance: its configuration, and what was resolved from it.

use std::{net::IpAddr, sync::Arc};

use keepalived_model::{
    time::Micros,
    units::{Family, IfName, Vrid},
    vrrp::{Instance, SyncGroup, Transport, Vmac},
};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// Number of an instance in the engine: small, chosen by the driver (best by [`crate::Engine::assign_ids`]), stable over reloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstanceId(pub u32);

impl InstanceId {
    /// Ids from here on are ignored, so that a wrong id cannot ask for memory without bound.
    pub const LIMIT: u32 = 1 << 20;

    /// Its place in a table.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Number of something tracked (interface, script, file, process, BFD session), chosen by the driver, below [`InstanceId::LIMIT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrackerId(pub u32);

/// Number of a pacing group (`garp_group`), its place in [`crate::Reconfiguration::pacing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PacingId(pub u16);

/// Number of a sync group, its place in [`crate::Reconfiguration::groups`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupId(pub u32);

/// Instances that move together (`vrrp_sync_group`). Trackers of the group must stand in the specs of its members
/// (`vrrp.md` 7.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSpec {
    /// The configuration, for its name and scripts.
    pub config: Arc<SyncGroup>,
    /// Its members in configuration order. An instance that is in an earlier group already is left out.
    pub members: Vec<InstanceId>,
}

/// Least time between announcements of one group of interfaces (`garp_group`, `vrrp_garp_interval`, `vrrp_gna_interval`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacingGroup {
    /// Between gratuitous ARPs; 0 for none.
    pub garp_interval: Micros,
    /// Between unsolicited neighbour advertisements; 0 for none.
    pub gna_interval: Micros,
}

/// What is tracked, and how its reports are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrackerKind {
    /// Link state of an interface, debounced by the driver.
    Interface,
    /// `vrrp_script`: results pass a rise/fall counter.
    Script {
        /// Successes in a row to be good again, at least 1.
        rise: u32,
        /// Failures in a row to be bad, at least 1.
        fall: u32,
    },
    /// `track_file`: a number.
    File,
    /// `vrrp_track_process`: quorum or not.
    Process,
    /// `track_bfd`: session up or not.
    Bfd,
}

/// Something tracked, with what is known of it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerSpec {
    /// Its number; the same over reloads for the same thing (a script with the same name, command and user).
    pub id: TrackerId,
    /// Name for reports.
    pub name: Box<str>,
    /// What it is.
    pub kind: TrackerKind,
    /// What is known when it is added; `None` when nothing is yet. A tracker that the engine knows already keeps its own knowledge
    /// when this is `None` (rise and fall are rescaled).
    pub initial: Option<crate::TrackerReport>,
}

/// One instance tracks one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerUse {
    /// What.
    pub tracker: TrackerId,
    /// -254..=254; 0: failure is a fault.
    pub weight: i16,
    /// `reverse`.
    pub reverse: bool,
}

impl TrackerUse {
    /// Failure is a fault (own interface, devices of addresses, `track_interface` without weight).
    #[must_use]
    pub const fn fault(tracker: TrackerId) -> Self {
        Self {
            tracker,
            weight: 0,
            reverse: false,
        }
    }
}

/// Why an instance cannot work, apart from trackers (`vrrp.md` 8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Fault {
    /// The configuration says it can never run.
    Configuration = 0,
    /// Another instance has the same VRID on the same interface.
    DuplicateVrid = 1,
    /// No address to send from; set and cleared by [`crate::Input::SourceAddress`].
    NoSourceAddress = 2,
    /// The interface below the VMAC does not exist or is down.
    BaseInterface = 3,
    /// Its own interface does not exist.
    NoInterface = 4,
    /// Its sockets could not be opened.
    Socket = 5,
}

impl Fault {
    pub(crate) const ALL: [Self; 6] = [
        Self::Configuration,
        Self::DuplicateVrid,
        Self::NoSourceAddress,
        Self::BaseInterface,
        Self::NoInterface,
        Self::Socket,
    ];
}

/// One virtual router as the engine wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSpec {
    /// The configuration.
    pub config: Arc<Instance>,
    /// The address adverts come from now: the configured one, else the primary (IPv4) or link-local (IPv6) one of the interface.
    /// `None` is a fault.
    pub source: Option<IpAddr>,
    /// Everything it tracks, each tracker once: `track_*`, its own interface and those of its addresses (weight 0).
    pub trackers: SmallVec<[TrackerUse; 2]>,
    /// Faults that exist now.
    pub faults: SmallVec<[Fault; 1]>,
    /// Pacing group of each address (advertised ones, then excluded ones); empty when none is paced.
    pub pacing: Box<[Option<PacingId>]>,
}

impl InstanceSpec {
    /// A spec without trackers, faults and pacing.
    #[must_use]
    pub fn new(config: Arc<Instance>, source: Option<IpAddr>) -> Self {
        Self {
            config,
            source,
            trackers: SmallVec::new(),
            faults: SmallVec::new(),
            pacing: Box::default(),
        }
    }

    /// What makes it the same virtual router after a reload.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let c = &*self.config;
        let (unicast, endpoint) = match &c.transport {
            Transport::Multicast { group, .. } => (false, Some(*group)),
            Transport::Unicast { source, .. } => (true, *source),
        };
        Identity {
            vrid: c.vrid,
            family: c.family,
            interface: c.interface,
            unicast,
            endpoint,
            vmac: c.vmac.clone(),
        }
    }
}

/// Two instances with equal identity are the same virtual router before and after a reload (`vrrp.md` section 14 item 3); the name is not
/// part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    vrid: Vrid,
    family: Family,
    interface: Option<IfName>,
    unicast: bool,
    endpoint: Option<IpAddr>,
    vmac: Option<Box<Vmac>>,
}
