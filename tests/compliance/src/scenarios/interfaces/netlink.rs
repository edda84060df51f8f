//! Events of netlink: buffers, floods, overruns.

use super::{plain, second_interface};
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same, within};
use crate::run::Run;
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "netlink-buffers",
        "interfaces",
        2,
        "vrrp_netlink_*_rcv_bufs: the kernel doubles what is asked for",
        buffers,
    ),
    Scenario::each(
        "netlink-flood",
        "interfaces",
        6,
        "1,000 addresses at once: no advert late, link events heard",
        flood,
    ),
    Scenario::each(
        "netlink-overrun",
        "interfaces",
        6,
        "events that do not fit the buffer are read again, with one line in the log",
        overrun,
    )
    // The original says nothing, and hears of the interface that went down or not, as it comes.
    .ours(),
];

fn buffers(run: &mut Run) -> Verdict {
    let globals = "vrrp_netlink_monitor_rcv_bufs 2000000\nvrrp_netlink_monitor_rcv_bufs_force true\n\
                   vrrp_netlink_cmd_rcv_bufs 1000000\nvrrp_netlink_cmd_rcv_bufs_force true";
    let begin = Stamp::now();
    run.start(A, &plain(globals, ""))?;
    run.wait_advert(A, begin, 3.0)?;
    let text = run.lab.node(A).shell("ss -f netlink -m")?;
    for (socket, size) in [("monitor", "rb4000000,"), ("command", "rb2000000,")] {
        check!(text.contains(size), "no {socket} socket with {size} in {text}");
    }
    Ok(())
}

/// Adds (or deletes) 1,000 addresses on e1 of A.
fn thousand(run: &Run, verb: &str) -> Verdict {
    let lines: Vec<String> = (0..1_000)
        .map(|n| format!("address {verb} 172.16.{}.{}/32 dev e1", n / 200, n % 200 + 1))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    run.lab.node(A).ip(&lines)
}

/// Still hears that e1 goes down and comes back.
fn hears_links(run: &mut Run) -> Verdict {
    let (faults, backups) = (run.entered(A, "FAULT")?, run.entered(A, "BACKUP")?);
    run.lab.node(A).ip(&["link set p1 down"])?;
    run.wait_state(A, "FAULT", faults, 1.5)?;
    run.lab.node(A).ip(&["link set p1 up"])?;
    run.wait_state(A, "BACKUP", backups, 1.5)?;
    Ok(())
}

fn flood(run: &mut Run) -> Verdict {
    second_interface(run)?;
    let begin = Stamp::now();
    run.start(A, &plain("", "track_interface {\ne1\n}"))?;
    run.wait_advert(A, begin, 3.0)?;
    let begin = Stamp::now();
    for verb in ["add", "del", "add"] {
        thousand(run, verb)?;
    }
    run.pause(0.4);
    let adverts = run.adverts(A, begin);
    let longest = adverts
        .windows(2)
        .map(|pair| pair[1].at.since(pair[0].at))
        .fold(0.0, f64::max);
    within("the longest gap between adverts", longest, 0.19, 0.4)?;
    hears_links(run)
}

fn overrun(run: &mut Run) -> Verdict {
    second_interface(run)?;
    let begin = Stamp::now();
    let globals = "vrrp_netlink_monitor_rcv_bufs 4096";
    run.start(A, &plain(globals, "track_interface {\ne1\n}"))?;
    run.wait_advert(A, begin, 3.0)?;
    // It does not read while the addresses come, and again while its link goes down.
    run.signal_worker(A, 19)?;
    thousand(run, "add")?;
    run.lab.node(A).ip(&["link set p1 down"])?;
    let faults = run.entered(A, "FAULT")?;
    run.signal_worker(A, 18)?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    let lines = run.daemon(A)?.log().matches("Receive buffer overrun").count();
    same("lines about the overrun", lines, 1)?;
    let backups = run.entered(A, "BACKUP")?;
    run.lab.node(A).ip(&["link set p1 up"])?;
    run.wait_state(A, "BACKUP", backups, 1.5)?;
    Ok(())
}
