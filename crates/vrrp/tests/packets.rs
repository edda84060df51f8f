//! What arrives and must not: the packet matrix of `vrrp.md` 5.2 and A18, and ten thousand damaged or random packets.
#![expect(clippy::unwrap_used, reason = "tests")]

pub mod common;

use common::{Did, ID, Lab, address, advert, ms, v3, v4};
use keepalived_model::{
    time::Micros,
    units::{Family, Secret},
    vrrp::{Authentication, Instance},
};
use keepalived_vrrp::{LogEvent, RefusedPacket, State, Stats};
use proptest::prelude::*;

const B: &str = "10.9.0.2";

fn password(text: &str) -> Instance {
    let mut i = v4(51, 150);
    i.authentication = Authentication::Password(Secret::new(text.as_bytes()));
    i.addresses.push(address("10.9.0.101"));
    i
}

/// Repairs the VRRP checksum of a version 2 packet.
fn resum(bytes: &mut [u8]) {
    let sum = keepalived_wire::vrrp::checksum_plain(&bytes[20..]);
    bytes[26..28].copy_from_slice(&sum.to_be_bytes());
}

/// The counters that a packet moved, on a MASTER and a BACKUP that must not care.
fn moved(instance: &Instance, bytes: &[u8]) -> Stats {
    let mut backup = Lab::start(instance.clone());
    backup.run(ms(500));
    let deadline = backup.engine.next_deadline();
    backup.hear_bytes(bytes, B);
    assert_eq!(
        (backup.state(), backup.engine.next_deadline()),
        (State::Backup, deadline)
    );
    let mut lab = Lab::start(instance.clone());
    lab.run(ms(3500));
    lab.run(ms(250));
    lab.did.clear();
    let deadline = lab.engine.next_deadline();
    lab.input(keepalived_vrrp::Input::ClearStats(None));
    lab.hear_bytes(bytes, B);
    assert_eq!(lab.take(), [], "nothing is done about a refused packet");
    assert_eq!(
        (lab.state(), lab.engine.next_deadline()),
        (State::Master, deadline),
        "Q-4"
    );
    lab.stats()
}

/// A refused packet.
type Row = (&'static str, Vec<u8>, fn(&mut Stats));

#[test]
fn a18_every_refusal_has_its_counter() {
    let own = password("secret");
    let good = advert(own.clone(), B, 200);
    let damaged = |f: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        f(&mut bytes);
        bytes
    };
    let mut v3_same_length = v3(51, 200, Micros::SECOND);
    v3_same_length.addresses = ["10.9.0.100", "10.9.0.101", "10.9.0.102", "10.9.0.103"]
        .map(address)
        .to_vec();
    let rows: Vec<Row> = vec![
        ("TTL 254", damaged(&|b| b[8] = 254), |s| s.ip_ttl_err = 1),
        ("version 3 of that length", advert(v3_same_length, B, 200), |s| {
            s.vers_err = 1
        }),
        (
            "type 2",
            damaged(&|b| {
                b[20] = 0x22;
                resum(b);
            }),
            |s| s.invalid_type_rcvd = 1,
        ),
        ("wrong password", advert(password("wrong"), B, 200), |s| {
            s.auth_failure = 1
        }),
        (
            "no authentication",
            damaged(&|b| {
                b[24] = 0;
                resum(b);
            }),
            |s| s.authtype_mismatch = 1,
        ),
        (
            "authentication 7",
            damaged(&|b| {
                b[24] = 7;
                resum(b);
            }),
            |s| s.invalid_authtype = 1,
        ),
        (
            "interval 3",
            damaged(&|b| {
                b[25] = 3;
                resum(b);
            }),
            |s| s.advert_interval_err = 1,
        ),
        (
            "a byte short",
            damaged(&|b| {
                b.pop();
            }),
            |s| s.packet_len_err = 1,
        ),
        ("much too long", damaged(&|b| b.extend([0; 9])), |s| {
            s.packet_len_err = 1
        }),
        (
            "the count lies",
            damaged(&|b| {
                b[23] = 3;
                resum(b);
            }),
            |s| s.packet_len_err = 1,
        ),
        ("total length lies", damaged(&|b| b[3] = 43), |s| s.packet_len_err = 1),
        ("checksum", damaged(&|b| b[26] ^= 1), |s| s.chk_err = 1),
        ("AH", damaged(&|b| b[9] = 51), |s| s.authtype_mismatch = 1),
        ("no packet", vec![0x45; 10], |s| s.packet_len_err = 1),
    ];
    for (name, bytes, change) in rows {
        let mut expected = Stats::default();
        change(&mut expected);
        assert_eq!(moved(&own, &bytes), expected, "{name}");
    }
}

#[test]
fn a_wrong_address_list_is_counted_and_processed() {
    for (list, errors) in [
        (vec!["10.9.0.100"], 1),
        (vec!["10.9.0.100", "10.9.0.7"], 1),
        (vec!["10.9.0.101", "10.9.0.100"], 0),
    ] {
        let own = password("secret");
        let mut other = own.clone();
        other.addresses = list.iter().map(|a| address(a)).collect();
        let mut lab = Lab::start(own);
        lab.run(ms(3500));
        lab.hear(other, B, 200);
        assert_eq!(
            (lab.stats().advert_rcvd, lab.stats().addr_list_err),
            (1, errors),
            "{list:?}"
        );
        assert_eq!(lab.state(), State::Backup);
    }
}

#[test]
fn skip_check_adv_addr_trusts_the_current_master() {
    let mut own = v4(51, 100);
    own.skip_check_adv_addr = true;
    let mut other = own.clone();
    other.addresses = vec![address("10.9.0.7")];
    let mut lab = Lab::start(own);
    lab.hear(other.clone(), B, 200);
    lab.hear(other, B, 200);
    assert_eq!(lab.stats().addr_list_err, 1);
}

#[test]
fn a_refused_packet_does_not_feed_a_backup() {
    let mut lab = Lab::start(v3(51, 100, ms(500)));
    let mut bytes = advert(v3(51, 1, ms(500)), B, 200);
    lab.hear_bytes(&bytes, B);
    bytes[26] ^= 1;
    for _ in 0..8 {
        lab.run(ms(300));
        lab.hear_bytes(&bytes, B);
    }
    assert_eq!((lab.stats().advert_rcvd, lab.state()), (1, State::Master));
}

#[test]
fn a19_bad_checksums_do_not_silence_a_master() {
    let mut lab = Lab::start(v3(51, 150, ms(500)));
    lab.run(ms(3000));
    lab.did.clear();
    let mut bytes = advert(v3(51, 1, ms(500)), B, 100);
    bytes[27] ^= 0xff;
    for _ in 0..20 {
        lab.hear_bytes(&bytes, B);
        lab.run(ms(300));
    }
    assert_eq!(lab.times(&Did::Advert(150)).len(), 12);
    let refused = LogEvent::Refused {
        source: B.parse().unwrap(),
        why: RefusedPacket::Checksum,
    };
    assert_eq!(lab.logs.iter().filter(|l| **l == refused).count(), 1, "said once");
}

#[test]
fn v3_checksum_as_v2_accepts_both_forms_and_no_other() {
    let mut own = v3(51, 150, ms(500));
    own.checksum.v3_as_v2 = true;
    let plain = advert(own.clone(), B, 100);
    let pseudo = advert(v3(51, 150, ms(500)), B, 100);
    let mut wrong = plain.clone();
    wrong[26] ^= 1;
    let mut lab = Lab::start(own);
    for bytes in [&plain, &pseudo, &wrong] {
        lab.hear_bytes(bytes, B);
    }
    assert_eq!((lab.stats().advert_rcvd, lab.stats().chk_err), (2, 1), "Q-1");
}

#[test]
fn padding_of_short_frames_is_tolerated() {
    let own = v3(51, 150, ms(500));
    let mut bytes = advert(own.clone(), B, 100);
    bytes.resize(46, 0);
    let mut lab = Lab::start(own);
    lab.hear_bytes(&bytes, B);
    assert_eq!((lab.stats().advert_rcvd, lab.stats().packet_len_err), (1, 0));
}

#[test]
fn what_a_peer_makes_us_log_is_limited() {
    let mut lab = Lab::start(v4(51, 100));
    let packets: Vec<Vec<u8>> = ["10.9.0.2", "10.9.0.3"]
        .iter()
        .map(|a| advert(v4(51, 1), a, 200))
        .collect();
    for n in 0..10_000u64 {
        let from = if n % 2 == 0 { "10.9.0.2" } else { "10.9.0.3" };
        lab.hear_bytes(&packets[(n % 2) as usize], from);
        lab.run(Micros(100));
    }
    assert!(lab.logs.len() < 50, "{}", lab.logs.len());
}

/// An instance that hears the packet over IPv4 version 2, 3 or over IPv6.
fn any_instance() -> impl Strategy<Value = Instance> {
    prop_oneof![Just(v4(51, 150)), Just(password("secret")), Just(v3(51, 150, ms(1000)))]
}

/// A packet that no instance may accept: random bytes, or a good advert with one bit changed, cut or lengthened.
fn broken(good: &[u8]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let good = good.to_vec();
    let len = good.len();
    let (a, b, c) = (good.clone(), good.clone(), good);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100),
        // beyond the IP header every bit is under the checksum
        (20..len, 0..8u8).prop_map(move |(at, bit)| {
            let mut bytes = a.clone();
            bytes[at] ^= 1 << bit;
            bytes
        }),
        (0..len).prop_map(move |cut| b[..cut].to_vec()),
        prop::collection::vec(any::<u8>(), 27..600).prop_map(move |more| [c.clone(), more].concat()),
    ]
}

fn counted(s: &Stats) -> u64 {
    s.packet_len_err
        + s.ip_ttl_err
        + s.vers_err
        + s.invalid_type_rcvd
        + s.authtype_mismatch
        + s.invalid_authtype
        + s.auth_failure
        + s.advert_interval_err
        + s.chk_err
        + s.addr_list_err
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ten_thousand_broken_packets_change_nothing((instance, bytes) in any_instance().prop_flat_map(|i| {
        let good = advert_once(&i);
        (Just(i), broken(&good))
    })) {
        for state in [State::Master, State::Backup] {
            let mut lab = Lab::start(instance.clone());
            if state == State::Master {
                lab.run(ms(3700));
            }
            lab.did.clear();
            let before = (lab.engine.next_deadline(), lab.engine.view(ID).unwrap().master);
            lab.hear_bytes(&bytes, B);
            prop_assert_eq!(lab.take(), []);
            prop_assert_eq!(lab.state(), state);
            prop_assert_eq!((lab.engine.next_deadline(), lab.engine.view(ID).unwrap().master), before);
            let stats = lab.stats();
            prop_assert_eq!((stats.advert_rcvd, counted(&stats)), (0, 1), "exactly one counter: {:?}", stats);
        }
    }
}

/// A good advert of priority 200; building one takes an engine's lifetime, so they are kept.
fn advert_once(instance: &Instance) -> Vec<u8> {
    thread_local! {
        static KEPT: std::cell::RefCell<Vec<(Instance, Vec<u8>)>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    KEPT.with_borrow_mut(|kept| {
        if let Some((_, bytes)) = kept.iter().find(|k| k.0 == *instance) {
            return bytes.clone();
        }
        let bytes = advert(instance.clone(), B, 200);
        kept.push((instance.clone(), bytes.clone()));
        bytes
    })
}

#[test]
fn version_2_over_ipv6_has_no_authentication_data() {
    let mut i = Instance::plain("V6", keepalived_model::units::Vrid::new(9).unwrap(), Family::V6);
    i.version = keepalived_model::units::Version::V2;
    i.addresses = vec![address("fe80::100")];
    let bytes = advert(i.clone(), "fe80::2", 200);
    assert_eq!(bytes.len(), 8 + 16);
    let mut lab = Lab::start(i);
    lab.hear_bytes(&bytes, "fe80::2");
    assert_eq!((lab.stats().advert_rcvd, counted(&lab.stats())), (1, 0));
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
        "a_refused_packet_does_not_feed_a_backup",
        a_refused_packet_does_not_feed_a_backup,
    ),
    ("a18_every_refusal_has_its_counter", a18_every_refusal_has_its_counter),
    (
        "a_wrong_address_list_is_counted_and_processed",
        a_wrong_address_list_is_counted_and_processed,
    ),
    (
        "skip_check_adv_addr_trusts_the_current_master",
        skip_check_adv_addr_trusts_the_current_master,
    ),
    (
        "a19_bad_checksums_do_not_silence_a_master",
        a19_bad_checksums_do_not_silence_a_master,
    ),
    (
        "v3_checksum_as_v2_accepts_both_forms_and_no_other",
        v3_checksum_as_v2_accepts_both_forms_and_no_other,
    ),
    (
        "padding_of_short_frames_is_tolerated",
        padding_of_short_frames_is_tolerated,
    ),
    (
        "what_a_peer_makes_us_log_is_limited",
        what_a_peer_makes_us_log_is_limited,
    ),
    (
        "version_2_over_ipv6_has_no_authentication_data",
        version_2_over_ipv6_has_no_authentication_data,
    ),
];
