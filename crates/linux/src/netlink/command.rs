//! The command socket: batches of changes, and dumps.

use std::fmt;
use std::io;

use futures_util::{FutureExt as _, StreamExt as _};
use keepalived_model::units::Family;
use netlink_packet_core::{
    NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_ERROR, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::LinkMessage;
use netlink_packet_route::route::RouteMessage;
use netlink_packet_route::rule::RuleMessage;

use super::ReceiveBuffer;
use super::address::Address;
use super::firewall::{Change, Firewall, FirewallSettings};
use super::line::{Line, Message};
use super::link::Link;
use super::monitor::Event;
use super::operation::{Operation, Room};
use super::requester::Requester;
use super::route::{RouteInfo, address_family};
use super::rule::RuleInfo;
use super::wire::{Message as RawMessage, attributes, text, u32_at};
use crate::iptables::{Iptables, IptablesSettings};

/// The kernel answers each refused message with an own datagram; more of them than this would overrun a default receive buffer.
const BATCH_MESSAGES: usize = 64;
/// A datagram stays below the default send buffer.
const BATCH_BYTES: usize = 48 * 1024;
/// A dump that the kernel marks as inconsistent is taken again at most this often.
const DUMP_ATTEMPTS: usize = 8;

const NLMSGERR_ATTR_MSG: u16 = 1;

/// The kernel's refusal of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelError {
    /// The error number, positive.
    pub errno: i32,
    /// The kernel's explanation (extended acknowledgement), where it gave one.
    pub text: Option<String>,
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", io::Error::from_raw_os_error(self.errno))?;
        self.text.as_ref().map_or(Ok(()), |text| write!(f, ": {text}"))
    }
}

impl std::error::Error for KernelError {}

impl From<KernelError> for io::Error {
    fn from(error: KernelError) -> Self {
        Self::from_raw_os_error(error.errno)
    }
}

/// The links and addresses of the namespace at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    /// All interfaces, by index.
    pub links: Vec<Link>,
    /// All IPv4 and IPv6 addresses, in the kernel's order: primaries come before their secondaries.
    pub addresses: Vec<Address>,
}

/// A netlink socket for changes and dumps. Its calls wait for the kernel (microseconds, unless somebody holds the
/// routing lock); an election uses [`super::Commands`] instead.
pub struct CommandSocket {
    line: Line,
    firewall: Option<Backend>,
}

/// Who filters.
enum Backend {
    Nftables(Firewall),
    Iptables(Iptables),
}

impl Backend {
    fn held(&self) -> Vec<Change> {
        let change = |shielded| Change { shielded, add: true };
        match self {
            Self::Nftables(firewall) => firewall.held().map(change).collect(),
            Self::Iptables(iptables) => iptables.held().map(change).collect(),
        }
    }

    fn execute(&mut self, changes: &[Change]) -> Vec<Result<(), KernelError>> {
        match self {
            Self::Nftables(firewall) => firewall.execute(changes),
            Self::Iptables(iptables) => {
                iptables.submit(changes.iter().map(|change| (change.shielded, change.add)));
                vec![Ok(()); changes.len()]
            }
        }
    }
}

impl fmt::Debug for CommandSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandSocket")
            .field("sequence", &self.line.sequence())
            .finish_non_exhaustive()
    }
}

impl CommandSocket {
    /// Open a socket in the calling thread's network namespace.
    ///
    /// # Errors
    /// What `socket(2)`, `bind(2)` or setting the receive buffer reports.
    pub fn open(receive_buffer: Option<ReceiveBuffer>) -> io::Result<Self> {
        Ok(Self {
            line: Line::open(receive_buffer)?,
            firewall: None,
        })
    }

    /// Give the kernel's queue of answers another size.
    ///
    /// # Errors
    /// What `setsockopt(2)` reports.
    pub fn set_receive_buffer(&mut self, buffer: ReceiveBuffer) -> io::Result<()> {
        self.line.set_receive_buffer(buffer)
    }

    /// Carry out `operations`, many to a datagram; one result for each, in order. A refusal does not stop the others.
    ///
    /// When the socket itself fails, the operations without an answer get that error.
    pub fn execute(&mut self, operations: &[Operation]) -> Vec<Result<(), KernelError>> {
        let mut results = Vec::with_capacity(operations.len());
        for run in operations.chunk_by(|a, b| a.room() == b.room()) {
            match run.first().map(Operation::room) {
                Some(Room::Routing) => self.execute_routing(run, &mut results),
                Some(Room::Firewall) => self.execute_firewall(run, &mut results),
                Some(Room::Settings) => results.extend(run.iter().map(|settings| self.use_firewall(settings))),
                None => {}
            }
        }
        results
    }

    fn execute_firewall(&mut self, run: &[Operation], results: &mut Vec<Result<(), KernelError>>) {
        let changes: Vec<_> = run.iter().filter_map(Operation::firewall).collect();
        if let Some(firewall) = &mut self.firewall {
            results.extend(firewall.execute(&changes));
        } else {
            let off = KernelError {
                errno: libc::EOPNOTSUPP,
                text: Some("the firewall is not enabled".into()),
            };
            results.resize(results.len() + run.len(), Err(off));
        }
    }

    /// Another back end, or other settings of the same; what is shielded stays so.
    fn use_firewall(&mut self, operation: &Operation) -> Result<(), KernelError> {
        let opened = match (operation, &mut self.firewall) {
            (Operation::UseFirewall(settings), Some(Backend::Nftables(firewall))) => {
                return firewall.set(FirewallSettings::clone(settings));
            }
            (Operation::RepairFirewall, Some(Backend::Nftables(firewall))) => return firewall.repair(),
            (Operation::UseFirewall(settings), _) => {
                Firewall::open(FirewallSettings::clone(settings)).map(Backend::Nftables)
            }
            (Operation::UseIptables(settings), Some(Backend::Iptables(iptables)))
                if iptables.settings() == &**settings =>
            {
                return Ok(());
            }
            (Operation::UseIptables(settings), _) => {
                Iptables::start(IptablesSettings::clone(settings)).map(Backend::Iptables)
            }
            _ => return Ok(()),
        };
        let mut opened = opened.map_err(|error| own(&error))?;
        let held = self.firewall.as_ref().map(Backend::held).unwrap_or_default();
        self.remove_firewall().map_err(|error| own(&error))?;
        let results = opened.execute(&held);
        self.firewall = Some(opened);
        results.into_iter().collect()
    }

    /// Allow [`Operation::Shield`], removing tables of that name which a predecessor left.
    ///
    /// # Errors
    /// What the kernel reports: `EOPNOTSUPP` without nftables, `EPERM` without `CAP_NET_ADMIN`.
    pub fn enable_firewall(&mut self, settings: FirewallSettings) -> io::Result<()> {
        self.firewall = Some(Backend::Nftables(Firewall::open(settings)?));
        Ok(())
    }

    /// Remove the tables of the firewall, if it is enabled: the end of an orderly run.
    ///
    /// # Errors
    /// What the kernel reports.
    pub fn remove_firewall(&mut self) -> io::Result<()> {
        match &mut self.firewall {
            Some(Backend::Nftables(firewall)) => firewall.remove(),
            Some(Backend::Iptables(_)) => {
                self.firewall = None;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Append one result for each of `operations`, none of which is for the firewall.
    fn execute_routing(&mut self, operations: &[Operation], results: &mut Vec<Result<(), KernelError>>) {
        let mut rest = operations;
        while !rest.is_empty() {
            let messages = batch(rest);
            let (now, later) = rest.split_at(messages.len());
            rest = later;
            match self.line.change(messages) {
                Ok(refusals) => results.extend(now.iter().zip(refusals).map(|(operation, refusal)| {
                    refusal
                        .filter(|error| !operation.is_satisfied_by(error.errno))
                        .map_or(Ok(()), Err)
                })),
                Err(error) => results.resize(results.len() + now.len(), Err(own(&error))),
            }
        }
    }

    /// All links and addresses.
    ///
    /// # Errors
    /// What the socket reports, or `EINTR` when the tables never stood still.
    pub fn dump(&mut self) -> io::Result<Dump> {
        Ok(Dump {
            links: self.links()?,
            addresses: self.addresses()?,
        })
    }

    /// All links.
    ///
    /// # Errors
    /// As [`CommandSocket::dump`].
    pub fn links(&mut self) -> io::Result<Vec<Link>> {
        self.dump_of(
            RouteNetlinkMessage::GetLink(LinkMessage::default()),
            |event| match event {
                Event::Link(link) => Some(link),
                _ => None,
            },
        )
    }

    /// All addresses of both families.
    ///
    /// # Errors
    /// As [`CommandSocket::dump`].
    pub fn addresses(&mut self) -> io::Result<Vec<Address>> {
        self.dump_of(
            RouteNetlinkMessage::GetAddress(AddressMessage::default()),
            |event| match event {
                Event::Address(address) => Some(address),
                _ => None,
            },
        )
    }

    /// All routes of one family in all tables.
    ///
    /// # Errors
    /// As [`CommandSocket::dump`].
    pub fn routes(&mut self, family: Family) -> io::Result<Vec<RouteInfo>> {
        let mut request = RouteMessage::default();
        request.header.address_family = address_family(family);
        self.dump_of(RouteNetlinkMessage::GetRoute(request), |event| match event {
            Event::Route(route) => Some(*route),
            _ => None,
        })
    }

    /// The routes of one family in all tables that a protocol made. The kernel chooses them, so a full routing table costs little.
    ///
    /// # Errors
    /// As [`CommandSocket::dump`].
    pub fn routes_of(&mut self, family: Family, protocol: u8) -> io::Result<Vec<RouteInfo>> {
        let mut request = RouteMessage::default();
        request.header.address_family = address_family(family);
        request.header.protocol = protocol.into();
        self.dump_of(RouteNetlinkMessage::GetRoute(request), |event| match event {
            // Old kernels do not choose.
            Event::Route(route) if route.protocol == protocol => Some(*route),
            _ => None,
        })
    }

    /// All rules of one family.
    ///
    /// # Errors
    /// As [`CommandSocket::dump`].
    pub fn rules(&mut self, family: Family) -> io::Result<Vec<RuleInfo>> {
        let mut request = RuleMessage::default();
        request.header.family = address_family(family);
        self.dump_of(RouteNetlinkMessage::GetRule(request), |event| match event {
            Event::Rule(rule) => Some(*rule),
            _ => None,
        })
    }

    fn dump_of<T>(&mut self, request: RouteNetlinkMessage, pick: impl Fn(Event) -> Option<T>) -> io::Result<Vec<T>> {
        for _ in 0..DUMP_ATTEMPTS {
            let mut found = Vec::new();
            if self.dump_once(request.clone(), &pick, &mut found)? {
                return Ok(found);
            }
        }
        Err(io::Error::from_raw_os_error(libc::EINTR))
    }

    /// Take a dump; false when something changed under it.
    fn dump_once<T>(
        &mut self,
        request: RouteNetlinkMessage,
        pick: &impl Fn(Event) -> Option<T>,
        found: &mut Vec<T>,
    ) -> io::Result<bool> {
        let mut request = Message::from(request);
        request.header.flags = NLM_F_REQUEST | NLM_F_DUMP;
        let mut sent = self.line.send(vec![request])?;
        let Some(answers) = sent.first_mut() else {
            return Ok(false);
        };
        let sequence = self.line.sequence();
        let mut consistent = true;
        let mut told = Vec::new();
        loop {
            self.line.receive()?;
            let mut ended = false;
            while let Some(answer) = answers.next().now_or_never() {
                let Some(message) = answer else {
                    ended = true;
                    break;
                };
                consistent &= message.header.flags & NLM_F_DUMP_INTR == 0;
                match message.payload {
                    NetlinkPayload::InnerMessage(message) => told.push(message),
                    NetlinkPayload::Done(done) if done.code < 0 => {
                        return Err(io::Error::from_raw_os_error(done.code.saturating_neg()));
                    }
                    NetlinkPayload::Error(error) if error.code.is_some() => return Err(error.to_io()),
                    _ => {}
                }
            }
            let first_of_route = libc::RTM_NEWLINK;
            let mine = |message: &RawMessage<'_>| message.sequence == sequence && message.kind >= first_of_route;
            if self.line.received(|raw| raw.filter(mine).count()) == told.len() {
                found.extend(
                    told.drain(..)
                        .filter_map(|message| Event::of(message, Requester::default()))
                        .filter_map(pick),
                );
            } else {
                // One of them was refused and would be missing: read these again, tolerantly, so that the order is kept.
                told.clear();
                self.line.received(|raw| {
                    found.extend(
                        raw.filter(mine)
                            .filter_map(|message| Event::read(&message))
                            .filter_map(pick),
                    )
                });
            }
            if ended {
                return Ok(consistent);
            }
        }
    }
}

/// The messages for as many of `operations` as fit into one datagram; at least one.
fn batch(operations: &[Operation]) -> Vec<Message> {
    let mut messages = Vec::with_capacity(operations.len().min(BATCH_MESSAGES));
    let mut len = 0;
    for operation in operations.iter().take(BATCH_MESSAGES) {
        let message = operation.message();
        len += message.buffer_len();
        if len > BATCH_BYTES && !messages.is_empty() {
            break;
        }
        messages.push(message);
    }
    messages
}

/// An error of the socket in the place of the kernel's.
fn own(error: &io::Error) -> KernelError {
    KernelError {
        errno: error.raw_os_error().unwrap_or(libc::EIO),
        text: None,
    }
}

/// The refusal in an `NLMSG_ERROR` message; `None` for an acknowledgement, and for any other message.
pub(super) fn refusal_in_raw(message: &RawMessage<'_>) -> Option<KernelError> {
    if message.kind != NLMSG_ERROR {
        return None;
    }
    let code = u32_at(message.payload, 0)?.cast_signed();
    refusal(code, message.flags, message.payload.get(4..)?)
}

/// Read an error code and what follows it (`netlink(7)`): our message's header, without `NLM_F_CAPPED` the rest of our
/// message, then the attributes of the extended acknowledgement, which no crate reads.
fn refusal(code: i32, flags: u16, tail: &[u8]) -> Option<KernelError> {
    if code == 0 {
        return None;
    }
    let request = if flags & NLM_F_CAPPED == 0 {
        u32_at(tail, 0).unwrap_or(0)
    } else {
        16
    };
    let start = usize::try_from(request).unwrap_or(usize::MAX).saturating_add(3) & !3;
    let explained = (flags & NLM_F_ACK_TLVS != 0).then(|| {
        attributes(tail.get(start..).unwrap_or(&[]))
            .find(|&(kind, _)| kind == NLMSGERR_ATTR_MSG)
            .map(|(_, value)| text(value))
    });
    Some(KernelError {
        errno: code.saturating_neg(),
        text: explained.flatten(),
    })
}
