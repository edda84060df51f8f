//! Command line, start and stop: rows 1 to 12 of the run-time description.

use std::process::Output;

use super::Scenario;
use crate::check;
use crate::daemon::{Launch, until};
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same, within};
use crate::run::{Run, advert};
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "R1",
        "runtime",
        5,
        "start: BACKUP (init), MASTER one Master_Down later, VIP",
        r1,
    ),
    Scenario::each("R2", "runtime", 3, "default pid files", r2),
    Scenario::each(
        "R3",
        "runtime",
        4,
        "SIGTERM: one priority 0, VIP and pid files gone, exit 0",
        r3,
    ),
    Scenario::each("R4", "runtime", 3, "a second daemon with the same pid file", r4),
    Scenario::each(
        "R5",
        "runtime",
        2,
        "missing files: exit statuses of a run, of -t and of -t -e",
        r5,
    )
    .reference_deviates("-t is content with a missing main file"),
    Scenario::each(
        "R6",
        "runtime",
        2,
        "interface missing: line number, exit 2; 0 when it forks",
        r6,
    ),
    Scenario::each(
        "R7",
        "runtime",
        6,
        "interface missing with dynamic_interfaces: FAULT until it is made",
        r7,
    ),
    Scenario::each("R8", "runtime", 2, "empty configuration: runs without children", r8),
    Scenario::each(
        "R10",
        "runtime",
        1,
        "script without enable_script_security under -t: exit 6",
        r10,
    ),
    Scenario::each("R11", "runtime", 1, "--signum", r11),
    Scenario::each("R12", "runtime", 1, "unknown option, option without its value", r12),
];

/// The base configuration of the run-time rows.
pub fn base() -> String {
    instance("priority 100\nadvert_int 1", VIP)
}

/// The same, but MASTER after 0.65 s.
pub fn quick() -> String {
    instance("version 3\npriority 200\nadvert_int 0.2", VIP)
}

/// Starts A with [`quick`] and waits until it is MASTER and has its address.
pub fn quick_master(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &quick())?;
    run.wait_advert(A, begin, 3.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)
}

/// Exit status and all output of a program that ended.
pub fn outcome(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// Runs A's program with arguments to its end.
pub fn execute(run: &Run, args: &[&str]) -> Verdict<(Option<i32>, String)> {
    let program = run.executable(A).to_string_lossy().into_owned();
    let words: Vec<&str> = ["10", &program].into_iter().chain(args.iter().copied()).collect();
    Ok(outcome(&run.lab.node(A).command("timeout", &words)?))
}

/// Runs `-t` on a configuration; further arguments go before the file.
pub fn test_config(run: &Run, config: &str, args: &[&str]) -> Verdict<(Option<i32>, String)> {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let path = directory.join("tested.conf");
    std::fs::write(&path, config.replace("@DIR@", &directory.to_string_lossy()))?;
    let path = path.to_string_lossy().into_owned();
    execute(run, &[&["-t"], args, &["-f", &path]].concat())
}

fn r1(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &base())?;
    run.daemon(A)?.wait_log("(V1) Entering BACKUP STATE (init)", 0, 0.6)?;
    let backup = Stamp::now();
    let first = run.wait_advert(A, begin, 6.0)?;
    within(
        "MASTER after BACKUP",
        first.at.since(backup),
        3.609 - 0.15,
        3.609 + 0.05,
    )?;
    run.daemon(A)?.wait_log("(V1) Entering MASTER STATE", 0, 0.3)?;
    run.wait_address(A, "10.9.0.100", true, 0.3)
}

fn r2(run: &mut Run) -> Verdict {
    let launch = Launch {
        config: quick(),
        args: ["-n", "-l", "-G"].map(str::to_owned).to_vec(),
        bare: true,
        wrapper: private_run(""),
        ..Launch::default()
    };
    let begin = Stamp::now();
    run.launch(A, &launch)?;
    run.wait_advert(A, begin, 4.0)?;
    let pid = run.daemon(A)?.pid();
    let file = |name: &str| std::path::PathBuf::from(format!("/proc/{pid}/root/run/{name}"));
    same(
        "keepalived.pid",
        std::fs::read_to_string(file("keepalived.pid"))?,
        format!("{pid}\n"),
    )?;
    for name in ["keepalived.pid", "vrrp.pid"] {
        use std::os::unix::fs::PermissionsExt;
        same(
            name,
            std::fs::metadata(file(name))?.permissions().mode() & 0o7777,
            0o644,
        )?;
    }
    let vrrp: i32 = std::fs::read_to_string(file("vrrp.pid"))?.trim().parse().unwrap_or(0);
    check!(
        vrrp != pid && std::path::Path::new(&format!("/proc/{vrrp}")).exists(),
        "vrrp.pid names {vrrp}"
    );
    for name in ["checkers.pid", "bfd.pid"] {
        check!(!file(name).exists(), "{name} exists");
    }
    Ok(())
}

/// A wrapper that gives the daemon a mount namespace of its own with an empty `/run`; `more` is run in it first.
pub fn private_run(more: &str) -> Vec<String> {
    let script = format!("mount -t tmpfs tmpfs /run && {more} exec \"$@\"");
    ["unshare", "--mount", "sh", "-c", &script, "sh"]
        .map(str::to_owned)
        .to_vec()
}

fn r3(run: &mut Run) -> Verdict {
    quick_master(run)?;
    let moment = Stamp::now();
    same("exit status", run.stop(A)?, 0)?;
    within("time to the end", Stamp::now().since(moment), 0.0, 2.0)?;
    let zeros = run
        .adverts(A, moment)
        .iter()
        .filter(|f| advert(f).is_ok_and(|a| a.priority == 0))
        .count();
    same("adverts with priority 0", zeros, 1)?;
    run.wait_address(A, "10.9.0.100", false, 0.0)?;
    let directory = run.directory(A);
    for name in ["pid", "vrrp.pid"] {
        check!(!directory.join(name).exists(), "{name} is still there");
    }
    let log = run.daemon(A)?.log();
    check!(
        log.contains(": Stopping") && log.contains("Stopped Keepalived v"),
        "the stop is not logged"
    );
    Ok(())
}

fn r4(run: &mut Run) -> Verdict {
    quick_master(run)?;
    let file = |name: &str| run.directory(A).join(name).to_string_lossy().into_owned();
    let (pid, vrrp, config) = (file("pid"), file("vrrp.pid"), file("keepalived.conf"));
    let (status, text) = execute(run, &["-n", "-l", "-G", "-P", "-p", &pid, "-r", &vrrp, "-f", &config])?;
    same("exit status of the second", status, Some(0))?;
    check!(text.contains("daemon is already running"), "it says {text:?}");
    let moment = Stamp::now();
    run.wait_advert(A, moment, 1.0)?;
    check!(run.daemon(A)?.alive()?, "the first ended");
    Ok(())
}

fn r5(run: &mut Run) -> Verdict {
    let missing = run.directory(A).join("absent.conf").to_string_lossy().into_owned();
    let (status, text) = execute(run, &["-n", "-l", "-G", "-P", "-f", &missing])?;
    same("exit status of a run", status, Some(6))?;
    check!(text.contains("Config files missing"), "it says {text:?}");
    let (status, text) = execute(run, &["-t", "-f", &missing])?;
    if run.reference() {
        same("exit status of -t", status, Some(0))?;
    } else {
        check!(
            status.is_some_and(|code| code != 0),
            "-t accepts a missing file: {text}"
        );
    }
    same(
        "exit status of -t -e",
        execute(run, &["-t", "-e", "-f", &missing])?.0,
        Some(4),
    )?;
    let including = format!("include @DIR@/nothing.conf\n{}", base());
    same(
        "-t with a missing include",
        test_config(run, &including, &[])?.0,
        Some(0),
    )?;
    same(
        "-t -e with a missing include",
        test_config(run, &including, &["-e"])?.0,
        Some(6),
    )
}

fn r6(run: &mut Run) -> Verdict {
    let config = base().replace("interface e0", "interface e9");
    run.start(A, &config)?;
    same("exit status", run.daemon(A)?.wait_exit(4.0)?.code(), Some(2))?;
    let log = run.daemon(A)?.log();
    check!(
        log.contains("e9") && log.contains("Line 2"),
        "the line is not named: {log}"
    );
    let directory = run.directory(A);
    let file = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let (pid, vrrp, config) = (file("pid"), file("vrrp.pid"), file("keepalived.conf"));
    let (status, _) = execute(run, &["-G", "-P", "-p", &pid, "-r", &vrrp, "-f", &config])?;
    same("exit status without -n", status, Some(0))?;
    let gone = until(4.0, || !directory.join("pid").exists());
    check!(gone, "the forked daemon still runs");
    Ok(())
}

fn r7(run: &mut Run) -> Verdict {
    let config = format!(
        "global_defs {{\ndynamic_interfaces\n}}\n{}",
        quick().replace("interface e0", "interface e7")
    );
    run.start(A, &config)?;
    let faulted = until(2.0, || {
        run.daemon(A)
            .is_ok_and(|d| d.log().to_lowercase().contains("(v1) entering fault state"))
    });
    check!(faulted, "FAULT is not logged");
    run.lab.node(A).ip(&[
        "link add e7 type veth peer name e8",
        "link set e8 up",
        "address add 10.9.7.1/24 dev e7",
        "link set e7 up",
    ])?;
    run.daemon(A)?.wait_log("(V1) Entering BACKUP STATE", 0, 2.0)?;
    run.daemon(A)?.wait_log("(V1) Entering MASTER STATE", 0, 3.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)
}

fn r8(run: &mut Run) -> Verdict {
    run.start(A, "")?;
    run.pause(1.5);
    check!(run.daemon(A)?.alive()?, "it ended");
    check!(!run.directory(A).join("vrrp.pid").exists(), "there is a VRRP process");
    let pid = run.daemon(A)?.pid();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    let roles = children.split_whitespace().count();
    if run.reference() {
        same("children", roles, 0)?;
    }
    check!(
        run.daemon(A)?.log().contains("no configuration to run"),
        "there is no warning"
    );
    same("exit status", run.stop(A)?, 0)
}

fn r10(run: &mut Run) -> Verdict {
    let config = format!(
        "vrrp_script chk {{\nscript \"/usr/bin/true\"\ninterval 1\n}}\n{}",
        instance("priority 100\ntrack_script {\nchk\n}", VIP)
    );
    let (status, text) = test_config(run, &config, &[])?;
    same("exit status", status, Some(6))?;
    check!(
        text.contains("script_security not enabled") || text.contains("enable_script_security"),
        "it says {text:?}"
    );
    Ok(())
}

fn r11(run: &mut Run) -> Verdict {
    for (name, number) in [
        ("STOP", 15),
        ("RELOAD", 1),
        ("DATA", 10),
        ("STATS", 12),
        ("STATS_CLEAR", 63),
        ("JSON", 36),
    ] {
        let (status, text) = execute(run, &[&format!("--signum={name}")])?;
        same(name, (status, text.trim().to_owned()), (Some(0), number.to_string()))?;
    }
    let (status, text) = execute(run, &["--signum=NONSENSE"])?;
    same("exit status for an unknown name", status, Some(1))?;
    check!(text.contains("Unknown sigfunc NONSENSE"), "it says {text:?}");
    Ok(())
}

fn r12(run: &mut Run) -> Verdict {
    for (args, message) in [
        (vec!["-Z"], "Unknown option -Z"),
        (vec!["--bogus"], "Unknown option --bogus"),
        (vec!["-p"], "Missing parameter for option -p"),
        (vec!["--pid"], "Missing parameter for option --"),
    ] {
        let (status, text) = execute(run, &args)?;
        same(message, status, Some(1))?;
        check!(text.contains(message), "{args:?} says {text:?}");
    }
    for option in ["-h", "-v"] {
        same(option, execute(run, &[option])?.0, Some(0))?;
    }
    same("--version", execute(run, &["--version"])?.0, Some(0))
}
