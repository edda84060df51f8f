//! What a process does to itself, mostly tried in a child: this test program, run again in another role.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;

use crate::common::{block_on, in_namespace, run};
use keepalived_linux::process::limits::{
    raise_open_files, real_time_priority, set_affinity, set_core_dumps, set_nice, set_real_time, set_real_time_limit,
};
use keepalived_linux::process::namespace::{NetworkNamespace, inside, private_directory};
use keepalived_linux::process::privileges::{Capability, become_user, has_capability, keep_capabilities};
use keepalived_linux::process::signals::{Received, Signals, real_time, real_time_from_last};
use keepalived_linux::process::worker::{Respawn, Worker, socket_pair, take_inherited};
use keepalived_linux::process::{become_subreaper, reap_orphan, set_name, set_umask};
use keepalived_linux::script::{Event, Script, Scripts, Surroundings};
use keepalived_model::script::Credentials;

const ROLE: &str = "KEEPALIVED_TEST_ROLE";
const SOCKET: &str = "KEEPALIVED_TEST_FD";

/// The entry of the children; nothing when the test program itself runs.
#[test]
fn child() {
    let Some(role) = std::env::var_os(ROLE) else { return };
    let mut socket = UnixStream::from(take_inherited(SOCKET).unwrap().unwrap());
    let report = match role.to_str().unwrap() {
        "echo" => echo(&mut socket),
        "limits" => limits(),
        "privileges" => privileges(),
        "user" => user(),
        "subreaper" => subreaper(),
        role => panic!("{role}"),
    };
    socket.write_all(report.as_bytes()).unwrap();
    std::process::exit(4);
}

/// Run this program as a child in `role`; its process and our end of the socket.
fn start(role: &str) -> (Worker, UnixStream) {
    let (ours, theirs) = socket_pair(false).unwrap();
    let arguments = [
        "keepalived",
        "--exact",
        "process::child",
        "--nocapture",
        "--test-threads=1",
    ];
    let worker = Respawn::with_arguments(arguments)
        .variable(ROLE, role)
        .inherit(SOCKET, theirs)
        .spawn()
        .unwrap();
    (worker, UnixStream::from(ours))
}

/// Run a child that needs no input; what it reports.
fn report_of(role: &'static str) -> String {
    block_on(async move {
        let (worker, mut socket) = start(role);
        let report = tokio::task::spawn_blocking(move || {
            let mut report = String::new();
            socket.read_to_string(&mut report).unwrap();
            report
        });
        let report = report.await.unwrap();
        assert_eq!(worker.ended().await.unwrap().code(), Some(4), "{report}");
        report
    })
}

fn echo(socket: &mut UnixStream) -> String {
    let mut request = [0; 4];
    socket.read_exact(&mut request).unwrap();
    set_name("keepalived_vrrp_and_more").unwrap();
    let second = take_inherited(SOCKET);
    let flags = rustix::io::fcntl_getfd(socket.as_fd()).unwrap();
    format!(
        "{} {} {} {:?} {} {}",
        String::from_utf8_lossy(&request),
        fs::read_to_string("/proc/thread-self/comm").unwrap().trim(),
        fs::read_to_string("/proc/self/cmdline")
            .unwrap()
            .split('\0')
            .next()
            .unwrap(),
        flags,
        second.is_err(),
        take_inherited("KEEPALIVED_NO_SUCH_FD").unwrap().is_none(),
    )
}

#[test]
fn a_worker_is_this_program_with_a_socket() {
    block_on(async {
        let (worker, mut socket) = start("echo");
        socket.write_all(b"ping").unwrap();
        let mut report = String::new();
        socket.read_to_string(&mut report).unwrap();
        assert_eq!(report, "ping keepalived_vrrp keepalived FdFlags(CLOEXEC) true true");
        assert_eq!(worker.ended().await.unwrap().code(), Some(4));
        assert!(worker.signal(libc::SIGTERM).is_err(), "it is gone");

        let (worker, _socket) = start("echo");
        worker.signal(real_time(2)).unwrap();
        assert_eq!(worker.ended().await.unwrap().signal(), Some(real_time(2)));
    });
}

fn limits() -> String {
    let mut report = String::new();
    let before = Surroundings::capture().unwrap();
    let mut say = |what: &str, result: std::io::Result<String>| match result {
        Ok(text) => report += &format!("{what} {text}\n"),
        Err(error) => report += &format!("{what} SKIP {error}\n"),
    };
    say("open", raise_open_files(70_000).map(|n| n.to_string()));
    say("core", set_core_dumps(false).map(|()| String::new()));
    say("rttime", set_real_time_limit(10_000).map(|()| String::new()));
    say("nice", set_nice(7).map(|()| String::new()));
    say("affinity", set_affinity([0, 5000]).map(|()| String::new()));
    say("rr", set_real_time(3).map(|()| format!("{:?}", real_time_priority())));
    set_umask(0o177);
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = |name: &str| {
        limits
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    for name in ["Max open files", "Max core file size", "Max realtime timeout"] {
        report += &format!("{}\n", line(name));
    }
    let status = fs::read_to_string("/proc/thread-self/status").unwrap();
    report += status
        .lines()
        .find(|line| line.starts_with("Cpus_allowed_list"))
        .unwrap();
    // A script finds everything as it was before.
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let script = format!(
        "cat /proc/$$/limits >{0}; echo nice $(nice) umask $(umask) >>{0}; grep Cpus_allowed_list /proc/$$/status >>{0}",
        out.display()
    );
    block_on(async {
        let mut scripts = Scripts::new(before, &[]).unwrap();
        scripts.start(Script::new(["/bin/sh", "-c", &script]).unwrap());
        while !matches!(scripts.next().await.unwrap(), Event::Ended { .. }) {}
    });
    let seen = fs::read_to_string(&out).unwrap();
    report += &format!("\nSCRIPT\n{seen}");
    report
}

#[test]
fn limits_hold_for_us_and_not_for_scripts() {
    let line = |text: &str, name: &str| {
        text.lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_else(|| panic!("{name} in {text}"))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let before = fs::read_to_string("/proc/self/limits").unwrap();
    let cpus = fs::read_to_string("/proc/self/status").unwrap();
    let report = report_of("limits");
    let (ours, script) = report.split_once("SCRIPT\n").unwrap();
    println!("{ours}");
    for skip in ours.lines().filter(|line| line.contains("SKIP")) {
        println!("{skip}");
    }
    assert!(line(ours, "Max core").starts_with("Max core file size 0 "), "{ours}");
    assert_eq!(line(ours, "Max realtime timeout"), "Max realtime timeout 5000 10000 us");
    assert!(line(ours, "rr") == "rr Some(3)" || ours.contains("rr SKIP"), "{ours}");
    assert_eq!(line(ours, "Cpus_allowed_list"), "Cpus_allowed_list: 0");
    for name in ["Max open files", "Max core file size"] {
        assert_eq!(line(script, name), line(&before, name));
    }
    assert_eq!(line(script, "Cpus_allowed_list"), line(&cpus, "Cpus_allowed_list"));
    let limit = "Max realtime timeout";
    if line(script, limit) != line(&before, limit) {
        println!("SKIP: a hard limit that was lowered stays so without CAP_SYS_RESOURCE");
        assert_eq!(line(script, limit), format!("{limit} 10000 10000 us"));
    }
    if !ours.contains("rr SKIP") {
        let nice = run("nice");
        assert_eq!(line(script, "nice"), format!("nice {} umask 0177", nice.trim()));
    }
}

fn privileges() -> String {
    let had = has_capability(Capability::CAP_NET_RAW);
    keep_capabilities(&[Capability::CAP_NET_RAW], false).unwrap();
    let status = || fs::read_to_string("/proc/thread-self/status").unwrap();
    let capabilities: Vec<_> = status()
        .lines()
        .filter(|line| line.starts_with("Cap"))
        .map(str::to_owned)
        .collect();
    let lost = has_capability(Capability::CAP_NET_ADMIN);
    format!("{had} {lost} {capabilities:?}")
}

#[test]
fn only_the_kept_capabilities_are_left() {
    let report = report_of("privileges");
    if report.starts_with("false") {
        println!("SKIP: not privileged");
        return;
    }
    assert!(report.starts_with("true false "), "{report}");
    assert!(
        report.contains("CapEff:\\t0000000000002000") && report.contains("CapPrm:\\t0000000000002000"),
        "{report}"
    );
    assert!(
        report.contains("CapInh:\\t0000000000000000") && report.contains("CapAmb:\\t0000000000000000"),
        "{report}"
    );
}

fn user() -> String {
    if let Err(error) = become_user(&Credentials {
        uid: 1234,
        gid: 2345,
        groups: vec![2345, 3456],
    }) {
        return format!("SKIP {error}");
    }
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let lines = status
        .lines()
        .filter(|line| ["Uid:", "Gid:", "Groups:"].iter().any(|name| line.starts_with(name)));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

#[test]
fn another_user_is_become_for_good() {
    let report = report_of("user");
    if report.starts_with("SKIP") {
        println!("{report}");
        return;
    }
    assert_eq!(
        report,
        "Uid: 1234 1234 1234 1234 Gid: 2345 2345 2345 2345 Groups: 2345 3456"
    );
}

fn subreaper() -> String {
    become_subreaper().unwrap();
    // A shell whose child outlives it: the orphan becomes ours.
    let mut command = std::process::Command::new("/bin/sh");
    command
        .args(["-c", "sleep 0.05 >/dev/null & echo $!"])
        .stdout(std::process::Stdio::piped());
    let mut shell = command.spawn().unwrap();
    let own = i32::try_from(shell.id()).unwrap();
    let orphan: i32 = {
        let mut text = [0; 16];
        let len = shell.stdout.as_mut().unwrap().read(&mut text).unwrap();
        String::from_utf8_lossy(&text[..len]).trim().parse().unwrap()
    };
    std::thread::sleep(std::time::Duration::from_millis(20));
    let while_own_waits = reap_orphan(|pid| pid == own).unwrap();
    let code = shell.wait().unwrap().code();
    for _ in 0..200 {
        if let Some(pid) = reap_orphan(|_| false).unwrap() {
            let none = reap_orphan(|_| false).unwrap();
            return format!("{while_own_waits:?} {code:?} {} {none:?}", pid == orphan);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    "no orphan".into()
}

#[test]
fn orphans_are_reaped_and_own_children_are_not() {
    assert_eq!(report_of("subreaper"), "None Some(0) true None");
}

#[test]
fn signals_arrive_as_a_stream() {
    // A thread of its own, as its signals are blocked for good.
    std::thread::spawn(|| {
        block_on(async {
            let wanted = [libc::SIGHUP, real_time(2), real_time_from_last(1), libc::SIGUSR1];
            let signals = Signals::receive(&wanted).unwrap();
            let own = i32::try_from(std::process::id()).unwrap();
            for signal in wanted {
                // SAFETY: the signal goes to this thread, which blocks it.
                #[expect(unsafe_code, reason = "no safe crate raises real-time signals")]
                unsafe {
                    libc::raise(signal);
                }
                assert_eq!(signals.next().await.unwrap(), Received { signal, sender: own });
            }
            let wait = std::time::Duration::from_millis(10);
            assert!(tokio::time::timeout(wait, signals.next()).await.is_err());
            assert!(Signals::receive(&[1000]).is_err());
        });
    })
    .join()
    .unwrap();
}

#[test]
fn work_in_another_namespace_ends_at_home() {
    in_namespace("inside", || {
        let name = format!("linux-test-{}", std::process::id());
        let added = std::process::Command::new("ip")
            .args(["netns", "add", &name])
            .output()
            .unwrap();
        if !added.status.success() {
            println!("SKIP inside: {}", String::from_utf8_lossy(&added.stderr));
            return;
        }
        let namespace = NetworkNamespace::Named(name.clone());
        let home = fs::read_link("/proc/thread-self/ns/net").unwrap();
        let there = inside(&namespace, || fs::read_link("/proc/thread-self/ns/net"));
        let after = fs::read_link("/proc/thread-self/ns/net").unwrap();
        let stayed = namespace
            .enter()
            .and_then(|()| fs::read_link("/proc/thread-self/ns/net"));
        run(&format!("ip netns del {name}"));
        assert_eq!(home, after);
        assert_ne!(home, there.as_ref().unwrap().clone());
        assert_eq!(there.unwrap(), stayed.unwrap());
    });
}

#[test]
fn a_private_directory_is_seen_by_us_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keepalived");
    let inner = path.clone();
    let result = std::thread::spawn(move || {
        private_directory(&inner, "blue")?;
        fs::write(inner.join("vrrp.pid"), "1\n")
    })
    .join()
    .unwrap();
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => println!("SKIP: {error}"),
        result => {
            result.unwrap();
            assert!(!path.join("vrrp.pid").exists());
            assert_eq!(fs::read_to_string(path.join("blue/vrrp.pid")).unwrap(), "1\n");
        }
    }
    assert!(private_directory(&path, "../x").is_err());
    assert!(NetworkNamespace::Named("../../proc/1/ns/net".into()).open().is_err());
    assert!(inside(&NetworkNamespace::Named("no-such-namespace".into()), || Ok(())).is_err());
}
