//! Transitions of one instance: looks up the table and does what stands there.

use keepalived_model::{
    time::{Instant, Micros},
    vrrp::Instance,
};

use crate::{
    action::{
        Action, Announced, BatchOperation, BatchPart, FaultCause, KernelBatch, LogEvent, Notified, Reason, StateChange,
    },
    input::Ticket,
    instance::{Contest, Hold, Outbox, Slot, Timer},
    mutation::Mutation,
    spec::Fault,
    table::{Effect, Event, State, lookup},
};

impl Slot {
    /// Moves the instance, if the table has a row for it.
    pub(crate) fn transition(&mut self, out: &mut Outbox, now: Instant, event: Event, reason: Reason) {
        let Some(row) = lookup(self.state, event) else { return };
        let old = self.state;
        self.tell_master(out);
        self.state = row.to;
        self.moved_by = reason;
        self.awaiting = event == Event::Await;
        if old != row.to {
            self.last_transition = now;
            self.logged = 0;
            self.preempt_at = None;
        }
        self.want = match row.to {
            State::Master => State::Master,
            State::Backup => State::Backup,
            State::Fault if !self.awaiting => State::Fault,
            _ => self.want,
        };
        if row.effects.contains(&Effect::Notify) {
            self.log_entering(out, old, reason);
        }
        for effect in row.effects {
            self.perform(out, now, *effect, old, reason);
        }
    }

    fn log_entering(&mut self, out: &mut Outbox, old: State, reason: Reason) {
        if self.state == State::Stopped {
            return;
        }
        let state = self.state;
        let init = old == State::Init && state != State::Master;
        if state == State::Fault && (init || reason == Reason::Start) {
            for fault in Fault::ALL.into_iter().filter(|f| self.faults & (1 << *f as u8) != 0) {
                let cause = FaultCause::Own(fault);
                self.log(out, LogEvent::InFault { cause });
            }
            for (used, effect) in self.spec.trackers.iter().zip(&self.effects) {
                if effect.fault {
                    let cause = FaultCause::Tracker(used.tracker);
                    out.actions.push_back(Action::Log(self.id, LogEvent::InFault { cause }));
                }
            }
        }
        self.log(out, LogEvent::Entering { state, init });
    }

    fn perform(&mut self, out: &mut Outbox, now: Instant, effect: Effect, old: State, reason: Reason) {
        let main = self.timer(Timer::Main);
        match effect {
            Effect::Resign => {
                if !out.mutant.is(Mutation::ResignSilently) {
                    self.transmit(out, now, 0);
                }
            }
            Effect::Release => self.release(out),
            Effect::RemoveLeftovers => self.batch(out, BatchOperation::RemoveLeftovers, BatchPart::All),
            Effect::Acquire => self.acquire(out, now),
            Effect::ArmDown => {
                let from = now.max(out.quiet_until);
                out.timers.arm(main, from + self.master_down(out.mutant));
            }
            Effect::ArmSkew => out.timers.arm(main, now + self.skew(out.mutant)),
            Effect::Disarm => out.timers.cancel(main),
            Effect::Notify if self.state == State::Master => {
                self.untold = Some((old, reason));
                if self.installing.is_none() {
                    self.installed(out, now);
                }
            }
            Effect::Notify => self.notify(out, old, reason),
        }
    }

    /// Becomes MASTER (RFC 9568 section 6.4.2 items 380 to 395): the advert first, so that others are told before addresses move.
    fn acquire(&mut self, out: &mut Outbox, now: Instant) {
        self.stats.become_master += 1;
        self.sequences.become_master();
        self.contest = Contest::None;
        if !out.mutant.is(Mutation::KeepLearntInterval) {
            self.master_interval = self.interval();
        }
        let late = out.mutant.is(Mutation::AddressesFirst);
        if !late {
            self.advertise(out, now);
        }
        self.shield(out, true);
        self.log(out, LogEvent::Setting);
        self.batch(out, BatchOperation::Install, BatchPart::All);
        if late {
            self.advertise(out, now);
        }
        if out.mutant.is(Mutation::AnnounceEarly) {
            self.announce_master(out, now);
        }
    }

    /// The kernel has what a MASTER needs: announce it, and tell the world.
    pub(crate) fn installed(&mut self, out: &mut Outbox, now: Instant) {
        self.installing = None;
        if std::mem::take(&mut self.doubt) && self.state == State::Master && self.install_again(out, now) {
            return;
        }
        if self.state == State::Master {
            if !out.mutant.is(Mutation::AnnounceEarly) {
                self.announce_master(out, now);
            }
            self.tell_master(out);
        }
    }

    /// Tells the world of having become MASTER, if that is still due.
    fn tell_master(&mut self, out: &mut Outbox) {
        if let Some((old, reason)) = self.untold.take() {
            self.notify(out, old, reason);
        }
    }

    fn release(&mut self, out: &mut Outbox) {
        self.stats.release_master += 1;
        self.contest = Contest::None;
        out.timers.cancel(self.timer(Timer::Contest));
        self.cancel_announcements(out);
        self.forget_lost(out);
        self.installing = None;
        self.doubt = false;
        if out.mutant.is(Mutation::KeepAddresses) {
            return;
        }
        self.log(out, LogEvent::Removing);
        self.batch(out, BatchOperation::Remove, BatchPart::All);
        self.shield(out, false);
    }

    /// Firewall of an instance that does not accept traffic for its addresses.
    pub(crate) fn shield(&self, out: &mut Outbox, shield: bool) {
        if self.spec.config.is_shielded() {
            out.actions.push_back(Action::Firewall {
                instance: self.id,
                config: self.spec.config.clone(),
                shield,
            });
        }
    }

    /// Asks for a change of the kernel, unless there is nothing to change.
    pub(crate) fn batch(&mut self, out: &mut Outbox, operation: BatchOperation, part: BatchPart) {
        let config = self.spec.config.clone();
        let nothing = match &part {
            BatchPart::All => has_no_objects(&config),
            BatchPart::Some(list) => list.is_empty(),
        };
        if nothing {
            return;
        }
        out.serial += 1;
        if operation == BatchOperation::Install {
            self.installing = Some(out.serial);
        }
        out.actions.push_back(Action::Kernel(KernelBatch {
            ticket: Ticket {
                instance: self.id,
                serial: out.serial,
            },
            operation,
            part,
            config,
        }));
    }

    fn notify(&mut self, out: &mut Outbox, old: State, reason: Reason) {
        let config = self.spec.config.clone();
        let new = match (self.state, reason) {
            (State::Stopped, Reason::Removed) if config.notify_deleted || config.notify.deleted.is_some() => {
                Notified::Deleted
            }
            (State::Stopped, Reason::Removed) if old == State::Fault => return,
            (State::Stopped, Reason::Removed) | (State::Fault, _) => Notified::Fault,
            (State::Stopped, _) => Notified::Stop,
            (State::Master, _) => Notified::Master,
            (State::Init | State::Backup, _) => Notified::Backup,
        };
        out.actions.push_back(Action::State(StateChange {
            instance: self.id,
            config,
            old,
            new,
            priority: self.effective,
            reason,
        }));
    }

    /// Starts the instance (`vrrp.md` 6.2).
    /// An owner in a sync group that is not all owners (`lone` false) waits like everybody.
    pub(crate) fn start(&mut self, out: &mut Outbox, now: Instant, lone: bool) {
        self.effective = self.computed_priority();
        self.want = match self.spec.config.want_state {
            keepalived_model::vrrp::WantState::Master => State::Master,
            keepalived_model::vrrp::WantState::Backup => State::Backup,
        };
        let owner = self.is_owner() && self.want == State::Master;
        let event = if self.is_faulty() || self.hold == Hold::Fault {
            Event::Fault
        } else if self.tally.awaited > 0 || self.hold == Hold::Awaited {
            Event::Await
        } else if owner && lone && now >= out.quiet_until {
            Event::StartOwner
        } else {
            Event::Start
        };
        self.transition(out, now, event, Reason::Start);
        if event == Event::Start && owner && lone {
            // during the startup delay even an owner waits, then an interval more
            out.timers
                .arm(self.timer(Timer::Main), out.quiet_until + self.interval());
        }
    }

    /// Faults or awaited results have changed: does the state follow?
    pub(crate) fn reconsider(&mut self, out: &mut Outbox, now: Instant) {
        let faulty = self.is_faulty();
        match self.state {
            State::Backup | State::Master if faulty && !out.mutant.is(Mutation::IgnoreFault) => {
                self.transition(out, now, Event::Fault, Reason::Fault);
            }
            State::Fault if faulty && self.awaiting => self.transition(out, now, Event::Fault, Reason::Start),
            State::Fault if !faulty && self.tally.awaited == 0 && self.hold == Hold::None => self.recover(out, now),
            _ => {}
        }
    }

    fn recover(&mut self, out: &mut Outbox, now: Instant) {
        let silent = self.awaiting;
        self.master_interval = self.interval();
        self.demoted = false;
        self.effective = self.computed_priority();
        let reason = if silent { Reason::Start } else { Reason::Recovered };
        self.transition(out, now, Event::Recover, reason);
        if out.mutant.is(Mutation::OwnerRecoversAtOnce) && self.is_owner() {
            out.timers.arm(self.timer(Timer::Main), now);
        }
        if let Some(source) = self.spec.source.filter(|_| self.is_unicast() && !silent) {
            self.announce(out, Announced::Source(source), 1);
        }
    }

    /// One of its timers has run out.
    pub(crate) fn timer_due(&mut self, out: &mut Outbox, now: Instant, timer: Timer) {
        match (timer, self.state) {
            (Timer::Main, State::Backup) => {
                self.log(out, LogEvent::ReceiveTimeout);
                let reason = std::mem::replace(&mut self.why_master, Reason::MasterSilent);
                self.transition(out, now, Event::MasterDown, reason);
            }
            (Timer::Main, State::Master) => {
                if !self.yields_if_late(out, now) {
                    self.insist(out, now);
                    self.advertise(out, now);
                }
            }
            (Timer::Contest, State::Master) => self.end_contest(out, now),
            (Timer::Restore, _) => self.restore_lost(out),
            (Timer::Main | Timer::Contest, _) => {}
            _ => self.announcement_due(out, now, timer),
        }
    }

    /// `timer_expired_backup`: when the process slept for so long that another node must have taken over, a MASTER goes BACKUP without
    /// a word (`vrrp.md` 6.8).
    pub(crate) fn yields_if_late(&mut self, out: &mut Outbox, now: Instant) -> bool {
        let (Some(others), Some(sent), State::Master) =
            (self.spec.config.timer_expired_backup, self.last_sent, self.state)
        else {
            return false;
        };
        let silent = now.since(sent);
        let own_skew = self.skew(out.mutant);
        let slept = silent > self.interval().times(3) + own_skew;
        let taken = silent >= self.interval().times(3) + self.skew_for(others, out.mutant);
        if !(slept && taken) {
            return false;
        }
        self.log(out, LogEvent::TooLate { silent });
        self.transition(out, now, Event::Late, Reason::Late);
        true
    }

    /// A rival owner with a lower address was heard (`vrrp.md` 6.6).
    pub(crate) fn rival_heard(&mut self, their_interval: Micros) -> bool {
        match &mut self.contest {
            Contest::None => {
                self.contest = Contest::Insist(2, their_interval);
                true
            }
            Contest::Insist(..) => false,
            Contest::Waiting(heard) => {
                *heard = true;
                false
            }
        }
    }

    /// Counts the adverts that answer a rival owner; after the second the wait begins.
    fn insist(&mut self, out: &mut Outbox, now: Instant) {
        if let Contest::Insist(left, theirs) = self.contest {
            self.contest = if left > 1 {
                Contest::Insist(left - 1, theirs)
            } else {
                let wait = self.interval().max(theirs).times(6).0 / 5;
                out.timers.arm(self.timer(Timer::Contest), now + Micros(wait));
                Contest::Waiting(false)
            };
        }
    }

    fn end_contest(&mut self, out: &mut Outbox, now: Instant) {
        if std::mem::take(&mut self.contest) == Contest::Waiting(true) {
            self.demoted = true;
            self.refresh_priority(out, now);
            self.transition(out, now, Event::BetterAdvert, Reason::BetterMaster);
        }
    }

    /// Objects of a MASTER vanished for a reason that does not count: they come back without a change of state.
    pub(crate) fn reinstall(&mut self, out: &mut Outbox) {
        if self.state != State::Master {
            return;
        }
        if self.installing.is_some() {
            self.doubt = true;
        } else {
            self.batch(out, BatchOperation::Install, BatchPart::All);
        }
    }
}

pub(crate) fn has_no_objects(config: &Instance) -> bool {
    config.addresses.is_empty()
        && config.excluded_addresses.is_empty()
        && config.routes.is_empty()
        && config.rules.is_empty()
}
