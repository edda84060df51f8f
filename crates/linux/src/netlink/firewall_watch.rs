//! Hears when somebody deletes a table of nftables: whoever loads rules anew begins with `flush ruleset`, mostly.

use std::fmt;
use std::io;

use netlink_sys::Socket;
use rustix::net::RecvFlags;

use super::nft::is_deletion_of;
use super::wire::messages;
use crate::watched::Watched;

/// `NFNLGRP_NFTABLES` (linux/netfilter/nfnetlink.h).
const GROUP: u32 = 7;

/// A socket that hears of changes of nftables.
pub struct FirewallWatch {
    socket: Watched,
    table: String,
    buffer: Box<[u8]>,
}

impl fmt::Debug for FirewallWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirewallWatch")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

impl FirewallWatch {
    /// Open the socket in the calling thread's network namespace, inside a Tokio runtime.
    ///
    /// # Errors
    /// What `socket(2)`, `bind(2)` or `setsockopt(2)` reports.
    pub fn open(table: &str) -> io::Result<Self> {
        let mut socket = Socket::new(netlink_sys::protocols::NETLINK_NETFILTER)?;
        socket.bind_auto()?;
        socket.set_non_blocking(true)?;
        socket.add_membership(GROUP)?;
        Ok(Self {
            socket: Watched::reader(super::owned(socket))?,
            table: table.to_owned(),
            buffer: vec![0; super::DATAGRAM_LEN].into(),
        })
    }

    /// Wait until a table of that name was deleted, by whomever, or may have been when too much was told at once. Cancel safe.
    ///
    /// # Errors
    /// What `recv(2)` reports.
    pub async fn deleted(&mut self) -> io::Result<()> {
        let Self { socket, table, buffer } = self;
        loop {
            let told = socket
                .read(
                    |socket| match rustix::net::recv(socket, &mut **buffer, RecvFlags::DONTWAIT) {
                        Ok((len, _)) => Ok(Some(len)),
                        Err(rustix::io::Errno::NOBUFS) => Ok(None),
                        Err(error) => Err(error.into()),
                    },
                )
                .await?;
            let Some(len) = told else { return Ok(()) };
            if messages(buffer.get(..len).unwrap_or_default()).any(|message| is_deletion_of(&message, table)) {
                return Ok(());
            }
        }
    }
}
