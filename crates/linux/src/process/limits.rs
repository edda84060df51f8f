//! Scheduling, memory and resource limits (runtime.md 12.4). Scripts get the former ones back: capture
//! [`crate::script::Surroundings`] before calling anything here.
//!
//! On Linux niceness, policy and affinity belong to a thread and are inherited by those it makes later.

use std::io;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::Pid;

use super::check;

/// Set the niceness of the calling thread, -20 to 19 (`vrrp_priority` and its siblings).
///
/// # Errors
/// `EACCES` or `EPERM` without `CAP_SYS_NICE` when it is to be lowered.
pub fn set_nice(value: i32) -> io::Result<()> {
    // SAFETY: no memory is involved.
    check(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, value) })
}

/// Run in real time, round robin, with `priority` 1 to 99; processes and threads made later do not (`vrrp_rt_priority`).
///
/// # Errors
/// `EPERM` without `CAP_SYS_NICE`, `EINVAL` for another priority.
pub fn set_real_time(priority: i32) -> io::Result<()> {
    let parameter = libc::sched_param {
        sched_priority: priority,
    };
    // SAFETY: 0 is the calling thread; the structure is ours and alive during the call.
    check(unsafe { libc::sched_setscheduler(0, libc::SCHED_RR | libc::SCHED_RESET_ON_FORK, &raw const parameter) })
}

/// Is the calling thread scheduled in real time, and with which priority?
#[must_use]
pub fn real_time_priority() -> Option<i32> {
    let mut parameter = libc::sched_param { sched_priority: 0 };
    // SAFETY: 0 is the calling thread; the structure is ours and alive during the call.
    let policy = unsafe {
        libc::sched_getparam(0, &raw mut parameter);
        libc::sched_getscheduler(0)
    };
    let policy = policy & !libc::SCHED_RESET_ON_FORK;
    (policy == libc::SCHED_RR || policy == libc::SCHED_FIFO).then_some(parameter.sched_priority)
}

/// Limit processor time in real time without a break to `micros`: SIGXCPU at half of it, SIGKILL at the end
/// (`vrrp_rlimit_rttime`).
///
/// # Errors
/// `EPERM` when the present limit is lower and there is no `CAP_SYS_RESOURCE`.
pub fn set_real_time_limit(micros: u64) -> io::Result<()> {
    // Lower values than one microsecond make no sense, and 0 would kill at once.
    let hard = micros.max(2);
    let limit = libc::rlimit64 {
        rlim_cur: hard / 2,
        rlim_max: hard,
    };
    // SAFETY: the structure is ours and alive during the call.
    check(unsafe { libc::setrlimit64(libc::RLIMIT_RTTIME, &raw const limit) })
}

/// Make room for `wanted` open files, as far as privileges allow; the number that is allowed afterwards.
///
/// # Errors
/// What `getrlimit(2)` or `setrlimit(2)` reports.
pub fn raise_open_files(wanted: u64) -> io::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if wanted <= soft {
        return Ok(soft);
    }
    if setrlimit(Resource::RLIMIT_NOFILE, wanted, hard.max(wanted)).is_ok() {
        return Ok(wanted);
    }
    let possible = wanted.min(hard);
    setrlimit(Resource::RLIMIT_NOFILE, possible, hard)?;
    Ok(possible)
}

/// Allow core files without limit, or none at all (`-m`, `--core-dump`). Also makes the process dumpable after a change of user.
///
/// # Errors
/// `EPERM` when the hard limit is lower and there is no `CAP_SYS_RESOURCE`.
pub fn set_core_dumps(wanted: bool) -> io::Result<()> {
    if wanted {
        setrlimit(Resource::RLIMIT_CORE, libc::RLIM_INFINITY, libc::RLIM_INFINITY)?;
        // SAFETY: no memory is involved.
        return check(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1 as libc::c_ulong) });
    }
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE)?;
    Ok(setrlimit(Resource::RLIMIT_CORE, 0, hard)?)
}

/// Keep all memory, present and future, out of the swap (`vrrp_no_swap`).
///
/// # Errors
/// `EPERM` or `ENOMEM` without `CAP_IPC_LOCK` when the limit of locked memory is lower.
pub fn lock_memory() -> io::Result<()> {
    Ok(mlockall(MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE)?)
}

/// Run the calling thread on these processors only, numbered from 0 (`vrrp_cpu_affinity`). Numbers that no Linux has are left out.
///
/// # Errors
/// `EINVAL` when none of them exists.
pub fn set_affinity(processors: impl IntoIterator<Item = usize>) -> io::Result<()> {
    let mut set = CpuSet::new();
    for processor in processors.into_iter().filter(|&processor| processor < CpuSet::count()) {
        set.set(processor)?;
    }
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}
