//! Everything at one moment.

use std::sync::Arc;

use keepalived_model::{
    address::Address,
    global::Global,
    route::{Route, Rule},
    vrrp::{GarpGroup, TrackGroup},
};
use serde::{Deserialize, Serialize};

use crate::{
    instance::Instance,
    state::Applied,
    tracker::{Bfd, File, Group, Interface, Process, Script},
    wall::Wall,
};

/// Facts about the daemon as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daemon {
    /// Version of the program.
    pub version: Box<str>,
    /// Process id of the supervisor.
    pub pid: u32,
    /// Process id of the VRRP process.
    pub vrrp_pid: u32,
    /// When the VRRP process began.
    pub started: Wall,
    /// When the configuration was last reloaded with success.
    pub reloaded: Option<Wall>,
    /// The main configuration file.
    pub config_file: Box<str>,
    /// Root-level settings and `global_defs`, defaults filled in.
    pub global: Arc<Global>,
    /// `router_id`, or the host name.
    pub router_id: Box<str>,
    /// Network namespace (`-s`, `net_namespace`).
    pub net_namespace: Option<Box<str>>,
    /// Instance of the daemon (`-i`, `instance`).
    pub instance: Option<Box<str>>,
}

/// `static_ipaddress`, `static_routes`, `static_rules`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statics {
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Which of them are installed.
    pub addresses_applied: Applied,
    /// Routes.
    pub routes: Vec<Route>,
    /// Which of them are installed.
    pub routes_applied: Applied,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Which of them are installed.
    pub rules_applied: Applied,
    /// `track_group`.
    pub groups: Vec<TrackGroup>,
}

/// One socket pair shared by instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Socket {
    /// Interface index; 0 for any.
    pub ifindex: u32,
    /// Family.
    pub family: keepalived_model::units::Family,
    /// Descriptor that receives.
    pub fd_in: i32,
    /// Descriptor that sends.
    pub fd_out: i32,
    /// Unicast (else multicast).
    pub unicast: bool,
    /// Multicast group or own address.
    pub address: Option<std::net::IpAddr>,
    /// `kernel_rx_buf_size`, bytes; 0 for the kernel's default.
    pub rx_buf_size: u32,
    /// Positions in [`Snapshot::instances`] of those that use it.
    pub instances: Vec<u32>,
}

/// Everything at one moment. Costly for many instances: made only when asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was taken.
    pub taken: Wall,
    /// The daemon.
    pub daemon: Daemon,
    /// Instances in configuration order.
    pub instances: Vec<Instance>,
    /// Sync groups in configuration order.
    pub groups: Vec<Group>,
    /// Tracked scripts.
    pub scripts: Vec<Script>,
    /// Tracked files.
    pub files: Vec<File>,
    /// Tracked processes.
    pub processes: Vec<Process>,
    /// Tracked BFD sessions.
    pub bfds: Vec<Bfd>,
    /// Interfaces.
    pub interfaces: Vec<Interface>,
    /// Static objects.
    pub statics: Statics,
    /// `garp_group`.
    pub garp_groups: Vec<GarpGroup>,
    /// Sockets.
    pub sockets: Vec<Socket>,
}
