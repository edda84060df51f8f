//! From text to model to text to model: both models are equal.

#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fmt::Write as _;

use common::{load, said};
use keepalived_config::{print, raise};
use proptest::prelude::*;

/// Fails when the printed model does not give the same model again.
fn round_trip(text: &str) {
    let first = load(text);
    let printed = match print::conf(&raise::statements(&first.config)) {
        Ok(printed) => printed,
        Err(why) => panic!("{why}\n{text}"),
    };
    let second = load(&printed);
    if first.config != second.config {
        let (one, two) = (format!("{:#?}", first.config), format!("{:#?}", second.config));
        let differs: Vec<String> = one
            .lines()
            .zip(two.lines())
            .filter(|(a, b)| a != b)
            .take(6)
            .map(|(a, b)| format!("{} / {}", a.trim(), b.trim()))
            .collect();
        panic!(
            "models differ: {}\n--- written\n{text}\n--- printed\n{printed}\n--- said of the printed one\n{}",
            differs.join("\n"),
            said(&second).join("\n"),
        );
    }
    let unread = second.diagnostics.items().iter().find(|d| d.code.id == "KA1001");
    assert!(unread.is_none(), "unknown keyword in\n{printed}\n{unread:?}");
}

#[test]
fn a_configuration_of_everything_survives() {
    round_trip(include_str!("data/everything.conf"));
}

#[test]
fn every_seed_survives() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/seeds");
    let mut count = 0;
    for file in std::fs::read_dir(directory).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        // One seed makes 65,024 instances: reading that twice is the business of the measuring tool, not of a debug build.
        if !text.contains("~SEQ(") {
            round_trip(&text);
        }
        count += 1;
    }
    assert!(count > 40);
}

#[test]
fn everything_is_understood() {
    let loaded = load(include_str!("data/everything.conf"));
    let bad: Vec<String> = said(&loaded)
        .into_iter()
        .filter(|line| !line.starts_with("KA9") && !EXPECTED.iter().any(|code| line.starts_with(code)))
        .collect();
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
    assert_eq!(loaded.config.vrrp.instances.len(), 6);
    assert_eq!(loaded.config.lvs.virtual_servers.len(), 4);
    assert_eq!(loaded.config.lvs.virtual_servers[0].real_servers[0].checks.len(), 10);
    assert_eq!(loaded.config.vrrp.static_routes.len(), 9);
    assert_eq!(loaded.config.vrrp.static_rules.len(), 7);
    assert_eq!(loaded.config.bfd.len(), 2);
}

/// Said about that file on purpose: it also uses old and corrected things.
const EXPECTED: [&str; 5] = ["KA2305", "KA2310", "KA2603", "KA2144", "KA1012"];

/// One optional line.
fn maybe(line: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), line]
}

fn flag(keyword: &'static str) -> impl Strategy<Value = String> {
    maybe(Just(keyword.to_owned()))
}

fn number(keyword: &'static str, range: std::ops::RangeInclusive<u32>) -> impl Strategy<Value = String> {
    maybe(range.prop_map(move |n| format!("{keyword} {n}")))
}

fn words(keyword: &'static str, choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    maybe(prop::sample::select(choices).prop_map(move |w| format!("{keyword} {w}")))
}

fn address() -> impl Strategy<Value = String> {
    let options = prop::sample::subsequence(
        vec![
            "dev eth1",
            "scope link",
            "label lo:1",
            "home",
            "-nodad",
            "no_track",
            "preferred_lft 7",
            "noprefixroute",
            "autojoin",
        ],
        0..4,
    );
    (1_u8..250, 8_u8..33, options)
        .prop_map(|(host, length, options)| format!("10.0.7.{host}/{length} {}", options.join(" ")))
}

fn block(keyword: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    format!("{keyword} {{\n{}\n}}\n", items.join("\n"))
}

/// Each line may be there or not. A list of boxed strategies: one large tuple would need a very deep stack.
fn general() -> impl Strategy<Value = String> {
    let lines: Vec<BoxedStrategy<String>> = vec![
        words("state", &["MASTER", "BACKUP"]).boxed(),
        number("priority", 1..=255).boxed(),
        number("advert_int", 1..=40).boxed(),
        words("version", &["2", "3"]).boxed(),
        words("strict_mode", &["yes", "no"]).boxed(),
        number("down_timer_adverts", 1..=100).boxed(),
        flag("nopreempt").boxed(),
        number("preempt_delay", 0..=1000).boxed(),
        words("accept", &[""]).boxed(),
        flag("no_accept").boxed(),
        number("timer_expired_backup", 1..=254).boxed(),
        words("skip_check_adv_addr", &["yes", "no", ""]).boxed(),
        words("lower_prio_no_advert", &["yes", "no"]).boxed(),
        words("higher_prio_send_advert", &["yes", "no"]).boxed(),
        words("owner_ignore_adverts", &["yes", "no"]).boxed(),
        words("v3_checksum_as_v2", &["yes", "no"]).boxed(),
        words("old_unicast_checksum", &["", "never"]).boxed(),
        words("smtp_alert", &["yes", "no"]).boxed(),
        words("notify_ordered", &["yes", "no"]).boxed(),
        words("notify_priority_changes", &["yes", "no"]).boxed(),
        number("debug", 0..=4).boxed(),
        number("garp_master_delay", 0..=100).boxed(),
        number("garp_master_repeat", 0..=100).boxed(),
        number("garp_master_refresh", 0..=100).boxed(),
        number("garp_master_refresh_repeat", 0..=100).boxed(),
        number("garp_lower_prio_delay", 0..=100).boxed(),
        number("garp_lower_prio_repeat", 0..=100).boxed(),
        number("garp_extra_if", 0..=100).boxed(),
        words("garp_extra_if", &["all 5"]).boxed(),
        number("kernel_rx_buf_size", 0..=100_000).boxed(),
        flag("dont_track_primary").boxed(),
        words(
            "use_vmac",
            &[
                "",
                "vrrp7",
                "02:00:00:00:00:01 group 3",
                "name v0 netlink_notify_msg",
                "02:00:00:00:00",
            ],
        )
        .boxed(),
        words("use_ipvlan", &["10.0.9.9/24 private", "name i0 vepa"]).boxed(),
        flag("use_vmac_addr").boxed(),
        flag("vmac_xmit_base").boxed(),
        flag("promote_secondaries").boxed(),
        words("unicast_src_ip", &["10.0.0.1"]).boxed(),
        words("mcast_src_ip", &["10.0.0.1"]).boxed(),
        words("mcast_dst_ip", &["224.0.0.99"]).boxed(),
        number("unicast_ttl", 0..=255).boxed(),
        flag("unicast_fault_no_peer").boxed(),
        flag("track_src_ip").boxed(),
        flag("check_unicast_src").boxed(),
        flag("no_virtual_ipaddress").boxed(),
        flag("notify_deleted").boxed(),
    ];
    lines.prop_map(|lines| {
        lines
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    })
}

prop_compose! {
    fn instance(name: String, vrid: u8)(
        general in general().boxed(),
        vips in prop::collection::vec(address(), 0..4),
        excluded in prop::collection::vec(address(), 0..3),
        peers in prop::sample::subsequence(vec!["10.0.0.2", "10.0.0.3 min_ttl 255", "10.0.0.4 max_ttl 9"], 0..3),
        scripts in prop::sample::subsequence(vec!["s1", "s2 weight 20", "s3 weight -5 reverse"], 0..3),
        files in prop::sample::subsequence(vec!["f1", "f2 weight 1", "f3 weight 3 reverse"], 0..3),
        interfaces in prop::sample::subsequence(vec!["eth0", "eth1 weight 10", "macvlan0"], 0..3),
        notify in words("notify_master", &["\"/script 'a b' c\"", "/script root", "\"/loose\" nobody"]),
        auth in words("authentication {\nauth_type", &["PASS\nauth_pass 1234\n}", "AH\nauth_pass \"x y\"\n}"]),
        hmac in flag("auth_hmac {\nkey 3 hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\nactive_key 3\nmode permissive\n}"),
    ) -> String {
        let own = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let mut text = format!("vrrp_instance {name} {{\ninterface eth0\nvirtual_router_id {vrid}\n{general}\n");
        for part in [
            block("virtual_ipaddress", &vips),
            block("virtual_ipaddress_excluded", &excluded),
            block("unicast_peer", &own(peers)),
            block("track_script", &own(scripts)),
            block("track_file", &own(files)),
            block("track_interface", &own(interfaces)),
        ] {
            text.push_str(&part);
        }
        let _ = writeln!(text, "{notify}\n{auth}\n{hmac}\n}}");
        text
    }
}

prop_compose! {
    fn configuration()(
        global in prop::sample::subsequence(vec![
            "vrrp_version 3", "vrrp_strict", "vrrp_garp_master_delay 9", "vrrp_garp_lower_prio_repeat 2", "vrrp_down_timer_adverts 7",
            "vrrp_skip_check_adv_addr", "vrrp_lower_prio_no_advert", "vrrp_notify_priority_changes", "smtp_alert", "notify_ordered", "notify_ordered_timeout 9", "vrrp_mcast_group4 224.0.0.55",
            "enable_script_security", "script_user root", "vrrp_check_unicast_src", "vrrp_owner_ignore_adverts", "vrrp_garp_extra_if all 9",
        ], 0..6),
        a in instance("A".to_owned(), 1).boxed(),
        b in instance("B".to_owned(), 2).boxed(),
        group in prop::option::of((prop::sample::subsequence(vec!["A", "B"], 1..3), prop::sample::subsequence(vec![
            "sync_group_tracking_weight", "notify_priority_changes yes", "smtp_alert", "track_script {\ns1 weight 4\n}", "track_file {\nf1\n}", "notify \"/script g\"",
        ], 0..4))),
    ) -> String {
        let mut text = format!("global_defs {{\n{}\n}}\n", global.join("\n"));
        text.push_str("vrrp_script s1 {\nscript \"/script one\"\nuser root\n}\nvrrp_script s2 {\nscript /script\nweight 7\nfall 3\n}\nvrrp_script s3 {\nscript /loose\nweight 7 reverse\ninterval 0.5\ntimeout 2\ninit_fail\n}\n");
        text.push_str("track_file f1 {\nfile /tmp/f1\n}\ntrack_file f2 {\nfile /tmp/f2\nweight 5\ninit_file 4 overwrite\n}\ntrack_file f3 {\nfile \"/tmp/f 3\"\nweight 0 reverse\ninit_file\n}\n");
        text.push_str(&a);
        text.push_str(&b);
        if let Some((members, options)) = group {
            let _ = writeln!(text, "vrrp_sync_group G {{\ngroup {{\n{}\n}}\n{}\n}}", members.join(" "), options.join("\n"));
        }
        text
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn made_configurations_survive(text in configuration()) {
        round_trip(&text);
    }
}
