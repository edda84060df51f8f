//! Deadlines: a four-ary heap that knows where each timer is, so that nothing stale piles up however often a peer makes us re-arm, and
//! nothing is allocated once every timer has been armed once. A timer that is put off - each advert does that to a BACKUP - only has
//! its deadline noted, and is moved when it gets to the top: once in a Master_Down_Interval instead of once an advert.

use keepalived_model::time::Instant;

const ARITY: usize = 4;
const ABSENT: u32 = u32::MAX;

/// Timers numbered from 0. Equal deadlines fire in the order of their numbers, so a run can be repeated.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    /// Not after the deadline of the timer.
    heap: Vec<(Instant, u32)>,
    place: Vec<Place>,
}

/// Where a timer stands in the heap, and when it fires.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u32,
    deadline: Instant,
}

const NOWHERE: Place = Place {
    at: ABSENT,
    deadline: Instant(0),
};

impl Timers {
    /// Makes room for timers below `count`.
    pub(crate) fn reserve(&mut self, count: usize) {
        if self.place.len() < count {
            self.place.resize(count, NOWHERE);
        }
    }

    /// Arms a timer, wherever it stood before. A timer without room is ignored.
    pub(crate) fn arm(&mut self, timer: u32, deadline: Instant) {
        let Some(place) = self.place.get_mut(timer as usize) else {
            return;
        };
        place.deadline = deadline;
        if place.at == ABSENT {
            self.heap.push((deadline, timer));
            self.up(self.heap.len() - 1);
            return;
        }
        let at = place.at as usize;
        if deadline < self.heap[at].0 {
            self.heap[at].0 = deadline;
            self.up(at);
        }
    }

    /// Disarms a timer.
    pub(crate) fn cancel(&mut self, timer: u32) {
        let Some(place) = self.place.get_mut(timer as usize) else {
            return;
        };
        let at = std::mem::replace(place, NOWHERE).at;
        if at == ABSENT {
            return;
        }
        let at = at as usize;
        let Some(last) = self.heap.pop() else { return };
        if at < self.heap.len() {
            let old = std::mem::replace(&mut self.heap[at], last);
            if last < old {
                self.up(at);
            } else {
                self.down(at);
            }
        }
    }

    /// When a timer fires.
    pub(crate) fn deadline(&self, timer: u32) -> Option<Instant> {
        let place = self.place.get(timer as usize)?;
        (place.at != ABSENT).then_some(place.deadline)
    }

    /// When to look again: never after the next deadline, but perhaps before it.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.first().map(|e| e.0)
    }

    /// Takes out a timer that is due at `now`.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<u32> {
        loop {
            let &(at, timer) = self.heap.first()?;
            if at > now {
                return None;
            }
            let deadline = self.place[timer as usize].deadline;
            if deadline == at {
                self.cancel(timer);
                return Some(timer);
            }
            // It was put off since.
            self.heap[0].0 = deadline;
            self.down(0);
        }
    }

    /// Moves timers that were put off and would get to the top before `horizon`, so that nobody is woken just for that.
    pub(crate) fn refresh(&mut self, horizon: Instant) {
        while let Some(&(at, timer)) = self.heap.first() {
            let deadline = self.place[timer as usize].deadline;
            if at > horizon || deadline == at {
                return;
            }
            self.heap[0].0 = deadline;
            self.down(0);
        }
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
        self.place[timer].at = at as u32;
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
                if what == 3 {
                    timers.refresh(Instant(at + 20));
                    let next = timers.next().filter(|next| next.0 <= at + 20);
                    proptest::prop_assert_eq!(next.map(|i| i.0), model.values().min().copied().filter(|next| *next <= at + 20));
                }
                proptest::prop_assert_eq!(timers.next().is_some(), !model.is_empty());
                proptest::prop_assert!(timers.next().map(|i| i.0) <= model.values().min().copied());
                proptest::prop_assert_eq!(timers.deadline(timer).map(|i| i.0), model.get(&timer).copied());
            }
        }
    }
}
