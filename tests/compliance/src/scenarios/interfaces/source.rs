//! The source address of adverts, lost and found.

use super::plain;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same};
use crate::run::Run;
use crate::scenarios::Scenario;
use crate::scenarios::text::instance;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "source-lost",
        "interfaces",
        6,
        "IPv4: without an address FAULT, with the next one BACKUP; another one takes over from the first at once",
        source_lost,
    ),
    Scenario::each(
        "source-lost-6",
        "interfaces",
        6,
        "IPv6: without a link-local address FAULT, with one BACKUP",
        source_lost_six,
    ),
    Scenario::each(
        "track-src-ip",
        "interfaces",
        6,
        "track_src_ip: FAULT while the configured address is absent, multicast and unicast",
        track_source,
    )
    //
    .ours(),
];

fn source_lost(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &plain("", ""))?;
    run.wait_advert(A, begin, 3.0)?;
    // The next address of the interface is taken without a change of state.
    run.lab.node(A).ip(&["address add 10.9.0.21/24 dev e0"])?;
    run.pause(0.3);
    let faults = run.entered(A, "FAULT")?;
    run.lab
        .node(A)
        .shell("sysctl -qw net.ipv4.conf.e0.promote_secondaries=1 && ip address del 10.9.0.1/24 dev e0")?;
    run.pause(0.5);
    let last = run.wait_advert(A, Stamp::now().minus(0.3), 0.5)?;
    same(
        "source of the adverts",
        crate::run::advert(&last)?.source.to_string(),
        "10.9.0.21".to_owned(),
    )?;
    same("times it entered FAULT", run.entered(A, "FAULT")?, faults)?;
    run.lab.node(A).ip(&["address del 10.9.0.21/24 dev e0"])?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    run.expect_silence(A, Stamp::now().plus(0.05), 0.8)?;
    let backups = run.entered(A, "BACKUP")?;
    let back = Stamp::now();
    run.lab.node(A).ip(&["address add 10.9.0.1/24 dev e0"])?;
    run.wait_state(A, "BACKUP", backups, 1.0)?;
    run.wait_advert(A, back, 2.0)?;
    Ok(())
}

fn source_lost_six(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let config = instance("version 3\nadvert_int 0.2\npriority 254", "fe80::100/64\nfd09::100/64");
    run.start(A, &config)?;
    run.wait_advert(A, begin, 3.0)?;
    run.lab
        .node(A)
        .shell("ip -6 address del $(ip -6 -o address show dev e0 to fe80::ff:fe00:0/112 | awk '{print $4}') dev e0")?;
    run.wait_state(A, "FAULT", 0, 1.0)?;
    let (backups, back) = (run.entered(A, "BACKUP")?, Stamp::now());
    run.lab.node(A).ip(&["address add fe80::ff:fe00:1/64 dev e0 nodad"])?;
    run.wait_state(A, "BACKUP", backups, 1.0)?;
    run.wait_advert(A, back, 2.0)?;
    Ok(())
}

fn track_source(run: &mut Run) -> Verdict {
    for (name, lines) in [
        ("multicast", "mcast_src_ip 10.9.0.31\ntrack_src_ip"),
        (
            "unicast",
            "unicast_src_ip 10.9.0.31\nunicast_peer {\n10.9.0.3\n}\ntrack_src_ip",
        ),
    ] {
        let begin = Stamp::now();
        run.start(A, &plain("", lines))?;
        run.daemon(A)?.wait_log("Startup complete", 0, 3.0)?;
        run.expect_silence(A, begin, 1.0)?;
        let there = Stamp::now();
        run.lab.node(A).ip(&["address add 10.9.0.31/24 dev e0"])?;
        let first = run.wait_advert(A, there, 2.0)?;
        let source = crate::run::advert(&first)?.source.to_string();
        same(&format!("source of {name} adverts"), source, "10.9.0.31".to_owned())?;
        let faults = run.entered(A, "FAULT")?;
        run.lab.node(A).ip(&["address del 10.9.0.31/24 dev e0"])?;
        run.wait_state(A, "FAULT", faults, 1.0)?;
        run.stop(A)?;
        std::fs::remove_file(run.directory(A).join("log"))?;
    }
    Ok(())
}
