//! What a node tracks, what it finds there, and what must follow from it: worked out anew from `vrrp.md` section 8, so that the engine's
//! arithmetic has a second opinion.

use keepalived_vrrp::{TrackerId, TrackerKind, TrackerReport, TrackerSpec, TrackerUse};

use crate::random::Random;

pub(crate) const LINK: TrackerId = TrackerId(0);
pub(crate) const UPLINK: TrackerId = TrackerId(1);
pub(crate) const SCRIPT: TrackerId = TrackerId(2);
pub(crate) const FILE: TrackerId = TrackerId(3);
pub(crate) const PROCESS: TrackerId = TrackerId(4);

/// Weight (0: failure is a fault) and `reverse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight(pub i16, pub bool);

/// What a node's configuration says about tracking; every instance tracks its link without weight.
#[derive(Clone, Debug)]
pub struct TrackPlan {
    /// Its script, tracked by all instances.
    pub script: Weight,
    /// Its file, tracked by all instances.
    pub file: Option<Weight>,
    /// Its process, tracked by all instances.
    pub process: Option<Weight>,
    /// The only instance that tracks the second interface; `None`: all do.
    pub uplink_of: Option<usize>,
}

impl TrackPlan {
    pub(crate) fn of(r: &mut Random, routers: usize, owner: bool) -> Self {
        let weight = |r: &mut Random| Weight(r.pick(&[0, 0, -30, 40]), r.percent(20));
        let script = Weight(r.pick(&[0, 0, -30, 40]), r.percent(15));
        let mut file = r
            .percent(40)
            .then(|| Weight(r.pick(&[0, 1, 2, -3, 254]), r.percent(30)));
        let process = r.percent(30).then(|| weight(r));
        if owner {
            // weighted trackers of owners are removed with their configuration
            file = file.filter(|f| f.0 == 0);
        }
        Self {
            script,
            file,
            process,
            uplink_of: r.percent(50).then(|| r.range(0, routers as u64 - 1) as usize),
        }
    }

    /// What an instance tracks.
    pub(crate) fn uses(&self, instance: usize) -> Vec<TrackerUse> {
        let weighted = |tracker, Weight(weight, reverse)| TrackerUse {
            tracker,
            weight,
            reverse,
        };
        let mut uses = vec![TrackerUse::fault(LINK), weighted(SCRIPT, self.script)];
        if self.uplink_of.is_none_or(|only| only == instance) {
            uses.push(TrackerUse::fault(UPLINK));
        }
        uses.extend(self.file.map(|w| weighted(FILE, w)));
        uses.extend(self.process.map(|w| weighted(PROCESS, w)));
        uses
    }
}

/// What is found there now.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) link: bool,
    pub(crate) uplink: bool,
    pub(crate) script: bool,
    pub(crate) file: i32,
    pub(crate) process: bool,
}

impl Found {
    pub(crate) const fn all_well() -> Self {
        Self {
            link: true,
            uplink: true,
            script: true,
            file: 0,
            process: true,
        }
    }

    /// The trackers as a process tells its engine of them; at its start with what is known, the script excepted.
    pub(crate) fn specs(&self, first: bool) -> Vec<TrackerSpec> {
        let tracker = |id, kind, report: Option<TrackerReport>| TrackerSpec {
            id,
            name: "tracker".into(),
            kind,
            initial: report.filter(|_| first),
        };
        let good = |good| Some(TrackerReport::Good(good));
        vec![
            tracker(LINK, TrackerKind::Interface, good(self.link)),
            tracker(UPLINK, TrackerKind::Interface, good(self.uplink)),
            tracker(SCRIPT, TrackerKind::Script { rise: 1, fall: 1 }, None),
            tracker(FILE, TrackerKind::File, Some(TrackerReport::Value(self.file))),
            tracker(PROCESS, TrackerKind::Process, good(self.process)),
        ]
    }

    /// Must this instance be in FAULT for a reason of its own?
    pub(crate) fn faulty(&self, plan: &TrackPlan, instance: usize) -> bool {
        let fails = |good: bool, Weight(weight, reverse)| weight == 0 && good == reverse;
        let uplink = plan.uplink_of.is_none_or(|only| only == instance) && !self.uplink;
        !self.link
            || uplink
            || fails(self.script, plan.script)
            || plan.process.is_some_and(|w| fails(self.process, w))
            || plan.file.is_some_and(|w| self.number(w).is_none())
    }

    /// What is added to every priority.
    pub(crate) fn added(&self, plan: &TrackPlan) -> i32 {
        let add = |good: bool, Weight(weight, reverse)| {
            let counts = (weight > 0) == good;
            let sign = if reverse { -1 } else { 1 };
            if counts { i32::from(weight) * sign } else { 0 }
        };
        add(self.script, plan.script)
            + plan.process.map_or(0, |w| add(self.process, w))
            + plan.file.and_then(|w| self.number(w)).unwrap_or(0)
    }

    /// What the number in the file adds; `None` when it is a fault.
    fn number(&self, Weight(weight, reverse): Weight) -> Option<i32> {
        if weight == 0 {
            return ((self.file != 0) == reverse).then_some(0);
        }
        let sum = i64::from(self.file) * i64::from(weight) * if reverse { -1 } else { 1 };
        (sum > -254).then(|| sum.min(253) as i32)
    }
}
