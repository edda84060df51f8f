//! Which interfaces are up, as far as elections are concerned: told by netlink or polled, and debounced (`vrrp.md` 8.3).

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io,
};

use keepalived_linux::{
    linkbeat::{Beat, Poller},
    netlink::LinkKind,
};
use keepalived_model::{
    config::Config,
    time::{Instant, Micros},
    units::IfName,
    vrrp::{LinkbeatMethod, UpDownDelay},
};
use keepalived_status::tracker::{LinkWatch, Polled};
use keepalived_track::{Debounce, Verdict};
use keepalived_vrrp::{Fault, Input, InstanceId, TrackerKind, TrackerReport};

use super::{
    plan::Plan,
    worker::Worker,
    world::{Interface, World},
};

/// What is known beside netlink.
#[derive(Debug, Default)]
pub(super) struct Links {
    delays: HashMap<IfName, UpDownDelay>,
    states: HashMap<IfName, Debounce>,
    due: BTreeSet<(Instant, IfName)>,
    poller: Option<Poller>,
    /// Polled interfaces with the last answer.
    polled: HashMap<IfName, Option<Beat>>,
    /// Instances that lost addresses with their link; those still MASTER when it is back get them back.
    robbed: HashMap<IfName, HashSet<InstanceId>>,
}

impl Links {
    /// When [`Worker::links_due`] has something to do.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The next answer of the poller. Cancel safe.
    pub(super) async fn next(&mut self) -> Beat {
        if let Some(poller) = &mut self.poller
            && let Some(beat) = poller.next().await
        {
            return beat;
        }
        std::future::pending().await
    }

    /// Is it up now, without regard to how long?
    fn raw(&self, name: &IfName, world: &World) -> bool {
        let netlink = world.named(name).is_some_and(Interface::usable);
        match self.polled.get(name) {
            Some(Some(beat)) if beat.method.is_some() => beat.up && world.named(name).is_some(),
            _ => netlink,
        }
    }

    /// Does it count as up now?
    fn counts(&self, name: &IfName, world: &World) -> bool {
        let raw = || self.raw(name, world);
        self.states.get(name).map_or_else(raw, Debounce::counts)
    }

    /// Takes the settings of a new configuration.
    fn configure(&mut self, config: &Config, tracked: &[IfName], world: &World) -> io::Result<()> {
        self.delays = config
            .vrrp
            .up_down_delays
            .iter()
            .map(|d| (d.interface, d.clone()))
            .collect();
        let wanted = polled(config, tracked, world);
        let old = std::mem::take(&mut self.polled);
        self.polled = wanted
            .iter()
            .map(|(name, _)| (*name, old.get(name).copied().flatten()))
            .collect();
        if self.poller.is_none() && !wanted.is_empty() {
            tracing::info!("Using MII-BMSR/ETHTOOL NIC polling thread(s)...");
            self.poller = Some(Poller::start()?);
        }
        if let Some(poller) = &self.poller {
            poller.set(wanted);
        }
        let mut states = HashMap::new();
        for name in tracked {
            if delay(&self.delays, name, world).is_some() {
                let known = self.states.get(name).copied();
                states.insert(*name, known.unwrap_or_else(|| Debounce::new(self.raw(name, world))));
            }
        }
        self.states = states;
        self.due = self
            .states
            .iter()
            .filter_map(|(name, state)| Some((state.deadline()?, *name)))
            .collect();
        self.robbed.retain(|name, _| world.named(name).is_some());
        Ok(())
    }

    /// Notes that the kernel took an address of this instance away with its link.
    pub(super) fn rob(&mut self, name: IfName, instance: InstanceId) {
        self.robbed.entry(name).or_default().insert(instance);
    }

    /// For displays.
    pub(super) fn watch(&self, name: &IfName, world: &World) -> LinkWatch {
        let state = self.states.get(name);
        let delay = delay(&self.delays, name, world);
        LinkWatch {
            seen_up: state.map_or_else(|| self.raw(name, world), Debounce::seen_up),
            waiting: state.is_some_and(|s| s.deadline().is_some()),
            up_delay: delay.map_or(Micros::ZERO, |d| d.up),
            down_delay: delay.map_or(Micros::ZERO, |d| d.down),
            polled: match self.polled.get(name).copied().flatten().and_then(|beat| beat.method) {
                None => Polled::Netlink,
                Some(LinkbeatMethod::Mii) => Polled::Mii,
                Some(LinkbeatMethod::Ethtool) => Polled::Ethtool,
                Some(LinkbeatMethod::Ioctl) => Polled::Ioctl,
            },
            ..LinkWatch::default()
        }
    }
}

/// The delays of an interface; a virtual one has those of the interface under it.
fn delay<'d>(delays: &'d HashMap<IfName, UpDownDelay>, name: &IfName, world: &World) -> Option<&'d UpDownDelay> {
    if delays.is_empty() {
        return None;
    }
    delays.get(name).or_else(|| delays.get(&base(name, world)?))
}

/// The interface under a VMAC or ipvlan.
fn base(name: &IfName, world: &World) -> Option<IfName> {
    let link = &world.named(name)?.link;
    let is_virtual = matches!(link.kind, LinkKind::Macvlan { .. } | LinkKind::Ipvlan { .. });
    let base = world.indexed(link.parent.filter(|_| is_virtual)?)?;
    IfName::new(&base.link.name)
}

/// Interfaces to be polled, with the method to try first: what `linkbeat_interfaces` names, all that is tracked with
/// `linkbeat_use_polling`, the own interface of an instance that has it. Never a VMAC, never what nobody tracks.
fn polled(config: &Config, tracked: &[IfName], world: &World) -> Vec<(IfName, Option<LinkbeatMethod>)> {
    let all = if config.global.linkbeat_use_polling {
        tracked
    } else {
        &[]
    };
    let own = config
        .vrrp
        .instances
        .iter()
        .filter(|i| i.linkbeat_use_polling)
        .filter_map(|i| i.interface);
    let named = config.vrrp.linkbeats.iter().map(|l| (l.interface, l.method));
    let others = all.iter().copied().chain(own).map(|name| (name, None));
    let known: HashSet<IfName> = tracked.iter().copied().collect();
    let mut seen = HashSet::new();
    named
        .chain(others)
        .filter(|(name, _)| seen.insert(*name))
        .filter(|(name, _)| {
            let why = if base(name, world).is_some() {
                "netlink works for vmacs/ipvlans"
            } else if !known.contains(name) {
                "not used for tracking"
            } else {
                return true;
            };
            tracing::info!("Turning off linkbeat for {name} since {why}");
            false
        })
        .collect()
}

impl Worker {
    /// Takes delays and polling of a new configuration; trackers of interfaces begin with what counts.
    pub(super) fn configure_links(&mut self, config: &Config, plan: &mut Plan) {
        let tracked: Vec<IfName> = plan
            .trackers
            .iter()
            .filter(|t| t.kind == TrackerKind::Interface)
            .filter_map(|t| IfName::new(&t.name))
            .collect();
        if let Err(error) = self.links.configure(config, &tracked, &self.world) {
            tracing::warn!("failed to poll link states: {error}");
        }
        // A base that flaps, or is polled, is down when that counts.
        for spec in &mut plan.instances {
            let counts = |name| self.links.counts(&name, &self.world);
            if spec.faults.contains(&Fault::BaseInterface) && spec.config.interface.is_some_and(counts) {
                spec.faults.retain(|fault| *fault != Fault::BaseInterface);
            }
        }
        for tracker in plan.trackers.iter_mut().filter(|t| t.kind == TrackerKind::Interface) {
            if let Some(name) = IfName::new(&tracker.name) {
                tracker.initial = Some(TrackerReport::Good(self.links.counts(&name, &self.world)));
            }
        }
    }

    /// The poller has found out something.
    pub(super) fn link_polled(&mut self, beat: Beat, at: Instant) {
        let Some(known) = self.links.polled.get_mut(&beat.interface) else {
            return; // an answer that was on its way when it was not wanted any more
        };
        *known = Some(beat);
        self.link_told(beat.interface, at);
    }

    /// An interface may have gone up or down: does it count?
    pub(super) fn link_told(&mut self, name: IfName, at: Instant) {
        self.statics.link_changed(&name, &self.world, at);
        self.reassert_routes(&name);
        self.vmac_may_change(name);
        let exists = self.world.named(&name).is_some();
        self.promotions.link_changed(&name, exists, &self.originals);
        let up = self.links.raw(&name, &self.world);
        let delay = self.delay_now(&name, up);
        if up || !exists {
            self.give_back(name, up, at);
        }
        let Some(state) = self.links.states.get_mut(&name) else {
            return self.link_counts(name, up, at);
        };
        let before = state.deadline();
        let verdict = if exists {
            state.report(at, up, delay)
        } else {
            // There is nothing to wait for; another interface of this name begins anew.
            *state = Debounce::new(false);
            Verdict::Counts(false)
        };
        if let Some(before) = before.filter(|_| verdict != Verdict::Nothing) {
            self.links.due.remove(&(before, name));
        }
        match verdict {
            Verdict::Nothing => {}
            Verdict::Counts(up) => self.link_counts(name, up, at),
            Verdict::Waits(until) => {
                let word = if up { "up" } else { "down" };
                tracing::debug!(
                    "Interface {name} is {word}, which counts after {} s",
                    delay.as_micros() as f64 / 1e6
                );
                self.links.due.insert((until, name));
            }
            Verdict::Flapped => tracing::debug!("Interface {name} flapped"),
        }
    }

    /// Another interface has this name by now: it begins anew, and whoever used the one before was without it for a moment.
    pub(super) fn link_replaced(&mut self, name: IfName, at: Instant) {
        if let Some(state) = self.links.states.get_mut(&name) {
            if let Some(due) = state.deadline() {
                self.links.due.remove(&(due, name));
            }
            *state = Debounce::new(false);
        }
        self.link_counts(name, false, at);
    }

    /// The link is back: a MASTER that did not leave for FAULT meanwhile wants what the kernel took away with it.
    fn give_back(&mut self, name: IfName, up: bool, at: Instant) {
        let robbed = self.links.robbed.remove(&name).unwrap_or_default();
        for id in robbed.into_iter().filter(|_| up) {
            self.engine.handle(at, Input::Reinstall(id));
        }
    }

    /// The configured delay, less where a master advertises so often that the instance would hear of its silence first
    /// (`vrrp.md` 2.2 item 18).
    fn delay_now(&self, name: &IfName, up: bool) -> Micros {
        let Some(delay) = delay(&self.links.delays, name, &self.world) else {
            return Micros::ZERO;
        };
        let wanted = if up { delay.up } else { delay.down };
        let users = self.by_interface.get(name).into_iter().flatten();
        users
            .filter_map(|id| self.engine.view(*id))
            .map(|view| {
                let interval = view.master_interval.as_micros();
                let adverts = u64::from(view.spec.config.down_timer_adverts);
                Micros((interval * adverts.saturating_sub(1)).saturating_sub(interval / 256))
            })
            .fold(wanted, Micros::min)
    }

    /// Delays that have passed.
    pub(super) fn links_due(&mut self, at: Instant) {
        while let Some((due, name)) = self.links.due.first().copied().filter(|(due, _)| *due <= at) {
            self.links.due.remove(&(due, name));
            if let Some(up) = self.links.states.get_mut(&name).and_then(|state| state.expire(at)) {
                self.link_counts(name, up, at);
            }
        }
    }

    fn link_counts(&mut self, name: IfName, up: bool, at: Instant) {
        let Some(tracker) = self.tracker_ids.known_interface(&name) else {
            return;
        };
        if self.tracker_good.insert(tracker, up) == Some(up) {
            return;
        }
        let polled = self.links.polled.get(&name).copied().flatten();
        let who = if polled.is_some_and(|beat| beat.method.is_some()) {
            "Linkbeat"
        } else {
            "Netlink"
        };
        let state = if up { "up" } else { "down" };
        tracing::info!("{who} reports {name} {state}");
        self.base_counts(name, up, at);
        self.engine.handle(at, Input::Tracker(tracker, TrackerReport::Good(up)));
    }
}
