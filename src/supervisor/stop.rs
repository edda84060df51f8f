//! The end, in order (`runtime.md` 3.5).

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::Instant;

use super::{daemon::Daemon, lifecycle, process::What};
use crate::ipc::Role;

const DEFAULT_WAIT: Duration = Duration::from_secs(5);
/// The control process ends after the others, to report their end.
const CONTROL_WAIT: Duration = Duration::from_secs(1);

impl Daemon {
    /// Ends all processes and runs the shutdown script.
    pub(super) async fn stop(&mut self) {
        self.stopping = true;
        tracing::info!("Stopping");
        self.notifier.stopping();
        let wait = self.config.global.child_wait_time.map_or(DEFAULT_WAIT, Duration::from);
        self.end(|role| role != Role::Control, wait).await;
        self.end(|role| role == Role::Control, CONTROL_WAIT).await;
        let scripts = &self.config.global.lifecycle_scripts;
        let (command, limit) = (scripts.shutdown.clone(), scripts.shutdown_timeout);
        lifecycle::run(
            "shutdown",
            command.as_ref(),
            limit,
            &self.surroundings,
            std::future::pending(),
        )
        .await;
        self.report_cpu_usage();
    }

    async fn end(&mut self, which: impl Fn(Role) -> bool, wait: Duration) {
        let deadline = Instant::now() + wait;
        self.signal_those(&which, Signal::TERM);
        if !self.until_ended(&which, deadline).await {
            for (role, slot) in &self.slots {
                if slot.running.is_some() && which(*role) {
                    tracing::info!("{} process failed to die - forcing termination", role.title());
                }
            }
            self.signal_those(&which, Signal::KILL);
            self.until_ended(&which, Instant::now() + Duration::from_secs(2)).await;
        }
    }

    fn signal_those(&self, which: &impl Fn(Role) -> bool, signal: Signal) {
        for (role, slot) in &self.slots {
            if let Some(running) = slot.running.as_ref().filter(|_| which(*role)) {
                running.signal(signal.as_raw());
            }
        }
    }

    /// Waits for the end of processes; false when time is up.
    async fn until_ended(&mut self, which: &impl Fn(Role) -> bool, deadline: Instant) -> bool {
        while self
            .slots
            .iter()
            .any(|(role, slot)| which(*role) && slot.running.is_some())
        {
            let Ok(event) = tokio::time::timeout_at(deadline, self.events.recv()).await else {
                return false;
            };
            let Some(event) = event else { return true };
            if let What::Ended(status) = &event.what
                && let Some(slot) = self.slots.get_mut(&event.role)
                && let Some(ended) = slot.running.take_if(|running| running.incarnation == event.incarnation)
                && !status.as_ref().is_ok_and(std::process::ExitStatus::success)
            {
                tracing::debug!("{} process {} ended with {status:?}", event.role.title(), ended.pid);
            }
        }
        true
    }

    fn report_cpu_usage(&self) {
        use nix::sys::resource::{UsageWho, getrusage};
        for (who, name) in [(UsageWho::RUSAGE_SELF, "self"), (UsageWho::RUSAGE_CHILDREN, "children")] {
            if let Ok(usage) = getrusage(who) {
                let (user, system) = (usage.user_time(), usage.system_time());
                tracing::debug!("CPU usage ({name}) user {user} system {system}");
            }
        }
    }
}
