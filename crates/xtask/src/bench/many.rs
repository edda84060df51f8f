//! A thousand instances between two machines on four cables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use keepalived_compliance::daemon::{Daemon, Launch, until};
use keepalived_compliance::lab::Node;
use keepalived_compliance::lab::capture::{Capture, Frame, Stamp};
use keepalived_compliance::lab::namespace::Namespace;
use keepalived_compliance::lab::packet::Body;
use keepalived_compliance::lab::usage::{cpu_seconds, resident_kib};
use keepalived_compliance::outcome::Verdict;
use keepalived_compliance::{check, fail};

use super::config;

/// One measured figure.
pub(super) struct Figure {
    pub(super) what: &'static str,
    pub(super) value: String,
}

/// Number of instances of [`config::many`].
const INSTANCES: usize = 250 * config::INTERFACES;

/// Two machines and a capture at the second, which sees what the first sends.
struct Pair {
    capture: Capture,
    first: Namespace,
    second: Namespace,
    base: PathBuf,
}

impl Pair {
    fn new() -> Verdict<Self> {
        let (first, second) = (Namespace::new("first")?, Namespace::new("second")?);
        for namespace in [&first, &second] {
            namespace.sysctl("ipv6/conf/default/disable_ipv6", "1")?;
        }
        let mut ports = Vec::new();
        for i in 1..=config::INTERFACES {
            first.ip(&[
                &format!("link add e{i} type veth peer name e{i} netns {}", second.path()),
                &format!("link set dev e{i} up"),
                &format!("address add 10.{i}.0.1/16 dev e{i}"),
            ])?;
            second.ip(&[
                &format!("link set dev e{i} up"),
                &format!("address add 10.{i}.0.2/16 dev e{i}"),
            ])?;
            ports.push((second.interface_index(&format!("e{i}"))?, Node::A));
        }
        let capture = Capture::start(&second, ports)?;
        let base = std::env::temp_dir().join(format!("keepalived-bench-{}", std::process::id()));
        Ok(Self {
            capture,
            first,
            second,
            base,
        })
    }

    fn start(&self, program: &Path, namespace: &Namespace, name: &str, text: String) -> Verdict<Daemon> {
        // Without -D: what is measured is the work, not the talking about it.
        let file = |what: &str| self.base.join(name).join(what).to_string_lossy().into_owned();
        let usual = ["-n", "-G", "-P", "-p", &file("pid"), "-r", &file("vrrp.pid")]
            .map(str::to_owned)
            .to_vec();
        let launch = Launch {
            config: text,
            args: usual,
            bare: true,
            ..Launch::default()
        };
        Daemon::start(program, namespace, &self.base.join(name), &launch)
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // Left-over files in the temporary directory do no harm.
        let _ = std::fs::remove_dir_all(&self.base);
    }
}

/// Time until every one of a thousand owners has sent its first advert.
pub(super) fn start(program: &Path) -> Result<Vec<Figure>, String> {
    work_start(program).map_err(|why| why.to_string())
}

/// Processor time for sending and for receiving.
pub(super) fn steady(program: &Path) -> Result<Vec<Figure>, String> {
    work_steady(program).map_err(|why| why.to_string())
}

/// The worst gap between two adverts of an instance across a reload.
pub(super) fn reload(program: &Path) -> Result<Vec<Figure>, String> {
    work_reload(program).map_err(|why| why.to_string())
}

fn work_start(program: &Path) -> Verdict<Vec<Figure>> {
    let pair = Pair::new()?;
    let begin = Stamp::now();
    let daemon = pair.start(program, &pair.first, "first", config::many(255, "1"))?;
    let first = pair.capture.wait(begin, 30.0, |frame| instance(frame).is_some());
    let all = all_heard(&pair, begin, 60.0)?;
    let addresses = until(20.0, || addresses(&pair.first).is_ok_and(|count| count >= INSTANCES));
    let set = Stamp::now().since(begin);
    let memory = resident_kib(daemon.vrrp_pid()?)?;
    Ok(vec![
        Figure {
            what: "first advert of the first",
            value: seconds(first.map_or(f64::NAN, |f| f.at.since(begin))),
        },
        Figure {
            what: "first advert of the last",
            value: seconds(all),
        },
        Figure {
            what: "all addresses set",
            value: if addresses {
                seconds(set)
            } else {
                "not within 20 s".to_owned()
            },
        },
        Figure {
            what: "resident memory of the VRRP process",
            value: format!("{:.1} MiB", memory as f64 / 1024.0),
        },
    ])
}

fn work_steady(program: &Path) -> Verdict<Vec<Figure>> {
    const WINDOW: f64 = 15.0;
    let pair = Pair::new()?;
    let begin = Stamp::now();
    let sender = pair.start(program, &pair.first, "first", config::many(200, "0.1"))?;
    let receiver = pair.start(program, &pair.second, "second", config::many(100, "0.1"))?;
    all_heard(&pair, begin, 60.0)?;
    std::thread::sleep(Duration::from_secs(3));
    let pids = [sender.vrrp_pid()?, receiver.vrrp_pid()?];
    let (from, cpu) = (Stamp::now(), [cpu_seconds(pids[0])?, cpu_seconds(pids[1])?]);
    std::thread::sleep(Duration::from_secs_f64(WINDOW));
    let (to, after) = (Stamp::now(), [cpu_seconds(pids[0])?, cpu_seconds(pids[1])?]);
    let adverts = pair
        .capture
        .frames(from)
        .iter()
        .filter(|f| f.at < to && instance(f).is_some())
        .count();
    check!(adverts > INSTANCES, "only {adverts} adverts in {WINDOW} s");
    let per_million = |side: usize| format!("{:.1} s", (after[side] - cpu[side]) * 1e6 / adverts as f64);
    Ok(vec![
        Figure {
            what: "adverts per second",
            value: format!("{:.0}", adverts as f64 / to.since(from)),
        },
        Figure {
            what: "processor time per million adverts sent",
            value: per_million(0),
        },
        Figure {
            what: "processor time per million adverts received",
            value: per_million(1),
        },
    ])
}

fn work_reload(program: &Path) -> Verdict<Vec<Figure>> {
    let pair = Pair::new()?;
    let begin = Stamp::now();
    let daemon = pair.start(program, &pair.first, "first", config::many(255, "1"))?;
    all_heard(&pair, begin, 60.0)?;
    std::thread::sleep(Duration::from_secs(5));
    let quiet = worst_gap(&pair, Stamp::now().minus(4.0));
    let moment = Stamp::now();
    daemon.signal(1)?;
    std::thread::sleep(Duration::from_secs(6));
    let worst = worst_gap(&pair, moment.minus(1.5));
    let zeros = pair
        .capture
        .frames(moment)
        .iter()
        .filter(|f| matches!(&f.body, Body::Advert(a) if a.priority == 0))
        .count();
    Ok(vec![
        Figure {
            what: "worst gap between two adverts of one instance before",
            value: seconds(quiet),
        },
        Figure {
            what: "worst gap across the reload",
            value: seconds(worst),
        },
        Figure {
            what: "adverts with priority 0",
            value: zeros.to_string(),
        },
    ])
}

/// Waits until every instance has been heard; returns the seconds since `begin`.
fn all_heard(pair: &Pair, begin: Stamp, limit: f64) -> Verdict<f64> {
    let mut heard = BTreeSet::new();
    let mut last = begin;
    let complete = until(limit, || {
        for frame in pair.capture.frames(last) {
            last = frame.at;
            heard.extend(instance(&frame));
        }
        heard.len() >= INSTANCES
    });
    if !complete {
        fail!(
            "only {} of {INSTANCES} instances were heard within {limit} s",
            heard.len()
        );
    }
    let mut seen = BTreeMap::new();
    for frame in pair.capture.frames(begin) {
        if let Some(key) = instance(&frame) {
            seen.entry(key).or_insert(frame.at);
        }
    }
    Ok(seen.values().max().map_or(f64::NAN, |at| at.since(begin)))
}

fn worst_gap(pair: &Pair, since: Stamp) -> f64 {
    let mut previous = BTreeMap::new();
    let mut worst: f64 = 0.0;
    for frame in pair.capture.frames(since) {
        let Some(key) = instance(&frame) else { continue };
        if let Some(before) = previous.insert(key, frame.at) {
            worst = worst.max(frame.at.since(before));
        }
    }
    previous
        .into_values()
        .fold(worst, |worst, last| worst.max(Stamp::now().since(last)))
}

/// Source and VRID of an advert.
fn instance(frame: &Frame) -> Option<(std::net::IpAddr, u8)> {
    match &frame.body {
        Body::Advert(advert) => Some((advert.source, advert.vrid)),
        _ => None,
    }
}

fn addresses(namespace: &Namespace) -> Verdict<usize> {
    Ok(namespace
        .shell("ip -o -4 address show")?
        .lines()
        .filter(|line| line.contains(".1."))
        .count())
}

fn seconds(value: f64) -> String {
    format!("{value:.3} s")
}
