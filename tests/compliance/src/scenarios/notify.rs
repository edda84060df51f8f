//! Notification scripts: what they find around them, who runs them, and the ordered mode (sections 13.2 to 13.5 of the VRRP
//! description).

use std::path::{Path, PathBuf};

use super::Scenario;
use super::fifo::write_script;
use crate::check;
use crate::daemon::{Launch, until};
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::lab::inject::Forged;
use crate::outcome::{Stop, Verdict, same};
use crate::run::Run;
use crate::scenarios::text::{VIP, instance, named};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "notify-surroundings",
        "notify",
        4,
        "descriptors, group, signals, umask, directory, environment, scheduling",
        surroundings,
    )
    .needs_root()
    .reference_deviates(
        "2.2.7 leaves descriptors open that it inherited, signals 32 and 33 ignored, and hides no variable",
    ),
    Scenario::each(
        "notify-orphan",
        "notify",
        5,
        "the VRRP process is killed: a script that still runs gets SIGTERM",
        orphan,
    )
    .needs_root(),
    Scenario::each(
        "notify-user",
        "notify",
        5,
        "user and group: of the script, script_user, root",
        user,
    )
    .needs_root(),
    Scenario::each(
        "notify-order",
        "notify",
        5,
        "the specific script before the generic one, with the arguments of each",
        order,
    )
    .needs_root(),
    Scenario::each(
        "notify-deleted",
        "notify",
        5,
        "a reload removes an instance with notify_deleted: its script, and DELETED for the generic one",
        deleted,
    )
    .needs_root(),
    Scenario::each(
        "notify-security",
        "notify",
        5,
        "enable_script_security: a script that others may change is not run; without, it is",
        security,
    )
    .needs_root(),
    Scenario::each(
        "notify-remedy",
        "notify",
        3,
        "the log names what is unsafe, its owner and mode, and the command that mends it",
        remedy,
    )
    .needs_root()
    .ours(),
    Scenario::each(
        "notify-linked",
        "notify",
        4,
        "a script below a directory that is a symbolic link",
        linked,
    )
    .needs_root()
    .reference_deviates("2.2.7 runs it"),
    Scenario::each(
        "ordered",
        "notify",
        8,
        "notify_ordered: slow scripts run one after the other, with number, reason and states",
        ordered,
    )
    .needs_root()
    .ours(),
    Scenario::each(
        "ordered-group",
        "notify",
        8,
        "notify_ordered of a sync group: why it moved",
        ordered_group,
    )
    .needs_root()
    .ours(),
    Scenario::each(
        "ordered-hang",
        "notify",
        8,
        "notify_ordered: a script that hangs is ended, and the last state arrives",
        hang,
    )
    .needs_root()
    .ours(),
    Scenario::each(
        "notify-many",
        "notify",
        8,
        "400 scripts that hang at once, with 300 open files allowed at the start: each was run",
        many,
    )
    .needs_root(),
];

const FAST: &str = "version 3\npriority 200\nadvert_int 0.2\n";

fn text_of(path: &Path, complete: impl Fn(&str) -> bool) -> Verdict<String> {
    let read = || std::fs::read_to_string(path).unwrap_or_default();
    check!(
        until(6.0, || complete(&read())),
        "{} holds {:?}",
        path.display(),
        read()
    );
    Ok(read())
}

fn out(run: &Run, name: &str) -> PathBuf {
    run.directory(A).join(name)
}

/// A script that notes what it finds.
fn prober(run: &Run, name: &str, to: &Path) -> Verdict<String> {
    let text = format!(
        "#!/bin/sh\nexec >{0}.new 2>&1\nls -l /proc/$$/fd\n\
         set -- $(cut -d' ' -f4,5,19,41 /proc/$$/stat)\necho \"parent $1\"\necho \"pgrp $(( $2 == $$ ))\"\necho \"sched $3 $4\"\n\
         grep -E '^(Uid|Gid|Groups|SigIgn)' /proc/$$/status\numask\npwd\nenv\necho done\nchmod 644 {0}.new\nmv {0}.new {0}\n",
        to.display()
    );
    write_script(run, name, &text)
}

fn surroundings(run: &mut Run) -> Verdict {
    let to = out(run, "found");
    let script = prober(run, "prober", &to)?;
    let globals = "global_defs {\nscript_user root\nvrrp_rt_priority 10\n}\n";
    let launch = Launch {
        config: format!("{globals}{}", instance(&format!("{FAST}notify_master {script}"), VIP)),
        environment: [("IFS", "x"), ("LD_LIBRARY_PATH", "/nowhere"), ("KEPT", "yes")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        ..Launch::default()
    };
    run.launch(A, &launch)?;
    let text = text_of(&to, |text| text.ends_with("done\n"))?;
    let has = |line: &str| text.lines().any(|l| l == line);
    // 1 and 2 are the script's own doing; shells keep the script itself open at 10 or 255.
    let open: Vec<&str> = text.lines().filter(|line| line.contains(" -> ")).collect();
    check!(
        open.iter().any(|line| line.ends_with(" 0 -> /dev/null")),
        "standard input:\n{text}"
    );
    let known = [" 0 -> ", " 1 -> ", " 2 -> ", "/prober"];
    let strangers = open
        .into_iter()
        .filter(|line| !known.iter().any(|part| line.contains(part)));
    let strangers: Vec<&str> = strangers.collect();
    check!(
        run.reference() || strangers.is_empty(),
        "other descriptors: {strangers:?}"
    );
    check!(has("pgrp 1"), "no process group of its own:\n{text}");
    let vrrp = run.daemon(A)?.vrrp_pid()?;
    check!(
        has(&format!("parent {vrrp}")),
        "its parent is not the VRRP process {vrrp}:\n{text}"
    );
    check!(
        run.reference() || has("SigIgn:\t0000000000000000"),
        "ignored signals:\n{text}"
    );
    check!(has("0177"), "umask:\n{text}");
    check!(has("KEPT=yes"), "the environment is not inherited:\n{text}");
    check!(
        run.reference() || (!text.contains("IFS=x") && !text.contains("/nowhere")),
        "hidden variables:\n{text}"
    );
    check!(!text.contains("KEEPALIVED_"), "variables of ours:\n{text}");
    let here = std::env::current_dir()?;
    check!(has(&here.to_string_lossy()), "working directory:\n{text}");
    // Niceness 0, policy SCHED_OTHER.
    check!(has("sched 0 0"), "scheduling:\n{text}");
    Ok(())
}

fn orphan(run: &mut Run) -> Verdict {
    let to = out(run, "told");
    let text = format!(
        "#!/bin/sh\ntrap 'echo TERM >>{0}; kill $!; exit 0' TERM\necho begin >>{0}\nsleep 30 &\nwait\n",
        to.display()
    );
    let script = write_script(run, "long", &text)?;
    let lines = format!("{FAST}notify_master {script}");
    run.start(
        A,
        &format!("global_defs {{\nscript_user root\n}}\n{}", instance(&lines, VIP)),
    )?;
    text_of(&to, |text| text.contains("begin"))?;
    run.signal_worker(A, 9)?;
    text_of(&to, |text| text.contains("TERM")).map(drop)
}

fn id_line(text: &str, name: &str) -> Vec<u32> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_default();
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn id_of(file: &str, name: &str) -> Verdict<u32> {
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
    let number = line
        .and_then(|line| line.split(':').nth(1))
        .and_then(|field| field.parse().ok());
    number.ok_or_else(|| Stop::Skip(format!("{file} does not name {name}")))
}

fn user(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let open = directory.join("open");
    std::fs::create_dir_all(&open)?;
    run.lab.node(A).shell(&format!(
        "chmod 1777 {0}; chmod 755 {1} {1}/..",
        open.display(),
        directory.display()
    ))?;
    let (one, two, three) = (open.join("one"), open.join("two"), open.join("three"));
    let scripts = [
        prober(run, "p1", &one)?,
        prober(run, "p2", &two)?,
        prober(run, "p3", &three)?,
    ];
    let config = format!(
        "global_defs {{\nscript_user daemon\n}}\n{}{}{}",
        named("V1", 51, &format!("{FAST}notify_master {}", scripts[0]), VIP),
        named(
            "V2",
            52,
            &format!("{FAST}notify_master {} nobody games", scripts[1]),
            "10.9.0.101/24"
        ),
        named(
            "V3",
            53,
            &format!("{FAST}notify_master {} root", scripts[2]),
            "10.9.0.102/24"
        ),
    );
    run.start(A, &config)?;
    let (users, groups) = ("/etc/passwd", "/etc/group");
    for (path, user, group) in [
        (&one, id_of(users, "daemon")?, id_of(groups, "daemon")?),
        (&two, id_of(users, "nobody")?, id_of(groups, "games")?),
        (&three, 0, 0),
    ] {
        let text = text_of(path, |text| text.ends_with("done\n"))?;
        same("Uid", id_line(&text, "Uid:"), vec![user; 4])?;
        same("Gid", id_line(&text, "Gid:"), vec![group; 4])?;
        check!(id_line(&text, "Groups:").iter().all(|g| *g == group), "groups:\n{text}");
    }
    Ok(())
}

fn order(run: &mut Run) -> Verdict {
    let to = out(run, "told");
    let script = |name: &str, run: &Run| {
        write_script(
            run,
            name,
            &format!("#!/bin/sh\necho \"{name} $*\" >>{}\n", to.display()),
        )
    };
    let (specific, generic) = (script("specific", run)?, script("generic", run)?);
    let lines = format!(
        "{FAST}notify_backup \"{specific} 'a b' c\"\nnotify_master \"{specific} m\"\nnotify_stop \"{specific} s\"\nnotify {generic}"
    );
    run.start(
        A,
        &format!("global_defs {{\nscript_user root\n}}\n{}", instance(&lines, VIP)),
    )?;
    text_of(&to, |text| text.lines().count() == 4)?;
    run.stop(A)?;
    let text = text_of(&to, |text| text.lines().count() == 6)?;
    let mut pairs: Vec<Vec<&str>> = text.lines().collect::<Vec<_>>().chunks(2).map(<[_]>::to_vec).collect();
    // They are started in this order, and run at the same time.
    pairs
        .iter_mut()
        .for_each(|pair| pair.sort_unstable_by_key(|line| line.starts_with("generic")));
    let expected = vec![
        vec!["specific a b c", "generic INSTANCE V1 BACKUP 200"],
        vec!["specific m", "generic INSTANCE V1 MASTER 200"],
        vec!["specific s", "generic INSTANCE V1 STOP 200"],
    ];
    same("what was told", pairs, expected)
}

fn deleted(run: &mut Run) -> Verdict {
    let to = out(run, "told");
    let script = |name: &str, run: &Run| {
        write_script(
            run,
            name,
            &format!("#!/bin/sh\necho \"{name} $*\" >>{}\n", to.display()),
        )
    };
    let (specific, generic) = (script("specific", run)?, script("generic", run)?);
    let globals = "global_defs {\nscript_user root\n}\n";
    let first = format!("{globals}{}", named("V1", 51, FAST, VIP));
    let lines = format!("{FAST}notify_deleted \"{specific} gone\"\nnotify {generic}");
    run.start(A, &format!("{first}{}", named("V2", 52, &lines, "10.9.0.101/24")))?;
    run.wait_address(A, "10.9.0.101", true, 4.0)?;
    text_of(&to, |text| text.contains("generic INSTANCE V2 MASTER 200"))?;
    run.reload(A, &first)?;
    let text = text_of(&to, |text| text.lines().count() == 4)?;
    let mut last: Vec<&str> = text.lines().skip(2).collect();
    last.sort_unstable();
    same(
        "what was told",
        last,
        vec!["generic INSTANCE V2 DELETED 200", "specific gone"],
    )
}

/// Two instances: the script of V2 can be changed by everybody.
fn unsafe_config(run: &Run, security: &str) -> Verdict<String> {
    let good = write_script(
        run,
        "good",
        &format!("#!/bin/sh\n: >{}\n", out(run, "good-ran").display()),
    )?;
    let bad = write_script(
        run,
        "bad",
        &format!("#!/bin/sh\n: >{}\n", out(run, "bad-ran").display()),
    )?;
    run.lab.node(A).shell(&format!("chmod 0757 {bad}"))?;
    Ok(format!(
        "global_defs {{\n{security}\nscript_user root\n}}\n{}{}",
        named("V1", 51, &format!("{FAST}notify_backup {good}"), VIP),
        named("V2", 52, &format!("{FAST}notify_backup {bad}"), "10.9.0.101/24"),
    ))
}

fn security(run: &mut Run) -> Verdict {
    let config = unsafe_config(run, "enable_script_security")?;
    run.start(A, &config)?;
    check!(
        until(4.0, || out(run, "good-ran").exists()),
        "the safe script did not run"
    );
    run.pause(0.5);
    check!(!out(run, "bad-ran").exists(), "the unsafe script ran");
    let unsafe_line = format!(
        "Unsafe permissions found for script '{}' - disabling",
        out(run, "bad").display()
    );
    run.daemon(A)?.wait_log(&unsafe_line, 0, 0.5)?;
    run.stop(A)?;
    let config = unsafe_config(run, "")?;
    run.start(A, &config)?;
    check!(
        until(4.0, || out(run, "bad-ran").exists()),
        "without enable_script_security it did not run"
    );
    run.daemon(A)?.wait_log("SECURITY VIOLATION", 0, 1.0).map(drop)
}

fn remedy(run: &mut Run) -> Verdict {
    let config = unsafe_config(run, "enable_script_security")?;
    run.start(A, &config)?;
    run.wait_address(A, "10.9.0.100", true, 4.0)?;
    let bad = out(run, "bad");
    let log = run.daemon(A)?.log();
    for words in [
        format!("everybody may write to {} (owner 0, mode 0757)", bad.display()),
        format!("to mend by 'chmod o-w {}'", bad.display()),
    ] {
        check!(log.contains(&words), "the log does not say {words:?}:\n{log}");
    }
    Ok(())
}

fn linked(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(directory.join("real"))?;
    std::os::unix::fs::symlink(directory.join("real"), directory.join("link"))?;
    write_script(
        run,
        "real/script",
        &format!("#!/bin/sh\n: >{}\n", out(run, "ran").display()),
    )?;
    let lines = format!("{FAST}notify_backup @DIR@/link/script");
    run.start(
        A,
        &format!("global_defs {{\nscript_user root\n}}\n{}", instance(&lines, VIP)),
    )?;
    run.wait_address(A, "10.9.0.100", true, 4.0)?;
    run.pause(0.3);
    same("it ran", out(run, "ran").exists(), run.reference())?;
    if !run.reference() {
        let log = run.daemon(A)?.log();
        let link = directory.join("link");
        check!(
            log.contains(&format!("{} is a symbolic link to a directory", link.display())),
            "{log}"
        );
    }
    Ok(())
}

/// A script that needs 0.3 s, and notes when it begins and ends.
fn slow(run: &Run, name: &str, to: &Path, seconds: f64) -> Verdict<String> {
    let text = format!(
        "#!/bin/sh\necho \"begin {name} $KEEPALIVED_SEQUENCE $KEEPALIVED_REASON $KEEPALIVED_TYPE $KEEPALIVED_NAME \
         ${{KEEPALIVED_PREVIOUS_STATE:--}} $KEEPALIVED_STATE $KEEPALIVED_PRIORITY\" >>{0}\nsleep {seconds}\necho \"end {name}\" >>{0}\n",
        to.display()
    );
    write_script(run, name, &text)
}

fn ordered(run: &mut Run) -> Verdict {
    let to = out(run, "told");
    let (specific, generic) = (slow(run, "specific", &to, 0.3)?, slow(run, "generic", &to, 0.3)?);
    let lines = format!(
        "{FAST}notify_ordered\nnotify_backup {specific}\nnotify {generic}\nnotify_master_rx_lower_pri {specific}"
    );
    run.start(
        A,
        &format!("global_defs {{\nscript_user root\n}}\n{}", instance(&lines, VIP)),
    )?;
    run.wait_address(A, "10.9.0.100", true, 4.0)?;
    let moment = Stamp::now();
    run.inject(&Forged {
        interval_cs: 20,
        ..Forged::new(3, 90)
    })?;
    run.wait_advert(A, moment, 1.0)?;
    // A better master for a moment.
    run.inject(&Forged {
        interval_cs: 20,
        ..Forged::new(3, 250)
    })?;
    let text = text_of(&to, |text| text.matches("end ").count() >= 7)?;
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.chunks(2) {
        let name = |line: &str| line.split(' ').nth(1).map(str::to_owned);
        check!(
            pair.len() == 2
                && pair[0].starts_with("begin")
                && name(pair[0]) == name(pair[1])
                && pair[1].starts_with("end"),
            "two at a time:\n{text}"
        );
    }
    let begun: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("begin ")).collect();
    let expected = vec![
        "specific 1 start INSTANCE V1 - BACKUP 200",
        "generic 1 start INSTANCE V1 - BACKUP 200",
        "generic 2 master-silent INSTANCE V1 BACKUP MASTER 200",
        "specific 3 lower-priority INSTANCE V1 MASTER MASTER_RX_LOWER_PRI 200",
        "specific 4 better-master INSTANCE V1 MASTER BACKUP 200",
        "generic 4 better-master INSTANCE V1 MASTER BACKUP 200",
        "generic 5 master-silent INSTANCE V1 BACKUP MASTER 200",
    ];
    same("what was told", begun, expected)
}

fn ordered_group(run: &mut Run) -> Verdict {
    run.lab.second_network()?;
    let to = out(run, "told");
    let script = slow(run, "group", &to, 0.1)?;
    let group = format!("vrrp_sync_group G {{\ngroup {{\nV1\nV2\n}}\nnotify_ordered\nnotify {script}\n}}\n");
    let config = format!(
        "global_defs {{\nscript_user root\n}}\n{group}{}{}",
        named("V1", 51, FAST, VIP),
        named("V2", 52, &format!("{FAST}track_interface {{\ne1\n}}"), "10.9.0.101/24"),
    );
    run.start(A, &config)?;
    run.wait_address(A, "10.9.0.101", true, 4.0)?;
    run.pause(0.3);
    run.lab.node(A).ip(&["link set e1 down"])?;
    run.wait_address(A, "10.9.0.100", false, 2.0)?;
    run.lab.node(A).ip(&["link set e1 up"])?;
    let text = text_of(&to, |text| text.matches("end ").count() >= 5)?;
    let begun: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("begin group "))
        .collect();
    let expected = vec![
        "1 start GROUP G - BACKUP 0",
        "2 master-silent GROUP G BACKUP MASTER 0",
        "3 fault GROUP G MASTER FAULT 0",
        "4 recovered GROUP G FAULT BACKUP 0",
        "5 master-silent GROUP G BACKUP MASTER 0",
    ];
    same("what was told", begun, expected)
}

fn hang(run: &mut Run) -> Verdict {
    let to = out(run, "told");
    let script = write_script(
        run,
        "stuck",
        &format!(
            "#!/bin/sh\necho \"$KEEPALIVED_SEQUENCE $4\" >>{}\ncase $3 in BACKUP) exec sleep 100;; esac\n",
            to.display()
        ),
    )?;
    let globals = "global_defs {\nscript_user root\nnotify_ordered\nnotify_ordered_timeout 1\n}\n";
    run.start(
        A,
        &format!("{globals}{}", instance(&format!("{FAST}notify {script}"), VIP)),
    )?;
    let lines = |text: &str| text.lines().count();
    let text = text_of(&to, |text| lines(text) == 2)?;
    same("events", text.lines().collect(), vec!["1 200", "2 200"])?;
    run.daemon(A)?
        .wait_log("has run for too long - terminating it", 0, 0.5)?;
    run.stop(A)?;
    let text = text_of(&to, |text| lines(text) == 3)?;
    same("the last", text.lines().last(), Some("3 200"))
}

fn many(run: &mut Run) -> Verdict {
    let to = out(run, "told");
    let script = write_script(
        run,
        "stuck",
        &format!("#!/bin/sh\nulimit -n >>{}\nexec sleep 100\n", to.display()),
    )?;
    let lines = format!("{FAST}notify_master_rx_lower_pri {script}");
    run.launch(
        A,
        &Launch {
            config: format!("global_defs {{\nscript_user root\n}}\n{}", instance(&lines, VIP)),
            wrapper: ["prlimit", "--nofile=300:20000"].map(str::to_owned).to_vec(),
            ..Launch::default()
        },
    )?;
    run.wait_state(A, "MASTER", 0, 3.0)?;
    let lower = Forged {
        interval_cs: 20,
        ..Forged::new(3, 90)
    };
    run.inject_each(0.01, 400, &lower)?;
    let text = text_of(&to, |text| text.lines().count() == 400)?;
    check!(
        text.lines().all(|line| line == "300"),
        "another limit for scripts: {text}"
    );
    Ok(())
}
