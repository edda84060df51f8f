//! What a daemon does to itself and to its workers: pid files, scheduling, limits, privileges, namespaces, signals,
//! and running itself again in another role.

pub mod limits;
pub mod namespace;
pub mod pidfile;
pub mod privileges;
pub mod signals;
pub mod worker;

use std::ffi::CString;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// Go to the background: fork, a session of its own, `/` as working directory and the null device as standard streams
/// (`daemon(3)`, runtime.md 3.1). To be called while the process has one thread; does not return in the parent.
///
/// # Errors
/// What `daemon(3)` reports.
pub fn detach() -> io::Result<()> {
    Ok(nix::unistd::daemon(false, false)?)
}

/// Set the name that `ps` and `/proc/PID/comm` show for the calling thread; 15 octets are kept (`process_name`, `PR_SET_NAME`).
///
/// A worker must do this first of all: the kernel calls a process that was started from `/proc/self/exe` "exe".
///
/// # Errors
/// When `name` has a zero octet.
pub fn set_name(name: &str) -> io::Result<()> {
    let name = CString::new(name)?;
    Ok(rustix::thread::set_name(&name)?)
}

/// Get `signal` when the thread that made this process ends (`PR_SET_PDEATHSIG`); a change of user undoes it.
///
/// # Errors
/// What `prctl(2)` reports.
pub fn set_parent_death_signal(signal: i32) -> io::Result<()> {
    let signal = libc::c_ulong::try_from(signal).map_err(io::Error::other)?;
    // SAFETY: no memory is involved.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) })
}

/// Become the parent of orphaned descendants, who then can be waited for (`PR_SET_CHILD_SUBREAPER`, runtime.md 3.4).
///
/// # Errors
/// What `prctl(2)` reports.
pub fn become_subreaper() -> io::Result<()> {
    // SAFETY: no memory is involved.
    check(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1 as libc::c_ulong) })
}

/// Take the exit status of one adopted orphan, if one has ended; never that of a process in `own`, which somebody waits for.
///
/// Call it again until it gives `None`, after each SIGCHLD. When one of `own` has ended it is `None` until that is waited for.
///
/// # Errors
/// What `waitid(2)` reports, except that there are no children.
pub fn reap_orphan(own: impl Fn(i32) -> bool) -> io::Result<Option<i32>> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let ended = match peek_ended(look.bits())? {
        Some(pid) if !own(pid) => pid,
        _ => return Ok(None),
    };
    let Some(pid) = rustix::process::Pid::from_raw(ended) else {
        return Ok(None);
    };
    let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG)?;
    Ok(Some(ended))
}

/// The process id of some child that has ended, without taking its status.
fn peek_ended(options: u32) -> io::Result<Option<i32>> {
    // SAFETY: a plain C structure for which all zeros is a valid value, ours and alive during the call; for an exited child
    // the kernel fills the fields that `si_pid` reads, otherwise they stay zero.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let result = libc::waitid(libc::P_ALL, 0, &raw mut info, options.cast_signed());
        match check(result) {
            Ok(()) => Ok(Some(info.si_pid()).filter(|&pid| pid != 0)),
            Err(error) if error.raw_os_error() == Some(libc::ECHILD) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Set the file mode creation mask and give the former one (`umask` keyword; runtime.md 3.1: 0177 unless configured).
pub fn set_umask(mask: u32) -> u32 {
    use nix::sys::stat::{Mode, umask};
    umask(Mode::from_bits_truncate(mask & 0o777)).bits()
}

/// The exit status in the form of the standard library.
pub(crate) fn exit_status(status: &rustix::process::WaitIdStatus) -> ExitStatus {
    // The raw form of wait(2): exit code in the second octet, signal in the first.
    let signal = || status.terminating_signal().unwrap_or(0) | if status.dumped() { 0x80 } else { 0 };
    ExitStatus::from_raw(status.exit_status().map_or_else(signal, |code| (code & 0xff) << 8))
}

/// The C library's way to report errors.
pub(crate) fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
