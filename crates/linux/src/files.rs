//! Files whose contents matter while we run (`track_file`, vrrp.md 8.5), by `inotify(7)`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::inotify;

use crate::watched::Watched;

/// Room for a read: an event and the longest name, many times over.
const BUFFER_LEN: usize = 8_192;

/// Which file is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// Watches files by their directories, so that a file may come, go, or be replaced by renaming.
#[derive(Debug)]
pub struct FileWatch {
    inotify: Watched,
    /// The kernel has one watch for a directory, whoever many files of it are watched.
    directories: BTreeMap<i32, BTreeMap<OsString, Vec<FileId>>>,
    paths: BTreeMap<FileId, (PathBuf, i32)>,
    last: u32,
    buffer: Box<[MaybeUninit<u8>]>,
}

impl FileWatch {
    /// Nothing is watched yet. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// What `inotify_init1(2)` reports: `EMFILE` when the user has too many.
    pub fn new() -> io::Result<Self> {
        let fd = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        Ok(Self {
            inotify: Watched::reader(fd)?,
            directories: BTreeMap::new(),
            paths: BTreeMap::new(),
            last: 0,
            buffer: vec![MaybeUninit::uninit(); BUFFER_LEN].into(),
        })
    }

    /// Watch the file at `path`, which need not exist; its directory must.
    ///
    /// # Errors
    /// What `inotify_add_watch(2)` reports; `InvalidInput` for a path without a file name.
    pub fn add(&mut self, path: &Path) -> io::Result<FileId> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let directory = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let wanted = inotify::WatchFlags::CLOSE_WRITE
            | inotify::WatchFlags::DELETE
            | inotify::WatchFlags::MOVED_FROM
            | inotify::WatchFlags::MOVED_TO
            | inotify::WatchFlags::ONLYDIR;
        let watch = inotify::add_watch(&self.inotify, directory, wanted)?;
        self.last += 1;
        let id = FileId(self.last);
        self.directories
            .entry(watch)
            .or_default()
            .entry(name.to_owned())
            .or_default()
            .push(id);
        self.paths.insert(id, (path.to_owned(), watch));
        Ok(id)
    }

    /// Stop watching a file.
    pub fn remove(&mut self, id: FileId) {
        let Some((path, watch)) = self.paths.remove(&id) else {
            return;
        };
        let Some(names) = self.directories.get_mut(&watch) else {
            return;
        };
        if let Some(name) = path.file_name()
            && let Some(ids) = names.get_mut(name)
        {
            ids.retain(|&known| known != id);
            if ids.is_empty() {
                names.remove(name);
            }
        }
        if names.is_empty() {
            self.directories.remove(&watch);
            // The directory may be gone, and its watch with it.
            let _ = inotify::remove_watch(&self.inotify, watch);
        }
    }

    /// The path that was given for `id`.
    #[must_use]
    pub fn path(&self, id: FileId) -> Option<&Path> {
        self.paths.get(&id).map(|(path, _)| path.as_path())
    }

    /// Wait until files were written and closed, removed, or moved here or away; `changed` then has them
    /// all, in order and each once. When the kernel
    /// lost count, all files are told. Cancel safe: usable as a branch of `select!`.
    ///
    /// # Errors
    /// What `read(2)` reports.
    pub async fn next(&mut self, changed: &mut Vec<FileId>) -> io::Result<()> {
        let before = changed.len();
        while changed.len() == before {
            let (directories, paths, buffer) = (&self.directories, &self.paths, &mut self.buffer);
            self.inotify
                .drain(|fd| read_events(fd, buffer, directories, paths, changed))
                .await?;
        }
        changed.sort_unstable();
        changed.dedup();
        Ok(())
    }
}

/// Read what is there; true when nothing is left.
fn read_events(
    fd: std::os::fd::BorrowedFd<'_>,
    buffer: &mut [MaybeUninit<u8>],
    directories: &BTreeMap<i32, BTreeMap<OsString, Vec<FileId>>>,
    paths: &BTreeMap<FileId, (PathBuf, i32)>,
    changed: &mut Vec<FileId>,
) -> io::Result<bool> {
    let mut reader = inotify::Reader::new(fd, buffer);
    loop {
        match reader.next() {
            Ok(event) if event.events().contains(inotify::ReadFlags::QUEUE_OVERFLOW) => {
                changed.extend(paths.keys());
            }
            Ok(event) => {
                let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
                let ids = name.and_then(|name| directories.get(&event.wd())?.get(name));
                changed.extend(ids.into_iter().flatten());
            }
            Err(rustix::io::Errno::AGAIN) => return Ok(true),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::fs;
    use std::time::Duration;

    async fn changes(watch: &mut FileWatch) -> Vec<FileId> {
        let mut changed = Vec::new();
        let _ = tokio::time::timeout(Duration::from_millis(200), watch.next(&mut changed)).await;
        changed.sort();
        changed
    }

    #[test]
    fn writing_renaming_and_removing_are_told_and_reading_is_not() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let (one, two) = (dir.path().join("one"), dir.path().join("two"));
            let mut watch = FileWatch::new().unwrap();
            let first = watch.add(&one).unwrap();
            let second = watch.add(&two).unwrap();
            let again = watch.add(&one).unwrap();
            fs::write(&one, "1").unwrap();
            assert_eq!(changes(&mut watch).await, [first, again]);
            fs::read(&one).unwrap();
            fs::write(dir.path().join("other"), "x").unwrap();
            assert_eq!(changes(&mut watch).await, []);
            fs::rename(&one, &two).unwrap();
            assert_eq!(changes(&mut watch).await, [first, second, again]);
            watch.remove(again);
            assert_eq!((watch.path(again), watch.path(second)), (None, Some(two.as_path())));
            fs::remove_file(&two).unwrap();
            assert_eq!(changes(&mut watch).await, [second]);
            watch.remove(first);
            watch.remove(second);
            fs::write(&one, "1").unwrap();
            assert_eq!(changes(&mut watch).await, []);
            assert!(watch.add(&dir.path().join("absent/file")).is_err());
            assert!(watch.add(Path::new("/")).is_err());
        });
    }
}
