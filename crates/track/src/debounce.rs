//! Changes that count only when they last (`interface_up_down_delays`).

use keepalived_model::time::{Instant, Micros};

/// Something that is up or down, and may flap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debounce {
    counts: bool,
    seen_up: bool,
    pending: Option<Instant>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It repeats what is known.
    Nothing,
    /// It counts now.
    Counts(bool),
    /// It counts unless it is taken back before then.
    Waits(Instant),
    /// It takes back what was waited for: nobody need ever know.
    Flapped,
}

impl Debounce {
    /// What is known at the beginning counts at once.
    #[must_use]
    pub const fn new(up: bool) -> Self {
        Self {
            counts: up,
            seen_up: up,
            pending: None,
        }
    }

    /// What counts now.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.counts
    }

    /// When the opposite begins to count, if it lasts until then.
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        self.pending
    }

    /// Was it ever up?
    #[must_use]
    pub const fn seen_up(&self) -> bool {
        self.seen_up
    }

    /// It is up or down now; `delay` is how long that must last. The first "up" ever counts at once.
    pub fn report(&mut self, now: Instant, up: bool, delay: Micros) -> Verdict {
        if up == self.counts {
            return match self.pending.take() {
                Some(_) => Verdict::Flapped,
                None => Verdict::Nothing,
            };
        }
        let first = up && !self.seen_up;
        if delay.is_zero() || first {
            return self.settle(up);
        }
        if self.pending.is_some() {
            return Verdict::Nothing;
        }
        let deadline = now + delay;
        self.pending = Some(deadline);
        Verdict::Waits(deadline)
    }

    /// Time has passed; what counts from now on, when that changed.
    pub fn expire(&mut self, now: Instant) -> Option<bool> {
        self.pending.filter(|at| *at <= now)?;
        self.settle(!self.counts);
        Some(self.counts)
    }

    const fn settle(&mut self, up: bool) -> Verdict {
        self.pending = None;
        self.counts = up;
        self.seen_up |= up;
        Verdict::Counts(up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: Micros = Micros::from_millis(1_500);
    const UP: Micros = Micros::from_secs(2);

    const fn at(millis: u64) -> Instant {
        Instant(millis * 1_000)
    }

    #[test]
    fn a_short_flap_is_invisible_and_a_long_one_is_late() {
        let mut link = Debounce::new(true);
        assert_eq!(link.report(at(0), false, DOWN), Verdict::Waits(at(1_500)));
        assert_eq!(link.report(at(500), false, DOWN), Verdict::Nothing, "the wait goes on");
        assert_eq!(link.report(at(1_000), true, UP), Verdict::Flapped);
        assert_eq!((link.expire(at(9_000)), link.deadline()), (None, None));

        assert_eq!(link.report(at(10_000), false, DOWN), Verdict::Waits(at(11_500)));
        assert_eq!(link.expire(at(11_499)), None);
        assert_eq!(link.expire(at(11_500)), Some(false));
        assert_eq!(link.report(at(12_000), true, UP), Verdict::Waits(at(14_000)));
        assert!(!link.counts());
        assert_eq!(link.report(at(13_000), false, DOWN), Verdict::Flapped);
        assert_eq!(link.report(at(13_500), true, UP), Verdict::Waits(at(15_500)));
        assert_eq!(link.expire(at(15_500)), Some(true));
    }

    #[test]
    fn without_a_delay_and_for_the_first_time_up_it_counts_at_once() {
        let mut link = Debounce::new(false);
        assert_eq!(link.report(at(0), true, UP), Verdict::Counts(true));
        assert_eq!(link.report(at(1), false, Micros::ZERO), Verdict::Counts(false));
        assert_eq!(
            link.report(at(2), true, UP),
            Verdict::Waits(at(2_002)),
            "not the first time"
        );
    }
}
