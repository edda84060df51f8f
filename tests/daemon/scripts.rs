//! Start and stop scripts of the supervisor (`runtime.md` 3.6).

use std::{fs, time::Instant};

use crate::harness::{ONE_INSTANCE, Place, is_root};

fn config(place: &Place, start: &str, stop: &str) -> String {
    let start = place.script("start", start);
    let stop = place.script("stop", stop);
    format!(
        "global_defs {{\n script_user root\n enable_script_security\n startup_script {start}\n startup_script_timeout 1\n \
         shutdown_script {stop}\n}}\n{ONE_INSTANCE}"
    )
}

#[test]
fn they_run_before_and_after_the_workers_without_our_secrets() {
    if !is_root() {
        return;
    }
    let place = Place::new("");
    let dir = place.dir.path().display().to_string();
    let start = format!("env > {dir}/environment; ls {dir}/*.pid > {dir}/at-start; umask > {dir}/umask");
    place.configure(&config(&place, &start, &format!("ls {dir}/*.pid > {dir}/at-stop")));
    let mut daemon = place
        .start_with(&[], |command| {
            command.env("NOTIFY_SOCKET", "/no/such/socket");
        })
        .ready();
    let read = |name: &str| fs::read_to_string(daemon.place.path(name)).unwrap();
    assert!(
        !read("environment").contains("NOTIFY_SOCKET"),
        "{}",
        read("environment")
    );
    assert!(read("environment").contains("TMPDIR="));
    assert_eq!(read("at-start"), format!("{dir}/parent.pid\n"));
    assert_eq!(read("umask"), "0177\n");
    assert_eq!(daemon.stop().code(), Some(0));
    assert_eq!(
        fs::read_to_string(daemon.place.path("at-stop")).unwrap(),
        format!("{dir}/parent.pid\n")
    );
    assert!(daemon.log().contains("Running startup script"), "{}", daemon.log());
}

#[test]
fn a_script_that_fails_or_hangs_does_not_stop_the_start() {
    if !is_root() {
        return;
    }
    let place = Place::new("");
    place.configure(&config(&place, "exit 3", "exit 0"));
    let daemon = place.start(&[]).ready();
    assert!(daemon.log().contains("failed, status 3"), "{}", daemon.log());

    let place = Place::new("");
    place.configure(&config(&place, "sleep 60", "exit 0"));
    let begin = Instant::now();
    let daemon = place.start(&[]).ready();
    assert!((1..15).contains(&begin.elapsed().as_secs()));
    assert!(daemon.log().contains("timed out"), "{}", daemon.log());
}
