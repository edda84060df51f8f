//! Settings of the daemon as a whole: root-level keywords and `global_defs`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::{
    script::Command,
    time::Micros,
    units::{IfName, Version},
    vrrp::Garp,
};

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
    /// What instances take when they say nothing themselves. Instances of the model already carry their values.
    pub vrrp_defaults: VrrpDefaults,
    /// What applies to IPVS as a whole.
    pub lvs: LvsGlobals,
    /// nftables.
    pub firewall: Firewall,
    /// Where names of routing tables, protocols, scopes ... are looked up.
    pub iproute: IprouteDirs,
    /// `namespace_with_ipsets`.
    pub namespace_with_ipsets: bool,
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
    /// Who owns it when we make it, resolved when the configuration was read; `None` is the identity of the daemon.
    pub owner: Option<crate::script::Credentials>,
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
    /// `vrrp_rx_bufs_policy`.
    pub rx_bufs_policy: RxBufsPolicy,
    /// `vrrp_rx_bufs_multiplier`, at least 1; `None` means 3.
    pub rx_bufs_multiplier: Option<u32>,
    /// `vmac_prefix`; `None` means `vrrp`.
    pub vmac_prefix: Option<Box<str>>,
    /// `vmac_addr_prefix`; `None` means `vmac_prefix`.
    pub vmac_addr_prefix: Option<Box<str>>,
    /// `process_monitor_rcv_bufs`, bytes.
    pub process_monitor_rcv_bufs: Option<u32>,
    /// `process_monitor_rcv_bufs_force`.
    pub process_monitor_rcv_bufs_force: bool,
}

/// `vrrp_rx_bufs_policy`: how the receive buffers of VRRP sockets are sized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RxBufsPolicy {
    /// As the system does.
    #[default]
    System,
    /// From the MTU of the interface.
    Mtu,
    /// From the length of the adverts.
    Advert,
    /// This many bytes.
    Bytes(u32),
}

/// Defaults of instances (`vrrp_*` keywords of `global_defs` that have a counterpart in `vrrp_instance`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VrrpDefaults {
    /// `vrrp_mcast_group4`.
    pub mcast_group4: Ipv4Addr,
    /// `vrrp_mcast_group6`.
    pub mcast_group6: Ipv6Addr,
    /// `vrrp_version`.
    pub version: Version,
    /// `vrrp_strict`.
    pub strict: bool,
    /// `vrrp_garp_master_delay`.
    pub garp_master_delay: Micros,
    /// `vrrp_garp_master_repeat`, at least 1.
    pub garp_master_repeat: u32,
    /// `vrrp_garp_master_refresh`.
    pub garp_master_refresh: Micros,
    /// `vrrp_garp_master_refresh_repeat`, at least 1.
    pub garp_master_refresh_repeat: u32,
    /// `vrrp_garp_lower_prio_delay`; `None` means `garp_master_delay`.
    pub garp_lower_prio_delay: Option<Micros>,
    /// `vrrp_garp_lower_prio_repeat`; `None` means `garp_master_repeat`.
    pub garp_lower_prio_repeat: Option<u32>,
    /// `vrrp_garp_extra_if`; 0 for none.
    pub garp_extra_if: Micros,
    /// `vrrp_garp_extra_if all`.
    pub garp_extra_if_all: bool,
    /// `vrrp_down_timer_adverts`, 1..=100.
    pub down_timer_adverts: u8,
    /// `vrrp_lower_prio_no_advert`.
    pub lower_prio_no_advert: Option<bool>,
    /// `vrrp_higher_prio_send_advert`.
    pub higher_prio_send_advert: Option<bool>,
    /// `vrrp_check_unicast_src`.
    pub check_unicast_src: bool,
    /// `vrrp_skip_check_adv_addr`.
    pub skip_check_adv_addr: bool,
    /// `vrrp_owner_ignore_adverts`.
    pub owner_ignore_adverts: Option<bool>,
    /// `v3_checksum_as_v2`.
    pub v3_checksum_as_v2: bool,
    /// `vrrp_notify_priority_changes`.
    pub notify_priority_changes: bool,
    /// `notify_ordered`.
    pub notify_ordered: bool,
    /// `notify_ordered_timeout`: the longest run of a script in an ordered queue.
    pub notify_ordered_timeout: Micros,
}

impl Default for VrrpDefaults {
    fn default() -> Self {
        Self {
            mcast_group4: Ipv4Addr::new(224, 0, 0, 18),
            mcast_group6: Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12),
            version: Version::V2,
            strict: false,
            garp_master_delay: Micros::from_secs(5),
            garp_master_repeat: 5,
            garp_master_refresh: Micros::ZERO,
            garp_master_refresh_repeat: 1,
            garp_lower_prio_delay: None,
            garp_lower_prio_repeat: None,
            garp_extra_if: Micros::ZERO,
            garp_extra_if_all: false,
            down_timer_adverts: 3,
            lower_prio_no_advert: None,
            higher_prio_send_advert: None,
            check_unicast_src: false,
            skip_check_adv_addr: false,
            owner_ignore_adverts: None,
            v3_checksum_as_v2: false,
            notify_priority_changes: false,
            notify_ordered: false,
            notify_ordered_timeout: Micros::from_secs(60),
        }
    }
}

impl VrrpDefaults {
    /// The announcements of an instance that says nothing about them and is not in strict mode.
    #[must_use]
    pub fn garp(&self) -> Garp {
        Garp {
            delay: self.garp_master_delay,
            repeat: self.garp_master_repeat,
            refresh: self.garp_master_refresh,
            refresh_repeat: self.garp_master_refresh_repeat,
            lower_prio_delay: self.garp_lower_prio_delay.unwrap_or(self.garp_master_delay),
            lower_prio_repeat: self.garp_lower_prio_repeat.unwrap_or(self.garp_master_repeat),
            extra_if: self.garp_extra_if,
            extra_if_all: self.garp_extra_if_all,
        }
    }
}

/// IPVS and health checks as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LvsGlobals {
    /// `lvs_timeouts tcp`, seconds, 0..=2678400; 0 leaves the kernel's value.
    pub tcp_timeout: u32,
    /// `lvs_timeouts tcpfin`, as above.
    pub tcpfin_timeout: u32,
    /// `lvs_timeouts udp`, as above.
    pub udp_timeout: u32,
    /// `lvs_flush`.
    pub flush: bool,
    /// `lvs_flush_on_stop`.
    pub flush_on_stop: FlushOnStop,
    /// `lvs_sync_daemon`.
    pub sync_daemon: Option<Box<SyncDaemon>>,
    /// `rs_init_notifies`.
    pub rs_init_notifies: bool,
    /// `checker_log_all_failures`.
    pub log_all_failures: bool,
}

/// `lvs_flush_on_stop`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FlushOnStop {
    /// Each real server is removed in turn.
    #[default]
    Off,
    /// All IPVS tables are emptied.
    All,
    /// `VS`: the managed virtual services are deleted at once.
    VirtualServers,
}

/// `lvs_sync_daemon`: connection synchronisation of IPVS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncDaemon {
    /// Where it multicasts.
    pub interface: IfName,
    /// Instance whose state decides between master and backup; both run without one.
    pub instance: Option<Box<str>>,
    /// `id`, 0..=255; the instance's VRID when `None`.
    pub id: Option<u8>,
    /// `maxlen`, bytes, 1..=65507.
    pub maxlen: Option<u16>,
    /// `port`, 1..=65535; `None` means 8848.
    pub port: Option<u16>,
    /// `ttl`, 1..=255; `None` means 1.
    pub ttl: Option<u8>,
    /// `group`, a multicast address; `None` means 224.0.0.81.
    pub group: Option<IpAddr>,
}

/// nftables tables of the daemon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firewall {
    /// `nftables [TABLE]`; the table's name.
    pub table: Option<Box<str>>,
    /// `nftables_priority`; `None` means -1.
    pub priority: Option<i32>,
    /// `nftables_ifindex`.
    pub ifindex: bool,
    /// `nftables_counters`.
    pub counters: bool,
    /// `vrrp_iptables [IN [OUT]]`; `nftables` goes before.
    pub iptables: Option<IptablesChains>,
    /// `vrrp_ipsets`.
    pub ipsets: Ipsets,
    /// `nftables_ipvs [TABLE]`; the table's name.
    pub ipvs_table: Option<Box<str>>,
    /// `nftables_ipvs_priority`; `None` means -1.
    pub ipvs_priority: Option<i32>,
    /// `nftables_ipvs_start_fwmark`, at least 1; `None` means 1000.
    pub ipvs_start_fwmark: Option<u32>,
}

/// The chains of `vrrp_iptables`, each 1..=27 bytes and different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IptablesChains {
    /// For packets to virtual addresses.
    pub input: Box<str>,
    /// For packets from them; `None` when only the first is given.
    pub output: Option<Box<str>>,
}

/// `vrrp_ipsets`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ipsets {
    /// Not given: sets of the usual names.
    #[default]
    Usual,
    /// Given without a name: no sets.
    Off,
    /// Up to six names of 1..=30 bytes, all different: addresses, IPv6 addresses, link-local ones with interfaces, IGMP, MLD, ND.
    Named(Vec<Box<str>>),
}

/// `iproute_etc_dir`, `iproute_usr_dir`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IprouteDirs {
    /// Administrator's directory; that of the build when `None`.
    pub etc: Option<Box<str>>,
    /// Vendor's directory; that of the build when `None`.
    pub usr: Option<Box<str>>,
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
