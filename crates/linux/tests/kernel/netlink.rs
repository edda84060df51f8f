//! Netlink against the kernel, with `ip -j` as the second witness.

use std::net::{IpAddr, Ipv4Addr};

use crate::common::{block_on, in_namespace, ip, link_index, run};
use keepalived_linux::netlink::{
    AddressFlags, AddressSpec, CommandSocket, Commands, Event, Groups, HardwareAddress, Lifetime, LinkChange, LinkKind,
    LinkTarget, MacvlanMode, Monitor, NewLink, NewLinkKind, Operation, Outcome, ReceiveBuffer, Scope,
};
use keepalived_linux::sysctl::Sysctl;

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn all_ok(results: &[Result<(), keepalived_linux::netlink::KernelError>]) {
    for (at, result) in results.iter().enumerate() {
        assert_eq!(*result, Ok(()), "operation {at}");
    }
}

#[test]
fn the_dump_tells_what_ip_tells() {
    in_namespace("dump", || {
        run("ip link add va type veth peer name vb");
        run("ip link add br0 type bridge");
        run("ip link set vb master br0");
        run("ip link set va mtu 1400 up");
        run("ip addr add 192.0.2.1/24 brd + dev va label va:1");
        run("ip addr add 192.0.2.2/24 dev va");
        run("ip addr add 198.51.100.1 peer 198.51.100.2/31 dev va");
        run("ip addr add 2001:db8::1/64 dev va nodad");
        let dump = CommandSocket::open(None).unwrap().dump().unwrap();
        let links = ip("link show");
        for link in &dump.links {
            let told = links
                .as_array()
                .unwrap()
                .iter()
                .find(|told| told["ifname"] == *link.name)
                .unwrap();
            assert_eq!(told["ifindex"], link.index);
            assert_eq!(told["mtu"], link.mtu);
            assert_eq!(told["address"], link.address.to_string());
            let flags: Vec<_> = told["flags"]
                .as_array()
                .unwrap()
                .iter()
                .map(|flag| flag.as_str().unwrap())
                .collect();
            assert_eq!(flags.contains(&"UP"), link.flags.up(), "{}", link.name);
            assert_eq!(flags.contains(&"MULTICAST"), link.flags.multicast());
            assert_eq!(flags.contains(&"LOOPBACK"), link.flags.loopback());
        }
        assert_eq!(links.as_array().unwrap().len(), dump.links.len());
        let by_name = |name: &str| dump.links.iter().find(|link| link.name == name).unwrap();
        assert_eq!(by_name("vb").master, Some(by_name("br0").index));
        assert_eq!(by_name("va").parent, Some(by_name("vb").index));
        assert_eq!(by_name("va").kind, LinkKind::Other("veth".into()));
        let by_ip = |ip: &str| dump.addresses.iter().find(|found| found.local == address(ip)).unwrap();
        assert_eq!(by_ip("192.0.2.1").label.as_deref(), Some("va:1"));
        assert_eq!(by_ip("192.0.2.1").broadcast, Some(Ipv4Addr::new(192, 0, 2, 255)));
        assert!(by_ip("192.0.2.2").flags.contains(AddressFlags::SECONDARY));
        assert_eq!(by_ip("198.51.100.1").peer, Some(address("198.51.100.2")));
        assert_eq!(by_ip("2001:db8::1").prefix, 64);
        assert_eq!(by_ip("127.0.0.1").scope, Scope::HOST);
    });
}

#[test]
fn addresses_come_with_all_they_were_asked_for_and_go() {
    in_namespace("addresses", || {
        run("ip link add va type veth peer name vb");
        run("ip link set va up");
        let index = link_index("va");
        let mut full = AddressSpec::new(index, address("192.0.2.1"), 24);
        full.broadcast = Some(Ipv4Addr::new(192, 0, 2, 255));
        full.label = Some("va:vip".into());
        full.flags = AddressFlags::NOPREFIXROUTE;
        full.scope = Scope::LINK;
        let mut peer = AddressSpec::new(index, address("198.51.100.1"), 32);
        peer.peer = Some(address("198.51.100.2"));
        let mut six = AddressSpec::new(index, address("2001:db8::1"), 64);
        six.flags = AddressFlags::NODAD | AddressFlags::NOPREFIXROUTE;
        six.preferred = Lifetime(0);
        let mut six_peer = AddressSpec::new(index, address("2001:db8::2"), 128);
        six_peer.peer = Some(address("2001:db8::3"));
        let wanted = [full, peer, six, six_peer];
        let add: Vec<_> = wanted.iter().cloned().map(Operation::AddAddress).collect();
        let mut socket = CommandSocket::open(Some(ReceiveBuffer {
            bytes: 65_536,
            force: false,
        }))
        .unwrap();
        all_ok(&socket.execute(&add));
        // A second time the addresses exist, which is what was wanted.
        all_ok(&socket.execute(&add));
        let told = ip("addr show dev va");
        let told: Vec<_> = told[0]["addr_info"].as_array().unwrap().clone();
        let by_ip = |ip: &str| {
            told.iter()
                .find(|told| told["local"] == ip)
                .unwrap_or_else(|| panic!("{ip} in {told:?}"))
        };
        let full = by_ip("192.0.2.1");
        assert_eq!((&full["label"], &full["scope"]), (&"va:vip".into(), &"link".into()));
        assert_eq!(
            (&full["broadcast"], &full["noprefixroute"]),
            (&"192.0.2.255".into(), &true.into())
        );
        assert_eq!(by_ip("198.51.100.1")["address"], "198.51.100.2");
        let six = by_ip("2001:db8::1");
        assert_eq!((&six["nodad"], &six["deprecated"]), (&true.into(), &true.into()));
        assert_eq!(by_ip("2001:db8::2")["address"], "2001:db8::3");
        let read = socket.addresses().unwrap();
        let ours = read.iter().filter(|address| address.protocol == Some(18)).count();
        assert!(
            ours == 4 || read.iter().all(|address| address.protocol.is_none()),
            "{read:?}"
        );
        let delete: Vec<_> = wanted.iter().cloned().map(Operation::DeleteAddress).collect();
        all_ok(&socket.execute(&delete));
        all_ok(&socket.execute(&delete));
        let left = run("ip addr show dev va");
        assert!(
            !left.contains("192.0.2.") && !left.contains("198.51.100.") && !left.contains("2001:db8"),
            "{left}"
        );
    });
}

#[test]
fn a_refusal_names_its_operation_and_stops_no_other() {
    in_namespace("refusal", || {
        run("ip link add va type veth peer name vb");
        let index = link_index("va");
        let mut operations = Vec::new();
        for last in 1..=200_u8 {
            operations.push(Operation::AddAddress(AddressSpec::new(
                index,
                Ipv4Addr::new(192, 0, 2, last).into(),
                24,
            )));
        }
        operations[70] = Operation::AddAddress(AddressSpec::new(9999, address("192.0.2.71"), 24));
        operations[130] = Operation::AddAddress(AddressSpec::new(index, address("192.0.2.131"), 77));
        let results = CommandSocket::open(None).unwrap().execute(&operations);
        let refused: Vec<_> = results
            .iter()
            .enumerate()
            .filter(|(_, result)| result.is_err())
            .map(|(at, _)| at)
            .collect();
        assert_eq!(refused, [70, 130]);
        assert_eq!(results[70].as_ref().unwrap_err().errno, libc::ENODEV);
        let invalid = results[130].as_ref().unwrap_err();
        assert_eq!(invalid.errno, libc::EINVAL);
        assert!(
            invalid.text.as_deref().is_some_and(|text| text.contains("prefix")),
            "{invalid}"
        );
    });
}

#[test]
fn two_thousand_addresses_come_and_go_in_batches() {
    in_namespace("2000", || {
        run("ip link add va type veth peer name vb");
        run("ip link set va up");
        let index = link_index("va");
        let specs: Vec<_> = (0..2000_u32)
            .map(|n| AddressSpec::new(index, Ipv4Addr::from(0x0a00_0001 + n).into(), 32))
            .collect();
        let mut socket = CommandSocket::open(None).unwrap();
        let begin = std::time::Instant::now();
        all_ok(&socket.execute(&specs.iter().cloned().map(Operation::AddAddress).collect::<Vec<_>>()));
        let added = begin.elapsed();
        let count = || run("ip -o -4 addr show dev va").lines().count();
        assert_eq!(count(), 2000);
        assert_eq!(
            socket
                .addresses()
                .unwrap()
                .iter()
                .filter(|found| found.index == index && found.local.is_ipv4())
                .count(),
            2000
        );
        let begin = std::time::Instant::now();
        all_ok(&socket.execute(&specs.into_iter().map(Operation::DeleteAddress).collect::<Vec<_>>()));
        println!("2000 addresses: added in {added:?}, removed in {:?}", begin.elapsed());
        assert_eq!(count(), 0);
    });
}

#[test]
fn the_monitor_tells_links_and_addresses_and_nothing_false() {
    in_namespace("monitor", || {
        block_on(async {
            let groups = Groups {
                routes: true,
                rules: true,
            };
            let mut monitor = Monitor::open(
                groups,
                Some(ReceiveBuffer {
                    bytes: 65_536,
                    force: true,
                }),
            )
            .unwrap();
            run("ip link add va type veth peer name vb");
            run("ip link add br0 type bridge");
            run("ip link set va up");
            run("ip link set vb up");
            run("ip link set vb master br0");
            // A port that leaves its bridge is no interface that goes.
            run("ip link set vb nomaster");
            run("ip addr add 192.0.2.1/24 dev va");
            run("ip route add 203.0.113.0/24 via 192.0.2.9");
            run("ip rule add from 192.0.2.1 table 100");
            run("ip addr del 192.0.2.1/24 dev va");
            run("ip link del br0");
            run("ip link add end type veth peer name end2");
            let mut events = Vec::new();
            while !events
                .iter()
                .any(|event| matches!(event, Event::Link(link) if link.name == "end"))
            {
                monitor.next(&mut events).await.unwrap();
            }
            let removed: Vec<_> = events
                .iter()
                .filter_map(|event| {
                    if let Event::LinkRemoved(link) = event {
                        Some(link.name.as_str())
                    } else {
                        None
                    }
                })
                .collect();
            assert_eq!(removed, ["br0"]);
            assert!(
                events
                    .iter()
                    .any(|event| matches!(event, Event::Link(link) if link.name == "va" && link.flags.usable()))
            );
            let vip = address("192.0.2.1");
            let added = events
                .iter()
                .position(|event| matches!(event, Event::Address(address) if address.local == vip));
            let gone = events
                .iter()
                .position(|event| matches!(event, Event::AddressRemoved(address, _) if address.local == vip));
            assert!(added.unwrap() < gone.unwrap());
            assert!(events.iter().any(|event| matches!(event, Event::Route(_))));
            assert!(events.iter().any(|event| matches!(event, Event::Rule(_))));
            assert!(!events.contains(&Event::Overrun));
        });
    });
}

/// `netlink-packet-route` refuses a link whose alias is no UTF-8; neither the dump nor the monitor may lose it.
#[test]
fn an_interface_that_cannot_be_read_completely_is_not_lost() {
    in_namespace("unreadable", || {
        block_on(async {
            run("ip link add va type veth peer name vb");
            run("ip link add link va name mv address 02:00:00:00:00:07 type macvlan mode private");
            let (va, mv) = (link_index("va"), link_index("mv"));
            let mut monitor = Monitor::open(Groups::default(), None).unwrap();
            let alias = std::process::Command::new("ip")
                .args(["link", "set", "mv", "alias"])
                .arg(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(
                    b"\xff\xfe",
                ))
                .status()
                .unwrap();
            assert!(alias.success());
            run("ip link set mv mtu 1300");
            let dump = CommandSocket::open(None).unwrap().dump().unwrap();
            let names: Vec<_> = dump.links.iter().map(|link| link.name.as_str()).collect();
            assert_eq!(names, ["lo", "vb", "va", "mv"]);
            let read = &dump.links[3];
            assert_eq!((read.index, read.mtu), (mv, 1300));
            assert_eq!(read.address.to_string(), "02:00:00:00:00:07");
            assert_eq!((read.parent, &read.kind), (Some(va), &LinkKind::Macvlan { mode: 1 }));
            let mut events = Vec::new();
            while !events
                .iter()
                .any(|event| matches!(event, Event::Link(link) if link.name == "mv" && link.mtu == 1300))
            {
                monitor.next(&mut events).await.unwrap();
            }
        });
    });
}

#[test]
fn what_happened_before_an_answer_is_known_before_it() {
    in_namespace("read_now", || {
        block_on(async {
            run("ip link add va type veth peer name vb");
            let index = link_index("va");
            let mut monitor = Monitor::open(Groups::default(), None).unwrap();
            // Also: the command socket works inside an event loop, as the workers open theirs.
            let mut socket = CommandSocket::open(None).unwrap();
            for last in 1..=100_u8 {
                let vip: IpAddr = Ipv4Addr::new(192, 0, 2, last).into();
                all_ok(&socket.execute(&[Operation::AddAddress(AddressSpec::new(index, vip, 24))]));
                let mut events = Vec::new();
                monitor.read_now(&mut events).unwrap();
                assert!(
                    matches!(&events[..], [Event::Address(address)] if address.local == vip),
                    "{events:?}"
                );
            }
        });
    });
}

#[test]
fn an_overrun_is_told_and_the_monitor_lives_on() {
    in_namespace("overrun", || {
        block_on(async {
            let mut monitor = Monitor::open(
                Groups::default(),
                Some(ReceiveBuffer {
                    bytes: 2_048,
                    force: false,
                }),
            )
            .unwrap();
            for n in 0..20 {
                run(&format!("ip link add va{n} type veth peer name vb{n}"));
            }
            let mut events = Vec::new();
            while !events.contains(&Event::Overrun) {
                monitor.next(&mut events).await.unwrap();
            }
            run("ip link set va3 mtu 1300");
            while !events
                .iter()
                .any(|event| matches!(event, Event::Link(link) if link.name == "va3" && link.mtu == 1300))
            {
                monitor.next(&mut events).await.unwrap();
            }
        });
    });
}

#[test]
fn the_thread_answers_with_the_tickets_in_order() {
    in_namespace("thread", || {
        run("ip link add va type veth peer name vb");
        let index = link_index("va");
        block_on(async move {
            let mut commands = Commands::start(None).unwrap();
            commands.submit(
                "add",
                vec![Operation::AddAddress(AddressSpec::new(index, address("192.0.2.1"), 24))],
            );
            commands.request_dump("dump");
            commands.submit(
                "wrong",
                vec![Operation::AddAddress(AddressSpec::new(9999, address("192.0.2.1"), 24))],
            );
            let add = commands.next().await.unwrap();
            assert_eq!(add.ticket, "add");
            assert!(matches!(&add.outcome, Outcome::Results(results) if results[..] == [Ok(())]));
            let dump = commands.next().await.unwrap();
            let Outcome::Dump(Ok(tables)) = dump.outcome else {
                panic!("{dump:?}")
            };
            assert!(tables.addresses.iter().any(|found| found.local == address("192.0.2.1")));
            let wrong = commands.next().await.unwrap();
            assert!(matches!(&wrong.outcome, Outcome::Results(results) if results[0].is_err()));
            assert!(std::thread::spawn(move || commands.finish()).join().unwrap().is_empty());
        });
    });
}

#[test]
fn vmacs_are_made_set_up_and_removed() {
    in_namespace("vmac", || {
        run("ip link add va type veth peer name vb");
        run("ip link set va up");
        run("ip link set vb up");
        let parent = link_index("va");
        let mut socket = CommandSocket::open(None).unwrap();
        let new = Operation::AddLink(NewLink {
            name: "vrrp.51".into(),
            parent,
            kind: NewLinkKind::Macvlan {
                mode: MacvlanMode::Private,
                address: [0, 0, 0x5e, 0, 1, 51],
            },
            group: 7,
            up: false,
        });
        let by_name = || LinkTarget::Name("vrrp.51".into());
        all_ok(&socket.execute(&[
            new.clone(),
            Operation::ChangeLink {
                link: by_name(),
                change: LinkChange::NoAddressGeneration,
            },
            Operation::ChangeLink {
                link: by_name(),
                change: LinkChange::Up(true),
            },
        ]));
        assert_eq!(socket.execute(&[new])[0].as_ref().unwrap_err().errno, libc::EEXIST);
        let index = link_index("vrrp.51");
        let told = ip("link show dev vrrp.51");
        assert_eq!(told[0]["address"], "00:00:5e:00:01:33");
        assert_eq!(told[0]["linkinfo"]["info_data"]["mode"], "private");
        assert_eq!(told[0]["inet6_addr_gen_mode"], "none");
        assert_eq!(told[0]["group"], "7");
        let link = socket
            .links()
            .unwrap()
            .into_iter()
            .find(|link| link.index == index)
            .unwrap();
        assert_eq!(
            link.kind,
            LinkKind::Macvlan {
                mode: MacvlanMode::Private.bits()
            }
        );
        assert_eq!(
            (link.parent, link.group, link.addr_gen_mode),
            (Some(parent), 7, Some(1))
        );
        assert!(link.flags.usable());
        let mac = HardwareAddress::new(&[0, 0, 0x5e, 0, 1, 52]);
        all_ok(&socket.execute(&[
            Operation::ChangeLink {
                link: index.into(),
                change: LinkChange::Address(mac),
            },
            Operation::ChangeLink {
                link: index.into(),
                change: LinkChange::Mtu(1300),
            },
        ]));
        let told = ip("link show dev vrrp.51");
        assert_eq!(
            (&told[0]["address"], &told[0]["mtu"]),
            (&"00:00:5e:00:01:34".into(), &1300.into())
        );
        let arp_ignore = Sysctl::ipv4_conf("vrrp.51", "arp_ignore").unwrap();
        let restore = arp_ignore.set(1).unwrap().unwrap();
        assert_eq!(run("cat /proc/sys/net/ipv4/conf/vrrp.51/arp_ignore").trim(), "1");
        assert_eq!(arp_ignore.set(1).unwrap(), None);
        restore.restore().unwrap();
        assert_eq!(run("cat /proc/sys/net/ipv4/conf/vrrp.51/arp_ignore").trim(), "0");
        let restore = arp_ignore.set(1).unwrap().unwrap();
        all_ok(&socket.execute(&[Operation::DeleteLink { index }, Operation::DeleteLink { index }]));
        assert!(!run("ip link show").contains("vrrp.51"));
        restore.restore().unwrap();
    });
}
