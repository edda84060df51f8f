//! `global_defs`.

use super::decl::{
    Block, EXTENSION, Kind, Later, OnBad, ReloadEffect, Repeat, Status, Surplus, choice, int, kw, may, must, rest,
    rest_of, seconds, text, text_cut, text_max, want,
};

/// `global_defs`.
pub static GLOBAL_DEFS: Block = Block::new("global_defs", &[
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
    kw("vrrp_mcast_group4")
        .slots(&[must(Kind::Address)])
        .default("224.0.0.18")
        .values("IPv4 multicast; else ignored")
        .doc("Default IPv4 destination of adverts."),
    kw("vrrp_mcast_group6")
        .slots(&[must(Kind::Address)])
        .default("ff02::12")
        .values("IPv6 multicast; else ignored; non link-local scope only warned about")
        .doc("Default IPv6 destination of adverts."),
    kw("vrrp_garp_master_delay")
        .slots(&[must(int(0, 4_294)).unit("s")])
        .default("5")
        .values("0..4294 s; else ignored")
        .doc("Default delay before the second burst of gratuitous ARP/NA after becoming master; 0 = no second burst."),
    kw("vrrp_garp_master_repeat")
        .slots(&[must(int(1, 4_294_967_295)).replace(0, 1)])
        .default("5")
        .values("1..4294967295, 0 becomes 1; else ignored")
        .doc("Default number of gratuitous ARP/NA per burst after becoming master."),
    kw("vrrp_garp_master_refresh")
        .slots(&[must(int(0, 4_294_967_295)).bad(OnBad::Use(0)).unit("s")])
        .default("0")
        .values("0..4294967295 s; invalid sets 0")
        .doc("Default minimum interval between refresh bursts while master; 0 = none."),
    kw("vrrp_garp_master_refresh_repeat")
        .slots(&[must(int(1, 4_294_967_295)).replace(0, 1)])
        .default("1")
        .values("1..4294967295, 0 becomes 1; else ignored")
        .doc("Default number of packets per refresh burst."),
    kw("vrrp_garp_lower_prio_delay")
        .slots(&[must(int(0, 4_294)).unit("s")])
        .default("value of vrrp_garp_master_delay")
        .values("0..4294 s; else ignored")
        .doc("Default delay of the second burst after a lower-priority advert was seen while master."),
    kw("vrrp_garp_lower_prio_repeat")
        .slots(&[must(int(0, 2_147_483_647))])
        .default("value of vrrp_garp_master_repeat")
        .values("0..2147483647; else ignored")
        .doc("Default packets per burst after a lower-priority advert was seen while master."),
    kw("vrrp_down_timer_adverts")
        .slots(&[must(int(1, 100))])
        .default("3")
        .values("1..100; else ignored")
        .doc("Default number of missed adverts before the master is considered down."),
    kw("vrrp_garp_interval")
        .slots(&[must(seconds(1, 4_294_967_295))])
        .default("0")
        .values("0.000001..4294.967295 s; else ignored; 1 s or more logged as large")
        .doc("Pause between successive gratuitous ARPs on one interface."),
    kw("vrrp_gna_interval")
        .slots(&[must(seconds(1, 4_294_967_295))])
        .default("0")
        .values("0.000001..4294.967295 s; else ignored")
        .doc("Pause between successive unsolicited neighbour advertisements on one interface."),
    kw("vrrp_min_garp")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Reduce gratuitous messages to one packet without second burst by setting repeat 1, delay 0, refresh 0 and refresh repeat 0, each only if still at its built-in default; \"no\" has no effect."),
    kw("vrrp_garp_extra_if")
        .slots(&[may(Kind::Literal("all")), want(int(1, 86_400)).unit("s")])
        .default("0 (off)")
        .values("1..86400 s; else ignored; a number is mandatory")
        .doc("Default interval for periodic gratuitous messages on VMACs that are not the instance interface, or with all on every extra interface used."),
    kw("vrrp_vmac_garp_intvl")
        .canonical("vrrp_garp_extra_if")
        .slots(&[may(Kind::Literal("all")), want(int(1, 86_400)).unit("s")])
        .deprecated("vrrp_garp_extra_if", true)
        .default("0 (off)")
        .values("as vrrp_garp_extra_if")
        .doc("Older spelling of vrrp_garp_extra_if; reported with class DEPRECATED (-t exit 5)."),
    kw("vrrp_lower_prio_no_advert")
        .slots(&[may(Kind::Bool)])
        .default("false (true in strict mode)")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default: do not answer a lower-priority advert with an own advert."),
    kw("vrrp_higher_prio_send_advert")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default: when yielding to a higher-priority master send one last advert first."),
    kw("vrrp_version")
        .slots(&[must(int(2, 3))])
        .default("2")
        .values("2 or 3; else ignored")
        .doc("Protocol version of IPv4 instances that do not choose; IPv6 instances always default to 3."),
    kw("vrrp_iptables")
        .slots(&[may(text_max("input chain", 27)), may(text_max("output chain", 27))])
        .repeat(Repeat::First)
        .deprecated("nftables", true)
        .default("off; bare keyword = INPUT and OUTPUT")
        .values("chain names up to 27 characters, must differ")
        .doc("Use the programs iptables, ip6tables and ipset for no_accept and VMAC filtering with the given chains, which must exist. Where iptables is missing, or makes nftables rules itself, nftables is used; `nftables` goes before."),
    kw("vrrp_ipsets")
        .slots(&[may(rest("SET..."))])
        .default("names derived from keepalived when iptables in use")
        .values("set names up to 30 characters, all different; bare keyword disables ipsets")
        .doc("Names of the ipsets used together with vrrp_iptables: IPv4 addresses, IPv6 addresses, link-local addresses, IGMP, MLD, neighbour advertisements; omitted names are built from the first with suffixes 6, _if6, _igmp, _mld, _nd."),
    kw("nftables")
        .slots(&[may(text_max("table", 254))])
        .repeat(Repeat::First)
        .reload(ReloadEffect::Refused)
        .default("keepalived")
        .values("1..254 characters; else ignored")
        .doc("Use nftables for no_accept and VMAC filtering in this table; automatically enabled with the default name when needed and no firewall is configured; not changeable on reload."),
    kw("nftables_priority")
        .slots(&[must(int(-2_147_483_648, 2_147_483_647)).strict()])
        .default("-1")
        .values("-2147483648..2147483647; else ignored")
        .doc("Priority of the nftables base chains; must follow nftables, which resets it to -1."),
    kw("nftables_ifindex")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Key IPv6 link-local sets by interface index instead of name."),
    kw("vrrp_check_unicast_src")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Default: accept unicast adverts only from configured peers."),
    kw("vrrp_skip_check_adv_addr")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default: skip comparing the advertised address list when the sender is unchanged since the previous advert."),
    kw("vrrp_strict")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default for strict_mode of instances: conform to the RFC strictly."),
    kw("vrrp_priority")
        .slots(&[want(int(-20, 19)).bad(OnBad::Use(0))])
        .default("0")
        .values("-20..19; invalid or missing sets 0")
        .doc("Nice value of the VRRP process."),
    kw("vrrp_no_swap")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Lock the VRRP process in memory."),
    kw("vrrp_rt_priority")
        .slots(&[want(int(1, 99)).bad(OnBad::Clamp)])
        .default("0 (normal scheduling)")
        .values("1..99, values outside are clamped with a message; non-numeric ignored")
        .doc("Run the VRRP process with real-time round-robin scheduling at this priority."),
    kw("vrrp_cpu_affinity")
        .slots(&[want(rest("CPU..."))])
        .default("all CPUs")
        .values("0..online CPUs-1 each; one bad id discards the whole list")
        .doc("Restrict the VRRP process to these CPUs."),
    kw("vrrp_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .default("10000")
        .values("1..4294967295 us, 1 becomes 2; invalid sets 0")
        .doc("CPU time in microseconds the VRRP process may use between blocking calls while real-time scheduled."),
    kw("vrrp_rlimit_rtime")
        .canonical("vrrp_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .deprecated("vrrp_rlimit_rttime", false)
        .default("10000")
        .values("as vrrp_rlimit_rttime")
        .doc("Misspelt older form of vrrp_rlimit_rttime; logs a deprecation note."),
    kw("checker_priority")
        .slots(&[want(int(-20, 19)).bad(OnBad::Use(0))])
        .status(Status::Planned(Later::Lvs))
        .default("0")
        .values("-20..19; invalid or missing sets 0")
        .doc("Nice value of the checker process."),
    kw("checker_no_swap")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Lock the checker process in memory."),
    kw("checker_rt_priority")
        .slots(&[want(int(1, 99)).bad(OnBad::Clamp)])
        .status(Status::Planned(Later::Lvs))
        .default("0 (normal scheduling)")
        .values("1..99, values outside are clamped with a message; non-numeric ignored")
        .doc("Run the checker process with real-time round-robin scheduling at this priority."),
    kw("checker_cpu_affinity")
        .slots(&[want(rest("CPU..."))])
        .status(Status::Planned(Later::Lvs))
        .default("all CPUs")
        .values("0..online CPUs-1 each; one bad id discards the whole list")
        .doc("Restrict the checker process to these CPUs."),
    kw("checker_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .status(Status::Planned(Later::Lvs))
        .default("10000")
        .values("1..4294967295 us, 1 becomes 2; invalid sets 0")
        .doc("CPU time in microseconds the checker process may use between blocking calls while real-time scheduled."),
    kw("checker_rlimit_rtime")
        .canonical("checker_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .status(Status::Planned(Later::Lvs))
        .deprecated("checker_rlimit_rttime", false)
        .default("10000")
        .values("as checker_rlimit_rttime")
        .doc("Misspelt older form of checker_rlimit_rttime; logs a deprecation note."),
    kw("bfd_priority")
        .slots(&[want(int(-20, 19)).bad(OnBad::Use(0))])
        .status(Status::Planned(Later::Bfd))
        .default("0")
        .values("-20..19; invalid or missing sets 0")
        .doc("Nice value of the BFD process."),
    kw("bfd_no_swap")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Bfd))
        .default("off")
        .doc("Lock the BFD process in memory."),
    kw("bfd_rt_priority")
        .slots(&[want(int(1, 99)).bad(OnBad::Clamp)])
        .status(Status::Planned(Later::Bfd))
        .default("0 (normal scheduling)")
        .values("1..99, values outside are clamped with a message; non-numeric ignored")
        .doc("Run the BFD process with real-time round-robin scheduling at this priority."),
    kw("bfd_cpu_affinity")
        .slots(&[want(rest("CPU..."))])
        .status(Status::Planned(Later::Bfd))
        .default("all CPUs")
        .values("0..online CPUs-1 each; one bad id discards the whole list")
        .doc("Restrict the BFD process to these CPUs."),
    kw("bfd_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .status(Status::Planned(Later::Bfd))
        .default("10000")
        .values("1..4294967295 us, 1 becomes 2; invalid sets 0")
        .doc("CPU time in microseconds the BFD process may use between blocking calls while real-time scheduled."),
    kw("bfd_rlimit_rtime")
        .canonical("bfd_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .status(Status::Planned(Later::Bfd))
        .deprecated("bfd_rlimit_rttime", false)
        .default("10000")
        .values("as bfd_rlimit_rttime")
        .doc("Misspelt older form of bfd_rlimit_rttime; logs a deprecation note."),
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
    kw("notify_fifo")
        .slots(&[want(text("path")), may(text("user")), may(text("group"))])
        .repeat(Repeat::First)
        .default("none")
        .values("names of all FIFOs must differ")
        .doc("FIFO that receives VRRP and checker events; opened/created with the given owner; unknown user or group makes it unset (log only)."),
    kw("notify_fifo_script")
        .slots(&[want(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .doc("Script kept running to read the notify_fifo; the FIFO path is appended as last argument."),
    kw("vrrp_notify_fifo")
        .slots(&[want(text("path")), may(text("user")), may(text("group"))])
        .repeat(Repeat::First)
        .default("none")
        .values("names of all FIFOs must differ")
        .doc("FIFO that receives VRRP events; opened/created with the given owner; unknown user or group makes it unset (log only)."),
    kw("vrrp_notify_fifo_script")
        .slots(&[want(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .doc("Script kept running to read the vrrp_notify_fifo; the FIFO path is appended as last argument."),
    kw("lvs_notify_fifo")
        .slots(&[want(text("path")), may(text("user")), may(text("group"))])
        .repeat(Repeat::First)
        .default("none")
        .values("names of all FIFOs must differ")
        .doc("FIFO that receives health-check events; opened/created with the given owner; unknown user or group makes it unset (log only)."),
    kw("lvs_notify_fifo_script")
        .slots(&[want(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .doc("Script kept running to read the lvs_notify_fifo; the FIFO path is appended as last argument."),
    kw("notify_ordered")
        .slots(&[may(Kind::Bool)])
        .since(EXTENSION)
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Run the notification scripts of each instance and group one at a time, in the order of events, with number, reason and states in the environment (see NOTIFICATION SCRIPTS); the original starts them all at once, in no order."),
    kw("notify_ordered_timeout")
        .slots(&[must(int(1, 86_400)).unit("s")])
        .since(EXTENSION)
        .default("60")
        .values("1..86400 s; else ignored")
        .doc("Longest run of a script under notify_ordered; it gets SIGTERM then, and SIGKILL two seconds later, so that the next event is told."),
    kw("vrrp_notify_priority_changes")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default: also write priority changes to the notify FIFOs."),
    kw("fifo_write_vrrp_states_on_reload")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Write the state of all instances and groups to the FIFOs after a reload."),
    kw("snmp_socket")
        .slots(&[want(text("transport"))])
        .surplus(Surplus::Refused)
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Snmp))
        .default("unix:<default AgentX socket>")
        .values("exactly one word")
        .doc("Address of the SNMP master agent. (build: snmp)"),
    kw("enable_traps")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Snmp))
        .default("off")
        .doc("Send SNMP traps. (build: snmp)"),
    kw("enable_snmp_vrrp")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Snmp))
        .default("off")
        .doc("Serve the VRRP part of the daemon MIB. (build: snmp)"),
    kw("enable_snmp_keepalived")
        .canonical("enable_snmp_vrrp")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Snmp))
        .deprecated("enable_snmp_vrrp", false)
        .default("off")
        .doc("Older spelling of enable_snmp_vrrp; no message."),
    kw("enable_snmp_rfc")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Snmp))
        .default("off")
        .doc("Serve both standard VRRP MIBs (VRRPv2 and VRRPv3). (build: snmp-rfc)"),
    kw("enable_snmp_rfcv2")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Snmp))
        .default("off")
        .doc("Serve the RFC 2787 MIB only. (build: snmp-rfcv2)"),
    kw("enable_snmp_rfcv3")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Snmp))
        .default("off")
        .doc("Serve the RFC 6527 MIB only. (build: snmp-rfcv3)"),
    kw("enable_snmp_checker")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Snmp))
        .default("off")
        .doc("Serve the checker part of the daemon MIB. (build: snmp)"),
    kw("snmp_vs_stats_update_interval")
        .slots(&[must(seconds(1_000, 30_000_000))])
        .since("2.3.0")
        .status(Status::Planned(Later::Snmp))
        .default("5")
        .values("0.001..30 s; else ignored")
        .doc("Minimum age of cached virtual-server counters before SNMP requests re-read them from the kernel."),
    kw("snmp_rs_stats_update_interval")
        .slots(&[must(seconds(1_000, 30_000_000))])
        .since("2.3.0")
        .status(Status::Planned(Later::Snmp))
        .default("value of snmp_vs_stats_update_interval")
        .values("0.001..30 s; else ignored")
        .doc("Same for real-server counters."),
    kw("enable_dbus")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Enable the D-Bus interface of the VRRP process. (build: dbus)"),
    kw("dbus_service_name")
        .slots(&[want(text("name"))])
        .default("org.keepalived.Vrrp1")
        .values("any word")
        .doc("Bus name to own; missing word ignored. (build: dbus)"),
    kw("dbus_no_interface_name")
        .slots(&[want(text("name"))])
        .since("2.3.0")
        .default("none")
        .values("any word")
        .doc("Path component used for instances without an interface. (build: dbus)"),
    kw("script_user")
        .slots(&[want(text("user")), may(text("group"))])
        .default("keepalived_script if that user exists, else the daemon's own user")
        .values("group may be :, or :group to add supplementary groups")
        .doc("Default identity for scripts; an unknown user or group is reported and makes every later use of the default fail, so scripts relying on it are removed."),
    kw("enable_script_security")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Refuse scripts run with root rights whose path can be altered by others, and require the default script user to exist; without it any script gives -t exit 6."),
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
    kw("vrrp_startup_delay")
        .slots(&[must(seconds(1_000, 4_294_967_295))])
        .repeat(Repeat::Largest)
        .reload(ReloadEffect::AtStart)
        .default("0")
        .values("0.001..4294.967295 s; else ignored")
        .doc("Delay before instances start after the daemon starts; the larger of this and vrrp_delay_after_boot applies."),
    kw("vrrp_delay_after_boot")
        .slots(&[must(seconds(1_000, 4_294_967_295))])
        .repeat(Repeat::Largest)
        .since("2.4.0")
        .reload(ReloadEffect::AtStart)
        .default("0")
        .values("0.001..4294.967295 s; else ignored")
        .doc("Hold instances back until the system has been up this long; has no effect once the uptime exceeds it."),
    kw("log_unknown_vrids")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Log adverts whose VRID is not configured on the receiving interface."),
    kw("vrrp_owner_ignore_adverts")
        .slots(&[may(Kind::Bool)])
        .since("2.3.3")
        .default("false (true for owners in strict mode)")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default: a priority 255 instance ignores received adverts."),
    kw("vmac_prefix")
        .slots(&[must(text("text"))])
        .repeat(Repeat::First)
        .default("vrrp")
        .values("any word; result cut to fit the interface name limit")
        .doc("Prefix of generated VMAC interface names (prefix.VRID)."),
    kw("vmac_addr_prefix")
        .slots(&[must(text("text"))])
        .repeat(Repeat::First)
        .default("value of vmac_prefix")
        .values("any word")
        .doc("Prefix of generated VMAC names made for individual virtual addresses."),
    kw("umask")
        .slots(&[must(rest("NUMBER | BIT[|BIT...]"))])
        .default("0177")
        .values("0..0777 in C notation, or IRUSR.. names joined by |; else ignored")
        .doc("File creation mask of the daemon; ignored (log only) if given on the command line."),
    kw("random_seed")
        .slots(&[must(int(0, 4_294_967_295)).strict()])
        .status(Status::NoEffect("keepalived stores the number and never uses it"))
        .reload(ReloadEffect::AtStart)
        .default("time of day")
        .values("0..4294967295; else ignored")
        .doc("Meant to make ${_RANDOM} reproducible; it is stored and has no effect."),
    kw("reload_check_config")
        .slots(&[may(text("file"))])
        .default("off; bare keyword = null device")
        .values("path")
        .doc("Validate the configuration in a separate process before a reload is carried out; side effect: any configuration error reported by a child while loading (also at first start) ends that child with exit 2."),
    kw("reload_time_file")
        .slots(&[want(text("path"))])
        .surplus(Surplus::Refused)
        .default("none")
        .values("exactly one word; else ignored")
        .doc("File whose first line schedules a reload: HH:MM:SS, or date YY-MM-DD / YYYY-MM-DD plus time, optional trailing Z for UTC."),
    kw("reload_repeat")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not delete reload_time_file after the reload, so a time without date repeats daily."),
    kw("reload_file")
        .slots(&[may(text("path"))])
        .default("off; bare keyword = keepalived.reload beside the PID file")
        .values("path")
        .doc("File created/truncated while configuration is being read and deleted afterwards, as a hand-shake with configuration writers."),
    kw("include_check")
        .slots(&[may(rest_of("([+|-]TYPE)*", &GLOBAL_DEFS_INCLUDE_CHECK_ARG))])
        .repeat(Repeat::Merged)
        .default("no checks")
        .values("read, match, wildcard_match, brace_match; bare keyword = all")
        .doc("Which failures of include lines are treated as configuration file errors; restored to its previous value when an included file ends."),
    kw("config_save_dir")
        .slots(&[must(text("directory"))])
        .default("off")
        .values("created with mode 0700 if its parent exists; else reported")
        .doc("Debug aid: copies of the consolidated configuration are saved here at each load."),
    kw("tmp_config_directory")
        .slots(&[want(text("directory"))])
        .repeat(Repeat::First)
        .reload(ReloadEffect::Refused)
        .default("anonymous memory file")
        .values("existing writable directory")
        .doc("Keep the consolidated configuration copy in an unnamed file on this file system instead of memory; not changeable on reload."),
    kw("data_use_instance")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Include instance and namespace names in the names of dump files."),
    kw("json_version")
        .slots(&[want(int(1, 2))])
        .since("2.2.8")
        .default("1")
        .values("1 or 2; else ignored")
        .doc("Layout of the JSON dump: 2 wraps the instances in a named member and adds process tracking. (build: json)"),
    kw("iproute_usr_dir")
        .slots(&[want(text("directory"))])
        .surplus(Surplus::Refused)
        .since("2.3.2")
        .default("build-time value")
        .values("exactly one word; else ignored")
        .doc("Vendor directory of the iproute2 name tables (rt_tables, rt_protos, ...)."),
    kw("iproute_etc_dir")
        .slots(&[want(text("directory"))])
        .surplus(Surplus::Refused)
        .since("2.3.2")
        .default("build-time value")
        .values("exactly one word; else ignored")
        .doc("Administrator directory of the iproute2 name tables; its files take precedence."),
    kw("state_dump_file")
        .slots(&[want(text("path"))])
        .since("2.3.3")
        .default("keepalived*.data in the temporary directory")
        .values("non-empty word; trailing / = directory, no leading / = inside the temporary directory")
        .doc("Location/template of the SIGUSR1 state dumps; process suffixes (_parent, _check, _bfd) are inserted before the extension. (Manual calls it state_file_location, which is not accepted.)"),
    kw("stats_dump_file")
        .slots(&[want(text("path"))])
        .since("2.3.3")
        .default("keepalived.stats in the temporary directory")
        .values("non-empty word")
        .doc("Location of the SIGUSR2 statistics file; keepalived 2.4.3 accepts it and does not use it."),
    kw("json_dump_file")
        .slots(&[want(text("path"))])
        .since("2.3.3")
        .default("keepalived.json in the temporary directory")
        .values("non-empty word")
        .doc("Location of the JSON dump; keepalived 2.4.3 accepts it and does not use it."),
]);

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

/// `global_defs.include_check.<arg>`.
pub static GLOBAL_DEFS_INCLUDE_CHECK_ARG: Block = Block::new(
    "global_defs.include_check.<arg>",
    &[
        kw("read")
            .repeat(Repeat::Merged)
            .default("off")
            .values("prefix + adds, - removes, none replaces (first word only) and always includes read")
            .doc("Error when a matching file cannot be read, is a directory, executable or not regular."),
        kw("match")
            .repeat(Repeat::Merged)
            .default("off")
            .values("prefix + adds, - removes, none replaces (first word only) and always includes read")
            .doc("Error when a name without wildcard matches nothing."),
        kw("wildcard_match")
            .repeat(Repeat::Merged)
            .default("off")
            .values("prefix + adds, - removes, none replaces (first word only) and always includes read")
            .doc("Error when a wildcard matches nothing."),
        kw("brace_match")
            .repeat(Repeat::Merged)
            .default("off")
            .values("prefix + adds, - removes, none replaces (first word only) and always includes read")
            .doc("Error when one alternative of a brace expression matches nothing."),
    ],
);

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

/// `global_defs.umask.<arg>`.
pub static GLOBAL_DEFS_UMASK_ARG: Block = Block::new(
    "global_defs.umask.<arg>",
    &[kw("<bits>")
        .slots(&[want(rest(
            "IRUSR IWUSR IXUSR IRWXU IRGRP IWGRP IXGRP IRWXG IROTH IWOTH IXOTH IRWXO joined by |",
        ))])
        .repeat(Repeat::Yes)
        .values("blanks around | allowed; other syntax reported, mask unchanged")
        .doc("Symbolic mask bits.")],
);
