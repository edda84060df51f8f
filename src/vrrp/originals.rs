//! Settings of the kernel outside our own interfaces that we change, and what they were. The supervisor is told, so that a successor
//! restores them when this process dies before it could.

use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use keepalived_linux::sysctl::{Restore, Sysctl};

use crate::ipc::{Changed, FromWorker, Sender};

/// Changes settings and restores them; shared with the thread that talks to the kernel.
#[derive(Debug, Default)]
pub(super) struct Originals {
    /// What a predecessor changed and nobody has asked for since.
    inherited: Mutex<BTreeMap<Sysctl, Restore>>,
    supervisor: Option<Sender<FromWorker>>,
}

impl Originals {
    /// With what a predecessor left.
    pub(super) fn new(left: &[Changed], supervisor: Sender<FromWorker>) -> Self {
        let restore = |changed: &Changed| {
            let sysctl = Sysctl::named(&changed.setting)?;
            let restore = Restore {
                sysctl: sysctl.clone(),
                original: changed.original,
                written: changed.written,
            };
            Some((sysctl, restore))
        };
        Self {
            inherited: Mutex::new(left.iter().filter_map(restore).collect()),
            supervisor: Some(supervisor),
        }
    }

    /// Writes `value`; the answer undoes it, and what a predecessor did, or is `None` when it was set before any of us came.
    ///
    /// # Errors
    /// What reading or writing the setting reports.
    pub(super) fn set(&self, sysctl: &Sysctl, value: i64) -> io::Result<Option<Restore>> {
        let inherited = self.inherited().remove(sysctl);
        let change = sysctl.set(value)?;
        let before = change.as_ref().map_or(value, |change| change.original);
        let change = match inherited {
            // Nobody else has written it since.
            Some(left) if left.written == before => Some(Restore { written: value, ..left }),
            Some(left) => {
                self.forget(&left);
                change
            }
            None => change,
        };
        if let Some(Restore { original, written, .. }) = change {
            self.tell(&FromWorker::Changed(Changed {
                setting: sysctl.to_string().into(),
                original,
                written,
            }));
        }
        Ok(change)
    }

    /// The value as it would be without us.
    ///
    /// # Errors
    /// What reading the setting reports.
    pub(super) fn before(&self, sysctl: &Sysctl) -> io::Result<i64> {
        let value = sysctl.read()?;
        let left = self
            .inherited()
            .get(sysctl)
            .filter(|left| left.written == value)
            .cloned();
        Ok(left.map_or(value, |left| left.original))
    }

    /// Undoes a change.
    pub(super) fn restore(&self, change: &Restore) {
        if let Err(error) = change.restore() {
            tracing::info!("failed to restore {}: {error}", change.sysctl);
        }
        self.forget(change);
    }

    /// There is nothing to undo any more.
    pub(super) fn forget(&self, change: &Restore) {
        self.tell(&FromWorker::Restored(change.sysctl.to_string().into()));
    }

    /// Did a predecessor leave something that nobody has asked for yet?
    pub(super) fn has_rest(&self) -> bool {
        !self.inherited().is_empty()
    }

    /// Undoes what a predecessor changed and the configuration does not ask for.
    pub(super) fn restore_rest(&self) {
        for change in std::mem::take(&mut *self.inherited()).into_values() {
            self.restore(&change);
        }
    }

    fn inherited(&self) -> MutexGuard<'_, BTreeMap<Sysctl, Restore>> {
        self.inherited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, message: &FromWorker) {
        if let Some(supervisor) = &self.supervisor {
            supervisor.send(message);
        }
    }
}
