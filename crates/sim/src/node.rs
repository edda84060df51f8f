//! One node: an engine, a clock of its own, and a kernel that is a set.

use std::{
    collections::{BTreeSet, VecDeque},
    net::IpAddr,
    sync::Arc,
};

use keepalived_model::{
    script::NotifyScripts,
    time::{Instant, Micros},
    units::Version,
    vrrp::{Authentication, Instance, SyncGroup, Tracking},
};
use keepalived_vrrp::{
    Action, BatchOperation, Engine, GroupSpec, Input, InstanceId, InstanceSpec, KernelBatch, KernelOutcome, Notified,
    Reconfiguration,
};
use serde::{Deserialize, Serialize};

use crate::{
    plan::NodePlan,
    signing::{EPOCH, Stage},
    tracking::Found,
    world::Packet,
};

/// One step of an engine, for replaying: what was given to it and what it wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The engine's clock.
    pub at: Instant,
    /// The input as JSON; `None` for a timeout.
    pub input: Option<String>,
    /// Its actions, as `{:?}` shows them.
    pub actions: Vec<String>,
}

/// Plays a record into a fresh engine.
///
/// # Errors
/// The first step that is no input, or whose actions differ.
pub fn replay(record: &[Recorded]) -> Result<(), String> {
    let mut engine = Engine::default();
    for (n, step) in record.iter().enumerate() {
        match &step.input {
            None => engine.handle_timeout(step.at),
            Some(json) => {
                let input: Input<'_> =
                    serde_json::from_str(json).map_err(|e| format!("step {n}: failed to read: {e}"))?;
                engine.handle(step.at, input);
            }
        }
        let actions: Vec<String> = std::iter::from_fn(|| engine.poll_action())
            .map(|a| format!("{a:?}"))
            .collect();
        if actions != step.actions {
            return Err(format!(
                "step {n}: failed to repeat {:?}, got {actions:?}",
                step.actions
            ));
        }
    }
    Ok(())
}

/// What the world saw of one instance on one node since its process started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) adverts: u64,
    pub(crate) resignations: u64,
    pub(crate) delivered: u64,
    pub(crate) last_advert: Option<Instant>,
    pub(crate) told: Option<Notified>,
    /// Since the last installation something was announced.
    pub(crate) announced: bool,
}

/// A node.
pub(crate) struct Node {
    pub(crate) plan: NodePlan,
    pub(crate) instances: Vec<Arc<Instance>>,
    /// Base priorities in force.
    pub(crate) base: Vec<u8>,
    pub(crate) engine: Option<Engine>,
    /// Counts starts and ends of the process; what was meant for an earlier one does not arrive.
    pub(crate) epoch: u64,
    pub(crate) kernel: BTreeSet<(usize, IpAddr)>,
    pub(crate) pending: VecDeque<KernelBatch>,
    pub(crate) kernel_busy_until: Micros,
    pub(crate) timer_at: Option<Micros>,
    pub(crate) found: Found,
    /// Its instances are a sync group now.
    pub(crate) grouped: bool,
    /// Which instances its configuration has now.
    pub(crate) present: Vec<bool>,
    /// How it proves who it is.
    pub(crate) stage: Stage,
    /// By how much its wall clock is ahead, microseconds.
    pub(crate) wall: i64,
    /// What its process accepted last, each instance, if that cannot be accepted twice.
    pub(crate) accepted: Vec<Option<Packet>>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) record: Option<Vec<Recorded>>,
}

impl Node {
    pub(crate) fn new(plan: NodePlan, stage: &Stage, record: bool) -> Self {
        Self {
            instances: plan.instances.iter().map(|i| Arc::new(stage.applied(i))).collect(),
            base: plan.instances.iter().map(|i| i.priority.get()).collect(),
            engine: None,
            epoch: 0,
            kernel: BTreeSet::new(),
            pending: VecDeque::new(),
            kernel_busy_until: Micros::ZERO,
            timer_at: None,
            found: Found::all_well(),
            grouped: plan.grouped,
            present: vec![true; plan.instances.len()],
            stage: stage.clone(),
            wall: plan.wall,
            accepted: vec![None; plan.instances.len()],
            seen: Vec::new(),
            record: record.then(Vec::new),
            plan,
        }
    }

    /// What this node's clock shows at a time of the world.
    pub(crate) fn clock(&self, world: Micros) -> Instant {
        let drift = i128::from(world.0) * i128::from(self.plan.ppm) / 1_000_000;
        Instant(self.plan.offset + (i128::from(world.0) + drift) as u64)
    }

    /// The first time of the world at which the clock shows at least `local`.
    pub(crate) fn world_time(&self, local: Instant) -> Micros {
        let target = i128::from(local.since(Instant(self.plan.offset)).0);
        let mut world = Micros((target * 1_000_000 / (1_000_000 + i128::from(self.plan.ppm))) as u64);
        while self.clock(world) < local {
            world.0 += 1;
        }
        world
    }

    /// The process begins with an empty mind.
    pub(crate) fn boot(&mut self, engine: Engine) {
        self.epoch += 1;
        self.engine = Some(engine);
        self.timer_at = None;
        self.present.fill(true);
        self.accepted.fill(None);
        self.base = self.instances.iter().map(|i| i.priority.get()).collect();
        self.seen = vec![Seen::default(); self.instances.len()];
        self.record = self.record.as_ref().map(|_| Vec::new());
    }

    /// The process is gone.
    pub(crate) fn end(&mut self) {
        self.epoch += 1;
        self.engine = None;
        self.timer_at = None;
        self.pending.clear();
    }

    /// The configuration as its process would give it to the engine.
    pub(crate) fn wish(&self, first: bool) -> Reconfiguration {
        let there = (0u32..).zip(&self.instances).zip(&self.present).filter(|i| *i.1);
        let specs = there.map(|((number, instance), _)| {
            let mut spec = InstanceSpec::new(instance.clone(), Some(self.plan.source));
            spec.trackers = self.plan.track.uses(number as usize).into();
            (InstanceId(number), spec)
        });
        Reconfiguration {
            trackers: self.found.specs(first),
            instances: specs.collect(),
            pacing: Vec::new(),
            groups: if self.grouped { vec![self.group()] } else { Vec::new() },
        }
    }

    /// All its instances as one sync group.
    fn group(&self) -> GroupSpec {
        let config = SyncGroup {
            name: "G".into(),
            members: self.instances.iter().map(|i| i.name.clone()).collect(),
            track: Tracking::default(),
            tracking_weight: true,
            notify: NotifyScripts::default(),
            notify_priority_changes: None,
            smtp_alert: false,
        };
        GroupSpec {
            config: Arc::new(config),
            members: (0..)
                .zip(&self.present)
                .filter(|i| *i.1)
                .map(|i| InstanceId(i.0))
                .collect(),
        }
    }

    /// Gives the engine an input (`None`: a timeout) and takes its actions.
    pub(crate) fn step(&mut self, world: Micros, input: Option<Input<'_>>) -> Vec<Action> {
        let (at, wall) = (self.clock(world), self.wall_clock(world));
        let Some(engine) = &mut self.engine else {
            return Vec::new();
        };
        // a process that signs looks at the clock whenever it wakes
        if self.stage.hmac.is_some() {
            let clock = Input::WallClock(wall);
            if let Some(record) = &mut self.record {
                record.push(Recorded {
                    at,
                    input: serde_json::to_string(&clock).ok(),
                    actions: Vec::new(),
                });
            }
            engine.handle(at, clock);
        }
        let json = match (&self.record, &input) {
            (Some(_), Some(input)) => serde_json::to_string(input).ok(),
            _ => None,
        };
        match input {
            Some(input) => engine.handle(at, input),
            None => engine.handle_timeout(at),
        }
        let actions: Vec<Action> = std::iter::from_fn(|| engine.poll_action()).collect();
        if let Some(record) = &mut self.record {
            record.push(Recorded {
                at,
                input: json,
                actions: actions.iter().map(|a| format!("{a:?}")).collect(),
            });
        }
        actions
    }

    /// The kernel carries out its oldest batch.
    pub(crate) fn carry_out(&mut self) -> Option<Input<'static>> {
        let batch = self.pending.pop_front()?;
        let instance = batch.instance().index();
        for (_, address) in batch.addresses() {
            let key = (instance, address.local.address);
            match batch.operation {
                BatchOperation::Install => self.kernel.insert(key),
                BatchOperation::Remove | BatchOperation::RemoveLeftovers => self.kernel.remove(&key),
            };
        }
        Some(Input::KernelDone(batch.ticket, KernelOutcome::default()))
    }

    /// Skew_Time of its first instance, if it waits as BACKUP.
    pub(crate) fn skew(&self) -> Option<Micros> {
        let v = self.engine.as_ref()?.view(InstanceId(0))?;
        let unit = match self.instances[0].version {
            Version::V2 => Micros::SECOND,
            Version::V3 => v.master_interval,
        };
        Some(Micros(unit.times(256 - u64::from(v.effective_priority)).0 / 256))
    }

    /// What its wall clock shows.
    pub(crate) const fn wall_clock(&self, world: Micros) -> Micros {
        Micros(EPOCH.0.saturating_add_signed(world.0 as i64 + self.wall))
    }

    /// How many adverts an instance has accepted.
    pub(crate) fn heard(&self, instance: usize) -> u64 {
        let view = self.engine.as_ref().and_then(|e| e.view(InstanceId(instance as u32)));
        view.map_or(0, |v| v.stats.advert_rcvd)
    }

    /// Can this packet be accepted only once?
    pub(crate) fn is_once_only(&self, instance: usize, packet: &Packet) -> bool {
        let config = &self.instances[instance];
        if config.auth_hmac.is_some() {
            return packet.has_trailer();
        }
        matches!(config.authentication, Authentication::Ah(_))
    }

    /// Must an instance be in FAULT?
    pub(crate) fn is_faulty(&self, instance: usize) -> bool {
        let faulty = |n: usize| self.present[n] && self.found.faulty(&self.plan.track, n);
        if self.grouped {
            (0..self.present.len()).any(faulty)
        } else {
            faulty(instance)
        }
    }

    /// What the effective priority of an instance must be.
    pub(crate) fn priority(&self, instance: usize) -> u8 {
        match i32::from(self.base[instance]) {
            255 => 255,
            base => (base + self.found.added(&self.plan.track)).clamp(1, 254) as u8,
        }
    }
}
