//! Kernel settings under `/proc/sys/net` (`ip-sysctl` of the kernel's documentation), with their restoration.
//!
//! The files show the network namespace of the calling thread.

use std::fs;
use std::io;

/// One setting of the kernel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sysctl {
    path: String,
}

impl Sysctl {
    /// `net.ipv4.conf.INTERFACE.NAME`: `arp_ignore`, `arp_filter`, `rp_filter`, `accept_local`, `promote_secondaries` ...
    ///
    /// `interface` may also be "all" or "default". `None` when a part has a slash or is a directory: it is no name.
    #[must_use]
    pub fn ipv4_conf(interface: &str, name: &str) -> Option<Self> {
        Self::conf("ipv4", interface, name)
    }

    /// `net.ipv6.conf.INTERFACE.NAME`: `disable_ipv6`, `forwarding`, `accept_dad` ...
    #[must_use]
    pub fn ipv6_conf(interface: &str, name: &str) -> Option<Self> {
        Self::conf("ipv6", interface, name)
    }

    /// `net.ipv4.NAME`: `igmp_link_local_mcast_reports`, `ip_forward` ...
    #[must_use]
    pub fn ipv4(name: &str) -> Option<Self> {
        is_name(name).then(|| Self {
            path: format!("/proc/sys/net/ipv4/{name}"),
        })
    }

    /// All that [`Sysctl::ipv4_conf`] takes for an interface: the interfaces of the namespace, "all" and "default".
    ///
    /// # Errors
    /// What reading the directory reports.
    pub fn ipv4_interfaces() -> io::Result<Vec<String>> {
        let entries = fs::read_dir("/proc/sys/net/ipv4/conf")?;
        Ok(entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect())
    }

    /// The setting that [`Display`](std::fmt::Display) calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('/').collect();
        match *parts {
            ["net", family @ ("ipv4" | "ipv6"), "conf", interface, name] => Self::conf(family, interface, name),
            ["net", "ipv4", name] => Self::ipv4(name),
            _ => None,
        }
    }

    fn conf(family: &str, interface: &str, name: &str) -> Option<Self> {
        let valid = is_name(interface) && is_name(name);
        valid.then(|| Self {
            path: format!("/proc/sys/net/{family}/conf/{interface}/{name}"),
        })
    }

    /// The present value.
    ///
    /// # Errors
    /// What reading the file reports (`NotFound`: no such interface, or the protocol is not in this kernel), or
    /// `InvalidData` when it is no number.
    pub fn read(&self) -> io::Result<i64> {
        fs::read_to_string(&self.path)?
            .trim()
            .parse()
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Write `value`; the answer undoes it, or is `None` when the value was set already.
    ///
    /// # Errors
    /// What reading or writing the file reports.
    pub fn set(&self, value: i64) -> io::Result<Option<Restore>> {
        let original = self.read()?;
        if original == value {
            return Ok(None);
        }
        self.write(value)?;
        Ok(Some(Restore {
            sysctl: self.clone(),
            original,
            written: value,
        }))
    }

    fn write(&self, value: i64) -> io::Result<()> {
        // Not fs::write: creating or truncating is meaningless in /proc, and a name that is gone must be an error.
        use std::io::Write as _;
        fs::OpenOptions::new()
            .write(true)
            .open(&self.path)?
            .write_all(format!("{value}\n").as_bytes())
    }
}

impl std::fmt::Display for Sysctl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.path.strip_prefix("/proc/sys/").unwrap_or(&self.path))
    }
}

/// What a setting was before we wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the original value is lost when this is dropped"]
pub struct Restore {
    /// The setting.
    pub sysctl: Sysctl,
    /// Its value before.
    pub original: i64,
    /// The value we wrote.
    pub written: i64,
}

impl Restore {
    /// Write the original value back, unless somebody else changed it since; an interface that is gone is no error.
    ///
    /// # Errors
    /// What reading or writing the file reports.
    pub fn restore(&self) -> io::Result<()> {
        match self.sysctl.read() {
            Ok(value) if value == self.written => self.sysctl.write(self.original),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn is_name(part: &str) -> bool {
    !part.is_empty() && part != "." && part != ".." && !part.contains(['/', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_directory() {
        assert_eq!(Sysctl::ipv4_conf("..", "arp_ignore"), None);
        assert_eq!(Sysctl::ipv4_conf("a/b", "arp_ignore"), None);
        assert_eq!(Sysctl::ipv6_conf("eth0", ""), None);
        let vlan = Sysctl::ipv4_conf("eth0.10", "arp_ignore").expect("valid");
        assert_eq!(vlan.to_string(), "net/ipv4/conf/eth0.10/arp_ignore");
    }

    #[test]
    fn a_setting_is_found_by_the_name_that_it_shows() {
        let all = [
            Sysctl::ipv4_conf("eth0.10", "arp_ignore"),
            Sysctl::ipv6_conf("eth0", "disable_ipv6"),
            Sysctl::ipv4("igmp_link_local_mcast_reports"),
        ];
        for sysctl in all {
            assert_eq!(sysctl.as_ref().and_then(|s| Sysctl::named(&s.to_string())), sysctl);
        }
        assert_eq!(Sysctl::named("net/ipv4/conf/../arp_ignore"), None);
        assert_eq!(Sysctl::named("net/ipv4/conf/a/b/arp_ignore"), None);
        assert_eq!(Sysctl::named("kernel/panic"), None);
    }
}
