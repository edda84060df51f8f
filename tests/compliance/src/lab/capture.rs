//! Everything that crosses the switch, with the time at which the kernel received it.

use std::io::IoSliceMut;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, recvmsg, setsockopt,
    socket, sockopt,
};
use nix::sys::time::TimeSpec;

use super::Node;
use super::namespace::Namespace;
use super::packet::{Body, decode};
use crate::outcome::{Stop, Verdict};

/// A moment on the kernel's wall clock, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(i64);

impl Stamp {
    /// The current moment.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    /// A moment the kernel tells as seconds and nanoseconds.
    pub const fn of(seconds: i64, nanoseconds: i64) -> Self {
        Self(seconds * 1_000_000_000 + nanoseconds)
    }

    /// The moment so many seconds earlier.
    pub fn minus(self, seconds: f64) -> Self {
        Self(self.0 - i64::try_from(Duration::from_secs_f64(seconds).as_nanos()).unwrap_or(0))
    }

    /// The moment so many seconds later.
    pub fn plus(self, seconds: f64) -> Self {
        Self(self.0 + i64::try_from(Duration::from_secs_f64(seconds).as_nanos()).unwrap_or(0))
    }

    /// Seconds from `earlier` to this moment.
    pub fn since(self, earlier: Self) -> f64 {
        Duration::from_nanos((self.0 - earlier.0).unsigned_abs())
            .as_secs_f64()
            .copysign(if self.0 < earlier.0 { -1.0 } else { 1.0 })
    }
}

/// One frame as it entered the switch.
#[derive(Debug, Clone)]
pub struct Frame {
    pub at: Stamp,
    /// The node whose cable it came from.
    pub from: Node,
    pub destination_mac: [u8; 6],
    pub source_mac: [u8; 6],
    pub length: usize,
    pub body: Body,
}

/// The running capture of one lab.
#[derive(Debug)]
pub struct Capture {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    frames: Mutex<Vec<Frame>>,
    /// Interface indices of the switch's ports and what is plugged in there.
    ports: Mutex<Vec<(usize, Node)>>,
    arrived: Condvar,
    stop: AtomicBool,
}

impl Capture {
    /// Starts to listen on all ports of a switch. `ports` gives the interface index of each node's port.
    pub fn start(switch: &Namespace, ports: Vec<(usize, Node)>) -> Verdict<Self> {
        let fd = switch.run(open_socket)??;
        let shared = Arc::new(Shared {
            ports: Mutex::new(ports),
            ..Shared::default()
        });
        let thread = {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name("capture".to_owned())
                .spawn(move || read_frames(&fd, &shared))?
        };
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// All frames so far, from `since` on.
    pub fn frames(&self, since: Stamp) -> Vec<Frame> {
        let frames = self.lock();
        let first = frames.partition_point(|frame| frame.at < since);
        frames[first..].to_vec()
    }

    /// Waits up to `limit` seconds for the first frame from `since` on that matches.
    pub fn wait(&self, since: Stamp, limit: f64, matches: impl Fn(&Frame) -> bool) -> Option<Frame> {
        let deadline = Instant::now() + Duration::from_secs_f64(limit);
        let mut seen = 0;
        let mut frames = self.lock();
        loop {
            if let Some(frame) = frames[seen..].iter().find(|frame| frame.at >= since && matches(frame)) {
                return Some(frame.clone());
            }
            seen = frames.len();
            let left = deadline.checked_duration_since(Instant::now())?;
            frames = self
                .shared
                .arrived
                .wait_timeout(frames, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Counts another port of the switch as a machine's.
    pub fn add_port(&self, index: usize, node: Node) {
        self.shared
            .ports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((index, node));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Frame>> {
        self.shared.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // The thread ends at its next time-out; what it may have panicked with was printed by then.
            let _ = thread.join();
        }
    }
}

fn open_socket() -> nix::Result<OwnedFd> {
    let fd = socket(
        AddressFamily::Packet,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::EthAll,
    )?;
    setsockopt(&fd, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(&fd, sockopt::RcvBuf, &(4 << 20))?;
    setsockopt(&fd, sockopt::ReceiveTimeout, &nix::sys::time::TimeVal::new(0, 200_000))?;
    Ok(fd)
}

fn read_frames(fd: &OwnedFd, shared: &Shared) {
    // `PACKET_OUTGOING`: the copy that leaves by another port of the switch, seen once more.
    const OUTGOING: u8 = 4;
    let mut buffer = vec![0u8; 9000];
    let mut control = nix::cmsg_space!(TimeSpec);
    while !shared.stop.load(Ordering::Relaxed) {
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let Ok(message) = recvmsg::<LinkAddr>(fd.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty()) else {
            continue;
        };
        let Some(address) = message.address else { continue };
        let ports = shared.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let from = ports
            .iter()
            .find(|(index, _)| *index == address.ifindex())
            .map(|(_, node)| *node);
        drop(ports);
        let Some(from) = from else {
            continue;
        };
        let length = message.bytes;
        let at = message
            .cmsgs()
            .ok()
            .and_then(|mut all| all.find_map(kernel_time))
            .unwrap_or_else(Stamp::now);
        if address.pkttype() == OUTGOING || length < 14 {
            continue;
        }
        let bytes = &buffer[..length];
        let mut frame = Frame {
            at,
            from,
            destination_mac: [0; 6],
            source_mac: [0; 6],
            length,
            body: decode(bytes),
        };
        frame.destination_mac.copy_from_slice(&bytes[..6]);
        frame.source_mac.copy_from_slice(&bytes[6..12]);
        shared.frames.lock().unwrap_or_else(PoisonError::into_inner).push(frame);
        shared.arrived.notify_all();
    }
}

fn kernel_time(message: ControlMessageOwned) -> Option<Stamp> {
    match message {
        ControlMessageOwned::ScmTimestampns(time) => Some(Stamp(time.tv_sec() * 1_000_000_000 + time.tv_nsec())),
        _ => None,
    }
}

/// Fails with a sentence when nothing arrived.
pub fn expected(frame: Option<Frame>, what: &str, limit: f64) -> Verdict<Frame> {
    frame.ok_or_else(|| Stop::Fail(format!("{what}: not seen within {limit} s")))
}
