//! All scripts of a process: started by one thread, watched by one wait.

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::process::ExitStatus;
use std::sync::mpsc as std_mpsc;

use rustix::event::epoll;
use rustix::time::Timespec;
use tokio::sync::mpsc;

use super::spawn::{Child, Launcher, StartError};
use super::{Script, Surroundings, inherited_environment};
use crate::watched::Watched;

/// Which start of a script is meant; never used twice in the life of a [`Scripts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScriptId(u64);

/// What became of a script.
#[derive(Debug)]
pub enum Event {
    /// It runs.
    Started {
        /// Which one.
        id: ScriptId,
        /// Its process and group.
        pid: i32,
        /// It has no `#!` line and runs through the shell, which deserves a line in the log.
        through_shell: bool,
    },
    /// It could not be started.
    Failed {
        /// Which one.
        id: ScriptId,
        /// Why.
        error: StartError,
    },
    /// It ended.
    Ended {
        /// Which one.
        id: ScriptId,
        /// How; `None` when somebody else took the status.
        status: Option<ExitStatus>,
    },
}

type Started = (ScriptId, Result<Child, StartError>);

/// Starts scripts without waiting for them and tells when they end.
#[derive(Debug)]
pub struct Scripts {
    jobs: std_mpsc::Sender<(ScriptId, Script)>,
    started: mpsc::UnboundedReceiver<Started>,
    epoll: Watched,
    children: HashMap<ScriptId, Child>,
    ended: Vec<ScriptId>,
    /// Scripts that have not started yet, with a signal they are to get then.
    pending: HashMap<ScriptId, Option<i32>>,
    last: u64,
}

impl Scripts {
    /// Start the thread. Must be called inside a Tokio runtime.
    ///
    /// The thread and so the scripts inherit the network namespace of the caller; when the daemon dies the scripts get SIGTERM.
    /// `private` names variables of our own that no script should see.
    ///
    /// # Errors
    /// When there is no `/dev/null`, no descriptor or no thread left.
    pub fn new(surroundings: Surroundings, private: &[&str]) -> io::Result<Self> {
        let epoll = Watched::reader(epoll::create(epoll::CreateFlags::CLOEXEC)?)?;
        let mut launcher = Launcher::new(surroundings, inherited_environment(private))?;
        let (jobs, received) = std_mpsc::channel::<(ScriptId, Script)>();
        let (tell, started) = mpsc::unbounded_channel();
        std::thread::Builder::new().name("scripts".into()).spawn(move || {
            for (id, script) in received {
                let _ = tell.send((id, launcher.start(&script)));
            }
            // A parent's death is that of the thread which made the child: this one must outlive its scripts, which go on
            // when nobody waits for them any more.
            loop {
                std::thread::park();
            }
        })?;
        Ok(Self {
            jobs,
            started,
            epoll,
            children: HashMap::new(),
            ended: Vec::new(),
            pending: HashMap::new(),
            last: 0,
        })
    }

    /// Start `script`. Never waits; the answer is an [`Event`].
    pub fn start(&mut self, script: Script) -> ScriptId {
        self.last += 1;
        let id = ScriptId(self.last);
        self.pending.insert(id, None);
        // The thread ends only with the process.
        let _ = self.jobs.send((id, script));
        id
    }

    /// Send a signal to the script's process group; one that has not started yet gets it then. No effect after the end.
    ///
    /// # Errors
    /// As [`Child::signal_group`].
    pub fn signal_group(&mut self, id: ScriptId, signal: i32) -> io::Result<()> {
        if let Some(child) = self.children.get(&id) {
            return child.signal_group(signal);
        }
        if let Some(early) = self.pending.get_mut(&id) {
            *early = Some(signal);
        }
        Ok(())
    }

    /// How many scripts run or are about to.
    #[must_use]
    pub fn running(&self) -> usize {
        self.children.len() + self.pending.len()
    }

    /// Wait for the next event. Cancel safe: usable as a branch of `select!`.
    ///
    /// # Errors
    /// What the event loop reports.
    pub async fn next(&mut self) -> io::Result<Event> {
        loop {
            while let Some(id) = self.ended.pop() {
                if let Some(event) = self.take_status(id) {
                    return Ok(event);
                }
            }
            let ended = &mut self.ended;
            tokio::select! {
                started = self.started.recv() => {
                    let Some((id, result)) = started else { return Err(io::ErrorKind::BrokenPipe.into()) };
                    return self.enter(id, result);
                }
                result = self.epoll.drain(|epoll| ended_children(epoll, ended)) => result?,
            }
        }
    }

    /// Watch a child that was started, or report why it was not.
    fn enter(&mut self, id: ScriptId, result: Result<Child, StartError>) -> io::Result<Event> {
        let early = self.pending.remove(&id).flatten();
        let child = match result {
            Ok(child) => child,
            Err(error) => return Ok(Event::Failed { id, error }),
        };
        if let Some(signal) = early {
            // If it is gone already, its end is reported next.
            let _ = child.signal_group(signal);
        }
        epoll::add(
            &self.epoll,
            &child,
            epoll::EventData::new_u64(id.0),
            epoll::EventFlags::IN,
        )?;
        let event = Event::Started {
            id,
            pid: child.pid(),
            through_shell: child.through_shell(),
        };
        self.children.insert(id, child);
        Ok(event)
    }

    fn take_status(&mut self, id: ScriptId) -> Option<Event> {
        let status = match self.children.get(&id)?.try_wait() {
            Ok(None) => return None,
            Ok(Some(status)) => Some(status),
            Err(_) => None,
        };
        self.children.remove(&id);
        Some(Event::Ended { id, status })
    }
}

/// Ask which children have ended, without waiting; true when none has.
fn ended_children(epoll: std::os::fd::BorrowedFd<'_>, ended: &mut Vec<ScriptId>) -> io::Result<bool> {
    let mut events = [MaybeUninit::<epoll::Event>::uninit(); 64];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    match epoll::wait(epoll, &mut events, Some(&at_once)) {
        Ok((events, _)) => ended.extend(events.iter().rev().map(|event| ScriptId(event.data.u64()))),
        Err(rustix::io::Errno::INTR) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    Ok(ended.is_empty())
}
