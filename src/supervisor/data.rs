//! `keepalived_parent.data`, and the global definitions that every data file begins with.

use std::sync::Arc;

use keepalived_config::facts::Facts as _;
use keepalived_model::global::Global;
use keepalived_status::{Daemon, Snapshot, Wall, render};

use super::paths::Names;
use crate::{dump, facts::Machine};

/// Writes the global definitions as the supervisor knows them.
pub(super) fn write(global: &Global, names: &Names, main: &str) {
    tracing::info!("Printing parent data for process({}) on signal", std::process::id());
    let (namespace, instance) = (names.namespace.as_deref(), names.instance.as_deref());
    let path = dump::data_file(&global.dumps, None, namespace, instance);
    dump::write_aside(path, dump::SHARED_MODE, definitions(global, namespace, instance, main));
}

/// The same, line by line into the log (`-d`).
pub(super) fn log(global: &Global, names: &Names, main: &str) {
    let text = definitions(global, names.namespace.as_deref(), names.instance.as_deref(), main);
    for line in String::from_utf8_lossy(&text).lines() {
        tracing::info!("{line}");
    }
}

/// The section `Global definitions`.
pub fn definitions(global: &Global, namespace: Option<&str>, instance: Option<&str>, main: &str) -> Vec<u8> {
    let snapshot = Snapshot {
        taken: Wall::now(),
        daemon: Daemon {
            version: crate::cli::COMPATIBLE_VERSION.into(),
            pid: std::process::id(),
            config_file: main.into(),
            router_id: global
                .router_id
                .clone()
                .unwrap_or_else(|| Machine::default().host_name().into()),
            global: Arc::new(global.clone()),
            net_namespace: namespace.map(Box::from),
            instance: instance.map(Box::from),
            ..Daemon::default()
        },
        ..Snapshot::default()
    };
    let offset = |wall: Wall| keepalived_linux::local_time::Calendar::local(wall.secs()).offset;
    let mut out = Vec::new();
    if let Err(error) = render::data(&mut out, &snapshot, render::Zone(&offset)) {
        tracing::error!("failed to format a dump: {error}");
    }
    out
}
