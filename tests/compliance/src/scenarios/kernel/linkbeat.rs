//! `linkbeat_interfaces`: links whose state is asked for every second, by MII registers where the driver has them.

use std::io::Write;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::{config, master, vip};
use crate::check;
use crate::daemon::until;
use crate::kernel::Feature::{Bond, Card};
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same, within};
use crate::run::Run;
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "linkbeat-bond-mii",
        "linkbeat",
        12,
        "a bond by MII: FAULT and back at a tick",
        bond_mii,
    )
    .needs(&[Bond]),
    Scenario::each(
        "linkbeat-bond-ethtool",
        "linkbeat",
        12,
        "a bond by ethtool",
        bond_ethtool,
    )
    .needs(&[Bond]),
    Scenario::each("linkbeat-bond-ioctl", "linkbeat", 12, "a bond by its flags", bond_ioctl).needs(&[Bond]),
    Scenario::each("linkbeat-card", "linkbeat", 14, "an e1000 by MII", card).needs(&[Card]),
];

fn bond(run: &mut Run, method: &str) -> Verdict {
    run.lab.node(A).ip(&[
        "link add e1 type veth peer name p1",
        "link add bond0 type bond mode active-backup miimon 20",
        "link set e1 master bond0",
        "link set bond0 up",
        "link set p1 up",
    ])?;
    run.pause(0.2);
    let text = format!(
        "linkbeat_interfaces {{\nbond0 {method}\n}}\n{}",
        config(4, "e0", 254, "track_interface {\nbond0\n}")
    );
    master(run, &text, vip(4))?;
    follows(
        run,
        |run| run.lab.node(A).ip(&["link set p1 down"]),
        |run| run.lab.node(A).ip(&["link set p1 up"]),
    )
}

/// The loss of a carrier makes A FAULT at the next tick of a second, its return lets it back.
fn follows(run: &mut Run, cut: fn(&mut Run) -> Verdict, mend: fn(&mut Run) -> Verdict) -> Verdict {
    let before = Stamp::now();
    cut(run)?;
    let moment = Stamp::now();
    let fault = run.wait_state(A, "FAULT", 0, 2.0)?;
    within("FAULT after the loss", fault.since(moment), 0.0, 1.15)?;
    run.wait_priority(A, 0, before, 2.0)?;
    let backups = run.entered(A, "BACKUP")?;
    let before = Stamp::now();
    mend(run)?;
    let moment = Stamp::now();
    let backup = run.wait_state(A, "BACKUP", backups, 2.5)?;
    within("BACKUP after the return", backup.since(moment), 0.0, 1.15)?;
    run.wait_advert(A, before, 2.0)?;
    same("times it entered FAULT", run.entered(A, "FAULT")?, 1)
}

fn bond_mii(run: &mut Run) -> Verdict {
    bond(run, "MII")
}

fn bond_ethtool(run: &mut Run) -> Verdict {
    bond(run, "ETHTOOL")
}

fn bond_ioctl(run: &mut Run) -> Verdict {
    bond(run, "IOCTL")
}

/// Tells the emulator to pull (off) or plug (on) the cable of the card, and waits until the card has noticed: the emulator lives in
/// another time than the machine.
fn cable(run: &Run, state: &str) -> Verdict {
    let mut line = std::fs::File::options().write(true).open("/dev/vport0p2")?;
    line.write_all(format!("card0 {state}\n").as_bytes())?;
    let noticed = until(60.0, || {
        let link = run.lab.node(A).shell("ip -o link show eth0");
        link.is_ok_and(|text| text.contains("NO-CARRIER") == (state == "off"))
    });
    check!(noticed, "the card does not notice that its cable is {state}");
    Ok(())
}

/// There is one card for all: held from its departure until it has come home.
static THE_CARD: Mutex<()> = Mutex::new(());

fn card(run: &mut Run) -> Verdict {
    let _held = THE_CARD.lock().unwrap_or_else(PoisonError::into_inner);
    // The kernel brings a card home when the namespace it was in has ended, a moment after the last scenario.
    let home = until(5.0, || std::fs::exists("/sys/class/net/eth0").unwrap_or(false));
    check!(home, "the card did not come home");
    let moved = Command::new("ip")
        .args(["link", "set", "eth0", "netns", &run.lab.node(A).path()])
        .status()?;
    check!(moved.success(), "the card cannot be moved");
    run.lab.node(A).ip(&["link set eth0 up"])?;
    run.pause(3.0);
    let text = format!(
        "linkbeat_interfaces {{\neth0 MII\n}}\n{}",
        config(4, "e0", 254, "track_interface {\neth0\n}")
    );
    let result = master(run, &text, vip(4)).and_then(|_| follows(run, |run| cable(run, "off"), |run| cable(run, "on")));
    cable(run, "on")?;
    result
}
