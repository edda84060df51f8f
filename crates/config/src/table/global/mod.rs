//! `global_defs`: one file a subject, joined in the order of the manual.

mod buffers;
mod files;
mod general;
mod lvs;
mod monitoring;
mod notify;
mod processes;
mod vrrp;

pub use self::{
    buffers::GLOBAL_DEFS_VRRP_RX_BUFS_POLICY_ARG,
    files::{GLOBAL_DEFS_INCLUDE_CHECK_ARG, GLOBAL_DEFS_UMASK_ARG},
    lvs::{GLOBAL_DEFS_LVS_SYNC_DAEMON_ARG, GLOBAL_DEFS_LVS_TIMEOUTS_ARG},
};
use super::decl::{Block, Keyword, kw};

/// `global_defs`.
pub static GLOBAL_DEFS: Block = Block::new("global_defs", &ALL);

/// In the order of the manual, which goes from subject to subject and back.
static PARTS: &[&[Keyword]] = &[
    general::GENERAL,
    lvs::IPVS,
    vrrp::VRRP,
    processes::PROCESSES,
    lvs::NFTABLES,
    notify::FIFOS,
    monitoring::MONITORING,
    notify::SCRIPTS,
    buffers::NETLINK,
    lvs::CHECKERS,
    buffers::ADVERTS,
    vrrp::START_AND_MACS,
    files::FILES,
];

static ALL: [Keyword; count(PARTS)] = join(PARTS);

const fn count(parts: &[&[Keyword]]) -> usize {
    let (mut part, mut all) = (0, 0);
    while part < parts.len() {
        all += parts[part].len();
        part += 1;
    }
    all
}

const fn join<const N: usize>(parts: &[&[Keyword]]) -> [Keyword; N] {
    let mut all = [kw(""); N];
    let (mut part, mut to) = (0, 0);
    while part < parts.len() {
        let mut from = 0;
        while from < parts[part].len() {
            all[to] = parts[part][from];
            from += 1;
            to += 1;
        }
        part += 1;
    }
    all
}
