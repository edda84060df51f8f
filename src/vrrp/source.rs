//! The addresses that adverts come from.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use keepalived_model::{
    units::{Family, IfName},
    vrrp::{Instance, Transport},
};

use super::world::World;

/// Answers for all instances of one moment. The address of an interface is looked for once, however many instances use it: a walk over
/// its addresses for each of them would cost the product of both.
#[derive(Debug)]
pub(super) struct Sources<'w> {
    world: &'w World,
    virtual_addresses: &'w HashSet<IpAddr>,
    found: HashMap<(IfName, Family), Option<IpAddr>>,
}

impl<'w> Sources<'w> {
    /// Virtual addresses are never the address of an interface.
    pub(super) fn new(world: &'w World, virtual_addresses: &'w HashSet<IpAddr>) -> Self {
        Self {
            world,
            virtual_addresses,
            found: HashMap::new(),
        }
    }

    /// The address adverts of an instance come from now: the configured one, which with `track_src_ip` must be there (quirk Q-11), else
    /// that of its interface.
    pub(super) fn of(&mut self, config: &Instance) -> Option<IpAddr> {
        let configured = match &config.transport {
            Transport::Multicast { source, .. } | Transport::Unicast { source, .. } => *source,
        };
        match configured {
            Some(address) if config.track_src_ip && !self.is_there(config, address) => None,
            Some(address) => Some(address),
            None => {
                let base = config.interface?;
                // An IPv6 VMAC was given the address of what is under it, and keeps it when that one loses it by going down.
                let own = config.own_interface();
                let own = own.filter(|own| *own != base && config.family == Family::V6);
                let of_own = own.and_then(|own| self.of_interface(own, config.family));
                of_own.or_else(|| self.of_interface(base, config.family))
            }
        }
    }

    /// Is a configured source address on the instance's interface, or anywhere when it has none?
    fn is_there(&self, config: &Instance, address: IpAddr) -> bool {
        match config.interface {
            Some(base) => [Some(base), config.own_interface()]
                .into_iter()
                .flatten()
                .any(|name| self.world.named(&name).is_some_and(|i| i.addresses.has(address))),
            None => self.world.interfaces().any(|i| i.addresses.has(address)),
        }
    }

    fn of_interface(&mut self, name: IfName, family: Family) -> Option<IpAddr> {
        let (world, virtual_addresses) = (self.world, self.virtual_addresses);
        *self
            .found
            .entry((name, family))
            .or_insert_with(|| world.named(&name)?.source(family, virtual_addresses))
    }
}
