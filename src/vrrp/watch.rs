//! What the control process, the supervisor and dump files are told.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use keepalived_linux::{local_time::Calendar, timer::now};
use keepalived_model::{
    time::{Instant, Micros},
    vrrp::Instance,
};
use keepalived_status::{
    Event, InstanceId as StatusId, Snapshot, State,
    render::{self, Zone},
};
use keepalived_vrrp::{Input, InstanceId};

use super::{
    report::{self, Audience, Clocks, Identity, Sources},
    worker::Worker,
};
use crate::{
    dump,
    ipc::{Command, Print, Report, Role, Summary},
};

/// The supervisor hears of states at most this often.
const SUMMARY_EVERY: Micros = Micros::from_millis(200);
/// One line about sending failures an interface in this time.
const COMPLAIN_EVERY: Micros = Micros::from_secs(10);

/// What must be told.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) audience: Audience,
    pub(super) identity: Identity,
    touched: HashSet<InstanceId>,
    added: HashSet<InstanceId>,
    updated: HashSet<InstanceId>,
    leaving: HashMap<InstanceId, (Arc<Instance>, State)>,
    states: HashMap<InstanceId, State>,
    summary: Summary,
    summary_due: Option<Instant>,
    next_id: u32,
    complained: HashMap<String, Instant>,
}

impl Watch {
    pub(super) fn new(identity: Identity) -> Self {
        Self {
            audience: Audience::default(),
            identity,
            touched: HashSet::new(),
            added: HashSet::new(),
            updated: HashSet::new(),
            leaving: HashMap::new(),
            states: HashMap::new(),
            summary: Summary::default(),
            summary_due: None,
            next_id: 0,
            complained: HashMap::new(),
        }
    }

    /// Something about the instance changed that listeners see.
    pub(super) fn touch(&mut self, id: InstanceId) {
        if self.audience.listens() {
            self.touched.insert(id);
        }
    }

    /// A number that no instance ever had.
    pub(super) fn fresh_id(&mut self) -> StatusId {
        self.next_id += 1;
        StatusId(self.next_id)
    }

    /// A new instance: it will be introduced at the end of the turn.
    pub(super) fn added(&mut self, id: InstanceId) {
        self.added.insert(id);
        self.count(id, Some(State::Init));
    }

    /// Settings of a known instance changed.
    pub(super) fn updated(&mut self, id: InstanceId) {
        self.updated.insert(id);
    }

    /// The instance is about to leave.
    pub(super) fn leaves(&mut self, id: InstanceId, config: Arc<Instance>) {
        self.leaving.insert(id, (config, State::Fault));
    }

    /// Configuration of an instance that is leaving.
    pub(super) fn leaving(&self, id: InstanceId) -> Option<Arc<Instance>> {
        self.leaving.get(&id).map(|(config, _)| Arc::clone(config))
    }

    /// It has left; the state that was reported last.
    pub(super) fn departed(&mut self, id: InstanceId) -> State {
        self.count(id, None);
        self.touched.remove(&id);
        self.leaving.remove(&id).map_or(State::Fault, |(_, state)| state)
    }

    /// A state was reported.
    pub(super) fn state(&mut self, id: InstanceId, state: State) {
        if let Some((_, last)) = self.leaving.get_mut(&id) {
            *last = state;
        }
        self.count(id, Some(state));
        self.touch(id);
    }

    fn count(&mut self, id: InstanceId, state: Option<State>) {
        let before = match state {
            Some(state) => self.states.insert(id, state),
            None => self.states.remove(&id),
        };
        if before == state {
            return;
        }
        if let Some(n) = before.and_then(|s| slot(&mut self.summary, s)) {
            *n = n.saturating_sub(1);
        }
        if let Some(n) = state.and_then(|s| slot(&mut self.summary, s)) {
            *n += 1;
        }
        self.summary_due.get_or_insert_with(|| now() + SUMMARY_EVERY);
    }

    /// When the supervisor is to be told.
    pub(super) const fn next_deadline(&self) -> Option<Instant> {
        self.summary_due
    }

    /// May another line about failures on this interface be written?
    pub(super) fn may_complain(&mut self, interface: &str) -> bool {
        let at = now();
        if self
            .complained
            .get(interface)
            .is_some_and(|last| at.since(*last) < COMPLAIN_EVERY)
        {
            return false;
        }
        self.complained.insert(interface.to_owned(), at);
        true
    }
}

fn slot(summary: &mut Summary, state: State) -> Option<&mut u32> {
    match state {
        State::Master => Some(&mut summary.master),
        State::Backup => Some(&mut summary.backup),
        State::Fault => Some(&mut summary.fault),
        State::Init => Some(&mut summary.init),
        State::Deleted | State::Stop => None,
    }
}

impl Worker {
    /// Says at the end of a turn what changed in it.
    pub(super) fn tell_changes(&mut self, at: Instant) {
        if self.watch.summary_due.is_some_and(|due| due <= at) {
            self.watch.summary_due = None;
            self.link.summary(self.watch.summary);
        }
        if self.watch.audience.wants_all() {
            self.tell_everything(at);
            return;
        }
        if !self.watch.audience.listens() {
            self.watch.touched.clear();
            self.watch.added.clear();
            self.watch.updated.clear();
            return;
        }
        let added = std::mem::take(&mut self.watch.added);
        let updated = std::mem::take(&mut self.watch.updated);
        let touched = std::mem::take(&mut self.watch.touched);
        let mut ids: Vec<InstanceId> = added.iter().chain(&updated).chain(&touched).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let Some(known) = self.known.get(&id) else { continue };
            let sources = self.sources(at);
            let event = if added.contains(&id) {
                Event::Added(Box::new(sources.instance(id, known)))
            } else if updated.contains(&id) {
                Event::Updated(Box::new(sources.instance(id, known)))
            } else {
                Event::Instance {
                    id: known.status_id,
                    change: report::all_live(sources.live(id, known)),
                }
            };
            self.watch.audience.tell(event);
        }
    }

    fn tell_everything(&mut self, at: Instant) {
        let Some(config) = &self.config else { return };
        let daemon = self.watch.identity.daemon(config);
        let events: Vec<Event> = {
            let sources = self.sources(at);
            self.order
                .iter()
                .filter_map(|id| Some(Event::Added(Box::new(sources.instance(*id, self.known.get(id)?)))))
                .collect()
        };
        let watch = &mut self.watch;
        watch.audience.caught_up();
        watch.audience.tell(Event::Reset(Box::new(daemon)));
        for event in events.into_iter().chain([Event::Started]) {
            watch.audience.tell(event);
        }
        watch.touched.clear();
        watch.added.clear();
        watch.updated.clear();
    }

    fn sources(&self, at: Instant) -> Sources<'_> {
        Sources {
            engine: &self.engine,
            installed: &self.installed,
            pool: &self.pool,
            world: &self.world,
            statics: &self.statics,
            links: &self.links,
            clocks: Clocks::at(at),
        }
    }

    fn snapshot(&self, at: Instant) -> Option<Snapshot> {
        let config = self.config.as_ref()?;
        let scripts = config
            .vrrp
            .scripts
            .iter()
            .filter_map(|settings| {
                let tracker = self.tracker_ids.known_script(settings)?;
                let good = self.tracker_good.get(&tracker).copied();
                let result = self.engine.script_result(tracker).unwrap_or(0);
                Some(report::script(
                    Arc::new(settings.clone()),
                    good,
                    result,
                    &self.checks,
                    tracker,
                ))
            })
            .collect();
        let mut snapshot = report::snapshot(
            self.watch.identity.daemon(config),
            &self.sources(at),
            &self.order,
            &self.known,
            config,
            scripts,
        );
        snapshot.files = self.files(config);
        snapshot.processes = self.processes(config);
        snapshot.bfds = self.bfds(config);
        Some(snapshot)
    }

    /// A question or an order of the control process.
    pub(super) fn obey(&mut self, command: Command) {
        let at = now();
        match command {
            Command::Subscribe => self.watch.audience.subscribe(),
            Command::Snapshot { request } => {
                if let Some(snapshot) = self.snapshot(at) {
                    let snapshot = Box::new(snapshot);
                    self.watch.audience.answer(&Report::Snapshot { request, snapshot });
                }
            }
            Command::Statistics => {
                let sources = self.sources(at);
                let all = self
                    .known
                    .iter()
                    .map(|(id, known)| (known.status_id, sources.statistics(*id)))
                    .collect();
                self.watch.audience.answer(&Report::Event(Event::Statistics(all)));
            }
            Command::PrintData => self.print(Print::Data, "DBus request"),
            Command::PrintStats => self.print(Print::Stats, "DBus request"),
            Command::PrintStatsClear => self.print(Print::StatsClear, "DBus request"),
            Command::SendGarp(wanted) => {
                let found = self.known.iter().find(|(_, known)| known.status_id == wanted);
                if let Some((id, known)) = found {
                    tracing::info!("Sending garps on {} on DBus request", known.settings.name);
                    let id = *id;
                    self.engine.handle(at, Input::SendGarp(id));
                }
            }
        }
    }

    /// Writes a dump file; `why` is `signal` or `DBus request`.
    pub(super) fn print(&mut self, what: Print, why: &str) {
        let at = now();
        let process = match why {
            "signal" => format!(" for process({})", std::process::id()),
            _ => String::new(),
        };
        match what {
            Print::Data => tracing::info!("Printing VRRP data{process} on {why}"),
            Print::Stats => tracing::info!("Printing VRRP stats{process} on {why}"),
            Print::StatsClear => tracing::info!("Printing and clearing VRRP stats{process} on {why}"),
            Print::Json => tracing::info!("Printing VRRP as json{process} on {why}"),
        }
        let Some(snapshot) = self.snapshot(at) else { return };
        if what == Print::StatsClear {
            self.engine.handle(at, Input::ClearStats(None));
        }
        let namespace = self.options.start.namespace.clone();
        let instance = self.options.start.instance.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = write_dump(what, &snapshot, namespace.as_deref(), instance.as_deref()) {
                tracing::info!("failed to write a dump file: {error}");
            }
        });
    }

    /// Writes the data dump to the log, line by line (`-d`).
    pub(super) fn log_data(&mut self) {
        let Some(snapshot) = self.snapshot(now()) else { return };
        let mut text = Vec::new();
        let offset = |at: keepalived_status::Wall| utc_offset(at.secs());
        if let Err(error) = render::data(&mut text, &snapshot, Zone(&offset)) {
            tracing::info!("failed to write the configuration to the log: {error}");
        }
        for line in String::from_utf8_lossy(&text).lines() {
            tracing::info!("{line}");
        }
    }

    /// Says at the end of the process that it ends.
    pub(super) async fn say_stopped(&mut self) {
        self.tell_changes(now());
        self.watch.audience.tell(Event::Stopped);
        self.watch.audience.flush(Duration::from_millis(200)).await;
    }
}

/// Local time minus universal time at a moment, seconds.
fn utc_offset(epoch: u64) -> i32 {
    let local = Calendar::local(epoch).utc_epoch().unwrap_or(epoch);
    let difference = i128::from(local) - i128::from(epoch);
    i32::try_from(difference).unwrap_or(0)
}

fn write_dump(
    what: Print,
    snapshot: &Snapshot,
    namespace: Option<&str>,
    instance: Option<&str>,
) -> std::io::Result<()> {
    let dumps = &snapshot.daemon.global.dumps;
    let mut text = Vec::new();
    let (path, mode) = match what {
        Print::Data => {
            let offset = |at: keepalived_status::Wall| utc_offset(at.secs());
            render::data(&mut text, snapshot, Zone(&offset))?;
            (
                dump::data_file(dumps, Some(Role::Vrrp), namespace, instance),
                dump::SHARED_MODE,
            )
        }
        Print::Stats | Print::StatsClear => {
            render::stats(&mut text, &snapshot.instances)?;
            (dump::stats_file(dumps), dump::SHARED_MODE)
        }
        Print::Json if snapshot.instances.is_empty() => return Ok(()),
        Print::Json => {
            render::json(&mut text, snapshot, dumps.json_version.unwrap_or(1))?;
            (dump::json_file(dumps), dump::PRIVATE_MODE)
        }
    };
    dump::write(&path, mode, &text)
}
