//! How large the kernel's queues of our netlink sockets are.

use keepalived_linux::netlink::ReceiveBuffer;
use keepalived_model::config::Config;

use super::worker::Worker;

/// Memory that the kernel charges for one event, roughly.
const EVENT_BYTES: usize = 1_024;
/// Room for a few thousand events, whatever is configured: a machine has other addresses and links than ours. The memory is used only
/// while events wait to be read.
const LEAST: usize = 4 * 1024 * 1024;
/// Room for every object of the largest configuration; beyond that an overrun costs one more reading of everything.
const MOST: usize = 64 * 1024 * 1024;

/// Before there is a configuration.
pub(super) const DEFAULT: ReceiveBuffer = ReceiveBuffer {
    bytes: LEAST,
    force: true,
};

/// `vrrp_netlink_monitor_rcv_bufs`, else enough for all that we change ourselves at once: 64 KiB, the original's default, overruns at
/// about a hundred addresses.
fn monitor(config: &Config) -> ReceiveBuffer {
    let process = &config.global.processes.vrrp;
    if let Some(bytes) = process.netlink_monitor_rcv_bufs {
        return ReceiveBuffer {
            bytes: bytes as usize,
            force: process.netlink_monitor_rcv_bufs_force,
        };
    }
    let objects: usize = config
        .vrrp
        .instances
        .iter()
        .map(|i| i.addresses.len() + i.excluded_addresses.len() + i.routes.len() + i.rules.len())
        .sum();
    ReceiveBuffer {
        bytes: (objects * EVENT_BYTES).clamp(LEAST, MOST),
        force: true,
    }
}

impl Worker {
    /// Sizes the buffers as a configuration wants them.
    pub(super) fn size_buffers(&mut self, config: &Config) {
        let wanted = monitor(config);
        if std::mem::replace(&mut self.monitor_buffer, wanted) != wanted
            && let Err(error) = self.monitor.set_receive_buffer(wanted)
        {
            tracing::info!("failed to size the receive buffer of the netlink monitor: {error}");
        }
        let process = &config.global.processes.vrrp;
        let commands = process.netlink_cmd_rcv_bufs.map(|bytes| ReceiveBuffer {
            bytes: bytes as usize,
            force: process.netlink_cmd_rcv_bufs_force,
        });
        if let Some(buffer) = commands.filter(|buffer| Some(*buffer) != self.command_buffer) {
            self.commands.set_receive_buffer(buffer);
        }
        self.command_buffer = commands;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_counts_and_else_what_is_configured() {
        let mut config = Config::default();
        assert_eq!(monitor(&config), DEFAULT);
        config.global.processes.vrrp.netlink_monitor_rcv_bufs = Some(2_000_000);
        let written = ReceiveBuffer {
            bytes: 2_000_000,
            force: false,
        };
        assert_eq!(monitor(&config), written);
        config.global.processes.vrrp.netlink_monitor_rcv_bufs_force = true;
        assert!(monitor(&config).force);
    }
}
