//! A machine-made file full of mistakes costs no more than its size.

mod common;

use std::{fmt::Write as _, time::Instant};

use common::{load, said};

/// Time of a small file, and of one ten times as large.
fn times(make: impl Fn(usize) -> String) -> (f64, f64) {
    let time = |n: usize| {
        let text = make(n);
        let best = (0..3).map(|_| {
            let start = Instant::now();
            let loaded = load(&text);
            assert!(!said(&loaded).is_empty());
            start.elapsed().as_secs_f64()
        });
        best.fold(f64::INFINITY, f64::min)
    };
    (time(500), time(5_000))
}

/// Ten times the input may cost up to forty times the time; what is quadratic costs a hundred times, however often it is tried. A busy
/// machine may spoil some of the attempts.
fn check(what: &str, make: impl Fn(usize) -> String) {
    const ATTEMPTS: usize = 20;
    let mut last = (0.0, 0.0);
    for _ in 0..ATTEMPTS {
        last = times(&make);
        if last.1 < last.0.max(0.002) * 40.0 {
            return;
        }
    }
    panic!("{what}: {:.4} s, then {:.4} s", last.0, last.1);
}

#[test]
fn unknown_members() {
    check("unknown members", |n| {
        let mut text = String::from("vrrp_sync_group G {\ngroup {\n");
        for i in 0..n {
            let _ = writeln!(text, "member{i}");
        }
        text.push_str("}\n}\n");
        for i in 0..n {
            let _ = writeln!(
                text,
                "vrrp_instance instance{i} {{\ninterface eth0\nvirtual_router_id 1\n}}"
            );
        }
        text
    });
}

#[test]
fn many_addresses_of_both_lists() {
    check("addresses", |n| {
        let list = |net: u8| {
            (0..n).fold(String::new(), |mut text, i| {
                let _ = writeln!(text, "{net}.{}.{}.{}", i >> 16, i >> 8 & 255, i & 255);
                text
            })
        };
        format!(
            "vrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress_excluded {{\n{}}}\nvirtual_ipaddress {{\n{}}}\n}}\n",
            list(10),
            list(11)
        )
    });
}

#[test]
fn sessions_servers_and_unicast_conflicts() {
    check("conflicts", |n| {
        let mut text = String::new();
        for i in 0..n {
            let _ = writeln!(text, "bfd_instance b{i} {{\nneighbor_ip 10.0.0.2\n}}");
            let _ = writeln!(
                text,
                "vrrp_instance i{i} {{\ninterface eth0\nvirtual_router_id 1\nunicast_src_ip 10.0.0.1\nunicast_peer {{\n10.0.0.2\n}}\n}}"
            );
        }
        text.push_str("virtual_server 10.0.0.5 80 {\n");
        for _ in 0..n {
            text.push_str("real_server 10.0.0.6 80 {\n}\n");
        }
        text.push_str("}\n");
        text
    });
}
