//! Settings of the daemon as a whole: root-level keywords and `global_defs`.

use serde::{Deserialize, Serialize};

use crate::{script::Command, time::Micros, units::IfName};

/// Root-level settings and `global_defs`, defaults filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Global {
    /// How each process runs.
    pub processes: Processes,
    /// `net_namespace` (option `-s` wins).
    pub net_namespace: Option<Box<str>>,
    /// `net_namespace_ipvs`; `Some("")` means the original namespace.
    pub net_namespace_ipvs: Option<Box<str>>,
    /// `instance`.
    pub instance: Option<Box<str>>,
    /// `use_pid_dir`.
    pub use_pid_dir: bool,
    /// `child_wait_time`, default 5 s.
    pub child_wait_time: Option<Micros>,
    /// `umask`; default 0o177 is applied by the daemon.
    pub umask: Option<u16>,
    /// `router_id`; host name when `None`.
    pub router_id: Option<Box<str>>,
    /// Start and stop scripts.
    pub lifecycle_scripts: LifecycleScripts,
    /// `reload_check_config` etc.
    pub reload: Reload,
    /// `script_user`, `enable_script_security` and friends.
    pub script_policy: ScriptPolicy,
    /// FIFOs of notifications.
    pub fifos: Fifos,
    /// Mail.
    pub smtp: Smtp,
    /// D-Bus.
    pub dbus: DBus,
    /// SNMP.
    pub snmp: Snmp,
    /// Files written at run time.
    pub dumps: Dumps,
    /// What applies to VRRP as a whole.
    pub vrrp: VrrpGlobals,
    /// `linkbeat_use_polling` at root level.
    pub linkbeat_use_polling: bool,
    /// `dynamic_interfaces`.
    pub dynamic_interfaces: DynamicInterfaces,
    /// `default_interface`.
    pub default_interface: Option<IfName>,
    /// `disable_local_igmp`.
    pub disable_local_igmp: bool,
}

/// `dynamic_interfaces [allow_if_changes]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DynamicInterfaces {
    /// A missing interface is fatal.
    #[default]
    Off,
    /// A missing interface may come later.
    Allowed,
    /// It may also come as another type.
    AllowChanges,
}

/// `startup_script`, `shutdown_script`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleScripts {
    /// `startup_script`.
    pub startup: Option<Command>,
    /// `startup_script_timeout`; `None` means 10 s.
    pub startup_timeout: Option<Micros>,
    /// `shutdown_script`.
    pub shutdown: Option<Command>,
    /// `shutdown_script_timeout`; `None` means 10 s.
    pub shutdown_timeout: Option<Micros>,
}

/// `reload_*`, `config_save_dir`, `tmp_config_directory`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reload {
    /// `reload_check_config [FILE]`.
    pub check_config: Option<Box<str>>,
    /// `reload_time_file`.
    pub time_file: Option<Box<str>>,
    /// `reload_repeat`.
    pub repeat: bool,
    /// `reload_file [PATH]`; `Some("")` means the default path.
    pub marker_file: Option<Box<str>>,
    /// `config_save_dir`.
    pub save_dir: Option<Box<str>>,
    /// `tmp_config_directory`.
    pub tmp_config_directory: Option<Box<str>>,
}

/// `script_user`, `enable_script_security`, `use_symlink_paths`, `set_supplementary_groups`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptPolicy {
    /// `script_user USER`.
    pub user: Option<Box<str>>,
    /// `script_user USER GROUP`.
    pub group: Option<Box<str>>,
    /// `enable_script_security`.
    pub security: bool,
    /// `use_symlink_paths`.
    pub use_symlink_paths: bool,
    /// `set_supplementary_groups`.
    pub supplementary_groups: bool,
}

/// One notification FIFO.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fifo {
    /// Path.
    pub path: Box<str>,
    /// Owner as written.
    pub user: Option<Box<str>>,
    /// Group as written.
    pub group: Option<Box<str>>,
    /// `*_fifo_script`.
    pub script: Option<Command>,
}

/// `notify_fifo`, `vrrp_notify_fifo`, `lvs_notify_fifo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fifos {
    /// `notify_fifo`.
    pub global: Option<Fifo>,
    /// `vrrp_notify_fifo`.
    pub vrrp: Option<Fifo>,
    /// `lvs_notify_fifo`.
    pub lvs: Option<Fifo>,
    /// `fifo_write_vrrp_states_on_reload`.
    pub write_states_on_reload: bool,
}

/// Mail alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smtp {
    /// `smtp_server HOST`, as written.
    pub server: Option<Box<str>>,
    /// Port; `None` means 25.
    pub port: Option<u16>,
    /// `smtp_helo_name`.
    pub helo_name: Option<Box<str>>,
    /// `smtp_connect_timeout`; `None` means 30 s.
    pub connect_timeout: Option<Micros>,
    /// `notification_email_from`.
    pub from: Option<Box<str>>,
    /// `notification_email`.
    pub recipients: Vec<Box<str>>,
    /// `smtp_alert`.
    pub alert: Option<bool>,
    /// `smtp_alert_vrrp`.
    pub alert_vrrp: Option<bool>,
    /// `smtp_alert_checker`.
    pub alert_checker: Option<bool>,
    /// `no_email_faults`.
    pub no_faults: bool,
    /// `no_checker_emails`.
    pub no_checker: bool,
}

/// D-Bus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DBus {
    /// `enable_dbus`.
    pub enabled: bool,
    /// `dbus_service_name`.
    pub service_name: Option<Box<str>>,
    /// `dbus_no_interface_name`.
    pub no_interface_name: Option<Box<str>>,
}

/// SNMP (AgentX).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snmp {
    /// `snmp_socket`.
    pub socket: Option<Box<str>>,
    /// `enable_traps`.
    pub traps: bool,
    /// `enable_snmp_vrrp`.
    pub vrrp: bool,
    /// `enable_snmp_checker`.
    pub checker: bool,
    /// `enable_snmp_rfcv2`.
    pub rfc_v2: bool,
    /// `enable_snmp_rfcv3`.
    pub rfc_v3: bool,
    /// `snmp_vs_stats_update_interval`.
    pub vs_stats_interval: Option<Micros>,
    /// `snmp_rs_stats_update_interval`.
    pub rs_stats_interval: Option<Micros>,
}

/// Dump files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dumps {
    /// `data_use_instance`.
    pub use_instance: bool,
    /// `json_version`, 1 or 2; `None` means 1.
    pub json_version: Option<u8>,
    /// `state_dump_file`.
    pub state_file: Option<Box<str>>,
    /// `stats_dump_file`.
    pub stats_file: Option<Box<str>>,
    /// `json_dump_file`.
    pub json_file: Option<Box<str>>,
}

/// Global settings that only the VRRP process looks at, beside the defaults already copied into instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VrrpGlobals {
    /// `vrrp_startup_delay`.
    pub startup_delay: Micros,
    /// `vrrp_delay_after_boot`.
    pub delay_after_boot: Micros,
    /// `log_unknown_vrids`.
    pub log_unknown_vrids: bool,
    /// `vrrp_garp_interval`.
    pub garp_interval: Micros,
    /// `vrrp_gna_interval`.
    pub gna_interval: Micros,
}

/// The four processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processes {
    /// Supervisor (only its name).
    pub parent: Process,
    /// VRRP process.
    pub vrrp: Process,
    /// Checker process.
    pub checker: Process,
    /// BFD process.
    pub bfd: Process,
    /// `process_names`.
    pub named: bool,
    /// `max_auto_priority`; `None` means not given.
    pub max_auto_priority: Option<i8>,
    /// `min_auto_priority_delay`; `None` means 1 s.
    pub min_auto_priority_delay: Option<Micros>,
    /// `random_seed`.
    pub random_seed: Option<u32>,
}

/// Scheduling of one process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// `*process_name`, 1..=15 bytes.
    pub name: Option<Box<str>>,
    /// `*_priority`, -20..=19.
    pub nice: i8,
    /// `*_no_swap`.
    pub no_swap: bool,
    /// `*_rt_priority`, 1..=99.
    pub rt_priority: Option<u8>,
    /// `*_cpu_affinity`.
    pub cpu_affinity: Vec<u16>,
    /// `*_rlimit_rttime`; `None` means 10 ms.
    pub rlimit_rttime: Option<Micros>,
    /// `*_netlink_cmd_rcv_bufs`, bytes.
    pub netlink_cmd_rcv_bufs: Option<u32>,
    /// `*_netlink_cmd_rcv_bufs_force`.
    pub netlink_cmd_rcv_bufs_force: bool,
    /// `*_netlink_monitor_rcv_bufs`, bytes.
    pub netlink_monitor_rcv_bufs: Option<u32>,
    /// `*_netlink_monitor_rcv_bufs_force`.
    pub netlink_monitor_rcv_bufs_force: bool,
}
