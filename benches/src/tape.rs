//! Every advert that passes, in twenty-four bytes: a second of 65,535 instances must fit, and nothing may be lost.

use std::collections::HashMap;
use std::io::IoSliceMut;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::lab::namespace::Namespace;
use keepalived_compliance::outcome::Verdict;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, recvmsg, setsockopt,
    socket, sockopt,
};
use nix::sys::time::{TimeSpec, TimeVal};

/// Which instance: interface of the listener, VRID.
pub(crate) type Key = (u32, u8);

/// One advert.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Advert {
    pub(crate) at: Stamp,
    pub(crate) key: Key,
    pub(crate) priority: u8,
    /// The listener's own machine sent it.
    pub(crate) outgoing: bool,
}

/// A running recorder.
pub(crate) struct Tape {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    adverts: Mutex<Vec<Advert>>,
    stop: AtomicBool,
}

impl Tape {
    /// Records every VRRP advert on every interface of a namespace.
    pub(crate) fn start(namespace: &Namespace) -> Verdict<Self> {
        let mut tape = Self {
            shared: Arc::new(Shared::default()),
            thread: None,
        };
        tape.resume(namespace)?;
        Ok(tape)
    }

    /// Goes on after [`Tape::pause`].
    pub(crate) fn resume(&mut self, namespace: &Namespace) -> Verdict {
        let fd = namespace.run(open)??;
        self.shared.stop.store(false, Ordering::Relaxed);
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("tape".to_owned())
            .spawn(move || record(&fd, &shared))?;
        self.thread = Some(thread);
        Ok(())
    }

    /// Stops recording: on a veth the kernel charges the sender for the copies that a recorder gets.
    pub(crate) fn pause(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It ends at its next time-out.
            let _ = thread.join();
        }
    }

    /// All adverts from a moment on, in order of arrival.
    pub(crate) fn since(&self, moment: Stamp) -> Vec<Advert> {
        let all = self.lock();
        let first = all.partition_point(|advert| advert.at < moment);
        all[first..].to_vec()
    }

    /// Forgets what was recorded.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Advert>> {
        self.shared.adverts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        self.pause();
    }
}

fn open() -> nix::Result<OwnedFd> {
    let fd = socket(
        AddressFamily::Packet,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::EthAll,
    )?;
    setsockopt(&fd, sockopt::ReceiveTimestampns, &true)?;
    // A second of adverts of the largest configuration; as root the limit of the system does not count.
    setsockopt(&fd, sockopt::RcvBufForce, &(256 << 20))?;
    setsockopt(&fd, sockopt::ReceiveTimeout, &TimeVal::new(0, 200_000))?;
    Ok(fd)
}

fn record(fd: &OwnedFd, shared: &Shared) {
    const OUTGOING: u8 = 4;
    let mut buffer = [0u8; 2048];
    let mut control = nix::cmsg_space!(TimeSpec);
    while !shared.stop.load(Ordering::Relaxed) {
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let Ok(message) = recvmsg::<LinkAddr>(fd.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty()) else {
            continue;
        };
        let Some(address) = message.address else { continue };
        let at = message
            .cmsgs()
            .ok()
            .and_then(|mut all| all.find_map(kernel_time))
            .unwrap_or_else(Stamp::now);
        let length = message.bytes;
        let (index, outgoing) = (address.ifindex() as u32, address.pkttype() == OUTGOING);
        if let Some((vrid, priority)) = advert(&buffer[..length]) {
            let advert = Advert {
                at,
                key: (index, vrid),
                priority,
                outgoing,
            };
            shared
                .adverts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(advert);
        }
    }
}

/// VRID and priority of an IPv4 frame with protocol 112.
fn advert(frame: &[u8]) -> Option<(u8, u8)> {
    if frame.get(12..14)? != [8, 0] || *frame.get(23)? != 112 {
        return None;
    }
    let header = usize::from(frame.get(14)? & 15) * 4;
    Some((*frame.get(14 + header + 1)?, *frame.get(14 + header + 2)?))
}

fn kernel_time(message: ControlMessageOwned) -> Option<Stamp> {
    match message {
        ControlMessageOwned::ScmTimestampns(time) => Some(Stamp::of(time.tv_sec(), time.tv_nsec())),
        _ => None,
    }
}

/// The longest pause between two adverts of one instance, up to `end`.
pub(crate) fn worst_gap(adverts: &[Advert], end: Stamp) -> f64 {
    let mut previous: HashMap<Key, Stamp> = HashMap::new();
    let mut worst: f64 = 0.0;
    for advert in adverts {
        if let Some(before) = previous.insert(advert.key, advert.at) {
            worst = worst.max(advert.at.since(before));
        }
    }
    previous
        .into_values()
        .fold(worst, |worst, last| worst.max(end.since(last)))
}
