//! The journal's own protocol: one datagram an entry, `NAME=value` lines, values with line ends length-prefixed
//! (systemd "Native Journal Protocol"). Written here because sending must never wait.

use std::{
    io,
    os::unix::{fs::MetadataExt as _, net::UnixDatagram},
    path::Path,
};

use super::line::Line;

const SOCKET: &str = "/run/systemd/journal/socket";
/// Entries of a change of state carry this id: `journalctl MESSAGE_ID=...`.
pub(super) const STATE_CHANGE_ID: &str = "5b5f2c9d5e274b6f8a0d3c1e7f4a9b62";

#[derive(Debug)]
pub(super) struct Journal {
    socket: UnixDatagram,
    entry: Vec<u8>,
}

impl Journal {
    /// Is stderr connected to the journal (`JOURNAL_STREAM`, systemd.exec(5))? Then entries go there with their fields.
    pub(super) fn open() -> Option<Self> {
        let stream = std::env::var("JOURNAL_STREAM").ok()?;
        let (device, inode) = stream.split_once(':')?;
        let stderr = std::fs::metadata("/proc/self/fd/2").ok()?;
        if device.parse() != Ok(stderr.dev()) || inode.parse() != Ok(stderr.ino()) {
            return None;
        }
        Self::at(Path::new(SOCKET)).ok()
    }

    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.connect(path)?;
        Ok(Self {
            socket,
            entry: Vec::with_capacity(512),
        })
    }

    pub(super) fn write(&mut self, line: &Line, ident: &str, facility: u8) -> io::Result<()> {
        self.entry.clear();
        let entry = &mut self.entry;
        put(entry, "MESSAGE", &line.message);
        put(entry, "PRIORITY", &(line.severity as u8).to_string());
        put(entry, "SYSLOG_IDENTIFIER", ident);
        put(entry, "SYSLOG_FACILITY", &facility.to_string());
        let has = |name: &str| line.fields.iter().any(|(field, _)| field == name);
        if has("KEEPALIVED_INSTANCE") && has("KEEPALIVED_STATE") {
            put(entry, "MESSAGE_ID", STATE_CHANGE_ID);
        }
        for (name, value) in &line.fields {
            put(entry, name, value);
        }
        self.socket.send(&self.entry).map(drop)
    }
}

fn put(entry: &mut Vec<u8>, name: &str, value: &str) {
    entry.extend_from_slice(name.as_bytes());
    if value.contains('\n') {
        entry.push(b'\n');
        entry.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        entry.push(b'=');
    }
    entry.extend_from_slice(value.as_bytes());
    entry.push(b'\n');
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::SystemTime;

    use keepalived_linux::syslog::Severity;

    use super::*;

    #[test]
    fn a_state_change_carries_its_fields_and_id() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let receiver = UnixDatagram::bind(&path).unwrap();
        let line = Line {
            time: SystemTime::now(),
            severity: Severity::Info,
            message: "(VI_1) Entering MASTER STATE\nx".into(),
            fields: vec![
                ("KEEPALIVED_INSTANCE".into(), "VI_1".into()),
                ("KEEPALIVED_STATE".into(), "MASTER".into()),
            ],
        };
        Journal::at(&path).unwrap().write(&line, "Keepalived_vrrp", 3).unwrap();
        let mut buffer = [0; 1000];
        let length = receiver.recv(&mut buffer).unwrap();
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert!(
            text.starts_with("MESSAGE\n\u{1e}\0\0\0\0\0\0\0(VI_1) Entering MASTER STATE\nx\nPRIORITY=6\n"),
            "{text:?}"
        );
        for part in [
            "SYSLOG_IDENTIFIER=Keepalived_vrrp\n",
            "KEEPALIVED_INSTANCE=VI_1\n",
            "KEEPALIVED_STATE=MASTER\n",
        ] {
            assert!(text.contains(part), "{text:?}");
        }
        assert!(text.contains(&format!("MESSAGE_ID={STATE_CHANGE_ID}\n")));
    }
}
