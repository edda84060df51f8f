//! The arrows of ARCHITECTURE.md: which room may name which. Held over `cargo metadata`, so a new dependency that
//! turns a wall into a door fails here first.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Normal (non-dev) dependencies that each room may have on other rooms.
const ALLOWED: &[(&str, &[&str])] = &[
    ("keepalived-model", &[]),
    ("keepalived-wire", &[]),
    ("keepalived-config", &["keepalived-model"]),
    ("keepalived-track", &["keepalived-model"]),
    ("keepalived-status", &["keepalived-model"]),
    (
        "keepalived-vrrp",
        &["keepalived-model", "keepalived-wire", "keepalived-track"],
    ),
    ("keepalived-linux", &["keepalived-model", "keepalived-wire"]),
    (
        "keepalived-sim",
        &[
            "keepalived-model",
            "keepalived-wire",
            "keepalived-track",
            "keepalived-vrrp",
        ],
    ),
    ("keepalived-dbus", &["keepalived-status"]),
    // The console speaks D-Bus only; keepalivedctl's check, convert and explain need the configuration library.
    (
        "keepalived-tui",
        &["keepalived-dbus", "keepalived-status", "keepalived-config"],
    ),
    // Code generation reads the keyword table and the command lines; lab and bench use the laboratory of the scenarios.
    (
        "xtask",
        &[
            "keepalived-compliance",
            "keepalived-config",
            "keepalived-tui",
            "keepalived-vrrp",
        ],
    ),
    // The benches measure whole processes in the laboratory of the scenarios.
    ("keepalived-bench", &["keepalived-compliance"]),
    ("keepalived-compliance", &[]),
    (
        "keepalived",
        &[
            "keepalived-config",
            "keepalived-dbus",
            "keepalived-linux",
            "keepalived-model",
            "keepalived-status",
            "keepalived-track",
            "keepalived-vrrp",
            "keepalived-wire",
        ],
    ),
];

/// `unsafe` is allowed in this room only (and in a crate whose one subject is wrapping a C library).
const UNSAFE_ROOMS: &[&str] = &["keepalived-linux"];

fn metadata() -> cargo_metadata::Metadata {
    MetadataCommand::new().no_deps().exec().expect("cargo metadata")
}

#[test]
fn rooms_name_only_what_the_table_allows() {
    let allowed: BTreeMap<_, BTreeSet<_>> = ALLOWED
        .iter()
        .map(|(room, names)| (*room, names.iter().copied().collect()))
        .collect();
    let metadata = metadata();
    let rooms: BTreeSet<_> = metadata.packages.iter().map(|p| p.name.to_string()).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let Some(may) = allowed.get(package.name.as_str()) else {
            wrong.push(format!("{} is not in the table", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal) {
            if rooms.contains(&dependency.name) && !may.contains(dependency.name.as_str()) {
                wrong.push(format!("{} -> {}", package.name, dependency.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that ARCHITECTURE.md does not draw: {wrong:#?}"
    );
    assert_eq!(
        rooms,
        allowed.keys().map(|r| (*r).to_owned()).collect(),
        "rooms and table differ"
    );
}

#[test]
fn the_table_stands_in_the_architecture_document() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    for (room, names) in ALLOWED {
        let mut names: Vec<_> = names.iter().map(|n| n.trim_start_matches("keepalived-")).collect();
        names.sort_unstable();
        let room = room.trim_start_matches("keepalived-");
        let row = format!(
            "| {room} | {} |",
            if names.is_empty() {
                "-".to_owned()
            } else {
                names.join(", ")
            }
        );
        assert!(text.contains(&row), "ARCHITECTURE.md lacks the row: {row}");
    }
}

#[test]
fn unsafe_code_is_denied_outside_its_rooms() {
    for package in metadata().packages {
        let source = package.manifest_path.parent().expect("a folder").join("src");
        let mut files = vec![source.into_std_path_buf()];
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(
                    std::fs::read_dir(&path)
                        .expect("readable")
                        .map(|e| e.expect("entry").path()),
                );
                continue;
            }
            if path.extension().is_none_or(|e| e != "rs") || UNSAFE_ROOMS.contains(&package.name.as_str()) {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("readable");
            let hit = text.lines().any(|l| {
                let code = l.split("//").next().unwrap_or("");
                code.contains("unsafe {")
                    || code.contains("unsafe fn")
                    || code.contains("unsafe impl")
                    || code.contains("allow(unsafe")
            });
            assert!(!hit, "{} contains unsafe code", path.display());
        }
    }
}

#[test]
fn every_shared_dependency_says_why() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).expect("Cargo.toml");
    let section = text
        .split("[workspace.dependencies]")
        .nth(1)
        .expect("section")
        .split("\n[")
        .next()
        .expect("body");
    for line in section
        .lines()
        .filter(|l| l.contains('=') && !l.starts_with('#') && !l.contains("path = "))
    {
        assert!(line.contains(" # "), "no reason given beside: {line}");
    }
}

#[test]
fn the_tree_of_crates_stays_small() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).expect("Cargo.lock");
    let entries = lock.lines().filter(|l| *l == "[[package]]").count();
    assert!(
        entries <= 270,
        "{entries} entries in Cargo.lock: is the new dependency worth it? (docs/design/dependencies.md)"
    );
}
