//! The state machine as a table (RFC 9568 section 6.4, `vrrp.md` 6.12). The engine looks transitions up here and nowhere else;
//! `docs/diagrams/vrrp-states.md` is printed from it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// State of one instance. The numbers are those that D-Bus, SNMP and JSON show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum State {
    /// Not started.
    #[default]
    Init = 0,
    /// BACKUP.
    Backup = 1,
    /// MASTER.
    Master = 2,
    /// FAULT. While first results of scripts are awaited it is FAULT too, but nobody is told.
    Fault = 3,
    /// Stopped, for good.
    Stopped = 98,
}

impl State {
    /// The word users know.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Backup => "BACKUP",
            Self::Master => "MASTER",
            Self::Fault => "FAULT",
            Self::Stopped => "STOP",
        }
    }
}

/// What can move an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// It starts, nothing special.
    Start,
    /// It starts as the owner of its addresses, wanting MASTER.
    StartOwner,
    /// First results of scripts are awaited.
    Await,
    /// A fault exists.
    Fault,
    /// No fault exists any more.
    Recover,
    /// Master_Down has passed.
    MasterDown,
    /// A better master was heard.
    BetterAdvert,
    /// An installed object was deleted by somebody else.
    ObjectDeleted,
    /// Not scheduled for too long.
    Late,
    /// The process stops, or the instance is removed.
    Stop,
    /// The process stops and leaves everything in place.
    Abandon,
}

/// What a transition does, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Send priority 0.
    Resign,
    /// Take addresses, routes, rules, announcements down.
    Release,
    /// Remove what an earlier run left.
    RemoveLeftovers,
    /// Send an advert, put up firewall, addresses, routes and rules, announce; arm the advert timer.
    Acquire,
    /// Arm the master down timer with Master_Down.
    ArmDown,
    /// Arm the master down timer with the skew only.
    ArmSkew,
    /// Arm nothing.
    Disarm,
    /// Tell the world (after MASTER: when the kernel has answered).
    Notify,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Before.
    pub from: State,
    /// What happens.
    pub event: Event,
    /// After.
    pub to: State,
    /// What is done.
    pub effects: &'static [Effect],
}

const fn row(from: State, event: Event, to: State, effects: &'static [Effect]) -> Row {
    Row {
        from,
        event,
        to,
        effects,
    }
}

/// Every transition there is; a pair that is not here changes nothing.
pub const TABLE: &[Row] = {
    use Effect::{Acquire, ArmDown, ArmSkew, Disarm, Notify, Release, RemoveLeftovers, Resign};
    use State::{Backup, Init, Master, Stopped};
    &[
        row(Init, Event::Start, Backup, &[RemoveLeftovers, ArmDown, Notify]),
        row(Init, Event::StartOwner, Master, &[RemoveLeftovers, Acquire, Notify]),
        row(Init, Event::Await, State::Fault, &[RemoveLeftovers]),
        row(Init, Event::Fault, State::Fault, &[RemoveLeftovers, Notify]),
        row(Init, Event::Stop, Stopped, &[Notify]),
        row(Init, Event::Abandon, Stopped, &[Notify]),
        row(Backup, Event::MasterDown, Master, &[Acquire, Notify]),
        row(Backup, Event::Fault, State::Fault, &[Disarm, Notify]),
        row(Backup, Event::Stop, Stopped, &[Disarm, Notify]),
        row(Backup, Event::Abandon, Stopped, &[Disarm, Notify]),
        row(Master, Event::BetterAdvert, Backup, &[Release, ArmDown, Notify]),
        row(Master, Event::Late, Backup, &[Release, ArmDown, Notify]),
        row(
            Master,
            Event::ObjectDeleted,
            Backup,
            &[Resign, Release, ArmSkew, Notify],
        ),
        row(Master, Event::Fault, State::Fault, &[Resign, Release, Disarm, Notify]),
        row(Master, Event::Stop, Stopped, &[Resign, Release, Disarm, Notify]),
        row(Master, Event::Abandon, Stopped, &[Disarm, Notify]),
        row(State::Fault, Event::Recover, Backup, &[ArmDown, Notify]),
        row(State::Fault, Event::Fault, State::Fault, &[Notify]),
        row(State::Fault, Event::Stop, Stopped, &[Notify]),
        row(State::Fault, Event::Abandon, Stopped, &[Notify]),
    ]
};

/// The row for an event in a state.
#[must_use]
pub fn lookup(from: State, event: Event) -> Option<&'static Row> {
    TABLE.iter().find(|r| r.from == from && r.event == event)
}

/// The table as a Markdown page with a Mermaid diagram.
#[must_use]
pub fn diagram() -> String {
    let mut out = String::from(
        "<!-- Printed from crates/vrrp/src/table.rs; `UPDATE_DIAGRAMS=1 cargo test -p keepalived-vrrp --test diagram` writes it anew. -->\n\
         # States of a virtual router\n\n```mermaid\nstateDiagram-v2\n    [*] --> INIT\n",
    );
    for r in TABLE {
        let _ = writeln!(out, "    {} --> {}: {:?}", r.from.name(), r.to.name(), r.event);
    }
    out.push_str("    STOP --> [*]\n```\n\n| from | event | to | in this order |\n|---|---|---|---|\n");
    for r in TABLE {
        let effects: Vec<String> = r.effects.iter().map(|e| format!("{e:?}")).collect();
        let _ = writeln!(
            out,
            "| {} | {:?} | {} | {} |",
            r.from.name(),
            r.event,
            r.to.name(),
            effects.join(", ")
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_twice() {
        for (i, a) in TABLE.iter().enumerate() {
            assert!(
                !TABLE[i + 1..].iter().any(|b| a.from == b.from && a.event == b.event),
                "{a:?}"
            );
        }
    }

    #[test]
    fn whoever_stops_being_master_releases_first() {
        for r in TABLE
            .iter()
            .filter(|r| r.from == State::Master && r.event != Event::Abandon)
        {
            assert!(r.effects.contains(&Effect::Release), "{r:?}");
            let resigns = matches!(r.event, Event::Fault | Event::Stop | Event::ObjectDeleted);
            assert_eq!(r.effects.first() == Some(&Effect::Resign), resigns, "{r:?}");
        }
    }
}
