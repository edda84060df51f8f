//! An advert that is known already is followed without a look; whoever looks at each comes to the same.
#![expect(clippy::unwrap_used, reason = "tests")]

pub mod common;

use std::sync::LazyLock;

use common::{ID, Lab, address, advert, ms, v3, v4};
use keepalived_model::{
    time::Micros,
    units::Priority,
    vrrp::{Instance, Preemption},
};
use keepalived_vrrp::{Fault, Input, Reconfiguration, TrackerId, TrackerKind, TrackerReport, TrackerSpec, TrackerUse};
use proptest::prelude::*;

const SENDERS: [&str; 2] = ["10.9.0.2", "10.9.0.3"];
const PRIORITIES: [u8; 6] = [0, 50, 100, 150, 200, 255];

/// What may arrive: of two senders, each priority in three versions of the virtual router, the last with another hop limit.
static PACKETS: LazyLock<Vec<(Vec<u8>, &'static str)>> = LazyLock::new(|| {
    let mut other = v3(51, 100, ms(500));
    other.addresses = vec![address("10.9.0.101")];
    let versions = [v3(51, 100, ms(1000)), v3(51, 100, ms(500)), other];
    let mut packets = Vec::new();
    for from in SENDERS {
        for priority in PRIORITIES {
            for version in &versions {
                packets.push((advert(version.clone(), from, priority), from));
            }
        }
    }
    let mut distant = packets[6].clone();
    distant.0[8] = 254;
    packets.push(distant);
    packets
});

#[derive(Clone, Debug)]
enum Step {
    /// Which packet, how often, with so many milliseconds between.
    Hear(usize, u8, u64),
    Pass(u64),
    Priority(u8),
    Source(bool),
    Fault(bool),
    /// Of a tracked file.
    Weight(i32),
    Configure(u8),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    // Mostly an ordinary master, as on a network.
    let which = prop_oneof![2 => Just(9usize), 1 => 0..PACKETS.len()];
    prop_oneof![
        6 => (which, 1u8..5, 0u64..1500).prop_map(|(which, times, pause)| Step::Hear(which, times, pause)),
        2 => (0u64..4000).prop_map(Step::Pass),
        1 => (1u8..=255).prop_map(Step::Priority),
        1 => any::<bool>().prop_map(Step::Source),
        1 => any::<bool>().prop_map(Step::Fault),
        1 => (-120i32..120).prop_map(Step::Weight),
        1 => any::<u8>().prop_map(Step::Configure),
        1 => Just(Step::Clear),
    ]
}

fn configured(choice: u8) -> Instance {
    let mut instance = if choice & 1 == 0 {
        v3(51, 100, ms(1000))
    } else {
        v4(51, 100)
    };
    instance.preemption = match choice >> 1 & 3 {
        0 => Preemption::Disabled,
        1 => Preemption::Delayed(Micros::from_secs(2)),
        _ => Preemption::Immediate,
    };
    instance.owner_ignore_adverts = choice & 8 != 0;
    instance.skip_check_adv_addr = choice & 16 != 0;
    instance
}

fn configure(lab: &mut Lab, choice: u8) {
    let mut spec = common::spec(configured(choice));
    spec.trackers.push(TrackerUse {
        tracker: TrackerId(0),
        weight: 1,
        reverse: false,
    });
    let file = TrackerSpec {
        id: TrackerId(0),
        name: "f".into(),
        kind: TrackerKind::File,
        initial: Some(TrackerReport::Value(0)),
    };
    lab.input(Input::Reconfigure(Box::new(Reconfiguration {
        trackers: vec![file],
        instances: vec![(ID, spec)],
        ..Reconfiguration::default()
    })));
}

fn started(choice: u8) -> Lab {
    let mut lab = Lab::default();
    configure(&mut lab, choice);
    lab
}

fn act(lab: &mut Lab, step: &Step, forget: bool) {
    match *step {
        Step::Hear(which, times, pause) => {
            let (bytes, from) = &PACKETS[which];
            for n in 0..times {
                if forget {
                    lab.engine.forget_echoes();
                }
                let mut bytes = bytes.clone();
                bytes[5] = n; // the identification
                lab.hear_bytes(&bytes, from);
                lab.run(ms(pause));
            }
        }
        Step::Pass(time) => lab.run(ms(time)),
        Step::Priority(priority) => lab.input(Input::SetPriority(ID, Priority::new(priority).unwrap())),
        Step::Source(there) => lab.input(Input::SourceAddress(ID, there.then(|| "10.9.0.1".parse().unwrap()))),
        Step::Fault(on) => lab.input(Input::Fault(ID, Fault::DuplicateVrid, on)),
        Step::Weight(weight) => lab.input(Input::Tracker(TrackerId(0), TrackerReport::Value(weight))),
        Step::Configure(choice) => configure(lab, choice),
        Step::Clear => lab.input(Input::ClearStats(None)),
    }
}

proptest! {
    #[test]
    fn the_outcome_is_the_same(choice in any::<u8>(), steps in proptest::collection::vec(step(), 1..40)) {
        let (mut one, mut other) = (started(choice), started(choice));
        for step in &steps {
            act(&mut one, step, false);
            act(&mut other, step, true);
            prop_assert_eq!(&one.did, &other.did, "{:?}", step);
            prop_assert_eq!(&one.logs, &other.logs, "{:?}", step);
            let views = (one.engine.view(ID), other.engine.view(ID));
            prop_assert_eq!(format!("{:?}", views.0), format!("{:?}", views.1), "{:?}", step);
        }
    }
}
