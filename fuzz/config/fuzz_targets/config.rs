//! Any bytes as a configuration, in both languages: no panic, and what was understood survives printing and TOML.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../../crates/config/tests/suite/exercise.rs"]
mod exercise;

fuzz_target!(|data: &[u8]| {
    exercise::exercise(&String::from_utf8_lossy(data));
});
