//! What a scenario works with: a lab, the daemons it starts there, and the questions it asks about the wire.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::check;
use crate::daemon::{Daemon, Launch, signal_pid, until};
use crate::lab::capture::{Frame, Stamp, expected};
use crate::lab::inject::Forged;
use crate::lab::packet::{Advert, Body};
use crate::lab::{Lab, Node};
use crate::outcome::{Stop, Verdict};
use crate::program::Program;

/// SIGHUP: read the configuration again.
pub const HUP: i32 = 1;
/// SIGTERM: stop in order.
pub const TERM: i32 = 15;

/// One run of one scenario.
#[derive(Debug)]
pub struct Run {
    pub lab: Lab,
    programs: [(Program, PathBuf); 2],
    directory: PathBuf,
    daemons: [Option<Daemon>; 2],
    fifos: [usize; 2],
}

impl Run {
    /// A fresh lab; router A runs the first program, router B the second.
    pub fn new(programs: [Program; 2], directory: &Path) -> Verdict<Self> {
        let path = |program: Program| program.path().map(|path| (program, path)).map_err(Stop::Skip);
        std::fs::create_dir_all(directory)?;
        Ok(Self {
            lab: Lab::new()?,
            programs: [path(programs[0])?, path(programs[1])?],
            directory: directory.to_owned(),
            daemons: [None, None],
            fifos: [0; 2],
        })
    }

    /// Whether router A runs the original: only for what the specification says it does wrong.
    pub fn reference(&self) -> bool {
        self.programs[0].0 == Program::Original
    }

    /// The program that a router runs.
    pub fn program(&self, node: Node) -> Program {
        self.programs[slot(node)].0
    }

    /// The executable that a router runs.
    pub fn executable(&self, node: Node) -> &Path {
        &self.programs[slot(node)].1
    }

    /// The directory of a router's daemon; exists from its first start on.
    pub fn directory(&self, node: Node) -> PathBuf {
        self.directory.join(node.name())
    }

    /// Starts a router's daemon with the usual arguments.
    pub fn start(&mut self, node: Node, config: &str) -> Verdict {
        self.launch(
            node,
            &Launch {
                config: config.to_owned(),
                ..Launch::default()
            },
        )
    }

    /// Starts a router's daemon in a particular way.
    pub fn launch(&mut self, node: Node, launch: &Launch) -> Verdict {
        let directory = self.directory(node);
        let executable = self.executable(node).to_owned();
        self.daemons[slot(node)] = Some(Daemon::start(&executable, self.lab.node(node), &directory, launch)?);
        Ok(())
    }

    /// A router's daemon.
    pub fn daemon(&mut self, node: Node) -> Verdict<&mut Daemon> {
        self.daemons[slot(node)]
            .as_mut()
            .ok_or_else(|| Stop::Fail(format!("no daemon was started on {}", node.name())))
    }

    /// Sends SIGTERM and waits for the end; returns the exit status.
    pub fn stop(&mut self, node: Node) -> Verdict<i32> {
        self.daemon(node)?.signal(TERM)?;
        let status = self.daemon(node)?.wait_exit(8.0)?;
        status
            .code()
            .ok_or_else(|| Stop::Fail(format!("the daemon on {} ended with {status}", node.name())))
    }

    /// Ends a router as a power failure would: no process of it gets to say anything.
    pub fn kill(&mut self, node: Node) -> Verdict {
        self.lab.isolate(node, true)?;
        self.daemons[slot(node)] = None;
        Ok(())
    }

    /// Sends a signal by number to the parent process of a router's daemon.
    pub fn signal(&mut self, node: Node, number: i32) -> Verdict {
        self.daemon(node)?.signal(number)
    }

    /// Sends a signal to every process of a router's daemon that a scenario may want to stop or continue.
    pub fn signal_worker(&mut self, node: Node, number: i32) -> Verdict {
        signal_pid(self.daemon(node)?.vrrp_pid()?, number)
    }

    /// Writes a new configuration and asks for a reload. Returns the moment just before the signal.
    pub fn reload(&mut self, node: Node, config: &str) -> Verdict<Stamp> {
        self.daemon(node)?.rewrite(config)?;
        let moment = Stamp::now();
        self.signal(node, HUP)?;
        Ok(moment)
    }

    /// Injects a forged advert.
    pub fn inject(&self, forged: &Forged) -> Verdict {
        self.lab.injector.send(&forged.packet())
    }

    /// Injects the same advert every `period` seconds, `times` times, the first now; ends right after the last.
    pub fn inject_each(&self, period: f64, times: usize, forged: &Forged) -> Verdict {
        let packet = forged.packet();
        let begin = std::time::Instant::now();
        for i in 0..times {
            let due = begin + Duration::from_secs_f64(period * i as f64);
            std::thread::sleep(due.saturating_duration_since(std::time::Instant::now()));
            self.lab.injector.send(&packet)?;
        }
        Ok(())
    }

    /// Waits for a frame that matches.
    pub fn wait(&self, since: Stamp, limit: f64, what: &str, matches: impl Fn(&Frame) -> bool) -> Verdict<Frame> {
        expected(self.lab.capture.wait(since, limit, matches), what, limit)
    }

    /// Waits for a router's next advert.
    pub fn wait_advert(&self, node: Node, since: Stamp, limit: f64) -> Verdict<Frame> {
        let what = format!("an advert of {}", node.name());
        self.wait(since, limit, &what, |frame| advert_of(frame, node).is_some())
    }

    /// Waits for a router's next advert of one priority.
    pub fn wait_priority(&self, node: Node, priority: u8, since: Stamp, limit: f64) -> Verdict<Frame> {
        let what = format!("an advert of {} with priority {priority}", node.name());
        self.wait(since, limit, &what, |frame| {
            advert_of(frame, node).is_some_and(|a| a.priority == priority)
        })
    }

    /// Waits for the first membership report of a router for a VRRP group: the first sign of life of a new router.
    pub fn wait_join(&self, node: Node, since: Stamp, limit: f64) -> Verdict<Frame> {
        self.wait(since, limit, "a membership report", |frame| {
            frame.from == node && is_membership(frame, false)
        })
    }

    /// All adverts of a router since a moment.
    pub fn adverts(&self, node: Node, since: Stamp) -> Vec<Frame> {
        self.lab
            .capture
            .frames(since)
            .into_iter()
            .filter(|frame| advert_of(frame, node).is_some())
            .collect()
    }

    /// Fails if a router sends an advert from `since` to the end of the next `quiet` seconds.
    pub fn expect_silence(&self, node: Node, since: Stamp, quiet: f64) -> Verdict {
        let heard = self
            .lab
            .capture
            .wait(since, quiet, |frame| advert_of(frame, node).is_some());
        match heard {
            Some(frame) => Err(Stop::Fail(format!(
                "{} sent an advert {:.3} s after it should have kept silent: {:?}",
                node.name(),
                frame.at.since(since),
                frame.body
            ))),
            None => Ok(()),
        }
    }

    /// Waits until a machine has an address (or has it no more).
    pub fn wait_address(&self, node: Node, address: &str, present: bool, limit: f64) -> Verdict {
        let address: IpAddr = address
            .parse()
            .map_err(|_| Stop::Fail(format!("{address} is no address")))?;
        let as_wanted = until(limit, || {
            self.lab.has_address(node, address).is_ok_and(|has| has == present)
        });
        let which = if present { "not present" } else { "still present" };
        check!(as_wanted, "{address} is {which} on {} after {limit} s", node.name());
        Ok(())
    }

    /// Lets time pass.
    pub fn pause(&self, seconds: f64) {
        std::thread::sleep(Duration::from_secs_f64(seconds));
    }

    /// How often instance V1 of a router has entered a state so far, by its log.
    pub fn entered(&mut self, node: Node, state: &str) -> Verdict<usize> {
        Ok(self
            .daemon(node)?
            .log()
            .matches(&format!("(V1) Entering {state} STATE"))
            .count())
    }

    /// Waits until V1 has entered a state more than `times` times; returns when the log said so.
    pub fn wait_state(&mut self, node: Node, state: &str, times: usize, limit: f64) -> Verdict<Stamp> {
        self.daemon(node)?
            .wait_log(&format!("(V1) Entering {state} STATE"), times, limit)
    }

    /// Makes a FIFO in the directory of a router's daemon and reads it from now on; give its path as `@DIR@/NAME`.
    pub fn open_fifo(&mut self, node: Node, name: &str) -> Verdict<crate::fifo::Fifo> {
        let directory = self.directory(node);
        std::fs::create_dir_all(&directory)?;
        self.fifos[slot(node)] += 1;
        crate::fifo::Fifo::make(&directory.join(name))
    }

    /// One statistics counter of instance V1.
    pub fn counter(&mut self, node: Node, name: &str) -> Verdict<u64> {
        let all = self.daemon(node)?.statistics("V1")?;
        all.get(name)
            .copied()
            .ok_or_else(|| Stop::Fail(format!("no counter {name} in {all:?}")))
    }

    /// The ends of all logs and of the capture, for the report of a failure.
    pub fn evidence(&mut self) -> String {
        let mut text = String::new();
        for node in [Node::A, Node::B] {
            let path = self.directory(node).join("log");
            let Ok(log) = std::fs::read(&path) else { continue };
            let log = String::from_utf8_lossy(&log).into_owned();
            let lines: Vec<&str> = log.lines().collect();
            let first = lines.len().saturating_sub(40);
            text += &format!("    --- log of {} ({} lines)\n", node.name(), lines.len());
            for line in &lines[first..] {
                text += &format!("    | {line}\n");
            }
        }
        let frames = self.lab.capture.frames(Stamp::now().minus(15.0));
        let first = frames.len().saturating_sub(60);
        text += "    --- the wire\n";
        for frame in &frames[first..] {
            text += &format!(
                "    | {:+9.4} {} {}\n",
                frame.at.since(Stamp::now()),
                frame.from.name(),
                brief(&frame.body)
            );
        }
        text
    }
}

/// The advert in a frame, if a router sent it.
pub fn advert_of(frame: &Frame, node: Node) -> Option<&Advert> {
    match &frame.body {
        Body::Advert(advert) if frame.from == node => Some(advert),
        _ => None,
    }
}

/// The advert in a frame.
pub fn advert(frame: &Frame) -> Verdict<&Advert> {
    match &frame.body {
        Body::Advert(advert) => Ok(advert),
        other => Err(Stop::Fail(format!("not an advert: {other:?}"))),
    }
}

/// Whether a frame reports (or leaves) a VRRP group.
pub fn is_membership(frame: &Frame, leave: bool) -> bool {
    use crate::lab::inject::{GROUP4, GROUP6};
    let ours = |group: &IpAddr| *group == IpAddr::V4(GROUP4) || *group == IpAddr::V6(GROUP6);
    matches!(&frame.body, Body::Group(group) if group.leave == leave && group.groups.iter().any(ours))
}

/// Whether a frame announces an IPv4 address by gratuitous ARP.
pub fn is_garp(frame: &Frame, node: Node, address: &str) -> bool {
    matches!(&frame.body, Body::Arp(arp) if frame.from == node && arp.is_gratuitous() && arp.sender.to_string() == address)
}

fn slot(node: Node) -> usize {
    usize::from(node == Node::B)
}

fn brief(body: &Body) -> String {
    match body {
        Body::Advert(a) => format!(
            "advert v{} vrid {} priority {} {} cs {} > {} ttl {} {:?}{}",
            a.version,
            a.vrid,
            a.priority,
            a.interval_cs,
            a.source,
            a.destination,
            a.ttl,
            a.addresses,
            if a.checksum_good { "" } else { " BAD SUM" }
        ),
        Body::Other => "other".to_owned(),
        other => format!("{other:?}"),
    }
}
