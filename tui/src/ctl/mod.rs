//! `keepalivedctl`: one-shot commands.

mod args;
mod config;
mod remote;

pub(crate) use remote::words;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

pub use args::{Args, Command, Dump, Form, Shape};

/// The command line, for manual pages and shell completions.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs `keepalivedctl` with the words of the process.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    match args.command {
        Command::Check { file, format, strict } => config::check(&file, format, strict),
        Command::Convert { file, to } => config::convert(&file, to),
        Command::Explain { word } => config::explain(&word),
        other => remote::run(&args.target, other),
    }
}

/// Says why nothing came of it.
fn complain(problem: &impl std::fmt::Display) -> ExitCode {
    eprintln!("keepalivedctl: {problem}");
    ExitCode::FAILURE
}

/// Prints what came of it; a reader that has gone (`| head`) is no failure.
fn print(text: &str) -> ExitCode {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => complain(&format!("failed to print: {error}")),
        _ => ExitCode::SUCCESS,
    }
}
