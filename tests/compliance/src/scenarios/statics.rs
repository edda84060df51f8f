//! Static addresses, routes and rules, `track_group`, and third parties that delete what is ours.

use super::Scenario;
use crate::check;
use crate::daemon::until;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same, within};
use crate::run::Run;
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "S1",
        "statics",
        4,
        "static items come at the start and go at the end",
        start_and_stop,
    ),
    Scenario::each(
        "S2",
        "statics",
        4,
        "a deleted static address is put back at once",
        put_back,
    ),
    Scenario::each(
        "S3",
        "statics",
        4,
        "deleted static routes and rules are put back at once",
        routing_put_back,
    )
    .reference_deviates("2.2.7 puts back neither rules nor routes without a track_group"),
    Scenario::each(
        "S4",
        "statics",
        4,
        "no_track: a deleted static item stays away",
        no_track,
    ),
    Scenario::each("S5", "statics", 5, "a reload acts on the difference", reload),
    Scenario::each(
        "S6",
        "statics",
        6,
        "track_group: the interface of a static item is tracked",
        track_group,
    ),
    Scenario::each(
        "S7",
        "statics",
        5,
        "an interface that comes up again gets its static items back",
        link_again,
    ),
    Scenario::each(
        "S8",
        "statics",
        5,
        "leftovers with other options are replaced at the start",
        leftovers,
    )
    .reference_deviates("2.2.7 keeps an address that is there already, whatever its options are"),
    Scenario::each("S9", "statics", 3, "data dump: static items as in the original", dump),
    Scenario::each(
        "S10",
        "statics",
        6,
        "deleting again and again: later each time, and the log says who",
        rival,
    )
    .ours(),
    Scenario::each(
        "S11",
        "statics",
        8,
        "a VIP deleted again and again does not make the router flap",
        vip_rival,
    )
    .ours(),
    Scenario::each(
        "S12",
        "statics",
        5,
        "--dont-release-vrrp: static items go nevertheless",
        dont_release,
    ),
    Scenario::each(
        "S13",
        "statics",
        5,
        "promote_secondaries is set while it is configured, and restored",
        promote,
    )
    .reference_deviates("2.2.7 does not restore it at a reload, only at the end"),
    Scenario::each(
        "S14",
        "statics",
        4,
        "what a crashed predecessor with another configuration left is removed",
        predecessor,
    )
    .ours(),
    Scenario::each(
        "S15",
        "statics",
        4,
        "leftovers stay while another keepalived runs in the namespace",
        somebody_elses,
    )
    .ours(),
    Scenario::each(
        "S16",
        "statics",
        6,
        "a MASTER that does not track its interface keeps its routes when the link flaps",
        flap,
    )
    .reference_deviates("2.2.7 loses routes without `dev`, about which the kernel is silent"),
    Scenario::each(
        "S17",
        "statics",
        5,
        "the first address of the interface is deleted, and the VIP with it: BACKUP, then FAULT",
        first_address,
    ),
    Scenario::each(
        "S18",
        "statics",
        6,
        "a deleted VIP takes the whole group to BACKUP, and the group is told (Q-22)",
        group_told,
    )
    .reference_deviates("it does not tell the group"),
];

const ITEMS: &str = "static_ipaddress {\n10.50.0.1/24 dev e0\n10.50.0.2/24 dev e0 label e0:st\nfd50::1/64 dev e0\n}\n\
                     static_routes {\n10.60.0.0/24 via 10.9.0.3 dev e0\nfd60::/64 via fd09::3 dev e0\n}\n\
                     static_rules {\nfrom 10.60.0.0/24 table 100 priority 2000\nfrom fd60::/64 table 100 priority 2001\n}\n";

/// What can be asked for, each with a word that shows that it is there.
const QUERIES: [(&str, &str); 7] = [
    ("ip address show dev e0", "inet 10.50.0.1/24"),
    ("ip address show dev e0", "inet 10.50.0.2/24"),
    ("ip address show dev e0", "inet6 fd50::1/64"),
    ("ip -d route show", "10.60.0.0/24 via 10.9.0.3 dev e0 proto keepalived"),
    ("ip -6 -d route show", "fd60::/64 via fd09::3 dev e0 proto keepalived"),
    ("ip rule show", "2000:\tfrom 10.60.0.0/24 lookup 100 proto keepalived"),
    ("ip -6 rule show", "2001:\tfrom fd60::/64 lookup 100 proto keepalived"),
];

fn there(run: &Run, query: &str, word: &str) -> bool {
    run.lab.node(A).shell(query).is_ok_and(|text| text.contains(word))
}

/// Waits until something is there, or gone.
fn wait(run: &Run, query: &str, word: &str, present: bool, limit: f64) -> Verdict {
    check!(
        until(limit, || there(run, query, word) == present),
        "`{query}` {} `{word}`: {}",
        if present { "does not show" } else { "still shows" },
        run.lab.node(A).shell(query)?
    );
    Ok(())
}

fn started(run: &mut Run, config: &str) -> Verdict {
    run.start(A, config)?;
    for (query, word) in QUERIES {
        wait(run, query, word, true, 3.0)?;
    }
    // The answers of the kernel must have arrived before somebody interferes.
    run.pause(0.3);
    Ok(())
}

fn start_and_stop(run: &mut Run) -> Verdict {
    started(run, ITEMS)?;
    check!(there(run, "ip address show dev e0", "e0:st"), "the label is missing");
    same("exit status", run.stop(A)?, 0)?;
    for (query, word) in QUERIES {
        wait(run, query, word, false, 0.2)?;
    }
    Ok(())
}

fn put_back(run: &mut Run) -> Verdict {
    started(run, ITEMS)?;
    for (delete, number) in [
        ("address del 10.50.0.2/24 dev e0", 1),
        ("address del fd50::1/64 dev e0", 2),
    ] {
        run.lab.node(A).ip(&[delete])?;
        let (query, word) = QUERIES[number];
        wait(run, query, word, true, 0.3)?;
        run.pause(0.1);
    }
    let log = run.daemon(A)?.log();
    same(
        "lines about it",
        log.matches("Restoring deleted static address").count(),
        2,
    )
}

fn routing_put_back(run: &mut Run) -> Verdict {
    started(run, ITEMS)?;
    let delete = "ip rule del priority 2000 && ip -6 rule del priority 2001 && ip route del 10.60.0.0/24 && \
                  ip route del fd60::/64";
    run.lab.node(A).shell(delete)?;
    run.pause(0.3);
    for (query, word) in &QUERIES[3..] {
        same(word, there(run, query, word), !run.reference())?;
    }
    Ok(())
}

fn no_track(run: &mut Run) -> Verdict {
    let config = "static_ipaddress {\n10.50.0.1/24 dev e0 no_track\n10.51.0.1/24 dev e0\n}\n\
                  static_routes {\n10.60.0.0/24 via 10.9.0.3 dev e0 no_track\n}\n\
                  static_rules {\nfrom 10.60.0.0/24 table 100 priority 2000 no_track\n}\n";
    run.start(A, config)?;
    wait(run, "ip rule show", "2000:", true, 3.0)?;
    wait(run, "ip route show", "10.60.0.0/24", true, 1.0)?;
    run.pause(0.3);
    run.lab.node(A).ip(&[
        "address del 10.50.0.1/24 dev e0",
        "route del 10.60.0.0/24",
        "rule del priority 2000",
    ])?;
    run.pause(0.5);
    for (query, word) in [
        ("ip address show dev e0", "10.50.0.1"),
        ("ip route show", "10.60.0.0/24"),
        ("ip rule show", "2000:"),
    ] {
        wait(run, query, word, false, 0.0)?;
    }
    Ok(())
}

fn reload(run: &mut Run) -> Verdict {
    started(run, ITEMS)?;
    let new = ITEMS
        .replace("10.50.0.1/24", "10.52.0.1/24")
        .replace("e0:st", "e0:new")
        .replace("10.60.0.0/24 via 10.9.0.3", "10.60.0.0/24 via 10.9.0.2")
        .replace("priority 2000", "priority 2010");
    run.reload(A, &new)?;
    for (query, word) in [
        ("ip address show dev e0", "inet 10.52.0.1/24"),
        ("ip address show dev e0", "e0:new"),
        ("ip -d route show", "10.60.0.0/24 via 10.9.0.2 dev e0 proto keepalived"),
        ("ip rule show", "2010:\tfrom 10.60.0.0/24 lookup 100"),
    ] {
        wait(run, query, word, true, 3.0)?;
    }
    for (query, word) in [
        ("ip address show dev e0", "10.50.0.1/24"),
        ("ip -d route show", "10.60.0.0/24 via 10.9.0.3"),
        ("ip rule show", "2000:"),
    ] {
        wait(run, query, word, false, 0.5)?;
    }
    for (query, word) in [QUERIES[2], QUERIES[4], QUERIES[6]] {
        wait(run, query, word, true, 0.0)?;
    }
    run.stop(A)?;
    wait(run, "ip address show dev e0", "10.52.0.1", false, 0.2)?;
    wait(run, "ip rule show", "2010:", false, 0.2)
}

fn track_group(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let config = format!(
        "track_group TG {{\ngroup {{\nV1\n}}\n}}\nstatic_ipaddress {{\n10.50.0.1/24 dev e1 track_group TG\n}}\n{}",
        instance("version 3\npriority 150\nadvert_int 0.2", VIP)
    );
    let begin = Stamp::now();
    run.start(A, &config)?;
    run.wait_advert(A, begin, 4.0)?;
    let moment = Stamp::now();
    run.lab.second_cable(A, false)?;
    run.wait_priority(A, 0, moment, 1.0)?;
    run.wait_state(A, "FAULT", 0, 1.0)?;
    let back = Stamp::now();
    run.lab.second_cable(A, true)?;
    run.wait_priority(A, 150, back, 3.0).map(drop)
}

fn link_again(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let config = "static_ipaddress {\n10.50.0.1/24 dev e1\nfd50::1/64 dev e1\n}\n\
                  static_routes {\n10.60.0.0/24 via 10.8.0.3 dev e1\n10.61.0.0/24 dev e1\nfd60::/64 dev e1\n}\n";
    let all = [
        ("ip address show dev e1", "inet 10.50.0.1/24"),
        ("ip address show dev e1", "inet6 fd50::1/64"),
        ("ip route show", "10.60.0.0/24 via 10.8.0.3 dev e1"),
        ("ip route show", "10.61.0.0/24 dev e1"),
        ("ip -6 route show", "fd60::/64 dev e1"),
    ];
    run.start(A, config)?;
    for (query, word) in all {
        wait(run, query, word, true, 3.0)?;
    }
    run.pause(0.3);
    run.lab.node(A).ip(&["link set e1 down"])?;
    wait(run, "ip route show", "10.60.0.0/24", false, 0.5)?;
    run.pause(0.2);
    run.lab.node(A).ip(&["link set e1 up"])?;
    for (query, word) in all {
        wait(run, query, word, true, 2.0)?;
    }
    // A flap is nobody's doing; the original puts things back on a link that is down.
    if !run.reference() {
        let log = run.daemon(A)?.log();
        same("lines about a rival", log.matches("Restoring deleted").count(), 0)?;
    }
    Ok(())
}

fn leftovers(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&[
        "address add 10.50.0.1/24 dev e0 label e0:old",
        "address add 10.50.0.2/24 dev e0 broadcast +",
        "rule add from 10.60.0.0/24 table 100 priority 2000 protocol 18",
        "route add 10.60.0.0/24 via 10.9.0.3 dev e0 proto 18",
    ])?;
    started(run, ITEMS)?;
    let shown = run.lab.node(A).shell("ip address show dev e0")?;
    let old = shown.contains("e0:old") && shown.contains("10.50.0.255") && !shown.contains("e0:st");
    let new = !shown.contains("e0:old") && !shown.contains("10.50.0.255") && shown.contains("e0:st");
    check!(if run.reference() { old } else { new }, "{shown}");
    same(
        "rules of this priority",
        run.lab.node(A).shell("ip rule show")?.matches("2000:").count(),
        1,
    )?;
    run.stop(A)?;
    for (query, word) in QUERIES {
        wait(run, query, word, false, 0.2)?;
    }
    Ok(())
}

fn dump(run: &mut Run) -> Verdict {
    let config = format!(
        "track_group TG {{\ngroup {{\nV1\n}}\n}}\n{ITEMS}static_ipaddress {{\n\
         10.51.0.1/24 dev e0 track_group TG label e0:x brd + home -nodad\n10.51.1.2 dev e0 no_track peer 10.51.1.9\n\
         fd51::1/64 dev e0 track_group TG noprefixroute mngtmpaddr\nfd51::2/128 dev e0 no_track home\n\
         fd51::3/64 dev e0 no_track preferred_lft 100\n224.0.5.5/32 dev e0 autojoin\n}}\n\
         static_routes {{\n10.61.0.0/24 via 10.9.0.3 dev e0 track_group TG\nblackhole 10.62.0.0/24\n}}\n\
         static_rules {{\niif e0 table 100 priority 3 track_group TG\n}}\n{}",
        instance("version 3\npriority 1\nadvert_int 10", VIP)
    );
    started(run, &config)?;
    let data = run.daemon(A)?.dump("keepalived.data", 10)?;
    for line in [
        "     10.50.0.1/24 dev e0 scope global set\n",
        "     10.50.0.2/24 dev e0 scope global label e0:st set\n",
        "     fd50::1/64 dev e0 scope global preferred_lft forever set\n",
        "     10.51.0.1/24 brd 10.51.0.255 dev e0 scope global label e0:x home -nodad track_group TG set\n",
        "     10.51.1.2 dev e0 scope global peer 10.51.1.9/32 no_track set\n",
        "     fd51::1/64 dev e0 scope global mngtmpaddr noprefixroute track_group TG preferred_lft forever set\n",
        "     fd51::2 dev e0 scope global home no_track deprecated set\n",
        "     fd51::3/64 dev e0 scope global no_track preferred_lft 100 set\n",
        "     224.0.5.5 dev e0 scope global autojoin set\n",
        "     prepend 10.60.0.0/24 via inet 10.9.0.3 dev e0 proto 18",
        "     prepend fd60::/64 via inet6 fd09::3 dev e0 proto 18",
        "     prepend 10.61.0.0/24 via inet 10.9.0.3 dev e0 proto 18 track_group TG",
        "     add blackhole 10.62.0.0/24 proto 18",
        "     from 10.60.0.0/24 priority 2000 tos 0x0 protocol 18 lookup 100",
        "     from fd60::/64 priority 2001 tos 0x0 protocol 18 lookup 100",
        "     from all priority 3 tos 0x0 iif e0 protocol 18 lookup 100 track_group TG",
        "------< Static Track groups >------\n Static Track Group = TG\n   VRRP member instances :\n     V1\n",
    ] {
        check!(data.contains(line), "no line {line:?} in\n{data}");
    }
    Ok(())
}

fn rival(run: &mut Run) -> Verdict {
    started(run, ITEMS)?;
    let (query, word) = QUERIES[1];
    let mut waits = Vec::new();
    for _ in 0..6 {
        let moment = Stamp::now();
        run.lab.node(A).ip(&["address del 10.50.0.2/24 dev e0"])?;
        wait(run, query, word, true, 3.0)?;
        waits.push(Stamp::now().since(moment));
        run.pause(0.05);
    }
    for (number, (wait, wanted)) in waits.iter().zip([0.0, 0.0, 0.0, 0.1, 0.2, 0.4]).enumerate() {
        within(&format!("deletion {}", number + 1), *wait, wanted, wanted + 0.5)?;
    }
    let log = run.daemon(A)?.log();
    check!(log.contains("(ip)"), "the log does not say who");
    check!(log.contains(", 6 times within"), "the log does not say how often");
    check!(
        log.contains("Restoring deleted static address 10.50.0.2/24 dev e0 scope global label e0:st in 0.4s"),
        "the log does not say when"
    );
    Ok(())
}

fn vip_rival(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &instance("version 3\npriority 254\nadvert_int 0.2", VIP))?;
    run.wait_advert(A, begin, 4.0)?;
    let delete = |run: &Run| {
        run.wait_address(A, "10.9.0.100", true, 2.0)?;
        run.pause(0.1);
        let moment = Stamp::now();
        run.lab.node(A).ip(&["address del 10.9.0.100/24 dev e0"])?;
        Ok::<_, crate::outcome::Stop>(moment)
    };
    for _ in 0..3 {
        let moment = delete(run)?;
        run.wait_priority(A, 0, moment, 0.5)?;
    }
    for wanted in [0.1, 0.2, 0.4] {
        let moment = delete(run)?;
        run.wait_address(A, "10.9.0.100", true, 2.0)?;
        within(
            "time until it is back",
            Stamp::now().since(moment),
            wanted,
            wanted + 0.5,
        )?;
        let zeros = run
            .adverts(A, moment)
            .iter()
            .filter(|f| crate::run::advert(f).is_ok_and(|a| a.priority == 0))
            .count();
        same("adverts with priority 0", zeros, 0)?;
        run.wait(moment, 0.5, "a gratuitous ARP", |frame| {
            crate::run::is_garp(frame, A, "10.9.0.100")
        })?;
    }
    let log = run.daemon(A)?.log();
    check!(
        log.contains("taking it back by a new election"),
        "no word of the election"
    );
    check!(
        log.contains("staying MASTER and putting it back in 0.4s"),
        "no word of the wait"
    );
    check!(log.contains("(ip)"), "the log does not say who");
    Ok(())
}

fn dont_release(run: &mut Run) -> Verdict {
    let config = format!("{ITEMS}{}", instance("version 3\npriority 150\nadvert_int 0.2", VIP));
    let begin = Stamp::now();
    run.launch(
        A,
        &crate::daemon::Launch {
            config,
            args: vec!["-V".to_owned()],
            ..crate::daemon::Launch::default()
        },
    )?;
    run.wait_advert(A, begin, 4.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.stop(A)?;
    for (query, word) in QUERIES {
        wait(run, query, word, false, 0.2)?;
    }
    run.wait_address(A, "10.9.0.100", true, 0.0)
}

fn promote(run: &mut Run) -> Verdict {
    let with = instance("version 3\npriority 150\nadvert_int 0.2\npromote_secondaries", VIP);
    let value = |run: &Run| {
        let text = run
            .lab
            .node(A)
            .shell("cat /proc/sys/net/ipv4/conf/e0/promote_secondaries");
        text.map(|text| text.trim().to_owned())
    };
    run.lab.node(A).sysctl("ipv4/conf/e0/promote_secondaries", "0")?;
    let begin = Stamp::now();
    run.start(A, &with)?;
    run.wait_advert(A, begin, 4.0)?;
    same("while it runs", value(run)?, "1".to_owned())?;
    run.reload(A, &with.replace("promote_secondaries", ""))?;
    let wanted = if run.reference() { "1" } else { "0" };
    run.pause(0.6);
    same("after a reload without it", value(run)?, wanted.to_owned())?;
    run.reload(A, &with)?;
    check!(until(2.0, || value(run).is_ok_and(|v| v == "1")), "not set again");
    run.stop(A)?;
    same("after the end", value(run)?, "0".to_owned())
}

/// An address needs a newer `ip` than this one may be to bear the mark, so routes and rules stand for all.
const LEFT: [&str; 5] = [
    "route add 10.66.1.0/24 via 10.9.0.3 dev e0 proto 18",
    "route add 10.66.2.0/24 dev e0 proto 18 table 77 metric 3",
    "route add blackhole fd66::/64 proto 18",
    "rule add from 10.66.0.0/16 table 77 priority 1999 protocol 18",
    "-6 rule add from fd66::/64 table 77 priority 1998 protocol 18",
];
/// Not ours.
const OTHERS: [&str; 2] = [
    "route add 10.66.3.0/24 via 10.9.0.3 dev e0 proto static",
    "rule add from 10.67.0.0/16 table 77 priority 1997",
];
const LEFT_QUERY: &str = "ip route show table all proto 18; ip -6 route show table all proto 18; ip rule; ip -6 rule";

fn add(run: &Run, lines: &[&str]) -> Verdict {
    let commands: Vec<String> = lines.iter().map(|line| format!("ip {line}")).collect();
    run.lab.node(A).shell(&commands.join(" && ")).map(drop)
}

fn predecessor(run: &mut Run) -> Verdict {
    add(run, &LEFT)?;
    add(run, &OTHERS)?;
    started(run, ITEMS)?;
    for word in ["10.66.1.0", "10.66.2.0", "fd66::/64", "1999:", "1998:"] {
        wait(run, LEFT_QUERY, word, false, 2.0)?;
    }
    wait(run, "ip route show", "10.66.3.0/24", true, 0.0)?;
    wait(run, "ip rule show", "1997:", true, 0.0)?;
    // What is configured was not taken away with it.
    for (query, word) in QUERIES {
        wait(run, query, word, true, 0.0)?;
    }
    let log = run.daemon(A)?.log();
    same(
        "lines about it",
        log.matches("Removed a predecessor's").count(),
        LEFT.len(),
    )
}

fn somebody_elses(run: &mut Run) -> Verdict {
    add(run, &LEFT)?;
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let other = directory.join("keepalived");
    let script = format!(
        "cp /bin/sleep {0} && ({0} 20 >/dev/null 2>&1 & echo $!)",
        other.display()
    );
    let pid: i32 = run.lab.node(A).shell(&script)?.trim().parse().unwrap_or(0);
    let verdict = started(run, ITEMS).and_then(|()| {
        run.pause(0.5);
        ["10.66.1.0", "10.66.2.0", "fd66::/64", "1999:", "1998:"]
            .iter()
            .try_for_each(|word| wait(run, LEFT_QUERY, word, true, 0.0))
    });
    crate::daemon::signal_pid(pid, 9)?;
    verdict
}

fn flap(run: &mut Run) -> Verdict {
    let lines =
        "version 3\npriority 150\nadvert_int 0.2\ndont_track_primary\nvirtual_routes {\n10.60.0.0/24 via 10.9.0.3\n}";
    let begin = Stamp::now();
    run.start(A, &instance(lines, VIP))?;
    run.wait_advert(A, begin, 4.0)?;
    let route = ("ip route show", "10.60.0.0/24 via 10.9.0.3");
    wait(run, route.0, route.1, true, 0.5)?;
    run.pause(0.3);
    run.lab.node(A).ip(&["link set e0 down"])?;
    wait(run, route.0, route.1, false, 0.5)?;
    run.pause(0.3);
    run.lab.node(A).ip(&["link set e0 up"])?;
    run.pause(1.2);
    same("the route is there", there(run, route.0, route.1), !run.reference())
}

fn first_address(run: &mut Run) -> Verdict {
    run.lab.node(A).sysctl("ipv4/conf/e0/promote_secondaries", "0")?;
    let begin = Stamp::now();
    run.start(A, &instance("version 3\npriority 150\nadvert_int 0.2", VIP))?;
    run.wait_advert(A, begin, 4.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.pause(0.3);
    let moment = Stamp::now();
    run.lab.node(A).ip(&["address del 10.9.0.1/24 dev e0"])?;
    run.wait_priority(A, 0, moment, 1.0)?;
    run.wait_state(A, "FAULT", 0, 2.0)?;
    run.wait_address(A, "10.9.0.100", false, 1.0)?;
    run.lab.node(A).ip(&["address add 10.9.0.1/24 dev e0"])?;
    run.wait_priority(A, 150, Stamp::now(), 3.0).map(drop)
}

fn group_told(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let fifo = run.open_fifo(A, "fifo")?;
    let second = instance("version 3\npriority 150\nadvert_int 0.3", "10.8.0.100/24")
        .replace("vrrp_instance V1", "vrrp_instance V2")
        .replace("interface e0", "interface e1");
    let config = format!(
        "global_defs {{\nvrrp_notify_fifo @DIR@/fifo\n}}\nvrrp_sync_group G1 {{\ngroup {{\nV1\nV2\n}}\n}}\n{}{second}",
        instance("version 3\npriority 150\nadvert_int 0.3", VIP)
    );
    let begin = Stamp::now();
    run.start(A, &config)?;
    fifo.wait("GROUP \"G1\" MASTER 0", begin, 5.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.pause(0.4);
    let moment = Stamp::now();
    run.lab.node(A).ip(&["address del 10.9.0.100/24 dev e0"])?;
    run.wait_priority(A, 0, moment, 0.5)?;
    fifo.wait("INSTANCE \"V2\" BACKUP 150", moment, 1.0)?;
    fifo.wait("GROUP \"G1\" MASTER 0", moment, 3.0)?;
    let lines = fifo.lines().into_iter().filter(|(at, _)| *at >= moment);
    let told = lines.filter(|(_, text)| text == "GROUP \"G1\" BACKUP 0").count();
    same("lines about the group as BACKUP", told, usize::from(!run.reference()))
}
