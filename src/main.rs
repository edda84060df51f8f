//! The `keepalived` program; everything is in the library beside it.

fn main() -> std::process::ExitCode {
    keepalived_daemon::main()
}
