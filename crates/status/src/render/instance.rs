//! The block of one instance in the data dump.

use std::io::{self, Write};

use keepalived_model::{
    script::{Command, NotifyScripts},
    units::{Family, Version},
    vrrp::{HmacMode, OldUnicastChecksum, Peer, Preemption, TrackRef, Transport},
};

use super::{
    address::InstanceAddress,
    route::{RouteText, RuleText},
    text::{CommandLine, Stamp, Zone, enabled, ids, yes},
};
use crate::{
    instance::{AuthKind, HmacKind, Instance, Live, Settings},
    state::State,
};

pub(super) fn write(out: &mut impl Write, i: &Instance, zone: Zone<'_>) -> io::Result<()> {
    let (s, l) = (&*i.settings, &i.live);
    writeln!(out, " VRRP Instance = {}", s.name)?;
    writeln!(out, "   VRRP Version = {}", s.version.get())?;
    if let Some(group) = &s.group {
        writeln!(out, "   Sync group = {group}")?;
    }
    if s.family == Family::V6 {
        writeln!(out, "   Using Native IPv6")?;
    }
    state(out, s, l)?;
    faults(out, l)?;
    timers(out, l, zone)?;
    interface(out, s, l)?;
    garp(out, s)?;
    priority(out, s, l, zone)?;
    habits(out, s)?;
    authentication(out, s)?;
    addresses(out, s, l)?;
    unicast(out, s)?;
    match l.sockets {
        Some((fd_in, fd_out)) => writeln!(out, "   fd_in {fd_in}, fd_out {fd_out}")?,
        None => writeln!(out, "   No sockets allocated")?,
    }
    routes(out, s, l)?;
    tracking(out, s)?;
    writeln!(out, "   Using smtp notification = {}", yes(s.smtp_alert))?;
    let deleted = if s.notify_deleted { "Deleted" } else { "Fault" };
    writeln!(out, "   Notify deleted = {deleted}")?;
    notify(out, &s.notify)?;
    writeln!(out, "   Notify priority changes = {}", s.notify_priority_changes)
}

fn state(out: &mut impl Write, s: &Settings, l: &Live) -> io::Result<()> {
    writeln!(out, "   State = {}", l.state)?;
    if let Some(master) = l.master.filter(|_| l.state == State::Backup) {
        writeln!(out, "   Master router = {}", master.address)?;
        writeln!(out, "   Master priority = {}", master.priority)?;
        if s.version == Version::V3 {
            let centis = master.interval.as_centis();
            writeln!(out, "   Master advert int = {}.{:02} sec", centis / 100, centis % 100)?;
        }
    }
    match s.transport {
        Transport::Multicast { .. } => writeln!(out, "   Flags: none")?,
        Transport::Unicast { .. } => writeln!(out, "   Flags:\n     Using unicast")?,
    }
    writeln!(out, "   Wantstate = {}", l.want_state)
}

fn faults(out: &mut impl Write, l: &Live) -> io::Result<()> {
    let f = &l.faults;
    writeln!(out, "   Number of config faults = {}", u8::from(f.config))?;
    writeln!(out, "   Number of tracker faults = {}", f.trackers)?;
    if f.has_flag() {
        let words: Vec<_> = f.flags().collect();
        writeln!(out, "   Flags of interface faults - {}", words.join(", "))?;
    } else {
        writeln!(out, "   Flags of interface faults - (none)")?;
    }
    writeln!(out, "   Number of track scripts init = {}", l.scripts_init)
}

fn timers(out: &mut impl Write, l: &Live, zone: Zone<'_>) -> io::Result<()> {
    let transition = l.last_transition.unwrap_or_default();
    writeln!(out, "   Last transition = {}", Stamp(transition, zone))?;
    match l.next_timeout {
        Some(at) => writeln!(out, "   Read timeout = {}", Stamp(at, zone))?,
        None => writeln!(out, "   Read timeout = DISABLED")?,
    }
    writeln!(out, "   Master down timer = {} usecs", l.master_down_timer.as_micros())
}

fn interface(out: &mut impl Write, s: &Settings, l: &Live) -> io::Result<()> {
    let own = l.interface.or(s.interface);
    if s.vmac.as_deref().is_some_and(|v| v.for_addresses) {
        writeln!(out, "   Use VMAC for VIPs on other interfaces")?;
    }
    if let (Some(vmac), Some(name)) = (s.vmac.as_deref().filter(|v| v.for_instance), own) {
        let kind = if vmac.ipvlan.is_some() { "ipvlan" } else { "vmac" };
        writeln!(
            out,
            "   Use {}, i/f name {name}, is_up = {}, xmit_base = {}",
            kind.to_uppercase(),
            l.vmac_up,
            vmac.xmit_base
        )?;
        match s.interface {
            Some(base) => {
                let from = if vmac.xmit_base { ", xmit base i/f" } else { "" };
                writeln!(out, "   Interface = {name}, {kind} on {base}{from}")?;
            }
            None => writeln!(out, "   Interface = {name}")?,
        }
    } else if let Some(name) = own {
        writeln!(out, "   Interface = {name}")?;
    }
    if s.dont_track_primary {
        writeln!(out, "   VRRP interface tracking disabled")?;
    }
    if s.skip_check_adv_addr {
        writeln!(out, "   Skip checking advert IP addresses")?;
    }
    if s.strict {
        writeln!(out, "   Enforcing strict VRRP compliance")?;
    }
    let configured = match s.transport {
        Transport::Multicast { source, .. } | Transport::Unicast { source, .. } => source,
    };
    if let Some(source) = l.source.or(configured) {
        let from = if configured.is_some() {
            " (from configuration)"
        } else {
            ""
        };
        writeln!(out, "   Using src_ip = {source}{from}")?;
    }
    if let Transport::Multicast { group, .. } = s.transport {
        write!(out, "   Multicast address {group}")?;
        if let (Family::V6, Some(index)) = (s.family, l.ifindex) {
            write!(out, ", ifindex {index}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn garp(out: &mut impl Write, s: &Settings) -> io::Result<()> {
    let g = &s.garp;
    writeln!(out, "   Gratuitous ARP delay = {}", g.delay.as_secs())?;
    writeln!(out, "   Gratuitous ARP repeat = {}", g.repeat)?;
    writeln!(out, "   Gratuitous ARP refresh = {}", g.refresh.as_secs())?;
    writeln!(out, "   Gratuitous ARP refresh repeat = {}", g.refresh_repeat)?;
    writeln!(
        out,
        "   Gratuitous ARP lower priority delay = {}",
        g.lower_prio_delay.as_secs()
    )?;
    writeln!(out, "   Gratuitous ARP lower priority repeat = {}", g.lower_prio_repeat)?;
    writeln!(out, "   Down timer adverts = {}", s.down_timer_adverts)?;
    if !g.extra_if.is_zero() {
        let which = if g.extra_if_all { "i/f" } else { "VMAC" };
        let every = g.extra_if.as_secs();
        writeln!(out, "   Gratuitous ARP for each secondary {which} = {every}")?;
    }
    let (lower, higher) = (!s.lower_prio_no_advert, s.higher_prio_send_advert);
    writeln!(out, "   Send advert after receive lower priority advert = {lower}")?;
    writeln!(out, "   Send advert after receive higher priority advert = {higher}")
}

fn priority(out: &mut impl Write, s: &Settings, l: &Live, zone: Zone<'_>) -> io::Result<()> {
    writeln!(out, "   Virtual Router ID = {}", s.vrid)?;
    writeln!(out, "   Priority = {}", l.base_priority)?;
    writeln!(out, "   Effective priority = {}", l.effective_priority)?;
    writeln!(out, "   Total priority = {}", l.total_priority)?;
    match s.version {
        Version::V2 => writeln!(out, "   Advert interval = {} sec", s.advert_interval.as_secs())?,
        Version::V3 => writeln!(
            out,
            "   Advert interval = {} milli-sec",
            s.advert_interval.as_micros() / 1000
        )?,
    }
    if let (Version::V3, State::Backup) = (s.version, l.state) {
        let interval = l.master.map_or(s.advert_interval, |m| m.interval);
        writeln!(
            out,
            "   Master advert interval = {} milli-sec",
            interval.as_micros() / 1000
        )?;
    }
    match l.last_advert_sent {
        Some(at) => writeln!(out, "   Last advert sent = {}.{:06}", at.secs(), at.subsec_micros()),
        None => writeln!(out, "   Last advert sent = {}", Stamp(crate::wall::Wall(0), zone)),
    }
}

fn habits(out: &mut impl Write, s: &Settings) -> io::Result<()> {
    writeln!(out, "   Accept = {}", enabled(s.accept))?;
    writeln!(out, "   Preempt = {}", enabled(s.preemption != Preemption::Disabled))?;
    if let Preemption::Delayed(delay) = s.preemption {
        writeln!(out, "   Preempt delay = {} secs", super::text::Seconds(delay))?;
    }
    writeln!(out, "   Promote_secondaries = {}", enabled(s.promote_secondaries))
}

fn authentication(out: &mut impl Write, s: &Settings) -> io::Result<()> {
    if s.version == Version::V2 {
        match s.auth {
            AuthKind::None => writeln!(out, "   Authentication type = none")?,
            AuthKind::Password => writeln!(out, "   Authentication type = SIMPLE_PASSWORD\n   Password = ********")?,
            AuthKind::Ah => writeln!(out, "   Authentication type = IPSEC_AH\n   Password = ********")?,
        }
    }
    if let Some(h) = &s.hmac {
        hmac(out, h)?;
    }
    if let Some(bytes) = s.kernel_rx_buf_size {
        writeln!(out, "   Kernel rx buffer size = {bytes}")?;
    }
    if s.debug > 0 {
        writeln!(out, "   Debug level = {}", s.debug)?;
    }
    Ok(())
}

fn hmac(out: &mut impl Write, h: &HmacKind) -> io::Result<()> {
    let mode = match h.mode {
        HmacMode::Enforce => "enforce",
        HmacMode::Permissive => "permissive",
        HmacMode::ReceiveOnly => "receive-only",
    };
    writeln!(out, "   Authentication extension = HMAC-SHA256-128")?;
    writeln!(
        out,
        "     Number of keys = {}, active key id = {}",
        h.keys, h.active_key
    )?;
    writeln!(out, "     Mode = {mode}")?;
    if h.monotonic {
        writeln!(out, "     Anti replay = monotonic")
    } else {
        writeln!(out, "     Anti replay = time, window = {} secs", h.window.as_secs())
    }
}

fn addresses(out: &mut impl Write, s: &Settings, l: &Live) -> io::Result<()> {
    writeln!(out, "   Virtual IP ({}):", s.addresses.len())?;
    for (i, address) in s.addresses.iter().enumerate() {
        let set = l.addresses.has(i);
        let (settings, live) = (s, l);
        let text = InstanceAddress {
            address,
            set,
            settings,
            live,
        };
        writeln!(out, "     {text}")?;
    }
    if !s.excluded_addresses.is_empty() {
        writeln!(out, "   Virtual IP Excluded :")?;
    }
    for (i, address) in s.excluded_addresses.iter().enumerate() {
        let set = l.excluded_addresses.has(i);
        let (settings, live) = (s, l);
        let text = InstanceAddress {
            address,
            set,
            settings,
            live,
        };
        writeln!(out, "     {text}")?;
    }
    Ok(())
}

fn unicast(out: &mut impl Write, s: &Settings) -> io::Result<()> {
    let Transport::Unicast {
        peers,
        ttl,
        check_source,
        ..
    } = &s.transport
    else {
        return Ok(());
    };
    if let Some(ttl) = ttl.or((s.family == Family::V4).then_some(255)) {
        writeln!(out, "   Unicast TTL = {ttl}")?;
    }
    writeln!(out, "   Check unicast src : {}", yes(*check_source))?;
    writeln!(out, "   Unicast Peer :")?;
    for Peer {
        address,
        min_ttl,
        max_ttl,
    } in peers
    {
        writeln!(out, "     {address} min_ttl {min_ttl} max_ttl {max_ttl}")?;
    }
    let checksum = match s.checksum.old_unicast {
        OldUnicastChecksum::Detect => "no",
        OldUnicastChecksum::Never => "never",
        OldUnicastChecksum::Always => "config",
    };
    writeln!(out, "   Unicast checksum compatibility = {checksum}")
}

fn routes(out: &mut impl Write, s: &Settings, l: &Live) -> io::Result<()> {
    if !s.routes.is_empty() {
        writeln!(out, "   Virtual Routes :")?;
    }
    for (i, route) in s.routes.iter().enumerate() {
        let set = l.routes.has(i);
        writeln!(out, "     {}", RouteText { route, set })?;
    }
    if !s.rules.is_empty() {
        writeln!(out, "   Virtual Rules :")?;
    }
    for (i, rule) in s.rules.iter().enumerate() {
        let set = l.rules.has(i);
        writeln!(out, "     {}", RuleText { rule, set })?;
    }
    Ok(())
}

fn tracking(out: &mut impl Write, s: &Settings) -> io::Result<()> {
    refs(out, "interfaces", " weight", &s.track.interfaces)?;
    refs(out, "scripts", " weight", &s.track.scripts)?;
    refs(out, "files", ", weight", &s.track.files)?;
    refs(out, "processes", ", weight", &s.track.processes)?;
    refs(out, "BFDs", ": weight", &s.track.bfds)
}

pub(super) fn refs(out: &mut impl Write, kind: &str, between: &str, refs: &[TrackRef]) -> io::Result<()> {
    if !refs.is_empty() {
        writeln!(out, "   Tracked {kind} :")?;
    }
    for r in refs {
        let reverse = if r.reverse { " reverse" } else { "" };
        writeln!(out, "     {}{between} {}{reverse}", r.name, r.weight)?;
    }
    Ok(())
}

pub(super) fn notify(out: &mut impl Write, n: &NotifyScripts) -> io::Result<()> {
    let scripts: [(&str, &Option<Box<Command>>); 7] = [
        ("Backup", &n.backup),
        ("Master", &n.master),
        ("Fault", &n.fault),
        ("Stop", &n.stop),
        ("Deleted", &n.deleted),
        ("Generic", &n.generic),
        ("Master rx lower pri", &n.master_rx_lower_pri),
    ];
    for (kind, command) in scripts {
        if let Some(command) = command {
            let (uid, gid) = ids(command);
            writeln!(
                out,
                "   {kind} state transition script = {}, uid:gid {uid}:{gid}",
                CommandLine(command)
            )?;
        }
    }
    Ok(())
}
