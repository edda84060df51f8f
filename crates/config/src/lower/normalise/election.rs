//! Who wants to be MASTER, and how soon: version, priority, first state, intervals, preemption.

use keepalived_model::{
    time::Micros,
    units::{Family, Priority, Version},
    vrrp::{Authentication, Preemption, WantState},
};

use super::Normaliser;
use crate::{
    check::codes,
    diag::Diagnostic,
    grammar::Context,
    lower::instance::{Draft, Rare},
};

impl Normaliser<'_, '_, '_> {
    /// Items 2: IPv6 means version 3, unless version 2 was written before the family was known.
    pub(super) fn version(&mut self, family: Family) -> Version {
        match (self.draft.version, family) {
            (Some(Version::V2), Family::V6) if self.strict => {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("version"),
                    "strict mode knows IPv6 with version 3 only; version 3 is used",
                );
                Version::V3
            }
            (Some(version), _) => version,
            (None, Family::V6) => Version::V3,
            (None, Family::V4) => self.with.defaults.version,
        }
    }

    pub(super) fn priority(&self) -> Priority {
        match (self.draft.priority, self.draft.state) {
            (Some(priority), _) => priority,
            (None, Some(WantState::Master)) => Priority::OWNER,
            (None, _) => Priority::DEFAULT,
        }
    }

    pub(super) fn want_state(&mut self, priority: Priority) -> WantState {
        let by_priority = if priority.is_owner() {
            WantState::Master
        } else {
            WantState::Backup
        };
        match self.draft.state {
            None => by_priority,
            Some(wanted) if self.strict && wanted != by_priority => {
                self.help(
                    &codes::STATE_CORRECTED,
                    self.draft.place("state"),
                    "in strict mode the initial state is MASTER exactly for priority 255; it is corrected",
                    "remove `state`",
                );
                by_priority
            }
            Some(wanted) => wanted,
        }
    }

    pub(super) fn ah_state(
        &mut self,
        authentication: &Authentication,
        wanted: WantState,
        priority: Priority,
    ) -> WantState {
        if matches!(authentication, Authentication::Ah(_)) && wanted == WantState::Master && !priority.is_owner() {
            self.say(
                &codes::STATE_CORRECTED,
                self.draft.place("state"),
                "initial state MASTER is not possible with AH below priority 255; BACKUP is used",
            );
            return WantState::Backup;
        }
        wanted
    }

    /// Item 17.
    pub(super) fn advert(&mut self, version: Version) -> Micros {
        let written = self.draft.advert.unwrap_or(Micros::SECOND).as_micros();
        let (step, least, most, what) = match version {
            Version::V2 => (
                1_000_000,
                1_000_000,
                255_000_000,
                "VRRPv2 intervals are whole seconds from 1 to 255",
            ),
            Version::V3 => (
                10_000,
                10_000,
                40_950_000,
                "VRRPv3 intervals are steps of 10 ms from 0.01 s to 40.95 s",
            ),
        };
        let rounded = (((written + step / 2) / step) * step).clamp(least, most);
        if rounded != written {
            let text = seconds(rounded);
            let span = self.draft.place("advert_int");
            let message = format!("({}) {what}; {text} s is used", self.draft.name);
            self.with
                .cx
                .typing
                .say(Diagnostic::new(&codes::ADVERT_ROUNDED, span, message).fix(
                    span,
                    format!("advert_int {text}"),
                    format!("write `advert_int {text}`"),
                ));
        }
        Micros(rounded)
    }

    pub(super) fn down_timer(&mut self) -> u8 {
        match self.draft.down_timer_adverts {
            Some(adverts) if self.strict && adverts != 3 => {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("down_timer_adverts"),
                    "strict mode waits for 3 adverts; `down_timer_adverts` is reset",
                );
                3
            }
            Some(adverts) => adverts,
            None if self.strict => 3,
            None => self.with.defaults.down_timer_adverts,
        }
    }

    /// Item 14.
    pub(super) fn preemption(&mut self, priority: Priority, wanted: WantState) -> Preemption {
        // What counts is the state that was written: priority 255 alone also means MASTER.
        let is_master = wanted == WantState::Master;
        if self.draft.nopreempt && (priority.is_owner() || is_master) {
            let why = if priority.is_owner() {
                "priority 255"
            } else {
                "initial state MASTER"
            };
            self.help(
                &codes::PREEMPT_CLEARED,
                self.draft.place("nopreempt"),
                &format!("`nopreempt` is incompatible with {why}; it is cleared"),
                "write `state BACKUP` and a priority below 255",
            );
            self.draft.nopreempt = false;
        }
        let Some(delay) = self.draft.preempt_delay else {
            return if self.draft.nopreempt {
                Preemption::Disabled
            } else {
                Preemption::Immediate
            };
        };
        let why = if is_master {
            "initial state MASTER"
        } else if self.strict {
            "strict mode"
        } else if self.draft.nopreempt {
            "nopreempt"
        } else {
            return Preemption::Delayed(delay);
        };
        self.say(
            &codes::PREEMPT_CLEARED,
            self.draft.place("preempt_delay"),
            &format!("`preempt_delay` is incompatible with {why}; it is cleared"),
        );
        if self.draft.nopreempt {
            Preemption::Disabled
        } else {
            Preemption::Immediate
        }
    }
}

pub(super) fn timer_expired(cx: &mut Context<'_>, draft: &Draft, rare: &Rare, preemption: Preemption) -> Option<u8> {
    let written = rare.timer_expired?;
    if preemption == Preemption::Disabled {
        return Some(written);
    }
    cx.say_help(
        &codes::TIMER_EXPIRED_CLEARED,
        draft.place("timer_expired_backup"),
        format!(
            "({}) `timer_expired_backup` needs `nopreempt`; it is cleared",
            draft.name
        ),
        "add `nopreempt`",
    );
    None
}

/// Microseconds as decimal seconds without trailing zeros.
#[must_use]
pub fn seconds(micros: u64) -> String {
    let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
    if fraction == 0 {
        return whole.to_string();
    }
    let digits = format!("{fraction:06}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}
