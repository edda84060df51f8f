//! Packet sockets for gratuitous ARP and unsolicited neighbour advertisements (vrrp.md section 10): frames made elsewhere
//! leave by the interface that is named, in batches.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use socket2::{Domain, Socket, Type};

use crate::mmsg::{Control, Name, Outbox};
use crate::vrrp_socket::drop_all_input;

/// A packet socket that only sends (`packet(7)`).
#[derive(Debug)]
pub struct Announcer {
    socket: Socket,
    outbox: Outbox,
}

impl Announcer {
    /// A socket for whole frames, beginning with the link-layer header: [`Announcer::push_frame`].
    ///
    /// # Errors
    /// What `socket(2)` or `setsockopt(2)` reports: `EPERM` without `CAP_NET_RAW`.
    pub fn for_frames() -> io::Result<Self> {
        Self::open(Type::RAW)
    }

    /// A socket for payloads to which the kernel adds the link-layer header: [`Announcer::push_payload`]. For interfaces
    /// that are no Ethernet, such as Infiniband.
    ///
    /// # Errors
    /// As [`Announcer::for_frames`].
    pub fn for_payloads() -> io::Result<Self> {
        Self::open(Type::DGRAM)
    }

    fn open(kind: Type) -> io::Result<Self> {
        // Protocol 0 receives nothing; the filter keeps it so whatever the socket is bound to.
        let socket = Socket::new(Domain::PACKET, kind.nonblocking(), None)?;
        drop_all_input(&socket)?;
        Ok(Self {
            socket,
            outbox: Outbox::default(),
        })
    }

    /// Queue a whole Ethernet frame for interface `index`.
    pub fn push_frame(&mut self, index: u32, frame: &[u8]) {
        let ether_type = crate::mmsg::array(frame, 12).map_or(0, u16::from_be_bytes);
        let destination = frame.get(..6).unwrap_or(&[]);
        self.outbox
            .push(frame, Name::link(index, ether_type, destination), Control::EMPTY);
    }

    /// Queue a payload of `ether_type` for interface `index` and a link-layer destination of at most 20 octets.
    pub fn push_payload(&mut self, index: u32, ether_type: u16, destination: &[u8], payload: &[u8]) {
        self.outbox
            .push(payload, Name::link(index, ether_type, destination), Control::EMPTY);
    }

    /// How many frames are queued.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.outbox.len()
    }

    /// Is none queued?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Send all queued frames in order; how many went.
    ///
    /// `failed` hears the position and reason of each frame that did not go (`ENETDOWN`, `ENXIO`: the interface is down or gone);
    /// the others are sent nevertheless. Never waits: when the send buffer is full, the rest fails with `WouldBlock`.
    pub fn send(&mut self, failed: impl FnMut(usize, io::Error)) -> usize {
        self.outbox.send(self.socket.as_fd(), 0, failed)
    }
}

impl AsFd for Announcer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
