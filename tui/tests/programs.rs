//! The two programs on a private bus with a daemon made of the real D-Bus objects. Needs `dbus-daemon` and `script`.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    io::Write,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use keepalived_dbus::{
    SERVICE,
    path::Root,
    server::{self, DumpKind, Request, SharedBoard},
};
use keepalived_status::{
    Board, Event, Snapshot, State, render,
    sample::{self, instance},
};
use tokio::sync::mpsc;

/// A bus and, on it, a daemon with three instances. Both end with the value.
struct World {
    directory: tempfile::TempDir,
    bus: Child,
}

impl World {
    fn new(with_daemon: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let bus = start_bus(&directory);
        let world = Self { directory, bus };
        if with_daemon {
            world.start_daemon();
        }
        world
    }

    fn start_daemon(&self) {
        let (ready, is_ready) = std::sync::mpsc::channel();
        let address = self.address();
        // The thread ends with the test program.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let _connection = serve(&address).await;
                ready.send(()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        is_ready.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    /// The bus dies, and with it the daemon's connection; a new one takes its place.
    fn restart_bus(&mut self) {
        self.bus.kill().unwrap();
        self.bus.wait().unwrap();
        std::fs::remove_file(self.directory.path().join("socket")).unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        self.bus = start_bus(&self.directory);
        self.start_daemon();
    }

    fn address(&self) -> String {
        format!("unix:path={}/socket", self.directory.path().display())
    }

    fn ctl(&self, arguments: &[&str]) -> Output {
        let bus = self.address();
        let arguments = [&["--bus", &bus], arguments].concat();
        ctl(&arguments)
    }
}

fn start_bus(directory: &tempfile::TempDir) -> Child {
    let config = directory.path().join("bus.conf");
    let text = format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>custom</type>
<listen>unix:path={}/socket</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy></busconfig>"#,
        directory.path().display()
    );
    std::fs::write(&config, text).unwrap();
    let bus = Command::new("dbus-daemon")
        .arg(format!("--config-file={}", config.display()))
        .arg("--nofork")
        .stderr(Stdio::null())
        .spawn()
        .expect("dbus-daemon is installed");
    let end = Instant::now() + Duration::from_secs(10);
    while std::os::unix::net::UnixStream::connect(directory.path().join("socket")).is_err() {
        assert!(Instant::now() < end, "the bus did not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    bus
}

impl Drop for World {
    fn drop(&mut self) {
        let _ended_already = self.bus.kill();
        let _ended_already = self.bus.wait();
    }
}

fn ctl(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keepalivedctl"))
        .args(arguments)
        .output()
        .unwrap()
}

fn good(output: Output) -> String {
    let text = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}{complaint}");
    text
}

fn bad(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

async fn serve(address: &str) -> zbus::Connection {
    let mut board = Board::default();
    board.apply(&Event::Reset(Box::new(sample::daemon())));
    let mut second = instance(2, "VI_2", "veth0", 52, State::Fault);
    second.live.faults.interfaces = 1;
    for i in [
        instance(1, "VI_1", "veth0", 51, State::Master),
        second,
        instance(3, "VI_3", "veth1", 51, State::Backup),
    ] {
        board.apply(&Event::Added(Box::new(i)));
    }
    let board: SharedBoard = Arc::new(RwLock::new(board));
    let (requests, asked) = mpsc::unbounded_channel();
    tokio::spawn(answer(asked, board.clone()));
    let path = Root::default().daemon();
    let status = server::Status {
        board: board.clone(),
        requests: requests.clone(),
    };
    zbus::connection::Builder::address(address)
        .serve_at(path.clone(), status)
        .serve_at(path, server::Control { board, requests })
        .name(SERVICE)
        .build()
        .await
        .unwrap()
}

/// What the control process would do: the first reload succeeds, others do not.
async fn answer(mut asked: mpsc::UnboundedReceiver<Request>, board: SharedBoard) {
    let mut reloads = 0;
    while let Some(request) = asked.recv().await {
        match request {
            Request::Reload(answer) => {
                reloads += 1;
                let result = if reloads == 1 {
                    Ok(())
                } else {
                    Err("keepalived.conf:3: no such keyword".to_owned())
                };
                answer.send(result).unwrap();
            }
            Request::Dump(kind, answer) => {
                let instances = server::read(&board, |board| board.instances().cloned().collect());
                let snapshot = Snapshot {
                    instances,
                    ..Snapshot::default()
                };
                let mut out = Vec::new();
                match kind {
                    DumpKind::Stats => render::stats(&mut out, &snapshot.instances).unwrap(),
                    DumpKind::Data => render::data(&mut out, &snapshot, render::Zone::UTC).unwrap(),
                    DumpKind::Metrics => render::metrics(&mut out, &snapshot).unwrap(),
                    DumpKind::Json(version) => render::json(&mut out, &snapshot, version).unwrap(),
                }
                answer.send(Ok(String::from_utf8(out).unwrap())).unwrap();
            }
            _ => {}
        }
    }
}

#[test]
fn the_commands_that_look() {
    let world = World::new(true);
    let status = good(world.ctl(&["status"]));
    assert!(status.contains("Instances: 1 BACKUP, 1 FAULT, 1 MASTER"), "{status}");
    let json: serde_json::Value = serde_json::from_str(&good(world.ctl(&["status", "--json"]))).unwrap();
    assert_eq!(json["daemon"]["router_id"], "lab1");
    assert_eq!(json["states"]["FAULT"], 1);
    let table = good(world.ctl(&["instances"]));
    let lines: Vec<Vec<&str>> = table.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[1][..6], ["VI_1", "veth0", "51", "v4", "MASTER", "100"]);
    let shown = good(world.ctl(&["show", "VI_2"]));
    assert!(
        shown.contains("(i/f down)") && shown.contains("10.9.0.52/24 dev veth0"),
        "{shown}"
    );
    assert!(bad(world.ctl(&["show", "VI_9"])).contains("there is no instance called VI_9"));
    assert!(good(world.ctl(&["stats"])).starts_with("VRRP Instance: VI_1\n  Advertisements:"));
    assert!(good(world.ctl(&["dump", "data"])).contains("------< VRRP Topology >------"));
    assert!(good(world.ctl(&["dump", "metrics"])).ends_with("# EOF\n"));
    assert!(good(world.ctl(&["dump", "json2"])).starts_with("{\"vrrp\":[{\"data\":{\"iname\":\"VI_1\""));
}

#[test]
fn the_commands_that_order() {
    let world = World::new(true);
    assert_eq!(good(world.ctl(&["reload"])), "Reloaded\n");
    assert_eq!(
        bad(world.ctl(&["reload"])),
        "keepalivedctl: keepalived.conf:3: no such keyword\n"
    );
    assert_eq!(good(world.ctl(&["garp", "VI_1"])), "");
    assert!(bad(world.ctl(&["garp", "nobody"])).contains("no instance called nobody"));
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let world = World::new(false);
    let text = bad(world.ctl(&["status"]));
    assert!(
        text.contains("failed to find org.keepalived.Vrrp1") && text.contains("enable_dbus"),
        "{text}"
    );
    let text = bad(ctl(&["--bus", "unix:path=/nonexistent/bus", "status"]));
    assert!(
        text.contains("failed to reach the bus") && text.contains("--bus ADDRESS"),
        "{text}"
    );
}

#[test]
fn files_are_checked_converted_and_explained() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let fine = file(
        "fine.conf",
        "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n priority 100\n virtual_ipaddress {\n  10.0.0.1/24\n }\n}\n",
    );
    good(ctl(&["check", &fine]));
    let toml = good(ctl(&["convert", &fine, "--to", "toml"]));
    let toml = file("again.toml", &toml);
    let conf = good(ctl(&["convert", &toml, "--to", "conf"]));
    assert_eq!(words(&conf), words(&std::fs::read_to_string(&fine).unwrap()));
    let wrong = file(
        "wrong.conf",
        "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 999\n}\n",
    );
    let output = ctl(&["check", &wrong]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("999") && text.contains("wrong.conf"), "{text}");
    for (form, member) in [("json", "diagnostics"), ("sarif", "runs")] {
        let output = ctl(&["check", &wrong, "--format", form]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(json.get(member).is_some(), "{json}");
    }
    assert!(good(ctl(&["explain", "virtual_router_id"])).contains("255"));
    assert!(bad(ctl(&["explain", "virtual_router_idd"])).contains("did you mean virtual_router_id?"));
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(Into::into).collect()
}

#[test]
fn one_picture_as_text() {
    let world = World::new(true);
    let output = Command::new(env!("CARGO_BIN_EXE_keepalived-tui"))
        .args(["--once", "--bus", &world.address()])
        .env_remove("COLUMNS")
        .env_remove("LINES")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = good(output);
    assert_eq!(text.lines().count(), 24);
    assert!(text.lines().all(|line| line.chars().count() <= 80));
    assert!(text.contains("1 MASTER 1 BACKUP 1 FAULT"), "{text}");
    assert!(text.contains("10.9.0.51/24 dev veth0 scope"), "{text}");
}

/// `keepalived-tui` in a terminal of 80x24.
fn in_a_terminal(world: &World) -> Child {
    let command = format!(
        "stty rows 24 cols 80; {} --bus {}",
        env!("CARGO_BIN_EXE_keepalived-tui"),
        world.address()
    );
    Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is installed")
}

/// Presses keys, the last of which must end the program, and gives what it wrote.
fn press(mut child: Child, keys: &[u8]) -> String {
    let mut terminal = child.stdin.take().unwrap();
    for key in keys {
        terminal.write_all(&[*key]).unwrap();
        terminal.flush().unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn a_terminal_is_used_and_given_back() {
    let world = World::new(true);
    let child = in_a_terminal(&world);
    std::thread::sleep(Duration::from_secs(2));
    // Help, close it, then the end.
    let text = press(child, b"?xq");
    for seen in ["\u{1b}[?1049h", "VI_1", "PageDown", "\u{1b}[?1049l"] {
        assert!(text.contains(seen), "{seen:?} in {text:?}");
    }
}

#[test]
fn a_daemon_that_comes_again_is_shown_again() {
    let mut world = World::new(true);
    let child = in_a_terminal(&world);
    std::thread::sleep(Duration::from_secs(2));
    world.restart_bus();
    std::thread::sleep(Duration::from_secs(3));
    let text = press(child, b"q");
    // Only what changed is written, so "not reachable" comes in pieces.
    let lost = text.find("reachable").expect("the loss is shown");
    assert!(text[lost..].contains("lab1"), "{text:?}");
}
