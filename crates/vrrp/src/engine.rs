//! The engine: inputs are told apart here, instances do the rest.

use std::net::IpAddr;

use crate::{
    action::{Action, LogEvent, Reason},
    announce,
    auth::Wall,
    group::{Group, Share},
    input::{Input, KernelOutcome, Received, Ticket, TrackerReport},
    instance::{Outbox, Slot, Timer},
    mutation::Mutation,
    spec::{Fault, GroupId, InstanceId, InstanceSpec, TrackerId},
    stats::Stats,
    table::{Event, State},
    trackers::Trackers,
};
use keepalived_model::{
    time::{Instant, Micros},
    units::Priority,
};

/// Timers that come up so soon are looked at when there is something else to do: the shortest interval of adverts.
const AHEAD: Micros = Micros(10_000);

/// All elections of one process.
#[derive(Debug, Default)]
pub struct Engine {
    pub(crate) slots: Vec<Option<Box<Slot>>>,
    /// Configuration order.
    pub(crate) order: Vec<InstanceId>,
    pub(crate) trackers: Trackers,
    pub(crate) out: Outbox,
    pub(crate) generations: u32,
    pub(crate) groups: Vec<Group>,
}

impl Engine {
    /// Something happened at `now`.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Packet(packet) => self.packet(now, &packet),
            Input::StartupDelay(delay) => self.out.quiet_until = now + delay,
            Input::WallClock(time) => self.out.wall = Wall::new(time, now),
            Input::Reconfigure(wish) => self.reconfigure(now, *wish),
            Input::Add(id, spec) => self.add(now, id, *spec),
            Input::Remove(id) => self.remove(now, id),
            Input::AdvertiseNow => self.advertise_now(now),
            Input::Tracker(id, report) => self.tracker(now, id, report),
            Input::Fault(id, fault, on) => self.fault(now, id, fault, on),
            Input::SourceAddress(id, source) => self.source_address(now, id, source),
            Input::ObjectDeleted(id, object) => self.with(now, id, |slot, out| slot.object_deleted(out, now, object)),
            Input::Reinstall(id) => self.with(now, id, |slot, out| slot.reinstall(out)),
            Input::KernelDone(ticket, outcome) => self.kernel_done(now, ticket, outcome),
            Input::SetPriority(id, priority) => self.set_priority(now, id, priority),
            Input::SendGarp(id) => self.send_garp(now, id),
            Input::ClearStats(which) => self.clear_stats(now, which),
            Input::Stop { release } => self.stop(now, release),
        }
    }

    /// Fires every timer that is due, each once however late it is: what it arms again is armed from `now`. Early calls do no harm, and
    /// spare a wake: a down timer that adverts have put off since is moved before it comes up.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(number) = self.out.timers.pop_due(now) {
            let (id, timer) = (InstanceId(number / Timer::COUNT), Timer::of(number));
            if timer != Timer::Main || self.group_lets_master(now, id) {
                self.with(now, id, |slot, out| slot.timer_due(out, now, timer));
            }
        }
        while let Some(lane) = self.out.pacing.pop_due(now) {
            announce::lane_due(&mut self.slots, &mut self.out, now, lane);
        }
        self.out.timers.refresh(now + AHEAD);
    }

    /// The next wish, in order; to be called until `None` after each input and each timeout.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.out.actions.pop_front()
    }

    /// Does [`Engine::poll_action`] have something to give?
    #[must_use]
    pub fn has_actions(&self) -> bool {
        !self.out.actions.is_empty()
    }

    /// When to call [`Engine::handle_timeout`]: never later than its next work, perhaps earlier.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        match (self.out.timers.next(), self.out.pacing.next()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// What is to be seen of an instance.
    #[must_use]
    pub fn view(&self, id: InstanceId) -> Option<InstanceView<'_>> {
        let slot = self.slots.get(id.index())?.as_deref()?;
        Some(InstanceView {
            spec: &slot.spec,
            state: slot.state,
            want: slot.want,
            awaiting: slot.awaiting,
            base_priority: slot.base,
            total_priority: i32::from(slot.base).saturating_add(slot.tally.weight),
            effective_priority: slot.effective,
            master: slot.master,
            master_priority: slot.master_priority,
            master_interval: slot.master_interval,
            last_transition: slot.last_transition,
            last_advert_sent: slot.last_sent,
            deadline: self.out.timers.deadline(slot.timer(Timer::Main)),
            source: slot.spec.source,
            tracker_faults: slot.tally.faults,
            faults: slot.faults,
            awaited: slot.tally.awaited,
            old_checksum: slot.old_checksum,
            group: slot.group.map(GroupId),
            stats: &slot.stats,
        })
    }

    /// Where the rise/fall counter of a script stands: 0..=`rise`+`fall`-1. `None` for what is no script.
    #[must_use]
    pub fn script_result(&self, id: TrackerId) -> Option<u32> {
        self.trackers.script_result(id)
    }

    /// Looks anew at every advert that comes next, however familiar; the outcome is the same. For tests, which compare.
    #[doc(hidden)]
    pub fn forget_echoes(&mut self) {
        self.slots.iter_mut().flatten().for_each(|slot| slot.echo = None);
    }

    /// Every instance there is, in configuration order.
    pub fn ids(&self) -> impl Iterator<Item = InstanceId> + '_ {
        self.order.iter().copied().filter(|id| self.exists(*id))
    }

    pub(crate) fn exists(&self, id: InstanceId) -> bool {
        matches!(self.slots.get(id.index()), Some(Some(_)))
    }

    /// Lets an instance act; nothing when it does not exist. Then its sync group follows, if it has one.
    pub(crate) fn with(&mut self, now: Instant, id: InstanceId, act: impl FnOnce(&mut Slot, &mut Outbox)) {
        let Some(Some(slot)) = self.slots.get_mut(id.index()) else {
            return;
        };
        let Some(group) = slot.group else {
            return act(slot, &mut self.out);
        };
        let before = Share::of(slot);
        act(slot, &mut self.out);
        let after = Share::of(slot);
        let stir = std::mem::take(&mut slot.stir_group);
        if before != after || stir {
            self.group_follows(now, group, id, before, after, stir);
        }
    }

    fn packet(&mut self, now: Instant, packet: &Received<'_>) {
        if let Some(Some(slot)) = self.slots.get_mut(packet.instance.index())
            && slot.follows_echo(&mut self.out, now, packet)
        {
            return;
        }
        self.with(now, packet.instance, |slot, out| slot.packet(out, now, packet));
    }

    fn advertise_now(&mut self, now: Instant) {
        for slot in self.slots.iter_mut().flatten().filter(|s| s.state == State::Master) {
            slot.advertise(&mut self.out, now);
        }
    }

    fn tracker(&mut self, now: Instant, id: TrackerId, report: TrackerReport) {
        let Some(tracker) = self.trackers.get_mut(id) else {
            return;
        };
        let Some(changed) = tracker.report(report) else { return };
        if tracker.is_binary() {
            self.out.actions.push_back(Action::TrackerChanged {
                tracker: id,
                good: changed.good,
                assumed: changed.assumed,
            });
        }
        let standing = tracker.standing;
        let forget = tracker.is_interface() && changed.good && self.out.mutant.is(Mutation::ForgetFaults);
        let mut users = std::mem::take(&mut tracker.users);
        users.retain(|user| {
            let slot = self.slots.get(user.instance.index()).and_then(Option::as_ref);
            let there = slot.is_some_and(|s| s.generation == user.generation);
            if there {
                self.with(now, user.instance, |slot, out| {
                    slot.tracked(out, now, user.place, standing, forget)
                });
            }
            there
        });
        if let Some(tracker) = self.trackers.get_mut(id) {
            tracker.users = users;
        }
    }

    fn fault(&mut self, now: Instant, id: InstanceId, fault: Fault, on: bool) {
        self.with(now, id, |slot, out| {
            let bit = 1 << fault as u8;
            slot.faults = if on { slot.faults | bit } else { slot.faults & !bit };
            slot.reconsider(out, now);
        });
    }

    fn source_address(&mut self, now: Instant, id: InstanceId, source: Option<IpAddr>) {
        self.with(now, id, |slot, out| {
            if slot.spec.source == source {
                return;
            }
            if source.is_none() {
                // priority 0 must still leave from the address that is going
                slot.faults |= 1 << Fault::NoSourceAddress as u8;
                slot.reconsider(out, now);
            }
            slot.set_source(source);
            slot.reconsider(out, now);
        });
    }

    fn kernel_done(&mut self, now: Instant, ticket: Ticket, outcome: KernelOutcome) {
        self.with(now, ticket.instance, |slot, out| {
            if outcome.failed > 0 {
                slot.log(out, LogEvent::KernelRefused { failed: outcome.failed });
            }
            if slot.installing == Some(ticket.serial) {
                slot.installed(out, now);
            }
        });
    }

    fn set_priority(&mut self, now: Instant, id: InstanceId, priority: Priority) {
        self.with(now, id, |slot, out| {
            slot.base = priority.get();
            slot.refresh_priority(out, now);
        });
    }

    fn send_garp(&mut self, now: Instant, id: InstanceId) {
        self.with(now, id, |slot, out| {
            if slot.state == State::Master && slot.installing.is_none() {
                let rounds = slot.spec.config.garp.repeat.max(1);
                slot.burst(out, now, rounds);
            }
        });
    }

    fn clear_stats(&mut self, now: Instant, which: Option<InstanceId>) {
        match which {
            Some(id) => self.with(now, id, |slot, _| slot.stats = Stats::default()),
            None => self.slots.iter_mut().flatten().for_each(|s| s.stats = Stats::default()),
        }
    }

    fn stop(&mut self, now: Instant, release: bool) {
        let event = if release { Event::Stop } else { Event::Abandon };
        for id in &self.order {
            if let Some(Some(slot)) = self.slots.get_mut(id.index()) {
                slot.transition(&mut self.out, now, event, Reason::Stop);
                slot.cancel_announcements(&mut self.out);
            }
        }
        self.stop_groups();
    }

    /// Makes the engine decide wrongly in one respect.
    #[cfg(feature = "mutations")]
    pub fn mutate(&mut self, mutation: Option<Mutation>) {
        self.out.mutant = crate::mutation::Mutant(mutation);
    }
}

/// What is to be seen of one instance.
#[derive(Clone, Copy, Debug)]
pub struct InstanceView<'a> {
    /// As configured.
    pub spec: &'a InstanceSpec,
    /// State.
    pub state: State,
    /// What it would like to be (`wantstate`).
    pub want: State,
    /// It is in FAULT only because first results of scripts are awaited, and nobody was told.
    pub awaiting: bool,
    /// Base priority now.
    pub base_priority: u8,
    /// Base priority and weights, not clamped.
    pub total_priority: i32,
    /// What adverts say.
    pub effective_priority: u8,
    /// The master heard last.
    pub master: Option<IpAddr>,
    /// Its priority.
    pub master_priority: u8,
    /// Interval of the master, ours when there is none.
    pub master_interval: Micros,
    /// When the state changed last.
    pub last_transition: Instant,
    /// When the last advert was sent.
    pub last_advert_sent: Option<Instant>,
    /// When the master down timer (BACKUP) or the advert timer (MASTER) runs out.
    pub deadline: Option<Instant>,
    /// Address it sends from.
    pub source: Option<IpAddr>,
    /// Trackers that are bad and have no weight.
    pub tracker_faults: u32,
    /// Faults of its own, a bit each by [`crate::Fault`].
    pub faults: u8,
    /// Trackers without weight whose first result is awaited.
    pub awaited: u32,
    /// Uses the unicast checksum of versions up to 1.3.6.
    pub old_checksum: bool,
    /// Its sync group.
    pub group: Option<GroupId>,
    /// Counters.
    pub stats: &'a Stats,
}
