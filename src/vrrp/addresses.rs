//! The addresses of one interface, in the order in which the kernel told them, each found at once.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

use keepalived_linux::netlink::Address;
use smallvec::SmallVec;

/// What makes an address the same one for the kernel: local address, prefix length, peer.
type Key = (IpAddr, u8, Option<IpAddr>);

/// Addresses in order. Adding, removing and finding one cost the same however many there are: an interface may carry 65,024.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    in_order: BTreeMap<u64, Address>,
    places: HashMap<Key, u64>,
    /// Prefix lengths by address, one for each peer.
    prefixes: HashMap<IpAddr, SmallVec<[u8; 8]>>,
    next: u64,
}

impl Addresses {
    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Address> {
        self.in_order.values()
    }

    /// Adds or replaces one; true when it was not there before.
    pub(super) fn set(&mut self, address: Address) -> bool {
        let key = key(&address);
        if let Some(known) = self.places.get(&key).and_then(|place| self.in_order.get_mut(place)) {
            *known = address;
            return false;
        }
        self.prefixes.entry(address.local).or_default().push(address.prefix);
        self.places.insert(key, self.next);
        self.in_order.insert(self.next, address);
        self.next += 1;
        true
    }

    /// Removes one.
    pub(super) fn remove(&mut self, address: &Address) {
        let Some(place) = self.places.remove(&key(address)) else {
            return;
        };
        self.in_order.remove(&place);
        if let Some(prefixes) = self.prefixes.get_mut(&address.local) {
            if let Some(at) = prefixes.iter().position(|p| *p == address.prefix) {
                prefixes.swap_remove(at);
            }
            if prefixes.is_empty() {
                self.prefixes.remove(&address.local);
            }
        }
    }

    /// Is there an address with this prefix length, whatever its peer?
    pub(super) fn contains(&self, address: IpAddr, prefix: u8) -> bool {
        self.prefixes.get(&address).is_some_and(|known| known.contains(&prefix))
    }

    /// The address with this prefix length, one without a peer first.
    pub(super) fn get(&self, address: IpAddr, prefix: u8) -> Option<&Address> {
        match self.places.get(&(address, prefix, None)) {
            Some(place) => self.in_order.get(place),
            None if self.contains(address, prefix) => self
                .iter()
                .find(|known| known.local == address && known.prefix == prefix),
            None => None,
        }
    }

    /// Is there this address, whatever its prefix length?
    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.prefixes.contains_key(&address)
    }
}

const fn key(address: &Address) -> Key {
    (address.local, address.prefix, address.peer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepalived_linux::netlink::{AddressFlags, Lifetime, Scope};

    fn address(local: [u8; 4], prefix: u8) -> Address {
        Address {
            index: 2,
            local: IpAddr::from(local),
            peer: None,
            prefix,
            scope: Scope::UNIVERSE,
            flags: AddressFlags::default(),
            broadcast: None,
            label: None,
            preferred: Lifetime::FOREVER,
            protocol: None,
        }
    }

    #[test]
    fn order_counts_and_the_same_address_twice() {
        let mut all = Addresses::default();
        assert!(all.set(address([10, 0, 0, 2], 24)) && all.set(address([10, 0, 0, 1], 24)));
        assert!(!all.set(address([10, 0, 0, 2], 24)), "known already");
        assert!(all.set(address([10, 0, 0, 2], 32)), "another prefix is another address");
        let order: Vec<_> = all.iter().map(|a| (a.local.to_string(), a.prefix)).collect();
        assert_eq!(order[0], ("10.0.0.2".to_owned(), 24));
        assert_eq!(order.len(), 3);
        all.remove(&address([10, 0, 0, 2], 24));
        let two = IpAddr::from([10, 0, 0, 2]);
        assert!(!all.contains(two, 24) && all.contains(two, 32) && all.has(two));
        all.remove(&address([10, 0, 0, 2], 32));
        all.remove(&address([10, 0, 0, 2], 32));
        assert!(!all.has(two) && all.has(IpAddr::from([10, 0, 0, 1])));
    }
}
