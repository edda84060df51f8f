//! Counters of one instance.

use serde::{Deserialize, Serialize};

/// Counters of one instance since start or the last clear (`vrrp.md` 16.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Adverts received and accepted for this virtual router.
    pub advert_rcvd: u64,
    /// Adverts sent, one for each interval, however many peers there are.
    pub advert_sent: u64,
    /// Transitions to MASTER.
    pub become_master: u64,
    /// Transitions away from MASTER.
    pub release_master: u64,
    /// Length does not fit.
    pub packet_len_err: u64,
    /// Interval differs from ours (never counted by keepalived).
    pub advert_interval_err: u64,
    /// TTL or hop limit is not 255.
    pub ip_ttl_err: u64,
    /// VRRP type is not ADVERTISEMENT.
    pub invalid_type_rcvd: u64,
    /// Address list differs from ours.
    pub addr_list_err: u64,
    /// Unknown authentication type.
    pub invalid_authtype: u64,
    /// Authentication type differs from ours.
    pub authtype_mismatch: u64,
    /// Authentication failed.
    pub auth_failure: u64,
    /// HMAC trailer missing.
    pub auth_ext_missing: u64,
    /// HMAC trailer malformed.
    pub auth_ext_malformed: u64,
    /// HMAC key id unknown.
    pub auth_ext_unknown_key: u64,
    /// HMAC wrong.
    pub auth_ext_invalid_hmac: u64,
    /// HMAC trailer outside the time window.
    pub auth_ext_stale: u64,
    /// HMAC trailer seen before.
    pub auth_ext_replay: u64,
    /// Adverts with priority 0 received.
    pub pri_zero_rcvd: u64,
    /// Adverts with priority 0 sent.
    pub pri_zero_sent: u64,
    /// VRRP version differs (SNMP only).
    pub vers_err: u64,
    /// Checksum wrong (SNMP only).
    pub chk_err: u64,
    /// VRID unknown (SNMP only; never counted by keepalived).
    pub vrid_err: u64,
    /// Why it last became master (SNMP `vrrpv3StatisticsMasterReason`): 0 not master, 1 priority, 2 preempted, 3 master silent.
    pub master_reason: u8,
    /// The last protocol error (SNMP `vrrpv3StatisticsProtoErrReason`): 0 none, 1 ttl, 2 version, 3 checksum, 4 vrid.
    pub proto_err_reason: u8,
}
