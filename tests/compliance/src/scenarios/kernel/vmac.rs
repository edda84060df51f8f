//! Virtual MAC addresses on links that only some kernels have.

use super::{config, handover, master, tells, tells_no_more, vip};
use crate::kernel::Feature::{Bond, Macvlan, Vlan, Vrf};
use crate::lab::Node::{self, A, B};
use crate::outcome::{Verdict, same};
use crate::run::Run;
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each("vmac-vlan-ip4", "vmac-links", 9, "a VMAC on a vlan, IPv4", on_vlan::<4>)
        .pairs()
        .needs(&[Macvlan, Vlan]),
    Scenario::each("vmac-vlan-ip6", "vmac-links", 9, "a VMAC on a vlan, IPv6", on_vlan::<6>)
        .pairs()
        .needs(&[Macvlan, Vlan]),
    Scenario::each(
        "vmac-bond",
        "vmac-links",
        9,
        "a VMAC on a bond whose active slave changes",
        on_bond,
    )
    .needs(&[Macvlan, Bond]),
    Scenario::each(
        "vmac-vrf",
        "vmac-links",
        7,
        "a VMAC on an interface inside a VRF",
        in_vrf,
    )
    .needs(&[Macvlan, Vrf]),
];

const VMAC4: [u8; 6] = [0, 0, 0x5e, 0, 1, 51];
const VMAC6: [u8; 6] = [0, 0, 0x5e, 0, 2, 51];

fn make_vlan(run: &Run, node: Node) -> Verdict {
    let n = node.number();
    run.lab.node(node).ip(&[
        "address flush dev e0",
        "link add link e0 name e0.5 type vlan id 5",
        "link set e0.5 up",
        &format!("address add 10.9.0.{n}/24 dev e0.5"),
        &format!("address add fd09::{n}/64 dev e0.5 nodad"),
    ])
}

fn on_vlan<const FAMILY: u8>(run: &mut Run) -> Verdict {
    make_vlan(run, A)?;
    make_vlan(run, B)?;
    handover(
        run,
        |_, priority| config(FAMILY, "e0.5", priority, "use_vmac vm51"),
        vip(FAMILY),
    )?;
    let moment = crate::lab::capture::Stamp::now();
    let frame = run.wait_advert(B, moment, 2.0)?;
    same(
        "source MAC of adverts",
        frame.source_mac,
        if FAMILY == 4 { VMAC4 } else { VMAC6 },
    )?;
    tells(run, B, "ip -d link show dev vm51", "vm51@e0.5")?;
    tells(run, B, "ip -d link show dev vm51", "macvlan mode private")?;
    tells(run, B, "ip -br address show dev vm51", vip(FAMILY))?;
    tells_no_more(run, A, "ip -br link", "vm51")
}

fn on_bond(run: &mut Run) -> Verdict {
    super::bonds::make_bond(run)?;
    let first = master(run, &config(4, "bond0", 200, "use_vmac vm51"), vip(4))?;
    same("source MAC of adverts", first.source_mac, VMAC4)?;
    tells(run, A, "ip -d link show dev vm51", "vm51@bond0")?;
    let faults = run.entered(A, "FAULT")?;
    run.lab.cable(A, false)?;
    run.pause(0.5);
    let moment = crate::lab::capture::Stamp::now();
    let frame = run.wait_advert(A, moment, 1.0)?;
    same("source MAC after the slave has changed", frame.source_mac, VMAC4)?;
    same("times it entered FAULT", run.entered(A, "FAULT")?, faults)?;
    run.stop(A)?;
    tells_no_more(run, A, "ip -br link", "vm51")
}

fn in_vrf(run: &mut Run) -> Verdict {
    super::vrf::enslave(run, A)?;
    let first = master(run, &config(4, "e0", 200, "use_vmac vm51"), vip(4))?;
    same("source MAC of adverts", first.source_mac, VMAC4)?;
    tells(run, A, "ip -d link show dev vm51", "vm51@e0")?;
    tells(run, A, "ip -br address show dev vm51", "10.9.0.100/24")?;
    tells(run, A, "ip -br link show master blue", "vm51")
}
