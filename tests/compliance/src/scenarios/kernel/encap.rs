//! Routes with encapsulation, static and virtual, as the kernel shows them.

use super::{config, master, tells, tells_no_more, vip};
use crate::kernel::Feature::{Ila, Mpls, Tunnel};
use crate::lab::Node::A;
use crate::outcome::Verdict;
use crate::run::Run;
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each("encap-mpls", "encap", 7, "routes that push MPLS labels", mpls).needs(&[Mpls]),
    Scenario::each(
        "encap-mpls-stack",
        "encap",
        7,
        "a stack of four MPLS labels",
        mpls_stack,
    )
    .ours()
    .needs(&[Mpls]),
    Scenario::each("encap-ip", "encap", 7, "routes into IPv4 tunnels", ip).needs(&[Tunnel]),
    Scenario::each("encap-ip6", "encap", 7, "routes into IPv6 tunnels", ip6).needs(&[Tunnel]),
    Scenario::each("encap-ila", "encap", 7, "routes that change locators", ila).needs(&[Ila]),
    Scenario::each(
        "encap-multipath",
        "encap",
        7,
        "an encapsulation for each next hop",
        multipath,
    )
    .reference_deviates("2.2.7 leaves out what a next hop says of encapsulation")
    .needs(&[Mpls, Tunnel]),
];

/// A line of a configuration and what `ip route` says of it, from the start or after the destination on.
type Row = (&'static str, &'static str);

/// Each route once virtual, once static: it is there as wanted, and gone afterwards.
fn check(run: &mut Run, rows: &[Row]) -> Verdict {
    let lines: Vec<&str> = rows.iter().map(|(line, _)| *line).collect();
    let block = |name: &str| format!("{name} {{\n{}\n}}\n", lines.join("\n"));
    master(run, &config(4, "e0", 200, &block("virtual_routes")), vip(4))?;
    shown(run, rows, true)?;
    run.stop(A)?;
    shown(run, rows, false)?;
    master(run, &(block("static_routes") + &config(4, "e0", 200, "")), vip(4))?;
    shown(run, rows, true)?;
    run.stop(A)?;
    shown(run, rows, false)
}

fn shown(run: &Run, rows: &[Row], present: bool) -> Verdict {
    for (line, want) in rows {
        let destination = line.split_whitespace().next().unwrap_or_default();
        let family = if destination.contains(':') { "-6" } else { "-4" };
        let show = format!("ip {family} route show {destination}");
        if present {
            tells(run, A, &show, want)?;
        } else {
            tells_no_more(run, A, &show, destination)?;
        }
    }
    Ok(())
}

fn mpls(run: &mut Run) -> Verdict {
    check(
        run,
        &[
            (
                "192.0.2.0/24 encap mpls 100 via 10.9.0.2 dev e0",
                "192.0.2.0/24 encap mpls 100 via 10.9.0.2 dev e0 proto keepalived",
            ),
            (
                "192.0.3.0/24 encap mpls 100/200 via 10.9.0.2 dev e0",
                "192.0.3.0/24 encap mpls 100/200 via 10.9.0.2 dev e0",
            ),
            (
                "2001:db8:1::/64 encap mpls 100/200 via fd09::2 dev e0",
                "2001:db8:1::/64 encap mpls 100/200 via fd09::2 dev e0 proto keepalived",
            ),
        ],
    )
}

fn mpls_stack(run: &mut Run) -> Verdict {
    check(
        run,
        &[(
            "192.0.3.0/24 encap mpls 100/200/300/400 via 10.9.0.2 dev e0",
            "192.0.3.0/24 encap mpls 100/200/300/400 via 10.9.0.2 dev e0",
        )],
    )
}

fn ip(run: &mut Run) -> Verdict {
    check(
        run,
        &[
            (
                "192.0.2.0/24 encap ip id 7 dst 198.51.100.1 src 198.51.100.2 tos 8 ttl 5 dev e0",
                "192.0.2.0/24 encap ip id 7 src 198.51.100.2 dst 198.51.100.1 ttl 5 tos 8 dev e0 proto keepalived",
            ),
            (
                "192.0.3.0/24 encap ip id 7 dst 198.51.100.1 via 10.9.0.2 dev e0",
                "192.0.3.0/24 encap ip id 7 src 0.0.0.0 dst 198.51.100.1 ttl 0 tos 0 via 10.9.0.2 dev e0",
            ),
            (
                "2001:db8:1::/64 encap ip id 9 dst 198.51.100.1 dev e0",
                "2001:db8:1::/64 encap ip id 9 src 0.0.0.0 dst 198.51.100.1 ttl 0 tos 0 dev e0",
            ),
        ],
    )
}

fn ip6(run: &mut Run) -> Verdict {
    check(
        run,
        &[
            (
                "192.0.2.0/24 encap ip6 id 7 dst fd66::1 src fd66::2 tc 8 hoplimit 5 dev e0",
                "192.0.2.0/24 encap ip6 id 7 src fd66::2 dst fd66::1 hoplimit 5 tc 8 dev e0 proto keepalived",
            ),
            (
                "2001:db8:1::/64 encap ip6 id 9 dst fd66::1 dev e0",
                "2001:db8:1::/64 encap ip6 id 9 src :: dst fd66::1 hoplimit 0 tc 0 dev e0",
            ),
        ],
    )
}

fn ila(run: &mut Run) -> Verdict {
    // The kernel reads the type of an identifier from its first three bits: 1 is a locally unique one.
    check(
        run,
        &[(
            "2001:db8:1:0:2000:0:3:4/128 encap ila 1:2:3:4 via fd09::2 dev e0",
            "encap ila 1:2:3:4",
        )],
    )
}

fn multipath(run: &mut Run) -> Verdict {
    let rows: &[Row] = &[
        (
            "192.0.2.0/24 nexthop via 10.9.0.2 dev e0 weight 2 encap mpls 100 nexthop via 10.9.0.3 dev e0 weight 5 encap ip id 7 dst 198.51.100.1",
            "nexthop encap mpls 100 via 10.9.0.2 dev e0 weight 2 nexthop encap ip id 7 src 0.0.0.0 dst 198.51.100.1 ttl 0 tos 0 via 10.9.0.3 dev e0 weight 5",
        ),
        (
            "2001:db8:1::/64 nexthop via fd09::2 dev e0 weight 3 encap mpls 100/200 nexthop via fd09::3 dev e0",
            "nexthop encap mpls 100/200 via fd09::2 dev e0 weight 3 nexthop via fd09::3 dev e0 weight 1",
        ),
    ];
    let bare: &[Row] = &[
        (
            rows[0].0,
            "nexthop via 10.9.0.2 dev e0 weight 2 nexthop via 10.9.0.3 dev e0 weight 5",
        ),
        (
            rows[1].0,
            "nexthop via fd09::2 dev e0 weight 3 nexthop via fd09::3 dev e0 weight 1",
        ),
    ];
    let expected = if run.reference() { bare } else { rows };
    check(run, expected)
}
