//! Scheduling, names and buffers of the processes.

use keepalived_model::{global::Process, time::Micros};

use super::Draft;
use crate::{
    codes::keyword as codes,
    typed::{Entry, Typing},
    values::number,
};

impl Draft<'_> {
    /// Reads a keyword of a process; false when it is none.
    pub(super) fn process(&mut self, typing: &mut Typing, entry: &Entry<'_>) -> bool {
        let processes = &mut self.global.processes;
        match entry.name() {
            "process_names" => processes.named = true,
            "process_name" => processes.parent.name = entry.boxed(0),
            "max_auto_priority" => {
                // The declared range, -1..=99, fits.
                processes.max_auto_priority = Some(entry.opt_int(0).unwrap_or(99) as i8);
            }
            "min_auto_priority_delay" => {
                processes.min_auto_priority_delay = Some(Micros(u64::from(entry.u32(0))));
            }
            "random_seed" => processes.random_seed = Some(entry.u32(0)),
            name => {
                let Some((process, keyword)) = self.of_process(name) else {
                    return false;
                };
                return setting(typing, entry, process, keyword);
            }
        }
        true
    }

    /// Splits `vrrp_rt_priority` into the VRRP process and `rt_priority`.
    fn of_process<'k>(&mut self, name: &'k str) -> Option<(Target<'_>, &'k str)> {
        let cpus = self.facts.cpus();
        let processes = &mut self.global.processes;
        let (process, keyword) = match name.split_once('_')? {
            ("vrrp", keyword) => (&mut processes.vrrp, keyword),
            ("checker" | "lvs", keyword) => (&mut processes.checker, keyword),
            ("bfd", keyword) => (&mut processes.bfd, keyword),
            _ => return None,
        };
        Some((Target { process, cpus }, keyword))
    }
}

struct Target<'p> {
    process: &'p mut Process,
    cpus: u16,
}

fn setting(typing: &mut Typing, entry: &Entry<'_>, target: Target<'_>, keyword: &str) -> bool {
    let process = target.process;
    match keyword {
        "process_name" => process.name = entry.boxed(0),
        "priority" => process.nice = entry.int(0) as i8,
        "no_swap" => process.no_swap = true,
        "rt_priority" => process.rt_priority = Some(entry.u8(0)),
        "cpu_affinity" => affinity(typing, entry, target.cpus, &mut process.cpu_affinity),
        "rlimit_rttime" => process.rlimit_rttime = Some(Micros(u64::from(entry.u32(0)))),
        "netlink_cmd_rcv_bufs" => buffer(entry, &mut process.netlink_cmd_rcv_bufs),
        "netlink_cmd_rcv_bufs_force" => process.netlink_cmd_rcv_bufs_force = entry.bool(),
        "netlink_monitor_rcv_bufs" => buffer(entry, &mut process.netlink_monitor_rcv_bufs),
        "netlink_monitor_rcv_bufs_force" => process.netlink_monitor_rcv_bufs_force = entry.bool(),
        _ => return false,
    }
    true
}

/// 0 leaves what was there.
pub(super) fn buffer(entry: &Entry<'_>, place: &mut Option<u32>) {
    if entry.u32(0) != 0 {
        *place = Some(entry.u32(0));
    }
}

/// One bad number discards the whole list.
fn affinity(typing: &mut Typing, entry: &Entry<'_>, cpus: u16, place: &mut Vec<u16>) {
    let mut list = Vec::new();
    for word in entry.rest(0) {
        let cpu = number::integer(&word.text, false)
            .ok()
            .filter(|read| read.problem.is_none())
            .and_then(|read| u16::try_from(read.value).ok());
        match cpu {
            Some(cpu) if cpu < cpus => list.push(cpu),
            _ => {
                let message = format!(
                    "{}: '{}' is no CPU of this machine (0 to {}) - ignoring the list",
                    entry.keyword.name,
                    word.text,
                    cpus.saturating_sub(1)
                );
                typing.report(&codes::INVALID_SETTING, word.span, message);
                return;
            }
        }
    }
    list.sort_unstable();
    list.dedup();
    *place = list;
}
