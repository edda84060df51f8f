//! The firewall of `no_accept`, with `nft list` and pings as witnesses.

use std::net::IpAddr;
use std::process::Command;

use crate::common::{Other, in_namespace, link_index, run};
use keepalived_linux::netlink::{CommandSocket, Commands, FirewallSettings, Operation, Place, Shielded};
use keepalived_model::units::Family;

fn shielded(address: &str, interface: u32) -> Shielded {
    Shielded::address(address.parse::<IpAddr>().unwrap(), Place::Index(interface))
}

fn ruleset() -> String {
    run("nft list ruleset").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A socket with the firewall enabled, or SKIP.
fn socket(settings: FirewallSettings) -> Option<CommandSocket> {
    let mut socket = CommandSocket::open(None).unwrap();
    match socket.enable_firewall(settings) {
        Ok(()) => Some(socket),
        Err(error) => {
            println!("SKIP: nftables: {error}");
            None
        }
    }
}

#[test]
fn addresses_are_shielded_and_neighbour_discovery_is_not() {
    in_namespace("firewall", || {
        let other = Other::joined();
        let settings = FirewallSettings {
            counters: true,
            ..FirewallSettings::default()
        };
        let Some(mut socket) = socket(settings) else { return };
        assert_eq!(ruleset(), "", "tables are made with their first address");
        let index = link_index("va");
        run("ip addr add 192.0.2.100/24 dev va");
        run("ip addr add 2001:db8::100/64 dev va nodad");
        run("ip addr add fe80::100/64 dev va nodad");
        let ping = |address: &'static str| {
            other.call(move || {
                let arguments = ["-c1", "-W1", "-n", "-q", address];
                Command::new("ping").args(arguments).output().unwrap().status.success()
            })
        };
        // A machine with much to do may lose the first.
        let answers = |address: &'static str| (0..5).any(|_| ping(address));
        let all = [
            shielded("192.0.2.100", 0),
            shielded("2001:db8::100", 0),
            shielded("fe80::100", index),
        ];
        let names = ["192.0.2.100", "2001:db8::100", "fe80::100%vb"];
        let answering = || names.iter().filter(|name| answers(name)).count();
        assert_eq!(answering(), 3, "not shielded yet");
        let shield: Vec<_> = all.iter().copied().map(Operation::Shield).collect();
        for _ in 0..2 {
            assert!(socket.execute(&shield).iter().all(Result::is_ok));
        }
        let seen = ruleset();
        for part in [
            "table ip keepalived { set vips { type ipv4_addr elements = { 192.0.2.100 } }",
            "chain in { type filter hook input priority filter - 1; policy accept; ip daddr @vips counter packets",
            "chain out { type filter hook output priority filter - 1; policy accept; ip saddr @vips counter packets",
            "set vips { type ipv6_addr elements = { 2001:db8::100 } }",
            "set vips_link_local { type ipv6_addr . iface_index elements = { fe80::100 . \"va\" } }",
            "set neighbor-discovery { type icmpv6_type flags constant elements = { nd-neighbor-solicit, nd-neighbor-advert } }",
            "icmpv6 type @neighbor-discovery counter packets",
            "icmpv6 type @neighbor-discovery counter packets",
            "chain in_link_local { ip6 daddr . iif @vips_link_local counter packets",
            "chain out_link_local { ip6 saddr . oif @vips_link_local counter packets",
        ] {
            assert!(seen.contains(part), "{part}\nin {seen}");
        }
        assert_eq!(names.iter().filter(|name| ping(name)).count(), 0, "shielded");
        let others = ["192.0.2.1", "2001:db8::1", "fe80::1%vb"];
        assert!(others.iter().all(|name| answers(name)), "others are not");
        let neighbours = other.call(|| run("ip neigh show dev vb"));
        assert!(
            neighbours.contains("2001:db8::100 lladdr"),
            "neighbour discovery passes: {neighbours}"
        );
        let unshield: Vec<_> = all.iter().copied().map(Operation::Unshield).collect();
        for _ in 0..2 {
            assert!(socket.execute(&unshield).iter().all(Result::is_ok));
        }
        assert_eq!(answering(), 3, "not shielded any more");
        socket.remove_firewall().unwrap();
        assert_eq!(ruleset(), "");
    });
}

#[test]
fn what_a_predecessor_left_goes_and_strangers_stay() {
    in_namespace("firewall_leftover", || {
        if socket(FirewallSettings::default()).is_none() {
            return;
        }
        run("nft add table ip keepalived");
        run("nft add table ip6 keepalived");
        run("nft add table inet stranger");
        let mut socket = socket(FirewallSettings::default()).unwrap();
        assert_eq!(ruleset(), "table inet stranger { }");
        // Two thousand at once, removed twice, among other operations and in order.
        let many: Vec<_> = (0..2000_u32)
            .map(|n| Shielded::Address(IpAddr::V4((0x0a00_0000 + n).into())))
            .collect();
        let mut operations: Vec<_> = many.iter().copied().map(Operation::Shield).collect();
        operations.insert(1000, Operation::DeleteLink { index: 9999 });
        let begin = std::time::Instant::now();
        assert!(socket.execute(&operations).iter().all(Result::is_ok));
        println!("2000 shielded in {:?}", begin.elapsed());
        let count = || run("nft list set ip keepalived vips").matches("10.0.").count();
        assert_eq!(count(), 2000);
        let some: Vec<_> = many[..1500].iter().copied().map(Operation::Unshield).collect();
        assert!(socket.execute(&some).iter().all(Result::is_ok));
        assert_eq!(count(), 500);
        let all: Vec<_> = many.into_iter().map(Operation::Unshield).collect();
        assert!(socket.execute(&all).iter().all(Result::is_ok));
        assert_eq!(count(), 0);
        // A table that somebody removes comes back with all that was in it.
        let two = [shielded("192.0.2.1", 0), shielded("192.0.2.2", 0)].map(Operation::Shield);
        assert!(socket.execute(&two[..1]).iter().all(Result::is_ok));
        run("nft delete table ip keepalived");
        assert!(socket.execute(&two[1..]).iter().all(Result::is_ok));
        assert!(ruleset().contains("{ 192.0.2.1, 192.0.2.2 }"), "{}", ruleset());
        run("nft flush set ip keepalived vips");
        let two = [shielded("192.0.2.1", 0), shielded("192.0.2.2", 0)].map(Operation::Unshield);
        assert!(socket.execute(&two).iter().all(Result::is_ok));
        let commands = Commands::with_socket(socket).unwrap();
        commands.submit((), vec![Operation::Shield(shielded("2001:db8::1", 0))]);
        assert_eq!(commands.finish().len(), 1);
        assert_eq!(ruleset(), "table inet stranger { }");
        let off = CommandSocket::open(None)
            .unwrap()
            .execute(&[Operation::Shield(shielded("192.0.2.1", 0))]);
        assert_eq!(off[0].as_ref().unwrap_err().errno, libc::EOPNOTSUPP);
    });
}

#[test]
fn reports_of_a_virtual_mac_leave_by_its_base() {
    in_namespace("firewall_vmac", || {
        let settings = FirewallSettings {
            counters: true,
            ..FirewallSettings::default()
        };
        let Some(mut socket) = socket(settings) else { return };
        let _other = Other::joined();
        run("ip link add vm link va address 00:00:5e:00:01:07 type macvlan mode private");
        let (vmac, base) = (link_index("vm"), link_index("va"));
        let vm = keepalived_model::units::IfName::new("vm").unwrap();
        let all = [
            Shielded::Vmac {
                family: Family::V4,
                name: vm,
                vmac,
                base,
            },
            Shielded::Vmac {
                family: Family::V6,
                name: vm,
                vmac,
                base,
            },
            Shielded::ParentLinkLocal("fe80::5".parse().unwrap(), vm),
        ];
        // The rules of no_accept are there before, and stay behind.
        let mut operations = vec![Operation::Shield(shielded("2001:db8::1", 0))];
        operations.extend(all.map(Operation::Shield));
        assert!(socket.execute(&operations).iter().all(Result::is_ok));
        run("ip link set vm up");
        run("ip addr add 192.0.2.7/24 dev vm");
        let group = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
        group
            .join_multicast_v4(&"224.0.0.18".parse().unwrap(), &"192.0.2.7".parse().unwrap())
            .unwrap();
        let seen = ruleset();
        for part in [
            "map vmac_map { type iface_index : iface_index elements = { \"vm\" : \"va\" } }",
            "ip protocol igmp meta oifkind \"macvlan\" dup to ip daddr device oif map @vmac_map counter packets",
            "set vmac_set { type iface_index elements = { \"vm\" } }",
            "set parent_link_local { type ipv6_addr . ifname elements = { fe80::5 . \"vm\" } }",
            "set mld-report { type icmpv6_type flags constant elements = { mld-listener-report, mld2-listener-report } }",
            "icmpv6 type nd-neighbor-advert meta oifkind \"macvlan\" ip6 saddr . oifname @parent_link_local counter packets",
            "icmpv6 type @mld-report meta oifkind \"macvlan\" dup to ip6 daddr device oif map @vmac_map counter packets",
            "icmpv6 type nd-router-solicit meta oifkind \"macvlan\" oif @vmac_set counter packets",
        ] {
            assert!(seen.contains(part), "{part}\nin {seen}");
        }
        let place = |part: &str| seen.find(part).unwrap();
        assert!(place("nd-neighbor-advert meta") < place("@mld-report meta"));
        assert!(place("@mld-report meta") < place("nd-router-solicit meta"));
        assert!(place("nd-router-solicit meta") < place("icmpv6 type @neighbor-discovery"));
        let counted = |part: &str| {
            let now = ruleset();
            !now[now.find(part).unwrap()..]
                .split_once("counter ")
                .unwrap()
                .1
                .starts_with("packets 0 ")
        };
        let soon = |part: &str| {
            (0..40).any(|_| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                counted(part)
            })
        };
        assert!(soon("ip protocol igmp meta"), "{}", ruleset());
        assert!(soon("icmpv6 type @mld-report meta"), "{}", ruleset());
        // Other settings: the tables are made again with all that they held.
        let other = Operation::UseFirewall(Box::new(FirewallSettings {
            table: "other".into(),
            priority: 7,
            counters: false,
        }));
        assert!(socket.execute(&[other])[0].is_ok());
        let seen = ruleset();
        for part in [
            "table ip other {",
            "table ip6 other {",
            "{ \"vm\" : \"va\" }",
            "{ 2001:db8::1 }",
            "priority filter + 7",
            "@vips drop",
        ] {
            assert!(seen.contains(part), "{part}\nin {seen}");
        }
        assert!(!seen.contains("keepalived"), "{seen}");
        let unshield = all.map(Operation::Unshield);
        for _ in 0..2 {
            assert!(socket.execute(&unshield).iter().all(Result::is_ok));
        }
        assert!(!ruleset().contains("\"vm\""), "{}", ruleset());
        socket.remove_firewall().unwrap();
        assert_eq!(ruleset(), "");
    });
}
