//! A file descriptor that Tokio's event loop watches.
//!
//! Tokio's own registration is `unsafe` because the descriptor must stay the same one while it is watched; here it is
//! owned and cannot be exchanged, so every other room can use it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// An owned, watched file descriptor. It should be non-blocking.
#[derive(Debug)]
pub struct Watched(AsyncFd<OwnedFd>);

impl Watched {
    /// Watch `fd` for reading. Must be called inside a Tokio runtime with I/O enabled.
    ///
    /// # Errors
    /// What `epoll_ctl(2)` reports: `EPERM` for regular files.
    pub fn reader(fd: OwnedFd) -> io::Result<Self> {
        Self::new(fd, Interest::READABLE)
    }

    /// Watch `fd` for reading and writing.
    ///
    /// # Errors
    /// As [`Watched::reader`].
    pub fn both(fd: OwnedFd) -> io::Result<Self> {
        Self::new(fd, Interest::READABLE | Interest::WRITABLE)
    }

    fn new(fd: OwnedFd, interest: Interest) -> io::Result<Self> {
        // SAFETY: an `OwnedFd` always answers with the same open descriptor, the `AsyncFd` owns it, and this type never
        // hands out a mutable reference to it.
        Ok(Self(unsafe { AsyncFd::register_with_interest(fd, interest) }?))
    }

    /// Wait until `operation` does not answer `WouldBlock`, trying it at once and whenever the descriptor is readable.
    ///
    /// Cancel safe when `operation` is one system call.
    ///
    /// # Errors
    /// What `operation` or the event loop reports.
    pub async fn read<R>(&self, mut operation: impl FnMut(BorrowedFd<'_>) -> io::Result<R>) -> io::Result<R> {
        self.0.async_io(Interest::READABLE, |fd| operation(fd.as_fd())).await
    }

    /// As [`Watched::read`], for writing.
    ///
    /// # Errors
    /// As [`Watched::read`].
    pub async fn write<R>(&self, mut operation: impl FnMut(BorrowedFd<'_>) -> io::Result<R>) -> io::Result<R> {
        self.0.async_io(Interest::WRITABLE, |fd| operation(fd.as_fd())).await
    }

    /// Wait until the descriptor is readable, then let `operation` read until it answers true for "drained".
    ///
    /// # Errors
    /// As [`Watched::read`].
    pub(crate) async fn drain(&self, operation: impl FnOnce(BorrowedFd<'_>) -> io::Result<bool>) -> io::Result<()> {
        let mut guard = self.0.readable().await?;
        if operation(guard.get_inner().as_fd())? {
            guard.clear_ready();
        }
        Ok(())
    }
}

impl AsFd for Watched {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.get_ref().as_fd()
    }
}
