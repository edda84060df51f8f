//! Who is to be mailed about what: never twice about the same state (`vrrp.md` 13.6).

use std::collections::HashMap;

use keepalived_model::{
    config::Config,
    vrrp::{Instance, SyncGroup},
};
use keepalived_status::Wall;
use keepalived_vrrp::{InstanceId, Notified};

use crate::notify::mail::{Mailer, text::Mail};

/// Mails of the VRRP process.
#[derive(Debug, Default)]
pub(super) struct Mails {
    pub(super) mailer: Mailer,
    /// `no_email_faults`.
    no_faults: bool,
    /// The state each was mailed about last.
    instances: HashMap<InstanceId, Notified>,
    groups: HashMap<Box<str>, Notified>,
}

impl Mails {
    /// A configuration is in force; `present` are its instances.
    pub(super) fn configure(&mut self, config: &Config) {
        self.no_faults = config.global.smtp.no_faults;
        let router_id = config.global.router_id.as_deref();
        if let Err(error) = self.mailer.configure(&config.global.smtp, router_id) {
            tracing::error!("failed to start the mail thread: {error}");
        }
        let groups: std::collections::HashSet<&str> = config.vrrp.sync_groups.iter().map(|g| &*g.name).collect();
        self.groups.retain(|name, _| groups.contains(&**name));
    }

    /// It will never change its state again.
    pub(super) fn forget(&mut self, id: InstanceId) {
        self.instances.remove(&id);
    }

    /// An instance has another state.
    pub(super) fn instance(&mut self, id: InstanceId, config: &Instance, state: Notified) {
        if self.wanted(config.smtp_alert, state) && self.instances.insert(id, state) != Some(state) {
            self.mailer.send(Mail::instance(&config.name, state, now()));
        }
    }

    /// A sync group has another state.
    pub(super) fn group(&mut self, config: &SyncGroup, state: Notified) {
        if self.wanted(config.smtp_alert, state) && self.groups.insert(config.name.clone(), state) != Some(state) {
            self.mailer.send(Mail::group(&config.name, state, now()));
        }
    }

    fn wanted(&self, alert: bool, state: Notified) -> bool {
        alert && self.mailer.is_active() && !(self.no_faults && state == Notified::Fault)
    }
}

fn now() -> u64 {
    Wall::now().secs()
}
