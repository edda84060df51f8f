//! One worker process as the supervisor sees it.

use std::{io, process::ExitStatus, sync::Arc, time::Duration};

use keepalived_linux::process::worker::{Respawn, Worker};
use tokio::{sync::mpsc, time::Instant};

use super::notify::PRIVATE_VARIABLES;
use crate::{
    ipc::{self, FromWorker, Receiver, Role, Sender, ToWorker},
    worker::{FD_VARIABLE, LEFT_NAMESPACE_VARIABLE, ROLE_VARIABLE},
};

/// Longest delay before a process is started again.
const LONGEST_DELAY_SECS: u64 = 60;
/// A process that lived this long starts again at once.
const LONG_LIFE: Duration = Duration::from_secs(60);

/// Something happened to a worker. `incarnation` tells a process from its predecessors.
#[derive(Debug)]
pub(super) struct Event {
    /// Which role.
    pub(super) role: Role,
    /// Which process of that role.
    pub(super) incarnation: u64,
    /// What.
    pub(super) what: What,
}

/// What happened.
#[derive(Debug)]
pub(super) enum What {
    /// It said something.
    Said(FromWorker),
    /// It ended; everything that it said before came earlier.
    Ended(io::Result<ExitStatus>),
}

/// A process that runs.
#[derive(Debug)]
pub(super) struct Running {
    /// Process id.
    pub(super) pid: i32,
    /// Counts the processes of all roles.
    pub(super) incarnation: u64,
    /// The way to it.
    pub(super) sender: Sender<ToWorker>,
    /// When it was started.
    pub(super) started: Instant,
    /// It committed its first model.
    pub(super) ready: bool,
    /// A ping that it has not answered.
    pub(super) unanswered_ping: Option<Instant>,
    process: Arc<Worker>,
}

impl Running {
    /// Starts this program again in `role`; what happens to it arrives in `events`.
    ///
    /// # Errors
    /// When there is no socket or no process to be had.
    pub(super) fn spawn(role: Role, incarnation: u64, events: &mpsc::UnboundedSender<Event>) -> io::Result<Self> {
        let (ours, theirs) = ipc::pair()?;
        let mut respawn = Respawn::new()
            .variable(ROLE_VARIABLE, role.name())
            .inherit(FD_VARIABLE, theirs);
        if role == Role::Vrrp
            && let Some(left) = crate::load::left_namespace()
        {
            respawn = respawn.inherit(LEFT_NAMESPACE_VARIABLE, left);
        }
        for name in PRIVATE_VARIABLES {
            respawn = respawn.without_variable(name);
        }
        let process = Arc::new(respawn.spawn()?);
        let (sender, receiver) = ipc::open::<ToWorker, FromWorker>(ours)?;
        tokio::spawn(follow(
            Arc::clone(&process),
            receiver,
            role,
            incarnation,
            events.clone(),
        ));
        Ok(Self {
            pid: process.pid(),
            incarnation,
            sender,
            started: Instant::now(),
            ready: false,
            unanswered_ping: None,
            process,
        })
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, signal: i32) {
        if let Err(error) = self.process.signal(signal) {
            tracing::debug!("failed to signal process {}: {error}", self.pid);
        }
    }
}

/// Passes on what a worker says until it has ended.
async fn follow(
    process: Arc<Worker>,
    mut receiver: Receiver<FromWorker>,
    role: Role,
    incarnation: u64,
    events: mpsc::UnboundedSender<Event>,
) {
    let tell = |what| {
        // The supervisor that does not listen has ended.
        let _ended = events.send(Event {
            role,
            incarnation,
            what,
        });
    };
    let mut open = true;
    let status = loop {
        tokio::select! {
            received = receiver.recv(), if open => match received {
                Some(received) => tell(What::Said(received.message)),
                None => open = false,
            },
            status = process.ended() => break status,
        }
    };
    // What it said last is still on the way; its end of the link is closed, so this ends.
    let rest = async {
        while let Some(received) = receiver.recv().await {
            tell(What::Said(received.message));
        }
    };
    let _cut = tokio::time::timeout(Duration::from_secs(1), rest).await;
    tell(What::Ended(status));
}

/// When a role is started again after its process died (`runtime.md` 3.4).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Backoff {
    next_secs: u64,
}

impl Backoff {
    /// The delay before the next start of a process that lived for `life`: 0, 1, 2, 4, ... 60 s.
    pub(super) fn delay(&mut self, life: Duration) -> Duration {
        if life >= LONG_LIFE {
            self.next_secs = 0;
        }
        let delay = self.next_secs;
        self.next_secs = if delay == 0 {
            1
        } else {
            (delay * 2).min(LONGEST_DELAY_SECS)
        };
        Duration::from_secs(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_minute_and_a_long_life_resets_them() {
        let mut backoff = Backoff::default();
        let short = Duration::from_secs(59);
        let delays: Vec<u64> = (0..9).map(|_| backoff.delay(short).as_secs()).collect();
        assert_eq!(delays, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.delay(Duration::from_secs(60)).as_secs(), 0);
        assert_eq!(backoff.delay(short).as_secs(), 1);
    }
}
