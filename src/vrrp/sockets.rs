//! The pool of VRRP sockets: one receive and one send socket for each distinct purpose, shared by instances (`vrrp.md` 4.1).

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::IpAddr,
    os::fd::{AsFd, AsRawFd},
};

use keepalived_linux::vrrp_socket::{
    Interface, IpProtocol, Packet, Peers, ReceiveBatch, ReceiveBuffer, ReceiveSocket, Receivers, SendBatch, SendSocket,
    SocketSpec,
};
use keepalived_model::{
    global::{RxBufsPolicy, VrrpGlobals},
    units::{Family, IfName, Version},
    vrrp::{Authentication, Instance, Transport},
};
use keepalived_status as status;
use keepalived_vrrp::{InstanceId, Transmit};
use smallvec::SmallVec;

use super::world::World;

/// Which instance uses which socket.
#[derive(Debug, Default)]
pub(super) struct Wish {
    /// What the socket is for.
    spec: Option<SocketSpec>,
    vrid: u8,
    /// Unicast: who may be meant when several instances share a VRID on this socket.
    peers: SmallVec<[IpAddr; 2]>,
    receive: Room,
}

impl Wish {
    /// What an instance needs with this interface and source address; nothing while one of them is missing.
    pub(super) fn new(config: &Instance, interface: Option<Interface>, source: Option<IpAddr>, world: &World) -> Self {
        let (peers, list) = match &config.transport {
            Transport::Multicast { group, .. } => (Some(Peers::Multicast { group: *group }), SmallVec::new()),
            Transport::Unicast { peers, .. } => (
                source.map(|source| Peers::Unicast { source }),
                peers.iter().map(|p| p.address).collect(),
            ),
        };
        let missing_interface = config.advert_interface().is_some() && interface.is_none();
        let spec = peers.filter(|_| !missing_interface).map(|peers| SocketSpec {
            peers,
            protocol: match config.authentication {
                Authentication::Ah(_) => IpProtocol::Ah,
                Authentication::None | Authentication::Password(_) => IpProtocol::Vrrp,
            },
            interface,
            vrf: config.vrf,
        });
        Self {
            spec,
            vrid: config.vrid.get(),
            peers: list,
            receive: Room::of(config, interface, world),
        }
    }
}

/// `vrrp_rx_bufs_multiplier` unless written.
const DEFAULT_MULTIPLIER: u32 = 3;

/// What decides an instance's part of a receive buffer (`vrrp.md` 4.2).
#[derive(Clone, Copy, Debug, Default)]
struct Room {
    /// `kernel_rx_buf_size`.
    own: Option<u32>,
    mtu: u32,
    /// Length of one advert as the socket gets it: with the IPv4 header, without that of IPv6.
    advert: u32,
}

impl Room {
    fn of(config: &Instance, interface: Option<Interface>, world: &World) -> Self {
        let mtu = interface
            .and_then(|i| world.indexed(i.index))
            .map_or(1_500, |i| i.link.mtu);
        let mut advert = 8 + config.addresses.len() * usize::from(config.family.bits() / 8);
        if config.family == Family::V4 {
            advert += 20;
            advert += if config.version == Version::V2 { 8 } else { 0 };
            advert += if matches!(config.authentication, Authentication::Ah(_)) {
                24
            } else {
                0
            };
        }
        if config.auth_hmac.is_some() {
            advert += 28;
        }
        Self {
            own: config.kernel_rx_buf_size,
            mtu,
            advert: u32::try_from(advert).unwrap_or(u32::MAX),
        }
    }

    /// 0 for the kernel's default.
    const fn bytes(self, policy: RxBufsPolicy, multiplier: u32) -> u32 {
        match (self.own, policy) {
            (Some(own), _) if own != 0 => own,
            (_, RxBufsPolicy::System) => 0,
            (_, RxBufsPolicy::Bytes(bytes)) => bytes,
            (_, RxBufsPolicy::Mtu) => self.mtu.saturating_mul(multiplier),
            (_, RxBufsPolicy::Advert) => self.advert.saturating_mul(multiplier),
        }
    }
}

#[derive(Debug)]
struct Member {
    id: InstanceId,
    peers: SmallVec<[IpAddr; 2]>,
    /// Its part of the receive buffer.
    receive: u32,
}

#[derive(Debug)]
struct Pair {
    spec: SocketSpec,
    send: SendSocket,
    receive_fd: i32,
    /// What its users want together, and what the kernel was asked for; 0 for the kernel's default.
    receive_buffer: u32,
    asked_buffer: u32,
    /// By VRID: looked up for every packet.
    by_vrid: ByVrid,
    outgoing: SendBatch,
    users: u32,
}

/// Who uses a socket, sorted by VRID: small where each instance has a socket of its own (VMAC), quick where 255 share one.
#[derive(Debug, Default)]
struct ByVrid {
    /// By themselves, so that a search stays within a few cache lines.
    vrids: Vec<u8>,
    /// Of the VRID at the same place.
    members: Vec<SmallVec<[Member; 1]>>,
}

impl ByVrid {
    fn of(&self, vrid: u8) -> &[Member] {
        match self.vrids.binary_search(&vrid) {
            Ok(at) => &self.members[at],
            Err(_) => &[],
        }
    }

    fn add(&mut self, vrid: u8, member: Member) {
        match self.vrids.binary_search(&vrid) {
            Ok(at) => self.members[at].push(member),
            Err(at) => {
                self.vrids.insert(at, vrid);
                self.members.insert(at, SmallVec::from_iter([member]));
            }
        }
    }

    /// Gives the part of the receive buffer that it had.
    fn remove(&mut self, vrid: u8, id: InstanceId) -> u32 {
        let mut freed = 0;
        if let Ok(at) = self.vrids.binary_search(&vrid) {
            self.members[at].retain(|m| {
                if m.id == id {
                    freed += m.receive;
                }
                m.id != id
            });
            if self.members[at].is_empty() {
                self.vrids.remove(at);
                self.members.remove(at);
            }
        }
        freed
    }
}

/// All sockets of the process.
#[derive(Debug)]
pub(super) struct Pool {
    pairs: BTreeMap<u64, Pair>,
    by_spec: HashMap<SocketSpec, u64>,
    receivers: Receivers,
    /// Key of the pair and VRID, by the number of the instance.
    of_instance: Vec<Option<(u64, u8)>>,
    next_key: u64,
    scratch: Vec<u8>,
    /// Pairs with something to send, in the order in which they got it.
    pending: Vec<u64>,
    /// Pairs that got or lost a user since the last [`Pool::sweep`].
    stirred: Vec<u64>,
    policy: RxBufsPolicy,
    multiplier: u32,
}

impl Pool {
    /// An empty pool. Must be called inside a Tokio runtime.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            pairs: BTreeMap::new(),
            by_spec: HashMap::new(),
            receivers: Receivers::new()?,
            of_instance: Vec::new(),
            next_key: 0,
            scratch: vec![0; 64 * 1024],
            pending: Vec::new(),
            stirred: Vec::new(),
            policy: RxBufsPolicy::System,
            multiplier: DEFAULT_MULTIPLIER,
        })
    }

    /// Takes `vrrp_rx_bufs_policy` and `vrrp_rx_bufs_multiplier`; true when they are others, so that every instance must be assigned anew.
    pub(super) fn size_buffers(&mut self, globals: &VrrpGlobals) -> bool {
        let wanted = (
            globals.rx_bufs_policy,
            globals.rx_bufs_multiplier.unwrap_or(DEFAULT_MULTIPLIER),
        );
        let changed = wanted != (self.policy, self.multiplier);
        (self.policy, self.multiplier) = wanted;
        changed
    }

    /// Gives `id` the sockets it wishes, opening them when nobody has such yet; sockets without users are closed by [`Pool::sweep`].
    ///
    /// # Errors
    /// What opening reports; the instance then has no sockets.
    pub(super) fn assign(&mut self, id: InstanceId, wish: Wish) -> io::Result<()> {
        self.release(id);
        let Some(spec) = wish.spec else { return Ok(()) };
        let key = match self.by_spec.get(&spec) {
            Some(key) => *key,
            None => self.open(spec)?,
        };
        let receive = wish.receive.bytes(self.policy, self.multiplier);
        self.stirred.push(key);
        if let Some(pair) = self.pairs.get_mut(&key) {
            pair.users += 1;
            pair.receive_buffer = pair.receive_buffer.saturating_add(receive);
            let peers = wish.peers;
            pair.by_vrid.add(wish.vrid, Member { id, peers, receive });
            let at = id.index();
            if at >= self.of_instance.len() {
                self.of_instance.resize(at + 1, None);
            }
            self.of_instance[at] = Some((key, wish.vrid));
        }
        Ok(())
    }

    fn used_by(&self, id: InstanceId) -> Option<(u64, u8)> {
        self.of_instance.get(id.index()).copied().flatten()
    }

    fn open(&mut self, spec: SocketSpec) -> io::Result<u64> {
        let receive = ReceiveSocket::open(&spec, None)?;
        let send = SendSocket::open(&spec)?;
        let key = self.next_key;
        self.next_key += 1;
        let receive_fd = receive.as_fd().as_raw_fd();
        self.receivers.insert(key, receive)?;
        self.by_spec.insert(spec.clone(), key);
        let pair = Pair {
            spec,
            send,
            receive_fd,
            receive_buffer: 0,
            asked_buffer: 0,
            by_vrid: ByVrid::default(),
            outgoing: SendBatch::default(),
            users: 0,
        };
        self.pairs.insert(key, pair);
        Ok(key)
    }

    /// Takes the sockets from `id`; they stay open until [`Pool::sweep`].
    pub(super) fn release(&mut self, id: InstanceId) {
        let Some((key, vrid)) = self.of_instance.get_mut(id.index()).and_then(Option::take) else {
            return;
        };
        if let Some(pair) = self.pairs.get_mut(&key) {
            pair.users = pair.users.saturating_sub(1);
            pair.receive_buffer -= pair.by_vrid.remove(vrid, id).min(pair.receive_buffer);
            self.stirred.push(key);
        }
    }

    /// Closes what nobody uses any more, which leaves the multicast groups, and sizes the receive buffers of the rest.
    pub(super) fn sweep(&mut self) {
        for key in std::mem::take(&mut self.stirred) {
            let Some(pair) = self.pairs.get_mut(&key) else { continue };
            if pair.users == 0 {
                self.receivers.remove(key);
                if let Some(pair) = self.pairs.remove(&key) {
                    self.by_spec.remove(&pair.spec);
                }
            } else if pair.asked_buffer != pair.receive_buffer && pair.receive_buffer != 0 {
                pair.asked_buffer = pair.receive_buffer;
                let buffer = ReceiveBuffer {
                    bytes: pair.receive_buffer as usize,
                    force: true,
                };
                if let Err(error) = self.receivers.set_buffer(key, buffer) {
                    tracing::info!("failed to size the receive buffer of a socket: {error}");
                }
            }
        }
    }

    /// Waits for packets; the key tells [`Pool::listeners`] where they came from. Cancel safe.
    ///
    /// # Errors
    /// As [`Receivers::receive`].
    pub(super) async fn receive(&mut self, batch: &mut ReceiveBatch) -> Result<u64, (Option<u64>, io::Error)> {
        self.receivers.receive(batch).await
    }

    /// More packets of the same moment, without waiting.
    ///
    /// # Errors
    /// As [`Receivers::receive`].
    pub(super) fn receive_ready(&mut self, batch: &mut ReceiveBatch) -> Option<Result<u64, (Option<u64>, io::Error)>> {
        self.receivers.receive_ready(batch)
    }

    /// Looks for packets that have come since, without waiting; true when some socket has any. Errors show at the next wait.
    pub(super) fn look(&mut self) -> bool {
        self.receivers.look().unwrap_or(false)
    }

    /// Who hears what comes in by a socket.
    pub(super) fn listeners(&self, key: u64) -> Option<Listeners<'_>> {
        self.pairs.get(&key).map(Listeners)
    }

    /// Queues an advert for every destination of its instance.
    pub(super) fn push(&mut self, transmit: &Transmit) -> bool {
        let Some((key, _)) = self.used_by(transmit.instance()) else {
            return false;
        };
        let Some(pair) = self.pairs.get_mut(&key) else {
            return false;
        };
        if pair.outgoing.is_empty() {
            self.pending.push(key);
        }
        for copy in 0..transmit.copies() {
            let (Some(destination), Ok(length)) = (transmit.destination(copy), transmit.write(copy, &mut self.scratch))
            else {
                continue;
            };
            let bytes = &self.scratch[..length];
            match (destination, transmit.source()) {
                (IpAddr::V4(to), _) => pair.send.push_v4(&mut pair.outgoing, bytes, to),
                (IpAddr::V6(to), IpAddr::V6(from)) => {
                    let index = pair.spec.interface.map_or(0, |i| i.index);
                    pair.send
                        .push_v6(&mut pair.outgoing, bytes, to, Some((from, index)), transmit.ttl());
                }
                (IpAddr::V6(_), IpAddr::V4(_)) => {}
            }
        }
        true
    }

    /// Sends all that is queued. `failed` hears the interface name (empty for any) and the reason of each datagram that did not go.
    pub(super) fn flush(&mut self, mut failed: impl FnMut(&str, io::Error)) {
        for key in self.pending.drain(..) {
            let Some(pair) = self.pairs.get_mut(&key) else { continue };
            let name = pair.spec.interface.as_ref().map_or("", |i| i.name.as_str());
            pair.send.send(&mut pair.outgoing, |_, error| failed(name, error));
        }
    }

    /// Descriptors of an instance: receiving, sending.
    pub(super) fn descriptors(&self, id: InstanceId) -> Option<(i32, i32)> {
        let pair = self.pairs.get(&self.used_by(id)?.0)?;
        Some((pair.receive_fd, pair.send.as_fd().as_raw_fd()))
    }

    /// The pool as dumps show it; `order` has the instances in configuration order.
    pub(super) fn status(&self, order: &[InstanceId]) -> Vec<status::snapshot::Socket> {
        let mut users: HashMap<u64, Vec<u32>> = HashMap::new();
        for (position, id) in (0u32..).zip(order) {
            if let Some((key, _)) = self.used_by(*id) {
                users.entry(key).or_default().push(position);
            }
        }
        self.pairs
            .iter()
            .map(|(key, pair)| {
                let (unicast, address) = match pair.spec.peers {
                    Peers::Multicast { group } => (false, group),
                    Peers::Unicast { source } => (true, source),
                };
                status::snapshot::Socket {
                    ifindex: pair.spec.interface.map_or(0, |i| i.index),
                    family: pair.spec.family(),
                    fd_in: pair.receive_fd,
                    fd_out: pair.send.as_fd().as_raw_fd(),
                    unicast,
                    address: Some(address),
                    rx_buf_size: pair.receive_buffer,
                    instances: users.remove(key).unwrap_or_default(),
                }
            })
            .collect()
    }
}

/// The instances behind one socket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listeners<'a>(&'a Pair);

impl Listeners<'_> {
    /// The instance that a packet is for: by VRID, and among several unicast instances by the sender.
    pub(super) fn instance(self, packet: &Packet<'_>) -> Result<InstanceId, Unknown> {
        let Self(pair) = self;
        let vrid = vrid_of(pair.spec.family(), pair.spec.protocol, packet.payload).ok_or(Unknown::Malformed)?;
        match pair.by_vrid.of(vrid) {
            [only] => Ok(only.id),
            [] => Err(Unknown::Vrid(vrid, pair.spec.interface.map(|interface| interface.name))),
            members @ [first, ..] => {
                let named = members.iter().find(|m| m.peers.contains(&packet.source));
                Ok(named.unwrap_or(first).id)
            }
        }
    }
}

/// A packet for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Too short to name a virtual router.
    Malformed,
    /// Nobody here has this VRID on this socket, which may belong to an interface.
    Vrid(u8, Option<IfName>),
}

/// The VRID, wherever the headers put it.
fn vrid_of(family: Family, protocol: IpProtocol, bytes: &[u8]) -> Option<u8> {
    let ip = match family {
        Family::V4 => usize::from(bytes.first()? & 0x0f) * 4,
        Family::V6 => 0,
    };
    let ah = match protocol {
        IpProtocol::Ah => 24,
        IpProtocol::Vrrp => 0,
    };
    // A VRRP message has at least 8 bytes; a shorter one is for nobody.
    bytes.get(ip + ah + 7)?;
    bytes.get(ip + ah + 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vrid_is_found_behind_every_header() {
        let mut v4 = vec![0x46; 24];
        v4.extend([0x21, 51, 100, 1, 0, 1, 0, 0]);
        assert_eq!(vrid_of(Family::V4, IpProtocol::Vrrp, &v4), Some(51));
        assert_eq!(vrid_of(Family::V4, IpProtocol::Vrrp, &v4[..31]), None);
        assert_eq!(vrid_of(Family::V4, IpProtocol::Ah, &v4), None);
        assert_eq!(
            vrid_of(Family::V6, IpProtocol::Vrrp, &[0x31, 7, 1, 0, 0, 1, 0, 0]),
            Some(7)
        );
        assert_eq!(vrid_of(Family::V6, IpProtocol::Vrrp, &[]), None);
    }
}
