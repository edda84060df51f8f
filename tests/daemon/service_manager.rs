//! Datagrams to the service manager (`runtime.md` 5.1), received by the test.

use std::{
    os::unix::net::UnixDatagram,
    time::{Duration, Instant},
};

use nix::sys::signal::{Signal, kill};

use crate::harness::{Daemon, ONE_INSTANCE, PATIENCE, Place, is_root};

struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    fn start(config: &str, watchdog: Option<&str>) -> (Self, Daemon) {
        let place = Place::new(config);
        let path = place.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let daemon = place.start_with(&[], |command| {
            command.env("NOTIFY_SOCKET", &path);
            if let Some(micros) = watchdog {
                command.env("WATCHDOG_USEC", micros);
            }
        });
        (Self { socket }, daemon)
    }

    fn receive(&self) -> Option<String> {
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// The next datagram that has `text`; those before it are passed over.
    fn wait_for(&self, text: &str) -> String {
        let begin = Instant::now();
        let mut seen = Vec::new();
        while begin.elapsed() < PATIENCE {
            if let Some(datagram) = self.receive() {
                if datagram.contains(text) {
                    return datagram;
                }
                seen.push(datagram);
            }
        }
        panic!("waited in vain for {text:?}, got {seen:?}");
    }
}

#[test]
fn ready_reloading_status_and_stopping() {
    if !is_root() {
        return;
    }
    let (manager, mut daemon) = Manager::start(ONE_INSTANCE, None);
    let ready = manager.wait_for("READY=1");
    assert!(ready.contains(&format!("MAINPID={}\n", daemon.pid())), "{ready}");
    manager.wait_for("STATUS=1 MASTER");
    daemon.signal(Signal::SIGHUP);
    let reloading = manager.wait_for("RELOADING=1");
    let stamp = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
    assert!(stamp.is_some_and(|stamp| stamp.parse::<u64>().is_ok()), "{reloading}");
    manager.wait_for("READY=1");
    daemon.place.configure(&ONE_INSTANCE.replace("veth0", "nowhere"));
    daemon.signal(Signal::SIGHUP);
    manager.wait_for("RELOADING=1");
    let refused = manager.wait_for("READY=1");
    assert!(
        refused.contains("STATUS=1 MASTER; reload refused: ") && refused.contains("nowhere"),
        "{refused}"
    );
    assert_eq!(daemon.stop().code(), Some(0));
    manager.wait_for("STOPPING=1");
}

#[test]
fn ready_also_without_configuration_and_none_for_a_respawn() {
    if !is_root() {
        return;
    }
    let (manager, _daemon) = Manager::start("", None);
    manager.wait_for("READY=1");
    let (manager, daemon) = Manager::start(ONE_INSTANCE, None);
    manager.wait_for("READY=1");
    daemon.wait_for("Startup complete");
    kill(daemon.pid_in("vrrp.pid"), Signal::SIGKILL).unwrap();
    daemon.wait_for_nth("Entering MASTER STATE", 1);
    let end = Instant::now() + Duration::from_millis(300);
    while Instant::now() < end {
        if let Some(datagram) = manager.receive() {
            assert!(!datagram.contains("READY=1"), "{datagram}");
        }
    }
}

#[test]
fn a_refused_configuration_is_an_errno() {
    if !is_root() {
        return;
    }
    let (manager, mut daemon) = Manager::start(&ONE_INSTANCE.replace("veth0", "nowhere"), None);
    manager.wait_for("ERRNO=22");
    assert_eq!(daemon.ended().code(), Some(2));
}

#[test]
fn the_watchdog_is_fed_only_while_workers_turn() {
    if !is_root() {
        return;
    }
    let (manager, daemon) = Manager::start(ONE_INSTANCE, Some("400000"));
    manager.wait_for("READY=1");
    manager.wait_for("WATCHDOG=1");
    manager.wait_for("WATCHDOG=1");
    let vrrp = daemon.pid_in("vrrp.pid");
    kill(vrrp, Signal::SIGSTOP).unwrap();
    // What was sent before the worker hung, and the one ping that it had answered.
    let settle = Instant::now() + Duration::from_millis(400);
    while Instant::now() < settle {
        manager.receive();
    }
    let end = Instant::now() + Duration::from_millis(700);
    while Instant::now() < end {
        if let Some(datagram) = manager.receive() {
            assert!(!datagram.contains("WATCHDOG=1"), "a worker hangs");
        }
    }
    kill(vrrp, Signal::SIGCONT).unwrap();
    manager.wait_for("WATCHDOG=1");
}
