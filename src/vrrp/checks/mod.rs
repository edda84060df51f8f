//! What instances depend on beside links: scripts on a schedule, files, processes.
//!
//! | file | subject |
//! |---|---|
//! | `scripts.rs` | runs of `vrrp_script` |
//! | `files.rs` | numbers in `track_file`s |
//! | `census.rs`, `processes.rs` | who runs, and the thread that watches them (`vrrp_track_process`) |
//! | `watched.rs` | files and processes together: what they tell, and how the worker takes it |

mod census;
mod files;
mod processes;
mod scripts;
mod watched;

pub(in crate::vrrp) use files::FileReport;
pub(in crate::vrrp) use scripts::{Checks, Report, Verdict};
pub(in crate::vrrp) use watched::{Told, Watched};
