//! Sending adverts.

use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::os::fd::{AsFd, BorrowedFd};

use keepalived_model::units::Family;
use socket2::Socket;

use super::{Peers, SocketSpec, drop_all_input, set_option};
use crate::mmsg::{Control, Name, Outbox};

/// Internetwork control: precedence 6 (RFC 791 section 3.1; vrrp.md 3.4).
const TRAFFIC_CLASS: u32 = 0xc0;

/// A socket that sends the adverts of one [`SocketSpec`].
#[derive(Debug)]
pub struct SendSocket {
    socket: Socket,
    flags: i32,
    index: u32,
}

impl SendSocket {
    /// Open the socket in the calling thread's network namespace (vrrp.md 4.3).
    ///
    /// # Errors
    /// What the system calls report: `EPERM` without `CAP_NET_RAW`, `ENODEV` when the interface is gone.
    pub fn open(spec: &SocketSpec) -> io::Result<Self> {
        let socket = spec.open()?;
        drop_all_input(&socket)?;
        let index = spec.index();
        match spec.family() {
            Family::V4 => {
                socket.set_header_included_v4(true)?;
                socket.set_tos_v4(TRAFFIC_CLASS)?;
                socket.set_multicast_loop_v4(false)?;
                if index != 0 {
                    set_multicast_interface(&socket, index)?;
                }
            }
            Family::V6 => {
                socket.set_tclass_v6(TRAFFIC_CLASS)?;
                socket.set_multicast_hops_v6(255)?;
                socket.set_multicast_loop_v6(false)?;
                if index != 0 {
                    socket.set_multicast_if_v6(index)?;
                }
                if matches!(spec.peers, Peers::Unicast { .. }) {
                    // As the receive socket: the configured source may not be there yet (IPv4 needs no permission for that).
                    socket.set_freebind_v6(true)?;
                }
            }
        }
        let flags = if matches!(spec.peers, Peers::Multicast { .. }) {
            libc::MSG_DONTROUTE
        } else {
            0
        };
        Ok(Self { socket, flags, index })
    }

    /// Send the packets of `batch` in order and empty it; how many went.
    ///
    /// `failed` hears the position and reason of each packet that did not go; the others are sent nevertheless. Never waits:
    /// when the send buffer is full, the rest fails with `WouldBlock`.
    pub fn send(&self, batch: &mut SendBatch, failed: impl FnMut(usize, io::Error)) -> usize {
        batch.0.send(self.socket.as_fd(), self.flags, failed)
    }

    /// Send one IPv4 packet, which begins with its IP header; the kernel fills in the header's checksum.
    pub fn push_v4(&self, batch: &mut SendBatch, packet: &[u8], destination: std::net::Ipv4Addr) {
        batch.0.push(packet, Name::ip(destination.into(), 0), Control::EMPTY);
    }

    /// Send one IPv6 message, whose checksum the kernel fills in.
    ///
    /// `source` is the address and interface it leaves from (`IPV6_PKTINFO`; interface 0: as routed); `hop_limit` `None` means
    /// 255 for multicast and the system's default for unicast (vrrp.md 3.5).
    pub fn push_v6(
        &self,
        batch: &mut SendBatch,
        message: &[u8],
        destination: Ipv6Addr,
        source: Option<(Ipv6Addr, u32)>,
        hop_limit: Option<u8>,
    ) {
        let mut control = Control::EMPTY;
        if let Some((address, index)) = source {
            let mut info = [0; 20];
            info[..16].copy_from_slice(&address.octets());
            info[16..].copy_from_slice(&index.to_ne_bytes());
            control.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &info);
        }
        if let Some(limit) = hop_limit {
            control.push(libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT, &i32::from(limit).to_ne_bytes());
        }
        batch.0.push(
            message,
            Name::ip(IpAddr::V6(destination), self.scope_of(destination)),
            control,
        );
    }

    /// Only link-local destinations need to be told the interface.
    const fn scope_of(&self, destination: Ipv6Addr) -> u32 {
        let link_local = destination.is_unicast_link_local() || destination.is_multicast();
        if link_local { self.index } else { 0 }
    }
}

impl AsFd for SendSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// `IP_MULTICAST_IF` by index, which socket2 has only by address.
fn set_multicast_interface(socket: &Socket, index: u32) -> io::Result<()> {
    let request = libc::ip_mreqn {
        imr_multiaddr: libc::in_addr { s_addr: 0 },
        imr_address: libc::in_addr { s_addr: 0 },
        imr_ifindex: i32::try_from(index).map_err(io::Error::other)?,
    };
    set_option(socket, libc::IPPROTO_IP, libc::IP_MULTICAST_IF, &request)
}

/// Packets for one [`SendSocket`]. Its memory is kept from one use to the next.
#[derive(Debug, Default)]
pub struct SendBatch(Outbox);

impl SendBatch {
    /// How many packets wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Does none wait?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
