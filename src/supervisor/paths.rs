//! Where pid files and the reload marker are (`runtime.md` 3.3 and 4.3).

use std::path::{Path, PathBuf};

use crate::{cli::Options, ipc::Role};

/// Directory of pid files when `use_pid_dir`, `instance` or `net_namespace` asks for one of its own.
pub(super) const PID_DIRECTORY: &str = "/run/keepalived";

/// Names in force for the life of the daemon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Network namespace.
    pub(super) namespace: Option<Box<str>>,
    /// `instance`.
    pub(super) instance: Option<Box<str>>,
    /// `use_pid_dir`.
    pub(super) use_pid_dir: bool,
}

impl Names {
    /// Are files in [`PID_DIRECTORY`]?
    pub(super) const fn in_directory(&self) -> bool {
        self.use_pid_dir || self.namespace.is_some() || self.instance.is_some()
    }

    /// The pid file of a process; `None` is the supervisor. The control process has none.
    pub(super) fn pid_file(&self, options: &Options, role: Option<Role>) -> Option<PathBuf> {
        let (given, stem) = match role {
            None => (&options.pid, "keepalived"),
            Some(Role::Vrrp) => (&options.vrrp_pid, "vrrp"),
            Some(Role::Checker) => (&options.checkers_pid, "checkers"),
            Some(Role::Bfd) => (&options.bfd_pid, "bfd"),
            Some(Role::Control) => return None,
        };
        Some(given.clone().unwrap_or_else(|| self.standard(stem, "pid")))
    }

    /// The marker of `reload_file`; an empty name means the standard one.
    pub(super) fn reload_marker(&self, configured: &str) -> PathBuf {
        if configured.is_empty() {
            self.standard("keepalived", "reload")
        } else {
            configured.into()
        }
    }

    fn standard(&self, stem: &str, extension: &str) -> PathBuf {
        if !self.in_directory() {
            return Path::new("/run").join(format!("{stem}.{extension}"));
        }
        let suffix = self
            .instance
            .as_ref()
            .map_or_else(String::new, |instance| format!("_{instance}"));
        Path::new(PID_DIRECTORY).join(format!("{stem}{suffix}.{extension}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_directory_instance_and_options() {
        let plain = Names::default();
        let options = Options::default();
        let show = |names: &Names, options: &Options, role| {
            names
                .pid_file(options, role)
                .map(|path| path.display().to_string())
                .unwrap_or_default()
        };
        assert_eq!(show(&plain, &options, None), "/run/keepalived.pid");
        assert_eq!(show(&plain, &options, Some(Role::Checker)), "/run/checkers.pid");
        assert_eq!(show(&plain, &options, Some(Role::Control)), "");
        let named = Names {
            instance: Some("ID".into()),
            namespace: Some("NS".into()),
            use_pid_dir: false,
        };
        assert_eq!(show(&named, &options, Some(Role::Vrrp)), "/run/keepalived/vrrp_ID.pid");
        let directory = Names {
            use_pid_dir: true,
            ..Names::default()
        };
        assert_eq!(show(&directory, &options, Some(Role::Bfd)), "/run/keepalived/bfd.pid");
        let given = Options {
            vrrp_pid: Some("/x/v".into()),
            ..Options::default()
        };
        assert_eq!(show(&named, &given, Some(Role::Vrrp)), "/x/v");
        assert_eq!(plain.reload_marker(""), Path::new("/run/keepalived.reload"));
        assert_eq!(
            named.reload_marker(""),
            Path::new("/run/keepalived/keepalived_ID.reload")
        );
        assert_eq!(named.reload_marker("/x/m"), Path::new("/x/m"));
    }
}
