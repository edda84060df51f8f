//! An advert arrives: every check of `vrrp.md` 5.2 in its order, then what BACKUP and MASTER make of it.

use std::net::IpAddr;

use keepalived_model::{
    time::{Instant, Micros},
    units::{Family, Version},
    vrrp::{Authentication, Instance, OldUnicastChecksum, Preemption, Transport},
};
use keepalived_wire::{
    ah, hmac_trailer, ipv4,
    vrrp::{self, Advert, auth_type},
};

use crate::{
    action::{Action, LogEvent, Reason, RefusedPacket},
    advert::password,
    auth::constant_time_eq,
    input::Received,
    instance::{Outbox, Slot, Timer},
    mutation::Mutation,
    table::{Event, State},
};

/// What an accepted advert says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) source: IpAddr,
    pub(crate) priority: u8,
    pub(crate) interval: Micros,
}

/// An advert that goes no further; `None`: without a word.
type Refusal = Option<RefusedPacket>;

/// Shortest Ethernet payload: a datagram below it may come with padding.
const PADDED_LEN: usize = 46;

/// The clock of the sender was found to be far from ours.
const LOGGED_SKEW: u32 = 1 << 29;
/// The address list was found to differ.
const LOGGED_ADDRESSES: u32 = 1 << 30;
/// The interval was found to differ.
const LOGGED_INTERVAL: u32 = 1 << 31;

impl Slot {
    /// A datagram for this instance.
    pub(crate) fn packet(&mut self, out: &mut Outbox, now: Instant, packet: &Received<'_>) {
        let listening = matches!(self.state, State::Backup | State::Master) && now >= out.quiet_until;
        if !listening || self.yields_if_late(out, now) {
            return;
        }
        self.echo = None;
        let before = self.stats;
        match self.validate(out, now, packet) {
            Ok(heard) if heard.priority == 0 && !out.mutant.is(Mutation::IgnorePriorityZero) => {
                self.stats.pri_zero_rcvd += 1;
                self.resigned(out, now, heard);
            }
            Ok(heard) if self.state == State::Backup => {
                if self.backup_heard(out, now, heard) {
                    self.remember(out, packet, before);
                }
            }
            Ok(heard) => self.master_heard(out, now, heard),
            Err(refusal) => self.refused(out, now, packet.source, refusal),
        }
    }

    /// A refused packet is counted and reported once a kind; it moves nothing (quirk Q-4 is not copied).
    fn refused(&mut self, out: &mut Outbox, now: Instant, source: IpAddr, refusal: Refusal) {
        let main = self.timer(Timer::Main);
        if self.state == State::Master && out.mutant.is(Mutation::RearmOnRefused) {
            out.timers.arm(main, now + self.interval());
        }
        if self.state == State::Backup && out.mutant.is(Mutation::FollowRefused) {
            out.timers.arm(main, now + self.master_down(out.mutant));
        }
        let Some(why) = refusal else { return };
        self.count(why);
        if self.first_time(1 << kind(why)) {
            self.log_peer(out, now, LogEvent::Refused { source, why });
        }
    }

    fn count(&mut self, why: RefusedPacket) {
        let s = &mut self.stats;
        let counter = match why {
            RefusedPacket::AuthenticationHeader | RefusedPacket::AuthType { .. } => &mut s.authtype_mismatch,
            RefusedPacket::Length { .. } => &mut s.packet_len_err,
            RefusedPacket::Ttl { .. } | RefusedPacket::PeerTtl { .. } => &mut s.ip_ttl_err,
            RefusedPacket::Version { .. } => &mut s.vers_err,
            RefusedPacket::UnknownAuthType { .. } => &mut s.invalid_authtype,
            RefusedPacket::Password | RefusedPacket::AuthFailure => &mut s.auth_failure,
            RefusedPacket::HmacMissing => &mut s.auth_ext_missing,
            RefusedPacket::HmacMalformed => &mut s.auth_ext_malformed,
            RefusedPacket::HmacStale => &mut s.auth_ext_stale,
            RefusedPacket::HmacUnknownKey { .. } => &mut s.auth_ext_unknown_key,
            RefusedPacket::HmacInvalid => &mut s.auth_ext_invalid_hmac,
            RefusedPacket::HmacReplay => &mut s.auth_ext_replay,
            RefusedPacket::Interval { .. } => &mut s.advert_interval_err,
            RefusedPacket::Type { .. } => &mut s.invalid_type_rcvd,
            RefusedPacket::Checksum => &mut s.chk_err,
            RefusedPacket::Destination => &mut s.addr_list_err,
            // counted as received, like the original does
            RefusedPacket::UnknownPeer => return,
        };
        *counter += 1;
    }

    fn first_time(&mut self, bit: u32) -> bool {
        let first = self.logged & bit == 0;
        self.logged |= bit;
        first
    }

    /// Every check, in order; errors name the first that failed.
    fn validate(&mut self, out: &mut Outbox, now: Instant, packet: &Received<'_>) -> Result<Heard, Refusal> {
        let config = self.spec.config.clone();
        let v6 = config.family == Family::V6;
        let (ip, payload) = split(v6, &packet.bytes)?;
        let (ah, payload) =
            check_authentication_header(ip, payload, matches!(config.authentication, Authentication::Ah(_)))?;
        let advert = Advert::parse(payload, v6).map_err(|e| {
            Some(RefusedPacket::Length {
                got: e.got as u32,
                expected: vrrp::HEADER_LEN as u32,
            })
        })?;
        let (surplus, trailer) = check_length(ip, &advert, packet.bytes.len(), config.auth_hmac.is_some())?;
        let multicast = !self.is_unicast();
        if let Some(got) = packet
            .ttl
            .filter(|t| multicast && *t != vrrp::TTL && !out.mutant.is(Mutation::IgnoreTtl))
        {
            return Err(Some(RefusedPacket::Ttl { got }));
        }
        let (got, expected) = (advert.version(), config.version.get());
        if got != expected {
            return Err(Some(RefusedPacket::Version { got, expected }));
        }
        if let Some(hmac) = &config.auth_hmac {
            if trailer.is_some() && !multicast && !self.is_peer(packet.source) {
                return Err(Some(RefusedPacket::UnknownPeer));
            }
            let wall = out.wall.time(now);
            let skewed = self
                .sequences
                .check_trailer(hmac, wall, packet.source, advert.message(), trailer, out.mutant)
                .map_err(Some)?;
            if let Some(theirs) = skewed
                && self.first_time(LOGGED_SKEW)
            {
                let (source, window) = (packet.source, hmac.window);
                let ahead = wall.as_secs() < theirs;
                let by = Micros::from_secs(wall.as_secs().abs_diff(theirs));
                self.log_peer(
                    out,
                    now,
                    LogEvent::ClockSkew {
                        source,
                        by,
                        ahead,
                        window,
                    },
                );
            }
        }
        if config.version == Version::V2 {
            self.check_v2(out, &config, &advert, ip.zip(ah))?;
        }
        if advert.kind() != vrrp::ADVERTISEMENT {
            return Err(Some(RefusedPacket::Type { got: advert.kind() }));
        }
        check_total_len(ip, packet.bytes.len(), surplus)?;
        let interval = match config.version {
            Version::V2 => Micros::from_secs(u64::from(advert.interval_secs())),
            Version::V3 => Micros::from_centis(u64::from(advert.interval_centis())),
        };
        let source = packet.source;
        if !out.mutant.is(Mutation::IgnoreChecksum) {
            self.check_checksum(out, now, &config, packet, &advert)?;
        }
        if packet.destination.is_multicast() != multicast {
            return Err(Some(RefusedPacket::Destination));
        }
        if config.owner_ignore_adverts && self.is_owner() {
            return Err(None);
        }
        self.stats.advert_rcvd += 1;
        self.check_addresses(out, now, &config, source, &advert);
        self.check_peer(packet)?;
        if config.version == Version::V3 && interval != self.interval() && self.first_time(LOGGED_INTERVAL) {
            let event = LogEvent::IntervalDiffers {
                source,
                theirs: interval,
                ours: self.interval(),
            };
            self.log_peer(out, now, event);
        }
        Ok(Heard {
            source,
            priority: advert.priority(),
            interval,
        })
    }

    fn check_v2(
        &mut self,
        out: &Outbox,
        config: &Instance,
        advert: &Advert<'_>,
        ah: Option<(ipv4::Packet<'_>, ah::View<'_>)>,
    ) -> Result<(), Refusal> {
        let got = advert.auth_type();
        let expected = match &config.authentication {
            Authentication::None => auth_type::NONE,
            Authentication::Password(_) => auth_type::PASSWORD,
            Authentication::Ah(_) => auth_type::AH,
        };
        if got > auth_type::AH {
            return Err(Some(RefusedPacket::UnknownAuthType { got }));
        }
        if got != expected {
            return Err(Some(RefusedPacket::AuthType { got, expected }));
        }
        if let (Authentication::Password(secret), Some(data)) = (&config.authentication, advert.auth_data()) {
            let same = constant_time_eq(&password(secret.expose()), data);
            if !same && !out.mutant.is(Mutation::IgnorePassword) {
                return Err(Some(RefusedPacket::Password));
            }
        }
        if let (Authentication::Ah(secret), Some((ip, header))) = (&config.authentication, ah) {
            let (key, unicast) = (password(secret.expose()), self.is_unicast());
            if !self
                .sequences
                .check_ah(&key, ip, header, advert.message(), unicast, out.mutant)
            {
                return Err(Some(RefusedPacket::AuthFailure));
            }
        }
        let (got, expected) = (advert.interval_secs(), self.interval().as_secs().clamp(1, 255) as u8);
        if got != expected {
            return Err(Some(RefusedPacket::Interval { got, expected }));
        }
        Ok(())
    }

    /// IPv4 checksums in the forms of `vrrp.md` 3.3 and 3.9; over IPv6 the kernel has checked.
    fn check_checksum(
        &mut self,
        out: &mut Outbox,
        now: Instant,
        config: &Instance,
        packet: &Received<'_>,
        advert: &Advert<'_>,
    ) -> Result<(), Refusal> {
        let (IpAddr::V4(source), IpAddr::V4(destination)) = (packet.source, packet.destination) else {
            return Ok(());
        };
        let ok = if config.version == Version::V2 {
            advert.checksum_plain_ok()
        } else if config.checksum.v3_as_v2 {
            // either form, and no other: refusing nothing would be quirk Q-1
            advert.checksum_plain_ok() || advert.checksum_v3_ok(source, destination)
        } else if !self.is_unicast() {
            advert.checksum_v3_ok(source, destination)
        } else if self.old_checksum {
            advert.checksum_v3_ok(source, config.checksum.old_group)
        } else if advert.checksum_v3_ok(source, destination) {
            true
        } else if config.checksum.old_unicast == OldUnicastChecksum::Detect
            && advert.checksum_v3_ok(source, config.checksum.old_group)
        {
            self.old_checksum = true;
            self.set_source(self.spec.source);
            self.log_peer(out, now, LogEvent::OldChecksumLearnt { source: packet.source });
            true
        } else {
            false
        };
        if ok { Ok(()) } else { Err(Some(RefusedPacket::Checksum)) }
    }

    /// A different list is counted and reported, and the advert is processed nevertheless (quirk Q-6).
    fn check_addresses(
        &mut self,
        out: &mut Outbox,
        now: Instant,
        config: &Instance,
        source: IpAddr,
        advert: &Advert<'_>,
    ) {
        let ours = config.addresses.len();
        let theirs = advert.count();
        let known_master = self.state == State::Backup && self.master == Some(source);
        let same = if usize::from(theirs) != ours {
            false
        } else if config.skip_check_adv_addr && known_master {
            true
        } else {
            let in_order = config.addresses.iter().map(|a| a.local.address).eq(advert.addresses());
            // at most 255 in each list
            in_order
                || config
                    .addresses
                    .iter()
                    .all(|a| advert.addresses().any(|b| b == a.local.address))
        };
        if same {
            return;
        }
        self.stats.addr_list_err += 1;
        if self.first_time(LOGGED_ADDRESSES) {
            let ours = ours.min(255) as u8;
            self.log_peer(out, now, LogEvent::AddressListDiffers { source, theirs, ours });
        }
    }

    fn is_peer(&self, source: IpAddr) -> bool {
        match &self.spec.config.transport {
            Transport::Unicast { peers, .. } => peers.iter().any(|p| p.address == source),
            Transport::Multicast { .. } => false,
        }
    }

    fn check_peer(&self, packet: &Received<'_>) -> Result<(), Refusal> {
        let Transport::Unicast {
            peers,
            check_source: true,
            ..
        } = &self.spec.config.transport
        else {
            return Ok(());
        };
        let Some(peer) = peers.iter().find(|p| p.address == packet.source) else {
            return Err(Some(RefusedPacket::UnknownPeer));
        };
        match packet.ttl {
            Some(got) if got < peer.min_ttl || got > peer.max_ttl => Err(Some(RefusedPacket::PeerTtl { got })),
            _ => Ok(()),
        }
    }

    /// Priority 0: the master resigns (RFC 9568 section 6.4.2 item 420, section 6.4.3 item 710).
    fn resigned(&mut self, out: &mut Outbox, now: Instant, heard: Heard) {
        if self.state == State::Master {
            self.advertise(out, now);
            return;
        }
        self.log_peer(out, now, LogEvent::BackupReceivedZero { source: heard.source });
        self.why_master = Reason::MasterResigned;
        out.timers.arm(self.timer(Timer::Main), now + self.skew(out.mutant));
    }

    /// BACKUP (RFC 9568 section 6.4.2); true when the advert is followed for its priority.
    fn backup_heard(&mut self, out: &mut Outbox, now: Instant, heard: Heard) -> bool {
        let Heard { source, priority, .. } = heard;
        if self.demoted && (priority < 255 || self.master.is_some_and(|m| m != source)) {
            self.demoted = false;
            self.refresh_priority(out, now);
        }
        if priority >= self.effective {
            if self.preempt_at.take().is_some() {
                self.log_peer(out, now, LogEvent::PreemptDelayStopped);
            }
            self.follow(out, now, heard);
            return true;
        }
        if self.tolerates_lower(out, now) {
            self.follow(out, now, heard);
        } else {
            self.why_master = Reason::Preempted;
            self.log_peer(out, now, LogEvent::LowerAdvertDiscarded { source, priority });
        }
        false
    }

    /// Is a master of lower priority followed, for good or for the time being?
    fn tolerates_lower(&mut self, out: &mut Outbox, now: Instant) -> bool {
        if out.mutant.is(Mutation::AlwaysPreempt) {
            return false;
        }
        if out.mutant.is(Mutation::NeverPreempt) {
            return true;
        }
        match (self.preemption(), self.preempt_at) {
            (Preemption::Immediate, _) => false,
            (Preemption::Disabled, _) => true,
            (Preemption::Delayed(delay), None) => {
                self.preempt_at = Some(now + delay);
                self.log_peer(out, now, LogEvent::PreemptDelayStarted { delay });
                true
            }
            (Preemption::Delayed(_), Some(at)) => now < at,
        }
    }

    fn follow(&mut self, out: &mut Outbox, now: Instant, heard: Heard) {
        let Heard { source, priority, .. } = heard;
        self.learn_interval(out, heard);
        if self.master != Some(source) {
            self.logged &= LOGGED_INTERVAL;
            let event = match self.master {
                Some(old) => LogEvent::MasterChanged { old, new: source },
                None => LogEvent::MasterSet { source },
            };
            self.log_peer(out, now, event);
        }
        self.master = Some(source);
        self.master_priority = priority;
        self.want = State::Backup;
        self.why_master = Reason::MasterSilent;
        out.timers
            .arm(self.timer(Timer::Main), now + self.master_down(out.mutant));
    }

    /// Version 3 learns the interval of its master (RFC 9568 section 6.4.2 item 445). An interval of 0 would mean a down time of 0, so
    /// it is not learnt.
    fn learn_interval(&mut self, out: &Outbox, heard: Heard) {
        let learns = self.spec.config.version == Version::V3 && !heard.interval.is_zero();
        if learns && !out.mutant.is(Mutation::IgnoreLearntInterval) {
            self.master_interval = heard.interval;
        }
    }

    /// MASTER (RFC 9568 section 6.4.3).
    fn master_heard(&mut self, out: &mut Outbox, now: Instant, heard: Heard) {
        let Heard {
            source,
            priority,
            interval,
        } = heard;
        let ours = self.effective;
        let address = self
            .spec
            .source
            .map_or(std::cmp::Ordering::Greater, |own| source.cmp(&own));
        let address = if out.mutant.is(Mutation::InvertTie) {
            address.reverse()
        } else {
            address
        };
        let tie_lost = address.is_gt() && !out.mutant.is(Mutation::IgnoreTie);
        let rivals = priority == 255 && ours == 255;
        if priority == ours && address.is_eq() {
            self.log_peer(out, now, LogEvent::OwnAddressAdvert { source });
        } else if priority > ours || (priority == ours && tie_lost) {
            if !out.mutant.is(Mutation::StubbornMaster) {
                self.yield_to(out, now, heard, rivals);
            }
        } else if rivals {
            if self.rival_heard(interval) {
                self.log_peer(out, now, LogEvent::RivalOwner { source, yields: false });
            }
        } else {
            self.lower_heard(out, now, heard);
        }
    }

    fn yield_to(&mut self, out: &mut Outbox, now: Instant, heard: Heard, rivals: bool) {
        let Heard { source, priority, .. } = heard;
        let ours = self.effective;
        if rivals {
            self.log_peer(out, now, LogEvent::RivalOwner { source, yields: true });
        }
        self.log_peer(out, now, LogEvent::BetterAdvert { source, priority, ours });
        if self.spec.config.higher_prio_send_advert {
            self.advertise(out, now);
        }
        self.learn_interval(out, heard);
        self.master = Some(source);
        self.master_priority = priority;
        self.why_master = Reason::MasterSilent;
        self.transition(out, now, Event::BetterAdvert, Reason::BetterMaster);
    }

    fn lower_heard(&mut self, out: &mut Outbox, now: Instant, heard: Heard) {
        let Heard { source, priority, .. } = heard;
        let ours = self.effective;
        self.log_peer(out, now, LogEvent::LowerAdvert { source, priority, ours });
        self.sequences.outnumber();
        if !self.spec.config.lower_prio_no_advert {
            self.advertise(out, now);
        }
        self.announce_against_lower(out, now);
        self.stir_group = self.group.is_some();
        out.actions.push_back(Action::LowerPriorityReceived {
            instance: self.id,
            priority: self.effective,
        });
    }
}

/// IPv4: the header and what follows it. IPv6: the kernel has taken the header off.
fn split(v6: bool, bytes: &[u8]) -> Result<(Option<ipv4::Packet<'_>>, &[u8]), Refusal> {
    if v6 {
        return Ok((None, bytes));
    }
    let ip = ipv4::Packet::parse(bytes).map_err(|_| {
        Some(RefusedPacket::Length {
            got: bytes.len() as u32,
            expected: (ipv4::HEADER_LEN + vrrp::HEADER_LEN) as u32,
        })
    })?;
    Ok((Some(ip), ip.payload()))
}

/// Check 1: an AH where one belongs, and nowhere else. Gives what follows it.
fn check_authentication_header<'a>(
    ip: Option<ipv4::Packet<'_>>,
    payload: &'a [u8],
    wanted: bool,
) -> Result<(Option<ah::View<'a>>, &'a [u8]), Refusal> {
    let Some(ip) = ip else { return Ok((None, payload)) };
    let present = ip.protocol() == ah::PROTOCOL;
    if present != wanted {
        return Err(Some(RefusedPacket::AuthenticationHeader));
    }
    if !present {
        return Ok((None, payload));
    }
    let (header, rest) = ah::View::split(payload).ok_or(Some(RefusedPacket::Length {
        got: ip.bytes().len() as u32,
        expected: (ip.header_len() + ah::LEN + vrrp::HEADER_LEN) as u32,
    }))?;
    if header.next_header() == vrrp::PROTOCOL {
        Ok((Some(header), rest))
    } else {
        Err(None)
    }
}

/// Check 2: the message is as long as it says. Gives how many bytes of padding follow it, or the trailer that does if one may.
fn check_length<'a>(
    ip: Option<ipv4::Packet<'_>>,
    advert: &Advert<'a>,
    received: usize,
    trailed: bool,
) -> Result<(usize, Option<hmac_trailer::View<'a>>), Refusal> {
    if let Some(trailer) = hmac_trailer::View::parse(advert.rest()).filter(|_| trailed) {
        return Ok((0, Some(trailer)));
    }
    let before = received - advert.bytes().len();
    let expected = before + advert.expected_len();
    let surplus = received.saturating_sub(expected);
    let padding = ip.is_some() && expected < PADDED_LEN && received <= PADDED_LEN;
    if received < expected || (surplus > 0 && !padding) {
        return Err(Some(RefusedPacket::Length {
            got: received as u32,
            expected: expected as u32,
        }));
    }
    Ok((surplus, None))
}

/// Check 8: the IPv4 header tells the same length.
fn check_total_len(ip: Option<ipv4::Packet<'_>>, received: usize, surplus: usize) -> Result<(), Refusal> {
    let Some(ip) = ip else { return Ok(()) };
    let total = usize::from(ip.total_len());
    if total + surplus == received {
        return Ok(());
    }
    Err(Some(RefusedPacket::Length {
        got: received as u32,
        expected: total as u32,
    }))
}

/// A number for each kind of refusal, for saying it once.
const fn kind(why: RefusedPacket) -> u32 {
    match why {
        RefusedPacket::AuthenticationHeader => 0,
        RefusedPacket::Length { .. } => 1,
        RefusedPacket::Ttl { .. } => 2,
        RefusedPacket::Version { .. } => 3,
        RefusedPacket::UnknownAuthType { .. } => 4,
        RefusedPacket::AuthType { .. } => 5,
        RefusedPacket::Password => 6,
        RefusedPacket::AuthFailure => 7,
        RefusedPacket::HmacMissing => 8,
        RefusedPacket::HmacMalformed => 9,
        RefusedPacket::HmacStale => 10,
        RefusedPacket::HmacUnknownKey { .. } => 11,
        RefusedPacket::HmacInvalid => 12,
        RefusedPacket::HmacReplay => 13,
        RefusedPacket::Interval { .. } => 14,
        RefusedPacket::Type { .. } => 15,
        RefusedPacket::Checksum => 16,
        RefusedPacket::Destination => 17,
        RefusedPacket::UnknownPeer => 18,
        RefusedPacket::PeerTtl { .. } => 19,
    }
}
