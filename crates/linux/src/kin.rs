//! Other daemons of our kind in our network namespace.

use std::fs;
use std::path::Path;

/// The inode of the first process namespace (`PROC_PID_INIT_INO`): whoever lives there sees every process of the machine.
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";

/// Why it cannot be known who else is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsure {
    /// We live in a process namespace: processes outside of it are not seen, and may share the network.
    ProcessNamespace,
    /// `/proc` is not there, or hides processes (`hidepid`).
    Hidden,
    /// A process does not let itself be looked at.
    Forbidden,
}

impl std::fmt::Display for Unsure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ProcessNamespace => "this process namespace does not show every process of the machine",
            Self::Hidden => "/proc does not show every process",
            Self::Forbidden => "a process may not be looked at",
        })
    }
}

/// Is a process called `name`, or one that runs a program of that name, in the network namespace of the calling thread, beside
/// `supervisor`, its children, and ourselves?
///
/// Looks at every process: for a thread that may wait.
///
/// # Errors
/// When that cannot be known with certainty.
pub fn another_runs(name: &str, supervisor: u32) -> Result<bool, Unsure> {
    if fs::read_link("/proc/self/ns/pid").ok().as_deref() != Some(Path::new(FIRST_PID_NAMESPACE)) {
        return Err(Unsure::ProcessNamespace);
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").map_err(|_| Unsure::Hidden)?;
    if hides(&mounts) {
        return Err(Unsure::Hidden);
    }
    let here = fs::read_link("/proc/thread-self/ns/net").map_err(|_| Unsure::Hidden)?;
    let ours = std::process::id();
    let ids = crate::processes::ids().map_err(|_| Unsure::Hidden)?;
    for pid in ids.filter_map(|pid| u32::try_from(pid).ok()) {
        let kin = pid == ours || pid == supervisor || parent(pid) == Some(supervisor);
        if kin || !is_called(pid, name) {
            continue;
        }
        match fs::read_link(format!("/proc/{pid}/ns/net")) {
            Ok(there) if there == here => return Ok(true),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => return Err(Unsure::Forbidden),
        }
    }
    Ok(false)
}

fn hides(mounts: &str) -> bool {
    let proc = mounts
        .lines()
        .filter(|line| line.split_ascii_whitespace().nth(4) == Some("/proc"));
    proc.flat_map(|line| line.split([' ', ',']))
        .filter_map(|option| option.strip_prefix("hidepid="))
        .any(|level| !matches!(level, "0" | "off"))
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything.
    let rest = stat.rsplit_once(')')?.1;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn is_called(pid: u32, name: &str) -> bool {
    let comm = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    let program = program.file_name().unwrap_or_default().to_string_lossy();
    comm.trim_end() == name || program.strip_suffix(" (deleted)").unwrap_or(&program) == name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_processes_are_noticed() {
        let mount = |options: &str| format!("22 27 0:21 / /proc rw,relatime - proc proc {options}\n");
        assert!(!hides(&mount("rw")));
        assert!(!hides(&mount("rw,hidepid=0")));
        assert!(hides(&mount("rw,hidepid=2")));
        assert!(hides(&mount("rw,hidepid=invisible")));
        assert!(!hides("22 27 0:21 / /mnt rw - proc proc rw,hidepid=2\n"));
    }

    #[test]
    fn we_and_our_parent_are_no_others() {
        let us = std::process::id();
        assert_eq!(parent(us), Some(std::os::unix::process::parent_id()));
        let program = std::env::current_exe().expect("a path");
        let name = program.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(is_called(us, &name));
        // Where it can be known at all, nobody else runs this test program.
        if let Ok(other) = another_runs(&name, std::os::unix::process::parent_id()) {
            assert!(!other);
        }
        if let Ok(other) = another_runs("no-such-program", 0) {
            assert!(!other);
        }
    }
}
