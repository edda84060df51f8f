//! Texts that options print.

use std::fmt::Write as _;

use super::table::{Argument, TABLE};

/// The version of keepalived whose options, files, signals and interfaces this program keeps. Programs that ask
/// `keepalived -v` decide by it what they may use, so the first line of the report carries it.
pub const COMPATIBLE_VERSION: &str = "2.4.3";
/// Date in the form of the original's report.
pub const RELEASE_DATE: &str = "11/21,2026";
/// What exporters look for in `configure options:` to know which interfaces exist.
const CONFIGURE_WORDS: &str =
    "--enable-vrrp --enable-vrrp-auth --enable-dbus --enable-json --enable-systemd --enable-log-file";
const CONFIG_WORDS: &str = "VRRP VRRP_AUTH VRRP_VMAC JSON DBUS SYSTEMD_NOTIFY FILE_LOGGING STRICT TOML";
const SYSTEM_WORDS: &str =
    "VRRP_IPVLAN VRF VSYSLOG TIMERFD PIDFD SIGNALFD INOTIFY NETLINK_EXT_ACK IPV4_DEVCONF SCHED_RESET_ON_FORK";

/// `Keepalived v2.4.3 (11/21,2026)`.
pub fn version_line() -> String {
    format!("Keepalived v{COMPATIBLE_VERSION} ({RELEASE_DATE})")
}

/// The report of `-v` (`runtime.md` 1.5).
pub fn version_report() -> String {
    let uname = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    let mut out = format!(
        "{}, Rust implementation {}\n\nCopyright(C) 2026 the authors of this implementation; MIT OR Apache-2.0\n\n",
        version_line(),
        env!("CARGO_PKG_VERSION"),
    );
    let _infallible = writeln!(
        out,
        "Running on {} {} {}",
        text(uname.sysname()),
        text(uname.release()),
        text(uname.version())
    );
    if let Some(name) = distribution() {
        let _infallible = writeln!(out, "Distro: {name}");
    }
    let _infallible = write!(
        out,
        "\nconfigure options: {CONFIGURE_WORDS}\n\nConfig options:  {CONFIG_WORDS}\n\nSystem options:  {SYSTEM_WORDS}\n"
    );
    out
}

fn distribution() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}

/// The text of `-h`.
pub fn usage() -> String {
    let mut out = String::from("Usage: keepalived [OPTION...]\n\n");
    for row in TABLE {
        let short = row.short.map_or("    ".to_owned(), |letter| format!("-{letter}, "));
        let value = match row.argument {
            Argument::None => String::new(),
            Argument::Required => format!("={}", row.value),
            Argument::Optional => format!("[={}]", row.value),
        };
        let left = format!("  {short}--{}{value}", row.long);
        let _infallible = writeln!(out, "{left:<34} {}", row.help);
    }
    out
}

/// Number of the signal behind a name of `--signum` (`runtime.md` 1.3).
pub fn signal_number(name: &str) -> Option<i32> {
    use crate::signals::{json_signal, stats_clear_signal};
    use rustix::process::Signal;
    Some(match name {
        "STOP" => Signal::TERM.as_raw(),
        "RELOAD" => Signal::HUP.as_raw(),
        "DATA" => Signal::USR1.as_raw(),
        "STATS" => Signal::USR2.as_raw(),
        "STATS_CLEAR" => stats_clear_signal(),
        "JSON" => json_signal(),
        _ => return None,
    })
}
