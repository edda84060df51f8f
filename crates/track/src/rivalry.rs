//! Somebody else takes away what is ours, again and again: how long to wait before it is put back.

use keepalived_model::time::{Instant, Micros};

/// So many losses are mended at once; after them the wait begins.
pub const MENDED_AT_ONCE: u32 = 3;
/// The first wait; it doubles with each further loss.
const FIRST_WAIT: Micros = Micros::from_millis(100);
/// After this long without a loss (beside the wait itself) everything is forgotten.
const QUIET: Micros = Micros::from_secs(60);

/// The losses of one thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rivalry {
    times: u32,
    first: Instant,
    last: Instant,
    wait: Micros,
}

/// What to make of one more loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// How often it was lost since the last quiet time, at least 1.
    pub times: u32,
    /// The time between the first and the last of them.
    pub within: Micros,
    /// How long to wait before it is put back; zero is at once.
    pub wait: Micros,
}

impl Rivalry {
    /// Notes a loss. The wait never exceeds `longest`.
    pub fn lost(&mut self, now: Instant, longest: Micros) -> Loss {
        if self.times == 0 || now.since(self.last) > QUIET + self.wait {
            *self = Self {
                first: now,
                ..Self::default()
            };
        }
        self.times = self.times.saturating_add(1);
        self.last = now;
        // 2^20 times the first wait is more than a day: the shift cannot overflow and the bound is the caller's.
        self.wait = match self.times.checked_sub(MENDED_AT_ONCE + 1) {
            None => Micros::ZERO,
            Some(doublings) => FIRST_WAIT.times(1 << doublings.min(20)).min(longest),
        };
        Loss {
            times: self.times,
            within: now.since(self.first),
            wait: self.wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Micros = Micros::from_secs(10);

    #[test]
    fn waits_double_up_to_the_bound() {
        let mut rivalry = Rivalry::default();
        let mut now = Instant(1_000_000);
        let waits: Vec<u64> = (0..13)
            .map(|_| {
                let loss = rivalry.lost(now, LONGEST);
                now += loss.wait + Micros::from_millis(1);
                loss.wait.as_micros() / 1000
            })
            .collect();
        assert_eq!(
            waits,
            [0, 0, 0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]
        );
    }

    #[test]
    fn quiet_forgets() {
        let mut rivalry = Rivalry::default();
        let start = Instant(5);
        for _ in 0..9 {
            rivalry.lost(start, LONGEST);
        }
        let soon = start + Micros::from_secs(61);
        let loss = rivalry.lost(soon, LONGEST);
        assert_eq!((loss.times, loss.within), (10, Micros::from_secs(61)));
        let later = soon + Micros::from_secs(71);
        let loss = rivalry.lost(later, LONGEST);
        assert_eq!((loss.times, loss.within, loss.wait), (1, Micros::ZERO, Micros::ZERO));
    }

    #[test]
    fn a_rival_that_never_tires_does_not_overflow() {
        let mut rivalry = Rivalry {
            times: u32::MAX,
            ..Rivalry::default()
        };
        assert_eq!(rivalry.lost(Instant(7), Micros(u64::MAX)).times, u32::MAX);
    }
}
