//! Keywords outside any block.

use super::{
    address::STATIC_IPADDRESS_ITEM,
    bfd::BFD_INSTANCE,
    decl::{Block, Later, ReloadEffect, Repeat, Status, Surplus, int, kw, may, must, rest, text, text_max, want},
    global::GLOBAL_DEFS,
    group::{TRACK_GROUP, VRRP_SYNC_GROUP},
    instance::VRRP_INSTANCE,
    lvs::{SSL, VIRTUAL_SERVER, VIRTUAL_SERVER_GROUP_ITEM},
    route::STATIC_ROUTES_ITEM,
    rule::STATIC_RULES_ITEM,
    track::{
        GARP_GROUP, INTERFACE_UP_DOWN_DELAYS_ITEM, LINKBEAT_INTERFACES_ITEM, TRACK_FILE, VRRP_SCRIPT, VRRP_TRACK_FILE,
        VRRP_TRACK_PROCESS,
    },
};

/// The root.
pub static ROOT: Block = Block::new("", &[
    kw("linkbeat_use_polling")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Poll link state of every VRRP interface (MII, then ETHTOOL, then ioctl) instead of trusting netlink notifications; parent-level keyword, extra words ignored."),
    kw("net_namespace")
        .slots(&[want(text("name"))])
        .repeat(Repeat::First)
        .reload(ReloadEffect::Refused)
        .default("none (inherit)")
        .values("name of an existing network namespace")
        .doc("Network namespace the daemon enters before starting children; enables the per-daemon PID directory; cannot change on reload; missing name reported and ignored; a later occurrence is reported and ignored; the -s option overrides it; if the namespace cannot be entered the program stops (exit 0, no message under -t)."),
    kw("net_namespace_ipvs")
        .slots(&[may(text("name"))])
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Lvs))
        .reload(ReloadEffect::Refused)
        .default("same namespace as the checker")
        .values("empty = default namespace")
        .doc("Namespace in which the IPVS tables are managed while health checks stay in net_namespace; without a name the original namespace is meant; second occurrence reported and ignored; cannot change on reload."),
    kw("namespace_with_ipsets")
        .repeat(Repeat::Flag)
        .reload(ReloadEffect::AtStart)
        .default("off")
        .doc("Permit ipsets although a net_namespace is configured (only matters on kernels older than 3.13 and in iptables builds)."),
    kw("use_pid_dir")
        .repeat(Repeat::Flag)
        .reload(ReloadEffect::AtStart)
        .default("off")
        .doc("Keep PID files in the daemon's own subdirectory of the run-state directory."),
    kw("instance")
        .slots(&[want(text("name"))])
        .repeat(Repeat::First)
        .reload(ReloadEffect::Refused)
        .default("none")
        .values("any word")
        .doc("Name of this daemon when several run in one namespace; becomes part of PID file, reload file and syslog ident names; missing name or second occurrence reported and ignored; not changeable on reload."),
    kw("child_wait_time")
        .slots(&[must(int(0, 4_294_967_295)).strict().unit("s")])
        .reload(ReloadEffect::AtStart)
        .default("5")
        .values("0..4294967295 s; else ignored")
        .doc("Seconds the parent waits at shutdown for its child processes before giving up on them."),
    kw("global_defs")
        .block(&GLOBAL_DEFS)
        .repeat(Repeat::Merged)
        .doc("Container for daemon-wide settings; may appear several times and anywhere; words after the keyword are ignored."),
    kw("track_group")
        .slots(&[want(text("name"))])
        .block(&TRACK_GROUP)
        .surplus(Surplus::Refused)
        .repeat(Repeat::Yes)
        .values("name must be unique")
        .doc("Defines a named set of VRRP instances that static addresses/routes/rules can refer to; without exactly one name, or with a name already used, the block is skipped; without a non-empty group block it is removed."),
    kw("static_ipaddress")
        .items(&STATIC_IPADDRESS_ITEM)
        .repeat(Repeat::Yes)
        .doc("Addresses added at start and removed at stop independent of VRRP state; one address per line; starts the VRRP process on its own."),
    kw("static_routes")
        .items(&STATIC_ROUTES_ITEM)
        .repeat(Repeat::Yes)
        .doc("Routes kept installed while the daemon runs; one route per line in iproute2-like syntax; starts the VRRP process on its own."),
    kw("static_rules")
        .items(&STATIC_RULES_ITEM)
        .repeat(Repeat::Yes)
        .doc("Policy rules kept installed while the daemon runs; one rule per line; starts the VRRP process on its own."),
    kw("vrrp_sync_group")
        .slots(&[want(text("name"))])
        .block(&VRRP_SYNC_GROUP)
        .surplus(Surplus::Refused)
        .repeat(Repeat::Yes)
        .values("name must be unique")
        .doc("Group of instances whose states move together; needs exactly one name, duplicates are skipped, a group without (valid) members is removed, a single member draws a warning."),
    kw("garp_group")
        .block(&GARP_GROUP)
        .repeat(Repeat::Yes)
        .doc("Pacing of gratuitous ARP / unsolicited NA on one interface or on a set of interfaces sharing the budget; a group that sets neither interval is removed."),
    kw("linkbeat_interfaces")
        .items(&LINKBEAT_INTERFACES_ITEM)
        .repeat(Repeat::Yes)
        .doc("Interfaces whose link state is polled instead of learnt by netlink; an unknown interface is reported with class FATAL and skipped; VMAC/IPVLAN interfaces are refused (log only)."),
    kw("vrrp_instance")
        .slots(&[want(text("name"))])
        .block(&VRRP_INSTANCE)
        .surplus(Surplus::Refused)
        .repeat(Repeat::Yes)
        .values("name must be unique")
        .doc("Defines one virtual router; needs exactly one name word, otherwise the block is skipped; a repeated name skips the later block."),
    kw("vrrp_script")
        .slots(&[must(text("name"))])
        .block(&VRRP_SCRIPT)
        .repeat(Repeat::Yes)
        .doc("Script run periodically whose result can drive instances; must be defined before it is referenced; duplicate names are kept but only the first is found."),
    kw("vrrp_track_process")
        .slots(&[must(text("name"))])
        .block(&VRRP_TRACK_PROCESS)
        .repeat(Repeat::Yes)
        .doc("Process-presence monitor for use by track_process; needs the kernel process-events connector; must be defined before use. (build: track_process)"),
    kw("interface_up_down_delays")
        .items(&INTERFACE_UP_DOWN_DELAYS_ITEM)
        .repeat(Repeat::Yes)
        .doc("Debounce times per interface before a link change influences VRRP; unknown interface reported with class FATAL (alone gives -t exit 4) and the line dropped."),
    kw("SSL")
        .block(&SSL)
        .status(Status::Planned(Later::Lvs))
        .default("context generated automatically")
        .doc("Client certificate material used by SSL_GET checks; a second block is reported and replaces the first; files are only opened at run time."),
    kw("virtual_server_group")
        .slots(&[must(text("name"))])
        .items(&VIRTUAL_SERVER_GROUP_ITEM)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .doc("Named list of addresses, ranges and firewall marks shared by virtual_server group; an empty group, or one mixing IPv4, IPv6 and a mark without family, is removed; may be defined after the virtual server using it."),
    kw("virtual_server")
        .slots(&[must(rest("ADDRESS [PORT] | fwmark MARK | group NAME"))])
        .block(&VIRTUAL_SERVER)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("port 1..65535 (0 or absent = any); fwmark 0..4294967295")
        .doc("Declares an IPVS service; an unparsable address/port/mark skips the block; a service left without real servers is dropped; duplicates are not detected."),
    kw("bfd_instance")
        .slots(&[must(text_max("name", 31))])
        .block(&BFD_INSTANCE)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Bfd))
        .values("name at most 31 characters, unique")
        .doc("Declares a BFD session; over-long or repeated names skip the block; must precede the blocks that track it. (build: bfd)"),
    kw("track_file")
        .slots(&[must(text("name"))])
        .block(&TRACK_FILE)
        .repeat(Repeat::Yes)
        .doc("Declares a file whose numeric content can be tracked; must precede its use; duplicate names kept, first one found; parsed by both VRRP and checker processes."),
    kw("vrrp_track_file")
        .canonical("track_file")
        .slots(&[must(text("name"))])
        .block(&VRRP_TRACK_FILE)
        .repeat(Repeat::Yes)
        .deprecated("track_file", false)
        .doc("Old name of track_file; logs a deprecation note and behaves identically."),
]);
