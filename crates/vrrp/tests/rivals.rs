//! Somebody deletes what is ours again and again.
#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests")]

mod common;

use std::net::IpAddr;

use common::{Did, ID, Lab, address, ms, spec, v3};
use keepalived_model::time::Micros;
use keepalived_vrrp::{
    BatchOperation::{Install, Remove},
    Input, KernelOutcome, LogEvent, Notified, ObjectRef, State,
};

fn vip() -> Vec<IpAddr> {
    vec!["10.9.0.100".parse().unwrap()]
}

fn delete(lab: &mut Lab) {
    lab.input(Input::ObjectDeleted(ID, ObjectRef::Address(0)));
}

/// A MASTER that was deleted from three times, and has its address again.
fn provoked() -> Lab {
    let mut lab = Lab::start(v3(51, 150, ms(100)));
    lab.run(ms(1000));
    for _ in 0..3 {
        assert_eq!(lab.state(), State::Master);
        lab.take();
        delete(&mut lab);
        assert_eq!(
            lab.take(),
            [Did::Advert(0), Did::Kernel(Remove, vip()), Did::State(Notified::Backup)]
        );
        lab.run(ms(1000));
    }
    assert_eq!(lab.state(), State::Master);
    lab.take();
    lab
}

fn waits(lab: &mut Lab) -> Vec<(u32, u64)> {
    let waits = lab.logs.iter().filter_map(|event| match event {
        LogEvent::ObjectDeleted { loss, .. } => Some((loss.times, loss.wait.as_micros() / 1000)),
        _ => None,
    });
    let waits = waits.collect();
    lab.logs.clear();
    waits
}

#[test]
fn the_fourth_time_it_stays_master_and_puts_the_address_back() {
    let mut lab = provoked();
    assert_eq!(waits(&mut lab), [(1, 0), (2, 0), (3, 0)]);
    delete(&mut lab);
    assert_eq!((lab.take(), lab.state()), (vec![], State::Master));
    lab.run(ms(99));
    assert!(lab.take().iter().all(|did| *did == Did::Advert(150)));
    lab.run(ms(1));
    let did: Vec<Did> = lab.take().into_iter().filter(|d| *d != Did::Advert(150)).collect();
    assert_eq!(did, [Did::Kernel(Install, vip()), Did::Announce(vip(), 5)]);
    assert_eq!(waits(&mut lab), [(4, 100)]);
}

#[test]
fn the_wait_grows_to_ten_seconds_and_quiet_ends_it() {
    let mut lab = provoked();
    for _ in 0..9 {
        delete(&mut lab);
        lab.run(Micros::from_secs(10));
    }
    assert_eq!(lab.state(), State::Master);
    let waits = waits(&mut lab);
    assert_eq!(
        waits[3..],
        [
            (4, 100),
            (5, 200),
            (6, 400),
            (7, 800),
            (8, 1600),
            (9, 3200),
            (10, 6400),
            (11, 10_000),
            (12, 10_000)
        ]
    );
    lab.run(Micros::from_secs(80));
    lab.take();
    delete(&mut lab);
    assert_eq!(
        lab.take().first(),
        Some(&Did::Advert(0)),
        "forgotten: an election again"
    );
}

#[test]
fn one_blow_that_takes_everything_counts_once() {
    let mut instance = v3(51, 150, ms(100));
    instance.addresses.push(address("10.9.0.101"));
    let mut lab = Lab::start(instance.clone());
    lab.run(ms(1000));
    for _ in 0..3 {
        delete(&mut lab);
        lab.run(ms(1000));
    }
    lab.take();
    delete(&mut lab);
    lab.input(Input::ObjectDeleted(ID, ObjectRef::Address(1)));
    lab.run(ms(100));
    let both = vec!["10.9.0.100".parse().unwrap(), "10.9.0.101".parse().unwrap()];
    assert!(lab.take().contains(&Did::Kernel(Install, both)));
    assert_eq!(waits(&mut lab).last(), Some(&(4, 100)));
}

#[test]
fn a_reload_and_a_loss_of_mastership_do_not_put_back_the_wrong_thing() {
    let mut lab = provoked();
    delete(&mut lab);
    let mut other = v3(51, 150, ms(100));
    other.addresses = vec![address("10.9.0.7"), address("10.9.0.100")];
    lab.configure(vec![spec(other)]);
    lab.take();
    lab.run(ms(100));
    let all = vec!["10.9.0.7".parse().unwrap(), "10.9.0.100".parse().unwrap()];
    assert!(lab.take().contains(&Did::Kernel(Install, all)), "numbered anew");

    let mut lab = provoked();
    delete(&mut lab);
    lab.hear(v3(51, 200, ms(100)), "10.9.0.9", 200);
    assert_eq!(lab.state(), State::Backup);
    lab.take();
    lab.run(ms(300));
    assert!(!lab.take().iter().any(|did| matches!(did, Did::Kernel(Install, _))));
}

#[test]
fn a_rival_that_is_faster_than_the_kernels_answer_does_not_make_a_loop() {
    let mut lab = Lab::start(v3(51, 150, ms(100)));
    lab.silent_kernel = true;
    lab.run(ms(500));
    assert_eq!(lab.state(), State::Master);
    let mut installs = 0;
    while let Some(ticket) = lab.tickets.pop() {
        installs += 1;
        assert!(installs < 10, "no end");
        delete(&mut lab);
        lab.input(Input::KernelDone(ticket, KernelOutcome::default()));
    }
    assert!(
        lab.take().contains(&Did::State(Notified::Master)),
        "the world hears of it"
    );
    lab.silent_kernel = false;
    lab.run(ms(100));
    assert!(lab.take().contains(&Did::Kernel(Install, vip())));
}
