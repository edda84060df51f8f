//! Tracked files and tracked interfaces.

use super::Scenario;
use crate::check;
use crate::fifo::Fifo;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, near_since_log, same, within};
use crate::run::{Run, advert};
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A37a",
        "tracking",
        6,
        "a tracked file of weight 1: priorities and FAULT",
        a37a,
    ),
    Scenario::each(
        "A37b",
        "tracking",
        4,
        "a tracked file of weight 0: FAULT unless 0",
        a37b,
    ),
    Scenario::each("A37c", "tracking", 4, "the same in reverse: FAULT if 0", a37c),
    Scenario::each(
        "A37-init",
        "tracking",
        5,
        "init_file: made at the start, not by -t and not by a reload; what the dump says of a tracked file",
        a37_init,
    ),
    Scenario::each(
        "A41",
        "tracking",
        5,
        "two tracked interfaces: FAULT until both are up",
        a41,
    ),
    Scenario::each("A43", "tracking", 5, "an owner comes back from FAULT as BACKUP", a43),
];

fn plain(lines: &str) -> String {
    instance(&format!("version 3\nadvert_int 0.2\n{lines}"), VIP)
}

fn config(file: &str, lines: &str) -> String {
    format!(
        "global_defs {{\nvrrp_notify_fifo @DIR@/fifo\n}}\n{file}{}",
        instance(&format!("version 3\nadvert_int 0.2\n{lines}"), VIP)
    )
}

fn tracked_file(options: &str) -> String {
    format!("track_file tf {{\nfile \"@DIR@/value\"\n{options}\ninit_file 0\n}}\n")
}

fn write(run: &Run, text: &str) -> Verdict<Stamp> {
    let moment = Stamp::now();
    std::fs::write(run.directory(A).join("value"), text)?;
    Ok(moment)
}

fn a37a(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    let begin = Stamp::now();
    run.start(
        A,
        &config(&tracked_file("weight 1"), "priority 100\ntrack_file {\ntf\n}"),
    )?;
    run.wait_priority(A, 100, begin, 3.0)?;
    let moment = write(run, "5\n")?;
    run.wait_priority(A, 105, moment, 0.35)?;
    let moment = write(run, "-300\n")?;
    let zero = run.wait_priority(A, 0, moment, 0.3)?;
    within("priority 0 after the write", zero.at.since(moment), 0.0, 0.05)?;
    run.expect_silence(A, zero.at.plus(0.02), 0.5)?;
    let moment = write(run, "-20\n")?;
    fifo.wait("INSTANCE \"V1\" BACKUP 80", moment, 0.3)?;
    run.wait_priority(A, 80, moment, 1.5)?;
    for (text, priority) in [("abc\n", 100), ("0x10\n", 116), ("1000\n", 254), ("0\n", 100)] {
        let moment = write(run, text)?;
        run.wait_priority(A, priority, moment, 0.35)?;
    }
    std::fs::remove_file(run.directory(A).join("value"))?;
    let moment = Stamp::now();
    run.pause(0.6);
    let others = run
        .adverts(A, moment)
        .iter()
        .filter(|f| advert(f).is_ok_and(|a| a.priority != 100))
        .count();
    same("adverts of another priority once the file is gone", others, 0)
}

/// Writes each text and checks whether the instance is in FAULT then.
fn faults(run: &mut Run, fifo: &Fifo, rows: &[(&str, bool)]) -> Verdict {
    for (text, fault) in rows {
        write(run, &format!("{text}\n"))?;
        run.pause(0.15);
        let last = fifo.texts().pop().unwrap_or_default();
        same(
            &format!("FAULT after {text:?} (the last line was {last})"),
            last.contains(" FAULT "),
            *fault,
        )?;
    }
    Ok(())
}

fn a37b(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    let begin = Stamp::now();
    run.start(
        A,
        &config(&tracked_file("weight 0"), "priority 100\ntrack_file {\ntf\n}"),
    )?;
    run.wait_advert(A, begin, 3.0)?;
    let rows = [
        ("5", true),
        ("-300", true),
        ("-20", true),
        ("abc", false),
        ("0x10", true),
        ("1000", true),
        ("0", false),
    ];
    faults(run, &fifo, &rows)?;
    std::fs::remove_file(run.directory(A).join("value"))?;
    run.pause(0.2);
    check!(
        !fifo.texts().last().is_some_and(|line| line.contains(" FAULT ")),
        "FAULT although the file is gone"
    );
    Ok(())
}

fn a37c(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    run.start(
        A,
        &config(&tracked_file("weight 0 reverse"), "priority 100\ntrack_file {\ntf\n}"),
    )?;
    let begin = Stamp::now();
    fifo.wait("INSTANCE \"V1\" FAULT 100", begin.minus(1.0), 2.0)?;
    faults(run, &fifo, &[("5", false), ("abc", true), ("0x10", false), ("0", true)])
}

fn a37_init(run: &mut Run) -> Verdict {
    use std::os::unix::fs::PermissionsExt;
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let (value, other) = (directory.join("value"), directory.join("other"));
    std::fs::write(&other, "a long text\n")?;
    let files = "track_file tf {\nfile @DIR@/value\nweight 2\ninit_file 7\n}\n\
                 track_file to {\nfile @DIR@/other\ninit_file -3 overwrite\n}\n";
    let text = config(files, "priority 100\ntrack_file {\ntf\nto weight 1 reverse\n}");
    let tested = directory.join("tested.conf");
    std::fs::write(&tested, text.replace("@DIR@", &directory.to_string_lossy()))?;
    let (program, path) = (run.executable(A).to_owned(), tested.to_string_lossy().into_owned());
    run.lab
        .node(A)
        .command(&program.to_string_lossy(), &["-t", "-f", &path])?;
    check!(!value.exists(), "-t has made the file");

    let begin = Stamp::now();
    run.start(A, &text)?;
    run.wait_priority(A, 100 + 14 + 3, begin, 3.0)?;
    same(
        "the file that was missing",
        std::fs::read_to_string(&value)?,
        "7\n".to_owned(),
    )?;
    same(
        "the file that is overwritten",
        std::fs::read_to_string(&other)?,
        "-3\n".to_owned(),
    )?;
    let mode = std::fs::metadata(&value)?.permissions().mode() & 0o777;
    same("mode of the file that was made", format!("{mode:o}"), "600".to_owned())?;
    let dump = run.daemon(A)?.dump("keepalived.data", 10)?;
    let section: Vec<&str> = dump
        .lines()
        .skip_while(|line| *line != "------< VRRP Track files >------")
        .skip(1)
        .take_while(|line| !line.starts_with("------"))
        .map(str::trim_end)
        .collect();
    let expected = format!(
        " Track file = tf\n   File = {}\n   Status = 7\n   Weight = 2\n   Tracking instances :\n     V1, weight 2\n \
         Track file = to\n   File = {}\n   Status = -3\n   Weight = 1\n   Tracking instances :\n     V1, weight 1 reverse",
        value.display(),
        other.display()
    );
    same("the section of tracked files", section.join("\n"), expected)?;

    write(run, "20\n")?;
    run.wait_priority(A, 143, begin, 1.0)?;
    std::fs::write(&other, "5\n")?;
    run.wait_priority(A, 135, begin, 1.0)?;
    let moment = run.reload(A, &text)?;
    run.pause(0.6);
    run.wait_priority(A, 135, moment, 0.5)?;
    same(
        "the file after a reload",
        std::fs::read_to_string(&other)?,
        "5\n".to_owned(),
    )?;
    std::fs::remove_file(&value)?;
    let moment = run.reload(A, &text)?;
    run.wait_priority(A, 95, moment, 1.0)?;
    check!(!value.exists(), "the reload has made the file");
    Ok(())
}

/// Gives A two more interfaces that nobody else uses.
fn more_interfaces(run: &Run) -> Verdict {
    run.lab.node(A).ip(&[
        "link add e1 type veth peer name p1",
        "link add e2 type veth peer name p2",
        "link set p1 up",
        "link set p2 up",
        "link set e1 up",
        "link set e2 up",
    ])
}

fn a41(run: &mut Run) -> Verdict {
    more_interfaces(run)?;
    let begin = Stamp::now();
    run.start(A, &plain("priority 200\ntrack_interface {\ne1\ne2\n}"))?;
    run.wait_advert(A, begin, 3.0)?;
    let (backups, masters) = (run.entered(A, "BACKUP")?, run.entered(A, "MASTER")?);
    run.lab.node(A).ip(&["link set e1 down", "link set e2 down"])?;
    run.wait_state(A, "FAULT", 0, 0.5)?;
    run.lab.node(A).ip(&["link set e1 up"])?;
    run.expect_silence(A, Stamp::now(), 1.2)?;
    same(
        "times it entered BACKUP with one interface down",
        run.entered(A, "BACKUP")?,
        backups,
    )?;
    let up = Stamp::now();
    run.lab.node(A).ip(&["link set e2 up"])?;
    let backup = run.wait_state(A, "BACKUP", backups, 0.5)?;
    let first = run.wait_advert(A, up, 2.0)?;
    near_since_log("MASTER after BACKUP", first.at.since(backup), 0.6 + 0.2 * 56.0 / 256.0)?;
    run.pause(0.3);
    let since = (run.entered(A, "BACKUP")? - backups, run.entered(A, "MASTER")? - masters);
    same("times it entered BACKUP and MASTER since both are up", since, (1, 1))
}

fn a43(run: &mut Run) -> Verdict {
    more_interfaces(run)?;
    let begin = Stamp::now();
    let text = plain("priority 255\ntrack_interface {\ne2\n}").replace("advert_int 0.2", "advert_int 0.5");
    run.start(A, &text)?;
    run.wait_advert(A, begin, 2.0)?;
    let (down, backups) = (Stamp::now(), run.entered(A, "BACKUP")?);
    run.lab.node(A).ip(&["link set e2 down"])?;
    run.wait_state(A, "FAULT", 0, 0.5)?;
    run.wait_priority(A, 0, down, 0.5)?;
    let up = Stamp::now();
    run.lab.node(A).ip(&["link set e2 up"])?;
    let backup = run.wait_state(A, "BACKUP", backups, 0.5)?;
    let first = run.wait_advert(A, up, 3.0)?;
    near_since_log("MASTER after BACKUP", first.at.since(backup), 1.5 + 0.5 / 256.0)
}
