//! Reload as a transaction (`runtime.md` 4).

use std::fs;

use nix::sys::signal::Signal;

use crate::harness::{ONE_INSTANCE, Place, is_root, wait_until};

#[test]
fn an_unchanged_file_changes_nothing() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    daemon.wait_for("Entering MASTER STATE");
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("Reload complete");
    let log = daemon.log();
    let reload = log.find("Reloading ...").unwrap();
    assert!(!log[reload..].contains("Entering"), "{log}");
}

#[test]
fn what_cannot_run_changes_nothing() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    let vrrp = daemon.pid_in("vrrp.pid");
    let broken = [
        (ONE_INSTANCE.replace("veth0", "nowhere"), "nowhere"),
        (ONE_INSTANCE.replace("virtual_router_id 51", ""), "router id"),
        (
            format!("instance other\n{ONE_INSTANCE}"),
            "Cannot change instance name at a reload - please restart keepalived",
        ),
    ];
    for (count, (config, reason)) in broken.into_iter().enumerate() {
        daemon.place.configure(&config);
        daemon.signal(Signal::SIGHUP);
        daemon.wait_for_nth("Reload refused, the running configuration is kept", count + 1);
        assert!(daemon.log().contains(reason), "{reason}: {}", daemon.log());
    }
    fs::remove_file(daemon.place.path("keepalived.conf")).unwrap();
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for_nth("Reload refused, the running configuration is kept", 4);
    daemon.wait_for("Config files missing");
    assert_eq!(daemon.pid_in("vrrp.pid"), vrrp);
    assert!(!daemon.log().contains("Reload complete"));
    daemon.place.configure(ONE_INSTANCE);
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("Reload complete");
}

#[test]
fn errors_strict_and_reload_check_config() {
    if !is_root() {
        return;
    }
    let questionable = format!("no_such_keyword\n{ONE_INSTANCE}");
    // An error that is new is refused, one that the daemon was started with is not.
    let daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    daemon.place.configure(&questionable);
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("Reload refused");
    let daemon = Place::new(&questionable).start(&[]).ready();
    daemon
        .place
        .configure(&questionable.replace("priority 100", "priority 101"));
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("Reload complete");

    let mut daemon = Place::new(&questionable).start(&["--strict"]);
    assert_eq!(daemon.ended().code(), Some(2));

    let place = Place::new("");
    let report = place.path("report");
    let check = format!("global_defs {{\n reload_check_config {}\n}}\n", report.display());
    place.configure(&format!("{check}{ONE_INSTANCE}"));
    let daemon = place.start(&[]).ready();
    daemon.place.configure(&format!("{check}{questionable}"));
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for(&format!(
        "New config failed validation, see {} for details",
        report.display()
    ));
    assert!(fs::read_to_string(&report).unwrap().contains("no_such_keyword"));
}

#[test]
fn the_first_instance_starts_its_worker_and_requests_queue_up() {
    if !is_root() {
        return;
    }
    let daemon = Place::new("").start(&[]).ready();
    daemon.place.configure(ONE_INSTANCE);
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("Reload complete");
    daemon.wait_for("Entering BACKUP STATE (init)");
    let vrrp = daemon.pid_in("vrrp.pid");
    for _ in 0..20 {
        daemon.signal(Signal::SIGHUP);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    daemon.wait_for("Reload already in progress, request queued");
    daemon.place.configure("");
    let before = daemon.log().matches("Reload complete").count();
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for_nth("Reload complete", before + 1);
    assert_eq!(daemon.pid_in("vrrp.pid"), vrrp, "it stays with nothing to do");
}

#[test]
fn a_new_process_gets_the_committed_model() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    daemon.place.configure(&ONE_INSTANCE.replace("VI_1", "VI_2"));
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("Reload complete");
    daemon
        .place
        .configure("this file is broken and is not read by a respawn {");
    nix::sys::signal::kill(daemon.pid_in("vrrp.pid"), Signal::SIGKILL).unwrap();
    daemon.wait_for("(VI_2) Entering BACKUP STATE (init)");
}

#[test]
fn the_time_file_reloads_and_is_removed() {
    if !is_root() {
        return;
    }
    let place = Place::new("");
    let file = place.path("when");
    place.configure(&format!("global_defs {{\n reload_time_file {}\n}}\n", file.display()));
    let daemon = place.start(&[]).ready();
    let soon = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
        + 2;
    fs::write(&file, "nonsense\n").unwrap();
    daemon.wait_for("Reload time nonsense format is incorrect - ignoring");
    let date = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{soon}"), "+%Y-%m-%d %H:%M:%SZ"])
        .output()
        .unwrap();
    fs::write(&file, date.stdout).unwrap();
    daemon.wait_for("Scheduling reload for");
    daemon.wait_for("Reload complete");
    wait_until("removal", || file.exists().to_string(), |exists| exists == "false");
}

#[test]
fn the_marker_is_there_only_while_files_are_read() {
    if !is_root() {
        return;
    }
    let place = Place::new("");
    let marker = place.path("reloading");
    let saved = place.path("saved");
    place.configure(&format!(
        "global_defs {{\n reload_file {}\n config_save_dir {}\n}}\n{ONE_INSTANCE}",
        marker.display(),
        saved.display()
    ));
    fs::write(&marker, "").unwrap();
    let daemon = place.start(&[]).ready();
    assert!(!marker.exists(), "left by another");
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("Reload complete");
    assert!(!marker.exists());
    let copy = fs::read_to_string(saved.join(format!("keepalived.conf.{}.1", daemon.pid()))).unwrap();
    assert!(copy.contains("vrrp_instance VI_1"), "{copy}");
}

#[test]
fn a_reload_gives_a_process_that_keeps_dying_a_new_chance_at_once() {
    if !is_root() {
        return;
    }
    let daemon = Place::new(ONE_INSTANCE).start(&[]).ready();
    for count in 1..=3 {
        daemon.wait_for_nth("Entering BACKUP STATE (init)", count);
        nix::sys::signal::kill(daemon.pid_in("vrrp.pid"), Signal::SIGKILL).unwrap();
        daemon.wait_for_nth("died: Respawning", count);
    }
    daemon.wait_for("Restart of VRRP process delayed 2 seconds");
    let begin = std::time::Instant::now();
    daemon.place.configure(&ONE_INSTANCE.replace("VI_1", "VI_2"));
    daemon.signal(Signal::SIGHUP);
    daemon.wait_for("(VI_2) Entering BACKUP STATE (init)");
    assert!(begin.elapsed().as_millis() < 1_500, "it was not waited for");
    daemon.wait_for("VRRP instances: 0 unchanged, 0 changed, 1 added, 1 removed");
    daemon.wait_for("Reload complete");
}
