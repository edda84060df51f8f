//! What the engine remembers of one instance, and the arithmetic of its timers.

use std::{collections::VecDeque, net::IpAddr, sync::Arc};

use keepalived_model::{
    time::{Instant, Micros},
    units::Version,
    vrrp::{OldUnicastChecksum, Preemption, Transport},
};
use keepalived_track::{Effect, Standing, Tally, effective_priority};
use smallvec::SmallVec;

use crate::{
    action::{Action, LogEvent, Reason, Transmit},
    advert::Template,
    announce::{Paced, Pacing},
    auth::{Key, Sequences, Wall},
    echo::Echo,
    mutation::{Mutant, Mutation},
    rivals::Rivals,
    spec::{Fault, InstanceId, InstanceSpec},
    stats::Stats,
    table::State,
    timers::Timers,
    trackers,
};

/// Timers of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Timer {
    /// Master_Down in BACKUP, next advert in MASTER.
    Main = 0,
    /// Second burst of announcements.
    SecondBurst = 1,
    /// Refresh of announcements.
    Refresh = 2,
    /// Second burst after a lower-priority advert.
    LowerBurst = 3,
    /// `garp_extra_if`.
    Extra = 4,
    /// End of the wait for a rival owner.
    Contest = 5,
    /// What somebody else deleted is put back.
    Restore = 6,
}

impl Timer {
    pub(crate) const COUNT: u32 = 7;

    pub(crate) const fn of(number: u32) -> Self {
        match number % Self::COUNT {
            0 => Self::Main,
            1 => Self::SecondBurst,
            2 => Self::Refresh,
            3 => Self::LowerBurst,
            4 => Self::Extra,
            5 => Self::Contest,
            _ => Self::Restore,
        }
    }
}

/// Where an instance puts what it wants; everything of the engine that is not the instance itself.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) actions: VecDeque<Action>,
    pub(crate) timers: Timers,
    pub(crate) pacing: Pacing,
    pub(crate) serial: u64,
    /// End of the startup delay.
    pub(crate) quiet_until: Instant,
    pub(crate) wall: Wall,
    pub(crate) mutant: Mutant,
}

/// Two owners of one virtual router, and ours has the higher address (`vrrp.md` 6.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Contest {
    #[default]
    None,
    /// So many more adverts, then wait; the rival's interval.
    Insist(u8, Micros),
    /// Waiting; was the rival heard?
    Waiting(bool),
}

/// What keeps a member of a sync group from working although nothing is wrong with itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Hold {
    #[default]
    None,
    /// First results are awaited by another member.
    Awaited,
    /// Another member has a fault.
    Fault,
}

/// One instance.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) id: InstanceId,
    /// Tells apart instances that had the same id one after the other.
    pub(crate) generation: u32,
    pub(crate) spec: InstanceSpec,
    pub(crate) template: Option<Arc<Template>>,
    pub(crate) state: State,
    pub(crate) want: State,
    pub(crate) awaiting: bool,
    pub(crate) base: u8,
    pub(crate) effective: u8,
    pub(crate) effects: SmallVec<[Effect; 2]>,
    pub(crate) tally: Tally,
    pub(crate) faults: u8,
    pub(crate) master: Option<IpAddr>,
    pub(crate) master_priority: u8,
    pub(crate) master_interval: Micros,
    pub(crate) preempt_at: Option<Instant>,
    /// Why the next expiry of the down timer makes it MASTER.
    pub(crate) why_master: Reason,
    pub(crate) ip_id: u16,
    pub(crate) last_transition: Instant,
    pub(crate) last_sent: Option<Instant>,
    pub(crate) contest: Contest,
    pub(crate) demoted: bool,
    pub(crate) old_checksum: bool,
    pub(crate) logged: u32,
    pub(crate) sequences: Sequences,
    pub(crate) limit: Limit,
    /// The installation whose answer is awaited.
    pub(crate) installing: Option<u64>,
    /// While it was awaited a deletion was reported.
    pub(crate) doubt: bool,
    /// Boxed: few instances ever have any.
    pub(crate) rivals: Option<Box<Rivals>>,
    /// MASTER, but the world has not been told: it came from this state for this reason.
    pub(crate) untold: Option<(State, Reason)>,
    pub(crate) paced: Box<[Paced]>,
    /// Its sync group.
    pub(crate) group: Option<u32>,
    /// The rest of its sync group keeps it from working.
    pub(crate) hold: Hold,
    /// A lower-priority advert was heard: the rest of the group must announce too.
    pub(crate) stir_group: bool,
    /// Why it moved last.
    pub(crate) moved_by: Reason,
    pub(crate) stats: Stats,
    /// The advert that was followed last.
    pub(crate) echo: Option<Echo>,
}

impl Slot {
    pub(crate) fn new(id: InstanceId, generation: u32, spec: InstanceSpec, now: Instant) -> Self {
        let config = spec.config.clone();
        let mut slot = Self {
            id,
            generation,
            template: None,
            state: State::Init,
            want: State::Backup,
            awaiting: false,
            base: config.priority.get(),
            effective: config.priority.get(),
            effects: SmallVec::new(),
            tally: Tally::default(),
            faults: 0,
            master: None,
            master_priority: 0,
            master_interval: config.advert_interval,
            preempt_at: None,
            why_master: Reason::MasterSilent,
            ip_id: 0,
            last_transition: now,
            last_sent: None,
            contest: Contest::None,
            demoted: false,
            old_checksum: config.checksum.old_unicast == OldUnicastChecksum::Always,
            logged: 0,
            sequences: Sequences::default(),
            limit: Limit::default(),
            installing: None,
            doubt: false,
            rivals: None,
            untold: None,
            paced: Box::default(),
            group: None,
            hold: Hold::None,
            stir_group: false,
            moved_by: Reason::Start,
            stats: Stats::default(),
            echo: None,
            spec,
        };
        slot.adopt_spec();
        slot
    }

    /// Everything that follows from the spec alone.
    pub(crate) fn adopt_spec(&mut self) {
        self.echo = None;
        let config = &*self.spec.config;
        self.sequences.set_peers(match &config.transport {
            Transport::Unicast { peers, .. } => peers.len(),
            Transport::Multicast { .. } => 0,
        });
        self.faults = self.spec.faults.iter().fold(0, |bits, f| bits | 1 << *f as u8);
        if config.config_fault.is_some() {
            self.faults |= 1 << Fault::Configuration as u8;
        }
        let objects = config.addresses.len() + config.excluded_addresses.len();
        let paced = self.spec.pacing.iter().any(Option::is_some);
        self.paced = vec![Paced::default(); if paced { objects } else { 0 }].into();
        self.set_source(self.spec.source);
    }

    /// Builds the advert anew for an address to send from, which also sets or clears the fault of having none.
    pub(crate) fn set_source(&mut self, source: Option<IpAddr>) {
        self.spec.source = source;
        let bit = 1 << Fault::NoSourceAddress as u8;
        self.faults = if source.is_some() {
            self.faults & !bit
        } else {
            self.faults | bit
        };
        self.template = source.map(|s| Arc::new(Template::new(&self.spec.config, s, self.old_checksum)));
    }

    pub(crate) const fn timer(&self, timer: Timer) -> u32 {
        self.id.0 * Timer::COUNT + timer as u32
    }

    pub(crate) fn is_unicast(&self) -> bool {
        matches!(self.spec.config.transport, Transport::Unicast { .. })
    }

    pub(crate) const fn is_owner(&self) -> bool {
        self.base == 255
    }

    pub(crate) const fn is_faulty(&self) -> bool {
        self.faults != 0 || self.tally.faults != 0
    }

    pub(crate) fn preemption(&self) -> Preemption {
        self.spec.config.preemption
    }

    /// Advertisement interval of our own.
    pub(crate) fn interval(&self) -> Micros {
        self.spec.config.advert_interval
    }

    /// Skew_Time for a priority (RFC 3768 section 6.1: of a second; RFC 9568 section 6.1: of the master's interval).
    pub(crate) fn skew_for(&self, priority: u8, mutant: Mutant) -> Micros {
        let unit = match self.spec.config.version {
            Version::V2 => Micros::SECOND,
            Version::V3 => self.master_interval,
        };
        let share = if mutant.is(Mutation::InvertSkew) {
            u64::from(priority)
        } else {
            256 - u64::from(priority)
        };
        Micros(unit.times(share).0 / 256)
    }

    pub(crate) fn skew(&self, mutant: Mutant) -> Micros {
        self.skew_for(self.effective, mutant)
    }

    /// Master_Down_Interval.
    pub(crate) fn master_down(&self, mutant: Mutant) -> Micros {
        let interval = match self.spec.config.version {
            Version::V2 => self.interval(),
            Version::V3 => self.master_interval,
        };
        let skew = if mutant.is(Mutation::NoSkew) {
            Micros::ZERO
        } else {
            self.skew(mutant)
        };
        interval.times(u64::from(self.spec.config.down_timer_adverts)) + skew
    }

    /// What the weights make of the base priority now.
    pub(crate) fn computed_priority(&self) -> u8 {
        match effective_priority(self.base, self.tally.weight) {
            255 if self.demoted => 254,
            priority => priority,
        }
    }

    /// Brings the effective priority up to date, and the down timer with it (`vrrp.md` 6.7).
    pub(crate) fn refresh_priority(&mut self, out: &mut Outbox, now: Instant) {
        self.renew_priority(out, now, false);
    }

    fn renew_priority(&mut self, out: &mut Outbox, now: Instant, silent: bool) {
        let (old, new) = (self.effective, self.computed_priority());
        if old == new {
            return;
        }
        let before = self.master_down(out.mutant);
        self.effective = new;
        let after = self.master_down(out.mutant);
        let main = self.timer(Timer::Main);
        if self.state == State::Backup
            && !out.mutant.is(Mutation::PriorityKeepsTimer)
            && let Some(deadline) = out.timers.deadline(main)
        {
            out.timers.arm(main, (deadline + after - before).max(now));
        }
        self.log(out, LogEvent::PriorityChanged { old, new });
        out.actions.push_back(Action::Priority {
            instance: self.id,
            old,
            new,
            master: self.state == State::Master,
            silent,
        });
    }

    /// One of the things it tracks (by its place in the list) has another standing.
    pub(crate) fn tracked(&mut self, out: &mut Outbox, now: Instant, place: usize, standing: Standing, forget: bool) {
        let (Some(used), Some(effect)) = (self.spec.trackers.get(place), self.effects.get_mut(place)) else {
            return;
        };
        let after = trackers::effect(out.mutant, standing, *used, *effect);
        let silent = effect.fault && !after.fault;
        self.tally.replace(*effect, after);
        *effect = after;
        if forget {
            self.tally.faults = 0;
        }
        self.renew_priority(out, now, silent);
        self.reconsider(out, now);
    }

    /// Sends an advert.
    pub(crate) fn transmit(&mut self, out: &mut Outbox, now: Instant, priority: u8) {
        let Some(template) = &self.template else { return };
        self.ip_id = self.ip_id.checked_add(1).unwrap_or(1);
        let sequence = match (template.key(), &self.spec.config.auth_hmac) {
            (Key::Ah(_), _) => self.sequences.next_ah().into(),
            (Key::Hmac(..), Some(hmac)) => {
                self.sequences
                    .next_hmac(out.wall.time(now), hmac.monotonic, hmac.window, out.mutant)
            }
            _ => 0,
        };
        out.actions.push_back(Action::Transmit(Transmit {
            instance: self.id,
            template: template.clone(),
            priority,
            id: self.ip_id,
            sequence,
        }));
        self.last_sent = Some(now);
        self.stats.advert_sent += 1;
        if priority == 0 {
            self.stats.pri_zero_sent += 1;
            self.log(out, LogEvent::SentPriorityZero);
        }
    }

    /// Sends an advert of a MASTER; the next one is due an interval after this one, not after the one before: a late turn shifts the
    /// series and never bunches it (as the original does, `vrrp.md` 6.4).
    pub(crate) fn advertise(&mut self, out: &mut Outbox, now: Instant) {
        self.transmit(out, now, self.effective);
        let slow = if out.mutant.is(Mutation::SlowAdverts) { 2 } else { 1 };
        out.timers
            .arm(self.timer(Timer::Main), now + self.interval().times(slow));
        if self.demoted && self.state == State::Master {
            // an owner that had yielded says 254 once, then is itself again
            self.demoted = false;
            self.refresh_priority(out, now);
        }
    }

    pub(crate) fn log(&self, out: &mut Outbox, event: LogEvent) {
        out.actions.push_back(Action::Log(self.id, event));
    }

    /// Logs what a peer caused, unless it causes too much.
    pub(crate) fn log_peer(&mut self, out: &mut Outbox, now: Instant, event: LogEvent) {
        if self.limit.take(now) {
            let count = std::mem::take(&mut self.limit.dropped);
            if count > 0 {
                self.log(out, LogEvent::Suppressed { count });
            }
            self.log(out, event);
        } else {
            self.limit.dropped = self.limit.dropped.saturating_add(1);
        }
    }
}

/// A budget of log lines: 20 at once, then one a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    tokens: u8,
    since: Instant,
    dropped: u32,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            tokens: Self::BURST,
            since: Instant(0),
            dropped: 0,
        }
    }
}

impl Limit {
    const BURST: u8 = 20;

    fn take(&mut self, now: Instant) -> bool {
        let earned = now.since(self.since).as_secs();
        if earned > 0 {
            self.tokens = (u64::from(self.tokens) + earned).min(u64::from(Self::BURST)) as u8;
            self.since = now;
        }
        let ok = self.tokens > 0;
        self.tokens = self.tokens.saturating_sub(1);
        ok
    }
}
