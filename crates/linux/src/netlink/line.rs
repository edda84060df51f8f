//! An rtnetlink connection that is driven by hand.
//!
//! `rtnetlink`'s connection expects to live in an event loop of its own. The command socket must be usable where there is no
//! loop yet (the start of a process) and inside one that it may not block on (a worker that opens its sockets), so its socket
//! type never waits by itself: what is written is collected until it is sent as one datagram, which makes a batch of many
//! [`Handle::request`]s, and what is read is read when we say so.

use std::cell::{Cell, RefCell};
use std::io;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use netlink_packet_core::{NLM_F_ACK, NetlinkMessage};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::{AsyncSocket, Socket, SocketAddr};
use rtnetlink::Handle;
use rustix::event::{PollFd, PollFlags};
use rustix::net::RecvFlags;

use super::command::{KernelError, refusal_in_raw};
use super::wire::{Message as RawMessage, messages as messages_in};
use super::{DATAGRAM_LEN, ReceiveBuffer, set_receive_buffer};

/// What is sent and received.
pub(super) type Message = NetlinkMessage<RouteNetlinkMessage>;

/// So many datagrams are parsed before what they say is digested: a dump of 65,000 interfaces is never in memory as a whole.
const DATAGRAMS_AT_ONCE: usize = 16;
/// rtnetlink answers before `sendto(2)` returns; the time-out only guards against a lost answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The bit of sequence numbers that tells changes from the requests that the connection numbers from 1.
const CHANGES: u32 = 1 << 31;
/// Below it the number of the batch, and in so many bits the number of the message.
const NUMBER_BITS: u32 = 12;
const NUMBER_MASK: u32 = (1 << NUMBER_BITS) - 1;

/// A connection and its handle.
pub(super) struct Line {
    connection: netlink_proto::Connection<RouteNetlinkMessage, HandSocket>,
    handle: Handle,
    unsolicited: futures_util::stream::BoxStream<'static, ()>,
    sequence: u32,
    /// Counts [`Line::change`]s.
    batch: u32,
}

impl Line {
    /// Open a connection in the calling thread's network namespace.
    pub(super) fn open(receive_buffer: Option<ReceiveBuffer>) -> io::Result<Self> {
        let mut socket = HandSocket::new(netlink_sys::protocols::NETLINK_ROUTE)?;
        socket.socket.bind_auto()?;
        // Old kernels know none of them; answers are then longer and without text, and dumps less choosy.
        let _ = socket.socket.set_ext_ack(true);
        let _ = socket.socket.set_cap_ack(true);
        let _ = socket.socket.set_netlink_get_strict_chk(true);
        if let Some(buffer) = receive_buffer {
            set_receive_buffer(&socket.socket, buffer)?;
        }
        let (mut connection, handle, unsolicited) = rtnetlink::from_socket(socket);
        // Whether a dump was consistent, and complete, is said in the message that ends it.
        connection.set_forward_done(true);
        Ok(Self {
            connection,
            handle,
            unsolicited: unsolicited.map(drop).boxed(),
            sequence: 0,
            batch: 0,
        })
    }

    /// Give the kernel's queue another size.
    pub(super) fn set_receive_buffer(&mut self, buffer: ReceiveBuffer) -> io::Result<()> {
        set_receive_buffer(&self.connection.socket_mut().socket, buffer)
    }

    /// The sequence number of the message that was sent last: the connection numbers them from 1 without a gap.
    pub(super) const fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Send `messages` as one datagram; a stream of answers for each, in order, which ends with its last answer.
    pub(super) fn send(
        &mut self,
        messages: Vec<Message>,
    ) -> io::Result<Vec<impl Stream<Item = Message> + Unpin + use<>>> {
        let mut answers = Vec::with_capacity(messages.len());
        for message in messages {
            let stream = self.handle.request(message).map_err(io::Error::other)?;
            self.sequence = self.sequence.wrapping_add(1);
            answers.push(stream);
        }
        let context = &mut Context::from_waker(Waker::noop());
        self.connection.poll_requests(context);
        for _ in &answers {
            self.connection.poll_send_messages(context);
        }
        self.connection.socket_mut().send_collected()?;
        Ok(answers)
    }

    /// Send `messages` as one datagram of which only the last is acknowledged: the kernel works them off in order and tells each
    /// refusal in any case, so silence means success and a thousand addresses cost no thousand answers. One result for each.
    ///
    /// # Errors
    /// What the socket reports: `ENOBUFS` when the kernel had no room for an answer, `ETIMEDOUT` when none came. What was refused is
    /// not known then.
    pub(super) fn change(&mut self, messages: Vec<Message>) -> io::Result<Vec<Option<KernelError>>> {
        let count = messages.len();
        let mut refused = vec![None; count];
        let Some(last) = count.checked_sub(1) else {
            return Ok(refused);
        };
        // Answers to a batch that was given up must not be taken for answers to this one.
        self.batch = self.batch.wrapping_add(1);
        let first = CHANGES | (self.batch << NUMBER_BITS & !CHANGES);
        let numbered = |number: usize| first | u32::try_from(number).unwrap_or(0) & NUMBER_MASK;
        let socket = self.connection.socket_mut();
        let datagram = socket.collected.get_mut();
        datagram.clear();
        for (number, mut message) in messages.into_iter().enumerate() {
            message.header.flags &= !NLM_F_ACK;
            if number == last {
                message.header.flags |= NLM_F_ACK;
            }
            message.header.sequence_number = numbered(number);
            message.finalize();
            let start = datagram.len();
            datagram.resize(start + message.buffer_len().next_multiple_of(4), 0);
            message.serialize(&mut datagram[start..]);
        }
        socket.send_collected()?;
        loop {
            socket.allow(DATAGRAMS_AT_ONCE);
            while let Poll::Ready(Ok(_)) = socket.poll_datagram(|_| {}) {}
            if let Some(error) = socket.failed.take() {
                return Err(error);
            }
            let mut ended = false;
            for answer in messages_in(socket.kept.get_mut()).filter(|answer| answer.sequence & !NUMBER_MASK == first) {
                let number = (answer.sequence & NUMBER_MASK) as usize;
                if let Some(place) = refused.get_mut(number) {
                    *place = refusal_in_raw(&answer);
                    ended |= number == last;
                }
            }
            if ended {
                return Ok(refused);
            }
            if socket.kept.get_mut().is_empty() {
                socket.wait()?;
            }
        }
    }

    /// Read some datagrams, waiting for the first, and give what they say to the streams.
    pub(super) fn receive(&mut self) -> io::Result<()> {
        let context = &mut Context::from_waker(Waker::noop());
        loop {
            self.connection.socket_mut().allow(DATAGRAMS_AT_ONCE);
            self.connection.poll_read_messages(context);
            self.connection.forward_unsolicited_messages();
            self.connection.forward_responses();
            // Late answers to requests that were given up.
            while let Some(Some(())) = self.unsolicited.next().now_or_never() {}
            let socket = self.connection.socket_mut();
            if let Some(error) = socket.failed.take() {
                return Err(error);
            }
            if !socket.kept.get_mut().is_empty() {
                return Ok(());
            }
            socket.wait()?;
        }
    }

    /// The messages behind the last [`Line::receive`] as they came, of which the connection keeps those back that
    /// `netlink-packet-route` refuses.
    pub(super) fn received<R>(&mut self, digest: impl FnOnce(&mut dyn Iterator<Item = RawMessage<'_>>) -> R) -> R {
        digest(&mut messages_in(self.connection.socket_mut().kept.get_mut()))
    }
}

/// A non-blocking netlink socket that leaves the waiting to its owner.
struct HandSocket {
    socket: Socket,
    /// Messages that will be one datagram.
    collected: RefCell<Vec<u8>>,
    /// How many datagrams may be read now.
    allowance: Cell<usize>,
    /// The datagrams that were read with the last allowance, one behind the other, aligned as their messages are.
    kept: RefCell<Vec<u8>>,
    /// The connection would shut down on most errors; it is told of an overrun instead, and we know better.
    failed: Cell<Option<io::Error>>,
    buffer: RefCell<Box<[u8]>>,
}

impl HandSocket {
    fn send_collected(&mut self) -> io::Result<()> {
        let sent = self.socket.send(self.collected.get_mut(), 0);
        self.collected.get_mut().clear();
        sent.map(drop)
    }

    fn allow(&mut self, datagrams: usize) {
        self.allowance.set(datagrams);
        self.kept.get_mut().clear();
    }

    /// Wait until there is something to read.
    fn wait(&self) -> io::Result<()> {
        let timeout = rustix::time::Timespec::try_from(ANSWER_TIMEOUT).map_err(io::Error::other)?;
        match rustix::event::poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => Err(io::Error::from_raw_os_error(libc::ETIMEDOUT)),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Read one datagram into `take`, if there is one and it is allowed.
    fn poll_datagram(&self, take: impl FnOnce(&[u8])) -> Poll<io::Result<SocketAddr>> {
        let Some(allowance) = self.allowance.get().checked_sub(1) else {
            return Poll::Pending;
        };
        let mut buffer = self.buffer.borrow_mut();
        let read = loop {
            match rustix::net::recv(&self.socket, &mut **buffer, RecvFlags::DONTWAIT | RecvFlags::TRUNC) {
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Poll::Pending,
                Ok((_, len)) if len > buffer.len() => break Err(rustix::io::Errno::NOBUFS),
                read => break read,
            }
        };
        match read {
            Ok((_, len)) => {
                self.allowance.set(allowance);
                let mut kept = self.kept.borrow_mut();
                kept.extend_from_slice(&buffer[..len]);
                let aligned = kept.len().next_multiple_of(4);
                kept.resize(aligned, 0);
                take(&buffer[..len]);
                Poll::Ready(Ok(SocketAddr::new(0, 0)))
            }
            Err(error) => {
                self.allowance.set(0);
                self.failed.set(Some(error.into()));
                Poll::Ready(Err(io::Error::from_raw_os_error(libc::ENOBUFS)))
            }
        }
    }
}

impl AsyncSocket for HandSocket {
    fn socket_ref(&self) -> &Socket {
        &self.socket
    }

    fn socket_mut(&mut self) -> &mut Socket {
        &mut self.socket
    }

    fn new(protocol: isize) -> io::Result<Self> {
        Ok(Self {
            socket: Socket::new(protocol)?,
            collected: RefCell::default(),
            allowance: Cell::new(0),
            kept: RefCell::default(),
            failed: Cell::new(None),
            buffer: RefCell::new(vec![0; DATAGRAM_LEN].into()),
        })
    }

    fn poll_send(&self, _: &mut Context<'_>, message: &[u8]) -> Poll<io::Result<usize>> {
        self.collected.borrow_mut().extend_from_slice(message);
        Poll::Ready(Ok(message.len()))
    }

    fn poll_send_to(&self, context: &mut Context<'_>, message: &[u8], _: &SocketAddr) -> Poll<io::Result<usize>> {
        self.poll_send(context, message)
    }

    fn poll_recv<B: bytes::BufMut>(&self, _: &mut Context<'_>, buffer: &mut B) -> Poll<io::Result<()>> {
        self.poll_datagram(|datagram| buffer.put_slice(datagram)).map_ok(drop)
    }

    fn poll_recv_from<B: bytes::BufMut>(&self, _: &mut Context<'_>, buffer: &mut B) -> Poll<io::Result<SocketAddr>> {
        self.poll_datagram(|datagram| buffer.put_slice(datagram))
    }

    fn poll_recv_from_full(&self, _: &mut Context<'_>) -> Poll<io::Result<(Vec<u8>, SocketAddr)>> {
        let mut whole = Vec::new();
        self.poll_datagram(|datagram| whole.extend_from_slice(datagram))
            .map_ok(|sender| (whole, sender))
    }
}
