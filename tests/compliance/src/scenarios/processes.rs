//! Tracked processes.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::Scenario;
use crate::daemon::Launch;
use crate::fifo::Fifo;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Stop, Verdict, within};
use crate::run::Run;
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[Scenario::each(
    "A38",
    "processes",
    7,
    "tracked processes: programs count at once, ends after terminate_delay; weight 0 means FAULT",
    a38,
)
.needs_root()];

/// Processes that only this scenario starts; they end with it.
struct Sleepers {
    argument: String,
    running: Vec<Child>,
}

impl Sleepers {
    fn start(&mut self) -> Verdict<Stamp> {
        let moment = Stamp::now();
        let child = Command::new("/bin/sleep")
            .arg(&self.argument)
            .stdin(Stdio::null())
            .spawn()?;
        self.running.push(child);
        Ok(moment)
    }

    fn end(&mut self) -> Verdict<Stamp> {
        let moment = Stamp::now();
        if let Some(mut child) = self.running.pop() {
            child.kill()?;
            child.wait()?;
        }
        Ok(moment)
    }
}

impl Drop for Sleepers {
    fn drop(&mut self) {
        for child in &mut self.running {
            // It has ended already, or ends now.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A name for A's namespace, as `net_namespace` wants one.
struct Named(PathBuf);

impl Named {
    fn new(run: &Run, name: &str) -> Verdict<Self> {
        std::fs::create_dir_all("/run/netns")?;
        let path = PathBuf::from("/run/netns").join(name);
        std::os::unix::fs::symlink(run.lab.node(A).path(), &path)?;
        Ok(Self(path))
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        // Nothing is left to do about a link that is gone.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Starts A's daemon in the first network namespace, where process events are, with `net_namespace`.
fn start(run: &mut Run, name: &str, config: &str) -> Verdict {
    let launch = Launch {
        config: format!("net_namespace {name}\n{config}"),
        wrapper: ["nsenter", &format!("--net=/proc/{}/ns/net", std::process::id()), "--"]
            .map(str::to_owned)
            .to_vec(),
        ..Launch::default()
    };
    run.launch(A, &launch)
}

fn near(what: &str, fifo: &Fifo, line: &str, since: Stamp, least: f64, most: f64) -> Verdict {
    let at = fifo.wait(line, since, most + 1.0)?;
    within(what, at.since(since), least, most)
}

fn a38(run: &mut Run) -> Verdict {
    let unique = format!("{}{}", std::process::id(), if run.reference() { 1 } else { 2 });
    let name = format!("compliance-{unique}");
    let _named = Named::new(run, &name)?;
    let mut sleepers = Sleepers {
        argument: format!("7{unique}"),
        running: Vec::new(),
    };
    let process = |name: &str, options: &str| {
        let argument = &sleepers.argument;
        format!("vrrp_track_process {name} {{\nprocess /bin/sleep {argument}\n{options}\n}}\n")
    };
    let config = format!(
        "global_defs {{\nvrrp_notify_fifo @DIR@/fifo\nvrrp_notify_priority_changes yes\n}}\n{}{}{}",
        process("two", "quorum 2\nweight 10\ndelay 1"),
        process("one", "weight 0"),
        instance(
            "version 3\nadvert_int 0.2\npriority 100\ntrack_process {\ntwo\none\n}",
            VIP
        )
    );
    let fifo = run.open_fifo(A, "fifo")?;
    let begin = Stamp::now();
    start(run, &name, &config)?;
    fifo.wait("INSTANCE \"V1\" FAULT 100", begin, 3.0)?;
    run.pause(0.3);
    let log = run.daemon(A)?.log();
    if log.contains("process event listen - errno") || log.contains("does not tell of processes") {
        return Err(Stop::Skip(
            "process events exist in the first network namespace only".to_owned(),
        ));
    }
    let log = run.daemon(A)?.log();
    if log.contains("process event listen - errno") || log.contains("does not tell of processes") {
        return Err(Stop::Skip(
            "process events exist in the first network namespace only".to_owned(),
        ));
    }

    let first = sleepers.start()?;
    near(
        "BACKUP after the program began",
        &fifo,
        "INSTANCE \"V1\" BACKUP 100",
        first,
        0.0,
        0.05,
    )?;
    fifo.wait("INSTANCE \"V1\" MASTER 100", first, 2.0)?;
    let second = sleepers.start()?;
    let raised = "INSTANCE \"V1\" MASTER_PRIORITY 110";
    near("the quorum of two", &fifo, raised, second, 0.0, 0.05)?;
    run.wait_priority(A, 110, second, 0.4)?;
    run.pause(0.3);

    // One ends and another begins within the delay: nobody hears of it.
    sleepers.end()?;
    run.pause(0.4);
    let again = sleepers.start()?;
    run.pause(1.2);
    let lowered = "INSTANCE \"V1\" MASTER_PRIORITY 100";
    let told = fifo.lines().into_iter().filter(|(at, _)| *at >= again).count();
    crate::outcome::same("lines after a restart within the delay", told, 0)?;

    let ended = sleepers.end()?;
    near(
        "the quorum is lost after terminate_delay",
        &fifo,
        lowered,
        ended,
        0.97,
        1.08,
    )?;
    let ended = sleepers.end()?;
    near(
        "FAULT after the last end",
        &fifo,
        "INSTANCE \"V1\" FAULT 100",
        ended,
        0.0,
        0.05,
    )?;
    run.wait_priority(A, 0, ended, 0.3)?;
    Ok(())
}
