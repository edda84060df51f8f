//! What files, processes and BFD sessions tell, handed to the engine and to displays.

use std::{path::Path, sync::Arc};

use keepalived_model::{config::Config, time::Instant};
use keepalived_status::{
    Event,
    tracker::{Bfd, File, Process},
};
use keepalived_vrrp::{Input, TrackerId, TrackerReport};

use super::{
    checks::{FileReport, Told},
    worker::Worker,
};
use crate::ipc::BfdReport;

impl Worker {
    /// Takes in what something tracked told.
    pub(super) fn told(&mut self, told: Told, at: Instant) {
        match told {
            Told::File(event) => {
                if let Some(report) = self.watched.file(event) {
                    self.file_told(report, at);
                }
            }
            Told::Process(event) => {
                if let Some((name, before, after)) = self.watched.process(event)
                    && before.is_none_or(|before| before.quorum != after.quorum)
                {
                    self.quorum_changed(&name, after.quorum, at);
                }
            }
            Told::Bfd(Some(report)) => self.bfd_told(report, at),
            Told::Bfd(None) => self.watched.forget_bfd(),
            Told::Late => tracing::info!("the first look at tracked files and processes takes long; going on without"),
        }
        if let Some(generation) = self.watched.prepared() {
            self.part_prepared(generation);
        }
    }

    fn file_told(&mut self, report: FileReport, at: Instant) {
        match report {
            FileReport::Changed(path, value) => self.file_changed(&path, value, at),
            FileReport::Refused(path, number) => {
                tracing::info!("Invalid number {number} read from {} - ignoring", path.display());
            }
        }
    }

    fn file_changed(&mut self, path: &Path, value: i32, at: Instant) {
        let Some(config) = &self.config else { return };
        let files = config.vrrp.files.iter();
        let trackers: Vec<_> = files
            .filter(|file| Path::new(&*file.path) == path)
            .filter_map(|file| Some((file.name.clone(), self.tracker_ids.known_file(&file.name)?)))
            .collect();
        for (name, tracker) in trackers {
            self.engine
                .handle(at, Input::Tracker(tracker, TrackerReport::Value(value)));
            let status = value.into();
            self.audience().tell(Event::File { name, status });
        }
    }

    fn quorum_changed(&mut self, name: &str, quorum: bool, at: Instant) {
        let Some(tracker) = self.tracker_ids.known_process(name) else {
            return; // its first state is asked for when the configuration begins to act
        };
        let what = if quorum { "gained" } else { "lost" };
        tracing::info!("Quorum {what} for tracked process {name}");
        self.engine
            .handle(at, Input::Tracker(tracker, TrackerReport::Good(quorum)));
        let current = self.watched.process_state(name).current;
        self.audience().tell(Event::Process {
            name: name.into(),
            current,
            have_quorum: quorum,
        });
    }

    fn bfd_told(&mut self, report: BfdReport, at: Instant) {
        let BfdReport::Session { name, up, at: sent } = report;
        let Some(tracker) = self.tracker_ids.known_bfd(&name) else {
            return;
        };
        let delay = at.since(sent).as_micros();
        let state = if up { "Up" } else { "Down" };
        tracing::info!("Received BFD event: instance {name} is in state {state} (delivered in {delay} usec)");
        self.engine.handle(at, Input::Tracker(tracker, TrackerReport::Good(up)));
        self.audience().tell(Event::Bfd { name, up });
    }

    /// The tracked BFD sessions as displays see them.
    pub(super) fn bfds(&self, config: &Config) -> Vec<Bfd> {
        let sessions = config.bfd.iter().filter(|session| session.for_vrrp);
        let shown = sessions.map(|session| Bfd {
            name: session.name.clone(),
            weight: session.weight,
            reverse: session.reverse,
            up: self.is_good(self.tracker_ids.known_bfd(&session.name)),
        });
        shown.collect()
    }

    fn is_good(&self, tracker: Option<TrackerId>) -> bool {
        tracker.is_some_and(|tracker| self.tracker_good.get(&tracker) == Some(&true))
    }

    /// The tracked processes as displays see them.
    pub(super) fn processes(&self, config: &Config) -> Vec<Process> {
        let processes = config.vrrp.processes.iter();
        let shown = processes.map(|process| {
            let state = self.watched.process_state(&process.name);
            Process {
                settings: Arc::new(process.clone()),
                current: state.current,
                have_quorum: state.quorum,
                fork_delay_running: state.fork_delay_runs,
                terminate_delay_running: state.terminate_delay_runs,
            }
        });
        shown.collect()
    }

    /// The tracked files as displays see them.
    pub(super) fn files(&self, config: &Config) -> Vec<File> {
        let files = config.vrrp.files.iter();
        let shown = files.filter_map(|file| {
            Some(File {
                settings: Arc::new(file.clone()),
                status: self.watched.file_value(&file.path)?.into(),
            })
        });
        shown.collect()
    }
}
