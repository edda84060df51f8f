//! Texts made of status and nothing else: what keepalived writes into its dump files (`runtime.md` 7).
//!
//! Everything is written to an [`std::io::Write`] piece by piece, so that 65,024 instances need no memory beyond the snapshot.

mod address;
mod data;
mod global;
mod instance;
mod interface;
mod json;
mod metrics;
mod route;
mod stats;
mod text;
mod tracker;

pub use address::{AddressText, InstanceAddress};
pub use data::data;
pub use json::json;
pub use metrics::metrics;
pub use route::{RouteText, RuleText};
pub use stats::stats;
pub use text::{CommandLine, Stamp, Zone};
