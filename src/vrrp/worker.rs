//! The main loop.

use std::{
    collections::{HashMap, HashSet},
    io,
    net::IpAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use keepalived_linux::{
    linkbeat::Beat,
    netlink::{CommandSocket, Commands, Completion, Event as NetEvent, Groups, Monitor, Outcome, ReceiveBuffer},
    process::worker::take_inherited,
    script::{Event as ScriptEvent, Scripts},
    timer::{Timer, now},
    vrrp_socket::{Interface as SocketInterface, ReceiveBatch},
};
use keepalived_model::{
    config::Config,
    time::{Instant, Micros},
    units::IfName,
};
use keepalived_status::Wall;
use keepalived_vrrp::{Action, Engine, Input, InstanceId, TrackerId, TrackerReport};

use super::{
    announcer::Announcements,
    buffers,
    checks::{Checks, Report as CheckReport, Told, Watched},
    duplicates::Duplicates,
    firewall::Firewall,
    gathering::Gathering,
    igmp::LocalIgmp,
    kernel::{Errand, Installed, Submission},
    lateness::Lateness,
    links::Links,
    mail::Mails,
    originals::Originals,
    promote::Promotions,
    report::{Audience, Identity, Known},
    rivals::Rivals,
    sockets::Pool,
    statics::Statics,
    tell::Tellers,
    tracking::TrackerIds,
    vmac::Vmacs,
    watch::Watch,
    world::World,
};
use crate::{
    ipc::{self, Cause, Command, Receiver, Role},
    notify,
    worker::{Order, PRIVATE_VARIABLES, SupervisorLink, WorkerOptions},
};

/// How long a stop waits for the kernel and for stop scripts.
const LINGER: Duration = Duration::from_secs(1);

/// A tracker as log lines and dumps name it.
#[derive(Clone, Debug)]
pub(super) struct TrackerName {
    pub(super) name: String,
    pub(super) kind: &'static str,
}

/// Everything the process has.
pub(super) struct Worker {
    pub(super) link: SupervisorLink,
    pub(super) options: WorkerOptions,
    pub(super) engine: Engine,
    pub(super) world: World,
    pub(super) pool: Pool,
    pub(super) installed: Installed,
    pub(super) firewall: Firewall,
    pub(super) announcements: Announcements,
    pub(super) scripts: Scripts,
    pub(super) checks: Checks,
    pub(super) watched: Watched,
    pub(super) statics: Statics,
    pub(super) rivals: Rivals,
    /// When routes that were refused are asked for again.
    pub(super) routes_due: Option<Instant>,
    pub(super) promotions: Promotions,
    pub(super) commands: Commands<Errand>,
    /// Submissions the kernel has not answered yet.
    pub(super) unanswered: u32,
    /// The configuration in force; `None` before the first commit.
    pub(super) config: Option<Box<Config>>,
    pub(super) aside: Option<(u64, Cause, Box<Config>)>,
    pub(super) tracker_ids: TrackerIds,
    pub(super) tracker_names: HashMap<TrackerId, TrackerName>,
    /// Verdicts of scripts, link states of interfaces.
    pub(super) tracker_good: HashMap<TrackerId, bool>,
    /// Instances in configuration order.
    pub(super) order: Vec<InstanceId>,
    pub(super) known: HashMap<InstanceId, Known>,
    pub(super) by_interface: HashMap<IfName, Vec<InstanceId>>,
    /// Instances without interface whose source address must be somewhere (`track_src_ip`).
    pub(super) homeless: Vec<InstanceId>,
    /// What the sockets of an instance were opened for.
    pub(super) endpoints: HashMap<InstanceId, (Option<SocketInterface>, Option<IpAddr>)>,
    pub(super) virtual_addresses: HashSet<IpAddr>,
    /// Some instance has `auth_hmac`, so the engine must know the wall clock.
    pub(super) signs: bool,
    pub(super) submission: Submission,
    /// Wishes of the engine other than adverts, on their way; kept for its memory.
    pub(super) others: Vec<Action>,
    pub(super) vmacs: Vmacs,
    pub(super) watch: Watch,
    pub(super) links: Links,
    pub(super) duplicates: Duplicates,
    pub(super) lateness: Lateness,
    pub(super) local_igmp: LocalIgmp,
    pub(super) originals: Arc<Originals>,
    pub(super) tellers: Tellers,
    pub(super) fifos: notify::fifo::OpenFifos,
    pub(super) mails: Mails,
    /// A dump of links and addresses was asked for because events were lost.
    pub(super) reading_again: bool,
    pub(super) monitor: Monitor,
    pub(super) monitor_buffer: ReceiveBuffer,
    pub(super) command_buffer: Option<ReceiveBuffer>,
    groups: Groups,
    timer: Timer,
    pub(super) batch: ReceiveBatch,
    pub(super) gathering: Gathering,
    events: Vec<NetEvent>,
    control: Option<Receiver<Command>>,
    /// VRIDs that were reported as unknown (`log_unknown_vrids`): each once.
    pub(super) unknown_vrids: HashSet<(u64, u8)>,
}

/// What woke the loop.
enum Wake {
    Order(Order),
    Timer,
    Packets(u64),
    ReceiveFailed(Option<u64>, io::Error),
    Network(io::Result<()>),
    Kernel(Option<Completion<Errand>>),
    Script(io::Result<ScriptEvent>),
    Linkbeat(Beat),
    Command(Option<Command>),
    Told(Told),
    /// Tables of the firewall are gone; what to do about it is kept there.
    Firewall,
}

impl Worker {
    /// Opens what the process needs of the kernel.
    #[expect(
        clippy::result_large_err,
        reason = "the link goes back to the caller, once in the life of a process"
    )]
    pub(super) fn open(link: SupervisorLink, options: WorkerOptions) -> Result<Self, (SupervisorLink, io::Error)> {
        match Self::parts(&options) {
            Ok((announcements, monitor, world, commands, scripts, pool, timer)) => {
                let identity = identity(&options);
                let originals = Arc::new(Originals::new(&options.start.changed, link.sender()));
                Ok(Self {
                    link,
                    options,
                    engine: Engine::default(),
                    world,
                    pool,
                    installed: Installed::default(),
                    firewall: Firewall::default(),
                    statics: Statics::default(),
                    rivals: Rivals::default(),
                    routes_due: None,
                    promotions: Promotions::default(),
                    announcements,
                    scripts,
                    checks: Checks::default(),
                    watched: Watched::new(left_namespace()),
                    commands,
                    unanswered: 0,
                    config: None,
                    aside: None,
                    tracker_ids: TrackerIds::default(),
                    tracker_names: HashMap::new(),
                    tracker_good: HashMap::new(),
                    order: Vec::new(),
                    known: HashMap::new(),
                    by_interface: HashMap::new(),
                    homeless: Vec::new(),
                    endpoints: HashMap::new(),
                    virtual_addresses: HashSet::new(),
                    signs: false,
                    submission: Submission::default(),
                    others: Vec::new(),
                    vmacs: Vmacs::new(&originals),
                    watch: Watch::new(identity),
                    links: Links::default(),
                    duplicates: Duplicates::default(),
                    lateness: Lateness::default(),
                    local_igmp: LocalIgmp::default(),
                    originals,
                    tellers: Tellers::default(),
                    fifos: notify::fifo::OpenFifos::default(),
                    mails: Mails::default(),
                    reading_again: false,
                    monitor,
                    monitor_buffer: buffers::DEFAULT,
                    command_buffer: None,
                    groups: Groups::default(),
                    timer,
                    batch: ReceiveBatch::new(),
                    gathering: Gathering::default(),
                    events: Vec::new(),
                    control: None,
                    unknown_vrids: HashSet::new(),
                })
            }
            Err(error) => Err((link, error)),
        }
    }

    #[expect(clippy::type_complexity, reason = "taken apart at once by the only caller")]
    fn parts(
        options: &WorkerOptions,
    ) -> io::Result<(Announcements, Monitor, World, Commands<Errand>, Scripts, Pool, Timer)> {
        let announcements = Announcements::open()?;
        // The monitor first: what changes while the tables are read is then told, not missed.
        let monitor = Monitor::open(Groups::default(), Some(buffers::DEFAULT))?;
        let world = World::from_dump(CommandSocket::open(None)?.dump()?);
        let commands = Commands::start(None)?;
        let scripts = Scripts::new(options.surroundings.clone(), &PRIVATE_VARIABLES)?;
        Ok((
            announcements,
            monitor,
            world,
            commands,
            scripts,
            Pool::new()?,
            Timer::new()?,
        ))
    }

    /// Adverts are signed with the time of day, which may be set at any moment.
    pub(super) fn tell_wall_clock(&mut self, at: Instant) {
        if self.signs {
            self.engine.handle(at, Input::WallClock(Micros(Wall::now().0)));
        }
    }

    /// Runs until told to stop.
    pub(super) async fn run(mut self) -> ExitCode {
        loop {
            let at = now();
            self.tell_wall_clock(at);
            self.lateness.woken(self.engine.next_deadline(), at);
            self.engine.handle_timeout(at);
            self.run_checks(at);
            self.statics.run_due(&self.world, at);
            self.routes_again(at);
            self.links_due(at);
            self.tellers.runner.run_due(at, &mut self.scripts);
            self.carry_out(at);
            let deadline = self.next_deadline();
            if let Err(error) = self.timer.arm(deadline, at) {
                tracing::error!("failed to arm the timer: {error}");
            }
            match self.wake().await {
                Wake::Order(Order::Stop) => return self.stop().await,
                Wake::Order(order) => self.order(order),
                Wake::Timer => {}
                Wake::Packets(key) => self.adverts(key),
                Wake::ReceiveFailed(key, error) => self.receive_failed(key, &error),
                Wake::Network(result) => self.network(result),
                Wake::Kernel(completion) => self.kernel(completion),
                Wake::Script(event) => self.script(event),
                Wake::Linkbeat(beat) => self.link_polled(beat, now()),
                Wake::Command(command) => self.command(command),
                Wake::Firewall => {}
                Wake::Told(told) => self.told(told, now()),
            }
        }
    }

    async fn wake(&mut self) -> Wake {
        let Self {
            link,
            timer,
            pool,
            batch,
            monitor,
            events,
            commands,
            scripts,
            control,
            watched,
            links,
            firewall,
            ..
        } = self;
        tokio::select! {
            order = link.order() => Wake::Order(order),
            expired = timer.expired() => {
                if let Err(error) = expired {
                    tracing::error!("failed to read the timer: {error}");
                }
                Wake::Timer
            }
            received = pool.receive(batch) => match received {
                Ok(key) => Wake::Packets(key),
                Err((key, error)) => Wake::ReceiveFailed(key, error),
            },
            result = monitor.next(events) => Wake::Network(result),
            completion = commands.next() => Wake::Kernel(completion),
            event = scripts.next() => Wake::Script(event),
            told = watched.next() => Wake::Told(told),
            beat = links.next() => Wake::Linkbeat(beat),
            () = firewall.deleted() => Wake::Firewall,
            command = next_command(control), if control.is_some() => Wake::Command(command),
        }
    }

    /// Hears of routes and rules too when some instance has such that are tracked; a full routing table is a flood otherwise.
    pub(super) fn follow(&mut self, groups: Groups) {
        if groups == self.groups {
            return;
        }
        match Monitor::open(groups, Some(self.monitor_buffer)) {
            Ok(monitor) => {
                self.monitor = monitor;
                self.groups = groups;
                // What changed between the two monitors.
                self.commands.request_dump(Errand::Dump);
            }
            Err(error) => tracing::warn!("failed to hear of changed routes and rules: {error}"),
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        [
            self.engine.next_deadline(),
            self.checks.next_deadline(),
            self.tellers.runner.next_deadline(),
            self.watch.next_deadline(),
            self.statics.next_deadline(),
            self.routes_due,
            self.links.next_deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Prepare {
                generation,
                cause,
                config,
            } => self.prepare(generation, cause, config),
            Order::Commit { generation } => self.commit(generation),
            Order::Abort { generation } => {
                if self.aside.take_if(|(kept, ..)| *kept == generation).is_some() {
                    self.watched.keep(self.config.as_deref().unwrap_or(&Config::default()));
                    self.abort_vmacs();
                }
            }
            Order::Print(what) => self.print(what, "signal"),
            Order::Ping(number) => self.link.pong(number),
            Order::Peer(Role::Bfd, fd) => self.watched.follow_bfd(fd),
            Order::Peer(_, fd) => match ipc::open(fd) {
                Ok((sender, receiver)) => {
                    self.watch.audience.connect(sender);
                    self.control = Some(receiver);
                }
                Err(error) => tracing::warn!("failed to open the link to the control process: {error}"),
            },
            Order::ReloadResult { .. } | Order::Stop => {}
        }
    }

    fn network(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            tracing::warn!("failed to hear of network changes: {error}");
            self.events.push(NetEvent::Overrun);
        }
        let events = std::mem::take(&mut self.events);
        self.network_events(events, now());
    }

    fn kernel(&mut self, completion: Option<Completion<Errand>>) {
        let Some(completion) = completion else {
            // Without its thread nothing can be changed any more: end, to be started again.
            tracing::error!("the thread that talks to the kernel has died");
            std::process::abort();
        };
        // What happened before the answer must be known before the answer is judged.
        let mut events = std::mem::take(&mut self.events);
        if let Err(error) = self.monitor.read_now(&mut events) {
            tracing::warn!("failed to hear of network changes: {error}");
        }
        let at = now();
        self.network_events(events, at);
        match completion.outcome {
            Outcome::Results(results) => self.errand_done(completion.ticket, results, at),
            Outcome::Dump(Ok(dump)) => {
                self.resynchronise(dump, at);
                if let Errand::Vmacs(errand) = completion.ticket {
                    self.vmacs_read(&errand);
                }
            }
            Outcome::Dump(Err(error)) => {
                tracing::warn!("failed to read links and addresses again: {error}");
                self.commands.request_dump(completion.ticket);
            }
        }
    }

    fn script(&mut self, event: io::Result<ScriptEvent>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!("failed to watch scripts: {error}");
                return;
            }
        };
        let (mut reports, at) = (Vec::new(), now());
        if self.checks.event(&event, &mut reports).is_none()
            && !self.tellers.runner.event(&event, &mut self.scripts, at)
        {
            match &event {
                ScriptEvent::Failed { error, .. } => {
                    tracing::error!(alert = true, "FIFO script failed to start: {error}");
                }
                ScriptEvent::Ended { id, .. } => {
                    let _known = self.fifos.script_ended(*id);
                }
                ScriptEvent::Started { .. } => {}
            }
        }
        self.check_reports(reports, at);
    }

    fn run_checks(&mut self, at: Instant) {
        if self.checks.next_deadline().is_some_and(|deadline| deadline <= at) {
            let mut reports = Vec::new();
            self.checks.run_due(at, &mut self.scripts, &mut reports);
            self.check_reports(reports, at);
        }
    }

    fn check_reports(&mut self, reports: Vec<CheckReport>, at: Instant) {
        for report in reports {
            match report {
                CheckReport::Result(tracker, verdict) => {
                    self.engine
                        .handle(at, Input::Tracker(tracker, TrackerReport::Good(verdict.good())));
                }
                CheckReport::Log(line) => tracing::info!("{line}"),
            }
        }
    }

    fn command(&mut self, command: Option<Command>) {
        match command {
            Some(command) => self.obey(command),
            None => {
                self.control = None;
                self.watch.audience.disconnect();
            }
        }
    }

    async fn stop(mut self) -> ExitCode {
        self.tellers.runner.stopping();
        self.checks.terminate(&mut self.scripts);
        let at = now();
        let release = !self.options.cli.dont_release_vrrp;
        self.engine.handle(at, Input::Stop { release });
        self.carry_out(at);
        self.statics.remove_all();
        self.submit_statics();
        // What the mail server takes within that time it gets; the original opens the connection and ends.
        let mailer = std::mem::take(&mut self.mails).mailer;
        let mailed = mailer.flush(LINGER);
        let ((), mailed) = tokio::join!(self.linger(LINGER), mailed);
        if !mailed {
            tracing::info!("the SMTP server did not take the last mails in time");
        }
        self.remove_vmacs();
        self.linger(LINGER).await;
        self.fifos.close(&mut self.scripts);
        self.local_igmp.restore(&self.originals);
        self.promotions.restore(&self.originals);
        self.say_stopped().await;
        // Last of all its thread removes the tables of the firewall.
        let _late = tokio::time::timeout(LINGER, self.commands.end()).await;
        ExitCode::SUCCESS
    }

    /// At the end: waits for the kernel and for stop scripts, at most so long.
    async fn linger(&mut self, longest: Duration) {
        let _late = tokio::time::timeout(longest, async {
            let mut hurry = Some(tokio::time::Instant::now() + longest / 2);
            while self.unanswered > 0 || self.tellers.runner.is_awaited() {
                let wake = match hurry {
                    None => self.wake().await,
                    Some(at) => match tokio::time::timeout_at(at, self.wake()).await {
                        Ok(wake) => wake,
                        Err(_) => {
                            hurry = None;
                            self.tellers.runner.hurry(&mut self.scripts, now());
                            continue;
                        }
                    },
                };
                match wake {
                    Wake::Kernel(completion) => self.kernel(completion),
                    Wake::Script(event) => self.script(event),
                    Wake::Order(Order::Ping(number)) => self.link.pong(number),
                    Wake::Network(result) => self.network(result),
                    Wake::Command(None) => self.control = None,
                    _ => {}
                }
            }
        })
        .await;
    }
}

async fn next_command(control: &mut Option<Receiver<Command>>) -> Option<Command> {
    match control {
        Some(receiver) => receiver.recv().await.map(|received| received.message),
        None => std::future::pending().await,
    }
}

/// The network namespace that the daemon was started in, if it is another one.
fn left_namespace() -> Option<std::os::fd::OwnedFd> {
    take_inherited(crate::worker::LEFT_NAMESPACE_VARIABLE).unwrap_or_else(|error| {
        tracing::debug!("failed to take over the network namespace of the start: {error}");
        None
    })
}

fn identity(options: &WorkerOptions) -> Identity {
    Identity {
        started: Wall::now(),
        reloaded: None,
        config_file: options.cli.config_file.as_str().into(),
        namespace: options.start.namespace.clone(),
        instance: options.start.instance.clone(),
        supervisor: u32::try_from(nix::unistd::getppid().as_raw()).unwrap_or(0),
        host_name: nix::unistd::gethostname()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
            .into(),
    }
}

/// For the audience's sake: who listens.
impl Worker {
    pub(super) fn audience(&mut self) -> &mut Audience {
        &mut self.watch.audience
    }
}
