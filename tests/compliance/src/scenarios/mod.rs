//! The scenarios, one file a subject. Names like `A14` are rows of appendix A of the VRRP description, `R8` rows of
//! section 13 of the run-time description.

pub mod addresses;
pub mod bfd;
pub mod broken;
pub mod config;
pub mod corpus;
pub mod fifo;
pub mod firewall;
pub mod garp;
pub mod group_trackers;
pub mod groups;
pub mod header;
pub mod interfaces;
pub mod kernel;
pub mod keys;
pub mod mail;
pub mod malformed;
pub mod notify;
pub mod packets;
pub mod pairs;
pub mod preemption;
pub mod processes;
pub mod reload;
pub mod reload_more;
pub mod routing;
pub mod runtime_children;
pub mod runtime_files;
pub mod runtime_place;
pub mod runtime_reload;
pub mod runtime_start;
pub mod scripts;
pub mod signed;
pub mod sockets;
pub mod statics;
pub mod strict;
pub mod text;
pub mod timers;
pub mod tracking;
pub mod vmac;

use crate::kernel::Feature;
use crate::outcome::Verdict;
use crate::run::Run;

/// What a scenario does with its lab.
pub type Work = fn(&mut Run) -> Verdict;

/// With which programs a scenario is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Participants {
    /// Once with the original on every router, once with ours.
    Each,
    /// Only with ours: the original is known to have no such behaviour.
    Ours,
    /// Once with both side by side, each in a place of its own: what they make of it is compared.
    Beside,
    /// With each alone and with the original on one router and ours on the other, both ways round.
    Pairs,
    /// Only with the original on one router and ours on the other, both ways round.
    Mixed,
}

/// One scenario.
#[derive(Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub group: &'static str,
    pub about: &'static str,
    pub participants: Participants,
    /// What the original does otherwise, if it does; the scenario then checks exactly that of it.
    pub reference_deviates: Option<&'static str>,
    /// Whether it runs scripts or raises priorities, which a user namespace with a single user cannot do.
    pub needs_root: bool,
    /// What not every kernel has; where one of them is missing it is skipped.
    pub needs: &'static [Feature],
    /// About how long it takes, for the order in which scenarios are started.
    pub seconds: u32,
    pub work: Work,
}

impl Scenario {
    /// A scenario for both programs, each by itself.
    pub const fn each(name: &'static str, group: &'static str, seconds: u32, about: &'static str, work: Work) -> Self {
        Self {
            name,
            group,
            about,
            participants: Participants::Each,
            reference_deviates: None,
            needs_root: false,
            needs: &[],
            seconds,
            work,
        }
    }

    /// A scenario that compares both programs.
    pub const fn beside(
        name: &'static str,
        group: &'static str,
        seconds: u32,
        about: &'static str,
        work: Work,
    ) -> Self {
        Self {
            participants: Participants::Beside,
            ..Self::each(name, group, seconds, about, work)
        }
    }

    /// The same for ours only.
    pub const fn ours(self) -> Self {
        Self {
            participants: Participants::Ours,
            ..self
        }
    }

    /// The same with mixed pairs too.
    pub const fn pairs(self) -> Self {
        Self {
            participants: Participants::Pairs,
            ..self
        }
    }

    /// The same with mixed pairs only.
    pub const fn mixed(self) -> Self {
        Self {
            participants: Participants::Mixed,
            ..self
        }
    }

    /// The same with a known misbehaviour of the original.
    pub const fn reference_deviates(self, how: &'static str) -> Self {
        Self {
            reference_deviates: Some(how),
            ..self
        }
    }

    /// The same for real root, or a user namespace with more than one user.
    pub const fn needs_root(self) -> Self {
        Self {
            needs_root: true,
            ..self
        }
    }

    /// The same for kernels that have all of these.
    pub const fn needs(self, needs: &'static [Feature]) -> Self {
        Self { needs, ..self }
    }

    /// Whether a word on the command line means this scenario: its name, a prefix ending at a letter, or its group.
    pub fn answers_to(&self, word: &str) -> bool {
        let same = |part: &str| part.eq_ignore_ascii_case(word);
        let variant = self.name.len() > word.len()
            && self.name[..word.len()].eq_ignore_ascii_case(word)
            && self.name[word.len()..].starts_with(|c: char| c.is_ascii_lowercase() || c == '-');
        same(self.name) || same(self.group) || variant
    }
}

/// All scenarios in the order of the descriptions.
pub fn all() -> Vec<&'static Scenario> {
    let groups = [
        timers::SCENARIOS,
        preemption::SCENARIOS,
        packets::SCENARIOS,
        addresses::SCENARIOS,
        scripts::SCENARIOS,
        tracking::SCENARIOS,
        sockets::SCENARIOS,
        strict::SCENARIOS,
        processes::SCENARIOS,
        bfd::SCENARIOS,
        groups::SCENARIOS,
        group_trackers::SCENARIOS,
        header::SCENARIOS,
        corpus::SCENARIOS,
        firewall::SCENARIOS,
        signed::SCENARIOS,
        keys::SCENARIOS,
        garp::SCENARIOS,
        reload::SCENARIOS,
        reload_more::SCENARIOS,
        routing::SCENARIOS,
        statics::SCENARIOS,
        pairs::SCENARIOS,
        runtime_start::SCENARIOS,
        runtime_files::SCENARIOS,
        runtime_children::SCENARIOS,
        runtime_reload::SCENARIOS,
        runtime_place::SCENARIOS,
        broken::SCENARIOS,
        config::SCENARIOS,
        fifo::SCENARIOS,
        notify::SCENARIOS,
        mail::SCENARIOS,
        malformed::SCENARIOS,
        vmac::SCENARIOS,
    ];
    groups
        .into_iter()
        .chain(interfaces::SCENARIOS)
        .chain(kernel::SCENARIOS)
        .flatten()
        .collect()
}
