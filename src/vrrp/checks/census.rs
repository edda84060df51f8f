//! Who runs: processes counted by what they are (`vrrp_track_process`, `vrrp.md` 8.6). Knows neither the kernel nor a clock.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use keepalived_linux::processes::Process;
use keepalived_model::vrrp::{ParamMatch, TrackProcess};
use tokio::time::Instant;

/// What is known of one kind of process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::vrrp) struct ProcessState {
    /// How many run.
    pub(in crate::vrrp) current: u32,
    /// Neither too few nor too many, delays considered.
    pub(in crate::vrrp) quorum: bool,
    /// `fork_delay` runs.
    pub(in crate::vrrp) fork_delay_runs: bool,
    /// `terminate_delay` runs.
    pub(in crate::vrrp) terminate_delay_runs: bool,
}

/// Why a number has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A process forked.
    Fork,
    /// A process ended.
    Exit,
    /// It became another program, changed its name, or everything was looked at anew: no delay.
    Become,
}

#[derive(Debug)]
struct Kind {
    wanted: TrackProcess,
    state: ProcessState,
    due: Option<Instant>,
}

/// All kinds, and the processes that are of some kind.
#[derive(Debug, Default)]
pub(super) struct Census {
    kinds: Vec<Kind>,
    /// Of which kinds a process is; only those that are of any.
    members: HashMap<i32, Box<[u32]>>,
    /// Kinds whose state changed since they were told.
    changed: BTreeSet<u32>,
}

impl Census {
    /// Begins anew with other kinds and everything that runs; delays do not count.
    pub(super) fn new(wanted: Vec<TrackProcess>, running: &[Process]) -> Self {
        let mut census = Self::default();
        for wanted in wanted {
            let quorum = achieved(&wanted, 0);
            census.kinds.push(Kind {
                wanted,
                state: ProcessState {
                    quorum,
                    ..ProcessState::default()
                },
                due: None,
            });
        }
        census.all(running, Instant::now());
        census.changed = (0..census.kinds.len() as u32).collect();
        census
    }

    /// Everything that runs, looked at anew.
    pub(super) fn all(&mut self, running: &[Process], now: Instant) {
        self.members = running
            .iter()
            .filter_map(|process| Some((process.pid, self.kinds_of(process)?)))
            .collect();
        let mut counts = vec![0; self.kinds.len()];
        for kind in self.members.values().flatten() {
            counts[*kind as usize] += 1;
        }
        for (kind, count) in (0..).zip(counts) {
            self.set(kind, count, Why::Become, now);
        }
    }

    fn kinds_of(&self, process: &Process) -> Option<Box<[u32]>> {
        let kinds = (0..).zip(&self.kinds);
        let kinds: Box<[u32]> = kinds
            .filter(|(_, kind)| matches(&kind.wanted, process))
            .map(|(number, _)| number)
            .collect();
        (!kinds.is_empty()).then_some(kinds)
    }

    /// A process forked: the new one is what the old one is.
    pub(super) fn forked(&mut self, parent: i32, child: i32, now: Instant) {
        if let Some(kinds) = self.members.get(&parent).cloned() {
            self.replace(child, Some(kinds), Why::Fork, now);
        }
    }

    /// A process runs another program or has another name; `None` when it is gone already.
    pub(super) fn became(&mut self, pid: i32, process: Option<&Process>, now: Instant) {
        let kinds = process.and_then(|process| self.kinds_of(process));
        self.replace(pid, kinds, Why::Become, now);
    }

    /// A process ended.
    pub(super) fn exited(&mut self, pid: i32, now: Instant) {
        self.replace(pid, None, Why::Exit, now);
    }

    fn replace(&mut self, pid: i32, kinds: Option<Box<[u32]>>, why: Why, now: Instant) {
        let after = kinds.clone().unwrap_or_default();
        let before = match kinds {
            Some(kinds) => self.members.insert(pid, kinds),
            None => self.members.remove(&pid),
        };
        let before = before.unwrap_or_default();
        for kind in before.iter().filter(|kind| !after.contains(kind)) {
            let count = self.count(*kind).saturating_sub(1);
            self.set(*kind, count, why, now);
        }
        for kind in after.iter().filter(|kind| !before.contains(kind)) {
            let count = self.count(*kind) + 1;
            self.set(*kind, count, why, now);
        }
    }

    fn count(&self, kind: u32) -> u32 {
        self.kinds.get(kind as usize).map_or(0, |kind| kind.state.current)
    }

    fn set(&mut self, number: u32, count: u32, why: Why, now: Instant) {
        let Some(kind) = self.kinds.get_mut(number as usize) else {
            return;
        };
        let before = kind.state;
        kind.state.current = count;
        let quorum = achieved(&kind.wanted, count);
        let delay = match why {
            Why::Fork => kind.wanted.fork_delay,
            Why::Exit => kind.wanted.terminate_delay,
            Why::Become => keepalived_model::time::Micros::ZERO,
        };
        if quorum == kind.state.quorum || delay.is_zero() {
            kind.settle();
        } else if kind.due.is_none() {
            kind.due = Some(now + Duration::from_micros(delay.as_micros()));
            kind.state.fork_delay_runs = why == Why::Fork;
            kind.state.terminate_delay_runs = why == Why::Exit;
        }
        if kind.state != before {
            self.changed.insert(number);
        }
    }

    /// When the next delay ends.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.kinds.iter().filter_map(|kind| kind.due).min()
    }

    /// Ends delays.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        for (number, kind) in (0..).zip(&mut self.kinds) {
            if kind.due.is_some_and(|due| due <= now) {
                kind.settle();
                self.changed.insert(number);
            }
        }
    }

    /// What changed since this was asked last: the kind, its state, and whether its quorum is another one than in `told`.
    pub(super) fn changes(&mut self) -> Vec<(&TrackProcess, ProcessState)> {
        let changed = std::mem::take(&mut self.changed);
        let kinds = changed.into_iter().filter_map(|number| self.kinds.get(number as usize));
        kinds.map(|kind| (&kind.wanted, kind.state)).collect()
    }
}

impl Kind {
    /// The quorum is what the number says.
    fn settle(&mut self) {
        self.state.quorum = achieved(&self.wanted, self.state.current);
        self.state.fork_delay_runs = false;
        self.state.terminate_delay_runs = false;
        self.due = None;
    }
}

/// Is that neither too few nor too many? A `quorum_max` of 0 means that none may run.
fn achieved(wanted: &TrackProcess, count: u32) -> bool {
    match wanted.quorum_max {
        Some(0) => count == 0,
        Some(max) => (u32::from(wanted.quorum)..=u32::from(max)).contains(&count),
        None => count >= u32::from(wanted.quorum),
    }
}

/// Is the process of this kind? Without parameters, `param_match` and `full_command` its name counts (15 bytes at most), else its
/// command line, whose first word is compared as it is written.
fn matches(wanted: &TrackProcess, process: &Process) -> bool {
    if !wanted.full_command && wanted.param_match == ParamMatch::None {
        return process.name == wanted.process.as_bytes();
    }
    let line = process
        .command_line
        .strip_suffix(b"\0")
        .unwrap_or(&process.command_line);
    if line.is_empty() {
        return false;
    }
    let mut words = line.split(|byte| *byte == 0);
    if words.next() != Some(wanted.process.as_bytes()) {
        return false;
    }
    let mut expected = wanted.parameters.iter().map(|word| word.as_bytes()).peekable();
    let initial = wanted.param_match == ParamMatch::Initial;
    while let Some(word) = expected.next() {
        let Some(found) = words.next() else { return false };
        let last = expected.peek().is_none();
        if !(found == word || initial && last && found.starts_with(word)) {
            return false;
        }
    }
    wanted.param_match != ParamMatch::Exact || words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepalived_model::time::Micros;

    fn wanted(command: &str, param_match: ParamMatch) -> TrackProcess {
        let mut words = command.split(' ').map(Box::from);
        TrackProcess {
            name: "p".into(),
            process: words.next().unwrap_or_default(),
            parameters: words.collect(),
            param_match,
            full_command: false,
            quorum: 1,
            quorum_max: None,
            weight: 0,
            reverse: false,
            fork_delay: Micros::ZERO,
            terminate_delay: Micros::ZERO,
        }
    }

    fn process(pid: i32, name: &str, line: &str) -> Process {
        Process {
            pid,
            name: name.into(),
            command_line: line.split(' ').flat_map(|w| w.bytes().chain([0])).collect(),
        }
    }

    /// What 2.2.7 counts of eight processes (`pgrep` by hand beside it).
    #[test]
    fn processes_are_told_apart_as_the_original_does() {
        use ParamMatch::{Exact, Initial, None, Partial};
        let running = [
            process(1, "sleep", "sleep 1000"),
            process(2, "sleep", "/bin/sleep 1000"),
            process(3, "sleep", "sleep 1000 2000"),
            process(4, "sleep", "sleep 1000 2000 3000"),
            process(5, "trk-very-long-n", "./trk-very-long-name-here 500"),
            process(6, "script.sh", "/bin/sh ./script.sh"),
            process(7, "sleep", "sleep 10 2000 3000"),
            process(8, "sleep", "sleepy 1000"),
            Process {
                pid: 9,
                name: b"kworker/0:0".to_vec(),
                command_line: Vec::new(),
            },
        ];
        let full = |command| TrackProcess {
            full_command: true,
            ..wanted(command, None)
        };
        for (wanted, expected) in [
            (wanted("sleep", None), 6),
            (wanted("/bin/sleep", None), 0),
            (wanted("sleep 1000", Exact), 1),
            (wanted("sleep 100", Initial), 3),
            (wanted("sleep 1000 2000", Partial), 2),
            (wanted("sleep 100", Partial), 0),
            (wanted("sleep 1000", Partial), 3),
            (wanted("sleep 1000", Initial), 3),
            (wanted("sleep", Exact), 0),
            (full("sleep"), 4),
            (wanted("/bin/sleep 1000", Exact), 1),
            (wanted("trk-very-long-name-here", None), 0),
            (wanted("trk-very-long-n", None), 1),
            (wanted("script.sh", None), 1),
            (wanted("sh", None), 0),
            (wanted("sleep 10 2000 30", Initial), 1),
            (wanted("sleep", Initial), 4),
            (wanted("sleep", Partial), 4),
            (wanted("slee", Initial), 0),
            (wanted("kworker/0:0", None), 1),
            (full("kworker/0:0"), 0),
        ] {
            let count = running.iter().filter(|process| matches(&wanted, process)).count();
            assert_eq!(count, expected, "{wanted:?}");
        }
    }

    fn states(census: &mut Census) -> Vec<(u32, bool)> {
        let changes = census.changes();
        changes.iter().map(|(_, state)| (state.current, state.quorum)).collect()
    }

    #[test]
    fn quorum_needs_enough_and_not_too_many() {
        let kind = |quorum, quorum_max| TrackProcess {
            quorum,
            quorum_max,
            ..wanted("x", ParamMatch::None)
        };
        let cases = [
            (kind(1, None), vec![false, true, true, true]),
            (kind(2, None), vec![false, false, true, true]),
            (kind(1, Some(2)), vec![false, true, true, false]),
            (kind(1, Some(0)), vec![true, false, false, false]),
        ];
        for (kind, expected) in cases {
            let seen: Vec<bool> = (0..4).map(|count| achieved(&kind, count)).collect();
            assert_eq!(seen, expected, "{kind:?}");
        }
    }

    #[test]
    fn a_change_of_program_counts_at_once_and_an_end_after_its_delay() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let kind = TrackProcess {
            quorum: 2,
            fork_delay: Micros::from_millis(500),
            terminate_delay: Micros::SECOND,
            ..wanted("x", ParamMatch::None)
        };
        let mut census = Census::new(vec![kind], &[process(1, "x", "x")]);
        assert_eq!(states(&mut census), [(1, false)]);
        census.forked(7, 8, now);
        assert_eq!(states(&mut census), [], "of no kind");
        census.became(2, Some(&process(2, "x", "x")), now);
        assert_eq!(states(&mut census), [(2, true)]);
        census.exited(2, now);
        assert_eq!(
            (states(&mut census), census.next_deadline()),
            (vec![(1, true)], Some(now + second))
        );
        census.forked(1, 3, now);
        assert_eq!(
            (states(&mut census), census.next_deadline()),
            (vec![(2, true)], None),
            "back in time"
        );
        census.exited(3, now);
        census.handle_timeout(now + second);
        assert_eq!(states(&mut census), [(1, false)]);
        census.forked(1, 4, now);
        assert_eq!(census.next_deadline(), Some(now + second / 2));
        census.became(4, Some(&process(4, "y", "y")), now);
        assert_eq!(
            (states(&mut census), census.next_deadline()),
            (vec![(1, false)], None),
            "it forked to run something else"
        );
        census.exited(99, now);
        census.became(98, None, now);
        assert_eq!(states(&mut census), []);
        census.all(&[process(5, "x", "x"), process(6, "x", "x")], now);
        assert_eq!(states(&mut census), [(2, true)]);
        census.exited(1, now);
        assert_eq!(states(&mut census), [], "it was not seen again");
    }
}
