//! Running this program again in another role, joined by a socket (the supervisor's workers).

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus};

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid};

use crate::watched::Watched;

/// A joined pair of Unix sockets that close themselves on exec; `SOCK_SEQPACKET` keeps message boundaries.
///
/// # Errors
/// What `socketpair(2)` reports.
pub fn socket_pair(packets: bool) -> io::Result<(OwnedFd, OwnedFd)> {
    let kind = if packets {
        SocketType::SEQPACKET
    } else {
        SocketType::STREAM
    };
    Ok(socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?)
}

/// How this program is to be run again.
#[derive(Debug)]
pub struct Respawn {
    command: Command,
    inherited: Vec<OwnedFd>,
}

impl Respawn {
    /// Run `/proc/self/exe`, which is this very program even after an upgrade replaced the file, with the same arguments.
    #[must_use]
    pub fn new() -> Self {
        let mut arguments = std::env::args_os();
        let mut command = Command::new("/proc/self/exe");
        if let Some(name) = arguments.next() {
            command.arg0(name);
        }
        command.args(arguments);
        Self {
            command,
            inherited: Vec::new(),
        }
    }

    /// Run it with other arguments, the first of which is the program's name.
    #[must_use]
    pub fn with_arguments<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> Self {
        let mut arguments = arguments.into_iter();
        let mut command = Command::new("/proc/self/exe");
        if let Some(name) = arguments.next() {
            command.arg0(name);
        }
        command.args(arguments);
        Self {
            command,
            inherited: Vec::new(),
        }
    }

    /// Set an environment variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Leave an environment variable out.
    #[must_use]
    pub fn without_variable(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Let it inherit `fd`, whose number it finds in the environment variable `name`: see [`take_inherited`].
    #[must_use]
    pub fn inherit(mut self, name: &str, fd: OwnedFd) -> Self {
        self.command.env(name, fd.as_raw_fd().to_string());
        self.inherited.push(fd);
        self
    }

    /// Start it. It gets SIGTERM when the calling thread ends, no blocked signals, and of our descriptors the standard streams
    /// and the inherited ones. The inherited ones are closed here.
    ///
    /// # Errors
    /// What `fork(2)`, `execve(2)` or `pidfd_open(2)` reports.
    pub fn spawn(mut self) -> io::Result<Worker> {
        let numbers: Vec<RawFd> = self.inherited.iter().map(|fd| fd.as_raw_fd()).collect();
        let parent = std::process::id();
        // SAFETY: the closure runs in the forked child; it only makes system calls on numbers that were prepared here, and
        // neither allocates nor locks. The descriptors are open: `self` owns them until after the fork.
        unsafe {
            self.command.pre_exec(move || in_child(&numbers, parent));
        }
        let child = self.command.spawn()?;
        Worker::new(child.id())
    }
}

impl Default for Respawn {
    fn default() -> Self {
        Self::new()
    }
}

/// Before the exec: die with the parent, keep the inherited descriptors.
fn in_child(inherited: &[RawFd], parent: u32) -> io::Result<()> {
    super::set_parent_death_signal(libc::SIGTERM)?;
    // SAFETY: no memory is involved.
    let present = unsafe { libc::getppid() };
    if u32::try_from(present) != Ok(parent) {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    for &fd in inherited {
        // SAFETY: open descriptors, inherited by the fork; nothing is closed here.
        super::check(unsafe { libc::fcntl(fd, libc::F_SETFD, 0) })?;
    }
    Ok(())
}

/// The descriptor whose number the environment variable `name` tells, from [`Respawn::inherit`]; `None` without the variable.
///
/// # Errors
/// As [`crate::inherited::take`], or when the variable is no number.
pub fn take_inherited(name: &str) -> io::Result<Option<OwnedFd>> {
    let Some(value) = std::env::var_os(name) else {
        return Ok(None);
    };
    let number: RawFd = value.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{name} is no number of a descriptor"),
        )
    })?;
    crate::inherited::take(number).map(Some)
}

/// A process that we started and that is waited for.
#[derive(Debug)]
pub struct Worker {
    pid: i32,
    pidfd: Watched,
}

impl Worker {
    fn new(pid: u32) -> io::Result<Self> {
        let pid = i32::try_from(pid)
            .ok()
            .and_then(Pid::from_raw)
            .ok_or(io::ErrorKind::InvalidInput)?;
        // The child is ours and not waited for: its number cannot belong to another process.
        let pidfd = pidfd_open(pid, PidfdFlags::NONBLOCK)?;
        Ok(Self {
            pid: pid.as_raw_nonzero().get(),
            pidfd: Watched::reader(pidfd)?,
        })
    }

    /// Its process id.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.pid
    }

    /// Send it a signal, real-time ones included; one that has ended is not signalled, whoever has its number now.
    ///
    /// # Errors
    /// `ESRCH` when it has ended and was waited for, `EPERM` when it changed its user.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        match Signal::from_named_raw(signal) {
            Some(signal) => Ok(pidfd_send_signal(&self.pidfd, signal)?),
            // rustix has no names for real-time signals.
            None => send_raw(self.pidfd.as_fd(), signal),
        }
    }

    /// Wait for its end. Cancel safe: usable as a branch of `select!`.
    ///
    /// # Errors
    /// `ECHILD` when somebody else took its exit status.
    pub async fn ended(&self) -> io::Result<ExitStatus> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        let status = self
            .pidfd
            .read(|fd| waitid(WaitId::PidFd(fd), options)?.ok_or_else(|| io::ErrorKind::WouldBlock.into()))
            .await?;
        Ok(super::exit_status(&status))
    }
}

fn send_raw(pidfd: BorrowedFd<'_>, signal: i32) -> io::Result<()> {
    // SAFETY: the descriptor is open; a null pointer stands for the default signal information.
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            std::ptr::null::<u8>(),
            0,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
