//! Addresses that go, and announcements of those that are there.

use super::{
    common::{Did, ID, Lab, address, ms, spec, v3, v4},
    us,
};
use keepalived_model::time::Micros;
use keepalived_vrrp::{
    BatchOperation::{Install, Remove},
    Input, KernelOutcome, Notified, ObjectRef, State,
};

#[test]
pub(super) fn a28_a30_deleted_address() {
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

#[test]
pub(super) fn a47_announcements() {
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
pub(super) fn a48_paced_announcements_alternate() {
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
pub(super) fn losing_the_source_address_resigns_from_it_first() {
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
pub(super) fn a_deletion_reported_while_installing_is_mended() {
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
