//! The black-box scenarios of `vrrp.md` appendix A that one engine can play, with exact virtual times instead of tolerances.
#![expect(clippy::unwrap_used, reason = "tests")]

pub mod common;

use common::{Did, ID, Lab, address, advert, ms, spec, v3, v4};
use keepalived_model::{
    time::Micros,
    units::{Priority, Secret},
    vrrp::{Authentication, Peer, Preemption, Transport, WantState},
};
use keepalived_vrrp::{
    BatchOperation::{Install, Remove, RemoveLeftovers},
    Fault, Input, KernelOutcome, Notified, ObjectRef, State, TrackerId, TrackerKind, TrackerReport, TrackerSpec,
    TrackerUse,
};

const B: &str = "10.9.0.2";

fn us(n: u64) -> Micros {
    Micros(n)
}

/// Time until the first advert of a freshly started instance.
fn first_advert(instance: keepalived_model::vrrp::Instance) -> u64 {
    let priority = instance.priority.get();
    let mut lab = Lab::start(instance);
    lab.run(Micros::from_secs(20));
    lab.times(&Did::Advert(priority))[0].0
}

#[test]
fn a1_a6_a7_a8_a9_a10_a11_first_adverts() {
    assert_eq!(first_advert(v4(51, 150)), 3_414_062);
    let mut wants_master = v4(51, 254);
    wants_master.want_state = WantState::Master;
    assert_eq!(first_advert(wants_master), 3_007_812);
    assert_eq!(first_advert(v3(51, 100, Micros::SECOND)), 3_609_375);
    assert_eq!(first_advert(v4(51, 1)), 3_996_093);
    assert_eq!(first_advert(v3(51, 1, ms(100))), 399_609);
    let mut owner = v4(51, 255);
    assert_eq!(first_advert(owner.clone()), 3_003_906);
    owner.want_state = WantState::Master;
    assert_eq!(first_advert(owner), 0);
    let mut five = v3(51, 100, ms(200));
    five.down_timer_adverts = 5;
    assert_eq!(first_advert(five), 1_121_875);
}

#[test]
fn a12_a13_startup_delay() {
    let mut lab = Lab::default();
    lab.input(Input::StartupDelay(Micros::from_secs(2)));
    lab.configure(vec![spec(v4(51, 100))]);
    lab.hear(v4(51, 100), B, 200);
    lab.run(Micros::from_secs(10));
    assert_eq!(lab.times(&Did::Advert(100))[0], us(5_609_375));
    let mut lab = Lab::default();
    lab.input(Input::StartupDelay(ms(3500)));
    let mut owner = v4(51, 255);
    owner.want_state = WantState::Master;
    lab.configure(vec![spec(owner)]);
    lab.run(Micros::from_secs(10));
    assert_eq!(lab.times(&Did::Advert(255))[0], ms(4500));
}

#[test]
fn the_first_advert_is_frame_b1() {
    let mut instance = v4(51, 150);
    instance.authentication = Authentication::Password(Secret::new(*b"secret"));
    instance.addresses.push(address("10.9.0.101"));
    let mut lab = Lab::start(instance);
    lab.run(ms(4500));
    let b1 = "45c0002c00010000ff7000000a090001e0000012213396020101f6a10a0900640a0900657365637265740000";
    let hex: Vec<String> = lab
        .packets
        .iter()
        .map(|p| p.iter().map(|b| format!("{b:02x}")).collect())
        .collect();
    assert_eq!(hex[0], b1);
    assert_eq!(hex[1], b1.replacen("00010000ff", "00020000ff", 1));
}

#[test]
fn order_of_becoming_and_of_leaving_master() {
    let mut instance = v4(51, 150);
    instance.accept = false;
    let vip: Vec<std::net::IpAddr> = vec!["10.9.0.100".parse().unwrap()];
    let mut lab = Lab::start(instance);
    assert_eq!(
        lab.take(),
        [Did::Kernel(RemoveLeftovers, vip.clone()), Did::State(Notified::Backup)]
    );
    lab.run(ms(3500));
    let acquired = [
        Did::Advert(150),
        Did::Shield(true),
        Did::Kernel(Install, vip.clone()),
        Did::Announce(vip.clone(), 5),
        Did::State(Notified::Master),
    ];
    assert_eq!(lab.take(), acquired);
    lab.input(Input::Stop { release: true });
    assert_eq!(
        lab.take(),
        [
            Did::Advert(0),
            Did::Kernel(Remove, vip),
            Did::Shield(false),
            Did::State(Notified::Stop)
        ]
    );
    assert_eq!(lab.engine.next_deadline(), None);
}

#[test]
fn nothing_is_announced_before_the_kernel_has_answered() {
    let mut lab = Lab::start(v4(51, 150));
    lab.silent_kernel = true;
    lab.run(ms(6000));
    assert!(
        !lab.did
            .iter()
            .any(|d| matches!(d.1, Did::Announce(..) | Did::State(Notified::Master)))
    );
    assert!(lab.times(&Did::Advert(150)).len() == 3, "adverts wait for nobody");
    let ticket = lab.tickets.pop().unwrap();
    lab.input(Input::KernelDone(ticket, KernelOutcome { failed: 1 }));
    let vip: Vec<std::net::IpAddr> = vec!["10.9.0.100".parse().unwrap()];
    assert_eq!(lab.take(), [Did::Announce(vip, 5), Did::State(Notified::Master)]);
}

#[test]
fn a_master_that_yields_before_the_kernel_answered_still_tells_both_states() {
    let mut lab = Lab::start(v4(51, 150));
    lab.silent_kernel = true;
    lab.run(ms(3500));
    lab.take();
    lab.hear(v4(51, 1), B, 200);
    let states: Vec<Did> = lab.take().into_iter().filter(|d| matches!(d, Did::State(_))).collect();
    assert_eq!(states, [Did::State(Notified::Master), Did::State(Notified::Backup)]);
    let stale = lab.tickets.remove(0);
    lab.input(Input::KernelDone(stale, KernelOutcome::default()));
    assert_eq!(lab.take(), []);
}

#[test]
fn a14_nopreempt() {
    let mut instance = v4(51, 150);
    instance.preemption = Preemption::Disabled;
    let mut lab = Lab::start(instance);
    for _ in 0..10 {
        lab.run(Micros::SECOND);
        lab.hear(v4(51, 1), B, 100);
    }
    assert_eq!(lab.state(), State::Backup);
    let last = lab.now;
    lab.run(Micros::from_secs(5));
    assert_eq!(
        lab.times(&Did::Advert(150))[0],
        last.since(keepalived_model::time::Instant(0)) + us(3_414_062)
    );
}

#[test]
fn a15_preempt_delay() {
    let mut instance = v4(51, 150);
    instance.preemption = Preemption::Delayed(Micros::from_secs(4));
    let mut lab = Lab::start(instance);
    let packet = advert(v4(51, 1), B, 100);
    lab.run(ms(1));
    for _ in 0..10 {
        lab.hear_bytes(&packet, B);
        lab.run(Micros::SECOND);
    }
    // followed at 0.001 .. 3.001, from 4.001 on discarded
    assert_eq!(lab.times(&Did::Advert(150))[0], us(3_001_000 + 3_414_062));
}

#[test]
fn without_delay_a_lower_master_is_overruled_when_the_timer_ends() {
    let mut lab = Lab::start(v4(51, 150));
    let packet = advert(v4(51, 1), B, 100);
    for _ in 0..5 {
        lab.hear_bytes(&packet, B);
        lab.run(ms(900));
    }
    assert_eq!(lab.times(&Did::Advert(150))[0], us(3_414_062));
}

#[test]
fn a16_priority_zero() {
    let mut lab = Lab::start(v4(51, 150));
    lab.run(ms(500));
    lab.hear(v4(51, 1), B, 200);
    lab.run(ms(500));
    lab.hear(v4(51, 1), B, 0);
    lab.run(Micros::SECOND);
    assert_eq!(lab.times(&Did::Advert(150)), [us(1_000_000 + 414_062)]);
    assert_eq!(lab.stats().pri_zero_rcvd, 1);
    let mut master = Lab::start(v4(51, 150));
    master.run(ms(3600));
    master.did.clear();
    master.hear(v4(51, 1), B, 0);
    assert_eq!(master.take(), [Did::Advert(150)]);
    assert_eq!(master.state(), State::Master);
}

#[test]
fn a17_interval_of_a_version_3_master_is_learnt() {
    let mut lab = Lab::start(v3(51, 150, Micros::from_secs(2)));
    let packet = advert(v3(51, 1, ms(500)), B, 200);
    for _ in 0..6 {
        lab.hear_bytes(&packet, B);
        lab.run(ms(500));
    }
    lab.run(ms(10_000));
    let sent = lab.times(&Did::Advert(150));
    assert_eq!(sent[0], us(2_500_000 + 1_500_000 + 207_031));
    assert_eq!(sent[1], sent[0] + Micros::from_secs(2));
    assert_eq!(
        lab.engine.view(ID).unwrap().master_interval,
        Micros::from_secs(2),
        "Q-8"
    );
}

#[test]
fn ties_are_decided_by_address() {
    for (from, state) in [
        ("10.9.0.2", State::Backup),
        ("10.9.0.0", State::Master),
        ("10.9.0.1", State::Master),
    ] {
        let mut lab = Lab::start(v4(51, 150));
        lab.run(ms(3500));
        lab.did.clear();
        lab.hear(v4(51, 1), from, 150);
        assert_eq!(lab.state(), state, "{from}");
        let zero = lab.take().contains(&Did::Advert(0));
        assert!(!zero, "yielding is not resigning");
    }
}

#[test]
fn a_lower_advert_is_answered_and_announced_against() {
    let mut lab = Lab::start(v4(51, 150));
    lab.run(ms(20_000));
    lab.did.clear();
    let vip: Vec<std::net::IpAddr> = vec!["10.9.0.100".parse().unwrap()];
    lab.hear(v4(51, 1), B, 100);
    assert_eq!(
        lab.take(),
        [Did::Advert(150), Did::Announce(vip.clone(), 5), Did::LowerPriority]
    );
    lab.run(ms(5000));
    assert!(lab.take().contains(&Did::Announce(vip, 5)));
    let mut quiet = v4(51, 150);
    quiet.lower_prio_no_advert = true;
    quiet.garp.lower_prio_repeat = 0;
    let mut lab = Lab::start(quiet);
    lab.run(ms(3500));
    lab.did.clear();
    lab.hear(v4(51, 1), B, 100);
    assert_eq!(lab.take(), [Did::LowerPriority]);
}

#[test]
fn higher_prio_send_advert() {
    let mut instance = v4(51, 150);
    instance.higher_prio_send_advert = true;
    let mut lab = Lab::start(instance);
    lab.run(ms(3500));
    lab.did.clear();
    lab.hear(v4(51, 1), B, 200);
    assert_eq!(lab.take()[0], Did::Advert(150));
    assert_eq!(lab.state(), State::Backup);
}

#[test]
fn a26_old_unicast_checksum_is_learnt() {
    let mut instance = v3(51, 150, ms(500));
    let peer = Peer {
        address: B.parse().unwrap(),
        min_ttl: 0,
        max_ttl: 255,
    };
    instance.transport = Transport::Unicast {
        source: Some("10.9.0.1".parse().unwrap()),
        peers: vec![peer],
        ttl: None,
        check_source: false,
    };
    let mut lab = Lab::start(instance.clone());
    lab.run(ms(2000));
    // a multicast node's checksum is the old form when the packet is sent to one peer
    let mut bytes = advert(v3(51, 1, ms(500)), B, 100);
    bytes[16..20].copy_from_slice(&[10, 9, 0, 1]);
    let before = lab.packets.last().unwrap().clone();
    lab.hear_bytes(&bytes, B);
    assert_eq!((lab.stats().advert_rcvd, lab.stats().chk_err), (1, 0));
    let after = lab.packets.last().unwrap().clone();
    assert_ne!(before[26..28], after[26..28]);
    // the group of those versions is the configured one
    instance.checksum.old_group = "224.0.0.99".parse().unwrap();
    let mut lab = Lab::start(instance.clone());
    lab.run(ms(2000));
    lab.hear_bytes(&bytes, B);
    assert_eq!((lab.stats().advert_rcvd, lab.stats().chk_err), (0, 1));
    instance.checksum.old_unicast = keepalived_model::vrrp::OldUnicastChecksum::Never;
    let mut lab = Lab::start(instance);
    lab.run(ms(2000));
    lab.hear_bytes(&bytes, B);
    assert_eq!((lab.stats().advert_rcvd, lab.stats().chk_err), (0, 1));
}

#[test]
fn a27_limits_of_a_peer() {
    let mut instance = v3(51, 150, ms(500));
    let peer = Peer {
        address: B.parse().unwrap(),
        min_ttl: 60,
        max_ttl: 64,
    };
    let unicast = |source: &str, peer: Peer, ttl| Transport::Unicast {
        source: Some(source.parse().unwrap()),
        peers: vec![peer],
        ttl: Some(ttl),
        check_source: true,
    };
    instance.transport = unicast("10.9.0.1", peer, 70);
    let mut lab = Lab::start(instance.clone());
    lab.run(ms(3000));
    assert_eq!(lab.packets[0][8], 70);
    let mut other = instance.clone();
    let back = Peer {
        address: "10.9.0.1".parse().unwrap(),
        ..peer
    };
    other.transport = unicast(B, back, 62);
    let packet = advert(other, B, 200);
    for (ttl, from, state) in [(59, B, State::Master), (65, B, State::Master), (62, B, State::Backup)] {
        let mut bytes = packet.clone();
        bytes[8] = ttl;
        lab.hear_bytes(&bytes, from);
        assert_eq!(lab.state(), state, "{ttl}");
    }
    assert_eq!((lab.stats().ip_ttl_err, lab.stats().advert_rcvd), (2, 3), "Q-19");
    let stranger = {
        let mut i = instance;
        i.transport = unicast("10.9.0.9", back, 62);
        advert(i, "10.9.0.9", 250)
    };
    let before = lab.engine.view(ID).unwrap().master;
    lab.hear_bytes(&stranger, "10.9.0.9");
    assert_eq!(lab.engine.view(ID).unwrap().master, before);
}

#[test]
fn a28_a30_deleted_address() {
    let mut lab = Lab::start(v4(51, 150));
    lab.run(ms(4000));
    lab.did.clear();
    lab.input(Input::ObjectDeleted(ID, ObjectRef::Address(0)));
    let vip: Vec<std::net::IpAddr> = vec!["10.9.0.100".parse().unwrap()];
    assert_eq!(
        lab.take(),
        [Did::Advert(0), Did::Kernel(Remove, vip), Did::State(Notified::Backup)]
    );
    lab.run(Micros::SECOND);
    assert_eq!(lab.times(&Did::Advert(150)), [us(4_000_000 + 414_062)]);
    let mut untracked = v4(51, 150);
    untracked.addresses[0].no_track = true;
    let mut lab = Lab::start(untracked);
    lab.run(ms(4000));
    lab.did.clear();
    lab.input(Input::ObjectDeleted(ID, ObjectRef::Address(0)));
    assert_eq!(lab.take(), []);
}

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
fn a41_every_interface_must_come_back() {
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
fn a34_script_is_awaited_without_a_word() {
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
fn a36_weights_change_the_next_advert_and_the_down_timer() {
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

#[test]
fn a43_an_owner_recovers_as_backup() {
    let mut owner = v3(51, 255, ms(500));
    owner.want_state = WantState::Master;
    let mut lab = Lab::start(owner);
    lab.input(Input::Fault(ID, Fault::BaseInterface, true));
    lab.run(ms(1000));
    lab.did.clear();
    lab.input(Input::Fault(ID, Fault::BaseInterface, false));
    assert_eq!(lab.take(), [Did::State(Notified::Backup)]);
    lab.run(ms(2000));
    assert_eq!(lab.times(&Did::Advert(255))[0], us(1_000_000 + 1_501_953));
}

#[test]
fn a44_two_owners() {
    let mut owner = v3(51, 255, ms(500));
    owner.want_state = WantState::Master;
    // the other one has the higher address
    let mut lab = Lab::start(owner.clone());
    lab.hear(owner.clone(), B, 255);
    assert_eq!(lab.state(), State::Backup);
    // we have the higher address, and the rival stays
    let mut lab = Lab::start(owner.clone());
    let rival = advert(owner, "10.9.0.0", 255);
    lab.run(ms(250));
    for _ in 0..8 {
        lab.hear_bytes(&rival, "10.9.0.0");
        lab.run(ms(500));
    }
    assert_eq!(lab.state(), State::Backup);
    assert_eq!(lab.engine.view(ID).unwrap().effective_priority, 254);
    lab.did.clear();
    lab.run(Micros::from_secs(4));
    let adverts: Vec<Did> = lab.take().into_iter().filter(|d| matches!(d, Did::Advert(_))).collect();
    assert_eq!(adverts[..2], [Did::Advert(254), Did::Advert(255)]);
}

#[test]
fn owner_ignore_adverts() {
    let mut owner = v3(51, 255, ms(500));
    owner.want_state = WantState::Master;
    owner.owner_ignore_adverts = true;
    let mut lab = Lab::start(owner.clone());
    lab.hear(owner, B, 255);
    assert_eq!((lab.state(), lab.stats().advert_rcvd), (State::Master, 0));
}

#[test]
fn a45_late() {
    let mut instance = v3(51, 150, ms(500));
    instance.preemption = Preemption::Disabled;
    instance.timer_expired_backup = Some(200);
    let mut lab = Lab::start(instance);
    lab.run(ms(3000));
    lab.did.clear();
    lab.now += ms(2500);
    lab.engine.handle_timeout(lab.now);
    lab.input(Input::AdvertiseNow);
    let vip: Vec<std::net::IpAddr> = vec!["10.9.0.100".parse().unwrap()];
    assert_eq!(lab.take(), [Did::Kernel(Remove, vip), Did::State(Notified::Backup)]);
}

#[test]
fn overdue_timers_fire_once() {
    let mut lab = Lab::start(v4(51, 150));
    lab.run(ms(3500));
    lab.did.clear();
    lab.now += Micros::from_secs(60);
    lab.engine.handle_timeout(lab.now);
    lab.input(Input::ClearStats(None));
    assert_eq!(lab.times(&Did::Advert(150)).len(), 1);
    assert_eq!(lab.engine.next_deadline(), Some(lab.now + Micros::SECOND));
}

#[test]
fn a47_announcements() {
    let mut instance = v3(51, 254, ms(200));
    instance.garp.repeat = 2;
    instance.garp.delay = Micros::SECOND;
    instance.garp.refresh = Micros::from_secs(2);
    let mut lab = Lab::start(instance);
    lab.run(ms(7000));
    let start = lab.times(&Did::State(Notified::Master))[0];
    assert_eq!(start, us(601_562));
    let mut lab2 = Lab::start(lab.engine.view(ID).unwrap().spec.config.as_ref().clone());
    lab2.run(ms(6000));
    let vip: Vec<std::net::IpAddr> = vec!["10.9.0.100".parse().unwrap()];
    let seen: Vec<(Micros, u32)> = lab2
        .did
        .iter()
        .filter_map(|d| match &d.1 {
            Did::Announce(list, rounds) if *list == vip => Some((d.0 - start, *rounds)),
            _ => None,
        })
        .collect();
    assert_eq!(seen, [(ms(0), 2), (ms(1000), 2), (ms(3000), 1), (ms(5000), 1)]);
}

#[test]
fn a48_paced_announcements_alternate() {
    let mut instance = v3(51, 254, ms(200));
    instance.addresses.push(address("10.9.0.101"));
    instance.garp.repeat = 3;
    instance.garp.delay = Micros::ZERO;
    let mut spec = spec(instance);
    spec.pacing = vec![Some(keepalived_vrrp::PacingId(0)); 2].into();
    let mut lab = Lab::default();
    let wish = keepalived_vrrp::Reconfiguration {
        instances: vec![(ID, spec)],
        pacing: vec![keepalived_vrrp::PacingGroup {
            garp_interval: ms(200),
            gna_interval: Micros::ZERO,
        }],
        ..Default::default()
    };
    lab.input(Input::Reconfigure(Box::new(wish)));
    lab.run(Micros::from_secs(5));
    let (a, b): (std::net::IpAddr, std::net::IpAddr) = ("10.9.0.100".parse().unwrap(), "10.9.0.101".parse().unwrap());
    let seen: Vec<(Micros, Did)> = lab
        .did
        .iter()
        .filter(|d| matches!(d.1, Did::Announce(..)))
        .cloned()
        .collect();
    let start = us(601_562);
    let expected: Vec<(Micros, Did)> = [a, b, a, b, a, b]
        .iter()
        .zip(0..)
        .map(|(ip, n)| (start + ms(200).times(n), Did::Announce(vec![*ip], 1)))
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn a49_reload() {
    let mut lab = Lab::start(v3(51, 200, ms(500)));
    lab.run(ms(3000));
    lab.did.clear();
    // a: another name
    let mut renamed = v3(51, 200, ms(500));
    renamed.name = "V9".into();
    lab.configure(vec![spec(renamed)]);
    assert_eq!(lab.take(), [Did::Advert(200)]);
    // b: another address
    let mut swapped = v3(51, 200, ms(500));
    swapped.addresses = vec![address("10.9.0.101")];
    lab.configure(vec![spec(swapped.clone())]);
    let (old, new) = (vec!["10.9.0.100".parse().unwrap()], vec!["10.9.0.101".parse().unwrap()]);
    assert_eq!(
        lab.take(),
        [
            Did::Kernel(Remove, old),
            Did::Kernel(Install, new.clone()),
            Did::Advert(200),
            Did::Announce(new.clone(), 5)
        ]
    );
    // c: a lower priority
    swapped.priority = Priority::new(50).unwrap();
    lab.configure(vec![spec(swapped.clone())]);
    assert_eq!(lab.take(), [Did::Priority(200, 50), Did::Advert(50)]);
    // d: another VRID is another router
    swapped.vrid = keepalived_model::units::Vrid::new(52).unwrap();
    lab.configure(vec![spec(swapped)]);
    assert_eq!(
        lab.take(),
        [
            Did::Advert(0),
            Did::Kernel(Remove, new.clone()),
            Did::State(Notified::Fault),
            Did::Kernel(RemoveLeftovers, new),
            Did::State(Notified::Backup)
        ]
    );
}

#[test]
fn a50_deleted_instance() {
    let mut instance = v3(51, 200, ms(500));
    instance.notify_deleted = true;
    let mut lab = Lab::start(instance);
    lab.did.clear();
    lab.configure(vec![]);
    assert_eq!(lab.take(), [Did::State(Notified::Deleted)]);
    assert_eq!(lab.engine.next_deadline(), None);
    assert!(lab.engine.view(ID).is_none());
}

#[test]
fn a55_stop_without_release() {
    let mut lab = Lab::start(v3(51, 200, ms(500)));
    lab.run(ms(3000));
    lab.did.clear();
    lab.input(Input::Stop { release: false });
    assert_eq!(lab.take(), [Did::State(Notified::Stop)]);
}

#[test]
fn losing_the_source_address_resigns_from_it_first() {
    let mut lab = Lab::start(v3(51, 200, ms(500)));
    lab.run(ms(3000));
    lab.did.clear();
    lab.input(Input::SourceAddress(ID, None));
    assert_eq!(lab.take()[0], Did::Advert(0));
    assert_eq!(lab.state(), State::Fault);
    lab.input(Input::SourceAddress(ID, Some("10.9.0.7".parse().unwrap())));
    assert_eq!(lab.state(), State::Backup);
    lab.run(ms(3000));
    assert_eq!(lab.packets.last().unwrap()[12..16], [10, 9, 0, 7]);
}

#[test]
fn a_deletion_reported_while_installing_is_mended() {
    let mut lab = Lab::start(v4(51, 150));
    lab.silent_kernel = true;
    lab.run(ms(3500));
    lab.did.clear();
    lab.input(Input::ObjectDeleted(ID, ObjectRef::Address(0)));
    assert_eq!((lab.take(), lab.state()), (vec![], State::Master));
    lab.silent_kernel = false;
    let ticket = lab.tickets.pop().unwrap();
    lab.input(Input::KernelDone(ticket, KernelOutcome::default()));
    let vip: Vec<std::net::IpAddr> = vec!["10.9.0.100".parse().unwrap()];
    assert_eq!(
        lab.take(),
        [
            Did::Kernel(Install, vip.clone()),
            Did::Announce(vip, 5),
            Did::State(Notified::Master)
        ]
    );
}

/// Rows of A37: a file whose number is a fault, and one whose number is added.
#[test]
fn a37_numbers_of_files() {
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

/// Every test above, for `mutations.rs`.
#[cfg(feature = "mutations")]
#[allow(
    unreachable_pub,
    dead_code,
    clippy::allow_attributes,
    reason = "used by mutations.rs, which includes this file"
)]
pub const ALL: &[(&str, fn())] = &[
    ("a37_numbers_of_files", a37_numbers_of_files),
    (
        "a1_a6_a7_a8_a9_a10_a11_first_adverts",
        a1_a6_a7_a8_a9_a10_a11_first_adverts,
    ),
    ("a12_a13_startup_delay", a12_a13_startup_delay),
    ("the_first_advert_is_frame_b1", the_first_advert_is_frame_b1),
    (
        "order_of_becoming_and_of_leaving_master",
        order_of_becoming_and_of_leaving_master,
    ),
    (
        "nothing_is_announced_before_the_kernel_has_answered",
        nothing_is_announced_before_the_kernel_has_answered,
    ),
    (
        "a_master_that_yields_before_the_kernel_answered_still_tells_both_states",
        a_master_that_yields_before_the_kernel_answered_still_tells_both_states,
    ),
    ("a14_nopreempt", a14_nopreempt),
    ("a15_preempt_delay", a15_preempt_delay),
    (
        "without_delay_a_lower_master_is_overruled_when_the_timer_ends",
        without_delay_a_lower_master_is_overruled_when_the_timer_ends,
    ),
    ("a16_priority_zero", a16_priority_zero),
    (
        "a17_interval_of_a_version_3_master_is_learnt",
        a17_interval_of_a_version_3_master_is_learnt,
    ),
    ("ties_are_decided_by_address", ties_are_decided_by_address),
    (
        "a_lower_advert_is_answered_and_announced_against",
        a_lower_advert_is_answered_and_announced_against,
    ),
    ("higher_prio_send_advert", higher_prio_send_advert),
    ("a26_old_unicast_checksum_is_learnt", a26_old_unicast_checksum_is_learnt),
    ("a27_limits_of_a_peer", a27_limits_of_a_peer),
    ("a28_a30_deleted_address", a28_a30_deleted_address),
    ("a41_every_interface_must_come_back", a41_every_interface_must_come_back),
    (
        "a34_script_is_awaited_without_a_word",
        a34_script_is_awaited_without_a_word,
    ),
    (
        "a36_weights_change_the_next_advert_and_the_down_timer",
        a36_weights_change_the_next_advert_and_the_down_timer,
    ),
    ("a43_an_owner_recovers_as_backup", a43_an_owner_recovers_as_backup),
    ("a44_two_owners", a44_two_owners),
    ("owner_ignore_adverts", owner_ignore_adverts),
    ("a45_late", a45_late),
    ("overdue_timers_fire_once", overdue_timers_fire_once),
    ("a47_announcements", a47_announcements),
    ("a48_paced_announcements_alternate", a48_paced_announcements_alternate),
    ("a49_reload", a49_reload),
    ("a50_deleted_instance", a50_deleted_instance),
    ("a55_stop_without_release", a55_stop_without_release),
    (
        "losing_the_source_address_resigns_from_it_first",
        losing_the_source_address_resigns_from_it_first,
    ),
    (
        "a_deletion_reported_while_installing_is_mended",
        a_deletion_reported_while_installing_is_mended,
    ),
];
