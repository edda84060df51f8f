//! The nftables tables that keep traffic away from the addresses of instances with `no_accept` (vrrp.md section 12).
//!
//! One table each for IPv4 and IPv6, made when its first address comes. Several changes are one transaction; what
//! the kernel refuses is found by halving it.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv6Addr};

use netlink_sys::Socket;
use rustix::net::RecvFlags;

use super::command::{KernelError, refusal_in_raw};
use super::nft::{Expressions, Hook, Key, Nft, Verdict};
use super::wire::messages;
use keepalived_model::units::Family;

/// Changes in one transaction.
const AT_ONCE: usize = 512;
const VIPS: &str = "vips";
const VIPS_LINK_LOCAL: &str = "vips_link_local";
const NEIGHBOUR_DISCOVERY: &str = "neighbor-discovery";

/// How the tables are made (`nftables`, `nftables_priority`, `nftables_counters`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirewallSettings {
    /// The tables' name, "keepalived" unless configured. A table of that name that is there already is removed first.
    pub table: String,
    /// Priority of the base chains relative to "filter", -1 unless configured.
    pub priority: i32,
    /// Count what is dropped.
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

/// An address that traffic is kept away from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shielded {
    /// The address.
    pub address: IpAddr,
    /// The interface of a link-local IPv6 address; other addresses are shielded on all interfaces.
    pub interface: u32,
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
    made: [bool; 2],
    /// What is in the sets, if nobody else touched them.
    shielded: HashSet<Shielded>,
    buffer: Box<[u8]>,
}

impl Firewall {
    /// Remove what a predecessor left and be ready.
    pub(super) fn open(settings: FirewallSettings) -> io::Result<Self> {
        let mut socket = Socket::new(netlink_sys::protocols::NETLINK_NETFILTER)?;
        socket.bind_auto()?;
        let _ = socket.set_ext_ack(true);
        let _ = socket.set_cap_ack(true);
        let buffer = vec![0; super::DATAGRAM_LEN].into();
        let mut firewall = Self {
            socket,
            settings,
            nft: Nft::default(),
            made: [false; 2],
            shielded: HashSet::new(),
            buffer,
        };
        firewall.made = [true; 2];
        firewall.remove()?;
        Ok(firewall)
    }

    /// Remove our tables.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        self.shielded.clear();
        for family in [Family::V4, Family::V6] {
            if !std::mem::take(&mut self.made[slot(family)]) {
                continue;
            }
            // Made first, as removing what is not there would be an error.
            self.nft.begin(family, &self.settings.table);
            self.nft.add_table();
            self.nft.delete_table();
            self.nft.end();
            self.commit().map_err(io::Error::from)?;
        }
        Ok(())
    }

    /// Carry out changes; one result each.
    pub(super) fn execute(&mut self, changes: &[Change]) -> Vec<Result<(), KernelError>> {
        let mut results = Vec::with_capacity(changes.len());
        for run in changes
            .chunk_by(|a, b| family(a) == family(b))
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
        // Somebody removed our table: make it again, with all that was in it.
        self.made[slot(family(&change))] = false;
        self.transact(&[change])
    }

    /// Changes of one family as one transaction.
    fn transact(&mut self, changes: &[Change]) -> Result<(), KernelError> {
        let needed = |change: &&Change| self.shielded.contains(&change.shielded) != change.add;
        let needed: Vec<Change> = changes.iter().filter(needed).copied().collect();
        let Some(family) = changes.first().map(family) else {
            return Ok(());
        };
        let make = !self.made[slot(family)] && changes.iter().any(|change| change.add);
        if needed.is_empty() && !make {
            return Ok(());
        }
        self.nft.begin(family, &self.settings.table);
        if make {
            match family {
                Family::V4 => self.make_v4(),
                Family::V6 => self.make_v6(),
            }
            for known in self.shielded.iter().filter(|known| Family::of(known.address) == family) {
                let (set, key) = element(*known);
                self.nft.element(set, &key, true);
            }
        }
        for change in &needed {
            let (set, key) = element(change.shielded);
            self.nft.element(set, &key, change.add);
        }
        self.nft.end();
        self.commit()?;
        self.made[slot(family)] = true;
        for change in needed {
            if change.add {
                self.shielded.insert(change.shielded);
            } else {
                self.shielded.remove(&change.shielded);
            }
        }
        Ok(())
    }

    fn make_v4(&mut self) {
        let counters = self.settings.counters;
        let nft = &mut self.nft;
        nft.add_table();
        nft.add_set(VIPS, &[Key::Ipv4]);
        for (chain, hook, offset) in [("in", Hook::Input, 16), ("out", Hook::Output, 12)] {
            nft.add_base_chain(chain, hook, self.settings.priority);
            nft.add_rule(chain, |rule| {
                rule.load_network(offset, 4);
                rule.lookup(VIPS);
                rule.decide(Verdict::Drop, counters);
            });
        }
    }

    /// Neighbour discovery always passes, link-local addresses count on their own interface only.
    fn make_v6(&mut self) {
        let counters = self.settings.counters;
        let nft = &mut self.nft;
        nft.add_table();
        nft.add_set(VIPS, &[Key::Ipv6]);
        nft.add_set(VIPS_LINK_LOCAL, &[Key::Ipv6, Key::Interface]);
        nft.add_set(NEIGHBOUR_DISCOVERY, &[Key::Icmpv6Type]);
        // Neighbour solicitation and advertisement (RFC 4861 sections 4.3 and 4.4).
        nft.element(NEIGHBOUR_DISCOVERY, &[135], true);
        nft.element(NEIGHBOUR_DISCOVERY, &[136], true);
        let ways = [
            ("in", "in_link_local", Hook::Input, 24),
            ("out", "out_link_local", Hook::Output, 8),
        ];
        for (chain, local, hook, offset) in ways {
            nft.add_base_chain(chain, hook, self.settings.priority);
            nft.add_chain(local);
            nft.add_rule(chain, |rule| {
                rule.match_icmpv6();
                rule.lookup(NEIGHBOUR_DISCOVERY);
                rule.decide(Verdict::Accept, false);
            });
            nft.add_rule(chain, |rule| {
                rule.match_link_local(offset);
                rule.decide(Verdict::Goto(local), false);
            });
            nft.add_rule(chain, |rule| {
                rule.load_network(offset, 16);
                rule.lookup(VIPS);
                rule.decide(Verdict::Drop, counters);
            });
            nft.add_rule(local, |rule: &mut Expressions<'_>| {
                rule.load_network(offset, 16);
                rule.load_interface(hook);
                rule.lookup(VIPS_LINK_LOCAL);
                rule.decide(Verdict::Drop, counters);
            });
        }
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

const fn family(change: &Change) -> Family {
    Family::of(change.shielded.address)
}

/// The set that an address belongs to, and its key there.
fn element(shielded: Shielded) -> (&'static str, Vec<u8>) {
    match shielded.address {
        IpAddr::V4(address) => (VIPS, address.octets().into()),
        IpAddr::V6(address) if is_link_local(address) => (
            VIPS_LINK_LOCAL,
            [&address.octets()[..], &shielded.interface.to_ne_bytes()].concat(),
        ),
        IpAddr::V6(address) => (VIPS, address.octets().into()),
    }
}

/// fe80::/10 (RFC 4291 section 2.4).
const fn is_link_local(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xffc0 == 0xfe80
}
