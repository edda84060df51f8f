//! Whether and where adverts go: interface, VRF, multicast group, unicast peers.

use std::net::IpAddr;

use keepalived_model::{units::Family, vrrp::Transport};

use super::{FAULT_NO_PEER, Normaliser};
use crate::check::codes;

impl Normaliser<'_, '_, '_> {
    /// Items 9 to 11: can adverts get anywhere? `false` is fatal.
    pub(super) fn reachable(&mut self, is_unicast: bool) -> bool {
        let span = self.draft.span;
        let Some(interface) = self.draft.interface else {
            if !self.draft.unicast_keyword {
                self.help(
                    &codes::NO_INTERFACE,
                    span,
                    "no interface is given",
                    "add `interface NAME`",
                );
                return false;
            }
            let Some(source) = self.draft.source else {
                self.help(
                    &codes::UNICAST_WITHOUT_SOURCE,
                    span,
                    "a unicast instance needs `unicast_src_ip` or `interface`",
                    "add `unicast_src_ip ADDRESS`",
                );
                return false;
            };
            if is_link_local(source) {
                self.help(
                    &codes::LINK_LOCAL_WITHOUT_INTERFACE,
                    self.draft.place("unicast_src_ip"),
                    "a link-local source address needs an interface",
                    "add `interface NAME`",
                );
                return false;
            }
            if !is_unicast {
                self.help(
                    &codes::NO_INTERFACE,
                    span,
                    "no interface is given and no peer is left",
                    "add `interface NAME`",
                );
                return false;
            }
            return true;
        };
        let can_multicast = self.fact.is_none_or(|f| f.multicast);
        if self.strict && is_unicast && self.fact.is_some() && can_multicast {
            self.help(
                &codes::UNICAST_STRICT,
                self.draft.place("unicast_peer"),
                "unicast peers are not supported in strict mode",
                "remove the peers, or strict mode",
            );
        }
        if let Some(fact) = self.fact {
            let has_vmac = self.rare.vmac.as_ref().is_some_and(|v| v.vmac.for_instance);
            if has_vmac && !fact.ethernet {
                self.say(
                    &codes::CONFIG_FAULT,
                    self.draft.place("interface"),
                    &format!("{interface} is no Ethernet interface, so it cannot carry a virtual MAC; the instance stays in FAULT"),
                );
                self.fault = Some(format!("{interface} cannot carry a virtual MAC").into());
            } else if !fact.multicast && !is_unicast {
                self.say(
                    &codes::CONFIG_FAULT,
                    self.draft.place("interface"),
                    &format!(
                        "{interface} cannot do multicast and there are no unicast peers; the instance stays in FAULT"
                    ),
                );
                self.fault = Some(format!("{interface} cannot do multicast").into());
            }
        }
        true
    }

    pub(super) fn vrf(&mut self, is_unicast: bool) {
        if self.rare.vrf.is_some() && (self.draft.interface.is_some() || !is_unicast) {
            self.say(
                &codes::VRF_DROPPED,
                self.draft.place("vrf"),
                "`vrf` is possible only for unicast without `interface`; it is cleared",
            );
            self.rare.vrf = None;
        }
    }

    /// Item 8.
    pub(super) fn transport(&mut self, family: Family) -> Transport {
        if !self.draft.peers.is_empty() {
            if self.draft.group.is_some() {
                self.say(
                    &codes::UNICAST_OPTION,
                    self.draft.place("mcast_dst_ip"),
                    "`mcast_dst_ip` has no effect with unicast peers",
                );
            }
            // IPv4 unicast leaves with TTL 255 too; the IPv6 default is that of the kernel (item 3).
            let ttl = self.rare.unicast_ttl.or((family == Family::V4).then_some(255));
            return Transport::Unicast {
                source: self.draft.source,
                peers: std::mem::take(&mut self.draft.peers),
                ttl,
                check_source: self.draft.check_src || self.rare.peer_ttl || self.with.defaults.check_unicast_src,
            };
        }
        if self.draft.unicast_keyword {
            if self.rare.fault_no_peer {
                self.say(
                    &codes::CONFIG_FAULT_NOTE,
                    self.draft.span,
                    "there is no unicast peer; the instance stays in FAULT",
                );
                self.fault.get_or_insert_with(|| FAULT_NO_PEER.into());
            } else {
                self.help(
                    &codes::NO_PEERS,
                    self.draft.span,
                    "a unicast keyword was written but there is no unicast peer; multicast is used",
                    "add a `unicast_peer` block, or write `mcast_src_ip` instead of `unicast_src_ip`",
                );
            }
        }
        if self.rare.unicast_ttl.is_some() {
            self.say(
                &codes::UNICAST_OPTION,
                self.draft.place("unicast_ttl"),
                "`unicast_ttl` has no effect without unicast peers",
            );
        }
        let group = self.draft.group.unwrap_or(match family {
            Family::V4 => self.with.defaults.group4.into(),
            Family::V6 => self.with.defaults.group6,
        });
        Transport::Multicast {
            group,
            source: self.draft.source,
        }
    }
}

/// Link-local unicast of either family.
#[must_use]
pub(crate) fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.segments()[0] & 0xffc0 == 0xfe80,
    }
}
