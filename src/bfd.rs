//! The BFD process.

use std::process::ExitCode;

use crate::worker::{SupervisorLink, WorkerOptions};

/// Runs until told to stop.
pub async fn run(link: SupervisorLink, _options: WorkerOptions) -> ExitCode {
    let active = |_: &_| tracing::warn!("BFD sessions are configured but not active in this version");
    crate::idle::serve(link, active, |_, _| {}).await
}
