//! Sync groups.

use super::Scenario;
use crate::fifo::Fifo;
use crate::lab::Node::{self, A, B};
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same, within};
use crate::run::Run;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A46",
        "groups",
        12,
        "two instances in a group fail, move and recover together",
        a46,
    )
    .pairs(),
    Scenario::each(
        "A46-fifo",
        "groups",
        10,
        "the lines of a group and its members, in order",
        a46_fifo,
    ),
];

fn config(priority: u8) -> String {
    let instance = |name: &str, interface: &str, vrid: u8, address: &str| {
        format!(
            "vrrp_instance {name} {{\nversion 3\ninterface {interface}\nvirtual_router_id {vrid}\npriority {priority}\n\
             advert_int 0.5\nvirtual_ipaddress {{\n{address}\n}}\n}}\n"
        )
    };
    format!(
        "global_defs {{\nvrrp_notify_fifo @DIR@/fifo\n}}\nvrrp_sync_group G1 {{\ngroup {{\nV1\nV2\n}}\n}}\n{}{}",
        instance("V1", "e0", 51, "10.9.0.100/24"),
        instance("V2", "e1", 52, "10.8.0.100/24")
    )
}

/// Waits for the group's line and checks the lines since `since`.
pub(super) fn lines(fifo: &Fifo, since: Stamp, limit: f64, expected: &[&str]) -> Verdict<Stamp> {
    let at = fifo.wait(expected[expected.len() - 1], since, limit)?;
    let seen: Vec<String> = fifo
        .lines()
        .into_iter()
        .filter(|(at, _)| *at >= since)
        .map(|(_, text)| text)
        .collect();
    same(
        "FIFO lines",
        seen,
        expected.iter().map(|line| (*line).to_owned()).collect(),
    )?;
    Ok(at)
}

fn started(run: &mut Run, node: Node, priority: u8) -> Verdict<Fifo> {
    let fifo = run.open_fifo(node, "fifo")?;
    run.start(node, &config(priority))?;
    Ok(fifo)
}

/// Waits until a router has both addresses, or none of them.
fn both(run: &Run, node: Node, present: bool, limit: f64) -> Verdict {
    run.wait_address(node, "10.9.0.100", present, limit)?;
    run.wait_address(node, "10.8.0.100", present, 0.3)
}

fn a46(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    run.start(A, &config(200))?;
    run.start(B, &config(100))?;
    both(run, A, true, 4.0)?;
    run.pause(0.7);
    both(run, B, false, 0.0)?;

    // A's second network fails: the other instance of A gives up too, and B takes over as a whole.
    let cut = Stamp::now();
    run.lab.second_cable(A, false)?;
    run.wait_priority(A, 0, cut, 0.5)?;
    both(run, A, false, 0.5)?;
    let taken = run.wait_advert(B, cut, 4.0)?;
    // V2 of B heard its last advert up to one interval before the cut: Master_Down is 1.805 s.
    within(
        "B takes over after the cut",
        taken.at.since(cut),
        1.805 - 0.5 - 0.05,
        1.805 + 0.05,
    )?;
    both(run, B, true, 0.5)?;
    run.expect_silence(A, Stamp::now(), 0.7)?;

    // It comes back: A is BACKUP at once and MASTER a Master_Down later, both instances of B yield.
    let restored = Stamp::now();
    run.lab.second_cable(A, true)?;
    let back = run.wait_advert(A, restored, 4.0)?;
    within("A is MASTER again", back.at.since(restored), 1.609 - 0.03, 1.609 + 0.25)?;
    both(run, A, true, 1.0)?;
    both(run, B, false, 1.0)?;
    run.pause(0.6);

    let stop = Stamp::now();
    run.stop(A)?;
    let taken = run.wait_advert(B, stop, 3.0)?;
    within("B takes over after the stop", taken.at.since(stop), 0.2, 0.45)?;
    both(run, B, true, 0.5)
}

fn a46_fifo(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let begin = Stamp::now();
    let fifo = started(run, A, 200)?;
    let start = [
        "GROUP \"G1\" BACKUP 0",
        "INSTANCE \"V1\" BACKUP 200",
        "INSTANCE \"V2\" BACKUP 200",
    ];
    lines(&fifo, begin, 2.0, &start)?;
    let other = started(run, B, 100)?;
    fifo.wait("GROUP \"G1\" MASTER 0", begin, 4.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.wait_address(A, "10.8.0.100", true, 0.5)?;
    run.pause(0.7);

    let cut = Stamp::now();
    run.lab.second_cable(A, false)?;
    let fault = [
        "INSTANCE \"V2\" FAULT 200",
        "INSTANCE \"V1\" FAULT 200",
        "GROUP \"G1\" FAULT 0",
    ];
    lines(&fifo, cut, 1.0, &fault)?;
    run.wait_priority(A, 0, cut, 0.5)?;
    run.wait_address(A, "10.9.0.100", false, 0.3)?;
    run.pause(0.3);

    let restored = Stamp::now();
    run.lab.second_cable(A, true)?;
    let backup = [
        "INSTANCE \"V2\" BACKUP 200",
        "INSTANCE \"V1\" BACKUP 200",
        "GROUP \"G1\" BACKUP 0",
    ];
    let at = lines(&fifo, restored, 1.0, &backup)?;
    let again = fifo.wait("GROUP \"G1\" MASTER 0", restored, 4.0)?;
    within("the group is MASTER again", again.since(at), 1.5, 1.75)?;
    run.wait_address(A, "10.8.0.100", true, 0.5)?;
    run.pause(0.3);

    let stop = Stamp::now();
    run.stop(A)?;
    let stopped = [
        "INSTANCE \"V1\" STOP 200",
        "INSTANCE \"V2\" STOP 200",
        "GROUP \"G1\" STOP 0",
    ];
    lines(&fifo, stop, 1.0, &stopped)?;
    let taken = other.wait("GROUP \"G1\" MASTER 0", stop, 3.0)?;
    within("the other group takes over", taken.since(stop), 0.2, 0.5)
}
