//! Adverts as they come in, handed to the engine.

use std::{io, time::Duration};

use keepalived_linux::timer::now;
use keepalived_model::time::Instant;
use keepalived_vrrp::{Input, Received};

use super::{sockets::Unknown, worker::Worker};

impl Worker {
    /// What one socket has, what the others had at the same moment, and what comes in the moment after when adverts come thick.
    pub(super) fn adverts(&mut self, key: u64) {
        let at = now();
        let count = self.packets(key, at) + self.ready_packets(at);
        let due = if self.engine.has_actions() {
            Some(at)
        } else {
            self.next_deadline()
        };
        let Some(moment) = self.gathering.found(count, at, due) else {
            return;
        };
        std::thread::sleep(Duration::from_micros(moment.as_micros()));
        if self.pool.look() {
            let at = now();
            self.tell_wall_clock(at);
            self.ready_packets(at);
        }
    }

    /// The packets of all sockets that are known to be ready; how many.
    fn ready_packets(&mut self, at: Instant) -> usize {
        let mut count = 0;
        while let Some(received) = self.pool.receive_ready(&mut self.batch) {
            match received {
                Ok(key) => count += self.packets(key, at),
                Err((key, error)) => self.receive_failed(key, &error),
            }
        }
        count
    }

    /// The packets of one socket; how many.
    fn packets(&mut self, key: u64, at: Instant) -> usize {
        let Some(listeners) = self.pool.listeners(key) else {
            return 0;
        };
        for packet in self.batch.iter() {
            if packet.truncated {
                continue;
            }
            match listeners.instance(&packet) {
                Ok(instance) => self.engine.handle(
                    at,
                    Input::Packet(Received {
                        instance,
                        source: packet.source,
                        destination: packet.destination,
                        ttl: packet.hop_limit,
                        bytes: packet.payload.into(),
                    }),
                ),
                Err(Unknown::Vrid(vrid, interface)) => {
                    let wanted = self.config.as_ref().is_some_and(|c| c.global.vrrp.log_unknown_vrids);
                    if wanted && self.unknown_vrids.insert((key, vrid)) {
                        let on = interface.map_or_else(String::new, |name| format!(" on interface({name})"));
                        tracing::info!("Unknown VRID({vrid}) received{on} from {} - ignoring", packet.source);
                    }
                }
                Err(Unknown::Malformed) => {}
            }
        }
        self.batch.len()
    }

    pub(super) fn receive_failed(&mut self, key: Option<u64>, error: &io::Error) {
        // An interface that goes down reports it once; the link event says the rest.
        tracing::debug!("failed to receive adverts on socket {key:?}: {error}");
    }
}
