//! Ten thousand packets that nobody should send, to a MASTER and a BACKUP.

use std::net::Ipv4Addr;

use super::Scenario;
use crate::check;
use crate::lab::Node::{A, B};
use crate::lab::capture::Stamp;
use crate::lab::inject::{Forged, GROUP4, ipv4};
use crate::lab::packet::{Body, decode, ones_sum};
use crate::outcome::{Verdict, same};
use crate::run::{Run, advert};
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[Scenario::each(
    "malformed",
    "malformed",
    16,
    "10,000 random and mutated packets: no state change, bounded log",
    flood,
)
.reference_deviates("2.2.7: only that it survives is checked; Q-4 makes it fall silent")];

/// Number of packets that are random; as many again as known kinds make up the rest of 10,000.
const RANDOM: usize = 7000;
/// Number of packets of each known kind.
const KNOWN: usize = 1000;
/// Lines of log that are allowed for all of them.
const LINES: usize = 200;

/// A small generator: what it gives depends on its seed only.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn octet(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }
}

fn flood(run: &mut Run) -> Verdict {
    let seed = std::env::var("COMPLIANCE_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0x5eed_0051);
    println!("malformed: COMPLIANCE_SEED={seed}");
    let begin = Stamp::now();
    run.start(A, &instance("version 3\npriority 200\nadvert_int 0.5", VIP))?;
    run.start(B, &instance("version 3\npriority 100\nadvert_int 0.5", VIP))?;
    run.wait_advert(A, begin, 5.0)?;
    run.pause(1.0);
    let lines = [A, B].map(|node| run.daemon(node).map(|daemon| daemon.log().lines().count()).unwrap_or(0));
    let moment = Stamp::now();
    let mut dice = Dice(seed);
    for i in 0..RANDOM {
        run.lab.injector.send(&never_valid(random_packet(&mut dice)))?;
        breathe(run, i);
    }
    run.pause(0.3);
    if run.reference() {
        check!(run.daemon(A)?.alive()? && run.daemon(B)?.alive()?, "a daemon died");
        return Ok(());
    }
    known_kinds(run)?;
    for (node, before) in [A, B].into_iter().zip(lines) {
        check!(run.daemon(node)?.alive()?, "the daemon on {} died", node.name());
        let log = run.daemon(node)?.log();
        let grown = log.lines().count() - before;
        check!(grown <= LINES, "{grown} lines of log on {}", node.name());
        check!(!log.contains("died"), "a process of {} died", node.name());
    }
    check!(run.adverts(B, moment).is_empty(), "the BACKUP sent adverts");
    let sent = run.adverts(A, moment);
    for pair in sent.windows(2) {
        let gap = pair[1].at.since(pair[0].at);
        check!(gap < 0.75, "{gap:.3} s between two adverts of the MASTER");
    }
    check!(
        sent.iter().all(|f| advert(f).is_ok_and(|a| a.priority == 200)),
        "the MASTER changed its priority"
    );
    same("times A became MASTER", run.counter(A, "Became master")?, 1)?;
    same("times B became MASTER", run.counter(B, "Became master")?, 0)
}

/// Packets with exactly one fault each, and the counters that must grow by exactly their number.
fn known_kinds(run: &mut Run) -> Verdict {
    const NAMES: [&str; 3] = [
        "Packet Errors/TTL",
        "Packet Errors/Length",
        "Packet Errors/Invalid Type",
    ];
    let good = Forged::new(3, 250).interval(50);
    let kinds = [
        Forged {
            ttl: 254,
            ..good.clone()
        },
        Forged {
            stretch: 3,
            ..good.clone()
        },
        Forged { kind: 2, ..good },
    ];
    let read = |run: &mut Run, node| -> Verdict<Vec<u64>> {
        let all = run.daemon(node)?.statistics("V1")?;
        Ok(NAMES.iter().map(|name| all.get(*name).copied().unwrap_or(0)).collect())
    };
    let before = [read(run, A)?, read(run, B)?];
    for i in 0..KNOWN {
        for kind in &kinds {
            run.inject(kind)?;
        }
        breathe(run, i * 3);
        breathe(run, i * 3 + 1);
        breathe(run, i * 3 + 2);
    }
    run.pause(0.3);
    for (node, before) in [A, B].into_iter().zip(before) {
        let after = read(run, node)?;
        let grown: Vec<u64> = after
            .iter()
            .zip(&before)
            .map(|(after, before)| after - before)
            .collect();
        let wanted = vec![u64::try_from(KNOWN).unwrap_or(0); 3];
        same(&format!("growth of {NAMES:?} on {}", node.name()), grown, wanted)?;
    }
    Ok(())
}

/// A pause now and then, so that no receive buffer overflows.
fn breathe(run: &Run, i: usize) {
    if i.is_multiple_of(24) {
        run.pause(0.006);
    }
}

fn random_packet(dice: &mut Dice) -> Vec<u8> {
    let source = Ipv4Addr::new(10, 9, 0, [2, 3, 4, 200][dice.below(4)]);
    match dice.below(4) {
        // Noise under the right protocol number.
        0 => {
            let noise: Vec<u8> = (0..dice.below(200)).map(|_| dice.octet()).collect();
            ipv4(source, GROUP4, 255, 112, &noise)
        }
        // Noise behind a plausible first half.
        1 => {
            let mut noise = vec![[0x21, 0x31][dice.below(2)], 51, dice.octet(), dice.octet()];
            noise.extend((0..dice.below(60)).map(|_| dice.octet()));
            ipv4(source, GROUP4, 255, 112, &noise)
        }
        // A good advert with some octets changed, the checksum made right again half of the time.
        2 => {
            let mut packet = Forged::new([2, 3][dice.below(2)], dice.octet()).packet();
            for _ in 0..=dice.below(4) {
                let at = 20 + dice.below(packet.len() - 20);
                packet[at] = dice.octet();
            }
            if dice.below(2) == 0 {
                mend_checksum(&mut packet);
            }
            packet
        }
        // A good advert cut short or with octets behind it, the IP header telling the new length.
        _ => {
            let packet = Forged::new([2, 3][dice.below(2)], dice.octet()).packet();
            let mut payload = packet[20..].to_vec();
            payload.resize(dice.below(120), dice.octet());
            ipv4(source, GROUP4, 255, 112, &payload)
        }
    }
}

fn mend_checksum(packet: &mut [u8]) {
    packet[26..28].copy_from_slice(&[0, 0]);
    let sum = ones_sum(&[&packet[20..]]);
    packet[26..28].copy_from_slice(&sum.to_be_bytes());
}

/// Spoils the time to live of a packet that a router of version 3 would have to obey.
fn never_valid(packet: Vec<u8>) -> Vec<u8> {
    let frame = [&[1, 0, 0x5e, 0, 0, 0x12, 2, 0, 0, 0, 0, 3, 8, 0], &packet[..]].concat();
    match decode(&frame) {
        Body::Advert(a) if a.version == 3 && a.kind == 1 && a.vrid == 51 && a.checksum_good => {
            ipv4(Ipv4Addr::new(10, 9, 0, 3), GROUP4, 1, 112, &packet[20..])
        }
        _ => packet,
    }
}
