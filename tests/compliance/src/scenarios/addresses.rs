//! Addresses and routes of an instance: set, kept, lost, and what is left behind.

use super::Scenario;
use crate::check;
use crate::daemon::{Launch, until};
use crate::lab::Node::{A, I};
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, near, same, within};
use crate::run::{Run, TERM, advert, is_garp};
use crate::scenarios::text::{VIP, instance, named};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A28",
        "addresses",
        6,
        "somebody deletes the VIP: priority 0, and it comes back",
        a28,
    ),
    Scenario::each(
        "A29",
        "addresses",
        5,
        "somebody deletes a route or a rule: priority 0, and they come back",
        a29,
    ),
    Scenario::each(
        "A30",
        "addresses",
        7,
        "somebody deletes a VIP with no_track: nothing happens",
        a30,
    ),
    Scenario::each(
        "A31",
        "addresses",
        6,
        "a route that cannot be set: logged, stays MASTER",
        a31,
    ),
    Scenario::each(
        "A31-later",
        "addresses",
        7,
        "a route that is refused is put in when an address makes it possible, and goes at the end",
        a31_later,
    )
    .ours(),
    Scenario::each(
        "A32",
        "addresses",
        5,
        "an address that cannot be set: MASTER and announced nevertheless",
        a32,
    ),
    Scenario::each("A33", "addresses", 6, "a VIP with peer is removed at the end", a33),
    Scenario::each(
        "A53",
        "addresses",
        5,
        "a VIP left over from before is removed at the start",
        a53,
    ),
    Scenario::each(
        "A28-v6",
        "addresses",
        6,
        "somebody deletes an IPv6 VIP: priority 0, and it comes back",
        a28_v6,
    ),
    Scenario::each(
        "A29-v6",
        "addresses",
        5,
        "somebody deletes an IPv6 rule: priority 0, and it comes back",
        a29_v6,
    ),
    Scenario::each(
        "A30-v6",
        "addresses",
        7,
        "somebody deletes an IPv6 VIP with no_track: nothing happens",
        a30_v6,
    ),
    Scenario::each(
        "A33-v6",
        "addresses",
        6,
        "an IPv6 VIP with peer is removed at the end",
        a33_v6,
    ),
    Scenario::each(
        "A53-v6",
        "addresses",
        5,
        "an IPv6 VIP left over from before is removed at the start",
        a53_v6,
    ),
    Scenario::each(
        "A55",
        "addresses",
        5,
        "--dont-release-vrrp: no priority 0, the VIP stays",
        a55,
    ),
    Scenario::each("A57a", "addresses", 2, "two instances of one VRID: exit status 2", a57a),
    Scenario::each(
        "A57b",
        "addresses",
        2,
        "an interface that does not exist: exit status 2",
        a57b,
    ),
];

/// Starts A with priority 150, version 3 and 0.3 s and waits until it is MASTER with its addresses.
fn master(run: &mut Run, lines: &str, addresses: &str) -> Verdict<Stamp> {
    let begin = Stamp::now();
    run.start(
        A,
        &instance(&format!("version 3\npriority 150\nadvert_int 0.3\n{lines}"), addresses),
    )?;
    Ok(run.wait_advert(A, begin, 4.0)?.at)
}

fn a28(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &instance("version 2\npriority 150\nadvert_int 1", VIP))?;
    run.wait_advert(A, begin, 6.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.pause(0.3);
    let moment = Stamp::now();
    run.lab.node(A).ip(&["address del 10.9.0.100/24 dev e0"])?;
    let zero = run.wait_priority(A, 0, moment, 0.5)?;
    let again = run.wait_priority(A, 150, zero.at, 2.0)?;
    near("MASTER again after its skew", again.at.since(zero.at), 106.0 / 256.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.3)
}

fn a29(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let lines = "version 3\npriority 254\nadvert_int 0.3\nvirtual_routes {\n192.0.2.0/24 via 10.9.0.3 dev e0\n}\n\
                 virtual_rules {\nfrom 192.0.2.0/24 table 100 priority 2000\n}";
    run.start(A, &instance(lines, VIP))?;
    run.wait_advert(A, begin, 4.0)?;
    let route = "ip route show 192.0.2.0/24";
    let rule = "ip rule show | grep ^2000: || true";
    let set = |run: &Run, query: &str| run.lab.node(A).shell(query).is_ok_and(|text| !text.trim().is_empty());
    for (query, delete) in [(route, "route del 192.0.2.0/24"), (rule, "rule del priority 2000")] {
        check!(crate::daemon::until(0.5, || set(run, query)), "`{query}` shows nothing");
        run.pause(0.4);
        let moment = Stamp::now();
        run.lab.node(A).ip(&[delete])?;
        let zero = run.wait_priority(A, 0, moment, 0.5)?;
        let again = run.wait_priority(A, 254, zero.at, 0.5)?;
        within(
            &format!("MASTER again after `{delete}`"),
            again.at.since(zero.at),
            0.0,
            0.03,
        )?;
        check!(
            crate::daemon::until(0.5, || set(run, query)),
            "`{query}` shows nothing again"
        );
    }
    Ok(())
}

fn a30(run: &mut Run) -> Verdict {
    master(run, "", "10.9.0.100/24 no_track\n10.9.0.101/24")?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    let moment = Stamp::now();
    run.lab.node(A).ip(&["address del 10.9.0.100/24 dev e0"])?;
    run.pause(2.0);
    let adverts = run.adverts(A, moment);
    check!(
        adverts
            .iter()
            .all(|frame| advert(frame).is_ok_and(|a| a.priority == 150)),
        "the MASTER reacted"
    );
    check!(adverts.len() >= 5, "only {} adverts in 2 s", adverts.len());
    run.wait_address(A, "10.9.0.100", false, 0.0)
}

fn a31(run: &mut Run) -> Verdict {
    master(run, "virtual_routes {\n192.0.2.0/24 via 10.77.0.1\n}", VIP)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.pause(0.5);
    let log = run.daemon(A)?.log().to_lowercase();
    check!(log.contains("unreachable"), "the error is not in the log");
    let moment = Stamp::now();
    run.pause(1.0);
    check!(run.adverts(A, moment).len() >= 3, "it does not stay MASTER");
    Ok(())
}

fn a31_later(run: &mut Run) -> Verdict {
    master(run, "virtual_routes {\n192.0.2.0/24 via 10.77.0.1\n}", VIP)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.pause(0.5);
    let shown = |run: &Run| {
        run.lab
            .node(A)
            .shell("ip route")
            .is_ok_and(|text| text.contains("192.0.2.0/24"))
    };
    check!(!shown(run), "the route needs an address of its network");
    run.lab.node(A).ip(&["address add 10.77.0.9/24 dev e0"])?;
    check!(until(3.0, || shown(run)), "the route does not come");
    // It is one like all others: whoever deletes it loses.
    run.pause(0.3);
    run.lab.node(A).ip(&["route del 192.0.2.0/24"])?;
    check!(until(3.0, || shown(run)), "the route does not come back");
    run.stop(A)?;
    check!(!shown(run), "the route stays");
    Ok(())
}

fn a32(run: &mut Run) -> Verdict {
    let first = master(run, "", "10.9.0.100/24 scope link")?;
    run.wait(first, 1.0, "a gratuitous ARP", |frame| is_garp(frame, A, "10.9.0.100"))?;
    let moment = Stamp::now();
    run.pause(1.0);
    check!(run.adverts(A, moment).len() >= 3, "it does not stay MASTER");
    Ok(())
}

fn a33(run: &mut Run) -> Verdict {
    master(run, "", "10.9.0.100 peer 10.77.0.1/32")?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.stop(A)?;
    run.wait_address(A, "10.9.0.100", false, 0.2)
}

fn a53(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&["address add 10.9.0.100/24 dev e0"])?;
    let begin = Stamp::now();
    run.start(A, &instance("version 3\npriority 150\nadvert_int 0.5", VIP))?;
    run.wait_address(A, "10.9.0.100", false, 1.0)?;
    let first = run.wait_advert(A, begin, 5.0)?;
    same(
        "source of the adverts",
        advert(&first)?.source.to_string(),
        "10.9.0.1".to_owned(),
    )?;
    run.wait_address(A, "10.9.0.100", true, 0.5)
}

const VIP6: &str = "fe80::100/64\nfd09::100/64";

fn master6(run: &mut Run, lines: &str, addresses: &str) -> Verdict<Stamp> {
    let begin = Stamp::now();
    let lines = format!("version 3\npriority 150\nadvert_int 0.3\n{lines}");
    run.start(A, &instance(&lines, addresses))?;
    Ok(run.wait_advert(A, begin, 6.0)?.at)
}

fn a28_v6(run: &mut Run) -> Verdict {
    master6(run, "", VIP6)?;
    run.wait_address(A, "fd09::100", true, 0.5)?;
    run.pause(0.3);
    let moment = Stamp::now();
    run.lab.node(A).ip(&["address del fd09::100/64 dev e0"])?;
    let zero = run.wait_priority(A, 0, moment, 0.5)?;
    let again = run.wait_priority(A, 150, zero.at, 2.0)?;
    near(
        "MASTER again after its skew",
        again.at.since(zero.at),
        0.3 * 106.0 / 256.0,
    )?;
    run.wait_address(A, "fd09::100", true, 0.3)
}

fn a29_v6(run: &mut Run) -> Verdict {
    let lines = "virtual_rules {\nfrom fd60::/64 table 100 priority 2000\n}";
    master6(run, lines, VIP6)?;
    let set = |run: &Run| {
        let rules = run.lab.node(A).shell("ip -6 rule show");
        rules.is_ok_and(|text| text.contains("2000:"))
    };
    check!(crate::daemon::until(0.5, || set(run)), "no rule");
    run.pause(0.4);
    let moment = Stamp::now();
    run.lab.node(A).shell("ip -6 rule del priority 2000")?;
    let zero = run.wait_priority(A, 0, moment, 0.5)?;
    run.wait_priority(A, 150, zero.at, 1.0)?;
    check!(crate::daemon::until(0.5, || set(run)), "no rule again");
    Ok(())
}

fn a30_v6(run: &mut Run) -> Verdict {
    master6(run, "", "fe80::100/64\nfd09::100/64 no_track")?;
    run.wait_address(A, "fd09::100", true, 0.5)?;
    let moment = Stamp::now();
    run.lab.node(A).ip(&["address del fd09::100/64 dev e0"])?;
    run.pause(1.5);
    let adverts = run.adverts(A, moment);
    check!(
        adverts
            .iter()
            .all(|frame| advert(frame).is_ok_and(|a| a.priority == 150)),
        "the MASTER reacted"
    );
    check!(adverts.len() >= 4, "only {} adverts in 1.5 s", adverts.len());
    run.wait_address(A, "fd09::100", false, 0.0)
}

fn a33_v6(run: &mut Run) -> Verdict {
    master6(run, "", "fe80::100/64\nfd77::1 peer fd77::2")?;
    run.wait_address(A, "fd77::1", true, 0.5)?;
    run.stop(A)?;
    run.wait_address(A, "fd77::1", false, 0.2)
}

fn a53_v6(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&["address add fd09::100/64 dev e0 nodad"])?;
    let begin = Stamp::now();
    run.start(A, &instance("version 3\npriority 150\nadvert_int 0.5", VIP6))?;
    run.wait_address(A, "fd09::100", false, 1.0)?;
    run.wait_advert(A, begin, 5.0)?;
    run.wait_address(A, "fd09::100", true, 0.5)
}

fn a55(run: &mut Run) -> Verdict {
    let config = instance("version 3\npriority 150\nadvert_int 0.3", VIP);
    let begin = Stamp::now();
    run.launch(
        A,
        &Launch {
            config,
            args: vec!["-V".to_owned()],
            ..Launch::default()
        },
    )?;
    run.wait_advert(A, begin, 4.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    let moment = Stamp::now();
    run.signal(A, TERM)?;
    same("exit status", run.daemon(A)?.wait_exit(5.0)?.code(), Some(0))?;
    let zeros = run
        .adverts(A, moment)
        .iter()
        .filter(|f| advert(f).is_ok_and(|a| a.priority == 0))
        .count();
    same("adverts with priority 0", zeros, 0)?;
    run.wait_address(A, "10.9.0.100", true, 0.0)
}

/// Starts A with a configuration that no VRRP process accepts.
fn refused(run: &mut Run, config: &str) -> Verdict {
    let begin = Stamp::now();
    run.start(A, config)?;
    let status = run.daemon(A)?.wait_exit(4.0)?;
    same("exit status", status.code(), Some(2))?;
    same("adverts", run.adverts(A, begin).len() + run.adverts(I, begin).len(), 0)?;
    let starts = run.daemon(A)?.log().matches("Starting VRRP child process").count();
    check!(starts <= 1, "the VRRP process was started {starts} times");
    within("time until it gave up", Stamp::now().since(begin), 0.0, 2.5)
}

fn a57a(run: &mut Run) -> Verdict {
    let lines = "version 3\npriority 150\nadvert_int 0.3";
    refused(
        run,
        &format!(
            "{}{}",
            named("V1", 51, lines, VIP),
            named("V2", 51, lines, "10.9.0.101/24")
        ),
    )
}

fn a57b(run: &mut Run) -> Verdict {
    refused(
        run,
        &instance("version 3\npriority 150\nadvert_int 0.3", VIP).replace("interface e0", "interface e9"),
    )
}
