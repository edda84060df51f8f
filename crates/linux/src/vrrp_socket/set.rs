//! All receive sockets of a worker behind one wait.

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd as _;

use rustix::event::epoll;
use rustix::time::Timespec;

use super::receive::{ReceiveBatch, ReceiveSocket};
use crate::watched::Watched;

/// Ready sockets asked for at once.
const READY_AT_ONCE: usize = 64;

/// Receive sockets by a key of the caller's choice.
///
/// They are watched by an `epoll(7)` instance of their own, which Tokio watches in turn: thousands of VMACs cost one
/// registration with Tokio and no walk over all of them when one has something.
#[derive(Debug)]
pub struct Receivers {
    epoll: Watched,
    sockets: HashMap<u64, ReceiveSocket>,
    ready: Vec<u64>,
}

impl Receivers {
    /// No sockets yet. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// What `epoll_create1(2)` reports.
    pub fn new() -> io::Result<Self> {
        let epoll = Watched::reader(epoll::create(epoll::CreateFlags::CLOEXEC)?)?;
        Ok(Self {
            epoll,
            sockets: HashMap::new(),
            ready: Vec::with_capacity(READY_AT_ONCE),
        })
    }

    /// Watch `socket`; one with the same key is closed.
    ///
    /// # Errors
    /// What `epoll_ctl(2)` reports.
    pub fn insert(&mut self, key: u64, socket: ReceiveSocket) -> io::Result<()> {
        self.remove(key);
        epoll::add(
            &self.epoll,
            &socket,
            epoll::EventData::new_u64(key),
            epoll::EventFlags::IN,
        )?;
        self.sockets.insert(key, socket);
        Ok(())
    }

    /// Stop watching; closing what is given back leaves the multicast group.
    pub fn remove(&mut self, key: u64) -> Option<ReceiveSocket> {
        let socket = self.sockets.remove(&key)?;
        // The socket may outlive this set; if the kernel does not know it any more, all the better.
        let _ = epoll::delete(&self.epoll, &socket);
        self.ready.retain(|&ready| ready != key);
        Some(socket)
    }

    /// Give the queue of a socket another size; nothing when there is none of this key.
    ///
    /// # Errors
    /// What `setsockopt(2)` reports.
    pub fn set_buffer(&self, key: u64, buffer: super::ReceiveBuffer) -> io::Result<()> {
        match self.sockets.get(&key) {
            Some(socket) => crate::netlink::set_receive_buffer(socket, buffer),
            None => Ok(()),
        }
    }

    /// How many sockets are watched.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sockets.len()
    }

    /// Is none watched?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sockets.is_empty()
    }

    /// As [`Receivers::receive`], but only from the sockets that were found ready together with the last one; `None`: no more.
    ///
    /// # Errors
    /// As [`Receivers::receive`].
    pub fn receive_ready(&mut self, batch: &mut ReceiveBatch) -> Option<Result<u64, (Option<u64>, io::Error)>> {
        while let Some(key) = self.ready.pop() {
            let Some(socket) = self.sockets.get(&key) else { continue };
            match socket.try_receive(batch) {
                Ok(0) => {}
                Ok(_) => return Some(Ok(key)),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Some(Err((Some(key), error))),
            }
        }
        None
    }

    /// Find out which sockets have packets now, without waiting; true when some have. [`Receivers::receive_ready`] reads them.
    ///
    /// # Errors
    /// What `epoll_wait(2)` reports.
    pub fn look(&mut self) -> io::Result<bool> {
        if self.ready.is_empty() {
            ready_sockets(self.epoll.as_fd(), &mut self.ready)?;
        }
        Ok(!self.ready.is_empty())
    }

    /// Wait until a socket has packets, put a batch of them in `batch` and give the socket's key.
    ///
    /// Sockets that are ready together get their turn one after the other. Cancel safe: usable as a branch of `select!`.
    ///
    /// # Errors
    /// The key of the socket and what it reported; the socket stays watched (an interface that went down reports it once).
    /// Errors of the wait itself have no key.
    pub async fn receive(&mut self, batch: &mut ReceiveBatch) -> Result<u64, (Option<u64>, io::Error)> {
        loop {
            if let Some(received) = self.receive_ready(batch) {
                return received;
            }
            let ready = &mut self.ready;
            self.epoll
                .drain(|epoll| ready_sockets(epoll, ready))
                .await
                .map_err(|error| (None, error))?;
        }
    }
}

/// Ask which sockets are ready, without waiting; true when none is.
fn ready_sockets(epoll: std::os::fd::BorrowedFd<'_>, ready: &mut Vec<u64>) -> io::Result<bool> {
    let mut events = [MaybeUninit::<epoll::Event>::uninit(); READY_AT_ONCE];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    match epoll::wait(epoll, &mut events, Some(&at_once)) {
        Ok((events, _)) => ready.extend(events.iter().rev().map(|event| event.data.u64())),
        Err(rustix::io::Errno::INTR) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    Ok(ready.is_empty())
}
