//! A notification FIFO of the test's own making, with the time at which each line was read.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::stat::Mode;

use crate::daemon::until;
use crate::lab::capture::Stamp;
use crate::outcome::{Stop, Verdict};

/// A FIFO and the thread that reads it.
#[derive(Debug)]
pub struct Fifo {
    path: PathBuf,
    lines: Arc<Mutex<Vec<(Stamp, String)>>>,
    stop: Arc<AtomicBool>,
}

impl Fifo {
    /// Makes the FIFO (mode 0600) and starts to read it.
    pub fn make(path: &Path) -> Verdict<Self> {
        nix::unistd::mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?;
        // Opened for writing too: no end of file when the daemon closes its side.
        let file = File::options()
            .read(true)
            .write(true)
            .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
            .open(path)?;
        let fifo = Self {
            path: path.to_owned(),
            lines: Arc::default(),
            stop: Arc::default(),
        };
        let (lines, stop) = (Arc::clone(&fifo.lines), Arc::clone(&fifo.stop));
        std::thread::Builder::new()
            .name("fifo".to_owned())
            .spawn(move || read_lines(file, &lines, &stop))?;
        Ok(fifo)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<(Stamp, String)> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The text of all lines so far.
    pub fn texts(&self) -> Vec<String> {
        self.lines().into_iter().map(|(_, text)| text).collect()
    }

    /// Waits for a line that was read at or after `since`.
    pub fn wait(&self, line: &str, since: Stamp, limit: f64) -> Verdict<Stamp> {
        let mut found = None;
        until(limit, || {
            found = self.lines().into_iter().find(|(at, text)| *at >= since && text == line);
            found.is_some()
        });
        let missing = || {
            Stop::Fail(format!(
                "no line {line:?} within {limit} s; all lines: {:?}",
                self.texts()
            ))
        };
        found.map(|(at, _)| at).ok_or_else(missing)
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn read_lines(mut file: File, lines: &Mutex<Vec<(Stamp, String)>>, stop: &AtomicBool) {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    let mut rest = Vec::new();
    let mut buffer = [0u8; 4096];
    while !stop.load(Ordering::Relaxed) {
        let ready = poll(
            &mut [PollFd::new(file.as_fd(), PollFlags::POLLIN)],
            PollTimeout::from(200u8),
        );
        if !matches!(ready, Ok(1..)) {
            continue;
        }
        let Ok(length) = file.read(&mut buffer) else { continue };
        let at = Stamp::now();
        rest.extend_from_slice(&buffer[..length]);
        while let Some(end) = rest.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            let text = String::from_utf8_lossy(&line[..end]).trim_matches('\0').to_owned();
            lines.lock().unwrap_or_else(PoisonError::into_inner).push((at, text));
        }
    }
}
