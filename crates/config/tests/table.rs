//! The keyword table against the list of keywords that the original has (`data/keywords.txt`: block path, tab, keyword).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use keepalived_config::table::{self, BLOCKS, BodyKind, Kind, Presence};

const LIST: &str = include_str!("data/keywords.txt");

fn listed() -> BTreeSet<(&'static str, &'static str)> {
    LIST.lines().map(|line| line.split_once('\t').unwrap()).collect()
}

fn declared() -> BTreeSet<(&'static str, &'static str)> {
    BLOCKS
        .iter()
        .flat_map(|block| block.keywords.iter().map(|keyword| (block.path, keyword)))
        .filter(|(_, keyword)| keyword.since != table::EXTENSION)
        .map(|(path, keyword)| (path, keyword.name))
        .collect()
}

#[test]
fn nothing_is_missing_and_nothing_is_invented() {
    let (listed, declared) = (listed(), declared());
    let missing: Vec<_> = listed.difference(&declared).collect();
    let invented: Vec<_> = declared.difference(&listed).collect();
    assert!(missing.is_empty(), "not declared: {missing:?}");
    assert!(invented.is_empty(), "not in the list: {invented:?}");
    let keywords = declared
        .iter()
        .filter(|(path, _)| !path.contains('<') && !is_part_of_item(path))
        .count();
    assert_eq!((keywords, declared.len() - keywords), (531, 367));
}

fn is_part_of_item(path: &str) -> bool {
    path.contains("<item>")
}

#[test]
fn no_keyword_is_declared_twice() {
    let all = BLOCKS.iter().flat_map(|block| block.keywords);
    let of_the_original = all.filter(|keyword| keyword.since != table::EXTENSION).count();
    assert_eq!(of_the_original, declared().len());
}

#[test]
fn every_keyword_is_found_in_its_block_and_no_other_word() {
    for block in BLOCKS {
        for (at, keyword) in block.keywords.iter().enumerate() {
            assert_eq!(
                block.find(keyword.name).unwrap().0,
                at,
                "{} {}",
                block.path,
                keyword.name
            );
        }
        assert!(block.find("").is_none() && block.find("no such word").is_none());
    }
}

#[test]
fn every_keyword_says_what_it_does() {
    for block in BLOCKS {
        for keyword in block.keywords {
            assert!(
                keyword.doc.ends_with(['.', ')']),
                "{} {}: {}",
                block.path,
                keyword.name,
                keyword.doc
            );
        }
    }
}

#[test]
fn bodies_belong_to_their_keywords() {
    for block in BLOCKS {
        for keyword in block.keywords {
            if let BodyKind::Block(inner) = keyword.body {
                let path = if block.path.is_empty() {
                    keyword.name.to_owned()
                } else {
                    format!("{}.{}", block.path, keyword.name)
                };
                assert_eq!(inner.path, path);
            }
        }
    }
}

#[test]
fn other_spellings_name_a_keyword_of_the_same_block() {
    for block in BLOCKS {
        for keyword in block.keywords {
            let known = block.keywords.iter().any(|other| other.name == keyword.canonical);
            assert!(known, "{} {} -> {}", block.path, keyword.name, keyword.canonical);
        }
    }
}

#[test]
fn slots_stand_in_an_order_that_can_be_read() {
    for block in BLOCKS {
        for keyword in block.keywords {
            let slots = keyword.slots;
            assert!(slots.len() <= keepalived_config::typed::MAX_SLOTS, "{}", keyword.name);
            // What takes the rest of the line must be last, and nothing mandatory may follow what may be missing, except a word
            // that is recognised by itself.
            for (at, slot) in slots.iter().enumerate() {
                let last = at + 1 == slots.len();
                assert!(
                    last || !matches!(slot.kind, Kind::Rest { .. } | Kind::Script),
                    "{}",
                    keyword.name
                );
                let recognised = matches!(slot.kind, Kind::Literal(_) | Kind::Maybe(_));
                let followed = slots[at + 1..].iter().any(|s| s.presence != Presence::Optional);
                assert!(
                    slot.presence != Presence::Optional || recognised || !followed,
                    "{} {}",
                    block.path,
                    keyword.name
                );
            }
        }
    }
}

#[test]
fn words_are_found_wherever_they_stand() {
    let places: Vec<&str> = table::places("smtp_alert").map(|(block, _)| block.path).collect();
    assert_eq!(
        places,
        [
            "global_defs",
            "vrrp_sync_group",
            "vrrp_instance",
            "virtual_server",
            "virtual_server.real_server"
        ]
    );
}
