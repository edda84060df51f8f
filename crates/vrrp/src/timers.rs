//! Deadlines: a four-ary heap that knows where each timer is, so that moving one costs O(log n), nothing stale piles up however often
//! a peer makes us re-arm, and nothing is allocated once every timer has been armed once.

use keepalived_model::time::Instant;

const ARITY: usize = 4;
const ABSENT: u32 = u32::MAX;

/// Timers numbered from 0. Equal deadlines fire in the order of their numbers, so a run can be repeated.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: Vec<(Instant, u32)>,
    place: Vec<u32>,
}

impl Timers {
    /// Makes room for timers below `count`.
    pub(crate) fn reserve(&mut self, count: usize) {
        if self.place.len() < count {
            self.place.resize(count, ABSENT);
        }
    }

    /// Arms a timer, wherever it stood before. A timer without room is ignored.
    pub(crate) fn arm(&mut self, timer: u32, at: Instant) {
        match self.place.get(timer as usize) {
            None => {}
            Some(&ABSENT) => {
                self.heap.push((at, timer));
                self.up(self.heap.len() - 1);
            }
            Some(&place) => {
                let place = place as usize;
                let old = std::mem::replace(&mut self.heap[place].0, at);
                if at < old {
                    self.up(place);
                } else {
                    self.down(place);
                }
            }
        }
    }

    /// Disarms a timer.
    pub(crate) fn cancel(&mut self, timer: u32) {
        let Some(&place) = self.place.get(timer as usize) else {
            return;
        };
        if place == ABSENT {
            return;
        }
        let place = place as usize;
        self.place[timer as usize] = ABSENT;
        let Some(last) = self.heap.pop() else { return };
        if place < self.heap.len() {
            let old = std::mem::replace(&mut self.heap[place], last);
            if last < old {
                self.up(place);
            } else {
                self.down(place);
            }
        }
    }

    /// When a timer fires.
    pub(crate) fn deadline(&self, timer: u32) -> Option<Instant> {
        let place = *self.place.get(timer as usize)?;
        self.heap.get(place as usize).map(|e| e.0)
    }

    /// The next deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.first().map(|e| e.0)
    }

    /// Takes out a timer that is due at `now`.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<u32> {
        let &(at, timer) = self.heap.first()?;
        if at > now {
            return None;
        }
        self.cancel(timer);
        Some(timer)
    }

    fn up(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.heap[parent] <= self.heap[at] {
                break;
            }
            self.heap.swap(parent, at);
            self.note(at);
            at = parent;
        }
        self.note(at);
    }

    fn down(&mut self, mut at: usize) {
        loop {
            let first = at * ARITY + 1;
            let last = (first + ARITY).min(self.heap.len());
            let Some(least) = (first..last).min_by_key(|c| self.heap[*c]) else {
                break;
            };
            if self.heap[at] <= self.heap[least] {
                break;
            }
            self.heap.swap(at, least);
            self.note(at);
            at = least;
        }
        self.note(at);
    }

    fn note(&mut self, at: usize) {
        let timer = self.heap[at].1 as usize;
        self.place[timer] = at as u32;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    proptest::proptest! {
        /// Against a map that is searched.
        #[test]
        fn is_a_map_sorted_by_time(steps in proptest::collection::vec((0u32..40, 0u64..100, 0u8..4), 0..300)) {
            let mut timers = Timers::default();
            timers.reserve(40);
            let mut model: BTreeMap<u32, u64> = BTreeMap::new();
            for (timer, at, what) in steps {
                match what {
                    0 | 1 => {
                        timers.arm(timer, Instant(at));
                        model.insert(timer, at);
                    }
                    2 => {
                        timers.cancel(timer);
                        model.remove(&timer);
                    }
                    _ => {
                        let due = model.iter().map(|(t, a)| (*a, *t)).min().filter(|(a, _)| *a <= at);
                        proptest::prop_assert_eq!(timers.pop_due(Instant(at)), due.map(|d| d.1));
                        if let Some((_, t)) = due {
                            model.remove(&t);
                        }
                    }
                }
                proptest::prop_assert_eq!(timers.next().map(|i| i.0), model.values().min().copied());
                proptest::prop_assert_eq!(timers.deadline(timer).map(|i| i.0), model.get(&timer).copied());
            }
        }
    }
}
