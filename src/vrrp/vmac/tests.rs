//! The life of VMACs over configurations and deletions, without a kernel.

use keepalived_linux::netlink::{Dump, HardwareAddress, HardwareType, Link, LinkFlags, LinkKind, MacvlanMode};
use keepalived_model::{
    units::{Family, Vrid},
    vrrp::Vmac,
};

use super::*;

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

/// e0, and on it VMACs with these names and VRIDs.
fn world(vmacs: &[(&str, u8)]) -> World {
    let mode = MacvlanMode::Private.bits();
    let mut links = vec![link(2, "e0", LinkKind::Plain, None, [2, 0, 0, 0, 0, 1])];
    links.extend(vmacs.iter().zip(10..).map(|((name, vrid), index)| {
        link(
            index,
            name,
            LinkKind::Macvlan { mode },
            Some(2),
            [0, 0, 0x5e, 0, 1, *vrid],
        )
    }));
    World::from_dump(Dump {
        links,
        addresses: Vec::new(),
    })
}

/// Instances with a VMAC each, by VRID and the name that is asked for.
fn config(instances: &[(u8, Option<&str>)]) -> Config {
    let mut config = Config::default();
    config.vrrp.instances = instances
        .iter()
        .map(|(vrid, name)| {
            let mut instance = Instance::plain("V", Vrid::new(*vrid).expect("valid"), Family::V4);
            instance.interface = IfName::new("e0");
            instance.vmac = Some(Box::new(Vmac {
                for_instance: true,
                name: name.and_then(IfName::new),
                ..Vmac::default()
            }));
            instance
        })
        .collect();
    config
}

fn made(makes: &[Make]) -> Vec<&str> {
    makes.iter().map(|make| make.wanted.name.as_str()).collect()
}

fn gone(wanted: &[Wanted]) -> Vec<&str> {
    wanted.iter().map(|wanted| wanted.name.as_str()).collect()
}

#[test]
fn a_reload_makes_what_is_new_and_takes_what_is_old() {
    let mut vmacs = Vmacs::default();
    let (makes, _) = vmacs.prepare(&mut config(&[(1, None), (2, None)]), &world(&[]));
    assert_eq!(made(&makes), ["vrrp.1", "vrrp.2"]);
    let both = world(&[("vrrp.1", 1), ("vrrp.2", 2)]);
    assert!(vmacs.commit(&both).is_empty());
    assert!(vmacs.all_missing(&both).is_empty(), "both are there");
    let (makes, _) = vmacs.prepare(&mut config(&[(2, None), (3, None)]), &both);
    assert_eq!(made(&makes), ["vrrp.3"]);
    let three = world(&[("vrrp.1", 1), ("vrrp.2", 2), ("vrrp.3", 3)]);
    assert_eq!(gone(&vmacs.commit(&three)), ["vrrp.1"]);
    assert_eq!(gone(&vmacs.drain()), ["vrrp.2", "vrrp.3"]);
}

#[test]
fn an_aborted_reload_leaves_nothing_behind() {
    let mut vmacs = Vmacs::default();
    vmacs.prepare(&mut config(&[(1, None)]), &world(&[]));
    let one = world(&[("vrrp.1", 1)]);
    vmacs.commit(&one);
    vmacs.prepare(&mut config(&[(1, None), (2, None)]), &one);
    let (new, changed) = vmacs.abort(&one);
    assert_eq!(gone(&new), ["vrrp.2"]);
    assert!(changed.is_empty());
    assert!(vmacs.abort(&one).0.is_empty());
    assert_eq!(
        gone(&vmacs.drain()),
        ["vrrp.1"],
        "that of the configuration in force stays"
    );
}

#[test]
fn an_aborted_reload_makes_what_it_changed_as_it_was() {
    let mut vmacs = Vmacs::default();
    vmacs.prepare(&mut config(&[(1, None)]), &world(&[]));
    let one = world(&[("vrrp.1", 1)]);
    vmacs.commit(&one);
    let mut grouped = config(&[(1, None)]);
    if let Some(vmac) = &mut grouped.vrrp.instances[0].vmac {
        vmac.group = Some(7);
    }
    let (makes, _) = vmacs.prepare(&mut grouped, &one);
    assert_eq!(makes[0].wanted.group, Some(7));
    let (new, changed) = vmacs.abort(&one);
    assert!(new.is_empty());
    assert_eq!(made(&changed), ["vrrp.1"]);
    assert_eq!(changed[0].wanted.group, None);
}

#[test]
fn one_that_somebody_gave_another_mac_goes_at_the_end() {
    let mut vmacs = Vmacs::default();
    vmacs.prepare(&mut config(&[(1, None)]), &world(&[]));
    vmacs.commit(&world(&[("vrrp.1", 1)]));
    let changed = world(&[("vrrp.1", 99)]);
    let all = vmacs.drain();
    assert_eq!(Vmacs::unmake(&all, &changed)[0].index, Some(10));
}

#[test]
fn one_that_somebody_deletes_is_made_again_when_it_can_be() {
    let mut vmacs = Vmacs::default();
    vmacs.prepare(&mut config(&[(1, None)]), &world(&[]));
    let there = world(&[("vrrp.1", 1)]);
    vmacs.commit(&there);
    let (name, base) = (IfName::new("vrrp.1").expect("valid"), IfName::new("e0").expect("valid"));
    assert!(vmacs.changed(&name, &there).is_empty());
    assert!(vmacs.changed(&base, &there).is_empty());
    // With its base.
    let nothing = World::from_dump(Dump::default());
    assert!(
        vmacs.changed(&name, &nothing).is_empty(),
        "there is nothing to put it on"
    );
    let again = vmacs.changed(&base, &world(&[]));
    assert_eq!(made(&again), ["vrrp.1"]);
    assert!(vmacs.changed(&name, &world(&[])).is_empty(), "it is being made");
    // Deleted again before the kernel answered.
    vmacs.answered(&again[0].wanted, &world(&[]));
    assert_eq!(made(&vmacs.lost_meanwhile([name].into_iter(), &world(&[]))), ["vrrp.1"]);
    vmacs.answered(&again[0].wanted, &there);
    assert!(vmacs.all_missing(&world(&[])).is_empty());
}

#[test]
fn a_new_name_waits_until_the_old_interface_is_gone() {
    let mut vmacs = Vmacs::default();
    vmacs.prepare(&mut config(&[(1, None)]), &world(&[]));
    let there = world(&[("vrrp.1", 1)]);
    vmacs.commit(&there);
    let (makes, _) = vmacs.prepare(&mut config(&[(1, Some("mine"))]), &there);
    assert!(
        made(&makes).is_empty(),
        "the kernel does not let two with one MAC be up"
    );
    assert_eq!(gone(&vmacs.commit(&there)), ["vrrp.1"]);
    assert_eq!(made(&vmacs.all_missing(&there)), ["mine"]);
}

#[test]
fn the_firewall_looks_after_reports_and_the_address_of_the_base() {
    let mut vmacs = Vmacs::default();
    let mut six = config(&[(1, None)]);
    six.vrrp.instances[0].family = Family::V6;
    let (makes, _) = vmacs.prepare(&mut six, &world(&[]));
    let name = IfName::new("vrrp.1").expect("valid");
    let expected = [
        Shielded::Vmac {
            family: Family::V6,
            vmac: 7,
            name,
            base: 2,
        },
        Shielded::ParentLinkLocal("fe80::ff:fe00:1".parse().expect("valid"), name),
    ];
    assert_eq!(makes[0].shielded(7), expected);
}
