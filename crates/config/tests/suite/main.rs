//! Tests of the configuration languages from outside.

#![expect(clippy::unwrap_used, reason = "tests")]

mod common;
mod exercise;
mod files;
mod language;
mod rendering;
mod replay;
mod robust;
mod round_trip;
mod secrets;
mod seeds;
