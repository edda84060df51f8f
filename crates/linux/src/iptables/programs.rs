//! The programs: where they are, and running them for a bounded time.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keepalived_model::units::Family;
use rustix::fs::{MemfdFlags, memfd_create};

use super::rules::Rule;

/// Where they are looked for besides `PATH`.
const USUAL: [&str; 6] = [
    "/usr/sbin",
    "/sbin",
    "/usr/bin",
    "/bin",
    "/usr/local/sbin",
    "/run/current-system/sw/bin",
];
/// No program gets longer; somebody may hold the lock of iptables for a while.
const LIMIT: Duration = Duration::from_secs(10);
/// How long a program itself waits for that lock, seconds.
const LOCK_WAIT: &str = "5";

/// Absolute paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    /// For IPv4.
    pub iptables: PathBuf,
    /// For IPv6; without it only IPv4 is filtered.
    pub ip6tables: Option<PathBuf>,
    /// For sets.
    pub ipset: Option<PathBuf>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Programs that speak to x_tables.
    Programs(Programs),
    /// `iptables` makes rules of nftables: then nftables is better spoken to itself.
    MakesNftables(PathBuf),
    /// There is no `iptables`.
    Nothing,
}

impl Programs {
    /// Look into `PATH` and the usual directories. A few system calls; no program is run.
    #[must_use]
    pub fn find() -> Found {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut directories: Vec<PathBuf> = std::env::split_paths(&path).filter(|p| p.is_absolute()).collect();
        directories.extend(USUAL.iter().map(PathBuf::from));
        Self::find_in(&directories)
    }

    fn find_in(directories: &[PathBuf]) -> Found {
        let find = |name: &str| directories.iter().map(|d| d.join(name)).find(|path| path.is_file());
        let Some(iptables) = find("iptables") else {
            return Found::Nothing;
        };
        // The same executable under many names; only its own name tells which.
        let real = std::fs::canonicalize(&iptables).unwrap_or_else(|_| iptables.clone());
        if real
            .file_name()
            .is_some_and(|name| name.to_string_lossy().contains("nft"))
        {
            return Found::MakesNftables(iptables);
        }
        Found::Programs(Self {
            iptables,
            ip6tables: find("ip6tables"),
            ipset: find("ipset"),
        })
    }

    fn of(&self, family: Family) -> Option<&Path> {
        match family {
            Family::V4 => Some(&self.iptables),
            Family::V6 => self.ip6tables.as_deref(),
        }
    }
}

/// A change of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RuleChange {
    Add(Rule),
    Delete(Rule),
}

impl RuleChange {
    pub(super) const fn rule(&self) -> &Rule {
        match self {
            Self::Add(rule) | Self::Delete(rule) => rule,
        }
    }

    /// As the programs read it.
    pub(super) fn line(&self) -> String {
        let (verb, rule) = match self {
            Self::Add(rule) if rule.first => ("-I", rule),
            Self::Add(rule) => ("-A", rule),
            Self::Delete(rule) => ("-D", rule),
        };
        format!("{verb} {} {}", rule.chain, rule.body)
    }
}

/// Lines for `ipset restore`; what is there already, or gone already, is no error.
pub(super) fn run_ipset(programs: &Programs, lines: &[String]) {
    let Some(ipset) = programs.ipset.as_deref().filter(|_| !lines.is_empty()) else {
        return;
    };
    let script = lines.join("\n") + "\n";
    if let Err(why) = run(ipset, &["-exist", "restore"], &script) {
        tracing::error!("failed to change sets of addresses with {}: {why}", ipset.display());
    }
}

/// All in one transaction for each family; when that fails one by one, so that what can be done is done.
pub(super) fn run_rules(programs: &Programs, changes: &[RuleChange]) {
    for family in [Family::V4, Family::V6] {
        let mine: Vec<&RuleChange> = changes.iter().filter(|change| change.rule().family == family).collect();
        if mine.is_empty() {
            continue;
        }
        let Some(program) = programs.of(family) else {
            tracing::error!("failed to filter IPv6: there is no ip6tables");
            continue;
        };
        let lines: Vec<String> = mine.iter().map(|change| change.line()).collect();
        let script = format!("*filter\n{}\nCOMMIT\n", lines.join("\n"));
        let mut restore = program.as_os_str().to_owned();
        restore.push("-restore");
        if run(Path::new(&restore), &["-w", LOCK_WAIT, "--noflush"], &script).is_ok() {
            continue;
        }
        for change in mine {
            one(program, change);
        }
    }
}

/// The rules of a chain as the program shows them; nothing when it cannot.
pub(super) fn list_rules(programs: &Programs, family: Family, chain: &str) -> String {
    let list = |program: &Path| {
        let mut text = File::from(memfd_create("rules", MemfdFlags::CLOEXEC)?);
        let stdout = Stdio::from(text.try_clone()?);
        run_into(program, &["-w", LOCK_WAIT, "-S", chain], "", stdout).map_err(io::Error::other)?;
        text.rewind()?;
        let mut read = String::new();
        text.read_to_string(&mut read)?;
        Ok::<_, io::Error>(read)
    };
    let listed = programs.of(family).map(list);
    listed.and_then(Result::ok).unwrap_or_default()
}

fn one(program: &Path, change: &RuleChange) {
    let line = change.line();
    let words = ["-w", LOCK_WAIT].into_iter().chain(line.split_whitespace());
    if let Err(why) = run(program, &words.collect::<Vec<_>>(), "") {
        match change {
            RuleChange::Add(_) => tracing::error!("failed to run {} {line}: {why}", program.display()),
            // Somebody flushed the chain.
            RuleChange::Delete(_) => tracing::debug!("failed to run {} {line}: {why}", program.display()),
        }
    }
}

/// Run a program to its end, at most for [`LIMIT`].
fn run(program: &Path, arguments: &[&str], input: &str) -> Result<(), String> {
    run_into(program, arguments, input, Stdio::null())
}

fn run_into(program: &Path, arguments: &[&str], input: &str, stdout: Stdio) -> Result<(), String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that ends without reading says why by its exit status.
        let _ = stdin.write_all(input.as_bytes());
    }
    let deadline = Instant::now() + LIMIT;
    let mut pause = Duration::from_millis(1);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(pause),
            result => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(result
                    .err()
                    .map_or_else(|| "it takes too long".to_owned(), |e| e.to_string()));
            }
        }
        pause = (pause * 2).min(Duration::from_millis(50));
    };
    if status.success() {
        return Ok(());
    }
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(500).read_to_string(&mut said);
    }
    Err(said.lines().next().map_or_else(|| status.to_string(), str::to_owned))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn programs_that_make_nftables_rules_are_recognised() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let here = [directory.path().to_owned()];
        assert_eq!(Programs::find_in(&here), Found::Nothing);
        std::fs::write(at("xtables-nft-multi"), "").unwrap();
        std::os::unix::fs::symlink(at("xtables-nft-multi"), at("iptables")).unwrap();
        assert_eq!(Programs::find_in(&here), Found::MakesNftables(at("iptables")));
        std::fs::remove_file(at("iptables")).unwrap();
        std::fs::write(at("xtables-legacy-multi"), "").unwrap();
        std::os::unix::fs::symlink(at("xtables-legacy-multi"), at("iptables")).unwrap();
        std::fs::write(at("ipset"), "").unwrap();
        let expected = Programs {
            iptables: at("iptables"),
            ip6tables: None,
            ipset: Some(at("ipset")),
        };
        assert_eq!(Programs::find_in(&here), Found::Programs(expected));
    }

    #[test]
    fn a_program_that_fails_says_why() {
        let sh = Path::new("/bin/sh");
        assert_eq!(run(sh, &["-c", "cat >/dev/null"], &"x".repeat(100_000)), Ok(()));
        assert_eq!(run(sh, &["-c", "echo no >&2; exit 1"], ""), Err("no".into()));
        assert!(run(Path::new("/nonexistent"), &[], "").is_err());
    }
}
