//! Somebody else deletes objects of a MASTER (`vrrp.md` 9.5): a new election takes them back. Who does it again and again does not
//! make the router change its state for ever: then it stays MASTER and puts them back in place, each time later.

use keepalived_model::time::{Instant, Micros};
use keepalived_track::Rivalry;

use crate::{
    action::{BatchOperation, BatchPart, LogEvent, Reason},
    input::ObjectRef,
    instance::{Outbox, Slot, Timer},
    mutation::Mutation,
    table::{Event, State},
};

/// The longest wait before something is put back. A MASTER without its addresses serves nobody, so it is short.
const LONGEST_WAIT: Micros = Micros::from_secs(10);

/// What one instance lost to others.
#[derive(Debug, Default)]
pub(crate) struct Rivals {
    rivalry: Rivalry,
    /// What is to be put back when the wait is over.
    lost: Option<BatchPart>,
}

impl Slot {
    /// An object of ours was deleted by somebody else.
    pub(crate) fn object_deleted(&mut self, out: &mut Outbox, now: Instant, object: ObjectRef) {
        if self.is_untracked(object) || self.state != State::Master || out.mutant.is(Mutation::IgnoreDeletion) {
            return;
        }
        if self.installing.is_some() {
            // perhaps an older deletion of our own, perhaps not: install once more when the answer is here
            self.doubt = true;
            return;
        }
        let rivals = self.rivals.get_or_insert_default();
        if let Some(lost) = &mut rivals.lost {
            // One blow may take many objects: it counts once.
            if let BatchPart::Some(list) = lost
                && !list.contains(&object)
            {
                *list = list.iter().copied().chain([object]).collect();
            }
            return;
        }
        let loss = rivals.rivalry.lost(now, LONGEST_WAIT);
        if !loss.wait.is_zero() {
            rivals.lost = Some(BatchPart::Some([object].into()));
            out.timers.arm(self.timer(Timer::Restore), now + loss.wait);
        }
        self.log(out, LogEvent::ObjectDeleted { object, loss });
        if loss.wait.is_zero() {
            self.why_master = Reason::ObjectDeleted;
            self.transition(out, now, Event::ObjectDeleted, Reason::ObjectDeleted);
        }
    }

    fn is_untracked(&self, object: ObjectRef) -> bool {
        let config = &self.spec.config;
        match object {
            ObjectRef::Address(n) => {
                let all = config.addresses.iter().chain(&config.excluded_addresses);
                all.into_iter().nth(usize::from(n)).is_none_or(|a| a.no_track)
            }
            ObjectRef::Route(n) => config.routes.get(usize::from(n)).is_none_or(|r| r.no_track),
            ObjectRef::Rule(n) => config.rules.get(usize::from(n)).is_none_or(|r| r.no_track),
        }
    }

    /// Something was deleted while it was installed: installs all of it once more, now or later. True when it is now.
    pub(crate) fn install_again(&mut self, out: &mut Outbox, now: Instant) -> bool {
        let rivals = self.rivals.get_or_insert_default();
        let loss = rivals.rivalry.lost(now, LONGEST_WAIT);
        if loss.wait.is_zero() {
            self.batch(out, BatchOperation::Install, BatchPart::All);
        } else {
            rivals.lost = Some(BatchPart::All);
            out.timers.arm(self.timer(Timer::Restore), now + loss.wait);
        }
        loss.wait.is_zero()
    }

    /// The wait is over.
    pub(crate) fn restore_lost(&mut self, out: &mut Outbox) {
        let lost = self.rivals.as_mut().and_then(|rivals| rivals.lost.take());
        if let Some(lost) = lost.filter(|_| self.state == State::Master) {
            self.batch(out, BatchOperation::Install, lost);
        }
    }

    /// Nothing is ours any more, so nothing is to be put back; how often it was taken is remembered.
    pub(crate) fn forget_lost(&mut self, out: &mut Outbox) {
        out.timers.cancel(self.timer(Timer::Restore));
        if let Some(rivals) = &mut self.rivals {
            rivals.lost = None;
        }
    }

    /// A reload numbers the objects anew.
    pub(crate) fn renumber_lost(&mut self) {
        if let Some(lost) = self.rivals.as_mut().and_then(|rivals| rivals.lost.as_mut()) {
            *lost = BatchPart::All;
        }
    }
}
