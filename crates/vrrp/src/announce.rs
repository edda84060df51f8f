//! Gratuitous ARP and unsolicited NA: bursts, refreshes, and the pacing of interfaces (`vrrp.md` section 10).

use std::collections::VecDeque;

use keepalived_model::{
    address::Address,
    time::{Instant, Micros},
    units::Family,
    vrrp::Instance,
};
use smallvec::SmallVec;

use crate::{
    action::{Action, Announce, Announced},
    instance::{Outbox, Slot, Timer},
    mutation::Mutation,
    spec::{InstanceId, PacingGroup, PacingId},
    timers::Timers,
};

/// Announcements of one address that wait for their turn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Paced {
    remaining: u32,
    queued: bool,
}

/// One address in a queue. The count is with the instance, so a queue is never longer than there are addresses.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    instance: InstanceId,
    generation: u32,
    address: u16,
}

/// Announcements of one kind on the interfaces of one group.
#[derive(Debug, Default)]
struct Lane {
    interval: Micros,
    next: Instant,
    ring: VecDeque<Waiting>,
}

/// All pacing groups. Lane `2 n` are the ARPs, lane `2 n + 1` the NAs of group `n`.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    groups: Vec<PacingGroup>,
    lanes: Vec<Lane>,
    timers: Timers,
}

impl Pacing {
    /// New groups; if they are the old ones, what waits goes on waiting.
    pub(crate) fn configure(&mut self, groups: Vec<PacingGroup>) {
        if self.groups == groups {
            return;
        }
        self.lanes.clear();
        for group in &groups {
            for interval in [group.garp_interval, group.gna_interval] {
                self.lanes.push(Lane {
                    interval,
                    ..Lane::default()
                });
            }
        }
        self.timers = Timers::default();
        self.timers.reserve(self.lanes.len());
        self.groups = groups;
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.timers.next()
    }

    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<u32> {
        self.timers.pop_due(now)
    }

    /// Puts an address into a lane. True when the lane was idle, so that the first of what is put in now may leave at once.
    fn queue(&mut self, lane: u32, now: Instant, waiting: Waiting) -> bool {
        let Some(l) = self.lanes.get_mut(lane as usize) else {
            return false;
        };
        let idle = l.ring.is_empty() && l.next <= now;
        l.ring.push_back(waiting);
        self.timers.arm(lane, l.next);
        idle
    }

    fn pop(&mut self, lane: u32) -> Option<Waiting> {
        self.lanes.get_mut(lane as usize)?.ring.pop_front()
    }

    /// Something was sent: the interval begins, and who still has something to send waits for the next turn.
    fn sent(&mut self, lane: u32, now: Instant, again: Option<Waiting>) {
        let Some(l) = self.lanes.get_mut(lane as usize) else {
            return;
        };
        l.next = now + l.interval;
        l.ring.extend(again);
        if l.ring.is_empty() {
            self.timers.cancel(lane);
        } else {
            self.timers.arm(lane, l.next);
        }
    }

    fn is_paced(&self, lane: u32) -> bool {
        self.lanes.get(lane as usize).is_some_and(|l| !l.interval.is_zero())
    }
}

/// The lane of an address.
fn lane(group: PacingId, address: &Address) -> u32 {
    u32::from(group.0) * 2 + u32::from(address.local.family() == Family::V6)
}

impl Slot {
    /// Announces every address `rounds` times, at once or as pacing allows.
    pub(crate) fn burst(&mut self, out: &mut Outbox, now: Instant, rounds: u32) {
        let config = self.spec.config.clone();
        let none = config.addresses.is_empty() && config.excluded_addresses.is_empty();
        if rounds == 0 || none || out.mutant.is(Mutation::AnnounceNever) {
            return;
        }
        if self.paced.is_empty() {
            self.announce(out, Announced::All, rounds);
            return;
        }
        let mut idle: SmallVec<[u32; 2]> = SmallVec::new();
        for (n, address) in (0u16..).zip(config.addresses.iter().chain(&config.excluded_addresses)) {
            let group = self.spec.pacing.get(usize::from(n)).copied().flatten();
            match group.map(|g| lane(g, address)).filter(|l| out.pacing.is_paced(*l)) {
                Some(lane) if self.pace(out, now, lane, n, rounds) => idle.push(lane),
                Some(_) => {}
                None => self.announce(out, Announced::One(n), rounds),
            }
        }
        for lane in idle {
            if let Some(waiting) = out.pacing.pop(lane) {
                self.turn(out, now, lane, waiting);
            }
        }
    }

    /// Queues an address; true when its lane was idle.
    fn pace(&mut self, out: &mut Outbox, now: Instant, lane: u32, address: u16, rounds: u32) -> bool {
        let waiting = Waiting {
            instance: self.id,
            generation: self.generation,
            address,
        };
        let Some(paced) = self.paced.get_mut(usize::from(address)) else {
            return false;
        };
        paced.remaining = paced.remaining.max(rounds);
        !std::mem::replace(&mut paced.queued, true) && out.pacing.queue(lane, now, waiting)
    }

    /// The turn of a waiting address has come; false when it has nothing to send any more.
    fn turn(&mut self, out: &mut Outbox, now: Instant, lane: u32, waiting: Waiting) -> bool {
        let Some(paced) = self.paced.get_mut(usize::from(waiting.address)) else {
            return false;
        };
        let wanted = paced.remaining > 0;
        paced.remaining = paced.remaining.saturating_sub(1);
        paced.queued = paced.remaining > 0;
        if wanted {
            out.pacing.sent(lane, now, paced.queued.then_some(waiting));
            self.announce(out, Announced::One(waiting.address), 1);
        }
        wanted
    }

    pub(crate) fn announce(&self, out: &mut Outbox, what: Announced, rounds: u32) {
        out.actions.push_back(Action::Announce(Announce {
            instance: self.id,
            config: self.spec.config.clone(),
            what,
            rounds,
        }));
    }

    /// First burst of a MASTER, and everything that follows it.
    pub(crate) fn announce_master(&mut self, out: &mut Outbox, now: Instant) {
        let garp = self.spec.config.garp;
        self.burst(out, now, garp.repeat.max(1));
        if !garp.delay.is_zero() && !out.mutant.is(Mutation::NoSecondBurst) {
            out.timers.arm(self.timer(Timer::SecondBurst), now + garp.delay);
        }
        if !garp.refresh.is_zero() {
            out.timers
                .arm(self.timer(Timer::Refresh), now + garp.delay + garp.refresh);
        }
        if !garp.extra_if.is_zero() && has_extra_interfaces(&self.spec.config) {
            out.timers.arm(self.timer(Timer::Extra), now + garp.extra_if);
        }
    }

    /// A lower-priority advert was heard: who sent it may have spoilt the neighbours' tables.
    pub(crate) fn announce_against_lower(&mut self, out: &mut Outbox, now: Instant) {
        let garp = self.spec.config.garp;
        if garp.lower_prio_repeat == 0 || self.installing.is_some() {
            return;
        }
        self.burst(out, now, garp.lower_prio_repeat);
        if !garp.lower_prio_delay.is_zero() {
            out.timers
                .arm(self.timer(Timer::LowerBurst), now + garp.lower_prio_delay);
        }
    }

    /// One of the announcement timers has run out.
    pub(crate) fn announcement_due(&mut self, out: &mut Outbox, now: Instant, timer: Timer) {
        let garp = self.spec.config.garp;
        match timer {
            Timer::SecondBurst => self.burst(out, now, garp.repeat.max(1)),
            Timer::LowerBurst => self.burst(out, now, garp.lower_prio_repeat),
            Timer::Refresh => {
                self.burst(out, now, garp.refresh_repeat.max(1));
                if !garp.refresh.is_zero() {
                    out.timers.arm(self.timer(timer), now + garp.refresh);
                }
            }
            Timer::Extra => {
                self.announce(out, Announced::ExtraInterfaces, 1);
                if !garp.extra_if.is_zero() {
                    out.timers.arm(self.timer(timer), now + garp.extra_if);
                }
            }
            Timer::Main | Timer::Contest | Timer::Restore => {}
        }
    }

    /// Forgets all announcements that were to come.
    pub(crate) fn cancel_announcements(&mut self, out: &mut Outbox) {
        if out.mutant.is(Mutation::KeepAnnouncing) {
            return;
        }
        for timer in [Timer::SecondBurst, Timer::Refresh, Timer::LowerBurst, Timer::Extra] {
            out.timers.cancel(self.timer(timer));
        }
        for paced in &mut self.paced {
            paced.remaining = 0;
        }
    }
}

/// May some of its addresses be on interfaces that no advert leaves by?
fn has_extra_interfaces(config: &Instance) -> bool {
    let mut addresses = config.addresses.iter().chain(&config.excluded_addresses);
    config.vmac.is_some() || config.garp.extra_if_all || addresses.any(|address| address.use_vmac)
}

/// Sends the next announcement of a lane whose interval has passed. `slot` finds instances.
pub(crate) fn lane_due(slots: &mut [Option<Box<Slot>>], out: &mut Outbox, now: Instant, number: u32) {
    while let Some(waiting) = out.pacing.pop(number) {
        let slot = slots.get_mut(waiting.instance.index()).and_then(Option::as_mut);
        let slot = slot.filter(|s| s.generation == waiting.generation);
        if slot.is_some_and(|s| s.turn(out, now, number, waiting)) {
            return;
        }
    }
}
