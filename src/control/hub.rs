//! The control process without its I/O: mirrors reports, passes orders on, remembers who waits for what.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use keepalived_dbus::server::{DumpKind, Request, Requests, SharedBoard};
use keepalived_model::global::Global;
use keepalived_status::{Board, Event, Live, Snapshot, State, Wall, view::Notice};
use tokio::sync::oneshot;

use super::{
    bus::{self, Bus},
    dump,
    outbox::Publication,
    settings::BusSettings,
};
use crate::{
    ipc::{Command, FromWorker, Report, Sender},
    worker::WorkerOptions,
};

/// Counters are fetched at most this often, however many consoles look at them.
const STATISTICS_INTERVAL: Duration = Duration::from_millis(900);

/// One that waits for a dump.
type DumpCaller = (DumpKind, oneshot::Sender<Result<String, String>>);

/// An instance before an event.
struct Before {
    name: Box<str>,
    live: Live,
}

/// The state of the control process.
pub(super) struct Hub {
    board: SharedBoard,
    requests: Requests,
    supervisor: Sender<FromWorker>,
    namespace: Option<Box<str>>,
    instance: Option<Box<str>>,
    /// This process replaces one that died: the VRRP process it meets first is not news.
    replacement: bool,
    settings: Option<BusSettings>,
    prepared: Option<(u64, Option<BusSettings>)>,
    bus: Option<Bus>,
    vrrp: Option<Sender<Command>>,
    /// Pid and start of the VRRP process that was announced.
    announced: Option<(u32, Wall)>,
    stopped: bool,
    counted: Option<Instant>,
    next_request: u64,
    reloads: HashMap<u64, oneshot::Sender<Result<(), String>>>,
    dumps: HashMap<u64, DumpCaller>,
}

impl Hub {
    pub(super) fn new(options: &WorkerOptions, requests: Requests, supervisor: Sender<FromWorker>) -> Self {
        Self {
            board: Arc::new(RwLock::new(Board::default())),
            requests,
            supervisor,
            namespace: options.start.namespace.clone(),
            instance: options.start.instance.clone(),
            replacement: options.start.restarts > 0,
            settings: None,
            prepared: None,
            bus: None,
            vrrp: None,
            announced: None,
            stopped: false,
            counted: None,
            next_request: 0,
            reloads: HashMap::new(),
            dumps: HashMap::new(),
        }
    }

    /// Keeps the settings of a configuration aside.
    pub(super) fn prepare(&mut self, generation: u64, global: &Global) {
        let settings = BusSettings::new(global, self.namespace.as_deref(), self.instance.as_deref());
        self.prepared = Some((generation, settings));
    }

    /// Lets them act: the bus is entered, left, or entered under another name.
    pub(super) async fn commit(&mut self, generation: u64) {
        let Some((_, settings)) = self.prepared.take_if(|(kept, _)| *kept == generation) else {
            return;
        };
        if settings == self.settings {
            return;
        }
        if let Some(bus) = self.bus.take() {
            bus.leave().await;
        }
        self.settings.clone_from(&settings);
        if let Some(settings) = settings {
            self.bus = Some(bus::enter(settings, Arc::clone(&self.board), self.requests.clone()));
            if self.with_board(|board| board.complete) {
                self.put(Publication::Sync { started: false });
            } else {
                self.subscribe();
            }
        }
    }

    /// Forgets them.
    pub(super) fn abort(&mut self, generation: u64) {
        self.prepared.take_if(|(kept, _)| *kept == generation);
    }

    /// A link to the VRRP process is open.
    pub(super) fn connect(&mut self, vrrp: Sender<Command>) {
        self.vrrp = Some(vrrp);
        self.dumps.clear();
        self.subscribe();
    }

    /// The VRRP process is gone; the supervisor will bring a new one.
    pub(super) fn disconnect(&mut self) {
        self.vrrp = None;
        // Whoever waits is told by the closed channel.
        self.dumps.clear();
    }

    /// Has the VRRP process said its last word?
    pub(super) const fn vrrp_has_stopped(&self) -> bool {
        self.stopped
    }

    /// Takes a report over.
    pub(super) fn report(&mut self, report: Report) {
        match report {
            Report::Event(event) => self.event(&event),
            Report::Snapshot { request, snapshot } => self.snapshot(request, snapshot),
        }
    }

    /// Does what a caller on the bus asked.
    pub(super) fn request(&mut self, request: Request) {
        match request {
            Request::PrintData => self.order(&Command::PrintData),
            Request::PrintStats => self.order(&Command::PrintStats),
            Request::PrintStatsClear => self.order(&Command::PrintStatsClear),
            Request::SendGarp(id) => self.order(&Command::SendGarp(id)),
            Request::ReloadConfig => self.reload(None),
            Request::Reload(answer) => self.reload(Some(answer)),
            Request::Statistics => self.fetch_statistics(),
            Request::Dump(kind, answer) => self.dump(kind, answer),
        }
    }

    /// A reload has ended.
    pub(super) fn reloaded(&mut self, request: u64, result: Result<(), String>) {
        if let Some(answer) = self.reloads.remove(&request) {
            let _caller_gone = answer.send(result);
        }
    }

    /// Says the last states, leaves the bus.
    pub(super) async fn stop(&mut self) {
        if !self.stopped {
            self.event(&Event::Stopped);
        }
        if let Some(bus) = self.bus.take() {
            bus.leave().await;
        }
    }

    fn event(&mut self, event: &Event) {
        let before = self.before(event);
        self.board.write().unwrap_or_else(PoisonError::into_inner).apply(event);
        self.stopped |= matches!(event, Event::Stopped);
        if self.bus.is_none() || !self.with_board(|board| board.complete) {
            return;
        }
        let publications = self.publications(event, before.as_ref());
        for publication in publications {
            self.put(publication);
        }
        for notice in self.notices(event, before.as_ref()) {
            if let Ok(text) = serde_json::to_string(&notice) {
                self.put(Publication::Notice(text));
            }
        }
    }

    /// The instance that `event` is about, as it was.
    fn before(&self, event: &Event) -> Option<Before> {
        let id = match event {
            Event::Instance { id, .. } | Event::Removed { id, .. } => *id,
            Event::Added(i) | Event::Updated(i) => i.id,
            _ => return None,
        };
        self.with_board(|board| {
            board.get(id).map(|i| Before {
                name: i.settings.name.clone(),
                live: i.live.clone(),
            })
        })
    }

    fn publications(&mut self, event: &Event, before: Option<&Before>) -> Vec<Publication> {
        let was = before.map_or(State::Init, |before| before.live.state);
        match event {
            Event::Added(i) | Event::Updated(i) => {
                let said = (was != i.live.state).then_some(Publication::Status(i.id, i.live.state));
                [Publication::Added(i.id)].into_iter().chain(said).collect()
            }
            Event::Removed { id, state } => before
                .map(|before| Publication::Removed {
                    id: *id,
                    name: before.name.clone(),
                    state: *state,
                })
                .into_iter()
                .collect(),
            Event::Instance { id, .. } => {
                let is = self.with_board(|board| board.get(*id).map(|i| i.live.state));
                let said = is.filter(|is| *is != was).map(|is| Publication::Status(*id, is));
                said.into_iter().collect()
            }
            Event::Started => vec![Publication::Sync {
                started: self.is_news(),
            }],
            Event::Reloaded { .. } => vec![Publication::Reloaded],
            Event::Stopped => vec![Publication::Stopped],
            _ => vec![],
        }
    }

    fn notices(&self, event: &Event, before: Option<&Before>) -> Vec<Notice> {
        match (event, before) {
            (Event::Instance { id, .. }, Some(before)) => self.with_board(|board| {
                board
                    .get(*id)
                    .map_or_else(Vec::new, |i| Notice::changes(&before.live, i))
            }),
            (Event::Removed { id, state }, Some(before)) => vec![Notice::Removed {
                id: *id,
                name: before.name.to_string(),
                state: *state,
            }],
            _ => self.with_board(|board| Notice::new(event, board)).into_iter().collect(),
        }
    }

    /// Is the VRRP process that has said everything now another one than before?
    fn is_news(&mut self) -> bool {
        let who = self.with_board(|board| (board.daemon.vrrp_pid, board.daemon.started));
        let first = self.announced.is_none();
        let other = self.announced.replace(who) != Some(who);
        self.stopped = false;
        other && !(first && self.replacement)
    }

    fn put(&mut self, publication: Publication) {
        if let Some(bus) = &mut self.bus {
            bus.outbox.put(publication);
        }
    }

    fn with_board<T>(&self, look: impl FnOnce(&Board) -> T) -> T {
        keepalived_dbus::server::read(&self.board, look)
    }

    fn subscribe(&self) {
        // Without a bus nobody looks: 65,024 instances need not be mirrored then.
        if let (Some(vrrp), Some(_)) = (&self.vrrp, &self.bus) {
            vrrp.send(&Command::Subscribe);
        }
    }

    /// Passes an order on; the VRRP process logs it.
    fn order(&self, command: &Command) {
        if let Some(vrrp) = &self.vrrp {
            vrrp.send(command);
        }
    }

    fn reload(&mut self, answer: Option<oneshot::Sender<Result<(), String>>>) {
        let request = self.number();
        if let Some(answer) = answer {
            self.reloads.retain(|_, waiting| !waiting.is_closed());
            self.reloads.insert(request, answer);
        }
        if !self.supervisor.send(&FromWorker::Reload { request }) {
            self.reloaded(request, Err("the supervisor cannot be reached".into()));
        }
    }

    fn fetch_statistics(&mut self) {
        let now = Instant::now();
        let fresh = self
            .counted
            .is_some_and(|at| now.duration_since(at) < STATISTICS_INTERVAL);
        if let (Some(vrrp), false) = (&self.vrrp, fresh) {
            vrrp.send(&Command::Statistics);
            self.counted = Some(now);
        }
    }

    fn dump(&mut self, kind: DumpKind, answer: oneshot::Sender<Result<String, String>>) {
        let request = self.number();
        match &self.vrrp {
            Some(vrrp) if vrrp.send(&Command::Snapshot { request }) => {
                self.dumps.retain(|_, (_, waiting)| !waiting.is_closed());
                self.dumps.insert(request, (kind, answer));
            }
            _ => {
                let _caller_gone = answer.send(Err("the VRRP process is not running".into()));
            }
        }
    }

    fn snapshot(&mut self, request: u64, snapshot: Box<Snapshot>) {
        if let Some((kind, answer)) = self.dumps.remove(&request) {
            // Rendering 65,024 instances takes a second: not on the thread that mirrors.
            tokio::task::spawn_blocking(move || {
                let _caller_gone = answer.send(dump::text(kind, &snapshot));
            });
        }
    }

    const fn number(&mut self) -> u64 {
        self.next_request += 1;
        self.next_request
    }
}
