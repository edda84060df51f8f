//! What the checks need to know of the machine. The daemon answers from the kernel, tests from a table.

use std::path::Path;

use keepalived_model::{script::Credentials, units::IfName};

/// What is known of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceFact {
    /// Kernel index.
    pub index: u32,
    /// MTU in bytes.
    pub mtu: u32,
    /// IFF_LOOPBACK.
    pub loopback: bool,
    /// IFF_MULTICAST.
    pub multicast: bool,
    /// ARPHRD_ETHER.
    pub ethernet: bool,
    /// For a macvlan or ipvlan: index of the interface under it.
    pub base: Option<u32>,
}

/// Why a script cannot be used, or should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptFact {
    /// Usable; the path to run (resolved, absolute).
    Good(Box<str>),
    /// Others than root can change it: the path to run, and a sentence that names each offending component, its owner and mode,
    /// and the command that mends it.
    Insecure {
        /// The path to run.
        path: Box<str>,
        /// For example `group 50 may write to /opt (owner 0, mode 0775), to mend by 'chmod g-w /opt'`.
        why: String,
    },
    /// Not there, not executable, not reachable for the user; the sentence says which.
    Unusable(String),
}

/// Questions about the machine.
pub trait Facts {
    /// The interface of this name.
    fn interface(&self, name: &IfName) -> Option<InterfaceFact>;
    /// User and group by name or number; `group` may be `None`, a name, `:` or `:NAME` (`config-language.md` 8.3).
    /// # Errors
    /// A sentence about what is unknown.
    fn credentials(&self, user: &str, group: Option<&str>) -> Result<Credentials, String>;
    /// Checks a program for a user (`config-language.md` 13.9).
    fn script(&self, program: &str, credentials: Option<&Credentials>, keep_symlinks: bool) -> ScriptFact;
    /// Can changes of this file, which need not exist, be seen (`track_file`)? Machines without an answer say yes.
    /// # Errors
    /// A sentence about its directory.
    fn watchable(&self, file: &Path) -> Result<(), String> {
        let _ = file;
        Ok(())
    }
    /// Value of an environment variable (`${_ENV NAME}`).
    fn environment(&self, name: &str) -> Option<String>;
    /// A random number in `min..=max` (`${_RANDOM}`).
    fn random(&self, min: u64, max: u64) -> u64;
    /// Host name up to the first dot: the default configuration id.
    fn host_name(&self) -> String;
    /// Number of online CPUs.
    fn cpus(&self) -> u16;
    /// Text of an iproute2 table (`rt_tables`, `rt_protos`, `rt_scopes`, `rt_realms`, `rt_dsfield`, `group`), administrator over vendor, `.d` files appended.
    fn iproute2_table(&self, name: &str, etc_dir: Option<&Path>, usr_dir: Option<&Path>) -> String;
}
