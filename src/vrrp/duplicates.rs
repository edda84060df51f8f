//! Two instances that would take each other's adverts for their own, found while running: an interface that comes may lie on the one
//! that another instance uses (`vrrp.md` 2.2 item 21). Who was there first goes on, the other is in FAULT.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use keepalived_linux::netlink::LinkKind;
use keepalived_model::{
    time::Instant,
    units::Family,
    vrrp::{Instance, Transport},
};
use keepalived_vrrp::{Fault, Input, InstanceId, InstanceSpec};
use smallvec::SmallVec;

use super::{worker::Worker, world::World};

/// Where adverts of a VRID meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    /// The interface under all virtual ones, and the group.
    Multicast(u32, IpAddr),
    /// Our address and a peer.
    Unicast(IpAddr, IpAddr),
}

type Key = (u8, Family, Place);

/// Who is where.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    /// In the order in which they came.
    users: HashMap<Key, SmallVec<[InstanceId; 1]>>,
    places: HashMap<InstanceId, SmallVec<[Key; 1]>>,
    clashing: HashSet<InstanceId>,
}

/// The places of an instance that sends from this address now; none while its interface or its address is missing.
fn keys(config: &Instance, source: Option<IpAddr>, world: &World) -> SmallVec<[Key; 1]> {
    let key = |place| (config.vrid.get(), config.family, place);
    match &config.transport {
        Transport::Multicast { group, .. } => config
            .interface
            .and_then(|name| world.named(&name))
            .map(|interface| {
                let link = &interface.link;
                let is_virtual = matches!(link.kind, LinkKind::Macvlan { .. } | LinkKind::Ipvlan { .. });
                let base = link.parent.filter(|_| is_virtual).unwrap_or(link.index);
                key(Place::Multicast(base, *group))
            })
            .into_iter()
            .collect(),
        Transport::Unicast { peers, .. } => source
            .into_iter()
            .flat_map(|source| peers.iter().map(move |peer| key(Place::Unicast(source, peer.address))))
            .collect(),
    }
}

impl Duplicates {
    /// An instance is where its interface and address say. Gives each instance that clashes from now on (`true`) or no more.
    pub(super) fn place(
        &mut self,
        id: InstanceId,
        config: &Instance,
        source: Option<IpAddr>,
        world: &World,
    ) -> SmallVec<[(InstanceId, bool); 2]> {
        self.put(id, keys(config, source, world))
    }

    /// An instance is gone.
    pub(super) fn remove(&mut self, id: InstanceId) -> SmallVec<[(InstanceId, bool); 2]> {
        let changed = self.put(id, SmallVec::new());
        self.places.remove(&id);
        self.clashing.remove(&id);
        changed
    }

    /// Does it clash with one that was there before it?
    pub(super) fn clashes(&self, id: InstanceId) -> bool {
        self.clashing.contains(&id)
    }

    /// The instance that was there before it.
    pub(super) fn rival(&self, id: InstanceId) -> Option<InstanceId> {
        let keys = self.places.get(&id)?;
        let firsts = keys.iter().filter_map(|key| self.users.get(key)?.first().copied());
        firsts.into_iter().find(|first| *first != id)
    }

    fn put(&mut self, id: InstanceId, wanted: SmallVec<[Key; 1]>) -> SmallVec<[(InstanceId, bool); 2]> {
        if self.places.get(&id).is_some_and(|known| *known == wanted) {
            return SmallVec::new();
        }
        let mut concerned: SmallVec<[InstanceId; 2]> = SmallVec::from_iter([id]);
        for key in self.places.insert(id, wanted.clone()).unwrap_or_default() {
            if let Some(users) = self.users.get_mut(&key) {
                users.retain(|user| *user != id);
                concerned.extend(users.first().copied());
                if users.is_empty() {
                    self.users.remove(&key);
                }
            }
        }
        for key in wanted {
            self.users.entry(key).or_default().push(id);
        }
        concerned
            .into_iter()
            .filter_map(|id| {
                let clashes = self.rival(id).is_some();
                let changed = if clashes {
                    self.clashing.insert(id)
                } else {
                    self.clashing.remove(&id)
                };
                changed.then_some((id, clashes))
            })
            .collect()
    }
}

impl Worker {
    /// Places all instances of a new configuration; those that clash begin in FAULT.
    pub(super) fn find_duplicates(&mut self, ids: &[InstanceId], specs: &mut [InstanceSpec]) {
        for (id, spec) in ids.iter().zip(specs.iter()) {
            self.duplicates.place(*id, &spec.config, spec.source, &self.world);
        }
        for (id, spec) in ids.iter().zip(specs.iter_mut()) {
            if self.duplicates.clashes(*id) {
                spec.faults.push(Fault::DuplicateVrid);
            }
        }
    }

    /// An instance is somewhere else now.
    pub(super) fn place(&mut self, id: InstanceId, config: &Instance, source: Option<IpAddr>, at: Instant) {
        for (id, clashes) in self.duplicates.place(id, config, source, &self.world) {
            let name = |id| self.engine.view(id).map(|view| &view.spec.config);
            if let (true, Some(own), Some(rival)) = (clashes, name(id), self.duplicates.rival(id).and_then(name)) {
                tracing::info!(
                    "VRID conflict between {} and {} {} vrid {}",
                    own.name,
                    rival.name,
                    own.family,
                    own.vrid
                );
            }
            self.engine.handle(at, Input::Fault(id, Fault::DuplicateVrid, clashes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: InstanceId = InstanceId(1);
    const B: InstanceId = InstanceId(2);
    const C: InstanceId = InstanceId(3);

    fn on(index: u32) -> SmallVec<[Key; 1]> {
        let group = IpAddr::from([224, 0, 0, 18]);
        SmallVec::from_iter([(51, Family::V4, Place::Multicast(index, group))])
    }

    #[test]
    fn who_was_first_goes_on_and_the_next_follows() {
        let mut known = Duplicates::default();
        assert!(known.put(A, on(2)).is_empty());
        assert_eq!(known.put(B, on(2)).as_slice(), [(B, true)]);
        assert_eq!(known.put(C, on(2)).as_slice(), [(C, true)]);
        assert!(known.put(B, on(2)).is_empty(), "nothing new");
        assert_eq!((known.rival(B), known.rival(A)), (Some(A), None));
        assert_eq!(known.remove(A).as_slice(), [(B, false)], "C still meets B");
        assert!(known.clashes(C) && !known.clashes(B));
        assert_eq!(known.put(C, on(3)).as_slice(), [(C, false)]);
        assert_eq!(known.put(C, SmallVec::new()).len(), 0);
    }
}
