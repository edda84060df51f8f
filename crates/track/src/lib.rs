//! What is tracked, and what it does to a priority: rise and fall, weights, results that are still awaited, and changes that must last
//! before they count.
//!
//! Elections and health checks share this; nothing here reads a clock or knows of processes.

mod debounce;
mod rise_fall;
mod rivalry;
mod weight;

pub use debounce::{Debounce, Verdict};
pub use rise_fall::{Change, RiseFall};
pub use rivalry::{Loss, MENDED_AT_ONCE, Rivalry};
pub use weight::{Effect, Standing, Tally, effective_priority};
