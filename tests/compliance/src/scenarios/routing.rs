//! Routes and rules as the kernel has them: the same lines in both programs, decoded by `ip -d`.

use super::Scenario;
use crate::check;
use crate::daemon::until;
use crate::kernel::Feature::Vrf;
use crate::lab::Node::{self, A, B};
use crate::outcome::Verdict;
use crate::run::Run;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "routes-v4",
        "routing",
        4,
        "IPv4 routes of every form are those of the original",
        routes_v4,
    )
    .mixed(),
    Scenario::each(
        "routes-v6",
        "routing",
        4,
        "IPv6 routes of every form are those of the original",
        routes_v6,
    )
    .mixed(),
    Scenario::each(
        "rules",
        "routing",
        4,
        "rules of every form are those of the original",
        rules,
    )
    .mixed(),
    Scenario::each(
        "routes-virtual",
        "routing",
        6,
        "routes and rules of an instance are those of the original",
        virtual_items,
    )
    .mixed(),
    Scenario::each(
        "addresses-forms",
        "routing",
        5,
        "static addresses of every form are those of the original",
        address_forms,
    )
    .mixed(),
    Scenario::each(
        "addresses-virtual",
        "routing",
        6,
        "addresses of an instance of every form are those of the original",
        virtual_addresses,
    )
    .mixed(),
    Scenario::each(
        "routes-refused",
        "routing",
        4,
        "routes that the original sends wrongly",
        refused,
    )
    .ours(),
    Scenario::each("routes-vrf", "routing", 4, "a route in the table of a VRF", vrf).needs(&[Vrf]),
];

/// Lines whose routes are the same in both programs.
const ROUTES_V4: &[&str] = &[
    "10.70.1.0/24 via 10.9.0.3 dev e0 metric 5",
    "10.70.2.0/24 via 10.9.0.3 dev e0 mtu lock 1400 advmss 1300 window 9 hoplimit 7 initcwnd 8 initrwnd 9 quickack 1 \
     rtt 300ms rttvar 1s rto_min 300 ssthresh 3 cwnd lock 4 reordering 5 features ecn congctl lock reno fastopen_no_cookie 1",
    "10.70.3.0/24 nexthop via 10.9.0.3 dev e0 weight 3 nexthop via 10.9.0.4 dev e0 weight 7 onlink realms 3",
    "10.70.5.0/24 dev e0 encap ip id 5 dst 10.9.0.9 src 10.9.0.1 tos 4 ttl 6",
    "10.70.6.0/24 via 10.9.0.3 dev e0 realms 4/5",
    "10.70.7.0/24 dev e0 scope link src 10.50.0.1",
    "10.70.8.0/24 via 10.9.0.3 dev e0 table 77",
    "10.70.9.0/24 via 10.9.0.3 dev e0 table 7777",
    "10.70.10.0/24 via 10.9.0.3 dev e0 tos 0x10",
    "10.70.11.0/24 via 10.9.0.3 dev e0 protocol 77 no_track",
    "10.70.12.0/24 via 10.9.0.3 dev e0 protocol 77",
    "10.70.14.0/24 gw 10.9.0.3 dev e0",
    "10.70.15.0/24 via 10.77.0.3 dev e0 onlink",
    "10.70.16.0/24 via 10.9.0.3 dev e0 append",
    "10.70.16.0/24 via 10.9.0.4 dev e0 append",
    "10.70.17.0/24 via 10.9.0.3 dev e0 prepend",
    "10.70.17.0/24 via 10.9.0.4 dev e0 prepend",
    "10.70.18.0/24 via 10.9.0.3 dev e0 add",
    "10.70.18.0/24 via 10.9.0.4 dev e0 add",
    "10.70.19.0/24 via 10.9.0.3",
    "blackhole 10.71.1.0/24",
    "unreachable 10.71.2.0/24",
    "prohibit 10.71.3.0/24",
    "throw 10.71.4.0/24",
    "multicast 10.71.8.0/24 dev e0",
    "unicast 10.71.10.0/24 via 10.9.0.3",
    "blackhole 10.71.11.0/24 metric 6 prepend",
    "blackhole 10.71.11.0/24 append",
    "prepend blackhole 10.71.12.0/24 metric 7",
    "append unicast 10.71.13.0/24 via 10.9.0.3",
    "10.72.6.0/24 encap ip id 5 dst 10.9.0.9 tos 4 ttl 6 via 10.9.0.3",
    "10.72.7.0/24 nexthop via 10.9.0.3 dev e0 weight 256 nexthop via 10.9.0.4 dev e0",
    "10.72.8.0/24 nexthop via 10.9.0.3 dev e0 realms 7 nexthop via 10.9.0.4 dev e0 realms 8",
    "10.72.10.0/24 nexthop dev e0 weight 2 nexthop dev e1 weight 3",
    "10.72.12.0/24 dev e0 window 10000 rtt 500ms rttvar lock 1s",
    "10.72.13.0/24 dev e0 rtt 4000 rttvar 2000 rto_min lock 300",
    "10.72.14.0/24 dev e0 rto_min 2s rtt 5ms",
    "10.72.15.0/24 dev e0 congctl cubic",
    "10.72.16.0/24 dev e0 protocol static no_track",
    "10.72.17.0/24 dev e0 scope host",
    "10.72.18.1 dev e0",
    "10.72.19.0/24 oif e0 preference 4294967295",
    "10.72.20.0/24 dev e0 table local",
    "to 10.72.21.0/24 dev lo dsfield 8 priority 9",
    "default via 10.9.0.3 metric 12",
];

const ROUTES_V6: &[&str] = &[
    "fd71:1::/64 via fd09::3 dev e0",
    "fd71:2::/64 via fd09::3 dev e0 metric 55 pref high",
    "fd71:3::/64 via fd09::3 dev e0 pref low expires 600",
    "fd71:4::/64 nexthop via fd09::3 dev e0 weight 2 nexthop via fd09::4 dev e0 weight 200",
    "blackhole fd71:5::/64",
    "unreachable fd71:6::/64",
    "prohibit fd71:7::/64",
    "throw fd71:d::/64",
    "local fd71:e::/64 dev e0",
    "anycast fd71:f::/64 dev e0",
    "fd71:8::/64 from fd09:1::/64 via fd09::3 dev e0",
    "fd71:a::/64 via fd09::3 dev e0 mtu 1300 hoplimit 9 quickack 0 advmss lock 1200",
    "fd71:b::/64 via fd09::3 dev e0 table 777",
    "fd71:c::/64 via fd09::3 src fd50::1",
    "fd72:3::/64 encap ip6 id 9 dst fd09::9 hoplimit 4 via fd09::3",
    "fd72:4::/64 nexthop via fd09::3 dev e0 onlink nexthop via fd09::4 dev e0 weight 3",
    "fd72:6::/64 dev e0 metric 0",
    "fd72:7::/64 dev e0 pref medium",
    "fd72:8::1 dev e0",
    "default6 via fd09::3 metric 77",
];

const RULES: &[&str] = &[
    "from 10.1.0.0/16 to 10.2.0.0/16 table 77 preference 100",
    "from 10.1.0.0/16 fwmark 5 table 77 preference 101",
    "from 10.1.0.0/16 fwmark 5/15 lookup 7777 order 102",
    "iif e0 table 77 priority 103",
    "oif e0 table 77 priority 104",
    "tos 0x10 table 77 priority 106",
    "from 10.1.0.0/16 dsfield 8 tunnel-id 9 table 77 priority 107",
    "uidrange 5-10 table 77 priority 108",
    "ipproto tcp sport 80-90 dport 100-200 table 77 priority 109",
    "ipproto 17 dport 53-53 table 77 priority 110",
    "from 10.1.0.0/16 realms 3/4 table 77 priority 111",
    "from 10.3.0.0/16 table main suppress_prefixlength 0 priority 112",
    "from 10.3.0.0/16 table main suppress_ifgroup 5 priority 113",
    "from 10.4.0.0/16 goto 200 priority 114",
    "from 10.5.0.0/16 nop priority 115",
    "from 10.6.0.0/16 blackhole priority 116",
    "from 10.7.0.0/16 unreachable priority 117",
    "from 10.8.0.0/16 prohibit priority 118",
    "not from 10.9.0.0/16 table 77 priority 119",
    "l3mdev priority 120",
    "from 10.1.0.0/16 table 77 priority 121 protocol 55 no_track",
    "from 10.1.0.0/16 table 77 priority 122 protocol 55",
    "from all table 77 priority 200",
    "from fd01::/64 table 77 priority 100",
    "to fd02::/64 fwmark 7 table 7777 priority 101",
    "iif e0 from fd01::/64 table 77 priority 102",
    "from fd01::/64 tos 0x10 table 77 priority 103",
    "from fd01::/64 suppress_prefixlength 3 table main priority 104",
    "from fd01::/64 blackhole priority 106",
    "from fd01::/64 nop priority 107",
    "from fd01::/64 ipproto udp dport 53-54 table 77 priority 108",
    "from fd01::/64 table 77",
    "from fd02::/64 table 77",
    "from 10.1.0.0/16 table 77",
    "from 10.2.0.0/16 table 77",
];

const ADDRESSES_V4: &[&str] = &[
    "10.51.0.1/24",
    "10.51.1.1",
    "10.51.2.1/24 brd +",
    "10.51.3.1/24 brd -",
    "10.51.4.1/24 broadcast 10.51.4.77",
    "10.51.5.1/24 scope link",
    "10.51.6.1/24 scope host",
    "10.51.7.1/24 scope 100",
    "10.51.8.1/24 label e1:8",
    "10.51.9.1 peer 10.51.9.2",
    "10.51.12.1/24 noprefixroute",
    "10.51.13.1/24 home",
    "10.51.14.1/24 mngtmpaddr",
    "10.51.16.1/24 -nodad",
    "10.51.17.1/24 preferred_lft 100",
    "10.51.18.1/31 brd +",
    "10.51.19.1/30 brd +",
    "10.51.20.1/24 brd + label e1:20 scope link",
];

const ADDRESSES_V6: &[&str] = &[
    "fd51:1::1/64",
    "fd51:2::1",
    "fd51:3::1/64 -nodad",
    "fd51:4::1/64 home",
    "fd51:5::1/64 mngtmpaddr",
    "fd51:6::1/64 noprefixroute",
    "fd51:9::1/64 preferred_lft 0",
    "fd51:a::1/128 preferred_lft forever",
    "fd51:c::1 peer fd51:c::2",
    "fd51:d::1/64 scope link",
    "fd51:e::1/64 label e1:x",
    "fd51:f::1/64 home -nodad mngtmpaddr noprefixroute",
];

/// What `ip` shows of our addresses, routes and rules, one a line, without what differs by the second.
fn shown(run: &Run, node: Node) -> Verdict<Vec<String>> {
    let query = "ip -o -d address show dev e1 | sed -e 's/^[0-9]*: //' | grep -v '10.8.0\\|fe80'; for f in -4 -6; do ip $f -o -d route show table all; ip $f -o -d rule; done \
                 | grep -v 'proto kernel' | sed -e 's/ expires [0-9]*sec//' -e 's/ table main / /' -e 's/\\\\/ /g' -e 's/[ \\t][ \\t]*/ /g'";
    let text = run.lab.node(node).shell(query)?;
    let mut lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    lines.sort();
    Ok(lines)
}

/// Gives A and B what the lines refer to.
fn prepare(run: &Run) -> Verdict {
    run.lab.second_network()?;
    for node in [A, B] {
        run.lab
            .node(node)
            .ip(&["address add 10.50.0.1/32 dev lo", "address add fd50::1/128 dev lo"])?;
    }
    Ok(())
}

fn block(name: &str, lines: &[&str]) -> String {
    format!("{name} {{\n{}\n}}\n", lines.join("\n"))
}

/// Waits until something is shown and it stands still.
fn settled(run: &Run, node: Node, before: &[String]) -> Verdict<Vec<String>> {
    let mut last = Vec::new();
    let stood = until(4.0, || {
        std::thread::sleep(std::time::Duration::from_millis(120));
        let now = shown(run, node).unwrap_or_default();
        let still = now == last && now != before;
        last = now;
        still
    });
    check!(stood, "the routes and rules of {} never stood still", node.name());
    Ok(last)
}

/// Runs the same configuration on both routers; both must end with the same routes and rules, at least `least` of them, and
/// leave nothing behind.
fn compare(run: &mut Run, config: &str, least: usize) -> Verdict {
    prepare(run)?;
    let before = [shown(run, A)?, shown(run, B)?];
    run.start(A, config)?;
    run.start(B, config)?;
    let after = [settled(run, A, &before[0])?, settled(run, B, &before[1])?];
    let mut differences = Vec::new();
    for (here, there, node) in [(0, 1, A), (1, 0, B)] {
        let only = after[here].iter().filter(|line| !after[there].contains(line));
        differences.extend(only.map(|line| format!("only with {}: {line}", run.program(node).name())));
    }
    check!(differences.is_empty(), "{}", differences.join("\n    "));
    let came = after[0].len() - before[0].len();
    check!(came >= least, "only {came} of {least} came: {:#?}", after[0]);
    for (node, before) in [(A, &before[0]), (B, &before[1])] {
        run.stop(node)?;
        let rest = shown(run, node)?;
        check!(rest == *before, "{} left {rest:#?}", run.program(node).name());
    }
    Ok(())
}

fn routes_v4(run: &mut Run) -> Verdict {
    // Two pairs of lines are one route each, for `add` and a second metric.
    compare(run, &block("static_routes", ROUTES_V4), ROUTES_V4.len() - 1)
}

fn routes_v6(run: &mut Run) -> Verdict {
    compare(run, &block("static_routes", ROUTES_V6), ROUTES_V6.len())
}

fn rules(run: &mut Run) -> Verdict {
    compare(run, &block("static_rules", RULES), RULES.len())
}

fn address_forms(run: &mut Run) -> Verdict {
    let of_both: Vec<String> = ADDRESSES_V4
        .iter()
        .chain(ADDRESSES_V6)
        // A peer stays behind with the original.
        .filter(|line| !line.contains("peer 10"))
        .chain(&["224.51.15.1/32 autojoin", "ff05::51:7/128 autojoin"])
        .map(|line| format!("{line} dev e1"))
        .collect();
    let lines: Vec<&str> = of_both.iter().map(String::as_str).collect();
    compare(run, &block("static_ipaddress", &lines), lines.len())
}

fn virtual_addresses(run: &mut Run) -> Verdict {
    let advertised: Vec<&str> = ADDRESSES_V4
        .iter()
        .filter(|line| !line.contains("peer"))
        .copied()
        .collect();
    let config = format!(
        "vrrp_instance V1 {{\ninterface e1\nvirtual_router_id 51\nversion 3\npriority 150\nadvert_int 0.2\nunicast_peer {{\n\
         10.8.0.77\n}}\n{}{}}}\n",
        block("virtual_ipaddress", &advertised),
        block("virtual_ipaddress_excluded", ADDRESSES_V6)
    );
    compare(run, &config, advertised.len() + ADDRESSES_V6.len())
}

/// Each router is the MASTER of a virtual router of its own.
fn virtual_items(run: &mut Run) -> Verdict {
    let tracked = |line: &&&str| !line.contains("no_track");
    let routes: Vec<&str> = ROUTES_V4.iter().chain(ROUTES_V6).filter(tracked).copied().collect();
    let rules: Vec<&str> = RULES.iter().filter(tracked).copied().collect();
    let config = format!(
        "vrrp_instance V1 {{\ninterface e1\nvirtual_router_id 51\nversion 3\npriority 150\nadvert_int 0.2\nunicast_peer {{\n\
         10.8.0.77\n}}\nvirtual_ipaddress {{\n10.60.0.1/24\n}}\n{}{}}}\n",
        block("virtual_routes", &routes),
        block("virtual_rules", &rules)
    );
    compare(run, &config, routes.len() + rules.len() - 1)
}

/// Lines of ours, each with words that the line of `ip` must hold.
fn ours(run: &mut Run, cases: &[(&str, &str)]) -> Verdict {
    prepare(run)?;
    let before = shown(run, A)?;
    let lines: Vec<&str> = cases.iter().map(|(line, _)| *line).collect();
    run.start(A, &block("static_routes", &lines))?;
    let after = settled(run, A, &before)?;
    for (line, wanted) in cases {
        check!(
            after.iter().any(|shown| shown.starts_with(wanted)),
            "`{line}` is not shown as `{wanted}`: {after:#?}"
        );
    }
    run.stop(A)?;
    let rest = shown(run, A)?;
    check!(rest == before, "left behind: {rest:#?}");
    Ok(())
}

fn refused(run: &mut Run) -> Verdict {
    let cases = [
        (
            "10.70.4.0/24 via inet6 fd09::3 dev e0",
            "unicast 10.70.4.0/24 via inet6 fd09::3 dev e0 proto keepalived",
        ),
        (
            "10.70.13.0/24 via 10.9.0.3 or 10.9.0.4 dev e0",
            "unicast 10.70.13.0/24 proto keepalived scope global nexthop via 10.9.0.3 dev e0 weight 1 nexthop via 10.9.0.4 dev e0",
        ),
        (
            "local 10.71.5.0/24 dev e0",
            "local 10.71.5.0/24 dev e0 proto keepalived scope host",
        ),
        (
            "broadcast 10.71.6.0/24 dev e0",
            "broadcast 10.71.6.0/24 dev e0 proto keepalived scope link",
        ),
        (
            "anycast 10.71.7.0/24 dev e0",
            "anycast 10.71.7.0/24 dev e0 proto keepalived scope link",
        ),
        (
            "10.72.9.0/24 nexthop via 10.9.0.3 dev e0 encap ip id 4 dst 10.9.0.9 nexthop via 10.9.0.4 dev e0",
            "unicast 10.72.9.0/24 proto keepalived scope global nexthop encap ip id 4 src 0.0.0.0 dst 10.9.0.9",
        ),
        (
            "fd71:9::/64 dev e0 encap ip6 id 9 dst fd09::9 src fd09::1 tc 3 hoplimit 4",
            "unicast fd71:9::/64 encap ip6 id 9 src fd09::1 dst fd09::9",
        ),
        (
            "blackhole add 10.71.14.0/24",
            "blackhole 10.71.14.0/24 proto keepalived",
        ),
    ];
    ours(run, &cases)
}

fn vrf(run: &mut Run) -> Verdict {
    let node = run.lab.node(A);
    node.ip(&["link add vrf9 type vrf table 909", "link set vrf9 up"])?;
    run.lab.second_network()?;
    run.lab.node(A).ip(&["link set e1 master vrf9"])?;
    run.start(
        A,
        &block("static_routes", &["10.72.1.0/24 via 10.8.0.2 dev e1 vrf vrf9"]),
    )?;
    let query = "ip route show table 909 10.72.1.0/24";
    let there = |run: &Run| {
        run.lab
            .node(A)
            .shell(query)
            .is_ok_and(|text| text.contains("via 10.8.0.2"))
    };
    check!(until(3.0, || there(run)), "no route in the table of the VRF");
    run.stop(A)?;
    check!(!there(run), "the route is left behind");
    Ok(())
}
