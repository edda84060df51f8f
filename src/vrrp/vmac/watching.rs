//! When VMACs are made and taken away: around a reload, when somebody else deletes one, and at the end.

use std::sync::Arc;

use keepalived_linux::netlink::{KernelError, Operation};
use keepalived_model::{config::Config, global, time::Instant, units::IfName};
use keepalived_vrrp::{Fault, Input};

use super::{
    Asked, Errand, Vmacs,
    creation::{self, Make},
    planning::Wanted,
};
use crate::vrrp::{kernel::Errand as KernelErrand, worker::Worker};

impl Worker {
    /// Decides about the virtual interfaces of a configuration and makes those that are new.
    pub(in crate::vrrp) fn prepare_vmacs(&mut self, generation: u64, config: &mut Config) {
        self.abort_vmacs();
        let (makes, notes) = self.vmacs.prepare(config, &self.world);
        for note in notes {
            tracing::info!("{note}");
        }
        if !makes.is_empty() {
            self.vmacs.preparing = Some(generation);
            let firewall = self.firewall.ready(&config.global.firewall);
            self.run_make(makes, firewall, |asked| Errand::Prepared(generation, asked));
        }
    }

    /// The configuration is in force, and what it does not need any more has resigned.
    pub(in crate::vrrp) fn commit_vmacs(&mut self) {
        let gone = self.vmacs.commit(&self.world);
        self.unmake_vmacs(gone);
        let missing = self.vmacs.all_missing(&self.world);
        self.make_vmacs(missing);
    }

    /// The configuration kept aside is dropped.
    pub(in crate::vrrp) fn abort_vmacs(&mut self) {
        let (gone, changed) = self.vmacs.abort(&self.world);
        // The kernel may not have answered yet that they are there.
        self.unmake_vmacs_found(gone, true);
        self.make_vmacs(changed);
    }

    /// The end: they go, unless what is on them shall stay (`--dont-release-vrrp`).
    pub(in crate::vrrp) fn remove_vmacs(&mut self) {
        if self.options.cli.dont_release_vrrp {
            return;
        }
        self.abort_vmacs();
        let all = self.vmacs.drain();
        self.unmake_vmacs(all);
    }

    /// The interface under VMACs went up or down, and that counts.
    pub(in crate::vrrp) fn base_counts(&mut self, name: IfName, up: bool, at: Instant) {
        for id in self.by_interface.get(&name).cloned().unwrap_or_default() {
            let config = self.engine.view(id).map(|view| Arc::clone(&view.spec.config));
            let above = config.filter(|c| c.own_interface() != Some(name) && c.interface == Some(name));
            if above.is_some_and(|c| !c.dont_track_primary) {
                self.engine.handle(at, Input::Fault(id, Fault::BaseInterface, !up));
            }
        }
    }

    /// An interface came, went or changed: it may be one of ours that somebody deleted, or carry some.
    pub(in crate::vrrp) fn vmac_may_change(&mut self, name: IfName) {
        if let Some(shielded) = self.vmacs.unshielded(&name, &self.world) {
            self.firewall.vmac_removed(&shielded);
        }
        let makes = self.vmacs.changed(&name, &self.world);
        self.make_vmacs(makes);
    }

    /// Makes some of the configuration in force.
    fn make_vmacs(&mut self, makes: Vec<Make>) {
        if !makes.is_empty() {
            // It is set up, for a configuration with virtual interfaces needs one.
            let firewall = self.firewall.ready(&global::Firewall::default());
            self.run_make(makes, firewall, Errand::Made);
        }
    }

    fn run_make(&mut self, makes: Vec<Make>, firewall: Operation, errand: impl FnOnce(Vec<Asked>) -> Errand) {
        let asked = makes.iter().cloned().map(Asked).collect();
        self.unanswered += 1;
        let ticket = KernelErrand::Vmacs(errand(asked));
        self.commands.run(ticket, self.vmacs.make(makes, firewall));
    }

    fn unmake_vmacs(&mut self, gone: Vec<Wanted>) {
        self.unmake_vmacs_found(gone, false);
    }

    fn unmake_vmacs_found(&mut self, gone: Vec<Wanted>, by_name: bool) {
        if gone.is_empty() {
            return;
        }
        let mut unmake = Vmacs::unmake(&gone, &self.world);
        for gone in &mut unmake {
            // Its end is no news.
            if let Some(tracker) = self.tracker_ids.known_interface(&gone.name) {
                self.tracker_good.insert(tracker, false);
            }
            gone.by_name = by_name && self.world.named(&gone.name).is_none();
        }
        self.unanswered += 1;
        let ticket = KernelErrand::Vmacs(Errand::Unmade(gone));
        // What only a configuration that never was in force needed.
        let keep_firewall = self.firewall.is_set_up();
        self.commands.run(
            ticket,
            creation::unmake(unmake, keep_firewall, Arc::clone(&self.vmacs.ledger)),
        );
    }

    /// The kernel has made, or taken away.
    pub(in crate::vrrp) fn vmacs_answered(&mut self, errand: Errand, results: &[Result<(), KernelError>]) {
        match errand {
            Errand::Prepared(generation, asked) => {
                report_made(&asked, results);
                let made = asked.into_iter().zip(results).filter(|(_, result)| result.is_ok());
                let made: Vec<Asked> = made.map(|(asked, _)| asked).collect();
                let unknown = |Asked(make): &Asked| self.world.named(&make.wanted.name).is_none();
                if made.iter().any(unknown) {
                    // So many have come that the news of some was lost.
                    let ticket = KernelErrand::Vmacs(Errand::Read(generation, made));
                    self.commands.request_dump(ticket);
                } else {
                    self.vmacs_prepared(generation, &made);
                }
            }
            Errand::Read(..) => {}
            Errand::Made(asked) => {
                report_made(&asked, results);
                let made = asked.iter().zip(results).filter(|(_, result)| result.is_ok());
                let names: Vec<IfName> = made.map(|(Asked(make), _)| make.wanted.name).collect();
                self.account_vmacs(&asked);
                for Asked(make) in &asked {
                    self.vmacs.answered(&make.wanted, &self.world);
                }
                let again = self.vmacs.lost_meanwhile(names.into_iter(), &self.world);
                self.make_vmacs(again);
            }
            Errand::Unmade(gone) => report_unmade(&gone, results),
        }
    }

    /// The tables were read again.
    pub(in crate::vrrp) fn vmacs_read(&mut self, errand: &Errand) {
        if let Errand::Read(generation, made) = errand {
            self.vmacs_prepared(*generation, made);
        }
    }

    fn vmacs_prepared(&mut self, generation: u64, made: &[Asked]) {
        self.account_vmacs(made);
        let awaited = &mut self.vmacs.preparing;
        if awaited.take_if(|awaited| *awaited == generation).is_some() {
            self.part_prepared(generation);
        }
    }

    /// The firewall was told of these when they were made.
    fn account_vmacs(&mut self, made: &[Asked]) {
        for Asked(make) in made {
            let name = make.wanted.name;
            let Some(index) = self.world.named(&name).map(|i| i.link.index) else {
                continue;
            };
            let shielded = make.shielded(index);
            self.firewall.vmac_added(&shielded);
            if let Some(before) = self.vmacs.shielded.insert(name, shielded) {
                self.firewall.vmac_removed(&before);
            }
        }
    }
}

fn report_made(asked: &[Asked], results: &[Result<(), KernelError>]) {
    for (asked, result) in asked.iter().zip(results) {
        let Wanted { owner, name, .. } = &asked.0.wanted;
        match result {
            Ok(()) if !asked.0.reuses() => tracing::info!("({owner}): Success creating VMAC interface {name}"),
            Ok(()) => {}
            Err(error) => tracing::error!("({owner}) failed to create VMAC interface {name}: {error}"),
        }
    }
}

fn report_unmade(gone: &[Wanted], results: &[Result<(), KernelError>]) {
    for (Wanted { owner, name, .. }, result) in gone.iter().zip(results) {
        match result {
            Ok(()) => tracing::info!("({owner}) Success removing VMAC interface {name}"),
            Err(error) => tracing::error!("({owner}) failed to remove VMAC interface {name}: {error}"),
        }
    }
}
