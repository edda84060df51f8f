//! Gratuitous ARP and unsolicited neighbour advertisements: from the engine's wish to frames on interfaces.

use std::{collections::HashMap, io, net::IpAddr};

use keepalived_linux::{announce::Announcer as Socket, sysctl::Sysctl};
use keepalived_model::{
    time::{Instant, Micros},
    units::IfName,
};
use keepalived_vrrp::{Announce, Announced};
use keepalived_wire::{arp, ndisc};

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
        let own = wish.config.interface;
        let mut targets: Vec<(IpAddr, &Interface)> = Vec::new();
        if let Announced::Source(address) = wish.what {
            targets.extend(target(address, own, world));
        }
        for (_, address) in wish.addresses() {
            targets.extend(target(address.local.address, address.interface.or(own), world));
        }
        for _ in 0..wish.rounds.min(ROUNDS_LIMIT) {
            for (address, interface) in &targets {
                self.push(*address, interface, now);
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

    fn push(&mut self, address: IpAddr, interface: &Interface, now: Instant) {
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
                let router = self.forwards(index, &interface.link.name, now);
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

    fn forwards(&mut self, index: u32, name: &str, now: Instant) -> bool {
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

fn target(address: IpAddr, name: Option<IfName>, world: &World) -> Option<(IpAddr, &Interface)> {
    let interface = world.named(&name?)?;
    (!interface.link.flags.no_arp()).then_some((address, interface))
}
