//! The main loop of a worker that has a configuration and nothing to do with it: it keeps the protocol with the supervisor
//! and writes its configuration out when asked.

use std::{fmt, process::ExitCode};

use keepalived_model::config::Config;

use crate::{
    dump,
    ipc::{Cause, Print},
    supervisor::data::definitions,
    worker::{Order, SupervisorLink, WorkerOptions},
};

/// What differs from worker to worker.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// As in `Printing checker data`.
    pub name: &'static str,
    /// Writes the sections of this process.
    pub data: fn(&mut dyn fmt::Write, &Config) -> fmt::Result,
    /// Sees each model that begins to act.
    pub active: fn(&Config),
}

/// Serves orders until told to stop.
pub async fn serve(mut link: SupervisorLink, options: WorkerOptions, role: Description) -> ExitCode {
    let mut running: Option<Box<Config>> = None;
    let mut aside: Option<(u64, Cause, Box<Config>)> = None;
    loop {
        match link.order().await {
            Order::Prepare {
                generation,
                cause,
                config,
            } => {
                aside = Some((generation, cause, config));
                link.prepared(generation, Ok(()));
            }
            Order::Commit { generation } => {
                if let Some((_, cause, config)) = aside.take_if(|(kept, ..)| *kept == generation) {
                    begin(&options, role, cause, &config);
                    running = Some(config);
                }
                link.committed(generation);
            }
            Order::Abort { .. } => aside = None,
            Order::Print(Print::Data) => print(&options, role, running.as_deref()),
            Order::Ping(number) => link.pong(number),
            Order::Print(_) | Order::Peer(_) | Order::ReloadResult { .. } => {}
            Order::Stop => return ExitCode::SUCCESS,
        }
    }
}

fn begin(options: &WorkerOptions, role: Description, cause: Cause, config: &Config) {
    if cause != Cause::Start {
        tracing::info!("Reloading");
    }
    (role.active)(config);
    if cause == Cause::Start && options.cli.dump_conf {
        for line in sections(role, config).lines() {
            tracing::info!("{line}");
        }
    }
}

fn print(options: &WorkerOptions, role: Description, config: Option<&Config>) {
    let Some(config) = config else { return };
    tracing::info!(
        "Printing {} data for process({}) on signal",
        role.name,
        std::process::id()
    );
    let start = &options.start;
    let (namespace, instance) = (start.namespace.as_deref(), start.instance.as_deref());
    let path = dump::data_file(&config.global.dumps, Some(options.role), namespace, instance);
    let mut text = definitions(&config.global, namespace, instance, &options.cli.config_file);
    text.extend_from_slice(sections(role, config).as_bytes());
    dump::write_aside(path, dump::SHARED_MODE, text);
}

fn sections(role: Description, config: &Config) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _infallible = (role.data)(&mut text, config);
    text
}
