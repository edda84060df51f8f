//! Rise and fall: how many results in a row it takes to change an opinion (`vrrp.md` 8.4).

use serde::{Deserialize, Serialize};

/// The counter of one script or check.
///
/// It runs from 0 to rise + fall - 1 and means good from `rise` on. It starts at rise - 1, so that the first result decides at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiseFall {
    rise: u32,
    fall: u32,
    count: u64,
    known: bool,
}

/// What a result changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// Good from now on (perhaps for the first time).
    Good,
    /// Bad from now on (perhaps for the first time).
    Bad,
}

impl RiseFall {
    /// A counter without results. `rise` and `fall` count from 1; 0 is taken for 1.
    #[must_use]
    pub fn new(rise: u32, fall: u32) -> Self {
        let (rise, fall) = (rise.max(1), fall.max(1));
        Self {
            rise,
            fall,
            count: u64::from(rise) - 1,
            known: false,
        }
    }

    /// Is it good? `None` before the first result.
    #[must_use]
    pub fn good(&self) -> Option<bool> {
        self.known.then_some(self.count >= u64::from(self.rise))
    }

    /// Where the counter stands, 0..=rise+fall-1, as dumps show it (`Result = N`).
    #[must_use]
    pub fn result(&self) -> u32 {
        u32::try_from(self.count).unwrap_or(u32::MAX)
    }

    /// One more result.
    pub fn record(&mut self, success: bool) -> Change {
        let rise = u64::from(self.rise);
        let first = !std::mem::replace(&mut self.known, true);
        let before = self.count;
        if success {
            if before + 1 < rise {
                self.count += 1;
                return Change::None;
            }
            self.count = self.top();
            if before < rise || first {
                Change::Good
            } else {
                Change::None
            }
        } else {
            if before > rise {
                self.count -= 1;
                return Change::None;
            }
            self.count = 0;
            if before == rise || first {
                Change::Bad
            } else {
                Change::None
            }
        }
    }

    /// Takes the result for granted, without having seen one (a new script of a reload must not make a gap).
    pub fn assume(&mut self, good: bool) {
        self.known = true;
        self.count = if good { self.top() } else { 0 };
    }

    /// New limits, the opinion and how firm it is are kept (a reload).
    pub fn rescale(&mut self, rise: u32, fall: u32) {
        let (rise, fall) = (rise.max(1), fall.max(1));
        let old = *self;
        self.rise = rise;
        self.fall = fall;
        self.count = match old.good() {
            None => u64::from(rise) - 1,
            Some(true) => {
                let spare = old.count - u64::from(old.rise);
                u64::from(rise) + scale(spare, u64::from(old.fall) - 1, u64::from(fall) - 1)
            }
            Some(false) => scale(old.count, u64::from(old.rise) - 1, u64::from(rise) - 1),
        };
    }

    fn top(&self) -> u64 {
        u64::from(self.rise) + u64::from(self.fall) - 1
    }
}

/// `value` of 0..=`from` as the same share of 0..=`to`; the top stays the top.
fn scale(value: u64, from: u64, to: u64) -> u64 {
    if from == 0 {
        return if value == 0 { to.min(value) } else { to };
    }
    (u128::from(value) * u128::from(to) / u128::from(from)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rise: u32, fall: u32, results: &[bool]) -> Vec<Change> {
        let mut c = RiseFall::new(rise, fall);
        results.iter().map(|r| c.record(*r)).collect()
    }

    #[test]
    fn the_first_result_decides_at_once() {
        assert_eq!(run(3, 3, &[true]), [Change::Good]);
        assert_eq!(run(3, 3, &[false]), [Change::Bad]);
        assert_eq!(run(1, 1, &[true]), [Change::Good]);
    }

    #[test]
    fn fall_failures_in_a_row() {
        use Change::{Bad, Good, None};
        assert_eq!(
            run(2, 3, &[true, false, false, true, false, false, false, false]),
            [Good, None, None, None, None, None, Bad, None]
        );
    }

    #[test]
    fn rise_successes_in_a_row() {
        use Change::{Bad, Good, None};
        assert_eq!(
            run(3, 2, &[false, true, true, false, true, true, true, true]),
            [Bad, None, None, None, None, None, Good, None]
        );
    }

    proptest::proptest! {
        /// The counter against its definition in words.
        #[test]
        fn is_what_the_words_say(rise in 1u32..6, fall in 1u32..6, results in proptest::collection::vec(proptest::bool::ANY, 1..60)) {
            let mut c = RiseFall::new(rise, fall);
            let (mut good, mut row) = (results[0], 0);
            for (i, r) in results.iter().enumerate() {
                c.record(*r);
                if i > 0 {
                    row = if *r == good { 0 } else { row + 1 };
                    if row == if good { fall } else { rise } {
                        (good, row) = (!good, 0);
                    }
                }
                proptest::prop_assert_eq!(c.good(), Some(good), "after {:?}", &results[..=i]);
            }
        }

        #[test]
        fn rescaling_keeps_the_opinion(a in 1u32..9, b in 1u32..9, c in 1u32..9, d in 1u32..9, results in proptest::collection::vec(proptest::bool::ANY, 0..30)) {
            let mut counter = RiseFall::new(a, b);
            for r in results {
                counter.record(r);
            }
            let before = counter.good();
            counter.rescale(c, d);
            proptest::prop_assert_eq!(counter.good(), before);
            proptest::prop_assert!(counter.count <= counter.top());
        }
    }
}
