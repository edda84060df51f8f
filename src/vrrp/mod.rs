//! The VRRP process: joins the election engine to the kernel, to scripts and to whoever watches.
//!
//! | file | subject |
//! |---|---|
//! | `worker.rs` | the main loop: what wakes it, and what each waking means |
//! | `actions.rs` | the engine's wishes, carried out |
//! | `reload.rs` | a new configuration: plan, identity, sockets, scripts |
//! | `network.rs` | changes of links and addresses, translated for the engine |
//! | `links.rs` | which interfaces count as up: netlink, polling, debouncing |
//! | `duplicates.rs` | instances that would take each other's adverts for their own |
//! | `lateness.rs`, `igmp.rs` | `max_auto_priority`, `disable_local_igmp` |
//! | `buffers.rs` | how large the kernel's queues are |
//! | `receiving.rs`, `gathering.rs` | adverts handed to the engine; when to look for them again |
//! | `addresses.rs`, `source.rs` | the addresses of an interface, and which of them adverts come from |
//! | `watch.rs` | what the control process, dumps and the supervisor are told |
//! | `tell.rs` | notification scripts |
//! | `mail.rs` | who is mailed about what |
//! | `trackers.rs` | what files and processes tell, handed to the engine |
//! | `world.rs`, `sockets.rs`, `kernel.rs`, `routing.rs`, `announcer.rs`, `checks/` | one kind of input or output each |
//! | `vmac/` | interfaces of our own, with the MAC of a virtual router |
//! | `plan.rs`, `tracking.rs`, `report.rs`, `words.rs` | pure translations: configuration to engine, engine to status, events to log lines |
//! | `firewall.rs` | what is kept away from virtual addresses and MACs |
//! | `repeat.rs` | states once more after a reload |
//! | `predecessor.rs` | what a crashed predecessor left |
//! | `address_protocol.rs` | the number by which addresses are ours |
//! | `promote.rs`, `originals.rs` | `promote_secondaries`; settings of the kernel, and what they were |
//! | `statics.rs`, `rivals.rs`, `followed.rs` | static items; who takes away what is ours; `track_group` |
//! | `refused.rs` | routes that the kernel did not take at first |

mod actions;
mod address_protocol;
mod addresses;
mod announcer;
mod buffers;
mod checks;
mod duplicates;
mod firewall;
mod followed;
mod gathering;
mod igmp;
mod kernel;
mod lateness;
mod links;
mod mail;
mod network;
mod originals;
mod plan;
mod predecessor;
mod promote;
mod receiving;
mod refused;
mod reload;
mod repeat;
mod report;
mod rivals;
mod routing;
mod sockets;
mod source;
mod statics;
mod tell;
mod trackers;
mod tracking;
mod vmac;
mod watch;
mod words;
mod worker;
mod world;

use std::process::ExitCode;

use crate::worker::{EXIT_FATAL, EXIT_PERMISSION, SupervisorLink, WorkerOptions};

/// Runs until told to stop.
pub async fn run(link: SupervisorLink, options: WorkerOptions) -> ExitCode {
    match worker::Worker::open(link, options) {
        Ok(worker) => worker.run().await,
        Err((link, error)) => {
            let permission = error.kind() == std::io::ErrorKind::PermissionDenied;
            let reason = format!("failed to open what VRRP needs of the kernel: {error}");
            if permission {
                tracing::error!(
                    "Error 1 while registering gratuitous ARP shared channel: CAP_NET_RAW and CAP_NET_ADMIN are needed"
                );
            } else {
                tracing::error!("{reason}");
            }
            link.fatal(reason);
            ExitCode::from(if permission { EXIT_PERMISSION } else { EXIT_FATAL })
        }
    }
}
