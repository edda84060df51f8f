//! The checker process: keeps its configuration, its pid file and its place among the processes.
//!
//! It runs no health checks and leaves the kernel's IPVS table alone, and says so in the log. Its FIFO (`lvs_notify_fifo`) is open and
//! has its script, for readers that wait for it.

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
        name: "checker",
        active: say_what_is_not_active,
        fifo: Some(("lvs_notify", |config| &config.global.fifos.lvs)),
    };
    idle::serve(link, options, role).await
}

fn say_what_is_not_active(config: &Config) {
    let servers = config.lvs.virtual_servers.len();
    if servers > 0 {
        tracing::warn!(
            "{servers} virtual servers are configured, but health checks and IPVS are not active in this version"
        );
    }
}
