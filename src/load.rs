//! Reading the configuration for the daemon, and what follows from what was found.

use std::{
    collections::BTreeSet,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use keepalived_config::{
    Loaded,
    diag::{Class, Diagnostic, Severity},
    render::log_line,
};

use keepalived_linux::process::namespace::{self, NetworkNamespace};

use crate::{cli::Options, facts::Machine};

/// Most diagnostics that one reading writes to the log.
const LOG_LIMIT: usize = 100;

/// What is read, and how strict.
#[derive(Clone, Debug)]
pub struct Loader {
    options: keepalived_config::Options,
    strict: bool,
    /// Errors of the configuration that runs: whoever lives with them may reload with them.
    accepted: Errors,
}

/// Errors by code and sentence; lines move when a file is edited, so they do not count.
pub type Errors = BTreeSet<(&'static str, String)>;

impl Loader {
    /// The main file becomes absolute, because the daemon leaves its working directory.
    pub fn new(options: &Options) -> Self {
        Self {
            options: keepalived_config::Options {
                main: absolute(&options.config_file),
                config_id: options.config_id.clone(),
                all_config: options.all_config,
            },
            strict: options.strict,
            accepted: Errors::new(),
        }
    }

    /// What was read runs now, with its errors.
    pub fn accept(&mut self, errors: Errors) {
        self.accepted = errors;
    }

    /// Why a reload must not let act what was read: beside [`Loader::refusal`], any error that the running configuration does not
    /// have. Where the original goes on with what it understood, a slip of the pen would change what runs.
    pub fn reload_refusal(&self, loaded: &Loaded) -> Option<String> {
        if let Some(refusal) = self.refusal(loaded) {
            return Some(refusal.reason);
        }
        let items = loaded.diagnostics.items().iter();
        items
            .filter(|item| item.severity >= Severity::Error)
            .find(|item| !self.accepted.contains(&(item.code.id, item.message.clone())))
            .map(|item| log_line(item, &loaded.sources))
    }

    /// Name pattern of the main file.
    pub fn main(&self) -> &str {
        &self.options.main
    }

    /// Reads everything. Waits for files and the kernel: not for an event loop.
    pub fn read(&self) -> Loaded {
        keepalived_config::load(&self.options, &Machine::default())
    }

    /// Why the daemon must not run what was read; `None` when it may.
    pub fn refusal(&self, loaded: &Loaded) -> Option<Refusal> {
        let diagnostics = &loaded.diagnostics;
        let first = |wanted: &dyn Fn(&Diagnostic) -> bool| {
            let found = diagnostics.items().iter().find(|item| wanted(item));
            found.map_or_else(
                || "the configuration is refused".to_owned(),
                |item| log_line(item, &loaded.sources),
            )
        };
        if is_missing(loaded) {
            return Some(Refusal {
                exit_code: 6,
                reason: format!("Config files missing '{}'.", self.main()),
            });
        }
        if diagnostics
            .items()
            .iter()
            .any(|item| item.code.class == Class::ConfigFile)
        {
            return Some(Refusal {
                exit_code: 6,
                reason: first(&|item| item.code.class == Class::ConfigFile),
            });
        }
        if diagnostics.refuses_start() {
            let reason = first(&|item| item.severity == Severity::Fatal || item.code.class == Class::MissingParameter);
            return Some(Refusal { exit_code: 2, reason });
        }
        if self.strict && diagnostics.worst() >= Some(Severity::Error) {
            return Some(Refusal {
                exit_code: 2,
                reason: first(&|item| item.severity >= Severity::Error),
            });
        }
        None
    }
}

/// The network namespace that was left for another one.
static LEFT: OnceLock<OwnedFd> = OnceLock::new();

/// The network namespace that the daemon was started in, if it lives in another one now: some sockets exist only there.
pub fn left_namespace() -> Option<OwnedFd> {
    LEFT.get().and_then(|left| left.try_clone().ok())
}

/// Reads in the network namespace where the daemon is going to live: that of `-s`, else that of `net_namespace`.
///
/// # Errors
/// When there is no such namespace, or it may not be entered.
pub fn read_in_namespace(loader: &Loader, options: &Options) -> Result<Loaded, NoNamespace> {
    let enter = |name: &str| {
        if let Ok(here) = namespace::current() {
            LEFT.get_or_init(|| here);
        }
        let entered = NetworkNamespace::Named(name.to_owned()).enter();
        entered.map_err(|source| NoNamespace {
            name: name.to_owned(),
            source,
        })
    };
    if let Some(name) = &options.namespace {
        enter(name)?;
    }
    let loaded = loader.read();
    match loaded
        .config
        .global
        .net_namespace
        .as_deref()
        .filter(|_| options.namespace.is_none())
    {
        Some(name) => {
            enter(name)?;
            // Interfaces were looked for in the wrong place.
            Ok(loader.read())
        }
        None => Ok(loaded),
    }
}

/// A network namespace that cannot be entered.
#[derive(Debug)]
pub struct NoNamespace {
    name: String,
    source: std::io::Error,
}

impl std::fmt::Display for NoNamespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Unable to set network namespace {} - exiting ({})",
            self.name, self.source
        )
    }
}

impl std::error::Error for NoNamespace {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Why a configuration cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Exit status when this happens at start.
    pub exit_code: u8,
    /// In words.
    pub reason: String,
}

/// The errors of a configuration, for [`Loader::accept`].
pub fn errors(loaded: &Loaded) -> Errors {
    let items = loaded.diagnostics.items().iter();
    items
        .filter(|item| item.severity >= Severity::Error)
        .map(|item| (item.code.id, item.message.clone()))
        .collect()
}

/// Was no main file found, or none that can be read?
pub fn is_missing(loaded: &Loaded) -> bool {
    loaded.sources.files().is_empty()
}

/// Says everything in the log, one line each, bounded.
pub fn log_diagnostics(loaded: &Loaded) {
    let items = loaded.diagnostics.items();
    for item in items.iter().take(LOG_LIMIT) {
        let line = log_line(item, &loaded.sources);
        match item.severity {
            Severity::Note => tracing::debug!("{line}"),
            _ => tracing::info!("{line}"),
        }
    }
    let more = items.len().saturating_sub(LOG_LIMIT) + loaded.diagnostics.suppressed();
    if more > 0 {
        tracing::info!("{more} more messages about the configuration; keepalived -t shows them");
    }
}

/// Errors as lines, for whoever asked for a reload over the bus; at most [`TOLD_LIMIT`].
pub fn error_lines(loaded: &Loaded) -> Vec<String> {
    let items = loaded.diagnostics.items().iter();
    items
        .filter(|item| item.severity >= Severity::Error)
        .take(TOLD_LIMIT)
        .map(|item| log_line(item, &loaded.sources))
        .collect()
}

/// Lines in the answer to a caller.
const TOLD_LIMIT: usize = 50;

fn absolute(pattern: &str) -> String {
    if Path::new(pattern).is_absolute() {
        return pattern.to_owned();
    }
    std::env::current_dir()
        .unwrap_or_else(|_| PathBuf::from("/"))
        .join(pattern)
        .display()
        .to_string()
}
