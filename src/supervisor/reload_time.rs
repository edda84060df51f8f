//! `reload_time_file`: a file that says when to reload (`runtime.md` 4.3).

use std::{
    io,
    mem::MaybeUninit,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use keepalived_linux::{local_time::Calendar, watched::Watched};
use rustix::fs::inotify;

/// A file that is watched, and the moment it names.
#[derive(Debug)]
pub(super) struct TimeFile {
    path: PathBuf,
    repeat: bool,
    events: Watched,
    at: Option<Moment>,
}

/// When to reload.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Moment {
    /// Seconds since the epoch.
    epoch: u64,
    /// As written.
    text: String,
    /// Without a date: comes again every day.
    daily: bool,
}

impl TimeFile {
    /// Watches the directory of the file and reads the file if it is there.
    ///
    /// # Errors
    /// What `inotify_add_watch(2)` reports.
    pub(super) fn open(path: &Path, repeat: bool) -> io::Result<Self> {
        let fd = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let watched = inotify::WatchFlags::CLOSE_WRITE
            | inotify::WatchFlags::MOVED_TO
            | inotify::WatchFlags::MOVED_FROM
            | inotify::WatchFlags::DELETE;
        inotify::add_watch(&fd, directory.unwrap_or(Path::new(".")), watched)?;
        let mut file = Self {
            path: path.to_owned(),
            repeat,
            events: Watched::reader(fd)?,
            at: None,
        };
        file.read_again();
        Ok(file)
    }

    /// The file it watches.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Time until the reload; `None` when none is scheduled.
    pub(super) fn remaining(&self) -> Option<Duration> {
        let at = UNIX_EPOCH + Duration::from_secs(self.at.as_ref()?.epoch);
        Some(at.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// Waits for a change of the file and takes it in. Cancel safe.
    ///
    /// # Errors
    /// What reading the watch reports.
    pub(super) async fn changed(&mut self) -> io::Result<()> {
        let name = self.path.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
        let ours = self
            .events
            .read(|fd| {
                let mut space = [MaybeUninit::uninit(); 4_096];
                let mut reader = inotify::Reader::new(fd, &mut space);
                let mut ours = false;
                loop {
                    let event = reader.next()?;
                    ours |= event
                        .file_name()
                        .is_some_and(|file| file.to_bytes() == name.as_encoded_bytes());
                    if reader.is_buffer_empty() {
                        return Ok(ours);
                    }
                }
            })
            .await?;
        if ours {
            self.read_again();
        }
        Ok(())
    }

    /// The moment has come: removes the file, or waits for the next day.
    pub(super) fn fired(&mut self) {
        let Some(moment) = self.at.take() else { return };
        if self.repeat && moment.daily {
            self.read_again();
        } else if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::info!("failed to remove {}: {error}", self.path.display());
        }
    }

    fn read_again(&mut self) {
        let text = std::fs::read_to_string(&self.path).ok();
        let line = text
            .as_deref()
            .and_then(|text| text.lines().next())
            .map(str::trim)
            .unwrap_or_default();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let new = if line.is_empty() {
            None
        } else {
            match parse(line, now) {
                Ok(moment) => Some(moment),
                Err(Wrong::Format) => {
                    tracing::info!("Reload time {line} format is incorrect - ignoring");
                    None
                }
                Err(Wrong::Value) => {
                    tracing::info!("Invalid reload time '{line}' specified - ignoring");
                    None
                }
                Err(Wrong::Past) => {
                    tracing::info!("Reload time {line} is in the past - ignoring");
                    None
                }
            }
        };
        match (&self.at, &new) {
            (None, Some(new)) => tracing::info!("Scheduling reload for {}", new.text),
            (Some(old), Some(new)) if old != new => {
                tracing::info!("Reload time updated from {} to {}", old.text, new.text);
            }
            (Some(old), None) => tracing::info!("Cancelling reload scheduled for {}", old.text),
            _ => {}
        }
        self.at = new;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Format,
    Value,
    Past,
}

/// `HH:MM:SS`, `YY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM:SS`, each perhaps with `Z`.
fn parse(line: &str, now: u64) -> Result<Moment, Wrong> {
    let (text, utc) = match line.strip_suffix('Z') {
        Some(text) => (text.trim_end(), true),
        None => (line, false),
    };
    let (date, time) = match text.split_once(' ') {
        Some((date, time)) => (Some(date), time.trim_start()),
        None => (None, text),
    };
    let [hour, minute, second] = numbers(time, ':')?;
    let mut when = Calendar::local(now);
    if utc {
        // The calendar day of UTC.
        when = Calendar::local(now.saturating_add_signed(-i64::from(when.offset)));
    }
    if let Some(date) = date {
        let [year, month, day] = numbers(date, '-')?;
        when.year = i32::from(year) + if year < 100 { 2_000 } else { 0 };
        (when.month, when.day) = (narrow(month)?, narrow(day)?);
    }
    (when.hour, when.minute, when.second) = (narrow(hour)?, narrow(minute)?, narrow(second)?);
    let epoch = if utc { when.utc_epoch() } else { when.local_epoch() }.ok_or(Wrong::Value)?;
    let daily = date.is_none();
    let epoch = match epoch {
        past if past <= now && daily => past + 86_400,
        past if past <= now => return Err(Wrong::Past),
        future => future,
    };
    Ok(Moment {
        epoch,
        text: line.to_owned(),
        daily,
    })
}

fn narrow(number: u16) -> Result<u8, Wrong> {
    u8::try_from(number).map_err(|_| Wrong::Value)
}

fn numbers(text: &str, separator: char) -> Result<[u16; 3], Wrong> {
    let mut parts = text.split(separator).map(|part| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits {
            part.parse().map_err(|_| Wrong::Format)
        } else {
            Err(Wrong::Format)
        }
    });
    let mut next = || parts.next().unwrap_or(Err(Wrong::Format));
    let all = [next()?, next()?, next()?];
    if parts.next().is_some() {
        Err(Wrong::Format)
    } else {
        Ok(all)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_216_268;

    #[test]
    fn forms_of_the_first_line() {
        let day = Calendar::local(NOW);
        let clock = format!("{:02}:{:02}:{:02}", day.hour, day.minute, day.second);
        let tomorrow = parse(&clock, NOW).unwrap();
        assert_eq!((tomorrow.epoch, tomorrow.daily), (NOW + 86_400, true));
        assert_eq!(parse("2026-11-20 23:11:18Z", NOW).unwrap().epoch, NOW + 10);
        assert_eq!(parse("26-11-20 23:11:18Z", NOW).unwrap().epoch, NOW + 10);
        assert_eq!(parse("23:11:18Z", NOW).unwrap().epoch, NOW + 10);
        assert_eq!(parse("2026-11-20 23:11:08Z", NOW), Err(Wrong::Past));
        for text in ["soon", "1:2", "1:2:3:4", "2026-11 10:00:00", "10:00:0x", ""] {
            assert_eq!(parse(text, NOW), Err(Wrong::Format), "{text}");
        }
        for text in [
            "24:00:00",
            "2026-13-01 10:00:00",
            "2026-00-01 10:00:00",
            "10:60:00",
            "999:00:00",
        ] {
            assert_eq!(parse(text, NOW), Err(Wrong::Value), "{text}");
        }
    }
}
