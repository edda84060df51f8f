//! May a file be run as root? The path check of `enable_script_security` (vrrp.md 13.5, config-language.md 13.9),
//! and finding scripts and their users.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use keepalived_model::script::Credentials;

const SET_USER: u32 = 0o4000;
const SET_GROUP: u32 = 0o2000;
const STICKY: u32 = 0o1000;

/// A script that exists and can be executed by its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The path without symbolic links.
    pub resolved: PathBuf,
    /// It would run with user or group 0, by its user or by a set-id bit; only then are there findings.
    pub privileged: bool,
    /// What is unsafe, from the root of the path downwards, the configured path before the resolved one.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Is there a symbolic link to a directory in the configured path of a privileged script? Such a script is
    /// disabled even without `enable_script_security`.
    #[must_use]
    pub fn has_linked_directory(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.problem == Problem::LinkedDirectory)
    }

    /// Could somebody else than root change what is run?
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.problem != Problem::LinkedDirectory)
    }
}

/// One unsafe component of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The directory or file.
    pub path: PathBuf,
    /// Its owner.
    pub owner: u32,
    /// Its group.
    pub group: u32,
    /// Its permission bits, with the sticky and set-id bits.
    pub mode: u32,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a component of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It belongs to somebody else than root.
    Owner,
    /// A group other than root's may write to it.
    GroupWritable,
    /// Everybody may write to it.
    WorldWritable,
    /// A symbolic link stands where a directory should.
    LinkedDirectory,
}

impl Finding {
    fn new(path: &Path, metadata: &Metadata, problem: Problem) -> Self {
        let (owner, group, mode) = (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777);
        Self {
            path: path.to_owned(),
            owner,
            group,
            mode,
            problem,
        }
    }

    /// A command that mends it; for a linked directory advice, as the configuration has to change.
    #[must_use]
    pub fn remedy(&self) -> String {
        let path = shell_word(&self.path);
        match self.problem {
            Problem::Owner => format!("chown root {path}"),
            Problem::GroupWritable => format!("chmod g-w {path}"),
            Problem::WorldWritable => format!("chmod o-w {path}"),
            Problem::LinkedDirectory => format!("write the target of {path} in the configuration"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.problem {
            Problem::Owner => write!(
                f,
                "{path} belongs to user {}, not to root (mode {:04o})",
                self.owner, self.mode
            ),
            Problem::GroupWritable => write!(
                f,
                "group {} may write to {path} (owner {}, mode {:04o})",
                self.group, self.owner, self.mode
            ),
            Problem::WorldWritable => write!(
                f,
                "everybody may write to {path} (owner {}, mode {:04o})",
                self.owner, self.mode
            ),
            Problem::LinkedDirectory => write!(f, "{path} is a symbolic link to a directory"),
        }
    }
}

/// Why a script cannot run at all.
#[derive(Debug)]
pub enum Unusable {
    /// It is not there, or its user cannot get to it.
    Inaccessible {
        /// The component that stands in the way.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is a directory or a device.
    NoFile,
    /// Its user may not execute it.
    NotExecutable,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inaccessible { path, source } => write!(f, "failed to access {}: {source}", path.display()),
            Self::NoFile => f.write_str("is no regular file"),
            Self::NotExecutable => f.write_str("is not executable for its user"),
        }
    }
}

impl std::error::Error for Unusable {}

/// Check the script at `path`, an absolute path, for the user who is to run it.
///
/// Permissions are judged by mode bits; access control lists are not looked at, execution itself decides in the end.
///
/// # Errors
/// When it cannot run whatever the policy.
pub fn check(path: &Path, user: &Credentials) -> Result<Checked, Unusable> {
    let inaccessible = |path: &Path, source| Unusable::Inaccessible {
        path: path.to_owned(),
        source,
    };
    let resolved = fs::canonicalize(path).map_err(|source| inaccessible(path, source))?;
    let metadata = fs::metadata(&resolved).map_err(|source| inaccessible(&resolved, source))?;
    for directory in resolved.ancestors().skip(1) {
        let metadata = fs::metadata(directory).map_err(|source| inaccessible(directory, source))?;
        if !may_execute(&metadata, user) {
            return Err(inaccessible(directory, io::ErrorKind::PermissionDenied.into()));
        }
    }
    if !metadata.is_file() {
        return Err(Unusable::NoFile);
    }
    if !may_execute(&metadata, user) {
        return Err(Unusable::NotExecutable);
    }
    let mut checked = Checked {
        privileged: is_privileged(&metadata, user),
        findings: Vec::new(),
        resolved,
    };
    if checked.privileged {
        let resolved = checked.resolved.clone();
        inspect(path, &mut checked.findings).map_err(|(path, source)| inaccessible(&path, source))?;
        if resolved != path {
            inspect(&resolved, &mut checked.findings).map_err(|(path, source)| inaccessible(&path, source))?;
        }
    }
    Ok(checked)
}

/// User or group 0, or a set-id bit that leads there.
fn is_privileged(metadata: &Metadata, user: &Credentials) -> bool {
    let mode = metadata.mode();
    user.uid == 0
        || user.gid == 0
        || (mode & SET_USER != 0 && metadata.uid() == 0)
        || (mode & SET_GROUP != 0 && metadata.gid() == 0)
}

/// Execute a file, or pass through a directory.
fn may_execute(metadata: &Metadata, user: &Credentials) -> bool {
    let mode = metadata.mode();
    if user.uid == 0 {
        return metadata.is_dir() || mode & 0o111 != 0;
    }
    let bit = if metadata.uid() == user.uid {
        0o100
    } else if metadata.gid() == user.gid || user.groups.contains(&metadata.gid()) {
        0o010
    } else {
        0o001
    };
    mode & bit != 0
}

/// Judge each component of `path`; those that were found unsafe already are not repeated.
fn inspect(path: &Path, findings: &mut Vec<Finding>) -> Result<(), (PathBuf, io::Error)> {
    let mut so_far = PathBuf::new();
    let mut components = path.components().peekable();
    while let Some(component) = components.next() {
        so_far.push(component);
        if component == Component::CurDir {
            continue;
        }
        let metadata = fs::symlink_metadata(&so_far).map_err(|error| (so_far.clone(), error))?;
        if metadata.is_symlink() {
            // Whoever may replace the link was judged with its directory; a link's own mode means nothing.
            if components.peek().is_some() {
                findings.push(Finding::new(&so_far, &metadata, Problem::LinkedDirectory));
            }
            continue;
        }
        for problem in problems(&metadata) {
            let finding = Finding::new(&so_far, &metadata, problem);
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    Ok(())
}

fn problems(metadata: &Metadata) -> impl Iterator<Item = Problem> {
    let mode = metadata.mode();
    let sticky = metadata.is_dir() && mode & STICKY != 0;
    [
        (metadata.uid() != 0).then_some(Problem::Owner),
        (mode & 0o020 != 0 && metadata.gid() != 0 && !sticky).then_some(Problem::GroupWritable),
        (mode & 0o002 != 0 && !sticky).then_some(Problem::WorldWritable),
    ]
    .into_iter()
    .flatten()
}

/// Find a command without a slash in the directories of `search_path` (the PATH variable), as its user would.
#[must_use]
pub fn find_in_path(command: &OsStr, search_path: &OsStr, user: &Credentials) -> Option<PathBuf> {
    if command.is_empty() || command.as_bytes().contains(&b'/') {
        return None;
    }
    let candidates = std::env::split_paths(search_path)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(command));
    candidates.into_iter().find(|candidate| check(candidate, user).is_ok())
}

/// A word as a shell reads it.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Look up a user by name and optionally another group by name (`script_user`); with `supplementary` also the groups the
/// user is a member of (`set_supplementary_groups`).
///
/// Reads the user database and so may wait: not for an election's thread.
///
/// # Errors
/// What the database reports, or `NotFound` with the name that does not exist.
pub fn credentials(user: &str, group: Option<&str>, supplementary: bool) -> io::Result<Credentials> {
    let unknown =
        |what: &str, name: &str| io::Error::new(io::ErrorKind::NotFound, format!("there is no {what} {name:?}"));
    let found = nix::unistd::User::from_name(user)?.ok_or_else(|| unknown("user", user))?;
    let mut credentials = Credentials {
        uid: found.uid.as_raw(),
        gid: found.gid.as_raw(),
        groups: Vec::new(),
    };
    if let Some(group) = group {
        let found = nix::unistd::Group::from_name(group)?.ok_or_else(|| unknown("group", group))?;
        credentials.gid = found.gid.as_raw();
    }
    if supplementary {
        let name = std::ffi::CString::new(user).map_err(io::Error::other)?;
        let groups = nix::unistd::getgrouplist(&name, nix::unistd::Gid::from_raw(credentials.gid))?;
        credentials.groups = groups.into_iter().map(nix::unistd::Gid::as_raw).collect();
    }
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    const ROOT: Credentials = Credentials {
        uid: 0,
        gid: 0,
        groups: Vec::new(),
    };

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A directory and a script in it, both safe; `None` without root.
    fn safe() -> Option<(tempfile::TempDir, PathBuf)> {
        if !nix::unistd::geteuid().is_root() {
            println!("SKIP: files of other owners need root");
            return None;
        }
        // The temporary directory itself is sticky, which is fine.
        let dir = tempfile::tempdir().unwrap();
        mode(dir.path(), 0o755);
        let script = dir.path().join("script");
        fs::write(&script, "#!/bin/sh\n").unwrap();
        mode(&script, 0o755);
        Some((dir, script))
    }

    fn problems_of(path: &Path) -> Vec<(PathBuf, Problem)> {
        let checked = check(path, &ROOT).unwrap();
        checked
            .findings
            .into_iter()
            .map(|finding| (finding.path, finding.problem))
            .collect()
    }

    #[test]
    fn a_safe_script_has_no_findings_and_each_unsafe_bit_has_one() {
        let Some((dir, script)) = safe() else { return };
        assert_eq!(problems_of(&script), []);
        mode(&script, 0o775);
        assert_eq!(problems_of(&script), [], "root's own group may write");
        mode(&script, 0o757);
        assert_eq!(problems_of(&script), [(script.clone(), Problem::WorldWritable)]);
        mode(&script, 0o775);
        if chown(&script, Some(1234), Some(1234)).is_err() {
            println!("SKIP: this namespace has one user only");
            return;
        }
        let expected = [
            (script.clone(), Problem::Owner),
            (script.clone(), Problem::GroupWritable),
        ];
        assert_eq!(problems_of(&script), expected);
        let found = check(&script, &ROOT).unwrap().findings;
        assert_eq!(found[0].remedy(), format!("chown root {}", script.display()));
        assert_eq!(found[1].remedy(), format!("chmod g-w {}", script.display()));
        assert!(found[1].to_string().contains("mode 0775"), "{}", found[1]);
        chown(&script, Some(0), Some(0)).unwrap();
        mode(&script, 0o755);
        mode(dir.path(), 0o777);
        assert_eq!(problems_of(&script), [(dir.path().to_owned(), Problem::WorldWritable)]);
        mode(dir.path(), 0o1777);
        assert_eq!(problems_of(&script), [], "sticky directories are tolerated");
    }

    #[test]
    fn links_are_judged_by_both_paths() {
        let Some((dir, script)) = safe() else { return };
        let link = dir.path().join("link");
        symlink(&script, &link).unwrap();
        assert_eq!(problems_of(&link), []);
        mode(&script, 0o757);
        let checked = check(&link, &ROOT).unwrap();
        assert_eq!(
            (
                checked.findings.len(),
                checked.is_insecure(),
                checked.has_linked_directory()
            ),
            (1, true, false)
        );
        mode(&script, 0o755);
        let (real, linked) = (dir.path().join("real"), dir.path().join("linked dir"));
        fs::create_dir(&real).unwrap();
        mode(&real, 0o755);
        fs::copy(&script, real.join("script")).unwrap();
        symlink(&real, &linked).unwrap();
        let checked = check(&linked.join("script"), &ROOT).unwrap();
        assert!(checked.has_linked_directory() && !checked.is_insecure(), "{checked:?}");
        assert_eq!(checked.resolved, real.join("script"));
        assert!(
            checked.findings[0].remedy().contains("linked dir'"),
            "{}",
            checked.findings[0].remedy()
        );
    }

    #[test]
    fn what_its_user_cannot_run_is_unusable() {
        let Some((dir, script)) = safe() else { return };
        let somebody = Credentials {
            uid: 1234,
            gid: 1234,
            groups: vec![5678],
        };
        let checked = check(&script, &somebody).unwrap();
        assert_eq!((checked.privileged, checked.findings.len()), (false, 0));
        mode(&script, 0o4755);
        assert!(check(&script, &somebody).unwrap().privileged, "set-uid root");
        mode(&script, 0o750);
        assert!(matches!(check(&script, &somebody), Err(Unusable::NotExecutable)));
        mode(&script, 0o644);
        assert!(matches!(check(&script, &ROOT), Err(Unusable::NotExecutable)));
        mode(&script, 0o755);
        mode(dir.path(), 0o700);
        assert!(matches!(check(&script, &somebody), Err(Unusable::Inaccessible { path, .. }) if path == dir.path()));
        assert!(matches!(check(dir.path(), &ROOT), Err(Unusable::NoFile)));
        assert!(matches!(
            check(&dir.path().join("absent"), &ROOT),
            Err(Unusable::Inaccessible { .. })
        ));
    }

    #[test]
    fn commands_are_found_in_the_path() {
        let Some((dir, script)) = safe() else { return };
        let path = format!("relative:/nowhere:{}:/bin", dir.path().display());
        let only_here = dir.path().as_os_str();
        assert_eq!(
            find_in_path("script".as_ref(), path.as_ref(), &ROOT),
            Some(script.clone())
        );
        mode(&script, 0o644);
        assert_eq!(find_in_path("script".as_ref(), only_here, &ROOT), None);
        assert_eq!(find_in_path("../script".as_ref(), path.as_ref(), &ROOT), None);
        assert!(find_in_path("sh".as_ref(), path.as_ref(), &ROOT).is_some());
    }

    #[test]
    fn users_are_looked_up_by_name() {
        assert_eq!(credentials("root", None, false).unwrap(), ROOT);
        assert_eq!(
            credentials("no-such-user-here", None, false).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
        assert_eq!(
            credentials("root", Some("no-such-group"), false).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
        assert!(credentials("root", None, true).unwrap().groups.contains(&0));
    }
}
