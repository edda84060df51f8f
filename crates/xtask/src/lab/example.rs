//! The two configuration files of a lab, and the few things in them that the network around them must match.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// A directory with two configurations.
pub(super) struct Example {
    pub(super) directory: PathBuf,
    pub(super) first: Router,
    pub(super) second: Router,
    /// The address that they share.
    pub(super) address: Ipv4Addr,
    pub(super) prefix: u8,
    /// The name of the interface, the same on both.
    pub(super) interface: String,
}

/// One router of the example.
pub(super) struct Router {
    /// The name of its file without extension.
    pub(super) name: String,
    pub(super) config: String,
    pub(super) address: Ipv4Addr,
}

impl Example {
    /// Reads the first two `.conf` files of a directory.
    pub(super) fn read(directory: &Path) -> Result<Self, String> {
        let directory = directory
            .canonicalize()
            .map_err(|error| format!("failed to find {}: {error}", directory.display()))?;
        let entries = std::fs::read_dir(&directory)
            .map_err(|error| format!("failed to list {}: {error}", directory.display()))?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "conf"));
        files.sort();
        let [first, second, ..] = files.as_slice() else {
            return Err(format!("{} has fewer than two .conf files", directory.display()));
        };
        let (first, second) = (Router::read(first, 35)?, Router::read(second, 36)?);
        let shared = block(&first.config, "virtual_ipaddress").ok_or("no virtual_ipaddress in the first file")?;
        let (address, prefix) = shared.split_once('/').unwrap_or((&shared, "24"));
        Ok(Self {
            address: address
                .parse()
                .map_err(|_| format!("{address} is not an IPv4 address"))?,
            prefix: prefix.parse().map_err(|_| format!("{prefix} is not a prefix length"))?,
            interface: word_after(&first.config, "interface").unwrap_or("eth0").to_owned(),
            directory,
            first,
            second,
        })
    }

    /// An address for the client: the highest host of the shared address's /24.
    pub(super) fn client(&self) -> Ipv4Addr {
        let [a, b, c, _] = self.address.octets();
        Ipv4Addr::new(a, b, c, 250)
    }
}

impl Router {
    fn read(path: &Path, number: u8) -> Result<Self, String> {
        let config =
            std::fs::read_to_string(path).map_err(|error| format!("failed to read {}: {error}", path.display()))?;
        let own = word_after(&config, "unicast_src_ip").or_else(|| word_after(&config, "mcast_src_ip"));
        let address = own.map_or(Ok(Ipv4Addr::new(192, 0, 2, number)), str::parse);
        let address = address.map_err(|_| format!("{}: the source address is not an IPv4 address", path.display()))?;
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        Ok(Self { name, config, address })
    }
}

/// The word behind a keyword at the beginning of a line.
fn word_after<'a>(config: &'a str, keyword: &str) -> Option<&'a str> {
    let mut lines = config.lines().map(str::split_whitespace);
    lines.find_map(|mut words| {
        if words.next() == Some(keyword) {
            words.next()
        } else {
            None
        }
    })
}

/// The first word of the first line in a block.
fn block(config: &str, keyword: &str) -> Option<String> {
    let rest = config.split_once(keyword)?.1.split_once('{')?.1;
    rest.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_example_is_understood() -> Result<(), String> {
        let example = Example::read(&crate::shell::root().join("docs/examples/mail-cluster"))?;
        assert_eq!((example.address, example.prefix), (Ipv4Addr::new(192, 0, 2, 37), 24));
        assert_eq!(example.interface, "eth0");
        assert_eq!(example.first.address, Ipv4Addr::new(192, 0, 2, 35));
        assert_eq!(example.second.address, Ipv4Addr::new(192, 0, 2, 36));
        Ok(())
    }
}
