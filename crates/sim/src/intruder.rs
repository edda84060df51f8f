//! Reloads that change who is who, clocks, and somebody on the LAN who has no key.

use std::sync::Arc;

use keepalived_model::{
    time::Micros,
    units::{Priority, Secret},
    vrrp::{Authentication, HmacMode, Instance, Transport, WantState},
};
use keepalived_vrrp::{Action, Engine, Input, InstanceId, InstanceSpec};

use crate::{
    check::{self, Violation},
    node::Node,
    world::{Packet, World},
};

impl World<'_> {
    /// The last instance goes, or comes back. Not while the process is dead: what it had installed it would not know of.
    pub(crate) fn member(&mut self, node: usize, present: bool) -> Result<(), Violation> {
        let n = &mut self.nodes[node];
        let Some(last) = n.present.len().checked_sub(1).filter(|_| n.engine.is_some()) else {
            return Ok(());
        };
        if n.present[last] == present {
            return Ok(());
        }
        self.reread(node, |n| n.present[last] = present)?;
        let n = &mut self.nodes[node];
        if !present {
            n.seen[last] = Default::default();
            n.accepted[last] = None;
        }
        Ok(())
    }

    /// Another way to prove who it is, from now on or from the next start on.
    pub(crate) fn stage(&mut self, node: usize, stage: usize) -> Result<(), Violation> {
        let stage = self.plan.stages[stage].clone();
        self.reread(node, |n| {
            n.instances = n.instances.iter().map(|i| Arc::new(stage.applied(i))).collect();
            n.stage = stage;
        })
    }

    pub(crate) fn set_clock(&mut self, node: usize, millis: i64) {
        let n = &mut self.nodes[node];
        n.wall += millis * 1000;
        // what was too late or too early may now be in time
        n.accepted.fill(None);
    }

    /// A node accepts nothing of somebody who has no key, or the wrong one.
    pub(crate) fn forgery(&mut self, node: usize) -> Result<(), Violation> {
        for instance in 0..self.nodes[node].instances.len() {
            let config = self.nodes[node].instances[instance].clone();
            for attempt in attempts(&config) {
                let Some(packet) = forged(attempt, &self.nodes, node, self.now) else {
                    continue;
                };
                self.unmoved(node, &packet, "a forged packet")?;
            }
        }
        Ok(())
    }

    /// What was accepted once is not accepted again.
    pub(crate) fn replay(&mut self, node: usize) -> Result<(), Violation> {
        let known: Vec<Packet> = self.nodes[node].accepted.iter().flatten().cloned().collect();
        for mut packet in known {
            packet.from = None;
            self.unmoved(node, &packet, "a replayed packet")?;
        }
        Ok(())
    }

    fn unmoved(&mut self, node: usize, packet: &Packet, what: &str) -> Result<(), Violation> {
        let before = check::calm(&self.nodes[node]);
        self.deliver(node, packet)?;
        let after = check::calm(&self.nodes[node]);
        check::noise(self.plan, self.now, node, what, before, after)
    }
}

/// Wrong ways to advertise this virtual router.
fn attempts(config: &Instance) -> Vec<Instance> {
    let mut list = Vec::new();
    let mut plain = config.clone();
    plain.auth_hmac = None;
    plain.authentication = Authentication::None;
    match (&config.auth_hmac, &config.authentication) {
        (Some(hmac), _) => {
            let mut other = config.clone();
            let mut keys = hmac.clone();
            for key in &mut keys.keys {
                key.1 = Secret::new([0xee; 32]);
            }
            keys.mode = HmacMode::Enforce;
            other.auth_hmac = Some(keys);
            list.push(other);
            if hmac.mode == HmacMode::Enforce {
                list.push(plain);
            }
        }
        (None, Authentication::None) => {}
        (None, known) => {
            let guess = Secret::new(*b"guessed!");
            let mut other = config.clone();
            other.authentication = match known {
                Authentication::Ah(_) => Authentication::Ah(guess),
                _ => Authentication::Password(guess),
            };
            list.push(other);
            list.push(plain);
        }
    }
    list
}

/// The first advert of an owner with this configuration, from an address that the node has heard of.
fn forged(mut config: Instance, nodes: &[Node], victim: usize, now: Micros) -> Option<Packet> {
    let peer = nodes.iter().enumerate().find(|(n, _)| *n != victim)?.1.plan.source;
    let own = nodes[victim].plan.source;
    config.priority = Priority::OWNER;
    config.want_state = WantState::Master;
    if let Transport::Unicast { source, peers, .. } = &mut config.transport {
        *source = Some(peer);
        peers.truncate(1);
        peers.iter_mut().for_each(|p| p.address = own);
    }
    let at = nodes[victim].clock(now);
    let mut engine = Engine::default();
    engine.handle(at, Input::WallClock(nodes[victim].wall_clock(now)));
    let spec = InstanceSpec::new(Arc::new(config), Some(peer));
    engine.handle(at, Input::Add(InstanceId(0), Box::new(spec)));
    std::iter::from_fn(|| engine.poll_action()).find_map(|action| match action {
        Action::Transmit(advert) => {
            let mut bytes = vec![0; advert.len()];
            advert.write(0, &mut bytes).ok()?;
            Some(Packet {
                source: peer,
                destination: advert.destination(0)?,
                ttl: 255,
                from: None,
                bytes: bytes.into(),
            })
        }
        _ => None,
    })
}
