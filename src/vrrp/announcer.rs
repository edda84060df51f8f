//! Gratuitous ARP and unsolicited neighbour advertisements: from the engine's wish to frames on interfaces.

use std::{collections::HashMap, io, net::IpAddr};

use keepalived_linux::{announce::Announcer as Socket, netlink::LinkKind, sysctl::Sysctl};
use keepalived_model::{
    address::Address,
    time::{Instant, Micros},
    units::IfName,
};
use keepalived_vrrp::{Announce, Announced};
use keepalived_wire::{arp, ndisc};
use smallvec::SmallVec;

use super::world::{Interface, World};

/// How long the router flag of an interface is believed (`vrrp.md` 10.1).
const FORWARDING_TTL: Micros = Micros::from_secs(5);
/// Most rounds in one burst, whatever `garp_master_repeat` says: a burst is sent in one turn of the loop, and adverts wait for no
/// number that somebody mistyped.
const ROUNDS_LIMIT: u32 = 1_000;
/// Frames queued before they are sent, so that a burst for many addresses stays bounded.
const FRAMES_AT_ONCE: usize = 1024;

/// Sends announcements.
#[derive(Debug)]
pub(super) struct Announcements {
    socket: Socket,
    forwarding: HashMap<u32, (Instant, bool)>,
}

/// One frame that went out, for the detailed log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    /// By which interface.
    pub(super) interface: &'a str,
    /// For which address.
    pub(super) address: IpAddr,
}

impl Announcements {
    /// # Errors
    /// `EPERM` without `CAP_NET_RAW`.
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self {
            socket: Socket::for_frames()?,
            forwarding: HashMap::new(),
        })
    }

    /// Queues what is wished: rounds over all addresses, as `vrrp.md` 10.2 says. Interfaces without ARP or without an Ethernet address
    /// are left out. `sent` hears each frame. [`Announcements::flush`] sends them, so that a thousand instances that change state
    /// together need a few system calls.
    pub(super) fn announce(
        &mut self,
        wish: &Announce,
        world: &World,
        now: Instant,
        mut sent: impl FnMut(Sent<'_>),
        failed: &mut dyn FnMut(io::Error),
    ) {
        let own = wish.config.own_interface();
        let mut targets: Vec<(IpAddr, &Interface)> = Vec::new();
        if let Announced::Source(address) = wish.what {
            targets.extend(target(address, own, world));
        }
        let mut extra = ExtraInterfaces::default();
        for (_, address) in wish.addresses() {
            let interface = address.interface.or(own);
            if wish.what != Announced::ExtraInterfaces || extra.counts(wish, address, interface) {
                targets.extend(target(address.local.address, interface, world));
            }
        }
        for _ in 0..wish.rounds.min(ROUNDS_LIMIT) {
            for (address, interface) in &targets {
                self.push(*address, interface, world, now);
                sent(Sent {
                    interface: &interface.link.name,
                    address: *address,
                });
                if self.socket.len() >= FRAMES_AT_ONCE {
                    self.flush(failed);
                }
            }
        }
    }

    /// Sends what is queued; `failed` hears each failure.
    pub(super) fn flush(&mut self, failed: &mut dyn FnMut(io::Error)) {
        if !self.socket.is_empty() {
            self.socket.send(|_, error| failed(error));
        }
    }

    fn push(&mut self, address: IpAddr, interface: &Interface, world: &World, now: Instant) {
        let Some(mac) = interface.link.address.ethernet() else {
            return;
        };
        let index = interface.link.index;
        match address {
            IpAddr::V4(address) => {
                let mut frame = [0; arp::FRAME_LEN];
                if (arp::GratuitousArp { mac, address }).write(&mut frame).is_ok() {
                    self.socket.push_frame(index, &frame);
                }
            }
            IpAddr::V6(address) => {
                // A VMAC forwards as what is under it does.
                let is_virtual = matches!(interface.link.kind, LinkKind::Macvlan { .. } | LinkKind::Ipvlan { .. });
                let base = interface
                    .link
                    .parent
                    .filter(|_| is_virtual)
                    .and_then(|index| world.indexed(index));
                let router = self.forwards(base.unwrap_or(interface), now);
                let mut frame = [0; ndisc::FRAME_LEN];
                if (ndisc::NeighbourAdvertisement { mac, address, router })
                    .write(&mut frame)
                    .is_ok()
                {
                    self.socket.push_frame(index, &frame);
                }
            }
        }
    }

    fn forwards(&mut self, interface: &Interface, now: Instant) -> bool {
        let (index, name) = (interface.link.index, &interface.link.name);
        if let Some((read, value)) = self.forwarding.get(&index)
            && now.since(*read) < FORWARDING_TTL
        {
            return *value;
        }
        let value = Sysctl::ipv6_conf(name, "forwarding").is_some_and(|s| s.read().is_ok_and(|v| v != 0));
        self.forwarding.insert(index, (now, value));
        value
    }
}

/// Interfaces that switches hear nothing from but the answers to ARP requests (`garp_extra_if`): one announcement each.
#[derive(Debug, Default)]
struct ExtraInterfaces {
    seen: SmallVec<[IfName; 4]>,
}

impl ExtraInterfaces {
    /// Is the interface of this address one of them, and did no other address count for it? Adverts keep the one they leave from known;
    /// without `all` only VMACs are meant.
    fn counts(&mut self, wish: &Announce, address: &Address, interface: Option<IfName>) -> bool {
        let Some(interface) = interface.filter(|name| wish.config.advert_interface() != Some(*name)) else {
            return false;
        };
        let meant = address.base.is_some() || wish.config.garp.extra_if_all;
        if !meant || self.seen.contains(&interface) {
            return false;
        }
        self.seen.push(interface);
        true
    }
}

fn target(address: IpAddr, name: Option<IfName>, world: &World) -> Option<(IpAddr, &Interface)> {
    let interface = world.named(&name?)?;
    (!interface.link.flags.no_arp()).then_some((address, interface))
}
