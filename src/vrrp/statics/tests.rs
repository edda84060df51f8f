//! The desired set without a kernel.

use keepalived_linux::netlink::{Dump, HardwareAddress, HardwareType, Link, LinkFlags, LinkKind};
use keepalived_model::address::Prefixed;

use super::*;

const UP: u32 = 0x41;

fn link(index: u32, name: &str, flags: u32) -> Link {
    Link {
        index,
        name: name.to_owned(),
        flags: LinkFlags(flags),
        mtu: 1500,
        hardware_type: HardwareType::ETHERNET,
        address: HardwareAddress::default(),
        broadcast: HardwareAddress::default(),
        kind: LinkKind::Plain,
        parent: None,
        master: None,
        group: 0,
        oper_state: 0,
        addr_gen_mode: None,
    }
}

fn world(flags: u32) -> World {
    World::from_dump(Dump {
        links: vec![link(7, "e0", flags)],
        addresses: Vec::new(),
    })
}

fn net(text: &str) -> Prefixed {
    let (address, len) = text.split_once('/').unwrap_or((text, "32"));
    Prefixed::new(address.parse().unwrap(), len.parse().unwrap()).unwrap()
}

fn address(text: &str) -> Address {
    let mut address = Address::plain(net(text));
    address.interface = IfName::new("e0");
    address
}

fn route(text: &str, gateway: &str) -> Route {
    let mut route = Route::plain(net(text));
    route.gateway = Some(gateway.parse().unwrap());
    route.interface = IfName::new("e0");
    route
}

fn config() -> Vrrp {
    Vrrp {
        static_addresses: vec![address("192.0.2.1/24")],
        static_routes: vec![route("198.51.100.0/24", "192.0.2.9")],
        ..Vrrp::default()
    }
}

/// Lets the kernel say yes to everything that is asked; gives what it was.
fn done(statics: &mut Statics) -> Vec<String> {
    let (asked, operations) = statics.take_errand().split();
    let refused = statics.answered(asked, vec![Ok(()); operations.len()]);
    assert!(refused.is_empty());
    let word = |operation: &Operation| {
        let text = format!("{operation:?}");
        text.split(['(', ' ']).next().unwrap_or_default().to_owned()
    };
    operations.iter().map(word).collect()
}

fn gone(statics: &mut Statics, at: Instant) -> Option<Loss> {
    let key = (7, "192.0.2.1".parse().unwrap(), 24);
    statics.address_removed(key, true, at).first().map(|taken| taken.loss)
}

#[test]
fn everything_is_put_in_once_and_marked() {
    let mut statics = Statics::default();
    statics.configure(&config(), &world(UP));
    assert_eq!(statics.applied()[0], Applied::None);
    assert_eq!(done(&mut statics), ["AddAddress", "AddRoute"]);
    assert_eq!(statics.applied(), [Applied::All, Applied::All, Applied::None]);
    statics.configure(&config(), &world(UP));
    assert_eq!(done(&mut statics), [""; 0]);
}

#[test]
fn a_reload_acts_on_the_difference() {
    let mut statics = Statics::default();
    statics.configure(&config(), &world(UP));
    done(&mut statics);
    let mut new = config();
    new.static_addresses = vec![address("192.0.2.2/24")];
    new.static_routes = vec![route("198.51.100.0/24", "192.0.2.8")];
    statics.configure(&new, &world(UP));
    assert_eq!(
        done(&mut statics),
        ["DeleteAddress", "AddAddress", "ReplaceRoute"],
        "a route never leaves a gap"
    );
    new.static_routes = vec![route("198.51.100.0/25", "192.0.2.8")];
    statics.configure(&new, &world(UP));
    assert_eq!(done(&mut statics), ["DeleteRoute", "AddRoute"]);
    statics.remove_all();
    assert_eq!(done(&mut statics), ["DeleteRoute", "DeleteAddress"]);
}

#[test]
fn an_address_with_other_options_is_taken_out_first() {
    let mut there = config();
    there.static_routes.clear();
    there.static_addresses[0].label = Some("e0:1".into());
    let mut links = world(UP);
    let mut changes = Vec::new();
    let told = keepalived_linux::netlink::Address {
        index: 7,
        local: "192.0.2.1".parse().unwrap(),
        peer: None,
        prefix: 24,
        scope: keepalived_linux::netlink::Scope::UNIVERSE,
        flags: keepalived_linux::netlink::AddressFlags::PERMANENT,
        broadcast: None,
        label: Some("e0".to_owned()),
        preferred: keepalived_linux::netlink::Lifetime::FOREVER,
        protocol: None,
    };
    links.apply(keepalived_linux::netlink::Event::Address(told), &mut changes);
    let mut statics = Statics::default();
    statics.configure(&there, &links);
    assert_eq!(done(&mut statics), ["DeleteAddress", "AddAddress"]);
    there.static_addresses[0].label = None;
    let mut statics = Statics::default();
    statics.configure(&there, &links);
    assert_eq!(done(&mut statics), ["AddAddress"], "the same one stays as it is");
}

#[test]
fn who_deletes_again_and_again_waits() {
    let mut statics = Statics::default();
    statics.configure(&config(), &world(UP));
    done(&mut statics);
    let mut at = Instant(1_000_000);
    for times in 1..=3 {
        let loss = gone(&mut statics, at).unwrap();
        assert_eq!((loss.times, loss.wait), (times, Micros::ZERO));
        assert_eq!(done(&mut statics), ["AddAddress"]);
    }
    let loss = gone(&mut statics, at).unwrap();
    assert_eq!(loss.wait, Micros::from_millis(100));
    assert!(statics.take_errand().is_empty());
    assert_eq!(statics.next_deadline(), Some(at + loss.wait));
    assert_eq!(gone(&mut statics, at), None, "what is not there cannot be lost");
    at += loss.wait;
    statics.run_due(&world(UP), at);
    assert_eq!(done(&mut statics), ["AddAddress"]);
    assert_eq!(statics.next_deadline(), None);
}

#[test]
fn what_vanishes_while_it_is_asked_for_is_asked_for_again() {
    let mut statics = Statics::default();
    statics.configure(&config(), &world(UP));
    let (asked, operations) = statics.take_errand().split();
    assert_eq!(gone(&mut statics, Instant(5)), None);
    statics.answered(asked, vec![Ok(()); operations.len()]);
    assert_eq!(done(&mut statics), ["AddAddress"]);
    assert_eq!(done(&mut statics), [""; 0]);
    assert_eq!(statics.applied()[0], Applied::All);
}

#[test]
fn no_track_is_not_put_back() {
    let mut config = config();
    config.static_addresses[0].no_track = true;
    let mut statics = Statics::default();
    statics.configure(&config, &world(UP));
    done(&mut statics);
    assert_eq!(gone(&mut statics, Instant(5)), None);
    assert_eq!(statics.applied()[0], Applied::None);
}

#[test]
fn an_interface_that_comes_back_gets_its_items_back() {
    let e0 = IfName::new("e0").unwrap();
    let nothing = World::from_dump(Dump::default());
    let mut statics = Statics::default();
    statics.configure(&config(), &nothing);
    assert_eq!(done(&mut statics), [""; 0], "there is nowhere to put it");
    statics.link_changed(&e0, &world(UP), Instant(1));
    assert_eq!(done(&mut statics), ["AddAddress", "AddRoute"]);
    statics.link_changed(&e0, &world(0), Instant(2));
    assert_eq!(statics.applied()[1], Applied::None);
    statics.link_changed(&e0, &world(UP), Instant(3));
    assert_eq!(done(&mut statics), ["AddAddress", "AddRoute"]);
    // Another interface of that name.
    let other = World::from_dump(Dump {
        links: vec![link(8, "e0", UP)],
        addresses: Vec::new(),
    });
    statics.link_changed(&e0, &other, Instant(4));
    assert_eq!(done(&mut statics), ["AddAddress", "AddRoute"]);
    assert_eq!(gone(&mut statics, Instant(5)), None, "that is not ours any more");
}

#[test]
fn routes_by_a_gateway_are_looked_after_when_any_interface_comes_up() {
    let mut config = config();
    config.static_addresses.clear();
    config.static_routes[0].interface = None;
    let mut statics = Statics::default();
    statics.configure(&config, &world(UP));
    done(&mut statics);
    for _ in 0..3 {
        statics.link_changed(&IfName::new("e0").unwrap(), &world(UP), Instant(1));
    }
    let due = statics.next_deadline().unwrap();
    statics.run_due(&world(UP), due);
    assert_eq!(done(&mut statics), ["AddRoute"]);
    assert_eq!(statics.next_deadline(), None);
}

#[test]
fn what_the_kernel_refused_is_tried_again_when_an_address_comes() {
    let mut statics = Statics::default();
    statics.configure(&config(), &world(UP));
    let refuse = |statics: &mut Statics| {
        let (asked, operations) = statics.take_errand().split();
        let error = KernelError { errno: 113, text: None };
        let results = operations.iter().map(|o| match o {
            Operation::AddRoute(_) => Err(error.clone()),
            _ => Ok(()),
        });
        statics.answered(asked, results.collect()).len()
    };
    assert_eq!(refuse(&mut statics), 1);
    statics.address_added(Instant(10));
    let due = statics.next_deadline().unwrap();
    statics.run_due(&world(UP), due);
    assert_eq!(refuse(&mut statics), 0, "its reason is said once");
    statics.address_added(due);
    let due = statics.next_deadline().unwrap();
    statics.run_due(&world(UP), due);
    assert_eq!(done(&mut statics), ["AddRoute"]);
    statics.address_added(due);
    assert_eq!(statics.next_deadline(), None);
}
