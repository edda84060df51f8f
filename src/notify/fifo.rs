//! Notification FIFOs: one line for each event, never waited for (`vrrp.md` 13.3, `runtime.md` 10.4).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
};

use keepalived_linux::script::{Script, ScriptId, Scripts};
use keepalived_model::{global::Fifo, script::Credentials};
use nix::{sys::stat::Mode, unistd::mkfifo};

const SIGTERM: i32 = 15;

/// The FIFOs that the events of one process go to, open.
#[derive(Debug, Default)]
pub struct OpenFifos {
    fifos: Vec<One>,
}

#[derive(Debug)]
struct One {
    /// `vrrp_notify`, for the log.
    kind: &'static str,
    path: PathBuf,
    file: File,
    /// It did not exist before, so it goes when we go.
    ours: bool,
    script: Option<ScriptId>,
    /// Lines lost because nobody reads; said at the first, and how many when a line passes again.
    lost: u64,
}

impl OpenFifos {
    /// Starts the scripts and opens the FIFOs. One that cannot be used is said in the log and left out.
    /// `wanted` names each: `vrrp_notify`.
    pub fn open<'a>(wanted: impl IntoIterator<Item = (&'static str, &'a Option<Fifo>)>, scripts: &mut Scripts) -> Self {
        let fifos = wanted
            .into_iter()
            .filter_map(|(kind, fifo)| Some((kind, fifo.as_ref()?)))
            .filter_map(|(kind, fifo)| match One::open(kind, fifo, scripts) {
                Ok(open) => Some(open),
                Err(why) => {
                    tracing::info!("{}", why.describe(kind, &fifo.path));
                    None
                }
            })
            .collect();
        Self { fifos }
    }

    /// Closes them all, so that readers see the end; those that we made are removed, and their scripts told to end.
    pub fn close(&mut self, scripts: &mut Scripts) {
        for fifo in self.fifos.drain(..) {
            if let Some(id) = fifo.script {
                let _gone = scripts.signal_group(id, SIGTERM);
            }
            if fifo.ours
                && let Err(error) = fs::remove_file(&fifo.path)
            {
                tracing::info!("failed to remove fifo {}: {error}", fifo.path.display());
            }
        }
    }

    /// Writes one line, line end included, to each.
    pub fn write(&mut self, line: &str) {
        for fifo in &mut self.fifos {
            // One write a line: a reader never sees half of one.
            match fifo.file.write(line.as_bytes()) {
                Ok(_) if fifo.lost > 0 => {
                    let lost = std::mem::take(&mut fifo.lost);
                    tracing::info!(
                        "{} fifo {} is read again: {lost} events were lost",
                        fifo.kind,
                        fifo.path.display()
                    );
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    fifo.lost += 1;
                    if fifo.lost == 1 {
                        tracing::warn!(
                            "{} fifo {} is full, nobody reads it: events are lost",
                            fifo.kind,
                            fifo.path.display()
                        );
                    }
                }
                Err(error) => tracing::info!("failed to write to fifo {}: {error}", fifo.path.display()),
            }
        }
    }

    /// Is this the script of one of them? Then it has ended, and is not started again.
    pub fn script_ended(&mut self, id: ScriptId) -> bool {
        let Some(fifo) = self.fifos.iter_mut().find(|f| f.script == Some(id)) else {
            return false;
        };
        fifo.script = None;
        tracing::info!("{} fifo script terminated", fifo.kind.replace('_', " "));
        true
    }
}

/// Why a FIFO is left out.
#[derive(Debug)]
enum Unusable {
    Made(io::Error),
    Foreign,
    Opened(io::Error),
}

impl Unusable {
    /// The original's words where it has some.
    fn describe(&self, kind: &str, path: &str) -> String {
        match self {
            Self::Made(error) => format!("Unable to create {kind} fifo {path}: {error}"),
            Self::Foreign => format!("{kind} fifo {path} is not a fifo we own - not using"),
            Self::Opened(error) => format!("Unable to open {kind} fifo {path}: {error}"),
        }
    }
}

impl One {
    fn open(kind: &'static str, fifo: &Fifo, scripts: &mut Scripts) -> Result<Self, Unusable> {
        let path = Path::new(&*fifo.path);
        let ours = make(path, fifo.owner.as_ref())?;
        // The script before the FIFO, as scripts expect it.
        let script = fifo.script.as_ref().and_then(|command| {
            let built = Script::configured(command).and_then(|script| script.arg(&*fifo.path));
            built
                .inspect_err(|error| tracing::info!("fifo script of {} cannot be run: {error}", fifo.path))
                .ok()
                .map(|script| scripts.start(script))
        });
        match open(path, fifo.owner.as_ref()) {
            Ok(file) => Ok(Self {
                kind,
                path: path.to_owned(),
                file,
                ours,
                script,
                lost: 0,
            }),
            Err(why) => {
                // Nobody else would end a script that reads from nowhere: each reload would start one more.
                if let Some(id) = script {
                    let _gone = scripts.signal_group(id, SIGTERM);
                }
                if ours {
                    let _gone = fs::remove_file(path);
                }
                Err(why)
            }
        }
    }
}

/// Makes the FIFO for its owner; false when one that we may use is there already.
fn make(path: &Path, owner: Option<&Credentials>) -> Result<bool, Unusable> {
    let mode = Mode::S_IRUSR | Mode::S_IWUSR | Mode::S_IRGRP | Mode::S_IROTH;
    match mkfifo(path, mode) {
        Ok(()) => {}
        // A regular file must not be opened for writing at all.
        Err(nix::errno::Errno::EEXIST) => {
            let facts = fs::symlink_metadata(path).map_err(Unusable::Made)?;
            return if is_ours(&facts, owner) {
                Ok(false)
            } else {
                Err(Unusable::Foreign)
            };
        }
        Err(error) => return Err(Unusable::Made(error.into())),
    }
    if let Some(owner) = owner
        && let Err(error) = chown(path, Some(owner.uid), Some(owner.gid))
    {
        let _gone = fs::remove_file(path);
        return Err(Unusable::Made(error));
    }
    Ok(true)
}

/// Opens it, and looks again: it may have been replaced since it was made.
fn open(path: &Path, owner: Option<&Credentials>) -> Result<File, Unusable> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags((nix::fcntl::OFlag::O_NONBLOCK | nix::fcntl::OFlag::O_NOFOLLOW).bits())
        .open(path)
        .map_err(Unusable::Opened)?;
    let facts = file.metadata().map_err(Unusable::Opened)?;
    if is_ours(&facts, owner) {
        Ok(file)
    } else {
        Err(Unusable::Foreign)
    }
}

/// A FIFO of the daemon's user or of the one that it is configured for.
fn is_ours(facts: &fs::Metadata, owner: Option<&Credentials>) -> bool {
    let own = nix::unistd::Uid::effective().as_raw();
    facts.file_type().is_fifo() && (facts.uid() == own || owner.is_some_and(|owner| facts.uid() == owner.uid))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::io::Read as _;

    use keepalived_linux::script::Surroundings;

    use super::*;

    fn with(work: impl FnOnce(&mut Scripts)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut scripts = Scripts::new(Surroundings::capture().unwrap(), &[]).unwrap();
            work(&mut scripts);
        });
    }

    fn wanted(path: &Path) -> Option<Fifo> {
        Some(Fifo {
            path: path.to_string_lossy().into(),
            user: None,
            group: None,
            owner: None,
            script: None,
        })
    }

    /// nobody waits for a reader, and how much is lost is counted.
    #[test]
    fn a_full_fifo_loses_whole_lines_and_counts_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        with(|scripts| {
            let mut fifos = OpenFifos::open([("vrrp_notify", &wanted(&path))], scripts);
            let line = "INSTANCE \"V1\" BACKUP 100\n";
            let mut written = 0_u64;
            while fifos.fifos[0].lost < 10 {
                fifos.write(line);
                written += 1;
                assert!(written < 100_000, "the pipe never fills");
            }
            let mut reader = File::options()
                .read(true)
                .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
                .open(&path)
                .unwrap();
            let mut text = vec![0; 1 << 20];
            let read = reader.read(&mut text).unwrap();
            let text = String::from_utf8_lossy(&text[..read]).into_owned();
            assert!(text.ends_with('\n') && text.lines().all(|l| l == line.trim_end()));
            assert_eq!(text.lines().count() as u64, written - 10);
            fifos.write(line);
            assert_eq!(fifos.fifos[0].lost, 0);
            fifos.close(scripts);
            assert!(!path.exists());
        });
    }

    #[test]
    fn what_is_no_fifo_of_ours_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link, real) = ["file", "link", "real"].map(|name| directory.path().join(name)).into();
        fs::write(&file, "text").unwrap();
        mkfifo(&real, Mode::S_IRUSR).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        with(|scripts| {
            let named = [("notify", &wanted(&file)), ("vrrp_notify", &wanted(&link))];
            let mut fifos = OpenFifos::open(named, scripts);
            assert!(fifos.fifos.is_empty(), "{fifos:?}");
            fifos.close(scripts);
        });
        assert_eq!(fs::read_to_string(&file).unwrap(), "text");
        assert!(link.exists() && real.exists());
    }
}
