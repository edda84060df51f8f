//! A new configuration: kept aside, then compared with what runs and let act.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use keepalived_linux::{netlink::Groups, timer::now};
use keepalived_model::{
    config::Config,
    time::{Instant, Micros},
    vrrp::{Authentication, SyncGroup},
};
use keepalived_status::{Event, Settings};
use keepalived_vrrp::{Fault, GroupSpec, Input, InstanceId, InstanceSpec, Reconfiguration, TrackerKind};

use super::{
    kernel::Errand,
    plan::{Plan, plan, socket_interface},
    report::Known,
    sockets::Wish,
    worker::{TrackerName, Worker},
};
use crate::{ipc::Cause, notify};

impl Worker {
    /// Keeps a model aside. Everything that can be wrong with it was found when it was read; what depends on the kernel puts an
    /// instance into FAULT and heals by itself.
    pub(super) fn prepare(&mut self, generation: u64, cause: Cause, config: Box<Config>) {
        if cause != Cause::Start {
            tracing::info!("Reloading");
            // The others hear us once more before we are busy.
            self.engine.handle(now(), Input::AdvertiseNow);
        }
        let mut config = config;
        let first = cause == Cause::Start && self.options.start.restarts == 0;
        let _read = self.watched.prepare(generation, &config, first);
        self.prepare_vmacs(generation, &mut config);
        self.aside = Some((generation, cause, config));
        self.part_prepared(generation);
    }

    /// Something that preparation waits for is done; with the last of it the supervisor hears.
    pub(super) fn part_prepared(&mut self, generation: u64) {
        if !self.watched.is_preparing() && !self.vmacs.is_preparing() {
            self.link.prepared(generation, Ok(()));
        }
    }

    /// Lets the model kept aside act.
    pub(super) fn commit(&mut self, generation: u64) {
        let Some((_, cause, config)) = self.aside.take_if(|(kept, ..)| *kept == generation) else {
            return;
        };
        let at = now();
        let first = self.config.is_none();
        if first {
            self.begin(&config, at);
        }
        // Readers see the end of the old FIFO and open the new one; what the reload itself has to say goes there.
        self.fifos.close(&mut self.scripts);
        self.fifos = {
            let fifos = &config.global.fifos;
            let wanted = [("notify", &fifos.global), ("vrrp_notify", &fifos.vrrp)];
            notify::fifo::OpenFifos::open(wanted, &mut self.scripts)
        };
        self.mails.configure(&config);
        self.tellers.configure(&config);
        let repeat_states = !first && config.global.fifos.write_states_on_reload;
        self.install(config, first, at);
        self.carry_out(at);
        if let Some(config) = &self.config {
            self.tellers.forget_gone(config);
        }
        if repeat_states {
            let groups = self
                .config
                .iter()
                .flat_map(|c| &c.vrrp.sync_groups)
                .map(|g| g.name.clone());
            for line in super::repeat::lines(&self.engine, &self.order, groups) {
                self.fifos.write(&line);
            }
        }
        self.pool.sweep();
        self.link.committed(generation);
        let at_wall = super::report::Clocks::at(at).wall(at);
        if first && self.options.cli.dump_conf {
            self.log_data();
        }
        if first {
            self.audience().tell(Event::Started);
        } else {
            self.watch.identity.reloaded = Some(at_wall);
            self.audience().tell(Event::Reloaded { at: at_wall });
        }
        tracing::debug!(?cause, "configuration in force");
    }

    fn begin(&mut self, config: &Config, at: Instant) {
        if config.global.disable_local_igmp {
            self.local_igmp.disable(&self.originals);
        }
        super::address_protocol::settle(config);
        let globals = &config.global.vrrp;
        // CLOCK_MONOTONIC counts from boot, as the uptime does.
        let after_boot = Micros(globals.delay_after_boot.0.saturating_sub(at.0));
        let delay = globals.startup_delay.max(after_boot);
        if !delay.is_zero() {
            tracing::info!("Delaying startup for {} seconds", delay.as_micros() as f64 / 1e6);
            self.engine.handle(at, Input::StartupDelay(delay));
        }
    }

    fn install(&mut self, config: Box<Config>, first: bool, at: Instant) {
        self.size_buffers(&config);
        self.lateness.configure(&config.global.processes);
        self.watched.keep(&config);
        let mut first_reports = self.watched.first_reports(&config);
        first_reports.until_now = (!first).then(|| self.tracker_names.keys().copied().collect());
        let mut plan = plan(&config, &self.world, &first_reports, &mut self.tracker_ids);
        let ids = self.engine.assign_ids(&plan.instances);
        self.virtual_addresses = std::mem::take(&mut plan.virtual_addresses);
        self.follow(watched(&config));
        // Before the instances: what they need of the network may be static.
        self.statics.configure(&config.vrrp, &self.world);
        self.promotions.configure(&config, &self.originals);
        self.firewall.configure(&config, &self.world);
        self.configure_links(&config, &mut plan);
        self.name_trackers(&plan);
        let gone = self.leave(&ids);
        let resized = self.pool.size_buffers(&config.global.vrrp);
        self.connect(&ids, &mut plan.instances, resized);
        self.introduce(&config, &ids, &plan.instances);
        let scripts = std::mem::take(&mut plan.scripts);
        let reconfiguration = Reconfiguration {
            trackers: plan.trackers,
            instances: ids.iter().copied().zip(plan.instances).collect(),
            pacing: plan.pacing,
            groups: groups(&config, &ids),
        };
        self.signs = config.vrrp.instances.iter().any(|i| i.auth_hmac.is_some());
        self.tell_wall_clock(at);
        self.engine.handle(at, Input::Reconfigure(Box::new(reconfiguration)));
        // Priority 0 of what leaves must go out by its old sockets.
        self.carry_out(at);
        for id in gone {
            self.depart(id);
        }
        self.commit_vmacs();
        self.order = ids;
        self.config = Some(config);
        if first {
            self.clean_up_after_predecessor();
            self.restore_rest();
            tracing::debug!("{} instances", self.order.len());
        }
        self.checks.set(scripts, at, &mut self.scripts);
        self.run_scripts_now(at);
    }

    /// What a predecessor changed for something that is not configured any more; behind what the virtual interfaces ask for.
    fn restore_rest(&mut self) {
        if self.originals.has_rest() {
            let originals = Arc::clone(&self.originals);
            self.unanswered += 1;
            let work = Box::new(move |_: &mut _| {
                originals.restore_rest();
                Vec::new()
            });
            self.commands.run(Errand::Unheeded, work);
        }
    }

    fn run_scripts_now(&mut self, at: Instant) {
        let mut reports = Vec::new();
        self.checks.run_due(at, &mut self.scripts, &mut reports);
        for report in reports {
            if let super::checks::Report::Log(line) = report {
                tracing::info!("{line}");
            }
        }
    }

    fn name_trackers(&mut self, plan: &Plan) {
        let mut names = HashMap::with_capacity(plan.trackers.len());
        for tracker in &plan.trackers {
            let kind = match tracker.kind {
                TrackerKind::Interface => "interface",
                TrackerKind::Script { .. } => "script",
                TrackerKind::File => "file",
                TrackerKind::Process => "process",
                TrackerKind::Bfd => "bfd",
            };
            if let (TrackerKind::Interface, Some(keepalived_vrrp::TrackerReport::Good(good))) =
                (tracker.kind, tracker.initial)
            {
                self.tracker_good.insert(tracker.id, good);
            }
            let named = TrackerName {
                name: tracker.name.to_string(),
                kind,
            };
            names.insert(tracker.id, named);
        }
        self.tracker_good.retain(|id, _| names.contains_key(id));
        self.tracker_names = names;
    }

    /// Instances that the new configuration does not have; their log lines and notifications still need their names.
    fn leave(&mut self, ids: &[InstanceId]) -> Vec<InstanceId> {
        let stay: HashSet<InstanceId> = ids.iter().copied().collect();
        let gone: Vec<InstanceId> = self.order.iter().copied().filter(|id| !stay.contains(id)).collect();
        for id in &gone {
            self.duplicates.remove(*id);
            if let Some(view) = self.engine.view(*id) {
                self.watch.leaves(*id, Arc::clone(&view.spec.config));
            }
        }
        gone
    }

    fn depart(&mut self, id: InstanceId) {
        self.pool.release(id);
        self.endpoints.remove(&id);
        self.mails.forget(id);
        let state = self.watch.departed(id);
        if let Some(known) = self.known.remove(&id) {
            self.audience().tell(Event::Removed {
                id: known.status_id,
                state,
            });
        }
    }

    /// Opens the sockets of every instance before the engine wants to send.
    fn connect(&mut self, ids: &[InstanceId], specs: &mut [InstanceSpec], resized: bool) {
        self.by_interface.clear();
        self.homeless.clear();
        for (id, spec) in ids.iter().zip(specs.iter_mut()) {
            let config = &spec.config;
            let own = config.own_interface().filter(|own| Some(*own) != config.interface);
            for name in config.interface.or(config.vrf).into_iter().chain(own) {
                self.by_interface.entry(name).or_default().push(*id);
            }
            if config.interface.is_none() && config.track_src_ip {
                self.homeless.push(*id);
            }
            let endpoint = (socket_interface(config, &self.world), spec.source);
            let before = self.endpoints.insert(*id, endpoint);
            let unchanged = !resized
                && before == Some(endpoint)
                && self.engine.view(*id).is_some_and(|view| {
                    view.spec.identity() == spec.identity() && same_transport(&view.spec.config, config)
                });
            if unchanged {
                continue;
            }
            let wish = Wish::new(config, endpoint.0, endpoint.1, &self.world);
            if let Err(error) = self.pool.assign(*id, wish) {
                tracing::info!("({}) failed to open sockets: {error}", config.name);
                // Tried again with the next event about its interface.
                self.endpoints.remove(id);
                spec.faults.push(Fault::Socket);
            }
        }
        self.find_duplicates(ids, specs);
    }

    fn introduce(&mut self, config: &Config, ids: &[InstanceId], specs: &[InstanceSpec]) {
        let groups: HashMap<&str, &str> = config
            .vrrp
            .sync_groups
            .iter()
            .flat_map(|group| group.members.iter().map(|member| (&**member, &*group.name)))
            .collect();
        for (id, spec) in ids.iter().zip(specs) {
            let settings = Arc::new(Settings::new(&spec.config, groups.get(&*spec.config.name).copied()));
            match self.known.get_mut(id) {
                Some(known) => {
                    if known.settings != settings {
                        known.settings = settings;
                        self.watch.updated(*id);
                    }
                }
                None => {
                    let known = Known {
                        status_id: self.watch.fresh_id(),
                        settings,
                        last_transition: None,
                    };
                    self.known.insert(*id, known);
                    self.watch.added(*id);
                }
            }
        }
    }
}

/// Is there a route or a rule whose deletion must be noticed?
fn watched(config: &Config) -> Groups {
    let vrrp = &config.vrrp;
    let routes = vrrp.instances.iter().flat_map(|i| &i.routes);
    let rules = vrrp.instances.iter().flat_map(|i| &i.rules);
    Groups {
        routes: routes.chain(&vrrp.static_routes).any(|r| !r.no_track),
        rules: rules.chain(&vrrp.static_rules).any(|r| !r.no_track),
    }
}

/// Sync groups with the numbers of their members.
fn groups(config: &Config, ids: &[InstanceId]) -> Vec<GroupSpec> {
    let by_name: HashMap<&str, InstanceId> = config
        .vrrp
        .instances
        .iter()
        .map(|i| &*i.name)
        .zip(ids.iter().copied())
        .collect();
    let group = |group: &SyncGroup| GroupSpec {
        config: Arc::new(group.clone()),
        members: group
            .members
            .iter()
            .filter_map(|m| by_name.get(&**m).copied())
            .collect(),
    };
    config.vrrp.sync_groups.iter().map(group).collect()
}

/// Do the sockets serve the new configuration as they are?
fn same_transport(old: &keepalived_model::vrrp::Instance, new: &keepalived_model::vrrp::Instance) -> bool {
    let has_ah = |i: &keepalived_model::vrrp::Instance| matches!(i.authentication, Authentication::Ah(_));
    old.transport == new.transport
        && old.vrf == new.vrf
        && old.kernel_rx_buf_size == new.kernel_rx_buf_size
        && has_ah(old) == has_ah(new)
}
