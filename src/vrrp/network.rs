//! Changes of links and addresses, translated for the engine.

use keepalived_linux::netlink::{Address, Dump, Event as NetEvent};
use keepalived_model::{time::Instant, units::IfName};
use keepalived_vrrp::{Fault, Input, InstanceId, ObjectRef, TrackerReport};

use super::{
    plan,
    sockets::Wish,
    worker::Worker,
    world::{Change, World},
};

impl Worker {
    /// Digests what netlink told.
    pub(super) fn network_events(&mut self, events: Vec<NetEvent>, at: Instant) {
        let mut changes = Vec::new();
        for event in events {
            self.world.apply(event, &mut changes);
        }
        for change in changes {
            match change {
                Change::Link(name) => self.link_changed(name, at),
                Change::Gone(index) => self.installed.interface_gone(index),
                Change::Added(name, address) => self.address_added(name, &address, at),
                Change::Removed(name, address) => self.address_removed(name, &address, at),
                Change::RouteGone(route) => {
                    let owner = self.installed.route_removed(&route);
                    self.object_deleted(owner, at);
                }
                Change::RuleGone(rule) => {
                    let owner = self.installed.rule_removed(&rule);
                    self.object_deleted(owner, at);
                }
                Change::Overrun => {
                    tracing::info!("Netlink: events were lost, reading links and addresses again");
                    self.commands.request_dump(Vec::new());
                }
            }
        }
    }

    fn object_deleted(&mut self, owner: Option<(InstanceId, ObjectRef)>, at: Instant) {
        if let Some((owner, object)) = owner {
            self.watch.touch(owner);
            self.engine.handle(at, Input::ObjectDeleted(owner, object));
        }
    }

    /// Takes a whole new picture after events were lost.
    pub(super) fn resynchronise(&mut self, dump: Dump, at: Instant) {
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
        for name in names {
            self.link_changed(name, at);
        }
    }

    fn link_changed(&mut self, name: IfName, at: Instant) {
        let interface = self.world.named(&name);
        let usable = interface.is_some_and(super::world::Interface::usable);
        let exists = interface.is_some();
        // Sockets and source first: an instance that recovers must be able to send.
        for id in self.by_interface.get(&name).cloned().unwrap_or_default() {
            self.refresh(id, at);
        }
        let Some(tracker) = self.tracker_ids.known_interface(&name) else {
            return;
        };
        if self.tracker_good.insert(tracker, usable) != Some(usable) {
            match (exists, usable) {
                (false, _) => tracing::info!("Interface {name} deleted"),
                (true, true) => tracing::info!("Netlink reports {name} up"),
                (true, false) => tracing::info!("Netlink reports {name} down"),
            }
            self.engine
                .handle(at, Input::Tracker(tracker, TrackerReport::Good(usable)));
        }
    }

    fn address_added(&mut self, name: IfName, address: &Address, at: Instant) {
        self.log_address(&name, address, "added to");
        if let Some(owner) = self.installed.added(address.index, address.local, address.prefix) {
            self.watch.touch(owner);
        }
        self.source_may_change(name, address, at);
    }

    fn address_removed(&mut self, name: IfName, address: &Address, at: Instant) {
        self.log_address(&name, address, "removed from");
        let removed = self.installed.removed(address.index, address.local, address.prefix);
        if let Some((owner, object, tell)) = removed {
            self.watch.touch(owner);
            // The kernel itself flushes IPv6 addresses of a link that goes down; the link is what counts then.
            let usable = self.world.named(&name).is_some_and(super::world::Interface::usable);
            if tell && usable {
                self.engine.handle(at, Input::ObjectDeleted(owner, object));
            }
        }
        self.source_may_change(name, address, at);
    }

    fn log_address(&self, name: &IfName, address: &Address, what: &str) {
        if self.options.cli.address_monitoring {
            tracing::info!("Netlink reflector reports IP {} {what} {name}", address.local);
        }
    }

    fn source_may_change(&mut self, name: IfName, address: &Address, at: Instant) {
        // Virtual addresses are never a source; looking anyway costs the product of instances and addresses for each of them,
        // too much for a stop with a thousand of them to end in time.
        if self.virtual_addresses.contains(&address.local) {
            return;
        }
        for id in self.by_interface.get(&name).cloned().unwrap_or_default() {
            self.refresh(id, at);
        }
    }

    /// Brings an instance's interface, source address and sockets up to date.
    pub(super) fn refresh(&mut self, id: InstanceId, at: Instant) {
        let Some(view) = self.engine.view(id) else { return };
        let config = std::sync::Arc::clone(&view.spec.config);
        let source = plan::source(&config, &self.world, &self.virtual_addresses);
        let interface = plan::socket_interface(&config, &self.world);
        let endpoint = (interface, source);
        let before = self.endpoints.insert(id, endpoint);
        if before == Some(endpoint) {
            return;
        }
        self.watch.touch(id);
        let missing = config.interface.is_some() && interface.is_none();
        self.engine.handle(at, Input::Fault(id, Fault::NoInterface, missing));
        let assigned = self.pool.assign(id, Wish::new(&config, interface, source));
        if let Err(error) = &assigned {
            tracing::info!("({}) failed to open sockets: {error}", config.name);
        }
        self.engine
            .handle(at, Input::Fault(id, Fault::Socket, assigned.is_err()));
        if before.is_none_or(|(_, old)| old != source) {
            if let (Some(name), Some(address)) = (config.interface, source) {
                tracing::debug!("Assigned address {address} for interface {name}");
            }
            self.engine.handle(at, Input::SourceAddress(id, source));
        }
        self.pool.sweep();
    }
}
