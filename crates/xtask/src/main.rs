//! What a person types beside `cargo build`: `cargo xtask COMMAND`. One file a command; this one only dispatches.

mod bench;
mod codegen;
mod lab;
mod shell;
mod test;
mod vm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "What a person types beside cargo build",
    disable_version_flag = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Whole processes of ours and of the original side by side; writes docs/performance.md.
    Bench(bench::Arguments),
    /// Two routers and a client in network namespaces, and three failures with their timelines.
    Lab(lab::Arguments),
    /// Writes (or with --check compares) the files made from the keyword and option tables.
    Codegen(codegen::Arguments),
    /// The scenarios this machine's kernel cannot run, under Debian's kernel in qemu.
    Vm(vm::Arguments),
    /// Everything that must hold before a change lands; the same as CI.
    Test(test::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Lab(arguments) => lab::run(&arguments),
        Command::Codegen(arguments) => codegen::run(&arguments),
        Command::Vm(arguments) => vm::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
