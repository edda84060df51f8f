//! The main loop of a worker that has a configuration but no engine yet: it keeps the protocol with the supervisor.

use std::process::ExitCode;

use keepalived_model::config::Config;

use crate::{
    ipc::Print,
    worker::{Order, SupervisorLink},
};

/// Serves orders until told to stop. `committed` sees each model that begins to act, `print` each request to write something out.
pub async fn serve(
    mut link: SupervisorLink,
    mut committed: impl FnMut(&Config),
    mut print: impl FnMut(Option<&Config>, Print),
) -> ExitCode {
    let mut running: Option<Box<Config>> = None;
    let mut aside: Option<(u64, Box<Config>)> = None;
    loop {
        match link.order().await {
            Order::Prepare { generation, config, .. } => {
                aside = Some((generation, config));
                link.prepared(generation, Ok(()));
            }
            Order::Commit { generation } => {
                if let Some((_, config)) = aside.take_if(|(kept, _)| *kept == generation) {
                    committed(&config);
                    running = Some(config);
                }
                link.committed(generation);
            }
            Order::Abort { .. } => aside = None,
            Order::Print(what) => print(running.as_deref(), what),
            Order::Ping(number) => link.pong(number),
            Order::Peer(_) | Order::ReloadResult { .. } => {}
            Order::Stop => return ExitCode::SUCCESS,
        }
    }
}
