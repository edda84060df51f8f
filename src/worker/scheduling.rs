//! How a worker runs: priority, memory, processors, limits (`runtime.md` 12.4), and what its scripts get instead.

use keepalived_linux::{process::limits, script::Surroundings};
use keepalived_model::{global::Global, time::Micros};

use super::WorkerOptions;
use crate::ipc::Role;

/// Bound on processor time in real time without a break, unless configured.
const DEFAULT_RTTIME: Micros = Micros::from_millis(10);

/// Applies `*_priority`, `*_rt_priority`, `*_no_swap`, `*_cpu_affinity`, `*_rlimit_rttime` to this process. What the kernel refuses is
/// said in the log; the process runs on.
pub fn apply_scheduling(options: &WorkerOptions, global: &Global) {
    let wanted = match options.role {
        Role::Vrrp => &global.processes.vrrp,
        Role::Checker => &global.processes.checker,
        Role::Bfd => &global.processes.bfd,
        Role::Control => return,
    };
    let complain = |what: &str, result: std::io::Result<()>| {
        if let Err(error) = result {
            tracing::warn!("failed to set {what}: {error}");
        }
    };
    if !wanted.cpu_affinity.is_empty() {
        let processors = wanted.cpu_affinity.iter().map(|n| usize::from(*n));
        complain("the CPU affinity", limits::set_affinity(processors));
    }
    if wanted.no_swap {
        complain("locked memory", limits::lock_memory());
    }
    if let Some(priority) = wanted.rt_priority {
        let limit = wanted.rlimit_rttime.unwrap_or(DEFAULT_RTTIME);
        complain("the real-time limit", limits::set_real_time_limit(limit.as_micros()));
        complain("the real-time priority", limits::set_real_time(i32::from(priority)));
    } else if wanted.nice != 0 {
        complain("the niceness", limits::set_nice(i32::from(wanted.nice)));
    }
}

/// What scripts get: the surroundings of the worker before it changed anything, with the limits of the daemon before it did.
pub fn surroundings(options: &WorkerOptions, captured: Surroundings) -> Surroundings {
    let limits = &options.start.script_limits;
    captured.open_files(limits.open_files).core_size(limits.core)
}
