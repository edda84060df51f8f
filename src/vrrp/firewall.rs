//! What the firewall should hold, compared with what it was asked to hold (`vrrp.md` section 12).
//!
//! Addresses of `no_accept` are shielded before they are added and no longer after they are deleted: what becomes wanted in one
//! turn goes before all other changes of the kernel of that turn, what is not wanted any more behind them. So a thousand
//! instances that become MASTER at once are two transactions.

use std::collections::{HashMap, HashSet};

use keepalived_linux::{
    iptables::{Chains, Found, IptablesSettings, Programs, SetNames},
    netlink::{FirewallSettings, FirewallWatch, KernelError, Operation, Place, Shielded},
};
use keepalived_model::{
    address::Address,
    config::Config,
    global::{self, Ipsets},
    vrrp::Instance,
};
use keepalived_vrrp::InstanceId;

use super::{
    kernel::{Part, Submission, resolve},
    world::World,
};

/// What a run of operations asks of the firewall.
#[derive(Debug)]
pub(super) struct FirewallPart(Vec<Asked>);

/// Who filters, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Setup {
    Nftables(Box<FirewallSettings>),
    Iptables(Box<IptablesSettings>),
}

#[derive(Debug)]
enum Asked {
    Ready(Setup),
    Repair,
    Shield(Shielded),
    Unshield(Shielded),
}

impl Asked {
    fn operation(&self) -> Operation {
        match self {
            Self::Ready(Setup::Nftables(settings)) => Operation::UseFirewall(settings.clone()),
            Self::Ready(Setup::Iptables(settings)) => Operation::UseIptables(settings.clone()),
            Self::Repair => Operation::RepairFirewall,
            Self::Shield(shielded) => Operation::Shield(*shielded),
            Self::Unshield(shielded) => Operation::Unshield(*shielded),
        }
    }
}

/// The firewall of the process.
#[derive(Debug, Default)]
pub(super) struct Firewall {
    /// As the configuration has it.
    configured: Option<Setup>,
    /// As asked for last; `None` as long as nothing needs a firewall.
    setup: Option<Setup>,
    /// To be asked for with the next submission.
    new_setup: Option<Setup>,
    /// Of the configuration, for when nftables is not to be had.
    ipsets: Ipsets,
    /// The configuration needs it, and does not just name it.
    needed: bool,
    /// The kernel has none.
    refused: bool,
    watch: Option<FirewallWatch>,
    /// Somebody may have deleted our tables.
    damaged: bool,
    /// Link-local addresses by the index of their interface in any case (`nftables_ifindex`).
    by_index: bool,
    by_instance: HashMap<InstanceId, Vec<Shielded>>,
    /// By how many each is wanted.
    wanted: HashMap<Shielded, u32>,
    /// What was wanted or not wanted any more since the last submission.
    touched: Vec<Shielded>,
    /// What the kernel has, or will have when it is done with all submissions.
    asked: HashSet<Shielded>,
    /// What a predecessor may have shielded with rules of iptables, which nobody can tell from others.
    left: Vec<Shielded>,
}

impl Firewall {
    /// A new configuration. Tables that a predecessor left are removed as soon as something needs a firewall or names one.
    pub(super) fn configure(&mut self, config: &Config, world: &World) {
        let wanted = &config.global.firewall;
        let instances = &config.vrrp.instances;
        self.needed = instances.iter().any(|i| i.is_shielded() || i.vmac.is_some());
        self.by_index = wanted.ifindex;
        self.ipsets = wanted.ipsets.clone();
        if !self.needed && wanted.table.is_none() && self.setup.is_none() {
            return;
        }
        // Whoever had to do without nftables does so until something else is configured.
        let (setup, remark) = setup(wanted);
        if self.configured.as_ref() != Some(&setup) {
            if let Some(remark) = remark {
                tracing::warn!("{remark}");
            }
            if self.needed && self.configured.is_none() && wanted.table.is_none() && wanted.iptables.is_none() {
                tracing::info!("use_vmac or no_accept/strict specified, but no firewall configured - using nftables");
            }
            if self.configured.is_none() {
                let shielding = instances.iter().filter(|i| i.is_shielded());
                self.left = shielding.flat_map(|i| self.addresses(i, world)).collect();
            }
            self.configured = Some(setup.clone());
            self.set_up(setup);
        }
    }

    /// What makes the firewall ready for virtual interfaces of a configuration. Until that is in force, what runs must not notice: the
    /// firewall stays as it is if there is one.
    pub(super) fn ready(&self, wanted: &global::Firewall) -> Operation {
        let present = self.setup.clone();
        Asked::Ready(present.unwrap_or_else(|| setup(wanted).0)).operation()
    }

    /// Does the configuration in force have one?
    pub(super) const fn is_set_up(&self) -> bool {
        self.setup.is_some()
    }

    fn set_up(&mut self, setup: Setup) {
        self.setup = Some(setup.clone());
        self.new_setup = Some(setup);
    }

    /// Shield the addresses of an instance, or no longer.
    pub(super) fn shield(&mut self, instance: InstanceId, config: &Instance, shield: bool, world: &World) {
        for shielded in self.by_instance.remove(&instance).unwrap_or_default() {
            self.want_no_longer(shielded);
        }
        if !shield {
            return;
        }
        let all = self.addresses(config, world);
        for shielded in &all {
            self.want(*shielded);
        }
        self.by_instance.insert(instance, all);
    }

    /// What is to be shielded for an instance.
    fn addresses(&self, config: &Instance, world: &World) -> Vec<Shielded> {
        let addresses = config.addresses.iter().chain(&config.excluded_addresses);
        addresses
            .filter_map(
                |address| match Shielded::address(address.local.address, Place::Index(0)) {
                    Shielded::LinkLocal(local, _) => {
                        Some(Shielded::LinkLocal(local, self.place(config, address, world)?))
                    }
                    everywhere => Some(everywhere),
                },
            )
            .collect()
    }

    /// Which interface a link-local address is on. Without `dont_track_primary` the instance is in FAULT while it does not exist.
    fn place(&self, config: &Instance, address: &Address, world: &World) -> Option<Place> {
        let own = config
            .own_interface()
            .filter(|own| address.interface.is_none_or(|name| name == *own));
        match own {
            Some(name) if config.dont_track_primary && !self.by_index => Some(Place::Name(name)),
            _ => Some(Place::Index(resolve(config, address, world)?.index)),
        }
    }

    /// A VMAC was made, and the kernel was asked in the same go to look after it.
    pub(super) fn vmac_added(&mut self, shielded: &[Shielded]) {
        for shielded in shielded {
            *self.wanted.entry(*shielded).or_default() += 1;
            self.asked.insert(*shielded);
        }
    }

    /// A VMAC is gone.
    pub(super) fn vmac_removed(&mut self, shielded: &[Shielded]) {
        for shielded in shielded {
            self.want_no_longer(*shielded);
        }
    }

    /// Waits until somebody deletes our tables; for ever without nftables. Cancel safe.
    pub(super) async fn deleted(&mut self) {
        if let Some(watch) = &mut self.watch {
            match watch.deleted().await {
                Ok(()) => self.damaged = true,
                Err(error) => {
                    tracing::info!("failed to hear of changes of nftables: {error}");
                    self.watch = None;
                }
            }
            return;
        }
        std::future::pending().await
    }

    fn want(&mut self, shielded: Shielded) {
        let count = self.wanted.entry(shielded).or_default();
        *count += 1;
        if *count == 1 {
            self.touched.push(shielded);
        }
    }

    fn want_no_longer(&mut self, shielded: Shielded) {
        if let Some(count) = self.wanted.get_mut(&shielded) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.wanted.remove(&shielded);
                self.touched.push(shielded);
            }
        }
    }

    /// Puts what has changed before and behind the other changes of a submission.
    pub(super) fn surround(&mut self, submission: &mut Submission) {
        if self.touched.is_empty() && self.new_setup.is_none() && !self.damaged {
            return;
        }
        let mut before: Vec<Asked> = self.new_setup.take().map(Asked::Ready).into_iter().collect();
        if std::mem::take(&mut self.damaged) {
            before.push(Asked::Repair);
        }
        let mut behind = Vec::new();
        for shielded in self.touched.drain(..).filter(|_| !self.refused) {
            if self.wanted.contains_key(&shielded) {
                if self.asked.insert(shielded) {
                    before.push(Asked::Shield(shielded));
                }
            } else if self.asked.remove(&shielded) {
                behind.push(Asked::Unshield(shielded));
            }
        }
        if matches!(self.setup, Some(Setup::Iptables(_))) {
            let left = std::mem::take(&mut self.left).into_iter();
            before.extend(left.filter(|left| !self.asked.contains(left)).map(Asked::Unshield));
        }
        // One transaction for each family.
        let family = |asked: &Asked| match asked {
            Asked::Ready(_) | Asked::Repair => 0,
            Asked::Shield(shielded) | Asked::Unshield(shielded) => shielded.family() as u8 + 1,
        };
        before.sort_by_key(family);
        behind.sort_by_key(family);
        if !before.is_empty() {
            let operations: Vec<Operation> = before.iter().map(Asked::operation).collect();
            submission.operations.splice(0..0, operations);
            submission.parts.insert(0, Part::Firewall(FirewallPart(before)));
        }
        if !behind.is_empty() {
            submission.operations.extend(behind.iter().map(Asked::operation));
            submission.parts.push(Part::Firewall(FirewallPart(behind)));
        }
    }

    /// The kernel's results. A refusal is said, and the instance goes on.
    pub(super) fn answered(&mut self, part: FirewallPart, results: &mut impl Iterator<Item = Result<(), KernelError>>) {
        let mut refused: Option<(Asked, KernelError)> = None;
        let mut others = 0;
        for (asked, result) in part.0.into_iter().zip(results) {
            match (&asked, &result) {
                (Asked::Ready(_), _) => self.is_ready(result.is_ok()),
                (Asked::Shield(shielded), Err(_)) => {
                    self.asked.remove(shielded);
                }
                _ => {}
            }
            let Err(error) = result else { continue };
            // What was asked for together is refused for one reason, mostly.
            if refused.is_some() {
                others += 1;
            } else {
                refused = Some((asked, error));
            }
        }
        match refused {
            Some((Asked::Ready(Setup::Nftables(_)), error)) if self.needed => self.do_without_nftables(&error),
            Some((asked, error)) if self.needed => complain(&asked, &error, others),
            _ => {}
        }
    }

    fn do_without_nftables(&mut self, error: &KernelError) {
        if let Found::Programs(programs) = Programs::find() {
            tracing::warn!("failed to use nftables: {error} - using iptables");
            let (setup, _) = with_programs(programs, Chains::default(), &self.ipsets);
            self.set_up(setup);
            return;
        }
        let table = match &self.setup {
            Some(Setup::Nftables(settings)) => &settings.table,
            _ => "",
        };
        tracing::error!(
            "failed to use nftables table {table}: {error}; no_accept and the rules for virtual MACs have no effect"
        );
    }

    fn is_ready(&mut self, ready: bool) {
        if self.refused && ready {
            self.touched.extend(self.wanted.keys());
        }
        self.refused = !ready;
        if self.refused {
            self.asked.clear();
        }
        self.watch = match &self.setup {
            Some(Setup::Nftables(settings)) if ready => FirewallWatch::open(&settings.table)
                .inspect_err(|error| tracing::info!("failed to hear of changes of nftables: {error}"))
                .ok(),
            _ => None,
        };
    }
}

fn complain(asked: &Asked, error: &KernelError, others: usize) {
    let others = match others {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    match asked {
        Asked::Ready(_) => tracing::error!("failed to use the firewall: {error}"),
        Asked::Repair => tracing::error!("failed to make the tables of the firewall again: {error}"),
        Asked::Shield(shielded) => tracing::error!("failed to shield {shielded}: {error}{others}"),
        Asked::Unshield(shielded) => tracing::error!("failed to stop shielding {shielded}: {error}{others}"),
    }
}

/// Who filters: nftables, unless only iptables is configured and does not make rules of nftables itself. With it what the user should
/// know.
fn setup(wanted: &global::Firewall) -> (Setup, Option<String>) {
    let nftables = Setup::Nftables(Box::new(settings(wanted)));
    let (None, Some(chains)) = (&wanted.table, &wanted.iptables) else {
        return (nftables, None);
    };
    let remark = match Programs::find() {
        Found::Programs(programs) => {
            let chains = Chains {
                input: (&*chains.input).into(),
                output: chains.output.as_deref().map(Into::into),
            };
            return with_programs(programs, chains, &wanted.ipsets);
        }
        Found::MakesNftables(path) => format!("{} makes rules of nftables - using nftables", path.display()),
        Found::Nothing => {
            "vrrp_iptables is configured, but iptables is not installed (package iptables, with ipset) - using nftables"
                .to_owned()
        }
    };
    (nftables, Some(remark))
}

fn with_programs(programs: Programs, chains: Chains, ipsets: &Ipsets) -> (Setup, Option<String>) {
    let sets = match ipsets {
        Ipsets::Off => None,
        Ipsets::Usual => Some(SetNames::new(&[])),
        Ipsets::Named(names) => Some(SetNames::new(&names.iter().map(|name| &**name).collect::<Vec<_>>())),
    };
    let lacking = sets.is_some() && programs.ipset.is_none();
    let remark = lacking
        .then(|| "ipset is not installed (package ipset) - using a rule of iptables for each address".to_owned());
    let settings = IptablesSettings {
        sets: sets.filter(|_| !lacking),
        programs,
        chains,
    };
    (Setup::Iptables(Box::new(settings)), remark)
}

fn settings(wanted: &global::Firewall) -> FirewallSettings {
    let default = FirewallSettings::default();
    FirewallSettings {
        table: wanted.table.as_deref().map_or(default.table, str::to_owned),
        priority: wanted.priority.unwrap_or(default.priority),
        counters: wanted.counters,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keepalived_linux::netlink::Dump;
    use keepalived_model::{
        address::Prefixed,
        units::{Family, IfName, Priority, Vrid},
    };
    use keepalived_vrrp::InstanceSpec;

    use super::*;

    fn instance(addresses: &[&str]) -> Instance {
        let mut instance = Instance::plain("V", Vrid::new(1).unwrap(), Family::V4);
        instance.accept = false;
        instance.interface = IfName::new("e0");
        instance.addresses = addresses
            .iter()
            .map(|text| Address::plain(Prefixed::new(text.parse().unwrap(), 32).unwrap()))
            .collect();
        instance
    }

    fn ids(count: usize) -> Vec<InstanceId> {
        let specs: Vec<InstanceSpec> = (1..=count)
            .map(|n| {
                let vrid = Vrid::new(u8::try_from(n).unwrap()).unwrap();
                let config = Instance::plain(&format!("V{n}"), vrid, Family::V4);
                InstanceSpec::new(std::sync::Arc::new(config), None)
            })
            .collect();
        keepalived_vrrp::Engine::default().assign_ids(&specs)
    }

    fn shield(address: &str) -> Operation {
        Operation::Shield(Shielded::Address(address.parse().unwrap()))
    }

    fn unshield(address: &str) -> Operation {
        Operation::Unshield(Shielded::Address(address.parse().unwrap()))
    }

    /// The operations of one turn, among them another one; all are allowed.
    fn turn(firewall: &mut Firewall) -> Vec<Operation> {
        let mut submission = Submission::default();
        submission.operations.push(Operation::DeleteLink { index: 9 });
        firewall.surround(&mut submission);
        for part in submission.parts {
            if let Part::Firewall(part) = part {
                firewall.answered(part, &mut std::iter::repeat(Ok(())));
            }
        }
        submission.operations
    }

    #[test]
    fn shields_come_first_and_go_last_and_what_stays_is_left_alone() {
        let (mut firewall, world, ids) = (Firewall::default(), World::from_dump(Dump::default()), ids(2));
        let other = || Operation::DeleteLink { index: 9 };
        let old = instance(&["192.0.2.1", "192.0.2.2"]);
        firewall.shield(ids[0], &old, true, &world);
        assert_eq!(turn(&mut firewall), [shield("192.0.2.1"), shield("192.0.2.2"), other()]);
        firewall.shield(ids[0], &old, false, &world);
        firewall.shield(ids[0], &instance(&["192.0.2.2", "192.0.2.3"]), true, &world);
        assert_eq!(
            turn(&mut firewall),
            [shield("192.0.2.3"), other(), unshield("192.0.2.1")]
        );
        // Another instance wants one of them too.
        firewall.shield(ids[1], &instance(&["192.0.2.3"]), true, &world);
        firewall.shield(ids[0], &old, false, &world);
        assert_eq!(turn(&mut firewall), [other(), unshield("192.0.2.2")]);
        firewall.shield(ids[1], &old, false, &world);
        assert_eq!(turn(&mut firewall), [other(), unshield("192.0.2.3")]);
        assert_eq!(turn(&mut firewall), [other()]);
    }

    #[tokio::test]
    async fn a_kernel_without_nftables_is_asked_again_with_a_new_configuration_only() {
        let (mut firewall, world, ids) = (Firewall::default(), World::from_dump(Dump::default()), ids(1));
        let mut config = Config::default();
        config.vrrp.instances.push(instance(&["192.0.2.1"]));
        firewall.configure(&config, &world);
        let mut submission = Submission::default();
        firewall.surround(&mut submission);
        assert!(matches!(submission.operations[..], [Operation::UseFirewall(_)]));
        let Some(Part::Firewall(part)) = submission.parts.pop() else {
            panic!("no part")
        };
        let refusal = KernelError { errno: 95, text: None };
        firewall.answered(part, &mut std::iter::once(Err(refusal)));
        firewall.shield(ids[0], &config.vrrp.instances[0], true, &world);
        let other = Operation::DeleteLink { index: 9 };
        assert_eq!(turn(&mut firewall), std::slice::from_ref(&other));
        config.global.firewall.counters = true;
        firewall.configure(&config, &world);
        let operations = turn(&mut firewall);
        assert!(
            matches!(operations[..], [Operation::UseFirewall(_), _]),
            "{operations:?}"
        );
        assert_eq!(turn(&mut firewall), [shield("192.0.2.1"), other]);
    }

    #[test]
    fn a_configuration_kept_aside_does_not_touch_the_firewall_in_force() {
        let (mut firewall, world) = (Firewall::default(), World::from_dump(Dump::default()));
        let mut config = Config::default();
        config.vrrp.instances.push(instance(&["192.0.2.1"]));
        config.global.firewall.priority = Some(-7);
        let first = firewall.ready(&config.global.firewall);
        assert!(!firewall.is_set_up());
        firewall.configure(&config, &world);
        let aside = global::Firewall {
            priority: Some(-9),
            ..config.global.firewall.clone()
        };
        assert_eq!(firewall.ready(&aside), first);
        config.global.firewall = aside;
        firewall.configure(&config, &world);
        assert_ne!(firewall.ready(&config.global.firewall), first);
    }

    #[test]
    fn who_needs_a_firewall() {
        let needs = |change: fn(&mut Instance)| {
            let (mut firewall, world) = (Firewall::default(), World::from_dump(Dump::default()));
            let mut config = Config::default();
            config.vrrp.instances.push(instance(&[]));
            change(&mut config.vrrp.instances[0]);
            firewall.configure(&config, &world);
            firewall.new_setup.is_some()
        };
        assert!(needs(|_| {}));
        assert!(!needs(|i| i.accept = true));
        assert!(!needs(|i| i.priority = Priority::OWNER));
    }
}
