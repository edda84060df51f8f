//! `promote_secondaries`: when the first address of a subnet goes, the others stay (`vrrp.md` 9.5). One setting an interface, for
//! as long as an instance on it asks for it. Virtual MAC interfaces have it of their own.

use std::collections::BTreeMap;

use keepalived_linux::sysctl::{Restore, Sysctl};
use keepalived_model::{
    config::Config,
    units::{Family, IfName},
};

use super::originals::Originals;

/// Interfaces with the setting, each with what undoes it; `None` where it was set already or the interface is missing.
#[derive(Debug, Default)]
pub(super) struct Promotions(BTreeMap<IfName, Option<Restore>>);

impl Promotions {
    /// Sets what a configuration asks for, and restores what it does not ask for any more.
    pub(super) fn configure(&mut self, config: &Config, originals: &Originals) {
        let instances = config.vrrp.instances.iter();
        let wanted: BTreeMap<IfName, ()> = instances
            .filter(|i| i.promote_secondaries && i.family == Family::V4 && i.vmac.is_none())
            .filter_map(|i| Some((i.interface?, ())))
            .collect();
        self.0.retain(|name, undo| {
            let stays = wanted.contains_key(name);
            if !stays {
                undo.iter().for_each(|undo| originals.restore(undo));
            }
            stays
        });
        for name in wanted.into_keys() {
            self.0.entry(name).or_insert_with(|| set(&name, originals));
        }
    }

    /// An interface appeared or vanished: a new one of the name has the kernel's default.
    pub(super) fn link_changed(&mut self, name: &IfName, exists: bool, originals: &Originals) {
        if let Some(undo) = self.0.get_mut(name) {
            let fresh = if exists { set(name, originals) } else { None };
            // Setting it again changes nothing and gives nothing to undo.
            if fresh.is_some() || !exists {
                let old = std::mem::replace(undo, fresh);
                old.iter().filter(|_| !exists).for_each(|old| originals.forget(old));
            }
        }
    }

    /// The end: everything is as before.
    pub(super) fn restore(&mut self, originals: &Originals) {
        for undo in std::mem::take(&mut self.0).into_values().flatten() {
            originals.restore(&undo);
        }
    }
}

fn set(name: &IfName, originals: &Originals) -> Option<Restore> {
    let sysctl = Sysctl::ipv4_conf(name.as_str(), "promote_secondaries")?;
    match originals.set(&sysctl, 1) {
        Ok(undo) => undo,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::info!("failed to set {sysctl}: {error}");
            None
        }
    }
}
