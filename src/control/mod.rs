//! The control process: what others see of the daemon.
//!
//! It holds no capability and opens no file: it reads the reports of the VRRP process, mirrors them on a [`Board`], and is the only
//! process that speaks D-Bus. Elections never wait for it: reports are offered to it, and said again from the beginning when it was
//! too slow. When it dies, a new one asks for everything ([`Command::Subscribe`]).
//!
//! [`hub`] decides, [`bus`] talks to the bus in a task of its own so that a hanging bus does not stop the mirror.

mod bus;
mod dump;
mod hub;
mod outbox;
mod settings;

use std::process::ExitCode;

use tokio::sync::mpsc;

use crate::{
    ipc::{self, Command, Receiver, Report},
    worker::{Order, SupervisorLink, WorkerOptions},
};
use hub::Hub;

/// Runs until told to stop.
pub async fn run(mut link: SupervisorLink, options: WorkerOptions) -> ExitCode {
    drop_privileges();
    let (requests, mut asked) = mpsc::unbounded_channel();
    let mut hub = Hub::new(&options, requests, link.sender());
    let mut reports: Option<Receiver<Report>> = None;
    loop {
        tokio::select! {
            biased;
            order = link.order() => match order {
                Order::Prepare { generation, config, .. } => {
                    hub.prepare(generation, &config.global);
                    link.prepared(generation, Ok(()));
                }
                Order::Commit { generation } => {
                    hub.commit(generation).await;
                    link.committed(generation);
                }
                Order::Abort { generation } => hub.abort(generation),
                Order::Print(_) => {}
                Order::Ping(number) => link.pong(number),
                Order::Peer(_, fd) => match ipc::open::<Command, Report>(fd) {
                    Ok((sender, receiver)) => {
                        reports = Some(receiver);
                        hub.connect(sender);
                    }
                    Err(error) => tracing::error!("failed to open the link to the VRRP process: {error}"),
                },
                Order::ReloadResult { request, result } => hub.reloaded(request, result),
                Order::Stop => {
                    drain(reports.as_mut(), &mut hub).await;
                    hub.stop().await;
                    return ExitCode::SUCCESS;
                }
            },
            report = next(reports.as_mut()) => match report {
                Some(report) => hub.report(report),
                None => {
                    reports = None;
                    hub.disconnect();
                }
            },
            Some(request) = asked.recv() => hub.request(request),
        }
    }
}

async fn next(reports: Option<&mut Receiver<Report>>) -> Option<Report> {
    match reports {
        Some(reports) => reports.recv().await.map(|received| received.message),
        None => std::future::pending().await,
    }
}

/// What the VRRP process said at its end (the last states, [`keepalived_status::Event::Stopped`]) shall still be told.
async fn drain(reports: Option<&mut Receiver<Report>>, hub: &mut Hub) {
    let Some(reports) = reports else { return };
    let all = async {
        while let Some(received) = reports.recv().await {
            hub.report(received.message);
            if hub.vrrp_has_stopped() {
                return;
            }
        }
    };
    let _late = tokio::time::timeout(std::time::Duration::from_secs(2), all).await;
}

fn drop_privileges() {
    if let Err(error) = keepalived_linux::process::privileges::forbid_new_privileges() {
        tracing::warn!("failed to forbid new privileges: {error}");
    }
    if let Err(error) = keepalived_linux::process::privileges::keep_capabilities(&[], true) {
        tracing::warn!("failed to drop capabilities: {error}");
    }
}
