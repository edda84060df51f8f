//! `cargo xtask bench`: whole processes of ours and of the original side by side; writes docs/performance.md.

mod check;
mod config;
mod failover;
mod figure;
mod large;
mod measure;
mod page;
mod pair;
mod reload;
mod start;
mod steady;
mod stop;
mod tape;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(
    name = "keepalived-bench",
    about = "Whole processes of ours and of the original side by side"
)]
struct Arguments {
    /// Only these parts: test, start, send, receive, pace, silence, many, stop, reload, large.
    only: Vec<String>,
    /// Our executable.
    #[arg(long, value_name = "FILE")]
    ours: PathBuf,
    /// Seconds after which a `-t` is given up.
    #[arg(long, default_value_t = 180)]
    limit: u64,
    /// Only ours, not the original.
    #[arg(long)]
    alone: bool,
    /// Writes the page to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Runs one program and prints what it cost (used by the bench itself).
    #[arg(long, hide = true, num_args = 1.., allow_hyphen_values = true)]
    measure_child: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.measure_child.split_first() {
        Some((program, rest)) => measure::child(program, rest),
        None => page::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("keepalived-bench: {why}");
            ExitCode::FAILURE
        }
    }
}
