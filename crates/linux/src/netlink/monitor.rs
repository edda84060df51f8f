//! The stream of changes that the kernel tells.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use netlink_packet_core::ParseableParametrized as _;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::Socket;
use rtnetlink::MulticastGroup;
use rustix::net::RecvFlags;

use super::address::Address;
use super::link::Link;
use super::requester::Requester;
use super::route::RouteInfo;
use super::rule::RuleInfo;
use super::wire::{Message, messages};
use crate::watched::Watched;

use super::{DATAGRAM_LEN, ReceiveBuffer, set_receive_buffer};

/// So many datagrams are read before the event loop gets its turn again.
const DATAGRAMS_AT_ONCE: usize = 64;

/// Something changed in the network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An interface is new or changed.
    Link(Link),
    /// An interface is gone.
    LinkRemoved(Link),
    /// An address is new or changed.
    Address(Address),
    /// An address is gone.
    AddressRemoved(Address, Requester),
    /// A route is new or changed.
    Route(Box<RouteInfo>),
    /// A route is gone.
    RouteRemoved(Box<RouteInfo>, Requester),
    /// A rule is new.
    Rule(Box<RuleInfo>),
    /// A rule is gone.
    RuleRemoved(Box<RuleInfo>, Requester),
    /// The kernel dropped events because they were not read fast enough: take a new [`super::Dump`].
    Overrun,
}

/// What beside links and addresses is to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// IPv4 and IPv6 routes; only when routes are tracked, a full table is a flood.
    pub routes: bool,
    /// IPv4 and IPv6 rules.
    pub rules: bool,
}

/// A socket that hears of changes (vrrp.md 4.5).
pub struct Monitor {
    socket: Watched,
    buffer: Box<[u8]>,
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}

impl Monitor {
    /// Open the monitor in the calling thread's network namespace, inside a Tokio runtime.
    ///
    /// `receive_buffer`: keepalived's default is 64 KiB.
    ///
    /// # Errors
    /// What `socket(2)`, `bind(2)` or `setsockopt(2)` reports.
    pub fn open(groups: Groups, receive_buffer: Option<ReceiveBuffer>) -> io::Result<Self> {
        let mut socket = Socket::new(netlink_sys::protocols::NETLINK_ROUTE)?;
        if let Some(buffer) = receive_buffer {
            set_receive_buffer(&socket, buffer)?;
        }
        socket.bind_auto()?;
        socket.set_non_blocking(true)?;
        let always = [
            MulticastGroup::Link,
            MulticastGroup::Ipv4Ifaddr,
            MulticastGroup::Ipv6Ifaddr,
        ];
        let routes = [MulticastGroup::Ipv4Route, MulticastGroup::Ipv6Route];
        let rules = [MulticastGroup::Ipv4Rule, MulticastGroup::Ipv6Rule];
        let wanted = always
            .into_iter()
            .chain(routes.into_iter().filter(|_| groups.routes))
            .chain(rules.into_iter().filter(|_| groups.rules));
        for group in wanted {
            socket.add_membership(group as u32)?;
        }
        Ok(Self {
            socket: Watched::reader(super::owned(socket))?,
            buffer: vec![0; DATAGRAM_LEN].into(),
        })
    }

    /// Give the kernel's queue another size.
    ///
    /// # Errors
    /// What `setsockopt(2)` reports.
    pub fn set_receive_buffer(&self, buffer: ReceiveBuffer) -> io::Result<()> {
        set_receive_buffer(&self.socket, buffer)
    }

    /// Wait for changes and append them to `events`, at least one. Cancel safe: usable as a branch of `select!`.
    ///
    /// # Errors
    /// What `recv(2)` reports, except overruns, which are [`Event::Overrun`].
    pub async fn next(&mut self, events: &mut Vec<Event>) -> io::Result<()> {
        let before = events.len();
        while events.len() == before {
            let buffer = &mut self.buffer;
            self.socket
                .drain(|socket| read_available(socket, buffer, events))
                .await?;
        }
        Ok(())
    }

    /// Append all changes that the kernel has told by now, without waiting: whoever digests the answer to a command does this
    /// first, so that what happened before the answer is known before it.
    ///
    /// # Errors
    /// As [`Monitor::next`].
    pub fn read_now(&mut self, events: &mut Vec<Event>) -> io::Result<()> {
        for _ in 0..DATAGRAMS_AT_ONCE {
            if read_available(self.socket.as_fd(), &mut self.buffer, events)? {
                break;
            }
        }
        Ok(())
    }
}

/// Read what is there, within bounds; true when the socket is drained.
fn read_available(socket: BorrowedFd<'_>, buffer: &mut [u8], events: &mut Vec<Event>) -> io::Result<bool> {
    for _ in 0..DATAGRAMS_AT_ONCE {
        match rustix::net::recv(socket, &mut *buffer, RecvFlags::TRUNC) {
            Ok((_, len)) if len > buffer.len() => events.push(Event::Overrun),
            Ok((len, _)) => {
                events.extend(messages(&buffer[..len]).filter_map(|message| Event::read(&message)));
            }
            Err(rustix::io::Errno::NOBUFS) => events.push(Event::Overrun),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

impl Event {
    /// What a message says, if it is about links, addresses, routes or rules.
    pub(super) fn of(message: RouteNetlinkMessage, by: Requester) -> Option<Self> {
        use RouteNetlinkMessage as Told;
        Some(match message {
            Told::NewLink(link) => Self::Link(Link::of(link)?),
            Told::DelLink(link) => Self::LinkRemoved(Link::of(link)?),
            Told::NewAddress(address) => Self::Address(Address::of(address)?),
            Told::DelAddress(address) => Self::AddressRemoved(Address::of(address)?, by),
            Told::NewRoute(route) => Self::Route(Box::new(RouteInfo::of(&route)?)),
            Told::DelRoute(route) => Self::RouteRemoved(Box::new(RouteInfo::of(&route)?), by),
            Told::NewRule(rule) => Self::Rule(Box::new(RuleInfo::of(&rule)?)),
            Told::DelRule(rule) => Self::RuleRemoved(Box::new(RuleInfo::of(&rule)?), by),
            _ => return None,
        })
    }

    /// As [`Event::of`], of a message as it came.
    ///
    /// `netlink-packet-route` refuses a whole message because of one attribute that it cannot read: an alias that is no UTF-8,
    /// a new form of a device's details. An election must not miss for that that an interface went down or an address was
    /// taken away, so of links and addresses what counts is then read without it.
    pub(super) fn read(message: &Message<'_>) -> Option<Self> {
        let Message {
            kind, payload, port, ..
        } = *message;
        let by = Requester(port);
        let error = match RouteNetlinkMessage::parse_with_param(payload, kind) {
            Ok(message) => return Self::of(message, by),
            Err(error) => error,
        };
        tracing::debug!("failed to read all of a netlink message of type {kind}: {error}");
        Some(match kind {
            libc::RTM_NEWLINK => Self::Link(Link::essence(payload)?),
            libc::RTM_DELLINK => Self::LinkRemoved(Link::essence(payload)?),
            libc::RTM_NEWADDR => Self::Address(Address::essence(payload)?),
            libc::RTM_DELADDR => Self::AddressRemoved(Address::essence(payload)?, by),
            libc::RTM_NEWROUTE | libc::RTM_DELROUTE | libc::RTM_NEWRULE | libc::RTM_DELRULE => {
                tracing::info!("failed to read what the kernel tells of a route or rule: {error}");
                return None;
            }
            _ => return None,
        })
    }
}
