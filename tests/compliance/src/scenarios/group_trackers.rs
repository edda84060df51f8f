//! What sync groups and their members track, and members that come, go or hear somebody better (section 7).

use super::Scenario;
use super::groups::lines;
use crate::fifo::Fifo;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::lab::inject::Forged;
use crate::outcome::{Stop, Verdict, same};
use crate::run::{Run, advert};
use crate::scenarios::text::named;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A46-weights",
        "groups",
        6,
        "weights of a group change all members, IPv4 and IPv6, and demote none",
        weights,
    ),
    Scenario::each(
        "A46-script",
        "groups",
        5,
        "a script of a group: its weight changes all members, weight 0 means FAULT for all",
        script,
    )
    .needs_root(),
    Scenario::each(
        "A46-fault",
        "groups",
        5,
        "a group that starts in FAULT by its own tracker, recovers and fails",
        fault,
    ),
    Scenario::each(
        "A46-neutral",
        "groups",
        5,
        "weights of members count for nothing: an interface means FAULT, a file of another weight nothing",
        neutral,
    )
    .reference_deviates("2.2.7 says that it ignores the weight of the interface, and adds it"),
    Scenario::each(
        "A46-own",
        "groups",
        4,
        "sync_group_tracking_weight: weights of members count each for itself",
        own,
    ),
    Scenario::each(
        "A46-both",
        "groups",
        5,
        "global_tracking, and one file tracked by group and members: the group's weight, but a member's 0 stays",
        both,
    ),
    Scenario::each(
        "A46-owner",
        "groups",
        5,
        "weights of a group with an owner mean FAULT",
        owner,
    ),
    Scenario::each(
        "A46-better",
        "groups",
        5,
        "a better advert for one member takes all down without priority 0, and holds them back as long as it is heard",
        better,
    ),
    Scenario::each(
        "A46-members",
        "groups",
        5,
        "members that come with a reload bring the group to BACKUP, members that go leave it",
        members,
    ),
];

/// V1 with VRID 51 over IPv4, V2 with VRID 52 over IPv6.
fn pair(first: &str, second: &str) -> String {
    let common = "version 3\nadvert_int 0.2";
    let v1 = named("V1", 51, &format!("{common}\n{first}"), "10.9.0.100/24");
    let v2 = named("V2", 52, &format!("{common}\n{second}"), "fe80::100/64\nfd09::100/64");
    format!("{v1}{v2}")
}

fn head(group: &str) -> String {
    format!(
        "global_defs {{\nvrrp_notify_fifo @DIR@/fifo\nvrrp_notify_priority_changes yes\n}}\n\
         track_file tf {{\nfile @DIR@/value\n}}\nvrrp_sync_group G1 {{\ngroup {{\nV1\nV2\n}}\n{group}\n}}\n"
    )
}

fn write(run: &Run, value: i32) -> Verdict<Stamp> {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let moment = Stamp::now();
    std::fs::write(directory.join("value"), format!("{value}\n"))?;
    Ok(moment)
}

/// Starts with `value` in the file; gives the FIFO and the moment before.
fn started(run: &mut Run, value: i32, config: &str) -> Verdict<(Fifo, Stamp)> {
    write(run, value)?;
    let fifo = run.open_fifo(A, "fifo")?;
    let begin = Stamp::now();
    run.start(A, config)?;
    Ok((fifo, begin))
}

fn instance(name: &str, word: &str, priority: u8) -> String {
    format!("INSTANCE \"{name}\" {word} {priority}")
}

fn group(word: &str) -> String {
    format!("GROUP \"G1\" {word} 0")
}

/// Checks all lines since `since`, the last of which is waited for.
fn told(fifo: &Fifo, since: Stamp, limit: f64, expected: &[String]) -> Verdict<Stamp> {
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    lines(fifo, since, limit, &expected)
}

/// Waits until the group is MASTER; the kernel has done its work then.
fn master(run: &Run, fifo: &Fifo, since: Stamp) -> Verdict {
    fifo.wait(&group("MASTER"), since, 4.0)?;
    run.pause(0.15);
    Ok(())
}

fn weights(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let tracked = "track_file {\ntf\n}\ntrack_interface {\ne1 weight 20\n}";
    let config = format!("{}{}", head(tracked), pair("priority 100", "priority 130"));
    let (fifo, begin) = started(run, 0, &config)?;
    master(run, &fifo, begin)?;
    run.wait_priority(A, 120, begin, 0.5)?;
    run.wait_priority(A, 150, begin, 0.5)?;
    let raised = write(run, 5)?;
    let expected = [
        instance("V1", "MASTER_PRIORITY", 125),
        instance("V2", "MASTER_PRIORITY", 155),
    ];
    told(&fifo, raised, 0.5, &expected)?;
    let cut = Stamp::now();
    run.lab.second_cable(A, false)?;
    let expected = [
        instance("V1", "MASTER_PRIORITY", 105),
        instance("V2", "MASTER_PRIORITY", 135),
    ];
    told(&fifo, cut, 0.5, &expected)?;
    run.wait_priority(A, 135, cut, 0.5)?;
    let failed = write(run, -300)?;
    let expected = [
        instance("V1", "FAULT", 105),
        instance("V2", "FAULT", 135),
        group("FAULT"),
    ];
    told(&fifo, failed, 0.5, &expected)?;
    run.wait_priority(A, 0, failed, 0.3)?;
    let repaired = write(run, 0)?;
    let expected = [
        instance("V2", "BACKUP", 130),
        instance("V1", "BACKUP", 100),
        group("BACKUP"),
    ];
    told(&fifo, repaired, 0.5, &expected)?;
    Ok(())
}

fn script(run: &mut Run) -> Verdict {
    let check = |name: &str, file: &str| {
        format!("vrrp_script {name} {{\nscript \"/usr/bin/test ! -e @DIR@/{file}\"\ninterval 1\nweight 10\n}}\n")
    };
    let tracked = head("track_script {\nchk\nvital weight 0\n}");
    let instances = pair("priority 100", "priority 130");
    let config = format!("{}{}{tracked}{instances}", check("chk", "bad"), check("vital", "worse"));
    let (fifo, begin) = started(run, 0, &config)?;
    master(run, &fifo, begin)?;
    run.wait_priority(A, 110, begin, 1.0)?;
    run.wait_priority(A, 140, begin, 1.0)?;
    let failed = Stamp::now();
    std::fs::write(run.directory(A).join("bad"), "")?;
    let expected = [
        instance("V1", "MASTER_PRIORITY", 100),
        instance("V2", "MASTER_PRIORITY", 130),
    ];
    told(&fifo, failed, 1.3, &expected)?;
    let failed = Stamp::now();
    std::fs::write(run.directory(A).join("worse"), "")?;
    let expected = [
        instance("V1", "FAULT", 100),
        instance("V2", "FAULT", 130),
        group("FAULT"),
    ];
    told(&fifo, failed, 1.3, &expected)?;
    let repaired = Stamp::now();
    std::fs::remove_file(run.directory(A).join("worse"))?;
    fifo.wait(&group("BACKUP"), repaired, 1.3)?;
    Ok(())
}

fn fault(run: &mut Run) -> Verdict {
    let config = format!(
        "{}{}",
        head("track_file {\ntf weight 0\n}"),
        pair("priority 100", "priority 130")
    );
    let (fifo, begin) = started(run, 1, &config)?;
    let failed = [
        instance("V1", "FAULT", 100),
        instance("V2", "FAULT", 130),
        group("FAULT"),
    ];
    told(&fifo, begin, 3.0, &failed)?;
    run.pause(0.3);
    let repaired = write(run, 0)?;
    let expected = [
        instance("V2", "BACKUP", 130),
        instance("V1", "BACKUP", 100),
        group("BACKUP"),
    ];
    told(&fifo, repaired, 0.5, &expected)?;
    master(run, &fifo, repaired)?;
    let again = write(run, -1)?;
    told(&fifo, again, 0.5, &failed)?;
    Ok(())
}

fn neutral(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let config = format!(
        "{}{}",
        head(""),
        pair(
            "priority 100\ntrack_interface {\ne1 weight 20\n}",
            "priority 130\ntrack_file {\ntf weight 2\n}"
        )
    );
    let (fifo, begin) = started(run, 0, &config)?;
    master(run, &fifo, begin)?;
    run.wait_priority(A, if run.reference() { 120 } else { 100 }, begin, 0.5)?;
    run.wait_priority(A, 130, begin, 0.5)?;
    let written = write(run, 7)?;
    run.pause(0.4);
    let since = fifo.lines().into_iter().filter(|(at, _)| *at >= written).count();
    same("lines because of a tracker that is left out", since, 0)?;
    let cut = Stamp::now();
    run.lab.second_cable(A, false)?;
    let expected = if run.reference() {
        vec![instance("V1", "MASTER_PRIORITY", 100)]
    } else {
        vec![
            instance("V1", "FAULT", 100),
            instance("V2", "FAULT", 130),
            group("FAULT"),
        ]
    };
    told(&fifo, cut, 0.5, &expected)?;
    Ok(())
}

fn own(run: &mut Run) -> Verdict {
    let config = format!(
        "{}{}",
        head("sync_group_tracking_weight"),
        pair(
            "priority 100\ntrack_file {\ntf weight 2\n}",
            "priority 130\ntrack_file {\ntf weight -1 reverse\n}"
        )
    );
    let (fifo, begin) = started(run, 0, &config)?;
    master(run, &fifo, begin)?;
    let written = write(run, 5)?;
    let expected = [
        instance("V1", "MASTER_PRIORITY", 110),
        instance("V2", "MASTER_PRIORITY", 135),
    ];
    told(&fifo, written, 0.5, &expected)?;
    run.wait_priority(A, 110, written, 0.4)?;
    run.wait_priority(A, 135, written, 0.4)?;
    Ok(())
}

fn both(run: &mut Run) -> Verdict {
    let config = format!(
        "{}{}",
        head("global_tracking\ntrack_file {\ntf weight 3\n}"),
        pair(
            "priority 100\ntrack_file {\ntf weight 2\n}",
            "priority 130\ntrack_file {\ntf weight 0\n}"
        )
    );
    let (fifo, begin) = started(run, 0, &config)?;
    master(run, &fifo, begin)?;
    let written = write(run, 5)?;
    let expected = [
        instance("V1", "MASTER_PRIORITY", 115),
        instance("V2", "FAULT", 130),
        instance("V1", "FAULT", 115),
        group("FAULT"),
    ];
    told(&fifo, written, 0.5, &expected)?;
    let written = write(run, 0)?;
    let expected = [
        instance("V1", "BACKUP_PRIORITY", 100),
        instance("V2", "BACKUP", 130),
        instance("V1", "BACKUP", 100),
        group("BACKUP"),
    ];
    told(&fifo, written, 0.5, &expected)?;
    Ok(())
}

fn owner(run: &mut Run) -> Verdict {
    let config = format!(
        "{}{}",
        head("track_file {\ntf weight 2\n}"),
        pair("priority 255", "priority 130")
    );
    let (fifo, begin) = started(run, 0, &config)?;
    master(run, &fifo, begin)?;
    let failed = write(run, 5)?;
    let expected = [
        instance("V1", "FAULT", 255),
        instance("V2", "FAULT", 130),
        group("FAULT"),
    ];
    told(&fifo, failed, 0.5, &expected)?;
    let repaired = write(run, 0)?;
    fifo.wait(&group("BACKUP"), repaired, 0.5)?;
    master(run, &fifo, repaired)
}

fn better(run: &mut Run) -> Verdict {
    let config = format!("{}{}", head(""), pair("priority 100", "priority 130"));
    let (fifo, begin) = started(run, 0, &config)?;
    master(run, &fifo, begin)?;
    let heard = Stamp::now();
    run.inject_each(0.2, 10, &Forged::new(3, 200).interval(20))?;
    let last = Stamp::now();
    let expected = [
        instance("V1", "BACKUP", 100),
        instance("V2", "BACKUP", 130),
        group("BACKUP"),
    ];
    // Within two seconds, many times Master_Down, nothing else is told.
    told(&fifo, heard, 0.3, &expected)?;
    let zeros = run.adverts(A, heard);
    let zeros = zeros
        .iter()
        .filter(|frame| advert(frame).is_ok_and(|a| a.priority == 0))
        .count();
    same("adverts with priority 0", zeros, 0)?;
    master(run, &fifo, last)
}

fn members(run: &mut Run) -> Verdict {
    let two = pair("priority 100", "priority 130");
    let third = named("V3", 53, "version 3\nadvert_int 0.2\npriority 110", "10.9.0.103/24");
    let with = |members: &str, rest: &str| head("").replace("V1\nV2\n", members) + &two + rest;
    let (_fifo, _) = started(run, 0, &with("V1\nV2\n", ""))?;
    run.wait_address(A, "10.9.0.100", true, 4.0)?;
    run.pause(0.3);
    let states = |run: &mut Run| -> Verdict<Vec<usize>> {
        let log = run.daemon(A)?.log();
        let count = |name: &str, state: &str| log.matches(&format!("({name}) Entering {state} STATE")).count();
        Ok(vec![
            count("V1", "BACKUP"),
            count("V2", "BACKUP"),
            count("V1", "MASTER"),
            count("V2", "MASTER"),
        ])
    };
    let before = states(run)?;
    run.reload(A, &with("V1\nV2\nV3\n", &third))?;
    run.wait_address(A, "10.9.0.103", true, 4.0)?;
    run.wait_address(A, "10.9.0.100", true, 1.0)?;
    run.pause(0.3);
    let after = states(run)?;
    let moved: Vec<usize> = after.iter().zip(&before).map(|(now, then)| now - then).collect();
    same("BACKUP and MASTER of V1 and V2 since V3 came", moved, vec![1, 1, 1, 1])?;
    run.reload(A, &with("V1\nV2\n", ""))?;
    run.wait_address(A, "10.9.0.103", false, 2.0)?;
    run.pause(0.6);
    same("states since V3 went", states(run)?, after)?;
    if run.lab.has_address(A, std::net::IpAddr::from([10, 9, 0, 100]))? {
        Ok(())
    } else {
        Err(Stop::Fail("10.9.0.100 is gone".to_owned()))
    }
}
