//! A reload as a transaction: read aside, compare, prepare on every process, then commit, or abort and keep what runs.

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use keepalived_config::Loaded;
use keepalived_model::{config::Config, global::Global, vrrp::Instance};
use tokio::{task::JoinHandle, time::Instant};

use super::{daemon::Daemon, paths::Names, process::Running, reload_time::TimeFile, save};
use crate::{
    ipc::{Cause, Role, ToWorker},
    load,
};

/// How long a process may take to check a model.
const PREPARATION_LIMIT: Duration = Duration::from_secs(60);

/// Who waits for the outcome: a process and the number of its request.
type Requester = (u64, u64);

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Idle,
    Reading(JoinHandle<Loaded>),
    Preparing {
        candidate: Arc<Config>,
        errors: load::Errors,
        waiting: BTreeSet<Role>,
        deadline: Instant,
    },
    Committing {
        waiting: BTreeSet<Role>,
    },
}

/// The reload that is going on, and the one that waits.
#[derive(Debug, Default)]
pub(super) struct Reload {
    phase: Phase,
    requesters: Vec<Requester>,
    queued: Option<Vec<Requester>>,
    marker: Option<PathBuf>,
    count: u64,
    failure: Option<String>,
    /// Errors of the configuration that is being tried.
    errors: Vec<String>,
}

impl Reload {
    pub(super) const fn in_progress(&self) -> bool {
        !matches!(self.phase, Phase::Idle)
    }

    /// Why the last reload changed nothing; `None` after one that did.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// What was read, once it is. Pends while nothing is being read. Cancel safe.
    pub(super) async fn read(&mut self) -> Option<Loaded> {
        match &mut self.phase {
            Phase::Reading(reading) => reading.await.ok(),
            _ => std::future::pending().await,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Preparing { deadline, .. } => Some(*deadline),
            _ => None,
        }
    }

    pub(super) fn awaits_preparation(&self, role: Role) -> bool {
        matches!(&self.phase, Phase::Preparing { waiting, .. } if waiting.contains(&role))
    }
}

impl Daemon {
    /// Asks for a reload; it waits while another goes on or a process is being started.
    pub(super) fn request_reload(&mut self, requester: Option<Requester>) {
        if self.stopping {
            return;
        }
        if self.reload.in_progress() {
            tracing::info!("Reload already in progress, request queued");
        }
        self.reload.queued.get_or_insert_default().extend(requester);
        self.begin_queued_reload();
    }

    pub(super) fn begin_queued_reload(&mut self) {
        if self.reload.in_progress() || !self.nobody_is_loading() || self.stopping {
            return;
        }
        let Some(requesters) = self.reload.queued.take() else {
            return;
        };
        tracing::info!("Reloading ...");
        self.notifier.reloading();
        self.reload.requesters = requesters;
        self.reload.marker = make_marker(&self.names, &self.config.global);
        let loader = self.loader.clone();
        self.reload.phase = Phase::Reading(tokio::task::spawn_blocking(move || loader.read()));
    }

    pub(super) fn on_loaded(&mut self, loaded: Option<Loaded>) -> Option<u8> {
        remove_marker(self.reload.marker.take());
        match loaded {
            Some(loaded) => {
                load::log_diagnostics(&loaded);
                self.reload.errors = load::error_lines(&loaded);
                match self.refusal(&loaded) {
                    Some(reason) => self.finish_reload(Err(reason)),
                    None => self.prepare_all(loaded),
                }
            }
            None => self.finish_reload(Err("reading the configuration failed".to_owned())),
        }
        None
    }

    fn refusal(&self, loaded: &Loaded) -> Option<String> {
        if let Some(file) = &self.config.global.reload.check_config {
            save::write_diagnostics(file, loaded);
            if loaded.diagnostics.test_exit_code() != 0 || load::is_missing(loaded) {
                let file = if file.is_empty() { "/dev/null" } else { file };
                return Some(format!("New config failed validation, see {file} for details"));
            }
        }
        if let Some(reason) = self.loader.reload_refusal(loaded) {
            return Some(reason);
        }
        unchangeable(&self.config.global, &loaded.config.global, &self.names)
    }

    fn prepare_all(&mut self, loaded: Loaded) {
        self.reload.count += 1;
        save::copy(&self.config.global, self.reload.count, &loaded);
        self.generation += 1;
        let errors = load::errors(&loaded);
        let candidate = Arc::new(loaded.config);
        let mut waiting = BTreeSet::new();
        for (role, slot) in &self.slots {
            let Some(running) = &slot.running else { continue };
            if running.sender.send(&self.prepare(*role, &candidate, Cause::Reload)) && *role != Role::Control {
                waiting.insert(*role);
            }
        }
        let deadline = Instant::now() + PREPARATION_LIMIT;
        self.reload.phase = Phase::Preparing {
            candidate,
            errors,
            waiting,
            deadline,
        };
        self.commit_when_prepared();
    }

    pub(super) fn on_prepared_for_reload(&mut self, role: Role, result: Result<(), String>) {
        if let Err(reason) = result {
            return self.abort(format!("the {} process refused it: {reason}", role.title()));
        }
        if let Phase::Preparing { waiting, .. } = &mut self.reload.phase {
            waiting.remove(&role);
        }
        self.commit_when_prepared();
    }

    fn abort(&mut self, reason: String) {
        let generation = self.generation;
        self.tell_all(&ToWorker::Abort { generation });
        self.finish_reload(Err(reason));
    }

    fn commit_when_prepared(&mut self) {
        let Phase::Preparing {
            candidate,
            errors,
            waiting,
            ..
        } = &self.reload.phase
        else {
            return;
        };
        if !waiting.is_empty() {
            return;
        }
        self.loader.accept(errors.clone());
        let before = std::mem::replace(&mut self.config, Arc::clone(candidate));
        let generation = self.generation;
        self.tell_all(&ToWorker::Commit { generation });
        let committing = |(role, slot): (&Role, &super::daemon::Slot)| {
            (*role != Role::Control && slot.running.is_some()).then_some(*role)
        };
        let waiting = self.slots.iter().filter_map(committing).collect();
        self.reload.phase = Phase::Committing { waiting };
        self.take_over_own_settings(&before.global);
        log_plan(&before, &self.config);
        self.forget_delays();
        // Those that run nothing yet but have something to do now.
        self.start_wanted();
        self.finish_when_committed();
    }

    /// Settings that the supervisor itself obeys.
    fn take_over_own_settings(&mut self, before: &Global) {
        let now = Arc::clone(&self.config);
        if before.processes.parent != now.global.processes.parent {
            crate::worker::set_process_name(None, &now.global.processes);
        }
        if before.reload.time_file != now.global.reload.time_file || before.reload.repeat != now.global.reload.repeat {
            self.follow_time_file();
        }
    }

    pub(super) fn on_committed_for_reload(&mut self, role: Role) {
        if let Phase::Committing { waiting } = &mut self.reload.phase {
            waiting.remove(&role);
        }
        self.finish_when_committed();
    }

    fn finish_when_committed(&mut self) {
        if matches!(&self.reload.phase, Phase::Committing { waiting } if waiting.is_empty()) && self.all_ready() {
            self.finish_reload(Ok(()));
        }
    }

    fn finish_reload(&mut self, result: Result<(), String>) {
        self.reload.phase = Phase::Idle;
        match &result {
            Ok(()) => {
                tracing::info!("Reload complete");
                self.reload.failure = None;
            }
            Err(reason) => {
                tracing::info!("{reason}");
                tracing::info!("Reload refused, the running configuration is kept");
                self.reload.failure = Some(reason.clone());
            }
        }
        let status = self.status();
        self.notifier.ready(&status);
        let errors = std::mem::take(&mut self.reload.errors);
        let result = result.map_err(|reason| with_errors(reason, errors));
        for (incarnation, request) in std::mem::take(&mut self.reload.requesters) {
            let same = |running: &&mut Running| running.incarnation == incarnation;
            if let Some(running) = self.running_mut(Role::Control).filter(same) {
                running.sender.send(&ToWorker::ReloadResult {
                    request,
                    result: result.clone(),
                });
            }
        }
        self.begin_queued_reload();
    }

    /// A process died: nobody waits for its answer any more. Its successor gets the committed model.
    pub(super) fn reload_lost(&mut self, role: Role) {
        match &mut self.reload.phase {
            Phase::Preparing { waiting, .. } => {
                waiting.remove(&role);
                self.commit_when_prepared();
            }
            Phase::Committing { waiting } => {
                waiting.remove(&role);
            }
            Phase::Idle | Phase::Reading(_) => {}
        }
    }

    pub(super) fn reload_overdue(&mut self, now: Instant) {
        let late = match &self.reload.phase {
            Phase::Preparing { waiting, deadline, .. } if *deadline <= now => waiting.first().copied(),
            _ => None,
        };
        if let Some(role) = late {
            self.abort(format!("the {} process did not answer in time", role.title()));
        }
    }

    fn tell_all(&self, message: &ToWorker) {
        for running in self.slots.values().filter_map(|slot| slot.running.as_ref()) {
            running.sender.send(message);
        }
    }

    /// Watches the file of `reload_time_file`, or no file.
    pub(super) fn follow_time_file(&mut self) {
        let reload = &self.config.global.reload;
        self.time_file = reload.time_file.as_ref().and_then(|path| {
            let opened = TimeFile::open(path.as_ref().as_ref(), reload.repeat);
            opened
                .map_err(|error| tracing::info!("failed to watch {path}: {error}"))
                .ok()
        });
    }
}

/// Says what a reload means for instances; the VRRP process decides what becomes of each.
fn log_plan(before: &Config, after: &Config) {
    let plan = Plan::between(&before.vrrp.instances, &after.vrrp.instances);
    tracing::debug!(
        "VRRP instances: {} unchanged, {} changed, {} added, {} removed",
        plan.unchanged,
        plan.changed,
        plan.added,
        plan.removed
    );
}

/// How many instances are what, by name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    unchanged: usize,
    changed: usize,
    added: usize,
    removed: usize,
}

impl Plan {
    fn between(before: &[Instance], after: &[Instance]) -> Self {
        let old: HashMap<&str, &Instance> = before.iter().map(|instance| (&*instance.name, instance)).collect();
        let mut plan = Self::default();
        for instance in after {
            match old.get(&*instance.name) {
                Some(same) if *same == instance => plan.unchanged += 1,
                Some(_) => plan.changed += 1,
                None => plan.added += 1,
            }
        }
        plan.removed = old.len().saturating_sub(plan.unchanged + plan.changed);
        plan
    }
}

/// Takes in changes of the file; pends without one. Cancel safe.
pub(super) async fn file_changed(file: &mut Option<TimeFile>) {
    if let Some(watched) = file {
        match watched.changed().await {
            Ok(()) => return,
            Err(error) => {
                tracing::error!("failed to watch {}: {error}", watched.path().display());
                *file = None;
            }
        }
    }
    std::future::pending().await
}

/// Global settings that cannot change while the daemon runs (`runtime.md` 4.2).
fn unchangeable(old: &Global, new: &Global, names: &Names) -> Option<String> {
    let namespace_given = names.namespace.is_some() && old.net_namespace.is_none();
    let changes = [
        (
            !namespace_given && old.net_namespace != new.net_namespace,
            "network namespace",
        ),
        (
            old.net_namespace_ipvs != new.net_namespace_ipvs,
            "IPVS network namespace",
        ),
        (old.instance != new.instance, "instance name"),
        (tables(old) != tables(new), "nftables table names"),
        (
            old.reload.tmp_config_directory != new.reload.tmp_config_directory,
            "temporary configuration directory",
        ),
        (old.disable_local_igmp != new.disable_local_igmp, "disable_local_igmp"),
    ];
    let (_, what) = changes.into_iter().find(|(changed, _)| *changed)?;
    Some(format!("Cannot change {what} at a reload - please restart keepalived"))
}

fn tables(global: &Global) -> (Option<&str>, Option<&str>) {
    (global.firewall.table.as_deref(), global.firewall.ipvs_table.as_deref())
}

/// The file of `reload_file`, which exists while the configuration is read.
fn make_marker(names: &Names, global: &Global) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = names.reload_marker(global.reload.marker_file.as_deref()?);
    let made =
        std::fs::File::create(&path).and_then(|file| file.set_permissions(std::fs::Permissions::from_mode(0o644)));
    if let Err(error) = made {
        tracing::info!("failed to create reload file {}: {error}", path.display());
    }
    Some(path)
}

fn remove_marker(path: Option<PathBuf>) {
    let Some(path) = path else { return };
    if let Err(error) = std::fs::remove_file(&path) {
        tracing::debug!("failed to remove reload file {}: {error}", path.display());
    }
}

/// A marker that a daemon which was killed left behind.
pub(super) fn remove_stale_marker(names: &Names, global: &Global) {
    if let Some(configured) = &global.reload.marker_file {
        let _absent = std::fs::remove_file(names.reload_marker(configured));
    }
}

/// The reason first, then what else is wrong, each once.
fn with_errors(reason: String, errors: Vec<String>) -> String {
    let mut lines = vec![reason];
    for error in errors {
        if !lines.contains(&error) {
            lines.push(error);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_change_are_named() {
        let old = Global::default();
        let names = Names::default();
        assert_eq!(unchangeable(&old, &old, &names), None);
        let new = Global {
            instance: Some("x".into()),
            ..Global::default()
        };
        assert_eq!(
            unchangeable(&old, &new, &names).as_deref(),
            Some("Cannot change instance name at a reload - please restart keepalived")
        );
        let new = Global {
            disable_local_igmp: true,
            ..Global::default()
        };
        assert!(unchangeable(&old, &new, &names).is_some());
    }

    #[test]
    fn the_plan_counts_by_name() {
        let read = |text: &str| {
            let options = keepalived_config::Options {
                main: "x".into(),
                config_id: None,
                all_config: false,
            };
            let facts = crate::facts::Machine::default();
            let text = format!("global_defs {{\n dynamic_interfaces\n}}\n{text}");
            keepalived_config::load_text("x", &text, &options, &facts)
                .config
                .vrrp
                .instances
        };
        let instance = |name: &str, vrid: u8| {
            format!(
                "vrrp_instance {name} {{\n interface later0\n virtual_router_id {vrid}\n virtual_ipaddress {{\n 192.0.2.{vrid}/32\n }}\n}}\n"
            )
        };
        let before = read(&[instance("A", 1), instance("B", 2), instance("C", 3)].concat());
        let after = read(&[instance("A", 1), instance("B", 5), instance("D", 4)].concat());
        assert_eq!(
            Plan::between(&before, &after),
            Plan {
                unchanged: 1,
                changed: 1,
                added: 1,
                removed: 1
            }
        );
    }

    #[test]
    fn a_namespace_of_the_command_line_hides_that_of_the_file() {
        let names = Names {
            namespace: Some("given".into()),
            ..Names::default()
        };
        let new = Global {
            net_namespace: Some("other".into()),
            ..Global::default()
        };
        assert_eq!(unchangeable(&Global::default(), &new, &names), None);
        assert!(unchangeable(&Global::default(), &new, &Names::default()).is_some());
    }
}
