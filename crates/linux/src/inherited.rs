//! Descriptors that came from the process before us.

use std::io;
use std::os::fd::{BorrowedFd, FromRawFd as _, OwnedFd, RawFd};

use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};

/// Takes over descriptor `number`, which the parent left open for us, and makes it close-on-exec.
///
/// # Errors
/// When it is not open, is one of the three standard streams, or closes itself on exec: such a one was opened by this very
/// process, or was taken already, and belongs to somebody.
pub fn take(number: RawFd) -> io::Result<OwnedFd> {
    let refused = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, format!("descriptor {number} {what}"));
    if number <= 2 {
        return Err(refused("is a standard stream"));
    }
    // SAFETY: only borrowed for asking and setting its flags; a number that is not open gives an error.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    if fcntl_getfd(fd)?.contains(FdFlags::CLOEXEC) {
        return Err(refused("was not inherited"));
    }
    fcntl_setfd(fd, FdFlags::CLOEXEC)?;
    // SAFETY: everything that this program opens is close-on-exec, so this descriptor came from outside and has no owner yet;
    // from now on it is marked as ours, and a second call is refused above.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::{AsRawFd as _, IntoRawFd as _};

    #[test]
    fn takes_what_is_open_and_refuses_the_rest() {
        let (ours, other) = std::os::unix::net::UnixStream::pair().expect("pair");
        assert!(take(other.as_raw_fd()).is_err(), "it is ours and has an owner");
        rustix::io::fcntl_setfd(&other, FdFlags::empty()).expect("flags");
        let number = other.into_raw_fd();
        let taken = take(number).expect("take");
        assert_eq!(taken.as_raw_fd(), number);
        assert!(take(number).is_err(), "taken already");
        assert!(take(1).is_err());
        assert!(take(100_000).is_err());
        drop((ours, taken));
    }
}
