//! Blocks of groups, scripts, files, processes and BFD sessions in the data dump.

use std::io::{self, Write};

use keepalived_model::vrrp::{ParamMatch, TrackGroup};

use super::{
    data::{Tracked, Users},
    instance,
    text::{CommandLine, Seconds, Seconds6, ids, yes},
};
use crate::tracker::{Bfd, File, Group, Process, Script, ScriptStatus};

pub(super) fn group(out: &mut impl Write, g: &Group) -> io::Result<()> {
    let s = &*g.settings;
    writeln!(out, " VRRP Sync Group = {}, {}", s.name, g.state)?;
    writeln!(
        out,
        "   Num member fault {}, num member init {}",
        g.faults, g.members_init
    )?;
    writeln!(out, "   VRRP member instances :")?;
    for member in &s.members {
        writeln!(out, "     {member}")?;
    }
    if s.tracking_weight {
        writeln!(out, "   sync group tracking weight set")?;
    }
    writeln!(out, "   Using smtp notification = {}", yes(s.smtp_alert))?;
    instance::refs(out, "interfaces", " weight", &s.track.interfaces)?;
    instance::refs(out, "scripts", " weight", &s.track.scripts)?;
    instance::refs(out, "files", ", weight", &s.track.files)?;
    instance::refs(out, "process", ", weight", &s.track.processes)?;
    instance::refs(out, "BFDs", ": weight", &s.track.bfds)?;
    instance::notify(out, &s.notify)
}

pub(super) fn track_group(out: &mut impl Write, g: &TrackGroup) -> io::Result<()> {
    writeln!(out, " Static Track Group = {}", g.name)?;
    writeln!(out, "   VRRP member instances :")?;
    g.members.iter().try_for_each(|member| writeln!(out, "     {member}"))
}

pub(super) fn script(out: &mut impl Write, script: &Script, users: &Users<'_>) -> io::Result<()> {
    let s = &*script.settings;
    writeln!(out, " VRRP Script = {}", s.name)?;
    writeln!(out, "   Command = {}", CommandLine(&s.command))?;
    writeln!(out, "   Interval = {} sec", Seconds(s.interval))?;
    writeln!(out, "   Timeout = {} sec", Seconds(s.timeout.unwrap_or_default()))?;
    let reverse = if s.reverse { " reverse" } else { "" };
    writeln!(out, "   Weight = {}{reverse}", s.weight)?;
    writeln!(out, "   Rise = {}", s.rise)?;
    writeln!(out, "   Fall = {}", s.fall)?;
    writeln!(out, "   Result = {}", script.result)?;
    writeln!(out, "   Insecure = {}", yes(s.insecure))?;
    // As in the original this tells of the first run, not of `init_fail`.
    let init = if script.status == ScriptStatus::Init {
        "initialising"
    } else {
        "unknown"
    };
    writeln!(out, "   Init state = {init}")?;
    let status = match script.status {
        ScriptStatus::Init if s.init_fail => "BAD",
        ScriptStatus::Init | ScriptStatus::Good => "GOOD",
        ScriptStatus::Bad => "BAD",
        ScriptStatus::Disabled => "DISABLED",
    };
    writeln!(out, "   Status = {status}")?;
    let (uid, gid) = ids(&s.command);
    writeln!(out, "   Script uid:gid = {uid}:{gid}")?;
    tracking(out, &users.scripts, &s.name)?;
    writeln!(out, "   State = {}", if script.running { "running" } else { "idle" })
}

pub(super) fn file(out: &mut impl Write, file: &File, users: &Users<'_>) -> io::Result<()> {
    let s = &*file.settings;
    writeln!(out, " Track file = {}", s.name)?;
    writeln!(out, "   File = {}", s.path)?;
    writeln!(out, "   Status = {}", file.status)?;
    let reverse = if s.reverse { " reverse" } else { "" };
    writeln!(out, "   Weight = {}{reverse}", s.weight)?;
    tracking(out, &users.files, &s.name)
}

pub(super) fn process(out: &mut impl Write, p: &Process, users: &Users<'_>) -> io::Result<()> {
    let s = &*p.settings;
    writeln!(out, " VRRP Track process = {}", s.name)?;
    writeln!(out, "   Process = {}", s.process)?;
    if !s.parameters.is_empty() {
        writeln!(out, "   Parameters = {}", s.parameters.join(" "))?;
    }
    match s.param_match {
        ParamMatch::None => {}
        ParamMatch::Exact => writeln!(out, "   Param match = exact")?,
        ParamMatch::Partial => writeln!(out, "   Param match = partial")?,
        ParamMatch::Initial => writeln!(out, "   Param match = initial")?,
    }
    writeln!(out, "   Min processes = {}", s.quorum)?;
    if let Some(max) = s.quorum_max {
        writeln!(out, "   Max processes = {max}")?;
    }
    writeln!(out, "   Current processes = {}", p.current)?;
    writeln!(out, "   Have quorum = {}", p.have_quorum)?;
    let reverse = if s.reverse { " reverse" } else { "" };
    writeln!(out, "   Weight = {}{reverse}", s.weight)?;
    writeln!(out, "   Terminate delay = {}s", Seconds6(s.terminate_delay))?;
    writeln!(out, "   Fork delay = {}s", Seconds6(s.fork_delay))?;
    let running = |on| if on { "running" } else { "not running" };
    writeln!(out, "   Fork delay timer {}", running(p.fork_delay_running))?;
    writeln!(out, "   Terminate delay timer {}", running(p.terminate_delay_running))?;
    writeln!(out, "   Full command = {}", s.full_command)?;
    tracking(out, &users.processes, &s.name)
}

pub(super) fn bfd(out: &mut impl Write, b: &Bfd, users: &Users<'_>) -> io::Result<()> {
    writeln!(out, " VRRP Track BFD = {}", b.name)?;
    let reverse = if b.reverse { " reverse" } else { "" };
    writeln!(out, "   Weight = {}{reverse}", b.weight)?;
    writeln!(out, "   Bfd is {}", if b.up { "up" } else { "down" })?;
    tracking(out, &users.bfds, &b.name)
}

fn tracking(out: &mut impl Write, users: &Tracked<'_>, name: &str) -> io::Result<()> {
    writeln!(out, "   Tracking instances :")?;
    let users = users.get(name).map_or(&[][..], |v| v);
    users.iter().try_for_each(|user| writeln!(out, "     {user}"))
}
