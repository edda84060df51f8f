//! Sync groups.

use super::Scenario;
use crate::fifo::Fifo;
use crate::lab::Node::{self, A, B};
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same, within};
use crate::run::Run;

pub const SCENARIOS: &[Scenario] = &[Scenario::each(
    "A46",
    "groups",
    10,
    "two instances in a group fail, recover and stop together",
    a46,
)
.pairs()];

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

/// A cable between A and B beside the switch.
fn second_network(run: &Run) -> Verdict {
    let other = run.lab.node(B).path();
    run.lab.node(A).ip(&[
        &format!("link add e1 type veth peer name e1 netns {other}"),
        "link set e1 up",
        "address add 10.8.0.1/24 dev e1",
    ])?;
    run.lab
        .node(B)
        .ip(&["link set e1 up", "address add 10.8.0.2/24 dev e1"])
}

/// Waits for the group's line and checks the lines since `since`.
fn lines(fifo: &Fifo, since: Stamp, limit: f64, expected: &[&str]) -> Verdict<Stamp> {
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

fn a46(run: &mut Run) -> Verdict {
    second_network(run)?;
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

    // The carrier of the second network goes, for both ends.
    let cut = Stamp::now();
    run.lab.node(A).ip(&["link set e1 down"])?;
    let fault = [
        "INSTANCE \"V2\" FAULT 200",
        "INSTANCE \"V1\" FAULT 200",
        "GROUP \"G1\" FAULT 0",
    ];
    lines(&fifo, cut, 1.0, &fault)?;
    run.wait_priority(A, 0, cut, 0.5)?;
    run.wait_address(A, "10.9.0.100", false, 0.3)?;
    run.pause(1.0);

    let restored = Stamp::now();
    run.lab.node(A).ip(&["link set e1 up"])?;
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
