//! What the service manager is told (`runtime.md` 5.1, sd_notify(3)). Without `NOTIFY_SOCKET` nothing is said.

use std::time::Duration;

use sd_notify::NotifyState;

/// Variables of the service manager that are nobody else's business.
pub const PRIVATE_VARIABLES: [&str; 3] = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/// Tells the service manager. Sending is one datagram; a manager that does not read loses it.
#[derive(Debug, Default)]
pub(super) struct Notifier {
    last_status: String,
}

impl Notifier {
    /// Everything that was asked for runs.
    pub(super) fn ready(&mut self, status: &str) {
        status.clone_into(&mut self.last_status);
        send(&[
            NotifyState::Ready,
            NotifyState::MainPid(std::process::id()),
            NotifyState::Status(status),
        ]);
    }

    /// The configuration is being read again.
    pub(super) fn reloading(&mut self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => send(&[NotifyState::Reloading, now]),
            Err(_) => send(&[NotifyState::Reloading]),
        }
    }

    /// The end begins.
    pub(super) fn stopping(&mut self) {
        send(&[NotifyState::Stopping]);
    }

    /// A line for `systemctl status`; nothing is sent when it is the same as before.
    pub(super) fn status(&mut self, status: &str) {
        if self.last_status != status {
            status.clone_into(&mut self.last_status);
            send(&[NotifyState::Status(status)]);
        }
    }

    /// Why it is about to end with an error.
    pub(super) fn errno(&mut self, errno: u32) {
        send(&[NotifyState::Errno(errno)]);
    }

    /// All processes answer.
    pub(super) fn watchdog(&mut self) {
        send(&[NotifyState::Watchdog]);
    }
}

/// How often the manager wants to hear [`Notifier::watchdog`]; `None` when it does not watch this process.
pub(super) fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|interval| !interval.is_zero())
}

fn send(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!("failed to notify the service manager: {error}");
    }
}
