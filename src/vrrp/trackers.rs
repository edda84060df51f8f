//! What files and processes tell, handed to the engine and to displays.

use std::{path::Path, sync::Arc};

use keepalived_model::{config::Config, time::Instant};
use keepalived_status::tracker::File;
use keepalived_vrrp::{Input, TrackerReport};

use super::{
    checks::{FileReport, Told},
    worker::Worker,
};

impl Worker {
    /// Takes in what something tracked told.
    pub(super) fn told(&mut self, told: Told, at: Instant) {
        match told {
            Told::File(event) => {
                if let Some(report) = self.watched.file(event) {
                    self.file_told(report, at);
                }
            }
        }
        if let Some(generation) = self.watched.prepared() {
            self.link.prepared(generation, Ok(()));
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
            .filter_map(|file| self.tracker_ids.known_file(&file.name))
            .collect();
        for tracker in trackers {
            self.engine
                .handle(at, Input::Tracker(tracker, TrackerReport::Value(value)));
        }
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
