//! `max_auto_priority`: a process that is woken late asks for real-time scheduling, then for more of it (`runtime.md` 12.4).

use keepalived_linux::process::limits;
use keepalived_model::{
    global::Processes,
    time::{Instant, Micros},
};

/// RLIMIT_RTTIME unless `vrrp_rlimit_rttime` says otherwise.
const DEFAULT_RTTIME: Micros = Micros::from_millis(10);

/// How late is too late, and what may be done about it.
#[derive(Debug, Default)]
pub(super) struct Lateness {
    most: i32,
    tolerated: Micros,
    limit: Micros,
}

impl Lateness {
    /// Takes the settings of a configuration.
    pub(super) fn configure(&mut self, processes: &Processes) {
        *self = Self {
            most: processes.max_auto_priority.unwrap_or(0).into(),
            tolerated: processes.min_auto_priority_delay.unwrap_or(Micros::SECOND),
            limit: processes.vrrp.rlimit_rttime.unwrap_or(DEFAULT_RTTIME),
        };
    }

    /// The process is woken for a deadline; when that is too long ago it takes one more step of priority.
    pub(super) fn woken(&self, deadline: Option<Instant>, now: Instant) {
        if self.most <= 0 {
            return;
        }
        let late = deadline.map_or(Micros::ZERO, |deadline| now.since(deadline));
        if late <= self.tolerated {
            return;
        }
        tracing::info!("A thread timer expired {} seconds ago", late.as_micros() as f64 / 1e6);
        let present = limits::real_time_priority();
        let next = present.unwrap_or(0) + 1;
        if next > self.most {
            return;
        }
        let raised = limits::set_real_time(next).and_then(|()| match present {
            None => limits::set_real_time_limit(self.limit.as_micros()),
            Some(_) => Ok(()),
        });
        match raised {
            Ok(()) => tracing::info!("Set realtime priority {next}"),
            Err(error) => tracing::warn!("failed to set real-time priority {next}: {error}"),
        }
    }
}
