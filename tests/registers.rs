//! Two registers of the VRRP description, each row with the place that holds it: the quirks of the original (section 17) and the
//! black-box scenarios (appendix A). A row without a test, or a quirk without a line on the compatibility page, fails here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One quirk: its number, words of its line on the compatibility page, and the tests that hold what we do about it, as
/// `FILE::NAME`; a scenario of the compliance suite is named by its file and name too.
struct Quirk(u8, &'static str, &'static [&'static str]);

const QUIRKS: &[Quirk] = &[
    Quirk(
        1,
        "`v3_checksum_as_v2` accepts version 3 packets with any checksum",
        &["crates/vrrp/tests/packets.rs::v3_checksum_as_v2_accepts_both_forms_and_no_other"],
    ),
    Quirk(
        2,
        "The AH integrity value covers the TTL for multicast and not for unicast",
        &[
            "crates/vrrp/src/auth.rs::ah_as_captured",
            "tests/compliance/src/scenarios/header.rs::A20-unicast",
            "tests/compliance/src/scenarios/header.rs::A21",
        ],
    ),
    Quirk(
        3,
        "A replay table of four senders for multicast HMAC",
        &["crates/vrrp/src/auth.rs::every_sender_has_a_mark_of_its_own"],
    ),
    Quirk(
        4,
        "The advert timer of a MASTER is set again by any packet for its VRID",
        &[
            "crates/vrrp/tests/packets.rs::a19_bad_checksums_do_not_silence_a_master",
            "tests/compliance/src/scenarios/packets.rs::A19",
        ],
    ),
    Quirk(
        5,
        "Version 2 adverts with another interval are dropped without being counted",
        &[
            "crates/vrrp/tests/packets.rs::a18_every_refusal_has_its_counter",
            "tests/compliance/src/scenarios/packets.rs::A18",
        ],
    ),
    Quirk(
        6,
        "A different address list is logged and counted, and the advert is processed",
        &["crates/vrrp/tests/packets.rs::a_wrong_address_list_is_counted_and_processed"],
    ),
    Quirk(
        7,
        "`state MASTER` below priority 255 does not shorten the start",
        &[
            "crates/vrrp/tests/scenarios/starts.rs::a1_a6_a7_a8_a9_a10_a11_first_adverts",
            "tests/compliance/src/scenarios/timers.rs::A6",
        ],
    ),
    Quirk(
        8,
        "A learnt version 3 interval is reset on becoming MASTER only with detailed logging",
        &["crates/vrrp/tests/scenarios/peers.rs::a17_interval_of_a_version_3_master_is_learnt"],
    ),
    Quirk(
        9,
        "Two adverts of priority 0 when the own interface fails",
        &["crates/vrrp/tests/groups.rs::a_fault_makes_every_master_resign_once"],
    ),
    Quirk(
        10,
        "One bit stands for all interfaces that are down",
        &[
            "crates/vrrp/tests/scenarios/trackers.rs::a41_every_interface_must_come_back",
            "tests/compliance/src/scenarios/tracking.rs::A41",
        ],
    ),
    Quirk(
        11,
        "`track_src_ip` acts only when the address was in use",
        &["tests/compliance/src/scenarios/interfaces/source.rs::track-src-ip"],
    ),
    Quirk(
        12,
        "`init_fail` is parsed and does nothing",
        &[
            "crates/config/tests/normalise.rs::init_fail_is_noted_as_without_effect",
            "tests/compliance/src/scenarios/scripts.rs::Q12",
        ],
    ),
    Quirk(
        13,
        "Addresses with `peer` are not removed",
        &["tests/compliance/src/scenarios/addresses.rs::A33"],
    ),
    Quirk(
        14,
        "`arp_ignore` and `arp_filter`",
        &["tests/compliance/src/scenarios/vmac.rs::Q14"],
    ),
    Quirk(
        15,
        "`rp_filter` of some interfaces is raised",
        &["tests/compliance/src/scenarios/vmac.rs::Q15"],
    ),
    Quirk(
        16,
        "`fifo_write_vrrp_states_on_reload` leaves out MASTER instances",
        &["tests/compliance/src/scenarios/fifo.rs::Q-16"],
    ),
    Quirk(
        17,
        "A line for a full FIFO is lost silently",
        &["src/notify/fifo.rs::a_full_fifo_loses_whole_lines_and_counts_them"],
    ),
    Quirk(
        18,
        "An owner that resumes after a rival sends one advert with priority 254",
        &[
            "crates/vrrp/tests/scenarios/rivalry.rs::a44_two_owners",
            "tests/compliance/src/scenarios/preemption.rs::A44b",
        ],
    ),
    Quirk(
        19,
        "Unicast packets refused for their peer or TTL count as received",
        &[
            "crates/vrrp/tests/scenarios/peers.rs::a27_limits_of_a_peer",
            "tests/compliance/src/scenarios/packets.rs::A27",
        ],
    ),
    Quirk(
        20,
        "The checksum of HMAC packets excludes the trailer for IPv4 and includes it for IPv6",
        &[
            "tests/compliance/src/scenarios/signed.rs::A22-v3-ip4-mcast",
            "tests/compliance/src/scenarios/signed.rs::A22-v3-ip6-mcast",
        ],
    ),
    Quirk(
        21,
        "An owner that recovers from FAULT waits as BACKUP",
        &[
            "crates/vrrp/tests/scenarios/rivalry.rs::a43_an_owner_recovers_as_backup",
            "tests/compliance/src/scenarios/tracking.rs::A43",
        ],
    ),
    Quirk(
        22,
        "The notification of BACKUP for a group is left out when somebody deletes an address",
        &["crates/vrrp/tests/groups.rs::a_deleted_address_makes_every_member_resign_and_come_back"],
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn every_quirk_has_its_line_and_its_tests() {
    let numbers: Vec<u8> = QUIRKS.iter().map(|q| q.0).collect();
    assert_eq!(numbers, (1..=22).collect::<Vec<u8>>());
    let page = read(&root().join("docs/compatibility.md"));
    let mut missing = Vec::new();
    for Quirk(number, words, tests) in QUIRKS {
        let line = page.lines().find(|line| line.starts_with('|') && line.contains(words));
        let said = line.and_then(|line| line.split('|').nth(2)).unwrap_or("");
        if said.trim().is_empty() {
            missing.push(format!("Q-{number}: no line on docs/compatibility.md"));
        }
        if tests.is_empty() {
            missing.push(format!("Q-{number}: no test"));
        }
        for test in *tests {
            let Some((file, name)) = test.split_once("::") else {
                missing.push(format!("Q-{number}: {test} is not FILE::NAME"));
                continue;
            };
            let text = read(&root().join(file));
            if !text.contains(&format!("fn {name}(")) && !text.contains(&format!("\"{name}\"")) {
                missing.push(format!("Q-{number}: {file} has no {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Names of scenarios, by their row.
fn scenarios() -> BTreeMap<u8, Vec<String>> {
    let mut rows: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    let folder = root().join("tests/compliance/src/scenarios");
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = read(&path);
            for word in text.split('"').skip(1) {
                let digits: String = word.chars().skip(1).take_while(char::is_ascii_digit).collect();
                let tail = &word[(1 + digits.len()).min(word.len())..];
                let plain = tail.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                if let (true, true, Ok(row)) = (word.starts_with('A'), plain, digits.parse()) {
                    rows.entry(row).or_default().push(word.to_owned());
                }
            }
        }
    }
    rows
}

/// `cargo test --test registers -- --nocapture` prints the table.
#[test]
fn every_row_of_appendix_a_has_a_scenario() {
    let rows = scenarios();
    let mut missing = Vec::new();
    for row in 1..=57 {
        match rows.get(&row) {
            Some(names) => println!("A{row:<3} {}", names.join(" ")),
            None => missing.push(format!("A{row}")),
        }
    }
    assert!(missing.is_empty(), "no scenario for {}", missing.join(", "));
    let strangers: Vec<&u8> = rows.keys().filter(|row| !(1..=57).contains(*row)).collect();
    assert!(strangers.is_empty(), "appendix A has no rows {strangers:?}");
}
