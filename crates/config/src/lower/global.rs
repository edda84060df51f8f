//! Root-level settings and `global_defs`.

mod fifos;
mod firewall;
mod lists;
mod processes;
mod vrrp;

use keepalived_model::{
    global::{DynamicInterfaces, FlushOnStop, Global},
    script::Command,
    time::Micros,
};

use super::scripts::{Loudness, Scripts};
use crate::{
    codes::keyword as codes,
    facts::Facts,
    source::Span,
    table::{GLOBAL_DEFS, ROOT},
    tree::Statement,
    typed::{Entry, Seen, Typing},
    values::script::ScriptLine,
};

/// What reading the global settings gives.
#[derive(Debug)]
pub struct Lowered<'f> {
    /// The settings.
    pub global: Global,
    /// Judge of all scripts of the configuration, which has seen those of `global_defs`.
    pub scripts: Scripts<'f>,
}

/// Reads the root-level settings and all `global_defs` blocks of a file set. Other root-level keywords are left alone: who
/// lowers them types them.
pub fn lower<'f>(typing: &mut Typing, facts: &'f dyn Facts, statements: &[Statement]) -> Lowered<'f> {
    let mut draft = Draft::new(facts);
    let mut at_root = Seen::default();
    let mut in_defs = Seen::default();
    for statement in statements {
        if !is_global(statement.keyword()) {
            continue;
        }
        let Some(entry) = typing.entry(&ROOT, &mut at_root, statement) else {
            continue;
        };
        if entry.name() == "global_defs" {
            for inner in entry.body() {
                if let Some(entry) = typing.entry(&GLOBAL_DEFS, &mut in_defs, inner) {
                    draft.setting(typing, &entry);
                }
            }
        } else {
            draft.root(&entry);
        }
    }
    draft.finish(typing)
}

/// Is this a root-level keyword that [`lower`] reads?
#[must_use]
pub fn is_global(keyword: &str) -> bool {
    matches!(
        keyword,
        "global_defs"
            | "linkbeat_use_polling"
            | "net_namespace"
            | "net_namespace_ipvs"
            | "namespace_with_ipsets"
            | "use_pid_dir"
            | "instance"
            | "child_wait_time"
    )
}

/// What was read so far. Scripts wait until it is known whose identity they take.
struct Draft<'f> {
    facts: &'f dyn Facts,
    global: Global,
    script_user: Option<Span>,
    startup: Option<(Span, ScriptLine)>,
    shutdown: Option<(Span, ScriptLine)>,
    fifos: fifos::Drafts,
    min_garp: bool,
}

impl<'f> Draft<'f> {
    fn new(facts: &'f dyn Facts) -> Self {
        Self {
            facts,
            global: Global::default(),
            script_user: None,
            startup: None,
            shutdown: None,
            fifos: fifos::Drafts::default(),
            min_garp: false,
        }
    }

    fn root(&mut self, entry: &Entry<'_>) {
        let global = &mut self.global;
        match entry.name() {
            "linkbeat_use_polling" => global.linkbeat_use_polling = true,
            "net_namespace" => global.net_namespace = entry.boxed(0),
            "net_namespace_ipvs" => global.net_namespace_ipvs = Some(entry.text(0).into()),
            "namespace_with_ipsets" => global.namespace_with_ipsets = true,
            "use_pid_dir" => global.use_pid_dir = true,
            "instance" => global.instance = entry.boxed(0),
            "child_wait_time" => global.child_wait_time = Some(entry.secs(0)),
            _ => {}
        }
    }

    fn setting(&mut self, typing: &mut Typing, entry: &Entry<'_>) {
        let done = self.process(typing, entry)
            || self.vrrp(typing, entry)
            || self.fifo(typing, entry)
            || self.smtp(typing, entry)
            || self.files(typing, entry)
            || firewall::setting(typing, entry, &mut self.global.firewall)
            || self.snmp_and_dbus(entry)
            || self.lvs(typing, entry);
        if !done {
            self.general(typing, entry);
        }
    }

    fn general(&mut self, typing: &mut Typing, entry: &Entry<'_>) {
        let global = &mut self.global;
        match entry.name() {
            "router_id" => global.router_id = entry.boxed(0),
            "use_symlink_paths" => global.script_policy.use_symlink_paths = entry.bool(),
            "set_supplementary_groups" => global.script_policy.supplementary_groups = entry.bool(),
            "enable_script_security" => global.script_policy.security = true,
            "script_user" => {
                global.script_policy.user = entry.boxed(0);
                global.script_policy.group = entry.boxed(1);
                self.script_user = Some(entry.span());
            }
            "startup_script" => self.startup = script(typing, entry),
            "shutdown_script" => self.shutdown = script(typing, entry),
            "startup_script_timeout" => global.lifecycle_scripts.startup_timeout = Some(entry.secs(0)),
            "shutdown_script_timeout" => global.lifecycle_scripts.shutdown_timeout = Some(entry.secs(0)),
            "dynamic_interfaces" => {
                global.dynamic_interfaces = match entry.choice(0) {
                    Some(_) => DynamicInterfaces::AllowChanges,
                    None => DynamicInterfaces::Allowed,
                };
            }
            "default_interface" => global.default_interface = entry.ifname(0),
            "disable_local_igmp" => global.disable_local_igmp = true,
            "umask" => lists::umask(typing, entry, &mut global.umask),
            _ => {}
        }
    }

    fn smtp(&mut self, typing: &mut Typing, entry: &Entry<'_>) -> bool {
        let smtp = &mut self.global.smtp;
        match entry.name() {
            "notification_email_from" => smtp.from = entry.boxed(0),
            "notification_email" => lists::recipients(typing, entry, &mut smtp.recipients),
            "smtp_server" => {
                smtp.server = entry.boxed(0);
                smtp.port = Some(entry.u16(1)).filter(|port| *port != 0);
            }
            "smtp_helo_name" => {
                if entry.has(0) {
                    smtp.helo_name = entry.boxed(0);
                }
            }
            "smtp_connect_timeout" => smtp.connect_timeout = Some(entry.secs(0)),
            "smtp_alert" => smtp.alert = Some(entry.bool()),
            "smtp_alert_vrrp" => smtp.alert_vrrp = Some(entry.bool()),
            "smtp_alert_checker" => smtp.alert_checker = Some(entry.bool()),
            "no_email_faults" => smtp.no_faults = true,
            "no_checker_emails" => smtp.no_checker = entry.bool(),
            _ => return false,
        }
        true
    }

    fn files(&mut self, typing: &mut Typing, entry: &Entry<'_>) -> bool {
        let global = &mut self.global;
        match entry.name() {
            "reload_check_config" => global.reload.check_config = entry.boxed(0).or(Some("/dev/null".into())),
            "reload_time_file" => global.reload.time_file = entry.boxed(0),
            "reload_repeat" => global.reload.repeat = true,
            "reload_file" => global.reload.marker_file = Some(entry.text(0).into()),
            "config_save_dir" => global.reload.save_dir = entry.boxed(0),
            "tmp_config_directory" => global.reload.tmp_config_directory = entry.boxed(0),
            "data_use_instance" => global.dumps.use_instance = entry.bool(),
            "json_version" => global.dumps.json_version = Some(entry.u8(0)),
            "state_dump_file" => path(typing, entry, &mut global.dumps.state_file),
            "stats_dump_file" => path(typing, entry, &mut global.dumps.stats_file),
            "json_dump_file" => path(typing, entry, &mut global.dumps.json_file),
            "iproute_etc_dir" => global.iproute.etc = entry.boxed(0),
            "iproute_usr_dir" => global.iproute.usr = entry.boxed(0),
            _ => return false,
        }
        true
    }

    fn snmp_and_dbus(&mut self, entry: &Entry<'_>) -> bool {
        let (snmp, dbus) = (&mut self.global.snmp, &mut self.global.dbus);
        match entry.name() {
            "snmp_socket" => snmp.socket = entry.boxed(0),
            "enable_traps" => snmp.traps = true,
            "enable_snmp_vrrp" => snmp.vrrp = true,
            "enable_snmp_checker" => snmp.checker = true,
            "enable_snmp_rfc" => (snmp.rfc_v2, snmp.rfc_v3) = (true, true),
            "enable_snmp_rfcv2" => snmp.rfc_v2 = true,
            "enable_snmp_rfcv3" => snmp.rfc_v3 = true,
            "snmp_vs_stats_update_interval" => snmp.vs_stats_interval = entry.opt_micros(0),
            "snmp_rs_stats_update_interval" => snmp.rs_stats_interval = entry.opt_micros(0),
            "enable_dbus" => dbus.enabled = true,
            "dbus_service_name" => dbus.service_name = entry.boxed(0),
            "dbus_no_interface_name" => dbus.no_interface_name = entry.boxed(0),
            _ => return false,
        }
        true
    }

    fn lvs(&mut self, typing: &mut Typing, entry: &Entry<'_>) -> bool {
        let lvs = &mut self.global.lvs;
        match entry.name() {
            "lvs_timeouts" => lists::lvs_timeouts(typing, entry, lvs),
            "lvs_flush" => lvs.flush = true,
            "lvs_flush_on_stop" => {
                lvs.flush_on_stop = match entry.choice(0) {
                    Some(_) => FlushOnStop::VirtualServers,
                    None => FlushOnStop::All,
                };
            }
            "lvs_sync_daemon" => {
                if let Some(daemon) = lists::sync_daemon(typing, entry) {
                    lvs.sync_daemon = Some(Box::new(daemon));
                }
            }
            "rs_init_notifies" => lvs.rs_init_notifies = entry.bool(),
            "checker_log_all_failures" => lvs.log_all_failures = entry.bool(),
            _ => return false,
        }
        true
    }

    fn finish(mut self, typing: &mut Typing) -> Lowered<'f> {
        if self.min_garp {
            self.apply_min_garp();
        }
        let policy = &self.global.script_policy;
        let mut scripts = Scripts::new(self.facts, policy, self.script_user, &mut typing.diagnostics);
        let mut lifecycle = |line: Option<(Span, ScriptLine)>, what: &str| -> Option<Command> {
            let (span, line) = line?;
            let usable = scripts.line(&mut typing.diagnostics, span, line, what, Loudness::Logged)?;
            Some(usable.command)
        };
        self.global.lifecycle_scripts.startup = lifecycle(self.startup.take(), "startup_script");
        self.global.lifecycle_scripts.shutdown = lifecycle(self.shutdown.take(), "shutdown_script");
        self.global.fifos = self.fifos.finish(typing, &mut scripts);
        Lowered {
            global: self.global,
            scripts,
        }
    }

    /// `vrrp_min_garp`: one packet and no more, wherever the built-in default still stands.
    fn apply_min_garp(&mut self) {
        let built_in = keepalived_model::global::VrrpDefaults::default();
        let defaults = &mut self.global.vrrp_defaults;
        if defaults.garp_master_repeat == built_in.garp_master_repeat {
            defaults.garp_master_repeat = 1;
        }
        if defaults.garp_master_delay == built_in.garp_master_delay {
            defaults.garp_master_delay = Micros::ZERO;
        }
    }
}

/// A script line that can be split.
fn script(typing: &mut Typing, entry: &Entry<'_>) -> Option<(Span, ScriptLine)> {
    match entry.script() {
        Ok(line) if line.argv.is_empty() => {
            let message = format!("'{}' names no command - ignoring", entry.keyword.name);
            typing.report(&codes::EXPECTED_ARGUMENT, entry.span(), message);
            None
        }
        Ok(line) => Some((entry.span(), line)),
        Err(why) => {
            typing.report(&codes::INVALID_SCRIPT, entry.span(), why);
            None
        }
    }
}

/// A file name that must not be empty.
fn path(typing: &mut Typing, entry: &Entry<'_>, place: &mut Option<Box<str>>) {
    if entry.text(0).is_empty() {
        let message = format!("'{}' needs a file name - ignoring", entry.keyword.name);
        typing.report(&codes::EXPECTED_ARGUMENT, entry.span(), message);
    } else {
        *place = entry.boxed(0);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
