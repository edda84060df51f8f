//! The machines of the lab: two routers with a mail server each, a client, a switch, a capture.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use keepalived_compliance::daemon::{Daemon, Launch, until};
use keepalived_compliance::lab::Node;
use keepalived_compliance::lab::capture::Capture;
use keepalived_compliance::lab::namespace::Namespace;
use keepalived_compliance::lab::ping::Pinger;
use keepalived_compliance::outcome::Verdict;

use super::example::{Example, Router};

/// A way in which the first router goes away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Its power fails: every process gone, no carrier of its words left.
    Kill,
    /// The daemon is stopped in order.
    Stop,
    /// Its network cable is cut.
    Cable,
}

impl Failure {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Kill => "is killed (SIGKILL to every process, as when the power fails)",
            Self::Stop => "is stopped in order (SIGTERM)",
            Self::Cable => "loses its network cable",
        }
    }
}

/// The running lab; dropping it removes everything.
pub(super) struct Cluster {
    pub(super) capture: Capture,
    first: Machine,
    second: Machine,
    _client: (Namespace, Pinger),
    switch: Namespace,
    executable: PathBuf,
    base: PathBuf,
}

struct Machine {
    namespace: Namespace,
    directory: PathBuf,
    launch: Launch,
    daemon: Option<Daemon>,
    bus: Option<Bus>,
    _mail: TcpListener,
}

/// A message bus of one router.
struct Bus {
    process: Child,
    address: String,
}

impl Drop for Bus {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Cluster {
    /// Makes the network and starts both daemons.
    pub(super) fn start(example: &Example, executable: &Path) -> Verdict<Self> {
        let base = std::env::temp_dir().join(format!("keepalived-lab-{}", std::process::id()));
        let switch = Namespace::new("switch")?;
        switch.sysctl("ipv6/conf/default/disable_ipv6", "1")?;
        switch.ip(&[
            "link add br0 type bridge mcast_snooping 0 forward_delay 0",
            "link set br0 up",
        ])?;
        let (eth, prefix) = (example.interface.as_str(), example.prefix);
        let first = connect(&switch, Node::A, eth, example.first.address, prefix)?;
        let second = connect(&switch, Node::B, eth, example.second.address, prefix)?;
        let client = connect(&switch, Node::I, "eth0", example.client(), prefix)?;
        let mut ports = Vec::new();
        for node in [Node::A, Node::B, Node::I] {
            ports.push((switch.interface_index(node.port())?, node));
        }
        let capture = Capture::start(&switch, ports)?;
        let pinger = Pinger::start(&client, example.address, Duration::from_millis(10))?;
        let mut cluster = Self {
            capture,
            first: Machine::new(first, &example.first, example, &base)?,
            second: Machine::new(second, &example.second, example, &base)?,
            _client: (client, pinger),
            switch,
            executable: executable.to_owned(),
            base,
        };
        cluster.first.start(&cluster.executable)?;
        cluster.second.start(&cluster.executable)?;
        Ok(cluster)
    }

    /// Makes the first router go away.
    pub(super) fn fail(&mut self, failure: Failure) -> Verdict {
        match failure {
            Failure::Kill => {
                self.switch
                    .ip(&[&format!("link set dev {} nomaster", Node::A.port())])?;
                self.first.daemon = None;
            }
            Failure::Stop => {
                if let Some(daemon) = &self.first.daemon {
                    daemon.signal(15)?;
                }
            }
            Failure::Cable => self.switch.ip(&[&format!("link set dev {} down", Node::A.port())])?,
        }
        Ok(())
    }

    /// Brings the first router back.
    pub(super) fn repair(&mut self, failure: Failure) -> Verdict {
        match failure {
            Failure::Cable => return self.switch.ip(&[&format!("link set dev {} up", Node::A.port())]),
            Failure::Kill => self
                .switch
                .ip(&[&format!("link set dev {} master br0", Node::A.port())])?,
            Failure::Stop => {
                if let Some(daemon) = &mut self.first.daemon {
                    daemon.wait_exit(8.0)?;
                }
            }
        }
        self.first.start(&self.executable)
    }

    /// The namespace of a router.
    pub(super) fn namespace(&self, node: Node) -> &Namespace {
        if node == Node::B {
            &self.second.namespace
        } else {
            &self.first.namespace
        }
    }

    /// Names and paths of the namespaces of the routers.
    pub(super) fn places(&self, example: &Example) -> [(String, String); 2] {
        [
            (example.first.name.clone(), self.first.namespace.path()),
            (example.second.name.clone(), self.second.namespace.path()),
        ]
    }

    /// Address of the first router's message bus.
    pub(super) fn bus(&self) -> Option<&str> {
        self.first.bus.as_ref().map(|bus| bus.address.as_str())
    }

    /// The logs of both daemons.
    pub(super) fn logs(&self) -> String {
        let machines = [&self.first, &self.second];
        machines
            .iter()
            .filter_map(|m| Some(format!("--- {}\n{}", m.directory.display(), m.daemon.as_ref()?.log())))
            .collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.first.daemon = None;
        self.second.daemon = None;
        // Left-over logs in the temporary directory do no harm.
        let _ = std::fs::remove_dir_all(&self.base);
    }
}

impl Machine {
    fn new(namespace: Namespace, router: &Router, example: &Example, base: &Path) -> Verdict<Self> {
        let directory = base.join(&router.name);
        std::fs::create_dir_all(&directory)?;
        let bus = start_bus(&directory)?;
        let path = std::env::var("PATH").unwrap_or_default();
        let mut environment = vec![("PATH".to_owned(), format!("{}:{path}", example.directory.display()))];
        if let Some(bus) = &bus {
            environment.push(("DBUS_SYSTEM_BUS_ADDRESS".to_owned(), bus.address.clone()));
        }
        let mail = namespace.run(|| TcpListener::bind("0.0.0.0:25"))??;
        let launch = Launch {
            config: router.config.clone(),
            environment,
            ..Launch::default()
        };
        Ok(Self {
            namespace,
            directory,
            launch,
            daemon: None,
            bus,
            _mail: mail,
        })
    }

    fn start(&mut self, executable: &Path) -> Verdict {
        self.daemon = Some(Daemon::start(
            executable,
            &self.namespace,
            &self.directory,
            &self.launch,
        )?);
        Ok(())
    }
}

fn connect(
    switch: &Namespace,
    node: Node,
    interface: &str,
    address: std::net::Ipv4Addr,
    prefix: u8,
) -> Verdict<Namespace> {
    let namespace = Namespace::new(node.name())?;
    let (port, path) = (node.port(), namespace.path());
    switch.ip(&[
        &format!("link add {port} type veth peer name {interface} netns {path}"),
        &format!("link set dev {port} master br0 up"),
    ])?;
    namespace.ip(&[
        &format!("link set dev {interface} up"),
        &format!("address add {address}/{prefix} dev {interface}"),
    ])?;
    Ok(namespace)
}

/// Starts a message bus that lets everybody do everything, if the machine has one.
fn start_bus(directory: &Path) -> Verdict<Option<Bus>> {
    if !crate::shell::installed("dbus-daemon") {
        return Ok(None);
    }
    let (socket, config) = (directory.join("bus"), directory.join("bus.conf"));
    let address = format!("unix:path={}", socket.display());
    let text = format!(
        "<busconfig><type>system</type><listen>{address}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
         <allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\"/><allow receive_sender=\"*\"/></policy></busconfig>"
    );
    std::fs::write(&config, text)?;
    let mut command = Command::new("dbus-daemon");
    command
        .arg(format!("--config-file={}", config.display()))
        .args(["--nofork", "--nopidfile"]);
    let process = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let bus = Bus { process, address };
    until(2.0, || socket.exists());
    Ok(Some(bus))
}
