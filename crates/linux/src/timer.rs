//! One timer for one event loop: a `timerfd` on the monotonic clock, armed at absolute times.
//!
//! Tokio's own timers round up to whole milliseconds, which is too coarse for adverts every 10 ms.

use std::io;

use crate::watched::Watched;
use keepalived_model::time::{Instant, Micros};
use rustix::io::Errno;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime, timerfd_create,
    timerfd_settime,
};

/// The present time of `CLOCK_MONOTONIC`, rounded down to whole microseconds (`clock_gettime(2)`).
#[must_use]
pub fn now() -> Instant {
    let time = clock_gettime(ClockId::Monotonic);
    // The monotonic clock starts at boot: neither part is ever negative.
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    Instant(seconds.saturating_mul(1_000_000).saturating_add(nanos / 1_000))
}

/// A wake that comes up so soon is put off when nobody needs it any more.
const NEAR: Micros = Micros(10_000);

/// A `timerfd(2)` that wakes one task at an absolute monotonic time.
///
/// Wakes may come early (see [`Timer::arm`]), never before the deadline that was asked for has been *armed*;
/// the caller compares with [`now`], which engines do anyway in `handle_timeout`.
#[derive(Debug)]
pub struct Timer {
    fd: Watched,
    armed: Option<Instant>,
}

impl Timer {
    /// A disarmed timer. Must be called inside a Tokio runtime with I/O enabled.
    ///
    /// # Errors
    /// What `timerfd_create(2)` or the registration with the event loop reports.
    pub fn new() -> io::Result<Self> {
        let fd = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        Ok(Self {
            fd: Watched::reader(fd)?,
            armed: None,
        })
    }

    /// Wake [`Timer::expired`] at `deadline` or earlier; a deadline in the past wakes at once.
    ///
    /// No system call is made when an equal or earlier wake is already armed, unless that one is near: a BACKUP moves its deadline
    /// with each advert, and one system call in a while is cheaper than one per advert, but also than a wake for nothing. For the
    /// same reason `None` leaves an armed wake standing.
    ///
    /// # Errors
    /// What `timerfd_settime(2)` reports.
    pub fn arm(&mut self, deadline: Option<Instant>, now: Instant) -> io::Result<()> {
        let Some(deadline) = deadline else { return Ok(()) };
        if self
            .armed
            .is_some_and(|armed| armed == deadline || (armed < deadline && armed > now + NEAR))
        {
            return Ok(());
        }
        let value = Timespec {
            tv_sec: i64::try_from(deadline.0 / 1_000_000).unwrap_or(i64::MAX),
            // All zeros would disarm the timer: time zero becomes one nanosecond.
            tv_nsec: i64::try_from(deadline.0 % 1_000_000 * 1_000).unwrap_or(0) + i64::from(deadline.0 == 0),
        };
        let spec = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: value,
        };
        timerfd_settime(&self.fd, TimerfdTimerFlags::ABSTIME, &spec)?;
        self.armed = Some(deadline);
        Ok(())
    }

    /// The wake that is armed now.
    #[must_use]
    pub const fn armed(&self) -> Option<Instant> {
        self.armed
    }

    /// Wait for the armed wake; for ever when none is armed. Cancel safe: usable as a branch of `select!`.
    ///
    /// # Errors
    /// What `read(2)` of the timer reports, except that it is not ready.
    pub async fn expired(&mut self) -> io::Result<()> {
        loop {
            let mut expired = false;
            let read = self.fd.drain(|fd| match rustix::io::read(fd, &mut [0_u8; 8]) {
                // It has nothing more until it is armed again, so nobody need ask it.
                Ok(_) => {
                    expired = true;
                    Ok(true)
                }
                // Armed anew since it woke us.
                Err(Errno::AGAIN) => Ok(true),
                Err(Errno::INTR) => Ok(false),
                Err(error) => Err(error.into()),
            });
            read.await?;
            if expired {
                self.armed = None;
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .expect("runtime")
    }

    #[test]
    fn wakes_after_the_deadline_and_soon() {
        runtime().block_on(async {
            let mut timer = Timer::new().expect("timer");
            let deadline = now() + Micros::from_millis(20);
            timer.arm(Some(deadline), now()).expect("arm");
            timer.expired().await.expect("expired");
            let late = now().since(deadline);
            assert!(now() >= deadline, "woke early");
            assert!(late < Micros::from_millis(500), "woke {late:?} late");
            assert_eq!(timer.armed(), None);
        });
    }

    #[test]
    fn a_near_wake_is_put_off_when_nobody_needs_it() {
        runtime().block_on(async {
            let mut timer = Timer::new().expect("timer");
            let start = now();
            timer.arm(Some(start + Micros::from_millis(5)), start).expect("arm");
            let later = start + Micros::from_millis(40);
            timer.arm(Some(later), start).expect("arm");
            assert_eq!(timer.armed(), Some(later));
            timer.expired().await.expect("expired");
            assert!(now() >= later, "woke early");
        });
    }

    #[test]
    fn the_earlier_deadline_wins_and_the_past_wakes_at_once() {
        runtime().block_on(async {
            let mut timer = Timer::new().expect("timer");
            let start = now();
            timer.arm(Some(start + Micros::from_secs(60)), start).expect("arm");
            timer.arm(Some(start + Micros::from_millis(5)), start).expect("arm");
            timer.arm(Some(start + Micros::from_secs(90)), Instant(0)).expect("arm");
            assert_eq!(timer.armed(), Some(start + Micros::from_millis(5)), "it is far");
            timer.expired().await.expect("expired");
            timer.arm(Some(Instant(0)), now()).expect("arm");
            timer.expired().await.expect("expired");
            assert!(now().since(start) < Micros::from_secs(30));
        });
    }
}
