//! What is learnt from peers and demanded of them.

use super::{
    B,
    common::{Did, ID, Lab, advert, ms, v3},
    us,
};
use keepalived_model::{
    time::Micros,
    vrrp::{Peer, Transport},
};
use keepalived_vrrp::State;

#[test]
pub(super) fn a17_interval_of_a_version_3_master_is_learnt() {
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
pub(super) fn a26_old_unicast_checksum_is_learnt() {
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
pub(super) fn a27_limits_of_a_peer() {
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
