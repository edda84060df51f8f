//! What VMACs need of `net.ipv4.conf` and `net.ipv6.conf` (`vrrp.md` 11.2), with the values from before.
//!
//! Two interfaces of one host on one wire answer each other's ARP requests unless they are told not to; so settings of the interface
//! *under* a VMAC change too, as long as some VMAC is on it. Settings of the VMAC itself go with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

use keepalived_linux::sysctl::{Restore, Sysctl};
use keepalived_model::units::IfName;

use super::planning::Wanted;
use crate::vrrp::originals::Originals;

/// What was changed outside the VMACs, to be restored.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    bases: BTreeMap<IfName, Held>,
    /// `rp_filter` of everything.
    filters: Held,
    originals: Arc<Originals>,
}

/// Changed settings, and for whom.
#[derive(Debug, Default)]
struct Held {
    users: BTreeSet<IfName>,
    /// In the order in which they were changed.
    changed: Vec<Restore>,
}

impl Held {
    /// Undoes what was changed, the last first.
    fn restore(&mut self, originals: &Originals) {
        for change in self.changed.drain(..).rev() {
            originals.restore(&change);
        }
    }

    fn set(&mut self, sysctl: Option<Sysctl>, value: i64, originals: &Originals) {
        let Some(sysctl) = sysctl else { return };
        match originals.set(&sysctl, value) {
            Ok(change) => self.changed.extend(change),
            Err(error) => refused(&sysctl, &error),
        }
    }
}

impl Ledger {
    /// Nothing is changed yet.
    pub(super) fn new(originals: &Arc<Originals>) -> Self {
        Self {
            originals: Arc::clone(originals),
            ..Self::default()
        }
    }

    /// Settings of a VMAC that has just been made and is not up yet, and of what is under it.
    pub(super) fn apply(&mut self, wanted: &Wanted) {
        let name = wanted.name.as_str();
        if wanted.ipv4 {
            // First of all: a new interface inherits `default`, which this raises.
            self.filters(wanted.name);
            let held = self.bases.entry(wanted.key.base).or_default();
            if held.users.insert(wanted.name) && held.users.len() == 1 {
                let base = wanted.key.base.as_str();
                held.set(Sysctl::ipv4_conf(base, "arp_ignore"), 1, &self.originals);
                held.set(Sysctl::ipv4_conf(base, "arp_filter"), 1, &self.originals);
            }
            own(Sysctl::ipv4_conf(name, "accept_local"), 1);
            own(Sysctl::ipv4_conf(name, "rp_filter"), 0);
            own(Sysctl::ipv4_conf(name, "promote_secondaries"), 1);
        }
        own(Sysctl::ipv4_conf(name, "arp_ignore"), 1);
        // Without IPv6 on it, it need not tell the routers on the wire that it is there.
        own(Sysctl::ipv6_conf(name, "disable_ipv6"), i64::from(!wanted.ipv6));
    }

    /// A VMAC goes; with the last one on an interface its settings are restored.
    pub(super) fn release(&mut self, name: IfName, base: IfName) {
        if let Some(held) = self.bases.get_mut(&base)
            && held.users.remove(&name)
            && held.users.is_empty()
        {
            held.restore(&self.originals);
            self.bases.remove(&base);
        }
        if self.filters.users.remove(&name) && self.filters.users.is_empty() {
            self.filters.restore(&self.originals);
        }
    }

    /// The kernel filters by the greater of an interface's `rp_filter` and that of `all`; a VMAC must not be filtered, so the value of
    /// `all` moves to every interface and to `default`.
    fn filters(&mut self, name: IfName) {
        if !self.filters.users.insert(name) || self.filters.users.len() > 1 {
            return;
        }
        let all = Sysctl::ipv4_conf("all", "rp_filter");
        let before = |sysctl: &Sysctl| self.originals.before(sysctl).ok();
        let Some(least) = all.as_ref().and_then(before).filter(|value| *value != 0) else {
            return;
        };
        for interface in Sysctl::ipv4_interfaces().unwrap_or_default() {
            let sysctl = Sysctl::ipv4_conf(&interface, "rp_filter").filter(|_| interface != "all");
            if sysctl.as_ref().and_then(before).is_some_and(|own| own < least) {
                self.filters.set(sysctl, least, &self.originals);
            }
        }
        self.filters.set(all, 0, &self.originals);
    }
}

/// A setting of the VMAC itself: it need not be restored.
fn own(sysctl: Option<Sysctl>, value: i64) {
    let Some(sysctl) = sysctl else { return };
    if let Err(error) = sysctl.set(value).map(drop) {
        refused(&sysctl, &error);
    }
}

fn refused(sysctl: &Sysctl, error: &io::Error) {
    // Kernels without IPv6 have none of its settings, and an interface may be gone meanwhile.
    if error.kind() == io::ErrorKind::NotFound {
        tracing::debug!("{sysctl} does not exist");
    } else {
        tracing::info!("failed to set {sysctl}: {error}");
    }
}
