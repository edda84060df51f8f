//! A client that asks an address for an echo, again and again.

use std::io::IoSlice;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, sendmsg, socket};

use super::namespace::Namespace;
use super::packet::ones_sum;
use crate::outcome::Verdict;

/// The running client; dropping it ends it. The answers are for a capture to see.
#[derive(Debug)]
pub struct Pinger {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Pinger {
    /// Sends an ICMP echo request from a namespace to an address every `period`.
    pub fn start(namespace: &Namespace, address: Ipv4Addr, period: Duration) -> Verdict<Self> {
        let open = || {
            socket(
                AddressFamily::Inet,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                SockProtocol::Icmp,
            )
        };
        let socket = namespace.run(open)??;
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let stop = Arc::clone(&stop);
            std::thread::Builder::new()
                .name("ping".to_owned())
                .spawn(move || ask(&socket, address, period, &stop))?
        };
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Pinger {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It ends within one period.
            let _ = thread.join();
        }
    }
}

fn ask(socket: &OwnedFd, address: Ipv4Addr, period: Duration, stop: &AtomicBool) {
    let target = SockaddrIn::from(SocketAddrV4::new(address, 0));
    let mut sequence = 0u16;
    while !stop.load(Ordering::Relaxed) {
        let mut message = [8, 0, 0, 0, 0x4b, 0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        message[6..8].copy_from_slice(&sequence.to_be_bytes());
        let sum = ones_sum(&[&message]);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        // Nobody answers while no router has the address: that is what is measured.
        let _ = sendmsg(
            socket.as_raw_fd(),
            &[IoSlice::new(&message)],
            &[],
            MsgFlags::MSG_DONTWAIT,
            Some(&target),
        );
        sequence = sequence.wrapping_add(1);
        std::thread::sleep(period);
    }
}
