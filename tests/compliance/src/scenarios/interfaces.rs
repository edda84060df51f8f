//! Interfaces that come, go, flap and carry many addresses; what netlink tells of them.

use super::Scenario;
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, near_since_log, same, within};
use crate::run::Run;
use crate::scenarios::text::{VIP, instance};

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
    Scenario::each(
        "A40",
        "interfaces",
        7,
        "linkbeat_use_polling: carrier counts at the next tick of a second",
        a40,
    ),
    Scenario::each(
        "A40-root",
        "interfaces",
        4,
        "linkbeat_use_polling outside any block: every tracked interface is polled",
        a40_root,
    )
    // 2.2.7 reads the keyword in its parent process only, where it has no effect.
    .ours(),
    Scenario::each(
        "A40-interfaces",
        "interfaces",
        8,
        "linkbeat_interfaces with ETHTOOL and IOCTL, in the dump too; untracked and virtual ones are not polled",
        a40_interfaces,
    ),
    Scenario::each(
        "A42",
        "interfaces",
        12,
        "interface_up_down_delays: a flap is invisible, the rest is late",
        a42,
    ),
    Scenario::each(
        "A42-own",
        "interfaces",
        6,
        "the delays of an own interface stay below the silence that others take over after",
        a42_own,
    ),
    Scenario::each(
        "A42-6",
        "interfaces",
        9,
        "IPv6: a flap of the own interface is invisible, and addresses are still there after it",
        a42_six,
    )
    // The original leaves for FAULT at once when the link-local address goes with the link.
    .ours(),
    Scenario::each(
        "wantstate-fault",
        "interfaces",
        3,
        "wantstate is FAULT in FAULT",
        want_state,
    ),
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

/// Since when an interface of A is without carrier, and the state that follows.
fn loses_carrier(run: &mut Run, peer: &str, limit: f64) -> Verdict<f64> {
    let faults = run.entered(A, "FAULT")?;
    let cut = Stamp::now();
    run.lab.node(A).ip(&[&format!("link set {peer} down")])?;
    Ok(run.wait_state(A, "FAULT", faults, limit)?.since(cut))
}

/// The same for its return.
fn regains_carrier(run: &mut Run, peer: &str, limit: f64) -> Verdict<f64> {
    let backups = run.entered(A, "BACKUP")?;
    let back = Stamp::now();
    run.lab.node(A).ip(&[&format!("link set {peer} up")])?;
    Ok(run.wait_state(A, "BACKUP", backups, limit)?.since(back))
}

fn a40(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &plain("", "linkbeat_use_polling"))?;
    run.wait_advert(A, begin, 3.0)?;
    // Both moments lie at ticks of one series.
    let faults = run.entered(A, "FAULT")?;
    let cut = Stamp::now();
    run.lab.cable(A, false)?;
    let fault = run.wait_state(A, "FAULT", faults, 1.3)?;
    run.daemon(A)?.wait_log("Linkbeat reports e0 down", 0, 0.2)?;
    run.pause(0.3);
    let backups = run.entered(A, "BACKUP")?;
    let plugged = Stamp::now();
    run.lab.cable(A, true)?;
    let backup = run.wait_state(A, "BACKUP", backups, 1.3)?;
    run.daemon(A)?.wait_log("Linkbeat reports e0 up", 0, 0.2)?;
    let between = backup.since(fault);
    within(
        "distance between the two from whole seconds",
        (between - between.round()).abs(),
        0.0,
        0.06,
    )?;
    check!(fault.since(cut) < 1.1, "FAULT came {} s late", fault.since(cut));
    let again = run.wait_advert(A, plugged, 2.5)?;
    near_since_log("MASTER after BACKUP", again.at.since(backup), 0.6 + 0.2 * 2.0 / 256.0)
}

fn a40_root(run: &mut Run) -> Verdict {
    second_interface(run)?;
    let begin = Stamp::now();
    let config = format!("linkbeat_use_polling\n{}", plain("", "track_interface {\ne1\n}"));
    run.start(A, &config)?;
    run.wait_advert(A, begin, 3.0)?;
    loses_carrier(run, "p1", 1.3)?;
    run.daemon(A)?.wait_log("Linkbeat reports e1 down", 0, 0.2)?;
    Ok(())
}

fn a40_interfaces(run: &mut Run) -> Verdict {
    second_interface(run)?;
    run.lab.node(A).ip(&[
        "link add e2 type veth peer name p2",
        "link set p2 up",
        "link set e2 up",
        "link add mv0 link p2 type macvlan",
        "link set mv0 up",
    ])?;
    let begin = Stamp::now();
    let config = format!(
        "linkbeat_interfaces {{\ne1 ETHTOOL\ne2 IOCTL\np1\nmv0\n}}\n{}",
        plain("", "track_interface {\ne1\ne2\nmv0\n}")
    );
    run.start(A, &config)?;
    run.wait_advert(A, begin, 3.0)?;
    for peer in ["p1", "p2"] {
        let after = loses_carrier(run, peer, 1.3)?;
        within("FAULT after the loss of carrier", after, 0.0, 1.1)?;
        regains_carrier(run, peer, 1.3)?;
        run.pause(0.9);
    }
    let text = run.daemon(A)?.dump("keepalived.data", 10)?;
    let block = |name: &str| -> String {
        let from = text.find(&format!(" Name = {name}\n")).unwrap_or(0);
        let rest = &text[from + 1..];
        rest[..rest.find("\n Name = ").unwrap_or(rest.len())].to_owned()
    };
    for (name, how) in [
        ("e0", "NIC netlink status update"),
        ("e1", "NIC support ETHTOOL GLINK interface"),
        ("e2", "NIC ioctl refresh polling"),
        ("p1", "NIC netlink status update"),
        ("mv0", "NIC netlink status update"),
    ] {
        check!(block(name).contains(how), "{name} is not `{how}`: {}", block(name));
    }
    Ok(())
}

fn a42(run: &mut Run) -> Verdict {
    second_interface(run)?;
    let begin = Stamp::now();
    let config = format!(
        "interface_up_down_delays {{\ne1 1.5 2\n}}\n{}",
        plain("", "track_interface {\ne1\n}")
    );
    run.start(A, &config)?;
    run.wait_advert(A, begin, 3.0)?;
    let states = |run: &mut Run| Ok::<_, crate::outcome::Stop>((run.entered(A, "FAULT")?, run.entered(A, "BACKUP")?));
    let before = states(run)?;
    run.lab.node(A).ip(&["link set p1 down"])?;
    run.pause(1.0);
    run.lab.node(A).ip(&["link set p1 up"])?;
    run.pause(0.9);
    same("states entered by a flap of a second", states(run)?, before)?;
    within("FAULT after a long loss", loses_carrier(run, "p1", 2.5)?, 1.45, 1.6)?;
    within("BACKUP after its return", regains_carrier(run, "p1", 3.0)?, 1.95, 2.1)
}

fn a42_own(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let config = format!(
        "interface_up_down_delays {{\ne0 5 5\n}}\n{}",
        plain("", "").replace("advert_int 0.2", "advert_int 0.5")
    );
    run.start(A, &config)?;
    run.wait_advert(A, begin, 3.0)?;
    let text = run.daemon(A)?.dump("keepalived.data", 10)?;
    for line in ["Up debounce timer = 998047us", "Down debounce timer = 998047us"] {
        check!(text.contains(line), "no `{line}` in {text}");
    }
    let faults = run.entered(A, "FAULT")?;
    let cut = Stamp::now();
    run.lab.cable(A, false)?;
    let fault = run.wait_state(A, "FAULT", faults, 2.0)?;
    within("FAULT after the loss of carrier", fault.since(cut), 0.95, 1.1)
}

fn a42_six(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let config = format!(
        "interface_up_down_delays {{\ne0 1.5 1.5\n}}\n{}",
        instance("version 3\nadvert_int 1\npriority 254", "fe80::100/64\nfd09::100/64")
    );
    run.start(A, &config)?;
    run.wait_address(A, "fd09::100", true, 5.0)?;
    let states = |run: &mut Run| Ok::<_, crate::outcome::Stop>((run.entered(A, "FAULT")?, run.entered(A, "BACKUP")?));
    let before = states(run)?;
    run.lab.cable(A, false)?;
    run.pause(0.7);
    run.lab.cable(A, true)?;
    run.pause(1.2);
    same("states entered by a flap", states(run)?, before)?;
    run.wait_address(A, "fd09::100", true, 0.5)?;
    run.wait_advert(A, begin.plus(0.0), 0.1)?;
    Ok(())
}

/// The value behind `name = ` in the first instance of the data dump.
pub(super) fn data_value(run: &mut Run, name: &str) -> Verdict<String> {
    let text = run.daemon(A)?.dump("keepalived.data", 10)?;
    let needle = format!("{name} = ");
    let line = text.lines().map(str::trim).find_map(|line| line.strip_prefix(&needle));
    line.map(str::to_owned)
        .ok_or_else(|| crate::outcome::Stop::Fail(format!("no {name} in {text}")))
}

fn want_state(run: &mut Run) -> Verdict {
    second_interface(run)?;
    let begin = Stamp::now();
    run.start(A, &plain("", "track_interface {\ne1\n}"))?;
    run.wait_advert(A, begin, 3.0)?;
    same(
        "wantstate as MASTER",
        data_value(run, "Wantstate")?,
        "MASTER".to_owned(),
    )?;
    let faults = run.entered(A, "FAULT")?;
    run.lab.node(A).ip(&["link set e1 down"])?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    same("wantstate in FAULT", data_value(run, "Wantstate")?, "FAULT".to_owned())
}
