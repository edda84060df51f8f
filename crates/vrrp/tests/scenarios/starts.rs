//! The first adverts of an instance, and the order of becoming and leaving MASTER.

use super::{
    B,
    common::{Did, Lab, address, ms, spec, v3, v4},
    us,
};
use keepalived_model::{
    time::Micros,
    units::Secret,
    vrrp::{Authentication, Preemption, WantState},
};
use keepalived_vrrp::{
    BatchOperation::{Install, Remove, RemoveLeftovers},
    Input, KernelOutcome, Notified,
};

/// Time until the first advert of a freshly started instance.
fn first_advert(instance: keepalived_model::vrrp::Instance) -> u64 {
    let priority = instance.priority.get();
    let mut lab = Lab::start(instance);
    lab.run(Micros::from_secs(20));
    lab.times(&Did::Advert(priority))[0].0
}

#[test]
pub(super) fn a1_a6_a7_a8_a9_a10_a11_first_adverts() {
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
pub(super) fn a12_a13_startup_delay() {
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
pub(super) fn the_first_advert_is_frame_b1() {
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
pub(super) fn order_of_becoming_and_of_leaving_master() {
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
pub(super) fn nothing_is_announced_before_the_kernel_has_answered() {
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
pub(super) fn a_master_that_yields_before_the_kernel_answered_still_tells_both_states() {
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
pub(super) fn a45_late() {
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
pub(super) fn overdue_timers_fire_once() {
    let mut lab = Lab::start(v4(51, 150));
    lab.run(ms(3500));
    lab.did.clear();
    lab.now += Micros::from_secs(60);
    lab.engine.handle_timeout(lab.now);
    lab.input(Input::ClearStats(None));
    assert_eq!(lab.times(&Did::Advert(150)).len(), 1);
    assert_eq!(lab.engine.next_deadline(), Some(lab.now + Micros::SECOND));
}
