//! The command socket: batches of changes, and dumps.

use std::fmt;
use std::io;
use std::time::Duration;

use keepalived_model::units::Family;
use netlink_sys::Socket;
use rustix::net::RecvFlags;

use super::address::Address;
use super::firewall::{Firewall, FirewallSettings};
use super::link::{LINK_HEADER_LEN, Link};
use super::operation::{Operation, flags};
use super::route::{RouteInfo, family_number};
use super::rule::RuleInfo;
use super::wire::{Message, Writer, attributes, messages, text, u32_at};
use super::{DATAGRAM_LEN, ReceiveBuffer, set_receive_buffer};

/// The kernel answers each message with an own datagram; more of them than this would overrun a default receive buffer.
const BATCH_MESSAGES: usize = 64;
/// A datagram stays below the default send buffer.
const BATCH_BYTES: usize = 48 * 1024;
/// A dump that the kernel marks as inconsistent is taken again at most this often.
const DUMP_ATTEMPTS: usize = 8;
/// rtnetlink answers before `sendto(2)` returns; the time-out only guards against a lost answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

const NLMSG_ERROR: u16 = libc::NLMSG_ERROR as u16;
const NLMSG_DONE: u16 = libc::NLMSG_DONE as u16;
const NLM_F_DUMP_INTR: u16 = libc::NLM_F_DUMP_INTR as u16;
const NLM_F_CAPPED: u16 = 0x100;
const NLM_F_ACK_TLVS: u16 = 0x200;
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
    socket: Socket,
    sequence: u32,
    writer: Writer,
    buffer: Box<[u8]>,
    firewall: Option<Firewall>,
}

impl fmt::Debug for CommandSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandSocket")
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl CommandSocket {
    /// Open a socket in the calling thread's network namespace.
    ///
    /// # Errors
    /// What `socket(2)`, `bind(2)` or setting the receive buffer reports.
    pub fn open(receive_buffer: Option<ReceiveBuffer>) -> io::Result<Self> {
        let mut socket = Socket::new(netlink_sys::protocols::NETLINK_ROUTE)?;
        socket.bind_auto()?;
        // Old kernels know neither; answers are then longer and without text.
        let _ = socket.set_ext_ack(true);
        let _ = socket.set_cap_ack(true);
        if let Some(buffer) = receive_buffer {
            set_receive_buffer(&socket, buffer)?;
        }
        rustix::net::sockopt::set_socket_timeout(&socket, rustix::net::sockopt::Timeout::Recv, Some(ANSWER_TIMEOUT))?;
        Ok(Self {
            socket,
            sequence: 0,
            writer: Writer::default(),
            buffer: vec![0; DATAGRAM_LEN].into(),
            firewall: None,
        })
    }

    /// Carry out `operations`, many to a datagram; one result for each, in order. A refusal does not stop the others.
    ///
    /// When the socket itself fails, the operations without an answer get that error.
    pub fn execute(&mut self, operations: &[Operation]) -> Vec<Result<(), KernelError>> {
        let mut results = Vec::with_capacity(operations.len());
        for run in operations.chunk_by(|a, b| a.firewall().is_some() == b.firewall().is_some()) {
            let changes: Vec<_> = run.iter().filter_map(Operation::firewall).collect();
            match &mut self.firewall {
                _ if changes.is_empty() => self.execute_routing(run, &mut results),
                Some(firewall) => results.extend(firewall.execute(&changes)),
                None => {
                    let off = KernelError {
                        errno: libc::EOPNOTSUPP,
                        text: Some("the firewall is not enabled".into()),
                    };
                    results.resize(results.len() + run.len(), Err(off));
                }
            }
        }
        results
    }

    /// Allow [`Operation::Shield`], removing tables of that name which a predecessor left.
    ///
    /// # Errors
    /// What the kernel reports: `EOPNOTSUPP` without nftables, `EPERM` without `CAP_NET_ADMIN`.
    pub fn enable_firewall(&mut self, settings: FirewallSettings) -> io::Result<()> {
        self.firewall = Some(Firewall::open(settings)?);
        Ok(())
    }

    /// Remove the tables of the firewall, if it is enabled: the end of an orderly run.
    ///
    /// # Errors
    /// What the kernel reports.
    pub fn remove_firewall(&mut self) -> io::Result<()> {
        self.firewall.as_mut().map_or(Ok(()), Firewall::remove)
    }

    /// Append one result for each of `operations`, none of which is for the firewall.
    fn execute_routing(&mut self, operations: &[Operation], results: &mut Vec<Result<(), KernelError>>) {
        let base = results.len();
        while results.len() - base < operations.len() {
            let first = self.sequence.wrapping_add(1);
            let rest = &operations[results.len() - base..];
            let count = self.write_batch(rest);
            let batch = &rest[..count];
            let at = results.len();
            results.resize(
                at + count,
                Err(KernelError {
                    errno: libc::ETIMEDOUT,
                    text: None,
                }),
            );
            if let Err(error) = self.exchange(first, batch, &mut results[at..]) {
                let failure = KernelError {
                    errno: error.raw_os_error().unwrap_or(libc::EIO),
                    text: None,
                };
                for result in &mut results[at..] {
                    if matches!(
                        result,
                        Err(KernelError {
                            errno: libc::ETIMEDOUT,
                            ..
                        })
                    ) {
                        *result = Err(failure.clone());
                    }
                }
            }
        }
    }

    /// Fill the writer with as many of `operations` as fit; at least one. Returns how many.
    fn write_batch(&mut self, operations: &[Operation]) -> usize {
        self.writer.clear();
        let mut count = 0;
        for operation in operations.iter().take(BATCH_MESSAGES) {
            if count > 0 && self.writer.len() > BATCH_BYTES {
                break;
            }
            self.sequence = self.sequence.wrapping_add(1);
            operation.write(&mut self.writer, self.sequence);
            count += 1;
        }
        count
    }

    /// Send the batch and collect an answer for each of its messages.
    fn exchange(&mut self, first: u32, batch: &[Operation], results: &mut [Result<(), KernelError>]) -> io::Result<()> {
        self.socket.send(self.writer.bytes(), 0)?;
        let mut missing = batch.len();
        while missing > 0 {
            let len = receive(&self.socket, &mut self.buffer)?;
            for message in messages(&self.buffer[..len]).filter(|message| message.kind == NLMSG_ERROR) {
                // Answers to an earlier batch that timed out fall outside the range.
                let at = usize::try_from(message.sequence.wrapping_sub(first)).unwrap_or(usize::MAX);
                let (Some(operation), Some(result)) = (batch.get(at), results.get_mut(at)) else {
                    continue;
                };
                *result = match error_of(&message) {
                    Some(error) if !operation.is_satisfied_by(error.errno) => Err(error),
                    _ => Ok(()),
                };
                missing -= 1;
            }
        }
        Ok(())
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
        self.dump_of(libc::RTM_GETLINK, &[0; LINK_HEADER_LEN], |message| {
            (message.kind == libc::RTM_NEWLINK)
                .then(|| Link::parse(message.payload))
                .flatten()
        })
    }

    /// All addresses of both families.
    ///
    /// # Errors
    /// As [`CommandSocket::dump`].
    pub fn addresses(&mut self) -> io::Result<Vec<Address>> {
        self.dump_of(libc::RTM_GETADDR, &[0; 8], |message| {
            (message.kind == libc::RTM_NEWADDR)
                .then(|| Address::parse(message.payload))
                .flatten()
        })
    }

    /// All routes of one family in all tables.
    ///
    /// # Errors
    /// As [`CommandSocket::dump`].
    pub fn routes(&mut self, family: Family) -> io::Result<Vec<RouteInfo>> {
        self.dump_of(libc::RTM_GETROUTE, &family_header(family), |message| {
            (message.kind == libc::RTM_NEWROUTE)
                .then(|| RouteInfo::parse(message.payload))
                .flatten()
        })
    }

    /// All rules of one family.
    ///
    /// # Errors
    /// As [`CommandSocket::dump`].
    pub fn rules(&mut self, family: Family) -> io::Result<Vec<RuleInfo>> {
        self.dump_of(libc::RTM_GETRULE, &family_header(family), |message| {
            (message.kind == libc::RTM_NEWRULE)
                .then(|| RuleInfo::parse(message.payload))
                .flatten()
        })
    }

    fn dump_of<T>(
        &mut self,
        kind: u16,
        header: &[u8],
        parse: impl Fn(&Message<'_>) -> Option<T>,
    ) -> io::Result<Vec<T>> {
        for _ in 0..DUMP_ATTEMPTS {
            let mut found = Vec::new();
            if self.dump_once(kind, header, &parse, &mut found)? {
                return Ok(found);
            }
        }
        Err(io::Error::from_raw_os_error(libc::EINTR))
    }

    /// Take a dump; false when something changed under it.
    fn dump_once<T>(
        &mut self,
        kind: u16,
        header: &[u8],
        parse: &impl Fn(&Message<'_>) -> Option<T>,
        found: &mut Vec<T>,
    ) -> io::Result<bool> {
        self.sequence = self.sequence.wrapping_add(1);
        self.writer.clear();
        self.writer
            .begin(kind, flags(libc::NLM_F_REQUEST | libc::NLM_F_DUMP), self.sequence);
        self.writer.raw(header);
        self.writer.finish();
        self.socket.send(self.writer.bytes(), 0)?;
        let mut consistent = true;
        loop {
            let len = receive(&self.socket, &mut self.buffer)?;
            for message in messages(&self.buffer[..len]).filter(|message| message.sequence == self.sequence) {
                consistent &= message.flags & NLM_F_DUMP_INTR == 0;
                match message.kind {
                    NLMSG_DONE => return Ok(consistent),
                    NLMSG_ERROR => {
                        if let Some(error) = error_of(&message) {
                            return Err(error.into());
                        }
                    }
                    _ => found.extend(parse(&message)),
                }
            }
        }
    }
}

/// The header of a request for routes or rules: `struct rtmsg` and `struct fib_rule_hdr` begin alike.
fn family_header(family: Family) -> [u8; 12] {
    let mut header = [0; 12];
    header[0] = family_number(family);
    header
}

/// Receive one datagram; a signal does not end the wait.
fn receive(socket: &Socket, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match rustix::net::recv(socket, &mut *buffer, RecvFlags::empty()) {
            Ok((len, _)) => return Ok(len.min(buffer.len())),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The error in an `NLMSG_ERROR` message; `None` for an acknowledgement (`netlink(7)`).
pub(super) fn error_of(message: &Message<'_>) -> Option<KernelError> {
    let code = u32_at(message.payload, 0).unwrap_or(0).cast_signed();
    if code == 0 || message.kind != NLMSG_ERROR {
        return None;
    }
    // After the code comes our message's header, and without NLM_F_CAPPED the rest of our message; then the attributes.
    let request = if message.flags & NLM_F_CAPPED == 0 {
        u32_at(message.payload, 4).unwrap_or(0)
    } else {
        16
    };
    let start = usize::try_from(request).unwrap_or(usize::MAX).saturating_add(3) & !3;
    let tail = message.payload.get(start.saturating_add(4)..).unwrap_or(&[]);
    let text = (message.flags & NLM_F_ACK_TLVS != 0)
        .then(|| {
            attributes(tail)
                .find(|&(kind, _)| kind == NLMSGERR_ATTR_MSG)
                .map(|(_, value)| text(value))
        })
        .flatten();
    Some(KernelError {
        errno: code.saturating_neg(),
        text,
    })
}
