//! Scripts: what they find around them, how they end, and that starting them costs nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::common::block_on;
use keepalived_linux::script::{Event, Script, ScriptId, Scripts, Step, Surroundings};
use keepalived_model::script::Credentials;

fn write_script(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn scripts() -> Scripts {
    Scripts::new(Surroundings::capture().unwrap(), &["KEEPALIVED_PRIVATE"]).unwrap()
}

/// The end of a script: its exit code or the negative signal.
async fn end(scripts: &mut Scripts, wanted: ScriptId) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    loop {
        match scripts.next().await.unwrap() {
            Event::Ended { id, status } if id == wanted => {
                let status = status.unwrap();
                return status.code().unwrap_or_else(|| -status.signal().unwrap());
            }
            Event::Failed { error, .. } => panic!("{error}"),
            _ => {}
        }
    }
}

#[test]
fn a_script_finds_what_it_was_promised() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let out = dir.path().join("out");
    let text = format!(
        "#!/bin/sh\nexec >{}\necho args: \"$@\"\nenv\nls -l /proc/$$/fd\ncut -d' ' -f1,5 /proc/$$/stat\n\
         grep -E 'Sig(Blk|Ign)|Uid|Gid|Groups' /proc/self/status\nprintf 'core %s\\n' $(ulimit -Hc)\nexit 3\n",
        out.display()
    );
    let path = write_script(dir.path(), "script", &text);
    let (mut uid, mut gid, mut groups) = (1234, 2345, vec![2345, 3456]);
    let root = nix::unistd::geteuid().is_root();
    if !root
        || fs::read_to_string("/proc/self/uid_map")
            .unwrap()
            .split_whitespace()
            .nth(2)
            != Some("4294967295")
    {
        println!("SKIP the change of user: not privileged");
        (uid, gid, groups) = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw(), vec![]);
    }
    block_on(async {
        let mut scripts = scripts();
        let mut script = Script::new([&path]).unwrap().arg("GROUP").unwrap().arg("a b").unwrap();
        script = script.variable("VIPS", "192.0.2.1").variable("HOME", "/nowhere");
        if root {
            script = script.credentials(Credentials { uid, gid, groups });
        }
        // SIGPIPE is ignored in Rust programs; a script must not inherit that.
        let id = scripts.start(script);
        assert_eq!(end(&mut scripts, id).await, 3);
        assert_eq!(scripts.running(), 0);
    });
    let told = fs::read_to_string(&out).unwrap();
    let has = |line: &str| assert!(told.lines().any(|told| told == line), "no {line:?} in {told}");
    has("args: GROUP a b");
    has("VIPS=192.0.2.1");
    has("HOME=/nowhere");
    assert!(
        // Test runners leave variables behind whose names merely end like this one.
        !told.contains("KEEPALIVED_PRIVATE") && !told.lines().any(|line| line.starts_with("LD_LIBRARY_PATH=")),
        "{told}"
    );
    has("SigBlk:\t0000000000000000");
    has("SigIgn:\t0000000000000000");
    has(&format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}"));
    has(&format!("Gid:\t{gid}\t{gid}\t{gid}\t{gid}"));
    let group_of_its_own = |line: &str| {
        line.split_once(' ')
            .is_some_and(|(pid, group)| pid == group && pid.parse::<u32>().is_ok())
    };
    assert!(told.lines().any(group_of_its_own), "{told}");
    let links: Vec<_> = told.lines().filter_map(|line| line.split_once(" -> ")).collect();
    // The shell keeps the script itself open, at descriptor 10 or above.
    let open = |number: &str| {
        links
            .iter()
            .find(|(left, _)| left.ends_with(&format!(" {number}")))
            .map(|(_, target)| *target)
    };
    assert_eq!((open("0"), open("2")), (Some("/dev/null"), Some("/dev/null")), "{told}");
    let others = ["3", "4", "5", "6", "7", "8", "9"];
    assert!(others.iter().all(|number| open(number).is_none()), "{told}");
}

#[test]
fn a_file_without_interpreter_runs_through_the_shell() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_script(dir.path(), "plain", "test \"$1\" = word && exit 7\n");
    block_on(async {
        let mut scripts = scripts();
        let id = scripts.start(Script::new([&path]).unwrap().arg("word").unwrap());
        let Event::Started { through_shell, pid, .. } = scripts.next().await.unwrap() else {
            panic!("not started")
        };
        assert!(through_shell && pid > 1);
        assert_eq!(end(&mut scripts, id).await, 7);
    });
}

#[test]
fn what_cannot_run_is_reported_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("not-executable");
    fs::write(&path, "#!/bin/sh\n").unwrap();
    block_on(async {
        let mut scripts = scripts();
        for (path, errno) in [(dir.path().join("absent"), libc::ENOENT), (path, libc::EACCES)] {
            let wanted = scripts.start(Script::new([&path]).unwrap());
            let Event::Failed { id, error } = scripts.next().await.unwrap() else {
                panic!("it runs")
            };
            assert_eq!(
                (id, error.step, error.source.raw_os_error()),
                (wanted, Step::Execute, Some(errno))
            );
        }
        assert_eq!(scripts.running(), 0);
    });
}

#[test]
fn a_signal_reaches_the_whole_group_even_before_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_script(dir.path(), "forks", "#!/bin/sh\nsleep 61 &\necho $! >$0.pid\nwait\n");
    block_on(async {
        let mut scripts = scripts();
        let id = scripts.start(Script::new([&path]).unwrap());
        let pid_file = dir.path().join("forks.pid");
        while fs::read_to_string(&pid_file).map_or(0, |text| text.len()) == 0 {
            let _ = tokio::time::timeout(Duration::from_millis(5), scripts.next()).await;
        }
        scripts.signal_group(id, libc::SIGTERM).unwrap();
        assert_eq!(end(&mut scripts, id).await, -libc::SIGTERM);
        let grandchild = fs::read_to_string(&pid_file).unwrap();
        for _ in 0..200 {
            let state = fs::read_to_string(format!("/proc/{}/stat", grandchild.trim())).unwrap_or_default();
            if state.is_empty() || state.contains(") Z ") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let state = fs::read_to_string(format!("/proc/{}/stat", grandchild.trim())).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "{state}");
        let id = scripts.start(Script::new(["/bin/sleep", "62"]).unwrap());
        scripts.signal_group(id, libc::SIGKILL).unwrap();
        assert_eq!(end(&mut scripts, id).await, -libc::SIGKILL);
        scripts.signal_group(id, libc::SIGKILL).unwrap();
    });
}

#[test]
fn many_scripts_end_each_with_its_own_status() {
    let dir = tempfile::tempdir().unwrap();
    let path = write_script(dir.path(), "status", "#!/bin/sh\nexit $1\n");
    block_on(async {
        let mut scripts = scripts();
        let mut wanted = std::collections::HashMap::new();
        for code in 0..100 {
            wanted.insert(
                scripts.start(Script::new([&path]).unwrap().arg(code.to_string()).unwrap()),
                code,
            );
        }
        while !wanted.is_empty() {
            match scripts.next().await.unwrap() {
                Event::Ended { id, status } => assert_eq!(status.unwrap().code(), wanted.remove(&id)),
                Event::Failed { error, .. } => panic!("{error}"),
                Event::Started { .. } => {}
            }
        }
    });
}

#[test]
fn a_large_process_starts_scripts_as_fast_as_a_small_one() {
    let ballast = vec![1_u8; 200 << 20];
    block_on(async {
        let mut scripts = scripts();
        let (mut asked, mut started) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let begin = Instant::now();
            let id = scripts.start(Script::new(["/bin/true"]).unwrap());
            asked.push(begin.elapsed());
            while !matches!(scripts.next().await.unwrap(), Event::Started { .. }) {}
            started.push(begin.elapsed());
            assert_eq!(end(&mut scripts, id).await, 0);
        }
        asked.sort();
        started.sort();
        println!(
            "200 MB process: caller held for {:?} (median) {:?} (max); running after {:?} {:?}",
            asked[20], asked[39], started[20], started[39]
        );
        assert!(asked[20] < Duration::from_millis(1), "{:?}", asked[20]);
        // Ten times what is seen: this also runs beside other tests on a busy machine.
        assert!(started[20] < Duration::from_millis(10), "{:?}", started[20]);
    });
    assert_eq!(ballast[100 << 20], 1);
}
