//! What is tracked, who tracks it, and what follows from a report.

use keepalived_track::{Change, Effect, RiseFall, Standing};

use crate::{
    input::TrackerReport,
    mutation::{Mutant, Mutation},
    spec::{InstanceId, TrackerId, TrackerKind, TrackerSpec, TrackerUse},
};

/// One instance that tracks something: its place in the instance's list, and the instance's generation, so that an instance that is
/// gone needs no search here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User {
    pub(crate) instance: InstanceId,
    pub(crate) generation: u32,
    pub(crate) place: usize,
}

#[derive(Debug)]
pub(crate) struct Tracker {
    spec: TrackerSpec,
    counter: Option<RiseFall>,
    pub(crate) standing: Standing,
    pub(crate) users: Vec<User>,
}

/// What a report changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    /// Good now.
    pub(crate) good: bool,
    /// For the first time, or taken for granted.
    pub(crate) assumed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Trackers {
    list: Vec<Option<Tracker>>,
}

impl Trackers {
    /// The whole list of a configuration: what is known of a tracker that stays is kept, users are forgotten.
    pub(crate) fn configure(&mut self, specs: Vec<TrackerSpec>) {
        let mut old = std::mem::take(&mut self.list);
        for spec in specs.into_iter().filter(|s| s.id.0 < InstanceId::LIMIT) {
            let index = spec.id.0 as usize;
            let known = old.get_mut(index).and_then(Option::take);
            if self.list.len() <= index {
                self.list.resize_with(index + 1, || None);
            }
            self.list[index] = Some(Tracker::new(spec, known));
        }
    }

    pub(crate) fn get_mut(&mut self, id: TrackerId) -> Option<&mut Tracker> {
        self.list.get_mut(id.0 as usize)?.as_mut()
    }

    /// Where the counter of a script stands.
    pub(crate) fn script_result(&self, id: TrackerId) -> Option<u32> {
        let tracker = self.list.get(id.0 as usize)?.as_ref()?;
        tracker.counter.as_ref().map(RiseFall::result)
    }

    /// The standing of a tracker; one that does not exist is bad.
    pub(crate) fn standing(&self, id: TrackerId) -> Standing {
        match self.list.get(id.0 as usize) {
            Some(Some(tracker)) => tracker.standing,
            _ => Standing::Bad,
        }
    }

    /// Notes that an instance tracks something.
    pub(crate) fn join(&mut self, id: TrackerId, user: User) {
        if let Some(tracker) = self.get_mut(id) {
            tracker.users.push(user);
        }
    }
}

impl Tracker {
    fn new(spec: TrackerSpec, known: Option<Self>) -> Self {
        let known = known.filter(|k| std::mem::discriminant(&k.spec.kind) == std::mem::discriminant(&spec.kind));
        let (mut counter, standing) = match known {
            Some(k) => (k.counter, k.standing),
            None => (None, unknown(spec.kind)),
        };
        if let TrackerKind::Script { rise, fall } = spec.kind {
            counter
                .get_or_insert_with(|| RiseFall::new(rise, fall))
                .rescale(rise, fall);
        }
        let initial = spec.initial;
        let mut tracker = Self {
            spec,
            counter,
            standing,
            users: Vec::new(),
        };
        if let Some(report) = initial {
            tracker.report(report);
        }
        tracker
    }

    /// A report; `None` when it changes nothing.
    pub(crate) fn report(&mut self, report: TrackerReport) -> Option<Changed> {
        let before = self.standing;
        let assumed = matches!(before, Standing::Awaited | Standing::Assumed);
        self.standing = match (report, &mut self.counter) {
            (TrackerReport::Value(v), _) => Standing::Value(v),
            (TrackerReport::Assumed, _) => Standing::Assumed,
            (TrackerReport::Good(success), Some(counter)) => match counter.record(success) {
                Change::None => before,
                Change::Good => Standing::Good,
                Change::Bad => Standing::Bad,
            },
            (TrackerReport::Good(true), None) => Standing::Good,
            (TrackerReport::Good(false), None) => Standing::Bad,
        };
        let good = self.standing == Standing::Good;
        (self.standing != before).then_some(Changed { good, assumed })
    }

    /// Does it change like something good or bad, and not like a number?
    pub(crate) fn is_binary(&self) -> bool {
        !matches!(self.standing, Standing::Value(_))
    }

    pub(crate) fn is_interface(&self) -> bool {
        self.spec.kind == TrackerKind::Interface
    }
}

/// What a standing does to an instance that uses a tracker.
pub(crate) fn effect(mutant: Mutant, standing: Standing, used: TrackerUse, before: Effect) -> Effect {
    let reverse = used.reverse && !mutant.is(Mutation::IgnoreReverse);
    let mut effect = Effect::of(standing, used.weight, reverse, before);
    if mutant.is(Mutation::IgnoreWeights) {
        effect.weight = 0;
    }
    if mutant.is(Mutation::FileNeverFaults) && matches!(standing, Standing::Value(_)) {
        effect.fault = false;
    }
    effect
}

/// What holds before the first report: only scripts are waited for.
fn unknown(kind: TrackerKind) -> Standing {
    match kind {
        TrackerKind::Script { .. } => Standing::Awaited,
        TrackerKind::File => Standing::Value(0),
        TrackerKind::Interface | TrackerKind::Process | TrackerKind::Bfd => Standing::Bad,
    }
}
