//! What our processes say to each other; how it travels is in [`link`].

pub mod link;

use keepalived_model::config::Config;
use keepalived_status::{Event, InstanceId, Snapshot};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use link::{Encoded, Received, Receiver, Sender, open, pair};

/// The processes beside the supervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Health checks and IPVS.
    Checker,
    /// Elections.
    Vrrp,
    /// BFD sessions.
    Bfd,
    /// D-Bus; unprivileged.
    Control,
}

impl Role {
    /// In the order in which they are started (`runtime.md` 3.1).
    pub const ALL: [Self; 4] = [Self::Checker, Self::Vrrp, Self::Bfd, Self::Control];

    /// Value of `KEEPALIVED_ROLE`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checker => "checker",
            Self::Vrrp => "vrrp",
            Self::Bfd => "bfd",
            Self::Control => "control",
        }
    }

    /// The inverse of [`Role::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// How log lines of the supervisor name it: `VRRP child process(N) died`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Checker => "Healthcheck",
            Self::Vrrp => "VRRP",
            Self::Bfd => "BFD",
            Self::Control => "Control",
        }
    }
}

/// What a role needs before anything else; always the first message to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerStart {
    /// How often this role was started before in the life of the supervisor. More than 0: a predecessor died.
    pub restarts: u32,
    /// Network namespace in force (`-s`, `net_namespace`).
    pub namespace: Option<Box<str>>,
    /// `instance`.
    pub instance: Option<Box<str>>,
    /// The pid file it writes, locks and removes; none for the control process.
    pub pid_file: Option<std::path::PathBuf>,
    /// Resource limits as they were when the daemon started; scripts get them back (`runtime.md` 10.3).
    pub script_limits: ScriptLimits,
    /// What its predecessors changed and did not live to restore.
    pub changed: Vec<Changed>,
}

/// A setting of the kernel that a worker changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its name below `/proc/sys`.
    pub setting: Box<str>,
    /// The value before.
    pub original: i64,
    /// The value that was written.
    pub written: i64,
}

/// Soft and hard limits that the daemon raises for itself; `None` is infinity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptLimits {
    /// RLIMIT_NOFILE.
    pub open_files: (Option<u64>, Option<u64>),
    /// RLIMIT_CORE, bytes.
    pub core: (Option<u64>, Option<u64>),
}

impl ScriptLimits {
    /// Those in force now.
    pub fn capture() -> Self {
        use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
        let value = |limit| (limit != RLIM_INFINITY).then_some(limit);
        let limit = |resource| getrlimit(resource).map_or((None, None), |(soft, hard)| (value(soft), value(hard)));
        Self {
            open_files: limit(Resource::RLIMIT_NOFILE),
            core: limit(Resource::RLIMIT_CORE),
        }
    }
}

/// Why a model is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// First model of this process.
    Start,
    /// The files were read again.
    Reload,
    /// SIGHUP to this process alone: the last committed model once more.
    Again,
}

/// Supervisor to worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToWorker {
    /// First message of all.
    Start(Box<WorkerStart>),
    /// Check this model and keep it aside; answer [`FromWorker::Prepared`] with the same generation.
    Prepare {
        /// Counts up with each reading.
        generation: u64,
        /// Why.
        cause: Cause,
        /// `global` and this role's part; the parts of other roles are empty.
        config: Box<Config>,
    },
    /// Let what was prepared act; answer [`FromWorker::Committed`].
    Commit {
        /// That of the preparation.
        generation: u64,
    },
    /// Forget what was prepared.
    Abort {
        /// That of the preparation.
        generation: u64,
    },
    /// Write something out.
    Print(Print),
    /// End in order.
    Stop,
    /// Answer [`FromWorker::Pong`] from the main loop: proves that it turns.
    Ping(u64),
    /// Carries a descriptor: a new link to the process of this role. Replaces the one before.
    Peer(Role),
    /// Answer to [`FromWorker::Reload`].
    ReloadResult {
        /// Number of the request.
        request: u64,
        /// Why nothing changed, in words.
        result: Result<(), String>,
    },
}

/// What a signal asks a worker to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Print {
    /// USR1: the `.data` file.
    Data,
    /// USR2: the statistics.
    Stats,
    /// RTMAX-1: the statistics, then zero them.
    StatsClear,
    /// RTMIN+2: JSON.
    Json,
}

/// How many instances are in which state; becomes `STATUS=`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// MASTER.
    pub master: u32,
    /// BACKUP.
    pub backup: u32,
    /// FAULT.
    pub fault: u32,
    /// Not yet in any.
    pub init: u32,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut first = true;
        for (count, name) in [
            (self.master, "MASTER"),
            (self.backup, "BACKUP"),
            (self.fault, "FAULT"),
            (self.init, "INIT"),
        ] {
            if count > 0 {
                write!(f, "{}{count} {name}", if first { "" } else { ", " })?;
                first = false;
            }
        }
        if first { f.write_str("no instances") } else { Ok(()) }
    }
}

/// Worker to supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromWorker {
    /// Answer to [`ToWorker::Prepare`].
    Prepared {
        /// Which.
        generation: u64,
        /// Why it cannot be, in words.
        result: Result<(), String>,
    },
    /// The model acts; at start this means that the worker is ready.
    Committed {
        /// Which.
        generation: u64,
    },
    /// States of the instances (VRRP only). May be offered.
    Summary(Summary),
    /// Answer to [`ToWorker::Ping`].
    Pong(u64),
    /// A person asked for a reload on the bus (control only).
    Reload {
        /// Comes back in [`ToWorker::ReloadResult`].
        request: u64,
    },
    /// SIGHUP came to this process: send it its model again.
    Again,
    /// It changed a setting of the kernel; if it dies, [`WorkerStart::changed`] tells its successor what was before.
    Changed(Changed),
    /// The setting of this name is not ours any more: restored, or gone.
    Restored(Box<str>),
    /// It is about to end with a permanent error; the exit status says which.
    Fatal(String),
}

/// Control process to VRRP process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Say everything there is (beginning with [`Event::Reset`]), then each change; first message of a control process.
    Subscribe,
    /// Answer with a [`Report::Snapshot`].
    Snapshot {
        /// Comes back in the answer.
        request: u64,
    },
    /// Answer with an [`Event::Statistics`] of all instances.
    Statistics,
    /// `PrintData`.
    PrintData,
    /// `PrintStats`.
    PrintStats,
    /// `PrintStatsClear`.
    PrintStatsClear,
    /// `SendGarp` of one instance.
    SendGarp(InstanceId),
}

/// VRRP process to control process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// Something changed. Offered: when control does not read, the VRRP process drops events and repeats all of them
    /// (from [`Event::Reset`] on) once there is room again.
    Event(Event),
    /// Answer to [`Command::Snapshot`].
    Snapshot {
        /// Of the request.
        request: u64,
        /// Everything at one moment.
        snapshot: Box<Snapshot>,
    },
}

/// Whoever follows BFD sessions to the BFD process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BfdCommand {
    /// Say how each session is, then each change; first message on a link.
    Subscribe,
}

/// BFD process to whoever follows its sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BfdReport {
    /// How a session is now.
    Session {
        /// Name of the `bfd_instance`.
        name: Box<str>,
        /// Up; everything else counts as down.
        up: bool,
        /// When this was said, on the monotonic clock.
        at: keepalived_model::time::Instant,
    },
}

/// What can travel over a link.
pub trait Message: Serialize + DeserializeOwned + Send + 'static {
    /// Longest frame that is accepted, in bytes.
    const LIMIT: u32 = 64 << 20;

    /// Does a descriptor come with it?
    fn carries_fd(&self) -> bool {
        false
    }
}

impl Message for ToWorker {
    const LIMIT: u32 = 1 << 30;

    fn carries_fd(&self) -> bool {
        matches!(self, Self::Peer(_))
    }
}

impl Message for FromWorker {
    const LIMIT: u32 = 1 << 20;
}

impl Message for Report {
    const LIMIT: u32 = 1 << 30;
}

impl Message for BfdReport {
    const LIMIT: u32 = 1 << 16;
}

impl Message for BfdCommand {
    const LIMIT: u32 = 1 << 16;
}

impl Message for Command {
    const LIMIT: u32 = 1 << 16;
}
