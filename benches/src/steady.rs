//! Processor time and system calls of adverts in the steady state, and how regularly they come.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use keepalived_compliance::check;
use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::lab::usage::run_seconds;
use keepalived_compliance::outcome::Verdict;

use crate::config::Shape;
use crate::figure::{Figure, millis, percentile};
use crate::pair::Pair;
use crate::tape::Key;

const WINDOW: f64 = 12.0;

/// 100 instances at 10 ms.
const QUICK: Shape = Shape {
    interfaces: 4,
    each: 25,
    priority: 255,
    interval: "0.01",
};

/// Sending alone: nobody listens at the other end.
pub(crate) fn send(program: &Path) -> Verdict<Vec<Figure>> {
    let mut figures = sending(
        program,
        &QUICK,
        [
            "100 at 10 ms: processor time per million adverts",
            "100 at 10 ms: system calls per advert",
        ],
    )?;
    figures.extend(sending(
        program,
        &Shape::thousand(255, "0.1"),
        [
            "1,000 at 100 ms: processor time per million adverts",
            "1,000 at 100 ms: system calls per advert",
        ],
    )?);
    Ok(figures)
}

fn sending(program: &Path, shape: &Shape, names: [&'static str; 2]) -> Verdict<Vec<Figure>> {
    let pair = Pair::new(shape.interfaces)?;
    let begin = Stamp::now();
    let daemon = pair.start(program, &pair.first, "first", shape)?;
    pair.all_heard(begin, shape.instances(), 60.0)?;
    std::thread::sleep(Duration::from_secs(2));
    cost(pair, daemon.vrrp_pid()?, names)
}

/// Receiving: the sender is always ours, so that both receivers hear the same.
pub(crate) fn receive(program: &Path, sender: &Path) -> Verdict<Vec<Figure>> {
    let quick = [
        "100 at 10 ms: processor time per million adverts",
        "100 at 10 ms: system calls per advert",
    ];
    let mut figures = receiving(program, sender, &QUICK, quick)?;
    figures.extend(receiving(
        program,
        sender,
        &Shape::thousand(255, "0.1"),
        [
            "1,000 at 100 ms: processor time per million adverts",
            "1,000 at 100 ms: system calls per advert",
        ],
    )?);
    Ok(figures)
}

fn receiving(program: &Path, sender: &Path, shape: &Shape, names: [&'static str; 2]) -> Verdict<Vec<Figure>> {
    let pair = Pair::new(shape.interfaces)?;
    let begin = Stamp::now();
    let _master = pair.start(sender, &pair.first, "first", shape)?;
    pair.all_heard(begin, shape.instances(), 60.0)?;
    let lower = Shape {
        priority: 100,
        ..*shape
    };
    let backup = pair.start(program, &pair.second, "second", &lower)?;
    std::thread::sleep(Duration::from_secs(3));
    cost(pair, backup.vrrp_pid()?, names)
}

fn cost(mut pair: Pair, pid: i32, names: [&'static str; 2]) -> Verdict<Vec<Figure>> {
    pair.tape.pause();
    let (before, cpu) = (pair.sent()?, run_seconds(pid)?);
    std::thread::sleep(Duration::from_secs_f64(WINDOW));
    let (after, spent) = (pair.sent()?, run_seconds(pid)? - cpu);
    let adverts = after - before;
    check!(adverts > 1000, "only {adverts} adverts in {WINDOW} s");
    let before = pair.sent()?;
    let calls = system_calls(pid);
    let traced = pair.sent()? - before;
    Ok(vec![
        Figure::new(names[0], format!("{:.2} s", spent * 1e6 / adverts as f64)),
        Figure::new(
            names[1],
            calls.map_or_else(
                || "strace is missing".to_owned(),
                |calls| format!("{:.2}", calls as f64 / traced.max(1) as f64),
            ),
        ),
    ])
}

/// All system calls of a process within three seconds.
fn system_calls(pid: i32) -> Option<u64> {
    let output = Command::new("timeout")
        .args(["-s", "INT", "3", "strace", "-f", "-c", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let total = text.lines().rev().find(|line| line.trim_end().ends_with("total"))?;
    total.split_whitespace().nth(3)?.parse().ok()
}

/// How far the pauses between the adverts of an instance are from the interval: 100 instances at 10 ms.
pub(crate) fn pace(program: &Path) -> Verdict<Vec<Figure>> {
    let pair = Pair::new(QUICK.interfaces)?;
    let begin = Stamp::now();
    let _daemon = pair.start(program, &pair.first, "first", &QUICK)?;
    pair.all_heard(begin, QUICK.instances(), 60.0)?;
    std::thread::sleep(Duration::from_secs(2));
    let from = Stamp::now();
    std::thread::sleep(Duration::from_secs(10));
    let mut last: HashMap<Key, Stamp> = HashMap::new();
    let mut off: Vec<f64> = Vec::new();
    for advert in pair.tape.since(from) {
        if let Some(before) = last.insert(advert.key, advert.at) {
            off.push((advert.at.since(before) - 0.01).abs());
        }
    }
    off.sort_by(f64::total_cmp);
    Ok(vec![
        Figure::new("half of all within", millis(percentile(&off, 0.5))),
        Figure::new("99 of 100 within", millis(percentile(&off, 0.99))),
        Figure::new("worst", millis(percentile(&off, 1.0))),
    ])
}
