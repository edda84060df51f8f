//! Defaults of all VRRP instances.

use crate::table::decl::{
    Keyword, Kind, OnBad, ReloadEffect, Repeat, int, kw, may, must, rest, seconds, text, text_max, want,
};

/// Groups, announcements, elections, firewall.
pub(super) static VRRP: &[Keyword] = &[
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
];

/// The start, strangers, owners, virtual MAC addresses.
pub(super) static START_AND_MACS: &[Keyword] = &[
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
];
