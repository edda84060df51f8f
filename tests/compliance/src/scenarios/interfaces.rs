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

fn create(run: &mut Run) -> Verdict {
    let config = plain("dynamic_interfaces", "").replace("interface e0", "interface d0");
    run.start(A, &config)?;
    run.daemon(A)?.wait_log("Startup complete", 0, 3.0)?;
    run.pause(0.3);
    same("times it entered BACKUP", run.entered(A, "BACKUP")?, 0)?;
    let make = [
        "link add d0 type veth peer name dp",
        "link set dp up",
        "link set d0 up",
        "address add 10.7.0.1/24 dev d0",
    ];
    run.lab.node(A).ip(&make)?;
    run.wait_state(A, "MASTER", 0, 2.5)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    let faults = run.entered(A, "FAULT")?;
    run.lab.node(A).ip(&["link del d0"])?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    let masters = run.entered(A, "MASTER")?;
    run.lab.node(A).ip(&make)?;
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
    run.lab.node(A).ip(&[
        "link add d0 type veth peer name dp",
        "link set dp up",
        "link set d0 up",
        "address add 10.7.0.1/24 dev d0",
    ])?;
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
    let make = [
        "link add d0 type veth peer name dp",
        "link set dp up",
        "link set d0 up",
        "address add 10.7.0.1/24 dev d0",
    ];
    run.lab.node(A).ip(&make)?;
    let config = plain("", "").replace("interface e0", "interface d0");
    run.start(A, &config.replace(VIP, &format!("{VIP} no_track")))?;
    run.wait_state(A, "MASTER", 0, 3.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    let (faults, masters) = (run.entered(A, "FAULT")?, run.entered(A, "MASTER")?);
    run.signal_worker(A, nix::libc::SIGSTOP)?;
    run.lab
        .node(A)
        .ip(&["link del d0", "link add spare type veth peer name sparep"])?;
    run.lab.node(A).ip(&make)?;
    run.pause(0.3);
    run.signal_worker(A, nix::libc::SIGCONT)?;
    run.wait_state(A, "FAULT", faults, 1.0)?;
    run.wait_state(A, "MASTER", masters, 2.5)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)
}

fn rename_up(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&[
        "link add d0 type veth peer name dp",
        "link set dp up",
        "link set d0 up",
        "address add 10.7.0.1/24 dev d0",
    ])?;
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
