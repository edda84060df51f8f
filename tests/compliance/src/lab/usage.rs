//! What processes cost.

use nix::sys::resource::{UsageWho, getrusage};

use crate::outcome::{Stop, Verdict};

/// The largest resident set of any process that this one started and waited for, in KiB.
pub fn children_peak_kib() -> Verdict<u64> {
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    Ok(u64::try_from(peak).unwrap_or(0))
}

/// Processor time, in seconds, that all threads of a process have used so far, to the nanosecond as the scheduler counts it.
pub fn run_seconds(pid: i32) -> Verdict<f64> {
    let mut total = 0.0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        let spent = text.split_whitespace().next().and_then(|text| text.parse::<f64>().ok());
        total += spent.ok_or_else(|| Stop::Fail(format!("a thread of {pid} reads {text:?}")))?;
    }
    Ok(total / 1e9)
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
