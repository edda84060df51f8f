//! Numbers of signals (`runtime.md` 1.3 and 4.1).

use keepalived_linux::process::signals::{real_time, real_time_from_last};
use rustix::process::Signal;

/// SIGRTMIN+2 as the C library counts: write JSON.
pub fn json_signal() -> i32 {
    real_time(2)
}

/// SIGRTMAX-1: write the statistics, then zero them.
pub fn stats_clear_signal() -> i32 {
    real_time_from_last(1)
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// TERM.
    Stop,
    /// INT.
    Interrupt,
    /// HUP.
    Reload,
    /// USR1, USR2, RTMAX-1, RTMIN+2.
    Print(crate::ipc::Print),
    /// CHLD.
    Child,
    /// XCPU: the limit of `*_rlimit_rttime` is near.
    ProcessorTime,
}

/// Signals and their meanings.
pub fn table() -> [(i32, Meaning); 9] {
    use crate::ipc::Print;
    [
        (Signal::TERM.as_raw(), Meaning::Stop),
        (Signal::INT.as_raw(), Meaning::Interrupt),
        (Signal::HUP.as_raw(), Meaning::Reload),
        (Signal::USR1.as_raw(), Meaning::Print(Print::Data)),
        (Signal::USR2.as_raw(), Meaning::Print(Print::Stats)),
        (stats_clear_signal(), Meaning::Print(Print::StatsClear)),
        (json_signal(), Meaning::Print(Print::Json)),
        (Signal::CHILD.as_raw(), Meaning::Child),
        (Signal::XCPU.as_raw(), Meaning::ProcessorTime),
    ]
}

/// The signals of the table as one stream of meanings. They are blocked from here on, so open it before any other thread exists.
#[derive(Debug)]
pub struct Stream {
    signals: keepalived_linux::process::signals::Signals,
}

impl Stream {
    /// Must be called inside a Tokio runtime. Reaping children is the supervisor's: with `children` false SIGCHLD is left alone.
    ///
    /// # Errors
    /// What `signalfd(2)` reports.
    pub fn open(children: bool) -> std::io::Result<Self> {
        let numbers: Vec<i32> = table()
            .into_iter()
            .filter(|(_, meaning)| children || *meaning != Meaning::Child)
            .map(|(number, _)| number)
            .collect();
        Ok(Self {
            signals: keepalived_linux::process::signals::Signals::receive(&numbers)?,
        })
    }

    /// The next signal. Cancel safe. Pends for ever should the kernel refuse to read more.
    pub async fn next(&self) -> Meaning {
        loop {
            match self.signals.next().await {
                Ok(received) => {
                    let known = table().into_iter().find(|(number, _)| *number == received.signal);
                    if let Some((_, meaning)) = known {
                        return meaning;
                    }
                }
                Err(error) => {
                    tracing::error!("failed to read signals: {error}");
                    return std::future::pending().await;
                }
            }
        }
    }
}
