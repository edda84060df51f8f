//! The live console.

fn main() -> std::process::ExitCode {
    keepalived_console::console::main()
}
