//! A command socket on a thread of its own, so that an election never waits for the kernel's routing lock.

use std::io;
use std::sync::mpsc as std_mpsc;

use tokio::sync::mpsc;

use super::ReceiveBuffer;
use super::command::{CommandSocket, Dump, KernelError};
use super::operation::Operation;

/// The kernel's answer to one [`Commands::submit`] or [`Commands::request_dump`].
#[derive(Debug)]
pub struct Completion<T> {
    /// What the caller gave to recognise the answer.
    pub ticket: T,
    /// What happened.
    pub outcome: Outcome,
}

/// What came of a request.
#[derive(Debug)]
pub enum Outcome {
    /// One result for each operation, in order.
    Results(Vec<Result<(), KernelError>>),
    /// The tables that were asked for.
    Dump(io::Result<Dump>),
}

/// Work of several steps on the command socket, where later operations depend on what the first made.
pub type Work = Box<dyn FnOnce(&mut CommandSocket) -> Vec<Result<(), KernelError>> + Send>;

enum Job<T> {
    Execute(T, Vec<Operation>),
    Run(T, Work),
    Dump(T),
    Buffer(ReceiveBuffer),
}

/// Batches of changes for the kernel, carried out one after the other in the order of submission.
///
/// Make it after entering the network namespace and after the last change of capabilities: its thread inherits both.
#[derive(Debug)]
pub struct Commands<T> {
    jobs: std_mpsc::Sender<Job<T>>,
    completions: mpsc::UnboundedReceiver<Completion<T>>,
}

impl<T: Send + 'static> Commands<T> {
    /// Open the socket and start the thread, which ends when the value is dropped and its last job is done.
    ///
    /// # Errors
    /// As [`CommandSocket::open`], or that no thread can be made.
    pub fn start(receive_buffer: Option<ReceiveBuffer>) -> io::Result<Self> {
        Self::with_socket(CommandSocket::open(receive_buffer)?)
    }

    /// Start the thread with a socket of the caller's, as for one with the firewall enabled. When the value is dropped and
    /// its last job is done, the firewall's tables are removed.
    ///
    /// # Errors
    /// When no thread can be made.
    pub fn with_socket(mut socket: CommandSocket) -> io::Result<Self> {
        let (jobs, received) = std_mpsc::channel::<Job<T>>();
        let (done, completions) = mpsc::unbounded_channel();
        std::thread::Builder::new().name("netlink".into()).spawn(move || {
            for job in received {
                let completion = match job {
                    Job::Execute(ticket, operations) => Completion {
                        ticket,
                        outcome: Outcome::Results(socket.execute(&operations)),
                    },
                    Job::Run(ticket, work) => Completion {
                        ticket,
                        outcome: Outcome::Results(work(&mut socket)),
                    },
                    Job::Dump(ticket) => Completion {
                        ticket,
                        outcome: Outcome::Dump(socket.dump()),
                    },
                    Job::Buffer(buffer) => {
                        if let Err(error) = socket.set_receive_buffer(buffer) {
                            tracing::info!("failed to size the receive buffer of netlink commands: {error}");
                        }
                        continue;
                    }
                };
                // Nobody may be left to hear it; the changes themselves are still wanted.
                let _ = done.send(completion);
            }
            if let Err(error) = socket.remove_firewall() {
                tracing::info!("failed to remove the tables of the firewall: {error}");
            }
        })?;
        Ok(Self { jobs, completions })
    }

    /// Carry out `operations` and give `ticket` back with the results. Never waits.
    pub fn submit(&self, ticket: T, operations: Vec<Operation>) {
        // The thread lives as long as `self`.
        let _ = self.jobs.send(Job::Execute(ticket, operations));
    }

    /// Let the thread do `work` in its turn and give `ticket` back with its results. Never waits.
    pub fn run(&self, ticket: T, work: Work) {
        // The thread lives as long as `self`.
        let _ = self.jobs.send(Job::Run(ticket, work));
    }

    /// Read all links and addresses and give `ticket` back with them. Never waits.
    pub fn request_dump(&self, ticket: T) {
        let _ = self.jobs.send(Job::Dump(ticket));
    }

    /// Give the kernel's queue of answers another size, after what was submitted before (`vrrp_netlink_cmd_rcv_bufs`).
    pub fn set_receive_buffer(&self, buffer: ReceiveBuffer) {
        // The thread lives as long as `self`.
        let _ = self.jobs.send(Job::Buffer(buffer));
    }

    /// Wait for the next answer. Cancel safe: usable as a branch of `select!`. `None` when the thread died.
    pub async fn next(&mut self) -> Option<Completion<T>> {
        self.completions.recv().await
    }

    /// Take no more jobs and wait until all are done and the firewall's tables are removed. Answers are dropped. Cancel safe.
    pub async fn end(&mut self) {
        let (closed, _) = std_mpsc::channel();
        self.jobs = closed;
        while self.completions.recv().await.is_some() {}
    }

    /// Wait, blocking the thread, until all submitted jobs are done: for the end of a process.
    ///
    /// Returns the answers that nobody read.
    pub fn finish(self) -> Vec<Completion<T>> {
        let Self { jobs, mut completions } = self;
        drop(jobs);
        std::iter::from_fn(|| completions.blocking_recv()).collect()
    }
}
