//! States, faults and what is installed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// State of an instance or a sync group, as everybody outside sees it (`runtime.md` 8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    /// Not started yet.
    #[default]
    Init,
    /// Follows a master.
    Backup,
    /// Holds the addresses.
    Master,
    /// Something it needs is missing.
    Fault,
    /// Removed by a reload.
    Deleted,
    /// The daemon stops.
    Stop,
}

impl State {
    /// The number on D-Bus, in JSON and in SNMP: 0 to 3, 97 deleted, 98 stop.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::Init => 0,
            Self::Backup => 1,
            Self::Master => 2,
            Self::Fault => 3,
            Self::Deleted => 97,
            Self::Stop => 98,
        }
    }

    /// The state with this number.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            0 => Self::Init,
            1 => Self::Backup,
            2 => Self::Master,
            3 => Self::Fault,
            97 => Self::Deleted,
            98 => Self::Stop,
            _ => return None,
        })
    }

    /// The word of the `State` property on D-Bus.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Init => "Init",
            Self::Backup => "Backup",
            Self::Master => "Master",
            Self::Fault => "Fault",
            Self::Deleted => "Deleted",
            Self::Stop => "Stop",
        }
    }
}

/// The word of logs, dumps and scripts: `MASTER`.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Init => "INIT",
            Self::Backup => "BACKUP",
            Self::Master => "MASTER",
            Self::Fault => "FAULT",
            Self::Deleted => "DELETED",
            Self::Stop => "STOP",
        })
    }
}

/// Why an instance is in FAULT (`vrrp.md` 8.2); no reason means it is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Faults {
    /// Trackers without weight that fail: scripts, files, processes, BFD sessions.
    pub trackers: u32,
    /// Interfaces that are down: its own, tracked ones, those of its addresses and routes.
    pub interfaces: u32,
    /// The base interface of its VMAC is down.
    pub base_interface: bool,
    /// Another instance on the interface has its VRID.
    pub duplicate_vrid: bool,
    /// The interface has no address to send from.
    pub no_source: bool,
    /// The configuration forbids it to run.
    pub config: bool,
}

impl Faults {
    /// Does any reason hold?
    #[must_use]
    pub const fn any(&self) -> bool {
        self.trackers > 0 || self.has_flag()
    }

    /// Does a reason beside trackers hold?
    #[must_use]
    pub const fn has_flag(&self) -> bool {
        self.interfaces > 0 || self.base_interface || self.duplicate_vrid || self.no_source || self.config
    }

    /// The reasons beside trackers, in the words of the data dump.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.interfaces > 0, "i/f down"),
            (self.base_interface, "base i/f down"),
            (self.duplicate_vrid, "duplicate VRID"),
            (self.no_source, "no source IP address"),
            (self.config, "config error"),
        ]
        .into_iter()
        .filter_map(|(set, word)| set.then_some(word))
    }
}

/// Which members of a list of addresses, routes or rules are installed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Applied {
    /// None of them.
    #[default]
    None,
    /// All of them.
    All,
    /// Those with `true`, by position.
    Some(Box<[bool]>),
}

impl Applied {
    /// Is the member at `index` installed?
    #[must_use]
    pub fn has(&self, index: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some(set) => set.get(index).copied().unwrap_or(false),
        }
    }

    /// Is at least one installed (for a non-empty list)?
    #[must_use]
    pub fn any(&self) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some(set) => set.contains(&true),
        }
    }
}

impl FromIterator<bool> for Applied {
    fn from_iter<I: IntoIterator<Item = bool>>(iter: I) -> Self {
        let set: Box<[bool]> = iter.into_iter().collect();
        if !set.contains(&true) {
            Self::None
        } else if !set.contains(&false) {
            Self::All
        } else {
            Self::Some(set)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back() {
        for state in [
            State::Init,
            State::Backup,
            State::Master,
            State::Fault,
            State::Deleted,
            State::Stop,
        ] {
            assert_eq!(State::from_code(state.code()), Some(state));
        }
        assert_eq!(State::from_code(4), None);
    }

    #[test]
    fn applied_is_small_when_uniform() {
        assert_eq!([true, true].into_iter().collect::<Applied>(), Applied::All);
        assert_eq!([false].into_iter().collect::<Applied>(), Applied::None);
        assert_eq!([].into_iter().collect::<Applied>(), Applied::None);
        let mixed: Applied = [true, false].into_iter().collect();
        assert!(mixed.has(0) && !mixed.has(1) && !mixed.has(2) && mixed.any());
    }
}
