//! A machine that has everything a configuration names, so that files can be checked where they will not run.

use std::path::Path;

use keepalived_model::{script::Credentials, units::IfName};

use crate::facts::{Facts, InterfaceFact, ScriptFact};

/// Every interface, user and script exists, and nothing depends on chance. What `keepalived -t` finds on the machine itself
/// beyond this is about that machine, not about the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anywhere;

impl Facts for Anywhere {
    fn interface(&self, name: &IfName) -> Option<InterfaceFact> {
        // Different names are different interfaces: FNV-1a keeps their indices apart.
        let hash = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let index = name.as_str().bytes().fold(0x811c_9dc5, hash) & 0x7fff_ffff;
        Some(InterfaceFact {
            index: index.max(1),
            mtu: 1500,
            loopback: name.as_str() == "lo",
            multicast: true,
            ethernet: name.as_str() != "lo",
            base: None,
        })
    }

    fn credentials(&self, user: &str, group: Option<&str>) -> Result<Credentials, String> {
        let uid = user.parse().unwrap_or(0);
        let group = group.map(|group| group.trim_start_matches(':'));
        Ok(Credentials {
            uid,
            gid: group.and_then(|group| group.parse().ok()).unwrap_or(uid),
            groups: Vec::new(),
        })
    }

    fn script(&self, program: &str, _credentials: Option<&Credentials>, _keep_symlinks: bool) -> ScriptFact {
        ScriptFact::Good(program.into())
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn random(&self, min: u64, _max: u64) -> u64 {
        min
    }

    fn host_name(&self) -> String {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        name.trim().split('.').next().unwrap_or_default().to_owned()
    }

    fn cpus(&self) -> u16 {
        u16::MAX
    }

    fn iproute2_table(&self, name: &str, etc_dir: Option<&Path>, usr_dir: Option<&Path>) -> String {
        let etc = etc_dir.unwrap_or(Path::new("/etc/iproute2")).join(name);
        let usr = usr_dir.unwrap_or(Path::new("/usr/share/iproute2")).join(name);
        std::fs::read_to_string(etc)
            .or_else(|_| std::fs::read_to_string(usr))
            .unwrap_or_default()
    }
}
