//! The order of events for one receiver (`notify_ordered`), without processes: what waits, what runs, what is dropped.

use std::collections::VecDeque;

use keepalived_vrrp::Notified;

/// Events that may wait for one receiver.
pub const LONGEST: usize = 16;

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<T> {
    /// Its number among all events for this receiver, from 1 on.
    pub sequence: u64,
    /// The state it tells; `None` for what is no state and so makes nothing obsolete.
    pub state: Option<Notified>,
    /// How.
    pub work: T,
}

/// One receiver.
#[derive(Debug)]
pub struct Queue<T> {
    waiting: VecDeque<Told<T>>,
    last: u64,
    previous: Option<Notified>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            last: 0,
            previous: None,
        }
    }
}

impl<T> Queue<T> {
    /// Number of the next event, and the state that the event before it told.
    pub const fn next(&self) -> (u64, Option<Notified>) {
        (self.last + 1, self.previous)
    }

    /// Adds an event; returns the one that has to go for it, if any. The newest state never goes.
    pub fn push(&mut self, state: Option<Notified>, work: T) -> Option<Told<T>> {
        self.last += 1;
        self.previous = state.or(self.previous);
        self.waiting.push_back(Told {
            sequence: self.last,
            state,
            work,
        });
        if self.waiting.len() <= LONGEST {
            return None;
        }
        let newest = self.waiting.iter().rposition(|told| told.state.is_some());
        let oldest = (0..self.waiting.len()).find(|index| Some(*index) != newest)?;
        self.waiting.remove(oldest)
    }

    /// The next event to be told.
    pub fn pop(&mut self) -> Option<Told<T>> {
        self.waiting.pop_front()
    }

    /// Takes the newest state out of what waits and forgets the rest; returns it with how many were forgotten.
    pub fn newest(&mut self) -> Option<(Told<T>, usize)> {
        let newest = self.waiting.iter().rposition(|told| told.state.is_some());
        let told = newest.and_then(|index| self.waiting.remove(index));
        let forgotten = self.waiting.len();
        // Also without a state: the runner counts nothing as waiting from now on.
        self.waiting.clear();
        Some((told?, forgotten))
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_leave_in_the_order_in_which_they_came() {
        let mut queue = Queue::default();
        assert_eq!(queue.next(), (1, None));
        for (state, work) in [
            (Some(Notified::Backup), 'b'),
            (None, 'l'),
            (Some(Notified::Master), 'm'),
        ] {
            assert!(queue.push(state, work).is_none());
        }
        assert_eq!(queue.next(), (4, Some(Notified::Master)));
        let order: Vec<(u64, char)> = std::iter::from_fn(|| queue.pop())
            .map(|t| (t.sequence, t.work))
            .collect();
        assert_eq!(order, [(1, 'b'), (2, 'l'), (3, 'm')]);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_full_queue_drops_the_oldest_and_never_the_newest_state() {
        let mut queue = Queue::default();
        assert!(queue.push(Some(Notified::Master), 0).is_none());
        // Events that are no states push each other out, not the one state.
        let dropped: Vec<u64> = (1..100)
            .filter_map(|n| queue.push(None, n))
            .map(|told| told.sequence)
            .collect();
        assert_eq!(dropped.len(), 100 - LONGEST);
        assert!(!dropped.contains(&1) && dropped.is_sorted());
        // A newer state makes the old one obsolete.
        assert_eq!(
            queue.push(Some(Notified::Backup), 100).map(|told| told.sequence),
            Some(1)
        );
        let (newest, forgotten) = queue.newest().unzip();
        assert_eq!(newest.and_then(|told| told.state), Some(Notified::Backup));
        assert_eq!(forgotten, Some(LONGEST - 1));
        assert!(queue.newest().is_none());
    }

    #[test]
    fn a_queue_without_a_state_is_forgotten_as_well() {
        let mut queue = Queue::default();
        assert!(queue.push(None, 'l').is_none());
        assert!(queue.newest().is_none());
        assert!(queue.is_empty());
    }

    #[test]
    fn however_many_come_the_last_state_arrives_and_numbers_only_grow() {
        let states = [Notified::Backup, Notified::Master, Notified::Fault];
        let mut queue = Queue::default();
        let mut arrived = Vec::new();
        for n in 0..1000_usize {
            let _dropped = queue.push(Some(states[n % 3]), n);
            if n % 7 == 0 {
                arrived.extend(queue.pop());
            }
        }
        arrived.extend(std::iter::from_fn(|| queue.pop()));
        assert!(arrived.is_sorted_by_key(|told| told.sequence));
        assert_eq!(arrived.last().map(|told| (told.sequence, told.work)), Some((1000, 999)));
    }
}
