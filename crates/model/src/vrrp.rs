//! Virtual routers as the configuration wants them, after every check and correction of `config-language.md` section 13.
//!
//! Defaults are already filled in: what an engine needs stands in the field, whether it was written or not.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::{
    address::Address,
    route::{Route, Rule},
    script::NotifyScripts,
    time::Micros,
    units::{Family, IfName, Priority, Secret, Version, Vrid},
};

/// What an instance hopes to be at start (`state`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WantState {
    /// BACKUP.
    #[default]
    Backup,
    /// MASTER.
    Master,
}

/// One virtual router (`vrrp_instance`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Name of the block.
    pub name: Box<str>,
    /// `virtual_router_id`.
    pub vrid: Vrid,
    /// Family of its addresses and packets.
    pub family: Family,
    /// `version`, normalised.
    pub version: Version,
    /// `interface`; `None` for unicast over any interface.
    pub interface: Option<IfName>,
    /// `vrf`.
    pub vrf: Option<IfName>,
    /// `state`, normalised.
    pub want_state: WantState,
    /// `priority`.
    pub priority: Priority,
    /// `advert_int`, normalised to whole seconds (version 2) or 10 ms steps (version 3).
    pub advert_interval: Micros,
    /// `down_timer_adverts`, 1..=100.
    pub down_timer_adverts: u8,
    /// Where adverts go and come from.
    pub transport: Transport,
    /// `track_src_ip`.
    pub track_src_ip: bool,
    /// `dont_track_primary`.
    pub dont_track_primary: bool,
    /// `authentication` of RFC 2338, version 2 only.
    pub authentication: Authentication,
    /// `auth_hmac`.
    pub auth_hmac: Option<Box<AuthHmac>>,
    /// Addresses that are advertised, in configuration order (`virtual_ipaddress`).
    pub addresses: Vec<Address>,
    /// Addresses that come and go with the state but are not advertised (`virtual_ipaddress_excluded`).
    pub excluded_addresses: Vec<Address>,
    /// `virtual_routes`.
    pub routes: Vec<Route>,
    /// `virtual_rules`.
    pub rules: Vec<Rule>,
    /// `promote_secondaries`.
    pub promote_secondaries: bool,
    /// Whether a higher priority takes over from a working master, and when.
    pub preemption: Preemption,
    /// `timer_expired_backup`: assumed highest priority of the others, 1..=254.
    pub timer_expired_backup: Option<u8>,
    /// `accept` / `no_accept`, normalised.
    pub accept: bool,
    /// `strict_mode`, normalised.
    pub strict: bool,
    /// `skip_check_adv_addr`, normalised.
    pub skip_check_adv_addr: bool,
    /// `lower_prio_no_advert`, normalised.
    pub lower_prio_no_advert: bool,
    /// `higher_prio_send_advert`, normalised.
    pub higher_prio_send_advert: bool,
    /// `owner_ignore_adverts`, normalised.
    pub owner_ignore_adverts: bool,
    /// Checksum habits.
    pub checksum: Checksum,
    /// Gratuitous ARP and unsolicited NA.
    pub garp: Garp,
    /// `use_vmac`, `use_ipvlan` and their options.
    pub vmac: Option<Box<Vmac>>,
    /// What decides about fault and priority.
    pub track: Tracking,
    /// `notify*` scripts.
    pub notify: NotifyScripts,
    /// `notify_deleted` without a script: report DELETED instead of FAULT.
    pub notify_deleted: bool,
    /// `notify_priority_changes`, normalised.
    pub notify_priority_changes: bool,
    /// `smtp_alert`, normalised.
    pub smtp_alert: bool,
    /// `kernel_rx_buf_size`, bytes.
    pub kernel_rx_buf_size: Option<u32>,
    /// `linkbeat_use_polling` (deprecated).
    pub linkbeat_use_polling: bool,
    /// `lvs_sync_daemon_interface`.
    pub lvs_sync_daemon_interface: Option<IfName>,
    /// `debug`, 0..=4.
    pub debug: u8,
    /// A reason why it can never leave FAULT (`config-language.md` 13.2).
    pub config_fault: Option<Box<str>>,
}

impl Instance {
    /// An instance with every keyword at its default: BACKUP of priority 100, 1 s, multicast, no addresses.
    #[must_use]
    pub fn plain(name: &str, vrid: Vrid, family: Family) -> Self {
        let (version, group) = match family {
            Family::V4 => (Version::V2, IpAddr::V4(std::net::Ipv4Addr::new(224, 0, 0, 18))),
            Family::V6 => (
                Version::V3,
                IpAddr::V6(std::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12)),
            ),
        };
        Self {
            name: name.into(),
            vrid,
            family,
            version,
            interface: None,
            vrf: None,
            want_state: WantState::Backup,
            priority: Priority::DEFAULT,
            advert_interval: Micros::SECOND,
            down_timer_adverts: 3,
            transport: Transport::Multicast { group, source: None },
            track_src_ip: false,
            dont_track_primary: false,
            authentication: Authentication::None,
            auth_hmac: None,
            addresses: Vec::new(),
            excluded_addresses: Vec::new(),
            routes: Vec::new(),
            rules: Vec::new(),
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
            garp: Garp::default(),
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
            config_fault: None,
        }
    }

    /// Is traffic kept away from its addresses while it is MASTER? An owner always accepts (RFC 9568 section 6.1, Accept_Mode).
    #[must_use]
    pub const fn is_shielded(&self) -> bool {
        !self.accept && !self.is_owner()
    }

    /// The interface that carries the addresses: the VMAC or ipvlan, as soon as its name is decided, else `interface`.
    #[must_use]
    pub fn own_interface(&self) -> Option<IfName> {
        let virtual_one = self.vmac.as_ref().filter(|v| v.for_instance).and_then(|v| v.name);
        virtual_one.or(self.interface)
    }

    /// The interface adverts leave from and come in by: as [`Instance::own_interface`], except with `vmac_xmit_base`; the VRF of a
    /// unicast instance without interface.
    #[must_use]
    pub fn advert_interface(&self) -> Option<IfName> {
        if self.vmac.as_ref().is_some_and(|v| v.xmit_base) {
            return self.interface;
        }
        self.own_interface().or(self.vrf)
    }

    /// Is this the address owner?
    #[must_use]
    pub const fn is_owner(&self) -> bool {
        self.priority.is_owner()
    }
}

/// How adverts travel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transport {
    /// To a group on the instance's interface.
    Multicast {
        /// Destination group (`mcast_dst_ip`, `vrrp_mcast_group4/6`).
        group: IpAddr,
        /// `mcast_src_ip`; the interface's primary (IPv4) or link-local (IPv6) address when `None`.
        source: Option<IpAddr>,
    },
    /// To each peer (`unicast_peer`).
    Unicast {
        /// `unicast_src_ip`; the interface's primary address when `None`.
        source: Option<IpAddr>,
        /// At least one.
        peers: Vec<Peer>,
        /// `unicast_ttl`; IPv4 default 255, IPv6 default of the kernel.
        ttl: Option<u8>,
        /// `check_unicast_src`, or some peer has TTL limits.
        check_source: bool,
    },
}

/// One unicast peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// `min_ttl`, 0..=255.
    pub min_ttl: u8,
    /// `max_ttl`, 0..=255.
    pub max_ttl: u8,
}

/// Authentication of RFC 2338 section 5.3.6.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Authentication {
    /// Type 0.
    #[default]
    None,
    /// Type 1: up to 8 bytes in clear.
    Password(Secret),
    /// Type 2: IPsec AH with HMAC-MD5-96.
    Ah(Secret),
}

/// The HMAC trailer (`auth_hmac`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthHmac {
    /// Key id (1..=255) and key of 32..=64 bytes.
    pub keys: Vec<(u8, Secret)>,
    /// The key that signs.
    pub active_key: u8,
    /// `anti_replay monotonic` (else time).
    pub monotonic: bool,
    /// `time_window`, 1..=300 s.
    pub window: Micros,
    /// `mode`.
    pub mode: HmacMode,
}

/// `auth_hmac` `mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HmacMode {
    /// Sends it and refuses adverts without.
    #[default]
    Enforce,
    /// Sends it and accepts adverts without.
    Permissive,
    /// Does not send it.
    ReceiveOnly,
}

/// `preempt`, `nopreempt`, `preempt_delay`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Preemption {
    /// At the next expiry of the master down timer.
    Immediate,
    /// After following the lower master for this long.
    Delayed(Micros),
    /// Never.
    Disabled,
}

/// `v3_checksum_as_v2`, `old_unicast_checksum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Checksum {
    /// Version 3 over IPv4 without pseudo header.
    pub v3_as_v2: bool,
    /// Compatibility with the unicast checksum of versions up to 1.3.6.
    pub old_unicast: OldUnicastChecksum,
    /// The destination that those versions made the checksum for (`vrrp_mcast_group4`).
    pub old_group: Ipv4Addr,
}

impl Default for Checksum {
    fn default() -> Self {
        Self {
            v3_as_v2: false,
            old_unicast: OldUnicastChecksum::Detect,
            old_group: Ipv4Addr::new(224, 0, 0, 18),
        }
    }
}

/// `old_unicast_checksum`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OldUnicastChecksum {
    /// Learn from the peer.
    #[default]
    Detect,
    /// `old_unicast_checksum never`.
    Never,
    /// `old_unicast_checksum`.
    Always,
}

/// Gratuitous ARP and unsolicited neighbour advertisements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Garp {
    /// Time between the first and the second burst; 0 for no second one (`garp_master_delay`).
    pub delay: Micros,
    /// Rounds in a burst, at least 1 (`garp_master_repeat`).
    pub repeat: u32,
    /// Time between refreshes while MASTER; 0 for none (`garp_master_refresh`).
    pub refresh: Micros,
    /// Rounds in a refresh, at least 1 (`garp_master_refresh_repeat`).
    pub refresh_repeat: u32,
    /// As `delay`, after a lower-priority advert was seen (`garp_lower_prio_delay`).
    pub lower_prio_delay: Micros,
    /// Rounds after a lower-priority advert was seen, may be 0 (`garp_lower_prio_repeat`).
    pub lower_prio_repeat: u32,
    /// `garp_extra_if`: seconds between announcements on the extra VMAC interfaces, 0 for none.
    pub extra_if: Micros,
    /// `garp_extra_if all`.
    pub extra_if_all: bool,
}

impl Default for Garp {
    fn default() -> Self {
        Self {
            delay: Micros::from_secs(5),
            repeat: 5,
            refresh: Micros::ZERO,
            refresh_repeat: 1,
            lower_prio_delay: Micros::from_secs(5),
            lower_prio_repeat: 5,
            extra_if: Micros::ZERO,
            extra_if_all: false,
        }
    }
}

/// `use_vmac`, `use_vmac_addr`, `vmac_xmit_base`, `use_ipvlan`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Vmac {
    /// `use_ipvlan` instead of `use_vmac`.
    pub ipvlan: Option<IpvlanMode>,
    /// Interface name asked for; decided by the driver when nobody asked.
    pub name: Option<IfName>,
    /// MAC address asked for (5 given octets are completed with the VRID).
    pub mac: Option<[u8; 6]>,
    /// Address of an ipvlan.
    pub address: Option<crate::address::Prefixed>,
    /// `group`.
    pub group: Option<u32>,
    /// `netlink_notify_msg`.
    pub netlink_notify: bool,
    /// Adverts leave from the base interface (`vmac_xmit_base`).
    pub xmit_base: bool,
    /// The instance itself has a VMAC (`use_vmac` was given, not only `use_vmac_addr`).
    pub for_instance: bool,
    /// `use_vmac_addr`.
    pub for_addresses: bool,
}

/// `use_ipvlan` mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum IpvlanMode {
    /// Default.
    #[default]
    Bridge,
    /// No traffic between ipvlans.
    Private,
    /// Reflected by the switch.
    Vepa,
}

/// A reference to a tracker with its weight here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TrackRef {
    /// Name of the script, file, process, BFD session or interface.
    pub name: Box<str>,
    /// Weight, -254..=254; 0 means that failure is a fault.
    pub weight: i16,
    /// `reverse`.
    pub reverse: bool,
}

/// Everything an instance or group tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// `track_interface`.
    pub interfaces: Vec<TrackRef>,
    /// `track_script`.
    pub scripts: SmallVec<[TrackRef; 1]>,
    /// `track_file`.
    pub files: Vec<TrackRef>,
    /// `track_process`.
    pub processes: Vec<TrackRef>,
    /// `track_bfd`.
    pub bfds: Vec<TrackRef>,
}

impl Tracking {
    /// What a member of a sync group tracks all in all: its own, then the group's (`vrrp.md` 7.3).
    #[must_use]
    pub fn in_group(&self, group: &Self) -> Self {
        Self {
            interfaces: merged(&self.interfaces, &group.interfaces).collect(),
            scripts: merged(&self.scripts, &group.scripts).collect(),
            files: merged(&self.files, &group.files).collect(),
            processes: merged(&self.processes, &group.processes).collect(),
            bfds: merged(&self.bfds, &group.bfds).collect(),
        }
    }
}

fn merged<'a>(own: &'a [TrackRef], group: &'a [TrackRef]) -> impl Iterator<Item = TrackRef> + use<'a> {
    in_group(own, group).map(|(tracked, weight)| TrackRef {
        weight,
        ..tracked.clone()
    })
}

/// One list of a member of a sync group with the group's: each entry with the weight that counts. Where both name a thing that is the
/// group's, except that a member's weight 0 stays.
pub fn in_group<'a>(own: &'a [TrackRef], group: &'a [TrackRef]) -> impl Iterator<Item = (&'a TrackRef, i16)> {
    let same = |list: &'a [TrackRef], name: &str| list.iter().find(|r| *r.name == *name);
    let of_member = own.iter().map(move |mine| match same(group, &mine.name) {
        Some(theirs) if mine.weight != 0 => (mine, theirs.weight),
        _ => (mine, mine.weight),
    });
    let of_group = group.iter().filter(move |theirs| same(own, &theirs.name).is_none());
    of_member.chain(of_group.map(|theirs| (theirs, theirs.weight)))
}

/// Instances that move together (`vrrp_sync_group`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncGroup {
    /// Name of the block.
    pub name: Box<str>,
    /// Names of the members, each a known instance, in configuration order.
    pub members: Vec<Box<str>>,
    /// Trackers that apply to every member.
    pub track: Tracking,
    /// `sync_group_tracking_weight` (or `global_tracking`).
    pub tracking_weight: bool,
    /// `notify*` scripts.
    pub notify: NotifyScripts,
    /// `notify_priority_changes`.
    pub notify_priority_changes: Option<bool>,
    /// `smtp_alert`, normalised.
    pub smtp_alert: bool,
}

/// A file whose number is tracked (`track_file`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackFile {
    /// Name of the block.
    pub name: Box<str>,
    /// `file`.
    pub path: Box<str>,
    /// `weight`, -254..=254, default 1.
    pub weight: i16,
    /// `weight N reverse`.
    pub reverse: bool,
    /// `init_file [VALUE] [overwrite]`.
    pub init: Option<TrackFileInit>,
}

/// `init_file`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackFileInit {
    /// What is written.
    pub value: i32,
    /// Also over existing content.
    pub overwrite: bool,
}

/// A kind of process whose number is tracked (`vrrp_track_process`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackProcess {
    /// Name of the block.
    pub name: Box<str>,
    /// Path or name of the program.
    pub process: Box<str>,
    /// Arguments it must have.
    pub parameters: Vec<Box<str>>,
    /// How arguments are compared.
    pub param_match: ParamMatch,
    /// Match the whole command line.
    pub full_command: bool,
    /// Fewest processes, 1..=65535.
    pub quorum: u16,
    /// Most processes.
    pub quorum_max: Option<u16>,
    /// -254..=254, default 0.
    pub weight: i16,
    /// `weight N reverse`.
    pub reverse: bool,
    /// Time before a new process counts.
    pub fork_delay: Micros,
    /// Time before an ended process counts.
    pub terminate_delay: Micros,
}

/// `param_match`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ParamMatch {
    /// Not given.
    #[default]
    None,
    /// All parameters and no others.
    Exact,
    /// The first parameters; there may be more.
    Partial,
    /// The first parameters, and the last of them may go on; there may be more.
    Initial,
}

/// Pacing of announcements on interfaces (`garp_group`, `vrrp_garp_interval`, `vrrp_gna_interval`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GarpGroup {
    /// Least time between gratuitous ARPs.
    pub garp_interval: Micros,
    /// Least time between unsolicited NAs.
    pub gna_interval: Micros,
    /// Interfaces that share the budget.
    pub interfaces: Vec<IfName>,
}

/// Interfaces whose link state is polled (`linkbeat_interfaces`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linkbeat {
    /// The interface.
    pub interface: IfName,
    /// A fixed method, else MII, ETHTOOL, IOCTL in turn.
    pub method: Option<LinkbeatMethod>,
}

/// How link state is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LinkbeatMethod {
    /// MII registers.
    Mii,
    /// ETHTOOL_GLINK.
    Ethtool,
    /// SIOCGIFFLAGS.
    Ioctl,
}

/// Debounce of link changes (`interface_up_down_delays`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpDownDelay {
    /// The interface.
    pub interface: IfName,
    /// How long it must be down before it counts.
    pub down: Micros,
    /// How long it must be up before it counts.
    pub up: Micros,
}

/// Instances that track the interface of static items (`track_group`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackGroup {
    /// Name of the block.
    pub name: Box<str>,
    /// Known instances.
    pub members: Vec<Box<str>>,
}

/// All that the VRRP process does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vrrp {
    /// In configuration order.
    pub instances: Vec<Instance>,
    /// In configuration order.
    pub sync_groups: Vec<SyncGroup>,
    /// Scripts that something refers to.
    pub scripts: Vec<crate::script::TrackScript>,
    /// `track_file`.
    pub files: Vec<TrackFile>,
    /// `vrrp_track_process`.
    pub processes: Vec<TrackProcess>,
    /// `track_group`.
    pub track_groups: Vec<TrackGroup>,
    /// `static_ipaddress`; each has an interface.
    pub static_addresses: Vec<Address>,
    /// `static_routes`.
    pub static_routes: Vec<Route>,
    /// `static_rules`.
    pub static_rules: Vec<Rule>,
    /// `garp_group`.
    pub garp_groups: Vec<GarpGroup>,
    /// `linkbeat_interfaces`.
    pub linkbeats: Vec<Linkbeat>,
    /// `interface_up_down_delays`.
    pub up_down_delays: Vec<UpDownDelay>,
}
