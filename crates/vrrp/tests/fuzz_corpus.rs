//! The fuzz target with a stable compiler: what is kept in `fuzz/corpus/receive`, and damaged variants of it.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "common/receive.rs"]
#[expect(unreachable_pub, reason = "shared with the fuzz target")]
mod receive;

use std::path::Path;

fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/receive");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.iter().map(|f| std::fs::read(f).unwrap()).collect()
}

#[test]
fn kept_inputs_and_their_neighbours() {
    let corpus = corpus();
    assert!(corpus.len() >= 4, "the captured packets of vrrp.md appendix B at least");
    for input in &corpus {
        receive::receive(input);
        for at in 0..input.len() {
            receive::receive(&input[..at]);
            let mut flipped = input.clone();
            flipped[at] ^= 0xff;
            receive::receive(&flipped);
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes(data in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        receive::receive(&data);
    }
}
