//! The supervisor: reads the configuration, starts the workers, keeps them running, and ends them in order.

mod daemon;
pub mod data;
mod lifecycle;
mod notify;
mod paths;
mod process;
mod reload;
mod reload_time;
mod save;
mod stop;
mod watchdog;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use keepalived_config::Loaded;
use keepalived_linux::{
    process::{
        self as own_process, limits,
        namespace::private_directory,
        pidfile::{self, PidFile, PidFileError},
    },
    script::Surroundings,
};
use keepalived_model::{config::Config, global::Global};

use crate::{
    cli::{self, Options},
    ipc::{Role, ScriptLimits},
    load::{self, Loader, Refusal},
    log, signals,
};
use daemon::{Daemon, Foundation};
pub use notify::PRIVATE_VARIABLES;
use paths::{Names, PID_DIRECTORY};

/// umask unless configured (`runtime.md` 3.1): files 0600.
const DEFAULT_UMASK: u32 = 0o177;
const EXIT_FAILURE: u8 = 1;

/// Runs the daemon to its end, or tests the configuration.
pub fn main(options: Options) -> ExitCode {
    if !options.unexpected.is_empty() {
        println!("Unexpected argument(s): {} ", options.unexpected.join(" "));
    }
    for complaint in &options.complaints {
        eprintln!("{complaint}");
    }
    if options.config_test.is_some() {
        return crate::config_test::run(&options);
    }
    let code = match Start::read(options) {
        Ok(start) => start.run(),
        Err(code) => code,
    };
    log::flush();
    ExitCode::from(code)
}

/// What is known when the configuration has been read for the first time.
struct Start {
    options: Options,
    loader: Loader,
    loaded: Loaded,
    names: Names,
    surroundings: Surroundings,
    script_limits: ScriptLimits,
}

impl Start {
    /// Reads the configuration in the network namespace where the daemon is going to live. `Err` is an exit status.
    fn read(options: Options) -> Result<Self, u8> {
        let surroundings = Surroundings::capture().map_err(|error| {
            eprintln!("keepalived: failed to read resource limits: {error}");
            EXIT_FAILURE
        })?;
        own_process::set_umask(options.umask.unwrap_or(DEFAULT_UMASK));
        let mut loader = Loader::new(&options);
        let loaded = load::read_in_namespace(&loader, &options).map_err(|error| {
            report(&options, &error.to_string());
            0
        })?;
        if load::is_missing(&loaded) {
            return Err(no_configuration(&options, &loader, &loaded));
        }
        loader.accept(load::errors(&loaded));
        let global = &loaded.config.global;
        if let (None, Some(mask)) = (options.umask, global.umask) {
            own_process::set_umask(mask.into());
        }
        let names = Names {
            namespace: options
                .namespace
                .as_deref()
                .map(Box::from)
                .or_else(|| global.net_namespace.clone()),
            instance: global.instance.clone(),
            use_pid_dir: global.use_pid_dir,
        };
        Ok(Self {
            options,
            loader,
            loaded,
            names,
            surroundings,
            script_limits: ScriptLimits::capture(),
        })
    }

    fn run(self) -> u8 {
        let created = match self.make_pid_directory() {
            Ok(created) => created,
            Err(code) => return code,
        };
        if let Some(code) = self.already_running() {
            return code;
        }
        if !self.options.dont_fork
            && let Err(error) = own_process::detach()
        {
            eprintln!("keepalived: failed to go to the background: {error}");
            return EXIT_FAILURE;
        }
        crate::worker::set_process_name(None, &self.loaded.config.global.processes);
        // Signals are blocked for all threads, so before the first one.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return EXIT_FAILURE };
        let signals = {
            let _guard = runtime.enter();
            signals::Stream::open(true)
        };
        let Ok(signals) = signals else { return EXIT_FAILURE };
        log::start(log::Settings::of(&self.options, None, None, None));
        self.announce();
        let code = runtime.block_on(self.supervise(signals));
        runtime.shutdown_background();
        if let Some(directory) = created {
            let _not_empty = std::fs::remove_dir(directory);
        }
        tracing::info!("Stopped {}", cli::version_line());
        code
    }

    /// The directory, when this daemon made it.
    fn make_pid_directory(&self) -> Result<Option<PathBuf>, u8> {
        if !self.names.in_directory() {
            return Ok(None);
        }
        let directory = Path::new(PID_DIRECTORY);
        let result = match &self.names.namespace {
            Some(name) => private_directory(directory, name).map(|()| None),
            None => pidfile::create_directory(directory).map(|created| created.then(|| directory.to_owned())),
        };
        result.map_err(|error| {
            report(
                &self.options,
                &format!("failed to make the directory {PID_DIRECTORY}: {error}"),
            );
            EXIT_FAILURE
        })
    }

    /// The exit status when another daemon holds one of our pid files.
    fn already_running(&self) -> Option<u8> {
        for role in [None, Some(Role::Vrrp), Some(Role::Checker), Some(Role::Bfd)] {
            let Some(path) = self.names.pid_file(&self.options, role) else {
                continue;
            };
            if pidfile::holder(&path).is_ok_and(|holder| holder.is_some()) {
                let path = path.display();
                report(
                    &self.options,
                    &format!("Another process has pid file {path} locked\ndaemon is already running"),
                );
                return Some(0);
            }
        }
        None
    }

    fn announce(&self) {
        let uname = rustix::system::uname();
        tracing::info!("Starting {}", cli::version_line());
        tracing::info!(
            "Running on {} {} {}",
            uname.sysname().to_string_lossy(),
            uname.release().to_string_lossy(),
            uname.version().to_string_lossy()
        );
        for line in command_line() {
            tracing::info!("{line}");
        }
        for file in self.loaded.sources.files().iter().take(1) {
            tracing::info!("Configuration file {}", file.name);
        }
        let (namespace, instance) = (self.names.namespace.as_deref(), self.names.instance.as_deref());
        if namespace.is_some() || instance.is_some() {
            let ident = log::ident_with_suffix(None, namespace, instance);
            tracing::info!("Changing syslog ident to {ident}");
            log::set_ident(&ident);
        }
        load::log_diagnostics(&self.loaded);
        if self.loaded.config.global.processes.max_auto_priority.is_none() {
            tracing::info!(
                "NOTICE: setting config option max_auto_priority should result in better keepalived performance"
            );
        }
    }

    /// From the pid file to its removal.
    async fn supervise(self, signals: signals::Stream) -> u8 {
        if let Some(Refusal { exit_code, reason }) = self.loader.refusal(&self.loaded) {
            tracing::info!("{reason}");
            notify::Notifier::default().errno(22);
            return exit_code;
        }
        let Some(path) = self.names.pid_file(&self.options, None) else {
            return EXIT_FAILURE;
        };
        let pid_file = match PidFile::create(&path) {
            Ok(file) => file,
            Err(PidFileError::Held { .. }) => {
                tracing::info!("Another process has pid file {} locked", path.display());
                tracing::info!("daemon is already running");
                return 0;
            }
            Err(PidFileError::Io(error)) => {
                tracing::error!("failed to make pid file {}: {error}", path.display());
                return EXIT_FAILURE;
            }
        };
        if let Err(error) = own_process::become_subreaper() {
            tracing::debug!("failed to become the parent of orphans: {error}");
        }
        let core = CoreDumps::enable(&self.options);
        let config: Config = self.loaded.config;
        reload::remove_stale_marker(&self.names, &config.global);
        if self.options.dump_conf {
            data::log(&config.global, &self.names, self.loader.main());
        }
        let code = match startup_script(&config.global, &self.surroundings, &signals).await {
            Some(code) => code,
            None => {
                let foundation = Foundation {
                    options: Arc::new(self.options),
                    loader: self.loader,
                    names: self.names,
                    surroundings: self.surroundings,
                    script_limits: self.script_limits,
                    config: Arc::new(config),
                    signals,
                };
                Daemon::new(foundation).run().await
            }
        };
        core.restore();
        if let Err(error) = pid_file.remove() {
            tracing::debug!("failed to remove pid file {}: {error}", path.display());
        }
        code
    }
}

/// Runs the startup script; the exit status when a signal ended the daemon meanwhile.
async fn startup_script(global: &Global, surroundings: &Surroundings, signals: &signals::Stream) -> Option<u8> {
    let scripts = &global.lifecycle_scripts;
    scripts.startup.as_ref()?;
    let stopped = std::cell::Cell::new(false);
    let cancel = async {
        while !matches!(
            signals.next().await,
            signals::Meaning::Stop | signals::Meaning::Interrupt
        ) {}
        stopped.set(true);
    };
    lifecycle::run(
        "startup",
        scripts.startup.as_ref(),
        scripts.startup_timeout,
        surroundings,
        cancel,
    )
    .await;
    stopped.get().then_some(0)
}

/// `-m` and `-M`.
struct CoreDumps {
    former_pattern: Option<String>,
}

const CORE_PATTERN: &str = "/proc/sys/kernel/core_pattern";

impl CoreDumps {
    fn enable(options: &Options) -> Self {
        if options.core_dump
            && let Err(error) = limits::set_core_dumps(true)
        {
            tracing::info!("failed to allow core dumps: {error}");
        }
        let former_pattern = options.core_pattern.as_ref().and_then(|pattern| {
            let former = std::fs::read_to_string(CORE_PATTERN).ok()?;
            match std::fs::write(CORE_PATTERN, pattern) {
                Ok(()) => Some(former),
                Err(error) => {
                    tracing::info!("failed to set the core pattern: {error}");
                    None
                }
            }
        });
        Self { former_pattern }
    }

    fn restore(self) {
        if let Some(former) = self.former_pattern
            && let Err(error) = std::fs::write(CORE_PATTERN, former.trim_end())
        {
            tracing::info!("failed to restore the core pattern: {error}");
        }
    }
}

fn no_configuration(options: &Options, loader: &Loader, loaded: &Loaded) -> u8 {
    let missing = format!("Config files missing '{}'.", loader.main());
    let said = loaded.diagnostics.items().iter().map(|item| item.message.as_str());
    let lines: Vec<&str> = said
        .filter(|message| *message != missing)
        .chain([missing.as_str()])
        .collect();
    report(
        options,
        &format!("{}\nStopped {}", lines.join("\n"), cli::version_line()),
    );
    6
}

/// Says something before the log is opened for good: on stderr and in the log.
fn report(options: &Options, text: &str) {
    log::start(log::Settings {
        console: false,
        ..log::Settings::of(options, None, None, None)
    });
    for line in text.lines() {
        eprintln!("{line}");
        tracing::info!("{line}");
    }
}

/// `Command line: 'word' 'word'`, continued on indented lines after about 100 characters.
fn command_line() -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::from("Command line:");
    for word in std::env::args_os() {
        line.push_str(&format!(" '{}'", word.to_string_lossy()));
        if line.len() > 100 {
            lines.push(std::mem::replace(&mut line, String::from("             ")));
        }
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
    lines
}
