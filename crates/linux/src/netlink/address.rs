//! IP addresses: those the kernel has, and those we want it to have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU8, Ordering};

use keepalived_model::address as model;

use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::{
    AddressAttribute, AddressFlags as WireFlags, AddressHeaderFlags, AddressMessage, CacheInfo,
};

use super::wire::{attributes, u32_at};

/// Length of `struct ifaddrmsg`.
const ADDRESS_HEADER_LEN: usize = 8;

/// The number that marks addresses as ours (`IFA_PROTO`; newer `ip addr` prints its name), unless iproute2's table of address
/// protocols has another for the name "keepalived".
pub const KEEPALIVED_PROTOCOL: u8 = 18;

/// The number in use: one for the whole process, as the table is one for the whole machine.
static PROTOCOL: AtomicU8 = AtomicU8::new(KEEPALIVED_PROTOCOL);

/// Marks addresses with this number from now on.
pub fn set_keepalived_protocol(number: u8) {
    PROTOCOL.store(number, Ordering::Relaxed);
}

/// The number that addresses are marked with.
#[must_use]
pub fn keepalived_protocol() -> u8 {
    PROTOCOL.load(Ordering::Relaxed)
}

/// The scope of an address (`RT_SCOPE_`, `rtnetlink(7)`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope(pub u8);

impl Scope {
    /// Valid everywhere.
    pub const UNIVERSE: Self = Self(0);
    /// Valid on the link.
    pub const LINK: Self = Self(253);
    /// Valid inside this host.
    pub const HOST: Self = Self(254);
}

/// The flags of an address (`IFA_F_`, linux/if_addr.h).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AddressFlags(pub u32);

impl AddressFlags {
    /// Another address of the same subnet came first.
    pub const SECONDARY: Self = Self(0x01);
    /// No duplicate address detection (IPv6).
    pub const NODAD: Self = Self(0x02);
    /// Duplicate address detection found the address in use.
    pub const DAD_FAILED: Self = Self(0x08);
    /// A Mobile IPv6 home address.
    pub const HOME: Self = Self(0x10);
    /// Not to be chosen as a source.
    pub const DEPRECATED: Self = Self(0x20);
    /// Duplicate address detection is not finished.
    pub const TENTATIVE: Self = Self(0x40);
    /// Has no end of life.
    pub const PERMANENT: Self = Self(0x80);
    /// The kernel manages temporary addresses for it.
    pub const MNGTMPADDR: Self = Self(0x100);
    /// Creates no prefix route.
    pub const NOPREFIXROUTE: Self = Self(0x200);
    /// A multicast address that is joined.
    pub const AUTOJOIN: Self = Self(0x400);

    /// Are all flags of `other` set?
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::ops::BitOr for AddressFlags {
    type Output = Self;
    fn bitor(self, rhs: Self) -> Self {
        Self(self.0 | rhs.0)
    }
}

impl std::ops::BitOrAssign for AddressFlags {
    fn bitor_assign(&mut self, rhs: Self) {
        self.0 |= rhs.0;
    }
}

/// A lifetime of an address in whole seconds (`struct ifa_cacheinfo`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lifetime(pub u32);

impl Lifetime {
    /// Without end.
    pub const FOREVER: Self = Self(u32::MAX);
}

/// An address that an interface has (`RTM_NEWADDR`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The interface.
    pub index: u32,
    /// Our address.
    pub local: IpAddr,
    /// The other end, when it is not our own address.
    pub peer: Option<IpAddr>,
    /// The prefix length, of the peer's network when there is a peer.
    pub prefix: u8,
    /// The scope.
    pub scope: Scope,
    /// The flags.
    pub flags: AddressFlags,
    /// The IPv4 broadcast address.
    pub broadcast: Option<Ipv4Addr>,
    /// The IPv4 label; the kernel gives the interface's name when none was set.
    pub label: Option<String>,
    /// How long it may be chosen as a source.
    pub preferred: Lifetime,
    /// Who added it (`IFA_PROTO`), where the kernel knows (Linux 5.18).
    pub protocol: Option<u8>,
}

impl Address {
    /// What `RTM_NEWADDR` or `RTM_DELADDR` says; `None` for another family.
    pub(super) fn of(message: AddressMessage) -> Option<Self> {
        let header = message.header;
        let (mut local, mut far, mut broadcast, mut label, mut protocol) = (None, None, None, None, None);
        let mut flags = u32::from(header.flags.bits());
        let mut preferred = Lifetime::FOREVER;
        for attribute in message.attributes {
            match attribute {
                AddressAttribute::Local(address) => local = Some(address),
                AddressAttribute::Address(address) => far = Some(address),
                AddressAttribute::Broadcast(address) => broadcast = Some(address),
                AddressAttribute::Label(name) => label = Some(name),
                AddressAttribute::Flags(all) => flags = all.bits(),
                AddressAttribute::CacheInfo(cache) => preferred = Lifetime(cache.ifa_preferred),
                AddressAttribute::Protocol(number) => protocol = Some(number.into()),
                _ => {}
            }
        }
        let here = local.or(far).filter(|here| family(*here) == header.family)?;
        Some(Self {
            index: header.index,
            local: here,
            peer: far.filter(|&far| far != here),
            prefix: header.prefix_len,
            scope: Scope(header.scope.into()),
            flags: AddressFlags(flags),
            broadcast,
            label,
            preferred,
            protocol,
        })
    }

    /// What identifies the address in a message that [`Address::of`] could not be asked about; `None` when it is cut short or
    /// of another family.
    pub(super) fn essence(payload: &[u8]) -> Option<Self> {
        let family = i32::from(*payload.first()?);
        let mut flags = u32::from(*payload.get(2)?);
        let (mut local, mut far) = (None, None);
        for (kind, value) in attributes(payload.get(ADDRESS_HEADER_LEN..)?) {
            match kind {
                libc::IFA_LOCAL => local = ip(family, value),
                libc::IFA_ADDRESS => far = ip(family, value),
                libc::IFA_FLAGS => flags = u32_at(value, 0).unwrap_or(flags),
                _ => {}
            }
        }
        let here = local.or(far)?;
        Some(Self {
            index: u32_at(payload, 4)?,
            local: here,
            peer: far.filter(|&far| far != here),
            prefix: *payload.get(1)?,
            scope: Scope(*payload.get(3)?),
            flags: AddressFlags(flags),
            broadcast: None,
            label: None,
            preferred: Lifetime::FOREVER,
            protocol: None,
        })
    }
}

const fn family(address: IpAddr) -> AddressFamily {
    match address {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    }
}

fn ip(family: i32, value: &[u8]) -> Option<IpAddr> {
    match family {
        libc::AF_INET => <[u8; 4]>::try_from(value)
            .ok()
            .map(|octets| Ipv4Addr::from(octets).into()),
        libc::AF_INET6 => <[u8; 16]>::try_from(value)
            .ok()
            .map(|octets| Ipv6Addr::from(octets).into()),
        _ => None,
    }
}

/// An address to be added or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddressSpec {
    /// The interface it belongs to.
    pub index: u32,
    /// Our address.
    pub local: IpAddr,
    /// Prefix length: of the peer's network when there is a peer.
    pub prefix: u8,
    /// The other end of a point-to-point address.
    pub peer: Option<IpAddr>,
    /// IPv4 broadcast address; never set by itself.
    pub broadcast: Option<Ipv4Addr>,
    /// IPv4 label, which should begin with the interface's name.
    pub label: Option<String>,
    /// The scope.
    pub scope: Scope,
    /// `NODAD`, `HOME`, `MNGTMPADDR`, `NOPREFIXROUTE`, `AUTOJOIN`.
    pub flags: AddressFlags,
    /// Preferred lifetime; the valid lifetime is always without end.
    pub preferred: Lifetime,
}

impl AddressSpec {
    /// A plain address: universe scope, no flags, lives for ever.
    #[must_use]
    pub const fn new(index: u32, local: IpAddr, prefix: u8) -> Self {
        Self {
            index,
            local,
            prefix,
            peer: None,
            broadcast: None,
            label: None,
            scope: Scope::UNIVERSE,
            flags: AddressFlags(0),
            preferred: Lifetime::FOREVER,
        }
    }

    /// A configured address, on the interface `index` (vrrp.md 9.1).
    ///
    /// Fills in what the configuration leaves open: `brd +` and `-`, no duplicate address detection for IPv6, and a
    /// preferred lifetime of 0 for an IPv6 /128, so that it is not chosen as a source.
    #[must_use]
    pub fn configured(wish: &model::Address, index: u32) -> Self {
        let network = wish.peer.unwrap_or(wish.local);
        let mut spec = Self::new(index, wish.local.address, network.prefix_len);
        spec.peer = wish.peer.map(|peer| peer.address);
        let mut flags = AddressFlags::default();
        for (wanted, flag) in [
            (wish.flags.home, AddressFlags::HOME),
            (wish.flags.manage_temporary, AddressFlags::MNGTMPADDR),
            (wish.flags.no_prefix_route, AddressFlags::NOPREFIXROUTE),
            (wish.flags.auto_join, AddressFlags::AUTOJOIN),
            (!wish.flags.dad && wish.local.address.is_ipv6(), AddressFlags::NODAD),
        ] {
            if wanted {
                flags |= flag;
            }
        }
        spec.flags = flags;
        match wish.local.address {
            IpAddr::V4(local) => {
                spec.scope = Scope(wish.scope);
                spec.label = wish.label.as_deref().map(str::to_owned);
                spec.broadcast = broadcast(wish.broadcast, local, network.prefix_len);
            }
            IpAddr::V6(_) => {
                let default = if network.prefix_len == 128 {
                    Lifetime(0)
                } else {
                    Lifetime::FOREVER
                };
                spec.preferred = wish.preferred_lft.map_or(default, |lifetime| match lifetime {
                    model::PreferredLifetime::Forever => Lifetime::FOREVER,
                    model::PreferredLifetime::Seconds(seconds) => Lifetime(seconds),
                });
            }
        }
        spec
    }

    /// Is an address of the interface `name` this one, with all that was asked for?
    ///
    /// One that differs has to be deleted first: the kernel takes another label, scope or broadcast address for an existing
    /// address as a success without effect.
    #[must_use]
    pub fn is_met_by(&self, address: &Address, name: &str) -> bool {
        const CHOSEN: u32 = AddressFlags::HOME.0
            | AddressFlags::MNGTMPADDR.0
            | AddressFlags::NOPREFIXROUTE.0
            | AddressFlags::AUTOJOIN.0;
        let same_label = match (self.local, &address.label) {
            (IpAddr::V6(_), _) => true,
            (IpAddr::V4(_), label) => label.as_deref().unwrap_or(name) == self.label.as_deref().unwrap_or(name),
        };
        let same_scope = self.local.is_ipv6() || self.scope == address.scope;
        // A preferred lifetime that runs is another one each second.
        let same_lifetime = (self.preferred == Lifetime::FOREVER) == (address.preferred == Lifetime::FOREVER);
        same_label
            && same_scope
            && same_lifetime
            && self.index == address.index
            && self.local == address.local
            && self.prefix == address.prefix
            && self.peer.filter(|peer| *peer != self.local) == address.peer
            && self.broadcast == address.broadcast
            && self.flags.0 & CHOSEN == address.flags.0 & CHOSEN
    }

    /// The payload of `RTM_NEWADDR`.
    pub(super) fn addition(&self) -> AddressMessage {
        let mut message = self.deletion();
        let mut attributes = Vec::with_capacity(7);
        attributes.append(&mut message.attributes);
        attributes.extend(self.broadcast.map(AddressAttribute::Broadcast));
        if self.flags != AddressFlags::default() {
            attributes.push(AddressAttribute::Flags(WireFlags::from_bits_retain(self.flags.0)));
        }
        attributes.extend(self.label.clone().map(AddressAttribute::Label));
        if self.preferred != Lifetime::FOREVER {
            let mut cache = CacheInfo::default();
            cache.ifa_preferred = self.preferred.0;
            cache.ifa_valid = Lifetime::FOREVER.0;
            attributes.push(AddressAttribute::CacheInfo(cache));
        }
        attributes.push(AddressAttribute::Protocol(keepalived_protocol().into()));
        message.attributes = attributes;
        message
    }

    /// The payload of `RTM_DELADDR`.
    ///
    /// Only what tells addresses apart is sent: the kernel compares IPv4 labels too, and an address whose label somebody
    /// changed must still go. The peer must be named, or an address with a peer stays behind (quirk Q-13 of keepalived).
    pub(super) fn deletion(&self) -> AddressMessage {
        let mut message = AddressMessage::default();
        message.header.family = family(self.local);
        message.header.prefix_len = self.prefix;
        message.header.flags = AddressHeaderFlags::empty();
        message.header.scope = self.scope.0.into();
        message.header.index = self.index;
        message.attributes = vec![
            AddressAttribute::Local(self.local),
            AddressAttribute::Address(self.peer.unwrap_or(self.local)),
        ];
        message
    }
}

/// The broadcast address that `brd` asks for; a network of two addresses or one has none.
fn broadcast(wish: model::Broadcast, local: Ipv4Addr, prefix: u8) -> Option<Ipv4Addr> {
    let host_bits = u32::MAX.checked_shr(u32::from(prefix)).filter(|_| prefix <= 30);
    match wish {
        model::Broadcast::None => None,
        model::Broadcast::Address(address) => Some(address),
        model::Broadcast::HostBitsSet => host_bits.map(|bits| Ipv4Addr::from(u32::from(local) | bits)),
        model::Broadcast::HostBitsClear => host_bits.map(|bits| Ipv4Addr::from(u32::from(local) & !bits)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(text: &str, prefix: u8) -> model::Address {
        let local = model::Prefixed::new(text.parse().expect("address"), prefix).expect("prefix");
        model::Address::plain(local)
    }

    #[test]
    fn a_configured_ipv4_address_gets_its_broadcast() {
        let mut address = wish("192.0.2.70", 26);
        assert_eq!(AddressSpec::configured(&address, 3).broadcast, None);
        address.broadcast = model::Broadcast::HostBitsSet;
        assert_eq!(
            AddressSpec::configured(&address, 3).broadcast,
            Some(Ipv4Addr::new(192, 0, 2, 127))
        );
        address.broadcast = model::Broadcast::HostBitsClear;
        assert_eq!(
            AddressSpec::configured(&address, 3).broadcast,
            Some(Ipv4Addr::new(192, 0, 2, 64))
        );
        let mut narrow = wish("192.0.2.70", 31);
        narrow.broadcast = model::Broadcast::HostBitsSet;
        assert_eq!(AddressSpec::configured(&narrow, 3).broadcast, None);
    }

    #[test]
    fn an_address_with_another_label_scope_or_flag_is_not_the_wanted_one() {
        let wanted = AddressSpec::configured(&wish("192.0.2.70", 24), 3);
        let there = Address {
            index: 3,
            local: wanted.local,
            peer: None,
            prefix: 24,
            scope: Scope::UNIVERSE,
            flags: AddressFlags::PERMANENT | AddressFlags::SECONDARY,
            broadcast: None,
            label: Some("e0".to_owned()),
            preferred: Lifetime::FOREVER,
            protocol: None,
        };
        assert!(wanted.is_met_by(&there, "e0"));
        let change: [fn(&mut Address); 6] = [
            |a| a.label = Some("e0:x".to_owned()),
            |a| a.scope = Scope::LINK,
            |a| a.flags |= AddressFlags::NOPREFIXROUTE,
            |a| a.broadcast = Some(Ipv4Addr::BROADCAST),
            |a| a.peer = Some(Ipv4Addr::LOCALHOST.into()),
            |a| a.preferred = Lifetime(7),
        ];
        for change in change {
            let mut other = there.clone();
            change(&mut other);
            assert!(!wanted.is_met_by(&other, "e0"), "{other:?}");
        }
    }

    #[test]
    fn a_configured_ipv6_address_is_not_detected_twice_and_a_host_address_is_deprecated() {
        let host = AddressSpec::configured(&wish("2001:db8::1", 128), 3);
        assert_eq!((host.flags, host.preferred), (AddressFlags::NODAD, Lifetime(0)));
        let mut network = wish("2001:db8::1", 64);
        network.flags.dad = true;
        let network = AddressSpec::configured(&network, 3);
        assert_eq!(
            (network.flags, network.preferred),
            (AddressFlags::default(), Lifetime::FOREVER)
        );
    }
}
