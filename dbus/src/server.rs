//! The objects that the control process exports. They answer from shared status and pass orders on as [`Request`]s.

use std::sync::{Arc, PoisonError, RwLock};

use keepalived_status::{
    Board, InstanceId,
    view::{Detail, Overview, Row},
};
use tokio::sync::{mpsc, oneshot};
use zbus::{fdo, interface, object_server::SignalEmitter};

/// The status that objects read. Written by the one task that receives events.
pub type SharedBoard = Arc<RwLock<Board>>;

/// Reads the board. A writer that panicked left it as valid as any: each event is applied field by field.
pub fn read<T>(board: &SharedBoard, look: impl FnOnce(&Board) -> T) -> T {
    look(&board.read().unwrap_or_else(PoisonError::into_inner))
}

/// What a caller wants done.
#[derive(Debug)]
pub enum Request {
    /// `PrintData`.
    PrintData,
    /// `PrintStats`.
    PrintStats,
    /// `PrintStatsClear`.
    PrintStatsClear,
    /// `ReloadConfig`: nobody waits for the end.
    ReloadConfig,
    /// `Reload`: the answer is the reason why nothing changed.
    Reload(oneshot::Sender<Result<(), String>>),
    /// `SendGarp`.
    SendGarp(InstanceId),
    /// Counters were looked at: fetch fresh ones unless that was done a moment ago.
    Statistics,
    /// `Dump`.
    Dump(DumpKind, oneshot::Sender<Result<String, String>>),
}

/// What `Dump` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DumpKind {
    /// `keepalived.data`.
    Data,
    /// `keepalived.stats`.
    Stats,
    /// `keepalived.json` of this version.
    Json(u8),
    /// OpenMetrics.
    Metrics,
}

impl DumpKind {
    /// The kind that a caller named.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "data" => Self::Data,
            "stats" => Self::Stats,
            "json1" => Self::Json(1),
            "json2" => Self::Json(2),
            "metrics" => Self::Metrics,
            _ => return None,
        })
    }
}

/// Where objects send what they are asked.
pub type Requests = mpsc::UnboundedSender<Request>;

fn pass(requests: &Requests, request: Request) -> fdo::Result<()> {
    let gone = |_| fdo::Error::Failed("the daemon is stopping".into());
    requests.send(request).map_err(gone)
}

/// Errors of our own interfaces.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.keepalived.Vrrp1.Error")]
pub enum Error {
    /// Errors of the connection.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// The configuration was refused, or a worker could not take it; nothing changed.
    ReloadFailed(String),
    /// There is no instance with this name.
    UnknownInstance(String),
    /// There is no dump of this kind.
    UnknownKind(String),
    /// The daemon could not do it now.
    Unavailable(String),
}

/// `org.keepalived.Vrrp1.Vrrp`: the daemon as keepalived shows it.
#[derive(Debug)]
pub struct Vrrp {
    /// Where orders go.
    pub requests: Requests,
}

#[interface(name = "org.keepalived.Vrrp1.Vrrp")]
impl Vrrp {
    fn print_data(&self) -> fdo::Result<()> {
        pass(&self.requests, Request::PrintData)
    }

    fn print_stats(&self) -> fdo::Result<()> {
        pass(&self.requests, Request::PrintStats)
    }

    fn print_stats_clear(&self) -> fdo::Result<()> {
        pass(&self.requests, Request::PrintStatsClear)
    }

    fn reload_config(&self) -> fdo::Result<()> {
        pass(&self.requests, Request::ReloadConfig)
    }

    /// The VRRP process began.
    #[zbus(signal)]
    pub async fn vrrp_started(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    /// A reload was carried out.
    #[zbus(signal)]
    pub async fn vrrp_reloaded(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    /// The VRRP process stops.
    #[zbus(signal)]
    pub async fn vrrp_stopped(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// `org.keepalived.Vrrp1.Instance`: one virtual router as keepalived shows it.
#[derive(Debug)]
pub struct Instance {
    /// Which.
    pub id: InstanceId,
    /// Status of all.
    pub board: SharedBoard,
    /// Where orders go.
    pub requests: Requests,
}

#[interface(name = "org.keepalived.Vrrp1.Instance")]
impl Instance {
    fn send_garp(&self) -> fdo::Result<()> {
        pass(&self.requests, Request::SendGarp(self.id))
    }

    #[zbus(property)]
    fn name(&self) -> fdo::Result<(String,)> {
        self.look(|i| (i.settings.name.to_string(),))
    }

    #[zbus(property)]
    fn state(&self) -> fdo::Result<(u32, String)> {
        self.look(|i| (i.live.state.code(), i.live.state.title().to_owned()))
    }

    /// The new state: 0 init, 1 backup, 2 master, 3 fault, 97 deleted, 98 stop.
    #[zbus(signal)]
    pub async fn vrrp_status_change(emitter: &SignalEmitter<'_>, status: u32) -> zbus::Result<()>;
}

impl Instance {
    fn look<T>(&self, get: impl FnOnce(&keepalived_status::Instance) -> T) -> fdo::Result<T> {
        read(&self.board, |board| board.get(self.id).map(get))
            .ok_or_else(|| fdo::Error::InvalidArgs("Instance not found".into()))
    }
}

/// Most instances in one answer.
pub const PAGE: u32 = 4096;

/// `org.keepalived.Vrrp1.Status1`: what consoles read.
#[derive(Debug)]
pub struct Status {
    /// Status of all.
    pub board: SharedBoard,
    /// Where orders go.
    pub requests: Requests,
}

#[interface(name = "org.keepalived.Vrrp1.Status1")]
impl Status {
    #[zbus(out_args("overview"))]
    fn get_overview(&self) -> Result<String, Error> {
        json(&read(&self.board, Overview::new))
    }

    #[zbus(out_args("instances"))]
    fn get_instances(&self, first: u32, count: u32) -> Result<String, Error> {
        let _stopping = self.requests.send(Request::Statistics);
        let count = count.min(PAGE) as usize;
        let rows: Vec<Row> = read(&self.board, |board| {
            board.from(InstanceId(first)).take(count).map(Row::from).collect()
        });
        json(&rows)
    }

    #[zbus(out_args("detail"))]
    fn get_instance(&self, name: &str) -> Result<String, Error> {
        let _stopping = self.requests.send(Request::Statistics);
        let detail = read(&self.board, |board| board.by_name(name).map(|i| Detail::new(i, board)));
        json(&detail.ok_or_else(|| unknown(name))?)
    }

    /// A JSON object with a member `event`.
    #[zbus(signal)]
    pub async fn notice(emitter: &SignalEmitter<'_>, notice: &str) -> zbus::Result<()>;
}

/// `org.keepalived.Vrrp1.Control1`: what `keepalivedctl` orders.
#[derive(Debug)]
pub struct Control {
    /// Status of all.
    pub board: SharedBoard,
    /// Where orders go.
    pub requests: Requests,
}

#[interface(name = "org.keepalived.Vrrp1.Control1")]
impl Control {
    async fn reload(&self) -> Result<(), Error> {
        let (answer, result) = oneshot::channel();
        self.ask(Request::Reload(answer), result)
            .await?
            .map_err(Error::ReloadFailed)
    }

    fn send_garp(&self, instance: &str) -> Result<(), Error> {
        let id = read(&self.board, |board| board.by_name(instance).map(|i| i.id));
        let id = id.ok_or_else(|| unknown(instance))?;
        self.requests.send(Request::SendGarp(id)).map_err(|_| stopping())
    }

    #[zbus(out_args("text"))]
    async fn dump(&self, kind: &str) -> Result<String, Error> {
        let name = kind;
        let Some(kind) = DumpKind::from_name(name) else {
            return Err(Error::UnknownKind(format!("there is no dump called {name}")));
        };
        let (answer, result) = oneshot::channel();
        self.ask(Request::Dump(kind, answer), result)
            .await?
            .map_err(Error::Unavailable)
    }
}

impl Control {
    async fn ask<T>(&self, request: Request, result: oneshot::Receiver<T>) -> Result<T, Error> {
        self.requests.send(request).map_err(|_| stopping())?;
        result.await.map_err(|_| stopping())
    }
}

fn stopping() -> Error {
    Error::Unavailable("the daemon is stopping".into())
}

fn unknown(name: &str) -> Error {
    Error::UnknownInstance(format!("there is no instance called {name}"))
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Unavailable(error.to_string()))
}
