//! Numbers in files (`track_file`, `vrrp.md` 8.5).
//!
//! A file is read on a thread of its own, because a disk can keep one waiting; one reading a file at a time, so that an old number
//! cannot come after a new one.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

use keepalived_linux::files::{FileId, FileWatch};
use keepalived_model::vrrp::{TrackFile, TrackFileInit};
use tokio::sync::mpsc;

/// As much of a file as is looked at, bytes.
const LOOKED_AT: u64 = 127;

/// What a reading has shown.
#[derive(Debug)]
pub(in crate::vrrp) struct Reading {
    path: Arc<Path>,
    /// `Err` has the number that does not fit.
    value: Result<i32, Box<str>>,
}

/// A number that changed, or a number that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::vrrp) enum FileReport {
    /// The file at this path has another number.
    Changed(Arc<Path>, i32),
    /// The file holds a number outside 32 bits.
    Refused(Arc<Path>, Box<str>),
}

#[derive(Debug)]
struct Watch {
    id: FileId,
    /// `None` before the first reading.
    value: Option<i32>,
    reading: bool,
    /// It changed while it was being read.
    again: bool,
}

/// All tracked files, by path: the same file keeps its number over a reload.
#[derive(Debug)]
pub(super) struct Files {
    watch: Option<FileWatch>,
    by_path: HashMap<Arc<Path>, Watch>,
    paths: HashMap<FileId, Arc<Path>>,
    readings: (mpsc::UnboundedSender<Reading>, mpsc::UnboundedReceiver<Reading>),
    changed: Vec<FileId>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            watch: None,
            by_path: HashMap::new(),
            paths: HashMap::new(),
            readings: mpsc::unbounded_channel(),
            changed: Vec::new(),
        }
    }
}

impl Files {
    /// Begins to watch what is new in `wanted` and to read it; with `first` it is written first (`init_file`). Gives a sentence for each
    /// file that cannot be watched.
    pub(super) fn prepare(&mut self, wanted: &[TrackFile], first: bool) -> Vec<String> {
        let mut complaints = Vec::new();
        for file in wanted {
            let path: Arc<Path> = Path::new(&*file.path).into();
            let init = file.init.filter(|_| first);
            match self.add(&path) {
                Ok(()) => self.read(path, init),
                // It was watched until now, and perhaps its directory comes back.
                Err(_) if self.by_path.contains_key(&path) => {}
                Err(error) => complaints.push(format!(
                    "Track file {} cannot be watched: {error} - removing",
                    file.name
                )),
            }
        }
        complaints
    }

    /// Watches a file. One that is watched already is watched anew, because its directory may be another one by now.
    fn add(&mut self, path: &Arc<Path>) -> io::Result<()> {
        let watch = match &mut self.watch {
            Some(watch) => watch,
            none => none.insert(FileWatch::new()?),
        };
        let id = watch.add(path)?;
        self.paths.insert(id, Arc::clone(path));
        if let Some(known) = self.by_path.get_mut(path) {
            let old = std::mem::replace(&mut known.id, id);
            self.paths.remove(&old);
            watch.remove(old);
            return Ok(());
        }
        let watch = Watch {
            id,
            value: None,
            reading: false,
            again: false,
        };
        self.by_path.insert(Arc::clone(path), watch);
        Ok(())
    }

    /// Forgets what is not in `wanted`.
    pub(super) fn keep(&mut self, wanted: &[TrackFile]) {
        let wanted: std::collections::HashSet<&Path> = wanted.iter().map(|file| Path::new(&*file.path)).collect();
        let (watch, paths) = (&mut self.watch, &mut self.paths);
        self.by_path.retain(|path, known| {
            let stays = wanted.contains(&**path);
            if !stays {
                paths.remove(&known.id);
                if let Some(watch) = watch {
                    watch.remove(known.id);
                }
            }
            stays
        });
        if self.by_path.is_empty() {
            self.watch = None;
        }
    }

    /// Files whose first reading is not there yet.
    pub(super) fn awaited(&self) -> usize {
        self.by_path.values().filter(|file| file.value.is_none()).count()
    }

    /// The number in a file; `None` when it cannot be watched.
    pub(super) fn value(&self, path: &str) -> Option<i32> {
        let watch = self.by_path.get(Path::new(path))?;
        Some(watch.value.unwrap_or(0))
    }

    fn read(&mut self, path: Arc<Path>, init: Option<TrackFileInit>) {
        let Some(file) = self.by_path.get_mut(&path) else {
            return;
        };
        if file.reading && init.is_none() {
            file.again = true;
            return;
        }
        file.reading = true;
        let tell = self.readings.0.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(init) = init
                && let Err(error) = begin(&path, init)
            {
                tracing::info!("failed to write {}: {error}", path.display());
            }
            let value = read(&path);
            // Nobody listens any more when the process ends.
            let _gone = tell.send(Reading { path, value });
        });
    }

    /// Waits for something to digest. Cancel safe.
    pub(super) async fn next(&mut self) -> FileEvent {
        let Self {
            watch,
            readings,
            changed,
            ..
        } = self;
        tokio::select! {
            reading = readings.1.recv() => reading.map_or(FileEvent::None, FileEvent::Read),
            result = next_change(watch, changed) => FileEvent::Changed(result),
        }
    }

    /// Takes in what [`Files::next`] gave.
    pub(super) fn digest(&mut self, event: FileEvent) -> Option<FileReport> {
        match event {
            FileEvent::None => None,
            FileEvent::Changed(result) => {
                if let Err(error) = result {
                    tracing::warn!("failed to hear of changed files: {error}");
                }
                for id in std::mem::take(&mut self.changed) {
                    if let Some(path) = self.paths.get(&id) {
                        self.read(Arc::clone(path), None);
                    }
                }
                None
            }
            FileEvent::Read(reading) => self.was_read(reading),
        }
    }

    fn was_read(&mut self, reading: Reading) -> Option<FileReport> {
        let file = self.by_path.get_mut(&reading.path)?;
        file.reading = false;
        let before = file.value;
        file.value = Some(*reading.value.as_ref().unwrap_or(&before.unwrap_or(0)));
        if std::mem::take(&mut file.again) {
            self.read(Arc::clone(&reading.path), None);
        }
        match reading.value {
            Ok(value) => (before.unwrap_or(0) != value).then_some(FileReport::Changed(reading.path, value)),
            Err(number) => Some(FileReport::Refused(reading.path, number)),
        }
    }
}

/// What happened to files.
#[derive(Debug)]
pub(in crate::vrrp) enum FileEvent {
    None,
    Changed(io::Result<()>),
    Read(Reading),
}

async fn next_change(watch: &mut Option<FileWatch>, changed: &mut Vec<FileId>) -> io::Result<()> {
    match watch {
        Some(watch) => watch.next(changed).await,
        None => std::future::pending().await,
    }
}

/// `init_file`: writes the number where there is no file, or with `overwrite` over what is there.
fn begin(path: &Path, init: TrackFileInit) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options
        .write(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    let opened = if init.overwrite {
        // Only a regular file may be overwritten; a FIFO without reader gives an error here, and does not make us wait.
        options.create(true).open(path)
    } else {
        options.create_new(true).open(path)
    };
    let mut file = match opened {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        opened => opened?,
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    if init.overwrite {
        file.set_len(0)?;
    }
    file.write_all(format!("{}\n", init.value).as_bytes())
}

/// The number in a file now. A file that is not there, cannot be read or holds no number counts as 0.
fn read(path: &Path) -> Result<i32, Box<str>> {
    let mut text = Vec::with_capacity(LOOKED_AT as usize);
    let opened = File::options()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32)
        .open(path);
    let done = opened.and_then(|file| file.take(LOOKED_AT).read_to_end(&mut text));
    if done.is_err() {
        return Ok(0);
    }
    number(&text)
}

/// The number that a text begins with, as `strtol` with base 0 reads it: white space, a sign, `0x`, `0`. No number is 0.
///
/// # Errors
/// The number as it is written, when it does not fit 32 bits.
fn number(text: &[u8]) -> Result<i32, Box<str>> {
    let text = text.trim_ascii_start();
    // ASCII white space of C has the vertical tab too.
    let start = text
        .iter()
        .position(|b| !matches!(b, 0x0b | b' ' | b'\t' | b'\n' | b'\r' | 0x0c));
    let text = start.map_or(&[][..], |at| &text[at..]);
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', next, ..] if next.is_ascii_hexdigit() => (16, &digits[2..]),
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let end = digits
        .iter()
        .position(|b| !char::from(*b).is_digit(base))
        .unwrap_or(digits.len());
    let value = digits[..end].iter().fold(0_i64, |sum, b| {
        let digit = char::from(*b).to_digit(base).unwrap_or(0);
        // Large enough to be refused, small enough not to wrap.
        (sum * i64::from(base) + i64::from(digit)).min(1 << 40)
    });
    let value = if negative { -value } else { value };
    i32::try_from(value).map_err(|_| {
        let sign = if negative { "-" } else { "" };
        let prefix = if base == 16 { "0x" } else { "" };
        format!("{sign}{prefix}{}", String::from_utf8_lossy(&digits[..end])).into()
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::time::Duration;

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        for (text, expected) in [
            ("5\n", 5),
            ("", 0),
            ("abc", 0),
            (" \t\n\x0b 12", 12),
            ("+8x", 8),
            ("-20", -20),
            ("--3", 0),
            ("0x10", 16),
            ("0X1f", 31),
            ("0x", 0),
            ("0xg", 0),
            ("017", 15),
            ("08", 0),
            ("1.9", 1),
            ("-", 0),
            ("2147483647", i32::MAX),
            ("-2147483648", i32::MIN),
        ] {
            assert_eq!(number(text.as_bytes()), Ok(expected), "{text:?}");
        }
        for text in [
            "2147483648",
            "-2147483649",
            "0x80000000",
            "99999999999999999999999999999999999999999",
        ] {
            assert_eq!(number(text.as_bytes()), Err(text.into()), "{text:?}");
        }
        assert_eq!(number(b"\xff\xfe7"), Ok(0));
    }

    #[test]
    fn only_the_first_127_bytes_count() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("value");
        std::fs::write(&path, format!("{}12", " ".repeat(126))).unwrap();
        assert_eq!(read(&path), Ok(1));
        std::fs::write(&path, format!("{}12", " ".repeat(127))).unwrap();
        assert_eq!(read(&path), Ok(0));
        assert_eq!(read(dir.path()), Ok(0), "a directory");
        assert_eq!(read(&dir.path().join("absent")), Ok(0));
    }

    #[test]
    fn a_file_begins_as_configured() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("value");
        let init = |value, overwrite| TrackFileInit { value, overwrite };
        begin(&path, init(7, false)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "7\n");
        begin(&path, init(8, false)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "7\n", "what is there stays");
        std::fs::write(&path, "a long text").unwrap();
        begin(&path, init(-9, true)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "-9\n");
        assert!(begin(dir.path(), init(1, true)).is_err(), "a directory");
        let fifo = dir.path().join("fifo");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(begin(&fifo, init(1, true)).is_err(), "nobody waits for a reader");
        assert_eq!(read(&fifo), Ok(0), "nor for a writer");
    }

    fn file(name: &str, path: &Path) -> TrackFile {
        TrackFile {
            name: name.into(),
            path: path.to_str().unwrap().into(),
            weight: 1,
            reverse: false,
            init: Some(TrackFileInit {
                value: 3,
                overwrite: false,
            }),
        }
    }

    async fn reports(files: &mut Files) -> Vec<FileReport> {
        let mut reports = Vec::new();
        while let Ok(event) = tokio::time::timeout(Duration::from_millis(200), files.next()).await {
            reports.extend(files.digest(event));
        }
        reports
    }

    #[tokio::test]
    async fn numbers_are_told_when_they_change_and_kept_over_a_reload() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("value");
        let wanted = [file("a", &path), file("b", &dir.path().join("none/x"))];
        let mut files = Files::default();
        assert_eq!(files.prepare(&wanted, true).len(), 1, "no such directory");
        assert_eq!(files.awaited(), 1);
        let told: Arc<Path> = path.as_path().into();
        assert_eq!(reports(&mut files).await, [FileReport::Changed(told.clone(), 3)]);
        assert_eq!((files.awaited(), files.value(path.to_str().unwrap())), (0, Some(3)));
        assert_eq!(files.value("/none"), None);
        std::fs::write(&path, "4").unwrap();
        assert_eq!(
            reports(&mut files).await.last(),
            Some(&FileReport::Changed(told.clone(), 4))
        );
        std::fs::write(&path, "4 again").unwrap();
        assert_eq!(reports(&mut files).await.last(), None);
        std::fs::write(&path, "3000000000").unwrap();
        assert!(matches!(
            reports(&mut files).await.last(),
            Some(FileReport::Refused(..))
        ));
        // The same path under another name: the number stays, although the file would not be read so again.
        let renamed = [file("c", &path)];
        assert!(files.prepare(&renamed, false).is_empty());
        files.keep(&renamed);
        assert_eq!((files.awaited(), files.value(path.to_str().unwrap())), (0, Some(4)));
        std::fs::remove_file(&path).unwrap();
        // A slow machine tells of the refused number once more before.
        assert_eq!(reports(&mut files).await.last(), Some(&FileReport::Changed(told, 0)));
        files.keep(&[]);
        assert_eq!(files.value(path.to_str().unwrap()), None);
    }
}
