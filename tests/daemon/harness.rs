//! Starting and watching one daemon.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, geteuid},
};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_keepalived");
/// Longer than anything takes that is going to happen at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One instance on the interface that [`Place::start`] makes.
pub(crate) const ONE_INSTANCE: &str = "vrrp_instance VI_1 {
    interface veth0
    virtual_router_id 51
    priority 100
    advert_int 0.1
    version 3
    virtual_ipaddress {
        10.9.0.100/24
    }
}
";

/// False, with a word why, without root.
pub(crate) fn is_root() -> bool {
    let root = geteuid().is_root();
    if !root {
        println!("SKIP: needs root");
    }
    root
}

/// Runs the binary to its end, outside of any namespace.
pub(crate) fn output(arguments: &[&str]) -> Output {
    Command::new(BINARY).args(arguments).output().unwrap()
}

/// A directory with a configuration and everything that a daemon writes.
pub(crate) struct Place {
    pub(crate) dir: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new(config: &str) -> Self {
        let place = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        place.configure(config);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn configure(&self, config: &str) {
        fs::write(self.path("keepalived.conf"), config).unwrap();
    }

    /// A script that others than root cannot change; gives its path.
    pub(crate) fn script(&self, name: &str, body: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Options that keep all files in this directory.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let file = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let pairs = [
            ("-f", "keepalived.conf"),
            ("-p", "parent.pid"),
            ("-r", "vrrp.pid"),
            ("-c", "checkers.pid"),
            ("-b", "bfd.pid"),
        ];
        pairs
            .into_iter()
            .flat_map(|(option, name)| [option.to_owned(), file(name)])
            .collect()
    }

    /// The command that runs the daemon in a network namespace of its own with `veth0` (10.9.0.1/24) up.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let setup = "ip link set lo up && ip link add veth0 type veth peer name veth1 && ip address add 10.9.0.1/24 dev veth0 \
                     && ip link set veth1 up && ip link set veth0 up && exec \"$0\" \"$@\"";
        let mut command = Command::new("unshare");
        command
            .args(["-n", "sh", "-c", setup, BINARY])
            .args(self.arguments())
            .args(more);
        command
            .env("TMPDIR", self.dir.path())
            .env_remove("NOTIFY_SOCKET")
            .env_remove("JOURNAL_STREAM");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.path("log")).unwrap());
        command
    }

    /// Starts it in the foreground with its log in a file.
    pub(crate) fn start(self, more: &[&str]) -> Daemon {
        self.start_with(more, |_| {})
    }

    pub(crate) fn start_with(self, more: &[&str], prepare: impl FnOnce(&mut Command)) -> Daemon {
        let mut command = self.command(&[&["-n", "-l", "-D", "-G"], more].concat());
        prepare(&mut command);
        let child = command.spawn().unwrap();
        Daemon { child, place: self }
    }
}

/// A daemon in the foreground; killed with all its workers when dropped.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) place: Place,
}

impl Daemon {
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.place.path("log")).unwrap()
    }

    /// Waits until the log has `text` `count` times.
    pub(crate) fn wait_for_nth(&self, text: &str, count: usize) {
        wait_until(
            &format!("{count} times {text:?}"),
            || self.log(),
            |log| log.matches(text).count() >= count,
        );
    }

    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_for_nth(text, 1);
    }

    pub(crate) fn ready(self) -> Self {
        self.wait_for("Startup complete");
        self
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    /// The process id in a pid file of this place.
    pub(crate) fn pid_in(&self, name: &str) -> Pid {
        pid_in(&self.place.path(name)).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "it does not end:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it with SIGTERM.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        self.ended()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Workers follow: they are told of the death of their parent.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

pub(crate) fn pid_in(path: &Path) -> Option<Pid> {
    Some(Pid::from_raw(fs::read_to_string(path).ok()?.trim().parse().ok()?))
}

pub(crate) fn is_alive(pid: Pid) -> bool {
    // A process that has ended and waits for its parent is not alive.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| !rest.trim_start().starts_with('Z'))
    })
}

/// Polls `look` until `done`.
pub(crate) fn wait_until<T: std::fmt::Display>(what: &str, look: impl Fn() -> T, done: impl Fn(&T) -> bool) {
    let begin = Instant::now();
    loop {
        let seen = look();
        if done(&seen) {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "waited in vain for {what}:\n{seen}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
