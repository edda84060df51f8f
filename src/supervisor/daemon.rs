//! The supervisor's main loop: workers that start, speak and die; signals; time.

use std::{collections::BTreeMap, process::ExitStatus, sync::Arc, time::Duration};

use keepalived_linux::script::Surroundings;
use keepalived_model::config::Config;
use tokio::{sync::mpsc, time::Instant};

use super::{
    notify::Notifier,
    paths::Names,
    process::{Backoff, Event, Running, What},
    reload::Reload,
    reload_time::TimeFile,
    watchdog::Watchdog,
};
use crate::{
    cli::Options,
    ipc::{self, Cause, Changed, FromWorker, Print, Role, ScriptLimits, Summary, ToWorker, WorkerStart},
    load::Loader,
    signals::{self, Meaning},
    worker::{EXIT_CONFIG, EXIT_FATAL, EXIT_PERMISSION},
};

/// One role: the process that runs, and what its predecessors taught.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) running: Option<Running>,
    pub(super) restarts: u32,
    pub(super) backoff: Backoff,
    /// When it is to be started again.
    pub(super) respawn_at: Option<Instant>,
    /// Settings of the kernel that are to be restored when the role ends, by name.
    changed: BTreeMap<Box<str>, Changed>,
}

/// What the supervisor is made of.
#[derive(Debug)]
pub(super) struct Daemon {
    pub(super) options: Arc<Options>,
    pub(super) loader: Loader,
    pub(super) names: Names,
    pub(super) surroundings: Surroundings,
    pub(super) script_limits: ScriptLimits,
    /// The last committed model.
    pub(super) config: Arc<Config>,
    pub(super) generation: u64,
    pub(super) slots: BTreeMap<Role, Slot>,
    pub(super) events: mpsc::UnboundedReceiver<Event>,
    pub(super) signals: signals::Stream,
    pub(super) notifier: Notifier,
    pub(super) reload: Reload,
    pub(super) time_file: Option<TimeFile>,
    /// READY was said once.
    pub(super) started: bool,
    pub(super) stopping: bool,
    tell: mpsc::UnboundedSender<Event>,
    incarnations: u64,
    watchdog: Watchdog,
    summary: Option<Summary>,
}

/// The parts of a daemon that exist before its main loop.
#[derive(Debug)]
pub(super) struct Foundation {
    pub(super) options: Arc<Options>,
    pub(super) loader: Loader,
    pub(super) names: Names,
    pub(super) surroundings: Surroundings,
    pub(super) script_limits: ScriptLimits,
    pub(super) config: Arc<Config>,
    pub(super) signals: signals::Stream,
}

impl Daemon {
    pub(super) fn new(foundation: Foundation) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        let Foundation {
            options,
            loader,
            names,
            surroundings,
            script_limits,
            config,
            signals,
        } = foundation;
        let mut daemon = Self {
            options,
            loader,
            names,
            surroundings,
            script_limits,
            config,
            generation: 1,
            slots: BTreeMap::new(),
            events,
            signals,
            notifier: Notifier::default(),
            reload: Reload::default(),
            time_file: None,
            started: false,
            stopping: false,
            tell,
            incarnations: 0,
            watchdog: Watchdog::from_environment(),
            summary: None,
        };
        daemon.follow_time_file();
        daemon
    }

    /// Runs until a signal or a permanent error; gives the exit status. Everything is stopped then.
    pub(super) async fn run(mut self) -> u8 {
        self.start_wanted();
        if !self.config_wants_anything() {
            tracing::info!("Warning - keepalived has no configuration to run");
        }
        self.when_all_ready();
        let code = loop {
            let deadline = self.next_deadline();
            let end = tokio::select! {
                biased;
                meaning = self.signals.next() => self.on_signal(meaning),
                Some(event) = self.events.recv() => self.on_event(event),
                loaded = self.reload.read() => self.on_loaded(loaded),
                () = super::reload::file_changed(&mut self.time_file) => None,
                () = sleep_until(deadline) => self.on_time(),
            };
            if let Some(code) = end {
                break code;
            }
        };
        self.stop().await;
        code
    }

    fn config_wants_anything(&self) -> bool {
        Role::ALL.into_iter().any(|role| self.wants(role))
    }

    /// Should this role run, by configuration and options?
    pub(super) fn wants(&self, role: Role) -> bool {
        let (options, config) = (&self.options, &self.config);
        match role {
            Role::Checker => options.run_checker && (options.run_all || config.wants_checker()),
            Role::Vrrp => options.run_vrrp && (options.run_all || config.wants_vrrp()),
            Role::Bfd => options.run_bfd && (options.run_all || config.wants_bfd()),
            Role::Control => self.wants(Role::Vrrp),
        }
    }

    /// Starts every wanted role that neither runs nor waits for its next start.
    pub(super) fn start_wanted(&mut self) {
        for role in Role::ALL {
            let slot = self.slots.entry(role).or_default();
            let idle = slot.running.is_none() && slot.respawn_at.is_none();
            if idle && self.wants(role) {
                self.start(role);
            }
        }
    }

    fn start(&mut self, role: Role) {
        self.incarnations += 1;
        let running = match Running::spawn(role, self.incarnations, &self.tell) {
            Ok(running) => running,
            Err(error) => {
                tracing::error!(alert = true, "failed to start the {} process: {error}", role.title());
                self.schedule_respawn(role, Duration::ZERO);
                return;
            }
        };
        tracing::info!("Starting {} child process, pid={}", role.title(), running.pid);
        let slot = self.slots.entry(role).or_default();
        let start = WorkerStart {
            restarts: slot.restarts,
            changed: slot.changed.values().cloned().collect(),
            namespace: self.names.namespace.clone(),
            instance: self.names.instance.clone(),
            pid_file: self.names.pid_file(&self.options, Some(role)),
            script_limits: self.script_limits,
        };
        running.sender.send(&ToWorker::Start(Box::new(start)));
        running.sender.send(&self.prepare(role, &self.config, Cause::Start));
        self.slots.entry(role).or_default().running = Some(running);
        self.join_peers(role);
    }

    /// The part of `config` that `role` acts on.
    pub(super) fn prepare(&self, role: Role, config: &Config, cause: Cause) -> ToWorker {
        let mut part = Config {
            global: config.global.clone(),
            ..Config::default()
        };
        match role {
            Role::Vrrp => {
                part.vrrp = config.vrrp.clone();
                // For `track_bfd`.
                part.bfd.clone_from(&config.bfd);
            }
            Role::Checker => part.lvs = config.lvs.clone(),
            Role::Bfd => part.bfd.clone_from(&config.bfd),
            Role::Control => {}
        }
        ToWorker::Prepare {
            generation: self.generation,
            cause,
            config: Box::new(part),
        }
    }

    /// A new process: it and those it talks to get the ends of new links.
    fn join_peers(&mut self, role: Role) {
        for (one, other) in [(Role::Vrrp, Role::Control), (Role::Vrrp, Role::Bfd)] {
            if role == one || role == other {
                self.join(one, other);
            }
        }
    }

    fn join(&self, one: Role, other: Role) {
        let running = |role| self.slots.get(&role).and_then(|slot: &Slot| slot.running.as_ref());
        let (Some(first), Some(second)) = (running(one), running(other)) else {
            return;
        };
        match ipc::pair() {
            Ok((for_first, for_second)) => {
                first.sender.send_with_fd(&ToWorker::Peer(other), for_first);
                second.sender.send_with_fd(&ToWorker::Peer(one), for_second);
            }
            Err(error) => tracing::error!(
                "failed to join the {} and the {} process: {error}",
                one.title(),
                other.title()
            ),
        }
    }

    fn on_signal(&mut self, meaning: Meaning) -> Option<u8> {
        match meaning {
            Meaning::Stop => return Some(0),
            Meaning::Interrupt if self.options.ignore_sigint => {}
            Meaning::Interrupt => return Some(0),
            Meaning::Child => self.reap_orphans(),
            Meaning::ProcessorTime => {}
            Meaning::Print(_) if !self.started => {
                tracing::debug!("A signal came before the start was complete and is ignored");
            }
            Meaning::Reload => self.request_reload(None),
            Meaning::Print(what) => self.print(what),
        }
        None
    }

    fn reap_orphans(&self) {
        let own = |pid| {
            self.slots
                .values()
                .any(|slot| slot.running.as_ref().is_some_and(|running| running.pid == pid))
        };
        while let Ok(Some(pid)) = keepalived_linux::process::reap_orphan(own) {
            tracing::trace!("Took the exit status of adopted process {pid}");
        }
    }

    fn print(&self, what: Print) {
        if what == Print::Data {
            super::data::write(&self.config.global, &self.names, self.loader.main());
        }
        for (role, slot) in &self.slots {
            let addressed = match what {
                Print::Data => *role != Role::Control,
                Print::Stats | Print::StatsClear | Print::Json => *role == Role::Vrrp,
            };
            if let Some(running) = slot.running.as_ref().filter(|_| addressed) {
                running.sender.send(&ToWorker::Print(what));
            }
        }
    }

    pub(super) fn on_event(&mut self, event: Event) -> Option<u8> {
        let current = self.slots.get(&event.role).and_then(|slot| slot.running.as_ref());
        if current.is_none_or(|running| running.incarnation != event.incarnation) {
            return None;
        }
        match event.what {
            What::Said(message) => self.on_message(event.role, message),
            What::Ended(status) => self.on_end(event.role, status),
        }
    }

    fn on_message(&mut self, role: Role, message: FromWorker) -> Option<u8> {
        match message {
            FromWorker::Prepared { generation, result } => return self.on_prepared(role, generation, result),
            FromWorker::Committed { generation } => self.on_committed(role, generation),
            FromWorker::Summary(summary) if role == Role::Vrrp => {
                self.summary = Some(summary);
                if self.started && !self.stopping && !self.reload.in_progress() {
                    self.notifier.status(&self.status());
                }
            }
            FromWorker::Summary(_) => {}
            FromWorker::Pong(_) => {
                if let Some(running) = self.running_mut(role) {
                    running.unanswered_ping = None;
                }
            }
            FromWorker::Reload { request } if role == Role::Control => {
                let incarnation = self.running_mut(role).map_or(0, |running| running.incarnation);
                self.request_reload(Some((incarnation, request)));
            }
            FromWorker::Reload { .. } => {}
            FromWorker::Again => self.send_again(role),
            FromWorker::Changed(changed) => {
                let known = &mut self.slots.entry(role).or_default().changed;
                known.insert(changed.setting.clone(), changed);
            }
            FromWorker::Restored(setting) => {
                self.slots.entry(role).or_default().changed.remove(&setting);
            }
            FromWorker::Fatal(reason) => tracing::info!("{} process: {reason}", role.title()),
        }
        None
    }

    pub(super) fn running_mut(&mut self, role: Role) -> Option<&mut Running> {
        self.slots.get_mut(&role).and_then(|slot| slot.running.as_mut())
    }

    /// SIGHUP came to a worker: it gets the last committed model once more.
    fn send_again(&mut self, role: Role) {
        if self.reload.in_progress() {
            return;
        }
        let prepare = self.prepare(role, &self.config, Cause::Again);
        if let Some(running) = self.running_mut(role).filter(|running| running.ready) {
            running.sender.send(&prepare);
        }
    }

    /// The first preparation of a process, or that of a reload.
    fn on_prepared(&mut self, role: Role, generation: u64, result: Result<(), String>) -> Option<u8> {
        if generation == self.generation && self.reload.awaits_preparation(role) {
            self.on_prepared_for_reload(role, result);
            return None;
        }
        let permanent = role != Role::Control && !self.started;
        let running = self.running_mut(role)?;
        match result {
            Ok(()) => {
                running.sender.send(&ToWorker::Commit { generation });
            }
            Err(reason) if running.ready => tracing::info!("{} process refused its model: {reason}", role.title()),
            Err(reason) => {
                tracing::info!("{} process refused the configuration: {reason}", role.title());
                if permanent {
                    self.notifier.errno(22);
                    return Some(EXIT_CONFIG);
                }
                // It cannot do its work now, for example because an interface is gone: tried again, later and later.
                running.signal(rustix::process::Signal::TERM.as_raw());
            }
        }
        None
    }

    fn on_committed(&mut self, role: Role, generation: u64) {
        if let Some(running) = self.running_mut(role) {
            running.ready = true;
        }
        if generation == self.generation {
            self.on_committed_for_reload(role);
        }
        self.when_all_ready();
    }

    /// Do all processes run that should, the control process aside?
    pub(super) fn all_ready(&self) -> bool {
        self.slots.iter().all(|(role, slot)| {
            *role == Role::Control
                || (slot.respawn_at.is_none() && slot.running.as_ref().is_none_or(|running| running.ready))
        })
    }

    /// READY once at start; a reload that had to wait begins.
    fn when_all_ready(&mut self) {
        if !self.all_ready() {
            return;
        }
        if !self.started {
            self.started = true;
            tracing::info!("Startup complete");
            let status = self.status();
            self.notifier.ready(&status);
        }
        self.begin_queued_reload();
    }

    /// For `STATUS=`.
    pub(super) fn status(&self) -> String {
        let running = self.slots.values().any(|slot| slot.running.is_some());
        let states = match self.summary {
            Some(summary) => summary.to_string(),
            None if running => "Running".to_owned(),
            None => "No configuration to run".to_owned(),
        };
        match self.reload.failure() {
            Some(reason) => format!("{states}; reload refused: {reason}"),
            None => states,
        }
    }

    fn on_end(&mut self, role: Role, status: std::io::Result<ExitStatus>) -> Option<u8> {
        let slot = self.slots.get_mut(&role)?;
        let running = slot.running.take()?;
        let life = running.started.elapsed();
        let code = status
            .as_ref()
            .ok()
            .and_then(ExitStatus::code)
            .and_then(|code| u8::try_from(code).ok());
        if role == Role::Vrrp {
            self.summary = None;
        }
        if let (Some((code, word, errno)), true) = (permanent(code), role != Role::Control) {
            tracing::info!("pid {} exited with permanent error {word}. Terminating", running.pid);
            self.notifier.errno(errno);
            return Some(code);
        }
        if let Some(signal) = status
            .as_ref()
            .ok()
            .and_then(std::os::unix::process::ExitStatusExt::signal)
        {
            tracing::info!(
                "pid {} exited due to signal {signal} ({})",
                running.pid,
                signal_name(signal)
            );
        }
        let title = role.title();
        if self.options.dont_respawn && role != Role::Control {
            tracing::error!(alert = true, "{title} child process({}) died: Exiting", running.pid);
            return Some(0);
        }
        tracing::error!(alert = true, "{title} child process({}) died: Respawning", running.pid);
        self.schedule_respawn(role, life);
        self.reload_lost(role);
        self.begin_queued_reload();
        None
    }

    /// A new configuration gives processes that died a new chance: they start at once.
    pub(super) fn forget_delays(&mut self) {
        for slot in self.slots.values_mut() {
            slot.respawn_at = None;
            slot.backoff = Backoff::default();
        }
    }

    /// Is no process in the middle of taking its first model?
    pub(super) fn nobody_is_loading(&self) -> bool {
        self.slots
            .values()
            .all(|slot| slot.running.as_ref().is_none_or(|running| running.ready))
    }

    fn schedule_respawn(&mut self, role: Role, life: Duration) {
        let slot = self.slots.entry(role).or_default();
        slot.restarts = slot.restarts.saturating_add(1);
        let delay = slot.backoff.delay(life);
        if !delay.is_zero() {
            let (title, secs) = (role.title(), delay.as_secs());
            tracing::info!("Restart of {title} process delayed {secs} seconds to limit respawn rate");
        }
        slot.respawn_at = Some(Instant::now() + delay);
    }

    fn next_deadline(&self) -> Option<Instant> {
        let respawns = self.slots.values().filter_map(|slot| slot.respawn_at);
        let scheduled = self.time_file.as_ref().and_then(TimeFile::remaining).map(|remaining| {
            // The wall clock may be set meanwhile: looked at again now and then.
            Instant::now() + remaining.min(Duration::from_secs(60))
        });
        respawns
            .chain([self.watchdog.next()])
            .chain(scheduled)
            .chain(self.reload.deadline())
            .min()
    }

    fn on_time(&mut self) -> Option<u8> {
        let now = Instant::now();
        for role in Role::ALL {
            let slot = self.slots.entry(role).or_default();
            if slot.respawn_at.is_some_and(|at| at <= now) {
                slot.respawn_at = None;
                if self.wants(role) && self.slots.get(&role).is_some_and(|slot| slot.running.is_none()) {
                    self.start(role);
                }
            }
        }
        if self.watchdog.next() <= now {
            self.ping();
        }
        if self
            .time_file
            .as_ref()
            .and_then(TimeFile::remaining)
            .is_some_and(|remaining| remaining.is_zero())
        {
            if let Some(file) = &mut self.time_file {
                file.fired();
            }
            self.request_reload(None);
        }
        self.reload_overdue(now);
        None
    }

    /// Asks all processes whether they turn; tells the service manager when all answered the last time.
    fn ping(&mut self) {
        let now = Instant::now();
        let mut all_answer = true;
        for (role, slot) in &mut self.slots {
            let Some(running) = slot.running.as_mut().filter(|running| running.ready) else {
                continue;
            };
            match running.unanswered_ping {
                None => {
                    running.unanswered_ping = Some(now);
                    running.sender.send(&ToWorker::Ping(self.watchdog.count()));
                }
                Some(since) if *role == Role::Control => {
                    if now - since > Watchdog::CONTROL_PATIENCE {
                        tracing::error!("The control process does not answer: ending it");
                        running.signal(rustix::process::Signal::KILL.as_raw());
                    }
                }
                Some(_) => all_answer = false,
            }
        }
        if self.watchdog.tick(now) && all_answer {
            self.notifier.watchdog();
        }
    }
}

/// Exit statuses that end the daemon, with the word for the log and the errno for the service manager.
const fn permanent(code: Option<u8>) -> Option<(u8, &'static str, u32)> {
    match code {
        Some(EXIT_FATAL) => Some((EXIT_FATAL, "FATAL", 5)),
        Some(EXIT_CONFIG) => Some((EXIT_CONFIG, "CONFIG", 22)),
        Some(EXIT_PERMISSION) => Some((EXIT_PERMISSION, "missing permission", 1)),
        _ => None,
    }
}

fn signal_name(signal: i32) -> &'static str {
    nix::sys::signal::Signal::try_from(signal).map_or("unknown", nix::sys::signal::Signal::as_str)
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
