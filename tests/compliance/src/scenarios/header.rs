//! Authentication header: one sequence over both routers, and what is refused.

use super::Scenario;
use crate::check;
use crate::lab::Node::{self, A, B};
use crate::lab::capture::{Frame, Stamp};
use crate::lab::inject::Forged;
use crate::lab::sign::{Header, verified_sequence};
use crate::outcome::{Verdict, same};
use crate::run::{Run, advert};
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A20",
        "auth",
        14,
        "AH: the sequence goes on over a failover and back",
        a20::<false>,
    )
    .pairs(),
    Scenario::each(
        "A20-unicast",
        "auth",
        14,
        "the same unicast, where the TTL is not covered",
        a20::<true>,
    )
    .pairs(),
    Scenario::each(
        "A20-reload",
        "auth",
        9,
        "AH: the sequence goes on over a reload",
        a20_reload,
    ),
    Scenario::each(
        "auth-reload",
        "auth",
        11,
        "reloads from none to PASS to AH and back: sockets follow, the BACKUP goes on hearing",
        changes,
    ),
    Scenario::each(
        "auth-long",
        "auth",
        6,
        "a reload brings a password of more than 8 characters: it is cut, and the rest of the file acts",
        long_password,
    ),
    Scenario::each("A21", "auth", 8, "AH: replays, wrong digests, wrong headers", a21),
    Scenario::each(
        "A21-wrap",
        "auth",
        14,
        "AH: the sequence stops short of its end, and begins anew with the next MASTER",
        a21_wrap,
    )
    .reference_deviates("2.2.7 never begins anew"),
];

const PASSWORD: [u8; 8] = *b"mypw\0\0\0\0";

fn config(priority: u8, more: &str) -> String {
    let lines = format!(
        "version 2\npriority {priority}\nadvert_int 1\nauthentication {{\nauth_type AH\nauth_pass mypw\n}}\n{more}"
    );
    instance(&lines, VIP)
}

fn sequence(frame: &Frame) -> Verdict<u32> {
    verified_sequence(advert(frame)?, PASSWORD)
}

fn a20<const UNICAST: bool>(run: &mut Run) -> Verdict {
    let config = |priority| {
        let (own, other) = if priority == 150 { (1, 2) } else { (2, 1) };
        let unicast = format!("unicast_src_ip 10.9.0.{own}\nunicast_peer {{\n10.9.0.{other}\n}}");
        config(priority, if UNICAST { &unicast } else { "" })
    };
    let begin = Stamp::now();
    run.start(A, &config(150))?;
    run.start(B, &config(100))?;
    run.wait_advert(A, begin, 6.0)?;
    run.pause(2.2);
    check!(run.adverts(B, begin).is_empty(), "B does not accept what A signs");
    run.stop(A)?;
    run.wait_advert(B, begin, 3.0)?;
    run.pause(1.2);
    let again = Stamp::now();
    run.start(A, &config(150))?;
    run.wait_advert(A, again, 6.0)?;
    run.wait_address(B, "10.9.0.100", false, 1.0)?;
    run.pause(1.2);
    let all: Vec<Frame> = run
        .lab
        .capture
        .frames(begin)
        .into_iter()
        .filter(|frame| advert(frame).is_ok())
        .collect();
    let numbers = all.iter().map(sequence).collect::<Verdict<Vec<u32>>>()?;
    same("the first number", numbers.first().copied(), Some(1))?;
    check!(
        numbers.windows(2).all(|pair| pair[0] < pair[1]),
        "the numbers are {numbers:?}"
    );
    let good = all
        .iter()
        .all(|frame| advert(frame).is_ok_and(|a| a.checksum_good && a.auth_type == 2));
    check!(good, "wrong checksum or authentication type");
    Ok(())
}

fn a20_reload(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &config(150, ""))?;
    run.wait_advert(A, begin, 6.0)?;
    run.pause(1.2);
    let moment = run.reload(A, &config(151, ""))?;
    run.wait_priority(A, 151, moment, 3.0)?;
    run.pause(1.2);
    let numbers = run
        .adverts(A, begin)
        .iter()
        .map(sequence)
        .collect::<Verdict<Vec<u32>>>()?;
    let counted: Vec<u32> = (1..).take(numbers.len()).collect();
    same("numbers", numbers, counted)
}

/// A lower-priority advert from the injector.
fn lower() -> Forged {
    let mut forged = Forged::new(2, 100);
    forged.auth_type = 2;
    forged
}

fn a21(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &config(200, "lower_prio_no_advert"))?;
    run.wait_advert(A, begin, 6.0)?;
    let good = |sequence| Header::new(PASSWORD, sequence);
    let (received, failure) = (
        ["Advertisements/Received"].as_slice(),
        ["Authentication Errors/Failure"].as_slice(),
    );
    let spoilt = |change: fn(&mut Header)| {
        let mut header = Header::new(PASSWORD, 200);
        change(&mut header);
        header
    };
    let rows: [(&str, Header, &[&str], Option<u32>); 9] = [
        ("sequence 100", good(100), received, Some(102)),
        ("100 again", good(100), failure, None),
        ("sequence 150", good(150), received, Some(152)),
        ("sequence 140", good(140), failure, None),
        ("wrong digest", spoilt(|h| h.error = 1), failure, None),
        ("digest of TTL 0", spoilt(|h| h.digest_ttl = 0), failure, None),
        ("wrong SPI", spoilt(|h| h.spi = Some(0x0a09_0004)), failure, None),
        ("next header 17", spoilt(|h| h.next_header = 17), &[], None),
        ("protocol 112", spoilt(|h| h.protocol = 112), &[], None),
    ];
    let mut before = super::packets::received(run)?;
    for (what, header, counters, next) in rows {
        let moment = Stamp::now();
        run.lab.injector.send(&header.packet(&lower()))?;
        if let Some(next) = next {
            let own = run.wait_advert(A, moment, 1.5)?;
            same(&format!("own number after {what}"), sequence(&own)?, next)?;
        } else {
            run.pause(0.03);
        }
        let after = super::packets::received(run)?;
        same(
            what,
            super::packets::grown(&before, &after),
            counters.iter().map(|name| (*name).to_owned()).collect(),
        )?;
        before = after;
    }
    Ok(())
}

fn a21_wrap(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &config(200, "lower_prio_no_advert"))?;
    run.wait_advert(A, begin, 6.0)?;
    let moment = Stamp::now();
    run.lab
        .injector
        .send(&Header::new(PASSWORD, 0xffff_fffb).packet(&lower()))?;
    run.pause(3.3);
    let numbers = |run: &Run, since| {
        let own = run.adverts(A, since);
        own.iter().map(sequence).collect::<Verdict<Vec<u32>>>()
    };
    let seen = numbers(run, moment)?;
    same(
        "numbers at the end",
        seen.get(..3),
        Some(&[0xffff_fffd, 0xffff_fffe, 0xffff_fffe][..]),
    )?;
    // A better router is heard once; then A begins anew.
    let mut better = lower();
    better.priority = 250;
    let moment = Stamp::now();
    run.lab
        .injector
        .send(&Header::new(PASSWORD, 0xffff_ffff).packet(&better))?;
    run.wait_address(A, "10.9.0.100", false, 1.0)?;
    run.wait_advert(A, moment.plus(0.5), 5.0)?;
    run.pause(1.2);
    let seen = numbers(run, moment.plus(0.5))?;
    let wanted = if run.reference() { [u32::MAX; 2] } else { [1, 2] };
    same("numbers after the take-over", seen.get(..2), Some(&wanted[..]))
}

/// Both routers are taken from one kind of authentication to the next.
fn long_password(run: &mut Run) -> Verdict {
    let config = |priority: u8, password: &str| {
        let authentication = format!("authentication {{\nauth_type PASS\nauth_pass {password}\n}}");
        instance(&format!("version 2\npriority {priority}\n{authentication}"), VIP)
    };
    let begin = Stamp::now();
    run.start(A, &config(200, "short"))?;
    run.wait_advert(A, begin, 6.0)?;
    let moment = run.reload(A, &config(201, "0123456789"))?;
    let frame = run.wait_priority(A, 201, moment, 1.5)?;
    let own = advert(&frame)?;
    let data = own.bytes.get(own.bytes.len() - 8..).unwrap_or_default().to_vec();
    same("authentication data", data, b"01234567".to_vec())
}

fn changes(run: &mut Run) -> Verdict {
    let config = |node: Node, kind: &str| {
        let priority = if node == A { 200 } else { 100 };
        let authentication = if kind.is_empty() {
            String::new()
        } else {
            format!("authentication {{\nauth_type {kind}\nauth_pass mypw\n}}")
        };
        instance(
            &format!("version 2\npriority {priority}\nadvert_int 1\n{authentication}"),
            VIP,
        )
    };
    let begin = Stamp::now();
    run.start(A, &config(A, ""))?;
    run.wait_advert(A, begin, 6.0)?;
    run.start(B, &config(B, ""))?;
    run.wait_state(B, "BACKUP", 0, 4.0)?;
    for (kind, protocol, number) in [("PASS", 112, 1), ("AH", 51, 2), ("", 112, 0)] {
        let moment = Stamp::now();
        for node in [B, A] {
            run.reload(node, &config(node, kind))?;
        }
        run.pause(1.0);
        let received = run.counter(B, "Advertisements/Received")?;
        run.pause(2.2);
        let own = run.wait_advert(A, moment.plus(1.5), 2.0)?;
        let own = advert(&own)?;
        same("authentication type", own.auth_type, number)?;
        same("protocol", own.bytes.get(9).copied(), Some(protocol))?;
        let more = run.counter(B, "Advertisements/Received")? - received;
        check!(more >= 2, "B has heard {more} adverts with {kind:?}");
        check!(run.adverts(B, moment).is_empty(), "B became MASTER with {kind:?}");
    }
    Ok(())
}
