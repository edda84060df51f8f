//! Starting the user's scripts and hearing of their end (vrrp.md 13.4, runtime.md 10.3).
//!
//! [`Scripts`] starts each script from a thread of its own with `vfork` semantics: neither the size of the daemon's
//! memory nor a slow disk under the script delays an election. Every script is a process group of its own.

mod set;
mod spawn;
mod surroundings;

pub use set::{Event, ScriptId, Scripts};
pub use spawn::{Child, StartError, Step};
pub use surroundings::Surroundings;

use std::ffi::{CString, NulError, OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use keepalived_model::script::{Command, Credentials};

/// Variables that never reach a script (vrrp.md 13.4).
const HIDDEN_VARIABLES: [&str; 3] = ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH"];

/// A program to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    argv: Vec<CString>,
    variables: Vec<(OsString, OsString)>,
    credentials: Option<Credentials>,
}

impl Script {
    /// The program, by a path with a slash (there is no search in PATH), and its arguments.
    ///
    /// # Errors
    /// When a word has a zero octet, or there is no word at all.
    pub fn new<I: IntoIterator<Item: AsRef<OsStr>>>(argv: I) -> Result<Self, InvalidScript> {
        let words = argv.into_iter().map(|word| CString::new(word.as_ref().as_bytes()));
        let argv = words
            .collect::<Result<Vec<_>, NulError>>()
            .map_err(|_| InvalidScript::ZeroOctet)?;
        if argv.is_empty() {
            return Err(InvalidScript::Empty);
        }
        Ok(Self {
            argv,
            variables: Vec::new(),
            credentials: None,
        })
    }

    /// A configured command, run under its user.
    ///
    /// # Errors
    /// As [`Script::new`].
    pub fn configured(command: &Command) -> Result<Self, InvalidScript> {
        let mut script = Self::new(command.argv.iter().map(|word| word.as_ref()))?;
        script.credentials.clone_from(&command.credentials);
        Ok(script)
    }

    /// The program's path, for the log.
    #[must_use]
    pub fn program(&self) -> Box<str> {
        self.argv
            .first()
            .map_or("".into(), |word| word.to_string_lossy().into())
    }

    /// One more argument.
    ///
    /// # Errors
    /// When it has a zero octet.
    pub fn arg(mut self, word: impl AsRef<OsStr>) -> Result<Self, InvalidScript> {
        self.argv
            .push(CString::new(word.as_ref().as_bytes()).map_err(|_| InvalidScript::ZeroOctet)?);
        Ok(self)
    }

    /// One more environment variable, which replaces an inherited one.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Run as another user; needs `CAP_SETUID` and `CAP_SETGID` unless it is the present one.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }
}

/// Why words make no script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidScript {
    /// There is no program.
    Empty,
    /// A word has a zero octet, which no argument can have.
    ZeroOctet,
}

impl std::fmt::Display for InvalidScript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "a script without a program",
            Self::ZeroOctet => "a script with a zero octet",
        })
    }
}

impl std::error::Error for InvalidScript {}

/// The environment that all scripts get: the daemon's without the variables of the C library and those in `private`.
fn inherited_environment(private: &[&str]) -> Vec<(OsString, OsString)> {
    let hidden = |name: &OsStr| HIDDEN_VARIABLES.iter().chain(private).any(|hidden| name == *hidden);
    std::env::vars_os().filter(|(name, _)| !hidden(name)).collect()
}

/// The environment as `NAME=VALUE`; what has a zero octet cannot be given and is left out.
fn environment(inherited: &[(OsString, OsString)], own: &[(OsString, OsString)]) -> Vec<CString> {
    let replaced = |name: &OsString| own.iter().any(|(own, _)| own == name);
    let kept = inherited.iter().filter(|(name, _)| !replaced(name));
    let joined = kept
        .chain(own)
        .map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat());
    joined.filter_map(|variable| CString::new(variable).ok()).collect()
}
