//! Which daemons are compared.

use std::path::PathBuf;

/// One of the two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// The C program as the distribution ships it.
    Original,
    /// The one of this workspace.
    Ours,
}

impl Program {
    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Ours => "ours",
        }
    }

    /// Where its executable is, or why it is not there.
    ///
    /// `KEEPALIVED_ORIGINAL` and `KEEPALIVED_OURS` name them; without, the original is looked up in `PATH` and the
    /// usual directory of daemons, ours beside this program.
    pub fn path(self) -> Result<PathBuf, String> {
        let (variable, candidates) = match self {
            Self::Original => ("KEEPALIVED_ORIGINAL", original_candidates()),
            Self::Ours => ("KEEPALIVED_OURS", our_candidates()),
        };
        if let Some(path) = std::env::var_os(variable) {
            let path = PathBuf::from(path);
            return if path.is_file() {
                Ok(path)
            } else {
                Err(format!("{variable}={} is not a file", path.display()))
            };
        }
        let found = candidates.into_iter().find(|path| path.is_file());
        found.ok_or_else(|| format!("no executable of {} found; set {variable}", self.name()))
    }
}

fn original_candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
    directories.push(PathBuf::from("/usr/sbin"));
    directories
        .into_iter()
        .map(|directory| directory.join("keepalived"))
        .collect()
}

fn our_candidates() -> Vec<PathBuf> {
    let here = std::env::current_exe().ok();
    here.iter()
        .filter_map(|exe| exe.parent())
        .map(|directory| directory.join("keepalived"))
        .collect()
}
