//! What goes where: most of it as the original was seen to do it with the same configuration.

use keepalived_linux::netlink::{Dump, HardwareAddress, HardwareType, Link, LinkFlags};
use keepalived_model::{
    script::NotifyScripts,
    vrrp::{Tracking, Vmac},
};

use super::*;

const PRIVATE: LinkKind = LinkKind::Macvlan {
    mode: MacvlanMode::Private.bits(),
};

fn link(index: u32, name: &str, kind: LinkKind, parent: Option<u32>, mac: [u8; 6]) -> Link {
    Link {
        index,
        name: name.to_owned(),
        flags: LinkFlags::default(),
        mtu: 1500,
        hardware_type: HardwareType::ETHERNET,
        address: HardwareAddress::new(&mac),
        broadcast: HardwareAddress::default(),
        kind,
        parent,
        master: None,
        group: 0,
        oper_state: 6,
        addr_gen_mode: None,
    }
}

/// eth0, eth1, and on eth0 the macvlan mv.
fn world(others: Vec<Link>) -> World {
    let plain = |index, name| link(index, name, LinkKind::Plain, None, [2, 0, 0, 0, 0, 1]);
    let mut links = vec![
        plain(2, "eth0"),
        plain(3, "eth1"),
        link(4, "mv", PRIVATE, Some(2), [2, 0, 0, 0, 0, 7]),
    ];
    links.extend(others);
    World::from_dump(Dump {
        links,
        addresses: Vec::new(),
    })
}

fn name(name: &str) -> IfName {
    IfName::new(name).expect("valid")
}

fn address(text: &str) -> Address {
    let mut words = text.split_whitespace();
    let local: IpAddr = words.next().expect("an address").parse().expect("valid");
    let mut address = Address::plain(Prefixed::new(local, Family::of(local).bits()).expect("valid"));
    while let Some(word) = words.next() {
        match word {
            "dev" => address.interface = words.next().map(name),
            "use_vmac" => address.use_vmac = true,
            other => panic!("{other}"),
        }
    }
    address
}

/// An instance of VRID 51; the family is that of the first address.
fn instance(id: &str, interface: &str, vmac: Option<Vmac>, addresses: &[&str], excluded: &[&str]) -> Instance {
    let all: Vec<Address> = addresses.iter().map(|text| address(text)).collect();
    let family = all.first().map_or(Family::V4, |a| a.local.family());
    let mut instance = Instance::plain(id, Vrid::new(51).expect("valid"), family);
    instance.interface = Some(name(interface));
    instance.vmac = vmac.map(Box::new);
    instance.addresses = all;
    instance.excluded_addresses = excluded.iter().map(|text| address(text)).collect();
    instance
}

fn own() -> Vmac {
    Vmac {
        for_instance: true,
        ..Vmac::default()
    }
}

fn config(instances: Vec<Instance>) -> Config {
    let mut config = Config::default();
    config.vrrp.instances = instances;
    config
}

fn decide(config: &mut Config, world: &World) -> Planned {
    plan(config, world, &HashMap::new())
}

/// Where each address of each instance is, as `INTERFACE` or `VMAC@BASE`.
fn places(config: &Config) -> Vec<Vec<String>> {
    let place = |a: &Address| match (a.interface, a.base) {
        (Some(interface), Some(base)) => format!("{interface}@{base}"),
        (Some(interface), None) => interface.to_string(),
        _ => String::new(),
    };
    let of = |i: &Instance| i.addresses.iter().chain(&i.excluded_addresses).map(place).collect();
    config.vrrp.instances.iter().map(of).collect()
}

#[test]
fn addresses_of_the_family_go_onto_the_vmac_and_others_stay() {
    let excluded = &[
        "192.0.2.101",
        "2001:db8::1",
        "198.51.100.50 dev eth1",
        "198.51.100.51 dev eth1 use_vmac",
    ];
    let mut config = config(vec![
        instance("V1", "eth0", Some(own()), &["192.0.2.100"], excluded),
        instance("V6", "eth0", Some(own()), &["fe80::100", "2001:db8::100"], &[]),
    ]);
    let planned = decide(&mut config, &world(Vec::new()));
    assert_eq!(
        places(&config),
        [
            vec!["vrrp.51@eth0", "vrrp.51@eth0", "eth0", "eth1", "vrrp1.51@eth1"],
            vec!["vrrp6.51@eth0", "vrrp6.51@eth0"]
        ]
    );
    let kinds: Vec<Kind> = planned.wanted.iter().map(|w| w.key.kind).collect();
    let v4 = Kind::Macvlan([0, 0, 0x5e, 0, 1, 51]);
    assert_eq!(kinds, [v4, v4, Kind::Macvlan([0, 0, 0x5e, 0, 2, 51])]);
    let speaks: Vec<_> = planned.wanted.iter().map(|w| (w.ipv4, w.ipv6, w.link_local)).collect();
    assert_eq!(
        speaks,
        [(true, false, false), (true, false, false), (false, true, true)]
    );
    let names: Vec<_> = config.vrrp.instances.iter().map(Instance::own_interface).collect();
    assert_eq!(names, [Some(name("vrrp.51")), Some(name("vrrp6.51"))]);
}

#[test]
fn use_vmac_addr_means_other_interfaces_and_the_other_family() {
    let vmac = Vmac {
        for_addresses: true,
        ..Vmac::default()
    };
    let mut config = config(vec![instance(
        "V",
        "eth0",
        Some(vmac),
        &["192.0.2.5", "198.51.100.6 dev eth1", "192.0.2.6 dev eth0"],
        &["198.51.100.7 dev eth1", "2001:db8::77", "2001:db8::78 dev eth1"],
    )]);
    decide(&mut config, &world(Vec::new()));
    let expected = [
        "eth0",
        "vrrp.51@eth1",
        "eth0",
        "vrrp.51@eth1",
        "vrrp6.51@eth0",
        "vrrp1.51@eth1",
    ];
    assert_eq!(places(&config), [expected]);
    assert_eq!(config.vrrp.instances[0].own_interface(), Some(name("eth0")));
}

#[test]
fn a_mac_of_ones_own_serves_both_families() {
    let vmac = Vmac {
        for_addresses: true,
        mac: Some([2, 0, 0, 0x33, 0x44, 51]),
        name: Some(name("zippy")),
        ..own()
    };
    let excluded = &["198.51.100.7 dev eth0", "2001:db8::77", "2001:db8::78 dev eth0"];
    let mut config = config(vec![instance("V", "eth1", Some(vmac), &["198.51.100.5"], excluded)]);
    config.global.vrrp.vmac_addr_prefix = Some("wm".into());
    let planned = decide(&mut config, &world(Vec::new()));
    assert_eq!(
        places(&config),
        [["zippy@eth1", "wm.51@eth0", "zippy@eth1", "wm.51@eth0"]]
    );
    assert!(
        planned.wanted.iter().all(|w| w.ipv4 && w.ipv6 && !w.link_local),
        "{planned:?}"
    );
}

#[test]
fn a_vmac_on_a_macvlan_is_put_beside_it() {
    let mut config = config(vec![instance("V", "mv", Some(own()), &["192.0.2.5"], &[])]);
    let planned = decide(&mut config, &world(Vec::new()));
    assert_eq!(planned.wanted[0].key.base, name("eth0"));
    assert_eq!(places(&config), [["vrrp.51@eth0"]]);
}

#[test]
fn a_macvlan_that_is_there_already_is_used() {
    let there = vec![link(9, "left", PRIVATE, Some(2), [0, 0, 0x5e, 0, 1, 51])];
    let mut config = config(vec![instance("V", "eth0", Some(own()), &["192.0.2.5"], &[])]);
    let planned = decide(&mut config, &world(there));
    assert_eq!(places(&config), [["left@eth0"]]);
    assert_eq!(planned.notes, ["(V) Found matching interface left"]);
}

#[test]
fn a_name_that_belongs_to_something_else_is_not_taken() {
    let bridge = LinkKind::Macvlan { mode: 4 };
    let there = || vec![link(9, "foo", bridge.clone(), Some(2), [0, 0, 0x5e, 0, 1, 51])];
    let named = || Vmac {
        name: Some(name("foo")),
        ..own()
    };
    let mut one = config(vec![instance("V", "eth0", Some(named()), &["192.0.2.5"], &[])]);
    let planned = decide(&mut one, &world(there()));
    assert_eq!(places(&one), [["vrrp.51@eth0"]]);
    let note = "(V) interface foo already exists and is not a private macvlan; ignoring vmac if_name";
    assert_eq!(planned.notes, [note]);
    // A private one with the wrong MAC is made to fit, and keeps its name.
    let wrong = vec![link(9, "foo", PRIVATE, Some(2), [0, 0, 0x5e, 0, 1, 52])];
    let mut two = config(vec![instance("V", "eth0", Some(named()), &["192.0.2.5"], &[])]);
    decide(&mut two, &world(wrong));
    assert_eq!(places(&two), [["foo@eth0"]]);
}

#[test]
fn who_comes_second_to_a_virtual_mac_is_out() {
    let first = instance("A", "eth0", None, &["192.0.2.5"], &["2001:db8::1 use_vmac"]);
    let second = || instance("B", "eth0", Some(own()), &["fe80::ab"], &[]);
    let mut apart = config(vec![first.clone(), second()]);
    let planned = decide(&mut apart, &world(Vec::new()));
    assert_eq!(planned.wanted.len(), 1);
    assert!(apart.vrrp.instances[0].config_fault.is_none());
    assert!(apart.vrrp.instances[1].config_fault.is_some());
    let mut together = config(vec![first, second()]);
    together.vrrp.sync_groups = vec![SyncGroup {
        name: "G".into(),
        members: vec!["A".into(), "B".into()],
        track: Tracking::default(),
        tracking_weight: false,
        notify: NotifyScripts::default(),
        notify_priority_changes: None,
        smtp_alert: false,
    }];
    decide(&mut together, &world(Vec::new()));
    assert!(together.vrrp.instances[1].config_fault.is_none(), "they move together");
}

#[test]
fn names_stay_over_a_reload() {
    let mut before = config(vec![
        instance("A", "eth0", Some(own()), &["192.0.2.5"], &[]),
        instance("B", "eth1", Some(own()), &["192.0.2.6"], &[]),
    ]);
    let planned = decide(&mut before, &world(Vec::new()));
    let known: HashMap<Key, IfName> = planned.wanted.iter().map(|w| (w.key, w.name)).collect();
    // The other way round, and with a new one in front.
    let mut after = config(vec![
        instance("C", "eth0", Some(own()), &["fe80::1"], &[]),
        instance("B", "eth1", Some(own()), &["192.0.2.6"], &[]),
        instance("A", "eth0", Some(own()), &["192.0.2.5"], &[]),
    ]);
    plan(&mut after, &world(Vec::new()), &known);
    assert_eq!(places(&after), [["vrrp6.51@eth0"], ["vrrp1.51@eth1"], ["vrrp.51@eth0"]]);
}

#[test]
fn xmit_base_and_ipvlans_send_from_elsewhere() {
    let vmac = Vmac {
        xmit_base: true,
        ..own()
    };
    let ipvlan = Vmac {
        ipvlan: Some(IpvlanMode::Private),
        ..own()
    };
    let mut config = config(vec![
        instance("A", "eth0", Some(vmac), &["fe80::1"], &[]),
        instance("B", "eth1", Some(ipvlan), &["fe80::1"], &[]),
    ]);
    let planned = decide(&mut config, &world(Vec::new()));
    let link_local: Vec<bool> = planned.wanted.iter().map(|w| w.link_local).collect();
    assert_eq!(link_local, [false, true]);
    assert_eq!(
        places(&config),
        [["vrrp.51@eth0"], ["eth1"]],
        "an ipvlan carries no virtual addresses"
    );
    let a = &config.vrrp.instances[0];
    assert_eq!(
        (a.advert_interface(), a.own_interface()),
        (Some(name("eth0")), Some(name("vrrp.51")))
    );
    let b = &config.vrrp.instances[1];
    assert_eq!(b.advert_interface(), b.own_interface());
}

#[test]
fn a_flag_that_changes_nothing_is_named() {
    let mut config = config(vec![instance("V", "eth0", Some(own()), &["192.0.2.5 use_vmac"], &[])]);
    let planned = decide(&mut config, &world(Vec::new()));
    assert_eq!(
        planned.notes,
        ["(V) use_vmac specified for VIP/eVIP 192.0.2.5 and vrrp instance"]
    );
    assert!(!config.vrrp.instances[0].addresses[0].use_vmac);
    assert_eq!(planned.wanted.len(), 1);
}
