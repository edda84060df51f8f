//! Which programs run (`track_process`, vrrp.md 8.6): the kernel's process events, and a look at all of `/proc`.

use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;

use netlink_sys::{Socket, SocketAddr};
use rustix::net::RecvFlags;

use crate::mmsg::array;
use crate::netlink::{ReceiveBuffer, set_receive_buffer};
use crate::watched::Watched;

const NETLINK_CONNECTOR: isize = 11;
const CN_IDX_PROC: u32 = 1;
const CN_VAL_PROC: u32 = 1;
const PROC_CN_MCAST_LISTEN: u32 = 1;
/// `struct nlmsghdr` and `struct cn_msg`.
const HEADERS_LEN: usize = 16 + 20;
/// What, processor, time.
const EVENT_HEADER_LEN: usize = 16;
const DATAGRAMS_AT_ONCE: usize = 256;

// linux/cn_proc.h
const NONE: u32 = 0;
const FORK: u32 = 1;
const EXEC: u32 = 2;
const COMM: u32 = 0x200;
const EXIT: u32 = 0x8000_0000;

/// Something happened to a process; threads are not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A process made another one, which runs the same program.
    Forked {
        /// The old one.
        parent: i32,
        /// The new one.
        child: i32,
    },
    /// A process runs another program now.
    Executed {
        /// Which one.
        pid: i32,
    },
    /// A process changed its name: the first thread's, which is the one that counts.
    Renamed {
        /// Which one.
        pid: i32,
    },
    /// A process ended.
    Exited {
        /// Which one.
        pid: i32,
    },
    /// The kernel's answer to the subscription; another error than 0, or no answer at all (another PID namespace): nothing will be told.
    Subscribed {
        /// `errno`.
        error: i32,
    },
    /// The kernel dropped events because they were not read fast enough: [`scan`] again.
    Overrun,
}

/// Hears of all processes of the machine (`CONFIG_PROC_EVENTS`).
pub struct ProcessMonitor {
    socket: Watched,
    buffer: Box<[u8]>,
}

impl fmt::Debug for ProcessMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessMonitor").finish_non_exhaustive()
    }
}

impl ProcessMonitor {
    /// Subscribe. Must be called inside a Tokio runtime, in the initial network namespace, with `CAP_NET_ADMIN`.
    ///
    /// # Errors
    /// `ECONNREFUSED` in another network namespace, `EPERM` without the privilege, `EPROTONOSUPPORT` without the kernel option.
    pub fn open(receive_buffer: Option<ReceiveBuffer>) -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_CONNECTOR)?;
        if let Some(buffer) = receive_buffer {
            set_receive_buffer(&socket, buffer)?;
        }
        socket.bind(&SocketAddr::new(0, CN_IDX_PROC))?;
        socket.set_non_blocking(true)?;
        socket.send(&subscription(), 0)?;
        Ok(Self {
            socket: Watched::reader(crate::netlink::owned(socket))?,
            buffer: vec![0; 4_096].into(),
        })
    }

    /// Make the receive buffer larger, as after an overrun.
    ///
    /// # Errors
    /// What `setsockopt(2)` reports.
    pub fn set_receive_buffer(&self, buffer: ReceiveBuffer) -> io::Result<()> {
        set_receive_buffer(&self.socket, buffer)
    }

    /// Wait for events and append them to `events`, at least one. Cancel safe: usable as a branch of `select!`.
    ///
    /// # Errors
    /// What `recv(2)` reports, except overruns, which are [`Event::Overrun`].
    pub async fn next(&mut self, events: &mut Vec<Event>) -> io::Result<()> {
        let before = events.len();
        while events.len() == before {
            let buffer = &mut self.buffer;
            self.socket
                .drain(|socket| read_available(socket, buffer, events))
                .await?;
        }
        Ok(())
    }
}

/// `PROC_CN_MCAST_LISTEN` in a connector message in a netlink message.
fn subscription() -> Vec<u8> {
    let mut message = Vec::with_capacity(HEADERS_LEN + 4);
    let len = u32::try_from(HEADERS_LEN + 4).unwrap_or(0);
    message.extend_from_slice(&len.to_ne_bytes());
    message.extend_from_slice(&u16::try_from(libc::NLMSG_DONE).unwrap_or(0).to_ne_bytes());
    message.extend_from_slice(&[0; 10]);
    for number in [CN_IDX_PROC, CN_VAL_PROC, 0, 0] {
        message.extend_from_slice(&number.to_ne_bytes());
    }
    message.extend_from_slice(&4_u16.to_ne_bytes());
    message.extend_from_slice(&[0; 2]);
    message.extend_from_slice(&PROC_CN_MCAST_LISTEN.to_ne_bytes());
    message
}

/// Read what is there, within bounds; true when the socket is drained.
fn read_available(socket: BorrowedFd<'_>, buffer: &mut [u8], events: &mut Vec<Event>) -> io::Result<bool> {
    for _ in 0..DATAGRAMS_AT_ONCE {
        match rustix::net::recv(socket, &mut *buffer, RecvFlags::empty()) {
            Ok((len, _)) => events.extend(buffer.get(HEADERS_LEN..len).and_then(parse)),
            Err(rustix::io::Errno::NOBUFS) => events.push(Event::Overrun),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// `struct proc_event`: its parts begin with thread and process, and only the first thread of a process counts.
fn parse(event: &[u8]) -> Option<Event> {
    let what = u32::from_ne_bytes(array(event, 0)?);
    let number = |at: usize| array(event, EVENT_HEADER_LEN + 4 * at).map(i32::from_ne_bytes);
    let process = |at: usize| (number(at)? == number(at + 1)?).then(|| number(at))?;
    match what {
        NONE => Some(Event::Subscribed { error: number(0)? }),
        FORK => Some(Event::Forked {
            parent: number(1)?,
            child: process(2)?,
        }),
        EXEC => Some(Event::Executed { pid: process(0)? }),
        COMM => Some(Event::Renamed { pid: process(0)? }),
        EXIT => Some(Event::Exited { pid: process(0)? }),
        _ => None,
    }
}

/// A process that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// Its name, at most 15 octets (`/proc/PID/comm`).
    pub name: Vec<u8>,
    /// Its arguments, each ended by a zero octet; empty for the kernel's own threads (`/proc/PID/cmdline`).
    pub command_line: Vec<u8>,
}

/// Look at one process; `None` when it is gone, or a zombie, which has no arguments and no program any more.
#[must_use]
pub fn look(pid: i32) -> Option<Process> {
    let mut name = std::fs::read(format!("/proc/{pid}/comm")).ok()?;
    if name.last() == Some(&b'\n') {
        name.pop();
    }
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may itself contain some; the state comes behind the last.
    let state = stat
        .iter()
        .rposition(|&byte| byte == b')')
        .and_then(|at| stat.get(at + 2));
    if matches!(state, Some(b'Z' | b'X')) {
        return None;
    }
    let command_line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(Process {
        pid,
        name,
        command_line,
    })
}

/// The ids of all processes that `/proc` shows.
///
/// # Errors
/// When `/proc` cannot be read.
pub(crate) fn ids() -> io::Result<impl Iterator<Item = i32>> {
    let entries = std::fs::read_dir("/proc")?.flatten();
    Ok(entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()))
}

/// Look at all processes. Takes some milliseconds on a busy machine: not for an election's thread.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn scan() -> io::Result<Vec<Process>> {
    Ok(ids()?.filter_map(look).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::process::Command;

    #[test]
    fn the_scan_finds_us_and_forgets_who_ended() {
        let own = i32::try_from(std::process::id()).unwrap();
        let found = scan().unwrap();
        let us = found.iter().find(|process| process.pid == own).unwrap();
        let first = std::env::args().next().unwrap();
        assert!(us.command_line.starts_with(format!("{first}\0").as_bytes()));
        assert!(!us.name.is_empty() && us.name.len() <= 15);
        let mut child = Command::new("/bin/sleep").arg("60").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        // The kernel lets us go on before the arguments are in place.
        while look(pid).unwrap().command_line.is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(look(pid).unwrap().command_line, b"/bin/sleep\x0060\0");
        child.kill().unwrap();
        while look(pid).is_some() {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert_eq!(look(pid), None);
    }

    #[test]
    fn the_monitor_tells_fork_exec_and_exit() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let buffer = ReceiveBuffer {
                bytes: 1 << 20,
                force: true,
            };
            let mut monitor = match ProcessMonitor::open(Some(buffer)) {
                Ok(monitor) => monitor,
                Err(error) => {
                    println!("SKIP: process events: {error}");
                    return;
                }
            };
            let mut child = Command::new("/bin/sh")
                .args(["-c", "exec /bin/sleep 0.05"])
                .spawn()
                .unwrap();
            let pid = i32::try_from(child.id()).unwrap();
            let mut events = Vec::new();
            let wait = std::time::Duration::from_secs(5);
            while !events.contains(&Event::Exited { pid }) {
                assert!(!events.iter().any(|e| matches!(e, Event::Subscribed { error: 1.. })));
                if tokio::time::timeout(wait, monitor.next(&mut events)).await.is_err() {
                    println!("SKIP: this kernel or namespace tells no process events");
                    child.wait().unwrap();
                    return;
                }
            }
            child.wait().unwrap();
            assert_eq!(events.first(), Some(&Event::Subscribed { error: 0 }));
            let own = i32::try_from(std::process::id()).unwrap();
            let at = |event| events.iter().position(|&known| known == event).unwrap_or(usize::MAX);
            assert!(
                at(Event::Forked {
                    parent: own,
                    child: pid
                }) < at(Event::Executed { pid }),
                "{events:?}"
            );
            let executed = events.iter().filter(|&&event| event == Event::Executed { pid }).count();
            assert_eq!(executed, 2, "{events:?}");
            assert!(at(Event::Executed { pid }) < at(Event::Exited { pid }));
        });
    }

    #[test]
    fn events_that_are_cut_short_are_nothing() {
        let mut event = vec![0; EVENT_HEADER_LEN + 16];
        event[..4].copy_from_slice(&FORK.to_ne_bytes());
        event[EVENT_HEADER_LEN + 8..].copy_from_slice(&[7, 0, 0, 0, 7, 0, 0, 0]);
        assert_eq!(parse(&event), Some(Event::Forked { parent: 0, child: 7 }));
        for len in 0..event.len() {
            assert_eq!(parse(&event[..len]), None);
        }
        event[EVENT_HEADER_LEN + 8] = 8;
        assert_eq!(parse(&event), None, "a thread");
    }
}
