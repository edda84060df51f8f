//! Changes of links and addresses, translated for the engine.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use keepalived_linux::{
    netlink::{Address, Dump, Event as NetEvent, Requester},
    vrrp_socket::Interface as SocketInterface,
};
use keepalived_model::{time::Instant, units::IfName, vrrp::Instance};
use keepalived_vrrp::{Fault, Input, InstanceId, ObjectRef};

use super::{
    kernel::Errand,
    plan,
    sockets::Wish,
    source::Sources,
    worker::Worker,
    world::{Change, World},
};

/// What an instance is to have now.
struct Endpoint {
    id: InstanceId,
    config: Arc<Instance>,
    interface: Option<SocketInterface>,
    source: Option<IpAddr>,
}

impl Worker {
    /// Digests what netlink told.
    pub(super) fn network_events(&mut self, events: Vec<NetEvent>, at: Instant) {
        let mut changes = Vec::new();
        for event in events {
            self.world.apply(event, &mut changes);
        }
        // What a whole burst did to an interface is looked at once, and before anything is told to the engine: an instance that
        // recovers must be able to send.
        let touched = changes.iter().filter_map(|change| self.may_move(change)).collect();
        self.refresh(&touched, at);
        let gone: Vec<(IfName, u32)> = changes.iter().filter_map(Change::gone).collect();
        for (name, index) in &gone {
            // Removed and made again before it was looked at: what was on the old one is gone, however usable the new one is.
            if self.world.named(name).is_some_and(|now| now.link.index != *index) {
                self.link_replaced(*name, at);
            }
        }
        for change in changes {
            match change {
                Change::Link(name) => self.link_told(name, at),
                Change::Renamed(index) => self.interface_renamed(index),
                Change::Gone(_, index) => self.installed.interface_gone(index),
                Change::Added(name, address) => self.address_added(name, &address, at),
                Change::Removed(name, address, by) => self.address_removed(name, &address, by, at),
                Change::RouteGone(route, by) => {
                    // The kernel itself flushes routes of a link that goes down, before it tells of the link.
                    let usable = route.interface.is_none_or(|index| {
                        let interface = self.world.indexed(index);
                        interface.is_some_and(super::world::Interface::usable)
                    });
                    if usable {
                        let owner = self.installed.route_removed(&route);
                        self.object_deleted(owner, by, at);
                    }
                    let taken = self.statics.route_removed(&route, usable, at);
                    self.statics_taken(taken, by);
                }
                Change::RuleGone(rule, by) => {
                    let owner = self.installed.rule_removed(&rule);
                    self.object_deleted(owner, by, at);
                    let taken = self.statics.rule_removed(&rule, at);
                    self.statics_taken(taken, by);
                }
                Change::Overrun => self.read_again(),
            }
        }
        for (name, _) in gone {
            if self.tracker_ids.known_interface(&name).is_some() {
                tracing::info!("Interface {name} deleted");
            }
        }
    }

    /// The interface whose instances may send from another interface or address after this change. Virtual addresses are never a
    /// source.
    fn may_move(&self, change: &Change) -> Option<IfName> {
        match change {
            Change::Link(name) => Some(*name),
            Change::Added(name, address) | Change::Removed(name, address, _) => {
                (!self.virtual_addresses.contains(&address.local)).then_some(*name)
            }
            _ => None,
        }
    }

    /// What was installed on an interface does not follow it to another name.
    fn interface_renamed(&mut self, index: u32) {
        let operations = self.installed.interface_renamed(index, &self.world);
        self.submit_unheeded(operations);
    }

    /// Events were lost: asks for a whole new picture, once however often it is told before the answer.
    fn read_again(&mut self) {
        if !std::mem::replace(&mut self.reading_again, true) {
            tracing::info!(
                "Netlink: Receive buffer overrun on monitor socket - reading links and addresses again \
                 (vrrp_netlink_monitor_rcv_bufs sets its size)"
            );
            self.commands.request_dump(Errand::Dump);
        }
    }

    fn object_deleted(&mut self, owner: Option<(InstanceId, ObjectRef)>, by: Requester, at: Instant) {
        if let Some((owner, object)) = owner {
            self.watch.touch(owner);
            self.rivals.accuse(owner, object, by);
            self.engine.handle(at, Input::ObjectDeleted(owner, object));
        }
    }

    /// Takes a whole new picture after events were lost.
    pub(super) fn resynchronise(&mut self, dump: Dump, at: Instant) {
        self.reading_again = false;
        let mut names: Vec<IfName> = self
            .world
            .interfaces()
            .filter_map(|i| IfName::new(&i.link.name))
            .collect();
        self.world = World::from_dump(dump);
        names.extend(self.world.interfaces().filter_map(|i| IfName::new(&i.link.name)));
        names.sort_unstable();
        names.dedup();
        for (instance, object) in self.installed.resync(&self.world) {
            self.engine.handle(at, Input::ObjectDeleted(instance, object));
        }
        self.statics.resynchronise(&self.world);
        self.refresh(&names.iter().copied().collect(), at);
        for name in names {
            self.link_told(name, at);
        }
    }

    fn address_added(&mut self, name: IfName, address: &Address, at: Instant) {
        self.log_address(&name, address, "added to");
        self.statics.address_added(at);
        self.routes_may_come(at);
        if let Some(owner) = self.installed.added(address.index, address.local, address.prefix) {
            self.watch.touch(owner);
        }
    }

    fn address_removed(&mut self, name: IfName, address: &Address, by: Requester, at: Instant) {
        self.log_address(&name, address, "removed from");
        let usable = self.world.named(&name).is_some_and(super::world::Interface::usable);
        let key = (address.index, address.local, address.prefix);
        let taken = self.statics.address_removed(key, usable, at);
        self.statics_taken(taken, by);
        let removed = self.installed.removed(address.index, address.local, address.prefix);
        if let Some((owner, object, tell)) = removed {
            self.watch.touch(owner);
            // The kernel itself flushes IPv6 addresses of a link that goes down; the link is what counts then.
            if tell && usable {
                self.rivals.accuse(owner, object, by);
                self.engine.handle(at, Input::ObjectDeleted(owner, object));
            } else if !usable {
                self.links.rob(name, owner);
            }
        }
    }

    fn log_address(&self, name: &IfName, address: &Address, what: &str) {
        if self.options.cli.address_monitoring {
            tracing::info!("Netlink reflector reports IP {} {what} {name}", address.local);
        }
    }

    /// Brings interface, source address and sockets of all instances on these interfaces up to date.
    fn refresh(&mut self, names: &BTreeSet<IfName>, at: Instant) {
        if names.is_empty() {
            return;
        }
        let mut sources = Sources::new(&self.world, &self.virtual_addresses);
        let users = names.iter().filter_map(|name| self.by_interface.get(name)).flatten();
        // Few, and any address may be theirs.
        let mut ids: Vec<InstanceId> = users.chain(&self.homeless).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let moved: Vec<Endpoint> = ids
            .iter()
            .filter_map(|id| {
                let config = &self.engine.view(*id)?.spec.config;
                let (interface, source) = (plan::socket_interface(config, &self.world), sources.of(config));
                (self.endpoints.get(id) != Some(&(interface, source))).then(|| Endpoint {
                    id: *id,
                    config: Arc::clone(config),
                    interface,
                    source,
                })
            })
            .collect();
        if moved.is_empty() {
            return;
        }
        for endpoint in moved {
            self.relocate(endpoint, at);
        }
        self.pool.sweep();
    }

    fn relocate(&mut self, to: Endpoint, at: Instant) {
        let Endpoint {
            id,
            config,
            interface,
            source,
        } = to;
        let before = self.endpoints.insert(id, (interface, source));
        self.watch.touch(id);
        let missing = config.advert_interface().is_some() && interface.is_none();
        self.engine.handle(at, Input::Fault(id, Fault::NoInterface, missing));
        let assigned = self.pool.assign(id, Wish::new(&config, interface, source, &self.world));
        if let Err(error) = &assigned {
            tracing::info!("({}) failed to open sockets: {error}", config.name);
            // Tried again with the next event about its interface.
            self.endpoints.remove(&id);
        }
        self.place(id, &config, source, at);
        self.engine
            .handle(at, Input::Fault(id, Fault::Socket, assigned.is_err()));
        if before.is_none_or(|(_, old)| old != source) {
            if let (Some(name), Some(address)) = (config.interface, source) {
                tracing::debug!("Assigned address {address} for interface {name}");
            }
            self.engine.handle(at, Input::SourceAddress(id, source));
        }
    }
}
