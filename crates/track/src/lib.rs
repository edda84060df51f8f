//! What is tracked, and what it does to a priority: rise and fall, weights, and results that are still awaited.
//!
//! Elections and health checks share this; nothing here knows of time or of processes.

mod rise_fall;
mod weight;

pub use rise_fall::{Change, RiseFall};
pub use weight::{Effect, Standing, Tally, effective_priority};
