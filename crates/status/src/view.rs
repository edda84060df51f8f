//! Status for consoles: small, flat, with stable JSON. What every user of the machine may see: no command lines, no secrets.
//!
//! Unknown members must be ignored by readers; members are added, never renamed, within one version of the D-Bus interface.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    board::Board,
    event::Event,
    instance::{AuthKind, Instance, InstanceId, Live},
    render::{InstanceAddress, RouteText, RuleText},
    state::State,
    statistics::Statistics,
    tracker::ScriptStatus,
    wall::Wall,
};

/// The daemon as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overview {
    /// Version of the program.
    pub version: String,
    /// Process id of the supervisor.
    pub pid: u32,
    /// When the VRRP process began, µs since the epoch.
    pub started: Wall,
    /// Last successful reload.
    pub reloaded: Option<Wall>,
    /// Main configuration file.
    pub config_file: String,
    /// `router_id` or host name.
    pub router_id: String,
    /// Network namespace.
    pub net_namespace: Option<String>,
    /// Instance of the daemon.
    pub instance: Option<String>,
    /// Number of instances.
    pub instances: u64,
}

impl Overview {
    /// What `board` knows.
    #[must_use]
    pub fn new(board: &Board) -> Self {
        let d = &board.daemon;
        Self {
            version: d.version.to_string(),
            pid: d.pid,
            started: d.started,
            reloaded: d.reloaded,
            config_file: d.config_file.to_string(),
            router_id: d.router_id.to_string(),
            net_namespace: d.net_namespace.as_deref().map(Into::into),
            instance: d.instance.as_deref().map(Into::into),
            instances: board.len() as u64,
        }
    }
}

/// One line of a table of instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Number of the instance; ascending in the order of the configuration.
    pub id: InstanceId,
    /// Name.
    pub name: String,
    /// Interface; with a VMAC that of the VMAC.
    pub interface: Option<String>,
    /// Virtual router id.
    pub vrid: u8,
    /// 4 or 6.
    pub family: u8,
    /// 2 or 3.
    pub version: u8,
    /// What it is.
    pub state: State,
    /// What it wants to be.
    pub want_state: State,
    /// Configured priority, or the one set over SNMP.
    pub priority: u8,
    /// What it sends.
    pub effective: u8,
    /// Before limiting.
    pub total: i32,
    /// Address and priority of the master it follows.
    pub master: Option<(IpAddr, u8)>,
    /// µs since the epoch.
    pub last_transition: Option<Wall>,
    /// Are its addresses installed?
    pub addresses_set: bool,
    /// Why it is in FAULT.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Sync group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Adverts received.
    pub rx: u64,
    /// Adverts sent.
    pub tx: u64,
}

impl From<&Instance> for Row {
    fn from(i: &Instance) -> Self {
        let (s, l) = (&*i.settings, &i.live);
        Self {
            id: i.id,
            name: s.name.to_string(),
            interface: l.interface.or(s.interface).map(|name| name.to_string()),
            vrid: s.vrid.get(),
            family: if s.family.bits() == 32 { 4 } else { 6 },
            version: s.version.get(),
            state: l.state,
            want_state: l.want_state,
            priority: l.base_priority,
            effective: l.effective_priority,
            total: l.total_priority,
            master: l.master.map(|m| (m.address, m.priority)),
            last_transition: l.last_transition,
            addresses_set: l.vip_set(),
            faults: faults(i),
            group: s.group.as_deref().map(Into::into),
            rx: i.statistics.advert_rcvd,
            tx: i.statistics.advert_sent,
        }
    }
}

fn faults(i: &Instance) -> Vec<String> {
    let mut words: Vec<String> = i.live.faults.flags().map(Into::into).collect();
    match i.live.faults.trackers {
        0 => {}
        1 => words.push("1 tracker".into()),
        n => words.push(format!("{n} trackers")),
    }
    words
}

/// Something tracked, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    /// `interface`, `script`, `file`, `process` or `bfd`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Weight here; 0 means that failure is a fault.
    pub weight: i16,
    /// `reverse`.
    pub reverse: bool,
    /// What is known, in words: `good`, `bad (exit 1)`, `up`, `3`.
    pub status: Option<String>,
}

/// Everything a console shows about one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The line of the table.
    pub row: Row,
    /// The interface under a VMAC.
    pub base_interface: Option<String>,
    /// Source address of adverts.
    pub source: Option<IpAddr>,
    /// Multicast group or unicast peers.
    pub destinations: Vec<IpAddr>,
    /// Unicast?
    pub unicast: bool,
    /// Advertisement interval, µs.
    pub advert_interval: u64,
    /// Master's interval, µs.
    pub master_interval: Option<u64>,
    /// Master down timer, µs.
    pub master_down_timer: u64,
    /// `none`, `password`, `ah` or `hmac`.
    pub authentication: String,
    /// `preempt`.
    pub preempt: bool,
    /// `accept`.
    pub accept: bool,
    /// Advertised addresses, in the form of the dumps.
    pub addresses: Vec<String>,
    /// Excluded addresses.
    pub excluded_addresses: Vec<String>,
    /// Routes.
    pub routes: Vec<String>,
    /// Rules.
    pub rules: Vec<String>,
    /// What it tracks.
    pub tracked: Vec<Tracked>,
    /// Counters.
    pub statistics: Statistics,
}

impl Detail {
    /// All about `i`, with what `board` knows of its trackers.
    #[must_use]
    pub fn new(i: &Instance, board: &Board) -> Self {
        use keepalived_model::vrrp::{Preemption, Transport};
        let (s, l) = (&*i.settings, &i.live);
        let (destinations, unicast) = match &s.transport {
            Transport::Multicast { group, .. } => (vec![*group], false),
            Transport::Unicast { peers, .. } => (peers.iter().map(|p| p.address).collect(), true),
        };
        let address = |address: &_, set| {
            InstanceAddress {
                address,
                set,
                settings: s,
                live: l,
            }
            .to_string()
        };
        Self {
            row: i.into(),
            base_interface: s.interface.filter(|b| l.interface != Some(*b)).map(|b| b.to_string()),
            source: l.source,
            destinations,
            unicast,
            advert_interval: s.advert_interval.as_micros(),
            master_interval: l.master.map(|m| m.interval.as_micros()),
            master_down_timer: l.master_down_timer.as_micros(),
            authentication: match (s.auth, s.hmac.is_some()) {
                (_, true) => "hmac",
                (AuthKind::None, false) => "none",
                (AuthKind::Password, false) => "password",
                (AuthKind::Ah, false) => "ah",
            }
            .into(),
            preempt: s.preemption != Preemption::Disabled,
            accept: s.accept,
            addresses: texts(&s.addresses, |n, a| address(a, l.addresses.has(n))),
            excluded_addresses: texts(&s.excluded_addresses, |n, a| address(a, l.excluded_addresses.has(n))),
            routes: texts(&s.routes, |n, route| {
                let set = l.routes.has(n);
                RouteText { route, set }.to_string()
            }),
            rules: texts(&s.rules, |n, rule| {
                let set = l.rules.has(n);
                RuleText { rule, set }.to_string()
            }),
            tracked: tracked(i, board),
            statistics: i.statistics,
        }
    }
}

fn texts<T>(items: &[T], text: impl Fn(usize, &T) -> String) -> Vec<String> {
    items.iter().enumerate().map(|(n, item)| text(n, item)).collect()
}

fn tracked(i: &Instance, board: &Board) -> Vec<Tracked> {
    let track = &i.settings.track;
    let script = |name: &str| {
        board
            .scripts
            .get(name)
            .map(|(status, exit)| script_words(*status, *exit))
    };
    let file = |name: &str| board.files.get(name).map(ToString::to_string);
    let process = |name: &str| {
        let (current, quorum) = board.processes.get(name)?;
        Some(format!("{current}, {}", if *quorum { "quorum" } else { "no quorum" }))
    };
    let bfd = |name: &str| board.bfds.get(name).map(|up| if *up { "up" } else { "down" }.into());
    let mut all = Vec::new();
    let mut add = |kind: &str, refs: &[keepalived_model::vrrp::TrackRef], status: &dyn Fn(&str) -> Option<String>| {
        all.extend(refs.iter().map(|r| Tracked {
            kind: kind.into(),
            name: r.name.to_string(),
            weight: r.weight,
            reverse: r.reverse,
            status: status(&r.name),
        }));
    };
    add("interface", &track.interfaces, &|_| None);
    add("script", &track.scripts, &script);
    add("file", &track.files, &file);
    add("process", &track.processes, &process);
    add("bfd", &track.bfds, &bfd);
    all
}

fn script_words(status: ScriptStatus, exit: Option<i32>) -> String {
    let word = match status {
        ScriptStatus::Init => "not run yet",
        ScriptStatus::Good => "good",
        ScriptStatus::Bad => "bad",
        ScriptStatus::Disabled => "disabled",
    };
    match exit {
        Some(code) if code != 0 => format!("{word} (exit {code})"),
        _ => word.into(),
    }
}

/// An event as consoles see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Notice {
    /// Everything known is void: read again.
    Reset,
    /// An instance appeared or its settings changed.
    Instance(Row),
    /// It changed its state.
    State {
        /// Which.
        id: InstanceId,
        /// Its name.
        name: String,
        /// What it is now.
        state: State,
        /// Since when.
        at: Wall,
    },
    /// It changed its priority.
    Priority {
        /// Which.
        id: InstanceId,
        /// Its name.
        name: String,
        /// Configured.
        base: u8,
        /// Sent.
        effective: u8,
        /// Before limiting.
        total: i32,
    },
    /// It follows another master.
    Master {
        /// Which.
        id: InstanceId,
        /// Its name.
        name: String,
        /// Address and priority of the master.
        master: Option<(IpAddr, u8)>,
    },
    /// A reload removed it.
    Removed {
        /// Which.
        id: InstanceId,
        /// Its name.
        name: String,
        /// What was reported last.
        state: State,
    },
    /// A sync group changed its state.
    Group {
        /// Its name.
        name: String,
        /// What it is now.
        state: State,
    },
    /// A tracked script, file, process or BFD session changed.
    Tracker {
        /// `script`, `file`, `process` or `bfd`.
        kind: String,
        /// Its name.
        name: String,
        /// What it is now, in words.
        status: String,
    },
    /// The VRRP process began.
    Started,
    /// A reload was carried out.
    Reloaded {
        /// When.
        at: Wall,
    },
    /// The VRRP process stops.
    Stopped,
}

impl Notice {
    /// What consoles are told of `event`; `board` has taken it over already, except for removals.
    #[must_use]
    pub fn new(event: &Event, board: &Board) -> Option<Self> {
        let tracker = |kind: &str, name: &str, status: String| Self::Tracker {
            kind: kind.into(),
            name: name.into(),
            status,
        };
        Some(match event {
            Event::Reset(_) => Self::Reset,
            Event::Added(i) | Event::Updated(i) => Self::Instance((&**i).into()),
            Event::Removed { id, state } => Self::Removed {
                id: *id,
                name: board.get(*id)?.settings.name.to_string(),
                state: *state,
            },
            Event::Started => Self::Started,
            Event::Reloaded { at } => Self::Reloaded { at: *at },
            Event::Stopped => Self::Stopped,
            // Only the difference matters: `Notice::changes`.
            Event::Instance { .. } | Event::Statistics(_) => return None,
            Event::Group { name, state } => Self::Group {
                name: name.to_string(),
                state: *state,
            },
            Event::Script {
                name,
                status,
                exit_code,
            } => tracker("script", name, script_words(*status, *exit_code)),
            Event::Process {
                name,
                current,
                have_quorum,
            } => tracker(
                "process",
                name,
                format!("{current}, {}", if *have_quorum { "quorum" } else { "no quorum" }),
            ),
            Event::File { name, status } => tracker("file", name, status.to_string()),
            Event::Bfd { name, up } => tracker("bfd", name, if *up { "up" } else { "down" }.into()),
        })
    }

    /// What consoles are told when the live facts of `after` were `before`.
    #[must_use]
    pub fn changes(before: &Live, after: &Instance) -> Vec<Self> {
        let (id, live) = (after.id, &after.live);
        let name = || after.settings.name.to_string();
        let priority = |l: &Live| (l.base_priority, l.effective_priority, l.total_priority);
        let master = |l: &Live| l.master.map(|m| (m.address, m.priority));
        let rest = |l: &Live| (l.vip_set(), l.faults, l.want_state, l.interface);
        let mut all = Vec::new();
        if before.state != live.state {
            all.push(Self::State {
                id,
                name: name(),
                state: live.state,
                at: live.last_transition.unwrap_or_default(),
            });
        }
        if priority(before) != priority(live) {
            all.push(Self::Priority {
                id,
                name: name(),
                base: live.base_priority,
                effective: live.effective_priority,
                total: live.total_priority,
            });
        }
        if master(before) != master(live) {
            all.push(Self::Master {
                id,
                name: name(),
                master: master(live),
            });
        }
        if rest(before) != rest(live) {
            all.push(Self::Instance(after.into()));
        }
        all
    }
}
