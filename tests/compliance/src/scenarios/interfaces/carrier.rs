//! Carrier: polled, delayed, tracked or not.

use super::{data_value, plain, second_interface};
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, near_since_log, same, within};
use crate::run::Run;
use crate::scenarios::Scenario;
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
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
        "dont-track-primary",
        "interfaces",
        5,
        "dont_track_primary: stays MASTER without carrier; without it FAULT",
        dont_track,
    ),
    Scenario::each(
        "implied-tracking",
        "interfaces",
        6,
        "the device of an address is tracked, unless no_track",
        implied,
    ),
    Scenario::each(
        "interface-weights",
        "interfaces",
        12,
        "track_interface with weights of either sign, plain and reverse: priorities up and down",
        weights,
    ),
    Scenario::each(
        "delays-reload",
        "interfaces",
        6,
        "interface_up_down_delays and linkbeat come and go with a reload",
        delays_reload,
    ),
    Scenario::each(
        "wantstate-fault",
        "interfaces",
        3,
        "wantstate is FAULT in FAULT",
        want_state,
    ),
];

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

fn dont_track(run: &mut Run) -> Verdict {
    for (line, faults) in [("dont_track_primary", 0), ("", 1)] {
        let begin = Stamp::now();
        run.start(A, &plain("", line))?;
        run.wait_advert(A, begin, 3.0)?;
        let before = run.entered(A, "FAULT")?;
        run.lab.cable(A, false)?;
        run.pause(0.6);
        let since = run.entered(A, "FAULT")? - before;
        run.lab.cable(A, true)?;
        same(&format!("times it entered FAULT with `{line}`"), since, faults)?;
        run.stop(A)?;
    }
    Ok(())
}

fn implied(run: &mut Run) -> Verdict {
    second_interface(run)?;
    for (option, faults) in [("no_track", 0), ("", 1)] {
        let begin = Stamp::now();
        let addresses = format!("10.9.0.100/24\n10.8.0.100/24 dev e1 {option}");
        run.start(A, &instance("version 3\nadvert_int 0.2\npriority 254", &addresses))?;
        run.wait_advert(A, begin, 3.0)?;
        let before = run.entered(A, "FAULT")?;
        run.lab.node(A).ip(&["link set p1 down"])?;
        run.pause(0.6);
        let since = run.entered(A, "FAULT")? - before;
        run.lab.node(A).ip(&["link set p1 up"])?;
        same(&format!("times it entered FAULT with `{option}`"), since, faults)?;
        run.stop(A)?;
    }
    Ok(())
}

fn weights(run: &mut Run) -> Verdict {
    second_interface(run)?;
    for (line, up, down) in [
        ("e1 weight 20", 120, 100),
        ("e1 weight -20", 100, 80),
        ("e1 weight 20 reverse", 80, 100),
        ("e1 weight -20 reverse", 100, 120),
    ] {
        let begin = Stamp::now();
        let lines = format!("version 3\nadvert_int 0.2\npriority 100\ntrack_interface {{\n{line}\n}}");
        run.start(A, &instance(&lines, VIP))?;
        run.wait_priority(A, up, begin, 3.0)?;
        let cut = Stamp::now();
        run.lab.node(A).ip(&["link set p1 down"])?;
        run.wait_priority(A, down, cut, 1.0)?;
        let back = Stamp::now();
        run.lab.node(A).ip(&["link set p1 up"])?;
        run.wait_priority(A, up, back, 1.0)?;
        run.stop(A)?;
    }
    Ok(())
}

fn delays_reload(run: &mut Run) -> Verdict {
    second_interface(run)?;
    let begin = Stamp::now();
    let body = plain("", "track_interface {\ne1\n}");
    run.start(A, &body)?;
    run.wait_advert(A, begin, 3.0)?;
    within("FAULT without a delay", loses_carrier(run, "p1", 1.0)?, 0.0, 0.2)?;
    regains_carrier(run, "p1", 1.0)?;
    let times = run.daemon(A)?.log().matches("Reloading").count();
    run.reload(A, &format!("interface_up_down_delays {{\ne1 0.8 0\n}}\n{body}"))?;
    run.daemon(A)?.wait_log("Reloading", times, 2.0)?;
    run.pause(0.5);
    within("FAULT with a delay", loses_carrier(run, "p1", 2.0)?, 0.75, 1.0)?;
    regains_carrier(run, "p1", 1.0)?;
    run.reload(A, &format!("linkbeat_interfaces {{\ne1\n}}\n{body}"))?;
    run.pause(0.7);
    loses_carrier(run, "p1", 1.5)?;
    run.daemon(A)?.wait_log("Linkbeat reports e1 down", 0, 0.3)?;
    Ok(())
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
