//! A virtual LAN with virtual clocks and kernels made of maps, driving the shipping election engine.
//!
//! A [`Plan`] is everything a seed decides: nodes, their configuration, and what befalls them. [`run`] plays it and checks the
//! invariants of `check`; the same seed always plays the same way.

mod check;
mod intruder;
mod node;
mod plan;
mod random;
mod shrink;
mod signing;
mod tracking;
mod world;

pub use check::Violation;
pub use node::{Recorded, replay};
pub use plan::{Happening, Plan};
pub use shrink::shrink;
pub use world::{Options, Report, run};
