//! Adverts that prove who sent them: AH with HMAC-MD5-96 (RFC 2402, RFC 2403, `vrrp.md` 3.8) and the HMAC trailer (`vrrp.md` 3.10).

use std::{
    net::{IpAddr, Ipv4Addr},
    ops::RangeInclusive,
};

use hmac::{Hmac, KeyInit, Mac};
use keepalived_model::{
    time::{Instant, Micros},
    units::Secret,
    vrrp::{AuthHmac, Authentication, HmacMode, Instance},
};
use keepalived_wire::{ah, hmac_trailer, ipv4, vrrp};
use md5::Md5;
use sha2::Sha256;

use crate::{
    action::RefusedPacket,
    advert::password,
    mutation::{Mutant, Mutation},
};

/// With what the adverts of an instance are sealed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Not at all (a password is part of the message).
    None,
    /// AH.
    Ah(Secret),
    /// HMAC trailer with this key.
    Hmac(u8, Secret),
}

impl Key {
    pub(crate) fn of(config: &Instance) -> Self {
        if let Some(hmac) = sending(config) {
            let key = hmac.keys.iter().find(|k| k.0 == hmac.active_key);
            return key.map_or(Self::None, |(id, secret)| Self::Hmac(*id, secret.clone()));
        }
        match &config.authentication {
            Authentication::Ah(secret) => Self::Ah(Secret::new(password(secret.expose()))),
            _ => Self::None,
        }
    }

    /// Bytes between IP header and message.
    pub(crate) const fn before(&self) -> usize {
        if matches!(self, Self::Ah(_)) { ah::LEN } else { 0 }
    }

    /// Bytes after the message.
    pub(crate) const fn after(&self) -> usize {
        if matches!(self, Self::Hmac(..)) {
            hmac_trailer::LEN
        } else {
            0
        }
    }
}

/// The trailer that an instance sends, if it sends one.
fn sending(config: &Instance) -> Option<&AuthHmac> {
    config.auth_hmac.as_deref().filter(|h| h.mode != HmacMode::ReceiveOnly)
}

/// HMAC-MD5-96 over header, AH and message.
pub(crate) fn ah_icv(
    key: &[u8],
    packet: &[u8],
    header: &[u8; ah::LEN],
    message: &[u8],
    unicast: bool,
) -> [u8; ah::ICV_LEN] {
    let Ok(mut mac) = Hmac::<Md5>::new_from_slice(key) else {
        return [0; ah::ICV_LEN];
    };
    mac.update(&ah::digest_ip_header(packet, unicast));
    mac.update(header);
    mac.update(message);
    cut(&mac.finalize().into_bytes())
}

/// HMAC-SHA-256-128 over pseudo header, message without checksum, and trailer without digest.
pub(crate) fn trailer_mac(key: &[u8], source: IpAddr, message: &[u8], signed: &[u8]) -> [u8; hmac_trailer::MAC_LEN] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; hmac_trailer::MAC_LEN];
    };
    let byte = |n: usize| message.get(n).copied().unwrap_or(0);
    mac.update(&hmac_trailer::pseudo_header(byte(0) >> 4, byte(1), source));
    mac.update(message.get(..6).unwrap_or(&[]));
    mac.update(&[0, 0]);
    mac.update(message.get(vrrp::HEADER_LEN..).unwrap_or(&[]));
    mac.update(signed);
    mac.update(&[0; hmac_trailer::MAC_LEN]);
    cut(&mac.finalize().into_bytes())
}

fn cut<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

/// Compares all bytes whatever they are, so that the time taken tells nothing.
pub(crate) fn constant_time_eq<const N: usize>(a: &[u8; N], b: &[u8; N]) -> bool {
    std::hint::black_box(a.iter().zip(b).fold(0, |diff, (x, y)| diff | (x ^ y))) == 0
}

/// The sequence numbers of an instance. They outlive a reload: what was heard before it cannot be replayed after it.
#[derive(Debug, Default)]
pub(crate) struct Sequences {
    /// AH: one counter for both directions.
    ah: u32,
    /// Its number was sent, not heard.
    ah_sent: bool,
    /// It has come to its end.
    ah_cycled: bool,
    /// HMAC: the last one sent.
    sent: u64,
    /// HMAC: the last one of each sender, most recently heard last.
    heard: Vec<(IpAddr, u64)>,
    /// Unicast peers, who all have a mark of their own.
    peers: usize,
}

impl Sequences {
    /// Senders remembered for replay, unless there are more peers; only holders of a key get here (the original remembers four, quirk
    ///
    const SENDERS: usize = 64;

    /// From now on it talks to so many peers; none for multicast.
    pub(crate) const fn set_peers(&mut self, peers: usize) {
        self.peers = peers;
    }

    /// The number of the next advert with AH; it stops short of its end.
    pub(crate) fn next_ah(&mut self) -> u32 {
        if self.ah > 0xffff_fffd {
            self.ah_cycled = true;
        } else {
            self.ah += 1;
        }
        self.ah_sent = true;
        self.ah
    }

    /// A counter that had come to its end begins again with a new MASTER.
    pub(crate) fn become_master(&mut self) {
        if std::mem::take(&mut self.ah_cycled) {
            self.ah = 0;
        }
    }

    /// A MASTER accepted a lower advert: whoever sent it must be outnumbered.
    pub(crate) fn outnumber(&mut self) {
        self.ah = self.ah.saturating_add(1);
        self.ah_cycled = false;
    }

    /// The number of the next advert with a trailer: the clock, or one more than the last.
    pub(crate) fn next_hmac(&mut self, wall: Micros, monotonic: bool, window: Micros, mutant: Mutant) -> u64 {
        let clock = sequence_of(wall);
        let ahead =
            (self.sent >> 32).saturating_sub(clock >> 32) > window.as_secs() && !mutant.is(Mutation::StickToSequence);
        self.sent = if after(clock, self.sent) || (!monotonic && ahead) {
            clock
        } else {
            self.sent.wrapping_add(1)
        };
        self.sent
    }

    /// Checks an AH and takes its number over.
    pub(crate) fn check_ah(
        &mut self,
        key: &[u8],
        packet: ipv4::Packet<'_>,
        header: ah::View<'_>,
        message: &[u8],
        unicast: bool,
        mutant: Mutant,
    ) -> bool {
        let icv = ah_icv(key, packet.bytes(), &header.without_icv(), message, unicast);
        let genuine = constant_time_eq(&icv, &header.icv()) || mutant.is(Mutation::IgnoreAh);
        // Two that become MASTER in the same instant send the same number. If each took that for a replay, they would stay MASTER side by
        // side for as long as their clocks keep step.
        let collides = self.ah_sent && header.sequence() == self.ah;
        let newer = header.sequence() > self.ah || collides || mutant.is(Mutation::IgnoreAhReplay);
        let fresh = Ipv4Addr::from(header.spi()) == packet.source() && newer;
        if genuine && fresh {
            self.ah = header.sequence();
            self.ah_sent = false;
        }
        genuine && fresh
    }

    /// Was this number, or a later one, heard from this sender? If not it is now. A mark whose seconds are not `fresh` no longer
    /// counts: it is older than anything that would be accepted, or both clocks were set back since.
    fn replayed(&mut self, source: IpAddr, number: u64, fresh: Option<RangeInclusive<u64>>) -> bool {
        if let Some(place) = self.heard.iter().position(|h| h.0 == source) {
            let (_, mark) = self.heard.remove(place);
            let counts = fresh.is_none_or(|f| f.contains(&(mark >> 32)));
            let replayed = counts && !after(number, mark);
            self.heard.push((source, if replayed { mark } else { number }));
            return replayed;
        }
        if self.heard.len() >= self.peers.max(Self::SENDERS) {
            self.heard.remove(0);
        }
        self.heard.push((source, number));
        false
    }

    /// The checks of a trailer in their order; the sender is a known peer if it must be. `Ok` when there may be none; with the time
    /// of the sender, seconds, when it is good but more than half the window away.
    pub(crate) fn check_trailer(
        &mut self,
        hmac: &AuthHmac,
        wall: Micros,
        source: IpAddr,
        message: &[u8],
        trailer: Option<hmac_trailer::View<'_>>,
        mutant: Mutant,
    ) -> Result<Option<u64>, RefusedPacket> {
        let Some(trailer) = trailer else {
            return if hmac.mode == HmacMode::Enforce && !mutant.is(Mutation::AcceptUnsigned) {
                Err(RefusedPacket::HmacMissing)
            } else {
                Ok(None)
            };
        };
        if !trailer.well_formed() {
            return Err(RefusedPacket::HmacMalformed);
        }
        let window = hmac.window.as_secs();
        let (now, theirs) = (wall.as_secs(), u64::from(trailer.seconds()));
        if !hmac.monotonic && now.abs_diff(theirs) > window && !mutant.is(Mutation::IgnoreHmacTime) {
            return Err(RefusedPacket::HmacStale);
        }
        let key = trailer.key_id();
        let Some((_, secret)) = hmac.keys.iter().find(|k| k.0 == key) else {
            return Err(RefusedPacket::HmacUnknownKey { key });
        };
        let mac = trailer_mac(secret.expose(), source, message, &trailer.signed());
        if !constant_time_eq(&mac, &trailer.mac()) && !mutant.is(Mutation::IgnoreHmac) {
            return Err(RefusedPacket::HmacInvalid);
        }
        let latest = if mutant.is(Mutation::KeepFutureMarks) {
            u64::MAX
        } else {
            now.saturating_add(window)
        };
        let fresh = (!hmac.monotonic).then(|| now.saturating_sub(window)..=latest);
        if self.replayed(source, trailer.sequence(), fresh) && !mutant.is(Mutation::IgnoreHmacReplay) {
            return Err(RefusedPacket::HmacReplay);
        }
        let skewed = !hmac.monotonic && now.abs_diff(theirs) * 2 > window;
        Ok(skewed.then_some(theirs))
    }
}

/// Seconds, 65536ths of a second, and a counter of 0.
fn sequence_of(wall: Micros) -> u64 {
    let fraction = (wall.0 % 1_000_000) * 65_536 / 1_000_000;
    (wall.as_secs() & 0xffff_ffff) << 32 | fraction << 16
}

/// Serial-number comparison (RFC 1982): is `a` later than `b`?
const fn after(a: u64, b: u64) -> bool {
    (a.wrapping_sub(b) as i64) > 0
}

/// How the wall clock follows from the monotonic one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wall {
    /// Wall clock when the monotonic clock showed `at`.
    time: Micros,
    at: Instant,
}

impl Wall {
    pub(crate) const fn new(time: Micros, at: Instant) -> Self {
        Self { time, at }
    }

    pub(crate) fn time(self, now: Instant) -> Micros {
        self.time + now.since(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
        digits.chunks(2).map(|d| d[0] << 4 | d[1]).collect()
    }

    /// Vectors B.5 and B.6 of `vrrp.md`.
    #[test]
    fn ah_as_captured() {
        for packet in [
            "45c0004000010000ff33d0ad0a090001e0000012700400000a090001000000018556515c544a23b61dfccb09
             2133960102013c5d0a0900640000000000000000",
            "45c0004000020000ff33d0ac0a090001e0000012700400000a09000100000002025c45d171c6a7138a0948e6
             2133960102013c5d0a0900640000000000000000",
        ] {
            let bytes = hex(packet);
            let packet = ipv4::Packet::parse(&bytes).ok();
            let split = packet.and_then(|p| Some((p, ah::View::split(p.payload())?)));
            let Some((packet, (header, message))) = split else {
                panic!("not AH")
            };
            let key = password(b"mypw");
            assert!(Sequences::default().check_ah(&key, packet, header, message, false, Mutant::default()));
            assert!(
                !Sequences::default().check_ah(&key, packet, header, message, true, Mutant::default()),
                "Q-2"
            );
            let mut used = Sequences {
                ah: header.sequence(),
                ..Sequences::default()
            };
            assert!(
                !used.check_ah(&key, packet, header, message, false, Mutant::default()),
                "replay"
            );
        }
    }

    /// Vectors B.7, B.8 and B.9 of `vrrp.md`.
    #[test]
    fn trailers_as_captured() {
        let counting: Vec<u8> = (0..32).collect();
        let letters = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ";
        for (key, source, payload) in [
            (
                &counting[..],
                "10.9.0.1",
                "31339601003243930a090064010700006b00cc66a8c00000dc20ec50db1951f72624395236d08a7d",
            ),
            (
                letters,
                "10.9.0.1",
                "2134960100013e5a0a0900660000000000000000010900006b00cc685dc000002282491ebf26f0c35ff8e19317f2505f",
            ),
            (
                &counting,
                "fe80::ff:fe00:1",
                "313596010032be61fe800000000000000000000000000100010700006b00cc66a90e0000b53adf8c3284eda0589cb66641c39649",
            ),
        ] {
            let bytes = hex(payload);
            let (message, trailer) = bytes.split_at(bytes.len() - hmac_trailer::LEN);
            let Some(trailer) = hmac_trailer::View::parse(trailer) else {
                panic!("no trailer")
            };
            let Ok(source) = source.parse() else {
                panic!("no address")
            };
            assert_eq!(trailer_mac(key, source, message, &trailer.signed()), trailer.mac());
        }
    }

    #[test]
    fn sequences_grow_with_and_without_the_clock() {
        let mut s = Sequences::default();
        let window = Micros::from_secs(5);
        let a = s.next_hmac(Micros::from_secs(1000), false, window, Mutant::default());
        assert_eq!(a, 1000 << 32);
        assert_eq!(
            s.next_hmac(Micros::from_secs(1000), false, window, Mutant::default()),
            a + 1
        );
        assert_eq!(
            s.next_hmac(Micros::from_secs(998), false, window, Mutant::default()),
            a + 2,
            "a small step back"
        );
        assert_eq!(
            s.next_hmac(Micros::from_secs(900), false, window, Mutant::default()),
            900 << 32,
            "a large step back"
        );
        let b = s.next_hmac(Micros::from_secs(1000), true, window, Mutant::default());
        assert_eq!(
            s.next_hmac(Micros::from_secs(900), true, window, Mutant::default()),
            b + 1
        );
    }

    /// Quirk Q-3: more senders than the original remembers, and none of their packets comes twice.
    #[test]
    fn every_sender_has_a_mark_of_its_own() {
        let mut s = Sequences::default();
        let senders: Vec<IpAddr> = (0..Sequences::SENDERS as u8)
            .map(|n| Ipv4Addr::new(10, 9, 0, n).into())
            .collect();
        for number in [5, 6] {
            assert!(senders.iter().all(|sender| !s.replayed(*sender, number, None)));
            assert!(senders.iter().all(|sender| s.replayed(*sender, number, None)));
        }
        assert!(!s.replayed(Ipv4Addr::new(10, 8, 0, 1).into(), 1, None), "one more");
        assert!(!s.replayed(senders[0], 1, None), "the one longest unheard is forgotten");
        assert_eq!(s.heard.len(), Sequences::SENDERS);
    }

    #[test]
    fn unicast_peers_are_never_too_many_for_a_mark_each() {
        let peers: Vec<IpAddr> = (0..200).map(|n| Ipv4Addr::new(10, 9, 0, n).into()).collect();
        let mut s = Sequences::default();
        s.set_peers(peers.len());
        assert!(peers.iter().all(|peer| !s.replayed(*peer, 5, None)));
        assert!(peers.iter().all(|peer| s.replayed(*peer, 5, None)));
    }

    #[test]
    fn a_mark_that_could_not_be_accepted_now_does_not_count() {
        let mut s = Sequences::default();
        let sender = Ipv4Addr::new(10, 9, 0, 1).into();
        let at = |second: u64| second << 32;
        assert!(!s.replayed(sender, at(1000), Some(995..=1005)));
        assert!(s.replayed(sender, at(999), Some(995..=1005)));
        assert!(
            !s.replayed(sender, at(900), Some(895..=905)),
            "both clocks were set back"
        );
        assert!(s.replayed(sender, at(900), Some(895..=905)));
    }

    #[test]
    fn the_ah_counter_stops_and_begins_again_with_a_new_master() {
        let mut s = Sequences {
            ah: 0xffff_fffd,
            ..Sequences::default()
        };
        assert_eq!([s.next_ah(), s.next_ah(), s.next_ah()], [0xffff_fffe; 3]);
        s.become_master();
        assert_eq!(s.next_ah(), 1);
    }
}
