//! The firewall where `vrrp_iptables` asks for iptables: the programs `iptables`, `ip6tables` and `ipset` are run, for there is no
//! other interface to the kernel's x_tables that is kept stable.
//!
//! They are run by a thread of their own, each for a bounded time: neither an election nor the thread that sets addresses waits for
//! them.

mod left;
mod programs;
mod rules;

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::netlink::Shielded;

use left::Left;
pub use programs::{Found, Programs};
use programs::{RuleChange, run_ipset, run_rules};
pub use rules::{Chains, SetNames};
use rules::{Part, Plan, Rule};

/// How the firewall is made with iptables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IptablesSettings {
    /// The programs.
    pub programs: Programs,
    /// The chains that rules are put into; they exist already.
    pub chains: Chains,
    /// The sets; `None` for a rule for each address (`vrrp_ipsets` without names, or no `ipset`).
    pub sets: Option<SetNames>,
}

/// Some changes, shielded (true) or no longer.
type Job = Vec<(Shielded, bool)>;

/// The thread and what it was asked for.
#[derive(Debug)]
pub(crate) struct Iptables {
    settings: IptablesSettings,
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    shielded: HashSet<Shielded>,
}

impl Iptables {
    /// Start the thread.
    pub(crate) fn start(settings: IptablesSettings) -> std::io::Result<Self> {
        let (jobs, inbox) = channel();
        let worker = Worker::new(settings.clone());
        let thread = std::thread::Builder::new()
            .name("iptables".into())
            .spawn(move || worker.work(&inbox))?;
        Ok(Self {
            settings,
            jobs: Some(jobs),
            thread: Some(thread),
            shielded: HashSet::new(),
        })
    }

    pub(crate) const fn settings(&self) -> &IptablesSettings {
        &self.settings
    }

    /// What is shielded, if the programs did as told.
    pub(crate) fn held(&self) -> impl Iterator<Item = Shielded> + '_ {
        self.shielded.iter().copied()
    }

    /// Hand changes to the thread.
    pub(crate) fn submit(&mut self, changes: impl Iterator<Item = (Shielded, bool)>) {
        let mut job = Job::new();
        for (shielded, add) in changes {
            // What is not shielded may still be, by rules of a predecessor.
            let new = if add {
                self.shielded.insert(shielded)
            } else {
                self.shielded.remove(&shielded);
                true
            };
            job.extend(new.then_some((shielded, add)));
        }
        if let Some(jobs) = self.jobs.as_ref().filter(|_| !job.is_empty()) {
            // The thread lives as long as `self`.
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Iptables {
    /// All rules and sets go.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread has made.
struct Worker {
    settings: IptablesSettings,
    plan: Plan,
    parts: HashSet<Part>,
    /// Those of the parts, for the end.
    rules: Vec<Rule>,
    /// Rules and elements of what is shielded.
    made: HashMap<Shielded, Plan>,
    /// Of a predecessor.
    left: Left,
}

impl Worker {
    fn new(settings: IptablesSettings) -> Self {
        Self {
            settings,
            plan: Plan::default(),
            parts: HashSet::new(),
            rules: Vec::new(),
            made: HashMap::new(),
            left: Left::default(),
        }
    }

    fn work(mut self, inbox: &Receiver<Job>) {
        self.left = Left::read(&self.settings);
        self.clear_left_sets();
        while let Ok(first) = inbox.recv() {
            // What has come meanwhile is done in one go.
            let jobs = std::iter::once(first).chain(inbox.try_iter());
            for (shielded, add) in jobs.flatten() {
                self.change(shielded, add);
            }
            self.carry_out();
        }
        for (_, made) in std::mem::take(&mut self.made) {
            self.plan.undo(made);
        }
        let rules = std::mem::take(&mut self.rules);
        self.plan.changes.extend(rules.into_iter().map(RuleChange::Delete));
        self.carry_out();
        if let Some(sets) = self.settings.sets.as_ref().filter(|_| !self.parts.is_empty()) {
            let lines = rules::destroy(sets, &self.parts);
            run_ipset(&self.settings.programs, &lines);
        }
    }

    /// Sets of a predecessor, with the rules that look into them.
    fn clear_left_sets(&mut self) {
        let Some(sets) = self.settings.sets.clone() else { return };
        let mut found = HashSet::new();
        for part in Part::ALL {
            let changes = rules::part(&self.settings.chains, &sets, part).changes;
            if self.delete_left(&changes) {
                found.insert(part);
            }
        }
        self.carry_out();
        run_ipset(&self.settings.programs, &rules::destroy(&sets, &found));
    }

    /// True when a predecessor left some of these rules; they are deleted first.
    fn delete_left(&mut self, changes: &[RuleChange]) -> bool {
        let before = self.plan.changes.len();
        for rule in changes.iter().map(RuleChange::rule) {
            let copies = self.left.take(rule);
            self.plan
                .changes
                .extend(std::iter::repeat_n(RuleChange::Delete(rule.clone()), copies));
        }
        self.plan.changes.len() > before
    }

    fn change(&mut self, shielded: Shielded, add: bool) {
        if !add {
            if let Some(made) = self.made.remove(&shielded) {
                self.plan.undo(made);
            } else if let Some(never_made) = rules::change(&self.settings, &shielded) {
                self.delete_left(&never_made.changes);
            }
            return;
        }
        let Some(change) = rules::change(&self.settings, &shielded) else {
            tracing::info!("failed to shield {shielded} with iptables: its interface is gone");
            return;
        };
        if let Some(sets) = &self.settings.sets
            && self.parts.insert(Part::of(&shielded))
        {
            let part = rules::part(&self.settings.chains, sets, Part::of(&shielded));
            self.rules.extend(part.changes.iter().map(RuleChange::rule).cloned());
            self.plan.extend(part);
        }
        self.delete_left(&change.changes);
        self.plan.extend(change.clone());
        self.made.insert(shielded, change);
    }

    fn carry_out(&mut self) {
        let plan = std::mem::take(&mut self.plan);
        run_ipset(&self.settings.programs, &plan.sets);
        run_rules(&self.settings.programs, &plan.changes);
    }
}
