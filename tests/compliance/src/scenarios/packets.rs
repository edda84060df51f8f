//! Which received packets count, which are refused, and that refused ones disturb nothing.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::Scenario;
use crate::check;
use crate::lab::Node::{A, I};
use crate::lab::capture::Stamp;
use crate::lab::inject::Forged;
use crate::outcome::{Verdict, near, same};
use crate::run::{Run, advert};
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A18",
        "packets",
        9,
        "v2 PASS: one spoilt packet each, and its counter",
        a18,
    )
    .reference_deviates("Q-5: a wrong interval is not counted; 2.2.7 refuses adverts with fewer addresses"),
    Scenario::each(
        "A19",
        "packets",
        12,
        "packets with a wrong checksum do not silence a MASTER",
        a19,
    )
    .reference_deviates("Q-4: it stops sending"),
    Scenario::each("A19b", "packets", 9, "the same with lower_prio_no_advert", a19b),
    Scenario::each(
        "A26",
        "packets",
        7,
        "v3 unicast: an old checksum is understood, and used from then on",
        a26,
    )
    .reference_deviates("2.2.7 goes on sending correct checksums"),
    Scenario::each(
        "A26-group",
        "packets",
        7,
        "old_unicast_checksum with another vrrp_mcast_group4",
        a26_group,
    ),
    Scenario::each(
        "A27",
        "packets",
        9,
        "unicast peer with min_ttl and max_ttl; unicast_ttl",
        a27,
    ),
    Scenario::each(
        "R47",
        "packets",
        9,
        "peer with another password: both MASTER, logged once, counted each time",
        r47,
    )
    .reference_deviates("2.2.7 logs every one"),
];

const PASS: &str = "authentication {\nauth_type PASS\nauth_pass secret\n}";

fn a18(run: &mut Run) -> Verdict {
    let lines = format!("version 2\nstate MASTER\npriority 200\nadvert_int 1\nlower_prio_no_advert\n{PASS}");
    let begin = Stamp::now();
    run.start(A, &instance(&lines, "10.9.0.100/24\n10.9.0.101/24"))?;
    run.wait_advert(A, begin, 6.0)?;
    let second = Ipv4Addr::new(10, 9, 0, 101).into();
    let mut good = Forged::new(2, 100);
    good.addresses.push(second);
    good.auth_type = 1;
    good.auth_data = Some(*b"secret\0\0");
    let spoil = |change: fn(&mut Forged)| {
        let mut packet = good.clone();
        change(&mut packet);
        packet
    };
    let interval: &[&str] = if run.reference() {
        &[]
    } else {
        &["Packet Errors/Advertisement Interval"]
    };
    let fewer_addresses: &[&str] = if run.reference() {
        &["Packet Errors/Address List"]
    } else {
        &["Advertisements/Received", "Packet Errors/Address List"]
    };
    let rows: [(&str, Forged, &[&str]); 15] = [
        ("a good one", good.clone(), &["Advertisements/Received"]),
        ("TTL 254", spoil(|p| p.ttl = 254), &["Packet Errors/TTL"]),
        ("version 3", spoil(|p| (p.version, p.auth_data) = (3, None)), &[]),
        ("type 2", spoil(|p| p.kind = 2), &["Packet Errors/Invalid Type"]),
        (
            "wrong password",
            spoil(|p| p.auth_data = Some(*b"geheim\0\0")),
            &["Authentication Errors/Failure"],
        ),
        (
            "auth none",
            spoil(|p| p.auth_type = 0),
            &["Authentication Errors/Type Mismatch"],
        ),
        (
            "auth type 7",
            spoil(|p| p.auth_type = 7),
            &["Authentication Errors/Invalid Type"],
        ),
        ("interval 3", spoil(|p| p.interval_cs = 300), interval),
        ("one octet short", spoil(|p| p.stretch = -1), &["Packet Errors/Length"]),
        ("one octet long", spoil(|p| p.stretch = 1), &["Packet Errors/Length"]),
        ("count lies", spoil(|p| p.count = Some(3)), &["Packet Errors/Length"]),
        ("one VIP missing", spoil(|p| p.addresses.truncate(1)), fewer_addresses),
        (
            "another VIP",
            spoil(|p| p.addresses[1] = Ipv4Addr::new(10, 9, 0, 77).into()),
            &["Advertisements/Received", "Packet Errors/Address List"],
        ),
        (
            "VIPs in another order",
            spoil(|p| p.addresses.reverse()),
            &["Advertisements/Received"],
        ),
        (
            "to the host instead of the group",
            spoil(|p| p.destination = Ipv4Addr::new(10, 9, 0, 1).into()),
            &[],
        ),
    ];
    let mut before = received(run)?;
    for (what, packet, counters) in rows {
        run.inject(&packet)?;
        run.pause(0.03);
        let after = received(run)?;
        let wanted = counters.iter().map(|name| (*name).to_owned()).collect();
        same(what, grown(&before, &after), wanted)?;
        before = after;
    }
    Ok(())
}

/// Counters that have grown, with by how much where it is not 1.
pub(super) fn grown(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Vec<String> {
    let changed = after.iter().filter(|(name, value)| before.get(*name) != Some(*value));
    let named = changed.map(|(name, value)| {
        let by = value.saturating_sub(before.get(name).copied().unwrap_or(0));
        if by == 1 {
            name.clone()
        } else {
            format!("{name} by {by}")
        }
    });
    named.collect()
}

/// All counters that only packets of others change.
pub(super) fn received(run: &mut Run) -> Verdict<BTreeMap<String, u64>> {
    let mut all = run.daemon(A)?.statistics("V1")?;
    all.remove("Advertisements/Sent");
    Ok(all)
}

fn bad_checksums(run: &mut Run, lines: &str) -> Verdict<f64> {
    let begin = Stamp::now();
    run.start(
        A,
        &instance(&format!("version 3\npriority 200\nadvert_int 1\n{lines}"), VIP),
    )?;
    run.wait_advert(A, begin, 5.0)?;
    run.pause(0.5);
    let moment = Stamp::now();
    let mut packet = Forged::new(3, 100);
    packet.checksum_error = 1;
    run.inject_each(0.5, 12, &packet)?;
    let seen = run.adverts(A, moment.minus(1.2));
    let mut longest = Stamp::now().since(seen.last().map_or(moment, |frame| frame.at));
    for pair in seen.windows(2) {
        longest = longest.max(pair[1].at.since(pair[0].at));
    }
    Ok(longest)
}

fn a19(run: &mut Run) -> Verdict {
    let longest = bad_checksums(run, "")?;
    if run.reference() {
        check!(
            longest > 5.0,
            "the original was expected to fall silent; the longest gap was {longest:.3} s"
        );
        return Ok(());
    }
    check!(longest < 1.1, "the longest gap between adverts was {longest:.3} s");
    Ok(())
}

fn a19b(run: &mut Run) -> Verdict {
    let longest = bad_checksums(run, "lower_prio_no_advert")?;
    check!(longest < 1.1, "the longest gap between adverts was {longest:.3} s");
    Ok(())
}

fn a26(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let lines = "version 3\npriority 150\nadvert_int 0.3\nunicast_src_ip 10.9.0.1\nunicast_peer {\n10.9.0.3\n}";
    run.start(A, &instance(lines, VIP))?;
    let first = run.wait_advert(A, begin, 4.0)?;
    check!(
        advert(&first)?.checksum_good,
        "the first unicast advert has a wrong checksum"
    );
    same(
        "destination",
        advert(&first)?.destination,
        Ipv4Addr::new(10, 9, 0, 3).into(),
    )?;
    let mut old = Forged::new(3, 100).interval(30).to([10, 9, 0, 1]);
    old.checksum_destination = Some(Ipv4Addr::new(224, 0, 0, 18));
    run.inject(&old)?;
    run.pause(0.1);
    same("adverts received", run.counter(A, "Advertisements/Received")?, 1)?;
    let moment = Stamp::now();
    let next = run.wait_advert(A, moment, 2.0)?;
    let next = advert(&next)?;
    if run.reference() {
        check!(next.checksum_good, "its own adverts changed");
        return Ok(());
    }
    check!(
        next.checksum_for_group && !next.checksum_good,
        "its own adverts do not have the old checksum"
    );
    run.inject(&Forged::new(3, 100).interval(30).to([10, 9, 0, 1]))?;
    run.pause(0.1);
    same(
        "adverts received after one with a correct checksum",
        run.counter(A, "Advertisements/Received")?,
        1,
    )
}

fn a26_group(run: &mut Run) -> Verdict {
    let lines = "version 3\npriority 150\nadvert_int 0.3\nold_unicast_checksum\n\
                 unicast_src_ip 10.9.0.1\nunicast_peer {\n10.9.0.3\n}";
    let config = format!(
        "global_defs {{\nvrrp_mcast_group4 224.0.0.99\n}}\n{}",
        instance(lines, VIP)
    );
    let begin = Stamp::now();
    run.start(A, &config)?;
    let own = run.wait_advert(A, begin, 4.0)?;
    let group = Ipv4Addr::new(224, 0, 0, 99);
    let mut same_message = Forged::new(3, 150).interval(30).from([10, 9, 0, 1]).to([10, 9, 0, 3]);
    same_message.checksum_destination = Some(group);
    let bytes = &advert(&own)?.bytes;
    same("own message", bytes.get(20..), Some(&same_message.message()[..]))?;
    for (what, to, received) in [
        ("the group", Some(group), 1),
        ("another group", Some(Ipv4Addr::new(224, 0, 0, 18)), 1),
        ("the peer", None, 1),
    ] {
        let mut packet = Forged::new(3, 100).interval(30).to([10, 9, 0, 1]);
        packet.checksum_destination = to;
        run.inject(&packet)?;
        run.pause(0.05);
        same(
            &format!("received after a checksum for {what}"),
            run.counter(A, "Advertisements/Received")?,
            received,
        )?;
    }
    Ok(())
}

fn a27(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let lines = "version 2\npriority 100\nadvert_int 1\nunicast_src_ip 10.9.0.1\nunicast_ttl 70\n\
                 unicast_peer {\n10.9.0.3 min_ttl 60 max_ttl 64\n}";
    run.start(A, &instance(lines, VIP))?;
    let first = run.wait_advert(A, begin, 6.0)?;
    same("own TTL", advert(&first)?.ttl, 70)?;
    let with_ttl = |ttl| {
        let mut packet = Forged::new(2, 200).to([10, 9, 0, 1]);
        packet.ttl = ttl;
        packet
    };
    run.inject(&with_ttl(59))?;
    run.inject(&with_ttl(65))?;
    run.inject(&with_ttl(62).from([10, 9, 0, 9]))?;
    let moment = Stamp::now();
    run.pause(2.2);
    check!(!run.adverts(A, moment).is_empty(), "a refused packet ended the MASTER");
    same("TTL errors", run.counter(A, "Packet Errors/TTL")?, 2)?;
    let moment = Stamp::now();
    run.inject(&with_ttl(62))?;
    let accepted = run.wait_advert(I, moment, 0.5)?.at;
    run.wait_address(A, "10.9.0.100", false, 0.5)?;
    let again = run.wait_advert(A, accepted.plus(0.1), 5.0)?;
    near(
        "MASTER again after the only advert",
        again.at.since(accepted),
        3.0 + 156.0 / 256.0,
    )
}

fn r47(run: &mut Run) -> Verdict {
    let config = |word: &str| {
        let lines =
            format!("version 2\npriority 100\nadvert_int 1\nauthentication {{\nauth_type PASS\nauth_pass {word}\n}}");
        instance(&lines, VIP)
    };
    let begin = Stamp::now();
    run.start(A, &config("secret"))?;
    run.wait_advert(A, begin, 6.0)?;
    let mut packet = Forged::new(2, 200);
    packet.auth_type = 1;
    packet.auth_data = Some(*b"geheim\0\0");
    run.inject_each(0.4, 4, &packet)?;
    run.pause(0.1);
    same(
        "authentication failures",
        run.counter(A, "Authentication Errors/Failure")?,
        4,
    )?;
    run.wait_address(A, "10.9.0.100", true, 0.1)?;
    let log = run.daemon(A)?.log();
    let lines = log.matches("received an invalid passwd").count();
    same("lines of the log about it", lines, if run.reference() { 4 } else { 1 })
}
