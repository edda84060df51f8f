//! Interfaces that come, go, flap and carry many addresses; what netlink tells of them. One file a subject.

pub mod carrier;
pub mod netlink;
pub mod presence;
pub mod source;

use super::Scenario;
use super::text::{VIP, instance};
use crate::lab::Node::A;
use crate::outcome::Verdict;
use crate::run::Run;

/// All of them, by subject.
pub const SCENARIOS: [&[Scenario]; 4] = [
    netlink::SCENARIOS,
    carrier::SCENARIOS,
    presence::SCENARIOS,
    source::SCENARIOS,
];

fn plain(globals: &str, lines: &str) -> String {
    format!(
        "global_defs {{\n{globals}\n}}\n{}",
        instance(&format!("version 3\nadvert_int 0.2\npriority 254\n{lines}"), VIP)
    )
}

/// Gives A the interface e1 with the other end p1, both up.
fn second_interface(run: &Run) -> Verdict {
    run.lab.node(A).ip(&[
        "link add e1 type veth peer name p1",
        "link set p1 up",
        "link set e1 up",
        "address add 10.8.0.1/24 dev e1",
    ])
}

/// The value behind `name = ` in the first instance of the data dump.
pub(super) fn data_value(run: &mut Run, name: &str) -> Verdict<String> {
    let text = run.daemon(A)?.dump("keepalived.data", 10)?;
    let needle = format!("{name} = ");
    let line = text.lines().map(str::trim).find_map(|line| line.strip_prefix(&needle));
    line.map(str::to_owned)
        .ok_or_else(|| crate::outcome::Stop::Fail(format!("no {name} in {text}")))
}
