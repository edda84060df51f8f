//! Chooses scenarios, runs several at a time, and says what came of them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::notyet::NotYet;
use crate::outcome::{Stop, Verdict};
use crate::program::Program;
use crate::run::Run;
use crate::scenarios::{Participants, Scenario, Work};

/// One scenario with the programs it is run with.
#[derive(Debug, Clone)]
pub struct Job {
    pub scenario: &'static Scenario,
    pub programs: [Program; 2],
}

impl Job {
    /// Its name: `A14/ours`, or `failover-v3/ours+original` for a pair.
    pub fn name(&self) -> String {
        let [a, b] = self.programs;
        if a == b {
            format!("{}/{}", self.scenario.name, a.name())
        } else {
            format!("{}/{}+{}", self.scenario.name, a.name(), b.name())
        }
    }
}

/// How one job ended.
#[derive(Debug)]
struct Ended {
    name: String,
    verdict: Verdict,
    evidence: String,
    seconds: f64,
}

/// What a whole run came to.
#[derive(Debug, Default)]
pub struct Totals {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

/// Which programs are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    All,
    Original,
    Ours,
    Mixed,
}

/// How a run goes about its work.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How many scenarios at a time.
    pub width: usize,
    /// How often a failed one is tried again by itself.
    pub retries: usize,
    /// Says of each when it has ended, before the report in order.
    pub stream: bool,
}

/// All jobs of all chosen scenarios.
pub fn jobs(scenarios: &[&'static Scenario], only: Only) -> Vec<Job> {
    use Program::{Original, Ours};
    let mut all = Vec::new();
    for &scenario in scenarios {
        let pairs: &[[Program; 2]] = match scenario.participants {
            Participants::Each => &[[Original, Original], [Ours, Ours]],
            Participants::Ours => &[[Ours, Ours]],
            Participants::Mixed => &[[Original, Ours], [Ours, Original]],
            Participants::Beside => &[[Original, Ours]],
            Participants::Pairs => &[[Original, Original], [Ours, Ours], [Original, Ours], [Ours, Original]],
        };
        let wanted = |pair: &&[Program; 2]| match only {
            Only::All => true,
            Only::Original => **pair == [Original, Original],
            Only::Ours => **pair == [Ours, Ours],
            Only::Mixed => pair[0] != pair[1],
        };
        all.extend(pairs.iter().filter(wanted).map(|&programs| Job { scenario, programs }));
    }
    all
}

/// Runs jobs, several at a time, then the failed ones once more each by itself: a busy machine is no failure of the
/// program. Prints one line each and the evidence of failures.
pub fn run(jobs: Vec<Job>, pace: Pace, not_yet: &NotYet) -> Totals {
    let retries = pace.retries;
    let base = std::env::temp_dir().join(format!("compliance-{}", std::process::id()));
    let mut totals = Totals::default();
    let mut again = Vec::new();
    for (job, ended) in run_parallel(&jobs, pace, &base) {
        let failed = matches!(ended.verdict, Err(Stop::Fail(_)));
        if failed && retries > 0 && !not_yet.contains(&ended.name) {
            println!("again    {:<40} {}", ended.name, first_line(&ended.verdict));
            again.push(job);
        } else {
            report(&ended, not_yet, &mut totals, &base);
        }
    }
    for job in again {
        let mut ended = run_one(&job, &base, 1);
        for attempt in 2..=retries {
            if ended.verdict.is_ok() {
                break;
            }
            ended = run_one(&job, &base, attempt);
        }
        report(&ended, not_yet, &mut totals, &base);
    }
    if totals.failed == 0 {
        // Left-over logs of a good run are of no use; a failure to remove them is harmless.
        let _ = std::fs::remove_dir_all(&base);
    }
    totals
}

fn run_parallel(jobs: &[Job], pace: Pace, base: &Path) -> Vec<(Job, Ended)> {
    // The longest first, so that none of them is left alone at the end.
    let mut order: Vec<Job> = jobs.to_vec();
    order.sort_by_key(|job| std::cmp::Reverse(job.scenario.seconds));
    let queue = Mutex::new(VecDeque::from(order));
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..pace.width.clamp(1, jobs.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(job) = next else { return };
                    let ended = run_one(&job, base, 0);
                    if pace.stream {
                        println!("ended    {:<40} {:5.1} s", ended.name, ended.seconds);
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((job, ended));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(job, _)| jobs.iter().position(|other| other.name() == job.name()));
    done
}

fn run_one(job: &Job, base: &Path, attempt: usize) -> Ended {
    let begin = Instant::now();
    let directory = job_directory(base, &job.name(), attempt);
    let mut evidence = String::new();
    let attempt = AssertUnwindSafe(|| perform(job, &directory, &mut evidence));
    let verdict =
        catch_unwind(attempt).unwrap_or_else(|panic| Err(Stop::Fail(format!("the test panicked: {}", words(&*panic)))));
    Ended {
        name: job.name(),
        verdict,
        evidence,
        seconds: begin.elapsed().as_secs_f64(),
    }
}

fn perform(job: &Job, directory: &Path, evidence: &mut String) -> Verdict {
    if job.scenario.needs_root && lone_user() {
        return Err(Stop::Skip(
            "this user namespace has a single user: no scripts, no priorities".to_owned(),
        ));
    }
    if let Some(why) = crate::kernel::lacking(job.scenario.needs) {
        return Err(Stop::Skip(why));
    }
    let mut run = Run::new(job.programs, directory)?;
    let work: Work = job.scenario.work;
    let verdict = work(&mut run);
    if verdict.is_err() {
        *evidence = run.evidence();
    }
    verdict
}

fn report(ended: &Ended, not_yet: &NotYet, totals: &mut Totals, base: &Path) {
    let Ended {
        name,
        verdict,
        evidence,
        seconds,
    } = ended;
    match (verdict, not_yet.contains(name)) {
        (Ok(()), false) => {
            totals.passed += 1;
            println!("pass     {name:<40} {seconds:5.1} s");
        }
        (Ok(()), true) => {
            totals.failed += 1;
            println!("FAIL     {name:<40} passes now: remove it from not-yet.txt");
        }
        (Err(Stop::Skip(why)), _) => {
            totals.skipped += 1;
            println!("skip     {name:<40} {why}");
        }
        (Err(Stop::Fail(why)), true) => {
            totals.skipped += 1;
            println!("not yet  {name:<40} {}", why.lines().next().unwrap_or_default());
        }
        (Err(Stop::Fail(why)), false) => {
            totals.failed += 1;
            println!(
                "FAIL     {name:<40} {why}\n{evidence}    logs are kept below {}",
                base.display()
            );
        }
    }
}

/// Whether this is a user namespace with only one user in it.
pub fn lone_user() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.split_whitespace().nth(2) == Some("1")
}

fn job_directory(base: &Path, name: &str, attempt: usize) -> PathBuf {
    base.join(format!("{}-{attempt}", name.replace(['/', '+', ' '], "-")))
}

fn first_line(verdict: &Verdict) -> String {
    verdict
        .as_ref()
        .err()
        .map(ToString::to_string)
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message")
}
