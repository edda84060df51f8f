//! Receiving adverts.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::os::fd::{AsFd, BorrowedFd};

use socket2::{InterfaceIndexOrAddress, Socket};

use super::{Peers, ReceiveBuffer, SocketSpec, set_option};
use crate::mmsg::{Beside, Inbox, Received, array};
use crate::netlink::set_receive_buffer;
use keepalived_model::units::Family;

/// The longest packet: an IPv4 header with options, AH, and a message of 255 IPv6 addresses with an HMAC trailer.
const PACKET_LEN: usize = 4_608;

/// A socket that receives the adverts of one [`SocketSpec`].
#[derive(Debug)]
pub struct ReceiveSocket {
    socket: Socket,
    beside: Beside,
}

impl ReceiveSocket {
    /// Open the socket in the calling thread's network namespace (vrrp.md 4.2).
    ///
    /// # Errors
    /// What the system calls report: `EPERM` without `CAP_NET_RAW`, `ENODEV` when the interface is gone, `EADDRNOTAVAIL` when
    /// the IPv6 source is not allowed; the instances have then no source address and are in FAULT.
    pub fn open(spec: &SocketSpec, receive_buffer: Option<ReceiveBuffer>) -> io::Result<Self> {
        let socket = spec.open()?;
        if let Some(buffer) = receive_buffer {
            set_receive_buffer(&socket, buffer)?;
        }
        let beside = match spec.family() {
            Family::V4 => Beside::Nothing,
            Family::V6 => {
                const ON: i32 = 1;
                socket.set_recv_hoplimit_v6(true)?;
                set_option(&socket, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, &ON)?;
                Beside::NameAndControl
            }
        };
        let own = match spec.peers {
            Peers::Multicast { group } => {
                join(&socket, group, spec.index())?;
                group
            }
            Peers::Unicast { source } => {
                match source {
                    IpAddr::V4(_) => socket.set_freebind_v4(true)?,
                    IpAddr::V6(_) => socket.set_freebind_v6(true)?,
                }
                source
            }
        };
        let own = match own {
            IpAddr::V4(own) => SocketAddr::new(own.into(), 0),
            IpAddr::V6(own) => SocketAddrV6::new(own, 0, 0, spec.index()).into(),
        };
        socket.bind(&own.into())?;
        Ok(Self { socket, beside })
    }

    /// Replace the contents of `batch` by what is there, without waiting; how many packets.
    ///
    /// # Errors
    /// `WouldBlock` when there is nothing, otherwise what `recvmmsg(2)` reports (`ENETDOWN` when the interface went down).
    pub fn try_receive(&self, batch: &mut ReceiveBatch) -> io::Result<usize> {
        batch.0.receive(self.socket.as_fd(), self.beside)
    }
}

impl AsFd for ReceiveSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The group is left when the socket is closed.
fn join(socket: &Socket, group: IpAddr, index: u32) -> io::Result<()> {
    match group {
        IpAddr::V4(group) => socket.join_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(index)),
        IpAddr::V6(group) => socket.join_multicast_v6(&group, index),
    }
}

/// Room for packets; one serves all sockets of a worker, one after the other.
#[derive(Debug)]
pub struct ReceiveBatch(Inbox);

impl ReceiveBatch {
    /// Packets per system call.
    pub const CAPACITY: usize = crate::mmsg::AT_ONCE;

    /// Room for [`ReceiveBatch::CAPACITY`] packets of any valid length.
    #[must_use]
    pub fn new() -> Self {
        Self(Inbox::new(PACKET_LEN))
    }

    /// How many packets the last receive brought.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Did it bring none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The packets of the last receive, in order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = Packet<'_>> {
        self.0.iter().map(Packet::new)
    }
}

impl Default for ReceiveBatch {
    fn default() -> Self {
        Self::new()
    }
}

/// One received packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Who sent it.
    pub source: IpAddr,
    /// To whom; unspecified when the kernel did not tell.
    pub destination: IpAddr,
    /// TTL or hop limit; `None` when the kernel did not tell.
    pub hop_limit: Option<u8>,
    /// IPv4: the whole packet, beginning with the IP header. IPv6: the VRRP message.
    pub payload: &'a [u8],
    /// It was longer than any advert can be and is cut.
    pub truncated: bool,
}

impl<'a> Packet<'a> {
    fn new(received: Received<'a>) -> Self {
        let unspecified = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let mut packet = Self {
            source: received.name.address().unwrap_or(unspecified),
            destination: unspecified,
            hop_limit: None,
            payload: received.payload,
            truncated: received.truncated,
        };
        if received.control.is_empty() {
            packet.read_ipv4_header();
        }
        for (level, kind, data) in received.control.iter() {
            packet.read_control(level, kind, data);
        }
        packet
    }

    /// Source, destination and TTL are in the packet itself (RFC 791 section 3.1).
    fn read_ipv4_header(&mut self) {
        self.hop_limit = self.payload.get(8).copied();
        if let Some(source) = array::<4>(self.payload, 12) {
            self.source = Ipv4Addr::from(source).into();
        }
        if let Some(destination) = array::<4>(self.payload, 16) {
            self.destination = Ipv4Addr::from(destination).into();
        }
    }

    fn read_control(&mut self, level: i32, kind: i32, data: &[u8]) {
        match (level, kind) {
            // struct in6_pktinfo begins with the address.
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                if let Some(destination) = array::<16>(data, 0) {
                    self.destination = Ipv6Addr::from(destination).into();
                }
            }
            (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT) => {
                self.hop_limit = array(data, 0).and_then(|limit| u8::try_from(i32::from_ne_bytes(limit)).ok());
            }
            _ => {}
        }
    }
}
