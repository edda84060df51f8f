//! `recvmmsg(2)` and `sendmmsg(2)` over storage that is allocated once; everything around the two calls is plain bytes.

use std::io;
use std::mem::zeroed;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, BorrowedFd};

/// Messages per system call.
pub(crate) const AT_ONCE: usize = 64;
/// Fewest packets that are asked for.
const ASK_LEAST: usize = 8;
/// Room for the control messages of one packet: packet info, hop limit, and what the kernel may add.
const CONTROL_LEN: usize = 128;
/// `struct cmsghdr` and its alignment on this machine.
const CMSG_HEADER_LEN: usize = size_of::<libc::cmsghdr>();
const CMSG_ALIGN: usize = size_of::<usize>();

/// A socket address as bytes: the longest is a `sockaddr_ll` with the 20 octets of an Infiniband address.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub(crate) struct Name {
    bytes: [u8; 32],
    len: u32,
}

impl Name {
    const EMPTY: Self = Self { bytes: [0; 32], len: 0 };

    /// An IP address; `scope` is the interface of a link-local IPv6 address.
    pub(crate) fn ip(address: IpAddr, scope: u32) -> Self {
        let mut name = Self::EMPTY;
        match address {
            IpAddr::V4(address) => {
                name.family(libc::AF_INET);
                name.bytes[4..8].copy_from_slice(&address.octets());
                name.len = 16;
            }
            IpAddr::V6(address) => {
                name.family(libc::AF_INET6);
                name.bytes[8..24].copy_from_slice(&address.octets());
                name.bytes[24..28].copy_from_slice(&scope.to_ne_bytes());
                name.len = 28;
            }
        }
        name
    }

    /// A link-layer destination (`packet(7)`); of an address only the first 20 octets are used.
    pub(crate) fn link(index: u32, ether_type: u16, address: &[u8]) -> Self {
        let mut name = Self::EMPTY;
        let len = address.len().min(20);
        name.family(libc::AF_PACKET);
        name.bytes[2..4].copy_from_slice(&ether_type.to_be_bytes());
        name.bytes[4..8].copy_from_slice(&index.to_ne_bytes());
        name.bytes[11] = u8::try_from(len).unwrap_or(0);
        name.bytes[12..12 + len].copy_from_slice(&address[..len]);
        name.len = 32;
        name
    }

    fn family(&mut self, family: i32) {
        self.bytes[..2].copy_from_slice(&u16::try_from(family).unwrap_or(0).to_ne_bytes());
    }

    /// The IP address, if it is one.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        let family = i32::from(u16::from_ne_bytes([self.bytes[0], self.bytes[1]]));
        match family {
            libc::AF_INET if self.len >= 16 => Some(Ipv4Addr::from(array(&self.bytes, 4)?).into()),
            libc::AF_INET6 if self.len >= 28 => Some(Ipv6Addr::from(array(&self.bytes, 8)?).into()),
            _ => None,
        }
    }
}

/// `N` octets of `bytes` from `at`.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Control messages of one packet (`cmsg(3)`).
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub(crate) struct Control {
    bytes: [u8; CONTROL_LEN],
    len: usize,
}

impl Control {
    pub(crate) const EMPTY: Self = Self {
        bytes: [0; CONTROL_LEN],
        len: 0,
    };

    /// Append a control message; one that does not fit is left out, which the sizes above exclude.
    pub(crate) fn push(&mut self, level: i32, kind: i32, data: &[u8]) {
        let len = CMSG_HEADER_LEN + data.len();
        let Some(space) = self
            .bytes
            .get_mut(self.len..self.len + len.next_multiple_of(CMSG_ALIGN))
        else {
            return;
        };
        space[..CMSG_ALIGN].copy_from_slice(&len.to_ne_bytes());
        space[CMSG_ALIGN..CMSG_ALIGN + 4].copy_from_slice(&level.to_ne_bytes());
        space[CMSG_ALIGN + 4..CMSG_HEADER_LEN].copy_from_slice(&kind.to_ne_bytes());
        space[CMSG_HEADER_LEN..len].copy_from_slice(data);
        self.len += space.len();
    }

    /// Is there none?
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The control messages as (level, type, data).
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i32, i32, &[u8])> {
        let mut rest = self.bytes.get(..self.len).unwrap_or(&[]);
        std::iter::from_fn(move || {
            let len = usize::from_ne_bytes(array(rest, 0)?);
            let level = i32::from_ne_bytes(array(rest, CMSG_ALIGN)?);
            let kind = i32::from_ne_bytes(array(rest, CMSG_ALIGN + 4)?);
            let data = rest.get(CMSG_HEADER_LEN..len)?;
            rest = rest.get(len.next_multiple_of(CMSG_ALIGN)..).unwrap_or(&[]);
            Some((level, kind, data))
        })
    }
}

/// A length whose type differs between C libraries.
fn length(value: impl TryInto<usize>) -> usize {
    value.try_into().unwrap_or(0)
}

/// One received packet.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    pub(crate) name: &'a Name,
    pub(crate) control: &'a Control,
    pub(crate) payload: &'a [u8],
    pub(crate) truncated: bool,
}

/// Storage for received packets.
#[derive(Debug)]
pub(crate) struct Inbox {
    names: Box<[Name]>,
    controls: Box<[Control]>,
    data: Box<[u8]>,
    packet_len: usize,
    /// Length and flags of each packet.
    lengths: Vec<(usize, i32)>,
    /// How many packets the next call asks for: preparing room that stays empty costs as much as receiving.
    ask: usize,
}

/// What a receiver wants to know of a packet beside its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Nothing: raw IPv4 packets say all themselves.
    Nothing,
    /// Source address and control messages.
    NameAndControl,
}

impl Inbox {
    /// Room for `AT_ONCE` packets of `packet_len` octets.
    pub(crate) fn new(packet_len: usize) -> Self {
        Self {
            names: vec![Name::EMPTY; AT_ONCE].into(),
            controls: vec![Control::EMPTY; AT_ONCE].into(),
            data: vec![0; AT_ONCE * packet_len].into(),
            packet_len,
            lengths: Vec::with_capacity(AT_ONCE),
            ask: ASK_LEAST,
        }
    }

    /// Replace the contents by what the socket has; the number of packets.
    pub(crate) fn receive(&mut self, socket: BorrowedFd<'_>, beside: Beside) -> io::Result<usize> {
        self.lengths.clear();
        let ask = self.ask.min(AT_ONCE);
        // SAFETY: both are plain C structures for which all zeros is a valid value.
        let (mut headers, mut vectors): ([libc::mmsghdr; AT_ONCE], [libc::iovec; AT_ONCE]) =
            unsafe { (zeroed(), zeroed()) };
        let packets = self.data.chunks_exact_mut(self.packet_len);
        let slots = self.names.iter_mut().zip(self.controls.iter_mut()).zip(packets);
        for ((header, vector), ((name, control), packet)) in
            headers.iter_mut().zip(vectors.iter_mut()).zip(slots).take(ask)
        {
            *vector = libc::iovec {
                iov_base: packet.as_mut_ptr().cast(),
                iov_len: packet.len(),
            };
            if beside == Beside::NameAndControl {
                header.msg_hdr.msg_name = name.bytes.as_mut_ptr().cast();
                header.msg_hdr.msg_namelen = 32;
                header.msg_hdr.msg_control = control.bytes.as_mut_ptr().cast();
                header.msg_hdr.msg_controllen = CONTROL_LEN as _;
            }
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
        }
        // SAFETY: each of the first `ask` headers points to an own vector, and to an own name and control buffer or to none, each
        // vector to an own packet buffer, all of the given lengths and alive and unborrowed until the call returns.
        let count = unsafe {
            let time_out = std::ptr::null_mut();
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                ask as _,
                libc::MSG_DONTWAIT,
                time_out,
            )
        };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        self.ask = match count {
            all if all >= ask => (ask * 2).min(AT_ONCE),
            few if few * 4 < ask => (ask / 2).max(ASK_LEAST),
            _ => ask,
        };
        for (at, header) in headers.iter().take(count).enumerate() {
            self.names[at].len = header.msg_hdr.msg_namelen;
            self.controls[at].len = length(header.msg_hdr.msg_controllen);
            let len = length(header.msg_len).min(self.packet_len);
            self.lengths.push((len, header.msg_hdr.msg_flags));
        }
        Ok(count)
    }

    pub(crate) const fn len(&self) -> usize {
        self.lengths.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Received<'_>> {
        self.lengths.iter().enumerate().map(|(at, &(len, flags))| Received {
            name: &self.names[at],
            control: &self.controls[at],
            payload: &self.data[at * self.packet_len..][..len],
            truncated: flags & libc::MSG_TRUNC != 0,
        })
    }
}

#[derive(Debug)]
struct Outgoing {
    start: usize,
    end: usize,
    name: Name,
    control: Control,
}

/// Packets that wait to be sent. Its memory is kept, so that the steady state does not allocate.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    data: Vec<u8>,
    packets: Vec<Outgoing>,
}

impl Outbox {
    pub(crate) const fn len(&self) -> usize {
        self.packets.len()
    }

    pub(crate) fn push(&mut self, payload: &[u8], name: Name, control: Control) {
        let start = self.data.len();
        self.data.extend_from_slice(payload);
        self.packets.push(Outgoing {
            start,
            end: self.data.len(),
            name,
            control,
        });
    }

    /// Send everything and empty the box. `failed` hears of each packet that was refused; the others are sent nevertheless.
    ///
    /// A full send buffer refuses all that is left with `WouldBlock`: an election does not wait.
    pub(crate) fn send(
        &mut self,
        socket: BorrowedFd<'_>,
        flags: i32,
        mut failed: impl FnMut(usize, io::Error),
    ) -> usize {
        let (mut at, mut sent) = (0, 0);
        while at < self.packets.len() {
            match self.send_some(socket, flags, at) {
                Ok(count) => {
                    at += count.max(1);
                    sent += count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    (at..self.packets.len()).for_each(|at| failed(at, io::ErrorKind::WouldBlock.into()));
                    break;
                }
                Err(error) => {
                    failed(at, error);
                    at += 1;
                }
            }
        }
        self.data.clear();
        self.packets.clear();
        sent
    }

    /// One system call, beginning with packet `first`; how many packets went.
    fn send_some(&mut self, socket: BorrowedFd<'_>, flags: i32, first: usize) -> io::Result<usize> {
        // SAFETY: both are plain C structures for which all zeros is a valid value.
        let (mut headers, mut vectors): ([libc::mmsghdr; AT_ONCE], [libc::iovec; AT_ONCE]) =
            unsafe { (zeroed(), zeroed()) };
        let mut count = 0;
        let slots = headers.iter_mut().zip(vectors.iter_mut());
        for ((header, vector), packet) in slots.zip(self.packets[first..].iter_mut()) {
            let payload = &mut self.data[packet.start..packet.end];
            *vector = libc::iovec {
                iov_base: payload.as_mut_ptr().cast(),
                iov_len: payload.len(),
            };
            header.msg_hdr.msg_name = packet.name.bytes.as_mut_ptr().cast();
            header.msg_hdr.msg_namelen = packet.name.len;
            if packet.control.len > 0 {
                header.msg_hdr.msg_control = packet.control.bytes.as_mut_ptr().cast();
                header.msg_hdr.msg_controllen = packet.control.len as _;
            }
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            count += 1;
        }
        // SAFETY: the first `count` headers point to names, control messages and vectors of the given lengths, the vectors to
        // payloads inside `data`; nothing of it moves before the call returns, and the kernel only reads.
        let sent = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                count,
                flags | libc::MSG_DONTWAIT,
            )
        };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_messages_are_read_as_written() {
        let mut control = Control::EMPTY;
        control.push(1, 2, &[1, 2, 3]);
        control.push(3, 4, &[5; 20]);
        assert_eq!(
            control.iter().collect::<Vec<_>>(),
            [(1, 2, &[1_u8, 2, 3][..]), (3, 4, &[5; 20][..])]
        );
        control.push(5, 6, &[0; 128]);
        assert_eq!(control.iter().count(), 2, "what does not fit is left out");
    }

    #[test]
    fn names_keep_their_address() {
        for address in ["192.0.2.1", "ff02::12"] {
            let address: IpAddr = address.parse().expect("address");
            assert_eq!(Name::ip(address, 3).address(), Some(address));
        }
        assert_eq!(Name::link(1, 0x806, &[0xff; 6]).address(), None);
    }
}
