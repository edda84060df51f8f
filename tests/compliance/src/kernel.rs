//! What a scenario needs of the kernel beside network namespaces, found out by trying.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::lab::namespace::Namespace;

/// Something that not every kernel can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Links of type `vlan`.
    Vlan,
    /// Links of type `bond`.
    Bond,
    /// Links of type `dummy`.
    Dummy,
    /// Links of type `vrf`, and rules with `l3mdev`.
    Vrf,
    /// Links of type `ipvlan`.
    Ipvlan,
    /// Links of type `macvlan`.
    Macvlan,
    /// Routes that put MPLS labels on packets.
    Mpls,
    /// Routes that change locators of IPv6 addresses.
    Ila,
    /// Routes that wrap packets in IPv4 or IPv6.
    Tunnel,
    /// The kernel's own AH.
    Ah,
    /// The emulated network cards of `cargo xtask vm --kernel generic`.
    Card,
}

impl Feature {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vlan => "vlan links",
            Self::Bond => "bond links",
            Self::Dummy => "dummy links",
            Self::Vrf => "vrf links",
            Self::Ipvlan => "ipvlan links",
            Self::Macvlan => "macvlan links",
            Self::Mpls => "routes with MPLS labels",
            Self::Ila => "routes with ILA",
            Self::Tunnel => "routes into IP tunnels",
            Self::Ah => "IPsec with AH",
            Self::Card => "emulated network cards",
        }
    }

    /// How to get a kernel that has it.
    fn remedy(self) -> &'static str {
        match self {
            Self::Card => "cargo xtask vm --kernel generic",
            _ => "cargo xtask vm",
        }
    }

    /// Lines of `ip` that succeed where the feature is to be had.
    fn trial(self) -> &'static [&'static str] {
        match self {
            Self::Vlan => &[
                "link add v0 type veth peer name v1",
                "link add c link v0 type vlan id 5",
            ],
            Self::Bond => &["link add c type bond mode active-backup"],
            Self::Dummy => &["link add c type dummy"],
            Self::Vrf => &["link add c type vrf table 10", "rule add pref 500 l3mdev"],
            Self::Ipvlan => &[
                "link add v0 type veth peer name v1",
                "link add c link v0 type ipvlan mode l2",
            ],
            Self::Macvlan => &[
                "link add v0 type veth peer name v1",
                "link add c link v0 type macvlan mode private",
            ],
            Self::Mpls => &["route add 192.0.2.0/24 encap mpls 100 dev lo"],
            Self::Ila => &["route add 2001:db8:1:0:2000:0:3:4/128 encap ila 1:2:3:4 dev lo"],
            Self::Tunnel => &["route add 192.0.2.0/24 encap ip id 7 dst 192.0.2.1 dev lo"],
            Self::Ah => &[
                "xfrm state add src 192.0.2.1 dst 192.0.2.2 proto ah spi 0x100 auth hmac(md5) 0x00112233445566778899aabbccddeeff",
            ],
            Self::Card => &[],
        }
    }

    fn probe(self) -> Result<(), String> {
        if self == Self::Card {
            let driver = std::fs::read_link("/sys/class/net/eth0/device/driver");
            return match driver {
                Ok(path) if path.ends_with("e1000") => Ok(()),
                _ => Err("eth0 is no e1000".to_owned()),
            };
        }
        let namespace = Namespace::new("probe").map_err(|why| why.to_string())?;
        namespace.ip(self.trial()).map_err(|why| why.to_string())
    }
}

/// Why a scenario cannot run under this kernel, if it cannot. Each feature is tried once.
pub fn lacking(needs: &[Feature]) -> Option<String> {
    static TRIED: Mutex<BTreeMap<Feature, bool>> = Mutex::new(BTreeMap::new());
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = needs
        .iter()
        .find(|feature| !*tried.entry(**feature).or_insert_with(|| feature.probe().is_ok()))?;
    Some(format!("this kernel has no {}: {}", missing.name(), missing.remedy()))
}
