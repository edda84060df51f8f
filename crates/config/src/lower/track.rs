//! What can be tracked (`vrrp_script`, `track_file`, `vrrp_track_process`) and the lists that refer to it.

use std::{collections::HashSet, path::Path};

use keepalived_model::{
    bfd::BfdInstance,
    script::TrackScript,
    time::Micros,
    units::IfName,
    vrrp::{ParamMatch, TrackFile, TrackFileInit, TrackProcess, TrackRef, Tracking},
};

use super::{
    names::Names,
    script::{Written, check, written},
    scripts::{Loudness, Scripts},
};
use crate::{
    check::codes,
    grammar::{Context, track},
    source::Span,
    table::{TRACK_FILE, VRRP_SCRIPT, VRRP_TRACK_PROCESS},
    tree::{Statement, Word},
    typed::{Entry, Seen},
};

/// A `vrrp_script` while the rest is read.
#[derive(Debug)]
pub(crate) struct ScriptDraft {
    script: TrackScript,
    written: Option<Written>,
    span: Span,
    used: bool,
}

/// Everything that can be tracked, as far as it is known.
#[derive(Debug)]
pub(crate) struct Trackables {
    scripts: Vec<ScriptDraft>,
    script_names: Names,
    /// `track_file`.
    pub(crate) files: Vec<TrackFile>,
    /// Names of `track_file`.
    pub(crate) file_names: Names,
    processes: Vec<TrackProcess>,
    process_names: Names,
    /// Names of `bfd_instance`; weights stand in the sessions.
    pub(crate) bfd_names: Names,
}

impl Default for Trackables {
    fn default() -> Self {
        Self {
            scripts: Vec::new(),
            script_names: Names::new("vrrp_script"),
            files: Vec::new(),
            file_names: Names::new("track_file"),
            processes: Vec::new(),
            process_names: Names::new("vrrp_track_process"),
            bfd_names: Names::new("bfd_instance"),
        }
    }
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// `track_interface`.
    Interface,
    /// `track_script`.
    Script,
    /// `track_file`.
    File,
    /// `track_process`.
    Process,
    /// `track_bfd`.
    Bfd,
}

impl List {
    /// The list of this keyword.
    #[must_use]
    pub(crate) fn of(keyword: &str) -> Option<Self> {
        Some(match keyword {
            "track_interface" => Self::Interface,
            "track_script" => Self::Script,
            "track_file" => Self::File,
            "track_process" => Self::Process,
            "track_bfd" => Self::Bfd,
            _ => return None,
        })
    }

    const fn limit(self) -> i16 {
        match self {
            Self::File | Self::Process => 254,
            Self::Interface | Self::Script | Self::Bfd => 253,
        }
    }
}

impl Trackables {
    /// Reads the lines of one list into `tracking`.
    pub(crate) fn list(
        &mut self,
        cx: &mut Context<'_>,
        bfds: &[BfdInstance],
        list: List,
        body: &[Statement],
        tracking: &mut Tracking,
    ) {
        let mut known: HashSet<Box<str>> = references(tracking, list).iter().map(|r| r.name.clone()).collect();
        for line in body {
            let Some(item) = track::parse(cx, &line.words, list.limit()) else {
                continue;
            };
            let Some((weight, reverse)) = self.defaults(cx, bfds, list, item.name) else {
                continue;
            };
            let reference = TrackRef {
                name: item.name.text.clone(),
                weight: item.weight.unwrap_or(weight),
                reverse: item.reverse.unwrap_or(reverse),
            };
            if !known.insert(reference.name.clone()) {
                cx.say(
                    &codes::TRACKER_DUPLICATE,
                    item.name.span,
                    format!("`{}` is tracked twice; this entry is ignored", reference.name),
                );
                continue;
            }
            match list {
                List::Interface => tracking.interfaces.push(reference),
                List::Script => {
                    if let Some(script) = self
                        .script_names
                        .get(&reference.name)
                        .and_then(|i| self.scripts.get_mut(i))
                    {
                        script.used = true;
                    }
                    tracking.scripts.push(reference);
                }
                List::File => tracking.files.push(reference),
                List::Process => tracking.processes.push(reference),
                List::Bfd => tracking.bfds.push(reference),
            }
        }
    }

    /// Weight and direction of an object that is referred to; `None` when it does not exist.
    fn defaults(&mut self, cx: &mut Context<'_>, bfds: &[BfdInstance], list: List, name: &Word) -> Option<(i16, bool)> {
        match list {
            List::Interface => {
                let _: IfName = cx.interface_word(name)?;
                Some((0, false))
            }
            List::Script => {
                let script = &self.scripts.get(self.script_names.resolve(name)?)?.script;
                Some((script.weight, script.reverse))
            }
            List::File => {
                let file = self.files.get(self.file_names.resolve(name)?)?;
                Some((file.weight, file.reverse))
            }
            List::Process => {
                let process = self.processes.get(self.process_names.resolve(name)?)?;
                Some((process.weight, process.reverse))
            }
            List::Bfd => {
                let bfd = bfds.get(self.bfd_names.resolve(name)?)?;
                Some((bfd.weight, bfd.reverse))
            }
        }
    }

    /// Reads a `vrrp_script` block.
    pub(crate) fn script(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let mut script = TrackScript {
            name: entry.text(0).into(),
            command: keepalived_model::script::Command {
                argv: Vec::new(),
                credentials: None,
                user: None,
                group: None,
            },
            interval: Micros::SECOND,
            timeout: None,
            weight: 0,
            reverse: false,
            rise: 1,
            fall: 1,
            init_fail: false,
            insecure: false,
        };
        let (mut found, mut user) = (None, None);
        let mut seen = Seen::default();
        for statement in entry.body() {
            let Some(inner) = cx.typing.entry(&VRRP_SCRIPT, &mut seen, statement) else {
                continue;
            };
            match inner.name() {
                "script" => found = written(cx, &inner).or(found),
                "interval" => script.interval = inner.micros(0),
                "timeout" => script.timeout = Some(inner.micros(0)),
                "weight" => {
                    script.weight = inner.i16(0);
                    script.reverse = inner.has(1);
                }
                "rise" => script.rise = inner.u32(0),
                "fall" => script.fall = inner.u32(0),
                "user" => user = Some((inner.boxed(0), inner.boxed(1))),
                "init_fail" => script.init_fail = true,
                _ => {}
            }
        }
        if let (Some(written), Some((user, group))) = (&mut found, user) {
            written.line.user = user;
            written.line.group = group;
        } else if let Some(written) = &mut found {
            // Words after the command are ignored in a `vrrp_script` (8.2).
            written.line.user = None;
            written.line.group = None;
        }
        note_twice(
            cx,
            &mut self.script_names,
            &script.name,
            self.scripts.len(),
            entry.span_of(0),
        );
        self.scripts.push(ScriptDraft {
            script,
            written: found,
            span: entry.span_of(0),
            used: false,
        });
    }

    /// Reads a `track_file` block.
    pub(crate) fn file(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let mut file = TrackFile {
            name: entry.text(0).into(),
            path: "".into(),
            weight: 1,
            reverse: false,
            init: None,
        };
        let mut seen = Seen::default();
        for statement in entry.body() {
            let Some(inner) = cx.typing.entry(&TRACK_FILE, &mut seen, statement) else {
                continue;
            };
            match inner.name() {
                "file" => {
                    file.path = inner.text(0).into();
                    if let Err(why) = cx.facts.watchable(Path::new(&*file.path)) {
                        cx.say_help(
                            &codes::FILE_UNWATCHABLE,
                            inner.span_of(0),
                            format!("track_file `{}` cannot be watched: {why}", file.name),
                            "make the directory, or choose another one, before keepalived starts",
                        );
                    }
                }
                "weight" => {
                    file.weight = inner.i16(0);
                    file.reverse = inner.has(1);
                }
                "init_file" => {
                    file.init = Some(TrackFileInit {
                        value: inner.i32(0),
                        overwrite: inner.has(1) || inner.surplus().iter().any(|w| &*w.text == "overwrite"),
                    });
                }
                _ => {}
            }
        }
        if file.path.is_empty() {
            cx.say_help(
                &codes::TRACKED_WITHOUT_TARGET,
                entry.span_of(0),
                format!("track_file `{}` names no file; it is removed", file.name),
                "add `file PATH`",
            );
            return;
        }
        note_twice(cx, &mut self.file_names, &file.name, self.files.len(), entry.span_of(0));
        self.files.push(file);
    }

    /// Reads a `vrrp_track_process` block.
    pub(crate) fn process(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let mut process = TrackProcess {
            name: entry.text(0).into(),
            process: "".into(),
            parameters: Vec::new(),
            param_match: ParamMatch::None,
            full_command: false,
            quorum: 1,
            quorum_max: None,
            weight: 0,
            reverse: false,
            fork_delay: Micros::ZERO,
            terminate_delay: Micros::ZERO,
        };
        let mut seen = Seen::default();
        for statement in entry.body() {
            let Some(inner) = cx.typing.entry(&VRRP_TRACK_PROCESS, &mut seen, statement) else {
                continue;
            };
            match inner.name() {
                "process" => {
                    process.process = inner.text(0).into();
                    process.parameters = inner.rest(1).iter().map(|w| w.text.clone()).collect();
                    if !process.parameters.is_empty() && process.param_match == ParamMatch::None {
                        process.param_match = ParamMatch::Exact;
                    }
                }
                "param_match" => {
                    process.param_match = match inner.choice(0) {
                        Some("initial") => ParamMatch::Initial,
                        Some("partial") => ParamMatch::Partial,
                        _ => ParamMatch::Exact,
                    };
                }
                "weight" => {
                    process.weight = inner.i16(0);
                    process.reverse = inner.has(1);
                }
                "quorum" if process.quorum_max.is_some_and(|max| inner.u16(0) > max) => process_quorum(cx, &inner),
                "quorum" => process.quorum = inner.u16(0),
                // 0 is possible: the process must not run.
                "quorum_max" if inner.u16(0) < process.quorum && !(inner.u16(0) == 0 && process.quorum <= 1) => {
                    process_quorum(cx, &inner);
                }
                "quorum_max" => process.quorum_max = Some(inner.u16(0)),
                "delay" => {
                    process.fork_delay = inner.micros(0);
                    process.terminate_delay = inner.micros(0);
                }
                "fork_delay" => process.fork_delay = inner.micros(0),
                "terminate_delay" => process.terminate_delay = inner.micros(0),
                "full_command" => process.full_command = true,
                _ => {}
            }
        }
        if process.process.is_empty() {
            cx.say_help(
                &codes::TRACKED_WITHOUT_TARGET,
                entry.span_of(0),
                format!("vrrp_track_process `{}` names no process; it is removed", process.name),
                "add `process PATH`",
            );
            return;
        }
        note_twice(
            cx,
            &mut self.process_names,
            &process.name,
            self.processes.len(),
            entry.span_of(0),
        );
        self.processes.push(process);
    }

    /// Checks scripts and gives everything that is used.
    pub(crate) fn finish(
        mut self,
        cx: &mut Context<'_>,
        scripts: &mut Scripts<'_>,
    ) -> (Vec<TrackScript>, Vec<TrackFile>, Vec<TrackProcess>) {
        self.script_names.finish(cx);
        self.file_names.finish(cx);
        self.process_names.finish(cx);
        self.bfd_names.finish(cx);
        let mut usable = Vec::new();
        for draft in self.scripts {
            usable.extend(finish_script(cx, scripts, draft));
        }
        (usable, self.files, self.processes)
    }
}

fn process_quorum(cx: &mut Context<'_>, entry: &Entry<'_>) {
    cx.say(
        &codes::PROCESS_QUORUM,
        entry.span(),
        "`quorum` would be above `quorum_max`; this statement is ignored",
    );
}

fn finish_script(cx: &mut Context<'_>, scripts: &mut Scripts<'_>, draft: ScriptDraft) -> Option<TrackScript> {
    let ScriptDraft {
        mut script,
        written,
        span,
        used,
    } = draft;
    let Some(written) = written else {
        cx.say_help(
            &codes::SCRIPT_EMPTY,
            span,
            format!("vrrp_script `{}` has no script; it is removed", script.name),
            "add `script \"/path/to/program arguments\"`",
        );
        return None;
    };
    if !used {
        cx.say(
            &codes::SCRIPT_UNUSED,
            span,
            format!("vrrp_script `{}` is not used and never runs", script.name),
        );
        return None;
    }
    let what = format!("vrrp_script {}", script.name);
    let (command, insecure) = check(scripts, cx, written, &what, Loudness::Reported)?;
    script.command = *command;
    script.insecure = insecure;
    Some(script)
}

fn note_twice(cx: &mut Context<'_>, names: &mut Names, name: &str, index: usize, span: Span) {
    if let Some(before) = names.add(name, index, span) {
        cx.typing.say(
            crate::diag::Diagnostic::new(
                &codes::NAME_TWICE,
                span,
                format!("`{name}` is defined twice; references find the first"),
            )
            .label(before, "the first is here"),
        );
    }
}

/// The references of one list.
#[must_use]
pub(crate) fn references(tracking: &Tracking, list: List) -> &[TrackRef] {
    match list {
        List::Interface => &tracking.interfaces,
        List::Script => &tracking.scripts,
        List::File => &tracking.files,
        List::Process => &tracking.processes,
        List::Bfd => &tracking.bfds,
    }
}
