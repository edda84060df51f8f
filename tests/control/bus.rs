//! A private bus.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A `dbus-daemon` that ends with the value.
pub(crate) struct Bus {
    pub(crate) directory: tempfile::TempDir,
    child: Option<Child>,
    policy: String,
}

/// Everybody may do everything.
const OPEN: &str = r#"<policy context="default">
<allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy>"#;

/// What the system bus has before any service's own rules.
const SYSTEM: &str = r#"<policy context="default"><allow user="*"/><deny own="*"/><deny send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/>
<allow receive_type="error"/><allow receive_type="signal"/>
<allow send_destination="org.freedesktop.DBus"/></policy>"#;

impl Bus {
    pub(crate) fn open() -> Self {
        Self::with_policy(OPEN.into())
    }

    /// As the system bus, with the policy that we ship.
    pub(crate) fn like_system() -> Self {
        let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/dbus/org.keepalived.Vrrp1.conf");
        Self::with_policy(format!("{SYSTEM}<include>{ours}</include>"))
    }

    fn with_policy(policy: String) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // Other users must reach the socket.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(directory.path(), open).unwrap();
        let mut bus = Self {
            directory,
            child: None,
            policy,
        };
        bus.start();
        bus
    }

    pub(crate) fn address(&self) -> String {
        format!("unix:path={}/socket", self.directory.path().display())
    }

    pub(crate) fn start(&mut self) {
        let config = self.directory.path().join("bus.conf");
        let text = format!(
            r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>custom</type>
<listen>{}</listen><auth>EXTERNAL</auth>{}</busconfig>"#,
            self.address(),
            self.policy
        );
        fs::write(&config, text).unwrap();
        let child = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .arg("--nofork")
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed");
        self.child = Some(child);
        let socket = self.directory.path().join("socket");
        let end = Instant::now() + Duration::from_secs(10);
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(Instant::now() < end, "the bus did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let _gone = fs::remove_file(self.directory.path().join("socket"));
    }

    /// `busctl` on this bus: what it prints, or its complaint.
    pub(crate) fn busctl(&self, arguments: &[&str]) -> Result<String, String> {
        self.run(&mut Command::new("busctl"), arguments)
    }

    /// `busctl` as the user `nobody`.
    pub(crate) fn busctl_as_nobody(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "busctl"]);
        self.run(&mut command, arguments)
    }

    fn run(&self, command: &mut Command, arguments: &[&str]) -> Result<String, String> {
        let output = command
            .arg(format!("--address={}", self.address()))
            .arg("--no-pager")
            .args(arguments)
            .output()
            .expect("busctl is installed");
        let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
        if output.status.success() {
            Ok(text(output.stdout))
        } else {
            Err(text(output.stderr))
        }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.stop();
    }
}
