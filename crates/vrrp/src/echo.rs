//! The same advert once more. A MASTER sends one and the same message again and again; what every check made of it the first time need
//! not be found out each time, when neither the message nor the instance is another. That keeps most of an instance, and all of its
//! configuration, out of the processor's cache: with many instances an advert costs what it touches.
//!
//! Adverts with AH or an HMAC trailer are never familiar: no two of them are the same, and one that is has been replayed.

use std::net::IpAddr;

use keepalived_model::{
    time::{Instant, Micros},
    vrrp::Authentication,
};

use crate::{
    action::Reason,
    input::Received,
    instance::{Outbox, Slot, Timer},
    stats::Stats,
    table::State,
};

/// Longer messages are looked at anew: an IPv4 packet with 13 addresses, or an IPv6 message with four, has room.
const ROOM: usize = 80;

/// An advert that a BACKUP followed, and what it knew then.
#[derive(Debug)]
pub(crate) struct Echo {
    source: IpAddr,
    destination: IpAddr,
    ttl: Option<u8>,
    length: u8,
    bytes: [u8; ROOM],
    known: Known,
    /// Master_Down_Interval.
    down: Micros,
}

/// What the verdict on an advert depends on, beside the advert and the configuration, whose change makes an instance forget its echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    master: Option<IpAddr>,
    master_interval: Micros,
    base: u8,
    effective: u8,
    demoted: bool,
    preempts_later: bool,
}

impl Echo {
    fn is(&self, packet: &Received<'_>, known: &Known) -> bool {
        let bytes = &self.bytes[..usize::from(self.length)];
        same(bytes, &packet.bytes, self.source.is_ipv4())
            && self.known == *known
            && self.source == packet.source
            && self.destination == packet.destination
            && self.ttl == packet.ttl
    }
}

/// Are two messages the same? The identification and the checksum of an IPv4 header (RFC 791 section 3.1) differ in each packet, and
/// nothing depends on them.
fn same(one: &[u8], other: &[u8], ipv4: bool) -> bool {
    if !ipv4 {
        return one == other;
    }
    one.len() == other.len()
        && one.len() >= 20
        && one[12..] == other[12..]
        && one[6..10] == other[6..10]
        && one[..4] == other[..4]
}

impl Slot {
    fn known(&self) -> Known {
        Known {
            master: self.master,
            master_interval: self.master_interval,
            base: self.base,
            effective: self.effective,
            demoted: self.demoted,
            preempts_later: self.preempt_at.is_some(),
        }
    }

    /// An advert that is known already is followed as the last time; false for any other, which must be looked at.
    pub(crate) fn follows_echo(&mut self, out: &mut Outbox, now: Instant, packet: &Received<'_>) -> bool {
        let Some(echo) = &self.echo else { return false };
        if self.state != State::Backup || now < out.quiet_until || !echo.is(packet, &self.known()) {
            return false;
        }
        let down = echo.down;
        self.stats.advert_rcvd += 1;
        self.want = State::Backup;
        self.why_master = Reason::MasterSilent;
        out.timers.arm(self.timer(Timer::Main), now + down);
        true
    }

    /// An advert was followed because its priority is no lower than ours. If that and counting it, beside what the counters were
    /// `before`, was all there was to it, the next one like it is followed without a look.
    pub(crate) fn remember(&mut self, out: &Outbox, packet: &Received<'_>, before: Stats) {
        let counted = Stats {
            advert_rcvd: before.advert_rcvd + 1,
            ..before
        };
        let config = &self.spec.config;
        let signed = matches!(config.authentication, Authentication::Ah(_)) || config.auth_hmac.is_some();
        let mut bytes = [0; ROOM];
        let (Some(room), Ok(length)) = (bytes.get_mut(..packet.bytes.len()), u8::try_from(packet.bytes.len())) else {
            return;
        };
        if signed || self.stats != counted || out.mutant.any() {
            return;
        }
        room.copy_from_slice(&packet.bytes);
        self.echo = Some(Echo {
            source: packet.source,
            destination: packet.destination,
            ttl: packet.ttl,
            length,
            bytes,
            known: self.known(),
            down: self.master_down(out.mutant),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_every_packet_has_anew_may_differ() {
        let packet: Vec<u8> = (0..40).collect();
        for at in 0..packet.len() {
            let mut other = packet.clone();
            other[at] ^= 1;
            let ours_to_ignore = matches!(at, 4 | 5 | 10 | 11);
            assert_eq!(same(&packet, &other, true), ours_to_ignore, "octet {at}");
            assert!(!same(&packet, &other, false), "octet {at}");
        }
        assert!(same(&packet, &packet, true) && same(&packet, &packet, false));
        assert!(!same(&packet, &packet[..39], true) && !same(&packet[..19], &packet[..19], true));
    }
}
