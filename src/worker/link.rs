//! The worker's end of the link to the supervisor, with the signals that came to the worker itself.

use std::{io, os::fd::OwnedFd};

use keepalived_model::config::Config;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::FD_VARIABLE;
use crate::{
    ipc::{self, Cause, FromWorker, Print, Receiver, Role, Sender, Summary, ToWorker, WorkerStart},
    signals::{json_signal, stats_clear_signal},
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
    /// A new link between the VRRP and the control process, to be opened with [`ipc::open`]; replaces the one before.
    Peer(OwnedFd),
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
    signals: Signals,
    gone: bool,
}

impl SupervisorLink {
    /// Opens the inherited descriptor and waits for the first message.
    pub(super) async fn open(_role: Role) -> io::Result<(Self, WorkerStart)> {
        let signals = Signals::new()?;
        let fd = inherited()?;
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
        };
        Ok((link, start))
    }

    /// The next order. A supervisor that is gone, SIGTERM and SIGINT read as [`Order::Stop`]. Cancel safe.
    pub async fn order(&mut self) -> Order {
        loop {
            tokio::select! {
                biased;
                order = self.signals.next() => match order {
                    SignalOrder::Stop => return Order::Stop,
                    SignalOrder::Print(print) => return Order::Print(print),
                    SignalOrder::Again => {
                        self.sender.send(&FromWorker::Again);
                    }
                },
                received = self.orders.recv(), if !self.gone => {
                    let Some(received) = received else {
                        self.gone = true;
                        return Order::Stop;
                    };
                    if let Some(order) = order_of(received) {
                        return order;
                    }
                }
            }
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
        ToWorker::Peer => Order::Peer(received.fd?),
        ToWorker::ReloadResult { request, result } => Order::ReloadResult { request, result },
    })
}

fn inherited() -> io::Result<OwnedFd> {
    let number = std::env::var(FD_VARIABLE).ok().and_then(|text| text.parse().ok());
    let number = number.ok_or_else(|| io::Error::other("no descriptor was handed over"))?;
    keepalived_linux::inherited::take(number)
}

enum SignalOrder {
    Stop,
    Print(Print),
    Again,
}

#[derive(Debug)]
struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    data: Signal,
    stats: Signal,
    stats_clear: Signal,
    json: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            data: signal(SignalKind::user_defined1())?,
            stats: signal(SignalKind::user_defined2())?,
            stats_clear: signal(SignalKind::from_raw(stats_clear_signal()))?,
            json: signal(SignalKind::from_raw(json_signal()))?,
        })
    }

    async fn next(&mut self) -> SignalOrder {
        tokio::select! {
            _ = self.terminate.recv() => SignalOrder::Stop,
            _ = self.interrupt.recv() => SignalOrder::Stop,
            _ = self.hangup.recv() => SignalOrder::Again,
            _ = self.data.recv() => SignalOrder::Print(Print::Data),
            _ = self.stats.recv() => SignalOrder::Print(Print::Stats),
            _ = self.stats_clear.recv() => SignalOrder::Print(Print::StatsClear),
            _ = self.json.recv() => SignalOrder::Print(Print::Json),
        }
    }
}
