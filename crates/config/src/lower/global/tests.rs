//! Global settings, from statements to the model.

use keepalived_model::{
    global::{DynamicInterfaces, FlushOnStop, Global, RxBufsPolicy, VrrpDefaults},
    time::Micros,
    units::Version,
};

use super::lower;
use crate::{
    diag::{Diagnostics, Severity},
    testing::{Machine, tree},
    typed::Typing,
};

fn read(text: &str) -> (Global, Diagnostics) {
    let mut typing = Typing::default();
    let lowered = lower(&mut typing, &Machine, &tree(text));
    lowered.scripts.finish(&mut typing.diagnostics);
    (lowered.global, typing.diagnostics)
}

fn defs(lines: &str) -> (Global, Diagnostics) {
    read(&format!("global_defs {{\n{lines}\n}}"))
}

/// The codes that matter: without notes.
fn codes(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics
        .items()
        .iter()
        .filter(|d| d.severity != Severity::Note)
        .map(|d| d.code.id)
        .collect()
}

#[test]
fn nothing_gives_defaults() {
    let (global, diagnostics) = read("");
    assert_eq!(global, Global::default());
    assert!(diagnostics.items().is_empty());
    assert_eq!(diagnostics.test_exit_code(), 0);
}

#[test]
fn blocks_merge_and_the_first_wins_where_it_should() {
    let (global, diagnostics) = read(
        "net_namespace one\nnet_namespace two\nuse_pid_dir\nchild_wait_time 7\nglobal_defs {\nrouter_id A\nvmac_prefix v\n}\n\
         global_defs {\nrouter_id B\nvmac_prefix w\n}",
    );
    assert_eq!(global.net_namespace.as_deref(), Some("one"));
    assert_eq!(global.router_id.as_deref(), Some("B"));
    assert_eq!(global.vrrp.vmac_prefix.as_deref(), Some("v"));
    assert_eq!(global.child_wait_time, Some(Micros::from_secs(7)));
    assert!(global.use_pid_dir);
    assert_eq!(codes(&diagnostics), ["KA1018", "KA1018"]);
}

#[test]
fn processes() {
    let (global, diagnostics) = defs(
        "process_names\nvrrp_process_name a_name_that_is_too_long\nvrrp_priority -20\nvrrp_no_swap\nvrrp_rt_priority 200\n\
         vrrp_cpu_affinity 3 1\nvrrp_rlimit_rttime 1\nchecker_priority 99\nlvs_netlink_cmd_rcv_bufs 4096\nbfd_rlimit_rtime 20000\n\
         max_auto_priority\nmin_auto_priority_delay 5\nrandom_seed 3",
    );
    let vrrp = &global.processes.vrrp;
    assert_eq!(vrrp.name.as_deref(), Some("a_name_that_is_"));
    assert_eq!((vrrp.nice, vrrp.no_swap, vrrp.rt_priority), (-20, true, Some(99)));
    assert_eq!(vrrp.cpu_affinity, [1, 3]);
    assert_eq!(vrrp.rlimit_rttime, Some(Micros(2)));
    assert_eq!(global.processes.checker.nice, 0);
    assert_eq!(global.processes.checker.netlink_cmd_rcv_bufs, Some(4096));
    assert_eq!(global.processes.bfd.rlimit_rttime, Some(Micros(20_000)));
    assert_eq!(global.processes.max_auto_priority, Some(99));
    assert_eq!(global.processes.min_auto_priority_delay, Some(Micros(5)));
    // The name is cut, 200 clamped, 1 becomes 2, 99 becomes 0.
    assert_eq!(codes(&diagnostics), ["KA1023", "KA1005", "KA1023", "KA1005"]);
}

#[test]
fn one_bad_cpu_discards_the_list() {
    let (global, diagnostics) = defs("vrrp_cpu_affinity 0 4");
    assert!(global.processes.vrrp.cpu_affinity.is_empty());
    assert_eq!(codes(&diagnostics), ["KA1026"]);
}

#[test]
fn defaults_of_instances() {
    let (global, diagnostics) = defs(
        "vrrp_version 3\nvrrp_mcast_group4 224.0.0.99\nvrrp_mcast_group6 10.0.0.1\nvrrp_garp_master_repeat 0\n\
         vrrp_garp_extra_if all 30\nvrrp_strict no\nvrrp_lower_prio_no_advert\nv3_checksum_as_v2 no",
    );
    let defaults = &global.vrrp_defaults;
    assert_eq!(defaults.version, Version::V3);
    assert_eq!(defaults.mcast_group4.to_string(), "224.0.0.99");
    assert_eq!(defaults.mcast_group6, VrrpDefaults::default().mcast_group6);
    assert_eq!(defaults.garp_master_repeat, 1);
    assert_eq!(
        (defaults.garp_extra_if, defaults.garp_extra_if_all),
        (Micros::from_secs(30), true)
    );
    assert_eq!((defaults.strict, defaults.lower_prio_no_advert), (false, Some(true)));
    assert!(!defaults.v3_checksum_as_v2);
    assert_eq!(codes(&diagnostics), ["KA1008", "KA1023", "KA1027"]);
}

#[test]
fn min_garp_spares_what_was_given() {
    let (global, _) = defs("vrrp_garp_master_delay 7\nvrrp_min_garp");
    assert_eq!(global.vrrp_defaults.garp_master_delay, Micros::from_secs(7));
    assert_eq!(global.vrrp_defaults.garp_master_repeat, 1);
    let (global, _) = defs("vrrp_min_garp no");
    assert_eq!(global.vrrp_defaults, VrrpDefaults::default());
}

#[test]
fn delays_take_the_largest() {
    let (global, diagnostics) = defs("vrrp_startup_delay 5\nvrrp_startup_delay 2.5\nvrrp_delay_after_boot 0");
    assert_eq!(global.vrrp.startup_delay, Micros::from_secs(5));
    assert_eq!(global.vrrp.delay_after_boot, Micros::ZERO);
    assert_eq!(codes(&diagnostics), ["KA1005"]);
}

#[test]
fn small_grammars() {
    let (global, diagnostics) = defs(
        "umask IRWXG | IRWXO\nlvs_timeouts tcp 10 udp 20 sctp 3\nlvs_flush_on_stop VS\nvrrp_rx_bufs_policy ADVERT MTU\n\
         lvs_sync_daemon eth0 VI_1 id 7 ttl 3 group 224.0.0.5\nsmtp_server mail.example 2525\n\
         dynamic_interfaces allow_if_changes\nsnmp_socket udp:localhost:705",
    );
    assert_eq!(global.umask, Some(0o077));
    assert_eq!(
        (
            global.lvs.tcp_timeout,
            global.lvs.tcpfin_timeout,
            global.lvs.udp_timeout
        ),
        (10, 0, 20)
    );
    assert_eq!(global.lvs.flush_on_stop, FlushOnStop::VirtualServers);
    assert_eq!(global.vrrp.rx_bufs_policy, RxBufsPolicy::Mtu);
    let daemon = global.lvs.sync_daemon.unwrap();
    assert_eq!(
        (daemon.instance.as_deref(), daemon.id, daemon.ttl),
        (Some("VI_1"), Some(7), Some(3))
    );
    assert_eq!(daemon.group.map(|g| g.to_string()).as_deref(), Some("224.0.0.5"));
    assert_eq!(
        (global.smtp.server.as_deref(), global.smtp.port),
        (Some("mail.example"), Some(2525))
    );
    assert_eq!(global.dynamic_interfaces, DynamicInterfaces::AllowChanges);
    // "sctp", "3", and ADVERT overridden.
    assert_eq!(codes(&diagnostics), ["KA1022", "KA1022", "KA1026"]);
}

#[test]
fn scripts_need_security() {
    let (global, diagnostics) = defs("startup_script \"/good/x a\" joe\nshutdown_script /bad/y");
    let startup = global.lifecycle_scripts.startup.unwrap();
    assert_eq!(startup.argv, ["/good/x", "a"].map(Box::from));
    assert_eq!(startup.credentials.map(|c| c.uid), Some(1000));
    assert!(global.lifecycle_scripts.shutdown.is_some());
    assert_eq!(codes(&diagnostics), ["KA5008", "KA5001"]);
    assert_eq!(diagnostics.test_exit_code(), 6);
}

#[test]
fn security_disables_what_others_can_change() {
    let (global, diagnostics) =
        defs("enable_script_security\nscript_user root\nstartup_script /bad/x\nshutdown_script /good/y");
    assert!(global.lifecycle_scripts.startup.is_none());
    assert!(global.lifecycle_scripts.shutdown.is_some());
    assert_eq!(codes(&diagnostics), ["KA5002"]);
}

#[test]
fn unknown_script_user_makes_the_default_fail() {
    let (global, diagnostics) = defs("script_user nobody_here\nstartup_script /good/x\nshutdown_script /good/y joe");
    assert!(global.lifecycle_scripts.startup.is_none());
    assert!(global.lifecycle_scripts.shutdown.is_some());
    assert_eq!(codes(&diagnostics), ["KA5005", "KA5006", "KA5001"]);
}

#[test]
fn supplementary_groups_are_asked_for_everywhere() {
    let (global, _) = defs("startup_script /good/x joe\nset_supplementary_groups\nenable_script_security");
    let startup = global.lifecycle_scripts.startup.unwrap();
    assert_eq!(startup.credentials.unwrap().groups, [1000, 27]);
    assert_eq!(startup.group, None);
}

#[test]
fn a_script_that_path_leads_to_is_named() {
    let (global, diagnostics) = defs("startup_script \"found x\" joe\nenable_script_security");
    assert_eq!(&*global.lifecycle_scripts.startup.unwrap().argv[0], "/good/found");
    assert_eq!(codes(&diagnostics), ["KA5011"]);
    let said = format!("{diagnostics:?}");
    assert!(
        said.contains("`found` resolved by path search to `/good/found`"),
        "{said}"
    );
    assert_eq!(diagnostics.test_exit_code(), 0);
}

#[test]
fn equal_fifos_are_dropped() {
    let (global, diagnostics) = defs("vrrp_notify_fifo /run/f\nnotify_fifo /run/f\nlvs_notify_fifo /run/l mallory");
    assert!(global.fifos.global.is_some());
    assert!(global.fifos.vrrp.is_none());
    assert!(global.fifos.lvs.is_none());
    assert_eq!(codes(&diagnostics), ["KA5009", "KA5006"]);
    assert_eq!(diagnostics.test_exit_code(), 0);
}

#[test]
fn missing_parameter_stops_everything() {
    let (_, diagnostics) = defs("smtp_connect_timeout");
    assert_eq!(diagnostics.test_exit_code(), 2);
    assert!(diagnostics.refuses_start());
}

#[test]
fn bare_keywords() {
    let (global, diagnostics) = defs("reload_check_config\nreload_file\nnftables\nnet_namespace_ipvs");
    assert_eq!(global.reload.check_config.as_deref(), Some("/dev/null"));
    assert_eq!(global.reload.marker_file.as_deref(), Some(""));
    assert_eq!(global.firewall.table.as_deref(), Some("keepalived"));
    // A root-level keyword inside global_defs.
    assert_eq!(codes(&diagnostics), ["KA1001"]);
    assert!(diagnostics.items().iter().any(|d| {
        d.help.as_deref()
            == Some("'net_namespace_ipvs' is a keyword of the top level, not of global_defs; is a brace missing?")
    }));
}
