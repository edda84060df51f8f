//! Formats the `.nix` files named on the command line; `--check` only says which are not formatted (exit 1).

use std::{fs, process::ExitCode};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = arguments.first().is_some_and(|a| a == "--check");
    if check {
        arguments.remove(0);
    }
    let mut bad = 0;
    for path in arguments {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("failed to read {path}: {error}");
                bad += 1;
                continue;
            }
        };
        let (status, formatted) = alejandra::format::in_memory(path.clone(), text.clone());
        match status {
            alejandra::format::Status::Error(error) => {
                eprintln!("{path}: {error}");
                bad += 1;
            }
            _ if formatted == text => {}
            _ if check => {
                eprintln!("{path}: not formatted");
                bad += 1;
            }
            _ => {
                if let Err(error) = fs::write(&path, formatted) {
                    eprintln!("failed to write {path}: {error}");
                    bad += 1;
                }
            }
        }
    }
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
