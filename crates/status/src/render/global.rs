//! The section "Global definitions" of the data dump: what [`Global`] knows.

use std::io::{self, Write};

use keepalived_model::{
    global::{DynamicInterfaces, Fifo, FlushOnStop, Global, Process},
    time::Micros,
};

use super::text::{CommandLine, Seconds, Seconds6, ids};
use crate::snapshot::Daemon;

pub(super) fn write(out: &mut impl Write, d: &Daemon) -> io::Result<()> {
    let g = &*d.global;
    let namespace = d.net_namespace.as_deref().unwrap_or("(default)");
    writeln!(out, " Network namespace = {namespace}")?;
    match g.net_namespace_ipvs.as_deref() {
        None => writeln!(out, " Network namespace ipvs = (main namespace)")?,
        Some("") => writeln!(out, " Network namespace ipvs = (default)")?,
        Some(name) => writeln!(out, " Network namespace ipvs = {name}")?,
    }
    if let Some(instance) = &d.instance {
        writeln!(out, " Instance = {instance}")?;
    }
    process_names(out, g)?;
    writeln!(out, " Router ID = {}", d.router_id)?;
    mail(out, g)?;
    writeln!(out, " Checkers log all failures = {}", g.lvs.log_all_failures)?;
    reload(out, g)?;
    dynamic(out, g)?;
    lvs(out, g)?;
    fifos(out, g)?;
    defaults(out, g)?;
    firewall(out, g)?;
    checks(out, g)?;
    writeln!(
        out,
        " Max auto priority = {}",
        g.processes.max_auto_priority.unwrap_or(0)
    )?;
    let delay = g.processes.min_auto_priority_delay.unwrap_or(Micros::SECOND);
    writeln!(out, " Min auto priority delay = {} usecs", delay.as_micros())?;
    process(out, "VRRP", &g.processes.vrrp)?;
    process(out, "Checker", &g.processes.checker)?;
    process(out, "BFD", &g.processes.bfd)?;
    interfaces(out, g)?;
    buffers(out, g)?;
    writeln!(out, " rs_init_notifies = {}", u8::from(g.lvs.rs_init_notifies))?;
    writeln!(out, " no_checker_emails = {}", u8::from(g.smtp.no_checker))?;
    writeln!(out, " rx_bufs_multiples = {}", g.vrrp.rx_bufs_multiplier.unwrap_or(3))?;
    writeln!(out, " umask = 0{:o}", g.umask.unwrap_or(0o177))?;
    if let Some(prefix) = &g.vrrp.vmac_prefix {
        writeln!(out, " VMAC prefix = {prefix}")?;
    }
    if let Some(prefix) = &g.vrrp.vmac_addr_prefix {
        writeln!(out, " VMAC address prefix = {prefix}")?;
    }
    if !g.vrrp.startup_delay.is_zero() {
        writeln!(out, " vrrp_startup_delay = {}", Seconds(g.vrrp.startup_delay))?;
    }
    if g.vrrp.log_unknown_vrids {
        writeln!(out, " log_unknown_vrids")?;
    }
    Ok(())
}

fn lvs(out: &mut impl Write, g: &Global) -> io::Result<()> {
    writeln!(out, " LVS flush = {}", g.lvs.flush)?;
    let on_stop = match g.lvs.flush_on_stop {
        FlushOnStop::Off => "disabled",
        FlushOnStop::All => "true",
        FlushOnStop::VirtualServers => "VS",
    };
    writeln!(out, " LVS flush on stop = {on_stop}")
}

/// Defaults of instances.
fn defaults(out: &mut impl Write, g: &Global) -> io::Result<()> {
    let d = &g.vrrp_defaults;
    let garp = d.garp();
    writeln!(out, " VRRP notify priority changes = {}", d.notify_priority_changes)?;
    writeln!(out, " VRRP IPv4 mcast group = {}", d.mcast_group4)?;
    writeln!(out, " VRRP IPv6 mcast group = {}", d.mcast_group6)?;
    writeln!(out, " Gratuitous ARP delay = {}", garp.delay.as_secs())?;
    writeln!(out, " Gratuitous ARP repeat = {}", garp.repeat)?;
    writeln!(out, " Gratuitous ARP refresh timer = {}", garp.refresh.as_secs())?;
    writeln!(out, " Gratuitous ARP refresh repeat = {}", garp.refresh_repeat)?;
    writeln!(
        out,
        " Gratuitous ARP lower priority delay = {}",
        garp.lower_prio_delay.as_secs()
    )?;
    writeln!(
        out,
        " Gratuitous ARP lower priority repeat = {}",
        garp.lower_prio_repeat
    )?;
    writeln!(out, " Num adverts before down = {}", d.down_timer_adverts)?;
    let all = if garp.extra_if_all { " (all)" } else { "" };
    writeln!(
        out,
        " Gratuitous ARP for each secondary VMAC = {}s{all}",
        garp.extra_if.as_secs()
    )?;
    let lower = !d.lower_prio_no_advert.unwrap_or(false);
    writeln!(out, " Send advert after receive lower priority advert = {lower}")?;
    let higher = d.higher_prio_send_advert.unwrap_or(false);
    writeln!(out, " Send advert after receive higher priority advert = {higher}")?;
    writeln!(out, " Gratuitous ARP interval = {}", Seconds6(g.vrrp.garp_interval))?;
    writeln!(out, " Gratuitous NA interval = {}", Seconds6(g.vrrp.gna_interval))?;
    writeln!(out, " VRRP default protocol version = {}", d.version.get())
}

fn firewall(out: &mut impl Write, g: &Global) -> io::Result<()> {
    let f = &g.firewall;
    if let Some(table) = &f.table {
        writeln!(out, " nftables table name = {table}")?;
        writeln!(out, " nftables base chain priority = {}", f.priority.unwrap_or(-1))?;
        let force = if f.ifindex { "" } else { "don't " };
        writeln!(out, " nftables {force}force use ifindex for link local IPv6")?;
    }
    writeln!(out, " nftables with{} counters", if f.counters { "" } else { "out" })
}

/// How adverts are checked.
fn checks(out: &mut impl Write, g: &Global) -> io::Result<()> {
    let d = &g.vrrp_defaults;
    writeln!(out, " VRRP check unicast_src = {}", d.check_unicast_src)?;
    writeln!(out, " VRRP skip check advert addresses = {}", d.skip_check_adv_addr)?;
    writeln!(out, " VRRP strict mode = {}", d.strict)
}

fn process_names(out: &mut impl Write, g: &Global) -> io::Result<()> {
    let p = &g.processes;
    for (title, name) in [
        ("Parent", &p.parent.name),
        ("VRRP", &p.vrrp.name),
        ("LVS", &p.checker.name),
        ("BFD", &p.bfd.name),
    ] {
        if let Some(name) = name {
            writeln!(out, " {title} process name = {name}")?;
        }
    }
    Ok(())
}

fn mail(out: &mut impl Write, g: &Global) -> io::Result<()> {
    let s = &g.smtp;
    if let Some(server) = &s.server {
        writeln!(out, " Smtp server = {server}")?;
        writeln!(out, " Smtp server port = {}", s.port.unwrap_or(25))?;
    }
    if let Some(name) = &s.helo_name {
        writeln!(out, " Smtp HELO name = {name}")?;
    }
    if s.server.is_some() {
        let timeout = s.connect_timeout.unwrap_or(Micros::from_secs(30));
        writeln!(out, " Smtp server connection timeout = {}", Seconds(timeout))?;
    }
    if let Some(from) = &s.from {
        writeln!(out, " Email notification from = {from}")?;
    }
    if !s.recipients.is_empty() {
        writeln!(out, " Email notification to:")?;
    }
    for to in &s.recipients {
        writeln!(out, "   {to}")?;
    }
    let word = |alert: Option<bool>| alert.map_or("unset", |on| if on { "on" } else { "off" });
    writeln!(out, " Default smtp_alert = {}", word(s.alert))?;
    writeln!(out, " Default smtp_alert_vrrp = {}", word(s.alert_vrrp))?;
    writeln!(out, " Default smtp_alert_checker = {}", word(s.alert_checker))
}

fn reload(out: &mut impl Write, g: &Global) -> io::Result<()> {
    let r = &g.reload;
    match r.check_config.as_deref() {
        None => writeln!(out, " No test config before reload")?,
        Some("") => writeln!(out, " Test config before reload")?,
        Some(log) => writeln!(out, " Test config before reload, log to {log}")?,
    }
    if let Some(file) = &r.time_file {
        writeln!(
            out,
            " Reload time file = {file}{}",
            if r.repeat { " (repeat)" } else { "" }
        )?;
    }
    if let Some(dir) = &r.save_dir {
        writeln!(out, " Config save dir = {dir}")?;
    }
    let l = &g.lifecycle_scripts;
    for (title, script, timeout) in [
        ("Startup", &l.startup, l.startup_timeout),
        ("Shutdown", &l.shutdown, l.shutdown_timeout),
    ] {
        if let Some(command) = script {
            let (uid, gid) = ids(command);
            let timeout = timeout.unwrap_or(Micros::from_secs(10)).as_secs();
            writeln!(
                out,
                " {title} script = {}, uid:gid {uid}:{gid}, timeout {timeout}s",
                CommandLine(command)
            )?;
        }
    }
    Ok(())
}

fn dynamic(out: &mut impl Write, g: &Global) -> io::Result<()> {
    writeln!(
        out,
        " Dynamic interfaces = {}",
        g.dynamic_interfaces != DynamicInterfaces::Off
    )?;
    if g.dynamic_interfaces != DynamicInterfaces::Off {
        let changes = g.dynamic_interfaces == DynamicInterfaces::AllowChanges;
        writeln!(out, " Allow interface changes = {changes}")?;
    }
    match g.default_interface {
        Some(name) => writeln!(out, " Default interface = {name}")?,
        None => writeln!(out, " Default interface = eth0")?,
    }
    writeln!(out, " Disable local IGMP = {}", super::text::yes(g.disable_local_igmp))
}

fn fifos(out: &mut impl Write, g: &Global) -> io::Result<()> {
    fifo(out, "Global", g.fifos.global.as_ref())?;
    fifo(out, "VRRP", g.fifos.vrrp.as_ref())?;
    fifo(out, "LVS", g.fifos.lvs.as_ref())?;
    writeln!(
        out,
        " FIFO write vrrp states on reload = {}",
        g.fifos.write_states_on_reload
    )
}

fn fifo(out: &mut impl Write, title: &str, fifo: Option<&Fifo>) -> io::Result<()> {
    let Some(fifo) = fifo else { return Ok(()) };
    write!(out, " {title} notify fifo = {}", fifo.path)?;
    match (&fifo.user, &fifo.group) {
        (Some(user), Some(group)) => writeln!(out, ", user:group {user}:{group}")?,
        (Some(user), None) => writeln!(out, ", user {user}")?,
        _ => writeln!(out)?,
    }
    if let Some(command) = &fifo.script {
        let (uid, gid) = ids(command);
        writeln!(
            out,
            " {title} notify fifo script = {}, uid:gid {uid}:{gid}",
            CommandLine(command)
        )?;
    }
    Ok(())
}

fn process(out: &mut impl Write, title: &str, p: &Process) -> io::Result<()> {
    writeln!(out, " {title} process priority = {}", p.nice)?;
    writeln!(out, " {title} don't swap = {}", p.no_swap)?;
    writeln!(out, " {title} realtime priority = {}", p.rt_priority.unwrap_or(0))?;
    if !p.cpu_affinity.is_empty() {
        write!(out, " {title} CPU Affinity = ")?;
        for cpu in &p.cpu_affinity {
            write!(out, " {cpu}")?;
        }
        writeln!(out)?;
    }
    let limit = p.rlimit_rttime.unwrap_or(Micros::from_millis(10));
    writeln!(out, " {title} realtime limit = {}", limit.as_micros())
}

fn interfaces(out: &mut impl Write, g: &Global) -> io::Result<()> {
    let on = |on| if on { "enabled" } else { "disabled" };
    writeln!(out, " SNMP vrrp {}", on(g.snmp.vrrp))?;
    writeln!(out, " SNMP checker {}", on(g.snmp.checker))?;
    writeln!(out, " SNMP RFCv2 {}", on(g.snmp.rfc_v2))?;
    writeln!(out, " SNMP RFCv3 {}", on(g.snmp.rfc_v3))?;
    writeln!(out, " SNMP traps {}", on(g.snmp.traps))?;
    match &g.snmp.socket {
        Some(socket) => writeln!(out, " SNMP socket = {socket}")?,
        None => writeln!(out, " SNMP socket = default (unix:/var/agentx/master)")?,
    }
    writeln!(out, " DBus {}", on(g.dbus.enabled))?;
    writeln!(
        out,
        " DBus service name = {}",
        g.dbus.service_name.as_deref().unwrap_or("")
    )?;
    writeln!(out, " Script security {}", on(g.script_policy.security))?;
    if let Some(user) = &g.script_policy.user {
        let group = g
            .script_policy
            .group
            .as_deref()
            .map_or(String::new(), |g| format!(":{g}"));
        writeln!(out, " Default script user = {user}{group}")?;
    }
    Ok(())
}

fn buffers(out: &mut impl Write, g: &Global) -> io::Result<()> {
    netlink(out, "vrrp", &g.processes.vrrp)?;
    let monitor = g.vrrp.process_monitor_rcv_bufs.unwrap_or(0);
    writeln!(out, " process_monitor_rcv_bufs = {monitor}")?;
    let force = u8::from(g.vrrp.process_monitor_rcv_bufs_force);
    writeln!(out, " process_monitor_rcv_bufs_force = {force}")?;
    netlink(out, "lvs", &g.processes.checker)
}

fn netlink(out: &mut impl Write, name: &str, p: &Process) -> io::Result<()> {
    let command = p.netlink_cmd_rcv_bufs.unwrap_or(0);
    let monitor = p.netlink_monitor_rcv_bufs.unwrap_or(0);
    let command_force = u8::from(p.netlink_cmd_rcv_bufs_force);
    let monitor_force = u8::from(p.netlink_monitor_rcv_bufs_force);
    writeln!(out, " {name}_netlink_cmd_rcv_bufs = {command}")?;
    writeln!(out, " {name}_netlink_cmd_rcv_bufs_force = {command_force}")?;
    writeln!(out, " {name}_netlink_monitor_rcv_bufs = {monitor}")?;
    writeln!(out, " {name}_netlink_monitor_rcv_bufs_force = {monitor_force}")
}
