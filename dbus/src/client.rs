//! Proxies for consoles.

use zbus::{fdo, proxy};

/// `org.keepalived.Vrrp1.Vrrp`.
#[proxy(
    interface = "org.keepalived.Vrrp1.Vrrp",
    default_service = "org.keepalived.Vrrp1",
    default_path = "/org/keepalived/Vrrp1/Vrrp",
    async_name = "VrrpProxy"
)]
pub trait Vrrp {
    /// Writes `keepalived.data`.
    fn print_data(&self) -> fdo::Result<()>;
    /// Writes `keepalived.stats`.
    fn print_stats(&self) -> fdo::Result<()>;
    /// Writes `keepalived.stats` and zeroes the counters.
    fn print_stats_clear(&self) -> fdo::Result<()>;
    /// Starts a reload.
    fn reload_config(&self) -> fdo::Result<()>;
    /// The VRRP process began.
    #[zbus(signal)]
    fn vrrp_started(&self) -> zbus::Result<()>;
    /// A reload was carried out.
    #[zbus(signal)]
    fn vrrp_reloaded(&self) -> zbus::Result<()>;
    /// The VRRP process stops.
    #[zbus(signal)]
    fn vrrp_stopped(&self) -> zbus::Result<()>;
}

/// `org.keepalived.Vrrp1.Instance`.
#[proxy(
    interface = "org.keepalived.Vrrp1.Instance",
    default_service = "org.keepalived.Vrrp1",
    assume_defaults = false,
    async_name = "InstanceProxy"
)]
pub trait Instance {
    /// Sends a gratuitous ARP or neighbour advertisement for each address.
    fn send_garp(&self) -> fdo::Result<()>;
    /// Name of the block.
    #[zbus(property(emits_changed_signal = "false"))]
    fn name(&self) -> fdo::Result<(String,)>;
    /// Number and word of the state.
    #[zbus(property(emits_changed_signal = "false"))]
    fn state(&self) -> fdo::Result<(u32, String)>;
    /// The new state.
    #[zbus(signal)]
    fn vrrp_status_change(&self, status: u32) -> zbus::Result<()>;
}

/// `org.keepalived.Vrrp1.Status1`; texts are the JSON of [`keepalived_status::view`].
#[proxy(
    interface = "org.keepalived.Vrrp1.Status1",
    default_service = "org.keepalived.Vrrp1",
    default_path = "/org/keepalived/Vrrp1/Vrrp",
    async_name = "StatusProxy"
)]
pub trait Status {
    /// An `Overview`.
    fn get_overview(&self) -> zbus::Result<String>;
    /// `Row`s from the number `first` on, at most `count`.
    fn get_instances(&self, first: u32, count: u32) -> zbus::Result<String>;
    /// A `Detail`.
    fn get_instance(&self, name: &str) -> zbus::Result<String>;
    /// A `Notice`.
    #[zbus(signal)]
    fn notice(&self, notice: &str) -> zbus::Result<()>;
}

/// `org.keepalived.Vrrp1.Control1`.
#[proxy(
    interface = "org.keepalived.Vrrp1.Control1",
    default_service = "org.keepalived.Vrrp1",
    default_path = "/org/keepalived/Vrrp1/Vrrp",
    async_name = "ControlProxy"
)]
pub trait Control {
    /// Reloads and waits for the end.
    fn reload(&self) -> zbus::Result<()>;
    /// Announces the addresses of one instance again.
    fn send_garp(&self, instance: &str) -> zbus::Result<()>;
    /// `data`, `stats`, `json1`, `json2` or `metrics`.
    fn dump(&self, kind: &str) -> zbus::Result<String>;
}
