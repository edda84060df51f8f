//! Routes that the kernel did not take when an instance became MASTER: with another address, or another interface that is up, they may
//! be possible, and are asked for again while it stays MASTER.

use keepalived_linux::netlink::{KernelError, Operation, RouteSpec};
use keepalived_model::time::{Instant, Micros};
use keepalived_vrrp::{InstanceId, State};

use super::{kernel::Errand, worker::Worker};

/// They are looked after at most this often.
const AGAIN_AFTER: Micros = Micros::from_secs(1);

/// A route of an instance, by its number in the configuration.
pub(super) type RouteAgain = (InstanceId, u16, Box<RouteSpec>);

impl Worker {
    /// Something may have become possible.
    pub(super) fn routes_may_come(&mut self, at: Instant) {
        if self.installed.has_refused_routes() {
            self.routes_due.get_or_insert(at + AGAIN_AFTER);
        }
    }

    /// Asks for those that were refused, when it is time.
    pub(super) fn routes_again(&mut self, at: Instant) {
        if self.routes_due.take_if(|due| *due <= at).is_none() {
            return;
        }
        let again: Vec<RouteAgain> = self
            .installed
            .refused_routes()
            .filter_map(|of| self.route_again(of))
            .collect();
        if again.is_empty() {
            return;
        }
        let addition = |(_, _, spec): &RouteAgain| Operation::AddRoute(spec.clone());
        let operations = again.iter().map(addition).collect();
        self.unanswered += 1;
        self.commands.submit(Errand::RoutesAgain(again), operations);
    }

    fn route_again(&self, (id, number): (InstanceId, u16)) -> Option<RouteAgain> {
        let view = self.engine.view(id).filter(|view| view.state == State::Master)?;
        let config = &view.spec.config;
        let device = config
            .interface
            .and_then(|name| Some(self.world.named(&name)?.link.index));
        let route = config.routes.get(usize::from(number))?;
        let spec = RouteSpec::configured(route, device, &self.world).ok()?;
        Some((id, number, Box::new(spec)))
    }

    /// The kernel answered about them.
    pub(super) fn routes_again_done(&mut self, again: Vec<RouteAgain>, results: Vec<Result<(), KernelError>>) {
        for ((id, number, spec), result) in again.into_iter().zip(results) {
            let Some(view) = self.engine.view(id).filter(|_| result.is_ok()) else {
                continue;
            };
            let config = &view.spec.config;
            let Some(route) = config.routes.get(usize::from(number)) else {
                continue;
            };
            if self.installed.route_came(id, number, *spec, !route.no_track) {
                tracing::info!(
                    "({}) added route {}, which was refused before",
                    config.name,
                    u32::from(number) + 1
                );
                self.watch.touch(id);
            }
        }
    }
}
