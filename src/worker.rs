//! What all workers have in common: start-up, the link to the supervisor, signals, scheduling.
//!
//! A worker is one function `async fn run(link: SupervisorLink, options: WorkerOptions) -> ExitCode`. Its main loop selects over
//! [`SupervisorLink::order`] and its own sockets, and answers each order by the methods of the link; none of them waits.

mod link;
mod scheduling;

use std::{process::ExitCode, sync::Arc};

pub use link::{Order, SupervisorLink};
pub use scheduling::{apply_scheduling, surroundings};

use crate::{
    cli,
    ipc::{Role, WorkerStart},
};

/// Exit status of a worker: the supervisor ends with the same (`runtime.md` 2.1).
pub const EXIT_FATAL: u8 = 1;
/// The configuration is refused.
pub const EXIT_CONFIG: u8 = 2;
/// A permission is missing.
pub const EXIT_PERMISSION: u8 = 4;

/// What a worker knows when it starts.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Which it is.
    pub role: Role,
    /// The command line, the same for all processes.
    pub cli: Arc<cli::Options>,
    /// What the supervisor said first.
    pub start: WorkerStart,
}

/// Variable that carries the role of a re-executed process.
pub const ROLE_VARIABLE: &str = "KEEPALIVED_ROLE";
/// Variable that carries the number of the inherited descriptor.
pub const FD_VARIABLE: &str = "KEEPALIVED_IPC_FD";

/// Runs one worker to its end.
pub fn main(role: Role, cli: cli::Options) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::from(EXIT_FATAL);
    };
    let code = runtime.block_on(serve(role, cli));
    // Blocking threads (a script's name lookup, a file) must not hold up the end.
    runtime.shutdown_background();
    code
}

async fn serve(role: Role, cli: cli::Options) -> ExitCode {
    let (link, start) = match SupervisorLink::open(role).await {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("keepalived: failed to reach the supervisor: {error}");
            return ExitCode::from(EXIT_FATAL);
        }
    };
    let sender = link.sender();
    let options = WorkerOptions {
        role,
        cli: Arc::new(cli),
        start,
    };
    let code = match role {
        Role::Vrrp => crate::vrrp::run(link, options).await,
        Role::Control => crate::control::run(link, options).await,
        Role::Checker => crate::checker::run(link, options).await,
        Role::Bfd => crate::bfd::run(link, options).await,
    };
    sender.flush(std::time::Duration::from_millis(500)).await;
    code
}
