//! Network and mount namespaces (`net_namespace`, `net_namespace_ipvs`; runtime.md 3.3 and 12.3).

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};

/// Where `ip netns add` puts its namespaces.
const NAMED: &str = "/run/netns";

/// A network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkNamespace {
    /// The one that `ip netns` calls so: `/run/netns/NAME`.
    Named(String),
    /// That of process 1.
    OfInit,
}

impl NetworkNamespace {
    /// Open it, for entering it later; the name may not lead out of its directory.
    ///
    /// # Errors
    /// What `open(2)` reports; `InvalidInput` for a name with a slash.
    pub fn open(&self) -> io::Result<File> {
        File::open(self.path()?)
    }

    /// Let the calling thread, and all that it makes later, live there. Sockets that are open stay where they are.
    ///
    /// # Errors
    /// As [`NetworkNamespace::open`], or `EPERM` without `CAP_SYS_ADMIN`.
    pub fn enter(&self) -> io::Result<()> {
        Ok(setns(self.open()?, CloneFlags::CLONE_NEWNET)?)
    }

    fn path(&self) -> io::Result<PathBuf> {
        match self {
            Self::Named(name) => Ok(Path::new(NAMED).join(checked(name)?)),
            Self::OfInit => Ok("/proc/1/ns/net".into()),
        }
    }
}

/// Do `work` in another network namespace and come back, for opening a socket there (`net_namespace_ipvs`).
///
/// # Errors
/// As [`NetworkNamespace::enter`], or what `work` reports. When the way back fails the thread stays there, which is reported
/// and leaves nothing to do but to end it.
pub fn inside<T>(namespace: &NetworkNamespace, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    inside_open(&namespace.open()?, work)
}

/// As [`inside`], in a namespace that was opened before, as by [`current`].
///
/// # Errors
/// As [`inside`].
pub fn inside_open<T>(namespace: impl AsFd, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let home = current()?;
    setns(namespace, CloneFlags::CLONE_NEWNET)?;
    let result = work();
    setns(home, CloneFlags::CLONE_NEWNET)?;
    result
}

/// Open the namespace that the calling thread lives in.
///
/// # Errors
/// What `open(2)` reports.
pub fn current() -> io::Result<OwnedFd> {
    Ok(File::open("/proc/thread-self/ns/net")?.into())
}

/// Show `directory/name` as `directory` to the calling thread and what it makes later, in a mount namespace of its own:
/// several daemons then can use `/run/keepalived` for their pid files. Both directories are made if they are missing.
///
/// To be called while the process has one thread.
///
/// # Errors
/// What `mkdir(2)`, `unshare(2)` or `mount(2)` reports; `InvalidInput` for a name with a slash.
pub fn private_directory(directory: &Path, name: &str) -> io::Result<()> {
    let own = directory.join(checked(name)?);
    std::fs::create_dir_all(&own)?;
    for path in [directory, &own] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    unshare(CloneFlags::CLONE_NEWNS)?;
    let none: Option<&str> = None;
    // What others mount goes on to arrive here, what we mount stays here.
    mount(none, "/", none, MsFlags::MS_SLAVE | MsFlags::MS_REC, none)?;
    Ok(mount(Some(&own), directory, none, MsFlags::MS_BIND, none)?)
}

fn checked(name: &str) -> io::Result<&str> {
    let valid = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0']);
    valid.then_some(name).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}
