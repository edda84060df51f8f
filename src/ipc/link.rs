//! Transport: a Unix stream socket pair; each message is a little-endian `u32` length and that many bytes of postcard.
//! A message may carry one file descriptor ([`Message::carries_fd`]). Sending never waits: frames go to a queue that a
//! task of the same runtime writes out; what may be lost is offered ([`Sender::offer`]) and refused once too much waits.
//! Long frames are decoded on a blocking thread, so that a model of 65,024 instances does not hold up an advertisement.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, IoSliceMut},
    marker::PhantomData,
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
    os::unix::net::UnixStream as StdUnixStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};
use tokio::{
    io::Interest,
    net::UnixStream,
    sync::{Notify, mpsc},
};

use super::Message;

/// A message in its bytes, to be sent to several or to be made on another thread.
#[derive(Debug)]
pub struct Encoded<T> {
    bytes: Arc<[u8]>,
    message: PhantomData<fn(T)>,
}

impl<T> Clone for Encoded<T> {
    fn clone(&self) -> Self {
        Self {
            bytes: Arc::clone(&self.bytes),
            message: PhantomData,
        }
    }
}

impl<T: Message> Encoded<T> {
    /// # Errors
    /// When a value cannot be encoded or is longer than a frame may be.
    pub fn new(message: &T) -> io::Result<Self> {
        let bytes = postcard::to_extend(message, vec![0; 4]).map_err(io::Error::other)?;
        let length = u32::try_from(bytes.len() - 4).ok().filter(|n| *n <= T::LIMIT);
        let Some(length) = length else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "message too long"));
        };
        let mut bytes = bytes;
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        Ok(Self {
            bytes: bytes.into(),
            message: PhantomData,
        })
    }
}

/// Bytes that may wait before offers are refused.
const OFFER_LIMIT_BYTES: usize = 32 << 20;
/// Frames longer than this are decoded on a blocking thread.
const INLINE_DECODE_BYTES: usize = 32 << 10;
/// How much one `recvmsg` takes.
const CHUNK_BYTES: usize = 64 << 10;

struct Frame {
    bytes: Arc<[u8]>,
    fd: Option<OwnedFd>,
}

#[derive(Default)]
struct Waiting {
    bytes: AtomicUsize,
    drained: Notify,
}

/// The sending half; cheap to clone.
pub struct Sender<T> {
    queue: mpsc::UnboundedSender<Frame>,
    waiting: Arc<Waiting>,
    message: PhantomData<fn(T)>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
            waiting: Arc::clone(&self.waiting),
            message: PhantomData,
        }
    }
}

impl<T> std::fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender")
            .field("waiting_bytes", &self.waiting.bytes)
            .finish()
    }
}

impl<T: Message> Sender<T> {
    /// Queues a message that must not be lost. False when the other side is gone.
    pub fn send(&self, message: &T) -> bool {
        match Encoded::new(message) {
            Ok(encoded) => self.send_encoded(encoded),
            Err(error) => {
                tracing::error!("failed to encode a message between processes: {error}");
                false
            }
        }
    }

    /// Queues a message that a later one makes up for. False, and dropped, when too much waits already.
    pub fn offer(&self, message: &T) -> bool {
        self.waiting.bytes.load(Ordering::Relaxed) < OFFER_LIMIT_BYTES && self.send(message)
    }

    /// Queues an encoded message.
    pub fn send_encoded(&self, encoded: Encoded<T>) -> bool {
        self.push(Frame {
            bytes: encoded.bytes,
            fd: None,
        })
    }

    /// Queues a message with its descriptor.
    pub fn send_with_fd(&self, message: &T, fd: OwnedFd) -> bool {
        debug_assert!(message.carries_fd(), "the receiver would not look for it");
        Encoded::new(message).is_ok_and(|encoded| {
            self.push(Frame {
                bytes: encoded.bytes,
                fd: Some(fd),
            })
        })
    }

    /// Waits until all that was queued is written, or `longest` has passed.
    pub async fn flush(&self, longest: Duration) {
        let drained = async {
            loop {
                let wait = self.waiting.drained.notified();
                if self.waiting.bytes.load(Ordering::Acquire) == 0 || self.queue.is_closed() {
                    return;
                }
                wait.await;
            }
        };
        let _late = tokio::time::timeout(longest, drained).await;
    }

    /// Has the other side gone?
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    fn push(&self, frame: Frame) -> bool {
        let length = frame.bytes.len();
        self.waiting.bytes.fetch_add(length, Ordering::AcqRel);
        let sent = self.queue.send(frame).is_ok();
        if !sent {
            self.waiting.bytes.fetch_sub(length, Ordering::AcqRel);
        }
        sent
    }
}

/// A message with the descriptor that came with it.
#[derive(Debug)]
pub struct Received<T> {
    /// What was said.
    pub message: T,
    /// Only with messages that carry one.
    pub fd: Option<OwnedFd>,
}

/// The receiving half.
#[derive(Debug)]
pub struct Receiver<T> {
    messages: mpsc::Receiver<Received<T>>,
}

impl<T: Message> Receiver<T> {
    /// The next message; `None` for ever once the other side is gone or spoke nonsense. Cancel safe.
    pub async fn recv(&mut self) -> Option<Received<T>> {
        self.messages.recv().await
    }
}

/// Two connected ends, close-on-exec.
///
/// # Errors
/// What `socketpair(2)` reports.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (a, b) = StdUnixStream::pair()?;
    Ok((a.into(), b.into()))
}

/// Opens a link on one end of a [`pair`]. Must be called inside a Tokio runtime with I/O enabled.
///
/// # Errors
/// What registering the socket with the event loop reports.
pub fn open<Out: Message, In: Message>(fd: OwnedFd) -> io::Result<(Sender<Out>, Receiver<In>)> {
    let stream = StdUnixStream::from(fd);
    stream.set_nonblocking(true)?;
    let stream = Arc::new(UnixStream::from_std(stream)?);
    let (queue, frames) = mpsc::unbounded_channel();
    let (deliver, messages) = mpsc::channel(64);
    let waiting = Arc::new(Waiting::default());
    tokio::spawn(write_frames(Arc::clone(&stream), frames, Arc::clone(&waiting)));
    tokio::spawn(read_frames(stream, deliver));
    let sender = Sender {
        queue,
        waiting,
        message: PhantomData,
    };
    Ok((sender, Receiver { messages }))
}

async fn write_frames(stream: Arc<UnixStream>, mut frames: mpsc::UnboundedReceiver<Frame>, waiting: Arc<Waiting>) {
    while let Some(mut frame) = frames.recv().await {
        let length = frame.bytes.len();
        let written = write_frame(&stream, &mut frame).await;
        if waiting.bytes.fetch_sub(length, Ordering::AcqRel) == length {
            waiting.drained.notify_waiters();
        }
        if written.is_err() {
            break;
        }
    }
    frames.close();
    waiting.drained.notify_waiters();
}

async fn write_frame(stream: &UnixStream, frame: &mut Frame) -> io::Result<()> {
    let mut rest: &[u8] = &frame.bytes;
    while !rest.is_empty() {
        let fd = &frame.fd;
        let written = stream
            .async_io(Interest::WRITABLE, || Ok(send_some(stream, rest, fd.as_ref())?))
            .await?;
        // The descriptor went with the first byte.
        frame.fd = None;
        rest = &rest[written..];
    }
    Ok(())
}

fn send_some(stream: &UnixStream, bytes: &[u8], fd: Option<&OwnedFd>) -> rustix::io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let borrowed;
    if let Some(fd) = fd {
        borrowed = [fd.as_fd()];
        let _fits = ancillary.push(SendAncillaryMessage::ScmRights(&borrowed));
    }
    rustix::net::sendmsg(stream, &[IoSlice::new(bytes)], &mut ancillary, SendFlags::NOSIGNAL)
}

async fn read_frames<T: Message>(stream: Arc<UnixStream>, deliver: mpsc::Sender<Received<T>>) {
    let mut source = Source {
        stream,
        buffer: Vec::new(),
        taken: 0,
        fds: VecDeque::new(),
    };
    loop {
        let next = tokio::select! {
            frame = source.frame(T::LIMIT) => frame,
            () = deliver.closed() => None,
        };
        let Some(frame) = next else { return };
        let decoded = if frame.len() > INLINE_DECODE_BYTES {
            tokio::task::spawn_blocking(move || postcard::from_bytes::<T>(&frame).ok())
                .await
                .ok()
                .flatten()
        } else {
            postcard::from_bytes::<T>(&frame).ok()
        };
        let Some(message) = decoded else {
            tracing::error!("failed to decode a message between processes");
            return;
        };
        let fd = if message.carries_fd() {
            source.fds.pop_front()
        } else {
            None
        };
        if deliver.send(Received { message, fd }).await.is_err() {
            return;
        }
    }
}

struct Source {
    stream: Arc<UnixStream>,
    buffer: Vec<u8>,
    taken: usize,
    fds: VecDeque<OwnedFd>,
}

impl Source {
    /// The bytes of the next frame, `None` at the end or when it is longer than `limit`.
    async fn frame(&mut self, limit: u32) -> Option<Vec<u8>> {
        self.fill(4).await?;
        let at = self.taken;
        let length = u32::from_le_bytes(self.buffer.get(at..at + 4)?.try_into().ok()?);
        if length > limit {
            tracing::error!("a message of {length} bytes between processes is too long");
            return None;
        }
        let length = length as usize;
        self.taken += 4;
        self.fill(length).await?;
        let frame = self.buffer.get(self.taken..self.taken + length)?.to_vec();
        self.taken += length;
        if self.taken == self.buffer.len() {
            self.taken = 0;
            self.buffer.clear();
            // A model of many megabytes comes once a reload: do not keep its space.
            self.buffer.shrink_to(CHUNK_BYTES);
        }
        Some(frame)
    }

    /// Reads until `wanted` bytes are there beyond what was taken.
    async fn fill(&mut self, wanted: usize) -> Option<()> {
        while self.buffer.len() - self.taken < wanted {
            if self.taken > CHUNK_BYTES {
                self.buffer.drain(..self.taken);
                self.taken = 0;
            }
            let old = self.buffer.len();
            self.buffer.resize(old + CHUNK_BYTES, 0);
            let (stream, fds) = (&self.stream, &mut self.fds);
            let into = &mut self.buffer[old..];
            let got = stream
                .async_io(Interest::READABLE, || Ok(receive_some(stream, into, fds)?))
                .await;
            self.buffer.truncate(old + *got.as_ref().unwrap_or(&0));
            if !got.is_ok_and(|n| n > 0) {
                return None;
            }
        }
        Some(())
    }
}

fn receive_some(stream: &UnixStream, into: &mut [u8], fds: &mut VecDeque<OwnedFd>) -> rustix::io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let got = rustix::net::recvmsg(
        stream,
        &mut [IoSliceMut::new(into)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            fds.extend(received);
        }
    }
    Ok(got.bytes)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::ipc::*;

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(test);
    }

    #[test]
    fn messages_and_descriptors_arrive_in_order() {
        run(async {
            let (a, b) = pair().unwrap();
            let (to_worker, _from_worker) = open::<ToWorker, FromWorker>(a).unwrap();
            let (_to_supervisor, mut orders) = open::<FromWorker, ToWorker>(b).unwrap();
            let (first, second) = pair().unwrap();
            assert!(to_worker.send(&ToWorker::Ping(7)));
            assert!(to_worker.send_with_fd(&ToWorker::Peer(Role::Control), first));
            assert!(to_worker.send(&ToWorker::Stop));
            assert!(matches!(orders.recv().await.unwrap().message, ToWorker::Ping(7)));
            let peer = orders.recv().await.unwrap();
            assert!(matches!(peer.message, ToWorker::Peer(Role::Control)));
            rustix::io::write(peer.fd.unwrap(), b"x").unwrap();
            assert!(matches!(orders.recv().await.unwrap().message, ToWorker::Stop));
            let mut byte = [0];
            rustix::io::read(second, &mut byte).unwrap();
            assert_eq!(&byte, b"x");
        });
    }

    #[test]
    fn a_frame_of_many_megabytes_passes_and_flush_waits_for_it() {
        run(async {
            let (a, b) = pair().unwrap();
            let (to_worker, _x) = open::<ToWorker, FromWorker>(a).unwrap();
            let (_y, mut orders) = open::<FromWorker, ToWorker>(b).unwrap();
            let mut config = Config::default();
            config.global.smtp.recipients = vec!["someone@example.org".into(); 500_000];
            let sent = ToWorker::Prepare {
                generation: 3,
                cause: Cause::Reload,
                config: Box::new(config.clone()),
            };
            assert!(to_worker.send(&sent));
            to_worker.flush(Duration::from_secs(20)).await;
            assert_eq!(to_worker.waiting.bytes.load(Ordering::Acquire), 0);
            let ToWorker::Prepare {
                generation,
                config: got,
                ..
            } = orders.recv().await.unwrap().message
            else {
                panic!("something else arrived");
            };
            assert_eq!((generation, *got), (3, config));
        });
    }

    #[test]
    fn nonsense_and_oversize_end_the_link() {
        run(async {
            for bytes in [&[255, 255, 255, 255, 0][..], &[2, 0, 0, 0, 99, 99]] {
                let (a, b) = pair().unwrap();
                let (_to, mut from) = open::<ToWorker, FromWorker>(a).unwrap();
                rustix::io::write(&b, bytes).unwrap();
                assert!(from.recv().await.is_none());
            }
        });
    }

    #[test]
    fn a_full_queue_refuses_offers_but_never_waits() {
        run(async {
            let (a, b) = pair().unwrap();
            let (to, _from) = open::<FromWorker, ToWorker>(a).unwrap();
            let long = FromWorker::Fatal("x".repeat(1 << 19));
            let accepted = (0..200).take_while(|_| to.offer(&long)).count();
            assert!((64..=66).contains(&accepted), "{accepted}");
            assert!(to.send(&FromWorker::Pong(1)), "what must not be lost is still taken");
            drop(b);
            tokio::time::timeout(Duration::from_secs(5), async {
                while !to.is_closed() {
                    tokio::task::yield_now().await;
                }
            })
            .await
            .unwrap();
            assert!(!to.send(&FromWorker::Pong(2)));
        });
    }

    #[test]
    fn a_summary_reads_well() {
        let some = Summary {
            master: 2,
            backup: 1,
            ..Summary::default()
        };
        assert_eq!(some.to_string(), "2 MASTER, 1 BACKUP");
        assert_eq!(Summary::default().to_string(), "no instances");
    }
}
