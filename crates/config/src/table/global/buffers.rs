//! Receive buffers.

use crate::table::decl::{Block, Keyword, Kind, Later, Repeat, Status, Surplus, int, kw, may, rest_of, want};

/// Buffers of netlink sockets and of process events.
pub(super) static NETLINK: &[Keyword] = &[
    kw("vrrp_netlink_cmd_rcv_bufs")
        .slots(&[want(int(0, 4_294_967_295)).strict().unit("bytes")])
        .default("0 (system default)")
        .values("0..4294967295 bytes; 0, missing or invalid = unchanged")
        .doc("Receive buffer size of the VRRP netlink command socket."),
    kw("vrrp_netlink_cmd_rcv_bufs_force")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Allow that buffer of the VRRP netlink command socket to exceed the system-wide maximum."),
    kw("vrrp_netlink_monitor_rcv_bufs")
        .slots(&[want(int(0, 4_294_967_295)).strict().unit("bytes")])
        .default("0 (system default)")
        .values("0..4294967295 bytes; 0, missing or invalid = unchanged")
        .doc("Receive buffer size of the VRRP netlink event socket."),
    kw("vrrp_netlink_monitor_rcv_bufs_force")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Allow that buffer of the VRRP netlink event socket to exceed the system-wide maximum."),
    kw("process_monitor_rcv_bufs")
        .slots(&[want(int(0, 4_294_967_295)).strict().unit("bytes")])
        .default("0 (system default)")
        .values("0..4294967295 bytes; 0, missing or invalid = unchanged")
        .doc("Receive buffer size of the process-event socket."),
    kw("process_monitor_rcv_bufs_force")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Allow that buffer of the process-event socket to exceed the system-wide maximum."),
    kw("lvs_netlink_cmd_rcv_bufs")
        .slots(&[want(int(0, 4_294_967_295)).strict().unit("bytes")])
        .status(Status::Planned(Later::Lvs))
        .default("0 (system default)")
        .values("0..4294967295 bytes; 0, missing or invalid = unchanged")
        .doc("Receive buffer size of the checker netlink command socket."),
    kw("lvs_netlink_cmd_rcv_bufs_force")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Allow that buffer of the checker netlink command socket to exceed the system-wide maximum."),
    kw("lvs_netlink_monitor_rcv_bufs")
        .slots(&[want(int(0, 4_294_967_295)).strict().unit("bytes")])
        .status(Status::Planned(Later::Lvs))
        .default("0 (system default)")
        .values("0..4294967295 bytes; 0, missing or invalid = unchanged")
        .doc("Receive buffer size of the checker netlink event socket."),
    kw("lvs_netlink_monitor_rcv_bufs_force")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Allow that buffer of the checker netlink event socket to exceed the system-wide maximum."),
];

/// Buffers of sockets for adverts.
pub(super) static ADVERTS: &[Keyword] = &[
    kw("vrrp_rx_bufs_policy")
        .slots(&[want(rest_of("(MTU|ADVERT|UINT)+", &GLOBAL_DEFS_VRRP_RX_BUFS_POLICY_ARG))])
        .repeat(Repeat::Merged)
        .default("system default")
        .values("MTU/ADVERT case-insensitive; a size overrides a policy, MTU wins over ADVERT (both reported)")
        .doc("How the receive buffer of VRRP sockets is sized: from interface MTU, from advert size, or a fixed byte count."),
    kw("vrrp_rx_bufs_multiplier")
        .slots(&[want(int(1, 4_294_967_295)).strict()])
        .surplus(Surplus::Refused)
        .default("3")
        .values("1..4294967295, exactly one word; else ignored")
        .doc("Factor applied per instance by the MTU and ADVERT policies."),
];

/// `global_defs.vrrp_rx_bufs_policy.<arg>`.
pub static GLOBAL_DEFS_VRRP_RX_BUFS_POLICY_ARG: Block = Block::new(
    "global_defs.vrrp_rx_bufs_policy.<arg>",
    &[
        kw("MTU")
            .repeat(Repeat::Flag)
            .values("case-insensitive")
            .doc("Size from interface MTU times multiplier."),
        kw("ADVERT")
            .repeat(Repeat::Flag)
            .values("case-insensitive")
            .doc("Size from advert length times multiplier."),
        kw("<number>")
            .slots(&[want(int(0, 4_294_967_295))])
            .values("0..4294967295")
            .doc("Fixed size in bytes."),
    ],
);
