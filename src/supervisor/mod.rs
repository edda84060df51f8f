//! The supervisor.

use std::process::ExitCode;

use crate::cli::Options;

/// Runs the daemon to its end.
pub fn main(options: Options) -> ExitCode {
    for complaint in &options.complaints {
        eprintln!("{complaint}");
    }
    ExitCode::SUCCESS
}
