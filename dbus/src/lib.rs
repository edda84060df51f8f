//! Typed D-Bus interfaces and proxies of `org.keepalived.Vrrp1`.
//!
//! [`server`] holds the objects that the control process exports: the two interfaces of keepalived exactly as they are, and two of
//! our own beside them. [`client`] holds the proxies for them. [`path`] knows where objects are.
//! `introspection/` describes the interfaces, `org.keepalived.Vrrp1.conf` is the policy for the system bus.

pub mod client;
pub mod path;
pub mod server;

pub use zbus;

/// The name on the bus unless `dbus_service_name` says otherwise.
pub const SERVICE: &str = "org.keepalived.Vrrp1";
