//! No two instances may take each other's adverts for their own (`config-language.md` 13.1 item 4), found by hash.

use std::{
    collections::{HashMap, hash_map},
    net::IpAddr,
};

use keepalived_model::{
    global::DynamicInterfaces,
    units::{Family, IfName},
    vrrp::{Instance, SyncGroup, Transport},
};

use super::codes;
use crate::{diag::Diagnostic, fnv::FnvMap, grammar::Context, source::Span};

/// Where multicast adverts meet: the interface under a virtual one, or a name while it does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Link {
    Index(u32),
    Name(IfName),
}

/// Where a unicast instance sends from: what is written, else whatever address its interface has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Local {
    Address(IpAddr),
    Interface(IfName),
}

/// Instances with one VRID, family, local address and peer, by interface.
#[derive(Debug, Default)]
struct Unicast {
    by_interface: HashMap<IfName, usize>,
    anywhere: Option<usize>,
}

/// Says which instances use a VRID twice. `places` runs parallel to `instances`.
pub fn check(
    cx: &mut Context<'_>,
    instances: &mut [Instance],
    places: &[Span],
    groups: &[SyncGroup],
    dynamic: DynamicInterfaces,
) {
    let mut multicast: FnvMap<(u8, Family, Link, IpAddr), usize> = FnvMap::default();
    multicast.reserve(instances.len());
    let mut unicast: HashMap<(u8, Family, Local, IpAddr), Unicast> = HashMap::new();
    let mut clashes = Vec::new();
    for (index, instance) in instances.iter().enumerate() {
        let (vrid, family) = (instance.vrid.get(), instance.family);
        match &instance.transport {
            Transport::Multicast { group, .. } => {
                let Some(link) = instance.interface.map(|name| link(cx, name)) else {
                    continue;
                };
                match multicast.entry((vrid, family, link, *group)) {
                    hash_map::Entry::Occupied(first) => clashes.push((*first.get(), index)),
                    hash_map::Entry::Vacant(free) => {
                        free.insert(index);
                    }
                }
            }
            Transport::Unicast { source, peers, .. } => {
                let Some(local) = local(*source, instance) else {
                    continue;
                };
                let clash = peers.iter().find_map(|peer| {
                    unicast_clash(
                        unicast.entry((vrid, family, local, peer.address)).or_default(),
                        instance,
                        index,
                    )
                });
                clashes.extend(clash.map(|first| (first, index)));
            }
        }
    }
    for (first, second) in clashes {
        report(cx, instances, places, (first, second), dynamic);
    }
    vmac_names(cx, instances, places);
    vmac_clashes(cx, instances, places, groups);
}

/// Two instances share this key; do their interfaces differ?
fn unicast_clash(known: &mut Unicast, instance: &Instance, index: usize) -> Option<usize> {
    let Some(interface) = instance.interface else {
        let clash = known.anywhere.or_else(|| known.by_interface.values().next().copied());
        known.anywhere.get_or_insert(index);
        return clash;
    };
    let clash = known.anywhere.or_else(|| known.by_interface.get(&interface).copied());
    known.by_interface.entry(interface).or_insert(index);
    clash
}

/// An instance that says neither is refused for that. That an interface's address is one that another instance names is known only
/// at run time, where it puts one of them into FAULT.
fn local(source: Option<IpAddr>, instance: &Instance) -> Option<Local> {
    source
        .map(Local::Address)
        .or_else(|| instance.interface.map(Local::Interface))
}

fn link(cx: &mut Context<'_>, name: IfName) -> Link {
    match cx.interface(name) {
        Some(fact) => Link::Index(fact.base.unwrap_or(fact.index)),
        None => Link::Name(name),
    }
}

fn report(
    cx: &mut Context<'_>,
    instances: &[Instance],
    places: &[Span],
    (first, second): (usize, usize),
    dynamic: DynamicInterfaces,
) {
    let (Some(a), Some(b)) = (instances.get(first), instances.get(second)) else {
        return;
    };
    let interface = b.interface;
    let on = interface.map_or_else(String::new, |name| format!(" on interface {name}"));
    let message = format!(
        "{} and {} both use VRID {} with {}{on}",
        a.name, b.name, b.vrid, b.family
    );
    let span = places.get(second).copied();
    // With `allow_if_changes` an interface that is virtual, or not there yet, may turn out to be another one.
    let changeable = dynamic == DynamicInterfaces::AllowChanges
        && interface.is_some_and(|name| cx.interface(name).is_none_or(|fact| fact.base.is_some()));
    let code = if changeable {
        &codes::CONFIG_FAULT
    } else {
        &codes::VRID_CONFLICT
    };
    let mut diagnostic = Diagnostic::new(code, span, message).help("give one of them another `virtual_router_id`");
    if let Some(place) = places.get(first) {
        diagnostic = diagnostic.label(*place, "the other instance is here");
    }
    cx.typing.say(diagnostic);
}

/// 13.2: two instances outside a common sync group with the same generated MAC on one interface.
fn vmac_clashes(cx: &mut Context<'_>, instances: &mut [Instance], places: &[Span], groups: &[SyncGroup]) {
    let has_vmac = |i: &Instance| i.vmac.as_ref().is_some_and(|v| v.for_instance && v.ipvlan.is_none());
    if !instances.iter().any(has_vmac) {
        return;
    }
    let group_of: HashMap<&str, usize> = groups
        .iter()
        .enumerate()
        .flat_map(|(index, group)| group.members.iter().map(move |m| (&**m, index)))
        .collect();
    let mut first = HashMap::new();
    for index in 0..instances.len() {
        let Some(instance) = instances.get(index).filter(|i| has_vmac(i)) else {
            continue;
        };
        let Some(name) = instance.interface else { continue };
        let mac = instance.vmac.as_ref().and_then(|v| v.mac);
        let key = (instance.vrid.get(), instance.family, link(cx, name), mac);
        let other = *first.entry(key).or_insert(index);
        let Some(before) = instances.get(other).filter(|_| other != index) else {
            continue;
        };
        let group = |i: &Instance| group_of.get(&*i.name).copied();
        if group(before).is_some() && group(before) == group(instance) {
            continue;
        }
        let why = format!("({}) uses same VMAC as VRRP instance {}", instance.name, before.name);
        cx.say(&codes::VMAC_CLASH, places.get(index).copied(), why);
        if let Some(instance) = instances.get_mut(index) {
            instance
                .config_fault
                .get_or_insert_with(|| "another instance uses the same virtual MAC".into());
        }
    }
}

/// A name asked for must not belong to another instance, nor to an interface that is there and is not virtual.
fn vmac_names(cx: &mut Context<'_>, instances: &mut [Instance], places: &[Span]) {
    let mut taken: FnvMap<IfName, Box<str>> = FnvMap::default();
    for (index, instance) in instances.iter_mut().enumerate() {
        let Some(name) = instance.vmac.as_ref().and_then(|v| v.name) else {
            continue;
        };
        let why = match taken.get(&name) {
            Some(other) => format!("belongs to instance {other}"),
            None if cx.interface(name).is_some_and(|fact| fact.base.is_none()) => "is another interface".to_owned(),
            None => {
                taken.insert(name, instance.name.clone());
                continue;
            }
        };
        let message = format!("({}) the name {name} {why}; a name is generated", instance.name);
        cx.say(&codes::VMAC_NAME_CLASH, places.get(index).copied(), message);
        if let Some(vmac) = &mut instance.vmac {
            vmac.name = None;
        }
    }
}
