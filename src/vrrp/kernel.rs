//! Carries out the engine's kernel batches and knows which addresses, routes and rules are ours.

use std::{collections::HashMap, fmt, net::IpAddr};

use keepalived_linux::netlink::{AddressSpec, KernelError, Operation, RouteInfo, RouteSpec, RuleInfo};
use keepalived_model::{address::Address, vrrp::Instance};
use keepalived_status::Applied;
use keepalived_vrrp::{BatchOperation, InstanceId, KernelBatch, KernelOutcome, ObjectRef, Ticket};

use super::{firewall::FirewallPart, routing::Routing, world::World};

/// What an operation is about.
#[derive(Clone, Debug)]
pub(super) enum Object {
    /// An address on an interface.
    Address(AddressSpec),
    /// A route, by its number in the configuration.
    Route(u16),
    /// A rule, by its number in the configuration.
    Rule(u16),
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(spec) => write!(f, "{}/{}", spec.local, spec.prefix),
            Self::Route(n) => write!(f, "route {}", u32::from(*n) + 1),
            Self::Rule(n) => write!(f, "rule {}", u32::from(*n) + 1),
        }
    }
}

/// What a run of the submitted operations is for.
#[derive(Debug)]
pub(super) enum Part {
    /// A batch of the engine.
    Batch(Batch),
    /// Changes of the firewall.
    Firewall(FirewallPart),
}

/// One batch within a submission: its ticket, and which of the submitted operations are its own.
#[derive(Debug)]
pub(super) struct Batch {
    ticket: Ticket,
    operation: BatchOperation,
    objects: Vec<Object>,
}

/// What an answer of the kernel is to.
#[derive(Debug)]
pub(super) enum Errand {
    /// Batches of instances.
    Batches(Vec<Part>),
    /// Static items.
    Statics(super::statics::Asked),
    /// Changes whose results do not matter: what stays behind under an old name, what the kernel may have lost.
    Unheeded,
    /// Virtual interfaces.
    Vmacs(super::vmac::Errand),
    /// Routes that were refused before.
    RoutesAgain(Vec<super::refused::RouteAgain>),
    /// All links and addresses were asked for.
    Dump,
}

/// All that is submitted to the kernel at once.
#[derive(Debug, Default)]
pub(super) struct Submission {
    /// In the order in which the results come back.
    pub(super) parts: Vec<Part>,
    /// The operations of all parts, one after the other.
    pub(super) operations: Vec<Operation>,
}

impl Submission {
    /// Is there nothing to submit?
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// What an answer amounts to.
#[derive(Debug)]
pub(super) struct Answer {
    /// For the engine.
    pub(super) ticket: Ticket,
    /// For the engine.
    pub(super) outcome: KernelOutcome,
    /// For the log: what was asked, each refused object and the kernel's reason.
    pub(super) refused: Vec<(BatchOperation, Object, KernelError)>,
}

/// How far an address is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Asked for; the kernel has not shown it yet.
    Asked,
    /// The kernel has it: if it vanishes, somebody else took it away.
    There,
}

#[derive(Clone, Copy, Debug)]
struct Owned {
    instance: InstanceId,
    number: u16,
    progress: Progress,
    tracked: bool,
}

/// Interface index, address, prefix length: what makes an address the same one for the kernel.
type Key = (u32, IpAddr, u8);

/// Which addresses, routes and rules are ours, whether asked for or there.
#[derive(Debug, Default)]
pub(super) struct Installed {
    owned: HashMap<Key, Owned>,
    routing: Routing,
}

impl Installed {
    /// Adds a batch to a submission. Addresses on interfaces that do not exist are left out: there is nothing to change.
    pub(super) fn queue(&mut self, batch: KernelBatch, world: &World, submission: &mut Submission) {
        let operation = batch.operation;
        let mut objects = Vec::new();
        if operation == BatchOperation::Install {
            self.queue_addresses(&batch, world, submission, &mut objects);
            self.routing
                .queue(&batch, world, &mut submission.operations, &mut objects);
        } else {
            self.routing
                .queue(&batch, world, &mut submission.operations, &mut objects);
            self.queue_addresses(&batch, world, submission, &mut objects);
        }
        submission.parts.push(Part::Batch(Batch {
            ticket: batch.ticket,
            operation,
            objects,
        }));
    }

    fn queue_addresses(
        &mut self,
        batch: &KernelBatch,
        world: &World,
        submission: &mut Submission,
        objects: &mut Vec<Object>,
    ) {
        let instance = batch.instance();
        for (number, address) in batch.addresses() {
            let Some(spec) = resolve(&batch.config, address, world) else {
                continue;
            };
            if batch.operation == BatchOperation::Install {
                self.asked(instance, number, &spec, !address.no_track);
                submission.operations.push(Operation::AddAddress(spec.clone()));
            } else {
                if !self.forget(instance, &spec) {
                    continue;
                }
                submission.operations.push(Operation::DeleteAddress(spec.clone()));
            }
            objects.push(Object::Address(spec));
        }
    }

    fn asked(&mut self, instance: InstanceId, number: u16, spec: &AddressSpec, tracked: bool) {
        let owned = Owned {
            instance,
            number,
            progress: Progress::Asked,
            tracked,
        };
        self.owned.insert(key(spec), owned);
    }

    /// False when another instance wants the address meanwhile: then it must stay.
    fn forget(&mut self, instance: InstanceId, spec: &AddressSpec) -> bool {
        match self.owned.get(&key(spec)) {
            Some(owned) if owned.instance != instance => false,
            Some(_) => {
                self.owned.remove(&key(spec));
                true
            }
            None => true,
        }
    }

    /// Digests the kernel's results for a batch. `world` must have seen every event that came before the answer.
    pub(super) fn answered(
        &mut self,
        batch: Batch,
        results: &mut impl Iterator<Item = Result<(), KernelError>>,
        world: &World,
    ) -> Answer {
        let mut refused = Vec::new();
        let instance = batch.ticket.instance();
        for (object, result) in batch.objects.into_iter().zip(results) {
            let installing = batch.operation == BatchOperation::Install;
            match (&object, installing) {
                (Object::Address(spec), true) if result.is_ok() => self.confirmed(spec, world),
                (Object::Address(spec), true) => {
                    self.owned.remove(&key(spec));
                }
                (Object::Route(n), true) => self.routing.route_answered(instance, *n, result.is_ok()),
                (Object::Rule(n), true) => self.routing.rule_answered(instance, *n, result.is_ok()),
                (_, false) => {}
            }
            if let Err(error) = result {
                refused.push((batch.operation, object, error));
            }
        }
        Answer {
            ticket: batch.ticket,
            outcome: KernelOutcome {
                failed: u32::try_from(refused.len()).unwrap_or(u32::MAX),
            },
            refused,
        }
    }

    fn confirmed(&mut self, spec: &AddressSpec, world: &World) {
        // An IPv6 address may be reported a moment after the answer; then `added` confirms it.
        if world.has_address(spec.index, spec.local, spec.prefix)
            && let Some(owned) = self.owned.get_mut(&key(spec))
        {
            owned.progress = Progress::There;
        }
    }

    /// The kernel shows an address; gives its owner when it is one of ours and new.
    pub(super) fn added(&mut self, index: u32, address: IpAddr, prefix: u8) -> Option<InstanceId> {
        let owned = self.owned.get_mut(&(index, address, prefix))?;
        owned.progress = Progress::There;
        Some(owned.instance)
    }

    /// An address is gone. When it was ours and there, its owner and number; `true` when the owner must be told.
    pub(super) fn removed(&mut self, index: u32, address: IpAddr, prefix: u8) -> Option<(InstanceId, ObjectRef, bool)> {
        let key = (index, address, prefix);
        let owned = *self.owned.get(&key)?;
        if owned.progress == Progress::Asked {
            return None; // an older one of the same name, gone before ours came
        }
        self.owned.remove(&key);
        Some((owned.instance, ObjectRef::Address(owned.number), owned.tracked))
    }

    /// Nothing is installed on an interface that is gone or down for IPv6; nobody is told, for the interface itself is tracked.
    pub(super) fn interface_gone(&mut self, index: u32) {
        self.owned.retain(|key, _| key.0 != index);
    }

    /// The interface has another name: nothing that was installed under the old one belongs there. Gives what removes it.
    pub(super) fn interface_renamed(&mut self, index: u32, world: &World) -> Vec<Operation> {
        let orphan = |a: &keepalived_linux::netlink::Address| {
            Operation::DeleteAddress(AddressSpec {
                peer: a.peer,
                ..AddressSpec::new(index, a.local, a.prefix)
            })
        };
        let there = world.indexed(index).into_iter().flat_map(|i| i.addresses.iter());
        let operations = there
            .filter(|a| self.owned.contains_key(&(index, a.local, a.prefix)))
            .map(orphan)
            .collect();
        self.interface_gone(index);
        operations
    }

    /// Forgets what `world` does not have any more after events were lost; gives what must be told.
    pub(super) fn resync(&mut self, world: &World) -> Vec<(InstanceId, ObjectRef)> {
        let mut lost = Vec::new();
        self.owned.retain(|key, owned| {
            let keep = owned.progress == Progress::Asked || world.has_address(key.0, key.1, key.2);
            if !keep && owned.tracked {
                lost.push((owned.instance, ObjectRef::Address(owned.number)));
            }
            keep
        });
        lost
    }

    /// Is some route of a MASTER missing because the kernel refused it?
    pub(super) fn has_refused_routes(&self) -> bool {
        !self.routing.refused().is_empty()
    }

    /// Those routes.
    pub(super) fn refused_routes(&self) -> impl Iterator<Item = (InstanceId, u16)> {
        self.routing.refused().iter().copied()
    }

    /// The kernel took one of them; false when nobody wants it any more.
    pub(super) fn route_came(&mut self, id: InstanceId, number: u16, spec: RouteSpec, tracked: bool) -> bool {
        self.routing.came(id, number, spec, tracked)
    }

    /// A route is gone: its owner, when it was one of ours that is tracked.
    pub(super) fn route_removed(&mut self, told: &RouteInfo) -> Option<(InstanceId, ObjectRef)> {
        self.routing.route_removed(told)
    }

    /// A rule is gone: its owner, when it was one of ours that is tracked.
    pub(super) fn rule_removed(&mut self, told: &RuleInfo) -> Option<(InstanceId, ObjectRef)> {
        self.routing.rule_removed(told)
    }

    /// The tracked routes of an instance that are there as far as is known.
    pub(super) fn routes_present(&self, id: InstanceId, config: &Instance) -> impl Iterator<Item = &RouteSpec> {
        self.routing.present(id, config)
    }

    /// Which routes and rules of an instance are there.
    pub(super) fn routing_applied(&self, id: InstanceId, config: &Instance) -> (Applied, Applied) {
        self.routing.applied(id, config)
    }

    /// Which addresses of an instance are there: advertised, excluded.
    pub(super) fn applied(&self, id: InstanceId, config: &Instance, world: &World) -> (Applied, Applied) {
        let there = |address: &Address| {
            resolve(config, address, world).is_some_and(|spec| {
                self.owned
                    .get(&key(&spec))
                    .is_some_and(|o| o.instance == id && o.progress == Progress::There)
            })
        };
        (
            config.addresses.iter().map(there).collect(),
            config.excluded_addresses.iter().map(there).collect(),
        )
    }
}

const fn key(spec: &AddressSpec) -> Key {
    (spec.index, spec.local, spec.prefix)
}

/// An address of an instance on the interface that exists for it.
pub(super) fn resolve(config: &Instance, address: &Address, world: &World) -> Option<AddressSpec> {
    let name = address.interface.or(config.interface)?;
    Some(AddressSpec::configured(address, world.named(&name)?.link.index))
}
