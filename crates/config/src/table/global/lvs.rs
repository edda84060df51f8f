//! Load balancing: tables of the kernel, its sync daemon, its firewall, checkers.

use crate::table::decl::{
    Block, Keyword, Kind, Later, ReloadEffect, Repeat, Status, choice, int, kw, may, must, rest_of, text, text_max,
    want,
};

/// Timeouts, flushing, the sync daemon.
pub(super) static IPVS: &[Keyword] = &[
    kw("lvs_timeouts")
        .slots(&[want(rest_of("(tcp|tcpfin|udp UINT)+", &GLOBAL_DEFS_LVS_TIMEOUTS_ARG))])
        .repeat(Repeat::Merged)
        .status(Status::Planned(Later::Lvs))
        .default("unchanged kernel values")
        .values("0..2678400 s each; fewer than two words after the keyword is an error; bad pairs ignored")
        .doc("IPVS connection timeouts in seconds; values not given (or 0) stay as they are."),
    kw("lvs_flush")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .reload(ReloadEffect::AtStart)
        .default("off")
        .doc("Empty the IPVS tables once at start."),
    kw("lvs_flush_on_stop")
        .slots(&[may(choice(&["VS"]))])
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .values("VS or nothing; other word reported")
        .doc("At shutdown empty all IPVS tables, or with VS delete only the managed virtual services without removing each real server first."),
    kw("lvs_flush_onstop")
        .canonical("lvs_flush_on_stop")
        .slots(&[may(choice(&["VS"]))])
        .status(Status::Planned(Later::Lvs))
        .deprecated("lvs_flush_on_stop", false)
        .default("off")
        .values("as lvs_flush_on_stop")
        .doc("Older spelling of lvs_flush_on_stop; no message."),
    kw("lvs_sync_daemon")
        .slots(&[want(rest_of("IFNAME ([inst] VRRP_INSTANCE)? (id UINT)? (maxlen UINT)? (port UINT)? (ttl UINT)? (group ADDR)?", &GLOBAL_DEFS_LVS_SYNC_DAEMON_ARG))])
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .values("interface name at most 15 characters")
        .doc("Run the kernel IPVS connection sync daemon on an interface; with an instance name its master/backup role follows that instance (unknown instance clears the setting), without it both roles run; second occurrence reported and ignored."),
];

/// nftables for IPVS, and counters.
pub(super) static NFTABLES: &[Keyword] = &[
    kw("nftables_ipvs")
        .slots(&[may(text_max("table", 254))])
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Lvs))
        .reload(ReloadEffect::Refused)
        .default("off; bare keyword = keepalived_ipvs")
        .values("1..254 characters; else ignored")
        .doc("Let nftables mark traffic for virtual server groups so that each group needs only one fwmark service; not changeable on reload."),
    kw("nftables_ipvs_priority")
        .slots(&[must(int(-2_147_483_648, 2_147_483_647)).strict()])
        .status(Status::Planned(Later::Lvs))
        .default("-1")
        .values("-2147483648..2147483647; else ignored")
        .doc("Priority of the IPVS marking chain; must follow nftables_ipvs, which resets it to -1."),
    kw("nftables_ipvs_start_fwmark")
        .slots(&[must(int(1, 4_294_967_295)).strict()])
        .status(Status::Planned(Later::Lvs))
        .default("1000")
        .values("1..4294967295; else ignored")
        .doc("First mark handed out to virtual server groups; nftables_ipvs must come first since it resets the value to 1000."),
    kw("nftables_counters")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Add packet counters to the nftables rules (debug aid)."),
];

/// Notifications and mail of checkers.
pub(super) static CHECKERS: &[Keyword] = &[
    kw("rs_init_notifies")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Run notifications also for real servers that come up at start."),
    kw("no_checker_emails")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Mail only when a real server is added or removed, not for each checker transition."),
];

/// `global_defs.lvs_sync_daemon.<arg>`.
pub static GLOBAL_DEFS_LVS_SYNC_DAEMON_ARG: Block = Block::new(
    "global_defs.lvs_sync_daemon.<arg>",
    &[
        kw("inst")
            .slots(&[want(text("vrrp_instance"))])
            .repeat(Repeat::First)
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("may be omitted for the second word")
            .doc("Instance whose state decides master/backup."),
        kw("id")
            .slots(&[want(int(0, 255)).strict()])
            .status(Status::Planned(Later::Lvs))
            .default("VRID of the instance, else 0")
            .values("0..255; else default")
            .doc("Sync id; a bare fourth word works with a warning."),
        kw("maxlen")
            .slots(&[want(int(1, 65_507)).strict()])
            .status(Status::Planned(Later::Lvs))
            .default("kernel default")
            .values("1..65507; else ignored")
            .doc("Maximum sync packet length."),
        kw("port")
            .slots(&[want(int(1, 65_535)).strict()])
            .status(Status::Planned(Later::Lvs))
            .default("8848")
            .values("1..65535; else ignored")
            .doc("UDP port."),
        kw("ttl")
            .slots(&[want(int(1, 255)).strict()])
            .status(Status::Planned(Later::Lvs))
            .default("1")
            .values("1..255; else ignored")
            .doc("Multicast TTL."),
        kw("group")
            .slots(&[want(Kind::Address)])
            .status(Status::Planned(Later::Lvs))
            .default("224.0.0.81")
            .values("multicast IPv4/IPv6; else ignored")
            .doc("Multicast group."),
    ],
);

/// `global_defs.lvs_timeouts.<arg>`.
pub static GLOBAL_DEFS_LVS_TIMEOUTS_ARG: Block = Block::new(
    "global_defs.lvs_timeouts.<arg>",
    &[
        kw("tcp")
            .slots(&[want(int(0, 2_678_400)).strict().unit("s")])
            .status(Status::Planned(Later::Lvs))
            .default("unchanged")
            .values("0..2678400 s; else ignored")
            .doc("Timeout of established TCP connections."),
        kw("tcpfin")
            .slots(&[want(int(0, 2_678_400)).strict().unit("s")])
            .status(Status::Planned(Later::Lvs))
            .default("unchanged")
            .values("0..2678400 s; else ignored")
            .doc("Timeout of closing TCP connections."),
        kw("udp")
            .slots(&[want(int(0, 2_678_400)).strict().unit("s")])
            .status(Status::Planned(Later::Lvs))
            .default("unchanged")
            .values("0..2678400 s; else ignored")
            .doc("Timeout of UDP connections."),
    ],
);
