//! One run of one program: how long, how much memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keepalived_compliance::lab::usage::children_peak_kib;

/// What a run cost.
pub(crate) enum Measured {
    Done {
        seconds: f64,
        peak_kib: u64,
    },
    /// It was ended at the time limit.
    GivenUp,
}

/// Runs a program to its end in a helper process.
pub(crate) fn measure(program: &Path, arguments: &[&str], limit: Duration) -> Result<Measured, String> {
    let me = std::env::current_exe().map_err(|error| format!("failed to find this program: {error}"))?;
    let mut command = Command::new(me);
    command
        .args([
            "--ours",
            "-",
            "--measure-child",
            "timeout",
            "--kill-after=5",
            &limit.as_secs().to_string(),
        ])
        .arg(program)
        .args(arguments);
    let output = command
        .output()
        .map_err(|error| format!("failed to start the helper: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    let [seconds, peak_kib, status] = words.as_slice() else {
        return Err(format!(
            "failed to measure {}: {text}{}",
            program.display(),
            String::from_utf8_lossy(&output.stderr)
        ));
    };
    // 124 and 137 are timeout's own ends.
    if matches!(*status, "124" | "137") {
        return Ok(Measured::GivenUp);
    }
    let broken = || format!("failed to read {text:?}");
    Ok(Measured::Done {
        seconds: seconds.parse().map_err(|_| broken())?,
        peak_kib: peak_kib.parse().map_err(|_| broken())?,
    })
}

/// The helper: runs the program silently and prints seconds, peak memory in KiB and exit status.
pub(crate) fn child(program: &str, arguments: &[String]) -> Result<(), String> {
    let begin = Instant::now();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = command
        .status()
        .map_err(|error| format!("failed to start {program}: {error}"))?;
    let seconds = begin.elapsed().as_secs_f64();
    let peak = children_peak_kib().map_err(|why| why.to_string())?;
    println!("{seconds} {peak} {}", status.code().unwrap_or(-1));
    Ok(())
}

/// First line of what a program says about itself.
pub(crate) fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output
        .map(|output| [output.stdout, output.stderr].concat())
        .unwrap_or_default();
    String::from_utf8_lossy(&text)
        .lines()
        .next()
        .unwrap_or("unknown version")
        .to_owned()
}
