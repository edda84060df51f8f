//! Scheduling and limits as the daemon found them: scripts get these, whatever the daemon gave itself.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

/// Limits that the daemon changes for itself: no core files or larger ones, more open files, locked memory, real time.
const LIMITS: [libc::__rlimit_resource_t; 6] = [
    libc::RLIMIT_CORE,
    libc::RLIMIT_NOFILE,
    libc::RLIMIT_MEMLOCK,
    libc::RLIMIT_RTPRIO,
    libc::RLIMIT_NICE,
    libc::RLIMIT_RTTIME,
];

/// What [`Surroundings::capture`] saw.
#[derive(Clone)]
pub struct Surroundings {
    pub(super) limits: Vec<(libc::__rlimit_resource_t, libc::rlimit64)>,
    pub(super) nice: libc::c_int,
    pub(super) policy: libc::c_int,
    pub(super) priority: libc::c_int,
    pub(super) affinity: Option<CpuSet>,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let limits: Vec<_> = self
            .limits
            .iter()
            .map(|(kind, limit)| (kind, limit.rlim_cur, limit.rlim_max))
            .collect();
        f.debug_struct("Surroundings")
            .field("limits", &limits)
            .field("nice", &self.nice)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Surroundings {
    /// Remember limits, niceness, scheduling policy and CPU affinity of the calling thread: to be called before the daemon
    /// changes any of them.
    ///
    /// # Errors
    /// What `getrlimit(2)` or `sched_getscheduler(2)` reports.
    pub fn capture() -> io::Result<Self> {
        let mut limits = Vec::with_capacity(LIMITS.len());
        for kind in LIMITS {
            let mut limit = libc::rlimit64 {
                rlim_cur: 0,
                rlim_max: 0,
            };
            // SAFETY: the structure is ours and alive during the call.
            check(unsafe { libc::getrlimit64(kind, &raw mut limit) })?;
            limits.push((kind, limit));
        }
        let mut parameter = libc::sched_param { sched_priority: 0 };
        // SAFETY: 0 is the calling thread; the structure is ours and alive during the call.
        let (policy, nice) = unsafe {
            check(libc::sched_getparam(0, &raw mut parameter))?;
            (
                check(libc::sched_getscheduler(0))?,
                libc::getpriority(libc::PRIO_PROCESS, 0),
            )
        };
        Ok(Self {
            limits,
            nice,
            policy,
            priority: parameter.sched_priority,
            affinity: sched_getaffinity(Pid::from_raw(0)).ok(),
        })
    }

    /// Another soft and hard limit of open files (`RLIMIT_NOFILE`); `None` is infinity.
    #[must_use]
    pub fn open_files(self, limit: (Option<u64>, Option<u64>)) -> Self {
        self.with_limit(libc::RLIMIT_NOFILE, limit)
    }

    /// Another soft and hard limit of core files, bytes (`RLIMIT_CORE`); `None` is infinity.
    #[must_use]
    pub fn core_size(self, limit: (Option<u64>, Option<u64>)) -> Self {
        self.with_limit(libc::RLIMIT_CORE, limit)
    }

    fn with_limit(mut self, wanted: libc::__rlimit_resource_t, (soft, hard): (Option<u64>, Option<u64>)) -> Self {
        for (kind, limit) in &mut self.limits {
            if *kind == wanted {
                limit.rlim_cur = soft.unwrap_or(libc::RLIM64_INFINITY);
                limit.rlim_max = hard.unwrap_or(libc::RLIM64_INFINITY);
            }
        }
        self
    }
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}
