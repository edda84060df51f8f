//! Notification scripts of instances and sync groups: what each is told and why.

use std::collections::{HashMap, HashSet};

use keepalived_model::{
    config::Config,
    script::NotifyScripts,
    time::Instant,
    vrrp::{Instance, SyncGroup},
};
use keepalived_vrrp::{Engine, GroupChange, GroupId, Reason, StateChange};

use keepalived_linux::script::Scripts;

use crate::notify::runner::{About, News, Runner};

/// Scripts of the VRRP process.
#[derive(Debug, Default)]
pub(super) struct Tellers {
    pub(super) runner: Runner,
    /// Why the member moved that took its group with it.
    reasons: HashMap<GroupId, Reason>,
}

impl Tellers {
    /// A configuration is about to act.
    pub(super) fn configure(&mut self, config: &Config) {
        self.runner
            .configure(config.global.vrrp_defaults.notify_ordered_timeout);
    }

    /// It has acted: who is gone has been told so.
    pub(super) fn forget_gone(&mut self, config: &Config) {
        if self.runner.is_ordered() {
            let instances: HashSet<&str> = config.vrrp.instances.iter().map(|i| &*i.name).collect();
            let groups: HashSet<&str> = config.vrrp.sync_groups.iter().map(|g| &*g.name).collect();
            self.runner.retain(|about| match about.kind {
                GROUP => groups.contains(&*about.name),
                _ => instances.contains(&*about.name),
            });
        }
    }

    /// An instance has another state.
    pub(super) fn state(&mut self, change: &StateChange, engine: &Engine, scripts: &mut Scripts, at: Instant) {
        if change.reason != Reason::Group
            && let Some(group) = engine.view(change.instance).and_then(|view| view.group)
        {
            self.reasons.insert(group, change.reason);
        }
        let news = News {
            state: Some(change.new),
            priority: change.priority,
            reason: Some(change.reason),
        };
        let (name, notify) = (&change.config.name, &change.config.notify);
        self.tell(INSTANCE, name, notify, news, scripts, at);
    }

    /// A sync group has another state.
    pub(super) fn group(&mut self, change: &GroupChange, scripts: &mut Scripts, at: Instant) {
        let news = News {
            state: Some(change.new),
            priority: 0,
            reason: Some(self.reasons.get(&change.group).copied().unwrap_or(Reason::Start)),
        };
        let config: &SyncGroup = &change.config;
        self.tell(GROUP, &config.name, &config.notify, news, scripts, at);
    }

    /// A MASTER heard a lower priority.
    pub(super) fn lower_priority(&mut self, config: &Instance, priority: u8, scripts: &mut Scripts, at: Instant) {
        let news = News {
            state: None,
            priority,
            reason: None,
        };
        self.tell(INSTANCE, &config.name, &config.notify, news, scripts, at);
    }

    fn tell(
        &mut self,
        kind: &'static str,
        name: &str,
        notify: &NotifyScripts,
        news: News,
        scripts: &mut Scripts,
        at: Instant,
    ) {
        let about = About {
            kind,
            name: name.into(),
        };
        self.runner.tell(&about, notify, news, scripts, at);
    }
}

const INSTANCE: &str = "INSTANCE";
const GROUP: &str = "GROUP";
