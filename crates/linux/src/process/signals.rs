//! Signals as one stream, real-time ones included (`signalfd(2)`).

use std::io;
use std::mem::zeroed;
use std::os::fd::{FromRawFd as _, OwnedFd};

use crate::mmsg::array;
use crate::watched::Watched;

/// Length of `struct signalfd_siginfo`.
const INFO_LEN: usize = 128;

/// Signals that arrive here instead of interrupting anything.
#[derive(Debug)]
pub struct Signals {
    fd: Watched,
}

/// A signal and who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The signal's number.
    pub signal: i32,
    /// The process that sent it; 0 for the kernel.
    pub sender: i32,
}

/// The n-th real-time signal, counted up from the first that the C library leaves to us: `SIGRTMIN+n`.
#[must_use]
pub fn real_time(n: i32) -> i32 {
    libc::SIGRTMIN() + n
}

/// The n-th real-time signal, counted down from the last: `SIGRTMAX-n`.
#[must_use]
pub fn real_time_from_last(n: i32) -> i32 {
    libc::SIGRTMAX() - n
}

impl Signals {
    /// Receive these signals here. They are blocked for the calling thread and those it makes later, so this comes before any
    /// other thread; scripts and workers start with none blocked. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// What `signalfd(2)` reports; `EINVAL` for a number that is no signal.
    pub fn receive(signals: &[i32]) -> io::Result<Self> {
        // SAFETY: the sets are plain C structures of ours and alive during the calls; on success the kernel gives a new
        // descriptor, which nobody else knows.
        let fd = unsafe {
            let mut set: libc::sigset_t = zeroed();
            libc::sigemptyset(&raw mut set);
            for &signal in signals {
                super::check(libc::sigaddset(&raw mut set, signal))?;
            }
            let error = libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
            if error != 0 {
                return Err(io::Error::from_raw_os_error(error));
            }
            let fd = libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK);
            super::check(fd)?;
            OwnedFd::from_raw_fd(fd)
        };
        Ok(Self {
            fd: Watched::reader(fd)?,
        })
    }

    /// Wait for the next signal; the same signal sent twice before it is read may arrive once, except real-time ones.
    /// Cancel safe: usable as a branch of `select!`.
    ///
    /// # Errors
    /// What `read(2)` reports.
    pub async fn next(&self) -> io::Result<Received> {
        let mut info = [0_u8; INFO_LEN];
        self.fd.read(|fd| Ok(rustix::io::read(fd, &mut info)?)).await?;
        // ssi_signo, ssi_errno, ssi_code, ssi_pid
        let number = |at| array(&info, at).map_or(0, i32::from_ne_bytes);
        Ok(Received {
            signal: number(0),
            sender: number(12),
        })
    }
}

/// Ignore a signal, as the daemon does with SIGPIPE, or give it its default meaning back.
///
/// # Errors
/// `EINVAL` for KILL, STOP and what is no signal.
pub fn set_ignored(signal: i32, ignored: bool) -> io::Result<()> {
    let handler = if ignored { libc::SIG_IGN } else { libc::SIG_DFL };
    // SAFETY: neither disposition is code of ours.
    let former = unsafe { libc::signal(signal, handler) };
    if former == libc::SIG_ERR {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
