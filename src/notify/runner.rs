//! Runs notification scripts: all at once as the original does, or one after the other for each receiver (`notify_ordered`).

use std::collections::{BTreeSet, HashMap, VecDeque};

use keepalived_linux::script::{Event, InvalidScript, Script, ScriptId, Scripts};
use keepalived_model::{
    script::{Command, NotifyScripts},
    time::{Instant, Micros},
};
use keepalived_vrrp::{Notified, Reason};

use super::{
    queue::{LONGEST, Queue},
    state_word,
};

const SIGTERM: i32 = 15;
const SIGKILL: i32 = 9;
/// Between SIGTERM and SIGKILL.
const GRACE: Micros = Micros::from_secs(2);

/// Whom an event is about. Its scripts are one receiver.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct About {
    /// `INSTANCE` or `GROUP`.
    pub kind: &'static str,
    /// Its name.
    pub name: Box<str>,
}

/// A state to be told, or that a lower priority was heard.
#[derive(Clone, Copy, Debug)]
pub struct News {
    /// The state; `None` for `notify_master_rx_lower_pri`.
    pub state: Option<Notified>,
    /// Effective priority; 0 for groups.
    pub priority: u8,
    /// Why; `None` with no state.
    pub reason: Option<Reason>,
}

/// Scripts of one event, in order.
type Scripted = VecDeque<Script>;

#[derive(Debug, Default)]
struct Receiver {
    queue: Queue<Scripted>,
    /// The script that runs, and those of the same event that follow it.
    running: Option<ScriptId>,
    rest: Scripted,
}

#[derive(Debug)]
struct Run {
    program: Box<str>,
    /// For ordered ones: whose turn it is.
    about: Option<About>,
    /// When it gets the next signal, and which.
    due: Option<(Instant, i32)>,
    /// The stop waits for it.
    awaited: bool,
}

/// All notification scripts of a process.
#[derive(Debug, Default)]
pub struct Runner {
    receivers: HashMap<About, Receiver>,
    runs: HashMap<ScriptId, Run>,
    due: BTreeSet<(Instant, ScriptId)>,
    /// `notify_ordered_timeout`.
    limit: Option<Micros>,
    stopping: bool,
    awaited: usize,
    /// Events in all queues.
    queued: usize,
}

impl Runner {
    /// Takes `notify_ordered_timeout`.
    pub const fn configure(&mut self, limit: Micros) {
        self.limit = Some(limit);
    }

    /// Is there a receiver with a queue?
    pub fn is_ordered(&self) -> bool {
        !self.receivers.is_empty()
    }

    /// From now on the stop waits for what is told.
    pub const fn stopping(&mut self) {
        self.stopping = true;
    }

    /// Does the stop wait for a script, running or waiting?
    pub fn is_awaited(&self) -> bool {
        self.awaited > 0 || (self.stopping && self.queued > 0)
    }

    /// Runs the scripts for an event: the specific one, then the generic one (`vrrp.md` 13.1, 13.2).
    pub fn tell(&mut self, about: &About, notify: &NotifyScripts, news: News, scripts: &mut Scripts, now: Instant) {
        if !notify.ordered && commands(notify, news.state).next().is_none() {
            return;
        }
        let arguments = [
            about.kind,
            &about.name,
            news.state.map_or("", state_word),
            &news.priority.to_string(),
        ];
        let wanted: Scripted = commands(notify, news.state)
            .filter_map(|(command, generic)| build(command, if generic { &arguments } else { &[] }))
            .collect();
        if !notify.ordered {
            for script in wanted {
                self.start(script, None, scripts, now);
            }
            return;
        }
        if wanted.is_empty() && !self.receivers.contains_key(about) {
            return;
        }
        let receiver = self.receivers.entry(about.clone()).or_default();
        let (sequence, previous) = receiver.queue.next();
        let wanted: Scripted = wanted
            .into_iter()
            .map(|script| described(script, about, news, sequence, previous))
            .collect();
        self.queued += 1;
        if let Some(dropped) = receiver.queue.push(news.state, wanted) {
            self.queued -= 1;
            let (kind, name) = (about.kind.to_lowercase(), &about.name);
            let what = dropped.state.map_or("MASTER_RX_LOWER_PRI", state_word);
            tracing::warn!(
                "scripts of {kind} {name} are slow, {LONGEST} events wait: event {} ({what}) is dropped",
                dropped.sequence
            );
        }
        self.next(about, scripts, now);
    }

    /// Starts what is next for this receiver unless something runs.
    fn next(&mut self, about: &About, scripts: &mut Scripts, now: Instant) {
        let Some(receiver) = self.receivers.get_mut(about) else {
            return;
        };
        if receiver.running.is_some() {
            return;
        }
        while receiver.rest.is_empty() {
            match receiver.queue.pop() {
                Some(told) => {
                    self.queued -= 1;
                    receiver.rest = told.work;
                }
                None => return,
            }
        }
        if let Some(script) = receiver.rest.pop_front() {
            let id = self.start(script, Some(about.clone()), scripts, now);
            if let Some(receiver) = self.receivers.get_mut(about) {
                receiver.running = Some(id);
            }
        }
    }

    fn start(&mut self, script: Script, about: Option<About>, scripts: &mut Scripts, now: Instant) -> ScriptId {
        let program = script.program();
        let id = scripts.start(script);
        let due = self
            .limit
            .filter(|_| about.is_some())
            .map(|limit| (now + limit, SIGTERM));
        self.due.extend(due.map(|(at, _)| (at, id)));
        self.awaited += usize::from(self.stopping);
        let run = Run {
            program,
            about,
            due,
            awaited: self.stopping,
        };
        self.runs.insert(id, run);
        id
    }

    /// What became of a script; false when it is none of ours.
    pub fn event(&mut self, event: &Event, scripts: &mut Scripts, now: Instant) -> bool {
        let id = match event {
            Event::Started { id, through_shell, .. } => {
                let Some(run) = self.runs.get(id) else { return false };
                if *through_shell {
                    tracing::info!("Please add a #! shebang to script {}", run.program);
                }
                return true;
            }
            Event::Failed { id, error } => {
                let Some(run) = self.runs.get(id) else { return false };
                tracing::error!(alert = true, "Notify script {} failed to start: {error}", run.program);
                *id
            }
            Event::Ended { id, .. } => *id,
        };
        let Some(run) = self.runs.remove(&id) else { return false };
        self.awaited -= usize::from(run.awaited);
        if let Some((at, _)) = run.due {
            self.due.remove(&(at, id));
        }
        if let Some(about) = run.about {
            if let Some(receiver) = self.receivers.get_mut(&about)
                && receiver.running == Some(id)
            {
                receiver.running = None;
            }
            self.next(&about, scripts, now);
        }
        true
    }

    /// When a script has run long enough.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Ends what has run long enough.
    pub fn run_due(&mut self, now: Instant, scripts: &mut Scripts) {
        while let Some((at, id)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, id));
            let Some(run) = self.runs.get_mut(&id) else { continue };
            let Some((_, signal)) = run.due.take() else { continue };
            if signal == SIGTERM {
                tracing::warn!("Notify script {} has run for too long - terminating it", run.program);
                run.due = Some((now + GRACE, SIGKILL));
                self.due.insert((now + GRACE, id));
            }
            if let Err(error) = scripts.signal_group(id, signal) {
                tracing::warn!("failed to end script {}: {error}", run.program);
            }
        }
    }

    /// Time is up: the newest state of every receiver is told now, beside whatever still runs.
    pub fn hurry(&mut self, scripts: &mut Scripts, now: Instant) {
        let waiting: Vec<About> = self
            .receivers
            .iter()
            .filter(|(_, receiver)| !(receiver.queue.is_empty() && receiver.rest.is_empty()))
            .map(|(about, _)| about.clone())
            .collect();
        for about in waiting {
            let Some(receiver) = self.receivers.get_mut(&about) else {
                continue;
            };
            let mut work = std::mem::take(&mut receiver.rest);
            if let Some((told, forgotten)) = receiver.queue.newest() {
                if forgotten > 0 {
                    tracing::warn!("{forgotten} events of {} are dropped, as we stop", about.name);
                }
                work = told.work;
            }
            for script in work {
                self.start(script, None, scripts, now);
            }
        }
        self.queued = 0;
    }

    /// Forgets receivers that are gone and have been told everything.
    pub fn retain(&mut self, present: impl Fn(&About) -> bool) {
        self.receivers
            .retain(|about, receiver| present(about) || receiver.running.is_some() || !receiver.queue.is_empty());
    }
}

/// The commands for a state with whether each is the generic one.
fn commands(notify: &NotifyScripts, state: Option<Notified>) -> impl Iterator<Item = (&Command, bool)> {
    let specific = match state {
        None => &notify.master_rx_lower_pri,
        Some(Notified::Master) => &notify.master,
        Some(Notified::Backup) => &notify.backup,
        Some(Notified::Fault) => &notify.fault,
        Some(Notified::Stop) => &notify.stop,
        Some(Notified::Deleted) => &notify.deleted,
    };
    let generic = notify.generic.as_deref().filter(|_| state.is_some());
    let specific = specific.as_deref().map(|command| (command, false));
    specific.into_iter().chain(generic.map(|command| (command, true)))
}

fn build(command: &Command, more: &[&str]) -> Option<Script> {
    let words = || -> Result<Script, InvalidScript> {
        more.iter()
            .try_fold(Script::configured(command)?, |script, word| script.arg(word))
    };
    words()
        .inspect_err(|error| {
            let program = command.argv.first().map_or("", |word| word);
            tracing::error!(alert = true, "Notify script {program} cannot be run: {error}");
        })
        .ok()
}

/// The variables of an ordered script; the manual page lists them.
fn described(script: Script, about: &About, news: News, sequence: u64, previous: Option<Notified>) -> Script {
    script
        .variable("KEEPALIVED_SEQUENCE", sequence.to_string())
        .variable("KEEPALIVED_REASON", news.reason.map_or("lower-priority", reason_word))
        .variable("KEEPALIVED_TYPE", about.kind)
        .variable("KEEPALIVED_NAME", &*about.name)
        .variable("KEEPALIVED_STATE", news.state.map_or("MASTER_RX_LOWER_PRI", state_word))
        .variable("KEEPALIVED_PRIORITY", news.priority.to_string())
        .variable("KEEPALIVED_PREVIOUS_STATE", previous.map_or("", state_word))
}

const fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Start => "start",
        Reason::MasterSilent => "master-silent",
        Reason::MasterResigned => "master-resigned",
        Reason::Preempted => "preempted",
        Reason::BetterMaster => "better-master",
        Reason::Fault => "fault",
        Reason::Recovered => "recovered",
        Reason::ObjectDeleted => "object-deleted",
        Reason::Late => "late",
        Reason::Group => "group",
        Reason::Stop => "stop",
        Reason::Removed => "removed",
    }
}
