//! What the configuration says about the bus.

use keepalived_dbus::{SERVICE, path::Root};
use keepalived_model::global::Global;

/// Where the daemon is on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BusSettings {
    /// Well-known name (`dbus_service_name`).
    pub(super) service: String,
    /// What stands for the interface of an instance without one (`dbus_no_interface_name`).
    pub(super) no_interface: String,
    /// Above all objects.
    pub(super) root: Root,
}

impl BusSettings {
    /// `None` without `enable_dbus`.
    pub(super) fn new(global: &Global, namespace: Option<&str>, instance: Option<&str>) -> Option<Self> {
        let dbus = &global.dbus;
        dbus.enabled.then(|| Self {
            service: dbus.service_name.as_deref().unwrap_or(SERVICE).to_owned(),
            no_interface: dbus.no_interface_name.as_deref().unwrap_or("none").to_owned(),
            root: Root::new(namespace, instance),
        })
    }
}
