//! Two routers, of one program or of two: election, a stop in order, the return, and sudden silence.

use super::Scenario;
use crate::check;
use crate::lab::Node::{self, A, B};
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, near, same, within};
use crate::run::{Run, advert};
use crate::scenarios::text::instance;

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A54-v2-ip4-mcast",
        "pairs",
        18,
        "v2, IPv4, multicast",
        pair::<2, 4, false>,
    )
    .pairs(),
    Scenario::each(
        "A54-v2-ip4-unicast",
        "pairs",
        18,
        "v2, IPv4, unicast",
        pair::<2, 4, true>,
    )
    .pairs(),
    Scenario::each(
        "A54-v2-ip6-mcast",
        "pairs",
        18,
        "v2, IPv6, multicast",
        pair::<2, 6, false>,
    )
    .reference_deviates("2.2.7 speaks version 3 over IPv6 whatever is configured"),
    Scenario::each(
        "A54-v2-ip6-unicast",
        "pairs",
        18,
        "v2, IPv6, unicast",
        pair::<2, 6, true>,
    )
    .reference_deviates("2.2.7 speaks version 3 over IPv6 whatever is configured"),
    Scenario::each(
        "A54-v3-ip4-mcast",
        "pairs",
        9,
        "v3, IPv4, multicast",
        pair::<3, 4, false>,
    )
    .pairs(),
    Scenario::each(
        "A54-v3-ip4-unicast",
        "pairs",
        9,
        "v3, IPv4, unicast",
        pair::<3, 4, true>,
    )
    .pairs(),
    Scenario::each(
        "A54-v3-ip6-mcast",
        "pairs",
        9,
        "v3, IPv6, multicast",
        pair::<3, 6, false>,
    )
    .pairs(),
    Scenario::each(
        "A54-v3-ip6-unicast",
        "pairs",
        9,
        "v3, IPv6, unicast",
        pair::<3, 6, true>,
    )
    .pairs(),
];

fn config<const VERSION: u8, const FAMILY: u8, const UNICAST: bool>(node: Node, priority: u8) -> String {
    let interval = if VERSION == 2 { "1" } else { "0.3" };
    let (prefix, addresses) = if FAMILY == 4 {
        ("10.9.0.", "10.9.0.100/24")
    } else {
        ("fd09::", "fe80::100/64\nfd09::100/64")
    };
    let (own, other) = (node.number(), 3 - node.number());
    let mut lines = format!("version {VERSION}\npriority {priority}\nadvert_int {interval}\n");
    if FAMILY == 6 {
        lines += "native_ipv6\n";
    }
    if UNICAST {
        lines += &format!("unicast_src_ip {prefix}{own}\nunicast_peer {{\n{prefix}{other}\n}}\n");
    }
    instance(&lines, addresses)
}

fn pair<const VERSION: u8, const FAMILY: u8, const UNICAST: bool>(run: &mut Run) -> Verdict {
    let interval = if VERSION == 2 { 1.0 } else { 0.3 };
    let unit = if VERSION == 2 { 1.0 } else { interval };
    let skew = unit * 156.0 / 256.0;
    let vip = if FAMILY == 4 { "10.9.0.100" } else { "fd09::100" };
    let (high, low) = (
        config::<VERSION, FAMILY, UNICAST>(A, 200),
        config::<VERSION, FAMILY, UNICAST>(B, 100),
    );

    // Election: the higher priority becomes MASTER and the other keeps silent.
    let begin = Stamp::now();
    run.start(A, &high)?;
    run.start(B, &low)?;
    let first = run.wait_advert(A, begin, 3.0 * interval + 3.0)?;
    check!(advert(&first)?.checksum_good, "wrong checksum");
    let version = if run.reference() && FAMILY == 6 { 3 } else { VERSION };
    same("version", advert(&first)?.version, version)?;
    run.pause(2.2 * interval);
    check!(run.adverts(B, begin).is_empty(), "both sent adverts");
    run.wait_address(A, vip, true, 0.5)?;
    run.wait_address(B, vip, false, 0.0)?;

    // A stop in order: priority 0, take-over after the skew.
    let moment = Stamp::now();
    run.stop(A)?;
    let zero = run.wait_priority(A, 0, moment, 1.0)?;
    let taken = run.wait_advert(B, moment, 3.0)?;
    near("take-over after priority 0", taken.at.since(zero.at), skew)?;
    run.wait_address(B, vip, true, 0.5)?;

    // The higher priority comes back.
    let again = Stamp::now();
    run.start(A, &high)?;
    let back = run.wait_advert(A, again, 3.0 * interval + 3.0)?;
    run.wait_address(B, vip, false, 1.0)?;
    run.wait_address(A, vip, true, 0.5)?;
    let after: Vec<_> = run.adverts(B, back.at);
    check!(
        after.len() <= 1,
        "the BACKUP sent {} adverts after the MASTER's return",
        after.len()
    );
    run.pause(2.2 * interval);
    check!(run.adverts(B, back.at).len() <= 1, "the BACKUP goes on sending");

    // Sudden silence.
    let before = run.adverts(A, back.at);
    run.wait(before[before.len() - 1].at, 2.0 * interval, "another advert", |f| {
        f.from == A && f.at > before[before.len() - 1].at && advert(f).is_ok()
    })?;
    run.kill(A)?;
    let dead = Stamp::now();
    let silent = run.adverts(A, back.at);
    let taken = run.wait_advert(B, dead, 4.0 * interval + 2.0)?;
    let last = silent[silent.len() - 1].at;
    within(
        "take-over after the last advert",
        taken.at.since(last),
        3.0 * interval + skew - 0.025,
        3.0 * interval + skew + 0.025,
    )?;
    run.wait_address(B, vip, true, 0.5)
}
