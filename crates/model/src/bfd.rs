//! BFD sessions as the configuration wants them (`bfd_instance`).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// One session with one neighbour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BfdInstance {
    /// Name of the block, at most 31 bytes.
    pub name: Box<str>,
    /// `neighbor_ip`.
    pub neighbor: IpAddr,
    /// `source_ip`, of the same family.
    pub source: Option<IpAddr>,
    /// `min_rx`.
    pub min_rx: Micros,
    /// `min_tx`.
    pub min_tx: Micros,
    /// `idle_tx`.
    pub idle_tx: Micros,
    /// `multiplier`.
    pub multiplier: u8,
    /// `passive`.
    pub passive: bool,
    /// `ttl` / `hoplimit`.
    pub ttl: u8,
    /// `max_hops`; `None` means that it is not checked.
    pub max_hops: Option<u8>,
    /// `multihop`.
    pub multihop: bool,
    /// `weight`, -253..=253.
    pub weight: i16,
    /// `reverse`.
    pub reverse: bool,
    /// The VRRP process follows it (`vrrp`).
    pub for_vrrp: bool,
    /// The checker process follows it (`checker`).
    pub for_checker: bool,
}
