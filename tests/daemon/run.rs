//! Start, pid files, death and end (`runtime.md` 2 and 3).

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command, time::Instant};

use nix::sys::signal::{Signal, kill};

use crate::harness::{BINARY, ONE_INSTANCE, Place, is_alive, is_root, pid_in, wait_until};

#[test]
fn a_missing_configuration_gives_6() {
    let output = Command::new(BINARY)
        .args(["-n", "-G", "-f", "/no/such/file.conf"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(6));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        text.starts_with("Config files missing '/no/such/file.conf'.\nStopped Keepalived v"),
        "{text}"
    );
}

#[test]
fn pid_files_are_made_and_removed_and_the_end_is_0() {
    if !is_root() {
        return;
    }
    let mut daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    assert_eq!(daemon.pid_in("parent.pid"), daemon.pid());
    for name in ["parent.pid", "vrrp.pid"] {
        let mode = fs::metadata(daemon.place.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644, "{name}");
        let text = fs::read_to_string(daemon.place.path(name)).unwrap();
        assert!(text.ends_with('\n'), "{text:?}");
    }
    assert!(!daemon.place.path("checkers.pid").exists() && !daemon.place.path("bfd.pid").exists());
    daemon.wait_for("(VI_1) Entering MASTER STATE");
    assert_eq!(daemon.stop().code(), Some(0));
    for name in ["parent.pid", "vrrp.pid"] {
        assert!(!daemon.place.path(name).exists(), "{name}");
    }
    let log = daemon.log();
    assert!(
        log.contains(": Stopping\n") && log.contains(": Stopped Keepalived v"),
        "{log}"
    );
}

#[test]
fn a_second_daemon_ends_with_0_and_leaves_the_first_alone() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    for arguments in [vec!["-n"], vec![]] {
        let output = Command::new(BINARY)
            .args(daemon.place.arguments())
            .args(["-G"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("locked\ndaemon is already running"), "{text}");
    }
    assert_eq!(daemon.pid_in("parent.pid"), daemon.pid());
}

#[test]
fn in_the_background_it_returns_at_once_and_runs_on() {
    if !is_root() {
        return;
    }
    let place = Place::new(ONE_INSTANCE);
    let status = place
        .command(&["-G", "-D", &format!("-g{}", place.path("k.log").display())])
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    let log = || fs::read_to_string(place.path("k.log")).unwrap_or_default();
    wait_until("start", log, |log| log.contains("Startup complete"));
    let pid = pid_in(&place.path("parent.pid")).unwrap();
    assert_eq!(
        fs::read_link(format!("/proc/{pid}/cwd")).unwrap(),
        std::path::Path::new("/")
    );
    kill(pid, Signal::SIGTERM).unwrap();
    wait_until("end", || is_alive(pid).to_string(), |alive| alive == "false");
    assert!(!place.path("parent.pid").exists());
    let worker = fs::read_to_string(place.path("k_vrrp.log")).unwrap();
    assert!(worker.contains("(VI_1) Entering BACKUP STATE (init)"), "{worker}");
}

#[test]
fn a_missing_interface_gives_2() {
    if !is_root() {
        return;
    }
    let config = ONE_INSTANCE.replace("veth0", "nowhere");
    let mut daemon = Place::new(&config).start(&[]);
    assert_eq!(daemon.ended().code(), Some(2));
    assert!(daemon.log().contains("nowhere"), "{}", daemon.log());
}

#[test]
fn without_configuration_it_stays() {
    if !is_root() {
        return;
    }
    let mut daemon = Place::new("").start(&[]).ready();
    assert!(
        daemon
            .log()
            .contains("Warning - keepalived has no configuration to run")
    );
    assert!(!daemon.place.path("vrrp.pid").exists());
    assert_eq!(daemon.stop().code(), Some(0));
}

#[test]
fn dead_workers_come_back_later_and_later() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    let first = daemon.pid_in("vrrp.pid");
    kill(first, Signal::SIGKILL).unwrap();
    daemon.wait_for_nth("Starting VRRP child process", 2);
    daemon.wait_for_nth("Entering BACKUP STATE (init)", 2);
    let log = daemon.log();
    assert!(
        log.contains(&format!("pid {first} exited due to signal 9 (SIGKILL)\n")),
        "{log}"
    );
    assert!(
        log.contains(&format!("VRRP child process({first}) died: Respawning\n")),
        "{log}"
    );
    assert!(!log.contains("delayed"), "the first time at once: {log}");
    wait_until(
        "pid file",
        || format!("{:?}", pid_in(&daemon.place.path("vrrp.pid"))),
        |pid| *pid != format!("{:?}", Some(first)),
    );
    kill(daemon.pid_in("vrrp.pid"), Signal::SIGTERM).unwrap();
    let begin = Instant::now();
    daemon.wait_for("Restart of VRRP process delayed 1 seconds to limit respawn rate");
    daemon.wait_for_nth("Starting VRRP child process", 3);
    assert!(begin.elapsed().as_millis() >= 900);
}

#[test]
fn the_death_of_the_control_process_disturbs_nobody() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    daemon.wait_for("Entering MASTER STATE");
    let vrrp = daemon.pid_in("vrrp.pid");
    let log = daemon.log();
    let line = log
        .lines()
        .find(|line| line.contains("Starting Control child process"))
        .unwrap();
    let control: i32 = line.rsplit('=').next().unwrap().parse().unwrap();
    kill(nix::unistd::Pid::from_raw(control), Signal::SIGKILL).unwrap();
    daemon.wait_for_nth("Starting Control child process", 2);
    assert_eq!(daemon.pid_in("vrrp.pid"), vrrp);
    assert_eq!(daemon.log().matches("Entering").count(), 2, "{}", daemon.log());
}

#[test]
fn with_dont_respawn_the_daemon_ends_with_its_worker() {
    if !is_root() {
        return;
    }
    let mut daemon = Place::new(ONE_INSTANCE).start(&["-R"]).ready();
    kill(daemon.pid_in("vrrp.pid"), Signal::SIGKILL).unwrap();
    assert_eq!(daemon.ended().code(), Some(0));
    assert!(daemon.log().contains("died: Exiting"), "{}", daemon.log());
}

#[test]
fn workers_do_not_outlive_the_supervisor() {
    if !is_root() {
        return;
    }
    let mut daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    let vrrp = daemon.pid_in("vrrp.pid");
    daemon.signal(Signal::SIGKILL);
    daemon.ended();
    wait_until(
        "end of the worker",
        || is_alive(vrrp).to_string(),
        |alive| alive == "false",
    );
    assert!(!daemon.place.path("vrrp.pid").exists());
    assert!(daemon.place.path("parent.pid").exists());
}

#[test]
fn sigint_ends_it_unless_ignored() {
    if !is_root() {
        return;
    }
    let mut daemon = Place::new("").start(&[]).ready();
    daemon.signal(Signal::SIGINT);
    assert_eq!(daemon.ended().code(), Some(0));
    let mut daemon = Place::new("").start(&["--ignore-sigint"]).ready();
    daemon.signal(Signal::SIGINT);
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("Reload complete");
    assert_eq!(daemon.stop().code(), Some(0));
}

#[test]
fn the_parent_writes_its_data_for_root_only() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(&format!("global_defs {{\n router_id here\n}}\n{ONE_INSTANCE}"))
        .start(&[])
        .ready();
    daemon.signal(Signal::SIGUSR1);
    let path = daemon.place.path("keepalived_parent.data");
    let vrrp = daemon.place.path("keepalived.data");
    wait_until(
        "data",
        || (path.exists() && vrrp.exists()).to_string(),
        |both| both == "true",
    );
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("------< Global definitions >------\n") && text.contains("Router ID = here"),
        "{text}"
    );
    assert!(fs::read_to_string(&vrrp).unwrap().contains("VRRP Instance = VI_1"));
}

#[test]
fn process_names_follow_the_configuration() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(&format!(
        "global_defs {{\n process_names\n process_name top\n}}\n{ONE_INSTANCE}"
    ))
    .start(&[])
    .ready();
    let name = |pid| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap();
    assert_eq!(name(daemon.pid()), "top\n");
    assert_eq!(
        name(daemon.pid_in("vrrp.pid")),
        "keepalived_vrrp\n".chars().take(15).collect::<String>() + "\n"
    );
}

#[test]
fn real_time_and_niceness_are_those_of_the_worker() {
    if !is_root() {
        return;
    }
    let config = format!("global_defs {{\n vrrp_rt_priority 20\n vrrp_no_swap\n}}\n{ONE_INSTANCE}");
    let daemon = Place::new(&config).start(&[]).ready();
    let stat = |pid| fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // rt_priority and policy are the 40th and 41st field; 2 is SCHED_RR.
    let scheduling = |pid| {
        let stat = stat(pid);
        let fields: Vec<String> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        (fields[37].clone(), fields[38].clone())
    };
    assert_eq!(scheduling(daemon.pid_in("vrrp.pid")), ("20".to_owned(), "2".to_owned()));
    assert_eq!(scheduling(daemon.pid()).1, "0");
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid_in("vrrp.pid"))).unwrap();
    let locked = status
        .lines()
        .find(|line| line.starts_with("VmLck:"))
        .unwrap()
        .to_owned();
    assert!(!locked.ends_with(" 0 kB"), "{locked}");
}

#[test]
fn a_network_namespace_of_its_own() {
    if !is_root() {
        return;
    }
    let name = format!("daemon-{}", std::process::id());
    let ip = |arguments: &[&str]| assert!(Command::new("ip").args(arguments).status().unwrap().success());
    ip(&["netns", "add", &name]);
    ip(&[
        "-n", &name, "link", "add", "veth9", "type", "veth", "peer", "name", "veth8",
    ]);
    ip(&["-n", &name, "address", "add", "10.9.9.1/24", "dev", "veth9"]);
    ip(&["-n", &name, "link", "set", "veth9", "up"]);
    ip(&["-n", &name, "link", "set", "veth8", "up"]);
    let place = Place::new(&format!(
        "net_namespace {name}\ninstance IX\n{}",
        ONE_INSTANCE.replace("veth0", "veth9")
    ));
    let log = place.path("log");
    let mut command = Command::new(BINARY);
    command
        .args(["-f", place.path("keepalived.conf").to_str().unwrap(), "-nlDG"])
        .env("TMPDIR", place.dir.path());
    let mut child = command.stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
    wait_until(
        "start",
        || fs::read_to_string(&log).unwrap(),
        |log| log.contains("Entering MASTER STATE"),
    );
    let outside = format!("/run/keepalived/{name}/keepalived_IX.pid");
    assert_eq!(fs::read_to_string(&outside).unwrap(), format!("{}\n", child.id()));
    let text = fs::read_to_string(&log).unwrap();
    assert!(
        text.contains(&format!("Changing syslog ident to Keepalived_{name}_IX")),
        "{text}"
    );
    kill(
        nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap()),
        Signal::SIGTERM,
    )
    .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!std::path::Path::new(&outside).exists());
    ip(&["netns", "delete", &name]);
    let _still_used = fs::remove_dir(format!("/run/keepalived/{name}"));
}

#[test]
fn checker_and_bfd_run_say_what_they_do_not_do_and_dump_their_configuration() {
    if !is_root() {
        return;
    }
    let config = "virtual_server 192.0.2.1 80 {\n protocol TCP\n real_server 192.0.2.10 80 {\n TCP_CHECK {\n }\n }\n}\n\
                  bfd_instance b1 {\n neighbor_ip 10.9.0.2\n}\n";
    let mut daemon = Place::new(config).start(&["-d"]).ready();
    for (pid, text) in [
        ("checkers.pid", "1 virtual servers are configured, but"),
        ("bfd.pid", "1 BFD sessions are configured, but"),
    ] {
        assert!(is_alive(daemon.pid_in(pid)));
        daemon.wait_for(text);
    }
    daemon.wait_for(":  BFD Instance = b1\n");
    daemon.wait_for(": ------< Global definitions >------\n");
    assert!(!daemon.place.path("vrrp.pid").exists());
    daemon.signal(Signal::SIGUSR1);
    for (name, heading) in [
        ("keepalived_check.data", "LVS Topology"),
        ("keepalived_bfd.data", "BFD Topology"),
    ] {
        let path = daemon.place.path(name);
        wait_until(
            "data",
            || fs::read_to_string(&path).unwrap_or_default(),
            |text| text.contains(heading),
        );
        assert!(
            fs::read_to_string(&path)
                .unwrap()
                .starts_with("------< Global definitions >------\n")
        );
    }
    kill(daemon.pid_in("bfd.pid"), Signal::SIGKILL).unwrap();
    daemon.wait_for_nth("Starting BFD child process", 2);
    assert_eq!(daemon.stop().code(), Some(0));
    assert!(!daemon.place.path("checkers.pid").exists() && !daemon.place.path("bfd.pid").exists());
}

#[test]
fn options_leave_roles_out_or_run_all() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&["-C"]).ready();
    assert!(!daemon.log().contains("Starting VRRP"), "{}", daemon.log());
    let daemon = Place::new("").start(&["--all"]).ready();
    for title in ["VRRP", "Healthcheck", "BFD"] {
        assert!(
            daemon.log().contains(&format!("Starting {title} child process")),
            "{}",
            daemon.log()
        );
    }
}

#[test]
fn a_worker_that_does_not_end_is_killed() {
    if !is_root() {
        return;
    }
    let mut daemon = Place::new(&format!("child_wait_time 1\n{ONE_INSTANCE}"))
        .start(&[])
        .ready();
    kill(daemon.pid_in("vrrp.pid"), Signal::SIGSTOP).unwrap();
    let begin = Instant::now();
    assert_eq!(daemon.stop().code(), Some(0));
    assert!((1..5).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
    daemon.wait_for("VRRP process failed to die - forcing termination");
    assert!(
        daemon.place.path("vrrp.pid").exists(),
        "a killed worker leaves its file"
    );
}

#[test]
fn signals_to_a_worker_mean_that_worker_alone() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&["-u", "022"]).ready();
    let vrrp = daemon.pid_in("vrrp.pid");
    kill(vrrp, Signal::SIGHUP).unwrap();
    daemon.wait_for(": Reloading\n");
    assert!(!daemon.log().contains("Reloading ..."), "{}", daemon.log());
    kill(vrrp, Signal::SIGUSR1).unwrap();
    let data = daemon.place.path("keepalived.data");
    wait_until("data", || data.exists().to_string(), |exists| exists == "true");
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o644);
    kill(vrrp, Signal::SIGUSR2).unwrap();
    let stats = daemon.place.path("keepalived.stats");
    wait_until("statistics", || stats.exists().to_string(), |exists| exists == "true");
    assert!(!daemon.place.path("keepalived_parent.data").exists());
    assert_eq!(daemon.pid_in("vrrp.pid"), vrrp);
}

#[test]
fn a_directory_is_no_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(BINARY)
        .args(["-n", "-G", "-f", dir.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(6));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("is a directory"), "{text}");
}

#[test]
fn a_pid_file_that_cannot_be_made_is_an_error() {
    if !is_root() {
        return;
    }
    let mut daemon = Place::new("").start(&["-p", "/no/such/directory/k.pid"]);
    assert_eq!(daemon.ended().code(), Some(1));
    daemon.wait_for("failed to make pid file /no/such/directory/k.pid: ");
}
