//! What happened when, measured where nobody can be late: at the switch, with the kernel's own time stamps.

use std::net::IpAddr;
use std::time::Duration;

use keepalived_compliance::lab::Node;
use keepalived_compliance::lab::capture::{Frame, Stamp, expected};
use keepalived_compliance::lab::packet::{Advert, Body};
use keepalived_compliance::outcome::Verdict;

use super::cluster::{Cluster, Failure};
use super::example::Example;

/// Waits for the election after the start and shows it.
pub(super) fn election(cluster: &Cluster, example: &Example) -> Verdict {
    let begin = Stamp::now();
    let long_ago = begin.minus(5.0);
    let advert = cluster.capture.wait(long_ago, 15.0, |frame| advert(frame).is_some());
    let advert = expected(advert, "an advert", 15.0)?;
    let reply = expected(
        cluster.capture.wait(advert.at, 5.0, is_reply),
        "an answer from the shared address",
        5.0,
    )?;
    println!("\nElection: {} is MASTER", name(example, advert.from));
    let mut rows = vec![(advert.at, "its first advert".to_owned())];
    rows.push((reply.at, format!("{} answers", example.address)));
    print(begin, "after the start", rows);
    // The first adverts after an election overlap with delayed announcements; let them pass.
    std::thread::sleep(Duration::from_millis(1500));
    Ok(())
}

/// Makes the first router fail and shows what follows.
pub(super) fn failure(cluster: &mut Cluster, example: &Example, failure: Failure) -> Verdict {
    let (first, second) = (&example.first.name, &example.second.name);
    println!("\n{first} {}", failure.words());
    let moment = Stamp::now();
    cluster.fail(failure)?;
    let address = IpAddr::V4(example.address);
    let set = watch_address(cluster, Node::B, address, 10.0)?;
    let answered = |frame: &Frame| frame.from == Node::B && is_reply(frame);
    let back = expected(
        cluster.capture.wait(moment, 10.0, answered),
        "an answer from the other router",
        10.0,
    )?;
    let all = cluster.capture.frames(moment.minus(3.0));
    let before = |frame: &&Frame| frame.from == Node::A && frame.at < back.at;
    let last_reply = all
        .iter()
        .filter(before)
        .rfind(|frame| is_reply(frame))
        .map(|frame| frame.at);
    let last_advert = all
        .iter()
        .filter(before)
        .rfind(|frame| advert(frame).is_some_and(|a| a.priority > 0));
    let mut rows = Vec::new();
    rows.extend(last_advert.map(|frame| (frame.at, format!("last advert of {first}"))));
    rows.extend(last_reply.map(|at| (at, format!("last answer from {first}"))));
    let mut first_of = |what: String, matches: &dyn Fn(&Frame) -> bool| {
        rows.extend(
            all.iter()
                .find(|frame| frame.at >= moment && matches(frame))
                .map(|frame| (frame.at, what)),
        );
    };
    first_of(format!("{first} says goodbye (priority 0)"), &|f| {
        f.from == Node::A && advert(f).is_some_and(|a| a.priority == 0)
    });
    first_of(format!("first advert of {second}"), &|f| {
        f.from == Node::B && advert(f).is_some()
    });
    first_of(format!("gratuitous ARP of {second}"), &|f| {
        f.from == Node::B && announces(f, address)
    });
    rows.push((set, format!("{address} is on {second}")));
    rows.push((back.at, format!("first answer from {second}")));
    print(moment, "after the failure", rows);
    if let Some(last) = last_reply {
        println!("  => {:.0} ms without an answer", back.at.since(last) * 1000.0);
    }
    Ok(())
}

/// Brings the first router back and waits until it is MASTER again.
pub(super) fn recovery(cluster: &mut Cluster, example: &Example, failure: Failure) -> Verdict {
    let moment = Stamp::now();
    cluster.repair(failure)?;
    let answered = |frame: &Frame| frame.from == Node::A && is_reply(frame);
    let back = expected(
        cluster.capture.wait(moment, 15.0, answered),
        "an answer from the first router",
        15.0,
    )?;
    let all = cluster.capture.frames(moment);
    let last = all
        .iter()
        .rfind(|f| f.from == Node::B && f.at < back.at && is_reply(f))
        .map(|frame| frame.at);
    let without = last.map_or(0.0, |last| back.at.since(last) * 1000.0);
    let seconds = back.at.since(moment);
    println!(
        "  {} is back: MASTER after {seconds:.1} s, {without:.0} ms between the answers of both",
        example.first.name
    );
    std::thread::sleep(Duration::from_millis(1500));
    Ok(())
}

/// Polls until a router has the address; returns when it was first seen.
fn watch_address(cluster: &Cluster, node: Node, address: IpAddr, limit: f64) -> Verdict<Stamp> {
    let begin = Stamp::now();
    while Stamp::now().since(begin) < limit {
        if cluster.namespace(node).has_address(address)? {
            return Ok(Stamp::now());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(keepalived_compliance::outcome::Stop::Fail(format!(
        "{address} did not come within {limit} s"
    )))
}

fn print(origin: Stamp, what: &str, mut rows: Vec<(Stamp, String)>) {
    rows.sort_by_key(|(at, _)| *at);
    println!("  {:>10}  {what}", "ms");
    for (at, what) in rows {
        println!("  {:>+10.1}  {what}", at.since(origin) * 1000.0);
    }
}

fn name(example: &Example, node: Node) -> &str {
    if node == Node::B {
        &example.second.name
    } else {
        &example.first.name
    }
}

fn advert(frame: &Frame) -> Option<&Advert> {
    match &frame.body {
        Body::Advert(advert) => Some(advert),
        _ => None,
    }
}

fn is_reply(frame: &Frame) -> bool {
    matches!(frame.body, Body::EchoReply(_)) && frame.from != Node::I
}

fn announces(frame: &Frame, address: IpAddr) -> bool {
    matches!(&frame.body, Body::Arp(arp) if arp.is_gratuitous() && IpAddr::V4(arp.sender) == address)
}
