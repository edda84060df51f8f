//! Interfaces that come, go, are renamed or named by nobody.

use super::super::text::VIP;
use super::{plain, second_interface};
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same};
use crate::run::Run;
use crate::scenarios::Scenario;

/// An interface d0 with the other end dp, both up.
const MAKE_D0: [&str; 4] = [
    "link add d0 type veth peer name dp",
    "link set dp up",
    "link set d0 up",
    "address add 10.7.0.1/24 dev d0",
];

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "dynamic-create",
        "interfaces",
        8,
        "dynamic_interfaces: FAULT until the interface is there, again when it is made anew, while it has another name",
        create,
    ),
    Scenario::each(
        "vanish",
        "interfaces",
        6,
        "without dynamic_interfaces: an interface that vanishes means FAULT, its return BACKUP",
        vanish,
    ),
    Scenario::each(
        "vanish-unseen",
        "interfaces",
        6,
        "an interface is removed and made again while the daemon does not run: FAULT all the same, and untracked addresses are back too",
        vanish_unseen,
    ),
    Scenario::each(
        "rename-up",
        "interfaces",
        6,
        "an interface renamed while up takes no virtual address with it",
        rename_up,
    )
    // The original goes on as MASTER until something else happens.
    .ours(),
    Scenario::each(
        "duplicate-late",
        "interfaces",
        6,
        "allow_if_changes: a VRID that an interface brings a second time means FAULT, until the interface is another",
        duplicate_late,
    ),
    Scenario::each(
        "duplicate-start",
        "interfaces",
        3,
        "allow_if_changes: a VRID that is there twice at the start leaves the second instance in FAULT",
        duplicate_start,
    )
    .reference_deviates("2.2.7 leaves the first one in FAULT"),
    Scenario::each(
        "default-interface",
        "interfaces",
        3,
        "default_interface: static addresses that name no interface go there",
        default_interface,
    ),
    Scenario::each(
        "unicast-return",
        "interfaces",
        6,
        "a unicast instance that gets its interface back announces its own address once",
        unicast_return,
    ),
];

fn create(run: &mut Run) -> Verdict {
    let config = plain("dynamic_interfaces", "").replace("interface e0", "interface d0");
    run.start(A, &config)?;
    run.daemon(A)?.wait_log("Startup complete", 0, 3.0)?;
    run.pause(0.3);
    same("times it entered BACKUP", run.entered(A, "BACKUP")?, 0)?;
    run.lab.node(A).ip(&MAKE_D0)?;
    run.wait_state(A, "MASTER", 0, 2.5)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    let faults = run.entered(A, "FAULT")?;
    run.lab.node(A).ip(&["link del d0"])?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    let masters = run.entered(A, "MASTER")?;
    run.lab.node(A).ip(&MAKE_D0)?;
    run.wait_state(A, "MASTER", masters, 2.5)?;
    let groups = run.lab.node(A).shell("ip maddress show dev d0")?;
    check!(
        groups.contains("224.0.0.18"),
        "the group is not joined on the new interface: {groups}"
    );
    // Away and back under the same index.
    let faults = run.entered(A, "FAULT")?;
    run.lab.node(A).ip(&["link set d0 down", "link set d0 name dx"])?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    let masters = run.entered(A, "MASTER")?;
    run.lab.node(A).ip(&["link set dx name d0", "link set d0 up"])?;
    run.wait_state(A, "MASTER", masters, 2.5)?;
    Ok(())
}

fn vanish(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&MAKE_D0)?;
    run.start(A, &plain("", "").replace("interface e0", "interface d0"))?;
    run.wait_state(A, "MASTER", 0, 3.0)?;
    let faults = run.entered(A, "FAULT")?;
    run.lab.node(A).ip(&["link del d0"])?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    run.daemon(A)?.wait_log("Interface d0 deleted", 0, 0.5)?;
    let masters = run.entered(A, "MASTER")?;
    run.lab.node(A).ip(&[
        "link add d0 type veth peer name dp",
        "link set dp up",
        "address add 10.7.0.1/24 dev d0",
        "link set d0 up",
    ])?;
    run.wait_state(A, "MASTER", masters, 2.5)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    check!(
        !run.daemon(A)?.log().contains("failed to send"),
        "a line about adverts that could not go by an interface that was gone"
    );
    Ok(())
}

fn vanish_unseen(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&MAKE_D0)?;
    let config = plain("", "").replace("interface e0", "interface d0");
    run.start(A, &config.replace(VIP, &format!("{VIP} no_track")))?;
    run.wait_state(A, "MASTER", 0, 3.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    let (faults, masters) = (run.entered(A, "FAULT")?, run.entered(A, "MASTER")?);
    run.signal_worker(A, nix::libc::SIGSTOP)?;
    run.lab
        .node(A)
        .ip(&["link del d0", "link add spare type veth peer name sparep"])?;
    run.lab.node(A).ip(&MAKE_D0)?;
    run.pause(0.3);
    run.signal_worker(A, nix::libc::SIGCONT)?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    run.wait_state(A, "MASTER", masters, 2.5)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)
}

fn rename_up(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&MAKE_D0)?;
    run.start(A, &plain("", "").replace("interface e0", "interface d0"))?;
    run.wait_state(A, "MASTER", 0, 3.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.lab.node(A).ip(&["link set d0 name dx"])?;
    run.wait_state(A, "FAULT", 0, 1.0)?;
    run.wait_address(A, "10.9.0.100", false, 0.5)?;
    run.lab.node(A).ip(&["link set dx name d0"])?;
    run.wait_state(A, "MASTER", 1, 2.5)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)
}

fn duplicate_late(run: &mut Run) -> Verdict {
    let other = crate::scenarios::text::named("V2", 51, "version 3\nadvert_int 0.2\npriority 254", "10.9.0.101/24");
    let config = plain("dynamic_interfaces allow_if_changes", "") + &other.replace("interface e0", "interface d0");
    run.start(A, &config)?;
    run.wait_state(A, "MASTER", 0, 3.0)?;
    let entered = |run: &mut Run, state: &str| {
        let log = run.daemon(A)?.log();
        Ok::<_, crate::outcome::Stop>(log.matches(&format!("(V2) Entering {state} STATE")).count())
    };
    // On top of e0: the same link.
    run.lab.node(A).ip(&[
        "link add d0 link e0 type macvlan",
        "link set d0 up",
        "address add 10.9.0.5/24 dev d0",
    ])?;
    run.daemon(A)?
        .wait_log("VRID conflict between V2 and V1 IPv4 vrid 51", 0, 1.0)?;
    run.pause(1.0);
    same("times V2 entered BACKUP", entered(run, "BACKUP")?, 0)?;
    same("times V1 entered FAULT", run.entered(A, "FAULT")?, 0)?;
    // On a link of its own.
    run.lab.node(A).ip(&[
        "link del d0",
        "link add d0 type veth peer name dp",
        "link set dp up",
        "link set d0 up",
        "address add 10.9.0.5/24 dev d0",
    ])?;
    run.daemon(A)?.wait_log("(V2) Entering MASTER STATE", 0, 2.5)?;
    Ok(())
}

fn duplicate_start(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&[
        "link add d0 link e0 type macvlan",
        "link set d0 up",
        "address add 10.9.0.5/24 dev d0",
    ])?;
    let other = crate::scenarios::text::named("V2", 51, "version 3\nadvert_int 0.2\npriority 254", "10.9.0.101/24");
    let config = plain("dynamic_interfaces allow_if_changes", "") + &other.replace("interface e0", "interface d0");
    run.start(A, &config)?;
    // The original keeps the second one in order, we the first.
    let (runs, waits) = if run.reference() { ("V2", "V1") } else { ("V1", "V2") };
    run.daemon(A)?
        .wait_log(&format!("({runs}) Entering MASTER STATE"), 0, 3.0)?;
    run.pause(0.3);
    let log = run.daemon(A)?.log();
    for state in ["BACKUP", "MASTER"] {
        check!(
            !log.contains(&format!("({waits}) Entering {state}")),
            "{waits} is {state}"
        );
    }
    Ok(())
}

fn default_interface(run: &mut Run) -> Verdict {
    second_interface(run)?;
    let config = plain("default_interface e1", "") + "static_ipaddress {\n10.8.0.77/24\n}\n";
    run.start(A, &config)?;
    run.wait_address(A, "10.8.0.77", true, 3.0)?;
    let there = run.lab.node(A).shell("ip -o address show dev e1")?;
    check!(there.contains("10.8.0.77/24"), "not on e1: {there}");
    run.stop(A)?;
    run.wait_address(A, "10.8.0.77", false, 1.0)
}

fn unicast_return(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &plain("", "unicast_src_ip 10.9.0.1\nunicast_peer {\n10.9.0.3\n}"))?;
    run.wait_advert(A, begin, 3.0)?;
    let faults = run.entered(A, "FAULT")?;
    run.lab.cable(A, false)?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    let backups = run.entered(A, "BACKUP")?;
    let back = Stamp::now();
    run.lab.cable(A, true)?;
    run.wait_state(A, "BACKUP", backups, 1.0)?;
    run.pause(0.3);
    let frames = run.lab.capture.frames(back);
    let own = frames
        .iter()
        .filter(|frame| crate::run::is_garp(frame, A, "10.9.0.1"))
        .count();
    same("gratuitous ARPs for its own address", own, 1)
}
