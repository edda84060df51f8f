//! Instances on bonds: another slave takes over without a word, and FAULT comes only when none is left.

use super::{INTERVAL, config, master, vip};
use crate::check;
use crate::kernel::Feature::Bond;
use crate::lab::Node::{A, B};
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same};
use crate::run::{Run, advert};
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "bond-ip4",
        "bonds",
        12,
        "IPv4 on a bond: the active slave changes, nothing else does",
        failover::<4>,
    )
    .pairs()
    .needs(&[Bond]),
    Scenario::each(
        "bond-ip6",
        "bonds",
        12,
        "IPv6 on a bond: the active slave changes, nothing else does",
        failover::<6>,
    )
    .pairs()
    .needs(&[Bond]),
    Scenario::each(
        "bond-track",
        "bonds",
        9,
        "a tracked bond is down when its last slave is",
        tracked,
    )
    .needs(&[Bond]),
];

/// Puts A's e0 and a second cable to the same switch into `bond0`, which takes over the addresses of e0.
pub(super) fn make_bond(run: &Run) -> Verdict {
    run.lab.another_cable(A, "e1")?;
    run.lab.node(A).ip(&[
        "address flush dev e0",
        "link add bond0 type bond mode active-backup miimon 50",
        "link set e0 down",
        "link set e1 down",
        "link set e0 master bond0",
        "link set e1 master bond0",
        "link set bond0 up",
        "address add 10.9.0.1/24 dev bond0",
        "address add fd09::1/64 dev bond0 nodad",
    ])
}

fn failover<const FAMILY: u8>(run: &mut Run) -> Verdict {
    make_bond(run)?;
    run.start(B, &config(FAMILY, "e0", 100, ""))?;
    master(run, &config(FAMILY, "bond0", 200, ""), vip(FAMILY))?;
    run.wait_address(B, vip(FAMILY), false, 1.0)?;
    run.pause(0.5);
    let begin = Stamp::now();
    let states = (run.entered(A, "BACKUP")?, run.entered(A, "FAULT")?);
    run.lab.cable(A, false)?;
    run.pause(1.5);
    run.lab.cable(A, true)?;
    run.pause(0.6);
    run.lab.pull_another(A, "e1", false)?;
    run.pause(1.5);
    check!(run.adverts(B, begin).is_empty(), "B sent adverts");
    same(
        "times A entered BACKUP and FAULT",
        (run.entered(A, "BACKUP")?, run.entered(A, "FAULT")?),
        states,
    )?;
    let sent = run.adverts(A, begin);
    for pair in sent.windows(2) {
        let gap = pair[1].at.since(pair[0].at);
        // What the dead slave swallowed until the bond noticed is one advert at most.
        check!(gap < 2.4 * INTERVAL, "{gap:.3} s without an advert");
    }
    check!(sent.len() >= 9, "{} adverts in 3.6 s", sent.len());
    // Now the last slave goes.
    let moment = Stamp::now();
    run.lab.cable(A, false)?;
    run.wait_state(A, "FAULT", states.1, 1.0)?;
    run.wait_advert(B, moment, 4.0)?;
    run.wait_address(B, vip(FAMILY), true, 1.0)?;
    let back = Stamp::now();
    run.lab.pull_another(A, "e1", true)?;
    run.wait_advert(A, back, 4.0)?;
    run.wait_address(B, vip(FAMILY), false, 2.0)
}

fn tracked(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&[
        "link add e1 type veth peer name p1",
        "link add e2 type veth peer name p2",
        "link add bond0 type bond mode active-backup miimon 50",
        "link set e1 master bond0",
        "link set e2 master bond0",
        "link set bond0 up",
        "link set p1 up",
        "link set p2 up",
    ])?;
    run.pause(0.3);
    let first = master(
        run,
        &config(4, "e0", 200, "track_interface {\nbond0 weight -50\n}"),
        vip(4),
    )?;
    same("priority with both", advert(&first)?.priority, 200)?;
    run.lab.node(A).ip(&["link set p1 down"])?;
    let one = Stamp::now().plus(0.1);
    run.pause(1.2);
    let others = run
        .adverts(A, one)
        .iter()
        .filter(|frame| advert(frame).is_ok_and(|a| a.priority != 200))
        .count();
    same("adverts of another priority with one slave left", others, 0)?;
    let none = Stamp::now();
    run.lab.node(A).ip(&["link set p2 down"])?;
    run.wait_priority(A, 150, none, 1.5)?;
    let back = Stamp::now();
    run.lab.node(A).ip(&["link set p1 up"])?;
    run.wait_priority(A, 200, back, 1.5)?;
    Ok(())
}
