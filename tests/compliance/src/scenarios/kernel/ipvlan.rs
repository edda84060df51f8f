//! `use_ipvlan`: a link of its own that shares the MAC address of its base.

use super::{config, handover, master, tells, tells_no_more, vip};
use crate::kernel::Feature::Ipvlan;
use crate::lab::Node::{self, A, B};
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same};
use crate::run::{Run, advert};
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "ipvlan-ip4",
        "ipvlan",
        9,
        "IPv4: name, address, mode, order of stop",
        both::<4>,
    )
    .pairs()
    .needs(&[Ipvlan]),
    Scenario::each(
        "ipvlan-ip6",
        "ipvlan",
        9,
        "IPv6: name, link-local address, order of stop",
        both::<6>,
    )
    .pairs()
    .needs(&[Ipvlan]),
    Scenario::each("ipvlan-private", "ipvlan", 5, "private mode", mode_private).needs(&[Ipvlan]),
    Scenario::each("ipvlan-vepa", "ipvlan", 5, "vepa mode", mode_vepa).needs(&[Ipvlan]),
    Scenario::each("ipvlan-name", "ipvlan", 5, "the name it gets without one", default_name).needs(&[Ipvlan]),
    Scenario::each(
        "ipvlan-leftover",
        "ipvlan",
        6,
        "one of the same name is there already",
        leftover,
    )
    .needs(&[Ipvlan]),
    Scenario::each(
        "ipvlan-deleted",
        "ipvlan",
        8,
        "somebody deletes it: FAULT, and it is made again",
        deleted,
    )
    .reference_deviates("2.2.7 makes the link again, but without its address, and stays in FAULT")
    .needs(&[Ipvlan]),
];

fn words(family: u8, node: Node) -> String {
    match family {
        4 => format!("use_ipvlan iv51 10.9.0.{}/24", 50 + node.number()),
        _ => "use_ipvlan iv51".to_owned(),
    }
}

fn both<const FAMILY: u8>(run: &mut Run) -> Verdict {
    handover(
        run,
        |node, priority| config(FAMILY, "e0", priority, &words(FAMILY, node)),
        vip(FAMILY),
    )?;
    let frame = run.wait_advert(B, Stamp::now(), 2.0)?;
    same("source MAC of adverts", frame.source_mac, [2, 0, 0, 0, 0, 2])?;
    if FAMILY == 4 {
        same(
            "source of adverts",
            advert(&frame)?.source.to_string(),
            "10.9.0.52".to_owned(),
        )?;
    }
    tells(run, B, "ip -d link show dev iv51", "iv51@e0")?;
    tells(run, B, "ip -d link show dev iv51", "ipvlan mode l2 bridge")?;
    // Unlike with a VMAC, virtual addresses stay on the base.
    tells(run, B, "ip -br address show dev e0", vip(FAMILY))?;
    tells_no_more(run, A, "ip -br link", "iv51")
}

fn of_mode(run: &mut Run, mode: &str) -> Verdict {
    master(
        run,
        &config(4, "e0", 200, &format!("use_ipvlan iv51 10.9.0.51/24 {mode}")),
        vip(4),
    )?;
    tells(run, A, "ip -d link show dev iv51", &format!("ipvlan mode l2 {mode}"))
}

fn mode_private(run: &mut Run) -> Verdict {
    of_mode(run, "private")
}

fn mode_vepa(run: &mut Run) -> Verdict {
    of_mode(run, "vepa")
}

fn default_name(run: &mut Run) -> Verdict {
    master(run, &config(4, "e0", 200, "use_ipvlan 10.9.0.51/24"), vip(4))?;
    tells(run, A, "ip -d link show dev vrrp.51", "ipvlan mode l2 bridge")?;
    tells(run, A, "ip -br address show dev vrrp.51", "10.9.0.51/24")?;
    tells(run, A, "ip -br address show dev e0", "10.9.0.100/24")?;
    run.stop(A)?;
    tells_no_more(run, A, "ip -br link", "vrrp.51")
}

fn leftover(run: &mut Run) -> Verdict {
    run.lab
        .node(A)
        .ip(&["link add iv51 link e0 type ipvlan mode l2 bridge", "link set iv51 up"])?;
    let first = master(run, &config(4, "e0", 200, &words(4, A)), vip(4))?;
    same(
        "source of adverts",
        advert(&first)?.source.to_string(),
        "10.9.0.51".to_owned(),
    )?;
    tells(run, A, "ip -br address show dev iv51", "10.9.0.51/24")?;
    tells(run, A, "ip -br address show dev e0", "10.9.0.100/24")?;
    run.stop(A)?;
    tells_no_more(run, A, "ip -br address", "10.9.0.100/24")
}

fn deleted(run: &mut Run) -> Verdict {
    let first = master(run, &config(4, "e0", 200, &words(4, A)), vip(4))?;
    let moment = Stamp::now();
    run.lab.node(A).ip(&["link del iv51"])?;
    run.wait_state(A, "FAULT", 0, 1.0)?;
    if run.reference() {
        tells(run, A, "ip -d link show dev iv51", "ipvlan mode l2 bridge")?;
        return run.expect_silence(A, moment.plus(0.3), 2.0);
    }
    let again = run.wait_advert(A, moment.plus(0.3), 5.0)?;
    same("source afterwards", advert(&again)?.source, advert(&first)?.source)?;
    tells(run, A, "ip -br address show dev e0", "10.9.0.100/24")
}
