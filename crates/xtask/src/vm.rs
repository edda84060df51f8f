//! `cargo xtask vm`: the scenarios that need links this machine's kernel does not have, under Debian's kernel in qemu.
//!
//! No root, no KVM, no network, nothing outside `target/vm`: a kernel out of its package, a file system in memory that is
//! packed anew each time, and one line of results back. `docs/design/virtual-machine.md` says how it works.

mod image;
mod kernel;
mod machine;

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::shell::{installed, root, show};
use crate::test::Outcome;
use machine::{Machine, Report};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Scenarios by name or group; without, all that need this kernel.
    filter: Vec<String>,
    /// Which of Debian's kernels: the small one for virtual machines, or the one with the drivers of real cards.
    #[arg(long, value_enum, default_value_t = Flavour::Cloud)]
    kernel: Flavour,
    /// Whose daemon: original, ours or mixed.
    #[arg(long, value_name = "WHICH")]
    only: Option<String>,
    /// How many scenarios run at a time.
    #[arg(long, default_value_t = JOBS, value_name = "N")]
    jobs: usize,
    /// How the binaries are built.
    #[arg(long, default_value = PROFILE, value_name = "NAME")]
    profile: String,
    /// Seconds after which the machine is switched off.
    #[arg(long, default_value_t = 1800, value_name = "SECONDS")]
    limit: u64,
    /// Runs a shell line in the machine instead of the scenarios.
    #[arg(long, value_name = "LINE", conflicts_with = "filter")]
    command: Option<String>,
}

/// One scenario at a time: the machine skips the time in which nothing happens, and would have to wait for the others.
const JOBS: usize = 1;

/// The profile of Cargo.toml for an emulated processor.
const PROFILE: &str = "emulated";

/// Which of Debian's kernel packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Flavour {
    Cloud,
    Generic,
}

impl Flavour {
    /// Which scenarios are the reason to boot it.
    fn needing(self) -> &'static str {
        match self {
            Self::Cloud => "kernel",
            Self::Generic => "card",
        }
    }
}

/// The reason why there can be no machine here, if there is one.
fn obstacle() -> Option<String> {
    let needed = [
        ("qemu-system-x86_64", "qemu-system-x86"),
        ("apt-get", "apt"),
        ("dpkg-deb", "dpkg"),
        ("keepalived", "keepalived"),
    ];
    needed
        .iter()
        .find(|(program, _)| !installed(program))
        .map(|(program, package)| format!("{program} (Debian package {package}) is missing"))
}

/// Boots the machine, runs what was asked for, and prints the summary.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if let Some(why) = obstacle() {
        println!("SKIP {why}\n0 passed, 0 failed, 1 skipped");
        return Ok(());
    }
    let report = boot(arguments)?;
    if report.status == Some(0) {
        return Ok(());
    }
    Err(report.failure())
}

/// The suite of `cargo xtask test`.
pub(crate) fn suite() -> Result<Outcome, String> {
    if let Some(why) = obstacle() {
        return Ok(Outcome::skip(why));
    }
    let mut outcome = Outcome::default();
    for kernel in [Flavour::Cloud, Flavour::Generic] {
        outcome.add(under(kernel)?);
    }
    Ok(outcome)
}

fn under(kernel: Flavour) -> Result<Outcome, String> {
    let report = boot(&Arguments {
        filter: Vec::new(),
        kernel,
        only: None,
        jobs: JOBS,
        profile: PROFILE.to_owned(),
        limit: 1800,
        command: None,
    })?;
    let success = report.status == Some(0);
    let mut outcome = crate::test::plain(&report.text).unwrap_or_else(|| Outcome::one(&report.failure(), success));
    let telling = report
        .text
        .lines()
        .filter(|line| line.starts_with("FAIL ") || line.starts_with("skip "));
    outcome.notes.extend(telling.map(str::to_owned));
    if !success && outcome.failed == 0 {
        outcome.failed = 1;
        outcome.notes.push(format!("FAILED {}", report.failure()));
    }
    Ok(outcome)
}

fn boot(arguments: &Arguments) -> Result<Report, String> {
    let begin = Instant::now();
    let _only_one = lock()?;
    build(&arguments.profile)?;
    let kernel = kernel::obtain(arguments.kernel)?;
    let content = image::Content {
        binaries: target().join(if arguments.profile == "dev" {
            "debug"
        } else {
            &arguments.profile
        }),
        job: job(arguments),
    };
    let initramfs = image::pack(&kernel, &content)?;
    println!(
        "{} with {} of files, ready after {:.1} s",
        kernel.version,
        megabytes(&initramfs),
        begin.elapsed().as_secs_f64()
    );
    let machine = Machine {
        kernel: kernel.image,
        initramfs,
        real_card: arguments.kernel == Flavour::Generic,
        limit: Duration::from_secs(arguments.limit),
    };
    let report = machine.run()?;
    println!(
        "booted in {:.1} s, {:.1} s altogether",
        report.booted.unwrap_or_default(),
        begin.elapsed().as_secs_f64()
    );
    Ok(report)
}

/// The shell line that the machine runs.
fn job(arguments: &Arguments) -> String {
    if let Some(line) = &arguments.command {
        return line.clone();
    }
    let mut words = vec![
        "exec compliance --stream --retries 2 --jobs".to_owned(),
        arguments.jobs.to_string(),
    ];
    words.extend(
        arguments
            .only
            .iter()
            .flat_map(|which| ["--only".to_owned(), quoted(which)]),
    );
    if arguments.filter.is_empty() {
        words.push(format!("--needing {}", arguments.kernel.needing()));
    }
    words.extend(arguments.filter.iter().map(|word| quoted(word)));
    words.join(" ")
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn build(profile: &str) -> Result<(), String> {
    let mut words = vec!["cargo", "build", "--locked", "--quiet"];
    words.extend([
        "-p",
        "keepalived",
        "-p",
        "keepalived-tui",
        "-p",
        "keepalived-compliance",
    ]);
    words.extend(["--profile", profile]);
    if show(&words, Duration::from_secs(1800), &[])?.success {
        Ok(())
    } else {
        Err("failed to build what the machine runs".to_owned())
    }
}

/// The directory of everything cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The directory of everything that this command makes.
fn directory() -> PathBuf {
    target().join("vm")
}

/// There is one set of files for one machine at a time; the lock ends with the file.
fn lock() -> Result<File, String> {
    std::fs::create_dir_all(directory())
        .map_err(|error| format!("failed to make {}: {error}", directory().display()))?;
    let path = directory().join("lock");
    let file = File::create(&path).map_err(|error| format!("failed to make {}: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(format!(
            "failed to lock {}: another cargo xtask vm is running",
            path.display()
        )),
    }
}

fn megabytes(file: &std::path::Path) -> String {
    let octets = std::fs::metadata(file).map_or(0, |about| about.len());
    format!("{} MB", octets >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn without_a_filter_only_what_needs_this_kernel() {
        let mut arguments = Arguments {
            filter: Vec::new(),
            kernel: Flavour::Cloud,
            only: Some("ours".to_owned()),
            jobs: 3,
            profile: PROFILE.to_owned(),
            limit: 1,
            command: None,
        };
        assert_eq!(
            job(&arguments),
            "exec compliance --stream --retries 2 --jobs 3 --only 'ours' --needing kernel"
        );
        arguments.filter.push("A1".to_owned());
        assert!(job(&arguments).ends_with(" 'A1'"));
        arguments.command = Some("ip link".to_owned());
        assert_eq!(job(&arguments), "ip link");
    }
}
