//! Notification FIFOs (sections 13.3 and 7.4 of the VRRP description).

use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::Path;

use super::Scenario;
use crate::check;
use crate::daemon::{Launch, until};
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::lab::inject::Forged;
use crate::outcome::{Verdict, same};
use crate::run::{HUP, Run};
use crate::scenarios::text::named;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "fifo-script",
        "fifo",
        6,
        "the script of a FIFO: path as last argument, new at a reload, ended at the stop",
        script,
    )
    .needs_root(),
    Scenario::each(
        "fifo-owner",
        "fifo",
        3,
        "user and group of a FIFO; script_user by default",
        owner,
    )
    .needs_root(),
    Scenario::each(
        "fifo-umask",
        "fifo",
        3,
        "the mode of a FIFO follows the umask keyword",
        umask,
    ),
    Scenario::each(
        "fifo-same",
        "fifo",
        4,
        "notify_fifo and vrrp_notify_fifo with one name: each line once",
        same_name,
    )
    .reference_deviates("2.2.7 writes each line twice"),
    Scenario::each(
        "fifo-both",
        "fifo",
        4,
        "notify_fifo and vrrp_notify_fifo get the same lines",
        both,
    ),
    Scenario::each(
        "fifo-lower",
        "fifo",
        5,
        "MASTER hears a lower priority: MASTER_RX_LOWER_PRI and its script",
        lower,
    )
    .needs_root(),
    Scenario::each(
        "Q-16",
        "fifo",
        6,
        "fifo_write_vrrp_states_on_reload: groups, then instances",
        states,
    )
    .reference_deviates("leaves out instances that are MASTER"),
    Scenario::each(
        "fifo-foreign",
        "fifo",
        4,
        "a FIFO of somebody else is not used, and no script is left behind for it, however often it is reloaded",
        foreign,
    )
    .needs_root()
    // 2.2.7 uses it.
    .ours(),
    Scenario::each(
        "fifo-lvs",
        "fifo",
        4,
        "lvs_notify_fifo and its script, in the checker process",
        lvs,
    )
    .needs_root()
    .ours(),
];

fn instance(name: &str, vrid: u8, more: &str) -> String {
    let lines = format!("version 3\npriority 200\nadvert_int 0.2\n{more}");
    named(name, vrid, &lines, &format!("10.9.0.{}/24", 100 + u16::from(vrid) - 51))
}

/// An executable file in the daemon's directory; returns its path.
pub fn write_script(run: &Run, name: &str, text: &str) -> Verdict<String> {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let path = directory.join(name);
    std::fs::write(&path, text)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path.to_string_lossy().into_owned())
}

fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn script(run: &mut Run) -> Verdict {
    let out = run.directory(A).join("out");
    let text = format!(
        "#!/bin/bash\nexec 3>>{0}\necho \"begin $$ $*\" >&3\ntrap 'echo \"end $$\" >&3; exit 0' TERM\n\
         while read -r line; do echo \"$line\" >&3; done <\"$2\" &\nwait\n",
        out.display()
    );
    let reader = write_script(run, "reader", &text)?;
    let globals = format!(
        "global_defs {{\nscript_user root\nvrrp_notify_fifo @DIR@/fifo\nvrrp_notify_fifo_script \"{reader} word\"\n}}\n"
    );
    let config = format!("{globals}{}", instance("V1", 51, ""));
    run.start(A, &config)?;
    let has = |line: &str| until(4.0, || lines(&out).iter().any(|l| l == line));
    check!(has("INSTANCE \"V1\" MASTER 200"), "{:?}", lines(&out));
    let begin = lines(&out)[0].clone();
    let words: Vec<&str> = begin.split(' ').collect();
    let fifo = run.directory(A).join("fifo");
    same(
        "words of its first line",
        words[2..].join(" "),
        format!("word {}", fifo.display()),
    )?;
    run.signal(A, HUP)?;
    check!(
        has(&format!("end {}", words[1])),
        "not ended by the reload: {:?}",
        lines(&out)
    );
    let again = || lines(&out).iter().filter(|line| line.starts_with("begin ")).count() == 2;
    check!(until(2.0, again), "not started again: {:?}", lines(&out));
    run.pause(0.5);
    run.stop(A)?;
    let ends = || lines(&out).iter().filter(|line| line.starts_with("end ")).count() == 2;
    check!(until(2.0, ends), "not ended at the stop: {:?}", lines(&out));
    Ok(())
}

fn owner(run: &mut Run) -> Verdict {
    let globals =
        "global_defs {\nscript_user daemon\nvrrp_notify_fifo @DIR@/one\nnotify_fifo @DIR@/two nobody games\n}\n";
    run.start(A, &format!("{globals}{}", instance("V1", 51, "")))?;
    run.wait_address(A, "10.9.0.100", true, 4.0)?;
    let facts = |name: &str| -> Verdict<(bool, u32, u32, u32)> {
        let facts = std::fs::metadata(run.directory(A).join(name))?;
        Ok((
            facts.file_type().is_fifo(),
            facts.mode() & 0o7777,
            facts.uid(),
            facts.gid(),
        ))
    };
    let id = |kind: &str, name: &str| -> Verdict<u32> {
        let text = std::fs::read_to_string(if kind == "user" { "/etc/passwd" } else { "/etc/group" })?;
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
        let number = line
            .and_then(|line| line.split(':').nth(1))
            .and_then(|field| field.parse().ok());
        number.ok_or_else(|| crate::outcome::Stop::Skip(format!("there is no {kind} {name} here")))
    };
    same(
        "FIFO of script_user",
        facts("one")?,
        (true, 0o600, id("user", "daemon")?, id("group", "daemon")?),
    )?;
    same(
        "FIFO with an owner",
        facts("two")?,
        (true, 0o600, id("user", "nobody")?, id("group", "games")?),
    )
}

fn umask(run: &mut Run) -> Verdict {
    let globals = "global_defs {\numask 022\nvrrp_notify_fifo @DIR@/fifo\n}\n";
    run.start(A, &format!("{globals}{}", instance("V1", 51, "")))?;
    run.wait_address(A, "10.9.0.100", true, 4.0)?;
    let mode = std::fs::metadata(run.directory(A).join("fifo"))?.mode() & 0o7777;
    same("mode", mode, 0o644)
}

fn same_name(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    let globals = "global_defs {\nnotify_fifo @DIR@/fifo\nvrrp_notify_fifo @DIR@/fifo\n}\n";
    let begin = Stamp::now();
    run.start(A, &format!("{globals}{}", instance("V1", 51, "")))?;
    fifo.wait("INSTANCE \"V1\" MASTER 200", begin, 4.0)?;
    run.pause(0.2);
    let mut seen = fifo.texts();
    if run.reference() {
        seen.dedup();
    }
    let expected = ["INSTANCE \"V1\" BACKUP 200", "INSTANCE \"V1\" MASTER 200"].map(str::to_owned);
    same("lines", seen, expected.to_vec())
}

fn foreign(run: &mut Run) -> Verdict {
    let reader = write_script(run, "reader", "#!/bin/sh\nexec sleep 100\n")?;
    let fifo = run.directory(A).join("fifo");
    run.lab
        .node(A)
        .shell(&format!("mkfifo {0} && chown daemon {0}", fifo.display()))?;
    let globals = format!(
        "global_defs {{\nscript_user root\nvrrp_notify_fifo @DIR@/fifo root\nvrrp_notify_fifo_script {reader}\n}}\n"
    );
    let config = format!("{globals}{}", instance("V1", 51, ""));
    run.start(A, &config)?;
    let line = format!("vrrp_notify fifo {} is not a fifo we own - not using", fifo.display());
    run.daemon(A)?.wait_log(&line, 0, 3.0)?;
    for _ in 0..3 {
        run.reload(A, &config)?;
        run.pause(0.3);
    }
    let vrrp = run.daemon(A)?.vrrp_pid()?;
    let readers = || {
        let children = run.lab.node(A).shell(&format!("ps -o args= --ppid {vrrp} || true"));
        children.map(|text| text.matches("sleep 100").count())
    };
    check!(
        until(1.0, || readers().is_ok_and(|n| n == 0)),
        "{} scripts for it run",
        readers()?
    );
    check!(fifo.exists(), "it was removed");
    Ok(())
}

fn both(run: &mut Run) -> Verdict {
    let (one, two) = (run.open_fifo(A, "one")?, run.open_fifo(A, "two")?);
    let globals = "global_defs {\nnotify_fifo @DIR@/one\nvrrp_notify_fifo @DIR@/two\nvrrp_notify_priority_changes\n}\n";
    let begin = Stamp::now();
    run.start(A, &format!("{globals}{}", instance("V1", 51, "")))?;
    one.wait("INSTANCE \"V1\" MASTER 200", begin, 4.0)?;
    run.stop(A)?;
    run.pause(0.2);
    let expected = [
        "INSTANCE \"V1\" BACKUP 200",
        "INSTANCE \"V1\" MASTER 200",
        "INSTANCE \"V1\" STOP 200",
    ];
    same(
        "lines of notify_fifo",
        one.texts(),
        expected.map(str::to_owned).to_vec(),
    )?;
    same("lines of vrrp_notify_fifo", two.texts(), one.texts())
}

fn lower(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    let out = run.directory(A).join("out");
    let told = write_script(
        run,
        "told",
        &format!("#!/bin/sh\necho \"told $*\" >>{}\n", out.display()),
    )?;
    let begin = Stamp::now();
    let globals = "global_defs {\nscript_user root\nvrrp_notify_fifo @DIR@/fifo\n}\n";
    let config = format!(
        "{globals}{}",
        instance("V1", 51, &format!("notify_master_rx_lower_pri {told}"))
    );
    run.start(A, &config)?;
    fifo.wait("INSTANCE \"V1\" MASTER 200", begin, 4.0)?;
    let moment = Stamp::now();
    run.inject(&Forged {
        interval_cs: 20,
        ..Forged::new(3, 90)
    })?;
    fifo.wait("INSTANCE \"V1\" MASTER_RX_LOWER_PRI 200", moment, 1.0)?;
    check!(until(2.0, || !lines(&out).is_empty()), "the script was not run");
    same("arguments", lines(&out), vec!["told ".to_owned()])
}

fn states(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    let slow = |name: &str, vrid: u8| instance(name, vrid, "").replace("advert_int 0.2", "advert_int 20");
    let config = format!(
        "global_defs {{\nvrrp_notify_fifo @DIR@/fifo\nfifo_write_vrrp_states_on_reload\n}}\n\
         vrrp_sync_group GB {{\ngroup {{\nV1\n}}\n}}\nvrrp_sync_group GM {{\ngroup {{\nV2\n}}\n}}\n{}{}{}{}",
        slow("V1", 51),
        instance("V2", 52, ""),
        instance("V3", 53, ""),
        slow("V4", 54)
    );
    let begin = Stamp::now();
    run.start(A, &config)?;
    fifo.wait("GROUP \"GM\" MASTER 0", begin, 4.0)?;
    fifo.wait("INSTANCE \"V3\" MASTER 200", begin, 4.0)?;
    run.pause(0.2);
    let moment = run.reload(A, &config)?;
    fifo.wait("INSTANCE \"V4\" BACKUP 200", moment, 2.0)?;
    run.pause(0.2);
    let seen: Vec<String> = fifo
        .lines()
        .into_iter()
        .filter(|(at, _)| *at >= moment)
        .map(|(_, line)| line)
        .collect();
    let mut expected = vec![
        "GROUP \"GB\" BACKUP 0",
        "GROUP \"GM\" MASTER 0",
        "INSTANCE \"V1\" BACKUP 200",
        "INSTANCE \"V2\" MASTER 200",
        "INSTANCE \"V3\" MASTER 200",
        "INSTANCE \"V4\" BACKUP 200",
    ];
    if run.reference() {
        expected.retain(|line| !(line.starts_with("INSTANCE") && line.contains("MASTER")));
    }
    same(
        "lines after the reload",
        seen,
        expected.into_iter().map(str::to_owned).collect(),
    )
}

fn lvs(run: &mut Run) -> Verdict {
    let out = run.directory(A).join("out");
    let reader = write_script(
        run,
        "reader",
        &format!("#!/bin/sh\necho \"$*\" >>{}\nexec sleep 60\n", out.display()),
    )?;
    let globals =
        format!("global_defs {{\nscript_user root\nlvs_notify_fifo @DIR@/lvs\nlvs_notify_fifo_script {reader}\n}}\n");
    let server = "virtual_server 10.9.0.100 80 {\nprotocol TCP\nlvs_sched rr\nreal_server 10.9.0.3 80 {\n}\n}\n";
    let args = [
        "-n",
        "-l",
        "-D",
        "-G",
        "-p",
        "@DIR@/pid",
        "-r",
        "@DIR@/vrrp.pid",
        "-c",
        "@DIR@/checkers.pid",
    ];
    let launch = Launch {
        config: format!("{globals}{}{server}", instance("V1", 51, "")),
        args: args.map(str::to_owned).to_vec(),
        bare: true,
        ..Launch::default()
    };
    run.launch(A, &launch)?;
    let fifo = run.directory(A).join("lvs");
    check!(
        until(3.0, || lines(&out) == [fifo.to_string_lossy()]),
        "the script told {:?}",
        lines(&out)
    );
    check!(std::fs::metadata(&fifo)?.file_type().is_fifo(), "it is no FIFO");
    run.stop(A)?;
    check!(!fifo.exists(), "the FIFO is still there");
    Ok(())
}
