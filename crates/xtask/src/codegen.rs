//! `cargo xtask codegen [--check]`: writes, or compares, every file that is made from the keyword table and the option tables.

mod clap_page;
mod commands;
mod completions;
#[path = "../../../src/cli/table.rs"]
#[expect(dead_code, reason = "shared with the daemon, which reads more of it")]
mod options;

use std::{fs, path::PathBuf};

use clap_complete::Shell;

use crate::shell;

/// `cargo xtask codegen`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change nothing; fail when a generated file differs.
    #[arg(long)]
    check: bool,
}

/// A generated file: its path in the workspace, and its text.
struct Generated {
    path: &'static str,
    text: String,
}

fn ctl() -> clap::Command {
    keepalived_console::ctl::command()
}

fn tui() -> clap::Command {
    keepalived_console::console::command()
}

fn all() -> Vec<Generated> {
    use keepalived_config::docs;
    let file = |path, text| Generated { path, text };
    vec![
        file("docs/man/keepalived.conf.5", docs::manual::page()),
        file("docs/man/keepalived.8", commands::keepalived()),
        file("docs/man/keepalivedctl.1", clap_page::page(ctl(), clap_page::CTL)),
        file("docs/man/keepalived-tui.1", clap_page::page(tui(), clap_page::TUI)),
        file("docs/diagnostic-codes.md", docs::codes::page()),
        file("docs/schema/keepalived.schema.json", docs::schema::json_schema()),
        file("docs/schema/options.json", docs::schema::options()),
        file("docs/compatibility.md", docs::compatibility::page()),
        file("completions/keepalived.bash", completions::bash()),
        file("completions/_keepalived", completions::zsh()),
        file("completions/keepalived.fish", completions::fish()),
        file("completions/keepalivedctl.bash", completions::clap(Shell::Bash, ctl())),
        file("completions/_keepalivedctl", completions::clap(Shell::Zsh, ctl())),
        file("completions/keepalivedctl.fish", completions::clap(Shell::Fish, ctl())),
        file("completions/keepalived-tui.bash", completions::clap(Shell::Bash, tui())),
        file("completions/_keepalived-tui", completions::clap(Shell::Zsh, tui())),
        file("completions/keepalived-tui.fish", completions::clap(Shell::Fish, tui())),
    ]
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let mut stale = Vec::new();
    for Generated { path, text } in all() {
        let place: PathBuf = shell::root().join(path);
        if fs::read_to_string(&place).is_ok_and(|old| old == text) {
            continue;
        }
        if arguments.check {
            stale.push(path);
            continue;
        }
        if let Some(directory) = place.parent() {
            fs::create_dir_all(directory)
                .map_err(|error| format!("failed to create {}: {error}", directory.display()))?;
        }
        fs::write(&place, text).map_err(|error| format!("failed to write {path}: {error}"))?;
        println!("wrote {path}");
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "these generated files are out of date: {}; run cargo xtask codegen",
        stale.join(", ")
    ))
}
