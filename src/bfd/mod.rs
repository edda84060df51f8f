//! The BFD process: keeps its configuration, its pid file and its place among the processes.
//!
//! It opens no session, and says so in the log.

mod data;

use std::process::ExitCode;

use keepalived_model::config::Config;

use crate::{
    idle,
    worker::{SupervisorLink, WorkerOptions},
};

/// Runs until told to stop.
pub async fn run(link: SupervisorLink, options: WorkerOptions) -> ExitCode {
    let role = idle::Description {
        data: data::write,
        name: "BFD",
        active: say_what_is_not_active,
        fifo: None,
    };
    idle::serve(link, options, role).await
}

fn say_what_is_not_active(config: &Config) {
    let sessions = config.bfd.len();
    if sessions > 0 {
        tracing::warn!("{sessions} BFD sessions are configured, but BFD is not active in this version");
    }
}
