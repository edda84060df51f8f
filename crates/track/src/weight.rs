//! What a tracked thing does to the instances that track it (`vrrp.md` 8.1 to 8.7).

use serde::{Deserialize, Serialize};

/// What is known of a tracked thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// No result yet.
    Awaited,
    /// No result yet, and nobody waits for one: neither a reason for FAULT nor a weight (a script that came with a reload).
    Assumed,
    /// Interface up, script succeeding, quorum achieved, session up.
    Good,
    /// The contrary.
    Bad,
    /// The number in a file.
    Value(i32),
}

/// What a standing does to one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Added to the priority, -253..=253.
    pub weight: i32,
    /// It is a reason for FAULT.
    pub fault: bool,
    /// Its first result must be awaited.
    pub awaited: bool,
}

impl Effect {
    /// The effect of `standing` with `weight` (-254..=254) and `reverse`, after it had the effect `before`.
    ///
    /// Weight 0 makes failure a fault (reverse: success). Otherwise good adds a positive and bad adds a negative weight, and `reverse`
    /// negates what is added. A file adds its number times the weight; -254 or less is a fault that leaves the number shown as it was.
    #[must_use]
    pub fn of(standing: Standing, weight: i16, reverse: bool, before: Self) -> Self {
        let weight = i64::from(weight.clamp(-254, 254));
        let sign = if reverse { -1 } else { 1 };
        let fault = |fault| Self {
            fault,
            ..Self::default()
        };
        let plus = |sum: i64| Self {
            weight: sum.clamp(-253, 253) as i32,
            ..Self::default()
        };
        match (standing, weight) {
            (Standing::Awaited, 0) => Self {
                awaited: true,
                ..Self::default()
            },
            (Standing::Awaited | Standing::Assumed, _) => Self::default(),
            (Standing::Good, 0) => fault(reverse),
            (Standing::Bad, 0) => fault(!reverse),
            (Standing::Value(v), 0) => fault((v != 0) != reverse),
            (Standing::Good, w) => plus(w.max(0) * sign),
            (Standing::Bad, w) => plus(w.min(0) * sign),
            (Standing::Value(v), w) => match i64::from(v) * w * sign {
                sum if sum <= -254 => Self {
                    weight: before.weight,
                    fault: true,
                    awaited: false,
                },
                sum => plus(sum),
            },
        }
    }
}

/// The sum of all effects on one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sum of weights.
    pub weight: i32,
    /// Number of faults.
    pub faults: u32,
    /// Number of first results awaited.
    pub awaited: u32,
}

impl Tally {
    /// One effect takes the place of another.
    pub fn replace(&mut self, before: Effect, after: Effect) {
        self.weight = self.weight.saturating_sub(before.weight).saturating_add(after.weight);
        self.faults = self.faults.saturating_sub(u32::from(before.fault)) + u32::from(after.fault);
        self.awaited = self.awaited.saturating_sub(u32::from(before.awaited)) + u32::from(after.awaited);
    }
}

/// The priority that is advertised: an owner's 255 whatever it tracks, else the sum within 1..=254.
#[must_use]
pub fn effective_priority(base: u8, weights: i32) -> u8 {
    if base == 255 {
        255
    } else {
        i32::from(base).saturating_add(weights).clamp(1, 254) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn priority(standing: Standing, weight: i16, reverse: bool) -> u8 {
        effective_priority(100, Effect::of(standing, weight, reverse, Effect::default()).weight)
    }

    #[test]
    fn observed_table_of_scripts() {
        use Standing::{Awaited, Bad, Good};
        for (weight, reverse, good, bad) in [
            (20, false, 120, 100),
            (-20, false, 100, 80),
            (20, true, 80, 100),
            (-20, true, 100, 120),
        ] {
            assert_eq!(priority(Good, weight, reverse), good);
            assert_eq!(priority(Bad, weight, reverse), bad);
            assert_eq!(priority(Awaited, weight, reverse), 100);
        }
    }

    #[test]
    fn observed_sequence_of_a_file() {
        // scenario A37a: weight 1, base 100
        let mut effect = Effect::default();
        for (value, fault, shown) in [
            (5, false, 105),
            (-300, true, 105),
            (-20, false, 80),
            (0, false, 100),
            (16, false, 116),
            (1000, false, 254),
            (0, false, 100),
        ] {
            effect = Effect::of(Standing::Value(value), 1, false, effect);
            assert_eq!(
                (effect.fault, effective_priority(100, effect.weight)),
                (fault, shown),
                "{value}"
            );
        }
    }

    #[test]
    fn weight_zero_is_a_fault() {
        let fault = |s, r| Effect::of(s, 0, r, Effect::default()).fault;
        assert!(!fault(Standing::Good, false) && fault(Standing::Bad, false));
        assert!(fault(Standing::Good, true) && !fault(Standing::Bad, true));
        assert!(fault(Standing::Value(-1), false) && !fault(Standing::Value(0), false));
        assert!(!fault(Standing::Value(3), true) && fault(Standing::Value(0), true));
        assert!(Effect::of(Standing::Awaited, 0, false, Effect::default()).awaited);
        for (weight, reverse) in [(0, false), (0, true), (20, false), (-20, true)] {
            let effect = Effect::of(Standing::Assumed, weight, reverse, Effect::default());
            assert_eq!(effect, Effect::default(), "{weight} {reverse}");
        }
    }

    #[test]
    fn an_owner_stays_one_and_nobody_becomes_one() {
        assert_eq!(effective_priority(255, -100), 255);
        assert_eq!(effective_priority(250, 100), 254);
        assert_eq!(effective_priority(10, -100), 1);
    }
}
