//! What only some kernels can do: run where the kernel can, and under Debian's by `cargo xtask vm`.

pub mod bonds;
pub mod encap;
pub mod ipsec;
pub mod ipvlan;
pub mod linkbeat;
pub mod links;
pub mod vmac;
pub mod vrf;

use super::Scenario;
use crate::check;
use crate::lab::Node::{self, A, B};
use crate::lab::capture::{Frame, Stamp};
use crate::outcome::{Stop, Verdict, near};
use crate::run::{Run, advert};

/// All of them.
pub const SCENARIOS: [&[Scenario]; 8] = [
    links::SCENARIOS,
    bonds::SCENARIOS,
    vrf::SCENARIOS,
    encap::SCENARIOS,
    vmac::SCENARIOS,
    ipvlan::SCENARIOS,
    linkbeat::SCENARIOS,
    ipsec::SCENARIOS,
];

/// Seconds between adverts in these scenarios.
const INTERVAL: f64 = 0.3;

/// The virtual address of a family that [`config`] gives, and that adverts carry.
fn vip(family: u8) -> &'static str {
    if family == 4 { "10.9.0.100" } else { "fd09::100" }
}

/// Instance V1 of version 3 on an interface, with the address of the family. `lines` are more of its keywords.
fn config(family: u8, interface: &str, priority: u8, lines: &str) -> String {
    let (addresses, native) = if family == 4 {
        ("10.9.0.100/24", "")
    } else {
        ("fe80::9:100/64\nfd09::100/64", "native_ipv6\n")
    };
    let interface = if interface.is_empty() {
        String::new()
    } else {
        format!("interface {interface}\n")
    };
    format!(
        "vrrp_instance V1 {{\n{interface}virtual_router_id 51\nversion 3\npriority {priority}\nadvert_int {INTERVAL}\n{native}{lines}\n\
         virtual_ipaddress {{\n{addresses}\n}}\n}}\n"
    )
}

/// Starts A and waits until it is MASTER and has the address; returns its first advert.
fn master(run: &mut Run, config: &str, vip: &str) -> Verdict<Frame> {
    let begin = Stamp::now();
    run.start(A, config)?;
    let first = run.wait_advert(A, begin, 6.0)?;
    check!(advert(&first)?.checksum_good, "wrong checksum");
    run.wait_address(A, vip, true, 1.0)?;
    Ok(first)
}

/// A (priority 200) wins over B (priority 100), stops in order, and B takes over after its skew.
fn handover(run: &mut Run, config: impl Fn(Node, u8) -> String, vip: &str) -> Verdict {
    let begin = Stamp::now();
    run.start(B, &config(B, 100))?;
    run.wait_state(B, "BACKUP", 0, 6.0)?;
    run.start(A, &config(A, 200))?;
    run.wait_advert(A, begin, 6.0)?;
    run.wait_address(A, vip, true, 1.0)?;
    run.wait_address(B, vip, false, 1.0)?;
    let settled = Stamp::now();
    run.pause(2.2 * INTERVAL);
    check!(run.adverts(B, settled).is_empty(), "both send adverts");
    let moment = Stamp::now();
    run.stop(A)?;
    let zero = run.wait_priority(A, 0, moment, 2.0)?;
    let taken = run.wait_advert(B, zero.at, 3.0)?;
    near(
        "take-over after priority 0",
        taken.at.since(zero.at),
        INTERVAL * 156.0 / 256.0,
    )?;
    run.wait_address(B, vip, true, 1.0)?;
    run.wait_address(A, vip, false, 1.0)
}

/// What `ip` (or another program) prints in a machine's namespace, with single spaces.
fn told(run: &Run, node: Node, line: &str) -> Verdict<String> {
    let text = run.lab.node(node).shell(line)?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Fails unless the words are in what a program prints within two seconds.
fn tells(run: &Run, node: Node, line: &str, words: &str) -> Verdict {
    let mut last = String::new();
    let seen = crate::daemon::until(2.0, || {
        last = told(run, node, line).unwrap_or_else(|why| why.to_string());
        last.contains(words)
    });
    if seen {
        return Ok(());
    }
    Err(Stop::Fail(format!("`{line}` prints {last:?}, not {words:?}")))
}

/// Fails unless the words have gone from what a program prints, within two seconds.
fn tells_no_more(run: &Run, node: Node, line: &str, words: &str) -> Verdict {
    let mut last = String::new();
    let gone = crate::daemon::until(2.0, || {
        last = told(run, node, line).unwrap_or_default();
        !last.contains(words)
    });
    if gone {
        return Ok(());
    }
    Err(Stop::Fail(format!("`{line}` still prints {words:?} in {last:?}")))
}
