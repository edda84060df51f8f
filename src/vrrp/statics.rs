//! Static addresses, routes and rules (`static_ipaddress`, `static_routes`, `static_rules`; `vrrp.md` 8.8 and 14.7): a desired
//! set. Whatever the kernel lacks of it is put in: at the start, at a reload, when an interface comes up, and when somebody else
//! took it out.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
    net::IpAddr,
};

use keepalived_linux::netlink::{AddressSpec, KernelError, Operation, RouteInfo, RouteSpec, RuleInfo};
use keepalived_model::{
    address::{Address, Prefixed},
    route::{Route, Rule},
    time::{Instant, Micros},
    units::IfName,
    vrrp::Vrrp,
};
use keepalived_status::{
    Applied,
    render::{AddressText, RouteText, RuleText},
};
use keepalived_track::{Loss, Rivalry};
use smallvec::SmallVec;

use super::world::World;

/// The longest wait before something static is put back.
const LONGEST_WAIT: Micros = Micros::from_secs(60);
/// Routes without an interface may have lost theirs with any interface, and what was refused may be possible with any new address;
/// they are looked after at most this often.
const WANDERERS_EVERY: Micros = Micros::from_secs(1);

/// A static item; numbers are never used twice.
type ItemId = u32;

/// One line of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wish {
    /// `static_ipaddress`
    Address(Address),
    /// `static_routes`
    Route(Route),
    /// `static_rules`
    Rule(Rule),
}

impl Wish {
    const fn tracked(&self) -> bool {
        match self {
            Self::Address(address) => !address.no_track,
            Self::Route(route) => !route.no_track,
            Self::Rule(rule) => !rule.no_track,
        }
    }

    /// The interfaces without which it cannot be; none for a route that finds its way by the gateway.
    fn interfaces(&self) -> SmallVec<[IfName; 1]> {
        match self {
            Self::Address(address) => address.interface.into_iter().collect(),
            Self::Route(route) => {
                let hops = route.nexthops.iter().filter_map(|hop| hop.interface);
                route.interface.into_iter().chain(route.vrf).chain(hops).collect()
            }
            // A rule may name an interface that does not exist.
            Self::Rule(_) => SmallVec::new(),
        }
    }

    fn resolve(&self, world: &World) -> Option<Spec> {
        match self {
            Self::Address(address) => {
                let index = world.named(&address.interface?)?.link.index;
                Some(Spec::Address(AddressSpec::configured(address, index)))
            }
            Self::Route(route) => RouteSpec::configured(route, None, world)
                .ok()
                .map(|spec| Spec::Route(Box::new(spec))),
            Self::Rule(rule) => Some(Spec::Rule(Box::new(RuleInfo::from(rule)))),
        }
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = false;
        match self {
            Self::Address(address) => {
                let interface = address.interface;
                let base = None;
                write!(
                    f,
                    "static address {}",
                    AddressText {
                        address,
                        set,
                        interface,
                        base
                    }
                )
            }
            Self::Route(route) => write!(f, "static route {}", RouteText { route, set }),
            Self::Rule(rule) => write!(f, "static rule {}", RuleText { rule, set }),
        }
    }
}

/// A wish with its interfaces resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Spec {
    Address(AddressSpec),
    Route(Box<RouteSpec>),
    Rule(Box<RuleInfo>),
}

/// By what an event finds a spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Address(u32, IpAddr, u8),
    Route(Prefixed, u32),
    Rule(Box<RuleInfo>),
}

impl Spec {
    fn key(&self) -> Key {
        match self {
            Self::Address(spec) => Key::Address(spec.index, spec.local, spec.prefix),
            Self::Route(spec) => Key::Route(spec.info().destination, spec.info().table),
            Self::Rule(info) => Key::Rule(info.clone()),
        }
    }

    fn addition(&self) -> Operation {
        match self {
            Self::Address(spec) => Operation::AddAddress(spec.clone()),
            Self::Route(spec) => Operation::AddRoute(spec.clone()),
            Self::Rule(info) => Operation::AddRule(info.clone()),
        }
    }

    fn deletion(&self) -> Operation {
        match self {
            Self::Address(spec) => Operation::DeleteAddress(spec.clone()),
            Self::Route(spec) => Operation::DeleteRoute(spec.clone()),
            Self::Rule(info) => Operation::DeleteRule(info.clone()),
        }
    }

    /// Would the kernel take this as a new form of `other`?
    fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Route(new), Self::Route(old)) => new.takes_the_place_of(old),
            _ => false,
        }
    }
}

/// How far an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Not there: its interface is missing, or nobody asked yet.
    Absent,
    /// The kernel did not take it; another address may make it possible.
    Refused,
    /// Asked for.
    Asked,
    /// The kernel has it: if it vanishes, somebody else took it away.
    There,
    /// Somebody took it away; it is put back then.
    Waiting(Instant),
}

#[derive(Debug)]
struct Item {
    wish: Wish,
    spec: Option<Spec>,
    progress: Progress,
    /// It vanished while it was asked for: perhaps an older one of the same name, perhaps not, so it is asked for once more.
    doubt: bool,
    rivalry: Rivalry,
}

/// Something that somebody took away and that comes back.
#[derive(Debug)]
pub(super) struct Taken {
    /// What.
    pub(super) what: Wish,
    /// How often, and when it comes back.
    pub(super) loss: Loss,
}

/// What was asked of the kernel: one entry for each operation; `None` for one whose result does not matter.
#[derive(Debug, Default)]
pub(super) struct Errand {
    asked: Vec<Option<ItemId>>,
    operations: Vec<Operation>,
}

impl Errand {
    /// What it is about without the operations, and those.
    pub(super) fn split(self) -> (Asked, Vec<Operation>) {
        (Asked(self.asked), self.operations)
    }

    fn push(&mut self, item: Option<ItemId>, operation: Operation) {
        self.asked.push(item);
        self.operations.push(operation);
    }

    /// Is there nothing to ask?
    pub(super) const fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }
}

/// Recognises the answer to an [`Errand`].
#[derive(Debug)]
pub(super) struct Asked(Vec<Option<ItemId>>);

/// Everything static.
#[derive(Debug, Default)]
pub(super) struct Statics {
    items: HashMap<ItemId, Item>,
    /// Addresses, routes and rules in configuration order.
    order: [Vec<ItemId>; 3],
    by_key: HashMap<Key, SmallVec<[ItemId; 1]>>,
    by_interface: HashMap<IfName, Vec<ItemId>>,
    /// Routes that name no interface.
    wanderers: Vec<ItemId>,
    /// What the kernel refused; its reason was said once.
    refused: BTreeSet<ItemId>,
    wanderers_due: Option<Instant>,
    due: BTreeSet<(Instant, ItemId)>,
    next: ItemId,
    errand: Errand,
}

impl Statics {
    /// Takes a configuration: what it does not have goes, what is new comes (`vrrp.md` 14.7).
    pub(super) fn configure(&mut self, vrrp: &Vrrp, world: &World) {
        let mut old: HashMap<Wish, Item> = self.items.drain().map(|(_, item)| (item.wish.clone(), item)).collect();
        self.by_key.clear();
        self.by_interface.clear();
        self.wanderers.clear();
        self.refused.clear();
        self.due.clear();
        let mut fresh = Vec::new();
        let mut taken: HashMap<Wish, ItemId> = HashMap::new();
        let addresses = vrrp.static_addresses.iter().cloned().map(Wish::Address);
        let routes = vrrp.static_routes.iter().cloned().map(Wish::Route);
        let rules = vrrp.static_rules.iter().cloned().map(Wish::Rule);
        self.order = [addresses.collect(), routes.collect(), rules.collect()].map(|wishes: Vec<Wish>| {
            let number = |wish: Wish| {
                if let Some(id) = taken.get(&wish) {
                    return *id; // the same line twice is one thing
                }
                self.next += 1;
                let id = self.next;
                taken.insert(wish.clone(), id);
                let known = old.remove(&wish);
                if known.is_none() {
                    fresh.push(id);
                }
                let item = known.unwrap_or(Item {
                    spec: wish.resolve(world),
                    wish,
                    progress: Progress::Absent,
                    doubt: false,
                    rivalry: Rivalry::default(),
                });
                self.items.insert(id, item);
                id
            };
            wishes.into_iter().map(number).collect()
        });
        self.index();
        self.replace(old.into_values().collect(), &fresh, world);
    }

    fn index(&mut self) {
        let mut seen = HashSet::new();
        for id in self.order.iter().flatten().filter(|id| seen.insert(**id)) {
            let Some(item) = self.items.get(id) else { continue };
            if let Some(spec) = &item.spec {
                self.by_key.entry(spec.key()).or_default().push(*id);
            }
            match item.progress {
                Progress::Waiting(at) => drop(self.due.insert((at, *id))),
                Progress::Refused => drop(self.refused.insert(*id)),
                _ => {}
            }
            let names = item.wish.interfaces();
            if names.is_empty() && matches!(item.wish, Wish::Route(_)) {
                self.wanderers.push(*id);
            }
            for name in names {
                self.by_interface.entry(name).or_default().push(*id);
            }
        }
    }

    /// Rules, routes and addresses that went; then addresses, routes and rules that came. A route that only changed is replaced, so
    /// that there is no moment without it.
    fn replace(&mut self, gone: Vec<Item>, fresh: &[ItemId], world: &World) {
        let mut replaced: HashMap<Key, SmallVec<[Spec; 1]>> = HashMap::new();
        let mut gone: Vec<Spec> = gone.into_iter().filter_map(|item| item.spec).collect();
        let coming: HashMap<Key, &Spec> = fresh
            .iter()
            .filter_map(|id| self.items.get(id)?.spec.as_ref())
            .filter(|spec| matches!(spec, Spec::Route(_)))
            .map(|spec| (spec.key(), spec))
            .collect();
        gone.retain(|spec| {
            // Among several routes to one destination the kernel would replace the first it finds.
            let alone = self.by_key.get(&spec.key()).is_some_and(|ids| ids.len() == 1);
            let new = coming
                .get(&spec.key())
                .filter(|_| alone && !replaced.contains_key(&spec.key()));
            let keep = new.is_none_or(|new| !new.replaces(spec));
            if !keep {
                replaced.entry(spec.key()).or_default().push(spec.clone());
            }
            keep
        });
        gone.sort_by_key(|spec| match spec {
            Spec::Rule(_) => 0,
            Spec::Route(_) => 1,
            Spec::Address(_) => 2,
        });
        for spec in &gone {
            self.errand.push(None, spec.deletion());
        }
        for id in fresh {
            let Some(item) = self.items.get_mut(id) else { continue };
            let Some(spec) = &item.spec else { continue };
            item.progress = Progress::Asked;
            if let Spec::Address(address) = spec
                && !leave_it(address, &item.wish, world)
            {
                self.errand.push(None, spec.deletion());
            }
            let old = replaced
                .get(&spec.key())
                .is_some_and(|old| old.iter().any(|o| spec.replaces(o)));
            let operation = match spec {
                Spec::Route(route) if old => Operation::ReplaceRoute(route.clone()),
                _ => spec.addition(),
            };
            self.errand.push(Some(*id), operation);
        }
    }

    /// What is to be asked of the kernel now.
    pub(super) fn take_errand(&mut self) -> Errand {
        std::mem::take(&mut self.errand)
    }

    /// The kernel answered; what it refused for the first time, and why.
    pub(super) fn answered(&mut self, asked: Asked, results: Vec<Result<(), KernelError>>) -> Vec<(Wish, KernelError)> {
        let mut refused = Vec::new();
        for (id, result) in asked.0.into_iter().zip(results) {
            let Some(id) = id else { continue };
            // One that went with a reload meanwhile has no item any more.
            let Some(item) = self.items.get_mut(&id) else { continue };
            let doubt = std::mem::take(&mut item.doubt);
            match (result, &item.spec) {
                (Ok(()), Some(spec)) if doubt => self.errand.push(Some(id), spec.addition()),
                (Ok(()), _) if item.progress == Progress::Asked => {
                    item.progress = Progress::There;
                    self.refused.remove(&id);
                }
                (Ok(()), _) => {}
                (Err(error), _) => {
                    item.progress = Progress::Refused;
                    if self.refused.insert(id) {
                        refused.push((item.wish.clone(), error));
                    }
                }
            }
        }
        refused
    }

    /// An interface appeared, vanished, or went up or down.
    pub(super) fn link_changed(&mut self, name: &IfName, world: &World, at: Instant) {
        let usable = world.named(name).is_some_and(super::world::Interface::usable);
        let up = world.named(name).is_some_and(|i| i.link.flags.up());
        for id in self.by_interface.get(name).cloned().unwrap_or_default() {
            if usable {
                self.resolve_again(id, world);
                self.ask(id, world);
            } else if !up {
                self.flushed(id, world);
            }
        }
        if usable && !self.wanderers.is_empty() {
            self.wanderers_due.get_or_insert(at + WANDERERS_EVERY);
        }
    }

    /// An address came to some interface.
    pub(super) fn address_added(&mut self, at: Instant) {
        if !self.refused.is_empty() {
            self.wanderers_due.get_or_insert(at + WANDERERS_EVERY);
        }
    }

    /// The kernel flushes routes and IPv6 addresses of an interface that goes down, everything of one that vanishes, and tells of
    /// some of it only.
    fn flushed(&mut self, id: ItemId, world: &World) {
        let Some(item) = self.items.get_mut(&id) else { return };
        let stays = match &item.spec {
            Some(Spec::Address(spec)) => world.has_address(spec.index, spec.local, spec.prefix),
            _ => false,
        };
        if !stays {
            item.progress = Progress::Absent;
        }
    }

    fn resolve_again(&mut self, id: ItemId, world: &World) {
        let Some(item) = self.items.get_mut(&id) else { return };
        let spec = item.wish.resolve(world);
        if spec == item.spec {
            return;
        }
        if let Some(old) = &item.spec
            && let Some(list) = self.by_key.get_mut(&old.key())
        {
            list.retain(|other| *other != id);
            if list.is_empty() {
                self.by_key.remove(&old.key());
            }
        }
        if let Some(new) = &spec {
            self.by_key.entry(new.key()).or_default().push(id);
        }
        item.spec = spec;
        item.progress = Progress::Absent;
    }

    /// Asks for an item unless it waits its time; asking for what is there already does no harm.
    fn ask(&mut self, id: ItemId, world: &World) {
        let Some(item) = self.items.get_mut(&id) else { return };
        let Some(spec) = &item.spec else { return };
        if matches!(item.progress, Progress::Waiting(_) | Progress::Asked) {
            return;
        }
        if let Spec::Address(address) = spec
            && item.progress == Progress::There
            && world.has_address(address.index, address.local, address.prefix)
        {
            return;
        }
        item.progress = Progress::Asked;
        self.errand.push(Some(id), spec.addition());
    }

    /// An address is gone; what comes back. `usable`: its interface can carry traffic, so that it was not the kernel that flushed it.
    pub(super) fn address_removed(
        &mut self,
        (index, address, prefix): (u32, IpAddr, u8),
        usable: bool,
        at: Instant,
    ) -> SmallVec<[Taken; 1]> {
        self.lost(&Key::Address(index, address, prefix), |_| true, usable, at)
    }

    /// A route is gone; what comes back. `usable` as for addresses.
    pub(super) fn route_removed(&mut self, told: &RouteInfo, usable: bool, at: Instant) -> SmallVec<[Taken; 1]> {
        let same = |spec: &Spec| matches!(spec, Spec::Route(spec) if spec.is(told));
        self.lost(&Key::Route(told.destination, told.table), same, usable, at)
    }

    /// A rule is gone; what comes back.
    pub(super) fn rule_removed(&mut self, told: &RuleInfo, at: Instant) -> SmallVec<[Taken; 1]> {
        self.lost(&Key::Rule(Box::new(told.clone())), |_| true, true, at)
    }

    fn lost(&mut self, key: &Key, same: impl Fn(&Spec) -> bool, usable: bool, at: Instant) -> SmallVec<[Taken; 1]> {
        let mut taken = SmallVec::new();
        for id in self.by_key.get(key).cloned().unwrap_or_default() {
            let Some(item) = self.items.get_mut(&id) else { continue };
            let Some(spec) = item.spec.as_ref().filter(|spec| same(spec)) else {
                continue;
            };
            if item.progress != Progress::There {
                item.doubt = item.progress == Progress::Asked;
                continue;
            }
            item.progress = Progress::Absent;
            if !usable || !item.wish.tracked() {
                continue;
            }
            let loss = item.rivalry.lost(at, LONGEST_WAIT);
            if loss.wait.is_zero() {
                item.progress = Progress::Asked;
                self.errand.push(Some(id), spec.addition());
            } else {
                item.progress = Progress::Waiting(at + loss.wait);
                self.due.insert((at + loss.wait, id));
            }
            taken.push(Taken {
                what: item.wish.clone(),
                loss,
            });
        }
        taken
    }

    /// When [`Statics::run_due`] is to be called.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let first = self.due.first().map(|(at, _)| *at);
        first.into_iter().chain(self.wanderers_due).min()
    }

    /// Puts back what waited long enough.
    pub(super) fn run_due(&mut self, world: &World, at: Instant) {
        while let Some((when, id)) = self.due.first().copied().filter(|(when, _)| *when <= at) {
            self.due.remove(&(when, id));
            if let Some(item) = self.items.get_mut(&id) {
                item.progress = Progress::Absent;
            }
            self.ask(id, world);
        }
        if self.wanderers_due.take_if(|due| *due <= at).is_some() {
            let refused = self.refused.iter().copied();
            for id in self.wanderers.iter().copied().chain(refused).collect::<Vec<_>>() {
                self.ask(id, world);
            }
        }
    }

    /// Events were lost: asks for everything again.
    pub(super) fn resynchronise(&mut self, world: &World) {
        let mut ids: Vec<ItemId> = self.items.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            self.resolve_again(id, world);
            self.ask(id, world);
        }
    }

    /// The end: rules, routes, addresses go.
    pub(super) fn remove_all(&mut self) {
        self.due.clear();
        self.wanderers_due = None;
        let order = std::mem::take(&mut self.order);
        for id in order.into_iter().rev().flatten() {
            let Some(item) = self.items.remove(&id) else { continue };
            if let Some(spec) = item
                .spec
                .filter(|_| !matches!(item.progress, Progress::Absent | Progress::Refused))
            {
                self.errand.push(None, spec.deletion());
            }
        }
        self.by_key.clear();
    }

    /// Which addresses, routes and rules are there.
    pub(super) fn applied(&self) -> [Applied; 3] {
        self.order.each_ref().map(|ids| {
            let there = |id| self.items.get(id).is_some_and(|item| item.progress == Progress::There);
            ids.iter().map(there).collect()
        })
    }
}

/// Is nothing in the way of an address? One that is there with other options has to go first.
fn leave_it(spec: &AddressSpec, wish: &Wish, world: &World) -> bool {
    let Wish::Address(Address {
        interface: Some(name), ..
    }) = wish
    else {
        return true;
    };
    let found = world
        .named(name)
        .and_then(|interface| interface.addresses.get(spec.local, spec.prefix));
    found.is_none_or(|address| spec.is_met_by(address, name.as_str()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
