//! Links, addresses, routes and rules of one network namespace over `rtnetlink(7)`.
//!
//! * [`Monitor`] is the stream of changes; open it first, then take the [`Dump`], then apply the events: nothing is lost
//!   in between, and an event that repeats the dump is harmless.
//! * [`CommandSocket`] changes things and waits for the kernel; for start-up, the supervisor and tests.
//! * [`Commands`] is a command socket on a thread of its own, for event loops that must not wait for the kernel's
//!   routing lock: [`Commands::submit`] a batch with a ticket, get the ticket back with one result per operation.

mod address;
mod command;
mod firewall;
mod firewall_watch;
mod line;
mod link;
mod monitor;
mod nft;
mod operation;
mod requester;
mod route;
mod rule;
mod shield;
mod thread;
mod wire;

pub use address::{
    Address, AddressFlags, AddressSpec, KEEPALIVED_PROTOCOL, Lifetime, Scope, keepalived_protocol,
    set_keepalived_protocol,
};
pub use command::{CommandSocket, Dump, KernelError};
pub use firewall::FirewallSettings;
pub use firewall_watch::FirewallWatch;
pub use link::{HardwareAddress, HardwareType, Link, LinkFlags, LinkKind};
pub use monitor::{Event, Groups, Monitor};
pub use operation::{LinkChange, LinkTarget, MacvlanMode, NewLink, NewLinkKind, Operation};
pub use requester::{Process, Requester};
pub use route::{Interfaces, RouteInfo, RouteSpec, UnknownInterface};
pub use rule::RuleInfo;
pub use shield::{Place, Shielded};
pub use thread::{Commands, Completion, Outcome, Work};

use std::io;
use std::os::fd::{AsFd, FromRawFd as _, IntoRawFd as _, OwnedFd};

/// A bound on receive buffers: no netlink datagram of the kernel is longer (it cuts dumps at 32 KiB).
const DATAGRAM_LEN: usize = 65_536;

/// How large the kernel's queue of a netlink socket is to be (`vrrp_netlink_monitor_rcv_bufs`, `..._cmd_rcv_bufs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiveBuffer {
    /// Size in octets; the kernel doubles it (`socket(7)`, `SO_RCVBUF`).
    pub bytes: usize,
    /// Ask with `SO_RCVBUFFORCE`, which may exceed `net.core.rmem_max` and needs `CAP_NET_ADMIN` (the `_force` keywords);
    /// without that it is as if not set.
    pub force: bool,
}

/// Set the receive buffer of any socket; without the privilege to exceed the system's maximum, up to that.
pub(crate) fn set_receive_buffer(socket: &impl AsFd, buffer: ReceiveBuffer) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt};
    // The kernel doubles what it is given, in an int.
    const MOST: usize = (i32::MAX / 2) as usize;
    let fd = socket.as_fd();
    let bytes = buffer.bytes.min(MOST);
    if buffer.force && setsockopt(&fd, sockopt::RcvBufForce, &bytes).is_ok() {
        return Ok(());
    }
    Ok(setsockopt(&fd, sockopt::RcvBuf, &bytes)?)
}

/// The descriptor of a netlink socket.
pub(crate) fn owned(socket: netlink_sys::Socket) -> OwnedFd {
    // SAFETY: `into_raw_fd` gives up the ownership of an open descriptor, which is taken here.
    unsafe { OwnedFd::from_raw_fd(socket.into_raw_fd()) }
}
