//! The one keyword table: every keyword of every block, every option word of every item.
//!
//! One file per family of blocks. To change what is known of a keyword - its status, its range, its sentence - change its
//! declaration and run `cargo xtask codegen`.

mod address;
mod bfd;
mod check;
mod decl;
mod global;
mod group;
mod http;
mod instance;
mod language;
mod lvs;
mod root;
mod route;
mod rule;
mod track;

pub use decl::{
    Block, BodyKind, Deprecated, EXTENSION, Keyword, Kind, Later, OnBad, Presence, ReloadEffect, Repeat, Slot, Status,
    Surplus, TimeUnit,
};

pub use self::{
    address::*, bfd::*, check::*, global::*, group::*, http::*, instance::*, language::*, lvs::*, root::*, route::*,
    rule::*, track::*,
};

/// All blocks in the order of the manual.
pub static BLOCKS: &[&Block] = &[
    &root::ROOT,
    &global::GLOBAL_DEFS,
    &group::TRACK_GROUP,
    &track::GARP_GROUP,
    &group::VRRP_SYNC_GROUP,
    &instance::VRRP_INSTANCE,
    &instance::VRRP_INSTANCE_AUTHENTICATION,
    &instance::VRRP_INSTANCE_AUTH_HMAC,
    &track::VRRP_SCRIPT,
    &track::VRRP_TRACK_PROCESS,
    &track::TRACK_FILE,
    &track::VRRP_TRACK_FILE,
    &bfd::BFD_INSTANCE,
    &lvs::SSL,
    &lvs::VIRTUAL_SERVER,
    &lvs::REAL_SERVER,
    &check::CHECK_MISC_CHECK,
    &check::CHECK_SMTP_CHECK,
    &check::CHECK_SMTP_CHECK_HOST,
    &check::CHECK_TCP_CHECK,
    &check::CHECK_PING_CHECK,
    &check::CHECK_UDP_CHECK,
    &http::CHECK_HTTP_GET,
    &http::CHECK_HTTP_GET_URL,
    &http::CHECK_SSL_GET,
    &http::CHECK_SSL_GET_URL,
    &check::CHECK_DNS_CHECK,
    &check::CHECK_FILE_CHECK,
    &check::CHECK_BFD_CHECK,
    &address::STATIC_IPADDRESS_ITEM,
    &address::VRRP_INSTANCE_VIRTUAL_IPADDRESS_ITEM,
    &address::VRRP_INSTANCE_VIRTUAL_IPADDRESS_EXCLUDED_ITEM,
    &route::STATIC_ROUTES_ITEM,
    &route::STATIC_ROUTES_ITEM_NEXTHOP,
    &route::STATIC_ROUTES_ITEM_ENCAP,
    &route::VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM,
    &route::VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM_NEXTHOP,
    &route::VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM_ENCAP,
    &rule::STATIC_RULES_ITEM,
    &rule::VRRP_INSTANCE_VIRTUAL_RULES_ITEM,
    &instance::VRRP_INSTANCE_UNICAST_PEER_ITEM,
    &group::VRRP_SYNC_GROUP_TRACK_INTERFACE_ITEM,
    &group::VRRP_SYNC_GROUP_TRACK_SCRIPT_ITEM,
    &group::VRRP_SYNC_GROUP_TRACK_FILE_ITEM,
    &group::VRRP_SYNC_GROUP_TRACK_PROCESS_ITEM,
    &group::VRRP_SYNC_GROUP_TRACK_BFD_ITEM,
    &instance::VRRP_INSTANCE_TRACK_INTERFACE_ITEM,
    &instance::VRRP_INSTANCE_TRACK_SCRIPT_ITEM,
    &instance::VRRP_INSTANCE_TRACK_FILE_ITEM,
    &instance::VRRP_INSTANCE_TRACK_PROCESS_ITEM,
    &instance::VRRP_INSTANCE_TRACK_BFD_ITEM,
    &track::LINKBEAT_INTERFACES_ITEM,
    &track::INTERFACE_UP_DOWN_DELAYS_ITEM,
    &lvs::VIRTUAL_SERVER_GROUP_ITEM,
    &global::GLOBAL_DEFS_LVS_SYNC_DAEMON_ARG,
    &global::GLOBAL_DEFS_LVS_TIMEOUTS_ARG,
    &global::GLOBAL_DEFS_INCLUDE_CHECK_ARG,
    &global::GLOBAL_DEFS_VRRP_RX_BUFS_POLICY_ARG,
    &global::GLOBAL_DEFS_UMASK_ARG,
    &instance::VRRP_INSTANCE_USE_VMAC_ARG,
    &instance::VRRP_INSTANCE_USE_IPVLAN_ARG,
    &lvs::VIRTUAL_SERVER_LVS_METHOD_ARG,
    &http::CHECK_HTTP_GET_URL_REGEX_OPTIONS_ARG,
    &http::CHECK_SSL_GET_URL_REGEX_OPTIONS_ARG,
    &track::TRACK_FILE_INIT_FILE_ARG,
    &track::VRRP_TRACK_FILE_INIT_FILE_ARG,
    &language::SCRIPT_ARGUMENTS,
    &language::LANGUAGE,
];

/// The block of this path.
#[must_use]
pub fn block(path: &str) -> Option<&'static Block> {
    BLOCKS.iter().copied().find(|block| block.path == path)
}

/// All places where a word is a keyword or an option, in the order of the manual.
pub fn places(word: &str) -> impl Iterator<Item = (&'static Block, &'static Keyword)> + '_ {
    BLOCKS
        .iter()
        .filter_map(move |block| block.find(word).map(|(_, keyword)| (*block, keyword)))
}
