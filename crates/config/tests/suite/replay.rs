//! The fuzzer's corpus, and configurations of documents with random edits.

use std::{fs, path::Path, sync::LazyLock};

use proptest::prelude::*;

use crate::{exercise::exercise, seeds::seeds};

#[test]
fn corpus_of_the_fuzzer() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/config/corpus");
    let mut count = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        exercise(&String::from_utf8_lossy(&bytes));
        count += 1;
    }
    assert!(count > 20);
}

/// Where, how much is cut there, what is put there.
fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, String)>> {
    let text = prop_oneof![
        prop::sample::select(vec![
            "{",
            "}",
            "\"",
            "#",
            "\n",
            "$A",
            "${",
            "~SEQ(A,3) ",
            "\\\n",
            "-1",
            "999999999999",
            "0",
            " "
        ])
        .prop_map(str::to_owned),
        "[ -~\n]{0,5}",
        "\\PC{1,3}",
    ];
    prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, text), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn mutated_seeds(which in any::<prop::sample::Index>(), edits in edits()) {
        static SEEDS: LazyLock<Vec<String>> =
            LazyLock::new(|| seeds().into_values().filter(|text| text.len() < 8_000).collect());
        let mut text: Vec<char> = which.get(&SEEDS).chars().collect();
        for (at, cut, by) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + cut).min(text.len());
            text.splice(at..end, by.chars());
        }
        exercise(&text.into_iter().collect::<String>());
    }
}
