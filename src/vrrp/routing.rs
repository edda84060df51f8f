//! Routes and rules of instances: what is asked of the kernel, and which of those that vanish are ours (`vrrp.md` 9.3 to 9.5).

use std::collections::{BTreeSet, HashMap};

use keepalived_linux::netlink::{Operation, RouteInfo, RouteSpec, RuleInfo};
use keepalived_model::{address::Prefixed, vrrp::Instance};
use keepalived_status::Applied;
use keepalived_vrrp::{BatchOperation, InstanceId, KernelBatch, ObjectRef};
use smallvec::SmallVec;

use super::{kernel::Object, world::World};

/// Destination and table: the routes that an event can be about.
type Place = (Prefixed, u32);

#[derive(Debug)]
struct OwnedRoute {
    instance: InstanceId,
    number: u16,
    spec: RouteSpec,
    there: bool,
    tracked: bool,
}

#[derive(Debug)]
struct OwnedRule {
    instance: InstanceId,
    number: u16,
    there: bool,
    tracked: bool,
}

/// Routes and rules that are ours, whether asked for or there.
#[derive(Debug, Default)]
pub(super) struct Routing {
    routes: HashMap<Place, SmallVec<[OwnedRoute; 1]>>,
    rules: HashMap<RuleInfo, OwnedRule>,
    /// Where the routes of an instance are to be found.
    route_places: HashMap<(InstanceId, u16), Place>,
    rule_places: HashMap<(InstanceId, u16), RuleInfo>,
    /// Wanted, and not taken by the kernel.
    refused: BTreeSet<(InstanceId, u16)>,
}

impl Routing {
    /// Adds the routes and rules of a batch: routes before rules when they are put in, rules before routes when they are taken
    /// out. Routes by interfaces that do not exist are left out.
    pub(super) fn queue(
        &mut self,
        batch: &KernelBatch,
        world: &World,
        operations: &mut Vec<Operation>,
        objects: &mut Vec<Object>,
    ) {
        if batch.operation == BatchOperation::Install {
            self.queue_routes(batch, world, operations, objects);
            self.queue_rules(batch, operations, objects);
        } else {
            self.queue_rules(batch, operations, objects);
            self.queue_routes(batch, world, operations, objects);
        }
    }

    fn queue_routes(
        &mut self,
        batch: &KernelBatch,
        world: &World,
        operations: &mut Vec<Operation>,
        objects: &mut Vec<Object>,
    ) {
        let (instance, config) = (batch.instance(), &batch.config);
        let device = config.interface.and_then(|name| Some(world.named(&name)?.link.index));
        let routes = (0u16..).zip(&config.routes);
        for (number, route) in routes.filter(|(n, _)| batch.contains(ObjectRef::Route(*n))) {
            self.refused.remove(&(instance, number));
            let spec = match RouteSpec::configured(route, device, world) {
                Ok(spec) => spec,
                Err(error) => {
                    tracing::debug!("({}) route {} is left out: {error}", config.name, u32::from(number) + 1);
                    continue;
                }
            };
            self.forget_route(instance, number);
            objects.push(Object::Route(number));
            if batch.operation != BatchOperation::Install {
                operations.push(Operation::DeleteRoute(Box::new(spec)));
                continue;
            }
            operations.push(Operation::AddRoute(Box::new(spec.clone())));
            self.own(OwnedRoute {
                instance,
                number,
                spec,
                there: false,
                tracked: !route.no_track,
            });
        }
    }

    /// Where it is to be found from now on.
    fn own(&mut self, route: OwnedRoute) {
        let place = (route.spec.info().destination, route.spec.info().table);
        self.route_places.insert((route.instance, route.number), place);
        self.routes.entry(place).or_default().push(route);
    }

    fn queue_rules(&mut self, batch: &KernelBatch, operations: &mut Vec<Operation>, objects: &mut Vec<Object>) {
        let instance = batch.instance();
        let rules = (0u16..).zip(&batch.config.rules);
        for (number, rule) in rules.filter(|(n, _)| batch.contains(ObjectRef::Rule(*n))) {
            let info = RuleInfo::from(rule);
            if let Some(old) = self.rule_places.remove(&(instance, number)) {
                self.rules.remove(&old);
            }
            objects.push(Object::Rule(number));
            if batch.operation != BatchOperation::Install {
                operations.push(Operation::DeleteRule(Box::new(info)));
                continue;
            }
            operations.push(Operation::AddRule(Box::new(info.clone())));
            self.rule_places.insert((instance, number), info.clone());
            let owned = OwnedRule {
                instance,
                number,
                there: false,
                tracked: !rule.no_track,
            };
            self.rules.insert(info, owned);
        }
    }

    fn forget_route(&mut self, instance: InstanceId, number: u16) {
        let Some(place) = self.route_places.remove(&(instance, number)) else {
            return;
        };
        if let Some(list) = self.routes.get_mut(&place) {
            list.retain(|r| r.instance != instance || r.number != number);
            if list.is_empty() {
                self.routes.remove(&place);
            }
        }
    }

    /// The kernel took a route, or did not.
    pub(super) fn route_answered(&mut self, instance: InstanceId, number: u16, installed: bool) {
        if !installed {
            // One that is not asked for any more is not missed.
            if self.route_places.contains_key(&(instance, number)) {
                self.refused.insert((instance, number));
            }
            return self.forget_route(instance, number);
        }
        let Some(place) = self.route_places.get(&(instance, number)) else {
            return;
        };
        let list = self.routes.get_mut(place).into_iter().flatten();
        for route in list.filter(|r| r.instance == instance && r.number == number) {
            route.there = true;
        }
    }

    /// The kernel took a rule, or did not.
    pub(super) fn rule_answered(&mut self, instance: InstanceId, number: u16, installed: bool) {
        let Some(info) = self.rule_places.get(&(instance, number)) else {
            return;
        };
        if installed {
            if let Some(rule) = self.rules.get_mut(info) {
                rule.there = true;
            }
        } else {
            self.rules.remove(info);
            self.rule_places.remove(&(instance, number));
        }
    }

    /// Routes that are wanted and were refused.
    pub(super) const fn refused(&self) -> &BTreeSet<(InstanceId, u16)> {
        &self.refused
    }

    /// The kernel took a route that it refused before; false when nobody wants it any more.
    pub(super) fn came(&mut self, instance: InstanceId, number: u16, spec: RouteSpec, tracked: bool) -> bool {
        if !self.refused.remove(&(instance, number)) {
            return false;
        }
        self.own(OwnedRoute {
            instance,
            number,
            spec,
            there: true,
            tracked,
        });
        true
    }

    /// A route is gone: its owner, when it was there and is tracked.
    pub(super) fn route_removed(&mut self, told: &RouteInfo) -> Option<(InstanceId, ObjectRef)> {
        let list = self.routes.get(&(told.destination, told.table))?;
        let route = list.iter().find(|r| r.there && r.spec.is(told))?;
        let (instance, number, tracked) = (route.instance, route.number, route.tracked);
        self.forget_route(instance, number);
        tracked.then_some((instance, ObjectRef::Route(number)))
    }

    /// A rule is gone: its owner, when it was there and is tracked.
    pub(super) fn rule_removed(&mut self, told: &RuleInfo) -> Option<(InstanceId, ObjectRef)> {
        if !self.rules.get(told)?.there {
            return None;
        }
        let rule = self.rules.remove(told)?;
        self.rule_places.remove(&(rule.instance, rule.number));
        rule.tracked.then_some((rule.instance, ObjectRef::Rule(rule.number)))
    }

    /// The tracked routes of an instance that are there as far as is known.
    pub(super) fn present(&self, id: InstanceId, config: &Instance) -> impl Iterator<Item = &RouteSpec> {
        let count = u16::try_from(config.routes.len()).unwrap_or(u16::MAX);
        (0..count).filter_map(move |number| {
            let list = self.routes.get(self.route_places.get(&(id, number))?)?;
            let same = |r: &&OwnedRoute| r.instance == id && r.number == number && r.there && r.tracked;
            list.iter().find(same).map(|r| &r.spec)
        })
    }

    /// Which routes and rules of an instance are there.
    pub(super) fn applied(&self, id: InstanceId, config: &Instance) -> (Applied, Applied) {
        let route_there = |number: u16| {
            let place = self.route_places.get(&(id, number));
            let list = place.and_then(|place| self.routes.get(place)).into_iter().flatten();
            list.into_iter()
                .any(|r| r.instance == id && r.number == number && r.there)
        };
        let rule_there = |number: u16| {
            let info = self.rule_places.get(&(id, number));
            info.and_then(|info| self.rules.get(info))
                .is_some_and(|rule| rule.there)
        };
        (
            (0u16..).zip(&config.routes).map(|(n, _)| route_there(n)).collect(),
            (0u16..).zip(&config.rules).map(|(n, _)| rule_there(n)).collect(),
        )
    }
}
