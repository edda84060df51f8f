//! SNMP and D-Bus.

use crate::table::decl::{Keyword, Later, Repeat, Status, Surplus, kw, must, seconds, text, want};

/// SNMP and D-Bus.
pub(super) static MONITORING: &[Keyword] = &[
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
];
