//! The world: a queue of events, the LAN between the nodes, and what befalls them.

use std::{borrow::Cow, cmp::Reverse, collections::BinaryHeap, net::IpAddr, rc::Rc, sync::Arc};

use keepalived_model::time::Micros;
use keepalived_vrrp::{Action, Engine, Input, InstanceId, Received, Reconfiguration, TrackerReport, Transmit};
use keepalived_wire::{ah, hmac_trailer, ipv4, vrrp::Advert};

use crate::{
    check::{self, Violation},
    node::{Node, Recorded},
    plan::{Happening, Plan, vip},
    random::Random,
    tracking::{FILE, LINK, PROCESS, SCRIPT, UPLINK},
};

/// How to run a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Keep what every engine was given and what it wanted.
    pub record: bool,
    /// Let every engine decide wrongly in one respect.
    #[cfg(feature = "mutations")]
    pub mutation: Option<keepalived_vrrp::Mutation>,
}

impl Options {
    /// Nothing special, but everything is recorded.
    #[must_use]
    pub fn recording() -> Self {
        Self {
            record: true,
            #[cfg(feature = "mutations")]
            mutation: None,
        }
    }
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Adverts that reached an engine.
    pub delivered: u64,
    /// How often somebody became MASTER.
    pub elections: u64,
    /// Announcements.
    pub announcements: u64,
    /// What the engines lived through, node by node, since their last start; empty unless asked for.
    pub records: Vec<Vec<Recorded>>,
}

#[derive(Debug)]
enum Event {
    Happens(usize),
    Timer { node: usize, epoch: u64 },
    Kernel { node: usize, epoch: u64 },
    Script { node: usize, epoch: u64 },
    Packet { node: usize, packet: Packet },
    Noise { node: usize, left: u32, random: u64 },
}

#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) ttl: u8,
    pub(crate) from: Option<usize>,
    pub(crate) bytes: Rc<[u8]>,
}

impl Packet {
    /// The message in it.
    fn advert(&self) -> Option<Advert<'_>> {
        let v6 = self.source.is_ipv6();
        if v6 {
            return Advert::parse(&self.bytes, v6).ok();
        }
        let ip = ipv4::Packet::parse(&self.bytes).ok()?;
        let payload = if ip.protocol() == ah::PROTOCOL {
            ah::View::split(ip.payload())?.1
        } else {
            ip.payload()
        };
        Advert::parse(payload, v6).ok()
    }

    /// Is there an HMAC trailer behind it?
    pub(crate) fn has_trailer(&self) -> bool {
        self.advert().is_some_and(|a| a.rest().len() == hmac_trailer::LEN)
    }
}

pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    #[cfg(feature = "mutations")]
    options: Options,
    pub(crate) now: Micros,
    pub(crate) nodes: Vec<Node>,
    random: Random,
    events: Vec<Option<Event>>,
    free: Vec<usize>,
    queue: BinaryHeap<Reverse<(Micros, u64, usize)>>,
    serial: u64,
    parts: Vec<u8>,
    last_packet: Option<Packet>,
    report: Report,
}

/// Plays a plan from beginning to end.
///
/// # Errors
/// The first invariant that does not hold.
pub fn run(plan: &Plan, options: Options) -> Result<Report, Violation> {
    let mut world = World {
        plan,
        #[cfg(feature = "mutations")]
        options,
        now: Micros::ZERO,
        nodes: plan
            .nodes
            .iter()
            .map(|n| Node::new(n.clone(), &plan.stages[0], options.record))
            .collect(),
        random: Random::new(plan.seed ^ 0xfeed),
        events: Vec::new(),
        free: Vec::new(),
        queue: BinaryHeap::new(),
        serial: 0,
        parts: vec![0; plan.nodes.len()],
        last_packet: None,
        report: Report::default(),
    };
    let outcome = world.play();
    let records = world.nodes.iter_mut().filter_map(|n| n.record.take()).collect();
    match outcome {
        Ok(()) => Ok(Report {
            records,
            ..world.report
        }),
        Err(violation) => Err(Violation { records, ..violation }),
    }
}

impl World<'_> {
    fn play(&mut self) -> Result<(), Violation> {
        for node in 0..self.nodes.len() {
            self.start(node)?;
        }
        for (n, (at, _)) in self.plan.happenings.iter().enumerate() {
            self.schedule(*at, Event::Happens(n));
        }
        while let Some((at, event)) = self.next_event_until(self.plan.end) {
            self.now = at;
            self.event(event)?;
        }
        self.now = self.plan.end;
        check::after_quiet(self.plan, &self.nodes, &self.parts)?;
        self.epilogue()
    }

    /// The master of the first router stops as it should: the next one takes over after its skew, without waiting for Master_Down.
    fn epilogue(&mut self) -> Result<(), Violation> {
        let Some(master) = check::master(&self.nodes) else {
            return Ok(());
        };
        self.stop(master)?;
        if self.nodes[master].grouped {
            // a group takes as long as its slowest member
            return Ok(());
        }
        let alive = check::able(&self.nodes, &self.parts, self.parts[master], 0);
        let skew = alive
            .iter()
            .filter_map(|n| self.nodes[*n].skew())
            .min()
            .unwrap_or_default();
        let end = self.plan.end + skew + Micros::from_millis(4);
        while let Some((at, event)) = self.next_event_until(end) {
            self.now = at;
            self.event(event)?;
        }
        check::after_resignation(self.plan, &self.nodes, &alive)
    }

    fn schedule(&mut self, at: Micros, event: Event) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.events.push(None);
            self.events.len() - 1
        });
        self.events[place] = Some(event);
        self.serial += 1;
        self.queue.push(Reverse((at, self.serial, place)));
    }

    fn next_event_until(&mut self, end: Micros) -> Option<(Micros, Event)> {
        self.queue.peek().filter(|Reverse(e)| e.0 <= end)?;
        let Reverse((at, _, place)) = self.queue.pop()?;
        self.free.push(place);
        self.events[place].take().map(|event| (at, event))
    }

    fn event(&mut self, event: Event) -> Result<(), Violation> {
        match event {
            Event::Happens(n) => {
                let plan = self.plan;
                self.happens(&plan.happenings[n].1)
            }
            Event::Timer { node, epoch } if self.nodes[node].epoch == epoch => {
                self.nodes[node].timer_at = None;
                self.step(node, None)
            }
            Event::Kernel { node, epoch } if self.nodes[node].epoch == epoch => {
                let answer = self.nodes[node].carry_out();
                answer.map_or(Ok(()), |input| self.step(node, Some(input)))
            }
            Event::Script { node, epoch } if self.nodes[node].epoch == epoch => {
                let report = TrackerReport::Good(self.nodes[node].found.script);
                self.step(node, Some(Input::Tracker(SCRIPT, report)))
            }
            Event::Packet { node, packet } => self.deliver(node, &packet),
            Event::Noise { node, left, random } => self.noise(node, left, random),
            Event::Timer { .. } | Event::Kernel { .. } | Event::Script { .. } => Ok(()),
        }
    }

    /// Gives an engine an input, does what it wants, checks it, and sees to its next timer.
    pub(crate) fn step(&mut self, node: usize, input: Option<Input<'_>>) -> Result<(), Violation> {
        let actions = self.nodes[node].step(self.now, input);
        for action in actions {
            check::action(self.plan, self.now, node, &mut self.nodes[node], &action)?;
            self.perform(node, action);
        }
        check::state(self.plan, self.now, node, &self.nodes[node])?;
        check::one_voice(self.plan, self.now, &self.nodes)?;
        self.arm(node);
        Ok(())
    }

    fn arm(&mut self, node: usize) {
        let n = &mut self.nodes[node];
        let Some(deadline) = n.engine.as_ref().and_then(Engine::next_deadline) else {
            return;
        };
        let at = n.world_time(deadline).max(self.now);
        if n.timer_at.is_none_or(|t| at < t) {
            n.timer_at = Some(at);
            let epoch = n.epoch;
            self.schedule(at, Event::Timer { node, epoch });
        }
    }

    fn perform(&mut self, node: usize, action: Action) {
        match action {
            Action::Transmit(advert) => self.transmit(node, &advert),
            Action::Kernel(batch) => {
                let n = &mut self.nodes[node];
                n.pending.push_back(batch);
                let took = self.random.range(0, self.plan.kernel_delay.0);
                n.kernel_busy_until = (self.now + Micros(took)).max(n.kernel_busy_until);
                let (at, epoch) = (n.kernel_busy_until, n.epoch);
                self.schedule(at, Event::Kernel { node, epoch });
            }
            Action::Announce(_) => self.report.announcements += 1,
            Action::State(change) => {
                self.report.elections += u64::from(change.new == keepalived_vrrp::Notified::Master);
            }
            _ => {}
        }
    }

    fn transmit(&mut self, node: usize, advert: &Transmit) {
        let mut buffer = [0; 1500];
        for copy in 0..advert.copies() {
            let (Ok(len), Some(destination)) = (advert.write(copy, &mut buffer), advert.destination(copy)) else {
                continue;
            };
            let packet = Packet {
                source: advert.source(),
                destination,
                ttl: advert.ttl().unwrap_or(64),
                from: Some(node),
                bytes: Rc::from(&buffer[..len]),
            };
            for to in 0..self.nodes.len() {
                let reached = destination.is_multicast() || self.nodes[to].plan.source == destination;
                if to != node && reached && self.nodes[node].found.link {
                    self.send(to, &packet);
                }
            }
            self.last_packet = Some(packet);
        }
    }

    /// A packet on its way: lost, late, doubled, overtaken.
    fn send(&mut self, to: usize, packet: &Packet) {
        let quiet = self.now >= self.plan.quiet_from;
        let (loss, duplicates) = if quiet {
            (0, 0)
        } else {
            (self.plan.loss, self.plan.duplicates)
        };
        if self.random.percent(loss) {
            return;
        }
        for _ in 0..=u64::from(self.random.percent(duplicates)) {
            // in quiet times nothing overtakes
            let way = if quiet {
                self.plan.delay.0.min(500)
            } else {
                self.random.range(1, self.plan.delay.0)
            };
            let at = self.now + Micros(way);
            let packet = packet.clone();
            self.schedule(at, Event::Packet { node: to, packet });
        }
    }

    pub(crate) fn deliver(&mut self, node: usize, packet: &Packet) -> Result<(), Violation> {
        let here = self.parts[node];
        let cut = packet.from.is_some_and(|f| self.parts[f] != here) || !self.nodes[node].found.link;
        let Some(instance) = self.instance_of(node, packet).filter(|_| !cut) else {
            return Ok(());
        };
        if self.nodes[node].engine.is_none() {
            return Ok(());
        }
        self.report.delivered += 1;
        self.nodes[node].seen[instance].delivered += 1;
        let bytes = packet.bytes.clone();
        let received = Received {
            instance: InstanceId(instance as u32),
            source: packet.source,
            destination: packet.destination,
            ttl: Some(packet.ttl),
            bytes: Cow::Borrowed(&bytes),
        };
        let before = self.nodes[node].heard(instance);
        self.step(node, Some(Input::Packet(received)))?;
        let n = &mut self.nodes[node];
        if n.heard(instance) > before {
            n.accepted[instance] = n.is_once_only(instance, packet).then(|| packet.clone());
        }
        Ok(())
    }

    /// Demultiplexing, as a worker does it.
    pub(crate) fn instance_of(&self, node: usize, packet: &Packet) -> Option<usize> {
        let vrid = packet.advert()?.vrid();
        let n = &self.nodes[node];
        let place = n.instances.iter().position(|i| i.vrid.get() == vrid);
        place.filter(|p| n.present[*p])
    }

    /// Damaged copies of the last advert, a tenth of a second apart.
    fn noise(&mut self, node: usize, left: u32, random: u64) -> Result<(), Violation> {
        let mut r = Random::new(random);
        if left > 0 && self.now < self.plan.quiet_from {
            let again = Event::Noise {
                node,
                left: left - 1,
                random: r.next(),
            };
            self.schedule(self.now + Micros::from_millis(100), again);
        }
        let Some(mut packet) = self.last_packet.clone() else {
            return Ok(());
        };
        let mut bytes = packet.bytes.to_vec();
        let v6 = packet.source.is_ipv6();
        // over IPv6 the kernel checks the sum, so only what it lets pass arrives here
        match r.range(0, 3) {
            0 => bytes.truncate(r.range(8, bytes.len() as u64) as usize - 1),
            1 => bytes.extend_from_slice(&[0xaa; 50]),
            2 => packet.ttl = 1,
            _ if v6 => bytes[0] = 0x31 ^ 0x0f,
            _ => {
                let at = r.range(22, bytes.len() as u64 - 1) as usize;
                bytes[at] ^= 1 << r.range(0, 7);
            }
        }
        // one peer's limits let any TTL pass
        let same = packet.bytes[..] == bytes[..] && (packet.ttl == 255 || !packet.destination.is_multicast());
        // without its trailer it is an advert of somebody who does not sign yet
        let harmless = same || bytes.len() + hmac_trailer::LEN == packet.bytes.len();
        packet.from = None;
        packet.bytes = bytes.into();
        if harmless {
            return Ok(());
        }
        let before = check::calm(&self.nodes[node]);
        self.deliver(node, &packet)?;
        let after = check::calm(&self.nodes[node]);
        check::noise(self.plan, self.now, node, "a damaged packet", before, after)
    }

    fn start(&mut self, node: usize) -> Result<(), Violation> {
        if self.nodes[node].engine.is_some() {
            return Ok(());
        }
        #[cfg_attr(not(feature = "mutations"), expect(unused_mut, reason = "mutated with the feature"))]
        let mut engine = Engine::default();
        #[cfg(feature = "mutations")]
        engine.mutate(self.options.mutation);
        let n = &mut self.nodes[node];
        n.boot(engine);
        n.kernel_busy_until = self.now;
        let (epoch, wish) = (n.epoch, n.wish(true));
        let first_result = self.now + Micros(self.random.range(1000, 80_000));
        self.schedule(first_result, Event::Script { node, epoch });
        self.step(node, Some(Input::Reconfigure(Box::new(wish))))
    }

    fn happens(&mut self, what: &Happening) -> Result<(), Violation> {
        match *what {
            Happening::PowerOff(node) => {
                self.nodes[node].end();
                self.nodes[node].kernel.clear();
            }
            Happening::Kill(node) => {
                // what the kernel was asked for it does
                while self.nodes[node].carry_out().is_some() {}
                self.nodes[node].end();
            }
            Happening::Stop(node) => return self.stop(node),
            Happening::Start(node) => return self.start(node),
            Happening::Link(node, up) => {
                self.nodes[node].found.link = up;
                return self.step(node, Some(Input::Tracker(LINK, TrackerReport::Good(up))));
            }
            Happening::Uplink(node, up) => {
                self.nodes[node].found.uplink = up;
                return self.step(node, Some(Input::Tracker(UPLINK, TrackerReport::Good(up))));
            }
            Happening::Script(node, good) => {
                self.nodes[node].found.script = good;
                return self.step(node, Some(Input::Tracker(SCRIPT, TrackerReport::Good(good))));
            }
            Happening::File(node, number) => {
                self.nodes[node].found.file = number;
                return self.step(node, Some(Input::Tracker(FILE, TrackerReport::Value(number))));
            }
            Happening::Process(node, good) => {
                self.nodes[node].found.process = good;
                return self.step(node, Some(Input::Tracker(PROCESS, TrackerReport::Good(good))));
            }
            Happening::Group(node, grouped) => {
                return self.reread(node, |n| n.grouped = grouped);
            }
            Happening::Member(node, present) => return self.member(node, present),
            Happening::Stage(node, stage) => return self.stage(node, stage),
            Happening::Clock(node, millis) => self.set_clock(node, millis),
            Happening::Clocks(millis) => (0..self.nodes.len()).for_each(|n| self.set_clock(n, millis)),
            Happening::Forgery(node) => return self.forgery(node),
            Happening::Replay(node) => return self.replay(node),
            Happening::Theft(node, instance, n) => return self.theft(node, instance, n),
            Happening::Priority(node, instance, value) => return self.priority(node, instance, value),
            Happening::Reload(node, instance) => return self.reload(node, instance),
            Happening::Partition(ref parts) => self.parts.clone_from(parts),
            Happening::Noise(node, random) => return self.noise(node, 20, random),
            Happening::SendGarp(node, instance) => {
                return self.step(node, Some(Input::SendGarp(InstanceId(instance as u32))));
            }
        }
        Ok(())
    }

    /// The process ends as it should: what it asked the kernel for is still done.
    fn stop(&mut self, node: usize) -> Result<(), Violation> {
        if self.nodes[node].engine.is_none() {
            return Ok(());
        }
        self.step(node, Some(Input::Stop { release: true }))?;
        while self.nodes[node].carry_out().is_some() {}
        check::stopped(self.plan, self.now, node, &self.nodes[node])?;
        self.nodes[node].end();
        Ok(())
    }

    fn theft(&mut self, node: usize, instance: usize, n: u16) -> Result<(), Violation> {
        let config = self.nodes[node].instances[instance].clone();
        let Some(address) = config.addresses.get(usize::from(n)) else {
            return Ok(());
        };
        if self.nodes[node].kernel.remove(&(instance, address.local.address)) {
            let object = keepalived_vrrp::ObjectRef::Address(n);
            return self.step(node, Some(Input::ObjectDeleted(InstanceId(instance as u32), object)));
        }
        Ok(())
    }

    fn priority(&mut self, node: usize, instance: usize, value: u8) -> Result<(), Violation> {
        let n = &mut self.nodes[node];
        let Some(priority) = keepalived_model::units::Priority::new(value).filter(|_| n.base[instance] != 255) else {
            return Ok(());
        };
        n.base[instance] = value;
        self.step(node, Some(Input::SetPriority(InstanceId(instance as u32), priority)))
    }

    /// The second address goes, or comes back; everything else is as configured again. Not while the process is dead: what it had
    /// installed under another configuration than the one it starts with, it does not know of.
    fn reload(&mut self, node: usize, instance: usize) -> Result<(), Violation> {
        let n = &mut self.nodes[node];
        if n.engine.is_none() {
            return Ok(());
        }
        let mut changed = (*n.instances[instance]).clone();
        let extra = vip(changed.family, instance as u8, 7);
        match changed.addresses.iter().position(|a| *a == extra) {
            Some(place) => drop(changed.addresses.remove(place)),
            None => changed.addresses.insert(0, extra),
        }
        self.reread(node, |n| n.instances[instance] = Arc::new(changed))
    }

    /// The configuration is changed, and the process reads it again.
    pub(crate) fn reread(&mut self, node: usize, change: impl FnOnce(&mut Node)) -> Result<(), Violation> {
        if self.nodes[node].engine.is_none() {
            change(&mut self.nodes[node]);
            return Ok(());
        }
        self.step(node, Some(Input::AdvertiseNow))?;
        let n = &mut self.nodes[node];
        change(n);
        n.base = n.instances.iter().map(|i| i.priority.get()).collect();
        let wish: Reconfiguration = n.wish(false);
        self.step(node, Some(Input::Reconfigure(Box::new(wish))))
    }
}
