//! Files together with what else tells of itself: one place to wait at.

use keepalived_model::config::Config;

use super::files::{FileEvent, FileReport, Files};
use crate::vrrp::tracking::FirstReports;

/// Something that was told.
#[derive(Debug)]
pub(in crate::vrrp) enum Told {
    /// Of a file.
    File(FileEvent),
}

/// Everything that tells of itself.
#[derive(Debug, Default)]
pub(in crate::vrrp) struct Watched {
    files: Files,
    /// The generation whose first readings are awaited.
    preparing: Option<u64>,
}

impl Watched {
    /// Begins to watch what a configuration will need. `None`: all is known already.
    pub(in crate::vrrp) fn prepare(&mut self, generation: u64, config: &Config, first: bool) -> Option<u64> {
        for complaint in self.files.prepare(&config.vrrp.files, first) {
            tracing::info!("{complaint}");
        }
        self.preparing = Some(generation);
        self.prepared()
    }

    /// The generation that was awaited, once all is known. Says so once.
    pub(in crate::vrrp) fn prepared(&mut self) -> Option<u64> {
        self.preparing.take_if(|_| self.files.awaited() == 0)
    }

    /// Forgets what this configuration does not need, and nobody waits any more.
    pub(in crate::vrrp) fn keep(&mut self, config: &Config) {
        self.preparing = None;
        self.files.keep(&config.vrrp.files);
    }

    /// What is known now of everything in a configuration.
    pub(in crate::vrrp) fn first_reports(&self, config: &Config) -> FirstReports {
        let files = config.vrrp.files.iter();
        FirstReports {
            files: files
                .filter_map(|file| Some((file.name.clone(), self.files.value(&file.path)?)))
                .collect(),
            ..FirstReports::default()
        }
    }

    /// The number in a tracked file; `None` when it cannot be watched.
    pub(in crate::vrrp) fn file_value(&self, path: &str) -> Option<i32> {
        self.files.value(path)
    }

    /// Waits for something to take in. Cancel safe.
    pub(in crate::vrrp) async fn next(&mut self) -> Told {
        Told::File(self.files.next().await)
    }

    /// Takes in what was told of a file.
    pub(in crate::vrrp) fn file(&mut self, event: FileEvent) -> Option<FileReport> {
        self.files.digest(event)
    }
}
