//! What is, as data: snapshots and events. The one vocabulary of every display.
//!
//! The VRRP process keeps [`instance::Live`] facts up to date and says each change once as an [`event::Event`]; a whole
//! [`snapshot::Snapshot`] is made only when somebody asks for it. D-Bus, dumps, console and metrics read these types and no engine.
//!
//! Nothing here holds a secret: authentication appears as a kind, never as a key.

pub mod board;
pub mod event;
pub mod instance;
pub mod render;
#[cfg(feature = "sample")]
pub mod sample;
pub mod snapshot;
pub mod state;
pub mod statistics;
pub mod tracker;
pub mod view;
pub mod wall;

pub use board::Board;
pub use event::Event;
pub use instance::{Instance, InstanceId, Live, Master, Settings};
pub use snapshot::{Daemon, Snapshot};
pub use state::{Applied, Faults, State};
pub use statistics::Statistics;
pub use wall::Wall;
