//! The VRRP process. Until its engine is joined to the kernel it keeps the protocol with the supervisor.

use std::process::ExitCode;

use crate::worker::{SupervisorLink, WorkerOptions};

/// Runs until told to stop.
pub async fn run(link: SupervisorLink, _options: WorkerOptions) -> ExitCode {
    crate::idle::serve(link, |_| {}, |_, _| {}).await
}
