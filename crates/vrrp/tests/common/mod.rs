//! One engine under a hand-driven clock: what it sends and asks for is written down, the kernel answers at once.
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    clippy::allow_attributes,
    reason = "each test binary uses a part of it"
)]

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use keepalived_model::{
    address::{Address, Prefixed},
    time::{Instant, Micros},
    units::{Family, Priority, Version, Vrid},
    vrrp::Instance,
};
use keepalived_vrrp::{
    Action, BatchOperation, Engine, Input, InstanceId, InstanceSpec, KernelOutcome, LogEvent, Notified, Received,
    Reconfiguration, State,
};

pub const ID: InstanceId = InstanceId(0);

/// What an engine did, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    Advert(u8),
    Shield(bool),
    Kernel(BatchOperation, Vec<IpAddr>),
    Announce(Vec<IpAddr>, u32),
    AnnounceSource(IpAddr),
    State(Notified),
    Priority(u8, u8),
    LowerPriority,
}

pub fn ms(n: u64) -> Micros {
    Micros::from_millis(n)
}

pub fn v4(vrid: u8, priority: u8) -> Instance {
    let mut i = Instance::plain("V1", Vrid::new(vrid).unwrap(), Family::V4);
    i.priority = Priority::new(priority).unwrap();
    i.addresses = vec![address("10.9.0.100")];
    i
}

pub fn v3(vrid: u8, priority: u8, interval: Micros) -> Instance {
    let mut i = v4(vrid, priority);
    i.version = Version::V3;
    i.advert_interval = interval;
    i
}

pub fn address(text: &str) -> Address {
    let ip: IpAddr = text.parse().unwrap();
    Address::plain(Prefixed::new(ip, if ip.is_ipv4() { 24 } else { 64 }).unwrap())
}

pub fn spec(instance: Instance) -> InstanceSpec {
    let source = match instance.family {
        Family::V4 => "10.9.0.1",
        Family::V6 => "fe80::1",
    };
    InstanceSpec::new(Arc::new(instance), Some(source.parse().unwrap()))
}

#[cfg(feature = "mutations")]
thread_local! {
    /// The wrong decision that every engine of this thread makes.
    pub static MUTATION: std::cell::Cell<Option<keepalived_vrrp::Mutation>> = const { std::cell::Cell::new(None) };
}

fn engine() -> Engine {
    #[cfg_attr(not(feature = "mutations"), expect(unused_mut, reason = "mutated with the feature"))]
    let mut engine = Engine::default();
    #[cfg(feature = "mutations")]
    engine.mutate(MUTATION.get());
    engine
}

impl Default for Lab {
    fn default() -> Self {
        Self {
            engine: engine(),
            now: Instant::default(),
            did: Vec::new(),
            logs: Vec::new(),
            packets: Vec::new(),
            silent_kernel: false,
            tickets: Vec::new(),
        }
    }
}

/// An engine, its clock, and what it did when.
pub struct Lab {
    pub engine: Engine,
    pub now: Instant,
    pub did: Vec<(Micros, Did)>,
    pub logs: Vec<LogEvent>,
    pub packets: Vec<Vec<u8>>,
    /// Do not answer for the kernel.
    pub silent_kernel: bool,
    pub tickets: Vec<keepalived_vrrp::Ticket>,
}

impl Lab {
    pub fn start(instance: Instance) -> Self {
        let mut lab = Self::default();
        lab.configure(vec![spec(instance)]);
        lab
    }

    pub fn configure(&mut self, specs: Vec<InstanceSpec>) {
        let ids = self.engine.assign_ids(&specs);
        let wish = Reconfiguration {
            instances: ids.into_iter().zip(specs).collect(),
            ..Reconfiguration::default()
        };
        self.input(Input::Reconfigure(Box::new(wish)));
    }

    pub fn input(&mut self, input: Input<'_>) {
        self.engine.handle(self.now, input);
        self.drain();
    }

    /// Lets time pass, firing timers exactly when due.
    pub fn run(&mut self, time: Micros) {
        let end = self.now + time;
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.engine.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(action) = self.engine.poll_action() {
            let at = self.now.since(Instant(0));
            let did = match action {
                Action::Transmit(t) => {
                    let mut bytes = vec![0; t.len()];
                    t.write(0, &mut bytes).unwrap();
                    self.packets.push(bytes);
                    Did::Advert(t.priority())
                }
                Action::Firewall { shield, .. } => Did::Shield(shield),
                Action::Kernel(batch) => {
                    let list = batch.addresses().map(|a| a.1.local.address).collect();
                    let operation = batch.operation;
                    if self.silent_kernel {
                        self.tickets.push(batch.ticket);
                    } else {
                        self.engine
                            .handle(self.now, Input::KernelDone(batch.ticket, KernelOutcome::default()));
                    }
                    Did::Kernel(operation, list)
                }
                Action::Announce(a) => match a.what {
                    keepalived_vrrp::Announced::Source(s) => Did::AnnounceSource(s),
                    _ => Did::Announce(a.addresses().map(|x| x.1.local.address).collect(), a.rounds),
                },
                Action::State(s) => Did::State(s.new),
                Action::Priority { old, new, .. } => Did::Priority(old, new),
                Action::LowerPriorityReceived { .. } => Did::LowerPriority,
                Action::Log(_, event) => {
                    self.logs.push(event);
                    continue;
                }
                Action::TrackerChanged { .. } | Action::Group(_) => continue,
            };
            self.did.push((at, did));
        }
    }

    pub fn state(&self) -> State {
        self.engine.view(ID).unwrap().state
    }

    pub fn stats(&self) -> keepalived_vrrp::Stats {
        *self.engine.view(ID).unwrap().stats
    }

    /// What it did since last asked, without times.
    pub fn take(&mut self) -> Vec<Did> {
        self.did.drain(..).map(|d| d.1).collect()
    }

    /// Times of the adverts of some kind since last asked.
    pub fn times(&mut self, what: &Did) -> Vec<Micros> {
        let times = self.did.iter().filter(|d| d.1 == *what).map(|d| d.0).collect();
        self.did.clear();
        times
    }

    /// A packet built by another engine with the given configuration arrives.
    pub fn hear(&mut self, instance: Instance, from: &str, priority: u8) {
        let bytes = advert(instance, from, priority);
        self.hear_bytes(&bytes, from);
    }

    pub fn hear_bytes(&mut self, bytes: &[u8], from: &str) {
        let config = self.engine.view(ID).unwrap().spec.config.clone();
        let destination = match &config.transport {
            keepalived_model::vrrp::Transport::Multicast { group, .. } => *group,
            keepalived_model::vrrp::Transport::Unicast { source, .. } => source.unwrap(),
        };
        let v4 = config.family == Family::V4;
        self.input(Input::Packet(Received {
            instance: ID,
            source: from.parse().unwrap(),
            destination,
            ttl: Some(if v4 { bytes.get(8).copied().unwrap_or(0) } else { 255 }),
            bytes: Cow::Borrowed(bytes),
        }));
    }
}

/// The advert a node with this configuration and address would send.
pub fn advert(mut instance: Instance, from: &str, priority: u8) -> Vec<u8> {
    instance.priority = Priority::new(priority.max(1)).unwrap();
    instance.want_state = keepalived_model::vrrp::WantState::Backup;
    let mut spec = spec(instance);
    spec.source = Some(from.parse().unwrap());
    let mut other = Lab::default();
    other.configure(vec![spec]);
    other.run(Micros::from_secs(300));
    if priority == 0 {
        other.input(Input::Stop { release: true });
        return other.packets.pop().unwrap();
    }
    other.packets.remove(0)
}
