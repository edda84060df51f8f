//! Sync groups (`vrrp.md` section 7): who moves, in which order the world is told, and what others see on the wire.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use keepalived_model::{
    address::{Address, Prefixed},
    time::{Instant, Micros},
    units::{Family, Priority, Version, Vrid},
    vrrp::{Instance, SyncGroup, Tracking, WantState},
};
use keepalived_vrrp::{
    Action, BatchOperation, Engine, GroupSpec, Input, InstanceId, InstanceSpec, KernelOutcome, Notified, ObjectRef,
    Received, Reconfiguration, State, TrackerId, TrackerKind, TrackerReport, TrackerSpec, TrackerUse,
};

#[cfg(feature = "mutations")]
thread_local! {
    /// The wrong decision that every engine of this thread makes.
    pub(crate) static MUTATION: std::cell::Cell<Option<keepalived_vrrp::Mutation>> = const { std::cell::Cell::new(None) };
}

fn engine() -> Engine {
    #[cfg_attr(not(feature = "mutations"), expect(unused_mut, reason = "mutated with the feature"))]
    let mut engine = Engine::default();
    #[cfg(feature = "mutations")]
    engine.mutate(MUTATION.get());
    engine
}

/// A group of instances `V1`, `V2` ... on one engine. What the world is told is kept as lines of the FIFO, adverts as `V1!150`.
struct Lab {
    engine: Engine,
    now: Instant,
    lines: Vec<String>,
}

fn member(n: u8, priority: u8) -> Instance {
    let mut i = Instance::plain(&format!("V{n}"), Vrid::new(50 + n).unwrap(), Family::V4);
    i.version = Version::V3;
    i.advert_interval = Micros::from_millis(500);
    i.priority = Priority::new(priority).unwrap();
    let address: IpAddr = [10, 9, n, 100].into();
    i.addresses = vec![Address::plain(Prefixed::new(address, 24).unwrap())];
    i
}

const SCRIPT: TrackerId = TrackerId(100_000);

/// Instance `n` (from 0) tracks interface `n`; with `script` also the script.
fn wish(members: &[Instance], script: bool) -> Reconfiguration {
    let tracker = |id, kind, initial| TrackerSpec {
        id: TrackerId(id),
        name: "t".into(),
        kind,
        initial,
    };
    let up = Some(TrackerReport::Good(true));
    let mut trackers: Vec<_> = (0..members.len() as u32)
        .map(|n| tracker(n, TrackerKind::Interface, up))
        .collect();
    trackers.push(tracker(SCRIPT.0, TrackerKind::Script { rise: 1, fall: 1 }, None));
    let spec = |(n, i): (u32, &Instance)| {
        let mut spec = InstanceSpec::new(Arc::new(i.clone()), Some("10.9.0.1".parse().unwrap()));
        spec.trackers.push(TrackerUse::fault(TrackerId(n)));
        if script && n == 0 {
            spec.trackers.push(TrackerUse::fault(SCRIPT));
        }
        (InstanceId(n), spec)
    };
    let group = SyncGroup {
        name: "G1".into(),
        members: members.iter().map(|i| i.name.clone()).collect(),
        track: Tracking::default(),
        tracking_weight: false,
        notify: Default::default(),
        notify_priority_changes: None,
        smtp_alert: false,
    };
    Reconfiguration {
        trackers,
        instances: (0..).zip(members).map(spec).collect(),
        pacing: Vec::new(),
        groups: vec![GroupSpec {
            config: Arc::new(group),
            members: (0..members.len() as u32).map(InstanceId).collect(),
        }],
    }
}

/// The same in a reload, where trackers keep what they know.
fn again(mut wish: Reconfiguration) -> Reconfiguration {
    wish.trackers.iter_mut().for_each(|t| t.initial = None);
    wish
}

impl Lab {
    fn start(members: &[Instance], script: bool) -> Self {
        let mut lab = Self {
            engine: engine(),
            now: Instant::default(),
            lines: Vec::new(),
        };
        lab.input(Input::Reconfigure(Box::new(wish(members, script))));
        lab
    }

    fn input(&mut self, input: Input<'_>) {
        self.engine.handle(self.now, input);
        self.drain();
    }

    fn link(&mut self, n: u32, up: bool) {
        self.input(Input::Tracker(TrackerId(n), TrackerReport::Good(up)));
    }

    fn run(&mut self, millis: u64) {
        let end = self.now + Micros::from_millis(millis);
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= end) {
            self.now = at;
            self.engine.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(action) = self.engine.poll_action() {
            match action {
                Action::Kernel(batch) => {
                    self.engine
                        .handle(self.now, Input::KernelDone(batch.ticket, KernelOutcome::default()));
                }
                Action::Transmit(t) => self.lines.push(format!("V{}!{}", t.instance().0 + 1, t.priority())),
                Action::State(s) => self.lines.push(format!("{} {}", s.config.name, word(s.new))),
                Action::Group(g) => self.lines.push(format!("{} {}", g.config.name, word(g.new))),
                _ => {}
            }
        }
    }

    /// What was told since last asked.
    fn told(&mut self) -> Vec<String> {
        let lines = std::mem::take(&mut self.lines);
        lines.into_iter().filter(|l| !l.contains('!')).collect()
    }

    /// Priorities 0 since last asked.
    fn resigned(&mut self) -> Vec<String> {
        let lines = std::mem::take(&mut self.lines);
        lines.into_iter().filter(|l| l.ends_with("!0")).collect()
    }

    fn hear(&mut self, n: u32, priority: u8) {
        let mut other = member(n as u8 + 1, priority.min(254));
        other.preemption = keepalived_model::vrrp::Preemption::Immediate;
        let spec = InstanceSpec::new(Arc::new(other), Some("10.9.0.2".parse().unwrap()));
        let mut engine = Engine::default();
        engine.handle(Instant(0), Input::Add(InstanceId(0), Box::new(spec)));
        engine.handle_timeout(Instant(100_000_000));
        let mut bytes = Vec::new();
        while let Some(action) = engine.poll_action() {
            if let Action::Transmit(t) = action {
                bytes = vec![0; t.len()];
                t.write(0, &mut bytes).unwrap();
            }
        }
        self.input(Input::Packet(Received {
            instance: InstanceId(n),
            source: "10.9.0.2".parse().unwrap(),
            destination: "224.0.0.18".parse().unwrap(),
            ttl: Some(255),
            bytes: Cow::Owned(bytes),
        }));
    }

    fn states(&self) -> Vec<State> {
        self.engine
            .ids()
            .map(|id| self.engine.view(id).unwrap().state)
            .collect()
    }
}

fn word(state: Notified) -> &'static str {
    match state {
        Notified::Master => "MASTER",
        Notified::Backup => "BACKUP",
        Notified::Fault => "FAULT",
        Notified::Stop => "STOP",
        Notified::Deleted => "DELETED",
    }
}

#[test]
fn a46_the_order_in_which_the_world_is_told() {
    let mut lab = Lab::start(&[member(1, 200), member(2, 199)], false);
    assert_eq!(lab.told(), ["G1 BACKUP", "V1 BACKUP", "V2 BACKUP"]);
    lab.run(3000);
    // V2, a little slower, is the last to time out
    assert_eq!(lab.told(), ["V2 MASTER", "V1 MASTER", "G1 MASTER"]);
    lab.link(1, false);
    assert_eq!(lab.told(), ["V2 FAULT", "V1 FAULT", "G1 FAULT"]);
    lab.link(1, true);
    assert_eq!(lab.told(), ["V2 BACKUP", "V1 BACKUP", "G1 BACKUP"]);
    lab.run(3000);
    assert_eq!(lab.told(), ["V2 MASTER", "V1 MASTER", "G1 MASTER"]);
    lab.input(Input::Stop { release: true });
    assert_eq!(lab.told(), ["V1 STOP", "V2 STOP", "G1 STOP"]);
}

#[test]
fn a_member_that_hears_a_better_master_keeps_the_group_back() {
    let mut lab = Lab::start(&[member(1, 200), member(2, 200)], false);
    for _ in 0..10 {
        lab.run(400);
        lab.hear(1, 250);
    }
    assert_eq!(lab.states(), [State::Backup, State::Backup]);
    lab.run(4000);
    assert_eq!(lab.states(), [State::Master, State::Master]);
}

#[test]
fn a_better_advert_takes_the_whole_group_down_without_priority_zero() {
    let mut lab = Lab::start(&[member(1, 200), member(2, 200), member(3, 200)], false);
    lab.run(3000);
    lab.lines.clear();
    lab.hear(1, 250);
    assert_eq!(lab.states(), [State::Backup; 3]);
    let lines = lab.lines.clone();
    assert_eq!(lab.told(), ["V2 BACKUP", "V1 BACKUP", "V3 BACKUP", "G1 BACKUP"]);
    assert!(!lines.iter().any(|l| l.ends_with("!0")), "{lines:?}");
}

#[test]
fn a_fault_makes_every_master_resign_once() {
    let mut lab = Lab::start(&[member(1, 200), member(2, 200)], false);
    lab.run(3000);
    lab.lines.clear();
    lab.link(0, false);
    lab.link(1, false);
    assert_eq!(lab.resigned(), ["V1!0", "V2!0"]);
    lab.link(0, true);
    assert_eq!(
        lab.states(),
        [State::Fault, State::Fault],
        "the other one is still down"
    );
    lab.link(1, true);
    assert_eq!(lab.states(), [State::Backup, State::Backup]);
}

#[test]
fn a_group_recovers_with_its_last_fault() {
    let mut lab = Lab::start(&[member(1, 200), member(2, 200)], false);
    lab.run(4000);
    lab.link(0, false);
    lab.link(1, false);
    lab.told();
    lab.link(0, true);
    lab.run(1000);
    assert_eq!(lab.told(), Vec::<String>::new());
    lab.link(1, true);
    assert_eq!(lab.told(), ["V2 BACKUP", "V1 BACKUP", "G1 BACKUP"]);
    assert_eq!(lab.states(), [State::Backup; 2]);
}

#[test]
fn a_group_formed_around_a_fault_stops_the_others() {
    let members = [member(1, 200), member(2, 200)];
    let apart = || {
        let mut wish = wish(&members, false);
        wish.groups.clear();
        wish
    };
    let mut lab = Lab::start(&members, false);
    lab.input(Input::Reconfigure(Box::new(apart())));
    lab.run(4000);
    lab.link(1, false);
    assert_eq!(lab.states(), [State::Master, State::Fault]);
    lab.lines.clear();
    lab.input(Input::Reconfigure(Box::new(again(wish(&members, false)))));
    assert_eq!(lab.states(), [State::Fault; 2]);
    assert_eq!(lab.told(), ["V1 FAULT", "G1 FAULT"]);
}

/// It had its fault before, and was told of; the newcomer works until then.
#[test]
fn a_group_with_a_fault_stops_whoever_joins() {
    let members = [member(1, 200), member(2, 200), member(3, 200)];
    let small = || {
        let mut wish = wish(&members, false);
        wish.groups[0].members.truncate(2);
        wish
    };
    let mut lab = Lab::start(&members, false);
    lab.input(Input::Reconfigure(Box::new(small())));
    lab.run(4000);
    lab.link(0, false);
    assert_eq!(lab.states(), [State::Fault, State::Fault, State::Master]);
    lab.told();
    lab.input(Input::Reconfigure(Box::new(again(wish(&members, false)))));
    assert_eq!(lab.states(), [State::Fault; 3]);
    assert_eq!(lab.told(), ["V3 FAULT"]);
    lab.link(0, true);
    assert_eq!(lab.states(), [State::Backup; 3]);
}

#[test]
fn an_owner_that_joins_owners_begins_anew_with_them() {
    let mut members = [member(1, 255), member(2, 255)];
    members.iter_mut().for_each(|m| m.want_state = WantState::Master);
    let mut lab = Lab::start(&members[..1], false);
    assert_eq!(lab.states(), [State::Master]);
    lab.input(Input::Reconfigure(Box::new(wish(&members, false))));
    assert_eq!(lab.states(), [State::Backup; 2]);
    lab.run(4000);
    assert_eq!(lab.states(), [State::Master; 2]);
}

/// A newcomer whose script has not run yet: nobody is demoted for it, and it joins when it can.
#[test]
fn a_working_group_takes_a_late_newcomer_along() {
    let members = [member(1, 200), member(2, 200), member(3, 200)];
    let mut lab = Lab::start(&members[..2], false);
    lab.run(4000);
    assert_eq!(lab.states(), [State::Master; 2]);
    lab.told();
    let mut grown = wish(&members, false);
    grown.instances[2].1.trackers.push(TrackerUse::fault(SCRIPT));
    lab.input(Input::Reconfigure(Box::new(grown)));
    assert_eq!(lab.states(), [State::Master, State::Master, State::Fault]);
    lab.input(Input::Tracker(SCRIPT, TrackerReport::Good(true)));
    assert_eq!(lab.states(), [State::Master; 3]);
    assert_eq!(lab.told(), ["V3 BACKUP", "V3 MASTER"]);
}

#[test]
fn owners_put_together_while_they_wait() {
    let mut members = [member(1, 255), member(2, 255)];
    members.iter_mut().for_each(|m| m.want_state = WantState::Master);
    let apart = || {
        let mut wish = again(wish(&members, false));
        wish.groups.clear();
        wish
    };
    let mut lab = Lab::start(&members, false);
    lab.link(0, false);
    lab.link(0, true);
    lab.input(Input::Reconfigure(Box::new(apart())));
    assert_eq!(lab.states(), [State::Backup; 2]);
    lab.told();
    lab.input(Input::Reconfigure(Box::new(again(wish(&members, false)))));
    assert_eq!(lab.told(), ["G1 BACKUP"]);
    lab.run(4000);
    assert_eq!(lab.states(), [State::Master; 2]);
    assert_eq!(lab.told().last().map(String::as_str), Some("G1 MASTER"));
}

#[test]
fn a_deleted_address_makes_every_member_resign_and_come_back() {
    let mut lab = Lab::start(&[member(1, 200), member(2, 200)], false);
    lab.run(3000);
    lab.lines.clear();
    lab.input(Input::ObjectDeleted(InstanceId(0), ObjectRef::Address(0)));
    let lines = lab.lines.clone();
    assert_eq!(lines.iter().filter(|l| *l == "G1 BACKUP").count(), 1, "Q-22: {lines:?}");
    assert_eq!(lab.resigned(), ["V1!0", "V2!0"]);
    lab.run(200);
    assert_eq!(lab.states(), [State::Master, State::Master]);
}

#[test]
fn a_script_of_one_member_is_awaited_by_all() {
    let mut lab = Lab::start(&[member(1, 200), member(2, 200)], true);
    lab.run(5000);
    assert_eq!(lab.told(), Vec::<String>::new());
    assert_eq!(lab.states(), [State::Fault, State::Fault]);
    lab.input(Input::Tracker(SCRIPT, TrackerReport::Good(true)));
    assert_eq!(lab.told(), ["V1 BACKUP", "V2 BACKUP", "G1 BACKUP"]);
    let mut lab = Lab::start(&[member(1, 200), member(2, 200)], true);
    lab.input(Input::Tracker(SCRIPT, TrackerReport::Good(false)));
    assert_eq!(lab.told(), ["V1 FAULT", "V2 FAULT", "G1 FAULT"]);
}

/// A script that comes with a reload holds nobody up, and its first result counts at once.
#[test]
fn a_script_of_a_reload_is_not_awaited() {
    let members = [member(1, 200), member(2, 200)];
    for good in [true, false] {
        let mut lab = Lab::start(&[], false);
        let mut wish = wish(&members, true);
        wish.groups.clear();
        wish.trackers.last_mut().unwrap().initial = Some(TrackerReport::Assumed);
        lab.input(Input::Reconfigure(Box::new(wish)));
        assert_eq!(lab.told(), ["V1 BACKUP", "V2 BACKUP"]);
        lab.run(3000);
        lab.told();
        lab.input(Input::Tracker(SCRIPT, TrackerReport::Good(good)));
        assert_eq!(lab.told(), if good { vec![] } else { vec!["V1 FAULT".to_owned()] });
    }
}

#[test]
fn owners_start_as_master_only_together() {
    let owner = |n| {
        let mut i = member(n, 255);
        i.want_state = WantState::Master;
        i
    };
    let mut lab = Lab::start(&[owner(1), owner(2)], false);
    assert_eq!(lab.told(), ["G1 MASTER", "V1 MASTER", "V2 MASTER"]);
    let mut lab = Lab::start(&[owner(1), member(2, 200)], false);
    assert_eq!(lab.told(), ["G1 BACKUP", "V1 BACKUP", "V2 BACKUP"]);
    lab.run(3000);
    assert_eq!(lab.states(), [State::Master, State::Master]);
}

#[test]
fn a_reload_keeps_a_group_and_its_state() {
    let members = [member(1, 200), member(2, 200)];
    let mut lab = Lab::start(&members, false);
    lab.run(3000);
    lab.lines.clear();
    lab.input(Input::Reconfigure(Box::new(wish(&members, false))));
    assert_eq!(lab.told(), Vec::<String>::new());
    assert_eq!(lab.states(), [State::Master, State::Master]);
    lab.link(0, false);
    assert_eq!(lab.told(), ["V1 FAULT", "V2 FAULT", "G1 FAULT"]);
    // without the group each is on its own again
    let mut alone = wish(&members, false);
    alone.groups.clear();
    alone.trackers.iter_mut().for_each(|t| t.initial = None);
    lab.input(Input::Reconfigure(Box::new(alone)));
    lab.run(3000);
    assert_eq!(lab.states(), [State::Fault, State::Master]);
}

/// 2.2.7 does the same: a group that gains a member at a reload takes over as a whole once more, without priority 0.
#[test]
fn a_member_that_comes_at_a_reload_brings_the_group_to_backup() {
    let members = [member(1, 200), member(2, 200), member(3, 200)];
    let mut lab = Lab::start(&members[..2], false);
    lab.run(3000);
    lab.lines.clear();
    lab.input(Input::Reconfigure(Box::new(wish(&members, false))));
    let lines = lab.lines.clone();
    assert_eq!(lab.told(), ["G1 BACKUP", "V1 BACKUP", "V2 BACKUP", "V3 BACKUP"]);
    assert!(!lines.iter().any(|l| l.contains('!')), "{lines:?}");
    lab.run(3000);
    assert_eq!(lab.states(), [State::Master; 3]);
    assert_eq!(lab.told().last().map(String::as_str), Some("G1 MASTER"));
    // One that goes leaves the others as they are.
    lab.input(Input::Reconfigure(Box::new(wish(&members[..2], false))));
    assert_eq!(lab.told(), ["V3 FAULT"]);
    assert_eq!(lab.states(), [State::Master; 2]);
}

/// A member in FAULT is replaced by another one in FAULT: there is no moment in which the group recovers.
#[test]
fn a_group_in_fault_stays_there_while_a_reload_replaces_who_keeps_it_there() {
    let members = [member(1, 200), member(2, 200)];
    let mut lab = Lab::start(&members, false);
    lab.run(3000);
    lab.link(1, false);
    lab.told();
    let replaced = |id| {
        let mut other = member(2, 200);
        other.vrid = Vrid::new(99).unwrap();
        let mut wish = again(wish(&[members[0].clone(), other], false));
        wish.instances[1].0 = InstanceId(id);
        wish.groups[0].members[1] = InstanceId(id);
        wish
    };
    lab.input(Input::Reconfigure(Box::new(replaced(2))));
    assert_eq!(lab.told(), ["V2 FAULT"]);
    lab.link(1, true);
    assert_eq!(lab.told(), ["V2 BACKUP", "V1 BACKUP", "G1 BACKUP"]);
}

/// A MASTER gets another name and priority by the same reload that makes its group begin anew: it is told of as what it is now.
#[test]
fn a_renamed_member_that_steps_down_is_told_of_by_its_new_name() {
    let mut members = [member(1, 200), member(2, 200)];
    let mut lab = Lab::start(&members[..1], false);
    lab.run(3000);
    lab.told();
    members[0].name = "W1".into();
    members[0].priority = Priority::new(120).unwrap();
    let changed = wish(&members, false);
    lab.engine.handle(lab.now, Input::Reconfigure(Box::new(changed)));
    let mut told = Vec::new();
    while let Some(action) = lab.engine.poll_action() {
        match action {
            Action::State(s) => told.push(format!("{} {} {}", s.config.name, word(s.new), s.priority)),
            Action::Kernel(batch) if batch.operation == BatchOperation::Remove => {
                assert_eq!(&*batch.config.name, "V1", "what it had is removed");
            }
            _ => {}
        }
    }
    assert_eq!(told, ["W1 BACKUP 120", "V2 BACKUP 200"]);
}

#[test]
fn a_group_of_a_reload_brings_its_members_together() {
    let members = [member(1, 200), member(2, 200)];
    let mut alone = wish(&members, false);
    alone.groups.clear();
    let mut lab = Lab::start(&[], false);
    lab.input(Input::Reconfigure(Box::new(alone)));
    lab.hear(1, 250);
    lab.run(1000);
    lab.hear(1, 250);
    lab.run(1000);
    lab.hear(1, 250);
    assert_eq!(lab.states(), [State::Master, State::Backup]);
    lab.lines.clear();
    lab.input(Input::Reconfigure(Box::new(wish(&members, false))));
    assert_eq!(lab.told(), ["G1 BACKUP", "V1 BACKUP"]);
    lab.run(4000);
    assert_eq!(lab.states(), [State::Master, State::Master]);
}

#[test]
fn a_group_that_starts_in_fault_is_told_of_after_its_members() {
    let members = [member(1, 200), member(2, 200)];
    let mut wish = wish(&members, false);
    wish.trackers[1].initial = Some(TrackerReport::Good(false));
    let mut lab = Lab::start(&[], false);
    lab.input(Input::Reconfigure(Box::new(wish)));
    assert_eq!(lab.told(), ["V1 FAULT", "V2 FAULT", "G1 FAULT"]);
    lab.link(1, true);
    assert_eq!(lab.told(), ["V2 BACKUP", "V1 BACKUP", "G1 BACKUP"]);
}

/// With `sync_group_tracking_weight` the priority of one member changes alone, and nobody moves as long as nobody else is better.
#[test]
fn a_weight_of_one_member_does_not_demote_the_group() {
    let members = [member(1, 200), member(2, 200)];
    let mut wish = wish(&members, false);
    wish.instances[0].1.trackers[0].weight = -100;
    let mut lab = Lab::start(&[], false);
    lab.input(Input::Reconfigure(Box::new(wish)));
    lab.run(3000);
    lab.told();
    lab.link(0, false);
    lab.run(2000);
    assert_eq!(lab.told(), Vec::<String>::new());
    assert_eq!(lab.states(), [State::Master, State::Master]);
    lab.hear(1, 150);
    assert_eq!(
        lab.states(),
        [State::Master, State::Master],
        "V2 still is better than 150"
    );
    lab.hear(0, 150);
    assert_eq!(lab.told(), ["V1 BACKUP", "V2 BACKUP", "G1 BACKUP"]);
}

/// The number that a file had before it became a reason for FAULT is shown over a reload that moves it in the list.
#[test]
fn a_number_that_means_fault_shows_the_one_before_over_a_reload() {
    const FILE: TrackerId = TrackerId(100_001);
    let members = [member(1, 100)];
    let with_file = |first: bool| {
        let mut wish = wish(&members, false);
        wish.groups.clear();
        wish.trackers.push(TrackerSpec {
            id: FILE,
            name: "f".into(),
            kind: TrackerKind::File,
            initial: None,
        });
        let used = TrackerUse {
            tracker: FILE,
            weight: 1,
            reverse: false,
        };
        let list = &mut wish.instances[0].1.trackers;
        list.insert(if first { 0 } else { 1 }, used);
        wish
    };
    let mut lab = Lab::start(&[], false);
    lab.input(Input::Reconfigure(Box::new(with_file(false))));
    lab.input(Input::Tracker(FILE, TrackerReport::Value(5)));
    lab.input(Input::Tracker(FILE, TrackerReport::Value(-300)));
    let shown = |lab: &Lab| lab.engine.view(InstanceId(0)).unwrap().effective_priority;
    assert_eq!((lab.states(), shown(&lab)), (vec![State::Fault], 105));
    lab.input(Input::Reconfigure(Box::new(with_file(true))));
    assert_eq!((lab.states(), shown(&lab)), (vec![State::Fault], 105));
}

#[test]
fn a_large_group_moves_in_a_moment() {
    let members: Vec<Instance> = (0..4000u32)
        .map(|n| {
            let mut i = member((n % 200) as u8 + 1, 200);
            i.name = format!("V{n}").into();
            i
        })
        .collect();
    let mut lab = Lab::start(&members, false);
    lab.run(3000);
    assert!(lab.states().iter().all(|s| *s == State::Master));
    for n in 0..4000 {
        lab.link(n, false);
    }
    for n in 0..4000 {
        lab.link(n, true);
    }
    assert!(lab.states().iter().all(|s| *s == State::Backup));
}

/// Every test above, for `mutations.rs`.
#[cfg(feature = "mutations")]
#[allow(
    unreachable_pub,
    dead_code,
    clippy::allow_attributes,
    reason = "used by mutations.rs, which includes this file"
)]
pub const ALL: &[(&str, fn())] = &[
    (
        "a46_the_order_in_which_the_world_is_told",
        a46_the_order_in_which_the_world_is_told,
    ),
    (
        "a_member_that_hears_a_better_master_keeps_the_group_back",
        a_member_that_hears_a_better_master_keeps_the_group_back,
    ),
    (
        "a_better_advert_takes_the_whole_group_down_without_priority_zero",
        a_better_advert_takes_the_whole_group_down_without_priority_zero,
    ),
    (
        "a_fault_makes_every_master_resign_once",
        a_fault_makes_every_master_resign_once,
    ),
    (
        "a_group_recovers_with_its_last_fault",
        a_group_recovers_with_its_last_fault,
    ),
    (
        "a_deleted_address_makes_every_member_resign_and_come_back",
        a_deleted_address_makes_every_member_resign_and_come_back,
    ),
    (
        "a_script_of_one_member_is_awaited_by_all",
        a_script_of_one_member_is_awaited_by_all,
    ),
    (
        "owners_start_as_master_only_together",
        owners_start_as_master_only_together,
    ),
    (
        "a_reload_keeps_a_group_and_its_state",
        a_reload_keeps_a_group_and_its_state,
    ),
];
