//! `disable_local_igmp`: switches send what goes to 224.0.0.0/24 everywhere (RFC 4541), so reports about such groups are noise.

use keepalived_linux::sysctl::{Restore, Sysctl};

use super::originals::Originals;

/// The setting of the kernel, and what it was.
#[derive(Debug, Default)]
pub(super) struct LocalIgmp {
    restore: Option<Restore>,
}

impl LocalIgmp {
    /// Turns the reports off in our network namespace, before the first group is joined.
    pub(super) fn disable(&mut self, originals: &Originals) {
        let Some(sysctl) = Sysctl::ipv4("igmp_link_local_mcast_reports") else {
            return;
        };
        match originals.set(&sysctl, 0) {
            Ok(restore) => self.restore = restore,
            Err(error) => tracing::info!("failed to disable IGMP reports for link-local groups: {error}"),
        }
    }

    /// Puts it back as it was.
    pub(super) fn restore(&mut self, originals: &Originals) {
        if let Some(change) = self.restore.take() {
            originals.restore(&change);
        }
    }
}
