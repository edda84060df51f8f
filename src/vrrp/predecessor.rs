//! What a predecessor left that crashed with another configuration: addresses, routes and rules that bear our protocol number and
//! that nothing in the present configuration asks for; virtual MAC interfaces; tables of the firewall. (What is configured is removed when its instance starts, `vrrp.md` 9.6.)
//!
//! The number does not tell one keepalived from another, so nothing is touched unless it is certain that we are the only one in
//! this network namespace.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use keepalived_linux::{
    kin,
    netlink::{
        AddressSpec, CommandSocket, FirewallSettings, LinkKind, MacvlanMode, Operation, RouteInfo, RouteSpec, RuleInfo,
        keepalived_protocol,
    },
};
use keepalived_model::{
    address::{Address, Prefixed},
    config::Config,
    route::PROTOCOL_KEEPALIVED,
    units::{Family, IfName},
};

use super::{vmac, worker::Worker, world::World};

/// The program's name, the original's too.
const NAME: &str = "keepalived";

/// All that the configuration asks for.
#[derive(Debug, Default)]
struct Wanted {
    addresses: HashSet<(u32, IpAddr, u8)>,
    /// On virtual MAC interfaces, whichever these are.
    elsewhere: HashSet<(IpAddr, u8)>,
    /// Virtual MAC interfaces of ours: they are made with addresses that no configuration names.
    virtual_interfaces: HashSet<IfName>,
    /// All others that something is to be on.
    interfaces: HashSet<IfName>,
    routes: HashMap<(Prefixed, u32), Vec<RouteSpec>>,
    rules: HashSet<RuleInfo>,
}

impl Wanted {
    fn new(config: &Config, world: &World) -> Self {
        let mut wanted = Self::default();
        let vrrp = &config.vrrp;
        for instance in &vrrp.instances {
            wanted.virtual_interfaces.extend(vmac::names(instance));
            wanted.interfaces.extend(instance.interface);
            let addresses = instance.addresses.iter().chain(&instance.excluded_addresses);
            for address in addresses {
                if instance.vmac.is_some() || address.use_vmac {
                    let spec = AddressSpec::configured(address, 0);
                    wanted.elsewhere.insert((spec.local, spec.prefix));
                }
                wanted.address(address, instance.interface, world);
            }
            let device = instance.interface.and_then(|name| Some(world.named(&name)?.link.index));
            for route in &instance.routes {
                wanted.route(RouteSpec::configured(route, device, world).ok());
            }
            wanted.rules.extend(instance.rules.iter().map(RuleInfo::from));
        }
        for address in &vrrp.static_addresses {
            wanted.address(address, None, world);
        }
        for route in &vrrp.static_routes {
            wanted.route(RouteSpec::configured(route, None, world).ok());
        }
        wanted.rules.extend(vrrp.static_rules.iter().map(RuleInfo::from));
        wanted
    }

    fn address(&mut self, address: &Address, default: Option<IfName>, world: &World) {
        self.interfaces.extend(address.interface);
        let interface = address.interface.or(default).and_then(|name| world.named(&name));
        if let Some(interface) = interface {
            let spec = AddressSpec::configured(address, interface.link.index);
            self.addresses.insert((spec.index, spec.local, spec.prefix));
        }
    }

    fn route(&mut self, spec: Option<RouteSpec>) {
        if let Some(spec) = spec {
            let place = (spec.info().destination, spec.info().table);
            self.routes.entry(place).or_default().push(spec);
        }
    }

    fn has_address(&self, index: u32, address: IpAddr, prefix: u8) -> bool {
        self.addresses.contains(&(index, address, prefix)) || self.elsewhere.contains(&(address, prefix))
    }

    fn has_route(&self, told: &RouteInfo) -> bool {
        let list = self.routes.get(&(told.destination, told.table));
        list.is_some_and(|list| list.iter().any(|spec| spec.is(told)))
    }
}

impl Worker {
    /// Looks for leftovers on a thread of its own: it may take as long as it needs.
    pub(super) fn clean_up_after_predecessor(&mut self) {
        let Some(config) = &self.config else { return };
        let wanted = Wanted::new(config, &self.world);
        let mut told = stale_addresses(&wanted, &self.world);
        told.extend(stale_interfaces(&wanted, &self.world));
        let unused = (!self.firewall.is_set_up()).then(FirewallSettings::default);
        let supervisor = self.watch.identity.supervisor;
        let started = std::thread::Builder::new().name("leftovers".into()).spawn(move || {
            match leftovers(&wanted, told, unused, supervisor) {
                Ok(stale) => remove(stale),
                Err(error) => tracing::info!("failed to look for leftovers of a predecessor: {error}"),
            }
        });
        if let Err(error) = started {
            tracing::info!("failed to look for leftovers of a predecessor: {error}");
        }
    }
}

fn stale_addresses(wanted: &Wanted, world: &World) -> Vec<(Operation, String)> {
    let mut stale = Vec::new();
    let made = |name: &str| IfName::new(name).is_some_and(|name| wanted.virtual_interfaces.contains(&name));
    for interface in world.interfaces().filter(|interface| !made(&interface.link.name)) {
        let ours = interface
            .addresses
            .iter()
            .filter(|a| a.protocol == Some(keepalived_protocol()));
        for address in ours.filter(|a| !wanted.has_address(a.index, a.local, a.prefix)) {
            let mut spec = AddressSpec::new(address.index, address.local, address.prefix);
            spec.peer = address.peer;
            let text = format!("address {}/{} on {}", spec.local, spec.prefix, interface.link.name);
            stale.push((Operation::DeleteAddress(spec), text));
        }
    }
    stale
}

/// Private macvlans with the MAC of a virtual router (RFC 9568 section 7.3): nobody else makes such.
fn stale_interfaces(wanted: &Wanted, world: &World) -> Vec<(Operation, String)> {
    let private = LinkKind::Macvlan {
        mode: MacvlanMode::Private.bits(),
    };
    let is_ours = |name: &IfName| wanted.virtual_interfaces.contains(name) || wanted.interfaces.contains(name);
    let stale = world.interfaces().map(|interface| &interface.link).filter(|link| {
        let mac = link.address.ethernet();
        link.kind == private
            && matches!(mac, Some([0, 0, 0x5e, 0, 1 | 2, _]))
            && IfName::new(&link.name).is_some_and(|name| !is_ours(&name))
    });
    stale
        .map(|link| {
            let text = format!("interface {} with a virtual MAC", link.name);
            (Operation::DeleteLink { index: link.index }, text)
        })
        .collect()
}

/// What is to be removed, each with its name; nothing when another keepalived may own it. `unused`: the tables that nothing configured
/// needs.
fn leftovers(
    wanted: &Wanted,
    told: Vec<(Operation, String)>,
    unused: Option<FirewallSettings>,
    supervisor: u32,
) -> std::io::Result<Vec<(Operation, String)>> {
    let mut socket = CommandSocket::open(None)?;
    let mut stale = Vec::new();
    for family in [Family::V4, Family::V6] {
        for rule in socket.rules(family)? {
            if rule.protocol == PROTOCOL_KEEPALIVED && !wanted.rules.contains(&rule) {
                let text = format!("{family} rule with priority {}", rule.preference);
                stale.push((Operation::DeleteRule(Box::new(rule)), text));
            }
        }
    }
    for family in [Family::V4, Family::V6] {
        for route in socket.routes_of(family, PROTOCOL_KEEPALIVED)? {
            if !wanted.has_route(&route) {
                let Prefixed { address, prefix_len } = route.destination;
                let text = format!("route to {address}/{prefix_len} in table {}", route.table);
                stale.push((Operation::DeleteRoute(Box::new(RouteSpec::told(route))), text));
            }
        }
    }
    stale.extend(told);
    // A kernel without nftables has no tables.
    if let Some(unused) = unused.filter(|unused| unused.exist().unwrap_or(false)) {
        let text = format!("table {} of nftables", unused.table);
        stale.push((Operation::UseFirewall(Box::new(unused)), text));
    }
    if stale.is_empty() {
        return Ok(stale);
    }
    // Only now: looking at every process costs more than the rest.
    match kin::another_runs(NAME, supervisor) {
        Ok(false) => Ok(stale),
        Ok(true) => {
            tracing::debug!(
                "{} leftovers may belong to another keepalived, which runs here",
                stale.len()
            );
            Ok(Vec::new())
        }
        Err(why) => {
            let count = stale.len();
            tracing::info!(
                "{count} addresses, routes, rules, interfaces or tables of a keepalived are not configured; they stay: {why}"
            );
            Ok(Vec::new())
        }
    }
}

fn remove(stale: Vec<(Operation, String)>) {
    if stale.is_empty() {
        return;
    }
    let (operations, names): (Vec<_>, Vec<_>) = stale.into_iter().unzip();
    match CommandSocket::open(None) {
        Ok(mut socket) => {
            for (result, name) in socket.execute(&operations).into_iter().zip(names) {
                match result {
                    Ok(()) => tracing::info!("Removed a predecessor's {name}"),
                    Err(error) => tracing::info!("failed to remove a predecessor's {name}: {error}"),
                }
            }
        }
        Err(error) => tracing::info!("failed to remove leftovers of a predecessor: {error}"),
    }
}
