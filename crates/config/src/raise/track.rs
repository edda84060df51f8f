//! Things to track: `vrrp_script`, `track_file`, `vrrp_track_process`, `track_group`.

use keepalived_model::{
    script::TrackScript,
    vrrp::{ParamMatch, TrackFile, TrackGroup, TrackProcess, TrackRef, Tracking, Vrrp},
};

use super::build::{Lines, block, script, word, words_line};
use crate::tree::Statement;

pub(super) fn raise(vrrp: &Vrrp) -> Vec<Statement> {
    let scripts = vrrp.scripts.iter().map(track_script);
    let files = vrrp.files.iter().map(file);
    let processes = vrrp.processes.iter().map(process);
    let groups = vrrp.track_groups.iter().map(track_group);
    scripts.chain(files).chain(processes).chain(groups).collect()
}

/// The lists of an instance or group.
pub(super) fn lists(lines: &mut Lines, track: &Tracking) {
    lines.list("track_interface", track.interfaces.iter().map(interface).collect());
    lines.list("track_script", track.scripts.iter().map(reference).collect());
    lines.list("track_file", track.files.iter().map(reference).collect());
    lines.list("track_process", track.processes.iter().map(reference).collect());
    lines.list("track_bfd", track.bfds.iter().map(reference).collect());
}

fn interface(reference: &TrackRef) -> Statement {
    let mut words = vec![word(&*reference.name)];
    if reference.weight != 0 || reference.reverse {
        words.extend([word("weight"), word(reference.weight.to_string())]);
        words.extend(reference.reverse.then(|| word("reverse")));
    }
    words_line(&words)
}

/// Always with weight and direction: the object has defaults of its own.
fn reference(reference: &TrackRef) -> Statement {
    words_line(&[
        word(&*reference.name),
        word("weight"),
        word(reference.weight.to_string()),
        word(if reference.reverse { "reverse" } else { "noreverse" }),
    ])
}

fn weight(lines: &mut Lines, weight: i16, reverse: bool, default: i16) {
    if reverse {
        lines.add(["weight", &weight.to_string(), "reverse"]);
    } else if weight != default {
        lines.value("weight", weight);
    }
}

fn track_script(track: &TrackScript) -> Statement {
    let mut lines = Lines::default();
    lines.0.push(script("script", &track.command, false));
    match (&track.command.user, &track.command.group) {
        (Some(user), Some(group)) => lines.add(["user", user, group]),
        (Some(user), None) => lines.add(["user", user]),
        (None, _) => {}
    }
    lines.time("interval", track.interval);
    if let Some(timeout) = track.timeout {
        lines.time("timeout", timeout);
    }
    weight(&mut lines, track.weight, track.reverse, 0);
    lines.value("rise", track.rise);
    lines.value("fall", track.fall);
    lines.flag("init_fail", track.init_fail);
    block(&["vrrp_script", &track.name], lines.0)
}

fn file(file: &TrackFile) -> Statement {
    let mut lines = Lines::default();
    lines.value("file", &file.path);
    weight(&mut lines, file.weight, file.reverse, 1);
    if let Some(init) = file.init {
        let value = init.value.to_string();
        if init.overwrite {
            lines.add(["init_file", &value, "overwrite"]);
        } else {
            lines.add(["init_file", &value]);
        }
    }
    block(&["track_file", &file.name], lines.0)
}

fn process(process: &TrackProcess) -> Statement {
    let mut lines = Lines::default();
    let mut words = vec![word("process"), word(&*process.process)];
    words.extend(process.parameters.iter().map(|p| word(&**p)));
    lines.0.push(words_line(&words));
    match process.param_match {
        ParamMatch::None => {}
        ParamMatch::Exact => lines.add(["param_match"]),
        ParamMatch::Partial => lines.add(["param_match", "partial"]),
        ParamMatch::Initial => lines.add(["param_match", "initial"]),
    }
    lines.flag("full_command", process.full_command);
    lines.value("quorum", process.quorum);
    lines.option("quorum_max", process.quorum_max);
    weight(&mut lines, process.weight, process.reverse, 0);
    if !process.fork_delay.is_zero() {
        lines.time("fork_delay", process.fork_delay);
    }
    if !process.terminate_delay.is_zero() {
        lines.time("terminate_delay", process.terminate_delay);
    }
    block(&["vrrp_track_process", &process.name], lines.0)
}

fn track_group(group: &TrackGroup) -> Statement {
    let members = group.members.iter().map(|m| words_line(&[word(&**m)])).collect();
    block(&["track_group", &group.name], vec![block(&["group"], members)])
}
