//! `keepalived.data` of the VRRP process (`runtime.md` 7.2).

use std::{
    collections::HashMap,
    fmt,
    io::{self, Write},
};

use keepalived_model::vrrp::{TrackRef, Tracking, in_group};

use super::{
    address::AddressText,
    global, instance, interface,
    route::{RouteText, RuleText},
    text::Zone,
    tracker,
};
use crate::{
    snapshot::{Snapshot, Statics},
    tracker::Group,
};

/// Writes everything; sections without content are left out.
///
/// # Errors
/// What writing to `out` reports.
pub fn data(out: &mut impl Write, snapshot: &Snapshot, zone: Zone<'_>) -> io::Result<()> {
    let nothing = Tracking::default();
    let users = Users::new(snapshot, &nothing);
    title(out, "Global definitions")?;
    global::write(out, &snapshot.daemon)?;
    statics(out, &snapshot.statics)?;
    section(out, "VRRP Topology", &snapshot.instances, |out, i| {
        instance::write(out, i, zone)
    })?;
    section(out, "VRRP Sockpool", &snapshot.sockets, |out, s| {
        interface::socket(out, s, snapshot, &users)
    })?;
    section(out, "VRRP Sync groups", &snapshot.groups, |out, g| {
        tracker::group(out, g)
    })?;
    section(out, "VRRP Scripts", &snapshot.scripts, |out, s| {
        tracker::script(out, s, &users)
    })?;
    section(out, "VRRP Track files", &snapshot.files, |out, f| {
        tracker::file(out, f, &users)
    })?;
    section(out, "VRRP Track processes", &snapshot.processes, |out, p| {
        tracker::process(out, p, &users)
    })?;
    section(out, "VRRP Track BFDs", &snapshot.bfds, |out, b| {
        tracker::bfd(out, b, &users)
    })?;
    if !snapshot.garp_groups.is_empty() {
        title(out, "Gratuitous ARP delays")?;
        for (i, group) in snapshot.garp_groups.iter().enumerate() {
            title(out, &format!("GARP delay group {}", i + 1))?;
            interface::garp_group(out, group)?;
        }
    }
    section(out, "Interfaces", &snapshot.interfaces, |out, i| {
        interface::write(out, i, &users)
    })
}

/// Who tracks what: made once, so that a dump does not search all instances for each script.
pub(super) struct Users<'a> {
    pub(super) interfaces: Tracked<'a>,
    pub(super) scripts: Tracked<'a>,
    pub(super) files: Tracked<'a>,
    pub(super) processes: Tracked<'a>,
    pub(super) bfds: Tracked<'a>,
    /// Interfaces by index.
    pub(super) names: HashMap<u32, &'a str>,
}

/// Instances (or groups) by the name of what they track.
pub(super) type Tracked<'a> = HashMap<&'a str, Vec<User<'a>>>;

/// One that tracks, with its weight.
#[derive(Clone, Copy)]
pub(super) struct User<'a> {
    name: &'a str,
    weight: i16,
    reverse: bool,
}

impl fmt::Display for User<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, weight {}", self.name, self.weight)?;
        if self.reverse { f.write_str(" reverse") } else { Ok(()) }
    }
}

impl<'a> Users<'a> {
    fn new(snapshot: &'a Snapshot, nothing: &'a Tracking) -> Self {
        let mut users = Self {
            interfaces: HashMap::new(),
            scripts: HashMap::new(),
            files: HashMap::new(),
            processes: HashMap::new(),
            bfds: HashMap::new(),
            names: snapshot.interfaces.iter().map(|i| (i.index, i.name.as_str())).collect(),
        };
        let groups = snapshot.groups.iter();
        let groups: HashMap<&str, &Group> = groups
            .flat_map(|group| group.settings.members.iter().map(move |member| (&**member, group)))
            .collect();
        for instance in &snapshot.instances {
            let s = &*instance.settings;
            let own = instance.live.interface.as_ref().or(s.interface.as_ref());
            if let Some(own) = own {
                users.interfaces.entry(own.as_str()).or_default().push(User {
                    name: &s.name,
                    // keepalived's mark for "not tracked".
                    weight: if s.dont_track_primary { 255 } else { 0 },
                    reverse: false,
                });
            }
            let group = groups.get(&*s.name).map_or(nothing, |group| &group.settings.track);
            users.add(&s.name, &s.track, group);
        }
        users
    }

    fn add(&mut self, name: &'a str, own: &'a Tracking, group: &'a Tracking) {
        let put = |map: &mut Tracked<'a>, own: &'a [TrackRef], group: &'a [TrackRef]| {
            for (tracked, weight) in in_group(own, group) {
                map.entry(&*tracked.name).or_default().push(User {
                    name,
                    weight,
                    reverse: tracked.reverse,
                });
            }
        };
        put(&mut self.interfaces, &own.interfaces, &group.interfaces);
        put(&mut self.scripts, &own.scripts, &group.scripts);
        put(&mut self.files, &own.files, &group.files);
        put(&mut self.processes, &own.processes, &group.processes);
        put(&mut self.bfds, &own.bfds, &group.bfds);
    }
}

fn statics(out: &mut impl Write, s: &Statics) -> io::Result<()> {
    if !s.addresses.is_empty() {
        title(out, "Static Addresses")?;
    }
    for (i, address) in s.addresses.iter().enumerate() {
        let text = AddressText {
            address,
            set: s.addresses_applied.has(i),
            interface: address.interface,
            base: None,
        };
        writeln!(out, "     {text}")?;
    }
    if !s.routes.is_empty() {
        title(out, "Static Routes")?;
    }
    for (i, route) in s.routes.iter().enumerate() {
        let set = s.routes_applied.has(i);
        writeln!(out, "     {}", RouteText { route, set })?;
    }
    if !s.rules.is_empty() {
        title(out, "Static Rules")?;
    }
    for (i, rule) in s.rules.iter().enumerate() {
        let set = s.rules_applied.has(i);
        writeln!(out, "     {}", RuleText { rule, set })?;
    }
    section(out, "Static Track groups", &s.groups, tracker::track_group)
}

fn title(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "------< {text} >------")
}

fn section<W: Write, T>(
    out: &mut W,
    name: &str,
    items: &[T],
    mut one: impl FnMut(&mut W, &T) -> io::Result<()>,
) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    title(out, name)?;
    items.iter().try_for_each(|item| one(out, item))
}
