//! Trackers: scripts, files, interfaces.

use super::{
    common::{Did, ID, Lab, ms, spec, v3, v4},
    us,
};
use keepalived_vrrp::{Input, Notified, State, TrackerId, TrackerKind, TrackerReport, TrackerSpec, TrackerUse};

fn tracked(instance: keepalived_model::vrrp::Instance, trackers: &[(TrackerKind, i16)]) -> Lab {
    let mut spec = spec(instance);
    let mut wish = keepalived_vrrp::Reconfiguration::default();
    for (n, (kind, weight)) in trackers.iter().enumerate() {
        let id = TrackerId(n as u32);
        spec.trackers.push(TrackerUse {
            tracker: id,
            weight: *weight,
            reverse: false,
        });
        wish.trackers.push(TrackerSpec {
            id,
            name: "t".into(),
            kind: *kind,
            initial: (*kind == TrackerKind::Interface).then_some(TrackerReport::Good(true)),
        });
    }
    wish.instances.push((ID, spec));
    let mut lab = Lab::default();
    lab.input(Input::Reconfigure(Box::new(wish)));
    lab
}

#[test]
pub(super) fn a41_every_interface_must_come_back() {
    let mut lab = tracked(
        v3(51, 254, ms(200)),
        &[(TrackerKind::Interface, 0), (TrackerKind::Interface, 0)],
    );
    lab.run(ms(1000));
    lab.did.clear();
    for (tracker, up) in [(0, false), (1, false), (0, true)] {
        lab.input(Input::Tracker(TrackerId(tracker), TrackerReport::Good(up)));
        assert_eq!(lab.state(), State::Fault);
    }
    lab.input(Input::Tracker(TrackerId(1), TrackerReport::Good(true)));
    lab.run(ms(1000));
    let states: Vec<Did> = lab.take().into_iter().filter(|d| matches!(d, Did::State(_))).collect();
    assert_eq!(
        states,
        [Notified::Fault, Notified::Backup, Notified::Master].map(Did::State)
    );
}

#[test]
pub(super) fn a34_script_is_awaited_without_a_word() {
    let script = TrackerKind::Script { rise: 1, fall: 2 };
    let mut lab = tracked(v3(51, 100, ms(200)), &[(script, 0)]);
    lab.run(ms(4000));
    assert!(!lab.did.iter().any(|d| matches!(d.1, Did::State(_))));
    assert!(lab.engine.view(ID).unwrap().awaiting);
    lab.did.clear();
    lab.input(Input::Tracker(TrackerId(0), TrackerReport::Good(true)));
    assert_eq!(lab.take(), [Did::State(Notified::Backup)]);
    lab.run(ms(1000));
    assert_eq!(lab.state(), State::Master);
    lab.input(Input::Tracker(TrackerId(0), TrackerReport::Good(false)));
    assert_eq!(lab.state(), State::Master, "fall 2");
    lab.input(Input::Tracker(TrackerId(0), TrackerReport::Good(false)));
    assert_eq!(lab.state(), State::Fault);
    assert_eq!(lab.stats().pri_zero_sent, 1, "Q-9");
}

#[test]
pub(super) fn a36_weights_change_the_next_advert_and_the_down_timer() {
    let script = TrackerKind::Script { rise: 1, fall: 1 };
    let mut lab = tracked(v4(51, 100), &[(script, -20)]);
    lab.run(ms(1000));
    lab.input(Input::Tracker(TrackerId(0), TrackerReport::Good(false)));
    assert!(lab.take().contains(&Did::Priority(100, 80)));
    lab.run(ms(3000));
    assert_eq!(lab.times(&Did::Advert(80)), [us(3_687_500)]);
    lab.input(Input::Tracker(TrackerId(0), TrackerReport::Good(true)));
    assert_eq!(lab.take(), [Did::Priority(80, 100)], "no advert before its time");
}

/// Rows of A37: a file whose number is a fault, and one whose number is added.
#[test]
pub(super) fn a37_numbers_of_files() {
    for (weight, reverse, rows) in [
        (
            1,
            false,
            [(5, 105, false), (-300, 105, true), (-20, 80, false), (1000, 254, false)],
        ),
        (
            0,
            false,
            [(5, 100, true), (-300, 100, true), (0, 100, false), (7, 100, true)],
        ),
        (
            0,
            true,
            [(5, 100, false), (0, 100, true), (-1, 100, false), (0, 100, true)],
        ),
        (
            2,
            true,
            [(5, 90, false), (-10, 120, false), (127, 120, true), (0, 100, false)],
        ),
    ] {
        let mut spec = spec(v3(51, 100, ms(200)));
        spec.trackers.push(TrackerUse {
            tracker: TrackerId(0),
            weight,
            reverse,
        });
        let mut lab = Lab::default();
        lab.input(Input::Reconfigure(Box::new(keepalived_vrrp::Reconfiguration {
            trackers: vec![TrackerSpec {
                id: TrackerId(0),
                name: "file".into(),
                kind: TrackerKind::File,
                initial: Some(TrackerReport::Value(0)),
            }],
            instances: vec![(ID, spec)],
            ..Default::default()
        })));
        for (value, priority, fault) in rows {
            lab.input(Input::Tracker(TrackerId(0), TrackerReport::Value(value)));
            let view = lab.engine.view(ID).unwrap();
            let got = (view.effective_priority, view.state == State::Fault);
            assert_eq!(got, (priority, fault), "weight {weight} reverse {reverse}: {value}");
        }
    }
}
