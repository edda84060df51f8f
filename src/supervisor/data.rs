//! `keepalived_parent.data`.

use std::sync::Arc;

use keepalived_model::global::Global;
use keepalived_status::{Daemon, Snapshot, Wall, render};

use keepalived_config::facts::Facts as _;

use super::paths::Names;
use crate::{dump, facts::Machine};

/// Writes the global definitions as the supervisor knows them.
pub(super) fn write(global: &Global, names: &Names, main: &str) {
    tracing::info!("Printing parent data for process({}) on signal", std::process::id());
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
            net_namespace: names.namespace.clone(),
            instance: names.instance.clone(),
            ..Daemon::default()
        },
        ..Snapshot::default()
    };
    let path = dump::data_file(
        &global.dumps,
        None,
        names.namespace.as_deref(),
        names.instance.as_deref(),
    );
    dump::write_aside(path, dump::SHARED_MODE, text(&snapshot));
}

/// The text of a data file, times in the zone of the machine.
pub fn text(snapshot: &Snapshot) -> Vec<u8> {
    let offset = |wall: Wall| keepalived_linux::local_time::Calendar::local(wall.secs()).offset;
    let mut out = Vec::new();
    if let Err(error) = render::data(&mut out, snapshot, render::Zone(&offset)) {
        tracing::error!("failed to format a dump: {error}");
    }
    out
}
