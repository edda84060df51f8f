//! Virtual MACs: `vrrp.md` section 11. The corpus compares all they make of the kernel; here is what happens to them.

use std::process::Command;

use super::Scenario;
use crate::check;
use crate::lab::Node::{self, A};
use crate::lab::capture::{Frame, Stamp};
use crate::lab::packet::Body;
use crate::outcome::{Stop, Verdict, same, within};
use crate::run::{Run, advert, advert_of, is_garp};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A51-ip4",
        "vmac",
        6,
        "use_vmac: adverts and ARP from the virtual MAC, IGMP without it",
        a51::<4>,
    ),
    Scenario::each("A51-ip6", "vmac", 6, "the same for IPv6", a51::<6>),
    Scenario::each(
        "vmac-failover",
        "vmac",
        9,
        "a handover moves the virtual MAC, both families' names",
        failover,
    )
    .pairs(),
    Scenario::each(
        "vmac-xmit-base",
        "vmac",
        6,
        "vmac_xmit_base: adverts from the base, ARP from the VMAC",
        xmit_base,
    ),
    Scenario::each(
        "vmac-mac",
        "vmac",
        5,
        "a MAC of five octets takes the VRID as its sixth",
        own_mac,
    ),
    Scenario::each(
        "vmac-deleted",
        "vmac",
        7,
        "somebody deletes it: FAULT, priority 0 at the base, made again, BACKUP",
        deleted,
    ),
    Scenario::each(
        "vmac-base-down",
        "vmac",
        8,
        "the interface under it goes down and comes back",
        base_down,
    ),
    Scenario::each(
        "vmac-names",
        "vmac",
        4,
        "names that are taken: vrrp1.51, vrrp6.51, vmac_addr_prefix",
        names,
    ),
    Scenario::each(
        "vmac-leftover",
        "vmac",
        6,
        "one that is there already is used, and goes at the end",
        leftover,
    )
    .reference_deviates("2.2.7 leaves it down, which is FAULT"),
    Scenario::each(
        "vmac-wrong-leftover",
        "vmac",
        5,
        "one of that name with another MAC or on another interface is made anew",
        wrong_leftover,
    ),
    Scenario::each(
        "vmac-crash",
        "vmac",
        9,
        "after the death of the VRRP process its VMAC is used again",
        crash,
    )
    .needs_root(),
    Scenario::each(
        "vmac-predecessor",
        "vmac",
        5,
        "VMACs and tables of a crashed predecessor with another configuration go, those of others stay",
        predecessor,
    )
    .needs_root()
    .ours(),
    Scenario::each(
        "crash-settings",
        "vmac",
        9,
        "settings of the kernel are restored after the VRRP process died twice",
        crash_settings,
    )
    .needs_root()
    .reference_deviates("arp_ignore, rp_filter and promote_secondaries stay as the dead process set them"),
    Scenario::each(
        "vmac-dont-release",
        "vmac",
        5,
        "-V leaves VMAC, address and settings",
        dont_release,
    ),
    Scenario::each(
        "Q14",
        "vmac",
        5,
        "arp_ignore and arp_filter of the interface under a VMAC are restored",
        q14,
    )
    .reference_deviates("both stay 1"),
    Scenario::each(
        "Q15",
        "vmac",
        5,
        "rp_filter: `all` moves to every interface, and back at the end",
        q15,
    )
    .reference_deviates("some interfaces are left out before `all` becomes 0"),
    Scenario::each(
        "vmac-reload",
        "vmac",
        8,
        "a reload leaves a VMAC alone, removes another and makes a third",
        reload,
    ),
    Scenario::each(
        "garp-extra-if",
        "vmac",
        7,
        "garp_extra_if: one announcement each for VMACs that no advert leaves by",
        extra_if,
    ),
    Scenario::each(
        "garp-extra-if-all",
        "vmac",
        7,
        "garp_extra_if all: every other interface",
        extra_if_all,
    ),
    Scenario::each(
        "vmac-many",
        "vmac",
        25,
        "400 VMACs are there when the daemon is ready, and gone when it has ended",
        many,
    )
    .ours(),
];

const V4: [u8; 6] = [0, 0, 0x5e, 0, 1, 51];
const V6: [u8; 6] = [0, 0, 0x5e, 0, 2, 51];
const BASE: [u8; 6] = [2, 0, 0, 0, 0, 1];

const fn mac(family: u8) -> [u8; 6] {
    if family == 4 { V4 } else { V6 }
}

/// Instance V1 on e0 with more of its keywords.
fn config(family: u8, priority: u8, lines: &str) -> String {
    let addresses = if family == 4 {
        "10.9.0.100/24"
    } else {
        "fe80::9:100/64\nfd09::100/64"
    };
    format!(
        "vrrp_instance V1 {{\ninterface e0\nvirtual_router_id 51\nversion 3\npriority {priority}\nadvert_int 0.2\n{lines}\n\
         virtual_ipaddress {{\n{addresses}\n}}\n}}\n"
    )
}

/// Starts A and waits for its first advert as MASTER.
fn master(run: &mut Run, config: &str) -> Verdict<Frame> {
    let begin = Stamp::now();
    run.start(A, config)?;
    run.wait_advert(A, begin, 5.0)
}

/// Waits until a shell line on a machine says something, or says it no more.
fn says(run: &Run, node: Node, line: &str, wanted: &str, present: bool) -> Verdict {
    let mut last = String::new();
    let said = crate::daemon::until(3.0, || {
        last = run.lab.node(node).shell(line).unwrap_or_default();
        last.contains(wanted) == present
    });
    let not = if present { "does not say" } else { "still says" };
    check!(said, "`{line}` {not} `{wanted}`: {last}");
    Ok(())
}

fn sysctl(run: &Run, path: &str) -> Verdict<String> {
    let text = run.lab.node(A).shell(&format!("cat /proc/sys/net/{path}"))?;
    Ok(text.trim().to_owned())
}

fn a51<const FAMILY: u8>(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let first = master(run, &config(FAMILY, 200, "use_vmac"))?;
    same("source MAC of adverts", first.source_mac, mac(FAMILY))?;
    let vip = if FAMILY == 4 { "10.9.0.100" } else { "fd09::100" };
    says(run, A, "ip -d link show dev vrrp.51", "macvlan mode private", true)?;
    says(run, A, "ip -d link show dev vrrp.51", "addrgenmode none", true)?;
    says(run, A, "ip -br address show dev vrrp.51", vip, true)?;
    run.pause(0.5);
    let frames = run.lab.capture.frames(begin);
    let announced = frames.iter().filter(|frame| match &frame.body {
        Body::Arp(arp) => FAMILY == 4 && arp.is_gratuitous() && arp.sender.to_string() == vip,
        Body::Neighbour(neighbour) => FAMILY == 6 && neighbour.target.to_string() == vip,
        _ => false,
    });
    let macs: Vec<[u8; 6]> = announced.map(|frame| frame.source_mac).collect();
    check!(
        macs.len() >= 5 && macs.iter().all(|m| *m == mac(FAMILY)),
        "announced from {macs:?}"
    );
    let reports = frames
        .iter()
        .filter(|frame| frame.from == A && crate::run::is_membership(frame, false));
    let macs: Vec<[u8; 6]> = reports.map(|frame| frame.source_mac).collect();
    check!(
        !macs.is_empty() && macs.iter().all(|m| *m == BASE),
        "memberships reported from {macs:?}"
    );
    let source = if FAMILY == 4 { "10.9.0.1" } else { "fe80::ff:fe00:1" };
    same(
        "source of adverts",
        advert(&first)?.source.to_string(),
        source.to_owned(),
    )?;
    if FAMILY == 6 {
        says(
            run,
            A,
            "ip address show dev vrrp.51",
            "inet6 fe80::ff:fe00:1/64 scope link nodad deprecated",
            true,
        )?;
        same(
            "IPv6 on the VMAC",
            sysctl(run, "ipv6/conf/vrrp.51/disable_ipv6")?,
            "0".to_owned(),
        )?;
    } else {
        for (name, value) in [
            ("arp_ignore", "1"),
            ("accept_local", "1"),
            ("rp_filter", "0"),
            ("promote_secondaries", "1"),
        ] {
            same(
                name,
                sysctl(run, &format!("ipv4/conf/vrrp.51/{name}"))?,
                value.to_owned(),
            )?;
        }
        same(
            "IPv6 on the VMAC",
            sysctl(run, "ipv6/conf/vrrp.51/disable_ipv6")?,
            "1".to_owned(),
        )?;
        same(
            "arp_ignore of e0",
            sysctl(run, "ipv4/conf/e0/arp_ignore")?,
            "1".to_owned(),
        )?;
        same(
            "arp_filter of e0",
            sysctl(run, "ipv4/conf/e0/arp_filter")?,
            "1".to_owned(),
        )?;
    }
    let dump = run.daemon(A)?.dump("keepalived.json", 36)?;
    check!(
        dump.contains("\"vmac_ifname\":\"vrrp.51\"") || dump.contains("\"vmac_ifname\": \"vrrp.51\""),
        "no vmac_ifname in {dump}"
    );
    run.stop(A)?;
    says(run, A, "ip -br link", "vrrp.51", false)
}

fn failover(run: &mut Run) -> Verdict {
    use crate::lab::Node::B;
    master(run, &config(4, 200, "use_vmac"))?;
    run.start(B, &config(4, 100, "use_vmac"))?;
    run.pause(1.0);
    let moment = Stamp::now();
    run.stop(A)?;
    let taken = run.wait_advert(B, moment, 2.0)?;
    same("source MAC of the other's adverts", taken.source_mac, V4)?;
    let announced = run.wait(moment, 2.0, "a gratuitous ARP", |f| is_garp(f, B, "10.9.0.100"))?;
    same("source MAC of the announcement", announced.source_mac, V4)?;
    run.wait_address(B, "10.9.0.100", true, 1.0)
}

fn xmit_base(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let first = master(run, &config(4, 200, "use_vmac\nvmac_xmit_base"))?;
    same("source MAC of adverts", first.source_mac, BASE)?;
    let announced = run.wait(begin, 3.0, "a gratuitous ARP", |f| is_garp(f, A, "10.9.0.100"))?;
    same("source MAC of the announcement", announced.source_mac, V4)?;
    let dump = run.daemon(A)?.dump("keepalived.data", 10)?;
    for line in [
        "   Use VMAC, i/f name vrrp.51, is_up = true, xmit_base = true\n",
        "   Interface = vrrp.51, vmac on e0, xmit base i/f\n",
        "     10.9.0.100/24 dev vrrp.51@e0 scope global set\n",
    ] {
        check!(dump.contains(line), "the dump has no line {line:?}");
    }
    Ok(())
}

fn own_mac(run: &mut Run) -> Verdict {
    let first = master(run, &config(4, 200, "use_vmac vm 02:00:00:33:44"))?;
    same("source MAC of adverts", first.source_mac, [2, 0, 0, 0x33, 0x44, 51])?;
    says(run, A, "ip -br link show dev vm", "02:00:00:33:44:33", true)
}

fn deleted(run: &mut Run) -> Verdict {
    master(run, &config(4, 200, "use_vmac\nvmac_xmit_base"))?;
    run.wait_address(A, "10.9.0.100", true, 1.0)?;
    let moment = Stamp::now();
    run.lab.node(A).ip(&["link del vrrp.51"])?;
    run.wait_priority(A, 0, moment, 1.0)?;
    run.wait_state(A, "FAULT", 0, 1.0)?;
    run.wait_state(A, "BACKUP", 0, 2.0)?;
    let again = run.wait_priority(A, 200, moment, 4.0)?;
    within("from deletion to the next advert", again.at.since(moment), 0.6, 2.0)?;
    says(run, A, "ip -d link show dev vrrp.51", "macvlan mode private", true)?;
    says(run, A, "ip -br address show dev vrrp.51", "10.9.0.100/24", true)
}

fn base_down(run: &mut Run) -> Verdict {
    master(run, &config(4, 200, "use_vmac"))?;
    run.lab.node(A).ip(&["link set e0 down"])?;
    run.wait_state(A, "FAULT", 0, 1.0)?;
    run.pause(0.5);
    let moment = Stamp::now();
    run.lab.node(A).ip(&["link set e0 up"])?;
    let again = run.wait_advert(A, moment, 5.0)?;
    same("source MAC of adverts", again.source_mac, V4)?;
    run.wait_address(A, "10.9.0.100", true, 1.0)
}

fn names(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&["link add vrrp.52 type bridge"])?;
    let second = "vrrp_instance V2 {\ninterface e0\nvirtual_router_id 51\nversion 3\npriority 200\nadvert_int 0.2\nuse_vmac\n\
                  virtual_ipaddress {\nfe80::9:101/64\n}\n}\n\
                  vrrp_instance V3 {\ninterface e0\nvirtual_router_id 52\nversion 3\npriority 200\nadvert_int 0.2\nuse_vmac\n\
                  virtual_ipaddress {\n10.9.0.102\n}\n}\n\
                  vrrp_instance V4 {\ninterface e0\nvirtual_router_id 53\nversion 3\npriority 200\nadvert_int 0.2\nuse_vmac_addr\n\
                  virtual_ipaddress {\n10.9.0.103\n}\nvirtual_ipaddress_excluded {\nfd09::103\n}\n}\n";
    let first = config(4, 200, "use_vmac");
    master(
        run,
        &format!("global_defs {{\nvmac_addr_prefix wm\n}}\n{first}{second}"),
    )?;
    for (name, mac) in [
        ("vrrp.51", "00:00:5e:00:01:33"),
        ("vrrp6.51", "00:00:5e:00:02:33"),
        ("vrrp1.52", "00:00:5e:00:01:34"),
        ("wm.53", "00:00:5e:00:02:35"),
    ] {
        says(run, A, &format!("ip -br link show dev {name}"), mac, true)?;
    }
    run.stop(A)?;
    says(run, A, "ip -br link", "vrrp.52", true)
}

fn leftover(run: &mut Run) -> Verdict {
    run.lab
        .node(A)
        .ip(&["link add link e0 name old address 00:00:5e:00:01:33 type macvlan mode private"])?;
    if run.reference() {
        run.start(A, &config(4, 200, "use_vmac"))?;
        return run.daemon(A)?.wait_log("(V1) entering FAULT state", 0, 3.0).map(drop);
    }
    let first = master(run, &config(4, 200, "use_vmac"))?;
    same("source MAC of adverts", first.source_mac, V4)?;
    says(run, A, "ip -br address show dev old", "10.9.0.100/24", true)?;
    run.stop(A)?;
    says(run, A, "ip -br link", "old@e0", false)
}

fn wrong_leftover(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    run.lab.node(A).ip(&[
        "link add link e0 name vm address 00:00:5e:00:01:99 type macvlan mode private",
        "link add link e1 name wm address 00:00:5e:00:02:33 type macvlan mode private",
    ])?;
    let second = "vrrp_instance V2 {\ninterface e0\nvirtual_router_id 51\nversion 3\npriority 200\nadvert_int 0.2\nuse_vmac wm\n\
                  virtual_ipaddress {\nfe80::9:101/64\n}\n}\n";
    let first = master(run, &format!("{}{second}", config(4, 200, "use_vmac vm")))?;
    same("source MAC of adverts", first.source_mac, V4)?;
    says(run, A, "ip -br link show dev vm", "00:00:5e:00:01:33", true)?;
    says(run, A, "ip -br link", "wm@e0", true)
}

fn crash(run: &mut Run) -> Verdict {
    master(run, &config(4, 200, "use_vmac"))?;
    let index = run.lab.node(A).interface_index("vrrp.51")?;
    let worker = run.daemon(A)?.vrrp_pid()?;
    crate::daemon::signal_pid(worker, 9)?;
    run.pause(0.3);
    let moment = Stamp::now();
    let again = run.wait_advert(A, moment, 6.0)?;
    same("source MAC of adverts", again.source_mac, V4)?;
    same("index of the VMAC", run.lab.node(A).interface_index("vrrp.51")?, index)?;
    run.stop(A)?;
    says(run, A, "ip -br link", "vrrp.51", false)
}

fn predecessor(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&[
        "link add vrrp.77 link e0 address 00:00:5e:00:01:4d type macvlan mode private",
        "link add mine link e0 address 02:00:00:00:00:4d type macvlan mode private",
        "link add bridged link e0 address 00:00:5e:00:01:4e type macvlan mode bridge",
        "link set vrrp.77 up",
    ])?;
    let tables = "nft 'add table ip keepalived; add table ip6 keepalived; add table ip others'";
    if run.lab.node(A).shell(tables).is_err() {
        return Err(Stop::Skip("nft or nftables is missing".into()));
    }
    master(run, &config(4, 200, ""))?;
    says(run, A, "ip -br link", "vrrp.77", false)?;
    says(run, A, "nft list tables", "keepalived", false)?;
    says(run, A, "nft list tables", "others", true)?;
    says(run, A, "ip -br link", "mine@e0", true)?;
    says(run, A, "ip -br link", "bridged@e0", true)
}

fn crash_settings(run: &mut Run) -> Verdict {
    const SETTINGS: &str = "cd /proc/sys/net/ipv4; grep -H . igmp_link_local_mcast_reports conf/all/rp_filter \
         conf/default/rp_filter conf/e0/rp_filter conf/e0/arp_ignore conf/e0/arp_filter conf/e9/promote_secondaries";
    run.lab
        .node(A)
        .ip(&["link add e9 type veth peer name f9", "link set e9 up", "link set f9 up"])?;
    run.lab.node(A).sysctl("ipv4/conf/all/rp_filter", "1")?;
    run.lab.node(A).sysctl("ipv4/conf/e0/rp_filter", "0")?;
    run.lab.node(A).sysctl("ipv4/conf/e9/promote_secondaries", "0")?;
    run.lab.node(A).sysctl("ipv4/conf/e0/arp_filter", "1")?;
    let before = run.lab.node(A).shell(SETTINGS)?;
    let promoting = "vrrp_instance V9 {\ninterface e9\nvirtual_router_id 9\npromote_secondaries\nvirtual_ipaddress {\n10.99.0.1/24\n}\n\
         unicast_peer {\n10.99.0.9\n}\n}\n";
    let first = config(4, 200, "use_vmac");
    master(
        run,
        &format!("global_defs {{\ndisable_local_igmp\n}}\n{first}{promoting}"),
    )?;
    for _ in 0..2 {
        let during = run.lab.node(A).shell(SETTINGS)?;
        check!(!during.contains("e9/promote_secondaries:0"), "not set: {during}");
        let worker = run.daemon(A)?.vrrp_pid()?;
        crate::daemon::signal_pid(worker, 9)?;
        run.pause(0.3);
        run.wait_advert(A, Stamp::now(), 6.0)?;
    }
    run.stop(A)?;
    same(
        "everything is as before",
        run.lab.node(A).shell(SETTINGS)? == before,
        !run.reference(),
    )
}

fn dont_release(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let launch = crate::daemon::Launch {
        config: config(4, 200, "use_vmac"),
        args: vec!["-V".to_owned()],
        ..crate::daemon::Launch::default()
    };
    run.launch(A, &launch)?;
    run.wait_advert(A, begin, 5.0)?;
    run.wait_address(A, "10.9.0.100", true, 1.0)?;
    run.stop(A)?;
    says(run, A, "ip -br address show dev vrrp.51", "10.9.0.100/24", true)?;
    same(
        "arp_ignore of e0",
        sysctl(run, "ipv4/conf/e0/arp_ignore")?,
        "1".to_owned(),
    )
}

fn q14(run: &mut Run) -> Verdict {
    run.lab.node(A).sysctl("ipv4/conf/e0/arp_filter", "1")?;
    master(run, &config(4, 200, "use_vmac"))?;
    run.stop(A)?;
    let left = if run.reference() { "1" } else { "0" };
    same(
        "arp_ignore of e0",
        sysctl(run, "ipv4/conf/e0/arp_ignore")?,
        left.to_owned(),
    )?;
    same(
        "arp_filter of e0, which was set before",
        sysctl(run, "ipv4/conf/e0/arp_filter")?,
        "1".to_owned(),
    )
}

fn q15(run: &mut Run) -> Verdict {
    run.lab.node(A).ip(&["link add br9 type bridge"])?;
    run.lab.node(A).sysctl("ipv4/conf/e0/rp_filter", "1")?;
    run.lab.node(A).sysctl("ipv4/conf/all/rp_filter", "2")?;
    let all = "grep -H . /proc/sys/net/ipv4/conf/*/rp_filter";
    let before = run.lab.node(A).shell(all)?;
    master(run, &config(4, 200, "use_vmac"))?;
    same(
        "rp_filter of all",
        sysctl(run, "ipv4/conf/all/rp_filter")?,
        "0".to_owned(),
    )?;
    same(
        "rp_filter of the VMAC",
        sysctl(run, "ipv4/conf/vrrp.51/rp_filter")?,
        "0".to_owned(),
    )?;
    let during = run.lab.node(A).shell(all)?;
    let raised = |name: &str| during.contains(&format!("/{name}/rp_filter:2"));
    let complete = ["default", "lo", "br9", "e0"].into_iter().all(raised);
    same("every interface is raised", complete, !run.reference())?;
    run.stop(A)?;
    same("rp_filter afterwards", run.lab.node(A).shell(all)?, before)
}

fn reload(run: &mut Run) -> Verdict {
    let other = |vrid: u8| {
        format!(
            "vrrp_instance X{vrid} {{\ninterface e0\nvirtual_router_id {vrid}\nversion 3\npriority 200\nadvert_int 0.2\nuse_vmac\n\
             virtual_ipaddress {{\n10.9.0.{vrid}\n}}\n}}\n"
        )
    };
    let first = config(4, 200, "use_vmac");
    master(run, &format!("{first}{}", other(61)))?;
    says(run, A, "ip -br address show dev vrrp.61", "10.9.0.61/32", true)?;
    let index = run.lab.node(A).interface_index("vrrp.51")?;
    let moment = run.reload(A, &format!("{}{first}", other(62)))?;
    says(run, A, "ip -br link", "vrrp.61", false)?;
    says(run, A, "ip -br address show dev vrrp.62", "10.9.0.62/32", true)?;
    same(
        "index of the VMAC that stays",
        run.lab.node(A).interface_index("vrrp.51")?,
        index,
    )?;
    same("times V1 entered BACKUP", run.entered(A, "BACKUP")?, 1)?;
    let resigned = |frame: &Frame| advert_of(frame, A).is_some_and(|a| a.priority == 0 && a.vrid == 61);
    let frame = run.wait(moment, 1.0, "priority 0 of the one that left", resigned)?;
    same("source MAC of it", frame.source_mac, [0, 0, 0x5e, 0, 1, 61])
}

/// Announcements of A between 1.5 and 4 seconds after it became MASTER, by address.
fn announced(run: &mut Run, lines: &str, excluded: &str) -> Verdict<Vec<String>> {
    run.lab.second_network()?;
    let lines =
        format!("{lines}\ngarp_master_delay 0\ngarp_master_repeat 1\nvirtual_ipaddress_excluded {{\n{excluded}\n}}");
    let first = master(run, &config(4, 200, &lines))?;
    let watch = "timeout 2.2 tcpdump -l -n -i any -Q out arp 2>/dev/null || true";
    run.pause((first.at.since(Stamp::now()) + 0.4).max(0.0));
    let heard = run.lab.node(A).shell(watch)?;
    let mut lines: Vec<String> = heard
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let told = words.iter().position(|word| *word == "tell")?;
            Some(format!(
                "{} {}",
                words.get(1)?,
                words.get(told + 1)?.trim_end_matches(',')
            ))
        })
        .filter(|line| line.contains(".8.0.") || line.contains("10.9.0.1"))
        .collect();
    lines.sort();
    lines.dedup();
    Ok(lines)
}

const EXTRA: &str = "10.8.0.50 dev e1 use_vmac\n10.8.0.51 dev e1 use_vmac\n10.8.0.60 dev e1";

fn has_tcpdump() -> bool {
    Command::new("tcpdump").arg("--version").output().is_ok()
}

fn extra_if(run: &mut Run) -> Verdict {
    if !has_tcpdump() {
        return Err(crate::outcome::Stop::Skip("there is no tcpdump".to_owned()));
    }
    let lines = announced(run, "use_vmac\ngarp_extra_if 1", EXTRA)?;
    let on_vmac: Vec<&String> = lines.iter().filter(|l| l.starts_with("vrrp")).collect();
    same(
        "announcements",
        format!("{on_vmac:?}"),
        "[\"vrrp1.51 10.8.0.50\"]".to_owned(),
    )?;
    check!(
        !lines.iter().any(|l| l.ends_with("10.8.0.60")),
        "not on a VMAC: {lines:?}"
    );
    Ok(())
}

fn extra_if_all(run: &mut Run) -> Verdict {
    if !has_tcpdump() {
        return Err(crate::outcome::Stop::Skip("there is no tcpdump".to_owned()));
    }
    let lines = announced(run, "use_vmac\ngarp_extra_if all 1", EXTRA)?;
    for wanted in ["vrrp1.51 10.8.0.50", "e1 10.8.0.60"] {
        check!(lines.iter().any(|l| l == wanted), "no announcement {wanted}: {lines:?}");
    }
    Ok(())
}

fn many(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let mut text = String::new();
    for n in 0..400 {
        let (interface, vrid) = (["e0", "e1"][n / 200], n % 200 + 1);
        text += &format!(
            "vrrp_instance N{n} {{\ninterface {interface}\nvirtual_router_id {vrid}\nversion 3\npriority 100\nadvert_int 10\nuse_vmac\n\
             virtual_ipaddress {{\n10.{}.1.{vrid}\n}}\n}}\n",
            9 - n / 200
        );
    }
    run.start(A, &text)?;
    run.daemon(A)?.wait_log("Startup complete", 0, 10.0)?;
    let count = "ip -br link | grep -c 00:00:5e:00:01 || true";
    same(
        "VMACs",
        run.lab.node(A).shell(count)?.trim().to_owned(),
        "400".to_owned(),
    )?;
    same("instances in FAULT", run.daemon(A)?.log().matches("FAULT").count(), 0)?;
    let moment = Stamp::now();
    run.stop(A)?;
    within("seconds for the stop", Stamp::now().since(moment), 0.0, 3.0)?;
    same(
        "VMACs left",
        run.lab.node(A).shell(count)?.trim().to_owned(),
        "0".to_owned(),
    )
}
