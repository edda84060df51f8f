//! Section 17 of `config-language.md`: the exit code of `-t`, and the code of what is said. Rows whose outcome differs on
//! purpose (section 15) say so.

mod common;

use common::{SEC, load, said, vi, vs};

/// Row, configuration, exit code of `-t`, code that must be among what is said (empty: nothing of any class is said).
fn rows() -> Vec<(u32, String, u8, &'static str)> {
    let ips = |n: u32| {
        (0..n)
            .map(|i| format!("10.1.{}.{}\n", i / 200, i % 200 + 1))
            .collect::<String>()
    };
    let head = "interface eth0\nvirtual_router_id 1\n";
    let vip = "virtual_ipaddress {\n10.0.0.9\n}\n";
    vec![
        (3, vi(""), 0, ""),
        (7, vi("interface nope0"), 5, "KA2001"),
        (
            8,
            format!("interface_up_down_delays {{\nnope0 1\n}}\n{}", vi("")),
            4,
            "KA2003",
        ),
        (9, vi("notify_master \"/script\""), 6, "KA5001"),
        (10, format!("{SEC}{}", vi("notify_master \"/script\"")), 0, ""),
        (
            32,
            format!("vrrp_instance V {{\n{head}virtual_ipaddress foo {{\n10.0.0.10\n}}\n}}\n"),
            5,
            "",
        ),
        (33, format!("vrrp_instance {{\n{head}{vip}}}\n{}", vi("")), 5, "KA1003"),
        (34, format!("{}{}", vi(""), vi("")), 5, "KA2101"),
        (35, vi("priority 256"), 5, "KA1005"),
        (36, vi("priority 0x64"), 5, "KA1004"),
        (37, vi("priority \" 42\""), 0, ""),
        (38, vi("priority +7"), 0, ""),
        (39, vi("priority 010"), 0, ""),
        (40, vi("advert_int 0.5"), 5, "KA2137"),
        (41, vi("version 3\nadvert_int 0.015"), 5, "KA2137"),
        (42, vi("version 3\nadvert_int 41"), 5, "KA2137"),
        (43, vi("advert_int 1.1234567"), 5, "KA1006"),
        (44, vi("advert_int 256"), 5, "KA1005"),
        (45, vi("preempt_delay 3y"), 5, "KA1004"),
        (46, vi("garp_master_delay 7z"), 5, "KA1004"),
        (47, "global_defs {\nsmtp_alert YES\n}\n".to_owned(), 5, "KA1007"),
        (
            83,
            format!("vrrp_instance V {{\ninterface eth0\n{vip}}}\n"),
            5,
            "KA2103",
        ),
        (
            84,
            format!(
                "{}vrrp_instance W {{\n{head}virtual_ipaddress {{\n10.0.0.8\n}}\n}}\n",
                vi("")
            ),
            5,
            "KA2110",
        ),
        (
            85,
            format!(
                "{}vrrp_instance W {{\n{head}virtual_ipaddress {{\nfe80::9\n}}\n}}\n",
                vi("")
            ),
            0,
            "",
        ),
        (86, vi("virtual_ipaddress {\n10.0.0.9\n}"), 5, "KA2116"),
        (87, vi("virtual_ipaddress {\nfe80::1\n}"), 5, "KA2115"),
        (
            88,
            format!("vrrp_instance V {{\n{head}virtual_ipaddress {{\n{}}}\n}}\n", ips(508)),
            5,
            "KA2117",
        ),
        (89, format!("vrrp_instance V {{\n{head}}}\n"), 5, "KA2109"),
        (90, format!("vrrp_instance V {{\n{head}version 3\n}}\n"), 5, "KA2108"),
        (91, vi("state MASTER\npriority 100\nstrict_mode"), 5, "KA2113"),
        (92, vi("strict_mode\nunicast_peer {\n10.0.0.2\n}"), 5, "KA2105"),
        (93, vi("priority 255\nowner_ignore_adverts no"), 5, "KA2138"),
        (
            94,
            vi("authentication {\nauth_type PASS\nauth_pass 123456789\n}"),
            5,
            "KA10",
        ),
        (
            95,
            vi("version 3\nauthentication {\nauth_type PASS\nauth_pass 1234\n}"),
            5,
            "KA2119",
        ),
        (96, vi("unicast_src_ip 10.0.0.1"), 5, "KA2125"),
        (
            97,
            format!(
                "{SEC}{}vrrp_script s {{\nscript /script\n}}\n",
                vi("track_script {\ns\n}")
            ),
            5,
            "KA2301",
        ),
        (
            98,
            format!("vrrp_sync_group G {{\ngroup {{\nV\n}}\n}}\n{}", vi("")),
            5,
            "KA2204",
        ),
        (99, format!("vrrp_sync_group G {{\n}}\n{}", vi("")), 5, "KA2202"),
        // 100 differs on purpose: `inet6` does not swallow the destination.
        (
            100,
            "static_routes {\ninet6 2001:db8::/64 dev eth0\n}\n".to_owned(),
            0,
            "",
        ),
        (
            101,
            "static_rules {\nfrom 10.0.0.0/8 table 5\n}\n".to_owned(),
            5,
            "KA2603",
        ),
        (112, "bfd_instance b {\nsource_ip 10.0.0.1\n}\n".to_owned(), 5, "KA4002"),
        (117, "virtual_server fwmark {\n}\n".to_owned(), 2, "KA1002"),
        (118, "bfd_instance {\nneighbor_ip 10.0.0.2\n}\n".to_owned(), 2, "KA1002"),
        (119, vi("skip_check_adv_addr no"), 0, ""),
        (
            120,
            format!(
                "vrrp_sync_group G {{\ngroup {{\nV\n}}\ngroup {{\nV\n}}\nsmtp_alert\n}}\n{}",
                vi("")
            ),
            5,
            "KA1",
        ),
        (
            122,
            format!(
                "{SEC}vrrp_script s {{\nscript /loose\n}}\n{}",
                vi("track_script {\ns\n}")
            ),
            5,
            "KA5002",
        ),
        (
            123,
            format!(
                "{SEC}vrrp_script s1 {{\nscript /script\n}}\nvrrp_script s2 {{\nscript /script\n}}\n{}",
                vi("track_script {\ns1 s2\n}")
            ),
            5,
            "KA2303",
        ),
        (
            124,
            format!("vrrp_instance V {{\ninterface lo\nvirtual_router_id 1\n{vip}}}\n"),
            5,
            "KA2104",
        ),
        (125, vi("use_vmac\nunicast_peer {\n10.0.0.2\n}"), 5, "KA2129"),
        (126, vi("auth_hmac {\nkey 1 short\nactive_key 1\n}"), 5, "KA2123"),
    ]
}

/// Rows about virtual servers.
fn lvs_rows() -> Vec<(u32, String, u8, &'static str)> {
    let head = "lb_algo rr\nlb_kind NAT\nprotocol TCP\n";
    let rs = "real_server 10.0.0.11 80 {\nweight 1\n}\n";
    vec![
        (0, vs("", ""), 0, ""),
        (102, "virtual_server 10.0.0.5 80 {\n}\n".to_owned(), 5, "KA3002"),
        (103, format!("virtual_server 10.0.0.5 {{\n{head}{rs}}}\n"), 5, "KA3010"),
        (104, format!("virtual_server 10.0.0.5 80 {{\n{rs}}}\n"), 5, "KA3008"),
        (
            105,
            "virtual_server 10.0.0.5 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\nreal_server 10.0.0.11 81 {\nweight 1\n}\n}\n".to_owned(),
            5,
            "KA3014",
        ),
        (106, format!("virtual_server 10.0.0.5 80 {{\n{head}real_server fe80::1 80 {{\nweight 1\n}}\n}}\n"), 5, "KA3012"),
        (107, vs("real_server fd00::1 80 {\nlvs_method TUN\n}", ""), 0, ""),
        (108, format!("virtual_server fwmark 5 {{\n{head}{rs}}}\n"), 5, "KA3009"),
        (109, vs("quorum 5", ""), 5, "KA3011"),
        (110, format!("virtual_server group G {{\n{head}{rs}}}\n"), 0, "KA3003"),
        (111, vs("", "MISC_CHECK {\n}"), 5, "KA3020"),
        (127, vs("", "TCP_CHECK"), 5, "KA1"),
    ]
}

fn check(rows: Vec<(u32, String, u8, &'static str)>) {
    let mut wrong = Vec::new();
    for (row, text, code, expected) in rows {
        let loaded = load(&text);
        let said = said(&loaded);
        let has = if expected.is_empty() {
            code != 0 || loaded.diagnostics.items().iter().all(|d| d.code.id.starts_with("KA9"))
        } else {
            said.iter().any(|line| line.starts_with(expected))
        };
        if loaded.diagnostics.test_exit_code() != code || !has {
            wrong.push(format!(
                "row {row}: exit {} instead of {code}, {expected} wanted:\n  {}",
                loaded.diagnostics.test_exit_code(),
                said.join("\n  ")
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn section_17_has_its_exit_codes_and_diagnostics() {
    check(rows());
}

#[test]
fn section_17_rows_of_virtual_servers() {
    check(lvs_rows());
}
