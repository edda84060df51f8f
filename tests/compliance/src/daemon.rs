//! One running daemon: started in a namespace, watched through its log, its files and its exit status.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::lab::capture::Stamp;
use crate::lab::namespace::Namespace;
use crate::outcome::{Stop, Verdict};
use crate::{check, fail};

/// How a daemon is started.
#[derive(Debug, Clone, Default)]
pub struct Launch {
    /// The configuration; `@DIR@` stands for the daemon's own directory.
    pub config: String,
    /// Arguments after the usual ones.
    pub args: Vec<String>,
    /// Leaves out the usual arguments except the configuration file.
    pub bare: bool,
    /// Variables of the environment; `@DIR@` is replaced here too.
    pub environment: Vec<(String, String)>,
    /// Words before the program: a wrapper that ends by executing it.
    pub wrapper: Vec<String>,
}

/// A daemon and the directory with its configuration, log, pid files and dumps.
#[derive(Debug)]
pub struct Daemon {
    directory: PathBuf,
    child: Child,
    exited: Option<ExitStatus>,
}

impl Daemon {
    /// Starts a program in a namespace. `directory` is made if it does not exist.
    pub fn start(program: &Path, namespace: &Namespace, directory: &Path, launch: &Launch) -> Verdict<Self> {
        std::fs::create_dir_all(directory.join("tmp"))?;
        let daemon_log = File::options()
            .append(true)
            .create(true)
            .mode(0o644)
            .open(directory.join("log"))?;
        write_config(directory, &launch.config)?;
        // The kernel ends the daemon when the thread of its namespace ends, however that comes about.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "TERM", "--"])
            .args(&launch.wrapper)
            .arg(program);
        command.args(arguments(directory, launch));
        command.env("TMPDIR", directory.join("tmp")).env_remove("NOTIFY_SOCKET");
        for (name, value) in &launch.environment {
            command.env(name, value.replace("@DIR@", &directory.to_string_lossy()));
        }
        command
            .stdin(Stdio::null())
            .stdout(daemon_log.try_clone()?)
            .stderr(daemon_log)
            .process_group(0);
        let child = namespace.run(move || command.spawn())??;
        Ok(Self {
            directory: directory.to_owned(),
            child,
            exited: None,
        })
    }

    /// The process id of the parent process.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap_or(0)
    }

    /// The process id of the VRRP process, from its pid file.
    pub fn vrrp_pid(&self) -> Verdict<i32> {
        let text = std::fs::read_to_string(self.directory.join("vrrp.pid"))?;
        text.trim()
            .parse()
            .map_err(|_| Stop::Fail(format!("vrrp.pid holds {text:?}")))
    }

    /// The daemon's own directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.directory.join("log")).unwrap_or_default()).into_owned()
    }

    /// Waits until the log holds `needle` more than `times` times; returns when that was noticed.
    pub fn wait_log(&self, needle: &str, times: usize, limit: f64) -> Verdict<Stamp> {
        let found = until(limit, || self.log().matches(needle).count() > times);
        check!(found, "{needle:?} not logged (again) within {limit} s");
        Ok(Stamp::now())
    }

    /// Sends a signal by number to the parent process.
    pub fn signal(&self, number: i32) -> Verdict {
        signal_pid(self.pid(), number)
    }

    /// Whether the parent process still runs.
    pub fn alive(&mut self) -> Verdict<bool> {
        if self.exited.is_none() {
            self.exited = self.child.try_wait()?;
        }
        Ok(self.exited.is_none())
    }

    /// Waits for the end of the parent process.
    pub fn wait_exit(&mut self, limit: f64) -> Verdict<ExitStatus> {
        let deadline = Instant::now() + Duration::from_secs_f64(limit);
        while self.alive()? {
            check!(Instant::now() < deadline, "the daemon still runs after {limit} s");
            std::thread::sleep(Duration::from_millis(2));
        }
        self.exited
            .ok_or_else(|| Stop::Fail("the daemon has no exit status".to_owned()))
    }

    /// Replaces the configuration file; takes effect with the next SIGHUP.
    pub fn rewrite(&self, config: &str) -> Verdict {
        write_config(&self.directory, config)
    }

    /// A file in its temporary directory, written because of a signal. Waits for a new one.
    pub fn dump(&self, name: &str, signal: i32) -> Verdict<String> {
        let path = self.directory.join("tmp").join(name);
        if path.exists() {
            std::fs::remove_file(&path)?;
        }
        self.signal(signal)?;
        let complete = || std::fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n'));
        check!(until(3.0, complete), "{name} not written within 3 s of signal {signal}");
        // A file that is written in place is read again once it no longer grows.
        let mut text = std::fs::read_to_string(&path)?;
        loop {
            std::thread::sleep(Duration::from_millis(60));
            let again = std::fs::read_to_string(&path)?;
            if again == text {
                return Ok(text);
            }
            text = again;
        }
    }

    /// The statistics of one instance: `Section/Name` to value, `Name` where there is no section.
    pub fn statistics(&self, instance: &str) -> Verdict<BTreeMap<String, u64>> {
        let text = self.dump("keepalived.stats", 12)?;
        let mut all = BTreeMap::new();
        let (mut ours, mut section) = (false, String::new());
        for line in text.lines() {
            let depth = line.len() - line.trim_start().len();
            let Some((name, value)) = line.trim().split_once(':') else {
                continue;
            };
            match (depth, value.trim()) {
                (0, value) => ours = value == instance,
                (2, "") => name.clone_into(&mut section),
                (2, value) if ours => drop(all.insert(name.to_owned(), number(value)?)),
                (_, value) if ours => drop(all.insert(format!("{section}/{name}"), number(value)?)),
                _ => {}
            }
        }
        if all.is_empty() {
            fail!("keepalived.stats has no instance {instance}: {text}");
        }
        Ok(all)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let worker = self.vrrp_pid();
        // Errors mean that it is gone already, which is what is wanted.
        let _ = killpg(Pid::from_raw(self.pid()), Signal::SIGKILL);
        if let Ok(pid) = worker {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

/// Sends a signal by number, real-time signals included.
pub fn signal_pid(pid: i32, number: i32) -> Verdict {
    let sent = Command::new("kill")
        .arg(format!("-{number}"))
        .arg(pid.to_string())
        .output()?;
    check!(
        sent.status.success(),
        "cannot send signal {number} to {pid}: {}",
        String::from_utf8_lossy(&sent.stderr)
    );
    Ok(())
}

/// Polls a condition for up to `limit` seconds.
pub fn until(limit: f64, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs_f64(limit);
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn arguments(directory: &Path, launch: &Launch) -> Vec<String> {
    let file = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let mut all: Vec<String> = Vec::new();
    if !launch.bare {
        all.extend(["-n", "-l", "-D", "-G", "-P"].map(str::to_owned));
        all.extend([
            "-p".to_owned(),
            file("pid"),
            "-r".to_owned(),
            file("vrrp.pid"),
            "-b".to_owned(),
            file("bfd.pid"),
        ]);
    }
    all.extend(["-f".to_owned(), file("keepalived.conf")]);
    all.extend(
        launch
            .args
            .iter()
            .map(|arg| arg.replace("@DIR@", &directory.to_string_lossy())),
    );
    all
}

fn write_config(directory: &Path, config: &str) -> Verdict {
    let text = config.replace("@DIR@", &directory.to_string_lossy());
    Ok(std::fs::write(directory.join("keepalived.conf"), text)?)
}

fn number(text: &str) -> Verdict<u64> {
    text.parse()
        .map_err(|_| Stop::Fail(format!("a counter reads {text:?}")))
}
