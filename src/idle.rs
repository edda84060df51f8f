//! The main loop of a worker that has a configuration and nothing to do with it: it keeps the protocol with the supervisor,
//! holds its notification FIFO open, and writes its configuration out when asked.

use std::{fmt, process::ExitCode};

use keepalived_linux::script::{Event, Scripts};
use keepalived_model::{config::Config, global::Fifo};

use crate::{
    dump,
    ipc::{Cause, Print},
    notify::fifo::OpenFifos,
    supervisor::data::definitions,
    worker::{Order, PRIVATE_VARIABLES, SupervisorLink, WorkerOptions},
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
    /// The FIFO of this process, with its kind.
    pub fifo: Option<(&'static str, WhichFifo)>,
}

/// Finds a FIFO in the configuration.
pub type WhichFifo = fn(&Config) -> &Option<Fifo>;

/// Serves orders until told to stop.
pub async fn serve(mut link: SupervisorLink, options: WorkerOptions, role: Description) -> ExitCode {
    let mut running: Option<Box<Config>> = None;
    let mut aside: Option<(u64, Cause, Box<Config>)> = None;
    let mut fifo = OwnFifo::default();
    loop {
        let order = tokio::select! {
            order = link.order() => order,
            () = fifo.script_ended() => continue,
        };
        match order {
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
                    fifo.renew(&options, role, &config);
                    running = Some(config);
                }
                link.committed(generation);
            }
            Order::Abort { .. } => aside = None,
            Order::Print(Print::Data) => print(&options, role, running.as_deref()),
            Order::Ping(number) => link.pong(number),
            Order::Print(_) | Order::Peer(..) | Order::ReloadResult { .. } => {}
            Order::Stop => {
                fifo.close();
                return ExitCode::SUCCESS;
            }
        }
    }
}

/// The FIFO and the scripts of the process, which are started when there is something to start.
#[derive(Debug, Default)]
struct OwnFifo {
    scripts: Option<Scripts>,
    open: OpenFifos,
}

impl OwnFifo {
    /// Closes what is open and opens what the configuration names, at every reload (`vrrp.md` 13.3).
    fn renew(&mut self, options: &WorkerOptions, role: Description, config: &Config) {
        self.close();
        let Some((kind, wanted)) = role.fifo.map(|(kind, which)| (kind, which(config))) else {
            return;
        };
        if wanted.is_none() {
            return;
        }
        if self.scripts.is_none() {
            self.scripts = Scripts::new(options.surroundings.clone(), &PRIVATE_VARIABLES)
                .inspect_err(|error| tracing::error!("failed to prepare for scripts: {error}"))
                .ok();
        }
        if let Some(scripts) = &mut self.scripts {
            self.open = OpenFifos::open([(kind, wanted)], scripts);
        }
    }

    fn close(&mut self) {
        if let Some(scripts) = &mut self.scripts {
            self.open.close(scripts);
        }
    }

    /// Returns when some script has ended, or never.
    async fn script_ended(&mut self) {
        let Some(scripts) = &mut self.scripts else {
            return std::future::pending().await;
        };
        match scripts.next().await {
            Ok(Event::Ended { id, .. }) => {
                let _known = self.open.script_ended(id);
            }
            Ok(Event::Failed { error, .. }) => tracing::error!(alert = true, "FIFO script failed to start: {error}"),
            Ok(Event::Started { .. }) => {}
            Err(error) => {
                tracing::warn!("failed to watch scripts: {error}");
                self.scripts = None;
            }
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
