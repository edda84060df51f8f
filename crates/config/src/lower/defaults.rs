//! What `global_defs` says about every instance and every virtual server that does not say it itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keepalived_model::{
    global::{DynamicInterfaces, Global},
    time::Micros,
    units::{IfName, Version},
    vrrp::Garp,
};

/// Defaults of instances, sync groups and static items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VrrpDefaults {
    /// `vrrp_version`.
    pub version: Version,
    /// `vrrp_mcast_group4`.
    pub group4: Ipv4Addr,
    /// `vrrp_mcast_group6`.
    pub group6: IpAddr,
    /// `vrrp_garp_*`, without `vrrp_garp_lower_prio_*`.
    pub garp: Garp,
    /// `vrrp_garp_lower_prio_delay`; that of the instance's `garp.delay` when `None`.
    pub garp_lower_prio_delay: Option<Micros>,
    /// `vrrp_garp_lower_prio_repeat`; that of the instance's `garp.repeat` when `None`.
    pub garp_lower_prio_repeat: Option<u32>,
    /// `vrrp_down_timer_adverts`.
    pub down_timer_adverts: u8,
    /// `vrrp_strict`.
    pub strict: bool,
    /// `vrrp_skip_check_adv_addr`.
    pub skip_check_adv_addr: bool,
    /// `vrrp_lower_prio_no_advert`.
    pub lower_prio_no_advert: Option<bool>,
    /// `vrrp_higher_prio_send_advert`.
    pub higher_prio_send_advert: Option<bool>,
    /// `vrrp_owner_ignore_adverts`.
    pub owner_ignore_adverts: Option<bool>,
    /// `vrrp_check_unicast_src`.
    pub check_unicast_src: bool,
    /// `v3_checksum_as_v2`.
    pub v3_checksum_as_v2: bool,
    /// `vrrp_notify_priority_changes`.
    pub notify_priority_changes: bool,
    /// Global `notify_ordered`.
    pub notify_ordered: bool,
    /// `smtp_alert_vrrp`, else `smtp_alert`, else false.
    pub smtp_alert: bool,
    /// `dynamic_interfaces`.
    pub dynamic_interfaces: DynamicInterfaces,
    /// `default_interface`, else eth0 where it is needed.
    pub default_interface: Option<IfName>,
}

impl Default for VrrpDefaults {
    fn default() -> Self {
        Self {
            version: Version::V2,
            group4: Ipv4Addr::new(224, 0, 0, 18),
            group6: IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12)),
            garp: Garp {
                delay: Micros::from_secs(5),
                repeat: 5,
                refresh: Micros::ZERO,
                refresh_repeat: 1,
                lower_prio_delay: Micros::from_secs(5),
                lower_prio_repeat: 5,
                extra_if: Micros::ZERO,
                extra_if_all: false,
            },
            garp_lower_prio_delay: None,
            garp_lower_prio_repeat: None,
            down_timer_adverts: 3,
            strict: false,
            skip_check_adv_addr: false,
            lower_prio_no_advert: None,
            higher_prio_send_advert: None,
            owner_ignore_adverts: None,
            check_unicast_src: false,
            v3_checksum_as_v2: false,
            notify_priority_changes: false,
            notify_ordered: false,
            smtp_alert: false,
            dynamic_interfaces: DynamicInterfaces::Off,
            default_interface: None,
        }
    }
}

/// Defaults of virtual servers, real servers and checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LvsDefaults {
    /// `smtp_alert_checker`, else `smtp_alert`.
    pub smtp_alert: Option<bool>,
    /// `checker_log_all_failures`.
    pub log_all_failures: bool,
}

impl From<&Global> for VrrpDefaults {
    fn from(global: &Global) -> Self {
        let defaults = &global.vrrp_defaults;
        Self {
            version: defaults.version,
            group4: defaults.mcast_group4,
            group6: defaults.mcast_group6.into(),
            garp: defaults.garp(),
            garp_lower_prio_delay: defaults.garp_lower_prio_delay,
            garp_lower_prio_repeat: defaults.garp_lower_prio_repeat,
            down_timer_adverts: defaults.down_timer_adverts,
            strict: defaults.strict,
            skip_check_adv_addr: defaults.skip_check_adv_addr,
            lower_prio_no_advert: defaults.lower_prio_no_advert,
            higher_prio_send_advert: defaults.higher_prio_send_advert,
            owner_ignore_adverts: defaults.owner_ignore_adverts,
            check_unicast_src: defaults.check_unicast_src,
            v3_checksum_as_v2: defaults.v3_checksum_as_v2,
            notify_priority_changes: defaults.notify_priority_changes,
            notify_ordered: defaults.notify_ordered,
            smtp_alert: global.smtp.alert_vrrp.or(global.smtp.alert).unwrap_or(false),
            dynamic_interfaces: global.dynamic_interfaces,
            default_interface: global.default_interface,
        }
    }
}

impl From<&Global> for LvsDefaults {
    fn from(global: &Global) -> Self {
        Self {
            smtp_alert: global.smtp.alert_checker.or(global.smtp.alert),
            log_all_failures: global.lvs.log_all_failures,
        }
    }
}
