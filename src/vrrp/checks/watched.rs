//! Files and processes together: one place to wait at.

use std::{os::fd::OwnedFd, time::Duration};

use keepalived_linux::netlink::ReceiveBuffer;
use keepalived_model::config::Config;
use tokio::time::Instant;

use super::{
    census::ProcessState,
    files::{FileEvent, FileReport, Files},
    processes::{ProcessEvent, Processes},
};
use crate::{
    ipc::{self, BfdCommand, BfdReport, Receiver},
    vrrp::tracking::FirstReports,
};

/// How long a configuration waits for the first look at what it tracks. What is slower counts as absent until it is seen.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// Something that was told.
#[derive(Debug)]
pub(in crate::vrrp) enum Told {
    /// Of a file.
    File(FileEvent),
    /// Of a process.
    Process(ProcessEvent),
    /// The first look took too long.
    Late,
    /// Of a BFD session; `None` when the BFD process is gone.
    Bfd(Option<BfdReport>),
}

/// Everything that tells of itself.
#[derive(Debug, Default)]
pub(in crate::vrrp) struct Watched {
    files: Files,
    processes: Processes,
    bfd: Option<Receiver<BfdReport>>,
    /// The generation whose first look is awaited, and until when.
    preparing: Option<(u64, Instant)>,
}

impl Watched {
    /// Nothing is watched yet. `left`: the network namespace that the daemon was started in, if it is another one.
    pub(in crate::vrrp) fn new(left: Option<OwnedFd>) -> Self {
        Self {
            processes: Processes::new(left),
            ..Self::default()
        }
    }

    /// Begins to watch what a configuration will need. `None`: its first look is awaited.
    pub(in crate::vrrp) fn prepare(&mut self, generation: u64, config: &Config, first: bool) -> Option<u64> {
        for complaint in self.files.prepare(&config.vrrp.files, first) {
            tracing::info!("{complaint}");
        }
        self.count_processes(config);
        self.preparing = Some((generation, Instant::now() + FIRST_LOOK));
        self.prepared()
    }

    fn count_processes(&mut self, config: &Config) {
        let global = &config.global.vrrp;
        let buffer = global.process_monitor_rcv_bufs.map(|bytes| ReceiveBuffer {
            bytes: bytes as usize,
            force: global.process_monitor_rcv_bufs_force,
        });
        self.processes.set(&config.vrrp.processes, buffer);
    }

    /// The generation that was awaited, once all is known or the time is over. Says so once.
    pub(in crate::vrrp) fn prepared(&mut self) -> Option<u64> {
        let known = self.files.awaited() == 0 && !self.processes.awaited();
        let done = self.preparing.take_if(|(_, until)| known || *until <= Instant::now());
        done.map(|(generation, _)| generation)
    }

    /// Are readings awaited for a configuration that is kept aside?
    pub(in crate::vrrp) const fn is_preparing(&self) -> bool {
        self.preparing.is_some()
    }

    /// Forgets what this configuration does not need, and nobody waits any more.
    pub(in crate::vrrp) fn keep(&mut self, config: &Config) {
        self.preparing = None;
        self.files.keep(&config.vrrp.files);
        self.count_processes(config);
    }

    /// A BFD process is there, or another one.
    pub(in crate::vrrp) fn follow_bfd(&mut self, link: OwnedFd) {
        match ipc::open::<BfdCommand, BfdReport>(link) {
            Ok((sender, receiver)) => {
                sender.send(&BfdCommand::Subscribe);
                self.bfd = Some(receiver);
            }
            Err(error) => tracing::warn!("failed to open the link to the BFD process: {error}"),
        }
    }

    /// The BFD process is gone. What was known stays until the next one tells.
    pub(in crate::vrrp) fn forget_bfd(&mut self) {
        self.bfd = None;
    }

    /// What is known now of everything in a configuration.
    pub(in crate::vrrp) fn first_reports(&self, config: &Config) -> FirstReports {
        let files = config.vrrp.files.iter();
        let processes = config.vrrp.processes.iter();
        FirstReports {
            files: files
                .filter_map(|file| Some((file.name.clone(), self.files.value(&file.path)?)))
                .collect(),
            processes: processes
                .map(|process| {
                    let state = self.processes.state(&process.name).unwrap_or_default();
                    (process.name.clone(), state.quorum)
                })
                .collect(),
            until_now: None,
        }
    }

    /// The number in a tracked file; `None` when it cannot be watched.
    pub(in crate::vrrp) fn file_value(&self, path: &str) -> Option<i32> {
        self.files.value(path)
    }

    /// What is known of a tracked process.
    pub(in crate::vrrp) fn process_state(&self, name: &str) -> ProcessState {
        self.processes.state(name).unwrap_or_default()
    }

    /// Waits for something to take in. Cancel safe.
    pub(in crate::vrrp) async fn next(&mut self) -> Told {
        let late = self.preparing.map(|(_, until)| until);
        tokio::select! {
            event = self.files.next() => Told::File(event),
            event = self.processes.next() => Told::Process(event),
            () = until(late) => Told::Late,
            report = next_report(&mut self.bfd) => Told::Bfd(report),
        }
    }

    /// Takes in what was told of a file.
    pub(in crate::vrrp) fn file(&mut self, event: FileEvent) -> Option<FileReport> {
        self.files.digest(event)
    }

    /// Takes in what was told of a process: its name, its state before and now.
    pub(in crate::vrrp) fn process(
        &mut self,
        event: ProcessEvent,
    ) -> Option<(Box<str>, Option<ProcessState>, ProcessState)> {
        self.processes.digest(event)
    }
}

async fn next_report(link: &mut Option<Receiver<BfdReport>>) -> Option<BfdReport> {
    match link {
        Some(link) => link.recv().await.map(|received| received.message),
        None => std::future::pending().await,
    }
}

/// Waits until a moment; for ever without one.
pub(super) async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// The BFD process played by the test: it is asked, says what it has, and goes.
    #[tokio::test]
    async fn sessions_are_asked_for_and_told() {
        let (ours, theirs) = ipc::pair().unwrap();
        let (sender, mut receiver) = ipc::open::<BfdReport, BfdCommand>(theirs).unwrap();
        let mut watched = Watched::default();
        watched.follow_bfd(ours);
        assert_eq!(receiver.recv().await.unwrap().message, BfdCommand::Subscribe);
        let report = BfdReport::Session {
            name: "b1".into(),
            up: true,
            at: keepalived_model::time::Instant(7),
        };
        assert!(sender.send(&report));
        assert!(matches!(watched.next().await, Told::Bfd(Some(told)) if told == report));
        drop((sender, receiver));
        assert!(matches!(watched.next().await, Told::Bfd(None)));
        watched.forget_bfd();
        let quiet = tokio::time::timeout(Duration::from_millis(50), watched.next());
        assert!(quiet.await.is_err(), "a link that is gone is not asked again");
    }

    #[tokio::test]
    async fn a_configuration_does_not_wait_for_ever() {
        let mut watched = Watched::default();
        assert_eq!(
            watched.prepare(1, &Config::default(), true),
            Some(1),
            "nothing to look at"
        );
        watched.preparing = Some((2, Instant::now()));
        assert!(matches!(watched.next().await, Told::Late));
        assert_eq!((watched.prepared(), watched.prepared()), (Some(2), None));
    }
}
