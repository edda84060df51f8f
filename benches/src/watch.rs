//! When the kernel of a namespace got its addresses and lost them.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::lab::namespace::Namespace;
use keepalived_compliance::outcome::Verdict;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeVal;

const RTM_NEWADDR: u16 = 20;
const RTM_DELADDR: u16 = 21;
/// `RTMGRP_IPV4_IFADDR`.
const IPV4_ADDRESSES: u32 = 0x10;

/// One change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) at: Stamp,
    pub(crate) added: bool,
}

/// A running watch.
pub(crate) struct Watch {
    changes: Arc<Mutex<Vec<Change>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn start(namespace: &Namespace) -> Verdict<Self> {
        let fd = namespace.run(open)??;
        let changes = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let (changes, stop) = (Arc::clone(&changes), Arc::clone(&stop));
            std::thread::Builder::new()
                .name("watch".to_owned())
                .spawn(move || read(&fd, &changes, &stop))?
        };
        Ok(Self {
            changes,
            stop,
            thread: Some(thread),
        })
    }

    /// Changes of one kind from a moment on.
    pub(crate) fn since(&self, moment: Stamp, added: bool) -> Vec<Stamp> {
        let all = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .filter(|change| change.added == added && change.at >= moment)
            .map(|change| change.at)
            .collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It ends at its next time-out.
            let _ = thread.join();
        }
    }
}

fn open() -> nix::Result<OwnedFd> {
    let fd = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    setsockopt(&fd, sockopt::RcvBufForce, &(64 << 20))?;
    setsockopt(&fd, sockopt::ReceiveTimeout, &TimeVal::new(0, 200_000))?;
    bind(fd.as_raw_fd(), &NetlinkAddr::new(0, IPV4_ADDRESSES))?;
    Ok(fd)
}

fn read(fd: &OwnedFd, changes: &Mutex<Vec<Change>>, stop: &AtomicBool) {
    let mut buffer = vec![0u8; 32 * 1024];
    while !stop.load(Ordering::Relaxed) {
        let Ok(length) = recv(fd.as_raw_fd(), &mut buffer, MsgFlags::empty()) else {
            continue;
        };
        let at = Stamp::now();
        let mut rest = &buffer[..length];
        let mut all = changes.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((kind, size)) = header(rest) {
            if matches!(kind, RTM_NEWADDR | RTM_DELADDR) {
                all.push(Change {
                    at,
                    added: kind == RTM_NEWADDR,
                });
            }
            rest = rest.get(size.next_multiple_of(4)..).unwrap_or(&[]);
        }
    }
}

/// Type and length of the first message.
fn header(bytes: &[u8]) -> Option<(u16, usize)> {
    let length = u32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let kind = u16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?);
    (length >= 16).then_some((kind, length))
}
