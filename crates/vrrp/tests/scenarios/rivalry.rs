//! Who gives way to whom: preemption, ties, lower and higher adverts, owners.

use super::{
    B,
    common::{Did, ID, Lab, advert, ms, v3, v4},
    us,
};
use keepalived_model::{
    time::Micros,
    vrrp::{Preemption, WantState},
};
use keepalived_vrrp::{Fault, Input, Notified, State};

#[test]
pub(super) fn a14_nopreempt() {
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
pub(super) fn a15_preempt_delay() {
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
pub(super) fn without_delay_a_lower_master_is_overruled_when_the_timer_ends() {
    let mut lab = Lab::start(v4(51, 150));
    let packet = advert(v4(51, 1), B, 100);
    for _ in 0..5 {
        lab.hear_bytes(&packet, B);
        lab.run(ms(900));
    }
    assert_eq!(lab.times(&Did::Advert(150))[0], us(3_414_062));
}

#[test]
pub(super) fn a16_priority_zero() {
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
pub(super) fn ties_are_decided_by_address() {
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
pub(super) fn a_lower_advert_is_answered_and_announced_against() {
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
pub(super) fn higher_prio_send_advert() {
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
pub(super) fn a43_an_owner_recovers_as_backup() {
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
pub(super) fn a44_two_owners() {
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
pub(super) fn owner_ignore_adverts() {
    let mut owner = v3(51, 255, ms(500));
    owner.want_state = WantState::Master;
    owner.owner_ignore_adverts = true;
    let mut lab = Lab::start(owner.clone());
    lab.hear(owner, B, 255);
    assert_eq!((lab.state(), lab.stats().advert_rcvd), (State::Master, 0));
}
