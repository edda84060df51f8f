//! Routes and rules, with `ip -j` as the second witness.

use crate::common::{block_on, in_namespace, ip, link_index, run};
use keepalived_linux::netlink::{
    CommandSocket, Event, Groups, Interfaces, Monitor, Operation, RouteInfo, RouteSpec, RuleInfo, UnknownInterface,
};
use keepalived_model::address::Prefixed;
use keepalived_model::route::{
    Encap, Metric, NextHop, Route, RouteMetrics, RoutePosition, RouteType, Rule, RuleAction,
};
use keepalived_model::units::{Family, IfName};

struct Kernel;

impl Interfaces for Kernel {
    fn index(&self, name: &IfName) -> Option<u32> {
        nix::net::if_::if_nametoindex(name.as_str()).ok()
    }
    fn vrf_table(&self, _: &IfName) -> Option<u32> {
        None
    }
}

fn prefix(text: &str) -> Prefixed {
    let (address, len) = text.split_once('/').unwrap();
    Prefixed::new(address.parse().unwrap(), len.parse().unwrap()).unwrap()
}

fn route(destination: &str) -> Route {
    Route::plain(prefix(destination))
}

fn via(destination: &str, gateway: &str) -> Route {
    let mut route = route(destination);
    route.gateway = Some(gateway.parse().unwrap());
    route
}

fn spec(route: &Route) -> RouteSpec {
    RouteSpec::configured(route, Some(link_index("va")), &Kernel).unwrap()
}

fn links() {
    run("ip link add va type veth peer name vb");
    run("ip addr add 192.0.2.1/24 dev va");
    run("ip addr add 2001:db8::1/64 dev va nodad");
    run("ip addr add 198.51.100.1/24 dev vb");
    run("ip link set va up");
    run("ip link set vb up");
}

fn rich_routes() -> Vec<Route> {
    let mut metrics = via("10.1.0.0/16", "192.0.2.9");
    metrics.metric = Some(50);
    metrics.table = 1000;
    metrics.source = Some("192.0.2.1".parse().unwrap());
    metrics.realms = Some(2 << 16 | 3);
    let locked = |value| Some(Metric { value, lock: true });
    metrics.metrics = Some(Box::new(RouteMetrics {
        mtu: locked(1300),
        advmss: Some(Metric {
            value: 1200,
            lock: false,
        }),
        rtt_ms: Some(Metric {
            value: 100,
            lock: false,
        }),
        initcwnd: Some(20),
        ecn: true,
        quickack: Some(true),
        ..RouteMetrics::default()
    }));
    let mut several = route("10.2.0.0/16");
    let hop = |gateway: &str, interface, weight| NextHop {
        gateway: Some(gateway.parse().unwrap()),
        interface: IfName::new(interface),
        weight,
        ..NextHop::default()
    };
    several.nexthops = vec![hop("192.0.2.9", "va", 3), hop("198.51.100.9", "vb", 1)];
    let mut onlink = via("10.3.0.0/16", "203.0.113.1");
    onlink.interface = IfName::new("va");
    onlink.onlink = true;
    let mut other_family = via("10.4.0.0/16", "2001:db8::9");
    other_family.interface = IfName::new("va");
    let mut direct = route("10.5.0.0/16");
    direct.scope = Some(253);
    let mut hole = route("10.6.0.0/16");
    hole.kind = Some(RouteType::BLACKHOLE);
    let mut local = route("10.7.0.1/32");
    local.kind = Some(RouteType::LOCAL);
    local.table = 255;
    let mut six = via("2001:db8:1::/48", "2001:db8::9");
    six.pref = Some(1);
    let mut default = via("0.0.0.0/0", "192.0.2.9");
    default.tos = 16;
    let mut tunnel = via("10.8.0.0/16", "192.0.2.9");
    tunnel.encap = Some(Box::new(Encap::Ip {
        id: Some(42),
        dst: Some("203.0.113.7".parse().unwrap()),
        src: None,
        tos: None,
        ttl: Some(9),
        flags: None,
    }));
    vec![
        metrics,
        several,
        onlink,
        other_family,
        direct,
        hole,
        local,
        six,
        default,
        tunnel,
    ]
}

#[test]
fn routes_come_with_all_they_were_asked_for_and_go() {
    in_namespace("routes", || {
        links();
        let mut socket = CommandSocket::open(None).unwrap();
        let specs: Vec<_> = rich_routes().iter().map(spec).collect();
        let add: Vec<_> = specs
            .iter()
            .cloned()
            .map(|spec| Operation::AddRoute(Box::new(spec)))
            .collect();
        for (at, result) in socket.execute(&add).into_iter().enumerate() {
            assert_eq!(result, Ok(()), "{:?}", specs[at].info());
        }
        let told = |table: &str, dst: &str| {
            let all = ip(&format!("route show table {table}"));
            let found = all
                .as_array()
                .unwrap()
                .iter()
                .find(|route| route["dst"] == dst)
                .cloned();
            found.unwrap_or_else(|| panic!("{dst} in {all}"))
        };
        let first = told("1000", "10.1.0.0/16");
        assert_eq!((&first["gateway"], &first["metric"]), (&"192.0.2.9".into(), &50.into()));
        assert_eq!((&first["prefsrc"], &first["dev"]), (&"192.0.2.1".into(), &"va".into()));
        let text = run("ip -d route show table 1000");
        for part in [
            "proto keepalived",
            "mtu lock 1300",
            "advmss 1200",
            "rtt 100ms",
            "initcwnd 20",
            "features ecn",
            "quickack 1",
            "realm",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let several = told("main", "10.2.0.0/16");
        let hops = several["nexthops"].as_array().unwrap();
        assert_eq!((&hops[0]["weight"], &hops[1]["weight"]), (&3.into(), &1.into()));
        assert_eq!(
            (&hops[0]["gateway"], &hops[1]["dev"]),
            (&"192.0.2.9".into(), &"vb".into())
        );
        assert_eq!(told("main", "10.3.0.0/16")["flags"][0], "onlink");
        assert_eq!(told("main", "10.4.0.0/16")["via"]["host"], "2001:db8::9");
        assert_eq!(told("main", "10.5.0.0/16")["dev"], "va");
        assert_eq!(told("main", "10.6.0.0/16")["type"], "blackhole");
        assert_eq!(told("local", "10.7.0.1")["type"], "local");
        assert_eq!(told("main", "default")["gateway"], "192.0.2.9");
        assert!(
            run("ip -6 route show")
                .contains("2001:db8:1::/48 via 2001:db8::9 dev va proto keepalived metric 1024 pref high")
        );
        let tunnel = run("ip route show 10.8.0.0/16");
        assert!(
            tunnel.contains("encap ip id 42") && tunnel.contains("dst 203.0.113.7 ttl 9"),
            "{tunnel}"
        );
        // What we read is what we wanted, and nothing else is taken for it.
        let mut read = socket.routes(Family::V4).unwrap();
        read.extend(socket.routes(Family::V6).unwrap());
        for spec in &specs {
            let same: Vec<_> = read.iter().filter(|told| spec.is(told)).collect();
            assert_eq!(same.len(), 1, "{:?} in {read:?}", spec.info());
        }
        assert_eq!(read.iter().filter(|route| route.protocol == 18).count(), specs.len());
        let delete: Vec<_> = specs
            .iter()
            .cloned()
            .map(|spec| Operation::DeleteRoute(Box::new(spec)))
            .collect();
        for _ in 0..2 {
            for (at, result) in socket.execute(&delete).into_iter().enumerate() {
                assert_eq!(result, Ok(()), "{:?}", specs[at].info());
            }
        }
        for arguments in ["-4 route show table all", "-6 route show table all"] {
            let left = run(&format!("ip {arguments}"));
            assert!(!left.contains("keepalived"), "{left}");
        }
    });
}

#[test]
fn positions_replacement_and_refusals() {
    in_namespace("route_positions", || {
        links();
        let mut socket = CommandSocket::open(None).unwrap();
        let mut execute = |operation| socket.execute(&[operation]).remove(0);
        let first = via("10.1.0.0/16", "192.0.2.9");
        let mut second = via("10.1.0.0/16", "192.0.2.10");
        execute(Operation::AddRoute(Box::new(spec(&first)))).unwrap();
        execute(Operation::AddRoute(Box::new(spec(&second)))).unwrap();
        let order = || {
            let lines = run("ip route show 10.1.0.0/16");
            lines
                .lines()
                .map(|line| line.split_whitespace().nth(2).unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(order(), ["192.0.2.10", "192.0.2.9"], "prepend is the default");
        second.gateway = Some("192.0.2.11".parse().unwrap());
        second.position = RoutePosition::Append;
        execute(Operation::AddRoute(Box::new(spec(&second)))).unwrap();
        assert_eq!(order(), ["192.0.2.10", "192.0.2.9", "192.0.2.11"]);
        second.gateway = Some("192.0.2.12".parse().unwrap());
        execute(Operation::ReplaceRoute(Box::new(spec(&second)))).unwrap();
        assert_eq!(order()[0], "192.0.2.12");
        let error = execute(Operation::AddRoute(Box::new(spec(&via("10.9.0.0/16", "203.0.113.1"))))).unwrap_err();
        assert_eq!(error.errno, libc::ENETUNREACH);
        assert!(error.text.is_some(), "{error}");
        let mut absent = route("10.9.0.0/16");
        absent.interface = IfName::new("absent");
        let unknown = RouteSpec::configured(&absent, None, &Kernel).unwrap_err();
        assert_eq!(unknown, UnknownInterface(IfName::new("absent").unwrap()));
    });
}

fn rule(family: Family, preference: u32) -> Rule {
    Rule {
        family,
        invert: false,
        from: None,
        to: None,
        fwmark: None,
        iif: None,
        oif: None,
        tos: None,
        tunnel_id: None,
        uid_range: None,
        ip_protocol: None,
        source_ports: None,
        destination_ports: None,
        realms: None,
        suppress_prefix_length: None,
        suppress_group: None,
        preference,
        protocol: 18,
        action: RuleAction::Table(1000),
        no_track: false,
        track_group: None,
    }
}

fn rich_rules() -> Vec<Rule> {
    let mut full = rule(Family::V4, 100);
    full.invert = true;
    full.from = Some(prefix("192.0.2.0/24"));
    full.to = Some(prefix("198.51.100.7/32"));
    full.fwmark = Some((0x10, Some(0xf0)));
    full.iif = IfName::new("va");
    full.oif = IfName::new("vb");
    full.tos = Some(16);
    full.uid_range = Some((0, 0));
    full.ip_protocol = Some(6);
    full.source_ports = Some((1000, 2000));
    full.destination_ports = Some((80, 80));
    full.realms = Some(2 << 16 | 3);
    full.suppress_prefix_length = Some(0);
    let mut marked = rule(Family::V6, 101);
    marked.fwmark = Some((5, None));
    marked.from = Some(prefix("2001:db8::/32"));
    marked.suppress_group = Some(4);
    let mut goto = rule(Family::V4, 102);
    goto.action = RuleAction::Goto(200);
    goto.tunnel_id = Some(77);
    let mut hole = rule(Family::V6, 103);
    hole.action = RuleAction::Prohibit;
    let mut small = rule(Family::V4, 104);
    small.action = RuleAction::Table(100);
    let mut nop = rule(Family::V4, 200);
    nop.action = RuleAction::Nop;
    vec![full, marked, goto, hole, small, nop]
}

#[test]
fn rules_come_with_all_they_were_asked_for_and_go() {
    in_namespace("rules", || {
        links();
        let mut socket = CommandSocket::open(None).unwrap();
        let wanted: Vec<_> = rich_rules().iter().map(RuleInfo::from).collect();
        let add: Vec<_> = wanted
            .iter()
            .cloned()
            .map(|rule| Operation::AddRule(Box::new(rule)))
            .collect();
        for _ in 0..2 {
            for (at, result) in socket.execute(&add).into_iter().enumerate() {
                assert_eq!(result, Ok(()), "{:?}", wanted[at]);
            }
        }
        let text = run("ip -4 -d rule show") + &run("ip -6 -d rule show");
        for part in [
            "100:	not from 192.0.2.0/24 to 198.51.100.7 tos 0x10 fwmark 0x10/0xf0 iif va oif vb uidrange 0-0 ipproto tcp sport 1000-2000 dport 80 lookup 1000 suppress_prefixlength 0 realms",
            "101:	from 2001:db8::/32 fwmark 0x5 lookup 1000 suppress_ifgroup 4",
            "102:	from all tun_id 77 goto 200",
            "103:	from all prohibit",
            "104:	from all lookup 100",
            "200:	from all nop",
        ] {
            let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = flat(&text.replace("lowdelay", "0x10"));
            assert!(text.contains(&flat(part)), "{part} in {text}");
        }
        let mut read = socket.rules(Family::V4).unwrap();
        read.extend(socket.rules(Family::V6).unwrap());
        let ours: Vec<_> = read.into_iter().filter(|rule| rule.protocol == 18).collect();
        assert_eq!(ours.len(), wanted.len());
        for rule in &wanted {
            assert!(ours.contains(rule), "{rule:?} in {ours:?}");
        }
        let delete: Vec<_> = wanted
            .iter()
            .cloned()
            .map(|rule| Operation::DeleteRule(Box::new(rule)))
            .collect();
        for _ in 0..2 {
            for (at, result) in socket.execute(&delete).into_iter().enumerate() {
                assert_eq!(result, Ok(()), "{:?}", wanted[at]);
            }
        }
        assert!(!run("ip rule show").contains("1000"));
    });
}

#[test]
fn the_monitor_recognises_what_is_ours() {
    in_namespace("route_monitor", || {
        links();
        let specs: Vec<_> = rich_routes().iter().map(spec).collect();
        let rules: Vec<_> = rich_rules().iter().map(RuleInfo::from).collect();
        block_on(async {
            let mut monitor = Monitor::open(
                Groups {
                    routes: true,
                    rules: true,
                },
                None,
            )
            .unwrap();
            let mut socket = CommandSocket::open(None).unwrap();
            let mut operations: Vec<_> = specs
                .iter()
                .cloned()
                .map(|spec| Operation::AddRoute(Box::new(spec)))
                .collect();
            operations.extend(rules.iter().cloned().map(|rule| Operation::AddRule(Box::new(rule))));
            assert!(socket.execute(&operations).iter().all(Result::is_ok));
            run("ip route flush proto keepalived table all");
            run("ip -6 route flush proto keepalived table all");
            run("ip rule del pref 104");
            run("ip link add end type veth peer name end2");
            let mut events = Vec::new();
            while !events
                .iter()
                .any(|event| matches!(event, Event::Link(link) if link.name == "end"))
            {
                monitor.next(&mut events).await.unwrap();
            }
            let gone: Vec<&RouteInfo> = events
                .iter()
                .filter_map(|event| {
                    if let Event::RouteRemoved(route, _) = event {
                        Some(route.as_ref())
                    } else {
                        None
                    }
                })
                .collect();
            for spec in &specs {
                let added = events
                    .iter()
                    .any(|event| matches!(event, Event::Route(told) if spec.is(told)));
                assert!(
                    added && gone.iter().any(|told| spec.is(told)),
                    "{:?} in {gone:?}",
                    spec.info()
                );
            }
            assert!(rules.iter().all(|rule| {
                events
                    .iter()
                    .any(|event| matches!(event, Event::Rule(told) if **told == *rule))
            }));
            let gone: Vec<_> = events
                .iter()
                .filter(|event| matches!(event, Event::RuleRemoved(..)))
                .collect();
            assert!(
                matches!(gone[..], [Event::RuleRemoved(told, _)] if **told == rules[4]),
                "{gone:?}"
            );
        });
    });
}
