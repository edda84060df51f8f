//! Instances inside a VRF, and routes and rules that lead there.

use super::{config, handover, master, tells, tells_no_more, vip};
use crate::kernel::Feature::Vrf;
use crate::lab::Node::{self, A, B};
use crate::outcome::{Verdict, same};
use crate::run::Run;
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "vrf-mcast-ip4",
        "vrf",
        8,
        "IPv4, multicast, an interface inside a VRF",
        multicast::<4>,
    )
    .pairs()
    .needs(&[Vrf]),
    Scenario::each(
        "vrf-mcast-ip6",
        "vrf",
        8,
        "IPv6, multicast, an interface inside a VRF",
        multicast::<6>,
    )
    .pairs()
    .needs(&[Vrf]),
    Scenario::each(
        "vrf-unicast-ip4",
        "vrf",
        8,
        "IPv4, unicast, `vrf` and no interface",
        unicast::<4>,
    )
    .reference_deviates(WANTS_INTERFACE)
    .needs(&[Vrf]),
    Scenario::each(
        "vrf-unicast-ip6",
        "vrf",
        8,
        "IPv6, unicast, `vrf` and no interface",
        unicast::<6>,
    )
    .reference_deviates(WANTS_INTERFACE)
    .needs(&[Vrf]),
    Scenario::each(
        "vrf-unicast-interface",
        "vrf",
        8,
        "unicast on an interface inside a VRF",
        unicast_interface,
    )
    .pairs()
    .needs(&[Vrf]),
    Scenario::each(
        "vrf-routes",
        "vrf",
        6,
        "virtual routes of both families into a VRF's table",
        routes,
    )
    .needs(&[Vrf]),
    Scenario::each("vrf-rules", "vrf", 6, "virtual rules with l3mdev, both families", rules).needs(&[Vrf]),
];

const WANTS_INTERFACE: &str = "2.2.7 refuses an instance without interface, whatever its manual says of vrf";

/// Puts a machine's e0 into the VRF `blue` with table 10.
pub(super) fn enslave(run: &Run, node: Node) -> Verdict {
    let n = node.number();
    run.lab.node(node).ip(&[
        "link add blue type vrf table 10",
        "link set blue up",
        "link set e0 master blue",
        &format!("address replace 10.9.0.{n}/24 dev e0"),
        &format!("address replace fd09::{n}/64 dev e0 nodad"),
    ])
}

fn multicast<const FAMILY: u8>(run: &mut Run) -> Verdict {
    enslave(run, A)?;
    enslave(run, B)?;
    handover(run, |_, priority| config(FAMILY, "e0", priority, ""), vip(FAMILY))
}

fn peers(family: u8, node: Node) -> String {
    let prefix = if family == 4 { "10.9.0." } else { "fd09::" };
    let (own, other) = (node.number(), 3 - node.number());
    format!("unicast_src_ip {prefix}{own}\nunicast_peer {{\n{prefix}{other}\n}}\n")
}

fn unicast<const FAMILY: u8>(run: &mut Run) -> Verdict {
    enslave(run, A)?;
    enslave(run, B)?;
    let text = |node: Node, priority: u8| {
        let text = config(FAMILY, "", priority, &format!("vrf blue\n{}", peers(FAMILY, node)));
        // Without an interface of the instance each address needs its own.
        text.replace(":100/64\n", ":100/64 dev e0\n")
            .replace(".100/24\n", ".100/24 dev e0\n")
    };
    if run.reference() {
        run.start(A, &text(A, 200))?;
        same("exit status", run.daemon(A)?.wait_exit(4.0)?.code(), Some(2))?;
        return run.daemon(A)?.wait_log("(V1) Unknown interface!", 0, 1.0).map(drop);
    }
    handover(run, text, vip(FAMILY))
}

fn unicast_interface(run: &mut Run) -> Verdict {
    enslave(run, A)?;
    enslave(run, B)?;
    handover(run, |node, priority| config(4, "e0", priority, &peers(4, node)), vip(4))
}

fn routes(run: &mut Run) -> Verdict {
    enslave(run, A)?;
    let lines =
        "virtual_routes {\n192.0.2.0/24 via 10.9.0.3 dev e0 vrf blue\n2001:db8:2::/64 via fd09::3 dev e0 vrf blue\n}";
    master(run, &config(4, "e0", 200, lines), vip(4))?;
    tells(
        run,
        A,
        "ip route show vrf blue",
        "192.0.2.0/24 via 10.9.0.3 dev e0 proto keepalived",
    )?;
    tells(
        run,
        A,
        "ip -6 route show vrf blue",
        "2001:db8:2::/64 via fd09::3 dev e0 proto keepalived",
    )?;
    run.stop(A)?;
    tells_no_more(run, A, "ip route show vrf blue", "192.0.2.0/24")?;
    tells_no_more(run, A, "ip -6 route show vrf blue", "2001:db8:2::/64")
}

fn rules(run: &mut Run) -> Verdict {
    enslave(run, A)?;
    let lines = "virtual_rules {\nfrom 192.0.2.0/24 l3mdev priority 900\nto 2001:db8:2::/64 l3mdev priority 901\n}";
    master(run, &config(4, "e0", 200, lines), vip(4))?;
    tells(
        run,
        A,
        "ip rule",
        "900: from 192.0.2.0/24 lookup [l3mdev-table] proto keepalived",
    )?;
    tells(
        run,
        A,
        "ip -6 rule",
        "901: from all to 2001:db8:2::/64 lookup [l3mdev-table] proto keepalived",
    )?;
    run.stop(A)?;
    tells_no_more(run, A, "ip rule", "900:")?;
    tells_no_more(run, A, "ip -6 rule", "901:")
}
