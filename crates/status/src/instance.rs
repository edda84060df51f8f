//! One virtual router: what was configured (without secrets) and what is.

use std::{net::IpAddr, sync::Arc};

use keepalived_model::{
    address::Address,
    route::{Route, Rule},
    script::NotifyScripts,
    time::Micros,
    units::{Family, IfName, Version, Vrid},
    vrrp::{self, Checksum, Garp, HmacMode, Preemption, Tracking, Transport, Vmac, WantState},
};
use serde::{Deserialize, Serialize};

use crate::{
    state::{Applied, Faults, State},
    statistics::Statistics,
    wall::Wall,
};

/// Names an instance between processes. Unique while the VRRP process lives: a number is never given twice, also not after reloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstanceId(pub u32);

/// One virtual router.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its number.
    pub id: InstanceId,
    /// What was configured; changes only by reload.
    pub settings: Arc<Settings>,
    /// What is.
    pub live: Live,
    /// Counters.
    pub statistics: Statistics,
}

/// Which authentication is configured, never with which key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AuthKind {
    /// Type 0.
    #[default]
    None,
    /// Type 1.
    Password,
    /// Type 2.
    Ah,
}

impl AuthKind {
    /// The type on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Password => 1,
            Self::Ah => 2,
        }
    }
}

/// The HMAC trailer without its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HmacKind {
    /// How many keys there are.
    pub keys: u16,
    /// Id of the key that signs.
    pub active_key: u8,
    /// `anti_replay monotonic` (else time).
    pub monotonic: bool,
    /// `time_window`.
    pub window: Micros,
    /// `mode`.
    pub mode: HmacMode,
}

/// What was configured for an instance, as far as a display may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Name of the block.
    pub name: Box<str>,
    /// Its sync group.
    pub group: Option<Box<str>>,
    /// `virtual_router_id`.
    pub vrid: Vrid,
    /// Family of packets and addresses.
    pub family: Family,
    /// Protocol version.
    pub version: Version,
    /// `interface` as configured: with a VMAC the interface under it.
    pub interface: Option<IfName>,
    /// `state`.
    pub want_state: WantState,
    /// `priority`, 1..=255.
    pub priority: u8,
    /// `advert_int`.
    pub advert_interval: Micros,
    /// `down_timer_adverts`.
    pub down_timer_adverts: u8,
    /// Where adverts go and come from.
    pub transport: Transport,
    /// `track_src_ip`.
    pub track_src_ip: bool,
    /// `dont_track_primary`.
    pub dont_track_primary: bool,
    /// `authentication`.
    pub auth: AuthKind,
    /// `auth_hmac`.
    pub hmac: Option<HmacKind>,
    /// `virtual_ipaddress`.
    pub addresses: Vec<Address>,
    /// `virtual_ipaddress_excluded`.
    pub excluded_addresses: Vec<Address>,
    /// `virtual_routes`.
    pub routes: Vec<Route>,
    /// `virtual_rules`.
    pub rules: Vec<Rule>,
    /// `promote_secondaries`.
    pub promote_secondaries: bool,
    /// `preempt`, `nopreempt`, `preempt_delay`.
    pub preemption: Preemption,
    /// `timer_expired_backup`.
    pub timer_expired_backup: Option<u8>,
    /// `accept`.
    pub accept: bool,
    /// `strict_mode`.
    pub strict: bool,
    /// `skip_check_adv_addr`.
    pub skip_check_adv_addr: bool,
    /// `lower_prio_no_advert`.
    pub lower_prio_no_advert: bool,
    /// `higher_prio_send_advert`.
    pub higher_prio_send_advert: bool,
    /// `owner_ignore_adverts`.
    pub owner_ignore_adverts: bool,
    /// Checksum habits.
    pub checksum: Checksum,
    /// Gratuitous ARP and unsolicited NA.
    pub garp: Garp,
    /// `use_vmac`, `use_ipvlan`.
    pub vmac: Option<Box<Vmac>>,
    /// What decides about fault and priority.
    pub track: Tracking,
    /// `notify*`.
    pub notify: NotifyScripts,
    /// `notify_deleted` without script.
    pub notify_deleted: bool,
    /// `notify_priority_changes`.
    pub notify_priority_changes: bool,
    /// `smtp_alert`.
    pub smtp_alert: bool,
    /// `kernel_rx_buf_size`, bytes.
    pub kernel_rx_buf_size: Option<u32>,
    /// `linkbeat_use_polling`.
    pub linkbeat_use_polling: bool,
    /// `lvs_sync_daemon_interface`.
    pub lvs_sync_daemon_interface: Option<IfName>,
    /// `debug`.
    pub debug: u8,
}

impl Settings {
    /// What a display may know of a configured instance that belongs to `group`.
    #[must_use]
    pub fn new(wanted: &vrrp::Instance, group: Option<&str>) -> Self {
        let w = wanted;
        Self {
            name: w.name.clone(),
            group: group.map(Into::into),
            vrid: w.vrid,
            family: w.family,
            version: w.version,
            interface: w.interface,
            want_state: w.want_state,
            priority: w.priority.get(),
            advert_interval: w.advert_interval,
            down_timer_adverts: w.down_timer_adverts,
            transport: w.transport.clone(),
            track_src_ip: w.track_src_ip,
            dont_track_primary: w.dont_track_primary,
            auth: match w.authentication {
                vrrp::Authentication::None => AuthKind::None,
                vrrp::Authentication::Password(_) => AuthKind::Password,
                vrrp::Authentication::Ah(_) => AuthKind::Ah,
            },
            hmac: w.auth_hmac.as_deref().map(|h| HmacKind {
                keys: u16::try_from(h.keys.len()).unwrap_or(u16::MAX),
                active_key: h.active_key,
                monotonic: h.monotonic,
                window: h.window,
                mode: h.mode,
            }),
            addresses: w.addresses.clone(),
            excluded_addresses: w.excluded_addresses.clone(),
            routes: w.routes.clone(),
            rules: w.rules.clone(),
            promote_secondaries: w.promote_secondaries,
            preemption: w.preemption,
            timer_expired_backup: w.timer_expired_backup,
            accept: w.accept,
            strict: w.strict,
            skip_check_adv_addr: w.skip_check_adv_addr,
            lower_prio_no_advert: w.lower_prio_no_advert,
            higher_prio_send_advert: w.higher_prio_send_advert,
            owner_ignore_adverts: w.owner_ignore_adverts,
            checksum: w.checksum,
            garp: w.garp,
            vmac: w.vmac.clone(),
            track: w.track.clone(),
            notify: w.notify.clone(),
            notify_deleted: w.notify_deleted,
            notify_priority_changes: w.notify_priority_changes,
            smtp_alert: w.smtp_alert,
            kernel_rx_buf_size: w.kernel_rx_buf_size,
            linkbeat_use_polling: w.linkbeat_use_polling,
            lvs_sync_daemon_interface: w.lvs_sync_daemon_interface,
            debug: w.debug,
        }
    }
}

/// The master that a BACKUP follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Master {
    /// Where its adverts come from.
    pub address: IpAddr,
    /// Its priority.
    pub priority: u8,
    /// Its advertisement interval.
    pub interval: Micros,
}

/// What changes while an instance runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// What it is.
    pub state: State,
    /// What it wants to be as soon as it can.
    pub want_state: State,
    /// Configured priority, or the one set over SNMP since.
    pub base_priority: u8,
    /// What it sends: total priority within 1..=254, or 255.
    pub effective_priority: u8,
    /// Base priority and all weights, not limited.
    pub total_priority: i32,
    /// The interface packets use: the VMAC when there is one.
    pub interface: Option<IfName>,
    /// Index of the interface adverts leave by: that one, except with `vmac_xmit_base`.
    pub ifindex: Option<u32>,
    /// Is the VMAC interface up? Meaningless without VMAC.
    pub vmac_up: bool,
    /// Address that adverts are sent from.
    pub source: Option<IpAddr>,
    /// The master it follows; `None` while it is master itself or has seen none.
    pub master: Option<Master>,
    /// Why it is in FAULT.
    pub faults: Faults,
    /// Tracked scripts whose first result is awaited.
    pub scripts_init: u32,
    /// When its state last changed.
    pub last_transition: Option<Wall>,
    /// When it acts next: as BACKUP the end of the master down timer, as MASTER the next advert.
    pub next_timeout: Option<Wall>,
    /// Length of the master down timer.
    pub master_down_timer: Micros,
    /// When it sent its last advert.
    pub last_advert_sent: Option<Wall>,
    /// Which advertised addresses are installed.
    pub addresses: Applied,
    /// Which excluded addresses are installed.
    pub excluded_addresses: Applied,
    /// Which routes are installed.
    pub routes: Applied,
    /// Which rules are installed.
    pub rules: Applied,
    /// File descriptors of its receiving and sending socket.
    pub sockets: Option<(i32, i32)>,
}

impl Live {
    /// How an instance begins.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            state: State::Init,
            want_state: match settings.want_state {
                WantState::Backup => State::Backup,
                WantState::Master => State::Master,
            },
            base_priority: settings.priority,
            effective_priority: settings.priority,
            total_priority: i32::from(settings.priority),
            interface: settings.interface,
            ifindex: None,
            vmac_up: false,
            source: None,
            master: None,
            faults: Faults::default(),
            scripts_init: 0,
            last_transition: None,
            next_timeout: None,
            master_down_timer: Micros::ZERO,
            last_advert_sent: None,
            addresses: Applied::None,
            excluded_addresses: Applied::None,
            routes: Applied::None,
            rules: Applied::None,
            sockets: None,
        }
    }

    /// Are its addresses (advertised ones or excluded ones) installed?
    #[must_use]
    pub fn vip_set(&self) -> bool {
        self.addresses.any() || self.excluded_addresses.any()
    }
}

impl Instance {
    /// An instance that has just been made.
    #[must_use]
    pub fn new(id: InstanceId, settings: Arc<Settings>) -> Self {
        let live = Live::new(&settings);
        Self {
            id,
            settings,
            live,
            statistics: Statistics::default(),
        }
    }
}
