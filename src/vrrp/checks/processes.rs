//! The thread that watches processes (`vrrp_track_process`, `vrrp.md` 8.6).
//!
//! The kernel tells of every process of the machine, and `/proc/PID` can keep a reader waiting; an election must not. So everything is
//! heard, looked at and counted on a thread of its own, and the worker is told only of changes.

use std::{collections::HashMap, io, os::fd::OwnedFd, sync::Arc, time::Duration};

use keepalived_linux::{
    netlink::ReceiveBuffer,
    process::namespace::{NetworkNamespace, inside, inside_open},
    processes::{Event, ProcessMonitor, look, scan},
};
use keepalived_model::vrrp::TrackProcess;
use tokio::{sync::mpsc, time::Instant};

use super::{
    census::{Census, ProcessState},
    watched::until,
};

/// From an overrun to a new look at everything.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Between looks at everything where the kernel tells nothing.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The kernel answers a subscription at once, or never.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// Receive buffer to begin with, where none is configured, and the largest that overruns lead to, bytes.
const BUFFER: (usize, usize) = (256 * 1024, 64 * 1024 * 1024);

/// What the thread is to do.
#[derive(Debug)]
struct Order {
    serial: u64,
    wanted: Vec<TrackProcess>,
    buffer: Option<ReceiveBuffer>,
}

/// What the thread tells.
#[derive(Debug)]
pub(in crate::vrrp) enum ProcessEvent {
    /// Another state of the process of this name.
    State(Box<str>, ProcessState),
    /// Everything of the order with this number is counted.
    Counted(u64),
}

/// The worker's end.
#[derive(Debug, Default)]
pub(super) struct Processes {
    thread: Option<Thread>,
    serial: u64,
    counted: u64,
    wanted: Vec<TrackProcess>,
    states: HashMap<Box<str>, ProcessState>,
    /// The network namespace that the daemon was started in, if it is another one.
    left: Option<Arc<OwnedFd>>,
}

#[derive(Debug)]
struct Thread {
    orders: mpsc::UnboundedSender<Order>,
    events: mpsc::UnboundedReceiver<ProcessEvent>,
}

impl Processes {
    /// Nothing is counted yet.
    pub(super) fn new(left: Option<OwnedFd>) -> Self {
        Self {
            left: left.map(Arc::new),
            ..Self::default()
        }
    }

    /// Counts what is wanted, if that is something else than before.
    pub(super) fn set(&mut self, wanted: &[TrackProcess], buffer: Option<ReceiveBuffer>) {
        if self.wanted == wanted {
            return;
        }
        self.wanted = wanted.to_vec();
        if wanted.is_empty() {
            *self = Self {
                left: self.left.take(),
                ..Self::default()
            };
            return;
        }
        if self.thread.is_none() {
            match start(self.left.clone()) {
                Ok(thread) => self.thread = Some(thread),
                Err(error) => {
                    tracing::error!("failed to start the thread that tracks processes: {error}");
                    return;
                }
            }
        }
        if let Some(thread) = &self.thread {
            self.serial += 1;
            let order = Order {
                serial: self.serial,
                wanted: wanted.to_vec(),
                buffer,
            };
            // A thread that is gone tells nothing; that is seen when it is listened to.
            let _gone = thread.orders.send(order);
        }
    }

    /// Is the first count of something awaited?
    pub(super) const fn awaited(&self) -> bool {
        self.thread.is_some() && self.counted < self.serial
    }

    /// What is known of a process; `None` when it cannot be tracked.
    pub(super) fn state(&self, name: &str) -> Option<ProcessState> {
        self.states.get(name).copied()
    }

    /// Waits for something to take in. Cancel safe.
    pub(super) async fn next(&mut self) -> ProcessEvent {
        if let Some(thread) = &mut self.thread {
            if let Some(event) = thread.events.recv().await {
                return event;
            }
            tracing::error!("the thread that tracks processes has ended");
            self.thread = None;
        }
        std::future::pending().await
    }

    /// Takes in what [`Processes::next`] gave: the process whose state changed, its state before and now.
    pub(super) fn digest(&mut self, event: ProcessEvent) -> Option<(Box<str>, Option<ProcessState>, ProcessState)> {
        match event {
            ProcessEvent::Counted(serial) => {
                self.counted = serial;
                None
            }
            ProcessEvent::State(name, state) => {
                let before = self.states.insert(name.clone(), state);
                Some((name, before, state))
            }
        }
    }
}

fn start(left: Option<Arc<OwnedFd>>) -> io::Result<Thread> {
    let (orders, taken) = mpsc::unbounded_channel();
    let (tell, events) = mpsc::unbounded_channel();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(serve(taken, tell, left)),
            Err(error) => tracing::error!("failed to start an event loop for tracked processes: {error}"),
        }
    };
    std::thread::Builder::new().name("processes".to_owned()).spawn(work)?;
    Ok(Thread { orders, events })
}

/// Hears of processes, or looks at all of them from time to time.
enum Source {
    Told(ProcessMonitor),
    Looked,
}

struct Watcher {
    source: Source,
    census: Census,
    buffer: ReceiveBuffer,
    /// When everything is to be looked at.
    look_at: Option<Instant>,
    /// Until when the kernel must have answered the subscription.
    answer_until: Option<Instant>,
}

async fn serve(
    mut orders: mpsc::UnboundedReceiver<Order>,
    tell: mpsc::UnboundedSender<ProcessEvent>,
    left: Option<Arc<OwnedFd>>,
) {
    let Some(mut order) = orders.recv().await else { return };
    let mut watcher = Watcher::open(order.buffer, left.as_deref());
    let mut events = Vec::new();
    loop {
        watcher.begin(order.wanted);
        watcher.tell(&tell);
        let _gone = tell.send(ProcessEvent::Counted(order.serial));
        order = loop {
            let deadline = watcher.next_deadline();
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => break order,
                    None => return,
                },
                result = watcher.source.next(&mut events) => watcher.events(result, &mut events),
                () = until(deadline) => watcher.timeout(),
            }
            watcher.tell(&tell);
        };
        if let Some(buffer) = order.buffer {
            watcher.resize(buffer);
        }
    }
}

impl Source {
    async fn next(&mut self, events: &mut Vec<Event>) -> io::Result<()> {
        match self {
            Self::Told(monitor) => monitor.next(events).await,
            Self::Looked => std::future::pending().await,
        }
    }
}

/// Process events exist in the first network namespace only; a socket made there works everywhere. That may be here, where the daemon
/// was started, or where process 1 is.
fn open(buffer: ReceiveBuffer, left: Option<&OwnedFd>) -> io::Result<ProcessMonitor> {
    let make = || ProcessMonitor::open(Some(buffer));
    let here = make();
    if !matches!(&here, Err(error) if error.kind() == io::ErrorKind::ConnectionRefused) {
        return here;
    }
    let there = left.map_or(Err(io::ErrorKind::NotFound.into()), |left| inside_open(left, make));
    there.or_else(|_| inside(&NetworkNamespace::OfInit, make)).or(here)
}

impl Watcher {
    fn open(buffer: Option<ReceiveBuffer>, left: Option<&OwnedFd>) -> Self {
        let buffer = buffer.unwrap_or(ReceiveBuffer {
            bytes: BUFFER.0,
            force: true,
        });
        let mut watcher = Self {
            source: Source::Looked,
            census: Census::default(),
            buffer,
            look_at: None,
            answer_until: None,
        };
        match open(buffer, left) {
            Ok(monitor) => {
                watcher.source = Source::Told(monitor);
                watcher.answer_until = Some(Instant::now() + ANSWER_WITHIN);
            }
            Err(error) => watcher.look_only(&why(&error)),
        }
        watcher
    }

    fn look_only(&mut self, why: &str) {
        tracing::warn!(
            "track_process: the kernel does not tell of processes ({why}); looking at all of them each second instead"
        );
        self.source = Source::Looked;
        self.answer_until = None;
        self.look_at = Some(Instant::now() + LOOK_EVERY);
    }

    fn begin(&mut self, wanted: Vec<TrackProcess>) {
        let running = self.look();
        self.census = Census::new(wanted, &running);
    }

    fn look(&self) -> Vec<keepalived_linux::processes::Process> {
        scan().unwrap_or_else(|error| {
            tracing::error!("failed to look at the processes in /proc: {error}");
            Vec::new()
        })
    }

    fn next_deadline(&self) -> Option<Instant> {
        let all = [self.census.next_deadline(), self.look_at, self.answer_until];
        all.into_iter().flatten().min()
    }

    fn timeout(&mut self) {
        let now = Instant::now();
        self.census.handle_timeout(now);
        if self.answer_until.take_if(|until| *until <= now).is_some() {
            self.look_only("it does not answer here; is this another PID namespace?");
        }
        if self.look_at.take_if(|at| *at <= now).is_some() {
            let running = self.look();
            self.census.all(&running, now);
            if matches!(self.source, Source::Looked) {
                self.look_at = Some(now + LOOK_EVERY);
            }
        }
    }

    fn events(&mut self, result: io::Result<()>, events: &mut Vec<Event>) {
        if let Err(error) = result {
            tracing::warn!("failed to hear of processes: {error}");
            events.push(Event::Overrun);
        }
        let now = Instant::now();
        for event in events.drain(..) {
            match event {
                Event::Subscribed { error: 0 } => self.answer_until = None,
                // Answers to others are heard too.
                Event::Subscribed { .. } if self.answer_until.is_none() => {}
                Event::Subscribed { error } => self.look_only(&why(&io::Error::from_raw_os_error(error))),
                Event::Forked { parent, child } => self.census.forked(parent, child, now),
                Event::Executed { pid } | Event::Renamed { pid } => self.census.became(pid, look(pid).as_ref(), now),
                Event::Exited { pid } => self.census.exited(pid, now),
                Event::Overrun => self.overrun(now),
            }
        }
    }

    /// Events were lost: a larger buffer now, and a look at everything once the rush is over.
    fn overrun(&mut self, now: Instant) {
        if self.look_at.is_some() {
            return;
        }
        self.look_at = Some(now + LOOK_AGAIN);
        let bytes = self.buffer.bytes.saturating_mul(2).min(BUFFER.1.max(self.buffer.bytes));
        tracing::info!("track_process: events were lost; the receive buffer is {bytes} bytes from now on");
        self.resize(ReceiveBuffer { bytes, force: true });
    }

    fn resize(&mut self, buffer: ReceiveBuffer) {
        self.buffer = buffer;
        if let Source::Told(monitor) = &self.source
            && let Err(error) = monitor.set_receive_buffer(buffer)
        {
            tracing::info!("failed to size the receive buffer of process events: {error}");
        }
    }

    fn tell(&mut self, tell: &mpsc::UnboundedSender<ProcessEvent>) {
        for (process, state) in self.census.changes() {
            // The worker that ends does not listen any more.
            let _gone = tell.send(ProcessEvent::State(process.name.clone(), state));
        }
    }
}

/// The reason in words that say what to do.
fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!("{error}: CAP_NET_ADMIN is needed"),
        io::ErrorKind::ConnectionRefused => {
            format!("{error}: it does so in the first network namespace only, which could not be entered")
        }
        io::ErrorKind::Unsupported => format!("{error}: the kernel has no CONFIG_PROC_EVENTS"),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use keepalived_model::{time::Micros, vrrp::ParamMatch};

    fn sleepers(seconds: &str) -> TrackProcess {
        TrackProcess {
            name: "sleepers".into(),
            process: "/bin/sleep".into(),
            parameters: vec![seconds.into()],
            param_match: ParamMatch::Exact,
            full_command: false,
            quorum: 1,
            quorum_max: None,
            weight: 0,
            reverse: false,
            fork_delay: Micros::ZERO,
            terminate_delay: Micros::ZERO,
        }
    }

    async fn wait_for(processes: &mut Processes, current: u32) -> ProcessState {
        let waiting = async {
            loop {
                let event = processes.next().await;
                if let Some((_, _, state)) = processes.digest(event)
                    && state.current == current
                {
                    return state;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap()
    }

    /// Where the kernel tells nothing (a container) everything is looked at once a second, which this passes as well.
    #[tokio::test]
    async fn what_begins_and_ends_is_told() {
        let mut processes = Processes::default();
        let own = format!("{}", 40_000 + std::process::id());
        processes.set(&[sleepers(&own)], None);
        assert!(processes.awaited());
        assert!(!wait_for(&mut processes, 0).await.quorum);
        let mut child = std::process::Command::new("/bin/sleep").arg(&own).spawn().unwrap();
        assert!(wait_for(&mut processes, 1).await.quorum);
        assert!(!processes.awaited());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!wait_for(&mut processes, 0).await.quorum);
        processes.set(&[], None);
        assert_eq!(processes.state("sleepers"), None);
    }
}
