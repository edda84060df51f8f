//! Failover after silence: the active router is stopped in its tracks (SIGSTOP) and goes on later.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use keepalived_compliance::daemon::{signal_pid, until};
use keepalived_compliance::fail;
use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::outcome::Verdict;

use crate::config::Shape;
use crate::figure::{Figure, millis, percentile};
use crate::pair::Pair;
use crate::tape::Key;
use crate::watch::Watch;

const SIGSTOP: i32 = 19;
const SIGCONT: i32 = 18;

/// One failover: how late after the theory adverts and addresses were, sorted.
struct Late {
    adverts: Vec<f64>,
    first_address: f64,
    last_address: f64,
}

/// One instance at 0.2 s, ten times.
pub(crate) fn single(program: &Path) -> Verdict<Vec<Figure>> {
    let shape = Shape {
        interfaces: 1,
        each: 1,
        priority: 200,
        interval: "0.2",
    };
    let rounds = rounds(program, &shape, 10)?;
    let mut adverts: Vec<f64> = rounds.iter().flat_map(|late| late.adverts.iter().copied()).collect();
    let mut addresses: Vec<f64> = rounds.iter().map(|late| late.first_address).collect();
    adverts.sort_by(f64::total_cmp);
    addresses.sort_by(f64::total_cmp);
    Ok(vec![
        Figure::new("advert, median of ten", millis(percentile(&adverts, 0.5))),
        Figure::new("advert, worst of ten", millis(percentile(&adverts, 1.0))),
        Figure::new("address, median of ten", millis(percentile(&addresses, 0.5))),
        Figure::new("address, worst of ten", millis(percentile(&addresses, 1.0))),
    ])
}

/// A thousand at once, three times.
pub(crate) fn many(program: &Path) -> Verdict<Vec<Figure>> {
    let rounds = rounds(program, &Shape::thousand(200, "1"), 3)?;
    let mut adverts: Vec<f64> = rounds.iter().map(|late| percentile(&late.adverts, 1.0)).collect();
    let mut addresses: Vec<f64> = rounds.iter().map(|late| late.last_address).collect();
    adverts.sort_by(f64::total_cmp);
    addresses.sort_by(f64::total_cmp);
    Ok(vec![
        Figure::new("latest advert, median of three", millis(percentile(&adverts, 0.5))),
        Figure::new(
            "last address after the last deadline, median of three",
            millis(percentile(&addresses, 0.5)),
        ),
        Figure::new(
            "last address after the last deadline, worst of three",
            millis(percentile(&addresses, 1.0)),
        ),
    ])
}

fn rounds(program: &Path, shape: &Shape, count: usize) -> Verdict<Vec<Late>> {
    let pair = Pair::new(shape.interfaces)?;
    let watch = Watch::start(&pair.second)?;
    let begin = Stamp::now();
    let active = pair.start(program, &pair.first, "first", shape)?;
    pair.all_heard(begin, shape.instances(), 60.0)?;
    let lower = Shape {
        priority: 100,
        ..*shape
    };
    let _standby = pair.start(program, &pair.second, "second", &lower)?;
    std::thread::sleep(Duration::from_secs(3));
    (0..count)
        .map(|_| round(&pair, &watch, shape, active.vrrp_pid()?))
        .collect()
}

fn round(pair: &Pair, watch: &Watch, shape: &Shape, active: i32) -> Verdict<Late> {
    let interval: f64 = shape.interval.parse().unwrap_or(1.0);
    let down = 3.0 * interval + interval * 156.0 / 256.0;
    pair.tape.clear();
    std::thread::sleep(Duration::from_secs_f64(interval * 1.37));
    let stopped = Stamp::now();
    signal_pid(active, SIGSTOP)?;
    let complete = until(down + 5.0, || watch.since(stopped, true).len() >= shape.instances());
    let changes = watch.since(stopped, true);
    std::thread::sleep(Duration::from_millis(50));
    let adverts = pair.tape.since(stopped.minus(interval * 1.5));
    signal_pid(active, SIGCONT)?;
    // The active router takes its addresses back.
    let settled = until(20.0, || watch.since(stopped, false).len() >= shape.instances());
    if !complete || !settled {
        fail!("only {} of {} addresses moved", changes.len(), shape.instances());
    }
    std::thread::sleep(Duration::from_secs_f64(interval * 2.0));
    let mut deadlines: HashMap<Key, Stamp> = HashMap::new();
    let mut late = Vec::new();
    for advert in &adverts {
        if !advert.outgoing {
            deadlines.insert(advert.key, advert.at.plus(down));
        } else if let Some(deadline) = deadlines.remove(&advert.key) {
            late.push((advert.at.since(deadline), deadline));
        }
    }
    late.sort_by(|a, b| a.0.total_cmp(&b.0));
    let last_deadline = late.iter().map(|(_, deadline)| *deadline).max().unwrap_or(stopped);
    let first_deadline = late.iter().map(|(_, deadline)| *deadline).min().unwrap_or(stopped);
    let after = |at: Option<&Stamp>, deadline: Stamp| at.map_or(f64::NAN, |at| at.since(deadline));
    Ok(Late {
        adverts: late.iter().map(|(by, _)| *by).collect(),
        first_address: after(changes.first(), first_deadline),
        last_address: after(changes.last(), last_deadline),
    })
}
