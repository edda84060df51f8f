//! Scenarios A20 to A25 of `vrrp.md`: AH and the HMAC trailer between engines, and what is refused.
#![expect(clippy::unwrap_used, reason = "tests")]

pub(crate) mod common;

use common::{Did, ID, Lab, ms, spec, v3, v4};
use keepalived_model::{
    time::Micros,
    units::Secret,
    vrrp::{AuthHmac, Authentication, HmacMode, Instance, Peer, Transport},
};
use keepalived_vrrp::{Input, InstanceSpec, LogEvent, Notified, State, Stats};

const B: &str = "10.9.0.2";

fn ah(priority: u8) -> Instance {
    let mut i = v4(51, priority);
    i.authentication = Authentication::Ah(Secret::new(*b"mypw"));
    i
}

fn hmac(priority: u8, mode: HmacMode, keys: &[u8], active: u8) -> Instance {
    let mut i = v3(51, priority, ms(500));
    i.auth_hmac = Some(Box::new(AuthHmac {
        keys: keys.iter().map(|k| (*k, Secret::new([*k; 32]))).collect(),
        active_key: active,
        monotonic: false,
        window: Micros::from_secs(5),
        mode,
    }));
    i
}

/// Node B, whose source address is higher.
fn node_b(instance: Instance) -> InstanceSpec {
    let mut spec = spec(instance);
    spec.source = Some(B.parse().unwrap());
    spec
}

fn start(spec: InstanceSpec, wall: u64) -> Lab {
    let mut lab = Lab::default();
    lab.input(Input::WallClock(Micros::from_secs(wall)));
    lab.configure(vec![spec]);
    lab
}

fn sequence(packet: &[u8]) -> u32 {
    u32::from_be_bytes(packet[28..32].try_into().unwrap())
}

#[test]
fn the_first_ah_advert_is_frame_b5() {
    let mut lab = start(spec(ah(150)), 0);
    lab.run(ms(4500));
    let b5 = "45c0004000010000ff3300000a090001e0000012700400000a09000100000001\
              8556515c544a23b61dfccb092133960102013c5d0a0900640000000000000000";
    let hex: String = lab.packets[0].iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, b5);
    assert_eq!(sequence(&lab.packets[1]), 2);
}

#[test]
fn a20_one_series_of_numbers_over_both_nodes() {
    let mut a = start(spec(ah(150)), 0);
    let mut b = start(node_b(ah(100)), 0);
    a.run(ms(8000));
    for packet in a.packets.clone() {
        b.hear_bytes(&packet, "10.9.0.1");
    }
    assert_eq!((b.stats().advert_rcvd, b.stats().auth_failure), (5, 0));
    b.run(ms(5000));
    assert_eq!(sequence(&b.packets[0]), 6);
    a = start(spec(ah(150)), 0);
    for packet in b.packets.clone() {
        a.hear_bytes(&packet, B);
    }
    a.run(ms(4000));
    assert_eq!(sequence(&a.packets[0]), 6 + b.packets.len() as u32);
}

/// Both time out at once: the same number from both is no replay, and is none only once.
#[test]
fn two_that_become_master_at_once_hear_each_other() {
    let mut a = start(spec(ah(150)), 0);
    let mut b = start(node_b(ah(150)), 0);
    a.run(ms(3500));
    b.run(ms(3500));
    let (from_a, from_b) = (a.packets[0].clone(), b.packets[0].clone());
    assert_eq!((sequence(&from_a), sequence(&from_b)), (1, 1));
    a.hear_bytes(&from_b, B);
    b.hear_bytes(&from_a, "10.9.0.1");
    assert_eq!((a.state(), b.state()), (State::Backup, State::Master));
    a.hear_bytes(&from_b, B);
    b.hear_bytes(&from_a, "10.9.0.1");
    assert_eq!((a.stats().auth_failure, b.stats().auth_failure), (1, 1));
}

#[test]
fn a21_ah_packets_that_are_refused() {
    let mut own = ah(200);
    own.lower_prio_no_advert = true;
    let mut lab = start(spec(own), 0);
    lab.run(ms(3500));
    let mut other = start(node_b(ah(100)), 0);
    other.run(ms(12_000));
    let packets = other.packets.clone();
    lab.hear_bytes(&packets[3], B);
    assert_eq!((lab.stats().advert_rcvd, lab.stats().auth_failure), (1, 0));
    lab.hear_bytes(&packets[3], B);
    lab.hear_bytes(&packets[1], B);
    let damaged = |at: usize| {
        // newer than what our own next advert will carry
        let mut bytes = packets[7].clone();
        bytes[at] ^= 1;
        bytes
    };
    lab.hear_bytes(&damaged(36), B);
    lab.hear_bytes(&damaged(25), B);
    assert_eq!(
        (lab.stats().advert_rcvd, lab.stats().auth_failure),
        (1, 4),
        "replays, digest, SPI"
    );
    let before = lab.stats();
    lab.hear_bytes(&damaged(20), B);
    assert_eq!(lab.stats(), before, "another next header is no business of ours");
    lab.run(ms(1000));
    assert_eq!(sequence(lab.packets.last().unwrap()), sequence(&packets[3]) + 2);
    let plain = common::advert(v4(51, 1), B, 100);
    lab.hear_bytes(&plain, B);
    assert_eq!(lab.stats().authtype_mismatch, 1);
}

/// An advert of node B at a wall clock.
fn signed(instance: Instance, wall: u64) -> Vec<u8> {
    let mut b = start(node_b(instance), wall);
    b.run(ms(3000));
    b.packets[0].clone()
}

/// What a BACKUP in a mode makes of a packet heard at 3 s after wall clock 1000.
fn hears(mode: HmacMode, packets: &[Vec<u8>]) -> Stats {
    let mut lab = start(spec(hmac(100, mode, &[7, 9], 7)), 1000);
    lab.run(ms(1000));
    for packet in packets {
        lab.hear_bytes(packet, B);
    }
    lab.stats()
}

/// A name, packets of which the last is refused, and the counter that says so.
type Row = (&'static str, Vec<Vec<u8>>, fn(&Stats) -> u64);

#[test]
fn a22_a23_enforced_trailers() {
    let enforce = HmacMode::Enforce;
    let good = signed(hmac(200, enforce, &[7], 7), 1000);
    assert_eq!(good.len(), 60);
    assert_eq!(hears(enforce, std::slice::from_ref(&good)).advert_rcvd, 1);
    let rollover = signed(hmac(200, enforce, &[9], 9), 1000);
    assert_eq!(hears(enforce, &[rollover]).advert_rcvd, 1);
    let damaged = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 0x80;
        bytes
    };
    let rows: [Row; 8] = [
        ("missing", vec![common::advert(v3(51, 1, ms(500)), B, 200)], |s| {
            s.auth_ext_missing
        }),
        ("reserved", vec![damaged(34)], |s| s.auth_ext_malformed),
        ("type", vec![damaged(32)], |s| s.auth_ext_malformed),
        ("unknown key", vec![signed(hmac(200, enforce, &[8], 8), 1000)], |s| {
            s.auth_ext_unknown_key
        }),
        ("digest", vec![damaged(59)], |s| s.auth_ext_invalid_hmac),
        ("message", vec![damaged(22)], |s| s.auth_ext_invalid_hmac),
        ("old", vec![signed(hmac(200, enforce, &[7], 7), 980)], |s| {
            s.auth_ext_stale
        }),
        ("replay", vec![good.clone(), good.clone()], |s| s.auth_ext_replay),
    ];
    for (name, packets, counter) in rows {
        let stats = hears(enforce, &packets);
        assert_eq!(
            (counter(&stats), stats.advert_rcvd),
            (1, packets.len() as u64 - 1),
            "{name}"
        );
    }
}

#[test]
fn a24_modes() {
    let plain = common::advert(v3(51, 1, ms(500)), B, 200);
    let good = signed(hmac(200, HmacMode::Enforce, &[7], 7), 1000);
    let mut bad = good.clone();
    bad[59] ^= 1;
    for mode in [HmacMode::Permissive, HmacMode::ReceiveOnly] {
        let stats = hears(mode, &[plain.clone(), good.clone(), bad.clone()]);
        assert_eq!((stats.advert_rcvd, stats.auth_ext_invalid_hmac), (2, 1), "{mode:?}");
    }
    assert_eq!(signed(hmac(200, HmacMode::Permissive, &[7], 7), 1000).len(), 60);
    assert_eq!(signed(hmac(200, HmacMode::ReceiveOnly, &[7], 7), 1000).len(), 32);
}

#[test]
fn a25_a_node_without_auth_hmac_refuses_a_trailer() {
    let good = signed(hmac(200, HmacMode::Enforce, &[7], 7), 1000);
    let mut lab = start(spec(v3(51, 100, ms(500))), 1000);
    lab.hear_bytes(&good, B);
    assert_eq!((lab.stats().advert_rcvd, lab.stats().packet_len_err), (0, 1));
}

#[test]
fn sequence_numbers_and_marks_outlive_a_reload_that_moves_the_key() {
    let keys = |ids: &[u8], active| {
        let mut i = hmac(200, HmacMode::Enforce, ids, active);
        if let Some(hmac) = &mut i.auth_hmac {
            hmac.monotonic = true;
        }
        i
    };
    let number = |packet: &[u8]| u64::from_be_bytes(packet[36..44].try_into().unwrap());
    let mut b = start(node_b(keys(&[7], 7)), 1000);
    b.run(ms(3000));
    // the clock is set back, which a monotonic sequence must survive
    b.input(Input::WallClock(Micros::from_secs(10)));
    b.configure(vec![node_b(keys(&[7, 9], 7))]);
    b.configure(vec![node_b(keys(&[7, 9], 9))]);
    b.configure(vec![node_b(keys(&[9], 9))]);
    b.run(ms(1000));
    let mut a = start(spec(keys(&[7, 9], 7)), 1000);
    a.run(ms(100));
    assert!(b.packets.windows(2).all(|p| number(&p[0]) < number(&p[1])));
    assert_eq!((b.packets[0][33], b.packets.last().unwrap()[33]), (7, 9));
    for packet in &b.packets {
        a.hear_bytes(packet, B);
    }
    assert_eq!(a.stats().advert_rcvd, b.packets.len() as u64);
    a.configure(vec![spec(keys(&[9], 9))]);
    for packet in &b.packets {
        a.hear_bytes(packet, B);
    }
    let stats = a.stats();
    assert_eq!(stats.advert_rcvd, b.packets.len() as u64, "none of them a second time");
    assert_eq!(
        stats.auth_ext_unknown_key + stats.auth_ext_replay,
        b.packets.len() as u64
    );
}

/// More than half the window away is accepted, and said once.
#[test]
fn a_clock_that_drifts_away_is_named_before_it_is_refused() {
    let mut lab = start(spec(hmac(100, HmacMode::Enforce, &[7], 7)), 1000);
    lab.run(ms(100));
    let skews = |lab: &Lab| {
        let logs = lab.logs.iter();
        logs.filter(|l| matches!(l, LogEvent::ClockSkew { ahead: true, .. }))
            .count()
    };
    // B's first advert leaves 1.6 s after it starts
    lab.hear_bytes(&signed(hmac(200, HmacMode::Enforce, &[7], 7), 1000), B);
    assert_eq!((lab.stats().advert_rcvd, skews(&lab)), (1, 0));
    for wall in [1002, 1003] {
        lab.hear_bytes(&signed(hmac(200, HmacMode::Enforce, &[7], 7), wall), B);
    }
    assert_eq!((lab.stats().advert_rcvd, skews(&lab)), (3, 1));
    lab.hear_bytes(&signed(hmac(200, HmacMode::Enforce, &[7], 7), 1005), B);
    assert_eq!((lab.stats().advert_rcvd, lab.stats().auth_ext_stale), (3, 1));
}

/// Both clocks are set back by more than the window: the sender begins anew, and is heard.
#[test]
fn clocks_that_were_set_back_together() {
    let mut a = start(spec(hmac(200, HmacMode::Enforce, &[7], 7)), 5000);
    let mut b = start(node_b(hmac(100, HmacMode::Enforce, &[7], 7)), 5000);
    let together = |a: &mut Lab, b: &mut Lab| {
        for _ in 0..80 {
            a.run(ms(50));
            b.run(ms(50));
            for packet in std::mem::take(&mut a.packets) {
                b.hear_bytes(&packet, "10.9.0.1");
            }
        }
    };
    together(&mut a, &mut b);
    for lab in [&mut a, &mut b] {
        lab.input(Input::WallClock(Micros::from_secs(1000)));
    }
    together(&mut a, &mut b);
    assert_eq!((a.state(), b.state()), (State::Master, State::Backup));
    let stats = b.stats();
    assert_eq!((stats.auth_ext_replay, stats.auth_ext_stale), (0, 0));
}

/// Of a unicast instance only configured peers are heard when there is a trailer, and all copies of an advert share one.
#[test]
fn unicast_trailers() {
    let unicast = |mut i: Instance, own: &str, peers: &[&str]| {
        i.transport = Transport::Unicast {
            source: Some(own.parse().unwrap()),
            peers: peers
                .iter()
                .map(|p| Peer {
                    address: p.parse().unwrap(),
                    min_ttl: 0,
                    max_ttl: 255,
                })
                .collect(),
            ttl: None,
            check_source: false,
        };
        i
    };
    let good = signed(unicast(hmac(200, HmacMode::Enforce, &[7], 7), B, &["10.9.0.1"]), 1000);
    for (peer, received) in [(B, 1), ("10.9.0.3", 0)] {
        let own = unicast(hmac(100, HmacMode::Permissive, &[7], 7), "10.9.0.1", &[peer]);
        let mut lab = start(spec(own), 1000);
        lab.run(ms(1000));
        lab.hear_bytes(&good, B);
        assert_eq!(lab.stats().advert_rcvd, received, "peer {peer}");
    }
}

#[test]
fn signed_nodes_elect_one_master() {
    let mut a = start(spec(hmac(200, HmacMode::Enforce, &[7], 7)), 1000);
    let mut b = start(node_b(hmac(100, HmacMode::Enforce, &[7], 7)), 1000);
    for _ in 0..100 {
        a.run(ms(50));
        b.run(ms(50));
        for packet in std::mem::take(&mut a.packets) {
            b.hear_bytes(&packet, "10.9.0.1");
        }
    }
    assert_eq!((a.state(), b.state()), (State::Master, State::Backup));
    assert!(!b.take().contains(&Did::State(Notified::Master)));
    assert_eq!(b.engine.view(ID).unwrap().stats.auth_ext_replay, 0);
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
    ("the_first_ah_advert_is_frame_b5", the_first_ah_advert_is_frame_b5),
    (
        "a20_one_series_of_numbers_over_both_nodes",
        a20_one_series_of_numbers_over_both_nodes,
    ),
    (
        "two_that_become_master_at_once_hear_each_other",
        two_that_become_master_at_once_hear_each_other,
    ),
    ("a21_ah_packets_that_are_refused", a21_ah_packets_that_are_refused),
    ("a22_a23_enforced_trailers", a22_a23_enforced_trailers),
    ("a24_modes", a24_modes),
    (
        "a25_a_node_without_auth_hmac_refuses_a_trailer",
        a25_a_node_without_auth_hmac_refuses_a_trailer,
    ),
    (
        "sequence_numbers_and_marks_outlive_a_reload_that_moves_the_key",
        sequence_numbers_and_marks_outlive_a_reload_that_moves_the_key,
    ),
    (
        "a_clock_that_drifts_away_is_named_before_it_is_refused",
        a_clock_that_drifts_away_is_named_before_it_is_refused,
    ),
    ("clocks_that_were_set_back_together", clocks_that_were_set_back_together),
    ("unicast_trailers", unicast_trailers),
    ("signed_nodes_elect_one_master", signed_nodes_elect_one_master),
];
