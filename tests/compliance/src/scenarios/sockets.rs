//! Sockets: their buffers, groups and sources; what the process asks of the kernel for itself.

use super::Scenario;
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::lab::inject::Forged;
use crate::outcome::{Verdict, same, within};
use crate::run::{Run, advert};
use crate::scenarios::text::{VIP, instance, named};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "rx-bufs",
        "sockets",
        9,
        "vrrp_rx_bufs_policy MTU, ADVERT and a size, kernel_rx_buf_size: summed over the users of a socket",
        rx_bufs,
    ),
    Scenario::each(
        "sharing",
        "sockets",
        4,
        "instances share a pair of sockets when family, protocol, interface and group or source are the same, else not",
        sharing,
    ),
    Scenario::each(
        "groups",
        "sockets",
        4,
        "vrrp_mcast_group4 and 6, mcast_dst_ip, mcast_src_ip: destinations and sources; other groups are not heard",
        groups,
    ),
    Scenario::each(
        "local-igmp",
        "sockets",
        4,
        "disable_local_igmp: no report for 224.0.0.18, and the kernel's setting comes back",
        local_igmp,
    ),
    Scenario::each(
        "unknown-vrids",
        "sockets",
        3,
        "log_unknown_vrids: a line for a VRID of nobody, none without the keyword",
        unknown_vrids,
    ),
    Scenario::each(
        "absent-source",
        "sockets",
        4,
        "IPv4 unicast with a source that is nowhere: MASTER, and adverts carry it",
        absent_source,
    )
    // 2.2.7 cannot bind such an address and is in FAULT; 2.4.3 can.
    .ours(),
    Scenario::each("absent-source-6", "sockets", 4, "the same with IPv6", absent_source_six)
        // 2.2.7 cannot bind such an address and is in FAULT; 2.4.3 can.
        .ours(),
    Scenario::each(
        "no-interface",
        "sockets",
        4,
        "unicast without interface: adverts from the configured source, addresses on the interfaces they name",
        no_interface,
    )
    // 2.2.7 demands an interface.
    .ours(),
    Scenario::each(
        "auto-priority",
        "sockets",
        6,
        "max_auto_priority: a process woken late becomes SCHED_RR, then one step more, and not beyond the limit",
        auto_priority,
    )
    .needs_root(),
    Scenario::each(
        "scheduling",
        "sockets",
        3,
        "vrrp_priority, vrrp_cpu_affinity, vrrp_no_swap, vrrp_rlimit_rttime as /proc shows them",
        scheduling,
    )
    .needs_root(),
];

fn quick(globals: &str, lines: &str) -> String {
    format!(
        "global_defs {{\n{globals}\n}}\n{}",
        instance(&format!("version 3\nadvert_int 0.2\npriority 254\n{lines}"), VIP)
    )
}

fn rx_bufs(run: &mut Run) -> Verdict {
    let second = |lines: &str| named("V2", 52, &format!("version 2\nadvert_int 1\n{lines}"), "10.9.0.101/24");
    for (globals, own, expected) in [
        ("vrrp_rx_bufs_policy MTU", "", 2 * 3 * 1_500),
        (
            "vrrp_rx_bufs_policy MTU\nvrrp_rx_bufs_multiplier 10",
            "kernel_rx_buf_size 33333",
            15_000 + 33_333,
        ),
        // Version 3: 20 + 8 + 4; version 2 has 8 more.
        (
            "vrrp_rx_bufs_policy ADVERT\nvrrp_rx_bufs_multiplier 100",
            "",
            3_200 + 4_000,
        ),
        ("vrrp_rx_bufs_policy 20000", "", 40_000),
        ("", "kernel_rx_buf_size 20000", 20_000),
    ] {
        run.start(A, &(quick(globals, "") + &second(own)))?;
        run.daemon(A)?.wait_log("Startup complete", 0, 3.0)?;
        run.pause(0.2);
        let size = super::interfaces::data_value(run, "Rx buf size")?;
        same(
            &format!("size with {globals:?} and {own:?}"),
            size,
            expected.to_string(),
        )?;
        run.stop(A)?;
        std::fs::remove_file(run.directory(A).join("log"))?;
    }
    Ok(())
}

fn sharing(run: &mut Run) -> Verdict {
    let rows = [
        ("V1", 51, "", "10.9.0.100/24"),
        ("V2", 52, "", "10.9.0.101/24"),
        ("V3", 53, "mcast_dst_ip 224.0.0.19", "10.9.0.102/24"),
        (
            "V4",
            54,
            "authentication {\nauth_type AH\nauth_pass x\n}",
            "10.9.0.103/24",
        ),
        ("V5", 55, "", "fe80::100/64"),
        ("V6", 56, "unicast_peer {\n10.9.0.3\n}", "10.9.0.104/24"),
        (
            "V7",
            57,
            "unicast_src_ip 10.9.0.1\nunicast_peer {\n10.9.0.2\n}",
            "10.9.0.105/24",
        ),
        ("V8", 58, "", "fd09::100/64"),
    ];
    let config: String = rows
        .iter()
        .map(|(name, vrid, lines, vip)| named(name, *vrid, lines, vip))
        .collect();
    run.start(A, &config)?;
    run.daemon(A)?.wait_log("Startup complete", 0, 3.0)?;
    run.pause(0.2);
    let text = run.daemon(A)?.dump("keepalived.data", 10)?;
    let pools: Vec<Vec<&str>> = text
        .split("   VRRP instances\n")
        .skip(1)
        .map(|rest| {
            rest.lines()
                .map_while(|line| line.strip_prefix("     "))
                .filter_map(|line| line.split(' ').next())
                .collect()
        })
        .collect();
    let expected = [&["V1", "V2"][..], &["V3"], &["V4"], &["V5", "V8"], &["V6", "V7"]];
    for users in expected {
        check!(
            pools.iter().any(|pool| pool == users),
            "{users:?} do not share: {pools:?}"
        );
    }
    same("pairs of sockets", pools.len(), expected.len())
}

fn groups(run: &mut Run) -> Verdict {
    let six = named("V6", 53, "version 3\nadvert_int 0.2\npriority 254", "fe80::100/64");
    let other = named(
        "V2",
        52,
        "version 3\nadvert_int 0.2\npriority 254\nmcast_dst_ip 224.0.0.19\nmcast_src_ip 10.9.0.55",
        "10.9.0.101/24",
    );
    let begin = Stamp::now();
    let globals = "vrrp_mcast_group4 224.0.0.77\nvrrp_mcast_group6 ff02::77";
    run.start(A, &(quick(globals, "") + &other + &six))?;
    for (vrid, source, destination) in [
        (51, Some("10.9.0.1"), "224.0.0.77"),
        (52, Some("10.9.0.55"), "224.0.0.19"),
        (53, None, "ff02::77"),
    ] {
        let frame = run.wait(begin, 3.0, &format!("an advert of VRID {vrid}"), |frame| {
            crate::run::advert_of(frame, A).is_some_and(|a| a.vrid == vrid)
        })?;
        let heard = advert(&frame)?;
        same(
            &format!("destination of VRID {vrid}"),
            heard.destination.to_string(),
            destination.to_owned(),
        )?;
        if let Some(source) = source {
            same(
                &format!("source of VRID {vrid}"),
                heard.source.to_string(),
                source.to_owned(),
            )?;
        }
    }
    // Better, but for the standard group, which nobody here has joined.
    let backups = run.entered(A, "BACKUP")?;
    run.inject_each(0.1, 5, &Forged::new(3, 255).interval(20))?;
    same("times it yielded to another group", run.entered(A, "BACKUP")?, backups)
}

fn local_igmp(run: &mut Run) -> Verdict {
    const SETTING: &str = "cat /proc/sys/net/ipv4/igmp_link_local_mcast_reports";
    let begin = Stamp::now();
    run.start(A, &quick("disable_local_igmp", ""))?;
    run.wait_advert(A, begin, 3.0)?;
    same(
        "the setting while it runs",
        run.lab.node(A).shell(SETTING)?.trim().to_owned(),
        "0".to_owned(),
    )?;
    let reports = run.lab.capture.frames(begin);
    let reports = reports
        .iter()
        .filter(|frame| frame.from == A && crate::run::is_membership(frame, false))
        .count();
    same("membership reports", reports, 0)?;
    run.stop(A)?;
    same(
        "the setting after the stop",
        run.lab.node(A).shell(SETTING)?.trim().to_owned(),
        "1".to_owned(),
    )
}

fn unknown_vrids(run: &mut Run) -> Verdict {
    for (globals, expected) in [("log_unknown_vrids", true), ("", false)] {
        let begin = Stamp::now();
        run.start(A, &quick(globals, ""))?;
        run.wait_advert(A, begin, 3.0)?;
        let stranger = Forged {
            vrid: 99,
            ..Forged::new(3, 100)
        };
        run.inject_each(0.05, 3, &stranger)?;
        run.pause(0.3);
        let log = run.daemon(A)?.log();
        let said = log.contains("Unknown VRID(99) received on interface(e0)");
        same(&format!("a line with {globals:?}"), said, expected)?;
        run.stop(A)?;
        std::fs::remove_file(run.directory(A).join("log"))?;
    }
    Ok(())
}

fn absent_source(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &quick("", "unicast_src_ip 10.9.0.77\nunicast_peer {\n10.9.0.3\n}"))?;
    let first = run.wait_advert(A, begin, 3.0)?;
    same(
        "source of the adverts",
        advert(&first)?.source.to_string(),
        "10.9.0.77".to_owned(),
    )
}

fn absent_source_six(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let config = instance(
        "version 3\nadvert_int 0.2\npriority 254\nunicast_src_ip fd09::77\nunicast_peer {\nfd09::3\n}",
        "fd09::100/64",
    );
    run.start(A, &config)?;
    let first = run.wait_advert(A, begin, 3.0)?;
    same(
        "source of the adverts",
        advert(&first)?.source.to_string(),
        "fd09::77".to_owned(),
    )
}

fn no_interface(run: &mut Run) -> Verdict {
    for (source, peer, vip) in [
        ("10.9.0.1", "10.9.0.3", "10.9.0.100"),
        ("fd09::1", "fd09::3", "fd09::100"),
    ] {
        let config = instance(
            &format!("version 3\nadvert_int 0.2\npriority 254\nunicast_src_ip {source}\nunicast_peer {{\n{peer}\n}}"),
            &format!("{vip} dev e0"),
        );
        let begin = Stamp::now();
        run.start(A, &config.replace("interface e0\n", ""))?;
        let first = run.wait_advert(A, begin, 3.0)?;
        same("source", advert(&first)?.source.to_string(), source.to_owned())?;
        run.wait_address(A, vip, true, 0.5)?;
        run.stop(A)?;
        run.wait_address(A, vip, false, 0.5)?;
    }
    Ok(())
}

/// Policy and real-time priority of A's VRRP process (fields 41 and 40 of proc(5)).
fn real_time(run: &mut Run) -> Verdict<(String, String)> {
    let pid = run.daemon(A)?.vrrp_pid()?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Counted from the state, which is field 3: the name before it may hold blanks.
    let rest = stat.rsplit(") ").next().unwrap_or_default();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).copied().unwrap_or_default().to_owned();
    Ok((field(41), field(40)))
}

fn auto_priority(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(
        A,
        &quick(
            "max_auto_priority 2\nmin_auto_priority_delay 300000\nvrrp_rlimit_rttime 20000",
            "",
        ),
    )?;
    run.wait_advert(A, begin, 3.0)?;
    same("before", real_time(run)?, ("0".to_owned(), "0".to_owned()))?;
    for expected in ["1", "2", "2"] {
        run.signal_worker(A, 19)?;
        run.pause(0.6);
        run.signal_worker(A, 18)?;
        run.pause(0.4);
        same(
            "policy and priority after a late wake",
            real_time(run)?,
            ("2".to_owned(), expected.to_owned()),
        )?;
    }
    let log = run.daemon(A)?.log();
    check!(log.contains("A thread timer expired 0."), "no line about the delay");
    check!(log.contains("Set realtime priority 2"), "no line about the priority");
    check!(
        !log.contains("NOTICE: setting config option max_auto_priority"),
        "a hint to set what is set"
    );
    let pid = run.daemon(A)?.vrrp_pid()?;
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits"))?;
    let line = limits.lines().find(|line| line.starts_with("Max realtime timeout"));
    let words: Vec<&str> = line.unwrap_or_default().split_whitespace().collect();
    same("limits in real time", words.get(3..5), Some(&["10000", "20000"][..]))
}

fn scheduling(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let globals = "vrrp_priority -5\nvrrp_cpu_affinity 1\nvrrp_no_swap";
    run.start(A, &quick(globals, ""))?;
    run.wait_advert(A, begin, 3.0)?;
    let pid = run.daemon(A)?.vrrp_pid()?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = |name: &str| -> String {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    same("processors", value("Cpus_allowed_list:"), "1".to_owned())?;
    let locked: f64 = value("VmLck:").trim_end_matches(" kB").parse().unwrap_or(0.0);
    within("locked memory, kB", locked, 1_000.0, 4e6)?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let nice = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .nth(19 - 3);
    same("niceness", nice, Some("-5"))?;
    check!(
        run.daemon(A)?
            .log()
            .contains("NOTICE: setting config option max_auto_priority"),
        "no hint that max_auto_priority may help"
    );
    Ok(())
}
