//! `keepalived-tui`: all instances of a daemon, live.
//!
//! [`model`] is what is known, [`update`] changes it, [`view`] draws it, [`run`] does the I/O. Only `run` knows the terminal and the bus.

mod model;
mod run;
#[cfg(test)]
mod tests;
mod update;
mod view;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

pub(crate) use view::detail::facts;

use crate::remote::Target;

/// Watch the virtual routers of a running keepalived.
#[derive(Debug, Parser)]
#[command(name = "keepalived-tui", version, about, max_term_width = 100)]
pub struct Args {
    /// Which daemon.
    #[command(flatten)]
    pub target: Target,
    /// Print one picture as text and end
    #[arg(long)]
    pub once: bool,
    /// Show only instances with this text in name, interface, state or group
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub filter: String,
}

/// The command line, for manual pages and shell completions.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs `keepalived-tui` with the words of the process.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("keepalived-tui: failed to start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = if args.once {
        runtime.block_on(run::once(&args))
    } else {
        runtime.block_on(run::live(args))
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("keepalived-tui: {problem}");
            ExitCode::FAILURE
        }
    }
}
