//! `auth_hmac`: what is signed, what is refused, and how a cluster comes to it. Debian's program knows nothing of it, so
//! these run ours against ours and against trailers that the test computes itself.

use std::net::IpAddr;

use super::Scenario;
use super::packets::{grown, received};
use super::text::{VIP, instance};
use crate::check;
use crate::lab::Node::{self, A, B};
use crate::lab::capture::{Frame, Stamp};
use crate::lab::inject::{Forged, GROUP6};
use crate::lab::sign::{Seal, has_trailer, verified_trailer};
use crate::outcome::{Stop, Verdict, near, same};
use crate::run::{Run, advert};

pub const SCENARIOS: &[Scenario] = &[
    elects("A22-v2-ip4-mcast", elected::<2, 4, false>),
    elects("A22-v2-ip4-unicast", elected::<2, 4, true>),
    elects("A22-v2-ip6-mcast", elected::<2, 6, false>),
    elects("A22-v2-ip6-unicast", elected::<2, 6, true>),
    elects("A22-v3-ip4-mcast", elected::<3, 4, false>),
    elects("A22-v3-ip4-unicast", elected::<3, 4, true>),
    elects("A22-v3-ip6-mcast", elected::<3, 6, false>),
    elects("A22-v3-ip6-unicast", elected::<3, 6, true>),
    refuses("A23-v2-ip4-mcast", refused::<2, 4, false>),
    refuses("A23-v3-ip4-mcast", refused::<3, 4, false>),
    refuses("A23-v3-ip4-unicast", refused::<3, 4, true>),
    refuses("A23-v3-ip6-mcast", refused::<3, 6, false>),
    refuses("A23-v3-ip6-unicast", refused::<3, 6, true>),
    Scenario::each(
        "A23-monotonic",
        "auth",
        5,
        "anti_replay monotonic: any time, but only forwards; kept over a reload",
        monotonic,
    )
    .ours(),
    Scenario::each(
        "A23-skew",
        "auth",
        5,
        "a clock more than half the window away is accepted, with one warning",
        skew,
    )
    .ours(),
    Scenario::each("A24", "auth", 8, "receive-only, then permissive", modes).ours(),
    Scenario::each(
        "A25",
        "auth",
        6,
        "without auth_hmac a trailer is an error of length",
        without,
    ),
];

const fn elects(name: &'static str, work: super::Work) -> Scenario {
    let about = "auth_hmac: election, take-over and return, every advert verified";
    Scenario::each(name, "auth", 13, about, work).ours()
}

const fn refuses(name: &'static str, work: super::Work) -> Scenario {
    let about = "auth_hmac enforce: one spoilt trailer each, and its counter";
    Scenario::each(name, "auth", 7, about, work).ours()
}

/// Key 7 as bytes, and as the configuration writes it.
pub(super) const KEY7: [u8; 32] = *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\
\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f";
pub(super) const KEY7_LINE: &str = "key 7 hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// Key 9, plain text.
pub(super) const KEY9: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ";
pub(super) const KEY9_LINE: &str = "key 9 abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ";
pub(super) const KEYS: [(u8, &[u8]); 2] = [(7, &KEY7), (9, KEY9)];

/// What varies between networks.
#[derive(Debug, Clone, Copy)]
struct Net {
    version: u8,
    family: u8,
    unicast: bool,
}

impl Net {
    fn host(self, number: u8) -> String {
        if self.family == 4 {
            format!("10.9.0.{number}")
        } else {
            format!("fd09::{number}")
        }
    }

    fn vip(self) -> &'static str {
        if self.family == 4 { "10.9.0.100" } else { "fd09::100" }
    }

    fn interval(self) -> f64 {
        if self.version == 2 { 1.0 } else { 0.3 }
    }

    /// The configuration of a router; with peers 1 to 3 but itself.
    fn config(self, node: Node, priority: u8, hmac: &str) -> String {
        let (version, interval) = (self.version, self.interval());
        let mut lines = format!("version {version}\npriority {priority}\nadvert_int {interval}\n");
        if self.family == 6 {
            lines += "native_ipv6\n";
        }
        if self.unicast {
            let own = node.number();
            let peers: Vec<String> = (1..=3).filter(|n| *n != own).map(|n| self.host(n)).collect();
            lines += &format!(
                "unicast_src_ip {}\nunicast_peer {{\n{}\n}}\n",
                self.host(own),
                peers.join("\n")
            );
        }
        lines += &format!("auth_hmac {{\n{hmac}\n}}\n");
        let addresses = if self.family == 4 {
            VIP
        } else {
            "fe80::100/64\nfd09::100/64"
        };
        instance(&lines, addresses)
    }

    /// A better advert from the injector to router A.
    fn forged(self) -> Verdict<Forged> {
        let address = |text: &str| -> Verdict<IpAddr> { text.parse().map_err(|_| Stop::Fail(format!("{text}?"))) };
        let mut forged = Forged::new(self.version, 200).interval(if self.version == 2 { 100 } else { 30 });
        if self.family == 6 {
            forged.auth_data = None;
            forged.addresses = vec![address("fe80::100")?, address("fd09::100")?];
            forged.source = address("fe80::ff:fe00:3")?;
            forged.destination = GROUP6.into();
        }
        if self.unicast {
            forged.source = address(&self.host(3))?;
            forged.destination = address(&self.host(1))?;
        }
        Ok(forged)
    }
}

fn active(key: u8) -> String {
    format!("{KEY7_LINE}\n{KEY9_LINE}\nactive_key {key}")
}

/// Every advert of a router since a moment is signed with a known key, and their numbers grow; copies of one advert to
/// several peers share a number.
fn growing(frames: &[Frame], copies: usize) -> Verdict<Vec<u8>> {
    let seals = frames
        .iter()
        .map(|frame| verified_trailer(advert(frame)?, &KEYS))
        .collect::<Verdict<Vec<_>>>()?;
    let mut last = 0;
    for advert in seals.chunks(copies) {
        check!(
            advert.iter().all(|seal| *seal == advert[0]),
            "copies with different trailers: {advert:x?}"
        );
        check!(advert[0].sequence > last, "numbers do not grow: {seals:x?}");
        last = advert[0].sequence;
    }
    Ok(seals.iter().map(|seal| seal.key_id).collect())
}

fn elected<const VERSION: u8, const FAMILY: u8, const UNICAST: bool>(run: &mut Run) -> Verdict {
    let net = Net {
        version: VERSION,
        family: FAMILY,
        unicast: UNICAST,
    };
    let copies = if UNICAST { 2 } else { 1 };
    let begin = Stamp::now();
    run.start(A, &net.config(A, 200, &active(7)))?;
    run.start(B, &net.config(B, 100, &active(9)))?;
    run.wait_advert(A, begin, 3.0 * net.interval() + 3.0)?;
    run.pause(2.2 * net.interval());
    check!(
        run.adverts(B, begin).is_empty(),
        "B does not accept what A signs with another of its keys"
    );
    check!(run.counter(B, "Advertisements/Received")? >= 3, "B has heard nothing");

    let moment = Stamp::now();
    run.stop(A)?;
    let zero = run.wait_priority(A, 0, moment, 1.0)?;
    let taken = run.wait_advert(B, moment, 3.0)?;
    let unit = if VERSION == 2 { 1.0 } else { net.interval() };
    near(
        "take-over after a signed priority 0",
        taken.at.since(zero.at),
        unit * 156.0 / 256.0,
    )?;
    run.wait_address(B, net.vip(), true, 0.5)?;

    let again = Stamp::now();
    run.start(A, &net.config(A, 200, &active(7)))?;
    let back = run.wait_advert(A, again, 3.0 * net.interval() + 3.0)?;
    run.wait_address(B, net.vip(), false, 1.0)?;
    run.pause(2.2 * net.interval());
    check!(
        run.adverts(B, back.at).len() <= copies,
        "B goes on sending beside the signed MASTER"
    );
    same(
        "keys of A",
        growing(&run.adverts(A, begin), copies)?.contains(&9),
        false,
    )?;
    same(
        "keys of B",
        growing(&run.adverts(B, begin), copies)?.contains(&7),
        false,
    )?;
    for node in [A, B] {
        let all = run.daemon(node)?.statistics("V1")?;
        let bad: Vec<_> = all
            .iter()
            .filter(|(name, n)| name.contains("Error") && **n > 0)
            .collect();
        check!(bad.is_empty(), "errors on {}: {bad:?}", node.name());
    }
    Ok(())
}

/// Injects an IP packet and names the counters that grew.
fn effect(run: &mut Run, packet: &[u8]) -> Verdict<Vec<String>> {
    let before = received(run)?;
    run.lab.injector.send(packet)?;
    run.pause(0.03);
    Ok(grown(&before, &received(run)?))
}

fn refused<const VERSION: u8, const FAMILY: u8, const UNICAST: bool>(run: &mut Run) -> Verdict {
    let net = Net {
        version: VERSION,
        family: FAMILY,
        unicast: UNICAST,
    };
    let begin = Stamp::now();
    run.start(A, &net.config(A, 100, &format!("{}\ntime_window 20", active(7))))?;
    run.wait_advert(A, begin, 6.0)?;
    let forged = net.forged()?;
    let good = |ahead| Seal::at(7, &KEY7, ahead);
    let spoilt = |change: fn(&mut Seal)| {
        let mut seal = good(0.0);
        change(&mut seal);
        seal.packet(&forged)
    };
    let rows: [(&str, Vec<u8>, &str); 8] = [
        ("no trailer", forged.packet(), "Missing"),
        ("wrong digest", spoilt(|s| s.error = 1), "Invalid HMAC"),
        (
            "digest of another key",
            Seal::at(7, KEY9, 0.0).packet(&forged),
            "Invalid HMAC",
        ),
        ("unknown key", Seal::at(8, &KEY7, 0.0).packet(&forged), "Unknown Key"),
        ("reserved octet", spoilt(|s| s.reserved = 1), "Malformed"),
        ("extension type 2", spoilt(|s| s.kind = 2), "Malformed"),
        ("too old", good(-21.5).packet(&forged), "Stale"),
        ("too new", good(22.5).packet(&forged), "Stale"),
    ];
    for (what, packet, counter) in rows {
        let wanted = vec![format!("Authentication Extension Errors/{counter}")];
        same(what, effect(run, &packet)?, wanted)?;
    }
    if UNICAST {
        let mut stranger = forged.clone();
        stranger.source = net.host(9).parse().map_err(|_| Stop::Fail("no address".to_owned()))?;
        same("no peer", effect(run, &good(0.0).packet(&stranger))?, Vec::new())?;
    }
    // All of them would have ended the MASTER.
    run.wait_address(A, net.vip(), true, 0.0)?;
    let first = good(-2.0).packet(&forged);
    same(
        "a good one",
        effect(run, &first)?,
        vec!["Advertisements/Received".to_owned(), "Released master".to_owned()],
    )?;
    run.wait_address(A, net.vip(), false, 1.0)?;
    let replay = || vec!["Authentication Extension Errors/Replay".to_owned()];
    same("the same again", effect(run, &first)?, replay())?;
    same("an earlier one", effect(run, &good(-3.0).packet(&forged))?, replay())?;
    let later = good(0.0).packet(&forged);
    same(
        "a later one",
        effect(run, &later)?,
        vec!["Advertisements/Received".to_owned()],
    )?;
    // The marks outlive a reload.
    run.reload(A, &net.config(A, 101, &format!("{}\ntime_window 20", active(9))))?;
    run.pause(0.5);
    same("the same after a reload", effect(run, &later)?, replay())
}

fn monotonic(run: &mut Run) -> Verdict {
    let net = Net {
        version: 3,
        family: 4,
        unicast: false,
    };
    let config = |priority| net.config(A, priority, &format!("{}\nanti_replay monotonic", active(7)));
    let begin = Stamp::now();
    run.start(A, &config(150))?;
    run.wait_advert(A, begin, 4.0)?;
    let mut lower = net.forged()?;
    lower.priority = 100;
    let numbered = |sequence| {
        let mut seal = Seal::at(7, &KEY7, 0.0);
        seal.sequence = sequence;
        seal.packet(&lower)
    };
    let (received, replay) = (
        "Advertisements/Received".to_owned(),
        "Authentication Extension Errors/Replay".to_owned(),
    );
    for (sequence, wanted) in [
        (1000, &received),
        (1000, &replay),
        (999, &replay),
        (1001, &received),
        (9 << 32, &received),
        (1002, &replay),
    ] {
        same(
            &format!("number {sequence}"),
            effect(run, &numbered(sequence))?,
            vec![wanted.clone()],
        )?;
    }
    run.reload(A, &config(151))?;
    run.pause(0.5);
    same("after a reload", effect(run, &numbered(8 << 32))?, vec![replay])?;
    growing(&run.adverts(A, begin), 1)?;
    Ok(())
}

fn skew(run: &mut Run) -> Verdict {
    let net = Net {
        version: 3,
        family: 4,
        unicast: false,
    };
    run.start(A, &net.config(A, 100, &format!("{}\ntime_window 20", active(7))))?;
    run.wait_state(A, "BACKUP", 0, 3.0)?;
    run.pause(0.2);
    let forged = net.forged()?;
    for ahead in [-3.0, 12.0, 13.0, 14.0] {
        run.lab.injector.send(&Seal::at(7, &KEY7, ahead).packet(&forged))?;
        run.pause(0.1);
    }
    same("received", run.counter(A, "Advertisements/Received")?, 4)?;
    let log = run.daemon(A)?.log();
    same("warnings", log.matches("the clock of 10.9.0.3 is 1").count(), 1)
}

fn modes(run: &mut Run) -> Verdict {
    let net = Net {
        version: 3,
        family: 4,
        unicast: false,
    };
    let config = |mode: &str| net.config(A, 200, &format!("{}\nmode {mode}", active(7)));
    let begin = Stamp::now();
    run.start(A, &config("receive-only"))?;
    run.wait_advert(A, begin, 4.0)?;
    let mut lower = net.forged()?;
    lower.priority = 100;
    for (mode, length) in [("receive-only", 32), ("permissive", 60)] {
        let moment = if mode == "permissive" {
            run.reload(A, &config(mode))?
        } else {
            Stamp::now()
        };
        run.pause(0.5);
        let own = run.wait_advert(A, moment.plus(0.4), 1.0)?;
        let own = advert(&own)?;
        same(&format!("length of own adverts, {mode}"), own.bytes.len(), length)?;
        same("own trailer", has_trailer(own), length == 60)?;
        let mut bad = Seal::at(7, &KEY7, 0.0);
        bad.error = 1;
        let rows: [(&str, Vec<u8>, &str); 4] = [
            ("without a trailer", lower.packet(), "Advertisements/Received"),
            (
                "a good one",
                Seal::at(9, KEY9, 0.0).packet(&lower),
                "Advertisements/Received",
            ),
            (
                "wrong digest",
                bad.packet(&lower),
                "Authentication Extension Errors/Invalid HMAC",
            ),
            (
                "unknown key",
                Seal::at(8, &KEY7, 0.0).packet(&lower),
                "Authentication Extension Errors/Unknown Key",
            ),
        ];
        for (what, packet, counter) in rows {
            same(
                &format!("{mode}: {what}"),
                effect(run, &packet)?,
                vec![counter.to_owned()],
            )?;
        }
    }
    Ok(())
}

fn without(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(
        A,
        &instance("version 3\npriority 200\nadvert_int 0.3\nlower_prio_no_advert", VIP),
    )?;
    run.wait_advert(A, begin, 4.0)?;
    let lower = Forged::new(3, 100).interval(30);
    same(
        "without a trailer",
        effect(run, &lower.packet())?,
        vec!["Advertisements/Received".to_owned()],
    )?;
    same(
        "with a trailer",
        effect(run, &Seal::at(7, &KEY7, 0.0).packet(&lower))?,
        vec!["Packet Errors/Length".to_owned()],
    )
}
