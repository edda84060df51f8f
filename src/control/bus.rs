//! The task that talks to the bus: connects, keeps the name, exports objects, says signals in order.
//!
//! A bus that is absent or goes away is tried again, first after one second, at last every minute; keepalived itself never comes back.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures_util::StreamExt;
use keepalived_dbus::{
    path::Identity,
    server::{self, Requests, SharedBoard},
    zbus::{self, Connection, OwnedObjectPath, fdo, object_server::SignalEmitter},
};
use keepalived_status::{InstanceId, State};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::Instant,
};

use super::{
    outbox::{Outbox, Publication},
    settings::BusSettings,
};

/// The running task, seen from the hub.
#[derive(Debug)]
pub(super) struct Bus {
    /// What is to be said.
    pub(super) outbox: Outbox,
    leave: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Bus {
    /// Says what still waits, gives the name back and disconnects; a bus that hangs is left after two seconds.
    pub(super) async fn leave(self) {
        let Self {
            outbox,
            leave,
            mut task,
        } = self;
        // The closed outbox ends the task once it is empty; `leave` ends its waiting for a bus.
        drop(outbox);
        let _ended_already = leave.send(());
        if tokio::time::timeout(Duration::from_secs(2), &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// Starts the task.
pub(super) fn enter(settings: BusSettings, board: SharedBoard, requests: Requests) -> Bus {
    let (outbox, publications) = Outbox::new();
    let (leave, left) = oneshot::channel();
    let task = Task {
        settings,
        board,
        requests,
        publications,
        announce: false,
        complaining: true,
    };
    Bus {
        outbox,
        leave,
        task: tokio::spawn(task.run(left)),
    }
}

/// [`keepalived_status::view::Notice::Reset`].
const RESET: &str = r#"{"event":"reset"}"#;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

struct Task {
    settings: BusSettings,
    board: SharedBoard,
    requests: Requests,
    publications: mpsc::Receiver<Publication>,
    /// The VRRP process began and nobody has been told yet.
    announce: bool,
    /// The next failure is worth a line in the log.
    complaining: bool,
}

/// Why a session on the bus ended.
enum End {
    /// The daemon leaves.
    Left,
    /// The bus or the name is lost.
    Lost,
}

impl Task {
    async fn run(mut self, mut left: oneshot::Receiver<()>) {
        let mut pause = FIRST_PAUSE;
        loop {
            let began = Instant::now();
            let session = tokio::select! {
                session = Session::open(&self.settings, &self.board, &self.requests) => session,
                _ = &mut left => return,
            };
            match session {
                Ok(session) => {
                    self.complaining = true;
                    if matches!(self.serve(session).await, End::Left) {
                        tracing::info!("Released DBus");
                        return;
                    }
                    self.lost(None);
                }
                Err(error) => self.lost(Some(&error)),
            }
            if began.elapsed() > LONGEST_PAUSE {
                pause = FIRST_PAUSE;
            }
            tokio::select! {
                () = self.skip_until(Instant::now() + pause) => {}
                _ = &mut left => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn lost(&mut self, error: Option<&zbus::Error>) {
        if !std::mem::replace(&mut self.complaining, false) {
            return;
        }
        tracing::info!("Lost the name {} on the session bus", self.settings.service);
        if let Some(error) = error {
            tracing::info!("failed to enter the bus, trying again now and then: {error}");
        }
    }

    /// Without a bus nothing can be said; only a new VRRP process is remembered.
    async fn skip_until(&mut self, end: Instant) {
        let skip = async {
            while let Some(publication) = self.publications.recv().await {
                self.announce |= publication == Publication::Sync { started: true };
            }
            std::future::pending::<()>().await;
        };
        let _pause_over = tokio::time::timeout_at(end, skip).await;
    }

    async fn serve(&mut self, mut session: Session) -> End {
        tracing::info!("Acquired DBus bus {}", self.settings.service);
        tracing::info!("Acquired the name {} on the session bus", self.settings.service);
        if session.start(std::mem::take(&mut self.announce)).await.is_err() {
            return End::Lost;
        }
        loop {
            tokio::select! {
                biased;
                () = session.lost() => return End::Lost,
                publication = self.publications.recv() => {
                    let Some(publication) = publication else {
                        session.close(&self.settings.service).await;
                        return End::Left;
                    };
                    if let Err(error) = session.publish(publication).await {
                        tracing::info!("failed to speak on the bus: {error}");
                        return End::Lost;
                    }
                }
            }
        }
    }
}

/// An exported instance.
struct Object {
    path: OwnedObjectPath,
    /// The state that was said last: said again only when it changed.
    said: Option<State>,
}

/// A connection that owns the name, with the objects on it.
struct Session {
    connection: Connection,
    name_lost: fdo::NameLostStream,
    settings: BusSettings,
    board: SharedBoard,
    requests: Requests,
    daemon: OwnedObjectPath,
    objects: HashMap<InstanceId, Object>,
}

impl Session {
    async fn open(settings: &BusSettings, board: &SharedBoard, requests: &Requests) -> zbus::Result<Self> {
        let connection = zbus::connection::Builder::system().build().await?;
        let bus = fdo::DBusProxy::new(&connection).await?;
        let mut session = Self {
            name_lost: bus.receive_name_lost().await?,
            daemon: settings.root.daemon(),
            settings: settings.clone(),
            board: board.clone(),
            requests: requests.clone(),
            objects: HashMap::new(),
            connection,
        };
        // Objects before the name: whoever waits for the name finds them.
        session.export_daemon().await?;
        session.sync().await?;
        let flags = fdo::RequestNameFlags::DO_NOT_QUEUE;
        session
            .connection
            .request_name_with_flags(settings.service.as_str(), flags)
            .await?;
        Ok(session)
    }

    async fn export_daemon(&self) -> zbus::Result<()> {
        let server = self.connection.object_server();
        let (requests, board) = (&self.requests, &self.board);
        let vrrp = server::Vrrp {
            requests: requests.clone(),
        };
        let status = server::Status {
            board: board.clone(),
            requests: requests.clone(),
        };
        let control = server::Control {
            board: board.clone(),
            requests: requests.clone(),
        };
        server.at(&self.daemon, vrrp).await?;
        server.at(&self.daemon, status).await?;
        server.at(&self.daemon, control).await?;
        Ok(())
    }

    /// After the name was acquired: what could not be said before.
    async fn start(&mut self, announce: bool) -> zbus::Result<()> {
        if announce { self.announce().await } else { Ok(()) }
    }

    /// Ends when the connection or the name is gone.
    async fn lost(&mut self) {
        loop {
            tokio::select! {
                () = self.connection.closed() => return,
                signal = self.name_lost.next() => match signal {
                    None => return,
                    Some(signal) => {
                        let ours = signal.args().is_ok_and(|args| args.name.as_str() == self.settings.service);
                        if ours {
                            return;
                        }
                    }
                },
            }
        }
    }

    async fn publish(&mut self, publication: Publication) -> zbus::Result<()> {
        match publication {
            Publication::Sync { started } => {
                self.sync().await?;
                // Consoles may have missed something: they read everything again.
                server::Status::notice(&self.emitter(&self.daemon), RESET).await?;
                if started { self.announce().await } else { Ok(()) }
            }
            Publication::Added(id) => self.add(id).await,
            Publication::Removed { id, name, state } => self.remove(id, &name, state).await,
            Publication::Status(id, state) => self.say_state(id, state).await,
            Publication::Reloaded => server::Vrrp::vrrp_reloaded(&self.emitter(&self.daemon)).await,
            Publication::Stopped => server::Vrrp::vrrp_stopped(&self.emitter(&self.daemon)).await,
            Publication::Notice(text) => server::Status::notice(&self.emitter(&self.daemon), &text).await,
        }
    }

    /// `VrrpStarted`, then every state (only with at least one instance).
    async fn announce(&mut self) -> zbus::Result<()> {
        let states: Vec<_> = server::read(&self.board, |board| {
            board.instances().map(|i| (i.id, i.live.state)).collect()
        });
        if states.is_empty() {
            return Ok(());
        }
        server::Vrrp::vrrp_started(&self.emitter(&self.daemon)).await?;
        for (id, state) in states {
            if let Some(object) = self.objects.get_mut(&id) {
                object.said = None;
            }
            self.say_state(id, state).await?;
        }
        Ok(())
    }

    /// Makes the objects those of the board.
    async fn sync(&mut self) -> zbus::Result<()> {
        let wanted: HashMap<_, _> = server::read(&self.board, |board| {
            board.instances().map(|i| (i.id, self.path(i))).collect()
        });
        let gone: Vec<_> = self
            .objects
            .iter()
            .filter(|(id, object)| wanted.get(id) != Some(&object.path))
            .map(|(id, object)| (*id, object.path.clone()))
            .collect();
        let kept: HashSet<_> = wanted.values().collect();
        for (id, path) in gone {
            if !kept.contains(&path) {
                self.say_state(id, State::Fault).await?;
            }
            self.forget(id).await?;
        }
        let mut new: Vec<_> = wanted.into_keys().filter(|id| !self.objects.contains_key(id)).collect();
        new.sort_unstable();
        for id in new {
            self.add(id).await?;
        }
        Ok(())
    }

    fn path(&self, i: &keepalived_status::Instance) -> OwnedObjectPath {
        let family = i.settings.family.to_string();
        let identity = Identity {
            // With a VMAC the interface under it.
            interface: i.settings.interface.as_ref().map(|name| name.as_str()),
            vrid: i.settings.vrid.get(),
            family: &family,
        };
        self.settings.root.instance(&identity, &self.settings.no_interface)
    }

    async fn add(&mut self, id: InstanceId) -> zbus::Result<()> {
        let path = server::read(&self.board, |board| board.get(id).map(|i| self.path(i)));
        let Some(path) = path else { return Ok(()) };
        if self.objects.get(&id).is_some_and(|object| object.path == path) {
            return Ok(());
        }
        self.forget(id).await?;
        let object = server::Instance {
            id,
            board: self.board.clone(),
            requests: self.requests.clone(),
        };
        if self.connection.object_server().at(&path, object).await?.is_some() {
            tracing::info!("An object {path} exists already on the bus");
            return Ok(());
        }
        self.objects.insert(id, Object { path, said: None });
        Ok(())
    }

    async fn remove(&mut self, id: InstanceId, name: &str, state: State) -> zbus::Result<()> {
        self.say_state(id, state).await?;
        if self.forget(id).await? {
            tracing::info!("Deleted DBus object for instance {name}");
        }
        Ok(())
    }

    async fn forget(&mut self, id: InstanceId) -> zbus::Result<bool> {
        let Some(Object { path, .. }) = self.objects.remove(&id) else {
            return Ok(false);
        };
        let server = self.connection.object_server();
        match server.remove::<server::Instance, _>(&path).await {
            Ok(_) | Err(zbus::Error::InterfaceNotFound) => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn say_state(&mut self, id: InstanceId, state: State) -> zbus::Result<()> {
        let connection = self.connection.clone();
        let Some(object) = self.objects.get_mut(&id) else {
            return Ok(());
        };
        // INIT is where an instance passes through on its way out; keepalived says it at the start only.
        let passing = state == State::Init && object.said.is_some();
        if passing || object.said.replace(state) == Some(state) {
            return Ok(());
        }
        let emitter = SignalEmitter::from_parts(connection, object.path.as_ref());
        server::Instance::vrrp_status_change(&emitter, state.code()).await
    }

    fn emitter<'p>(&self, path: &'p OwnedObjectPath) -> SignalEmitter<'p> {
        SignalEmitter::from_parts(self.connection.clone(), path.as_ref())
    }

    async fn close(self, service: &str) {
        let _bus_gone = self.connection.release_name(service).await;
        // The answer to the last call has come: all that was said before has arrived.
        let _closed_by_the_bus = self.connection.close().await;
    }
}
