//! Announcements of addresses: how many, when, and in which order.

use super::Scenario;
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::{Frame, Stamp};
use crate::lab::packet::Body;
use crate::outcome::{Verdict, near, same, within};
use crate::run::{Run, is_garp};
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A47a",
        "garp",
        9,
        "defaults: five at once, five after 5 s; the frame octet by octet",
        a47a,
    ),
    Scenario::each("A47b", "garp", 9, "delay 1, repeat 2, refresh 2", a47b)
        .reference_deviates("2.2.7 counts the refresh from the beginning"),
    Scenario::each("A47c", "garp", 9, "IPv6: unsolicited neighbour advertisements", a47c),
    Scenario::each("A48", "garp", 5, "garp_group: 0.2 s apart, addresses in turn", a48)
        .reference_deviates("2.2.7 sends each address once, the first twice"),
];

/// Starts A, and returns its first advert's time and its gratuitous ARPs during the next `seconds`.
fn announcements(run: &mut Run, config: &str, seconds: f64) -> Verdict<(Stamp, Vec<Frame>)> {
    let begin = Stamp::now();
    run.start(A, config)?;
    let first = run.wait_advert(A, begin, 4.0)?;
    run.pause(seconds);
    let all = run.lab.capture.frames(first.at);
    Ok((
        first.at,
        all.into_iter()
            .filter(|frame| matches!(&frame.body, Body::Arp(arp) if frame.from == A && arp.is_gratuitous()))
            .collect(),
    ))
}

/// Checks that frames came at these offsets, in seconds, after a moment.
fn at_offsets(frames: &[Frame], origin: Stamp, offsets: &[f64]) -> Verdict {
    same("number of announcements", frames.len(), offsets.len())?;
    for (frame, offset) in frames.iter().zip(offsets) {
        near("announcement", frame.at.since(origin), *offset)?;
    }
    Ok(())
}

const QUICK: &str = "version 3\npriority 254\nadvert_int 0.2";

fn a47a(run: &mut Run) -> Verdict {
    let (first, frames) = announcements(run, &instance(QUICK, VIP), 6.0)?;
    at_offsets(&frames, first, &[0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 5.0, 5.0])?;
    for frame in &frames {
        check!(is_garp(frame, A, "10.9.0.100"), "for another address: {:?}", frame.body);
        same("destination MAC", frame.destination_mac, [0xff; 6])?;
        same("source MAC", frame.source_mac, [2, 0, 0, 0, 0, 1])?;
        let Body::Arp(arp) = &frame.body else { continue };
        same("operation", arp.operation, 1)?;
        same("sender's hardware address", arp.sender_mac, [2, 0, 0, 0, 0, 1])?;
        same("target's hardware address", arp.target_mac, [0xff; 6])?;
        same("length", frame.length, 42)?;
    }
    Ok(())
}

fn a47b(run: &mut Run) -> Verdict {
    let lines = format!("{QUICK}\ngarp_master_delay 1\ngarp_master_repeat 2\ngarp_master_refresh 2");
    let (first, frames) = announcements(run, &instance(&lines, VIP), 5.5)?;
    let refresh = if run.reference() { [2.0, 4.0] } else { [3.0, 5.0] };
    at_offsets(&frames, first, &[0.0, 0.0, 1.0, 1.0, refresh[0], refresh[1]])
}

fn a47c(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    let lines = format!("{QUICK}\ngarp_master_delay 1\ngarp_master_repeat 3");
    run.start(A, &instance(&lines, "fe80::100/64\nfd09::100/64"))?;
    let first = run.wait_advert(A, begin, 4.0)?;
    run.pause(2.0);
    let of_a = |frame: &Frame| match &frame.body {
        Body::Neighbour(na) if frame.from == A && na.flags & 0x40 == 0 => Some(na.clone()),
        _ => None,
    };
    let frames: Vec<Frame> = run
        .lab
        .capture
        .frames(first.at)
        .into_iter()
        .filter(|frame| of_a(frame).is_some())
        .collect();
    let mine = |target: &str| {
        frames
            .iter()
            .filter(|f| of_a(f).is_some_and(|na| na.target.to_string() == target))
            .cloned()
            .collect::<Vec<_>>()
    };
    for target in ["fe80::100", "fd09::100"] {
        let these = mine(target);
        at_offsets(&these, first.at, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0])?;
        for frame in &these {
            let Some(na) = of_a(frame) else { continue };
            same("source", na.source.to_string(), target.to_owned())?;
            same("destination", na.destination.to_string(), "ff02::1".to_owned())?;
            same("hop limit", na.hop_limit, 255)?;
            same("flags without the router's", na.flags & 0x7f, 0x20)?;
            same("destination MAC", frame.destination_mac, [0x33, 0x33, 0, 0, 0, 1])?;
            same("length", frame.length, 86)?;
        }
    }
    Ok(())
}

fn a48(run: &mut Run) -> Verdict {
    let group = "garp_group {\ngarp_interval 0.2\ninterface e0\n}\n";
    let lines = format!("{QUICK}\ngarp_master_delay 0\ngarp_master_repeat 3");
    let config = format!("{group}{}", instance(&lines, "10.9.0.100/24\n10.9.0.101/24"));
    let (first, frames) = announcements(run, &config, 2.5)?;
    let order: Vec<bool> = frames.iter().map(|frame| is_garp(frame, A, "10.9.0.100")).collect();
    let expected: &[bool] = if run.reference() {
        &[true, true, false]
    } else {
        &[true, false, true, false, true, false]
    };
    same("whether each is for the first address", order.as_slice(), expected)?;
    within("first", frames[0].at.since(first), 0.0, 0.025)?;
    for pair in frames.windows(2) {
        near("distance", pair[1].at.since(pair[0].at), 0.2)?;
    }
    Ok(())
}
