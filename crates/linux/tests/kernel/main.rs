//! Tests against the running kernel, each in a network namespace of its own.

#![expect(clippy::unwrap_used, reason = "tests")]

mod announce;
mod common;
mod firewall;
mod netlink;
mod process;
mod route;
mod script;
mod vrrp_socket;
