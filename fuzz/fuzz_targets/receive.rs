//! Arbitrary bytes into every codec and into engines in every state: `cargo +nightly fuzz run receive`.
//! `crates/vrrp/tests/fuzz_corpus.rs` plays the kept inputs with a stable compiler.
#![no_main]

#[path = "../../crates/vrrp/tests/common/receive.rs"]
mod receive;

libfuzzer_sys::fuzz_target!(|data: &[u8]| receive::receive(data));
