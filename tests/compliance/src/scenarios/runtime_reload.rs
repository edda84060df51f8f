//! Reloads as an operator sees them, good ones and bad ones: rows 24 to 31.

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::Scenario;
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Stop, Verdict, same};
use crate::run::{HUP, Run, advert};
use crate::scenarios::runtime_start::{quick, quick_master};
use crate::scenarios::text::{instance, named};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "R24",
        "runtime",
        4,
        "unchanged configuration: no state change, the VIP is never absent",
        r24,
    ),
    Scenario::each("R25", "runtime", 4, "two reloads at once: the second waits", r25),
    Scenario::each(
        "R26",
        "runtime",
        5,
        "an instance deleted: priority 0, VIP removed, generic script told FAULT",
        r26,
    )
    .needs_root(),
    Scenario::each(
        "R27",
        "runtime",
        4,
        "a bad interface in the new file: the daemon goes on",
        r27,
    )
    .reference_deviates("the whole daemon ends with 2 and leaves the VIP"),
    Scenario::each("R28", "runtime", 4, "the file is gone: the daemon goes on", r28)
        .reference_deviates("it removes all instances"),
    Scenario::each(
        "R29",
        "runtime",
        4,
        "instance name changed: refused, nothing changes",
        r29,
    ),
    Scenario::each(
        "R30",
        "runtime",
        4,
        "reload_check_config and a broken file: refused, nothing changes",
        r30,
    )
    .needs_root(),
    Scenario::each(
        "R31",
        "runtime",
        4,
        "reload_file: the marker is there during the reload only",
        r31,
    )
    .reference_deviates("2.2.7 makes no marker that could be seen"),
];

/// Fails unless the MASTER of [`quick`] went on since `moment` as if nothing had happened.
pub fn undisturbed(run: &mut Run, moment: Stamp) -> Verdict {
    check!(run.daemon(A)?.alive()?, "the daemon ended");
    let seen = run.adverts(A, moment.minus(0.45));
    check!(seen.len() >= 3, "only {} adverts since the reload", seen.len());
    for pair in seen.windows(2) {
        let gap = pair[1].at.since(pair[0].at);
        check!(
            gap < 0.3 + slack(),
            "{gap:.3} s between two adverts, more than 1.5 intervals"
        );
    }
    let last = seen[seen.len() - 1].at;
    check!(
        Stamp::now().since(last) < 0.3 + slack(),
        "the last advert is {:.3} s old",
        Stamp::now().since(last)
    );
    let zero = seen.iter().any(|frame| advert(frame).is_ok_and(|a| a.priority == 0));
    check!(!zero, "priority 0 was sent");
    run.wait_address(A, "10.9.0.100", true, 0.0)?;
    same("times it became MASTER", run.counter(A, "Became master")?, 1)
}

fn slack() -> f64 {
    crate::outcome::slack_seconds()
}

fn r24(run: &mut Run) -> Verdict {
    quick_master(run)?;
    run.pause(0.5);
    let moment = Stamp::now();
    run.signal(A, HUP)?;
    // Asked as often as possible while the reload is going on.
    while Stamp::now().since(moment) < 0.6 {
        let address = std::net::IpAddr::from([10, 9, 0, 100]);
        check!(
            run.lab.has_address(A, address)?,
            "the VIP is absent {:.3} s after SIGHUP",
            Stamp::now().since(moment)
        );
    }
    run.daemon(A)?.wait_log("Reloading ...", 0, 0.1)?;
    run.daemon(A)?.wait_log("Reload complete", 0, 1.0)?;
    run.pause(0.5);
    undisturbed(run, moment)
}

fn r25(run: &mut Run) -> Verdict {
    quick_master(run)?;
    run.pause(0.5);
    let moment = Stamp::now();
    run.signal(A, HUP)?;
    run.signal(A, HUP)?;
    run.daemon(A)?.wait_log("Reload complete", 0, 2.0)?;
    run.pause(1.0);
    let completed = run.daemon(A)?.log().matches("Reload complete").count();
    check!((1..=2).contains(&completed), "{completed} reloads of two requests");
    undisturbed(run, moment)
}

fn r26(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let script = directory.join("told.sh");
    std::fs::write(
        &script,
        format!("#!/bin/sh\necho \"$@\" >> {}/told\n", directory.display()),
    )?;
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let lines = "version 3\npriority 200\nadvert_int 0.2\nnotify @DIR@/told.sh";
    let second = named("V2", 52, lines, "10.9.0.101/24");
    let begin = Stamp::now();
    run.start(A, &format!("{}{second}", quick()))?;
    run.wait_advert(A, begin, 3.0)?;
    run.wait_address(A, "10.9.0.101", true, 2.0)?;
    run.pause(0.3);
    let moment = run.reload(A, &quick())?;
    run.wait(moment, 1.0, "priority 0 of VRID 52", |f| {
        advert(f).is_ok_and(|a| a.vrid == 52 && a.priority == 0)
    })?;
    run.wait_address(A, "10.9.0.101", false, 0.5)?;
    run.pause(0.5);
    let told = std::fs::read_to_string(directory.join("told"))?;
    check!(
        told.lines().any(|line| line == "INSTANCE V2 FAULT 200"),
        "the script was told {told:?}"
    );
    run.wait_address(A, "10.9.0.100", true, 0.0)
}

fn r27(run: &mut Run) -> Verdict {
    quick_master(run)?;
    run.pause(0.5);
    let bad = format!(
        "{}{}",
        quick(),
        named("V2", 52, "priority 100", "10.9.0.101/24").replace("e0", "e9")
    );
    let moment = run.reload(A, &bad)?;
    if run.reference() {
        same("exit status", run.daemon(A)?.wait_exit(4.0)?.code(), Some(2))?;
        return Ok(());
    }
    run.pause(1.0);
    undisturbed(run, moment)
}

fn r28(run: &mut Run) -> Verdict {
    quick_master(run)?;
    run.pause(0.5);
    std::fs::remove_file(run.directory(A).join("keepalived.conf"))?;
    let moment = Stamp::now();
    run.signal(A, HUP)?;
    run.pause(1.0);
    if run.reference() {
        check!(run.daemon(A)?.alive()?, "the daemon ended");
        return run.wait_address(A, "10.9.0.100", false, 0.5);
    }
    undisturbed(run, moment)
}

fn r29(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let config = |name: &str| format!("instance {name}\n{}", quick());
    run.start(A, &config("one"))?;
    run.wait_advert(A, begin, 3.0)?;
    run.pause(0.5);
    let moment = run.reload(A, &config("two").replace("10.9.0.100", "10.9.0.110"))?;
    run.daemon(A)?.wait_log(
        "Cannot change instance name at a reload - please restart keepalived",
        0,
        1.0,
    )?;
    run.pause(1.0);
    undisturbed(run, moment)
}

fn r30(run: &mut Run) -> Verdict {
    let config = |rest: &str| format!("global_defs {{\nreload_check_config @DIR@/check.log\n}}\n{rest}");
    let begin = Stamp::now();
    run.start(A, &config(&quick()))?;
    run.wait_advert(A, begin, 3.0)?;
    run.pause(0.5);
    let broken = instance(
        "version 3\npriority 200\nadvert_int 0.2\nno_such_keyword",
        "10.9.0.110/24",
    );
    let moment = run.reload(A, &config(&broken))?;
    run.daemon(A)?.wait_log("New config failed validation", 0, 3.0)?;
    run.pause(0.5);
    undisturbed(run, moment)?;
    let log = std::fs::read_to_string(run.directory(A).join("check.log"))?;
    check!(log.contains("no_such_keyword"), "the file of the check says {log:?}");
    Ok(())
}

fn r31(run: &mut Run) -> Verdict {
    let directory = run.directory(A).join("marker");
    std::fs::create_dir_all(&directory)?;
    let marker = directory.join("reloading");
    let begin = Stamp::now();
    run.start(
        A,
        &format!("global_defs {{\nreload_file @DIR@/marker/reloading\n}}\n{}", quick()),
    )?;
    run.wait_advert(A, begin, 3.0)?;
    check!(!marker.exists(), "the marker is there after the start");
    let watch = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
    watch.add_watch(&directory, AddWatchFlags::IN_CREATE | AddWatchFlags::IN_DELETE)?;
    run.signal(A, HUP)?;
    run.daemon(A)?.wait_log("Reload complete", 0, 2.0)?;
    run.pause(0.2);
    let events = watch.read_events();
    if run.reference() {
        check!(events.is_err(), "the original makes a marker after all: {events:?}");
        return Ok(());
    }
    let events = events.map_err(|error| Stop::Fail(format!("the marker was never made: {error}")))?;
    check!(
        events.iter().any(|event| event.mask.contains(AddWatchFlags::IN_CREATE)),
        "the marker was never made"
    );
    check!(!marker.exists(), "the marker is there after the reload");
    Ok(())
}
