//! Copies of what was read: `config_save_dir`, and the file of `reload_check_config`.

use std::{
    fs::DirBuilder,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use keepalived_config::{Loaded, render::log_line};
use keepalived_model::global::Global;

/// Writes `keepalived.conf.<pid>.<n>` into `config_save_dir`, if there is one: all files of a reading, one after the other.
pub(super) fn copy(global: &Global, number: u64, loaded: &Loaded) {
    let Some(directory) = global.reload.save_dir.as_deref().map(Path::new) else {
        return;
    };
    let path = directory.join(format!("keepalived.conf.{}.{number}", std::process::id()));
    let mut text = String::new();
    for file in loaded.sources.files() {
        text.push_str("# ");
        text.push_str(&file.name);
        text.push('\n');
        text.push_str(&file.text);
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    let written = make_directory(directory).and_then(|()| write_private(&path, &text));
    if let Err(error) = written {
        tracing::info!("failed to write {}: {error}", path.display());
    }
}

/// Writes what was said about a configuration to the file of `reload_check_config`, which is emptied first.
pub(super) fn write_diagnostics(file: &str, loaded: &Loaded) {
    let path = Path::new(if file.is_empty() { "/dev/null" } else { file });
    let mut text = String::new();
    for item in loaded.diagnostics.items() {
        text.push_str(&log_line(item, &loaded.sources));
        text.push('\n');
    }
    if let Err(error) = write_private(path, &text) {
        tracing::info!("failed to write {}: {error}", path.display());
    }
}

fn make_directory(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn all_files_of_a_reading_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("saved");
        let mut global = Global::default();
        global.reload.save_dir = Some(target.to_str().unwrap().into());
        let mut loaded = Loaded {
            config: keepalived_model::config::Config::default(),
            diagnostics: keepalived_config::diag::Diagnostics::default(),
            sources: keepalived_config::source::SourceMap::default(),
        };
        loaded.sources.add("a.conf", "one");
        loaded.sources.add("b.conf", "two\n");
        copy(&global, 7, &loaded);
        let path = target.join(format!("keepalived.conf.{}.7", std::process::id()));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "# a.conf\none\n# b.conf\ntwo\n");
    }
}
