//! Configurations as people write them in documents: they keep their tree through every form, and what is said of them is
//! held by a snapshot. Texts with placeholders (`string`, `num`, `@IP`, `<INTEGER>`) are expected to be complained of.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use keepalived_config::load_text;

use crate::{
    common::{Machine, options},
    round_trip::again,
};

/// The files with their texts, in the order of their names.
pub(crate) fn seeds() -> BTreeMap<String, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/seeds");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    files
        .map(|file| {
            (
                file.file_name().into_string().unwrap(),
                fs::read_to_string(file.path()).unwrap(),
            )
        })
        .collect()
}

#[test]
fn every_seed_survives_printing_and_toml() {
    let seeds = seeds();
    assert!(seeds.len() > 40);
    for text in seeds.values() {
        again(text);
    }
}

#[test]
fn what_is_said_of_seeds() {
    let mut out = String::new();
    for (name, text) in seeds() {
        let loaded = load_text(&name, &text, &options(None), &Machine::default());
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        for diagnostic in loaded.diagnostics.items() {
            // The exit code sums up the keywords; which of them are complained of is the concern of other tests.
            if diagnostic.code.id.starts_with("KA0") {
                *codes.entry(diagnostic.code.id).or_default() += 1;
            }
        }
        let codes: Vec<String> = codes.iter().map(|(code, count)| format!("{code} x{count}")).collect();
        let _ = writeln!(
            out,
            "{name}: exit {} {}",
            loaded.diagnostics.test_exit_code(),
            codes.join(", ")
        );
    }
    insta::assert_snapshot!(out);
}
