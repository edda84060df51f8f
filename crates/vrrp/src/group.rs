//! Sync groups: instances that move together (`vrrp.md` section 7).
//!
//! After an instance has acted, its group compares what it contributes (its [`Share`]) with what it contributed before. Counts are kept,
//! so that a group of any size costs nothing until it moves as a whole.

use std::sync::Arc;

use keepalived_model::{time::Instant, vrrp::SyncGroup};

use crate::{
    action::{Action, GroupChange, LogEvent, Notified, Reason},
    engine::Engine,
    instance::{Hold, Outbox, Slot, Timer},
    mutation::{Mutant, Mutation},
    spec::{GroupId, GroupSpec, InstanceId},
    table::{Event, State},
};

/// What an instance contributes to its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    state: State,
    wants_master: bool,
    faulty: bool,
    awaited: bool,
    untold: bool,
}

impl Share {
    pub(crate) fn of(slot: &Slot) -> Self {
        Self {
            state: slot.state,
            wants_master: slot.want == State::Master,
            faulty: slot.is_faulty(),
            awaited: slot.tally.awaited > 0,
            untold: slot.untold.is_some(),
        }
    }
}

/// One group.
#[derive(Debug)]
pub(crate) struct Group {
    config: Arc<SyncGroup>,
    members: Vec<InstanceId>,
    pub(crate) all_owners: bool,
    state: State,
    /// Every member is MASTER (looked at when the group is formed).
    all_masters: bool,
    /// Some member is at work (looked at when the group is formed).
    working: bool,
    /// Members by what they contribute.
    wanting: usize,
    faulty: usize,
    awaited: usize,
    untold: usize,
    /// It is MASTER, but a member waits for the kernel, so the world has not been told.
    owes_master: bool,
    told: Option<Notified>,
}

impl Group {
    fn count(&mut self, mutant: Mutant, share: Share, add: bool) {
        let change = |n: &mut usize, yes: bool| {
            *n = if add {
                *n + usize::from(yes)
            } else {
                n.saturating_sub(usize::from(yes))
            };
        };
        change(&mut self.wanting, share.wants_master);
        if mutant.is(Mutation::GroupForgetsFaults) && share.faulty {
            self.faulty = usize::from(add);
        } else {
            change(&mut self.faulty, share.faulty);
        }
        change(&mut self.awaited, share.awaited);
        change(&mut self.untold, share.untold);
    }

    fn hold(&self) -> Hold {
        match (self.faulty, self.awaited) {
            (0, 0) => Hold::None,
            (0, _) => Hold::Awaited,
            _ => Hold::Fault,
        }
    }
}

impl Engine {
    /// The groups of a new configuration, after all their members exist. A group that is not known by its name is told of at once.
    pub(crate) fn form_groups(&mut self, specs: Vec<GroupSpec>) {
        let mut old: std::collections::HashMap<Box<str>, Group> = std::mem::take(&mut self.groups)
            .into_iter()
            .map(|g| (g.config.name.clone(), g))
            .collect();
        let mutant = self.out.mutant;
        for slot in self.slots.iter_mut().flatten() {
            slot.group = None;
            slot.hold = Hold::None;
        }
        for spec in specs {
            let number = self.groups.len() as u32;
            let known = old.remove(&spec.config.name);
            let mut group = Group {
                config: spec.config,
                members: Vec::new(),
                all_owners: true,
                all_masters: true,
                working: false,
                state: known.as_ref().map_or(State::Init, |k| k.state),
                wanting: 0,
                faulty: 0,
                awaited: 0,
                untold: 0,
                owes_master: known.as_ref().is_some_and(|k| k.owes_master),
                told: known.and_then(|k| k.told),
            };
            for id in spec.members {
                let slot = self.slots.get_mut(id.index()).and_then(Option::as_mut);
                let Some(slot) = slot.filter(|s| s.group.is_none()) else {
                    continue;
                };
                slot.group = Some(number);
                let wants = slot.spec.config.want_state == keepalived_model::vrrp::WantState::Master;
                group.all_owners &= slot.is_owner() && wants;
                group.all_masters &= slot.state == State::Master;
                group.working |= matches!(slot.state, State::Master | State::Backup);
                group.count(mutant, Share::of(slot), true);
                group.members.push(id);
            }
            let hold = group.hold();
            for id in &group.members {
                if let Some(Some(slot)) = self.slots.get_mut(id.index()) {
                    slot.hold = hold;
                }
            }
            self.groups.push(group);
            self.introduce_group(number);
        }
    }

    /// Where a group begins. It is told of before its members, except in FAULT.
    fn introduce_group(&mut self, number: u32) {
        let quiet = self.out.quiet_until;
        let Some(group) = self.groups.get_mut(number as usize) else {
            return;
        };
        if group.members.is_empty() {
            return;
        }
        if group.state == State::Master && !group.all_masters && group.hold() == Hold::None {
            // A member has come that is not MASTER: they take over together once more.
            group.state = State::Backup;
            group.tell(&mut self.out, number, Notified::Backup);
        }
        if group.state != State::Init {
            return;
        }
        let (state, new) = match group.hold() {
            // told after its members
            Hold::Fault => (State::Fault, None),
            // held back until first results are there, and nobody is told
            Hold::Awaited => (State::Fault, None),
            Hold::None if group.all_masters => (State::Master, Some(Notified::Master)),
            Hold::None if group.all_owners && !group.working && quiet == Instant::default() => {
                (State::Master, Some(Notified::Master))
            }
            Hold::None => (State::Backup, Some(Notified::Backup)),
        };
        group.state = state;
        if let Some(new) = new {
            group.tell(&mut self.out, number, new);
        }
    }

    /// After a new configuration has begun: counts anew, and brings together what the new groups put together.
    pub(crate) fn settle_groups(&mut self, now: Instant) {
        for number in 0..self.groups.len() as u32 {
            self.recount(now, number);
        }
    }

    fn recount(&mut self, now: Instant, number: u32) {
        let mutant = self.out.mutant;
        let Some(group) = self.groups.get_mut(number as usize) else {
            return;
        };
        let members = std::mem::take(&mut group.members);
        (group.wanting, group.faulty, group.awaited, group.untold) = (0, 0, 0, 0);
        for slot in members.iter().filter_map(|id| self.slots.get(id.index())?.as_ref()) {
            group.count(mutant, Share::of(slot), true);
        }
        let first = members.first().copied();
        group.members = members;
        let fault = group.hold() == Hold::Fault;
        if let Some(first) = first {
            if fault && !self.out.mutant.is(Mutation::GroupIgnoresFault) {
                // also those that have joined a group which has its fault already
                self.stop_members(now, number, first);
            }
            self.settle(now, number, first, None);
        }
    }

    /// A member that waited for its first results while the group worked goes where the others are, so that none of them is demoted
    /// without need. If it then hears a better master, all yield.
    fn unite(&mut self, now: Instant, number: u32) {
        let Some(group) = self.groups.get(number as usize).filter(|g| g.hold() == Hold::None) else {
            return;
        };
        let in_state = |id: &&InstanceId, state| {
            let slot = self.slots.get(id.index()).and_then(Option::as_ref);
            slot.is_some_and(|s| s.state == state)
        };
        let master = group.members.iter().find(|id| in_state(id, State::Master)).copied();
        let apart = group.members.iter().any(|id| in_state(&id, State::Backup));
        if let Some(master) = master.filter(|_| apart) {
            self.group_master(now, number, master);
        }
    }

    /// A member has gone for good.
    pub(crate) fn leave_group(&mut self, now: Instant, slot: &Slot) {
        let Some(number) = slot.group else { return };
        let Some(group) = self.groups.get_mut(number as usize) else {
            return;
        };
        group.members.retain(|m| *m != slot.id);
        self.recount(now, number);
    }

    /// The down timer of a member has run out: the group goes MASTER only when all its members would (`vrrp.md` 7.2). A member that
    /// must wait for others waits another Master_Down.
    pub(crate) fn group_lets_master(&mut self, now: Instant, id: InstanceId) -> bool {
        let Some(Some(slot)) = self.slots.get_mut(id.index()) else {
            return false;
        };
        let Some(group) = slot.group.and_then(|g| self.groups.get_mut(g as usize)) else {
            return true;
        };
        if slot.state != State::Backup || group.state == State::Master {
            return true;
        }
        if slot.want != State::Master {
            slot.want = State::Master;
            group.wanting += 1;
        }
        if group.wanting >= group.members.len() || self.out.mutant.is(Mutation::LoneMember) {
            return true;
        }
        slot.log(&mut self.out, LogEvent::ReceiveTimeout);
        let down = slot.master_down(self.out.mutant);
        self.out.timers.arm(slot.timer(Timer::Main), now + down);
        false
    }

    /// A member has changed its share.
    pub(crate) fn group_follows(
        &mut self,
        now: Instant,
        number: u32,
        id: InstanceId,
        before: Share,
        after: Share,
        stir: bool,
    ) {
        let mutant = self.out.mutant;
        let Some(group) = self.groups.get_mut(number as usize) else {
            return;
        };
        group.count(mutant, before, false);
        group.count(mutant, after, true);
        if stir {
            self.each_other(number, id, |slot, out| {
                if slot.state == State::Master {
                    slot.announce_against_lower(out, now);
                }
            });
        }
        self.settle(now, number, id, (before.state != after.state).then_some(after.state));
    }

    /// Brings all members to where the group must be. `moved` is the new state of the member that started it.
    fn settle(&mut self, now: Instant, number: u32, id: InstanceId, moved: Option<State>) {
        let Some(group) = self.groups.get_mut(number as usize) else {
            return;
        };
        let hold = group.hold();
        match (group.state, hold, moved) {
            (_, Hold::Fault, _) if self.out.mutant.is(Mutation::GroupIgnoresFault) => {}
            (_, Hold::Fault, _) => self.group_fault(now, number, id),
            // while it works, first results of new scripts are awaited without stopping it
            (State::Fault, Hold::None, _) => self.group_recover(now, number, id),
            (State::Master, _, Some(State::Backup)) if self.out.mutant.is(Mutation::GroupStaysMaster) => {}
            // first results of a newcomer are there, and the group has worked meanwhile
            (State::Master | State::Backup, Hold::None, _) if self.is_held(id) => self.let_go(now, number, id),
            (State::Master, _, Some(State::Backup)) => self.group_backup(now, number, id),
            (State::Backup, _, Some(State::Master)) => self.group_master(now, number, id),
            _ => {}
        }
        self.pay_master(number);
    }

    fn is_held(&self, id: InstanceId) -> bool {
        let slot = self.slots.get(id.index()).and_then(Option::as_ref);
        slot.is_some_and(|s| s.hold != Hold::None)
    }

    /// Nothing keeps members any more: they start, and join in if the group is MASTER.
    fn let_go(&mut self, now: Instant, number: u32, id: InstanceId) {
        self.each(number, id, |slot, out| {
            slot.hold = Hold::None;
            slot.reconsider(out, now);
        });
        self.unite(now, number);
    }

    fn group_fault(&mut self, now: Instant, number: u32, id: InstanceId) {
        let Some(group) = self.groups.get_mut(number as usize) else {
            return;
        };
        if group.state == State::Fault && group.told == Some(Notified::Fault) {
            return;
        }
        group.state = State::Fault;
        self.stop_members(now, number, id);
        self.tell_group(number, Notified::Fault);
    }

    /// Every member goes to FAULT.
    fn stop_members(&mut self, now: Instant, number: u32, first: InstanceId) {
        self.each(number, first, |slot, _| slot.hold = Hold::Fault);
        self.each(number, first, |slot, out| {
            if slot.state != State::Fault || slot.awaiting {
                slot.transition(out, now, Event::Fault, Reason::Group);
            }
        });
    }

    fn group_recover(&mut self, now: Instant, number: u32, id: InstanceId) {
        if let Some(group) = self.groups.get_mut(number as usize) {
            group.state = State::Backup;
        }
        self.each(number, id, |slot, out| {
            slot.hold = Hold::None;
            slot.reconsider(out, now);
        });
        self.tell_group(number, Notified::Backup);
    }

    fn group_backup(&mut self, now: Instant, number: u32, id: InstanceId) {
        if let Some(group) = self.groups.get_mut(number as usize) {
            group.state = State::Backup;
        }
        let slot = self.slots.get(id.index()).and_then(Option::as_ref);
        // a deletion by others makes every member resign, a better master none
        let event = match slot.map(|s| s.moved_by) {
            Some(Reason::ObjectDeleted) => Event::ObjectDeleted,
            _ => Event::BetterAdvert,
        };
        self.each_other(number, id, |slot, out| slot.transition(out, now, event, Reason::Group));
        self.tell_group(number, Notified::Backup);
    }

    fn group_master(&mut self, now: Instant, number: u32, id: InstanceId) {
        if let Some(group) = self.groups.get_mut(number as usize) {
            group.state = State::Master;
            group.owes_master = true;
        }
        self.each_other(number, id, |slot, out| {
            slot.transition(out, now, Event::MasterDown, Reason::Group)
        });
    }

    /// Tells of MASTER once every member has been told of.
    fn pay_master(&mut self, number: u32) {
        if let Some(group) = self.groups.get_mut(number as usize)
            && group.owes_master
            && group.untold == 0
        {
            group.tell(&mut self.out, number, Notified::Master);
        }
    }

    fn tell_group(&mut self, number: u32, new: Notified) {
        if let Some(group) = self.groups.get_mut(number as usize) {
            if group.owes_master {
                group.tell(&mut self.out, number, Notified::Master);
            }
            group.tell(&mut self.out, number, new);
        }
    }

    pub(crate) fn stop_groups(&mut self) {
        for number in 0..self.groups.len() as u32 {
            self.tell_group(number, Notified::Stop);
        }
    }

    /// Lets every member act, the one that started it first, and counts what they contribute then.
    fn each(&mut self, number: u32, first: InstanceId, mut act: impl FnMut(&mut Slot, &mut Outbox)) {
        self.act_in_group(number, first, &mut act);
        self.each_other(number, first, act);
    }

    fn each_other(&mut self, number: u32, but: InstanceId, mut act: impl FnMut(&mut Slot, &mut Outbox)) {
        let count = self.groups.get(number as usize).map_or(0, |g| g.members.len());
        for place in 0..count {
            let id = self
                .groups
                .get(number as usize)
                .and_then(|g| g.members.get(place))
                .copied();
            if let Some(id) = id.filter(|id| *id != but) {
                self.act_in_group(number, id, &mut act);
            }
        }
    }

    fn act_in_group(&mut self, number: u32, id: InstanceId, act: &mut impl FnMut(&mut Slot, &mut Outbox)) {
        let mutant = self.out.mutant;
        let slot = self.slots.get_mut(id.index()).and_then(Option::as_mut);
        if let (Some(slot), Some(group)) = (slot, self.groups.get_mut(number as usize)) {
            group.count(mutant, Share::of(slot), false);
            act(slot, &mut self.out);
            group.count(mutant, Share::of(slot), true);
        }
    }

    /// Must a member that is MASTER step down, because the group it finds itself in is not?
    pub(crate) fn group_is_backup(&self, number: Option<u32>) -> bool {
        let group = number.and_then(|number| self.groups.get(number as usize));
        group.is_some_and(|group| group.state == State::Backup)
    }

    /// State of a sync group, and its configuration.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<(State, &SyncGroup)> {
        self.groups.get(id.0 as usize).map(|g| (g.state, &*g.config))
    }
}

impl Group {
    fn tell(&mut self, out: &mut Outbox, number: u32, new: Notified) {
        self.owes_master = false;
        if self.told.replace(new) != Some(new) {
            out.actions.push_back(Action::Group(GroupChange {
                group: GroupId(number),
                config: self.config.clone(),
                new,
            }));
        }
    }
}
