//! Many seeds, every time. `SIM_START` and `SIM_SEEDS` choose others (nightly: a million); `SIM_LOG` names a file for the input
//! log of the first failure.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use keepalived_sim::{Options, Plan, Report, replay, run, shrink};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// Plays the plans of many seeds on all processors. Ends with the failure of the lowest seed, made as small as it gets.
fn play(seeds: std::ops::Range<u64>, plan: fn(u64) -> Plan) -> Report {
    let next = AtomicU64::new(seeds.start);
    let (sum, failed) = (Mutex::new(Report::default()), Mutex::new(None::<u64>));
    let one = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || failed.lock().unwrap().is_some() {
                return;
            }
            match run(&plan(seed), Options::default()) {
                Ok(report) => {
                    let mut sum = sum.lock().unwrap();
                    sum.delivered += report.delivered;
                    sum.elections += report.elections;
                    sum.announcements += report.announcements;
                }
                Err(_) => {
                    let mut failed = failed.lock().unwrap();
                    *failed = Some(failed.map_or(seed, |f| f.min(seed)));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(one);
        }
    });
    if let Some(seed) = failed.into_inner().unwrap() {
        let plan = plan(seed);
        log(&plan);
        let (least, violation) = shrink(&plan, Options::default()).unwrap();
        panic!("{violation}\nwhat is needed for it: {least}");
    }
    sum.into_inner().unwrap()
}

#[test]
fn every_seed_keeps_the_invariants() {
    let (start, count) = (number("SIM_START", 1), number("SIM_SEEDS", 10_000));
    let sum = play(start..start + count, Plan::of);
    // a simulator in which nothing happens proves nothing
    if count >= 100 {
        assert!(
            sum.delivered > count * 50 && sum.elections > count && sum.announcements > count * 2,
            "{sum:?}"
        );
    }
}

/// No roll-out in the documented order (`vrrp.md` 3.10), whatever clocks do meanwhile, lets two routers be MASTER for a moment.
#[test]
fn rollouts_in_order_keep_one_master() {
    let (start, count) = (number("SIM_START", 1), number("SIM_SEEDS", 10_000) / 10);
    let sum = play(start..start + count.max(1), Plan::rollout);
    assert!(sum.delivered > count * 20, "{sum:?}");
}

/// And that is due to the order.
#[test]
fn rollouts_out_of_order_do_not() {
    let bad = (1..=40).filter(|seed| run(&Plan::hasty(*seed), Options::default()).is_err());
    let count = bad.count();
    assert!(count >= 10, "{count} of 40");
}

/// Plays a failing plan once more, keeping what the engines were given.
fn log(plan: &Plan) {
    let Some(path) = std::env::var_os("SIM_LOG") else {
        return;
    };
    let options = Options::recording();
    if let Err(violation) = run(plan, options) {
        let _ = std::fs::write(
            path,
            serde_json::to_string_pretty(&violation.records).unwrap_or_default(),
        );
    }
}

#[test]
fn a_log_of_inputs_replays() {
    let mut steps = 0;
    for seed in 1..40 {
        let report = run(&Plan::of(seed), Options::recording()).unwrap();
        for record in &report.records {
            let text = serde_json::to_string(record).unwrap();
            let read: Vec<keepalived_sim::Recorded> = serde_json::from_str(&text).unwrap();
            replay(&read).unwrap();
            steps += read.len();
        }
    }
    assert!(steps > 1000);
}

#[test]
fn a_seed_always_plays_the_same_way() {
    for seed in [3, 17, 99] {
        let one = run(&Plan::of(seed), Options::recording()).unwrap();
        let two = run(&Plan::of(seed), Options::recording()).unwrap();
        assert_eq!(one.records, two.records);
    }
}
