//! Giving up what a process does not need.

use std::io;

pub use caps::Capability;
use caps::{CapSet, CapsHashSet};
use keepalived_model::script::Credentials;
use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};

/// Keep these capabilities and no others, in all sets of the calling thread; threads made later inherit that.
///
/// The bounding set limits what programs run as root may have. A process that runs scripts must leave it alone
/// (`bounding` false), or the scripts of root's would find themselves without their usual powers.
/// What the process does not have it does not get.
///
/// # Errors
/// What `capset(2)` or `prctl(2)` reports.
pub fn keep_capabilities(kept: &[Capability], bounding: bool) -> io::Result<()> {
    let permitted = caps::read(None, CapSet::Permitted).map_err(io::Error::other)?;
    let wanted: CapsHashSet = kept
        .iter()
        .copied()
        .filter(|capability| permitted.contains(capability))
        .collect();
    // Ambient capabilities go by themselves with the inheritable ones. The bounding set first, as it needs CAP_SETPCAP.
    if bounding && permitted.contains(&Capability::CAP_SETPCAP) {
        for capability in caps::runtime::thread_all_supported().difference(&wanted) {
            caps::drop(None, CapSet::Bounding, *capability).map_err(io::Error::other)?;
        }
    }
    caps::clear(None, CapSet::Inheritable).map_err(io::Error::other)?;
    caps::set(None, CapSet::Effective, &wanted).map_err(io::Error::other)?;
    caps::set(None, CapSet::Permitted, &wanted).map_err(io::Error::other)
}

/// Does the calling thread have this capability in effect?
#[must_use]
pub fn has_capability(capability: Capability) -> bool {
    caps::has_cap(None, CapSet::Effective, capability).unwrap_or(false)
}

/// Become another user, for good and with all threads; capabilities are lost unless the user is root.
///
/// All threads must have the same capabilities still: the C library ends a process whose threads do not agree about the answer.
///
/// # Errors
/// `EPERM` without `CAP_SETUID` and `CAP_SETGID`.
pub fn become_user(user: &Credentials) -> io::Result<()> {
    let groups: Vec<Gid> = user.groups.iter().copied().map(Gid::from_raw).collect();
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    setgroups(if groups.is_empty() {
        std::slice::from_ref(&gid)
    } else {
        &groups
    })?;
    setresgid(gid, gid, gid)?;
    Ok(setresuid(uid, uid, uid)?)
}

/// No program started from here on gains privileges by set-id bits (`PR_SET_NO_NEW_PRIVS`): for the control process, which
/// runs no scripts.
///
/// # Errors
/// What `prctl(2)` reports.
pub fn forbid_new_privileges() -> io::Result<()> {
    Ok(rustix::thread::set_no_new_privs(true)?)
}
