//! Root-level settings and `global_defs`.

use keepalived_model::{
    global::{
        DynamicInterfaces, Fifo, FlushOnStop, Global, Ipsets, LvsGlobals, Process, Processes, Reload, RxBufsPolicy,
        SyncDaemon, VrrpDefaults, VrrpGlobals,
    },
    time::Micros,
};

use super::lines::Lines;
use crate::tree::Statement;

/// The statements of the global settings: root-level lines, then one `global_defs` block when there is anything in it.
#[must_use]
pub fn statements(global: &Global) -> Vec<Statement> {
    let mut root = Lines::default();
    root.text("net_namespace", global.net_namespace.as_deref());
    match global.net_namespace_ipvs.as_deref() {
        Some("") => root.flag("net_namespace_ipvs", true),
        name => root.text("net_namespace_ipvs", name),
    }
    root.flag("namespace_with_ipsets", global.namespace_with_ipsets);
    root.text("instance", global.instance.as_deref());
    root.flag("use_pid_dir", global.use_pid_dir);
    root.seconds("child_wait_time", global.child_wait_time);
    root.flag("linkbeat_use_polling", global.linkbeat_use_polling);
    let body = definitions(global);
    if !body.is_empty() {
        root.block(["global_defs"], body);
    }
    root.into_statements()
}

fn definitions(global: &Global) -> Vec<Statement> {
    let mut lines = Lines::default();
    lines.text("router_id", global.router_id.as_deref());
    scripts(global, &mut lines);
    processes(&global.processes, &mut lines);
    reload(&global.reload, &mut lines);
    files(global, &mut lines);
    lines.value("umask", global.umask.map(|mask| format!("0{mask:o}")));
    match global.dynamic_interfaces {
        DynamicInterfaces::Off => {}
        DynamicInterfaces::Allowed => lines.flag("dynamic_interfaces", true),
        DynamicInterfaces::AllowChanges => lines.words(["dynamic_interfaces", "allow_if_changes"]),
    }
    lines.value("default_interface", global.default_interface);
    lines.flag("disable_local_igmp", global.disable_local_igmp);
    vrrp(&global.vrrp, &mut lines);
    defaults(&global.vrrp_defaults, &mut lines);
    fifos(global, &mut lines);
    smtp(global, &mut lines);
    snmp_and_dbus(global, &mut lines);
    firewall(global, &mut lines);
    lvs(&global.lvs, &mut lines);
    lines.into_statements()
}

fn scripts(global: &Global, lines: &mut Lines) {
    let policy = &global.script_policy;
    lines.flag("enable_script_security", policy.security);
    if let Some(user) = policy.user.as_deref() {
        lines.words(["script_user", user].into_iter().chain(policy.group.as_deref()));
    }
    lines.boolean("use_symlink_paths", policy.use_symlink_paths.then_some(true));
    lines.boolean("set_supplementary_groups", policy.supplementary_groups.then_some(true));
    let scripts = &global.lifecycle_scripts;
    lines.command("startup_script", scripts.startup.as_ref());
    lines.seconds("startup_script_timeout", scripts.startup_timeout);
    lines.command("shutdown_script", scripts.shutdown.as_ref());
    lines.seconds("shutdown_script_timeout", scripts.shutdown_timeout);
}

fn processes(processes: &Processes, lines: &mut Lines) {
    lines.flag("process_names", processes.named);
    lines.text("process_name", processes.parent.name.as_deref());
    process("vrrp", "vrrp", &processes.vrrp, lines);
    process("checker", "lvs", &processes.checker, lines);
    process("bfd", "bfd", &processes.bfd, lines);
    lines.value("max_auto_priority", processes.max_auto_priority);
    lines.value(
        "min_auto_priority_delay",
        processes.min_auto_priority_delay.map(Micros::as_micros),
    );
    lines.value("random_seed", processes.random_seed);
}

fn process(name: &str, buffers: &str, process: &Process, lines: &mut Lines) {
    lines.text(&format!("{name}_process_name"), process.name.as_deref());
    lines.value(
        &format!("{name}_priority"),
        Some(process.nice).filter(|nice| *nice != 0),
    );
    lines.flag(&format!("{name}_no_swap"), process.no_swap);
    lines.value(&format!("{name}_rt_priority"), process.rt_priority);
    lines.value(
        &format!("{name}_rlimit_rttime"),
        process.rlimit_rttime.map(Micros::as_micros),
    );
    if !process.cpu_affinity.is_empty() {
        let cpus: Vec<String> = process.cpu_affinity.iter().map(u16::to_string).collect();
        let keyword = format!("{name}_cpu_affinity");
        lines.words(std::iter::once(&*keyword).chain(cpus.iter().map(String::as_str)));
    }
    for (what, size, force) in [
        ("cmd", process.netlink_cmd_rcv_bufs, process.netlink_cmd_rcv_bufs_force),
        (
            "monitor",
            process.netlink_monitor_rcv_bufs,
            process.netlink_monitor_rcv_bufs_force,
        ),
    ] {
        lines.value(&format!("{buffers}_netlink_{what}_rcv_bufs"), size);
        lines.boolean(
            &format!("{buffers}_netlink_{what}_rcv_bufs_force"),
            force.then_some(true),
        );
    }
}

fn reload(reload: &Reload, lines: &mut Lines) {
    lines.text("reload_check_config", reload.check_config.as_deref());
    lines.text("reload_time_file", reload.time_file.as_deref());
    lines.flag("reload_repeat", reload.repeat);
    match reload.marker_file.as_deref() {
        Some("") => lines.flag("reload_file", true),
        path => lines.text("reload_file", path),
    }
    lines.text("config_save_dir", reload.save_dir.as_deref());
    lines.text("tmp_config_directory", reload.tmp_config_directory.as_deref());
}

fn files(global: &Global, lines: &mut Lines) {
    let dumps = &global.dumps;
    lines.boolean("data_use_instance", dumps.use_instance.then_some(true));
    lines.value("json_version", dumps.json_version);
    lines.text("state_dump_file", dumps.state_file.as_deref());
    lines.text("stats_dump_file", dumps.stats_file.as_deref());
    lines.text("json_dump_file", dumps.json_file.as_deref());
    lines.text("iproute_etc_dir", global.iproute.etc.as_deref());
    lines.text("iproute_usr_dir", global.iproute.usr.as_deref());
}

fn vrrp(vrrp: &VrrpGlobals, lines: &mut Lines) {
    lines.some_seconds("vrrp_startup_delay", vrrp.startup_delay);
    lines.some_seconds("vrrp_delay_after_boot", vrrp.delay_after_boot);
    lines.flag("log_unknown_vrids", vrrp.log_unknown_vrids);
    lines.some_seconds("vrrp_garp_interval", vrrp.garp_interval);
    lines.some_seconds("vrrp_gna_interval", vrrp.gna_interval);
    match vrrp.rx_bufs_policy {
        RxBufsPolicy::System => {}
        RxBufsPolicy::Mtu => lines.words(["vrrp_rx_bufs_policy", "MTU"]),
        RxBufsPolicy::Advert => lines.words(["vrrp_rx_bufs_policy", "ADVERT"]),
        RxBufsPolicy::Bytes(bytes) => lines.value("vrrp_rx_bufs_policy", Some(bytes)),
    }
    lines.value("vrrp_rx_bufs_multiplier", vrrp.rx_bufs_multiplier);
    lines.text("vmac_prefix", vrrp.vmac_prefix.as_deref());
    lines.text("vmac_addr_prefix", vrrp.vmac_addr_prefix.as_deref());
    lines.value("process_monitor_rcv_bufs", vrrp.process_monitor_rcv_bufs);
    lines.boolean(
        "process_monitor_rcv_bufs_force",
        vrrp.process_monitor_rcv_bufs_force.then_some(true),
    );
}

fn defaults(defaults: &VrrpDefaults, lines: &mut Lines) {
    let built_in = VrrpDefaults::default();
    macro_rules! changed {
        ($field:ident) => {
            Some(defaults.$field).filter(|value| *value != built_in.$field)
        };
    }
    lines.value("vrrp_version", changed!(version).map(|version| version.get()));
    lines.value("vrrp_mcast_group4", changed!(mcast_group4));
    lines.value("vrrp_mcast_group6", changed!(mcast_group6));
    lines.boolean("vrrp_strict", changed!(strict));
    lines.seconds("vrrp_garp_master_delay", changed!(garp_master_delay));
    lines.value("vrrp_garp_master_repeat", changed!(garp_master_repeat));
    lines.seconds("vrrp_garp_master_refresh", changed!(garp_master_refresh));
    lines.value("vrrp_garp_master_refresh_repeat", changed!(garp_master_refresh_repeat));
    lines.seconds("vrrp_garp_lower_prio_delay", defaults.garp_lower_prio_delay);
    lines.value("vrrp_garp_lower_prio_repeat", defaults.garp_lower_prio_repeat);
    if !defaults.garp_extra_if.is_zero() {
        let seconds = defaults.garp_extra_if.as_secs().to_string();
        let all = defaults.garp_extra_if_all.then_some("all");
        lines.words(["vrrp_garp_extra_if"].into_iter().chain(all).chain([&*seconds]));
    }
    lines.value("vrrp_down_timer_adverts", changed!(down_timer_adverts));
    lines.boolean("vrrp_lower_prio_no_advert", defaults.lower_prio_no_advert);
    lines.boolean("vrrp_higher_prio_send_advert", defaults.higher_prio_send_advert);
    lines.flag("vrrp_check_unicast_src", defaults.check_unicast_src);
    lines.boolean("vrrp_skip_check_adv_addr", changed!(skip_check_adv_addr));
    lines.boolean("vrrp_owner_ignore_adverts", defaults.owner_ignore_adverts);
    lines.flag("v3_checksum_as_v2", defaults.v3_checksum_as_v2);
    lines.boolean("vrrp_notify_priority_changes", changed!(notify_priority_changes));
    lines.boolean("notify_ordered", changed!(notify_ordered));
    lines.value(
        "notify_ordered_timeout",
        changed!(notify_ordered_timeout).map(|limit| limit.as_secs()),
    );
}

fn fifos(global: &Global, lines: &mut Lines) {
    let fifos = &global.fifos;
    for (keyword, fifo) in [
        ("notify_fifo", &fifos.global),
        ("vrrp_notify_fifo", &fifos.vrrp),
        ("lvs_notify_fifo", &fifos.lvs),
    ] {
        let Some(Fifo {
            path,
            user,
            group,
            script,
            ..
        }) = fifo
        else {
            continue;
        };
        let group = group.as_deref().filter(|_| user.is_some());
        lines.words([keyword, path].into_iter().chain(user.as_deref()).chain(group));
        lines.command(&format!("{keyword}_script"), script.as_ref());
    }
    lines.flag("fifo_write_vrrp_states_on_reload", fifos.write_states_on_reload);
}

fn smtp(global: &Global, lines: &mut Lines) {
    let smtp = &global.smtp;
    if let Some(server) = smtp.server.as_deref() {
        let port = smtp.port.map(|port| port.to_string());
        lines.words(["smtp_server", server].into_iter().chain(port.as_deref()));
    }
    lines.text("smtp_helo_name", smtp.helo_name.as_deref());
    lines.seconds("smtp_connect_timeout", smtp.connect_timeout);
    lines.text("notification_email_from", smtp.from.as_deref());
    if !smtp.recipients.is_empty() {
        let recipients = smtp.recipients.iter().map(|name| Statement::made([&**name])).collect();
        lines.block(["notification_email"], recipients);
    }
    lines.boolean("smtp_alert", smtp.alert);
    lines.boolean("smtp_alert_vrrp", smtp.alert_vrrp);
    lines.boolean("smtp_alert_checker", smtp.alert_checker);
    lines.flag("no_email_faults", smtp.no_faults);
    lines.boolean("no_checker_emails", smtp.no_checker.then_some(true));
}

fn snmp_and_dbus(global: &Global, lines: &mut Lines) {
    let (snmp, dbus) = (&global.snmp, &global.dbus);
    lines.text("snmp_socket", snmp.socket.as_deref());
    lines.flag("enable_traps", snmp.traps);
    lines.flag("enable_snmp_vrrp", snmp.vrrp);
    lines.flag("enable_snmp_checker", snmp.checker);
    lines.flag("enable_snmp_rfcv2", snmp.rfc_v2);
    lines.flag("enable_snmp_rfcv3", snmp.rfc_v3);
    lines.seconds("snmp_vs_stats_update_interval", snmp.vs_stats_interval);
    lines.seconds("snmp_rs_stats_update_interval", snmp.rs_stats_interval);
    lines.flag("enable_dbus", dbus.enabled);
    lines.text("dbus_service_name", dbus.service_name.as_deref());
    lines.text("dbus_no_interface_name", dbus.no_interface_name.as_deref());
}

fn firewall(global: &Global, lines: &mut Lines) {
    let firewall = &global.firewall;
    lines.text("nftables", firewall.table.as_deref());
    if let Some(chains) = &firewall.iptables {
        lines.words(
            ["vrrp_iptables", &*chains.input]
                .into_iter()
                .chain(chains.output.as_deref()),
        );
    }
    match &firewall.ipsets {
        Ipsets::Usual => {}
        Ipsets::Off => lines.words(["vrrp_ipsets"]),
        Ipsets::Named(names) => lines.words(["vrrp_ipsets"].into_iter().chain(names.iter().map(|name| &**name))),
    }
    lines.value("nftables_priority", firewall.priority);
    lines.flag("nftables_ifindex", firewall.ifindex);
    lines.flag("nftables_counters", firewall.counters);
    lines.text("nftables_ipvs", firewall.ipvs_table.as_deref());
    lines.value("nftables_ipvs_priority", firewall.ipvs_priority);
    lines.value("nftables_ipvs_start_fwmark", firewall.ipvs_start_fwmark);
}

fn lvs(lvs: &LvsGlobals, lines: &mut Lines) {
    let timeouts = [
        ("tcp", lvs.tcp_timeout),
        ("tcpfin", lvs.tcpfin_timeout),
        ("udp", lvs.udp_timeout),
    ];
    for (name, seconds) in timeouts.into_iter().filter(|(_, seconds)| *seconds != 0) {
        lines.words(["lvs_timeouts", name, &seconds.to_string()]);
    }
    lines.flag("lvs_flush", lvs.flush);
    match lvs.flush_on_stop {
        FlushOnStop::Off => {}
        FlushOnStop::All => lines.flag("lvs_flush_on_stop", true),
        FlushOnStop::VirtualServers => lines.words(["lvs_flush_on_stop", "VS"]),
    }
    if let Some(daemon) = lvs.sync_daemon.as_deref() {
        sync_daemon(daemon, lines);
    }
    lines.boolean("rs_init_notifies", lvs.rs_init_notifies.then_some(true));
    lines.boolean("checker_log_all_failures", lvs.log_all_failures.then_some(true));
}

fn sync_daemon(daemon: &SyncDaemon, lines: &mut Lines) {
    let mut words = vec!["lvs_sync_daemon".to_owned(), daemon.interface.to_string()];
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
    };
    option("inst", daemon.instance.as_deref().map(str::to_owned));
    option("id", daemon.id.map(|id| id.to_string()));
    option("maxlen", daemon.maxlen.map(|length| length.to_string()));
    option("port", daemon.port.map(|port| port.to_string()));
    option("ttl", daemon.ttl.map(|ttl| ttl.to_string()));
    option("group", daemon.group.map(|group| group.to_string()));
    lines.words(words.iter().map(String::as_str));
}

#[cfg(test)]
mod tests;
