//! One qemu with an emulated processor, and the two lines that lead out of it: results, and cables.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::directory;

/// A machine to be booted.
pub(super) struct Machine {
    pub(super) kernel: PathBuf,
    pub(super) initramfs: PathBuf,
    /// Whether it has emulated cards (e1000) besides what its kernel makes itself.
    pub(super) real_card: bool,
    /// After this time it is switched off.
    pub(super) limit: Duration,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Report {
    /// Everything that was printed in the machine.
    pub(super) text: String,
    /// Exit status of what it ran, if it got that far.
    pub(super) status: Option<i32>,
    /// Seconds from the start of its kernel to the start of what it ran.
    pub(super) booted: Option<f64>,
    timed_out: bool,
}

impl Report {
    /// Why it is no success.
    pub(super) fn failure(&self) -> String {
        let console = directory().join("console");
        let errors = std::fs::read_to_string(directory().join("qemu")).unwrap_or_default();
        match (self.status, self.timed_out, self.booted) {
            (Some(status), ..) => format!("what ran in the machine ended with status {status}"),
            (None, true, _) => format!("the time limit has passed; its console is in {}", console.display()),
            (None, false, None) => {
                format!(
                    "the machine did not come up; its console is in {}; {}",
                    console.display(),
                    errors.trim()
                )
            }
            (None, false, Some(_)) => format!("the machine went down; its console is in {}", console.display()),
        }
    }
}

/// A line from the machine, or the end of one of its lines.
enum Event {
    Line(String),
    Closed,
}

impl Machine {
    /// Boots it, shows what it prints, and returns when it has switched itself off or the limit has passed.
    pub(super) fn run(&self) -> Result<Report, String> {
        let deadline = Instant::now() + self.limit;
        let (results, cables) = (Socket::listen("results")?, Socket::listen("cables")?);
        let mut guard = Running(self.start(&results.path, &cables.path)?);
        let monitor = guard.0.stdin.take();
        let (send, events) = mpsc::channel();
        for (socket, is_result) in [(results, true), (cables, false)] {
            let send = send.clone();
            let monitor = if is_result {
                None
            } else {
                monitor.as_ref().and_then(duplicate)
            };
            std::thread::spawn(move || match monitor {
                Some(monitor) => switch_cables(&socket, monitor),
                None if is_result => forward(&socket, &send),
                None => {}
            });
        }
        let report = collect(&events, deadline, || matches!(guard.0.try_wait(), Ok(None)));
        if !report.timed_out {
            guard.settle();
        }
        Ok(report)
    }

    fn start(&self, results: &Path, cables: &Path) -> Result<Child, String> {
        let console = directory().join("console");
        let mut append =
            "console=ttyS0 quiet loglevel=4 panic=-1 net.ifnames=0 random.trust_cpu=on mitigations=off".to_owned();
        append += if self.real_card { " vm.card" } else { "" };
        let mut command = Command::new("qemu-system-x86_64");
        // KVM is never asked for: a device that opens is no proof that a kernel boots with it.
        command.args(["-accel", "tcg,thread=single,tb-size=256", "-M", "q35"]);
        // The machine's time is counted in instructions, and skipped where it has nothing to do: what it measures does not
        // depend on what else this system does, and waiting costs nothing.
        command.args(["-icount", "shift=0,sleep=off", "-rtc", "clock=vm"]);
        command.args(["-cpu", "qemu64,+rdrand", "-smp", "1", "-m", "1024"]);
        command.args([
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-no-reboot",
            "-nic",
        ]);
        command.arg("none");
        command
            .arg("-kernel")
            .arg(&self.kernel)
            .arg("-initrd")
            .arg(&self.initramfs)
            .args(["-append", &append]);
        command.args(["-serial", &format!("file:{}", console.display())]);
        command.args(["-chardev", "stdio,id=monitor,signal=off", "-mon", "chardev=monitor"]);
        command.args(["-device", "virtio-serial-pci"]);
        for (number, name, path) in [(1, "results", results), (2, "cables", cables)] {
            command.args(["-chardev", &format!("socket,id={name},path={}", path.display())]);
            command.args([
                "-device",
                &format!("virtserialport,chardev={name},name={name},nr={number}"),
            ]);
        }
        if self.real_card {
            for card in ["card0", "card1"] {
                command.args(["-netdev", &format!("hubport,id={card},hubid=0")]);
                command.args(["-device", &format!("e1000,netdev={card},id={card}-device,romfile=")]);
            }
        }
        let errors = File::create(directory().join("qemu"));
        let errors = errors.map_err(|error| format!("failed to make the log of qemu: {error}"))?;
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(errors);
        command
            .spawn()
            .map_err(|error| format!("failed to start qemu-system-x86_64: {error}"))
    }
}

/// The process; it ends with this value.
struct Running(Child);

impl Running {
    /// Waits a little for an end of its own accord.
    fn settle(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Errors mean that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A socket that qemu connects one of the machine's lines to.
struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    fn listen(name: &str) -> Result<Self, String> {
        // Names of sockets are short and checkouts may lie deep: relative to where qemu is started, which is here.
        let here = std::env::current_dir().map_err(|error| format!("failed to find the working directory: {error}"))?;
        let absolute = directory().join(name);
        let path = absolute.strip_prefix(&here).map_or(absolute.clone(), Path::to_owned);
        let _ = std::fs::remove_file(&path); // left by a run that was interrupted
        let listener =
            UnixListener::bind(&path).map_err(|error| format!("failed to listen at {}: {error}", path.display()))?;
        Ok(Self { listener, path })
    }

    fn accept(&self) -> Option<UnixStream> {
        self.listener.accept().ok().map(|(stream, _)| stream)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn duplicate(monitor: &ChildStdin) -> Option<File> {
    use std::os::fd::AsFd;
    monitor.as_fd().try_clone_to_owned().ok().map(File::from)
}

/// Hands on what the machine prints, line by line.
fn forward(socket: &Socket, events: &mpsc::Sender<Event>) {
    if let Some(stream) = socket.accept() {
        for line in lines(stream) {
            if events.send(Event::Line(line)).is_err() {
                return; // nobody waits any more
            }
        }
    }
    let _ = events.send(Event::Closed);
}

/// Obeys lines `card0 off` and `card0 on` of the machine: the cable of an emulated card is outside of it.
fn switch_cables(socket: &Socket, mut monitor: File) {
    let Some(stream) = socket.accept() else { return };
    for line in lines(stream) {
        if let Some(command) = cable_command(&line) {
            // A machine that has gone has no cables to pull.
            let _ = monitor.write_all(command.as_bytes());
        }
    }
}

fn cable_command(line: &str) -> Option<String> {
    let (card, state) = line.split_once(' ')?;
    let known = matches!(card, "card0" | "card1") && matches!(state, "on" | "off");
    known.then(|| format!("set_link {card}-device {state}\n"))
}

fn lines(stream: impl Read) -> impl Iterator<Item = String> {
    let lines = BufReader::new(stream).split(b'\n').map_while(Result::ok);
    lines.map(|line| String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
}

/// Shows and keeps what comes until the machine is through, gone or late.
fn collect(events: &Receiver<Event>, deadline: Instant, mut alive: impl FnMut() -> bool) -> Report {
    let mut report = Report::default();
    while report.status.is_none() {
        let left = deadline.saturating_duration_since(Instant::now());
        match events.recv_timeout(left.min(Duration::from_millis(500))) {
            Ok(Event::Line(line)) if mark(&line, &mut report) => {}
            Ok(Event::Line(line)) => {
                println!("{line}");
                report.text += &line;
                report.text.push('\n');
            }
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                report.timed_out = true;
                break;
            }
            // A qemu that ends before it has opened its lines closes none.
            Err(RecvTimeoutError::Timeout) if alive() => {}
            Ok(Event::Closed) | Err(_) => break,
        }
    }
    report
}

/// Whether a line is of process 1 and not of what it runs.
fn mark(line: &str, report: &mut Report) -> bool {
    if let Some(seconds) = line.strip_prefix("@@up ") {
        report.booted = seconds.parse().ok();
        return true;
    }
    if let Some(status) = line.strip_prefix("@@exit ") {
        report.status = status.parse().ok();
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_not_results() {
        let mut report = Report::default();
        assert!(mark("@@up 2.51", &mut report));
        assert!(!mark("pass     A1/ours", &mut report));
        assert!(mark("@@exit 1", &mut report));
        assert_eq!((report.booted, report.status), (Some(2.51), Some(1)));
    }

    #[test]
    fn only_cables_are_switched_from_inside() {
        assert_eq!(
            cable_command("card0 off").as_deref(),
            Some("set_link card0-device off\n")
        );
        assert_eq!(cable_command("card0 off; quit"), None);
        assert_eq!(cable_command("quit"), None);
    }

    #[test]
    fn a_machine_that_goes_down_is_noticed() {
        let (send, events) = mpsc::channel();
        let _ = send.send(Event::Line("half".to_owned()));
        let _ = send.send(Event::Closed);
        let report = collect(&events, Instant::now() + Duration::from_secs(5), || true);
        assert_eq!((report.text.as_str(), report.status), ("half\n", None));
        assert!(report.failure().contains("did not come up"));
    }

    #[test]
    fn a_machine_that_never_starts_is_not_waited_for() {
        let (_send, events) = mpsc::channel();
        let report = collect(&events, Instant::now() + Duration::from_secs(60), || false);
        assert!(!report.timed_out && report.status.is_none());
    }

    #[test]
    fn the_limit_ends_it() {
        let (_send, events) = mpsc::channel();
        let report = collect(&events, Instant::now() + Duration::from_millis(20), || true);
        assert!(report.timed_out);
        assert!(report.failure().contains("time limit"));
    }
}
