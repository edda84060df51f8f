//! The number by which addresses are ours (`IFA_PROTO`, `vrrp.md` 9.2): that of the name `keepalived` in iproute2's table
//! `rt_addrprotos`. Where the table lacks the name it is added, so that `ip address` shows it; nothing depends on that.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use keepalived_linux::netlink::{KEEPALIVED_PROTOCOL, set_keepalived_protocol};
use keepalived_model::config::Config;

use crate::facts;

const TABLE: &str = "rt_addrprotos";
const NAME: &str = "keepalived";

/// Reads the table, and adds our name where it is missing and may be written.
pub(super) fn settle(config: &Config) {
    let iproute = &config.global.iproute;
    let etc = PathBuf::from(iproute.etc.as_deref().unwrap_or("/etc/iproute2"));
    let text = facts::iproute2_table_of(TABLE, Some(&etc), iproute.usr.as_deref().map(Path::new));
    match number(&text) {
        Entry::Ours(number) => set_keepalived_protocol(number),
        Entry::Free => {
            if let Err(error) = add(&etc) {
                tracing::debug!("failed to add {NAME} to {TABLE} in {}: {error}", etc.display());
            }
        }
        Entry::Taken => {}
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// The name is there.
    Ours(u8),
    /// Neither the name nor the number is there.
    Free,
    /// Another name has the number.
    Taken,
}

fn number(text: &str) -> Entry {
    let mut entry = Entry::Free;
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or("").split_ascii_whitespace();
        let (Some(number), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let number: Option<u8> = match number.strip_prefix("0x") {
            Some(digits) => u8::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        };
        match number {
            Some(number) if name == NAME => return Entry::Ours(number),
            Some(KEEPALIVED_PROTOCOL) => entry = Entry::Taken,
            _ => {}
        }
    }
    entry
}

/// A file of our own beside the table, as packages do it; an existing one is never changed.
fn add(etc: &Path) -> io::Result<()> {
    // Without iproute2 there is nobody to read it.
    if !etc.is_dir() {
        return Ok(());
    }
    let directory = etc.join(format!("{TABLE}.d"));
    match fs::create_dir(&directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) => {}
        // Everybody's `ip` reads it, whatever our umask is.
        Ok(()) => fs::set_permissions(&directory, fs::Permissions::from_mode(0o755))?,
    }
    let mut file = fs::File::options()
        .write(true)
        .create_new(true)
        .open(directory.join("keepalived.conf"))?;
    file.set_permissions(fs::Permissions::from_mode(0o644))?;
    writeln!(file, "{KEEPALIVED_PROTOCOL}\t{NAME}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_the_number() {
        assert_eq!(number("0 unspec\n# 18 keepalived\n3\tkernel_ll\n"), Entry::Free);
        assert_eq!(number("0x21\tkeepalived # ours\n"), Entry::Ours(33));
        assert_eq!(number("18 bird\n"), Entry::Taken);
        assert_eq!(number("18 bird\n77 keepalived\n"), Entry::Ours(77));
        assert_eq!(number("300 keepalived\nbroken\n"), Entry::Free);
    }

    #[test]
    fn our_name_is_added_once_and_only_where_iproute2_is() {
        let dir = tempfile::tempdir().unwrap();
        add(&dir.path().join("missing")).unwrap();
        assert!(!dir.path().join("missing").exists());
        add(dir.path()).unwrap();
        let file = dir.path().join("rt_addrprotos.d/keepalived.conf");
        assert_eq!(fs::read_to_string(&file).unwrap(), "18\tkeepalived\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
        fs::write(&file, "19\tkeepalived\n").unwrap();
        add(dir.path()).unwrap_err();
        assert_eq!(fs::read_to_string(&file).unwrap(), "19\tkeepalived\n");
        let text = facts::iproute2_table_of(TABLE, Some(dir.path()), Some(dir.path()));
        assert_eq!(number(&text), Entry::Ours(19));
    }
}
