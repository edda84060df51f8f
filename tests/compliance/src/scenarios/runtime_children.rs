//! The processes of a daemon, and what happens when one of them ends: rows 19 to 23.

use std::path::Path;

use super::Scenario;
use crate::check;
use crate::daemon::{Launch, signal_pid, until};
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same, within};
use crate::run::Run;
use crate::scenarios::runtime_start::{quick, quick_master};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "R19",
        "runtime",
        4,
        "VRRP process killed: started again at once, VIP removed and set again",
        r19,
    ),
    Scenario::each(
        "R20",
        "runtime",
        10,
        "VRRP process killed again and again: growing delays",
        r20,
    ),
    Scenario::each(
        "R21",
        "runtime",
        3,
        "the same with --dont-respawn: the daemon ends with 0",
        r21,
    ),
    Scenario::each(
        "R22",
        "runtime",
        4,
        "SIGTERM to the VRRP process only: VIP removed, started again",
        r22,
    ),
    Scenario::each(
        "R23",
        "runtime",
        6,
        "parent killed: children end, VIP gone, the next start works",
        r23,
    ),
];

const DIED: &str = "died: Respawning";

/// Waits for another VRRP process than `old`.
fn successor(run: &mut Run, old: i32, limit: f64) -> Verdict<i32> {
    let mut now = old;
    let daemon = run.daemon(A)?;
    until(limit, || {
        now = daemon.vrrp_pid().unwrap_or(old);
        now != old
    });
    check!(now != old, "no new VRRP process within {limit} s");
    Ok(now)
}

fn r19(run: &mut Run) -> Verdict {
    quick_master(run)?;
    let old = run.daemon(A)?.vrrp_pid()?;
    let moment = Stamp::now();
    signal_pid(old, 9)?;
    run.daemon(A)?.wait_log(DIED, 0, 1.0)?;
    successor(run, old, 1.0)?;
    run.wait_address(A, "10.9.0.100", false, 1.0)?;
    run.wait_address(A, "10.9.0.100", true, 2.0)?;
    let again = run.wait_advert(A, moment.plus(0.3), 2.0)?;
    within("MASTER again", again.at.since(moment), 0.6, 1.2)
}

fn r20(run: &mut Run) -> Verdict {
    quick_master(run)?;
    let mut pid = run.daemon(A)?.vrrp_pid()?;
    let mut pauses = Vec::new();
    for _ in 0..3 {
        let moment = Stamp::now();
        signal_pid(pid, 9)?;
        pid = successor(run, pid, 6.0)?;
        pauses.push(Stamp::now().since(moment));
        run.pause(0.3);
    }
    within("first restart", pauses[0], 0.0, 0.5)?;
    within("second restart", pauses[1], 0.8, 1.6)?;
    within("third restart", pauses[2], 1.8, 2.6)?;
    for seconds in [1, 2] {
        let line = format!("delayed {seconds} second");
        run.daemon(A)?.wait_log(&line, 0, 0.1)?;
    }
    Ok(())
}

fn r21(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.launch(
        A,
        &Launch {
            config: quick(),
            args: vec!["-R".to_owned()],
            ..Launch::default()
        },
    )?;
    run.wait_advert(A, begin, 3.0)?;
    let pid = run.daemon(A)?.vrrp_pid()?;
    signal_pid(pid, 9)?;
    same("exit status", run.daemon(A)?.wait_exit(4.0)?.code(), Some(0))?;
    check!(run.daemon(A)?.log().contains("died: Exiting"), "the end is not logged");
    Ok(())
}

fn r22(run: &mut Run) -> Verdict {
    quick_master(run)?;
    let old = run.daemon(A)?.vrrp_pid()?;
    let moment = Stamp::now();
    signal_pid(old, 15)?;
    run.wait_priority(A, 0, moment, 0.5)?;
    run.wait_address(A, "10.9.0.100", false, 0.5)?;
    successor(run, old, 3.0)?;
    run.daemon(A)?.wait_log(DIED, 0, 0.5)?;
    run.wait_address(A, "10.9.0.100", true, 3.0)
}

fn r23(run: &mut Run) -> Verdict {
    quick_master(run)?;
    let (parent, child) = (run.daemon(A)?.pid(), run.daemon(A)?.vrrp_pid()?);
    signal_pid(parent, 9)?;
    let ended = until(3.0, || !Path::new(&format!("/proc/{child}")).exists());
    check!(ended, "the VRRP process survives its parent");
    run.wait_address(A, "10.9.0.100", false, 0.0)?;
    let directory = run.directory(A);
    check!(!directory.join("vrrp.pid").exists(), "vrrp.pid is still there");
    check!(directory.join("pid").exists(), "the parent's pid file is gone");
    quick_master(run)
}
