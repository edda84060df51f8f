//! When processes are asked whether they turn.

use std::time::Duration;

use tokio::time::Instant;

use super::notify::watchdog_interval;

/// Period without a service manager that watches: the control process alone is of interest then.
const UNWATCHED_PERIOD: Duration = Duration::from_secs(10);
const SHORTEST_PERIOD: Duration = Duration::from_millis(20);

/// The rhythm of pings.
#[derive(Debug)]
pub(super) struct Watchdog {
    watched: bool,
    period: Duration,
    next: Instant,
    count: u64,
}

impl Watchdog {
    /// A control process that is silent for longer is ended and started again.
    pub(super) const CONTROL_PATIENCE: Duration = Duration::from_secs(60);

    /// A quarter of what the service manager allows (`WATCHDOG_USEC`), so that one lost round does no harm.
    pub(super) fn from_environment() -> Self {
        let interval = watchdog_interval();
        let period = interval.map_or(UNWATCHED_PERIOD, |interval| (interval / 4).max(SHORTEST_PERIOD));
        Self {
            watched: interval.is_some(),
            period,
            next: Instant::now() + period,
            count: 0,
        }
    }

    pub(super) const fn next(&self) -> Instant {
        self.next
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// A round is over; does the service manager want to hear of it?
    pub(super) fn tick(&mut self, now: Instant) -> bool {
        self.count += 1;
        self.next = now + self.period;
        self.watched
    }
}
