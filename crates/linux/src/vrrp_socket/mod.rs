//! Raw sockets for VRRP: IP protocol 112, or 51 when adverts are authenticated with AH (vrrp.md section 4).
//!
//! * [`SocketSpec`] says what a pair of sockets is for; instances with an equal one share a [`ReceiveSocket`] and a
//!   [`SendSocket`] and are told apart by VRID.
//! * [`Receivers`] holds the receive sockets of all instances behind one wait, whose cost does not grow with their number.
//! * [`ReceiveBatch`] and [`SendBatch`] are filled and emptied again and again; nothing is allocated per packet.
//!
//! IPv4 packets are received and sent with their IP header, IPv6 packets without (`raw(7)`, RFC 3542 section 3).

mod receive;
mod send;
mod set;

pub use receive::{Packet, ReceiveBatch, ReceiveSocket};
pub use send::{SendBatch, SendSocket};
pub use set::Receivers;

use std::io;
use std::net::IpAddr;
use std::os::fd::AsFd;

use keepalived_model::units::{Family, IfName};
use rustix::net::sockopt;
use socket2::{Domain, Protocol, Socket, Type};

pub use crate::netlink::ReceiveBuffer;

/// What the sockets of an instance are for; equal values can share their sockets (vrrp.md 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketSpec {
    /// Whom we talk to.
    pub peers: Peers,
    /// The IP protocol.
    pub protocol: IpProtocol,
    /// The interface to be bound to: that of the instance, its VMAC, or the base interface with `vmac_xmit_base`.
    /// Only unicast can do without.
    pub interface: Option<Interface>,
    /// The VRF device whose table the sockets use, instead of binding to the interface itself.
    pub vrf: Option<IfName>,
}

/// An interface by name and index; both, because `SO_BINDTODEVICE` wants the one and multicast the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interface {
    /// The name.
    pub name: IfName,
    /// The index, at least 1.
    pub index: u32,
}

/// Whom a socket talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Peers {
    /// A multicast group: 224.0.0.18 or ff02::12, unless configured otherwise.
    Multicast {
        /// The group.
        group: IpAddr,
    },
    /// Single peers; packets to `source` are received.
    Unicast {
        /// Our own address.
        source: IpAddr,
    },
}

/// The IP protocol number of adverts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IpProtocol {
    /// VRRP, 112.
    Vrrp,
    /// The authentication header, 51, around VRRP version 2.
    Ah,
}

impl IpProtocol {
    /// The number in the IP header.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Vrrp => 112,
            Self::Ah => 51,
        }
    }
}

impl SocketSpec {
    /// The family of the group or source.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self.peers {
            Peers::Multicast { group: address } | Peers::Unicast { source: address } => Family::of(address),
        }
    }

    fn index(&self) -> u32 {
        self.interface.map_or(0, |interface| interface.index)
    }

    /// A raw socket with what both directions have in common.
    fn open(&self) -> io::Result<Socket> {
        let domain = match self.family() {
            Family::V4 => Domain::IPV4,
            Family::V6 => Domain::IPV6,
        };
        let protocol = Protocol::from(i32::from(self.protocol.number()));
        // socket2 adds SOCK_CLOEXEC by itself.
        let socket = Socket::new(domain, Type::RAW.nonblocking(), Some(protocol))?;
        match self.family() {
            Family::V4 => socket.set_multicast_all_v4(false)?,
            Family::V6 => {
                socket.set_multicast_all_v6(false)?;
                if self.protocol == IpProtocol::Vrrp {
                    set_checksum_offset(&socket)?;
                }
            }
        }
        let device = self
            .vrf
            .as_ref()
            .or(self.interface.as_ref().map(|interface| &interface.name));
        if let Some(device) = device {
            socket.bind_device(Some(device.as_str().as_bytes()))?;
        }
        Ok(socket)
    }
}

/// The kernel writes and checks the IPv6 checksum at octet 6 of each message (RFC 3542 section 3.1).
fn set_checksum_offset(socket: &Socket) -> io::Result<()> {
    const OFFSET: i32 = 6;
    set_option(socket, libc::SOL_RAW, libc::IPV6_CHECKSUM, &OFFSET)
}

/// Set an option for which no safe crate has a name.
fn set_option<T: Copy>(socket: &impl AsFd, level: i32, name: i32, value: &T) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;
    let len = libc::socklen_t::try_from(size_of::<T>()).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open and borrowed for the call; the kernel reads `len` octets of a value of that size.
    let result = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            level,
            name,
            std::ptr::from_ref(value).cast(),
            len,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// A receive buffer of no size at all; the kernel makes it its minimum.
fn no_receive_buffer(socket: &impl AsFd) -> io::Result<()> {
    Ok(sockopt::set_socket_recv_buffer_size(socket, 0)?)
}

/// Nothing is ever queued for reading on `socket`: a filter of one instruction that keeps zero octets (`bpf`).
pub(crate) fn drop_all_input(socket: &Socket) -> io::Result<()> {
    no_receive_buffer(socket)?;
    let code = u16::try_from(libc::BPF_RET | libc::BPF_K).map_err(io::Error::other)?;
    socket.attach_filter(&[socket2::SockFilter::new(code, 0, 0, 0)])
}
