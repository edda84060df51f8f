//! What a seed decides.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use keepalived_model::{
    address::{Address, Prefixed},
    time::Micros,
    units::{Family, Priority, Version, Vrid},
    vrrp::{Instance, Peer, Preemption, Transport, WantState},
};

use crate::{
    random::Random,
    signing::{self, Stage, WINDOW},
    tracking::TrackPlan,
};

/// What befalls the world at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The node's power fails: process and kernel are gone.
    PowerOff(usize),
    /// The process is killed; the kernel keeps what it has.
    Kill(usize),
    /// The process stops as it should.
    Stop(usize),
    /// The process starts (again).
    Start(usize),
    /// The link goes down (`false`) or up.
    Link(usize, bool),
    /// The second interface, tracked without weight.
    Uplink(usize, bool),
    /// The script of this node fails (`false`) or succeeds from now on.
    Script(usize, bool),
    /// Somebody deletes an address by hand: node, instance, address.
    Theft(usize, usize, u16),
    /// The base priority is changed through SNMP: node, instance, value.
    Priority(usize, usize, u8),
    /// The node's configuration is read again with another set of addresses for an instance.
    Reload(usize, usize),
    /// Every node is in the part of the LAN that its number says.
    Partition(Vec<u8>),
    /// Garbage and damaged copies of adverts arrive at a node.
    Noise(usize, u64),
    /// Somebody asks for announcements.
    SendGarp(usize, usize),
    /// Another number is written to the file of this node.
    File(usize, i32),
    /// The process that this node watches ends (`false`) or runs again.
    Process(usize, bool),
    /// The configuration is read again without (`false`) or with its sync group.
    Group(usize, bool),
    /// The configuration is read again without (`false`) or with its last instance, while the process runs.
    Member(usize, bool),
    /// The configuration is read again with another stage of [`Plan::stages`].
    Stage(usize, usize),
    /// The wall clock of a node is set, by milliseconds.
    Clock(usize, i64),
    /// All wall clocks are set at once, by milliseconds.
    Clocks(i64),
    /// Somebody without a key sends adverts of priority 255 to a node.
    Forgery(usize),
    /// Somebody sends a node once more what it has accepted last.
    Replay(usize),
}

/// A node.
#[derive(Clone, Debug)]
pub struct NodePlan {
    /// Its configuration, the same virtual routers on every node.
    pub instances: Vec<Arc<Instance>>,
    /// Address adverts come from.
    pub source: IpAddr,
    /// How much faster its clock runs, parts per million.
    pub ppm: i64,
    /// What its clock shows when the world begins.
    pub offset: u64,
    /// What it tracks.
    pub track: TrackPlan,
    /// Its instances are a sync group.
    pub grouped: bool,
    /// By how much its wall clock is ahead, microseconds.
    pub wall: i64,
}

/// Everything a seed decides.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// At least two.
    pub nodes: Vec<NodePlan>,
    /// Percentage of packets lost while things happen.
    pub loss: u64,
    /// Percentage of packets that arrive twice.
    pub duplicates: u64,
    /// Longest way of a packet while things happen; shorter ones overtake.
    pub delay: Micros,
    /// Longest time the kernel takes for a batch.
    pub kernel_delay: Micros,
    /// What nodes go through to prove who they are; all begin with the first.
    pub stages: Vec<Stage>,
    /// From here on there is never more than one MASTER of a router, not even for a moment.
    pub one_voice_from: Option<Micros>,
    /// What happens when, sorted.
    pub happenings: Vec<(Micros, Happening)>,
    /// When nothing happens any more and the LAN is whole and lossless.
    pub quiet_from: Micros,
    /// When the world ends, long enough after that for every election to be over.
    pub end: Micros,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut r = Random::new(seed);
        let count = r.range(2, 4) as usize;
        let family = if r.percent(25) { Family::V6 } else { Family::V4 };
        let routers: Vec<Instance> = (0..r.range(1, 2)).map(|n| router(&mut r, n as u8, family)).collect();
        let grouped = routers.len() > 1 && r.percent(40);
        let nodes: Vec<NodePlan> = (0..count).map(|n| node(&mut r, n, count, &routers, grouped)).collect();
        let slowest = nodes
            .iter()
            .flat_map(|n| &n.instances)
            .map(|i| i.advert_interval)
            .max()
            .unwrap_or_default();
        let length = slowest.times(15);
        let quiet_from = length + Micros::from_millis(10);
        let mut happenings = happenings(&mut r, count, routers.len(), length);
        happenings.retain(|h| !(grouped && matches!(h.1, Happening::Priority(..))));
        happenings.retain(|h| grouped || !matches!(h.1, Happening::Group(..)));
        let stages = signing::stages(&mut r);
        happenings.extend(signing::steps(&mut r, stages.len(), count, Micros::ZERO, length));
        let hmac = stages.iter().filter_map(|s| s.hmac.as_deref()).next();
        // twice the longest Master_Down: once for a takeover, once more for a preemption after it
        let mut settle = (slowest.times(4) + Micros::SECOND).times(2) + slowest.times(3);
        if hmac.is_some_and(|h| !h.monotonic) {
            happenings.extend(signing::clocks(&mut r, count, length));
            // a mark that a clock left, which was wrong but not too wrong
            settle = settle + WINDOW.times(2);
        }
        happenings.sort_by_key(|h| h.0);
        Self {
            stages,
            one_voice_from: None,
            seed,
            loss: r.pick(&[0, 0, 1, 10, 40]),
            duplicates: r.pick(&[0, 0, 5, 30]),
            delay: Micros(r.pick(&[10, 300, 5_000, 60_000])),
            kernel_delay: Micros(r.pick(&[0, 50, 2_000, 30_000])),
            nodes,
            happenings,
            quiet_from,
            end: quiet_from + settle,
        }
    }
}

impl Plan {
    /// The plan of a seed in which nothing happens but the introduction of signed adverts or of a new key, in the documented order,
    /// while clocks are set.
    #[must_use]
    pub fn rollout(seed: u64) -> Self {
        let mut r = Random::new(seed ^ 0x5eed);
        let stages = signing::rollout(&mut r, false);
        Self::calm(seed, &mut r, stages)
    }

    /// The same with a step left out: something must go wrong.
    #[must_use]
    pub fn hasty(seed: u64) -> Self {
        let mut r = Random::new(seed ^ 0x5eed);
        let stages = signing::hasty(&mut r);
        Self::calm(seed, &mut r, stages)
    }

    fn calm(seed: u64, r: &mut Random, stages: Vec<Stage>) -> Self {
        let mut plan = Self::of(seed);
        let nodes = plan.nodes.len();
        let slowest = plan.slowest();
        let from = slowest.times(10) + Micros::from_secs(4);
        let until = from + slowest.times(20) + Micros::from_secs(4);
        plan.loss = 0;
        plan.duplicates = 0;
        plan.delay = Micros(300);
        plan.kernel_delay = Micros(50);
        plan.happenings = signing::steps(r, stages.len(), nodes, from, until);
        if r.percent(50) {
            let at = Micros(r.range(from.0, until.0));
            let step = r.pick(&[-3_600_000, -2_000, 5_000, 3_600_000]);
            plan.happenings.push((at, Happening::Clocks(step)));
        }
        plan.happenings.sort_by_key(|h| h.0);
        plan.stages = stages;
        plan.one_voice_from = Some(from);
        plan.quiet_from = until + Micros::from_millis(10);
        plan.end = plan.quiet_from + (slowest.times(4) + Micros::SECOND).times(2) + slowest.times(3);
        plan
    }

    /// The longest interval of any instance.
    fn slowest(&self) -> Micros {
        let intervals = self.nodes.iter().flat_map(|n| &n.instances).map(|i| i.advert_interval);
        intervals.max().unwrap_or_default()
    }
}

/// One virtual router as all nodes configure it.
fn router(r: &mut Random, n: u8, family: Family) -> Instance {
    let vrid = Vrid::new(51 + n).unwrap_or_else(|| unreachable!("not 0"));
    let mut i = Instance::plain(&format!("V{n}"), vrid, family);
    i.version = match family {
        Family::V4 if r.percent(50) => Version::V2,
        _ => Version::V3,
    };
    i.advert_interval = match i.version {
        Version::V2 => Micros::SECOND,
        Version::V3 => Micros::from_millis(r.pick(&[200, 500, 1000])),
    };
    i.addresses = (0..r.range(1, 3)).map(|a| vip(family, n, a as u8)).collect();
    if r.percent(30) {
        i.excluded_addresses = vec![vip(family, n, 100)];
    }
    i.accept = r.percent(70);
    i.lower_prio_no_advert = r.percent(20);
    i.higher_prio_send_advert = r.percent(20);
    i.garp.delay = Micros::from_millis(r.pick(&[0, 300, 2000]));
    i.garp.refresh = Micros::from_millis(r.pick(&[0, 0, 700]));
    i.garp.lower_prio_delay = i.garp.delay;
    i
}

/// An address of a virtual router.
pub(crate) fn vip(family: Family, router: u8, n: u8) -> Address {
    let (ip, prefix_len): (IpAddr, u8) = match family {
        Family::V4 => (Ipv4Addr::new(10, 9, router, n + 100).into(), 24),
        Family::V6 => (
            Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, router.into(), u16::from(n) + 0x100).into(),
            64,
        ),
    };
    Address::plain(Prefixed {
        address: ip,
        prefix_len,
    })
}

fn source(family: Family, n: usize) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::new(10, 9, 0, n as u8 + 1).into(),
        Family::V6 => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, n as u16 + 1).into(),
    }
}

fn node(r: &mut Random, n: usize, count: usize, routers: &[Instance], grouped: bool) -> NodePlan {
    let family = routers[0].family;
    let unicast = routers[0].addresses.len() == 2; // one decision for all nodes
    let preemption = r.pick(&[
        Preemption::Immediate,
        Preemption::Immediate,
        Preemption::Disabled,
        Preemption::Delayed(Micros::from_millis(1500)),
    ]);
    let instances = routers.iter().map(|i| {
        let mut i = i.clone();
        let value = r.pick(&[1, 50, 100, 100, 150, 200, 254]);
        i.priority = Priority::new(value).unwrap_or(Priority::DEFAULT);
        i.preemption = preemption;
        if i.version == Version::V3 && !i.higher_prio_send_advert && r.percent(30) {
            // Version 3 learns the interval of its master. With higher_prio_send_advert a yielding master's last advert teaches third
            // nodes its own, shorter one after they have learnt the new master's: they then take over again and again, as the keyword says.
            i.advert_interval = Micros::from_millis(r.pick(&[200, 500, 1000]));
        }
        if n == 0 && r.percent(10) {
            i.priority = Priority::OWNER;
            i.want_state = WantState::Master;
            i.preemption = Preemption::Immediate;
        }
        if unicast {
            let peers = (0..count).filter(|p| *p != n).map(|p| Peer {
                address: source(family, p),
                min_ttl: 0,
                max_ttl: 255,
            });
            i.transport = Transport::Unicast {
                source: Some(source(family, n)),
                peers: peers.collect(),
                ttl: None,
                check_source: true,
            };
        }
        Arc::new(i)
    });
    let mut instances: Vec<Arc<Instance>> = instances.collect();
    if grouped {
        // members of a group have one priority, or groups take turns in yielding to each other
        let first = instances[0].clone();
        for instance in &mut instances[1..] {
            let mut same = (**instance).clone();
            same.priority = first.priority;
            same.want_state = first.want_state;
            same.preemption = first.preemption;
            *instance = Arc::new(same);
        }
    }
    let owner = instances.iter().any(|i| i.priority == Priority::OWNER);
    let track = TrackPlan::of(r, instances.len(), owner);
    NodePlan {
        grouped,
        instances,
        source: source(family, n),
        ppm: r.range(0, 400) as i64 - 200,
        offset: r.range(1, 1 << 40),
        track,
        wall: r.range(0, 2_000_000) as i64 - 1_000_000,
    }
}

/// Things that happen until `length`, each undone in time or at its end.
fn happenings(r: &mut Random, nodes: usize, routers: usize, length: Micros) -> Vec<(Micros, Happening)> {
    let mut list = Vec::new();
    for _ in 0..r.range(0, 14) {
        let n = r.range(0, nodes as u64 - 1) as usize;
        let i = r.range(0, routers as u64 - 1) as usize;
        let at = Micros(r.range(0, length.0));
        let until = Micros(r.range(at.0, length.0));
        let (what, undo) = match r.range(0, 19) {
            0 => (Happening::PowerOff(n), Some(Happening::Start(n))),
            1 => (Happening::Kill(n), Some(Happening::Start(n))),
            2 => (Happening::Stop(n), Some(Happening::Start(n))),
            3 => (Happening::Link(n, false), Some(Happening::Link(n, true))),
            4 => (Happening::Uplink(n, false), Some(Happening::Uplink(n, true))),
            5 => (Happening::Script(n, false), Some(Happening::Script(n, true))),
            6 => (Happening::Theft(n, i, r.range(0, 2) as u16), None),
            7 => (Happening::Priority(n, i, r.range(1, 254) as u8), None),
            8 => (Happening::Reload(n, i), None),
            9 => (
                Happening::Partition((0..nodes).map(|_| r.range(0, 1) as u8).collect()),
                Some(Happening::Partition(vec![0; nodes])),
            ),
            10 | 11 => (Happening::Noise(n, r.next()), None),
            12 => {
                let number = r.pick(&[-300, -20, 1, 5, 1000]);
                (Happening::File(n, number), Some(Happening::File(n, 0)))
            }
            13 => (Happening::Process(n, false), Some(Happening::Process(n, true))),
            14 => (Happening::Group(n, false), Some(Happening::Group(n, true))),
            15 if routers > 1 => (Happening::Member(n, false), Some(Happening::Member(n, true))),
            16 => (Happening::Forgery(n), None),
            17 | 18 => (Happening::Replay(n), None),
            _ => (Happening::SendGarp(n, i), None),
        };
        // some of the damage is never repaired
        let whole = matches!(
            what,
            Happening::Partition(_) | Happening::Group(..) | Happening::Member(..)
        );
        let lasting = r.percent(15) && !whole;
        list.push((at, what));
        list.extend(undo.filter(|_| !lasting).map(|u| (until, u)));
    }
    list.sort_by_key(|h| h.0);
    list
}
