//! `cargo xtask bench`: builds for release and hands over to the package in benches/, which writes docs/performance.md.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::shell::{root, show};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these parts: test, start, send, receive, pace, silence, many, stop, reload, large. Prints instead of writing the page.
    only: Vec<String>,
    /// Our executable; without, the release build is made and used.
    #[arg(long, value_name = "FILE")]
    ours: Option<PathBuf>,
    /// Seconds after which a `-t` is given up.
    #[arg(long, default_value_t = 180)]
    limit: u64,
    /// Only ours, not the original.
    #[arg(long)]
    alone: bool,
    /// Prints the tables instead of writing docs/performance.md.
    #[arg(long)]
    dry: bool,
}

/// Measures and writes the page.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let words = [
        "cargo",
        "build",
        "--release",
        "--locked",
        "--quiet",
        "-p",
        "keepalived",
        "-p",
        "keepalived-bench",
    ];
    if !show(&words, Duration::from_secs(1800), &[])?.success {
        return Err("failed to build for release".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let release = target.join("release");
    let mut command = Command::new(release.join("keepalived-bench"));
    let ours = arguments.ours.clone().unwrap_or_else(|| release.join("keepalived"));
    command.args(&arguments.only).arg("--ours").arg(ours);
    command.args(["--limit", &arguments.limit.to_string()]);
    if arguments.alone {
        command.arg("--alone");
    }
    if !arguments.dry && arguments.only.is_empty() {
        command.arg("--page").arg(root().join("docs/performance.md"));
    }
    let status = command
        .status()
        .map_err(|error| format!("failed to start {command:?}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("the bench ended with {status}"))
    }
}
