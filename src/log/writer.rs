//! The thread that writes lines.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use keepalived_linux::{
    local_time::Calendar,
    syslog::{Facility, Severity, Syslog},
};

use super::{Settings, journal::Journal, line::Line};

/// Lines that may wait for the writer.
const QUEUE_LINES: usize = 8_192;

enum Job {
    Line(Line),
    Ident(String),
    Flush(std::sync::mpsc::Sender<()>),
}

/// The way to the writing thread.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    jobs: SyncSender<Job>,
    lost: Arc<AtomicU64>,
}

impl Writer {
    pub(super) fn start(settings: Settings) -> io::Result<Self> {
        let (jobs, work) = sync_channel(QUEUE_LINES);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = Self {
            jobs,
            lost: Arc::clone(&lost),
        };
        std::thread::Builder::new()
            .name("log".into())
            .spawn(move || Sinks::open(settings).run(&work, &lost))?;
        Ok(writer)
    }

    /// Never waits.
    pub(super) fn write(&self, line: Line) {
        if let Err(TrySendError::Full(_)) = self.jobs.try_send(Job::Line(line)) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn set_ident(&self, ident: &str) {
        let _full = self.jobs.try_send(Job::Ident(ident.to_owned()));
    }

    pub(super) fn flush(&self, longest: Duration) {
        let (done, wait) = channel();
        if self.jobs.try_send(Job::Flush(done)).is_ok() {
            let _late = wait.recv_timeout(longest);
        }
    }
}

struct Sinks {
    ident: String,
    facility: u8,
    journal: Option<Journal>,
    syslog: Option<Syslog>,
    console: bool,
    file: Option<BufWriter<File>>,
    flush_file: bool,
}

impl Sinks {
    fn open(settings: Settings) -> Self {
        let journal = if settings.syslog { Journal::open() } else { None };
        let syslog =
            (settings.syslog && journal.is_none()).then(|| Syslog::new(&settings.ident, facility(settings.facility)));
        let file = settings.file.as_ref().and_then(|path| {
            let opened = File::options().append(true).create(true).open(path);
            if let Err(error) = &opened {
                eprintln!("keepalived: failed to open log file {}: {error}", path.display());
            }
            opened.ok().map(BufWriter::new)
        });
        Self {
            ident: settings.ident,
            facility: settings.facility,
            journal,
            syslog,
            console: settings.console,
            file,
            flush_file: settings.flush_file,
        }
    }

    fn run(mut self, work: &Receiver<Job>, lost: &AtomicU64) {
        loop {
            match work.recv_timeout(Duration::from_secs(1)) {
                Ok(Job::Line(line)) => self.write(&line),
                Ok(Job::Ident(ident)) => {
                    if let Some(syslog) = &mut self.syslog {
                        syslog.set_ident(&ident);
                    }
                    self.ident = ident;
                }
                Ok(Job::Flush(done)) => {
                    self.flush();
                    let _nobody_waits = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => self.flush(),
                Err(RecvTimeoutError::Disconnected) => return self.flush(),
            }
            let missing = lost.swap(0, Ordering::Relaxed);
            if missing > 0 {
                self.write(&Line {
                    time: SystemTime::now(),
                    severity: Severity::Warning,
                    message: format!("{missing} log lines were lost because they came too fast"),
                    fields: Vec::new(),
                });
            }
        }
    }

    fn write(&mut self, line: &Line) {
        if let Some(journal) = &mut self.journal {
            // A journal that does not take it at once loses it: the log never holds up anything.
            let _lost = journal.write(line, &self.ident, self.facility);
        }
        if let Some(syslog) = &mut self.syslog {
            syslog.write(line.severity, &line.message);
        }
        if !self.console && self.file.is_none() {
            return;
        }
        let since = line.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = Calendar::local(since.as_secs());
        if self.console {
            put(&mut io::stderr(), &stamp(&at, ""), &line.message);
        }
        if let Some(file) = &mut self.file {
            let nanos = format!(".{:09}", since.subsec_nanos());
            let written = writeln!(file, "{}: {}", stamp(&at, &nanos), line.message);
            if written.is_ok() && self.flush_file {
                let _full = file.flush();
            }
        }
    }

    fn flush(&mut self) {
        if let Some(file) = &mut self.file {
            let _full = file.flush();
        }
    }
}

/// A line in one piece: the processes share the console, and a line of one must not stand within that of another.
fn put(console: &mut impl Write, stamp: &str, message: &str) {
    let _closed = console.write_all(format!("{stamp}: {message}\n").as_bytes());
}

fn facility(code: u8) -> Facility {
    match code {
        1 => Facility::USER,
        16.. => Facility::local(code - 16).unwrap_or(Facility::DAEMON),
        _ => Facility::DAEMON,
    }
}

/// `Fri Nov 20 23:11:08 2026`, as `ctime(3)` writes it.
fn stamp(at: &Calendar, fraction: &str) -> String {
    format!(
        "{} {} {:>2} {:02}:{:02}:{:02}{fraction} {}",
        at.weekday_name(),
        at.month_name(),
        at.day,
        at.hour,
        at.minute,
        at.second,
        at.year
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn lines_reach_the_file_in_order_with_their_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.log");
        let settings = Settings {
            file: Some(path.clone()),
            ..Settings::default()
        };
        let writer = Writer::start(settings).unwrap();
        for n in 0..100 {
            writer.write(Line {
                time: UNIX_EPOCH + Duration::from_nanos(1_795_216_268_000_000_042),
                severity: Severity::Info,
                message: format!("line {n}"),
                fields: Vec::new(),
            });
        }
        writer.flush(Duration::from_secs(5));
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 100);
        assert!(
            text.lines().nth(41).unwrap().ends_with(".000000042 2026: line 41"),
            "{text}"
        );
    }

    /// Every write, as the kernel would see it.
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.push(octets.to_vec());
            Ok(octets.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_on_the_console_is_one_write() {
        let mut console = Writes(Vec::new());
        put(&mut console, "Fri Nov 20 23:11:08 2026", "(V1) Entering MASTER STATE");
        assert_eq!(console.0, [b"Fri Nov 20 23:11:08 2026: (V1) Entering MASTER STATE\n"]);
    }

    #[test]
    fn a_writer_that_does_not_come_along_loses_lines_and_says_so() {
        let (jobs, work) = sync_channel(2);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            jobs,
            lost: Arc::clone(&lost),
        };
        for n in 0..5 {
            writer.write(Line {
                time: UNIX_EPOCH,
                severity: Severity::Info,
                message: n.to_string(),
                fields: Vec::new(),
            });
        }
        assert_eq!(lost.load(Ordering::Relaxed), 3);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.log");
        let sinks = Sinks::open(Settings {
            file: Some(path.clone()),
            ..Settings::default()
        });
        drop(writer);
        sinks.run(&work, &lost);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("3 log lines were lost"), "{text}");
    }
}
