//! Name, scheduling and memory of a process as `global_defs` wants them (`runtime.md` 3.2 and 12.4).

use keepalived_linux::process::{self, limits};
use keepalived_model::global::{Process, Processes};

use crate::ipc::Role;

/// RLIMIT_RTTIME unless `*_rlimit_rttime` says otherwise, in microseconds.
const DEFAULT_RTTIME_MICROS: u64 = 10_000;

/// Gives the calling thread, and so the process, its name in `ps`; `None` is the supervisor.
pub fn set_process_name(role: Option<Role>, processes: &Processes) {
    if let Err(error) = process::set_name(process_name(role, processes)) {
        tracing::debug!("failed to set the process name: {error}");
    }
}

fn process_name(role: Option<Role>, processes: &Processes) -> &str {
    let own = match role {
        None => &processes.parent,
        Some(role) => of_role(role, processes),
    };
    // The control process shares the settings of the VRRP process, but not its name.
    if let Some(name) = own.name.as_deref().filter(|_| role != Some(Role::Control)) {
        return name;
    }
    match role {
        Some(Role::Vrrp) if processes.named => "keepalived_vrrp",
        Some(Role::Checker) if processes.named => "keepalived_lvs",
        Some(Role::Bfd) if processes.named => "keepalived_bfd",
        Some(Role::Control) if processes.named => "keepalived_ctrl",
        _ => "keepalived",
    }
}

const fn of_role(role: Role, processes: &Processes) -> &Process {
    match role {
        Role::Vrrp | Role::Control => &processes.vrrp,
        Role::Checker => &processes.checker,
        Role::Bfd => &processes.bfd,
    }
}

/// What a worker has applied to itself.
#[derive(Debug, Default)]
pub(super) struct Settings {
    applied: Option<Process>,
}

impl Settings {
    /// Applies what changed since the last time. The control process only takes a name: it is not urgent.
    pub(super) fn apply(&mut self, role: Role, processes: &Processes) {
        set_process_name(Some(role), processes);
        if role == Role::Control {
            return;
        }
        let wanted = of_role(role, processes);
        let before = self.applied.take().unwrap_or_default();
        let title = role.title();
        let complain = |what: &str, result: std::io::Result<()>| {
            if let Err(error) = result {
                tracing::warn!("failed to set {what} of the {title} process: {error}");
            }
        };
        if wanted.nice != before.nice {
            complain("the priority", limits::set_nice(wanted.nice.into()));
        }
        if wanted.cpu_affinity != before.cpu_affinity && !wanted.cpu_affinity.is_empty() {
            let processors = wanted.cpu_affinity.iter().copied().map(usize::from);
            complain("the CPU affinity", limits::set_affinity(processors));
        }
        if wanted.no_swap && !before.no_swap {
            complain("the memory lock", limits::lock_memory());
        }
        if let Some(priority) = wanted.rt_priority {
            let limit = wanted
                .rlimit_rttime
                .map_or(DEFAULT_RTTIME_MICROS, |limit| limit.as_micros());
            if before.rt_priority != Some(priority) {
                complain("the real-time priority", limits::set_real_time(priority.into()));
            }
            if before.rt_priority.is_none() || before.rlimit_rttime != wanted.rlimit_rttime {
                complain("the real-time limit", limits::set_real_time_limit(limit));
            }
        } else if before.rt_priority.is_some() {
            tracing::info!("The {title} process keeps its real-time priority until it is started again");
        }
        self.applied = Some(wanted.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_processes() {
        let mut processes = Processes::default();
        assert_eq!(process_name(Some(Role::Vrrp), &processes), "keepalived");
        processes.named = true;
        assert_eq!(process_name(Some(Role::Checker), &processes), "keepalived_lvs");
        assert_eq!(process_name(None, &processes), "keepalived");
        processes.vrrp.name = Some("mine".into());
        processes.parent.name = Some("top".into());
        assert_eq!(process_name(Some(Role::Vrrp), &processes), "mine");
        assert_eq!(process_name(Some(Role::Control), &processes), "keepalived_ctrl");
        assert_eq!(process_name(None, &processes), "top");
    }
}
