//! `disable_local_igmp`: switches send what goes to 224.0.0.0/24 everywhere (RFC 4541), so reports about such groups are noise.

use keepalived_linux::sysctl::{Restore, Sysctl};

/// The setting of the kernel, and what it was.
#[derive(Debug, Default)]
pub(super) struct LocalIgmp {
    restore: Option<Restore>,
}

impl LocalIgmp {
    /// Turns the reports off in our network namespace, before the first group is joined.
    pub(super) fn disable(&mut self) {
        let Some(sysctl) = Sysctl::ipv4("igmp_link_local_mcast_reports") else {
            return;
        };
        match sysctl.set(0) {
            Ok(restore) => self.restore = restore,
            Err(error) => tracing::info!("failed to disable IGMP reports for link-local groups: {error}"),
        }
    }

    /// Puts it back as it was.
    pub(super) fn restore(&mut self) {
        if let Some(restore) = self.restore.take()
            && let Err(error) = restore.restore()
        {
            tracing::info!("failed to restore {}: {error}", restore.sysctl);
        }
    }
}
