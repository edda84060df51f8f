//! The command line of `keepalivedctl`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::remote::Target;

/// Look at a running keepalived, give it orders, and check configuration files.
#[derive(Debug, Parser)]
#[command(name = "keepalivedctl", version, about, max_term_width = 100)]
pub struct Args {
    /// Which daemon.
    #[command(flatten)]
    pub target: Target,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a configuration file without a running daemon
    Check {
        /// The file; a name ending in .toml is read as TOML
        file: PathBuf,
        /// How to say what was found
        #[arg(long, value_enum, default_value_t = Form::Human)]
        format: Form,
        /// Fail also for what keepalived would only warn about
        #[arg(long)]
        strict: bool,
    },
    /// Rewrite a configuration file in the other form
    Convert {
        /// The file
        file: PathBuf,
        /// The form to write
        #[arg(long, value_enum)]
        to: Shape,
    },
    /// Explain a keyword or the code of a diagnostic
    Explain {
        /// For example priority, or KA1001
        word: String,
    },
    /// Show the daemon and how many instances are in which state
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// List all instances
    Instances {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show all about one instance
    Show {
        /// Its name
        instance: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the counters of all instances
    Stats,
    /// Reload the configuration, wait for the end, and say what was wrong
    Reload,
    /// Send gratuitous ARP or neighbour advertisements for the addresses of an instance
    Garp {
        /// Its name
        instance: String,
    },
    /// Print what the daemon writes into its dump files, or metrics
    Dump {
        /// Which
        #[arg(value_enum)]
        kind: Dump,
    },
    /// Print what happens, one line each, until interrupted
    Watch {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// How diagnostics are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people
    Human,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code forges
    Sarif,
}

/// How a configuration is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// TOML
    Toml,
    /// keepalived.conf
    Conf,
}

/// Which dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dump {
    /// keepalived.data
    Data,
    /// keepalived.stats
    Stats,
    /// keepalived.json, version 1
    Json,
    /// keepalived.json, version 2
    Json2,
    /// OpenMetrics, for Prometheus
    Metrics,
}

impl Dump {
    /// Its name on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Stats => "stats",
            Self::Json => "json1",
            Self::Json2 => "json2",
            Self::Metrics => "metrics",
        }
    }
}
