//! Everything the daemon needs of Linux, behind small typed facades. Nothing here decides anything: engines say what is
//! wanted, this crate asks the kernel for it and reports what the kernel said.
//!
//! | module | what it is for |
//! |---|---|
//! | [`timer`] | the monotonic clock and the one timer of an event loop |
//! | [`netlink`] | links, addresses, routes, rules and the firewall: dumps, changes, events |
//! | [`iptables`] | the firewall by the programs of iptables and ipset |
//! | [`vrrp_socket`] | raw sockets for adverts, in batches |
//! | [`announce`] | packet sockets for gratuitous ARP and neighbour advertisements |
//! | [`process`] | pid files, limits, privileges, namespaces, signals, workers |
//! | [`script`] | the user's scripts: start, watch, end |
//! | [`linkbeat`] | polling of link states |
//! | [`inherited`] | descriptors left open by the parent |
//! | [`files`] | files whose contents matter while we run |
//! | [`processes`] | which programs run |
//! | [`security`] | may a file be run as root, and who runs it |
//! | [`host_name`] | the machine's name, short and in full |
//! | [`syslog`] | the system log's socket |
//! | [`local_time`] | dates of the machine's time zone |
//! | [`watched`] | a descriptor in Tokio's event loop, without `unsafe` elsewhere |
//! | [`local_time`] | calendar dates in the time zone of the machine |
//! | [`sysctl`] | per-interface kernel settings, with their restoration |
//!
//! Everything that waits is cancel safe, so that a worker can be one `tokio::select!`.

#![expect(
    unsafe_code,
    reason = "the system calls that no safe crate offers; each block says why it is sound"
)]

pub mod announce;
pub mod files;
pub mod host_name;
pub mod inherited;
pub mod iptables;
pub mod kin;
pub mod linkbeat;
pub mod local_time;
mod mmsg;
pub mod netlink;
pub mod process;
pub mod processes;
pub mod script;
pub mod security;
pub mod sysctl;
pub mod syslog;
pub mod timer;
pub mod vrrp_socket;
pub mod watched;
