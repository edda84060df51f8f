//! Two machines and the cables between them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use keepalived_compliance::daemon::{Daemon, Launch, until};
use keepalived_compliance::fail;
use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::lab::namespace::Namespace;
use keepalived_compliance::outcome::Verdict;

use crate::config::Shape;
use crate::tape::{Key, Tape};

/// The machines; the tape is at the second and hears both.
pub(crate) struct Pair {
    pub(crate) tape: Tape,
    pub(crate) first: Namespace,
    pub(crate) second: Namespace,
    base: PathBuf,
}

impl Pair {
    pub(crate) fn new(interfaces: usize) -> Verdict<Self> {
        let (first, second) = (Namespace::new("first")?, Namespace::new("second")?);
        for namespace in [&first, &second] {
            namespace.sysctl("ipv6/conf/default/disable_ipv6", "1")?;
        }
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for i in 1..=interfaces {
            let (high, low) = (i / 256, i % 256);
            here.push(format!(
                "link add e{i} type veth peer name e{i} netns {}",
                second.path()
            ));
            here.push(format!("link set dev e{i} up"));
            here.push(format!("address add 11.{high}.{low}.1/24 dev e{i}"));
            there.push(format!("link set dev e{i} up"));
            there.push(format!("address add 11.{high}.{low}.2/24 dev e{i}"));
        }
        first.ip(&here.iter().map(String::as_str).collect::<Vec<_>>())?;
        second.ip(&there.iter().map(String::as_str).collect::<Vec<_>>())?;
        let tape = Tape::start(&second)?;
        let base = std::env::temp_dir().join(format!("keepalived-bench-{}", std::process::id()));
        Ok(Self {
            tape,
            first,
            second,
            base,
        })
    }

    /// Starts a daemon. Without `-D`: what is measured is the work, not the talking about it.
    pub(crate) fn start(&self, program: &Path, namespace: &Namespace, name: &str, shape: &Shape) -> Verdict<Daemon> {
        let file = |what: &str| self.base.join(name).join(what).to_string_lossy().into_owned();
        let usual = ["-n", "-G", "-P", "-p", &file("pid"), "-r", &file("vrrp.pid")]
            .map(str::to_owned)
            .to_vec();
        let launch = Launch {
            config: shape.text(),
            args: usual,
            bare: true,
            ..Launch::default()
        };
        Daemon::start(program, namespace, &self.base.join(name), &launch)
    }

    /// Packets that the first machine has sent so far.
    pub(crate) fn sent(&self) -> Verdict<u64> {
        let table = self
            .first
            .run(|| std::fs::read_to_string("/proc/thread-self/net/dev"))??;
        // NAME: eight columns of what was received, then packets sent after octets sent.
        Ok(table
            .lines()
            .filter_map(|line| {
                line.trim()
                    .strip_prefix('e')?
                    .split_once(':')?
                    .1
                    .split_whitespace()
                    .nth(9)
            })
            .filter_map(|packets| packets.parse::<u64>().ok())
            .sum())
    }

    /// Waits until so many instances were heard; seconds from `begin` to the first advert of the first and of the last.
    pub(crate) fn all_heard(&self, begin: Stamp, instances: usize, limit: f64) -> Verdict<(f64, f64)> {
        let mut heard: HashSet<Key> = HashSet::new();
        let (mut first, mut last, mut next) = (None, begin, begin);
        let complete = until(limit, || {
            let adverts = self.tape.since(next);
            for advert in &adverts {
                if heard.insert(advert.key) {
                    first.get_or_insert(advert.at);
                    last = advert.at;
                }
            }
            if let Some(newest) = adverts.last() {
                next = newest.at;
            }
            heard.len() >= instances
        });
        if !complete {
            fail!(
                "only {} of {instances} instances were heard within {limit} s",
                heard.len()
            );
        }
        Ok((first.map_or(f64::NAN, |at| at.since(begin)), last.since(begin)))
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // Left-over files in the temporary directory do no harm.
        let _ = std::fs::remove_dir_all(&self.base);
    }
}
