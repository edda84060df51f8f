//! `vrrp.md` 2.2: each correction of an instance, and each reason why one cannot exist.

mod common;

use common::{load, said};
use keepalived_config::diag::{Class, Severity};
use keepalived_model::{
    time::Micros,
    units::Version,
    vrrp::{Authentication, Instance, Preemption, Transport, WantState},
};

const VIP: &str = "virtual_ipaddress { 10.0.0.1 }";

fn text(globals: &str, lines: &str) -> String {
    let lines = lines.replace("; ", "\n").replace(" { ", " {\n").replace(" }", "\n}");
    format!("global_defs {{\n{globals}\n}}\nvrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\n{lines}\n}}\n")
}

/// The instance of these lines, and the codes of all that was said.
fn with(globals: &str, lines: &str) -> (Option<Instance>, Vec<String>) {
    let loaded = load(&text(globals, lines));
    let codes = said(&loaded)
        .iter()
        .map(|line| line.split(':').next().unwrap_or_default().to_owned())
        .collect();
    (loaded.config.vrrp.instances.first().cloned(), codes)
}

fn strict(lines: &str) -> Instance {
    let (instance, _) = with("", &format!("strict_mode; {lines}"));
    instance.unwrap_or_else(|| panic!("no instance of {lines}"))
}

fn plain(lines: &str) -> Instance {
    let (instance, _) = with("", lines);
    instance.unwrap_or_else(|| panic!("no instance of {lines}"))
}

/// The most serious thing said about these lines.
fn worst(lines: &str) -> Option<Severity> {
    let loaded = load(&text("", lines));
    loaded.diagnostics.items().iter().map(|d| d.code.severity).max()
}

#[test]
fn item_1_the_global_word_is_the_default() {
    assert!(with("vrrp_strict", VIP).0.is_some_and(|i| i.strict));
    assert!(
        !with("vrrp_strict", &format!("strict_mode off; {VIP}"))
            .0
            .is_some_and(|i| i.strict)
    );
    assert!(!plain(VIP).strict);
}

#[test]
fn item_2_version_2_over_ipv6() {
    let lines = "version 2; virtual_ipaddress { fe80::1 }";
    assert_eq!(plain(lines).version, Version::V2);
    assert_eq!(strict(lines).version, Version::V3);
    assert_eq!(plain("virtual_ipaddress { fe80::1 }").version, Version::V3);
    assert_eq!(plain(VIP).version, Version::V2);
}

#[test]
fn item_3_ttl_of_unicast() {
    let ttl = |lines: &str, vip: &str| match plain(&format!("{lines}; virtual_ipaddress {{ {vip} }}")).transport {
        Transport::Unicast { ttl, .. } => ttl,
        Transport::Multicast { .. } => panic!("it is unicast"),
    };
    assert_eq!(ttl("unicast_peer { 10.0.0.9 }", "10.0.0.1"), Some(255));
    assert_eq!(ttl("unicast_peer { 10.0.0.9 }; unicast_ttl 7", "10.0.0.1"), Some(7));
    assert_eq!(ttl("unicast_peer { fd00::9 }", "fd00::1"), None, "the kernel's default");
}

#[test]
fn item_10_without_interface() {
    let without = |lines: &str| {
        let config = text(
            "",
            &format!("{lines}; unicast_peer {{ 10.0.0.9 }}; virtual_ipaddress {{ 10.0.0.1 dev eth1 }}"),
        );
        let config = config.replace("interface eth0\n", "");
        let six = config.replace("10.0.0.9", "fe80::9").replace("10.0.0.1 ", "fe80::1 ");
        let config = if lines.contains("fe80") { six } else { config };
        load(&config).config.vrrp.instances.len()
    };
    assert_eq!(without("unicast_src_ip 10.0.0.2"), 1);
    assert_eq!(without("priority 9"), 0, "a source is needed");
    assert_eq!(without("unicast_src_ip fe80::2"), 0, "and not a link-local one");
}

#[test]
fn item_13_more_addresses_than_an_advert_holds() {
    let addresses = |count: u32, lines: &str, v6: bool| {
        let list: String = (1..=count)
            .map(|n| {
                if v6 {
                    format!("fd00::{n:x}\n")
                } else {
                    format!("10.1.{}.{}\n", n / 250, n % 250 + 1)
                }
            })
            .collect();
        let instance = plain(&format!("{lines}\nvirtual_ipaddress {{\n{list}}}"));
        (instance.addresses.len(), instance.excluded_addresses.len())
    };
    assert_eq!(addresses(255, "priority 9", false), (255, 0));
    assert_eq!(addresses(256, "priority 9", false), (255, 1));
    // 1500 octets less 14 + 40 + 8, by 16.
    assert_eq!(addresses(100, "priority 9", true), (89, 11));
}

#[test]
fn items_4_and_5_priority_and_state() {
    assert_eq!(plain(&format!("state MASTER; {VIP}")).priority.get(), 255);
    assert_eq!(plain(VIP).priority.get(), 100);
    let disagree = format!("state MASTER; priority 200; {VIP}");
    assert_eq!(plain(&disagree).want_state, WantState::Master);
    assert_eq!(strict(&disagree).want_state, WantState::Backup);
    let owner = format!("state BACKUP; priority 255; {VIP}");
    assert_eq!(plain(&owner).want_state, WantState::Backup);
    assert_eq!(strict(&owner).want_state, WantState::Master);
}

#[test]
fn item_6_authentication() {
    let auth = format!("authentication {{ auth_type PASS; auth_pass x }}; {VIP}");
    assert!(matches!(plain(&auth).authentication, Authentication::Password(_)));
    assert_eq!(strict(&auth).authentication, Authentication::None);
    assert_eq!(
        plain(&format!("version 3; {auth}")).authentication,
        Authentication::None
    );
    let ah = format!("authentication {{ auth_type AH; auth_pass x }}; state MASTER; priority 100; {VIP}");
    assert_eq!(plain(&ah).want_state, WantState::Backup);
    let none = format!("authentication {{ auth_type PASS }}; {VIP}");
    assert_eq!(plain(&none).authentication, Authentication::None);
}

#[test]
fn items_8_and_9_unicast() {
    let unicast = format!("unicast_peer {{ 10.0.0.9 }}; {VIP}");
    assert!(worst(&unicast) < Some(Severity::Error), "unicast is allowed");
    assert!(
        worst(&format!("strict_mode; {unicast}")) >= Some(Severity::Error),
        "not in strict mode"
    );
    let fault = plain(&format!("unicast_src_ip 10.0.0.2; unicast_fault_no_peer; {VIP}"));
    assert!(fault.config_fault.is_some());
    assert!(plain(&format!("unicast_src_ip 10.0.0.2; {VIP}")).config_fault.is_none());
}

#[test]
fn item_12_the_first_ipv6_address() {
    let lines = "virtual_ipaddress { fd00::1 }";
    assert!(worst(lines) < Some(Severity::Error));
    let class = |lines: &str| {
        load(&text("", lines))
            .diagnostics
            .items()
            .iter()
            .map(|d| d.code.class)
            .max()
    };
    assert_eq!(class(lines), Some(Class::None), "a line in the log");
    assert!(
        class(&format!("strict_mode; {lines}")) > Some(Class::None),
        "in strict mode `-t` counts it"
    );
}

#[test]
fn item_14_preemption() {
    let of = |lines: &str| plain(&format!("{lines}; {VIP}")).preemption;
    assert_eq!(of("nopreempt"), Preemption::Disabled);
    assert_eq!(of("nopreempt; priority 255"), Preemption::Immediate);
    assert_eq!(of("nopreempt; state MASTER; priority 90"), Preemption::Immediate);
    assert_eq!(of("preempt_delay 5"), Preemption::Delayed(Micros::from_secs(5)));
    assert_eq!(of("preempt_delay 5; state MASTER; priority 90"), Preemption::Immediate);
    assert_eq!(of("preempt_delay 5; nopreempt"), Preemption::Disabled);
    assert_eq!(
        strict(&format!("preempt_delay 5; {VIP}")).preemption,
        Preemption::Immediate
    );
    assert_eq!(strict(&format!("down_timer_adverts 5; {VIP}")).down_timer_adverts, 3);
    assert_eq!(
        plain(&format!("timer_expired_backup 200; nopreempt; {VIP}")).timer_expired_backup,
        Some(200)
    );
    assert_eq!(
        plain(&format!("timer_expired_backup 200; {VIP}")).timer_expired_backup,
        None
    );
}

#[test]
fn item_15_accept() {
    assert!(plain(VIP).accept);
    assert!(!strict(VIP).accept);
    assert!(strict(&format!("priority 255; {VIP}")).accept);
    assert!(
        !strict(&format!("accept; {VIP}")).accept,
        "version 2 has no accept mode"
    );
    assert!(strict(&format!("version 3; accept; {VIP}")).accept);
}

#[test]
fn item_16_adverts_and_announcements() {
    let lines = format!(
        "garp_lower_prio_repeat 3; garp_lower_prio_delay 4; lower_prio_no_advert no; higher_prio_send_advert; {VIP}"
    );
    let loose = plain(&lines);
    assert_eq!(
        (loose.garp.lower_prio_repeat, loose.garp.lower_prio_delay),
        (3, Micros::from_secs(4))
    );
    assert!(!loose.lower_prio_no_advert && loose.higher_prio_send_advert);
    let strict_one = strict(&lines);
    assert_eq!(
        (strict_one.garp.lower_prio_repeat, strict_one.garp.lower_prio_delay),
        (0, Micros::ZERO)
    );
    assert!(strict_one.lower_prio_no_advert && !strict_one.higher_prio_send_advert);
    let owner = |lines: &str| plain(&format!("priority 255; {lines}{VIP}")).owner_ignore_adverts;
    assert!(!owner("") && owner("owner_ignore_adverts; ") && owner("owner_ignore_adverts no; "));
    assert!(strict(&format!("priority 255; {VIP}")).owner_ignore_adverts);
}

#[test]
fn item_17_intervals() {
    let of = |lines: &str| plain(&format!("{lines}; {VIP}")).advert_interval.as_micros();
    assert_eq!(of("advert_int 1.6"), 2_000_000);
    assert_eq!(of("advert_int 0.2"), 1_000_000);
    assert_eq!(of("version 3; advert_int 0.234"), 230_000);
    assert_eq!(of("version 3; advert_int 50"), 40_950_000);
}

#[test]
fn item_18_delays_stay_below_the_silence_that_others_notice() {
    let delays = |lines: &str| {
        let config = format!("{}interface_up_down_delays {{\neth0 5 4\neth1 7\n}}\n", text("", lines));
        load(&config).config.vrrp.up_down_delays
    };
    let limited = delays(&format!("version 3; advert_int 0.5; track_interface {{ eth1 }}; {VIP}"));
    // 2 x 0.5 s less a 256th of the interval, as the original prints it.
    assert_eq!(
        (limited[0].down.as_micros(), limited[0].up.as_micros()),
        (998_047, 998_047)
    );
    assert_eq!(limited[1].down, Micros::from_secs(7), "only tracked");
    let off = delays(&format!("down_timer_adverts 1; {VIP}"));
    assert_eq!((off[0].down, off[0].up), (Micros::ZERO, Micros::ZERO));
    let room = delays(&format!("advert_int 10; {VIP}"));
    assert_eq!((room[0].down, room[0].up), (Micros::from_secs(5), Micros::from_secs(4)));
}

#[test]
fn item_19_track_src_ip_needs_a_source() {
    assert!(plain(&format!("track_src_ip; mcast_src_ip 10.0.0.3; {VIP}")).track_src_ip);
    assert!(!plain(&format!("track_src_ip; {VIP}")).track_src_ip);
}

#[test]
fn item_20_no_address() {
    assert!(worst("priority 90") < Some(Severity::Error));
    assert!(worst("strict_mode; priority 90") >= Some(Severity::Error));
    assert!(worst("strict_mode; no_virtual_ipaddress") >= Some(Severity::Error));
    assert_eq!(with("", "no_virtual_ipaddress").1, Vec::<String>::new());
}

#[test]
fn item_21_duplicate_vrids() {
    let two = |globals: &str, first: &str, second: &str| {
        let block = |name: &str, lines: &str| {
            let lines = lines.replace("; ", "\n").replace(" { ", " {\n").replace(" }", "\n}");
            format!(
                "vrrp_instance {name} {{\nvirtual_router_id 1\n{lines}\nvirtual_ipaddress {{\n10.0.0.{}\n}}\n}}\n",
                name.len()
            )
        };
        let config = format!(
            "global_defs {{\n{globals}\n}}\n{}{}",
            block("A", first),
            block("BB", second)
        );
        let loaded = load(&config);
        said(&loaded).iter().any(|line| line.contains("both use VRID"))
    };
    assert!(two("", "interface eth0", "interface eth0"));
    assert!(two("", "interface eth0", "interface macvlan0"), "one lies on the other");
    assert!(!two("", "interface eth0", "interface eth1"));
    assert!(!two("", "interface eth0", "interface eth0; mcast_dst_ip 224.0.0.99"));
    let unicast = |source: &str, peer: &str| format!("interface eth0; {source}unicast_peer {{ {peer} }}");
    assert!(
        two("", &unicast("", "10.0.0.9"), &unicast("", "10.0.0.9")),
        "no source is written"
    );
    assert!(
        !two("", &unicast("", "10.0.0.9"), &unicast("", "10.0.0.8")),
        "no common peer"
    );
    let (one, other) = ("unicast_src_ip 10.0.0.2; ", "unicast_src_ip 10.0.0.3; ");
    assert!(two("", &unicast(one, "10.0.0.9"), &unicast(one, "10.0.0.9")));
    assert!(!two("", &unicast(one, "10.0.0.9"), &unicast(other, "10.0.0.9")));
}

#[test]
fn a_clash_on_an_interface_that_may_change_is_left_to_run_time() {
    let config = |globals: &str| {
        format!(
            "global_defs {{\n{globals}\n}}\n\
             vrrp_instance A {{\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {{\n10.0.0.1\n}}\n}}\n\
             vrrp_instance B {{\ninterface macvlan0\nvirtual_router_id 1\nvirtual_ipaddress {{\n10.0.0.2\n}}\n}}\n"
        )
    };
    let severity = |globals: &str| {
        load(&config(globals))
            .diagnostics
            .items()
            .iter()
            .map(|d| d.code.severity)
            .max()
    };
    let loaded = load(&config("dynamic_interfaces allow_if_changes"));
    assert!(severity("dynamic_interfaces allow_if_changes") < severity("dynamic_interfaces"));
    assert!(loaded.config.vrrp.instances.iter().all(|i| i.config_fault.is_none()));
}

#[test]
fn item_22_interfaces_that_do_not_exist() {
    let lines = format!("track_interface {{ nope }}; {VIP}");
    let severity = |globals: &str| {
        let loaded = load(&text(globals, &lines));
        loaded.diagnostics.items().iter().map(|d| d.code.severity).max()
    };
    assert!(severity("") > severity("dynamic_interfaces"));
}

/// it is read, and a note says that it does nothing.
#[test]
fn init_fail_is_noted_as_without_effect() {
    let loaded = load("vrrp_script s {\nscript /good/s\ninit_fail\n}\n");
    let note = loaded
        .diagnostics
        .items()
        .iter()
        .find(|d| d.message.contains("init_fail"));
    let note = note.unwrap_or_else(|| panic!("{:?}", said(&loaded)));
    assert!(note.message.contains("has no effect"), "{}", note.message);
    assert_eq!(note.code.severity, Severity::Note);
}
