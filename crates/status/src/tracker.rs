//! What instances depend on: groups, scripts, files, processes, BFD sessions, interfaces.

use std::{net::IpAddr, sync::Arc};

use keepalived_model::{
    script::TrackScript,
    time::Micros,
    units::IfName,
    vrrp::{SyncGroup, TrackFile, TrackProcess},
};
use serde::{Deserialize, Serialize};

use crate::state::State;

/// A sync group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What was configured.
    pub settings: Arc<SyncGroup>,
    /// What it is.
    pub state: State,
    /// Members and trackers that fail.
    pub faults: u32,
    /// Members that wait for the first result of a script.
    pub members_init: u32,
}

/// What a script's runs have shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ScriptStatus {
    /// No run has ended yet; counted as good or, with `init_fail`, as bad.
    #[default]
    Init,
    /// Good.
    Good,
    /// Bad.
    Bad,
    /// Not used by anything or switched off.
    Disabled,
}

/// A tracked script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// What was configured.
    pub settings: Arc<TrackScript>,
    /// What its runs have shown.
    pub status: ScriptStatus,
    /// The damped counter: 0..=`rise`+`fall`-1, good from `rise` on.
    pub result: u32,
    /// Exit status of the last run; `None` before the first and after death by a signal.
    pub exit_code: Option<i32>,
    /// Is it running now?
    pub running: bool,
}

/// A tracked file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What was configured.
    pub settings: Arc<TrackFile>,
    /// Its number; 0 when the file is missing or holds none.
    pub status: i64,
}

/// A tracked process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// What was configured.
    pub settings: Arc<TrackProcess>,
    /// How many there are.
    pub current: u32,
    /// Is that neither too few nor too many?
    pub have_quorum: bool,
    /// `fork_delay` is running.
    pub fork_delay_running: bool,
    /// `terminate_delay` is running.
    pub terminate_delay_running: bool,
}

/// A tracked BFD session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bfd {
    /// Name of the session.
    pub name: Box<str>,
    /// Weight that its failure has by default.
    pub weight: i16,
    /// `weight N reverse`.
    pub reverse: bool,
    /// Is it up?
    pub up: bool,
}

/// The interface under a VMAC or ipvlan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Its name.
    pub name: IfName,
    /// IFF_UP.
    pub up: bool,
    /// IFF_RUNNING.
    pub running: bool,
}

/// An interface that something of ours uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its name.
    pub name: IfName,
    /// Its index; 0 while it does not exist.
    pub index: u32,
    /// IFF_UP.
    pub up: bool,
    /// IFF_RUNNING.
    pub running: bool,
    /// Hardware address, as many octets as the link has.
    pub mac: Vec<u8>,
    /// Broadcast hardware address.
    pub broadcast_mac: Vec<u8>,
    /// Bytes.
    pub mtu: u32,
    /// ARPHRD number: 1 Ethernet, 772 loopback.
    pub hardware: u16,
    /// Multicast capable.
    pub multicast: bool,
    /// It is one of ours: a VMAC or ipvlan that was made for some instance.
    pub ours: bool,
    /// For a VMAC or ipvlan, the interface under it.
    pub base: Option<Base>,
    /// Its addresses, primary first.
    pub addresses: Vec<IpAddr>,
    /// How its state is found out, and when it counts.
    pub watch: LinkWatch,
}

/// How the state of an interface is found out, and when it counts (`linkbeat_interfaces`, `interface_up_down_delays`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkWatch {
    /// It was up once.
    pub seen_up: bool,
    /// A change waits for its delay.
    pub waiting: bool,
    /// How long it must be up before that counts.
    pub up_delay: Micros,
    /// How long it must be down before that counts.
    pub down_delay: Micros,
    /// Who tells its state.
    pub polled: Polled,
    /// `dynamic_interfaces allow_if_changes`: it may come back as another type.
    pub changeable: bool,
}

/// Who tells the state of an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Polled {
    /// Netlink.
    #[default]
    Netlink,
    /// MII registers.
    Mii,
    /// ETHTOOL.
    Ethtool,
    /// Its flags.
    Ioctl,
}
