//! Addresses that the daemon puts on interfaces (`virtual_ipaddress`, `virtual_ipaddress_excluded`, `static_ipaddress`).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::units::{Family, IfName};

/// An address with the length of its network prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Prefixed {
    /// The address.
    pub address: IpAddr,
    /// Prefix length, at most 32 (IPv4) or 128 (IPv6).
    pub prefix_len: u8,
}

impl Prefixed {
    /// `None` when the prefix is longer than the address.
    #[must_use]
    pub fn new(address: IpAddr, prefix_len: u8) -> Option<Self> {
        (prefix_len <= Family::of(address).bits()).then_some(Self { address, prefix_len })
    }

    /// The family of the address.
    #[must_use]
    pub const fn family(&self) -> Family {
        Family::of(self.address)
    }
}

/// The IPv4 broadcast address of an interface address (`brd`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Broadcast {
    /// None given.
    #[default]
    None,
    /// `brd +`: host bits set.
    HostBitsSet,
    /// `brd -`: host bits clear.
    HostBitsClear,
    /// A literal address.
    Address(std::net::Ipv4Addr),
}

/// Preferred lifetime of an IPv6 address (`preferred_lft`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PreferredLifetime {
    /// Never deprecated.
    Forever,
    /// Seconds; 0 makes the address deprecated at once, so that it is not chosen as a source.
    Seconds(u32),
}

/// Kernel address flags that the configuration can ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AddressFlags {
    /// `home`: IFA_F_HOMEADDRESS.
    pub home: bool,
    /// `-nodad`: duplicate address detection is left on (it is off otherwise, for IPv6).
    pub dad: bool,
    /// `mngtmpaddr`: IFA_F_MANAGETEMPADDR.
    pub manage_temporary: bool,
    /// `noprefixroute`: IFA_F_NOPREFIXROUTE.
    pub no_prefix_route: bool,
    /// `autojoin`: IFA_F_MCAUTOJOIN.
    pub auto_join: bool,
}

/// One address to be installed on an interface.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The address itself and its prefix.
    pub local: Prefixed,
    /// `peer`: the other end; its prefix then replaces that of `local`.
    pub peer: Option<Prefixed>,
    /// `dev`; the instance's interface when `None`.
    pub interface: Option<IfName>,
    /// `scope` number of the kernel (0 global, 253 link, 254 host); IPv4 only.
    pub scope: u8,
    /// `brd`; IPv4 only.
    pub broadcast: Broadcast,
    /// `label`, at most 15 bytes; IPv4 only.
    pub label: Option<Box<str>>,
    /// Kernel flags.
    pub flags: AddressFlags,
    /// `preferred_lft`; `None` means the default of the family and prefix (0 for an IPv6 /128, else forever).
    pub preferred_lft: Option<PreferredLifetime>,
    /// `no_track`: deletion by others is not noticed and the state of its interface does not matter.
    pub no_track: bool,
    /// `use_vmac` of a single address.
    pub use_vmac: bool,
    /// The interface under `interface`, once that is known to be a VMAC or ipvlan of ours; never configured.
    pub base: Option<IfName>,
    /// `track_group` (static addresses only).
    pub track_group: Option<Box<str>>,
}

impl Address {
    /// An address with all options at their defaults.
    #[must_use]
    pub fn plain(local: Prefixed) -> Self {
        Self {
            local,
            peer: None,
            interface: None,
            scope: 0,
            broadcast: Broadcast::None,
            label: None,
            flags: AddressFlags::default(),
            preferred_lft: None,
            no_track: false,
            use_vmac: false,
            base: None,
            track_group: None,
        }
    }
}
