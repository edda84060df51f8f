//! Instances and addresses on vlan and dummy links, and an interface that changes its name.

use super::{INTERVAL, config, handover, master, tells, tells_no_more, vip};
use crate::kernel::Feature::{Dummy, Vlan};
use crate::lab::Node::{self, A, B};
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same, within};
use crate::run::{Run, advert};
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "vlan-ip4",
        "links",
        9,
        "IPv4 on a vlan: election, order of stop",
        on_vlan::<4>,
    )
    .pairs()
    .needs(&[Vlan]),
    Scenario::each(
        "vlan-ip6",
        "links",
        9,
        "IPv6 on a vlan: election, order of stop",
        on_vlan::<6>,
    )
    .pairs()
    .needs(&[Vlan]),
    Scenario::each(
        "vlan-cable",
        "links",
        9,
        "the cable below a vlan is pulled: FAULT, and back",
        vlan_cable,
    )
    .needs(&[Vlan]),
    Scenario::each(
        "vlan-two",
        "links",
        7,
        "the same VRID on two vlans of one interface",
        two_vlans,
    )
    .needs(&[Vlan]),
    Scenario::each(
        "vlan-track",
        "links",
        8,
        "weight of a tracked vlan whose carrier is lost",
        vlan_track,
    )
    .needs(&[Vlan]),
    Scenario::each(
        "dummy-ip4",
        "links",
        7,
        "an IPv4 address on a dummy link, tracked with it",
        on_dummy::<4>,
    )
    .needs(&[Dummy]),
    Scenario::each(
        "dummy-ip6",
        "links",
        7,
        "an IPv6 address on a dummy link, tracked with it",
        on_dummy::<6>,
    )
    .needs(&[Dummy]),
    Scenario::each(
        "rename",
        "links",
        8,
        "a vlan changes its name and changes it back",
        rename,
    )
    .needs(&[Vlan]),
];

/// Gives a machine the link `e0.5`, with the usual addresses of e0.
fn move_to_vlan(run: &Run, node: Node) -> Verdict {
    let n = node.number();
    run.lab.node(node).ip(&[
        &format!("address del 10.9.0.{n}/24 dev e0"),
        &format!("address del fd09::{n}/64 dev e0"),
        "link add link e0 name e0.5 type vlan id 5",
        "link set e0.5 up",
        &format!("address add 10.9.0.{n}/24 dev e0.5"),
        &format!("address add fd09::{n}/64 dev e0.5 nodad"),
    ])
}

fn on_vlan<const FAMILY: u8>(run: &mut Run) -> Verdict {
    move_to_vlan(run, A)?;
    move_to_vlan(run, B)?;
    handover(run, |_, priority| config(FAMILY, "e0.5", priority, ""), vip(FAMILY))
}

fn vlan_cable(run: &mut Run) -> Verdict {
    move_to_vlan(run, A)?;
    move_to_vlan(run, B)?;
    run.start(B, &config(4, "e0.5", 100, ""))?;
    master(run, &config(4, "e0.5", 200, ""), vip(4))?;
    let last = run.adverts(A, Stamp::now().minus(1.0)).pop();
    run.lab.cable(A, false)?;
    let down = Stamp::now();
    run.wait_state(A, "FAULT", 0, 1.0)?;
    run.wait_address(A, vip(4), false, 0.5)?;
    let taken = run.wait_advert(B, down, 4.0)?;
    let last = last.map_or(down, |frame| frame.at);
    let skew = INTERVAL * 156.0 / 256.0;
    within(
        "take-over",
        taken.at.since(last),
        3.0 * INTERVAL + skew - 0.025,
        4.0 * INTERVAL + skew + 0.025,
    )?;
    let backups = run.entered(A, "BACKUP")?;
    run.lab.cable(A, true)?;
    run.wait_state(A, "BACKUP", backups, 1.5)?;
    run.wait_advert(A, taken.at, 4.0)?;
    run.wait_address(A, vip(4), true, 1.0)?;
    run.wait_address(B, vip(4), false, 1.0)
}

fn two_vlans(run: &mut Run) -> Verdict {
    move_to_vlan(run, A)?;
    run.lab.node(A).ip(&[
        "link add link e0 name e0.6 type vlan id 6",
        "link set e0.6 up",
        "address add 10.6.0.1/24 dev e0.6",
    ])?;
    let second = config(4, "e0.6", 150, "")
        .replace("V1", "V2")
        .replace("10.9.0.100", "10.6.0.100");
    let first = master(run, &(config(4, "e0.5", 200, "") + &second), vip(4))?;
    run.wait_address(A, "10.6.0.100", true, 1.5)?;
    run.wait(first.at, 2.0, "an advert from the other vlan", |frame| {
        advert(frame).is_ok_and(|advert| advert.source.to_string() == "10.6.0.1" && advert.priority == 150)
    })?;
    tells(run, A, "ip -br address show dev e0.5", "10.9.0.100/24")?;
    tells(run, A, "ip -br address show dev e0.6", "10.6.0.100/24")
}

fn vlan_track(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    run.lab
        .node(A)
        .ip(&["link add link e1 name e1.7 type vlan id 7", "link set e1.7 up"])?;
    let first = master(
        run,
        &config(4, "e0", 200, "track_interface {\ne1.7 weight -50\n}"),
        vip(4),
    )?;
    same("priority with the carrier", advert(&first)?.priority, 200)?;
    run.lab.second_cable(A, false)?;
    run.wait_priority(A, 150, first.at, 1.5)?;
    let back = Stamp::now();
    run.lab.second_cable(A, true)?;
    run.wait_priority(A, 200, back, 1.5)?;
    same("times it entered FAULT", run.entered(A, "FAULT")?, 0)
}

fn on_dummy<const FAMILY: u8>(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&["link add d0 type dummy", "link set d0 up"])?;
    let (text, extra) = if FAMILY == 4 {
        (config(4, "e0", 200, ""), "10.66.0.1/32")
    } else {
        (config(6, "e0", 200, ""), "fd66::1/128")
    };
    let text = text.replace(
        "virtual_ipaddress {\n",
        &format!("virtual_ipaddress_excluded {{\n{extra} dev d0\n}}\nvirtual_ipaddress {{\n"),
    );
    master(run, &text, vip(FAMILY))?;
    tells(run, A, "ip -br address show dev d0", extra)?;
    let moment = Stamp::now();
    run.lab.node(A).ip(&["link set d0 down"])?;
    run.wait_state(A, "FAULT", 0, 1.0)?;
    run.wait_priority(A, 0, moment, 1.0)?;
    tells_no_more(run, A, "ip -br address show dev d0", extra)?;
    run.expect_silence(A, moment.plus(0.3), 0.7)?;
    run.lab.node(A).ip(&["link set d0 up"])?;
    run.wait_address(A, vip(FAMILY), true, 3.0)?;
    tells(run, A, "ip -br address show dev d0", extra)?;
    run.stop(A)?;
    tells_no_more(run, A, "ip -br address show dev d0", extra)
}

fn rename(run: &mut Run) -> Verdict {
    move_to_vlan(run, A)?;
    let text = format!("global_defs {{\ndynamic_interfaces\n}}\n{}", config(4, "e0.5", 200, ""));
    master(run, &text, vip(4))?;
    run.lab
        .node(A)
        .ip(&["link set e0.5 down", "link set e0.5 name other"])?;
    run.wait_state(A, "FAULT", 0, 1.0)?;
    run.lab.node(A).ip(&["link set other up"])?;
    run.expect_silence(A, Stamp::now().plus(0.1), 1.5)?;
    let back = Stamp::now();
    run.lab
        .node(A)
        .ip(&["link set other down", "link set other name e0.5", "link set e0.5 up"])?;
    run.wait_advert(A, back, 4.0)?;
    tells(run, A, "ip -br address show dev e0.5", "10.9.0.100/24")
}
