//! Two routers on a perfect LAN, reloaded again and again with anything: never two MASTERs, and no MASTER that goes on is late
//! (`vrrp.md` section 14).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{borrow::Cow, collections::BTreeMap, net::IpAddr, sync::Arc};

use keepalived_model::{
    address::{Address, Prefixed},
    time::{Instant, Micros},
    units::{Family, Priority, Version, Vrid},
    vrrp::{Instance, SyncGroup, Tracking, WantState},
};
use keepalived_vrrp::{
    Action, Engine, GroupSpec, Input, InstanceId, InstanceSpec, KernelOutcome, Received, Reconfiguration, State,
    TrackerId, TrackerKind, TrackerReport, TrackerSpec, TrackerUse,
};
use proptest::prelude::*;

/// What an administrator may write for one node.
#[derive(Clone, Debug)]
struct Conf {
    /// VRIDs in the order of the file.
    vrids: Vec<u8>,
    /// Appended to every name.
    suffix: u8,
    /// Of all instances: members of one group with different priorities take turns, whoever reloads.
    priority: u8,
    /// One more address on every instance.
    more: bool,
    /// The order of addresses is the other one.
    turned: bool,
    interval: Micros,
    nopreempt: bool,
    state_master: bool,
    /// All instances are a sync group; its members in this order of the file or the other.
    group: Option<bool>,
    /// A script is tracked with this weight by the first instance.
    script: Option<i16>,
    garp_delay: Micros,
    family: Family,
}

#[derive(Clone, Debug)]
enum Op {
    /// The file of a node is replaced and read.
    Reload(usize, Conf),
    /// The script of a node succeeds or fails from now on.
    Script(usize, bool),
    Wait(Micros),
}

const SCRIPT: TrackerId = TrackerId(7);

fn address(family: Family, vrid: u8, n: u8) -> Address {
    let ip: IpAddr = match family {
        Family::V4 => [10, 9, vrid, n].into(),
        Family::V6 => [0xfe80, 0, 0, 0, 0, 0, vrid.into(), n.into()].into(),
    };
    Address::plain(Prefixed::new(ip, if family == Family::V4 { 24 } else { 64 }).unwrap())
}

impl Conf {
    fn instance(&self, vrid: u8) -> Instance {
        let name = format!("V{vrid}-{}", self.suffix);
        let mut i = Instance::plain(&name, Vrid::new(vrid).unwrap(), self.family);
        i.version = Version::V3;
        i.advert_interval = self.interval;
        i.priority = Priority::new(self.priority).unwrap();
        i.addresses = vec![address(self.family, vrid, 100)];
        if self.more {
            i.addresses.push(address(self.family, vrid, 101));
        }
        if self.turned {
            // An IPv6 advert begins with a link-local address; all of ours are.
            i.addresses.reverse();
        }
        if self.nopreempt {
            i.preemption = keepalived_model::vrrp::Preemption::Disabled;
        } else if self.state_master {
            i.want_state = WantState::Master;
        }
        i.garp.delay = self.garp_delay;
        i
    }

    fn specs(&self, source: IpAddr) -> Vec<InstanceSpec> {
        let spec = |vrid: &u8| {
            let mut spec = InstanceSpec::new(Arc::new(self.instance(*vrid)), Some(source));
            if let Some(weight) = self.script.filter(|_| *vrid == self.vrids[0]) {
                spec.trackers.push(TrackerUse {
                    tracker: SCRIPT,
                    weight,
                    reverse: false,
                });
            }
            spec
        };
        self.vrids.iter().map(spec).collect()
    }

    fn group(&self, ids: &[InstanceId]) -> Vec<GroupSpec> {
        let Some(turned) = self.group.filter(|_| ids.len() > 1) else {
            return Vec::new();
        };
        let mut members: Vec<(Box<str>, InstanceId)> = self
            .vrids
            .iter()
            .map(|v| self.instance(*v).name)
            .zip(ids.iter().copied())
            .collect();
        if turned {
            members.reverse();
        }
        let config = SyncGroup {
            name: "G".into(),
            members: members.iter().map(|m| m.0.clone()).collect(),
            track: Tracking::default(),
            tracking_weight: true,
            notify: Default::default(),
            notify_priority_changes: None,
            smtp_alert: false,
        };
        vec![GroupSpec {
            config: Arc::new(config),
            members: members.into_iter().map(|m| m.1).collect(),
        }]
    }
}

/// One router.
struct Node {
    engine: Engine,
    source: IpAddr,
    conf: Conf,
    ids: Vec<InstanceId>,
    script: bool,
    /// The last advert of each VRID: when, at which interval, with which priority.
    adverts: BTreeMap<u8, (Instant, Micros, u8)>,
}

impl Node {
    fn states(&self) -> BTreeMap<u8, State> {
        let of = |id: &InstanceId| {
            self.engine
                .view(*id)
                .map(|view| (view.spec.config.vrid.get(), view.state))
        };
        self.ids.iter().filter_map(of).collect()
    }
}

impl Node {
    fn priority(&self, vrid: u8) -> Option<u8> {
        let views = self.ids.iter().filter_map(|id| self.engine.view(*id));
        let mut of_vrid = views.filter(|view| view.spec.config.vrid.get() == vrid);
        of_vrid.next().map(|view| view.effective_priority)
    }
}

/// Both, at one time.
struct Lan {
    nodes: Vec<Node>,
    now: Instant,
}

/// An advert on its way: from which node, which VRID, priority, octets.
type Flying = (usize, u8, u8, Vec<u8>);

impl Lan {
    fn new(confs: [Conf; 2]) -> Self {
        let source = |n: u16| match confs[0].family {
            Family::V4 => [10, 9, 0, n as u8 + 1].into(),
            Family::V6 => [0xfe80, 0, 0, 0, 0, 0, 0, n + 1].into(),
        };
        let nodes = confs.clone().into_iter().zip(0..).map(|(conf, n)| Node {
            engine: Engine::default(),
            source: source(n),
            conf,
            ids: Vec::new(),
            script: true,
            adverts: BTreeMap::new(),
        });
        let mut lan = Self {
            nodes: nodes.collect(),
            now: Instant(1_000_000),
        };
        for (n, conf) in confs.into_iter().enumerate() {
            lan.configure(n, conf);
        }
        lan
    }

    fn configure(&mut self, n: usize, conf: Conf) {
        let node = &mut self.nodes[n];
        let specs = conf.specs(node.source);
        let ids = node.engine.assign_ids(&specs);
        let trackers = conf.script.map(|_| TrackerSpec {
            id: SCRIPT,
            name: "s".into(),
            kind: TrackerKind::Script { rise: 1, fall: 1 },
            initial: None,
        });
        let groups = conf.group(&ids);
        let wish = Reconfiguration {
            trackers: trackers.into_iter().collect(),
            instances: ids.iter().copied().zip(specs).collect(),
            pacing: Vec::new(),
            groups,
        };
        node.ids = ids;
        node.conf = conf;
        self.input(n, Input::Reconfigure(Box::new(wish)));
        self.script(n, self.nodes[n].script);
    }

    fn script(&mut self, n: usize, good: bool) {
        self.nodes[n].script = good;
        if self.nodes[n].conf.script.is_some() {
            self.input(n, Input::Tracker(SCRIPT, TrackerReport::Good(good)));
        }
    }

    fn input(&mut self, n: usize, input: Input<'_>) {
        self.nodes[n].engine.handle(self.now, input);
        self.settle();
    }

    /// Lets everything that was sent arrive, until nobody has anything to say.
    fn settle(&mut self) {
        for _ in 0..1000 {
            let flying: Vec<Flying> = (0..self.nodes.len()).flat_map(|n| self.drain(n)).collect();
            if flying.is_empty() {
                return self.check_masters();
            }
            for (from, vrid, _, bytes) in flying {
                self.deliver(1 - from, self.nodes[from].source, vrid, &bytes);
            }
        }
        panic!("they talk without end");
    }

    fn deliver(&mut self, to: usize, source: IpAddr, vrid: u8, bytes: &[u8]) {
        let node = &mut self.nodes[to];
        let of_vrid = |id: &&InstanceId| node.engine.view(**id).is_some_and(|v| v.spec.config.vrid.get() == vrid);
        let Some(id) = node.ids.iter().find(of_vrid).copied() else {
            return;
        };
        let (destination, ttl): (IpAddr, u8) = match node.conf.family {
            Family::V4 => ([224, 0, 0, 18].into(), bytes[8]),
            Family::V6 => ([0xff02, 0, 0, 0, 0, 0, 0, 0x12].into(), 255),
        };
        let packet = Received {
            instance: id,
            source,
            destination,
            ttl: Some(ttl),
            bytes: Cow::Borrowed(bytes),
        };
        node.engine.handle(self.now, Input::Packet(packet));
    }

    fn drain(&mut self, n: usize) -> Vec<Flying> {
        let mut flying = Vec::new();
        let now = self.now;
        let node = &mut self.nodes[n];
        while let Some(action) = node.engine.poll_action() {
            match action {
                Action::Transmit(t) => {
                    let mut bytes = vec![0; t.len()];
                    t.write(0, &mut bytes).unwrap();
                    let message = if node.conf.family == Family::V4 {
                        &bytes[20..]
                    } else {
                        &bytes[..]
                    };
                    let (vrid, priority) = (message[1], message[2]);
                    node.adverts.insert(vrid, (now, node.conf.interval, priority));
                    flying.push((n, vrid, priority, bytes));
                }
                Action::Kernel(batch) => {
                    node.engine
                        .handle(now, Input::KernelDone(batch.ticket, KernelOutcome::default()));
                }
                _ => {}
            }
        }
        flying
    }

    fn check_masters(&self) {
        let (a, b) = (self.nodes[0].states(), self.nodes[1].states());
        for (vrid, state) in &a {
            let both = *state == State::Master && b.get(vrid) == Some(&State::Master);
            assert!(!both, "two MASTERs of {vrid} at {:?}", self.now);
        }
    }

    /// No MASTER has been silent for longer than its interval.
    fn check_adverts(&self) {
        for node in &self.nodes {
            for (vrid, state) in node.states() {
                if state != State::Master {
                    continue;
                }
                let Some((last, interval, _)) = node.adverts.get(&vrid) else {
                    panic!("a MASTER of {vrid} that never said so");
                };
                let longest = (*interval).max(node.conf.interval);
                let silent = self.now.since(*last);
                assert!(silent <= longest, "a MASTER of {vrid} has been silent for {silent:?}");
            }
        }
    }

    fn run(&mut self, time: Micros) {
        let end = self.now + time;
        loop {
            let due = self.nodes.iter().filter_map(|n| n.engine.next_deadline()).min();
            let Some(at) = due.filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            self.check_adverts();
            for n in 0..self.nodes.len() {
                if self.nodes[n].engine.next_deadline().is_some_and(|due| due <= self.now) {
                    self.nodes[n].engine.handle_timeout(self.now);
                    self.settle();
                }
            }
        }
        self.now = end;
        self.check_adverts();
    }

    /// A reload as the worker does it.
    fn reload(&mut self, n: usize, conf: Conf) {
        self.input(n, Input::AdvertiseNow);
        let before = self.nodes[n].states();
        let old = self.nodes[n].conf.clone();
        let regrouped = old.group.is_some() || conf.group.is_some();
        let told = conf.script.is_some() || old.script.is_some();
        self.configure(n, conf);
        let after = self.nodes[n].states();
        for (vrid, state) in before {
            if state != State::Master || !after.contains_key(&vrid) {
                continue;
            }
            // A script that fails, or a fellow of a group, may take it down; nothing else may.
            if !regrouped && !told {
                let now = after[&vrid];
                assert!(now == State::Master, "{vrid} of node {n} was MASTER and is {now:?}");
            }
            if after[&vrid] == State::Master {
                let (at, _, priority) = self.nodes[n].adverts[&vrid];
                assert_eq!(at, self.now, "no advert at the reload");
                // A verdict that comes after the reload is told with the next advert.
                if !told {
                    let known = self.nodes[n].priority(vrid);
                    assert_eq!(Some(priority), known, "the others do not know the new priority");
                }
            }
        }
    }
}

fn conf(family: Family) -> impl Strategy<Value = Conf> {
    let vrids = prop::sample::subsequence(vec![51_u8, 52, 53], 1..=3).prop_shuffle();
    let interval = prop::sample::select(vec![200_u64, 500, 1000]);
    let script = prop::sample::select(vec![None, None, Some(0), Some(-60), Some(30)]);
    let group = prop::sample::select(vec![None, None, Some(false), Some(true)]);
    let delay = prop::sample::select(vec![0_u64, 700]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (vrids, 0..3_u8, 1..=254_u8, flags, interval, script, group, delay).prop_map(
        move |(vrids, suffix, priority, (more, turned, nopreempt, state_master), interval, script, group, delay)| {
            Conf {
                vrids,
                suffix,
                priority,
                more,
                turned,
                interval: Micros::from_millis(interval),
                nopreempt,
                state_master,
                group,
                script,
                garp_delay: Micros::from_millis(delay),
                family,
            }
        },
    )
}

fn op(family: Family) -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..2_usize, conf(family)).prop_map(|(n, conf)| Op::Reload(n, conf)),
        1 => (0..2_usize, any::<bool>()).prop_map(|(n, good)| Op::Script(n, good)),
        3 => (0..6000_u64).prop_map(|ms| Op::Wait(Micros::from_millis(ms))),
    ]
}

fn story() -> impl Strategy<Value = (Conf, Conf, Vec<Op>)> {
    prop::sample::select(vec![Family::V4, Family::V6])
        .prop_flat_map(|family| (conf(family), conf(family), prop::collection::vec(op(family), 1..12)))
}

proptest! {
    #[test]
    fn a_reload_with_anything_makes_no_second_master_and_delays_no_advert((a, b, ops) in story()) {
        let mut lan = Lan::new([a, b]);
        lan.run(Micros::from_secs(6));
        for op in ops {
            match op {
                Op::Reload(n, conf) => lan.reload(n, conf),
                Op::Script(n, good) => lan.script(n, good),
                Op::Wait(time) => lan.run(time),
            }
        }
        // Asymmetric groups may wait for ever, as they are told to; so both nodes end with the same virtual routers.
        let last = Conf { script: None, ..lan.nodes[0].conf.clone() };
        let priority = lan.nodes[1].conf.priority;
        lan.reload(1, Conf { priority, ..last.clone() });
        lan.reload(0, last);
        lan.run(Micros::from_secs(12));
        let states: Vec<_> = lan.nodes.iter().map(Node::states).collect();
        for vrid in [51, 52, 53] {
            let all: Vec<State> = states.iter().filter_map(|s| s.get(&vrid)).copied().collect();
            let masters = all.iter().filter(|s| **s == State::Master).count();
            prop_assert_eq!(masters, usize::from(!all.is_empty()), "{} is {:?}", vrid, all);
        }
    }
}
