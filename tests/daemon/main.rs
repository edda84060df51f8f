//! The real binary: options, exit codes, pid files, signals, respawn, reload, service manager, scripts, namespaces.
//!
//! Each test runs in a directory and a network namespace of its own. What needs root says so and does nothing without.

#![expect(clippy::unwrap_used, reason = "tests")]

mod config_test;
mod harness;
mod options;
mod reload;
mod run;
mod scripts;
mod service_manager;
