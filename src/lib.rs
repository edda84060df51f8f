//! The daemon: processes and their I/O, the only room that names all others.
//!
//! One binary runs as several processes: the supervisor re-executes itself with a [`ipc::Role`]. [`main`] picks which one this is.

pub mod bfd;
pub mod checker;
pub mod cli;
pub mod config_test;
pub mod control;
pub mod dump;
pub mod facts;
pub mod idle;
pub mod ipc;
pub mod load;
pub mod log;
pub mod notify;
pub mod signals;
pub mod supervisor;
pub mod vrrp;
pub mod worker;

use std::process::ExitCode;

use cli::Invocation;

/// Picks the role of this process.
pub fn main() -> ExitCode {
    let mut words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let program = words.next().unwrap_or_default();
    if program.rsplit('/').next() == Some("genhash") {
        return genhash();
    }
    match cli::parse(words) {
        Invocation::Run(options) => run(*options),
        Invocation::Print(text) => {
            eprint!("{text}");
            ExitCode::SUCCESS
        }
        Invocation::Answer(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Invocation::Genhash(_) => genhash(),
        Invocation::Refuse(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: cli::Options) -> ExitCode {
    let role = std::env::var(worker::ROLE_VARIABLE).ok();
    match role.as_deref().map(ipc::Role::from_name) {
        Some(Some(role)) => worker::main(role, options),
        Some(None) => {
            eprintln!("keepalived: {} names no process of this program", worker::ROLE_VARIABLE);
            ExitCode::FAILURE
        }
        None => supervisor::main(options),
    }
}

fn genhash() -> ExitCode {
    eprintln!("keepalived: genhash is not part of this version yet; it comes together with the health checkers");
    ExitCode::FAILURE
}
