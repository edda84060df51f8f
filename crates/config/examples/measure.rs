//! Reads a configuration as `-t` does and tells how long it took and how much memory it needed:
//! `cargo run --release -p keepalived-config --example measure -- FILE`, or `-- --instances N` for a made one.
#![expect(clippy::unwrap_used, reason = "a tool for the developer, not for users")]

use std::{fmt::Write as _, path::Path, time::Instant};

use keepalived_config::{
    Options,
    facts::{Facts, InterfaceFact, ScriptFact},
};
use keepalived_model::{script::Credentials, units::IfName};

/// Every interface exists, every script is fine.
struct Anything;

impl Facts for Anything {
    fn interface(&self, name: &IfName) -> Option<InterfaceFact> {
        let index = name
            .as_str()
            .bytes()
            .fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
        Some(InterfaceFact {
            index,
            mtu: 1500,
            loopback: false,
            multicast: true,
            ethernet: true,
            base: None,
        })
    }
    fn credentials(&self, _: &str, _: Option<&str>) -> Result<Credentials, String> {
        Ok(Credentials {
            uid: 0,
            gid: 0,
            groups: Vec::new(),
        })
    }
    fn script(&self, program: &str, _: Option<&Credentials>, _: bool) -> ScriptFact {
        ScriptFact::Good(program.into())
    }
    fn environment(&self, _: &str) -> Option<String> {
        None
    }
    fn random(&self, min: u64, _: u64) -> u64 {
        min
    }
    fn host_name(&self) -> String {
        "host".to_owned()
    }
    fn cpus(&self) -> u16 {
        1
    }
    fn iproute2_table(&self, _: &str, _: Option<&Path>, _: Option<&Path>) -> String {
        String::new()
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let main = match args.as_slice() {
        [flag, count] if flag == "--instances" => write_instances(count.parse().unwrap()),
        [flag, count] if flag == "--virtual-servers" => write_virtual_servers(count.parse().unwrap()),
        [file] => file.clone(),
        _ => {
            eprintln!("usage: measure FILE | --instances N | --virtual-servers N");
            std::process::exit(1);
        }
    };
    let options = Options {
        main,
        config_id: None,
        all_config: false,
    };
    let start = Instant::now();
    let loaded = keepalived_config::load(&options, &Anything);
    let took = start.elapsed();
    println!(
        "{} instances, {} virtual servers, exit {} in {took:?}; {}",
        loaded.config.vrrp.instances.len(),
        loaded.config.lvs.virtual_servers.len(),
        loaded.diagnostics.test_exit_code(),
        peak()
    );
    for said in loaded.diagnostics.items().iter().take(5) {
        println!("  {} {}", said.code.id, said.message);
    }
    println!(
        "size of an instance: {} bytes",
        size_of::<keepalived_model::vrrp::Instance>()
    );
}

fn write_instances(count: u32) -> String {
    let mut text = String::new();
    for n in 0..count {
        let (link, vrid) = (n / 254, n % 254 + 1);
        writeln!(
            text,
            "vrrp_instance VI_{n} {{\n    state BACKUP\n    interface eth{link}\n    virtual_router_id {vrid}\n    priority 100\n    advert_int 1\n    virtual_ipaddress {{\n        10.{}.{}.{}/24\n    }}\n}}",
            n >> 16,
            n >> 8 & 255,
            n & 255
        )
        .unwrap();
    }
    write("instances", &text)
}

fn write_virtual_servers(count: u32) -> String {
    let mut text = String::new();
    for n in 0..count {
        writeln!(
            text,
            "virtual_server 10.0.{}.{} 80 {{\n  lvs_sched rr\n  lvs_method NAT\n  protocol TCP",
            n / 250,
            n % 250 + 1
        )
        .unwrap();
        for m in 0..100 {
            writeln!(
                text,
                "  real_server 10.1.{}.{} 80 {{\n    weight 1\n    TCP_CHECK {{\n      connect_timeout 3\n    }}\n  }}",
                n % 250,
                m + 1
            )
            .unwrap();
        }
        text.push_str("}\n");
    }
    write("virtual-servers", &text)
}

fn write(name: &str, text: &str) -> String {
    let path = std::env::temp_dir().join(format!("keepalived-measure-{name}-{}.conf", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("").to_owned()
}
