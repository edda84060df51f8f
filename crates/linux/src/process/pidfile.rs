//! Pid files that are locked as long as their process lives (runtime.md 3.3).

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, fcntl};

/// A pid file that is ours. The lock goes with the value or the process; the file itself only with [`PidFile::remove`], so
/// that a worker which was killed leaves a file that the next one uses again.
#[derive(Debug)]
pub struct PidFile {
    path: PathBuf,
    file: File,
}

/// Why there is no pid file.
#[derive(Debug)]
pub enum PidFileError {
    /// A living process holds it.
    Held {
        /// What it wrote.
        pid: Option<i32>,
    },
    /// It cannot be made (`ELOOP`: somebody put a symbolic link there).
    Io(io::Error),
}

impl std::fmt::Display for PidFileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Held { pid: Some(pid) } => write!(f, "is held by process {pid}"),
            Self::Held { pid: None } => f.write_str("is held by another process"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PidFileError {}

impl From<io::Error> for PidFileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl PidFile {
    /// Make, or take over, the file at `path`, lock it and write our process id and a newline. Its mode is 0644 whatever the
    /// umask; a symbolic link is refused.
    ///
    /// # Errors
    /// [`PidFileError::Held`] when another process has it locked.
    pub fn create(path: &Path) -> Result<Self, PidFileError> {
        loop {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(0o644);
            let file = options.custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC).open(path)?;
            match fcntl(&file, FcntlArg::F_OFD_SETLK(&write_lock())) {
                Ok(_) => {}
                Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) => {
                    return Err(PidFileError::Held { pid: read_pid(path) });
                }
                Err(error) => return Err(io::Error::from(error).into()),
            }
            // Its former owner may have removed it between our open and our lock: then we hold a file without a name.
            let ours = file.metadata()?;
            match std::fs::symlink_metadata(path) {
                Ok(named) if (named.dev(), named.ino()) == (ours.dev(), ours.ino()) => {}
                _ => continue,
            }
            file.set_permissions(Permissions::from_mode(0o644))?;
            file.set_len(0)?;
            let mut pid_file = Self {
                path: path.to_owned(),
                file,
            };
            pid_file
                .file
                .write_all(format!("{}\n", std::process::id()).as_bytes())?;
            return Ok(pid_file);
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Remove the file: the end of an orderly run.
    ///
    /// # Errors
    /// What `unlink(2)` reports, except that it is gone already.
    pub fn remove(self) -> io::Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The process that holds the pid file at `path`, if it lives: "is keepalived running?".
///
/// # Errors
/// What opening the file or asking for the lock reports, except that there is none.
pub fn holder(path: &Path) -> io::Result<Option<i32>> {
    let file = match OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut lock = write_lock();
    fcntl(&file, FcntlArg::F_OFD_GETLK(&mut lock))?;
    Ok((i32::from(lock.l_type) != libc::F_UNLCK)
        .then(|| read_pid(path))
        .flatten())
}

/// Make the directory for pid files with mode 0755 if it is missing; true when it was. Its parent must exist.
///
/// # Errors
/// What `mkdir(2)` reports.
pub fn create_directory(path: &Path) -> io::Result<bool> {
    match std::fs::DirBuilder::new().mode(0o755).create(path) {
        Ok(()) => {
            // The umask of a daemon takes away more than it should here.
            std::fs::set_permissions(path, Permissions::from_mode(0o755))?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn read_pid(path: &Path) -> Option<i32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The whole file.
fn write_lock() -> libc::flock {
    libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_pid_file_is_held_reused_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keepalived.pid");
        assert_eq!(holder(&path).unwrap(), None);
        std::fs::write(&path, "999999\nand more that must go\n").unwrap();
        assert_eq!(holder(&path).unwrap(), None, "stale");
        let pid_file = PidFile::create(&path).unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{own}\n"));
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o644);
        assert!(matches!(PidFile::create(&path), Err(PidFileError::Held { pid: Some(pid) }) if pid == own));
        assert_eq!(holder(&path).unwrap(), Some(own));
        drop(pid_file);
        assert_eq!(holder(&path).unwrap(), None);
        PidFile::create(&path).unwrap().remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_symbolic_link_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let victim = dir.path().join("victim");
        std::fs::write(&victim, "precious").unwrap();
        let path = dir.path().join("keepalived.pid");
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        let Err(PidFileError::Io(error)) = PidFile::create(&path) else {
            panic!("followed")
        };
        assert_eq!(error.raw_os_error(), Some(libc::ELOOP));
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    }

    #[test]
    fn the_directory_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keepalived");
        assert!(create_directory(&path).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o755);
        assert!(!create_directory(&path).unwrap());
    }
}
