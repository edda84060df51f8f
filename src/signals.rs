//! Numbers of the signals that have no name everywhere (`runtime.md` 1.3).

use keepalived_linux::process::signals::{real_time, real_time_from_last};

/// SIGRTMIN+2 as the C library counts: write JSON.
pub fn json_signal() -> i32 {
    real_time(2)
}

/// SIGRTMAX-1: write the statistics, then zero them.
pub fn stats_clear_signal() -> i32 {
    real_time_from_last(1)
}
