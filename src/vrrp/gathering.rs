//! When to look for adverts again.
//!
//! Adverts of many routers come in bursts, some microseconds apart; a process that is woken for every few of them spends most of its time
//! on being woken. So while they come thick the next look is put off for a moment, as network cards do with their interrupts, if
//! nothing of our own is due within that moment.

use keepalived_model::time::{Instant, Micros};

/// How long adverts may lie unread while they come thick: a fiftieth of the shortest interval there is, 10 ms.
const MOMENT: Micros = Micros(200);
/// Two looks closer than that, and adverts come thick.
const THICK: Micros = Micros(500);
/// What a sleep may last longer than asked for (`PR_SET_TIMERSLACK`, 50 microseconds by default).
const SLACK: Micros = Micros(100);

/// When adverts were looked for last.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    looked: Option<Instant>,
}

impl Gathering {
    /// So many packets were found at `at`: how long to let more gather before the next look. Nothing when they do not come thick, or
    /// when something is due by then.
    pub(super) fn found(&mut self, packets: usize, at: Instant, due: Option<Instant>) -> Option<Micros> {
        let soon = self.looked.is_some_and(|looked| at.since(looked) <= THICK);
        self.looked = Some(at);
        let thick = packets > 1 || (packets == 1 && soon);
        let free = due.is_none_or(|due| due.since(at) > MOMENT + SLACK);
        (thick && free).then_some(MOMENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_adverts_are_never_kept_waiting() {
        let mut gathering = Gathering::default();
        for at in [0, 10_000, 20_000] {
            assert_eq!(gathering.found(1, Instant(at), None), None);
        }
    }

    #[test]
    fn a_burst_gathers() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.found(1, Instant(1_000), None), None);
        assert_eq!(gathering.found(1, Instant(1_020), None), Some(MOMENT));
        assert_eq!(gathering.found(40, Instant(1_290), None), Some(MOMENT));
        assert_eq!(gathering.found(0, Instant(1_300), None), None);
        assert_eq!(gathering.found(2, Instant(9_000), None), Some(MOMENT));
    }

    #[test]
    fn what_is_due_is_not_late() {
        let mut gathering = Gathering::default();
        for (due, moment) in [(0, None), (1_000, None), (1_250, None), (2_000, Some(MOMENT))] {
            assert_eq!(gathering.found(9, Instant(1_000), Some(Instant(due))), moment);
        }
    }
}
