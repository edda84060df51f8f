//! Names of the iproute2 tables: routing tables, protocols, scopes, realms, type of service, interface groups.

use std::collections::BTreeMap;

use super::number;

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Routing tables.
    Table,
    /// Routing protocols.
    Protocol,
    /// Address and route scopes.
    Scope,
    /// Realms.
    Realm,
    /// Type of service.
    Tos,
    /// Interface groups.
    Group,
}

impl Kind {
    /// File of the table.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Table => "rt_tables",
            Self::Protocol => "rt_protos",
            Self::Scope => "rt_scopes",
            Self::Realm => "rt_realms",
            Self::Tos => "rt_dsfield",
            Self::Group => "group",
        }
    }

    /// In words.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::Table => "routing table",
            Self::Protocol => "routing protocol",
            Self::Scope => "scope",
            Self::Realm => "realm",
            Self::Tos => "type of service",
            Self::Group => "interface group",
        }
    }

    /// Largest number.
    #[must_use]
    pub const fn max(self) -> u64 {
        match self {
            Self::Table | Self::Group => u32::MAX as u64,
            Self::Protocol | Self::Scope | Self::Realm | Self::Tos => 255,
        }
    }

    /// Names known without any file.
    pub(super) fn builtin(self, name: &str) -> Option<u32> {
        let names: &[(&str, u32)] = match self {
            Self::Table => &[("default", 253), ("main", 254), ("local", 255)],
            Self::Scope => &[
                ("global", 0),
                ("site", 200),
                ("link", 253),
                ("host", 254),
                ("nowhere", 255),
            ],
            Self::Protocol => &[
                ("none", 0),
                ("redirect", 1),
                ("kernel", 2),
                ("boot", 3),
                ("static", 4),
                ("gated", 8),
                ("ra", 9),
                ("mrt", 10),
                ("zebra", 11),
                ("bird", 12),
                ("dnrouted", 13),
                ("xorp", 14),
                ("ntk", 15),
                ("dhcp", 16),
                ("keepalived", 18),
            ],
            Self::Group => &[("default", 0)],
            Self::Realm => &[("unknown", 0)],
            Self::Tos => &[],
        };
        names.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }

    /// Number of a word: itself, a name of the file, or a built-in name.
    #[must_use]
    pub fn number(self, word: &str, table: Option<&Table>) -> Option<u32> {
        // Type of service is hexadecimal in its file and in what people write.
        if let Ok(value) = number::c_u64(word) {
            return u32::try_from(value).ok().filter(|_| value <= self.max());
        }
        table
            .and_then(|t| t.names.get(word).copied())
            .or_else(|| self.builtin(word))
            .filter(|v| u64::from(*v) <= self.max())
    }
}

/// One table, read.
#[derive(Clone, Debug, Default)]
pub struct Table {
    names: BTreeMap<Box<str>, u32>,
}

impl Table {
    /// Reads lines of `NUMBER NAME`; comments begin with `#`, later lines win.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut names = BTreeMap::new();
        for line in text.lines() {
            let mut words = line.split('#').next().unwrap_or("").split_ascii_whitespace();
            let (Some(value), Some(name)) = (words.next(), words.next()) else {
                continue;
            };
            if let Ok(value) = number::c_u32(value) {
                names.insert(name.into(), value);
            }
        }
        Self { names }
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(|n| &**n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_file_and_from_the_built_in_list() {
        let table = Table::parse("# comment\n100 blue\n0x65\tred # more\nbroken\n");
        assert_eq!(Kind::Table.number("blue", Some(&table)), Some(100));
        assert_eq!(Kind::Table.number("red", Some(&table)), Some(101));
        assert_eq!(Kind::Table.number("main", None), Some(254));
        assert_eq!(Kind::Table.number("7", None), Some(7));
        assert_eq!(Kind::Scope.number("256", None), None);
        assert_eq!(Kind::Table.number("green", Some(&table)), None);
    }
}
