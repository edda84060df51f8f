//! The syslog socket: one datagram a line, never waiting, counting what is lost (RFC 3164 form, as `syslog(3)` writes it).

use std::io;
use std::io::Write as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use keepalived_model::time::{Instant, Micros};

use crate::local_time::Calendar;
use crate::timer::now;

/// Where the C library's `syslog(3)` sends to.
const DEVICE: &str = "/dev/log";
/// Longer lines are cut; the receiver would do it otherwise.
const LINE_LEN: usize = 8_192;
/// A receiver that is gone is looked for again after this time.
const RECONNECT: Micros = Micros::from_secs(1);

/// The severity of a line (`syslog(3)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are those of syslog(3)")]
pub enum Severity {
    Emergency = 0,
    Alert = 1,
    Critical = 2,
    Error = 3,
    Warning = 4,
    Notice = 5,
    Info = 6,
    Debug = 7,
}

/// The facility of a program (`syslog(3)`): the number before it is shifted, 3 for daemon, 16 to 23 for local0 to local7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facility(u8);

impl Facility {
    /// User programs; what keepalived uses before its log is opened.
    pub const USER: Self = Self(1);
    /// System daemons, the default.
    pub const DAEMON: Self = Self(3);

    /// `local0` to `local7` (`-S`, `--log-facility`); `None` above 7.
    #[must_use]
    pub const fn local(number: u8) -> Option<Self> {
        if number <= 7 { Some(Self(16 + number)) } else { None }
    }
}

/// A writer of syslog lines.
#[derive(Debug)]
pub struct Syslog {
    path: PathBuf,
    socket: Option<UnixDatagram>,
    facility: Facility,
    ident: String,
    dropped: u64,
    not_before: Instant,
    line: Vec<u8>,
}

impl Syslog {
    /// A writer to `/dev/log` under the name `ident`; the process id is added. A receiver that is not there yet is found later.
    #[must_use]
    pub fn new(ident: &str, facility: Facility) -> Self {
        Self::at(Path::new(DEVICE), ident, facility)
    }

    /// A writer to another socket.
    #[must_use]
    pub fn at(path: &Path, ident: &str, facility: Facility) -> Self {
        Self {
            path: path.to_owned(),
            socket: None,
            facility,
            ident: ident.to_owned(),
            dropped: 0,
            not_before: Instant::default(),
            line: Vec::with_capacity(256),
        }
    }

    /// Write another name from now on (`Changing syslog ident to ...`).
    pub fn set_ident(&mut self, ident: &str) {
        ident.clone_into(&mut self.ident);
    }

    /// Lines that were lost because nobody took them fast enough, or nobody was there.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Write one line. Never waits: what the receiver does not take at once is counted in [`Syslog::dropped`].
    pub fn write(&mut self, severity: Severity, message: &str) {
        let time = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        self.compose(severity, message, time);
        if self.send().is_err() {
            self.dropped += 1;
        }
    }

    /// `<PRI>Mmm dd hh:mm:ss ident[pid]: message`, with control characters that would break the line made harmless.
    fn compose(&mut self, severity: Severity, message: &str, time: u64) {
        self.line.clear();
        let priority = self.facility.0 * 8 + severity as u8;
        let stamp = stamp(time);
        // Writing to a vector cannot fail.
        let _ = write!(
            self.line,
            "<{priority}>{stamp} {}[{}]: ",
            self.ident,
            std::process::id()
        );
        let room = LINE_LEN.saturating_sub(self.line.len());
        let text = &message[..message.floor_char_boundary_at(room)];
        self.line.extend(text.bytes().map(|byte| {
            if byte.is_ascii_control() && byte != b'\t' {
                b' '
            } else {
                byte
            }
        }));
    }

    fn send(&mut self) -> io::Result<()> {
        self.connect()?;
        match self.send_line() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                // The receiver was started anew: its socket is another one now.
                self.socket = None;
                self.connect()?;
                self.send_line()
            }
            result => result,
        }
    }

    fn send_line(&self) -> io::Result<()> {
        let socket = self.socket.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        socket.send(&self.line).map(drop)
    }

    fn connect(&mut self) -> io::Result<()> {
        if self.socket.is_some() {
            return Ok(());
        }
        if now() < self.not_before {
            return Err(io::ErrorKind::NotConnected.into());
        }
        self.not_before = now() + RECONNECT;
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.connect(&self.path)?;
        self.socket = Some(socket);
        self.not_before = Instant::default();
        Ok(())
    }
}

/// The longest prefix of whole characters that is no longer than a length.
trait FloorCharBoundary {
    fn floor_char_boundary_at(&self, len: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_at(&self, len: usize) -> usize {
        if len >= self.len() {
            return self.len();
        }
        (0..=len).rev().find(|&at| self.is_char_boundary(at)).unwrap_or(0)
    }
}

/// `Mmm dd hh:mm:ss` in local time, the day padded with a space (RFC 3164 section 4.1.2).
fn stamp(seconds: u64) -> String {
    let time = Calendar::local(seconds);
    let (month, day) = (time.month_name(), time.day);
    format!(
        "{month} {day:>2} {:02}:{:02}:{:02}",
        time.hour, time.minute, time.second
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_line_has_the_form_of_syslog() {
        let dir = tempfile::tempdir().unwrap();
        let receiver = UnixDatagram::bind(dir.path().join("log")).unwrap();
        let mut log = Syslog::at(&dir.path().join("log"), "Keepalived_vrrp", Facility::DAEMON);
        log.write(Severity::Info, "(VI_1) Entering MASTER STATE\nforged line");
        log.set_ident("Keepalived_vrrp_NS");
        log.write(Severity::Alert, "x");
        let mut buffer = [0; 9000];
        let len = receiver.recv(&mut buffer).unwrap();
        let line = std::str::from_utf8(&buffer[..len]).unwrap();
        let pid = std::process::id();
        assert!(line.starts_with("<30>"), "{line}");
        assert!(
            line.ends_with(&format!(
                " Keepalived_vrrp[{pid}]: (VI_1) Entering MASTER STATE forged line"
            )),
            "{line}"
        );
        assert_eq!(line.as_bytes()[4 + 3 + 1 + 2 + 1 + 2], b':', "{line}");
        let len = receiver.recv(&mut buffer).unwrap();
        let line = std::str::from_utf8(&buffer[..len]).unwrap();
        assert!(
            line.starts_with("<25>") && line.ends_with(&format!(" Keepalived_vrrp_NS[{pid}]: x")),
            "{line}"
        );
        log.write(Severity::Info, &"ä".repeat(20_000));
        let len = receiver.recv(&mut buffer).unwrap();
        assert!(len <= LINE_LEN && std::str::from_utf8(&buffer[..len]).is_ok());
        assert_eq!(log.dropped(), 0);
    }

    #[test]
    fn a_receiver_that_sleeps_or_is_gone_costs_lines_and_no_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = Syslog::at(&path, "test", Facility::local(0).unwrap());
        log.write(Severity::Info, "nobody is there");
        assert_eq!(log.dropped(), 1);
        log.not_before = Instant::default();
        let receiver = UnixDatagram::bind(&path).unwrap();
        let begin = now();
        for _ in 0..10_000 {
            log.write(Severity::Info, "nobody reads");
        }
        assert!(log.dropped() > 5_000, "{}", log.dropped());
        assert!(now().since(begin) < Micros::from_secs(5));
        drop(receiver);
        std::fs::remove_file(&path).unwrap();
        log.write(Severity::Info, "gone");
        let receiver = UnixDatagram::bind(&path).unwrap();
        log.not_before = Instant::default();
        log.write(Severity::Info, "back");
        let mut buffer = [0; 100];
        let len = receiver.recv(&mut buffer).unwrap();
        assert!(buffer[..len].ends_with(b"]: back"));
        assert_eq!(Facility::local(8), None);
    }
}
