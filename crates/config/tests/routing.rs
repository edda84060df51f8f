//! Lines of routes, rules and static addresses: what they come to.

#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{load, said};
use keepalived_config::{print, raise};
use keepalived_model::{
    address::Address,
    route::{Metric, Route, RoutePosition, RouteType, Rule},
};

fn block(name: &str, lines: &[&str]) -> keepalived_config::Loaded {
    load(&format!("{name} {{\n{}\n}}\n", lines.join("\n")))
}

fn route(line: &str) -> Route {
    let loaded = block("static_routes", &[line]);
    let routes = &loaded.config.vrrp.static_routes;
    assert_eq!(routes.len(), 1, "{line}: {:?}", said(&loaded));
    routes[0].clone()
}

fn rule(line: &str) -> Rule {
    let loaded = block("static_rules", &[line]);
    let rules = &loaded.config.vrrp.static_rules;
    assert_eq!(rules.len(), 1, "{line}: {:?}", said(&loaded));
    rules[0].clone()
}

fn address(line: &str) -> Address {
    let loaded = block("static_ipaddress", &[line]);
    let addresses = &loaded.config.vrrp.static_addresses;
    assert_eq!(addresses.len(), 1, "{line}: {:?}", said(&loaded));
    addresses[0].clone()
}

#[test]
fn names_come_from_the_tables_of_iproute2() {
    let r = route("192.0.2.0/24 dev eth0 table blue protocol mine scope campus realms cosmos/chaos tos fast no_track");
    assert_eq!((r.table, r.protocol, r.scope), (100, 77, Some(100)));
    assert_eq!((r.realms, r.tos), (Some(7 << 16 | 8), 0x48));
    let r = rule(
        "from 192.0.2.0/24 lookup blue protocol mine dsfield fast suppress_ifgroup uplinks realms chaos priority 7 no_track",
    );
    assert_eq!(
        (r.protocol, r.tos, r.suppress_group, r.realms),
        (77, Some(0x48), Some(5), Some(8))
    );
    assert_eq!(address("192.0.2.1/24 dev eth0 scope campus").scope, 100);
    // Built in, whatever the files say.
    assert_eq!(route("192.0.2.0/24 dev eth0 table local scope host").table, 255);
    for line in [
        "192.0.2.0/24 dev eth0 table green",
        "192.0.2.0/24 dev eth0 scope village",
    ] {
        let loaded = block("static_routes", &[line]);
        assert!(loaded.config.vrrp.static_routes.is_empty(), "{line}");
        assert!(said(&loaded).iter().any(|text| text.contains("not a known")), "{line}");
    }
}

#[test]
fn bare_round_trip_times_are_in_the_units_of_the_kernel() {
    let times = |line: &str| {
        let metrics = route(&format!("192.0.2.0/24 dev eth0 {line}")).metrics.unwrap();
        [metrics.rtt_ms, metrics.rttvar_ms, metrics.rto_min_ms]
    };
    let ms = |value| Some(Metric { value, lock: false });
    assert_eq!(
        times("rtt 4000 rttvar 4000 rto_min 4000"),
        [ms(500), ms(1000), ms(4000)]
    );
    assert_eq!(times("rtt 4s rttvar 1.5s rto_min 300ms"), [ms(4000), ms(1500), ms(300)]);
    assert_eq!(times("rtt 40 rttvar 5ms rto_min 999s"), [ms(200), ms(200), ms(120_000)]);
    let locked = Some(Metric { value: 300, lock: true });
    assert_eq!(times("rtt lock 300ms"), [locked, None, None]);
}

#[test]
fn a_type_means_add_and_a_later_word_wins() {
    let position = |line: &str| route(line).position;
    assert_eq!(position("192.0.2.0/24 dev eth0"), RoutePosition::Prepend);
    assert_eq!(position("blackhole 192.0.2.0/24"), RoutePosition::Add);
    assert_eq!(position("unicast 192.0.2.0/24 dev eth0"), RoutePosition::Add);
    assert_eq!(position("prepend blackhole 192.0.2.0/24"), RoutePosition::Add);
    assert_eq!(position("blackhole 192.0.2.0/24 prepend"), RoutePosition::Prepend);
    assert_eq!(position("blackhole 192.0.2.0/24 append"), RoutePosition::Append);
    assert_eq!(route("nat 192.0.2.0/24 dev eth0").kind, Some(RouteType::NAT));
    // Printed, they mean the same.
    let lines = [
        "blackhole 192.0.2.0/24 prepend",
        "blackhole 192.0.3.0/24",
        "unicast 192.0.4.0/24 dev eth0 append",
        "192.0.5.0/24 dev eth0 rtt 4000",
    ];
    let first = block("static_routes", &lines).config;
    let printed = print::conf(&raise::statements(&first)).unwrap();
    assert_eq!(load(&printed).config.vrrp.static_routes, first.vrrp.static_routes);
}

#[test]
fn rules_without_a_preference_count_down_in_each_family() {
    let loaded = block(
        "static_rules",
        &[
            "from 192.0.2.0/24 table 1",
            "from 2001:db8::/64 table 1",
            "from 192.0.3.0/24 table 1",
            "from 192.0.4.0/24 table 1 preference 9",
            "from 192.0.5.0/24 table 1",
        ],
    );
    let taken: Vec<u32> = loaded.config.vrrp.static_rules.iter().map(|r| r.preference).collect();
    assert_eq!(taken, [16_384, 16_384, 16_383, 9, 16_382]);
    let warnings = said(&loaded).iter().filter(|line| line.starts_with("KA2603")).count();
    assert_eq!(warnings, 4);
}

#[test]
fn a_track_group_belongs_to_an_interface() {
    let text = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.9\n}\n}\n\
                track_group G {\ngroup {\nV\n}\n}\n\
                static_ipaddress {\n192.0.2.1 dev eth1 track_group G\n192.0.2.2 dev eth1 track_group H\n}\n\
                static_routes {\n198.51.100.0/24 dev eth1 track_group G\n203.0.113.0/24 via 192.0.2.3 track_group G\n}\n\
                static_rules {\niif eth1 table 1 priority 1 track_group G\nfrom 192.0.2.1 table 1 priority 2 track_group G\n}\n";
    let config = load(text).config;
    let vrrp = &config.vrrp;
    let groups = |list: Vec<&Option<Box<str>>>| list.iter().map(|g| g.is_some()).collect::<Vec<_>>();
    assert_eq!(
        groups(vrrp.static_addresses.iter().map(|a| &a.track_group).collect()),
        [true, false]
    );
    assert_eq!(
        groups(vrrp.static_routes.iter().map(|r| &r.track_group).collect()),
        [true, false]
    );
    assert_eq!(
        groups(vrrp.static_rules.iter().map(|r| &r.track_group).collect()),
        [true, false]
    );
    assert_eq!(vrrp.track_groups.len(), 1);
}
