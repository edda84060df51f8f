//! What processes cost.

use nix::sys::resource::{UsageWho, getrusage};

use crate::outcome::{Stop, Verdict};

/// The largest resident set of any process that this one started and waited for, in KiB.
pub fn children_peak_kib() -> Verdict<u64> {
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    Ok(u64::try_from(peak).unwrap_or(0))
}

/// Processor time, in seconds, that a process has used so far, in user and in kernel mode.
pub fn cpu_seconds(pid: i32) -> Verdict<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Behind the name in brackets: field 3 is the state, 14 and 15 are the times.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
    let (user, system) = ticks(11)
        .zip(ticks(12))
        .ok_or_else(|| Stop::Fail(format!("/proc/{pid}/stat reads {stat:?}")))?;
    let per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK)?.unwrap_or(100);
    Ok((user + system) / per_second as f64)
}

/// The resident set of a process now, in KiB.
pub fn resident_kib(pid: i32) -> Verdict<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line
        .and_then(|line| line.split_whitespace().next())
        .and_then(|text| text.parse().ok());
    number.ok_or_else(|| Stop::Fail(format!("process {pid} has no resident set")))
}
