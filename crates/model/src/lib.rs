//! What is wanted, as data: only valid values.
//!
//! A [`config::Config`] is what reading a configuration gives. Every field is typed, in range, and already has its default;
//! how text becomes a model, and what is said about it on the way, is the subject of the `keepalived-config` crate.

pub mod address;
pub mod bfd;
pub mod config;
pub mod global;
pub mod lvs;
pub mod route;
pub mod script;
pub mod time;
pub mod units;
pub mod vrrp;
