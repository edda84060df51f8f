//! Example values for tests of displays (feature `sample`).

use std::{net::IpAddr, sync::Arc};

use keepalived_model::{
    address::{Address, Prefixed},
    script::NotifyScripts,
    time::Micros,
    units::{Family, IfName, Version, Vrid},
    vrrp::{Checksum, Garp, Preemption, Tracking, Transport, WantState},
};

use crate::{
    instance::{AuthKind, Instance, InstanceId, Settings},
    snapshot::Daemon,
    state::{Applied, State},
    wall::Wall,
};

/// 2026-11-21 00:00:00 UTC.
pub const NOW: Wall = Wall(1_795_219_200_000_000);

/// A daemon that began an hour before [`NOW`].
#[must_use]
pub fn daemon() -> Daemon {
    Daemon {
        version: "0.1.0".into(),
        pid: 100,
        vrrp_pid: 101,
        started: Wall(NOW.0 - 3_600_000_000),
        config_file: "/etc/keepalived/keepalived.conf".into(),
        router_id: "lab1".into(),
        ..Daemon::default()
    }
}

/// An IPv4 instance with keepalived's defaults, one address, and the given state since a minute before [`NOW`].
#[must_use]
pub fn instance(id: u32, name: &str, interface: &str, vrid: u8, state: State) -> Instance {
    let mut i = Instance::new(InstanceId(id), Arc::new(settings(name, interface, vrid)));
    i.live.state = state;
    i.live.want_state = state;
    i.live.last_transition = Some(Wall(NOW.0 - 60_000_000));
    i.live.master_down_timer = Micros(3_609_375);
    if state == State::Master {
        i.live.addresses = Applied::All;
    }
    i
}

fn settings(name: &str, interface: &str, vrid: u8) -> Settings {
    Settings {
        name: name.into(),
        group: None,
        vrid: Vrid::new(vrid).unwrap_or(SOME_VRID),
        family: Family::V4,
        version: Version::V2,
        interface: IfName::new(interface),
        want_state: WantState::Backup,
        priority: 100,
        advert_interval: Micros::SECOND,
        down_timer_adverts: 3,
        transport: Transport::Multicast {
            group: IpAddr::from([224, 0, 0, 18]),
            source: None,
        },
        track_src_ip: false,
        dont_track_primary: false,
        auth: AuthKind::None,
        hmac: None,
        addresses: vec![Address::plain(Prefixed {
            address: IpAddr::from([10, 9, 0, vrid]),
            prefix_len: 24,
        })],
        excluded_addresses: vec![],
        routes: vec![],
        rules: vec![],
        promote_secondaries: false,
        preemption: Preemption::Immediate,
        timer_expired_backup: None,
        accept: true,
        strict: false,
        skip_check_adv_addr: false,
        lower_prio_no_advert: false,
        higher_prio_send_advert: false,
        owner_ignore_adverts: false,
        checksum: Checksum::default(),
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
        vmac: None,
        track: Tracking::default(),
        notify: NotifyScripts::default(),
        notify_deleted: false,
        notify_priority_changes: false,
        smtp_alert: false,
        kernel_rx_buf_size: None,
        linkbeat_use_polling: false,
        lvs_sync_daemon_interface: None,
        debug: 0,
    }
}

const SOME_VRID: Vrid = match Vrid::new(1) {
    Some(vrid) => vrid,
    None => unreachable!(),
};
