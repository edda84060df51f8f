//! keepalived's options in one table, read by the rules of `getopt_long` (`runtime.md` 1.1): unique prefixes of long
//! names, grouped short ones, optional values only attached, options after other words.
//!
//! Written here because neither clap nor lexopt follows those rules together with keepalived's messages.

mod help;
mod table;

use std::path::PathBuf;

pub use help::{COMPATIBLE_VERSION, RELEASE_DATE, signal_number, usage, version_line, version_report};
use table::{Argument, Id, TABLE};

/// The default of `-f`.
pub const DEFAULT_CONFIG: &str = "/etc/keepalived/keepalived.conf";

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Run as daemon, or test the configuration when [`Options::config_test`] is set.
    Run(Box<Options>),
    /// Print on stderr and exit with 0.
    Print(String),
    /// Print on stdout and exit with 0.
    Answer(String),
    /// Act as genhash with these arguments.
    Genhash(Vec<String>),
    /// Message for stderr; exit with 1.
    Refuse(String),
}

/// How diagnostics of `-t` look (`--diagnostics`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiagnosticsForm {
    /// [`DiagnosticsForm::Human`] on a terminal, else [`DiagnosticsForm::Line`].
    #[default]
    Auto,
    /// With the text of the line and a caret.
    Human,
    /// keepalived's own: `(FILE: Line N) TEXT`.
    Line,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

/// syslog facility (`-S`), its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facility(pub u8);

impl Facility {
    /// LOG_DAEMON.
    pub const DAEMON: Self = Self(3);

    /// `0`-`7` and `local0`-`local7`, `user`, `daemon`.
    pub fn parse(text: &str) -> Option<Self> {
        let local = text.strip_prefix("local").unwrap_or(text);
        match text {
            "user" => Some(Self(1)),
            "daemon" => Some(Self::DAEMON),
            _ => match local.as_bytes() {
                [digit @ b'0'..=b'7'] => Some(Self(16 + digit - b'0')),
                _ => None,
            },
        }
    }
}

/// All options with their defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub struct Options {
    /// `-f`.
    pub config_file: String,
    /// Not `-C`.
    pub run_vrrp: bool,
    /// Not `-P`.
    pub run_checker: bool,
    /// Not `-B`.
    pub run_bfd: bool,
    /// `--all`.
    pub run_all: bool,
    /// `-l`.
    pub log_console: bool,
    /// `-D`: 0, 1 or 2.
    pub log_detail: u8,
    /// `-S`.
    pub facility: Facility,
    /// `-g`; `Some(None)` means the default name.
    pub log_file: Option<Option<PathBuf>>,
    /// `--flush-log-file`.
    pub flush_log_file: bool,
    /// `-G`.
    pub no_syslog: bool,
    /// `-u`.
    pub umask: Option<u32>,
    /// `-X`.
    pub release_vips: bool,
    /// `-V`.
    pub dont_release_vrrp: bool,
    /// `-I`.
    pub dont_release_ipvs: bool,
    /// `-R`.
    pub dont_respawn: bool,
    /// `-n`.
    pub dont_fork: bool,
    /// `-d`.
    pub dump_conf: bool,
    /// `-p`.
    pub pid: Option<PathBuf>,
    /// `-r`.
    pub vrrp_pid: Option<PathBuf>,
    /// `-c`.
    pub checkers_pid: Option<PathBuf>,
    /// `-b`.
    pub bfd_pid: Option<PathBuf>,
    /// `-a`.
    pub address_monitoring: bool,
    /// `-x`.
    pub snmp: bool,
    /// `-A`.
    pub snmp_agent_socket: Option<String>,
    /// `-s`.
    pub namespace: Option<String>,
    /// `-m`.
    pub core_dump: bool,
    /// `-M`; the pattern.
    pub core_pattern: Option<String>,
    /// `-e`.
    pub all_config: bool,
    /// `-i`.
    pub config_id: Option<String>,
    /// `--ignore-sigint`.
    pub ignore_sigint: bool,
    /// `-t`; `Some(None)` writes to stderr.
    pub config_test: Option<Option<PathBuf>>,
    /// `--strict`.
    pub strict: bool,
    /// `--diagnostics`.
    pub diagnostics: DiagnosticsForm,
    /// What to say before start-up goes on: bad values that do not stop it.
    pub complaints: Vec<String>,
    /// Words that are no options.
    pub unexpected: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            config_file: DEFAULT_CONFIG.to_owned(),
            run_vrrp: true,
            run_checker: true,
            run_bfd: true,
            run_all: false,
            log_console: false,
            log_detail: 0,
            facility: Facility::DAEMON,
            log_file: None,
            flush_log_file: false,
            no_syslog: false,
            umask: None,
            release_vips: false,
            dont_release_vrrp: false,
            dont_release_ipvs: false,
            dont_respawn: false,
            dont_fork: false,
            dump_conf: false,
            pid: None,
            vrrp_pid: None,
            checkers_pid: None,
            bfd_pid: None,
            address_monitoring: false,
            snmp: false,
            snmp_agent_socket: None,
            namespace: None,
            core_dump: false,
            core_pattern: None,
            all_config: false,
            config_id: None,
            ignore_sigint: false,
            config_test: None,
            strict: false,
            diagnostics: DiagnosticsForm::Auto,
            complaints: Vec::new(),
            unexpected: Vec::new(),
        }
    }
}

/// Reads the words after the program name.
pub fn parse(words: impl IntoIterator<Item = String>) -> Invocation {
    let mut parser = Parser {
        words: words.into_iter().collect::<Vec<_>>().into_iter(),
        options: Options::default(),
        first: true,
    };
    match parser.run() {
        Ok(()) => Invocation::Run(Box::new(finish(parser.options))),
        Err(done) => done,
    }
}

/// `-t` implies no respawn, no fork, no syslog; `--all` overrides `-P`, `-C`, `-B`.
fn finish(mut options: Options) -> Options {
    if options.config_test.is_some() {
        options.dont_respawn = true;
        options.dont_fork = true;
        options.no_syslog = true;
    }
    if options.run_all {
        options.run_vrrp = true;
        options.run_checker = true;
        options.run_bfd = true;
    }
    options
}

struct Parser {
    words: std::vec::IntoIter<String>,
    options: Options,
    first: bool,
}

impl Parser {
    /// `Err` when an option ends the reading.
    fn run(&mut self) -> Result<(), Invocation> {
        while let Some(word) = self.words.next() {
            if word == "--" {
                self.options.unexpected.extend(self.words.by_ref());
            } else if let Some(long) = word.strip_prefix("--") {
                self.long(long)?;
            } else if let Some(group) = word.strip_prefix('-').filter(|group| !group.is_empty()) {
                self.shorts(group)?;
            } else {
                self.options.unexpected.push(word);
            }
            self.first = false;
        }
        Ok(())
    }

    fn long(&mut self, text: &str) -> Result<(), Invocation> {
        let (name, attached) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        let Some(row) = find_long(name) else {
            return Err(Invocation::Refuse(format!("Unknown option --{name}")));
        };
        let value = match row.argument {
            Argument::None if attached.is_some() => {
                return Err(Invocation::Refuse(format!("Unknown option --{text}")));
            }
            Argument::None => None,
            Argument::Optional => attached.filter(|value| !value.is_empty()),
            Argument::Required => {
                let value = attached.or_else(|| self.words.next()).filter(|value| !value.is_empty());
                if value.is_none() {
                    return Err(Invocation::Refuse(format!(
                        "Missing parameter for option --{}",
                        row.long
                    )));
                }
                value
            }
        };
        self.apply(row.id, value)
    }

    fn shorts(&mut self, group: &str) -> Result<(), Invocation> {
        let mut rest = group;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            let Some(row) = TABLE.iter().find(|row| row.short == Some(letter)) else {
                return Err(Invocation::Refuse(format!("Unknown option -{letter}")));
            };
            let attached = (!rest.is_empty()).then(|| rest.to_owned());
            let value = match row.argument {
                Argument::None => {
                    self.apply(row.id, None)?;
                    self.first = false;
                    continue;
                }
                Argument::Optional => attached,
                Argument::Required => {
                    let value = attached.or_else(|| self.words.next()).filter(|value| !value.is_empty());
                    if value.is_none() {
                        return Err(Invocation::Refuse(format!("Missing parameter for option -{letter}")));
                    }
                    value
                }
            };
            return self.apply(row.id, value);
        }
        Ok(())
    }

    fn apply(&mut self, id: Id, value: Option<String>) -> Result<(), Invocation> {
        let o = &mut self.options;
        let text = value.unwrap_or_default();
        let path = || PathBuf::from(&text);
        let optional_path = || (!text.is_empty()).then(|| PathBuf::from(&text));
        match id {
            Id::UseFile => o.config_file = text,
            Id::Vrrp => o.run_checker = false,
            Id::Check => o.run_vrrp = false,
            Id::NoBfd => o.run_bfd = false,
            Id::All => o.run_all = true,
            Id::LogConsole => o.log_console = true,
            Id::LogDetail => o.log_detail = (o.log_detail + 1).min(2),
            Id::LogFacility => match Facility::parse(&text) {
                Some(facility) => o.facility = facility,
                None => o.complaints.push(format!("Invalid log facility '{text}'")),
            },
            Id::LogFile => o.log_file = Some(optional_path()),
            Id::FlushLogFile => o.flush_log_file = true,
            Id::NoSyslog => o.no_syslog = true,
            Id::Umask => match parse_umask(&text) {
                Some(mask) => o.umask = Some(mask),
                None => o.complaints.push(format!("Invalid umask '{text}'")),
            },
            Id::ReleaseVips => o.release_vips = true,
            Id::DontReleaseVrrp => o.dont_release_vrrp = true,
            Id::DontReleaseIpvs => o.dont_release_ipvs = true,
            Id::DontRespawn => o.dont_respawn = true,
            Id::DontFork => o.dont_fork = true,
            Id::DumpConf => o.dump_conf = true,
            Id::Pid => o.pid = Some(path()),
            Id::VrrpPid => o.vrrp_pid = Some(path()),
            Id::CheckersPid => o.checkers_pid = Some(path()),
            Id::BfdPid => o.bfd_pid = Some(path()),
            Id::AddressMonitoring => o.address_monitoring = true,
            Id::Genhash => return Err(self.genhash()),
            Id::Snmp => o.snmp = true,
            Id::SnmpAgentSocket => o.snmp_agent_socket = Some(text),
            Id::Namespace => o.namespace = Some(text),
            Id::CoreDump => o.core_dump = true,
            Id::CoreDumpPattern => {
                o.core_dump = true;
                o.core_pattern = Some(if text.is_empty() { "core".to_owned() } else { text });
            }
            Id::AllConfig => o.all_config = true,
            Id::Identity => o.config_id = Some(text),
            Id::IgnoreSigint => o.ignore_sigint = true,
            Id::Signum => {
                return Err(match signal_number(&text) {
                    Some(number) => Invocation::Answer(format!("{number}\n")),
                    None => Invocation::Refuse(format!("Unknown sigfunc {text}")),
                });
            }
            Id::ConfigTest => o.config_test = Some(optional_path()),
            Id::Strict => o.strict = true,
            Id::Diagnostics => {
                o.diagnostics = match text.as_str() {
                    "human" => DiagnosticsForm::Human,
                    "line" => DiagnosticsForm::Line,
                    "json" => DiagnosticsForm::Json,
                    "sarif" => DiagnosticsForm::Sarif,
                    _ => {
                        return Err(Invocation::Refuse(format!(
                            "Unknown diagnostics form {text}: use human, line, json or sarif"
                        )));
                    }
                }
            }
            Id::Version => return Err(Invocation::Print(version_report())),
            Id::Help => return Err(Invocation::Print(usage())),
        }
        Ok(())
    }

    /// The rest of the line belongs to genhash.
    fn genhash(&mut self) -> Invocation {
        if !self.first {
            eprintln!("Warning - options before --genhash are ignored");
        }
        Invocation::Genhash(self.words.by_ref().collect())
    }
}

/// An exact name, else the only row that the name is a prefix of.
fn find_long(name: &str) -> Option<&'static table::Row> {
    if let Some(row) = TABLE.iter().find(|row| row.long == name) {
        return Some(row);
    }
    let mut matching = TABLE.iter().filter(|row| row.long.starts_with(name));
    matching
        .next()
        .filter(|_| !name.is_empty() && matching.next().is_none())
}

/// A number in C notation, at most `0777`.
fn parse_umask(text: &str) -> Option<u32> {
    let number = if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        u32::from_str_radix(hex, 16)
    } else if text.len() > 1 && text.starts_with('0') {
        u32::from_str_radix(&text[1..], 8)
    } else {
        text.parse()
    };
    number.ok().filter(|mask| *mask <= 0o777)
}

#[cfg(test)]
mod tests;
