//! The suites, in the order in which they are cheapest to fail.

use std::path::PathBuf;
use std::time::Duration;

use super::{Outcome, count, packages};
use crate::shell::{installed, root, show};

/// One suite.
pub(super) struct Suite {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) run: fn() -> Result<Outcome, String>,
}

/// All suites.
pub(super) const SUITES: &[Suite] = &[
    Suite {
        name: "packages",
        about: "programs that other suites need",
        run: packages::install,
    },
    Suite {
        name: "format",
        about: "cargo fmt --check",
        run: format,
    },
    Suite {
        name: "clippy",
        about: "no warnings in any target",
        run: clippy,
    },
    Suite {
        name: "deny",
        about: "licences, bans and sources of dependencies",
        run: deny,
    },
    Suite {
        name: "unit",
        about: "unit and integration tests, simulator seeds among them",
        run: unit,
    },
    Suite {
        name: "doc",
        about: "examples in the documentation of the code",
        run: doc,
    },
    Suite {
        name: "generated",
        about: "generated files are up to date",
        run: generated,
    },
    Suite {
        name: "units",
        about: "systemd-analyze verify of the units",
        run: units,
    },
    Suite {
        name: "nix",
        about: "syntax and format of the Nix files",
        run: nix,
    },
    Suite {
        name: "compliance",
        about: "scenarios against the original, ours, and both together",
        run: compliance,
    },
    Suite {
        name: "vm",
        about: "scenarios that need links this kernel does not have, under Debian's kernel in qemu",
        run: crate::vm::suite,
    },
];

const MINUTE: u64 = 60;

fn format() -> Result<Outcome, String> {
    let ended = show(
        &["cargo", "fmt", "--all", "--check"],
        Duration::from_secs(2 * MINUTE),
        &[],
    )?;
    Ok(Outcome::one("cargo fmt --all --check", ended.success))
}

fn clippy() -> Result<Outcome, String> {
    let words = [
        "cargo",
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ];
    let ended = show(&words, Duration::from_secs(20 * MINUTE), &[])?;
    Ok(Outcome::one("cargo clippy", ended.success))
}

fn deny() -> Result<Outcome, String> {
    if !show(&["cargo", "deny", "--version"], Duration::from_secs(MINUTE), &[])?.success {
        let install = ["cargo", "install", "--locked", "cargo-deny"];
        if !show(&install, Duration::from_secs(15 * MINUTE), &[])?.success {
            return Ok(Outcome::skip("cargo-deny is missing and could not be installed"));
        }
    }
    let words = [
        "cargo",
        "deny",
        "--all-features",
        "check",
        "licenses",
        "bans",
        "sources",
    ];
    let ended = show(&words, Duration::from_secs(5 * MINUTE), &[])?;
    Ok(Outcome::one("cargo deny check licenses bans sources", ended.success))
}

fn unit() -> Result<Outcome, String> {
    let nextest = installed("cargo-nextest") || cargo_bin("cargo-nextest").is_file();
    let words: &[&str] = if nextest {
        &[
            "cargo",
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
            "--status-level",
            "fail",
        ]
    } else {
        &[
            "cargo",
            "test",
            "--workspace",
            "--locked",
            "--no-fail-fast",
            "--lib",
            "--bins",
            "--tests",
        ]
    };
    let ended = show(words, Duration::from_secs(25 * MINUTE), &[])?;
    Ok(count::rust_tests(&ended.text, ended.success))
}

fn doc() -> Result<Outcome, String> {
    let words = ["cargo", "test", "--workspace", "--locked", "--doc", "--quiet"];
    let ended = show(&words, Duration::from_secs(10 * MINUTE), &[])?;
    Ok(count::rust_tests(&ended.text, ended.success))
}

fn generated() -> Result<Outcome, String> {
    let help = show(
        &["cargo", "xtask", "help", "codegen"],
        Duration::from_secs(10 * MINUTE),
        &[],
    )?;
    if !help.success {
        return Ok(Outcome::skip("there is no cargo xtask codegen"));
    }
    let ended = show(
        &["cargo", "xtask", "codegen", "--check"],
        Duration::from_secs(5 * MINUTE),
        &[],
    )?;
    Ok(Outcome::one("cargo xtask codegen --check", ended.success))
}

fn units() -> Result<Outcome, String> {
    if !installed("systemd-analyze") {
        return Ok(Outcome::skip("systemd-analyze is missing"));
    }
    let mut outcome = Outcome::default();
    for unit in files_below(&root().join("systemd"), "service")? {
        let name = unit.to_string_lossy().into_owned();
        let ended = show(
            &["systemd-analyze", "verify", "--man=no", &name],
            Duration::from_secs(MINUTE),
            &[],
        )?;
        outcome.add(Outcome::one(&name, ended.success));
    }
    Ok(outcome)
}

fn nix() -> Result<Outcome, String> {
    if !installed("nix-instantiate") {
        return Ok(Outcome::skip("nix-instantiate is missing"));
    }
    let mut outcome = Outcome::default();
    let files = [files_below(&root().join("nix"), "nix")?, vec![root().join("flake.nix")]].concat();
    let names: Vec<String> = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    for name in &names {
        let ended = show(
            &["sh", "-c", "nix-instantiate --parse \"$1\" >/dev/null", "sh", name],
            Duration::from_secs(MINUTE),
            &[],
        )?;
        outcome.add(Outcome::one(name, ended.success));
    }
    // The formatter is a workspace of its own, so that it does not weigh on the daemon's dependencies.
    let manifest = root().join("nix/fmt/Cargo.toml").to_string_lossy().into_owned();
    let mut words = vec![
        "cargo",
        "run",
        "--quiet",
        "--locked",
        "--manifest-path",
        &manifest,
        "--",
        "--check",
    ];
    words.extend(names.iter().map(String::as_str));
    let ended = show(&words, Duration::from_secs(10 * MINUTE), &[])?;
    outcome.add(Outcome::one("format of the Nix files", ended.success));
    Ok(outcome)
}

fn compliance() -> Result<Outcome, String> {
    let build = [
        "cargo",
        "build",
        "--locked",
        "--quiet",
        "-p",
        "keepalived",
        "-p",
        "keepalived-compliance",
    ];
    if !show(&build, Duration::from_secs(15 * MINUTE), &[])?.success {
        return Ok(Outcome::one("building the daemon and the scenarios", false));
    }
    let words = [
        "cargo",
        "run",
        "--locked",
        "--quiet",
        "-p",
        "keepalived-compliance",
        "--",
        "--retries",
        "2",
    ];
    let ended = show(&words, Duration::from_secs(12 * MINUTE), &[])?;
    let mut outcome = count::plain(&ended.text).unwrap_or_else(|| Outcome::one("compliance", ended.success));
    let telling = ended
        .text
        .lines()
        .filter(|line| line.starts_with("FAIL ") || line.starts_with("skip "));
    outcome.notes.extend(telling.map(str::to_owned));
    if !ended.success && outcome.failed == 0 {
        outcome.failed = 1;
    }
    Ok(outcome)
}

/// All files below a directory with an extension, in order.
fn files_below(directory: &std::path::Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        let entries =
            std::fs::read_dir(&next).map_err(|error| format!("failed to list {}: {error}", next.display()))?;
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            if path.ends_with("target") {
                continue; // what a build left
            }
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|ending| ending == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn cargo_bin(program: &str) -> PathBuf {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    home.unwrap_or_default().join("bin").join(program)
}
