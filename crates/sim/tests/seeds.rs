//! Many seeds, every time. `SIM_START` and `SIM_SEEDS` choose others; `SIM_LOG` names a file for the input log of the first failure.
#![expect(clippy::unwrap_used, reason = "tests")]

use keepalived_sim::{Options, Plan, replay, run};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

#[test]
fn every_seed_keeps_the_invariants() {
    let (start, count) = (number("SIM_START", 1), number("SIM_SEEDS", 2000));
    let (mut delivered, mut elections, mut announcements) = (0, 0, 0);
    for seed in start..start + count {
        let plan = Plan::of(seed);
        match run(&plan, Options::default()) {
            Ok(report) => {
                delivered += report.delivered;
                elections += report.elections;
                announcements += report.announcements;
            }
            Err(violation) => {
                log(&plan);
                panic!("{violation}\n{:?}", plan.happenings);
            }
        }
    }
    // a simulator in which nothing happens proves nothing
    if count >= 100 {
        assert!(
            delivered > count * 50 && elections > count && announcements > count * 2,
            "{delivered} {elections} {announcements}"
        );
    }
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
