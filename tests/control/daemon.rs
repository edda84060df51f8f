//! The control process as the supervisor starts it, with the test at the other end of its links.

use std::{
    os::fd::AsRawFd,
    process::{Child, Command as Program, Stdio},
    time::Duration,
};

use futures_util::StreamExt;
use keepalived_daemon::ipc::{
    self, Cause, Command, FromWorker, Receiver, Report, ScriptLimits, Sender, ToWorker, WorkerStart,
};
use keepalived_dbus::zbus::{self, Connection, MatchRule, Message, MessageStream};
use keepalived_model::config::Config;
use keepalived_status::{Event, Instance, InstanceId, State, Wall, event::Change, sample};

use super::bus::Bus;

pub(crate) const NAME: &str = "org.keepalived.Vrrp1";
pub(crate) const DAEMON: &str = "/org/keepalived/Vrrp1/Vrrp";
const PATIENCE: Duration = Duration::from_secs(60);

/// A running control process.
pub(crate) struct Control {
    child: Child,
    pub(crate) orders: Sender<ToWorker>,
    pub(crate) answers: Receiver<FromWorker>,
    pub(crate) reports: Sender<Report>,
    pub(crate) commands: Receiver<Command>,
    generation: u64,
}

/// Runs a test on one thread, as the daemon's processes do.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(300), test).await.unwrap() });
}

/// `future` within patience.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it should have happened by now")
}

impl Control {
    pub(crate) fn start(bus: &Bus, restarts: u32) -> Self {
        let (ours, theirs) = ipc::pair().unwrap();
        rustix::io::fcntl_setfd(&theirs, rustix::io::FdFlags::empty()).unwrap();
        let child = Program::new(env!("CARGO_BIN_EXE_keepalived"))
            .env("KEEPALIVED_ROLE", "control")
            .env("KEEPALIVED_IPC_FD", theirs.as_raw_fd().to_string())
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        drop(theirs);
        let (orders, answers) = ipc::open(ours).unwrap();
        orders.send(&ToWorker::Start(Box::new(WorkerStart {
            restarts,
            namespace: None,
            instance: None,
            pid_file: None,
            script_limits: ScriptLimits::default(),
            changed: Vec::new(),
        })));
        let (reports, commands) = link(&orders);
        Self {
            child,
            orders,
            answers,
            reports,
            commands,
            generation: 0,
        }
    }

    /// A control process with the bus enabled that has been told of `instances`.
    pub(crate) async fn with(bus: &Bus, instances: &[Instance]) -> Self {
        let mut control = Self::start(bus, 0);
        control.configure(&enabled()).await;
        control.answer_subscription(instances).await;
        control
    }

    pub(crate) async fn configure(&mut self, config: &Config) {
        self.generation += 1;
        let generation = self.generation;
        self.orders.send(&ToWorker::Prepare {
            generation,
            cause: Cause::Start,
            config: Box::new(config.clone()),
        });
        let prepared = soon(self.answers.recv()).await.unwrap().message;
        assert!(
            matches!(prepared, FromWorker::Prepared { result: Ok(()), .. }),
            "{prepared:?}"
        );
        self.orders.send(&ToWorker::Commit { generation });
        let committed = soon(self.answers.recv()).await.unwrap().message;
        assert!(matches!(committed, FromWorker::Committed { .. }), "{committed:?}");
    }

    pub(crate) async fn answer_subscription(&mut self, instances: &[Instance]) {
        assert_eq!(self.command().await, Command::Subscribe);
        self.say(Event::Reset(Box::new(sample::daemon())));
        for instance in instances {
            self.say(Event::Added(Box::new(instance.clone())));
        }
        self.say(Event::Started);
    }

    pub(crate) async fn command(&mut self) -> Command {
        soon(self.commands.recv()).await.unwrap().message
    }

    /// The next message to the supervisor.
    pub(crate) async fn answer(&mut self) -> FromWorker {
        soon(self.answers.recv()).await.unwrap().message
    }

    pub(crate) fn say(&self, event: Event) {
        assert!(self.reports.send(&Report::Event(event)));
    }

    pub(crate) fn say_state(&self, id: u32, state: State) {
        let change = Change::State {
            state,
            want_state: state,
            at: Wall::now(),
        };
        let id = InstanceId(id);
        self.say(Event::Instance { id, change });
    }

    /// A new link, as after the death of the VRRP process.
    pub(crate) fn relink(&mut self) {
        (self.reports, self.commands) = link(&self.orders);
    }

    /// Resident memory, as the kernel says it.
    pub(crate) fn memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        status
            .lines()
            .find(|line| line.starts_with("VmRSS"))
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn stop(mut self) {
        self.orders.send(&ToWorker::Stop);
        let status = soon(tokio::task::spawn_blocking(move || self.child.wait().unwrap())).await;
        assert!(status.unwrap().success());
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn link(orders: &Sender<ToWorker>) -> (Sender<Report>, Receiver<Command>) {
    let (ours, theirs) = ipc::pair().unwrap();
    assert!(orders.send_with_fd(&ToWorker::Peer(keepalived_daemon::ipc::Role::Vrrp), theirs));
    ipc::open(ours).unwrap()
}

pub(crate) fn enabled() -> Config {
    let mut config = Config::default();
    config.global.dbus.enabled = true;
    config
}

/// A client that hears every signal of the daemon.
pub(crate) struct Listener {
    pub(crate) connection: Connection,
    stream: MessageStream,
}

impl Listener {
    pub(crate) async fn new(bus: &Bus) -> Self {
        let connection = zbus::connection::Builder::address(bus.address().as_str())
            .build()
            .await
            .unwrap();
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .path_namespace("/org/keepalived")
            .build()
            .unwrap();
        let stream = MessageStream::for_match_rule(rule, &connection, None).await.unwrap();
        Self { connection, stream }
    }

    /// The next signal of keepalived's own interfaces: last element(s) of the path, member, number.
    pub(crate) async fn next(&mut self) -> String {
        loop {
            let message = soon(self.stream.next()).await.unwrap().unwrap();
            if let Some(text) = in_words(&message) {
                return text;
            }
        }
    }

    /// The next notice to consoles, as JSON.
    pub(crate) async fn notice(&mut self) -> String {
        loop {
            let message = soon(self.stream.next()).await.unwrap().unwrap();
            if message.header().member().is_some_and(|m| m.as_str() == "Notice") {
                return message.body().deserialize::<String>().unwrap();
            }
        }
    }

    /// Waits until the daemon owns its name.
    pub(crate) async fn wait_for_name(&self) {
        let bus = zbus::fdo::DBusProxy::new(&self.connection).await.unwrap();
        soon(async {
            while !bus.name_has_owner(NAME.try_into().unwrap()).await.unwrap() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }
}

fn in_words(message: &Message) -> Option<String> {
    let header = message.header();
    let member = header.member()?;
    let path = header.path()?.as_str().strip_prefix("/org/keepalived/Vrrp1/")?;
    match member.as_str() {
        "Notice" | "PropertiesChanged" => None,
        "VrrpStatusChange" => Some(format!("{path} {}", message.body().deserialize::<u32>().unwrap())),
        other => Some(other.to_owned()),
    }
}
