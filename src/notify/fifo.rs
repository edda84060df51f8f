//! Notification FIFOs: one line for each event, never waited for (`vrrp.md` 13.3, `runtime.md` 10.4).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
};

use keepalived_linux::script::{Script, ScriptId, Scripts};
use keepalived_model::global::{Fifo, Fifos};
use nix::{sys::stat::Mode, unistd::mkfifo};

const SIGTERM: i32 = 15;

/// The FIFOs that VRRP events go to, open.
#[derive(Debug, Default)]
pub struct OpenFifos {
    fifos: Vec<One>,
}

#[derive(Debug)]
struct One {
    path: PathBuf,
    file: File,
    /// It did not exist before, so it goes when we go.
    ours: bool,
    script: Option<ScriptId>,
    /// A line was lost because nobody reads; said once until a line passes again.
    full: bool,
}

impl OpenFifos {
    /// Starts the scripts and opens the FIFOs. One that cannot be used is said in the log and left out.
    pub fn open(wanted: &Fifos, scripts: &mut Scripts) -> Self {
        let named = [("notify", &wanted.global), ("vrrp_notify", &wanted.vrrp)];
        let fifos = named
            .into_iter()
            .filter_map(|(kind, fifo)| Some((kind, fifo.as_ref()?)))
            .filter_map(|(kind, fifo)| match One::open(fifo, scripts) {
                Ok(open) => Some(open),
                Err(error) => {
                    tracing::info!("{kind} fifo {}: {error}", fifo.path);
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
            match fifo.file.write_all(line.as_bytes()) {
                Ok(()) => fifo.full = false,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !std::mem::replace(&mut fifo.full, true) {
                        tracing::info!("fifo {} is full, nobody reads it: events are lost", fifo.path.display());
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
        tracing::info!("vrrp notify fifo script terminated");
        true
    }
}

impl One {
    fn open(fifo: &Fifo, scripts: &mut Scripts) -> io::Result<Self> {
        let path = Path::new(&*fifo.path);
        let owner = fifo.owner.as_ref();
        let ours = make(path)?;
        if ours && let Some(owner) = owner {
            chown(path, Some(owner.uid), Some(owner.gid))?;
        }
        // The script before the FIFO, as scripts expect it.
        let script = fifo.script.as_ref().and_then(|command| {
            let built = Script::configured(command).and_then(|script| script.arg(&*fifo.path));
            built
                .inspect_err(|error| tracing::info!("fifo script of {} cannot be run: {error}", fifo.path))
                .ok()
                .map(|script| scripts.start(script))
        });
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags((nix::fcntl::OFlag::O_NONBLOCK | nix::fcntl::OFlag::O_NOFOLLOW).bits())
            .open(path)?;
        let facts = file.metadata()?;
        let own = nix::unistd::Uid::effective().as_raw();
        let accepted =
            facts.file_type().is_fifo() && (facts.uid() == own || owner.is_some_and(|owner| facts.uid() == owner.uid));
        if !accepted {
            return Err(io::Error::other("is not a fifo we own - not using"));
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            ours,
            script,
            full: false,
        })
    }
}

/// Makes the FIFO; false when something of that name is there already.
fn make(path: &Path) -> io::Result<bool> {
    let mode = Mode::S_IRUSR | Mode::S_IWUSR | Mode::S_IRGRP | Mode::S_IROTH;
    match mkfifo(path, mode) {
        Ok(()) => Ok(true),
        // A regular file must not be opened for writing at all.
        Err(nix::errno::Errno::EEXIST) if fs::symlink_metadata(path)?.file_type().is_fifo() => Ok(false),
        Err(nix::errno::Errno::EEXIST) => Err(io::Error::other("is not a fifo we own - not using")),
        Err(error) => Err(error.into()),
    }
}
