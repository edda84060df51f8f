//! The control process on a bus of its own: the test is its supervisor and its VRRP process.
//!
//! Needs `dbus-daemon` and `busctl`. The policy is tried as another user when the test runs as root.
#![expect(clippy::unwrap_used, reason = "tests")]

mod bus;
mod daemon;
mod life;
mod objects;
mod policy;
