//! The nftables tables of the daemon (vrrp.md section 12): one each for IPv4 and IPv6, made when something needs it first.
//!
//! Several changes are one transaction; what the kernel refuses is found by halving it.

use std::collections::HashSet;
use std::io;

use netlink_sys::Socket;
use rustix::net::RecvFlags;

use super::command::{KernelError, refusal_in_raw};
use super::nft::Nft;
use super::shield::{Maker, Parts, Shielded};
use super::wire::messages;
use keepalived_model::units::Family;

/// Changes in one transaction.
const AT_ONCE: usize = 512;

/// How the tables are made (`nftables`, `nftables_priority`, `nftables_counters`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallSettings {
    /// The tables' name, "keepalived" unless configured. A table of that name that is there already is removed first.
    pub table: String,
    /// Priority of the base chains relative to "filter", -1 unless configured.
    pub priority: i32,
    /// Count what the rules match.
    pub counters: bool,
}

impl Default for FirewallSettings {
    fn default() -> Self {
        Self {
            table: "keepalived".into(),
            priority: -1,
            counters: false,
        }
    }
}

impl FirewallSettings {
    /// Are there tables of that name already?
    ///
    /// # Errors
    /// What the kernel reports: `EOPNOTSUPP` without nftables, `EPERM` without `CAP_NET_ADMIN`.
    pub fn exist(&self) -> io::Result<bool> {
        let mut firewall = Firewall::new(self.clone())?;
        for family in [Family::V4, Family::V6] {
            firewall.nft.ask_for_table(family, &self.table);
            match firewall.commit() {
                Ok(()) => return Ok(true),
                Err(error) if error.errno == libc::ENOENT => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) shielded: Shielded,
    pub(super) add: bool,
}

/// The socket and what we have made so far.
pub(super) struct Firewall {
    socket: Socket,
    settings: FirewallSettings,
    nft: Nft,
    made: [Parts; 2],
    /// What is in the sets, if nobody else touched them.
    shielded: HashSet<Shielded>,
    buffer: Box<[u8]>,
}

impl Firewall {
    fn new(settings: FirewallSettings) -> io::Result<Self> {
        let mut socket = Socket::new(netlink_sys::protocols::NETLINK_NETFILTER)?;
        socket.bind_auto()?;
        let _ = socket.set_ext_ack(true);
        let _ = socket.set_cap_ack(true);
        let buffer = vec![0; super::DATAGRAM_LEN].into();
        Ok(Self {
            socket,
            settings,
            nft: Nft::default(),
            made: Default::default(),
            shielded: HashSet::new(),
            buffer,
        })
    }

    /// Remove what a predecessor left and be ready.
    pub(super) fn open(settings: FirewallSettings) -> io::Result<Self> {
        let mut firewall = Self::new(settings)?;
        for (family, name) in [(Family::V4, "ip"), (Family::V6, "ip6")] {
            if firewall.delete_table(family)? {
                tracing::info!("Deleting old {name} {} table", firewall.settings.table);
            }
        }
        Ok(firewall)
    }

    /// Go on with other settings: what the tables held is held by the new ones.
    pub(super) fn set(&mut self, settings: FirewallSettings) -> Result<(), KernelError> {
        if settings == self.settings {
            return Ok(());
        }
        for family in [Family::V4, Family::V6] {
            self.delete_table(family)?;
        }
        self.settings = settings;
        self.restore(Family::V4)?;
        self.restore(Family::V6)
    }

    /// Make tables again that somebody deleted.
    pub(super) fn repair(&mut self) -> Result<(), KernelError> {
        for (family, name) in [(Family::V4, "ip"), (Family::V6, "ip6")] {
            if self.made[slot(family)].is_empty() {
                continue;
            }
            self.nft.ask_for_table(family, &self.settings.table);
            match self.commit() {
                Err(error) if error.errno == libc::ENOENT => {
                    self.restore(family)?;
                    tracing::info!(
                        "Somebody deleted the {name} table {} of nftables; it is made again",
                        self.settings.table
                    );
                }
                result => result?,
            }
        }
        Ok(())
    }

    /// What is in the sets.
    pub(super) fn held(&self) -> impl Iterator<Item = Shielded> + '_ {
        self.shielded.iter().copied()
    }

    /// Remove our tables.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        self.shielded.clear();
        for family in [Family::V4, Family::V6] {
            if !std::mem::take(&mut self.made[slot(family)]).is_empty() {
                self.delete_table(family)?;
            }
        }
        Ok(())
    }

    /// False when there was none.
    fn delete_table(&mut self, family: Family) -> Result<bool, KernelError> {
        self.nft.begin(family, &self.settings.table);
        self.nft.delete_table();
        self.nft.end();
        match self.commit() {
            Ok(()) => Ok(true),
            Err(error) if error.errno == libc::ENOENT => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Carry out changes; one result each.
    pub(super) fn execute(&mut self, changes: &[Change]) -> Vec<Result<(), KernelError>> {
        let mut results = Vec::with_capacity(changes.len());
        for run in changes
            .chunk_by(|a, b| a.shielded.family() == b.shielded.family())
            .flat_map(|run| run.chunks(AT_ONCE))
        {
            self.divide(run, &mut results);
        }
        results
    }

    /// Changes of one family as one transaction, or as two when the kernel refuses something of it: a refused transaction
    /// costs the kernel milliseconds, so that a single culprit among hundreds is not looked for one by one.
    fn divide(&mut self, changes: &[Change], results: &mut Vec<Result<(), KernelError>>) {
        match (self.transact(changes), changes) {
            (Ok(()), _) => results.resize(results.len() + changes.len(), Ok(())),
            (Err(error), [change]) => results.push(self.one(*change, error)),
            (Err(_), _) => {
                let (first, second) = changes.split_at(changes.len() / 2);
                self.divide(first, results);
                self.divide(second, results);
            }
        }
    }

    /// A single change that was refused.
    fn one(&mut self, change: Change, error: KernelError) -> Result<(), KernelError> {
        if error.errno != libc::ENOENT {
            return Err(error);
        }
        if !change.add {
            // What is not there need not be removed.
            self.shielded.remove(&change.shielded);
            return Ok(());
        }
        // Somebody removed our table.
        self.restore(change.shielded.family())?;
        self.transact(&[change])
    }

    /// Make a table that is not there any more again, with all that was in it.
    fn restore(&mut self, family: Family) -> Result<(), KernelError> {
        self.made[slot(family)] = Parts::default();
        let held: Vec<Change> = self
            .shielded
            .extract_if(|held| held.family() == family)
            .map(|shielded| Change { shielded, add: true })
            .collect();
        held.chunks(AT_ONCE).try_for_each(|changes| self.transact(changes))
    }

    /// Changes of one family as one transaction.
    fn transact(&mut self, changes: &[Change]) -> Result<(), KernelError> {
        let Some(family) = changes.first().map(|change| change.shielded.family()) else {
            return Ok(());
        };
        let needed = |change: &&Change| self.shielded.contains(&change.shielded) != change.add;
        let needed: Vec<Change> = changes.iter().filter(needed).copied().collect();
        if needed.is_empty() {
            return Ok(());
        }
        self.nft.begin(family, &self.settings.table);
        let mut made = self.made[slot(family)];
        for change in needed.iter().filter(|change| change.add) {
            let new = change.shielded.parts().without(made);
            if new.is_empty() {
                continue;
            }
            let maker = &mut Maker {
                nft: &mut self.nft,
                family,
                priority: self.settings.priority,
                counters: self.settings.counters,
            };
            maker.make(made, new);
            made = made.and(new);
        }
        for change in &needed {
            change.shielded.write(&mut self.nft, change.add);
        }
        self.nft.end();
        self.commit()?;
        self.made[slot(family)] = made;
        for change in needed {
            if change.add {
                self.shielded.insert(change.shielded);
            } else {
                self.shielded.remove(&change.shielded);
            }
        }
        Ok(())
    }

    /// Send the transaction. The kernel has answered all of it when the call returns, and keeps silent about what succeeded.
    fn commit(&mut self) -> Result<(), KernelError> {
        let own = |error: io::Error| KernelError {
            errno: error.raw_os_error().unwrap_or(libc::EIO),
            text: None,
        };
        self.socket.send(self.nft.bytes(), 0).map_err(own)?;
        let mut first = Ok(());
        loop {
            match rustix::net::recv(&self.socket, &mut *self.buffer, RecvFlags::DONTWAIT) {
                Ok((len, _)) => {
                    for message in messages(&self.buffer[..len.min(self.buffer.len())]) {
                        if let (Ok(()), Some(error)) = (&first, refusal_in_raw(&message)) {
                            first = Err(error);
                        }
                    }
                }
                Err(rustix::io::Errno::AGAIN) => return first,
                Err(rustix::io::Errno::INTR) => {}
                // So many refusals that not all of them fitted.
                Err(error) => return first.and(Err(own(error.into()))),
            }
        }
    }
}

const fn slot(family: Family) -> usize {
    match family {
        Family::V4 => 0,
        Family::V6 => 1,
    }
}
