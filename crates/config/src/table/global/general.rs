//! The daemon as a whole: names, mail, start and stop scripts, interfaces.

use crate::table::decl::{
    Keyword, Kind, Later, OnBad, ReloadEffect, Repeat, Status, Surplus, choice, int, kw, may, must, text, text_cut,
    want,
};

/// Names, mail, start and stop scripts, interfaces.
pub(super) static GENERAL: &[Keyword] = &[
    kw("process_names")
        .repeat(Repeat::Flag)
        .default("kernel default (program name)")
        .doc("Name the children keepalived_vrrp, keepalived_lvs and keepalived_bfd (the parent keeps its name); extra words ignored."),
    kw("process_name")
        .slots(&[must(text_cut("name", 15))])
        .default("unset")
        .values("1..15 characters; longer is cut to 15 with a warning")
        .doc("Process title of the parent."),
    kw("vrrp_process_name")
        .slots(&[must(text_cut("name", 15))])
        .default("unset")
        .values("1..15 characters; longer is cut to 15 with a warning")
        .doc("Process title of the VRRP child."),
    kw("checker_process_name")
        .slots(&[must(text_cut("name", 15))])
        .status(Status::Planned(Later::Lvs))
        .default("unset")
        .values("1..15 characters; longer is cut to 15 with a warning")
        .doc("Process title of the checker child."),
    kw("bfd_process_name")
        .slots(&[must(text_cut("name", 15))])
        .status(Status::Planned(Later::Bfd))
        .default("unset")
        .values("1..15 characters; longer is cut to 15 with a warning")
        .doc("Process title of the BFD child."),
    kw("lvs_process_name")
        .canonical("checker_process_name")
        .slots(&[must(text_cut("name", 15))])
        .status(Status::Planned(Later::Lvs))
        .deprecated("checker_process_name", false)
        .default("unset")
        .values("1..15 characters; longer is cut")
        .doc("Older spelling of checker_process_name; logs a deprecation note."),
    kw("use_symlink_paths")
        .slots(&[may(Kind::Bool)])
        .since("2.3.0")
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Keep configured script paths even if they contain symlinks instead of replacing them by the resolved path."),
    kw("set_supplementary_groups")
        .slots(&[may(Kind::Bool)])
        .since("post-2.4.3")
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Give scripts the supplementary groups of their user by default (otherwise only when the group argument starts with a colon); order matters only for script settings inside global_defs."),
    kw("router_id")
        .slots(&[want(text("text"))])
        .default("host name")
        .values("any word")
        .doc("Text identifying this machine in mails and dumps; missing word reported and ignored."),
    kw("notification_email_from")
        .slots(&[want(text("address"))])
        .surplus(Surplus::Reported)
        .default("login@hostname (only when smtp_server set)")
        .values("mail address, quote it if it has a display name")
        .doc("Sender of notification mails; a display name holding special characters is quoted automatically; missing value ignored; surplus words reported."),
    kw("smtp_server")
        .slots(&[must(text("host")), may(Kind::Port)])
        .default("none (mail disabled)")
        .values("port 1..65535, default 25; unresolvable host or bad port leaves it unset")
        .doc("Relay for notification mails; anything not a literal address is resolved at configuration time; failures are reported."),
    kw("smtp_helo_name")
        .slots(&[may(text("name"))])
        .default("host name")
        .values("any word")
        .doc("Name used in HELO; without a word the line has no effect."),
    kw("smtp_connect_timeout")
        .slots(&[must(int(0, 4_294)).replace(0, 1).unit("s")])
        .default("30")
        .values("0..4294 s; 0 becomes 1; else ignored")
        .doc("Connection timeout to the mail relay in seconds."),
    kw("notification_email")
        .names("address")
        .repeat(Repeat::Yes)
        .default("none")
        .doc("Recipients of notification mails, any number of words per line; an address with display name must be double quoted; an empty block is reported."),
    kw("smtp_alert")
        .slots(&[may(Kind::Bool)])
        .default("unset")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default for all mail alerts where neither the more specific global nor the object decides."),
    kw("startup_script")
        .slots(&[want(Kind::Script)])
        .repeat(Repeat::First)
        .reload(ReloadEffect::AtStart)
        .default("none")
        .doc("Script run once by the parent before children start; executed as given user; later occurrences reported and ignored; subject to script security."),
    kw("startup_script_timeout")
        .slots(&[want(int(1, 1_000)).unit("s")])
        .reload(ReloadEffect::AtStart)
        .default("10")
        .values("1..1000 s; else ignored")
        .doc("Seconds allowed for startup_script before it is terminated."),
    kw("shutdown_script")
        .slots(&[want(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .doc("Script run once by the parent after all children have ended."),
    kw("shutdown_script_timeout")
        .slots(&[want(int(1, 1_000)).unit("s")])
        .default("10")
        .values("1..1000 s; else ignored")
        .doc("Seconds allowed for shutdown_script."),
    kw("max_auto_priority")
        .slots(&[may(int(-1, 99))])
        .default("0")
        .values("-1..99 (no word = 99); else ignored")
        .doc("Ceiling for automatic real-time priority increases of late children; 0 disables them, -1 disables and also silences the start-up notice."),
    kw("min_auto_priority_delay")
        .slots(&[want(int(1, 10_000_000)).unit("us")])
        .default("1000000")
        .values("1..10000000 us; else ignored")
        .doc("Lateness in microseconds of a timer that triggers one automatic priority step."),
    kw("smtp_alert_vrrp")
        .slots(&[may(Kind::Bool)])
        .default("unset")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default for mail alerts of VRRP instances and groups; overrides smtp_alert."),
    kw("smtp_alert_checker")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("unset")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default for mail alerts of virtual and real servers; overrides smtp_alert."),
    kw("checker_log_all_failures")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Log each failed health check attempt, not only the one that changes state."),
    kw("dynamic_interfaces")
        .slots(&[may(choice(&["allow_if_changes"])).bad(OnBad::Absent)])
        .repeat(Repeat::Flag)
        .default("off")
        .values("optional word allow_if_changes; other words reported")
        .doc("Allow references to interfaces that do not exist yet (otherwise they are fatal); allow_if_changes additionally tolerates an interface changing type or parent and turns duplicate-VRID errors on such interfaces into a fault state."),
    kw("no_email_faults")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not mail when an instance or group enters FAULT."),
    kw("default_interface")
        .slots(&[want(Kind::Interface)])
        .default("eth0")
        .values("existence checked on use")
        .doc("Interface for static addresses that name none; not applied to virtual addresses."),
    kw("disable_local_igmp")
        .repeat(Repeat::Flag)
        .reload(ReloadEffect::Refused)
        .default("off")
        .doc("Turn off kernel IGMP reports for link-local groups while running; reported and ignored when the sysctl is absent; cannot change on reload."),
    kw("v3_checksum_as_v2")
        .repeat(Repeat::Flag)
        .since("2.2.8")
        .default("off")
        .values("no argument, or a boolean; keepalived does not look at it and switches it on even after no")
        .doc("Default for instances: omit the pseudo header from IPv4 VRRPv3 checksums."),
];
