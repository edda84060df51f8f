//! A new configuration: what is the same virtual router keeps its state, the rest goes and comes (`vrrp.md` section 14).

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::Arc,
};

use keepalived_model::{time::Instant, vrrp::Instance};
use keepalived_track::Effect;

use crate::{
    action::{Action, BatchOperation, BatchPart, Reason},
    auth::Sequences,
    engine::Engine,
    input::{ObjectRef, Reconfiguration},
    instance::{Outbox, Slot, Timer},
    mutation::Mutation,
    spec::{Identity, InstanceId, InstanceSpec, TrackerId},
    table::{Event, State},
    trackers::{self, User},
};

impl Engine {
    /// Ids for a new configuration: the old id for what is the same virtual router (the name decides between several), else the lowest
    /// free one. To be used with nothing happening before the `Reconfigure` that carries them.
    #[must_use]
    pub fn assign_ids(&self, specs: &[InstanceSpec]) -> Vec<InstanceId> {
        let mut known: HashMap<Identity, Vec<InstanceId>> = HashMap::new();
        for slot in self.slots.iter().flatten() {
            known.entry(slot.spec.identity()).or_default().push(slot.id);
        }
        let mut ids: Vec<Option<InstanceId>> = vec![None; specs.len()];
        for by_name in [true, false] {
            for (id, spec) in ids.iter_mut().zip(specs).filter(|(id, _)| id.is_none()) {
                let Some(candidates) = known.get_mut(&spec.identity()) else {
                    continue;
                };
                let same_name = |c: &InstanceId| self.name_of(*c) == Some(&*spec.config.name);
                let place = candidates.iter().position(|c| !by_name || same_name(c));
                *id = place.map(|p| candidates.remove(p));
            }
        }
        let taken: BTreeSet<InstanceId> = ids.iter().flatten().copied().collect();
        // ids of instances that go are not used again in the same step: their last actions still carry them
        let mut free = (0..)
            .map(InstanceId)
            .filter(|id| !taken.contains(id) && !self.exists(*id));
        ids.into_iter()
            .map(|id| id.or_else(|| free.next()).unwrap_or(InstanceId(u32::MAX)))
            .collect()
    }

    fn name_of(&self, id: InstanceId) -> Option<&str> {
        let slot = self.slots.get(id.index())?.as_deref()?;
        Some(&slot.spec.config.name)
    }

    pub(crate) fn reconfigure(&mut self, now: Instant, wish: Reconfiguration) {
        self.trackers.configure(wish.trackers);
        // Groups are put together anew below. Until then nobody belongs to one: what leaves must not move those that stay, as if it had
        // left in a running configuration.
        for slot in self.slots.iter_mut().flatten() {
            slot.group = None;
        }
        let wanted: BTreeSet<InstanceId> = wish.instances.iter().map(|(id, _)| *id).collect();
        for id in std::mem::take(&mut self.order) {
            if !wanted.contains(&id) {
                self.drop_instance(now, id);
            }
        }
        self.out.pacing.configure(wish.pacing);
        let mut olds = Vec::with_capacity(wish.instances.len());
        for (id, spec) in wish.instances {
            olds.push((id, self.put(now, id, spec)));
            self.order.push(id);
        }
        self.form_groups(wish.groups);
        for (id, old) in olds {
            self.begin(now, id, old);
        }
        self.settle_groups(now);
    }

    pub(crate) fn add(&mut self, now: Instant, id: InstanceId, spec: InstanceSpec) {
        if !self.exists(id) {
            self.order.push(id);
        }
        let old = self.put(now, id, spec);
        self.begin(now, id, old);
    }

    pub(crate) fn remove(&mut self, now: Instant, id: InstanceId) {
        self.drop_instance(now, id);
        self.order.retain(|o| *o != id);
    }

    fn drop_instance(&mut self, now: Instant, id: InstanceId) {
        let Some(mut slot) = self.slots.get_mut(id.index()).and_then(Option::take) else {
            return;
        };
        slot.transition(&mut self.out, now, Event::Stop, Reason::Removed);
        slot.cancel_announcements(&mut self.out);
        for timer in 0..Timer::COUNT {
            self.out.timers.cancel(id.0 * Timer::COUNT + timer);
        }
        self.leave_group(now, &slot);
    }

    /// Adds an instance, or replaces the one with this id: in place when it is the same virtual router, whose old configuration is
    /// given back. Nothing starts yet.
    fn put(&mut self, now: Instant, id: InstanceId, spec: InstanceSpec) -> Option<Arc<Instance>> {
        if id.0 >= InstanceId::LIMIT {
            return None;
        }
        if self.slots.len() <= id.index() {
            self.slots.resize_with(id.index() + 1, || None);
            self.out.timers.reserve(self.slots.len() * Timer::COUNT as usize);
        }
        self.generations = self.generations.wrapping_add(1);
        let generation = self.generations;
        for (place, used) in spec.trackers.iter().enumerate() {
            let user = User {
                instance: id,
                generation,
                place,
            };
            self.trackers.join(used.tracker, user);
        }
        let same = self.slots[id.index()]
            .as_ref()
            .is_some_and(|s| s.spec.identity() == spec.identity() && s.state != State::Stopped);
        if !same {
            self.drop_instance(now, id);
            let mut slot = Box::new(Slot::new(id, generation, spec, now));
            self.read_trackers(&mut slot, &HashMap::new());
            self.slots[id.index()] = Some(slot);
            return None;
        }
        let mut slot = self.slots[id.index()].take()?;
        let effects = std::mem::take(&mut slot.effects);
        let known: HashMap<TrackerId, Effect> = slot
            .spec
            .trackers
            .iter()
            .map(|used| used.tracker)
            .zip(effects)
            .collect();
        let old = std::mem::replace(&mut slot.spec, spec);
        slot.generation = generation;
        slot.ip_id = 0;
        if self.out.mutant.is(Mutation::ForgetSequence) {
            slot.sequences = Sequences::default();
        }
        slot.base = slot.spec.config.priority.get();
        slot.adopt_spec();
        self.read_trackers(&mut slot, &known);
        self.slots[id.index()] = Some(slot);
        Some(old.config)
    }

    /// Starts an instance, or lets it go on where there was an old configuration.
    fn begin(&mut self, now: Instant, id: InstanceId, old: Option<Arc<Instance>>) {
        let group = self
            .slots
            .get(id.index())
            .and_then(Option::as_ref)
            .and_then(|s| s.group);
        let steps_down = self.group_is_backup(group);
        let Some(Some(slot)) = self.slots.get_mut(id.index()) else {
            return;
        };
        match old {
            Some(old) => {
                if steps_down && slot.state == State::Master {
                    slot.step_down(&mut self.out, now, &old);
                }
                slot.resume(&mut self.out, now, &old);
            }
            None => {
                let lone = slot
                    .group
                    .is_none_or(|g| self.groups.get(g as usize).is_some_and(|g| g.all_owners));
                // an owner that joins a group which has to begin anew begins with it
                let joins = steps_down && now >= self.out.quiet_until;
                slot.start(&mut self.out, now, lone && !joins);
            }
        }
    }

    /// Effects of all its trackers as they stand; `known` are those under the configuration before.
    fn read_trackers(&self, slot: &mut Slot, known: &HashMap<TrackerId, Effect>) {
        slot.effects.clear();
        slot.tally = keepalived_track::Tally::default();
        for used in &slot.spec.trackers {
            let before = known.get(&used.tracker).copied().unwrap_or_default();
            let standing = self.trackers.standing(used.tracker);
            let effect = trackers::effect(self.out.mutant, standing, *used, before);
            slot.tally.replace(Effect::default(), effect);
            slot.effects.push(effect);
        }
    }
}

impl Slot {
    /// A MASTER that finds itself in a group that is not MASTER leaves what it had under its old configuration. It is told of as what it
    /// is now: by its new name and with its new priority.
    fn step_down(&mut self, out: &mut Outbox, now: Instant, old: &Arc<Instance>) {
        self.effective = self.computed_priority();
        let new = std::mem::replace(&mut self.spec.config, old.clone());
        let told = out.actions.len();
        self.transition(out, now, Event::BetterAdvert, Reason::Group);
        for action in out.actions.range_mut(told..) {
            if let Action::State(change) = action {
                change.config = new.clone();
            }
        }
        self.spec.config = new;
    }

    /// Goes on with a new configuration: state, statistics and what was learnt stay, timers begin anew (`vrrp.md` section 14 item 4).
    fn resume(&mut self, out: &mut Outbox, now: Instant, old: &Arc<Instance>) {
        self.preempt_at = None;
        if self.state == State::Master {
            self.resume_master(out, now, old);
        }
        self.refresh_priority(out, now);
        self.reconsider(out, now);
        match self.state {
            State::Master => self.advertise(out, now),
            State::Backup => {
                let down = now.max(out.quiet_until) + self.master_down(out.mutant);
                out.timers.arm(self.timer(Timer::Main), down);
            }
            _ => {}
        }
    }

    /// Objects that went are removed under the old configuration, those that came are installed; then everything is announced.
    fn resume_master(&mut self, out: &mut Outbox, now: Instant, old: &Arc<Instance>) {
        let new = self.spec.config.clone();
        let gone = missing(old, &new);
        let came = missing(&new, old);
        self.spec.config = old.clone();
        // What stays shielded is so all the time: the driver compares before it acts.
        self.shield(out, false);
        self.renumber_lost();
        let new_refresh = new.garp.refresh;
        self.batch(out, BatchOperation::Remove, BatchPart::Some(gone));
        self.spec.config = new;
        self.shield(out, true);
        if !came.is_empty() {
            self.cancel_announcements(out);
            self.batch(out, BatchOperation::Install, BatchPart::Some(came));
        } else if !new_refresh.is_zero() && out.timers.deadline(self.timer(Timer::Refresh)).is_none() {
            out.timers.arm(self.timer(Timer::Refresh), now + new_refresh);
        }
    }
}

/// Objects of `a` that `b` does not have.
fn missing(a: &Instance, b: &Instance) -> Box<[ObjectRef]> {
    let mut list = Vec::new();
    let addresses = |i: &'_ Instance| {
        i.addresses
            .iter()
            .chain(&i.excluded_addresses)
            .cloned()
            .collect::<Vec<_>>()
    };
    difference(&addresses(a), &addresses(b), |n| list.push(ObjectRef::Address(n)));
    difference(&a.routes, &b.routes, |n| list.push(ObjectRef::Route(n)));
    difference(&a.rules, &b.rules, |n| list.push(ObjectRef::Rule(n)));
    list.into()
}

fn difference<T: Hash + Eq>(a: &[T], b: &[T], mut found: impl FnMut(u16)) {
    let there: std::collections::HashSet<&T> = b.iter().collect();
    for (n, item) in (0u16..).zip(a) {
        if !there.contains(item) {
            found(n);
        }
    }
}
