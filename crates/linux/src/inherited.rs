//! Descriptors that came from the process before us.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Takes over descriptor `number`, which the parent left open for us, and makes it close-on-exec.
///
/// # Errors
/// When it is not open, or is one of the three standard streams.
pub fn take(number: RawFd) -> io::Result<OwnedFd> {
    if number <= 2 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a standard stream is no inherited descriptor",
        ));
    }
    // SAFETY: fcntl on any number is harmless; it fails with EBADF when nothing is open there.
    if unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open (just checked) and was left for us by the parent, which announced its number; the
    // caller asks once, at start-up, before anything else of this process could own that number.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// The number that the C library gives to `SIGRTMIN + n`: it keeps the first real-time signals for itself.
#[must_use]
pub fn real_time_signal(n: i32) -> i32 {
    libc::SIGRTMIN() + n
}

/// The number of `SIGRTMAX`.
#[must_use]
pub fn last_real_time_signal() -> i32 {
    libc::SIGRTMAX()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::{AsRawFd, IntoRawFd};

    #[test]
    fn takes_what_is_open_and_refuses_the_rest() {
        let (ours, other) = std::os::unix::net::UnixStream::pair().expect("pair");
        let number = other.into_raw_fd();
        let taken = take(number).expect("take");
        assert_eq!(taken.as_raw_fd(), number);
        assert!(take(1).is_err());
        assert!(take(100_000).is_err());
        drop((ours, taken));
    }
}
