//! One-shot commands.

fn main() -> std::process::ExitCode {
    keepalived_console::ctl::main()
}
