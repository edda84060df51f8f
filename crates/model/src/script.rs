//! Programs that the daemon runs for its user.

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// Under which identity a script runs (resolved when the configuration was read).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Credentials {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Supplementary groups to install; empty means none but `gid`.
    pub groups: Vec<u32>,
}

/// A command with its arguments and its user (`notify*`, `script`, `misc_path` ...).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Command {
    /// The program (a resolved absolute path once checked) and its arguments; never empty.
    pub argv: Vec<Box<str>>,
    /// Who runs it; `None` means the identity of the daemon.
    pub credentials: Option<Credentials>,
    /// User and group as written, for dumps and for printing the configuration again.
    pub user: Option<Box<str>>,
    /// Group as written (`:`, `:GROUP` or `GROUP`).
    pub group: Option<Box<str>>,
}

/// A script whose exit status tells something (`vrrp_script`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TrackScript {
    /// Name by which instances refer to it.
    pub name: Box<str>,
    /// What is run; `argv[0]` beginning with `<` tests a file instead (see `runtime.md` 10.3).
    pub command: Command,
    /// Time between starts (`interval`), at least 1 ms.
    pub interval: Micros,
    /// Longest run (`timeout`); `None` means `interval`.
    pub timeout: Option<Micros>,
    /// Default weight, -253..=253; 0 means that failure is a fault (`weight`).
    pub weight: i16,
    /// `weight N reverse`.
    pub reverse: bool,
    /// Successes in a row before it is good again, at least 1 (`rise`).
    pub rise: u32,
    /// Failures in a row before it is bad, at least 1 (`fall`).
    pub fall: u32,
    /// `init_fail` was given.
    pub init_fail: bool,
    /// The path check found it could be changed by others than root; it runs nevertheless (`enable_script_security` off).
    pub insecure: bool,
}

/// Notification scripts of an instance or a sync group; boxed because most of 65,024 instances have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifyScripts {
    /// `notify`: generic, gets four more arguments.
    pub generic: Option<Box<Command>>,
    /// `notify_master`.
    pub master: Option<Box<Command>>,
    /// `notify_backup`.
    pub backup: Option<Box<Command>>,
    /// `notify_fault`.
    pub fault: Option<Box<Command>>,
    /// `notify_stop`.
    pub stop: Option<Box<Command>>,
    /// `notify_deleted SCRIPT`.
    pub deleted: Option<Box<Command>>,
    /// `notify_master_rx_lower_pri`.
    pub master_rx_lower_pri: Option<Box<Command>>,
    /// `notify_ordered`: one at a time, in the order of events.
    pub ordered: bool,
}
