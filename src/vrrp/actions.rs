//! The engine's wishes, carried out. Within one turn: all adverts in one batch a socket, then all changes of the kernel in one
//! batch, then announcements and scripts (invariant 12; the engine itself waits for the kernel where the order needs it).

use std::collections::HashMap;

use keepalived_linux::netlink::KernelError;
use keepalived_model::{time::Instant, units::IfName, vrrp::Instance};
use keepalived_status::{Event, event::Change};
use keepalived_vrrp::{
    Action, Announce, BatchOperation, GroupChange, Input, InstanceId, KernelBatch, LogEvent, Notified, StateChange,
    TrackerId,
};

use super::{
    kernel::{Errand, Object, Part},
    report, words,
    worker::Worker,
};
use crate::notify;

impl Worker {
    /// Drains the engine.
    pub(super) fn carry_out(&mut self, at: Instant) {
        let mut announcements = Vec::new();
        let mut others = std::mem::take(&mut self.others);
        loop {
            // Adverts leave before anything is said about them: words take longer than a system call.
            while let Some(action) = self.engine.poll_action() {
                match action {
                    Action::Transmit(transmit) => {
                        self.pool.push(&transmit);
                    }
                    other => others.push(other),
                }
            }
            self.flush_adverts();
            if others.is_empty() {
                break;
            }
            for action in others.drain(..) {
                self.act(action, &mut announcements, at);
            }
        }
        self.others = others;
        self.submit_statics();
        self.firewall.surround(&mut self.submission);
        if !self.submission.is_empty() {
            let submission = std::mem::take(&mut self.submission);
            self.unanswered += 1;
            self.commands
                .submit(Errand::Batches(submission.parts), submission.operations);
        }
        for wish in announcements {
            self.announce(&wish, at);
        }
        self.announcements.flush(&mut announcement_failed);
        self.rivals.forget();
        self.tell_changes(at);
    }

    fn act(&mut self, action: Action, announcements: &mut Vec<Announce>, at: Instant) {
        match action {
            // It has left already.
            Action::Transmit(_) => {}
            Action::Kernel(batch) => {
                self.watch.touch(batch.instance());
                self.log_no_longer(&batch);
                self.installed.queue(batch, &self.world, &mut self.submission);
            }
            Action::Announce(wish) => announcements.push(wish),
            Action::State(change) => self.state_changed(&change, at),
            Action::Group(change) => self.group_changed(&change, at),
            Action::Priority {
                instance,
                new,
                master,
                silent,
                ..
            } => self.priority_changed(instance, new, master, silent),
            Action::LowerPriorityReceived { instance, priority } => {
                if let Some(view) = self.engine.view(instance) {
                    let config = std::sync::Arc::clone(&view.spec.config);
                    self.tellers.lower_priority(&config, priority, &mut self.scripts, at);
                    self.fifo_line(&config.name, "MASTER_RX_LOWER_PRI", priority);
                }
            }
            Action::Log(instance, event) => self.log(instance, &event),
            Action::TrackerChanged { tracker, good, assumed } => self.tracker_changed(tracker, good, assumed),
            Action::Firewall {
                instance,
                config,
                shield,
            } => self.firewall.shield(instance, &config, shield, &self.world),
        }
    }

    fn flush_adverts(&mut self) {
        let (watch, world) = (&mut self.watch, &self.world);
        self.pool.flush(|interface, error| {
            // That its interface is down or gone was said already.
            let down = !interface.is_empty()
                && IfName::new(interface).is_none_or(|name| world.named(&name).is_none_or(|i| !i.usable()));
            if !down && watch.may_complain(interface) {
                tracing::info!("failed to send an advert on {interface}: {error}");
            }
        });
    }

    fn announce(&mut self, wish: &Announce, at: Instant) {
        let Some(known) = self.known.get(&wish.instance) else {
            return;
        };
        let name = &known.settings.name;
        let detailed = tracing::enabled!(tracing::Level::DEBUG);
        let mut introduced: HashMap<(String, std::net::IpAddr), ()> = HashMap::new();
        self.announcements.announce(
            wish,
            &self.world,
            at,
            |sent| {
                if !detailed {
                    return;
                }
                let (interface, address) = (sent.interface, sent.address);
                let kind = if address.is_ipv4() {
                    "gratuitous ARP"
                } else {
                    "unsolicited Neighbour Advert"
                };
                if introduced.insert((interface.to_owned(), address), ()).is_none() {
                    tracing::debug!("({name}) Sending/queueing {kind}s on {interface} for {address}");
                }
                tracing::debug!("Sending {kind} on {interface} for {address}");
            },
            &mut announcement_failed,
        );
    }

    fn group_changed(&mut self, change: &GroupChange, at: Instant) {
        let name = &change.config.name;
        if change.new != Notified::Stop {
            tracing::info!(
                "VRRP_Group({name}) Syncing instances to {} state",
                notify::state_word(change.new)
            );
        }
        self.tellers.group(change, &mut self.scripts, at);
        let word = notify::state_word(change.new);
        self.fifos.write(&format!("GROUP \"{name}\" {word} 0\n"));
        self.watch.audience.tell(Event::Group {
            name: name.clone(),
            state: told(change.new),
        });
        self.mails.group(&change.config, change.new);
    }

    fn state_changed(&mut self, change: &StateChange, at: Instant) {
        let state = told(change.new);
        self.tellers.state(change, &self.engine, &mut self.scripts, at);
        self.fifo_line(&change.config.name, notify::state_word(change.new), change.priority);
        let wall = report::Clocks::at(at).wall(at);
        self.watch.state(change.instance, state);
        if let Some(known) = self.known.get_mut(&change.instance) {
            known.last_transition = Some(wall);
            let want_state = self
                .engine
                .view(change.instance)
                .map_or(state, |view| report::state(view.want));
            self.watch.audience.tell(Event::Instance {
                id: known.status_id,
                change: Change::State {
                    state,
                    want_state,
                    at: wall,
                },
            });
        }
        self.mails.instance(change.instance, &change.config, change.new);
    }

    fn priority_changed(&mut self, instance: InstanceId, new: u8, master: bool, silent: bool) {
        self.watch.touch(instance);
        let Some(config) = self.config_of(instance) else { return };
        if config.notify_priority_changes && !silent {
            let word = if master { "MASTER_PRIORITY" } else { "BACKUP_PRIORITY" };
            self.fifo_line(&config.name, word, new);
        }
    }

    /// `INSTANCE "NAME" STATE PRIORITY` to every FIFO.
    pub(super) fn fifo_line(&mut self, name: &str, word: &str, priority: u8) {
        self.fifos.write(&format!("INSTANCE \"{name}\" {word} {priority}\n"));
    }

    fn log(&mut self, instance: InstanceId, event: &LogEvent) {
        if matches!(
            event,
            LogEvent::MasterSet { .. } | LogEvent::MasterChanged { .. } | LogEvent::InFault { .. }
        ) {
            self.watch.touch(instance);
        }
        if matches!(event, LogEvent::KernelRefused { .. }) {
            return; // each object was named with the kernel's reason when the answer came
        }
        let detail = words::is_detail(event);
        if detail && !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let Some(config) = self.config_of(instance) else { return };
        let names = &self.tracker_names;
        let culprit = match event {
            LogEvent::ObjectDeleted { object, .. } => self.rivals.culprit(instance, *object),
            _ => String::new(),
        };
        let text = words::line(event, &config, &culprit, |id| {
            names
                .get(&id)
                .map_or_else(|| ("?".to_owned(), "tracker"), |t| (t.name.clone(), t.kind))
        });
        let name = &*config.name;
        if let Some(state) = words::state_of(event) {
            let vrid = config.vrid.get();
            tracing::info!(instance = name, vrid, state = state.name(), "({name}) {text}");
        } else if detail {
            let (before, after) = words::also_moved(event, &config);
            for text in before.into_iter().chain([&*text]).chain(after) {
                tracing::debug!(instance = name, "({name}) {text}");
            }
        } else {
            tracing::info!(instance = name, "({name}) {text}");
        }
    }

    fn log_no_longer(&self, batch: &KernelBatch) {
        let lines = words::no_longer(batch);
        let config = self.config_of(batch.instance()).filter(|_| !lines.is_empty());
        let Some(config) = config else { return };
        let name = &*config.name;
        for text in lines {
            tracing::info!(instance = name, "({name}) {text}");
        }
    }

    fn config_of(&self, instance: InstanceId) -> Option<std::sync::Arc<Instance>> {
        self.engine
            .view(instance)
            .map(|view| std::sync::Arc::clone(&view.spec.config))
            .or_else(|| self.watch.leaving(instance))
    }

    fn tracker_changed(&mut self, tracker: TrackerId, good: bool, assumed: bool) {
        self.tracker_good.insert(tracker, good);
        let Some(named) = self.tracker_names.get(&tracker) else {
            return;
        };
        if named.kind != "script" {
            return; // interfaces are reported when netlink says so
        }
        let name = &named.name;
        let (last, _) = self.checks.state(tracker);
        match (assumed, last) {
            (true, None) if good => tracing::info!("VRRP_Script({name}) considered successful on reload"),
            (_, Some(verdict)) => tracing::info!("VRRP_Script({name}) {verdict}"),
            (_, None) => {}
        }
        let status = if good {
            keepalived_status::tracker::ScriptStatus::Good
        } else {
            keepalived_status::tracker::ScriptStatus::Bad
        };
        let exit_code = match last {
            Some(super::checks::Verdict::Exited(code)) => Some(code),
            _ => None,
        };
        self.watch.audience.tell(Event::Script {
            name: name.as_str().into(),
            status,
            exit_code,
        });
    }

    /// The kernel answered a submission.
    pub(super) fn errand_done(&mut self, errand: Errand, results: Vec<Result<(), KernelError>>, at: Instant) {
        self.unanswered = self.unanswered.saturating_sub(1);
        match errand {
            Errand::Batches(parts) => self.batches_done(parts, results, at),
            Errand::Statics(asked) => self.statics_done(asked, results),
            Errand::RoutesAgain(again) => self.routes_again_done(again, results),
            Errand::Vmacs(errand) => self.vmacs_answered(errand, &results),
            Errand::Dump | Errand::Unheeded => {}
        }
    }

    fn batches_done(&mut self, parts: Vec<Part>, results: Vec<Result<(), KernelError>>, at: Instant) {
        let mut results = results.into_iter();
        for part in parts {
            let batch = match part {
                Part::Batch(batch) => batch,
                Part::Firewall(part) => {
                    self.firewall.answered(part, &mut results);
                    continue;
                }
            };
            let answer = self.installed.answered(batch, &mut results, &self.world);
            let instance = answer.ticket.instance();
            self.watch.touch(instance);
            for (operation, object, error) in answer.refused {
                let what = match operation {
                    BatchOperation::Install => "add",
                    BatchOperation::Remove | BatchOperation::RemoveLeftovers => "remove",
                };
                let name = self.known.get(&instance).map_or("?", |k| &*k.settings.name);
                let place = match &object {
                    Object::Address(spec) => self
                        .world
                        .indexed(spec.index)
                        .map_or_else(String::new, |i| format!(" on {}", i.link.name)),
                    Object::Route(_) | Object::Rule(_) => String::new(),
                };
                tracing::info!("({name}) failed to {what} {object}{place}: {error}");
            }
            self.engine.handle(at, Input::KernelDone(answer.ticket, answer.outcome));
        }
    }
}

fn announcement_failed(error: std::io::Error) {
    tracing::debug!("failed to announce an address: {error}");
}

/// A state in the words of displays.
fn told(state: Notified) -> keepalived_status::State {
    match state {
        Notified::Master => keepalived_status::State::Master,
        Notified::Backup => keepalived_status::State::Backup,
        Notified::Fault => keepalived_status::State::Fault,
        Notified::Stop => keepalived_status::State::Stop,
        Notified::Deleted => keepalived_status::State::Deleted,
    }
}
