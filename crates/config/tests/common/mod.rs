//! A machine made of tables.

use std::path::Path;

use keepalived_config::{
    Loaded, Options,
    facts::{Facts, InterfaceFact, ScriptFact},
};
use keepalived_model::{script::Credentials, units::IfName};

/// lo, eth0, eth1; users root and nobody; `/script` is fine, `/loose` can be changed by others.
#[derive(Debug)]
pub(crate) struct Machine;

impl Facts for Machine {
    fn interface(&self, name: &IfName) -> Option<InterfaceFact> {
        let (index, loopback, base) = match name.as_str() {
            "lo" => (1, true, None),
            "eth0" => (2, false, None),
            "eth1" => (3, false, None),
            "macvlan0" => (4, false, Some(2)),
            _ => return None,
        };
        Some(InterfaceFact {
            index,
            mtu: 1500,
            loopback,
            multicast: !loopback,
            ethernet: !loopback,
            base,
        })
    }

    fn credentials(&self, user: &str, group: Option<&str>) -> Result<Credentials, String> {
        let uid = match user {
            "root" => 0,
            "nobody" => 65_534,
            _ => return Err(format!("there is no user {user}")),
        };
        match group {
            None | Some(":" | "root" | ":root") => Ok(Credentials {
                uid,
                gid: 0,
                groups: Vec::new(),
            }),
            Some(group) => Err(format!("there is no group {group}")),
        }
    }

    fn script(&self, program: &str, _: Option<&Credentials>, _: bool) -> ScriptFact {
        match program {
            "/script" => ScriptFact::Good(program.into()),
            "/loose" => ScriptFact::Insecure {
                path: program.into(),
                why: "/loose is writable by everybody (mode 0777): chmod o-w /loose".to_owned(),
            },
            _ => ScriptFact::Unusable(format!("{program} does not exist")),
        }
    }

    fn environment(&self, name: &str) -> Option<String> {
        (name == "FOO").then(|| "bar".to_owned())
    }

    fn random(&self, min: u64, _: u64) -> u64 {
        min
    }

    fn host_name(&self) -> String {
        "vm".to_owned()
    }

    fn cpus(&self) -> u16 {
        2
    }

    fn iproute2_table(&self, name: &str, _: Option<&Path>, _: Option<&Path>) -> String {
        match name {
            "rt_tables" => "100 blue\n".to_owned(),
            "rt_protos" => "77 mine\n".to_owned(),
            "rt_scopes" => "100 campus\n".to_owned(),
            "rt_realms" => "7 cosmos\n8 chaos\n".to_owned(),
            "rt_dsfield" => "0x48 fast\n".to_owned(),
            "group" => "5 uplinks\n".to_owned(),
            _ => String::new(),
        }
    }
}

/// Reads a text on that machine.
pub(crate) fn load(text: &str) -> Loaded {
    let options = Options {
        main: "test.conf".to_owned(),
        config_id: None,
        all_config: false,
    };
    keepalived_config::load_text("test.conf", text, &options, &Machine)
}

/// Everything that was said, one line each.
pub(crate) fn said(loaded: &Loaded) -> Vec<String> {
    loaded
        .diagnostics
        .items()
        .iter()
        .map(|d| {
            let line = d.span.map_or(0, |s| s.line);
            format!("{}:{line}: {}", d.code.id, d.message)
        })
        .collect()
}
