//! Packets that no router would send, or that a router of our choosing sends.

use std::io::IoSlice;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, recvfrom, sendmsg, setsockopt, socket, sockopt,
};

use super::namespace::Namespace;
use super::packet::{ones_sum, pseudo_header};
use crate::outcome::{Stop, Verdict};

/// The IPv4 group of VRRP.
pub const GROUP4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);
/// The IPv6 group of VRRP.
pub const GROUP6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12);

/// An advert to be built; the fields that only some scenarios spoil have working defaults.
#[derive(Debug, Clone)]
pub struct Forged {
    pub version: u8,
    pub kind: u8,
    pub vrid: u8,
    pub priority: u8,
    pub auth_type: u8,
    /// The eight octets behind the addresses of version 2; `None` leaves them out.
    pub auth_data: Option<[u8; 8]>,
    /// Advertisement interval in centiseconds; version 2 rounds to seconds.
    pub interval_cs: u16,
    pub addresses: Vec<IpAddr>,
    /// Number of addresses that the packet claims; `None` tells the truth.
    pub count: Option<u8>,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub ttl: u8,
    /// The destination that the checksum of version 3 is made for; `None` is the true one.
    pub checksum_destination: Option<Ipv4Addr>,
    /// Added to the right checksum: 0 leaves it right.
    pub checksum_error: u16,
    /// Octets appended to the message, or (negative) cut off its end.
    pub stretch: i32,
}

impl Forged {
    /// A correct multicast advert of VRID 51 from the injector for 10.9.0.100.
    pub fn new(version: u8, priority: u8) -> Self {
        Self {
            version,
            kind: 1,
            vrid: 51,
            priority,
            auth_type: 0,
            auth_data: (version == 2).then_some([0; 8]),
            interval_cs: 100,
            addresses: vec![Ipv4Addr::new(10, 9, 0, 100).into()],
            count: None,
            source: Ipv4Addr::new(10, 9, 0, 3).into(),
            destination: GROUP4.into(),
            ttl: 255,
            checksum_destination: None,
            checksum_error: 0,
            stretch: 0,
        }
    }

    /// The same with an advertisement interval in centiseconds.
    pub fn interval(mut self, centiseconds: u16) -> Self {
        self.interval_cs = centiseconds;
        self
    }

    /// The same from another source.
    pub fn from(mut self, source: [u8; 4]) -> Self {
        self.source = Ipv4Addr::from(source).into();
        self
    }

    /// The same to one router instead of the group.
    pub fn to(mut self, destination: [u8; 4]) -> Self {
        self.destination = Ipv4Addr::from(destination).into();
        self
    }

    /// The IP packet.
    pub fn packet(&self) -> Vec<u8> {
        let message = self.message();
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => ipv4(source, destination, self.ttl, 112, &message),
            (IpAddr::V6(source), IpAddr::V6(destination)) => ipv6(source, destination, self.ttl, 112, &message),
            _ => Vec::new(),
        }
    }

    /// The VRRP message with its checksum.
    pub fn message(&self) -> Vec<u8> {
        let count = self
            .count
            .unwrap_or_else(|| u8::try_from(self.addresses.len()).unwrap_or(u8::MAX));
        let mut message = vec![self.version << 4 | self.kind, self.vrid, self.priority, count];
        if self.version == 2 {
            message.extend([self.auth_type, u8::try_from(self.interval_cs / 100).unwrap_or(u8::MAX)]);
        } else {
            message.extend(self.interval_cs.to_be_bytes());
        }
        message.extend([0, 0]);
        for address in &self.addresses {
            match address {
                IpAddr::V4(address) => message.extend(address.octets()),
                IpAddr::V6(address) => message.extend(address.octets()),
            }
        }
        message.extend(self.auth_data.iter().flatten());
        message.resize(message.len().saturating_add_signed(self.stretch as isize), 0);
        let sum = self.checksum(&message).wrapping_add(self.checksum_error);
        message[6..8].copy_from_slice(&sum.to_be_bytes());
        message
    }

    pub(super) fn checksum(&self, message: &[u8]) -> u16 {
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) if self.version == 3 => {
                let to = self.checksum_destination.unwrap_or(destination);
                ones_sum(&[&pseudo_header(source, to, message.len()), message])
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                let length = u32::try_from(message.len()).unwrap_or(0).to_be_bytes();
                ones_sum(&[
                    &source.octets(),
                    &destination.octets(),
                    &length,
                    &[0, 0, 0, 112],
                    message,
                ])
            }
            _ => ones_sum(&[message]),
        }
    }
}

/// An IPv4 packet around a payload.
pub fn ipv4(source: Ipv4Addr, destination: Ipv4Addr, ttl: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + payload.len()).unwrap_or(u16::MAX);
    let mut packet = vec![0x45, 0xc0];
    packet.extend(total.to_be_bytes());
    packet.extend([0, 1, 0, 0, ttl, protocol, 0, 0]);
    packet.extend(source.octets());
    packet.extend(destination.octets());
    let sum = ones_sum(&[&packet]);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend(payload);
    packet
}

/// An IPv6 packet around a payload.
pub fn ipv6(source: Ipv6Addr, destination: Ipv6Addr, hop_limit: u8, next_header: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x6c, 0, 0, 0];
    packet.extend(u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes());
    packet.extend([next_header, hop_limit]);
    packet.extend(source.octets());
    packet.extend(destination.octets());
    packet.extend(payload);
    packet
}

/// A socket on the injector's cable that takes whole frames.
#[derive(Debug)]
pub struct Injector {
    socket: OwnedFd,
    cable: LinkAddr,
}

impl Injector {
    /// Opens the socket in a namespace with an interface `e0`.
    pub fn open(namespace: &Namespace) -> Verdict<Self> {
        let (socket, cable) = namespace.run(|| -> nix::Result<(OwnedFd, LinkAddr)> {
            let socket = socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                SockProtocol::EthAll,
            )?;
            setsockopt(&socket, sockopt::ReceiveTimeout, &nix::sys::time::TimeVal::new(2, 0))?;
            let cable = learn_cable(&socket)?;
            Ok((socket, cable))
        })??;
        Ok(Self { socket, cable })
    }

    /// Sends an IP packet; the destination's MAC address follows from the lab's numbering.
    pub fn send(&self, packet: &[u8]) -> Verdict {
        let mut frame = destination_mac(packet).to_vec();
        frame.extend([2, 0, 0, 0, 0, 3]);
        frame.extend(if packet.first().is_some_and(|first| first >> 4 == 6) {
            [0x86, 0xdd]
        } else {
            [0x08, 0x00]
        });
        frame.extend(packet);
        self.send_frame(&frame)
    }

    /// Sends a frame as it is.
    pub fn send_frame(&self, frame: &[u8]) -> Verdict {
        sendmsg(
            self.socket.as_raw_fd(),
            &[IoSlice::new(frame)],
            &[],
            MsgFlags::empty(),
            Some(&self.cable),
        )
        .map_err(|error| Stop::Fail(format!("cannot inject {} octets: {error}", frame.len())))?;
        Ok(())
    }
}

/// The link address of `e0`, taken from a frame that it sends itself: a question for an address that nobody has.
fn learn_cable(socket: &OwnedFd) -> nix::Result<LinkAddr> {
    let asked = std::net::UdpSocket::bind("10.9.0.3:0").and_then(|udp| udp.send_to(b"?", "10.9.0.253:9"));
    if asked.is_err() {
        return Err(nix::errno::Errno::ENETUNREACH);
    }
    let mut buffer = [0u8; 2048];
    loop {
        let (_, address) = recvfrom::<LinkAddr>(socket.as_raw_fd(), &mut buffer)?;
        // The loopback interface is always number 1.
        if let Some(address) = address.filter(|address| address.ifindex() != 1) {
            return Ok(address);
        }
    }
}

fn destination_mac(packet: &[u8]) -> [u8; 6] {
    match packet.first().map(|first| first >> 4) {
        Some(6) if packet.get(24) == Some(&0xff) => {
            let mut mac = [0x33, 0x33, 0, 0, 0, 0];
            mac[2..].copy_from_slice(packet.get(36..40).unwrap_or(&[0; 4]));
            mac
        }
        Some(4) if packet.get(16).is_some_and(|first| (224..240).contains(first)) => {
            let tail = packet.get(17..20).unwrap_or(&[0; 3]);
            [0x01, 0x00, 0x5e, tail[0] & 0x7f, tail[1], tail[2]]
        }
        Some(6) => [2, 0, 0, 0, 0, packet.get(39).copied().unwrap_or(0)],
        _ => [2, 0, 0, 0, 0, packet.get(19).copied().unwrap_or(0)],
    }
}
