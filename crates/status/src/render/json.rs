//! `keepalived.json` (`runtime.md` 7.4).

use std::{
    collections::HashMap,
    fmt::Display,
    io::{self, Write},
};

use keepalived_model::{
    route::{Route, Rule},
    script::Command,
    vrrp::{ParamMatch, Preemption},
};

use super::{
    address::InstanceAddress,
    route::{RouteText, RuleText},
    text::{CommandLine, Seconds},
};
use crate::{
    instance::{AuthKind, Instance},
    snapshot::Snapshot,
    state::Applied,
    statistics::Statistics,
    tracker::{Process, Script},
    wall::Wall,
};

/// Writes all instances in one line; `version` is `json_version`, 1 or 2.
///
/// # Errors
/// What writing to `out` reports.
pub fn json(out: &mut impl Write, snapshot: &Snapshot, version: u8) -> io::Result<()> {
    let scripts: HashMap<&str, &Script> = snapshot.scripts.iter().map(|s| (&*s.settings.name, s)).collect();
    if version >= 2 {
        out.write_all(b"{\"vrrp\":")?;
    }
    array(out, &snapshot.instances, |out, i| instance(out, i, &scripts))?;
    if version >= 2 {
        out.write_all(b",\"track_process\":")?;
        array(out, &snapshot.processes, process)?;
        out.write_all(b"}")?;
    }
    out.write_all(b"\n")
}

fn instance(out: &mut impl Write, i: &Instance, scripts: &HashMap<&str, &Script>) -> io::Result<()> {
    out.write_all(b"{\"data\":{")?;
    let mut o = Object::new(out);
    identity(&mut o, i)?;
    timing(&mut o, i)?;
    behaviour(&mut o, i)?;
    notify(&mut o, i)?;
    lists(&mut o, i, scripts)?;
    o.raw("auth_type", i.settings.auth.code())?;
    if i.settings.auth != AuthKind::None {
        o.text("auth_data", "********")?;
    }
    out.write_all(b"},\"stats\":{")?;
    statistics(&mut Object::new(out), &i.statistics)?;
    out.write_all(b"}}")
}

fn identity<W: Write>(o: &mut Object<'_, W>, i: &Instance) -> io::Result<()> {
    let (s, l) = (&*i.settings, &i.live);
    let interface = l.interface.or(s.interface);
    o.text("iname", &s.name)?;
    o.int("dont_track_primary", s.dont_track_primary)?;
    o.int("skip_check_adv_addr", s.skip_check_adv_addr)?;
    o.int("strict_mode", s.strict)?;
    let vmac = interface.filter(|_| s.vmac.as_ref().is_some_and(|v| v.for_instance));
    o.text("vmac_ifname", vmac.as_ref().map_or("", |name| name.as_str()))?;
    if let Some(name) = interface {
        o.text("ifp_ifname", name)?;
    }
    o.raw("master_priority", l.master.map_or(0, |m| m.priority))?;
    let at = l.last_transition.unwrap_or(Wall(0));
    o.raw(
        "last_transition",
        format_args!("{}.{:06}", at.secs(), at.subsec_micros()),
    )
}

fn timing<W: Write>(o: &mut Object<'_, W>, i: &Instance) -> io::Result<()> {
    let g = &i.settings.garp;
    o.raw("garp_delay", Seconds(g.delay))?;
    o.raw("garp_refresh", g.refresh.as_secs())?;
    o.raw("garp_rep", g.repeat)?;
    o.raw("garp_refresh_rep", g.refresh_repeat)?;
    o.raw("garp_lower_prio_delay", g.lower_prio_delay.as_secs())?;
    o.raw("garp_lower_prio_rep", g.lower_prio_repeat)?;
    o.int("lower_prio_no_advert", i.settings.lower_prio_no_advert)?;
    o.int("higher_prio_send_advert", i.settings.higher_prio_send_advert)
}

fn behaviour<W: Write>(o: &mut Object<'_, W>, i: &Instance) -> io::Result<()> {
    let (s, l) = (&*i.settings, &i.live);
    o.raw("vrid", s.vrid)?;
    o.raw("base_priority", l.base_priority)?;
    o.raw("effective_priority", l.effective_priority)?;
    o.raw("vipset", l.vip_set())?;
    o.raw("promote_secondaries", s.promote_secondaries)?;
    o.raw("adver_int", Seconds(s.advert_interval))?;
    o.raw(
        "master_adver_int",
        Seconds(l.master.map_or(s.advert_interval, |m| m.interval)),
    )?;
    o.int("accept", s.accept)?;
    o.raw("nopreempt", s.preemption == Preemption::Disabled)?;
    let delay = match s.preemption {
        Preemption::Delayed(delay) => delay.as_secs(),
        Preemption::Immediate | Preemption::Disabled => 0,
    };
    o.raw("preempt_delay", delay)?;
    o.raw("state", l.state.code())?;
    o.raw("wantstate", l.want_state.code())?;
    o.raw("version", s.version.get())?;
    o.raw("smtp_alert", s.smtp_alert)?;
    o.raw("notify_deleted", s.notify_deleted)
}

fn notify<W: Write>(o: &mut Object<'_, W>, i: &Instance) -> io::Result<()> {
    let n = &i.settings.notify;
    let scripts: [(&str, &Option<Box<Command>>); 7] = [
        ("script_backup", &n.backup),
        ("script_master", &n.master),
        ("script_fault", &n.fault),
        ("script_stop", &n.stop),
        ("script_deleted", &n.deleted),
        ("script", &n.generic),
        ("script_master_rx_lower_pri", &n.master_rx_lower_pri),
    ];
    for (name, command) in scripts {
        if let Some(command) = command {
            o.text(name, CommandLine(command))?;
        }
    }
    Ok(())
}

fn lists<W: Write>(o: &mut Object<'_, W>, i: &Instance, scripts: &HashMap<&str, &Script>) -> io::Result<()> {
    let (s, l) = (&*i.settings, &i.live);
    let address = |address, set| InstanceAddress {
        address,
        set,
        settings: s,
        live: l,
    };
    let route = |route: &'_ Route, set| RouteText { route, set }.to_string();
    let rule = |rule: &'_ Rule, set| RuleText { rule, set }.to_string();
    o.applied("vips", &s.addresses, &l.addresses, address)?;
    o.applied("evips", &s.excluded_addresses, &l.excluded_addresses, address)?;
    o.applied("vroutes", &s.routes, &l.routes, route)?;
    o.applied("vrules", &s.rules, &l.rules, rule)?;
    o.list("track_ifp", s.track.interfaces.iter().map(|t| &t.name))?;
    let commands = s.track.scripts.iter().filter_map(|t| scripts.get(&*t.name));
    o.list(
        "track_script",
        commands.map(|script| CommandLine(&script.settings.command)),
    )?;
    o.list("track_process", s.track.processes.iter().map(|t| &t.name))
}

fn statistics<W: Write>(o: &mut Object<'_, W>, s: &Statistics) -> io::Result<()> {
    [
        ("advert_rcvd", s.advert_rcvd),
        ("advert_sent", s.advert_sent),
        ("become_master", s.become_master),
        ("release_master", s.release_master),
        ("packet_len_err", s.packet_len_err),
        ("advert_interval_err", s.advert_interval_err),
        ("ip_ttl_err", s.ip_ttl_err),
        ("invalid_type_rcvd", s.invalid_type_rcvd),
        ("addr_list_err", s.addr_list_err),
        ("invalid_authtype", s.invalid_authtype),
        ("authtype_mismatch", s.authtype_mismatch),
        ("auth_failure", s.auth_failure),
        ("auth_ext_missing", s.auth_ext_missing),
        ("auth_ext_malformed", s.auth_ext_malformed),
        ("auth_ext_unknown_key", s.auth_ext_unknown_key),
        ("auth_ext_invalid_hmac", s.auth_ext_invalid_hmac),
        ("auth_ext_stale", s.auth_ext_stale),
        ("auth_ext_replay", s.auth_ext_replay),
        ("pri_zero_rcvd", s.pri_zero_rcvd),
        ("pri_zero_sent", s.pri_zero_sent),
    ]
    .into_iter()
    .try_for_each(|(name, value)| o.raw(name, value))
}

fn process<W: Write>(out: &mut W, p: &Process) -> io::Result<()> {
    let s = &*p.settings;
    out.write_all(b"{")?;
    let mut o = Object::new(out);
    o.text("process", &s.process)?;
    if !s.parameters.is_empty() {
        o.text("parameters", s.parameters.join(" "))?;
    }
    let matching = match s.param_match {
        ParamMatch::None => "none",
        ParamMatch::Exact => "exact",
        ParamMatch::Partial => "partial",
        ParamMatch::Initial => "initial",
    };
    o.text("param_match", matching)?;
    o.raw("min_processes", s.quorum)?;
    if let Some(max) = s.quorum_max {
        o.raw("max_processes", max)?;
    }
    o.raw("current_processes", p.current)?;
    o.raw("have_quorum", p.have_quorum)?;
    o.raw("weight", s.weight)?;
    o.raw("terminate_delay", Seconds(s.terminate_delay))?;
    o.raw("fork_delay", Seconds(s.fork_delay))?;
    o.raw("fork_delay_timer_running", p.fork_delay_running)?;
    o.raw("terminate_delay_timer_running", p.terminate_delay_running)?;
    o.raw("full_command", s.full_command)?;
    out.write_all(b"}")
}

/// Members of an object, with commas between them.
struct Object<'w, W> {
    out: &'w mut W,
    first: bool,
}

impl<'w, W: Write> Object<'w, W> {
    const fn new(out: &'w mut W) -> Self {
        Self { out, first: true }
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        let comma = if self.first { "" } else { "," };
        self.first = false;
        write!(self.out, "{comma}\"{name}\":")
    }

    fn raw(&mut self, name: &str, value: impl Display) -> io::Result<()> {
        self.name(name)?;
        write!(self.out, "{value}")
    }

    fn int(&mut self, name: &str, value: bool) -> io::Result<()> {
        self.raw(name, u8::from(value))
    }

    fn text(&mut self, name: &str, value: impl Display) -> io::Result<()> {
        self.name(name)?;
        string(self.out, value)
    }

    /// A list that is left out when it is empty.
    fn list<T: Display>(&mut self, name: &str, items: impl IntoIterator<Item = T>) -> io::Result<()> {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return Ok(());
        }
        self.name(name)?;
        array(self.out, items, |out, item| string(out, item))
    }

    fn applied<'a, T, D: Display>(
        &mut self,
        name: &str,
        items: &'a [T],
        applied: &Applied,
        text: impl Fn(&'a T, bool) -> D,
    ) -> io::Result<()> {
        self.list(
            name,
            items.iter().enumerate().map(|(i, item)| text(item, applied.has(i))),
        )
    }
}

fn array<W: Write, T>(
    out: &mut W,
    items: impl IntoIterator<Item = T>,
    mut one: impl FnMut(&mut W, T) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        one(out, item)?;
    }
    out.write_all(b"]")
}

/// A string; the original escapes `/` too.
fn string(out: &mut impl Write, value: impl Display) -> io::Result<()> {
    out.write_all(b"\"")?;
    for c in value.to_string().chars() {
        match c {
            '"' | '\\' | '/' => write!(out, "\\{c}")?,
            '\n' => out.write_all(b"\\n")?,
            '\r' => out.write_all(b"\\r")?,
            '\t' => out.write_all(b"\\t")?,
            '\u{8}' => out.write_all(b"\\b")?,
            '\u{c}' => out.write_all(b"\\f")?,
            c if c < ' ' => write!(out, "\\u{:04x}", u32::from(c))?,
            c => write!(out, "{c}")?,
        }
    }
    out.write_all(b"\"")
}
