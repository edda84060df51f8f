//! Dumps that a caller on the bus asked for, made by the same renderers as the files.

use keepalived_dbus::server::DumpKind;
use keepalived_status::{
    Snapshot,
    render::{self, Zone},
};

/// Longest text sent over the bus, in bytes: the system bus refuses messages of 32 MiB and more.
const LIMIT: usize = 24 << 20;

/// The text, or why there is none.
pub(super) fn text(kind: DumpKind, snapshot: &Snapshot) -> Result<String, String> {
    let mut out = Vec::new();
    let zone = Zone(&|at| keepalived_linux::local_time::Calendar::local(at.secs()).offset);
    let written = match kind {
        DumpKind::Data => render::data(&mut out, snapshot, zone),
        DumpKind::Stats => render::stats(&mut out, &snapshot.instances),
        DumpKind::Json(version) => render::json(&mut out, snapshot, version),
        DumpKind::Metrics => render::metrics(&mut out, snapshot),
    };
    written.map_err(|error| format!("failed to make the dump: {error}"))?;
    if out.len() > LIMIT {
        return Err(format!(
            "the dump has {} bytes, too long for the bus; ask the daemon to write its file instead",
            out.len()
        ));
    }
    String::from_utf8(out).map_err(|_| "failed to make the dump: not UTF-8".to_owned())
}
