//! Running other programs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How a program ended, with all it printed.
pub(crate) struct Ended {
    /// Exit status 0.
    pub(crate) success: bool,
    /// Standard output and standard error as they came.
    pub(crate) text: String,
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Runs a program at the root of the workspace with a time limit, shows what it prints and keeps it.
pub(crate) fn show(words: &[&str], limit: Duration, environment: &[(&str, &str)]) -> Result<Ended, String> {
    println!("$ {}", words.join(" "));
    let begin = Instant::now();
    let seconds = limit.as_secs().to_string();
    let mut line: Vec<&str> = vec!["--kill-after=10", &seconds];
    line.extend(words);
    let mut command = Command::new("sh");
    // One stream for both outputs keeps their order.
    command
        .args(["-c", "exec timeout \"$@\" 2>&1", "sh"])
        .args(&line)
        .current_dir(root());
    command
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| format!("failed to start {}: {error}", words.join(" ")))?;
    let mut text = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|error| format!("failed to read what {} prints: {error}", words.join(" ")))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            text += &line;
            text.push('\n');
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("failed to wait for {}: {error}", words.join(" ")))?;
    println!("  ({:.1} s, {status})", begin.elapsed().as_secs_f64());
    Ok(Ended {
        success: status.success(),
        text,
    })
}

/// Whether a program is found in `PATH` or in the usual directories of an administrator.
pub(crate) fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/sbin", "/usr/local/bin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(usual)
        .any(|directory| directory.join(program).is_file())
}

/// Whether this process is root outside or inside a user namespace.
pub(crate) fn is_root() -> bool {
    let ids = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ids.lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .and_then(|ids| ids.split_whitespace().nth(1))
        == Some("0")
}
