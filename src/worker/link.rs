//! The worker's end of the link to the supervisor, with the signals that came to the worker itself.

use std::{io, os::fd::OwnedFd};

use keepalived_linux::process::{limits, worker::take_inherited};
use keepalived_model::{config::Config, global::Processes};

use super::{FD_VARIABLE, settings::Settings};
use crate::{
    ipc::{self, Cause, FromWorker, Print, Receiver, Role, Sender, Summary, ToWorker, WorkerStart},
    signals::{self, Meaning},
};

/// What a worker is told to do.
#[derive(Debug)]
pub enum Order {
    /// Check the model, keep it aside, answer [`SupervisorLink::prepared`].
    Prepare {
        /// Comes back in the answer.
        generation: u64,
        /// Why.
        cause: Cause,
        /// `global` and the part of this role.
        config: Box<Config>,
    },
    /// Let it act; answer [`SupervisorLink::committed`].
    Commit {
        /// That of the preparation.
        generation: u64,
    },
    /// Forget it.
    Abort {
        /// That of the preparation.
        generation: u64,
    },
    /// Write something out.
    Print(Print),
    /// End in order: return from `run`.
    Stop,
    /// Answer [`SupervisorLink::pong`] with this number.
    Ping(u64),
    /// A new link to the process of this role, to be opened with [`ipc::open`]; replaces the one before.
    Peer(Role, OwnedFd),
    /// Answer to [`SupervisorLink::request_reload`].
    ReloadResult {
        /// Number of the request.
        request: u64,
        /// Why nothing changed, in words.
        result: Result<(), String>,
    },
}

/// The link to the supervisor.
#[derive(Debug)]
pub struct SupervisorLink {
    sender: Sender<FromWorker>,
    orders: Receiver<ToWorker>,
    signals: signals::Stream,
    gone: bool,
    role: Role,
    settings: Settings,
    /// Settings of the model that is prepared.
    aside: Option<Box<Processes>>,
}

impl SupervisorLink {
    /// Opens the inherited descriptor and waits for the first message.
    pub(super) async fn open(role: Role) -> io::Result<(Self, WorkerStart)> {
        let signals = signals::Stream::open(false)?;
        let fd = take_inherited(FD_VARIABLE)?.ok_or_else(|| io::Error::other("no descriptor was handed over"))?;
        let (sender, mut orders) = ipc::open::<FromWorker, ToWorker>(fd)?;
        let start = match orders.recv().await.map(|received| received.message) {
            Some(ToWorker::Start(start)) => *start,
            _ => return Err(io::Error::other("it did not say how to start")),
        };
        let link = Self {
            sender,
            orders,
            signals,
            gone: false,
            role,
            settings: Settings::default(),
            aside: None,
        };
        Ok((link, start))
    }

    /// The next order. A supervisor that is gone, SIGTERM and SIGINT read as [`Order::Stop`]. Cancel safe.
    pub async fn order(&mut self) -> Order {
        loop {
            tokio::select! {
                biased;
                meaning = self.signals.next() => match meaning {
                    Meaning::Stop | Meaning::Interrupt => return Order::Stop,
                    Meaning::Print(print) => return Order::Print(print),
                    Meaning::Reload => {
                        self.sender.send(&FromWorker::Again);
                    }
                    Meaning::ProcessorTime => tracing::info!(
                        "This process used too much CPU time at real-time priority; consider raising {}_rlimit_rttime",
                        keyword_prefix(self.role)
                    ),
                    Meaning::Child => {}
                },
                received = self.orders.recv(), if !self.gone => {
                    let Some(received) = received else {
                        self.gone = true;
                        return Order::Stop;
                    };
                    if let Some(order) = order_of(received) {
                        self.look_at(&order);
                        return order;
                    }
                }
            }
        }
    }

    /// Name and scheduling follow each model that is committed.
    fn look_at(&mut self, order: &Order) {
        match order {
            Order::Prepare { config, .. } => {
                self.aside = Some(Box::new(config.global.processes.clone()));
                make_room_for_sockets(config.vrrp.instances.len());
            }
            Order::Commit { .. } => {
                if let Some(processes) = self.aside.take() {
                    self.settings.apply(self.role, &processes);
                }
            }
            Order::Abort { .. } => self.aside = None,
            _ => {}
        }
    }

    /// Answers [`Order::Prepare`].
    pub fn prepared(&self, generation: u64, result: Result<(), String>) {
        self.sender.send(&FromWorker::Prepared { generation, result });
    }

    /// Answers [`Order::Commit`]: the model acts.
    pub fn committed(&self, generation: u64) {
        self.sender.send(&FromWorker::Committed { generation });
    }

    /// Answers [`Order::Ping`].
    pub fn pong(&self, number: u64) {
        self.sender.send(&FromWorker::Pong(number));
    }

    /// Says how many instances are in which state; say it when it changed, at most a few times a second.
    pub fn summary(&self, summary: Summary) {
        self.sender.offer(&FromWorker::Summary(summary));
    }

    /// Asks for a reload of everything; [`Order::ReloadResult`] answers.
    pub fn request_reload(&self, request: u64) {
        self.sender.send(&FromWorker::Reload { request });
    }

    /// Says why the worker is about to return a permanent error.
    pub fn fatal(&self, reason: impl Into<String>) {
        self.sender.send(&FromWorker::Fatal(reason.into()));
    }

    /// The sending half, for tasks of the worker.
    pub fn sender(&self) -> Sender<FromWorker> {
        self.sender.clone()
    }
}

fn order_of(received: ipc::Received<ToWorker>) -> Option<Order> {
    Some(match received.message {
        ToWorker::Start(_) => return None,
        ToWorker::Prepare {
            generation,
            cause,
            config,
        } => Order::Prepare {
            generation,
            cause,
            config,
        },
        ToWorker::Commit { generation } => Order::Commit { generation },
        ToWorker::Abort { generation } => Order::Abort { generation },
        ToWorker::Print(print) => Order::Print(print),
        ToWorker::Stop => Order::Stop,
        ToWorker::Ping(number) => Order::Ping(number),
        ToWorker::Peer(role) => Order::Peer(role, received.fd?),
        ToWorker::ReloadResult { request, result } => Order::ReloadResult { request, result },
    })
}

/// What configuration keywords of a role begin with.
const fn keyword_prefix(role: Role) -> &'static str {
    match role {
        Role::Vrrp | Role::Control => "vrrp",
        Role::Checker => "checker",
        Role::Bfd => "bfd",
    }
}

/// Scripts that may hang at the same time before the next one finds no descriptor: each that runs takes one.
const HANGING_SCRIPTS: u64 = 16_384;

/// Instances have sockets of their own when they are unicast: two each. Scripts keep the limit of before.
fn make_room_for_sockets(instances: usize) {
    let needed = u64::try_from(instances)
        .unwrap_or(u64::MAX)
        .saturating_mul(2)
        .saturating_add(256);
    match limits::raise_open_files(needed.saturating_add(HANGING_SCRIPTS)) {
        Ok(allowed) if allowed < needed => tracing::debug!("{allowed} open files are allowed, {needed} may be needed"),
        Ok(_) => {}
        Err(error) => tracing::debug!("failed to raise the limit of open files: {error}"),
    }
}
