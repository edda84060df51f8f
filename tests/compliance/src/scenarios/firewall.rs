//! `no_accept`: traffic to the virtual addresses is dropped, unless the router is their owner.

use super::Scenario;
use crate::check;
use crate::daemon::{Launch, until};
use crate::lab::Node::{A, I};
use crate::lab::capture::Stamp;
use crate::lab::packet::Body;
use crate::outcome::{Stop, Verdict, same};
use crate::run::Run;
use crate::scenarios::text::{VIP, instance, named};

const LINES: &str = "version 3\npriority 150\nadvert_int 0.3\nno_accept";

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A52a",
        "firewall",
        6,
        "no_accept: pings are dropped, ARP is answered, the tables go at the end",
        a52a,
    ),
    Scenario::each("A52b", "firewall", 5, "no_accept and priority 255: no rules", a52b),
    Scenario::each(
        "A52c",
        "firewall",
        7,
        "no_accept with IPv6: pings are dropped, neighbour solicitations are answered",
        a52c,
    ),
    Scenario::each(
        "A52d",
        "firewall",
        6,
        "no_accept: a BACKUP shields nothing, a table of that name from before goes",
        a52d,
    ),
    Scenario::each(
        "A52e",
        "firewall",
        8,
        "a reload adds and removes addresses of a MASTER with no_accept, then accepts",
        a52e,
    )
    .reference_deviates("drops the traffic still after a reload that accepts it"),
    Scenario::each(
        "A52f",
        "firewall",
        6,
        "the kernel refuses the tables: said once, the instance goes on",
        a52f,
    )
    .ours(),
    Scenario::each(
        "A52g",
        "firewall",
        6,
        "somebody flushes all rules: they come back",
        flushed,
    )
    .reference_deviates("the addresses are not shielded any more"),
    Scenario::each(
        "vmac-reports-ip4",
        "firewall",
        6,
        "IGMP of a virtual MAC leaves with the MAC of the interface under it",
        reports_v4,
    ),
    Scenario::each(
        "vmac-reports-ip6",
        "firewall",
        6,
        "MLD of a virtual MAC leaves with the MAC of the interface under it",
        reports_v6,
    ),
    Scenario::each(
        "iptables-sets",
        "firewall",
        7,
        "vrrp_iptables with sets of addresses",
        with_sets,
    )
    .ours(),
    Scenario::each(
        "iptables-rules",
        "firewall",
        7,
        "vrrp_iptables with a rule for each address",
        without_sets,
    )
    .ours(),
    Scenario::each(
        "iptables-crash",
        "firewall",
        16,
        "rules of iptables of a VRRP process that was killed do not stay",
        iptables_crash,
    )
    .needs_root()
    .ours(),
    Scenario::each(
        "iptables-instead",
        "firewall",
        7,
        "nftables refuses and iptables is there: used instead",
        iptables_instead,
    )
    .ours(),
    Scenario::each(
        "iptables-vmac",
        "firewall",
        6,
        "vrrp_iptables keeps reports from leaving by a virtual MAC",
        iptables_vmac,
    )
    .ours(),
    Scenario::each(
        "iptables-nft",
        "firewall",
        4,
        "vrrp_iptables where iptables makes rules of nftables",
        iptables_of_nftables,
    )
    .ours(),
];

fn skip_without_nft(run: &Run) -> Verdict {
    if run.lab.node(A).shell("nft list ruleset").is_err() {
        return Err(Stop::Skip("nft or nftables is missing".into()));
    }
    Ok(())
}

fn rules(run: &Run) -> Verdict<String> {
    let text = run.lab.node(A).shell("nft list ruleset")?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Starts A and waits until it is MASTER with an address.
fn master(run: &mut Run, config: &str, address: &str) -> Verdict {
    let begin = Stamp::now();
    run.start(A, config)?;
    run.wait_advert(A, begin, 6.0)?;
    run.wait_address(A, address, true, 0.5)
}

/// Does `address` answer one of three pings from I?
fn answers(run: &Run, address: &str) -> bool {
    let ping = format!("ping -n -q -c 3 -i 0.1 -W 0.3 {address}");
    run.lab.node(I).shell(&ping).is_ok()
}

/// Has I a neighbour entry with a MAC for an address?
fn is_neighbour(run: &Run, address: &str) -> Verdict<bool> {
    let table = run.lab.node(I).shell("ip neigh show dev e0")?;
    Ok(table
        .lines()
        .any(|line| line.starts_with(&format!("{address} ")) && line.contains("lladdr")))
}

fn a52a(run: &mut Run) -> Verdict {
    skip_without_nft(run)?;
    let both = "10.9.0.100/24\n10.9.0.101/24";
    master(run, &instance(LINES, both), "10.9.0.101")?;
    check!(!answers(run, "10.9.0.100"), "the address answers");
    check!(!answers(run, "10.9.0.101"), "the second address answers");
    check!(is_neighbour(run, "10.9.0.100")?, "ARP is not answered");
    check!(answers(run, "10.9.0.1"), "the address of the interface does not answer");
    let seen = rules(run)?;
    for part in [
        "elements = { 10.9.0.100, 10.9.0.101 }",
        "hook input priority filter - 1; policy accept; ip daddr @vips drop",
        "hook output priority filter - 1; policy accept; ip saddr @vips drop",
    ] {
        check!(seen.contains(part), "no `{part}` in {seen}");
    }
    run.stop(A)?;
    same("rules after the end", rules(run)?, String::new())
}

fn a52b(run: &mut Run) -> Verdict {
    skip_without_nft(run)?;
    let lines = LINES.replace("priority 150", "priority 255");
    master(run, &instance(&lines, VIP), "10.9.0.100")?;
    check!(answers(run, "10.9.0.100"), "the owner does not answer");
    check!(!rules(run)?.contains("10.9.0.100"), "it is shielded: {}", rules(run)?);
    Ok(())
}

fn a52c(run: &mut Run) -> Verdict {
    skip_without_nft(run)?;
    run.lab.node(I).ip(&["address add 2001:db8::3/64 dev e0 nodad"])?;
    let addresses = "fe80::9:100/64\n2001:db8::100/64";
    master(run, &instance(LINES, addresses), "2001:db8::100")?;
    run.lab.node(A).ip(&["address add 2001:db8::1/64 dev e0 nodad"])?;
    check!(!answers(run, "2001:db8::100"), "the address answers");
    check!(!answers(run, "fe80::9:100%e0"), "the link-local address answers");
    // Just after they have come up, the interfaces lose a solicitation now and then.
    for (address, asked) in [("2001:db8::100", "2001:db8::100"), ("fe80::9:100", "fe80::9:100%e0")] {
        let advertised = until(4.0, || {
            is_neighbour(run, address).unwrap_or(false) || {
                answers(run, asked);
                is_neighbour(run, address).unwrap_or(false)
            }
        });
        check!(advertised, "no neighbour advertisement for {address}");
    }
    check!(
        answers(run, "2001:db8::1"),
        "an address that is not virtual does not answer"
    );
    let seen = rules(run)?;
    for part in [
        "elements = { 2001:db8::100 }",
        "elements = { fe80::9:100 . \"e0\" }",
        "icmpv6 type @neighbor-discovery accept ip6 daddr fe80::/10 goto in_link_local ip6 daddr @vips drop",
    ] {
        check!(seen.contains(part), "no `{part}` in {seen}");
    }
    run.stop(A)?;
    same("rules after the end", rules(run)?, String::new())
}

fn a52d(run: &mut Run) -> Verdict {
    skip_without_nft(run)?;
    let old = "nft add table ip shield; nft add set ip shield old '{ type ipv4_addr; }'; nft add table ip stranger";
    run.lab.node(A).shell(old)?;
    let global = "global_defs {\nnftables shield\nnftables_counters\nnftables_priority -20\n}\n";
    let config = format!("{global}{}", instance(LINES, VIP));
    master(run, &config, "10.9.0.100")?;
    check!(!answers(run, "10.9.0.100"), "the address answers");
    let seen = rules(run)?;
    for part in [
        "table ip stranger { }",
        "table ip shield {",
        "priority -20;",
        "@vips counter packets",
    ] {
        check!(seen.contains(part), "no `{part}` in {seen}");
    }
    check!(!seen.contains("set old"), "what was there before is left: {seen}");
    // A router of higher priority takes over: its addresses are shielded no more, once they are gone.
    let moment = Stamp::now();
    run.inject(&crate::lab::inject::Forged::new(3, 200).interval(30))?;
    run.wait_address(A, "10.9.0.100", false, 0.5)?;
    let empty = until(0.5, || rules(run).is_ok_and(|text| !text.contains("10.9.0.100")));
    check!(empty, "a BACKUP shields an address: {}", rules(run)?);
    run.wait_advert(A, moment.plus(0.3), 4.0)?;
    let filled = until(0.5, || rules(run).is_ok_and(|text| text.contains("10.9.0.100")));
    check!(filled, "a MASTER shields nothing: {}", rules(run)?);
    run.stop(A)?;
    same("rules after the end", rules(run)?, "table ip stranger { }".to_owned())
}

fn a52e(run: &mut Run) -> Verdict {
    skip_without_nft(run)?;
    let second = |lines: &str| named("V2", 52, &lines.replace("no_accept", "accept"), "10.9.0.200/24");
    let config = |lines: &str, addresses: &str| format!("{}{}", instance(lines, addresses), second(LINES));
    master(run, &config(LINES, "10.9.0.100/24\n10.9.0.101/24"), "10.9.0.101")?;
    check!(answers(run, "10.9.0.200"), "the instance that accepts does not answer");
    let moment = Stamp::now();
    run.reload(A, &config(LINES, "10.9.0.101/24\n10.9.0.102/24"))?;
    run.wait_address(A, "10.9.0.102", true, 3.0)?;
    check!(!answers(run, "10.9.0.101"), "an address that stays answers");
    check!(!answers(run, "10.9.0.102"), "an address that comes answers");
    let listed = |run: &Run, address: &str| rules(run).is_ok_and(|text| text.contains(address));
    let gone = until(0.5, || !listed(run, "10.9.0.100"));
    check!(gone, "the address that went: {}", rules(run)?);
    run.reload(
        A,
        &config(&LINES.replace("no_accept", "accept"), "10.9.0.101/24\n10.9.0.102/24"),
    )?;
    let answering = until(3.0, || answers(run, "10.9.0.102"));
    check!(
        answering != run.reference(),
        "accepting after a reload: {}",
        rules(run)?
    );
    let zeros = run.adverts(A, moment);
    check!(
        zeros
            .iter()
            .all(|frame| crate::run::advert(frame).is_ok_and(|a| a.priority != 0)),
        "it gave up being MASTER"
    );
    Ok(())
}

fn a52f(run: &mut Run) -> Verdict {
    hold_table(run)?;
    master(run, &instance(LINES, VIP), "10.9.0.100")?;
    let said = until(2.0, || {
        run.daemon(A)
            .is_ok_and(|daemon| daemon.log().contains("failed to use nftables table keepalived"))
    });
    check!(said, "no word of it in the log");
    let moment = Stamp::now();
    run.pause(1.0);
    check!(run.adverts(A, moment).len() >= 3, "it does not stay MASTER");
    let times = run.daemon(A)?.log().matches("nftables").count();
    check!(times <= 2, "said {times} times");
    Ok(())
}

/// A directory with programs that speak to x_tables under the names that are looked for; skips where there are none.
fn legacy_programs(run: &Run, with_ipset: bool) -> Verdict<String> {
    let directory = run.directory(A).join("bin").to_string_lossy().into_owned();
    let ipset = if with_ipset {
        "ln -sf $(command -v ipset) $d/ipset"
    } else {
        "true"
    };
    let line = format!(
        "PATH=$PATH:/usr/sbin:/sbin; d={directory}; mkdir -p $d && m=$(command -v xtables-legacy-multi) && command -v ipset && \
         for p in iptables ip6tables iptables-restore ip6tables-restore iptables-save; do ln -sf $m $d/$p || exit 1; done && {ipset} && \
         $d/iptables -L -n && $d/ip6tables -L -n && $m ip6tables -N in && $m iptables -N in && $m iptables -N out && $m ip6tables -N out \
         && $m iptables -A INPUT -j in && $m ip6tables -A INPUT -j in && $m iptables -A OUTPUT -j out && $m ip6tables -A OUTPUT -j out"
    );
    match run.lab.node(A).shell(&line) {
        Ok(_) => Ok(directory),
        Err(_) => Err(Stop::Skip("x_tables, xtables-legacy-multi or ipset is missing".into())),
    }
}

fn saved(run: &Run, directory: &str) -> Verdict<String> {
    let line = format!(
        "xtables-legacy-multi iptables-save; xtables-legacy-multi ip6tables-save; {}",
        if directory.is_empty() { "true" } else { "ipset list" }
    );
    run.lab.node(A).shell(&format!("PATH=$PATH:/usr/sbin:/sbin; {line}"))
}

fn start_with(run: &mut Run, directory: &str, config: &str) -> Verdict {
    let launch = Launch {
        config: config.to_owned(),
        environment: vec![("PATH".to_owned(), format!("{directory}:/usr/bin:/bin"))],
        ..Launch::default()
    };
    let begin = Stamp::now();
    run.launch(A, &launch)?;
    run.wait_advert(A, begin, 6.0)?;
    Ok(())
}

fn iptables(run: &mut Run, with_sets: bool) -> Verdict {
    let directory = legacy_programs(run, with_sets)?;
    let sets = if with_sets { "vrrp_ipsets shield" } else { "vrrp_ipsets" };
    let global = format!("global_defs {{\nvrrp_iptables in out\n{sets}\n}}\n");
    let config = format!(
        "{global}{}{}",
        instance(LINES, "10.9.0.100/24\n10.9.0.101/24"),
        named("V6", 52, LINES, "fe80::9:100/64\nfd09::100/64")
    );
    start_with(run, &directory, &config)?;
    run.wait_address(A, "10.9.0.101", true, 0.5)?;
    run.wait_address(A, "fd09::100", true, 1.0)?;
    let wanted: &[&str] = if with_sets {
        &[
            "-A in -m set --match-set shield dst -j DROP",
            "-A out -m set --match-set shield src -j DROP",
            "-A in -m set --match-set shield6 dst -j DROP",
            "-A in -m set --match-set shield_if6 dst,src -j DROP",
            "fe80::9:100,e0",
            "10.9.0.101",
        ]
    } else {
        &[
            "-A in -d 10.9.0.101/32 -j DROP",
            "-A out -s 10.9.0.100/32 -j DROP",
            "-A in -d fd09::100/128 -j DROP",
            "-A in -d fe80::9:100/128 -i e0 -j DROP",
        ]
    };
    let complete = until(3.0, || {
        saved(run, &directory).is_ok_and(|text| wanted.iter().all(|part| text.contains(part)))
    });
    check!(complete, "not all of {wanted:?} in {}", saved(run, &directory)?);
    check!(rules(run)?.is_empty(), "nftables is used: {}", rules(run)?);
    for address in ["10.9.0.100", "10.9.0.101", "fd09::100", "fe80::9:100%e0"] {
        check!(!answers(run, address), "{address} answers");
    }
    check!(answers(run, "10.9.0.1"), "the address of the interface does not answer");
    for address in ["10.9.0.100", "fd09::100", "fe80::9:100"] {
        check!(is_neighbour(run, address)?, "{address} is not resolved");
    }
    run.stop(A)?;
    let left = saved(run, &directory)?;
    check!(
        !left.contains("DROP") && !left.contains("shield"),
        "left behind: {left}"
    );
    Ok(())
}

fn with_sets(run: &mut Run) -> Verdict {
    iptables(run, true)
}

fn without_sets(run: &mut Run) -> Verdict {
    iptables(run, false)
}

/// `iptables` that makes rules of nftables: then nftables is used, with a word about it.
fn iptables_of_nftables(run: &mut Run) -> Verdict {
    skip_without_nft(run)?;
    let directory = run.directory(A).join("bin").to_string_lossy().into_owned();
    let line = format!(
        "mkdir -p {directory} && touch {directory}/xtables-nft-multi && ln -s xtables-nft-multi {directory}/iptables"
    );
    run.lab.node(A).shell(&line)?;
    let config = format!("global_defs {{\nvrrp_iptables\n}}\n{}", instance(LINES, VIP));
    start_with(run, &directory, &config)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    check!(rules(run)?.contains("{ 10.9.0.100 }"), "not shielded: {}", rules(run)?);
    let log = run.daemon(A)?.log();
    check!(
        log.contains("iptables makes rules of nftables"),
        "no word of it in the log: {log}"
    );
    Ok(())
}

/// Reports of membership leave with the MAC of the interface under the virtual one: a switch that learnt the virtual MAC from the
/// reports of a BACKUP would send the MASTER's packets there. Adverts bear the virtual MAC.
fn reports(run: &mut Run, addresses: &str, group: &str, virtual_mac: [u8; 6]) -> Verdict {
    skip_without_nft(run)?;
    let lines = "version 3\npriority 150\nadvert_int 0.3\nuse_vmac";
    let begin = Stamp::now();
    run.start(A, &instance(lines, addresses))?;
    let advert = run.wait_advert(A, begin, 6.0)?;
    same("source MAC of an advert", advert.source_mac, virtual_mac)?;
    run.pause(1.5);
    let group: std::net::IpAddr = group
        .parse()
        .map_err(|_| Stop::Fail(format!("{group} is no address")))?;
    let mut joins = 0;
    for frame in run.lab.capture.frames(begin).iter().filter(|frame| frame.from == A) {
        let Body::Group(told) = &frame.body else { continue };
        let base = [2, 0, 0, 0, 0, 1];
        check!(
            frame.source_mac == base,
            "a report of {:?} from {:02x?}",
            told.groups,
            frame.source_mac
        );
        joins += usize::from(!told.leave && told.groups.contains(&group));
    }
    check!(joins > 0, "no report of {group} at all");
    let counted = rules(run)?;
    check!(counted.contains("vmac_map"), "no rules: {counted}");
    run.stop(A)?;
    same("rules after the end", rules(run)?, String::new())
}

fn reports_v4(run: &mut Run) -> Verdict {
    reports(run, VIP, "224.0.0.18", [0, 0, 0x5e, 0, 1, 51])
}

fn reports_v6(run: &mut Run) -> Verdict {
    reports(run, "fe80::9:100/64", "ff02::12", [0, 0, 0x5e, 0, 2, 51])
}

/// A process that holds a table which nobody else can delete; skips where nft has no such tables.
fn hold_table(run: &Run) -> Verdict {
    skip_without_nft(run)?;
    let holder = "{ (echo 'add table ip keepalived { flags owner; }'; sleep 12) | nft -i; } >/dev/null 2>&1 &";
    run.lab.node(A).shell(holder)?;
    if until(3.0, || rules(run).is_ok_and(|text| text.contains("flags owner"))) {
        return Ok(());
    }
    Err(Stop::Skip("nft knows no tables with an owner".into()))
}

/// nftables refuses, and there is an iptables that does not need it.
fn iptables_instead(run: &mut Run) -> Verdict {
    let directory = legacy_programs(run, true)?;
    hold_table(run)?;
    start_with(run, &directory, &instance(LINES, VIP))?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    let wanted = "-A INPUT -m set --match-set keepalived dst -j DROP";
    let complete = until(3.0, || saved(run, &directory).is_ok_and(|text| text.contains(wanted)));
    check!(complete, "no `{wanted}` in {}", saved(run, &directory)?);
    check!(!answers(run, "10.9.0.100"), "the address answers");
    check!(
        run.daemon(A)?.log().contains("using iptables"),
        "no word of it in the log"
    );
    run.stop(A)?;
    let left = saved(run, &directory)?;
    check!(
        !left.contains("DROP") && !left.contains("Name: keepalived"),
        "left behind: {left}"
    );
    Ok(())
}

/// Rules and names of sets.
fn kept(run: &Run, directory: &str) -> Verdict<Vec<String>> {
    let text = saved(run, directory)?;
    let lines = text.lines().filter(|l| l.starts_with("-A ") || l.starts_with("Name:"));
    Ok(lines.map(str::to_owned).collect())
}

/// What a dead VRRP process shielded, its successor shields once, or not at all, and nothing stays.
fn iptables_crash(run: &mut Run) -> Verdict {
    let directory = legacy_programs(run, true)?;
    run.lab
        .node(A)
        .shell(&format!("{directory}/iptables -A in -s 192.0.2.1 -j DROP"))?;
    let before = kept(run, &directory)?;
    for sets in ["vrrp_ipsets", ""] {
        let lines = format!("{LINES}\nuse_vmac");
        let config = format!(
            "global_defs {{\nvrrp_iptables in out\n{sets}\n}}\n{}{}",
            instance(&lines, "10.9.0.100/24"),
            named("V6", 52, &lines, "fe80::9:100/64\nfd09::100/64")
        );
        start_with(run, &directory, &config)?;
        run.wait_address(A, "10.9.0.100", true, 2.0)?;
        run.wait_address(A, "fd09::100", true, 2.0)?;
        run.pause(1.0);
        let mut first = kept(run, &directory)?;
        check!(first.len() > before.len() + 10, "not complete: {first:?}");
        crate::daemon::signal_pid(run.daemon(A)?.vrrp_pid()?, 9)?;
        run.pause(0.3);
        run.wait_advert(A, Stamp::now(), 6.0)?;
        run.pause(1.5);
        let mut second = kept(run, &directory)?;
        first.sort_unstable();
        second.sort_unstable();
        same("rules", second, first)?;
        // The next one does not become MASTER.
        run.lab.node(A).ip(&["link set e0 down"])?;
        run.pause(0.5);
        crate::daemon::signal_pid(run.daemon(A)?.vrrp_pid()?, 9)?;
        run.pause(2.5);
        run.stop(A)?;
        same("what is left", kept(run, &directory)?, before.clone())?;
        run.lab
            .node(A)
            .ip(&["link set e0 up", "address add fd09::1/64 dev e0 nodad"])?;
    }
    Ok(())
}

/// A virtual MAC with iptables: no report leaves by it.
fn iptables_vmac(run: &mut Run) -> Verdict {
    let directory = legacy_programs(run, true)?;
    let global = "global_defs {\nvrrp_iptables in out\n}\n";
    let config = format!(
        "{global}{}",
        instance("version 3\npriority 150\nadvert_int 0.3\nuse_vmac", VIP)
    );
    let begin = Stamp::now();
    start_with(run, &directory, &config)?;
    let wanted = [
        "-A out -p igmp -m set --match-set keepalived_igmp dst,dst -j DROP",
        "0.0.0.0/0,vrrp.51",
    ];
    let complete = until(3.0, || {
        saved(run, &directory).is_ok_and(|text| wanted.iter().all(|part| text.contains(part)))
    });
    check!(complete, "not all of {wanted:?} in {}", saved(run, &directory)?);
    // The programs need their time: what left before is nobody's fault.
    let moment = Stamp::now();
    run.pause(1.5);
    let frames = run.lab.capture.frames(moment);
    let reports = frames
        .iter()
        .filter(|frame| matches!(frame.body, Body::Group(_)) && frame.source_mac[..4] == [0, 0, 0x5e, 0]);
    same("reports with the virtual MAC", reports.count(), 0)?;
    check!(!run.adverts(A, begin).is_empty(), "no adverts");
    run.stop(A)?;
    let left = saved(run, &directory)?;
    check!(
        !left.contains("DROP") && !left.contains("vrrp.51"),
        "left behind: {left}"
    );
    Ok(())
}

/// Whoever loads rules anew flushes those of everybody.
fn flushed(run: &mut Run) -> Verdict {
    skip_without_nft(run)?;
    let config = format!("{}{}", instance(LINES, VIP), named("V6", 52, LINES, "fd09::100/64"));
    master(run, &config, "10.9.0.100")?;
    run.wait_address(A, "fd09::100", true, 1.0)?;
    let complete = |run: &Run| {
        rules(run).is_ok_and(|text| {
            [
                "ip daddr @vips drop",
                "ip6 daddr @vips drop",
                "{ 10.9.0.100 }",
                "{ fd09::100 }",
            ]
            .iter()
            .all(|part| text.contains(part))
        })
    };
    for _ in 0..2 {
        check!(until(1.0, || complete(run)), "not complete: {}", rules(run)?);
        run.lab.node(A).shell("nft flush ruleset")?;
        let reference = run.reference();
        check!(
            until(1.0, || complete(run)) != reference,
            "after a flush: {}",
            rules(run)?
        );
        if reference {
            return Ok(());
        }
    }
    check!(!answers(run, "10.9.0.100"), "the address answers");
    run.stop(A)?;
    same("rules after the end", rules(run)?, String::new())
}
