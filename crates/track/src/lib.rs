//! What is tracked, and what it does to a priority: rise and fall, weights, and results that are still awaited.
//!
//! Elections and health checks share this; nothing here reads a clock or knows of processes.

mod rise_fall;
mod rivalry;
mod weight;

pub use rise_fall::{Change, RiseFall};
pub use rivalry::{Loss, MENDED_AT_ONCE, Rivalry};
pub use weight::{Effect, Standing, Tally, effective_priority};
