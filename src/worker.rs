//! What all workers have in common: start-up, the link to the supervisor, signals, scheduling.
//!
//! A worker is one function `async fn run(link: SupervisorLink, options: WorkerOptions) -> ExitCode`. Its main loop selects over
//! [`SupervisorLink::order`] and its own sockets, and answers each order by the methods of the link; none of them waits.

mod link;
mod settings;

use std::{process::ExitCode, sync::Arc};

use keepalived_linux::{process, process::pidfile::PidFile, script::Surroundings};
pub use link::{Order, SupervisorLink};
pub use settings::set_process_name;

use crate::{
    cli,
    ipc::{Role, WorkerStart},
    log,
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
    /// Limits and scheduling of before, for [`keepalived_linux::script::Scripts::new`] together with
    /// [`PRIVATE_VARIABLES`].
    pub surroundings: Surroundings,
}

/// Variables that no script should see.
pub const PRIVATE_VARIABLES: [&str; 9] = [
    ROLE_VARIABLE,
    LEFT_NAMESPACE_VARIABLE,
    FD_VARIABLE,
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "LISTEN_FDS",
    "LISTEN_PID",
    "JOURNAL_STREAM",
];

/// Variable that carries the role of a re-executed process.
pub const ROLE_VARIABLE: &str = "KEEPALIVED_ROLE";
/// Variable that carries the number of the inherited descriptor.
pub const FD_VARIABLE: &str = "KEEPALIVED_IPC_FD";

/// Variable that carries the number of a descriptor of the network namespace that the daemon was started in; only where that is
/// another one, and only for the VRRP process.
pub const LEFT_NAMESPACE_VARIABLE: &str = "KEEPALIVED_NETNS_FD";

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
    // The kernel calls a process that was started through /proc/self/exe "exe".
    let _name_is_valid = process::set_name("keepalived");
    let surroundings = match Surroundings::capture() {
        Ok(surroundings) => surroundings,
        Err(error) => {
            eprintln!("keepalived: failed to read resource limits: {error}");
            return ExitCode::from(EXIT_FATAL);
        }
    };
    let (link, start) = match SupervisorLink::open(role).await {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("keepalived: failed to reach the supervisor: {error}");
            return ExitCode::from(EXIT_FATAL);
        }
    };
    let (namespace, instance) = (start.namespace.as_deref(), start.instance.as_deref());
    log::start(log::Settings::of(&cli, Some(role), namespace, instance));
    let pid_file = match start.pid_file.as_deref().map(PidFile::create).transpose() {
        Ok(file) => file,
        Err(error) => {
            link.fatal(format!("failed to make its pid file: {error}"));
            link.sender().flush(FLUSH_LIMIT).await;
            return ExitCode::from(EXIT_FATAL);
        }
    };
    let sender = link.sender();
    let limits = &start.script_limits;
    let surroundings = surroundings.open_files(limits.open_files).core_size(limits.core);
    let options = WorkerOptions {
        role,
        cli: Arc::new(cli),
        start,
        surroundings,
    };
    let code = match role {
        Role::Vrrp => crate::vrrp::run(link, options).await,
        Role::Control => crate::control::run(link, options).await,
        Role::Checker => crate::checker::run(link, options).await,
        Role::Bfd => crate::bfd::run(link, options).await,
    };
    if let Some(Err(error)) = pid_file.map(PidFile::remove) {
        tracing::debug!("failed to remove the pid file: {error}");
    }
    if role != Role::Control {
        tracing::info!("Stopped");
    }
    sender.flush(FLUSH_LIMIT).await;
    log::flush();
    code
}

/// How long a worker waits at its end for the supervisor to take what it said last.
const FLUSH_LIMIT: std::time::Duration = std::time::Duration::from_millis(500);
