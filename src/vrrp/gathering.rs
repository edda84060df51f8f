//! When to look for adverts again.
//!
//! Adverts of many routers come in bursts, some microseconds apart; a process that is woken for every few of them spends most of its time
//! on being woken. So while they come thick the next look is put off for a moment, as network cards do with their interrupts. What
//! was read before has been acted upon by then, and nothing of our own is due within that moment.

use keepalived_model::time::{Instant, Micros};

/// How long adverts may lie unread while they come thick: a fiftieth of the shortest interval there is, 10 ms.
const MOMENT: Micros = Micros(200);
/// Two looks closer than that, and adverts come thick.
const THICK: Micros = Micros(500);
/// What a sleep may last longer than asked for (`PR_SET_TIMERSLACK`, 50 microseconds by default).
const SLACK: Micros = Micros(100);

/// What is known of the adverts that came last.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    looked: Option<Instant>,
    thick: bool,
}

impl Gathering {
    /// So many packets were found at `at`.
    pub(super) fn found(&mut self, packets: usize, at: Instant) {
        let soon = self.looked.is_some_and(|looked| at.since(looked) <= THICK);
        self.thick = packets > 1 || (packets == 1 && soon);
        self.looked = Some(at);
    }

    /// How long to let adverts gather before the next look; nothing when they do not come thick, or when something is due by then.
    pub(super) fn moment(&mut self, at: Instant, deadline: Option<Instant>) -> Option<Micros> {
        let free = deadline.is_none_or(|deadline| deadline.since(at) > MOMENT + SLACK);
        (std::mem::take(&mut self.thick) && free).then_some(MOMENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_adverts_are_never_kept_waiting() {
        let mut gathering = Gathering::default();
        for at in [0, 10_000, 20_000] {
            gathering.found(1, Instant(at));
            assert_eq!(gathering.moment(Instant(at), None), None);
        }
    }

    #[test]
    fn a_burst_gathers_until_it_is_over() {
        let mut gathering = Gathering::default();
        gathering.found(1, Instant(1_000));
        assert_eq!(gathering.moment(Instant(1_000), None), None);
        gathering.found(1, Instant(1_020));
        assert_eq!(gathering.moment(Instant(1_030), None), Some(MOMENT));
        gathering.found(40, Instant(1_290));
        assert_eq!(gathering.moment(Instant(1_300), None), Some(MOMENT));
        assert_eq!(
            gathering.moment(Instant(1_500), None),
            None,
            "what woke the process was something else"
        );
    }

    #[test]
    fn what_is_due_is_not_late() {
        let mut gathering = Gathering::default();
        for (deadline, moment) in [(0, None), (1_000, None), (1_250, None), (2_000, Some(MOMENT))] {
            gathering.found(9, Instant(1_000));
            assert_eq!(gathering.moment(Instant(1_000), Some(Instant(deadline))), moment);
        }
    }
}
