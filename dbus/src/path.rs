//! Where objects are (`runtime.md` 8.1).

use std::fmt::Write;

use zbus::{ObjectPath, OwnedObjectPath};

/// What precedes the paths of one daemon: `/org/keepalived/Vrrp1[/NAMESPACE][/INSTANCE]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(String);

/// The root of a daemon without namespace and instance.
const BASE: &str = "/org/keepalived/Vrrp1";

impl Default for Root {
    fn default() -> Self {
        Self(BASE.into())
    }
}

impl Root {
    /// The root of a daemon in `namespace` (`net_namespace`) that is called `instance` (`instance`).
    #[must_use]
    pub fn new(namespace: Option<&str>, instance: Option<&str>) -> Self {
        let mut path = String::from(BASE);
        for element in [namespace, instance].into_iter().flatten().filter(|e| !e.is_empty()) {
            path.push('/');
            path.push_str(&element_of(element));
        }
        Self(path)
    }

    /// The object of the daemon as a whole.
    #[must_use]
    pub fn daemon(&self) -> OwnedObjectPath {
        owned(format!("{}/Vrrp", self.0))
    }

    /// The object of an instance. `no_interface` is `dbus_no_interface_name`.
    #[must_use]
    pub fn instance(&self, id: &Identity<'_>, no_interface: &str) -> OwnedObjectPath {
        let interface = element_of(id.interface.unwrap_or(no_interface));
        owned(format!("{}/Instance/{interface}/{}/{}", self.0, id.vrid, id.family))
    }
}

/// What the path of an instance is made of; its name is not.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Interface, if it has one.
    pub interface: Option<&'a str>,
    /// Virtual router id.
    pub vrid: u8,
    /// `IPv4`, `IPv6` or `None`.
    pub family: &'a str,
}

/// One element of a path: what is neither letter nor digit (of ASCII) becomes `_`.
fn element_of(name: &str) -> String {
    let mut element = String::with_capacity(name.len());
    for byte in name.bytes() {
        let fine = byte.is_ascii_alphanumeric();
        let _never_fails = element.write_char(if fine { char::from(byte) } else { '_' });
    }
    if element.is_empty() { "_".into() } else { element }
}

fn owned(path: String) -> OwnedObjectPath {
    // Every element is sanitised and non-empty, so the path is valid.
    ObjectPath::try_from(path)
        .unwrap_or_else(|_| ObjectPath::from_static_str_unchecked("/"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_keepalived() {
        let id = Identity {
            interface: Some("eth0.100-x"),
            vrid: 51,
            family: "IPv4",
        };
        assert_eq!(
            Root::default().instance(&id, "none").as_str(),
            "/org/keepalived/Vrrp1/Instance/eth0_100_x/51/IPv4"
        );
        let root = Root::new(Some("sr-2"), Some("IX"));
        assert_eq!(root.daemon().as_str(), "/org/keepalived/Vrrp1/sr_2/IX/Vrrp");
        let id = Identity {
            interface: None,
            vrid: 1,
            family: "IPv6",
        };
        assert_eq!(
            root.instance(&id, "no if").as_str(),
            "/org/keepalived/Vrrp1/sr_2/IX/Instance/no_if/1/IPv6"
        );
    }

    #[test]
    fn names_that_are_no_ascii_still_give_paths() {
        let id = Identity {
            interface: Some("äß"),
            vrid: 1,
            family: "IPv4",
        };
        assert_eq!(
            Root::new(None, Some("")).instance(&id, "none").as_str(),
            "/org/keepalived/Vrrp1/Instance/____/1/IPv4"
        );
    }
}
