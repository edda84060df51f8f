//! Runs the tracked scripts on their schedule (`vrrp.md` 8.4).

use std::{
    collections::{BTreeSet, HashMap},
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
    sync::Arc,
};

use keepalived_linux::script::{Event, InvalidScript, Script, ScriptId, Scripts};
use keepalived_model::{
    script::{Command, TrackScript},
    time::{Instant, Micros},
};
use keepalived_vrrp::TrackerId;

const SIGTERM: i32 = 15;
const SIGKILL: i32 = 9;
/// From SIGTERM to SIGKILL.
const KILL_AFTER: Micros = Micros::from_secs(2);
/// Between repeated SIGKILLs of something that does not die.
const KILL_AGAIN: Micros = Micros::from_secs(10);

/// What one run has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vrrp) enum Verdict {
    /// Exit status.
    Exited(i32),
    /// Death by a signal that was not ours.
    Signalled(i32),
    /// It had to be ended.
    TimedOut,
    /// It could not be started, or its status was lost.
    Lost,
}

impl Verdict {
    /// Only exit status 0 is success.
    pub(in crate::vrrp) const fn good(self) -> bool {
        matches!(self, Self::Exited(0))
    }
}

/// The words of `VRRP_Script(NAME) ...`.
impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exited(0) => f.write_str("succeeded"),
            Self::Exited(status) => write!(f, "failed (exited with status {status})"),
            Self::Signalled(signal) => write!(f, "failed (due to signal {signal})"),
            Self::TimedOut => f.write_str("timed_out"),
            Self::Lost => f.write_str("failed (could not be run)"),
        }
    }
}

/// Something to act upon or to write down.
#[derive(Debug)]
pub(in crate::vrrp) enum Report {
    /// A run ended.
    Result(TrackerId, Verdict),
    /// A line for the log.
    Log(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Within its time.
    Running,
    /// SIGTERM was sent.
    Terminating,
    /// SIGKILL was sent.
    Killing,
}

#[derive(Debug)]
struct Check {
    script: Arc<TrackScript>,
    next_run: Instant,
    running: Option<(ScriptId, Phase, Instant)>,
    last: Option<Verdict>,
}

impl Check {
    /// When something is to be done for it.
    fn due(&self) -> Instant {
        match self.running {
            Some((_, _, limit)) => limit.min(self.next_run),
            None => self.next_run,
        }
    }
}

/// All tracked scripts.
#[derive(Debug, Default)]
pub(in crate::vrrp) struct Checks {
    checks: HashMap<TrackerId, Check>,
    due: BTreeSet<(Instant, TrackerId)>,
    by_run: HashMap<ScriptId, TrackerId>,
    /// Runs that nobody waits for any more, and when they are killed if SIGTERM was not enough.
    leaving: BTreeSet<(Instant, ScriptId)>,
}

impl Checks {
    /// Keeps running what is still wanted, begins what is new, forgets the rest (whose running children are terminated).
    pub(in crate::vrrp) fn set(
        &mut self,
        wanted: Vec<(TrackerId, Arc<TrackScript>)>,
        now: Instant,
        scripts: &mut Scripts,
    ) {
        let mut old = std::mem::take(&mut self.checks);
        self.due.clear();
        for (id, script) in wanted {
            let check = match old.remove(&id) {
                Some(mut check) if check.script.command == script.command => {
                    check.next_run = check.next_run.min(now + script.interval);
                    check.script = script;
                    check
                }
                // Another command: what the old one still says is of no interest, what it said last stands until the new one has spoken.
                known => Check {
                    script,
                    next_run: now,
                    running: None,
                    last: known.and_then(|mut check| {
                        self.end(&mut check, now, scripts);
                        check.last
                    }),
                },
            };
            self.due.insert((check.due(), id));
            self.checks.insert(id, check);
        }
        for mut check in old.into_values() {
            self.end(&mut check, now, scripts);
        }
    }

    /// Terminates a run whose result nobody waits for any more.
    fn end(&mut self, check: &mut Check, now: Instant, scripts: &mut Scripts) {
        if let Some((run, ..)) = check.running.take() {
            self.by_run.remove(&run);
            self.leaving.insert((now + KILL_AFTER, run));
            let _gone = scripts.signal_group(run, SIGTERM);
        }
    }

    /// When [`Checks::run_due`] has something to do.
    pub(in crate::vrrp) fn next_deadline(&self) -> Option<Instant> {
        let due = self.due.first().map(|(at, _)| *at);
        let leaving = self.leaving.first().map(|(at, _)| *at);
        due.into_iter().chain(leaving).min()
    }

    /// The last result and whether a run is in progress.
    pub(in crate::vrrp) fn state(&self, id: TrackerId) -> (Option<Verdict>, bool) {
        self.checks
            .get(&id)
            .map_or((None, false), |c| (c.last, c.running.is_some()))
    }

    /// Starts what is due and ends what takes too long.
    pub(in crate::vrrp) fn run_due(&mut self, now: Instant, scripts: &mut Scripts, reports: &mut Vec<Report>) {
        while let Some((at, run)) = self.leaving.first().copied().filter(|(at, _)| *at <= now) {
            self.leaving.remove(&(at, run));
            // One that has ended long since is not found.
            let _gone = scripts.signal_group(run, SIGKILL);
        }
        while let Some(&(at, id)) = self.due.first() {
            if at > now {
                return;
            }
            self.due.remove(&(at, id));
            let Some(check) = self.checks.get_mut(&id) else {
                continue;
            };
            if let Some((run, phase, limit)) = check.running
                && limit <= now
            {
                check.running = Some(escalate(run, phase, now, &check.script, scripts, reports));
            }
            if check.next_run <= now {
                start_or_skip(id, check, now, scripts, &mut self.by_run, reports);
            }
            self.due.insert((check.due(), id));
        }
    }

    /// Takes in what became of a run. `None` when the run is none of ours.
    pub(in crate::vrrp) fn event(&mut self, event: &Event, reports: &mut Vec<Report>) -> Option<()> {
        let (run, verdict) = match event {
            Event::Started { id, through_shell, .. } => {
                let check = self.checks.get(self.by_run.get(id)?)?;
                if *through_shell && check.last.is_none() {
                    reports.push(Report::Log(format!(
                        "Please add a #! shebang to script {}",
                        program(&check.script)
                    )));
                }
                return Some(());
            }
            Event::Failed { id, error } => {
                let name = self
                    .by_run
                    .get(id)
                    .and_then(|t| self.checks.get(t))
                    .map(|c| c.script.name.clone())?;
                reports.push(Report::Log(format!("Track script {name} failed to start: {error}")));
                (*id, Verdict::Lost)
            }
            Event::Ended { id, status } => (*id, status.map_or(Verdict::Lost, verdict)),
        };
        self.leaving.retain(|(_, leaving)| *leaving != run);
        let id = self.by_run.remove(&run)?;
        let Some(check) = self.checks.get_mut(&id) else {
            return Some(());
        };
        self.due.remove(&(check.due(), id));
        let phase = check.running.take().map_or(Phase::Running, |(_, phase, _)| phase);
        let verdict = match (phase, verdict) {
            (Phase::Terminating | Phase::Killing, Verdict::Signalled(_)) => Verdict::TimedOut,
            (_, verdict) => verdict,
        };
        if let Verdict::Exited(status) = verdict
            && check.last != Some(verdict)
            && (check.last.is_some() || status != 0)
        {
            reports.push(Report::Log(format!(
                "Script `{}` now returning {status}",
                check.script.name
            )));
        }
        check.last = Some(verdict);
        self.due.insert((check.due(), id));
        reports.push(Report::Result(id, verdict));
        Some(())
    }

    /// Sends SIGTERM to everything that runs: the process ends.
    pub(in crate::vrrp) fn terminate(&mut self, scripts: &mut Scripts) {
        for run in self.by_run.keys() {
            let _gone = scripts.signal_group(*run, SIGTERM);
        }
        self.checks.clear();
        self.due.clear();
    }
}

/// The program of a check. A command word `<PATH` asks whether the file can be opened (`runtime.md` 10.3); that too is asked in a
/// process of its own, because a file system can keep one waiting.
fn runnable(command: &Command) -> Result<Script, InvalidScript> {
    let Some(path) = command.argv.first().and_then(|word| word.strip_prefix('<')) else {
        return Script::configured(command);
    };
    let script = Script::new(["/bin/sh", "-c", ": <\"$1\"", "sh", path])?;
    Ok(match &command.credentials {
        Some(credentials) => script.credentials(credentials.clone()),
        None => script,
    })
}

fn program(script: &TrackScript) -> &str {
    script.command.argv.first().map_or("", |word| word)
}

fn verdict(status: ExitStatus) -> Verdict {
    match (status.code(), status.signal()) {
        (Some(code), _) => Verdict::Exited(code),
        (None, Some(signal)) => Verdict::Signalled(signal),
        (None, None) => Verdict::Lost,
    }
}

fn escalate(
    run: ScriptId,
    phase: Phase,
    now: Instant,
    script: &TrackScript,
    scripts: &mut Scripts,
    reports: &mut Vec<Report>,
) -> (ScriptId, Phase, Instant) {
    let (signal, next, wait) = match phase {
        Phase::Running => (SIGTERM, Phase::Terminating, KILL_AFTER),
        Phase::Terminating => (SIGKILL, Phase::Killing, KILL_AGAIN),
        Phase::Killing => {
            reports.push(Report::Log(format!(
                "Script {} failed to terminate after kill",
                script.name
            )));
            (SIGKILL, Phase::Killing, KILL_AGAIN)
        }
    };
    let _gone = scripts.signal_group(run, signal);
    (run, next, now + wait)
}

fn start_or_skip(
    id: TrackerId,
    check: &mut Check,
    now: Instant,
    scripts: &mut Scripts,
    by_run: &mut HashMap<ScriptId, TrackerId>,
    reports: &mut Vec<Report>,
) {
    let interval = check.script.interval.max(Micros::from_millis(1));
    // The schedule is fixed; ticks that were missed are not made up for.
    let missed = now.since(check.next_run).as_micros() / interval.as_micros();
    check.next_run += interval.times(missed + 1);
    if check.running.is_some() {
        let what = match check.running {
            Some((_, Phase::Running, _)) => "already running",
            _ => "being timed out",
        };
        reports.push(Report::Log(format!(
            "Track script {} is {what}, expect idle - skipping run",
            check.script.name
        )));
        return;
    }
    match runnable(&check.script.command) {
        Ok(script) => {
            let run = scripts.start(script);
            by_run.insert(run, id);
            let limit = now + check.script.timeout.unwrap_or(interval);
            check.running = Some((run, Phase::Running, limit));
        }
        Err(error) => {
            if check.last != Some(Verdict::Lost) {
                reports.push(Report::Log(format!(
                    "Track script {} cannot be run: {error}",
                    check.script.name
                )));
            }
            check.last = Some(Verdict::Lost);
            reports.push(Report::Result(id, Verdict::Lost));
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use keepalived_linux::script::Surroundings;

    const ID: TrackerId = TrackerId(3);
    const START: Instant = Instant(1_000_000_000);

    fn script(shell: &str) -> Arc<TrackScript> {
        let words = ["/bin/sh", "-c", shell];
        Arc::new(TrackScript {
            name: "chk".into(),
            command: Command {
                argv: words.map(Box::from).to_vec(),
                credentials: None,
                user: None,
                group: None,
            },
            interval: Micros::from_secs(4),
            timeout: Some(Micros::SECOND),
            weight: 0,
            reverse: false,
            rise: 1,
            fall: 1,
            init_fail: false,
            insecure: false,
        })
    }

    struct Lab {
        scripts: Scripts,
        checks: Checks,
    }

    impl Lab {
        fn start(script: Arc<TrackScript>) -> Self {
            let surroundings = Surroundings::capture().unwrap();
            let mut lab = Self {
                scripts: Scripts::new(surroundings, &[]).unwrap(),
                checks: Checks::default(),
            };
            lab.checks.set(vec![(ID, script)], START, &mut lab.scripts);
            lab
        }

        /// What is reported at a moment after the start.
        fn at(&mut self, after: Micros) -> Vec<Report> {
            let mut reports = Vec::new();
            self.checks.run_due(START + after, &mut self.scripts, &mut reports);
            reports
        }

        /// Takes in one event.
        async fn event(&mut self) -> (Event, Vec<Report>) {
            let event = tokio::time::timeout(std::time::Duration::from_secs(10), self.scripts.next());
            let event = event.await.unwrap().unwrap();
            let mut reports = Vec::new();
            self.checks.event(&event, &mut reports).unwrap();
            (event, reports)
        }

        async fn result(&mut self) -> Verdict {
            loop {
                for report in self.event().await.1 {
                    if let Report::Result(ID, verdict) = report {
                        return verdict;
                    }
                }
            }
        }
    }

    fn lines(reports: &[Report]) -> Vec<&str> {
        let lines = reports.iter().filter_map(|report| match report {
            Report::Log(line) => Some(line.as_str()),
            Report::Result(..) => None,
        });
        lines.collect()
    }

    /// A35: SIGTERM at the timeout, SIGKILL 2 s later, then every 10 s once more.
    #[tokio::test]
    async fn a35_a_script_that_will_not_end_is_ended() {
        let dir = tempfile::tempdir().unwrap();
        let ready = dir.path().join("ready");
        let shell = format!("trap '' TERM; touch {}; while :; do sleep 0.05; done", ready.display());
        let mut lab = Lab::start(script(&shell));
        assert!(lab.at(Micros::ZERO).is_empty());
        lab.event().await;
        while !ready.exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_eq!(lab.checks.next_deadline(), Some(START + Micros::SECOND));
        assert!(lab.at(Micros::SECOND).is_empty());
        assert_eq!(lab.checks.next_deadline(), Some(START + Micros::from_secs(3)));
        let quiet = tokio::time::timeout(std::time::Duration::from_millis(200), lab.scripts.next());
        assert!(quiet.await.is_err(), "it ignores SIGTERM");
        assert!(lab.at(Micros::from_secs(3)).is_empty(), "SIGKILL");
        // Its end is not taken in yet, as if it hung in the kernel.
        let skipped = lab.at(Micros::from_secs(4));
        assert_eq!(
            lines(&skipped),
            ["Track script chk is being timed out, expect idle - skipping run"]
        );
        let again = lab.at(Micros::from_secs(13));
        assert!(
            lines(&again).contains(&"Script chk failed to terminate after kill"),
            "{again:?}"
        );
        assert_eq!(lab.result().await, Verdict::TimedOut);
        assert_eq!(lab.checks.state(ID), (Some(Verdict::TimedOut), false));
    }

    #[tokio::test]
    async fn only_status_0_is_success_and_changes_are_said() {
        for (shell, verdict, said) in [
            ("exit 0", Verdict::Exited(0), vec![]),
            ("exit 3", Verdict::Exited(3), vec!["Script `chk` now returning 3"]),
            ("kill -9 $$", Verdict::Signalled(9), vec![]),
        ] {
            let mut lab = Lab::start(script(shell));
            lab.at(Micros::ZERO);
            lab.event().await;
            let (_, reports) = lab.event().await;
            assert_eq!(lines(&reports), said);
            assert_eq!(lab.checks.state(ID), (Some(verdict), false));
            assert_eq!(verdict.good(), shell == "exit 0");
        }
    }

    /// The schedule is fixed: a late turn does not shift it, ticks that were missed are not made up for.
    #[tokio::test]
    async fn runs_follow_a_fixed_schedule() {
        let mut lab = Lab::start(script("exit 0"));
        lab.at(Micros::from_millis(300));
        assert_eq!(lab.result().await, Verdict::Exited(0));
        assert_eq!(lab.checks.next_deadline(), Some(START + Micros::from_secs(4)));
        lab.at(Micros::from_secs(13));
        assert_eq!(lab.result().await, Verdict::Exited(0));
        assert_eq!(lab.checks.next_deadline(), Some(START + Micros::from_secs(16)));
    }

    /// Over a reload a run goes on and its result counts; a script that is gone is ended.
    #[tokio::test]
    async fn a_run_goes_on_over_a_reload() {
        let mut lab = Lab::start(script("sleep 0.3; exit 5"));
        lab.at(Micros::ZERO);
        lab.event().await;
        let again = script("sleep 0.3; exit 5");
        let later = START + Micros::from_millis(100);
        lab.checks.set(vec![(ID, again)], later, &mut lab.scripts);
        assert_eq!(lab.checks.state(ID), (None, true));
        assert_eq!(lab.result().await, Verdict::Exited(5));
        lab.at(Micros::from_secs(4));
        lab.event().await;
        lab.checks.set(Vec::new(), later, &mut lab.scripts);
        let ended = lab.scripts.next().await.unwrap();
        assert!(matches!(ended, Event::Ended { status: Some(status), .. } if status.signal() == Some(SIGTERM)));
        assert!(
            lab.checks.event(&ended, &mut Vec::new()).is_none(),
            "its result does not count"
        );
        assert_eq!(lab.checks.next_deadline(), None);
    }

    /// Another command under the same name runs at once, and what the one before it still says is not heard. What will not end is killed.
    #[tokio::test]
    async fn another_command_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let ready = dir.path().join("ready");
        let stubborn = format!("trap '' TERM; touch {}; while :; do sleep 0.05; done", ready.display());
        let mut lab = Lab::start(script(&stubborn));
        lab.at(Micros::ZERO);
        lab.event().await;
        while !ready.exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let later = START + Micros::from_millis(100);
        lab.checks.set(vec![(ID, script("exit 5"))], later, &mut lab.scripts);
        assert_eq!(lab.checks.next_deadline(), Some(later), "it does not wait for its turn");
        lab.at(Micros::from_millis(100));
        assert_eq!(lab.result().await, Verdict::Exited(5));
        assert_eq!(lab.scripts.running(), 1, "the one before it ignores SIGTERM");
        lab.at(Micros::from_millis(2100));
        let ended = lab.scripts.next().await.unwrap();
        assert!(matches!(&ended, Event::Ended { status: Some(status), .. } if status.signal() == Some(SIGKILL)));
        assert!(
            lab.checks.event(&ended, &mut Vec::new()).is_none(),
            "nobody waits for it"
        );
        assert_eq!(lab.checks.state(ID), (Some(Verdict::Exited(5)), false));
    }

    #[tokio::test]
    async fn what_cannot_be_started_fails() {
        let mut missing = (*script("")).clone();
        missing.command.argv = vec!["/nonexistent/program".into()];
        let mut lab = Lab::start(Arc::new(missing));
        lab.at(Micros::ZERO);
        let (_, reports) = lab.event().await;
        assert!(
            lines(&reports)[0].starts_with("Track script chk failed to start"),
            "{reports:?}"
        );
        assert_eq!(lab.checks.state(ID), (Some(Verdict::Lost), false));
    }
}
