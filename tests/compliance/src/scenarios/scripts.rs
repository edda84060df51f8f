//! Tracked scripts: faults, weights, and scripts that will not end.

use std::path::Path;

use super::Scenario;
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::{Frame, Stamp};
use crate::outcome::{Stop, Verdict, near_since_log, same, within};
use crate::run::{Run, advert, advert_of};
use crate::scenarios::text::{VIP, instance, named};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A34",
        "scripts",
        8,
        "a script of weight 0 fails: FAULT with priority 0; succeeds: BACKUP, MASTER",
        a34,
    )
    .needs_root()
    .reference_deviates("2.2.7 knows whole seconds only as interval"),
    Scenario::each(
        "A35",
        "scripts",
        6,
        "a script that ignores SIGTERM is killed 2 s later",
        a35,
    )
    .needs_root(),
    Scenario::each(
        "Q12",
        "scripts",
        4,
        "init_fail has no effect: the first result is awaited without a word",
        q12,
    )
    .needs_root(),
    Scenario::each(
        "A34-reload",
        "scripts",
        6,
        "a script that comes with a reload holds nobody up; its first result counts",
        a34_reload,
    )
    .needs_root(),
    Scenario::each(
        "A34-command",
        "scripts",
        7,
        "a reload gives a script another command: its last result counts until the new one has its own",
        a34_command,
    )
    .needs_root(),
    Scenario::each("A36", "scripts", 7, "weights and reverse weights: priorities", a36).needs_root(),
    Scenario::each(
        "A36-fifo",
        "scripts",
        4,
        "vrrp_notify_priority_changes: MASTER_PRIORITY lines",
        a36_fifo,
    )
    .needs_root(),
];

fn check_script(interval: f64, options: &str) -> String {
    format!("vrrp_script chk {{\nscript \"/usr/bin/test ! -e @DIR@/bad\"\ninterval {interval}\n{options}\n}}\n")
}

fn a34(run: &mut Run) -> Verdict {
    // The original of 2.2.7 knows whole seconds only.
    let interval = if run.reference() { 1.0 } else { 0.5 };
    let lines = "version 3\npriority 150\nadvert_int 0.2\ntrack_script {\nchk\n}";
    let config = format!("{}{}", check_script(interval, "fall 2\nrise 2"), instance(lines, VIP));
    let bad = run.directory(A).join("bad");
    let two_runs = |what: &str, seconds| within(what, seconds, 0.95 * interval, 2.0 * interval + 0.1);
    let begin = Stamp::now();
    run.start(A, &config)?;
    run.wait_priority(A, 150, begin, 4.0)?;
    let moment = Stamp::now();
    std::fs::write(&bad, "")?;
    let zero = run.wait_priority(A, 0, moment, 3.0)?;
    two_runs("FAULT after two failing runs", zero.at.since(moment))?;
    run.wait_state(A, "FAULT", 0, 0.5)?;
    run.wait_address(A, "10.9.0.100", false, 0.3)?;
    run.expect_silence(A, Stamp::now(), 1.0)?;
    let (repaired, before) = (Stamp::now(), run.entered(A, "BACKUP")?);
    std::fs::remove_file(&bad)?;
    let backup = run.wait_state(A, "BACKUP", before, 3.0)?;
    two_runs("BACKUP after two good runs", backup.since(repaired))?;
    let first = run.wait_priority(A, 150, repaired, 3.0)?;
    near_since_log(
        "MASTER after Master_Down",
        first.at.since(backup),
        0.6 + 0.2 * 106.0 / 256.0,
    )
}

fn q12(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    write_script(&run.directory(A).join("slow.sh"), "#!/bin/sh\nsleep 1.5\nexit 0\n")?;
    let globals = "global_defs {\nvrrp_notify_fifo @DIR@/fifo\n}\n";
    let script = "vrrp_script slow {\nscript \"@DIR@/slow.sh\"\ninterval 10\ntimeout 5\ninit_fail\n}\n";
    let lines = "version 3\npriority 150\nadvert_int 0.2\ntrack_script {\nslow\n}";
    let begin = Stamp::now();
    run.start(A, &format!("{globals}{script}{}", instance(lines, VIP)))?;
    let told = fifo.wait("INSTANCE \"V1\" BACKUP 150", begin, 4.0)?;
    within("BACKUP with the first result", told.since(begin), 1.5, 2.2)?;
    let first = fifo.texts().into_iter().next().unwrap_or_default();
    same("the first line", first, "INSTANCE \"V1\" BACKUP 150".to_owned())
}

fn a34_reload(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    write_script(&run.directory(A).join("slow.sh"), "#!/bin/sh\nsleep 1.5\nexit 1\n")?;
    let globals = "global_defs {\nvrrp_notify_fifo @DIR@/fifo\n}\n";
    let lines = "version 3\npriority 150\nadvert_int 0.2";
    let begin = Stamp::now();
    run.start(A, &format!("{globals}{}", instance(lines, VIP)))?;
    run.wait_advert(A, begin, 3.0)?;
    run.pause(0.3);
    let script = "vrrp_script slow {\nscript \"@DIR@/slow.sh\"\ninterval 10\ntimeout 5\n}\n";
    let tracked = format!("{lines}\ntrack_script {{\nslow\n}}");
    let config = format!(
        "{globals}{script}{}{}",
        instance(&tracked, VIP),
        named("V2", 52, &tracked, "10.9.0.102/24")
    );
    let moment = run.reload(A, &config)?;
    // The readers of the FIFO see its end at a reload, so the log it is; the new instance starts although nothing is known yet.
    run.daemon(A)?.wait_log("(V2) Entering MASTER STATE", 0, 1.4)?;
    let faults = run.entered(A, "FAULT")?;
    same("times V1 entered FAULT before the first result", faults, 0)?;
    let at = run.wait_state(A, "FAULT", 0, 2.5)?;
    within("FAULT with the first result", at.since(moment), 1.4, 2.0)?;
    run.daemon(A)?.wait_log("(V2) Entering FAULT STATE", 0, 0.5)?;
    drop(fifo);
    Ok(())
}

fn a34_command(run: &mut Run) -> Verdict {
    std::fs::create_dir_all(run.directory(A))?;
    write_script(&run.directory(A).join("slow.sh"), "#!/bin/sh\nsleep ${2:-0}\nexit $1\n")?;
    let config = |delay: &str| {
        let script = |name: &str, status: u8, weight: i8| {
            format!(
                "vrrp_script {name} {{\nscript \"@DIR@/slow.sh {status} {delay}\"\ninterval 20\ntimeout 10\nweight {weight}\n}}\n"
            )
        };
        let lines = |name: &str| format!("version 3\npriority 150\nadvert_int 0.2\ntrack_script {{\n{name}\n}}");
        [
            script("failing", 1, 0),
            script("worse", 1, -20),
            script("better", 0, 30),
            instance(&lines("failing"), VIP),
            named("V2", 52, &lines("worse"), "10.9.0.102/24"),
            named("V3", 53, &lines("better"), "10.9.0.103/24"),
        ]
        .concat()
    };
    let begin = Stamp::now();
    run.start(A, &config(""))?;
    run.daemon(A)?.wait_log("VRRP_Script(failing) failed", 0, 2.0)?;
    let priorities = |run: &Run, since| -> Verdict<(u8, u8)> {
        Ok((last_priority(run, 52, since)?, last_priority(run, 53, since)?))
    };
    run.pause(1.5);
    same("priorities of V2 and V3", priorities(run, begin)?, (130, 180))?;
    let moment = run.reload(A, &config("2"))?;
    // Master_Down is 0.7 s: an instance that forgot why it is in FAULT would be MASTER by now.
    run.pause(1.5);
    same(
        "priorities while the new commands run",
        priorities(run, moment)?,
        (130, 180),
    )?;
    let of_v1 = |frame: &Frame| advert_of(frame, A).is_some_and(|a| a.vrid == 51);
    run.pause(1.5);
    let heard = run.adverts(A, begin).iter().filter(|frame| of_v1(frame)).count();
    same("adverts of V1", heard, 0)?;
    same(
        "times BACKUP was entered by V1",
        run.daemon(A)?.log().matches("(V1) Entering BACKUP STATE").count(),
        0,
    )
}

fn a35(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let note = |name: &str| format!("date +%s.%N >> {}/{name}", directory.display());
    let script = directory.join("stubborn.sh");
    let text = format!(
        "#!/bin/sh\ntrap '{}' TERM\n{}\nwhile :; do {}; sleep 0.02; done\n",
        note("term"),
        note("start"),
        note("beat")
    );
    write_script(&script, &text)?;
    let scripts = "vrrp_script stubborn {\nscript \"@DIR@/stubborn.sh\"\ninterval 20\ntimeout 1\nweight 1\n}\n";
    let lines = "version 3\npriority 150\nadvert_int 0.3\ntrack_script {\nstubborn\n}";
    run.start(A, &format!("{scripts}{}", instance(lines, VIP)))?;
    run.pause(4.5);
    let time = |name: &str| -> Verdict<f64> {
        let text = std::fs::read_to_string(directory.join(name))?;
        // The last line that is complete: the script may have been killed while it wrote.
        let lines = text.rsplit_once('\n').map_or("", |(complete, _)| complete);
        let last = lines.lines().next_back().unwrap_or_default();
        last.parse().map_err(|_| Stop::Fail(format!("{name} holds {text:?}")))
    };
    let (start, term, last) = (time("start")?, time("term")?, time("beat")?);
    within("SIGTERM after the start", term - start, 0.9, 1.15)?;
    within("last sign of life after SIGTERM", last - term, 1.8, 2.15)
}

fn write_script(path: &Path, text: &str) -> Verdict {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text)?;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?)
}

fn a36(run: &mut Run) -> Verdict {
    const ROWS: [(u8, &str, u8, u8); 4] = [
        (51, "20", 120, 100),
        (52, "-20", 100, 80),
        (53, "20 reverse", 80, 100),
        (54, "-20 reverse", 100, 120),
    ];
    let mut config = check_script(0.5, "fall 1\nrise 1");
    for (vrid, weight, _, _) in ROWS {
        let lines = format!("version 3\npriority 100\nadvert_int 0.2\ntrack_script {{\nchk weight {weight}\n}}");
        config += &named(
            &format!("V{}", vrid - 50),
            vrid,
            &lines,
            &format!("10.9.0.{}/24", vrid + 50),
        );
    }
    let bad = run.directory(A).join("bad");
    let begin = Stamp::now();
    run.start(A, &config)?;
    run.pause(2.0);
    for (vrid, weight, good, _) in ROWS {
        same(
            &format!("priority with weight {weight}, script good"),
            last_priority(run, vrid, begin)?,
            good,
        )?;
    }
    let moment = Stamp::now();
    std::fs::write(&bad, "")?;
    run.pause(1.2);
    for (vrid, weight, _, failed) in ROWS {
        same(
            &format!("priority with weight {weight}, script failed"),
            last_priority(run, vrid, moment)?,
            failed,
        )?;
    }
    let repaired = Stamp::now();
    std::fs::remove_file(&bad)?;
    run.pause(1.2);
    for (vrid, weight, good, _) in ROWS {
        same(
            &format!("priority with weight {weight}, script good again"),
            last_priority(run, vrid, repaired)?,
            good,
        )?;
    }
    let zeros = run
        .adverts(A, begin)
        .iter()
        .filter(|frame| advert(frame).is_ok_and(|a| a.priority == 0))
        .count();
    check!(zeros == 0, "{zeros} adverts with priority 0");
    Ok(())
}

fn a36_fifo(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    let globals = "global_defs {\nvrrp_notify_fifo @DIR@/fifo\nvrrp_notify_priority_changes yes\n}\n";
    let script = check_script(0.5, "fall 1\nrise 1");
    let lines = "version 3\npriority 100\nadvert_int 0.2\ntrack_script {\nchk weight 20\n}";
    let begin = Stamp::now();
    run.start(A, &format!("{globals}{script}{}", instance(lines, VIP)))?;
    run.wait_priority(A, 120, begin, 4.0)?;
    let moment = Stamp::now();
    std::fs::write(run.directory(A).join("bad"), "")?;
    fifo.wait("INSTANCE \"V1\" MASTER_PRIORITY 100", moment, 2.2)?;
    Ok(())
}

fn last_priority(run: &Run, vrid: u8, since: Stamp) -> Verdict<u8> {
    let of_vrid = |frame: &Frame| advert_of(frame, A).filter(|a| a.vrid == vrid).map(|a| a.priority);
    let last = run.adverts(A, since).iter().rev().find_map(of_vrid);
    last.ok_or_else(|| Stop::Fail(format!("no advert of VRID {vrid}")))
}
