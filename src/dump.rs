//! Files that are written on request: names, and writing them so that nobody ever reads half of one (`runtime.md` 7.1).

use std::{
    ffi::OsString,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use keepalived_model::global::Dumps;

use crate::ipc::Role;

/// `<tmp>`: `TMPDIR` when it is an absolute path of a directory, else `/tmp`.
pub fn directory() -> PathBuf {
    directory_of(std::env::var_os("TMPDIR"))
}

fn directory_of(value: Option<OsString>) -> PathBuf {
    let fallback = PathBuf::from("/tmp");
    let Some(path) = value.map(PathBuf::from).filter(|path| path.is_absolute()) else {
        return fallback;
    };
    if path.is_dir() {
        return path;
    }
    tracing::info!("Environment TMPDIR={} not a directory", path.display());
    fallback
}

/// `my.txt` and `_parent` become `my_parent.txt`.
pub fn insert_before_extension(path: &Path, infix: &str) -> PathBuf {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return path.to_owned();
    };
    let new = match name.rfind('.').filter(|at| *at > 0) {
        Some(at) => format!("{}{infix}{}", &name[..at], &name[at..]),
        None => format!("{name}{infix}"),
    };
    path.with_file_name(new)
}

/// The `.data` file of a process; `None` is the supervisor. `data_use_instance` inserts `.NS_ID`.
pub fn data_file(dumps: &Dumps, role: Option<Role>, namespace: Option<&str>, instance: Option<&str>) -> PathBuf {
    let infix = match role {
        None => "_parent",
        Some(Role::Vrrp) => "",
        Some(Role::Checker) => "_check",
        Some(Role::Bfd) => "_bfd",
        Some(Role::Control) => "_control",
    };
    let base = resolve(dumps.state_file.as_deref(), "keepalived.data");
    let path = insert_before_extension(&base, infix);
    let parts: Vec<&str> = [namespace, instance].into_iter().flatten().collect();
    if dumps.use_instance && !parts.is_empty() {
        insert_before_extension(&path, &format!(".{}", parts.join("_")))
    } else {
        path
    }
}

/// `keepalived.stats`, or `stats_dump_file` (honoured here, though the original only reads it).
pub fn stats_file(dumps: &Dumps) -> PathBuf {
    resolve(dumps.stats_file.as_deref(), "keepalived.stats")
}

/// `keepalived.json`, or `json_dump_file`.
pub fn json_file(dumps: &Dumps) -> PathBuf {
    resolve(dumps.json_file.as_deref(), "keepalived.json")
}

/// Absolute as it is; a trailing `/` is a directory with the standard name; no leading `/` is a name inside `<tmp>`.
fn resolve(configured: Option<&str>, standard: &str) -> PathBuf {
    let Some(given) = configured.filter(|given| !given.is_empty()) else {
        return directory().join(standard);
    };
    let path = directory().join(given);
    if given.ends_with('/') {
        path.join(standard)
    } else {
        path
    }
}

/// Mode of files that other programs may read when the umask lets them; the umask takes the rest away.
pub const SHARED_MODE: u32 = 0o666;
/// Mode of `keepalived.json`.
pub const PRIVATE_MODE: u32 = 0o600;

/// Writes `content` under a temporary name beside `path`, then renames: a reader sees the old or the new file.
///
/// # Errors
/// What creating, writing or renaming reports; nothing is left behind.
pub fn write(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let result = write_new(&temporary, mode, content).and_then(|()| std::fs::rename(&temporary, path));
    if result.is_err() {
        let _never_created = std::fs::remove_file(&temporary);
    }
    result
}

fn write_new(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    // In a directory that everybody may write to, a file or link that somebody put there must not be followed.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(content)
}

/// As [`write`], on a thread that may wait for a disk; failures are logged.
pub fn write_aside(path: PathBuf, mode: u32, content: Vec<u8>) {
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write(&path, mode, &content) {
            tracing::info!("failed to write {}: {error}", path.display());
        }
    });
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn dumps(state: &str, use_instance: bool) -> Dumps {
        Dumps {
            state_file: Some(state.into()),
            use_instance,
            ..Dumps::default()
        }
    }

    #[test]
    fn names_of_data_files() {
        let file = |dumps: &Dumps, role| data_file(dumps, role, Some("sr2"), Some("IX")).display().to_string();
        assert_eq!(file(&dumps("/x/my.txt", false), None), "/x/my_parent.txt");
        assert_eq!(file(&dumps("/x/my.txt", true), Some(Role::Bfd)), "/x/my_bfd.sr2_IX.txt");
        assert_eq!(
            file(&dumps("/x/", false), Some(Role::Checker)),
            "/x/keepalived_check.data"
        );
        assert_eq!(file(&dumps("/x/", true), Some(Role::Vrrp)), "/x/keepalived.sr2_IX.data");
        assert_eq!(file(&dumps("/x/bare", false), None), "/x/bare_parent");
    }

    #[test]
    fn a_relative_or_missing_tmpdir_is_not_used() {
        assert_eq!(directory_of(Some("relative".into())), Path::new("/tmp"));
        assert_eq!(directory_of(Some("/no/such/directory".into())), Path::new("/tmp"));
        assert_eq!(directory_of(None), Path::new("/tmp"));
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(directory_of(Some(dir.path().into())), dir.path());
    }

    #[test]
    fn files_are_replaced_whole_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.json");
        let victim = dir.path().join("victim");
        std::fs::write(&victim, "untouched").unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        write(&path, PRIVATE_MODE, b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "untouched");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write(&dir.path().join("no/such"), SHARED_MODE, b"x").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
