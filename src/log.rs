//! Logging: `tracing` events of a process, turned into lines and written by a thread of their own.
//!
//! | macro | written when | severity |
//! |---|---|---|
//! | `error!(alert = true, ..)` | always | LOG_ALERT: death of a process, a script that cannot run |
//! | `error!` | always | LOG_ERR |
//! | `warn!` | always | LOG_WARNING |
//! | `info!` | always | LOG_INFO: nearly everything that the original says |
//! | `debug!` | with `-D` | LOG_INFO: lines of `runtime.md` 6.3 |
//! | `trace!` | with `-DD` | LOG_DEBUG |
//!
//! The message alone is the line. Other fields go to the journal: `instance` as `KEEPALIVED_INSTANCE`, `vrid` as
//! `KEEPALIVED_VRID`, `state` as `KEEPALIVED_STATE` and so on; an event with `instance` and `state` carries the message id of
//! a state change. Nothing here waits: what the writer cannot keep up with is dropped, counted and reported.

mod journal;
mod line;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use tracing_subscriber::layer::SubscriberExt as _;

use crate::{cli::Options, dump, ipc::Role};
use writer::Writer;

/// Name of a process in the log, without the suffix of namespace and instance (`runtime.md` 3.2).
pub const fn ident(role: Option<Role>) -> &'static str {
    match role {
        None => "Keepalived",
        Some(Role::Vrrp) => "Keepalived_vrrp",
        Some(Role::Checker) => "Keepalived_healthcheckers",
        Some(Role::Bfd) => "Keepalived_bfd",
        Some(Role::Control) => "Keepalived_control",
    }
}

/// `Keepalived_vrrp_NS_ID`.
pub fn ident_with_suffix(role: Option<Role>, namespace: Option<&str>, instance: Option<&str>) -> String {
    let mut ident = ident(role).to_owned();
    for part in [namespace, instance].into_iter().flatten() {
        ident.push('_');
        ident.push_str(part);
    }
    ident
}

/// Where lines go.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Tag in syslog.
    pub ident: String,
    /// syslog facility.
    pub facility: u8,
    /// To syslog, or to the journal when stderr is connected to it.
    pub syslog: bool,
    /// To stderr.
    pub console: bool,
    /// To this file.
    pub file: Option<PathBuf>,
    /// Flush after each line.
    pub flush_file: bool,
    /// 0, 1 (`-D`) or 2 (`-DD`).
    pub detail: u8,
}

impl Settings {
    /// What the command line asks for, for one process.
    pub fn of(options: &Options, role: Option<Role>, namespace: Option<&str>, instance: Option<&str>) -> Self {
        let file = options.log_file.as_ref().map(|given| {
            let base = given
                .clone()
                .unwrap_or_else(|| dump::directory().join("keepalived.log"));
            log_file_name(&base, role, namespace, instance)
        });
        Self {
            ident: ident_with_suffix(role, namespace, instance),
            facility: options.facility.0,
            syslog: !options.no_syslog,
            console: options.log_console && options.dont_fork,
            file,
            flush_file: options.flush_log_file,
            detail: options.log_detail,
        }
    }
}

/// `keepalived.log` becomes `keepalived_vrrp_NS_ID.log`.
fn log_file_name(base: &Path, role: Option<Role>, namespace: Option<&str>, instance: Option<&str>) -> PathBuf {
    let part = match role {
        None => None,
        Some(Role::Checker) => Some("check"),
        Some(role) => Some(role.name()),
    };
    let infix: String = [part, namespace, instance]
        .into_iter()
        .flatten()
        .map(|part| format!("_{part}"))
        .collect();
    dump::insert_before_extension(base, &infix)
}

static WRITER: OnceLock<Writer> = OnceLock::new();

/// Starts logging in this process; a second call has no effect.
pub fn start(settings: Settings) {
    let detail = settings.detail;
    let Ok(writer) = Writer::start(settings) else {
        eprintln!("keepalived: failed to start the thread that writes the log");
        return;
    };
    if WRITER.set(writer.clone()).is_err() {
        return;
    }
    let subscriber = tracing_subscriber::registry().with(line::LineLayer { writer, detail });
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        // What the netlink crates say through the older facade; not the connection, whose failures crates/linux reports itself
        // and which shows octets of messages that are read another way after all.
        let _installed_once = tracing_log::LogTracer::builder()
            .ignore_crate("netlink_proto")
            .with_max_level(tracing_log::log::LevelFilter::Warn)
            .init();
    }
}

/// Writes another name from now on.
pub fn set_ident(ident: &str) {
    if let Some(writer) = WRITER.get() {
        writer.set_ident(ident);
    }
}

/// Waits until what was said is written, at most a second: for the end of a process.
pub fn flush() {
    if let Some(writer) = WRITER.get() {
        writer.flush(Duration::from_secs(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_processes_and_files() {
        assert_eq!(
            ident_with_suffix(Some(Role::Vrrp), Some("NS"), Some("ID")),
            "Keepalived_vrrp_NS_ID"
        );
        assert_eq!(ident_with_suffix(None, None, None), "Keepalived");
        let name = |role, ns| log_file_name(Path::new("/tmp/keepalived.log"), role, ns, None);
        assert_eq!(name(Some(Role::Checker), None), Path::new("/tmp/keepalived_check.log"));
        assert_eq!(
            name(Some(Role::Vrrp), Some("n")),
            Path::new("/tmp/keepalived_vrrp_n.log")
        );
        assert_eq!(name(None, None), Path::new("/tmp/keepalived.log"));
    }
}
