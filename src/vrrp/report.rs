//! From the engine's state to `status`: the live facts of an instance, snapshots, and what the control process is told.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use keepalived_linux::netlink::LinkKind;
use keepalived_model::{
    config::Config,
    global::DynamicInterfaces,
    time::{Instant, Micros},
    units::IfName,
};
use keepalived_status::{
    Daemon, Event, Faults, Instance, InstanceId as StatusId, Live, Master, Settings, Snapshot, State, Statistics, Wall,
    event::Change,
    snapshot::Statics,
    tracker::{Base, Group, Interface, LinkWatch, Script, ScriptStatus},
};
use keepalived_vrrp::{Engine, Fault, InstanceId, InstanceView, State as EngineState};

use super::{checks::Checks, kernel::Installed, links::Links, sockets::Pool, world::World};
use crate::ipc::{Report, Sender};

/// Both clocks at one moment, to turn one kind of time into the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    now: Instant,
    wall: Wall,
}

impl Clocks {
    /// Reads the wall clock beside the monotonic `now`.
    pub(super) fn at(now: Instant) -> Self {
        Self { now, wall: Wall::now() }
    }

    /// The wall clock at `at`, before or after now.
    pub(super) const fn wall(&self, at: Instant) -> Wall {
        let later = at.0.saturating_sub(self.now.0);
        let earlier = self.now.0.saturating_sub(at.0);
        Wall(self.wall.0.saturating_add(later).saturating_sub(earlier))
    }
}

/// What a display knows of one instance beside the engine's view.
#[derive(Debug)]
pub(super) struct Known {
    /// Its number outside; never used twice.
    pub(super) status_id: StatusId,
    /// As configured, without secrets.
    pub(super) settings: Arc<Settings>,
    /// When its state changed last, on the wall clock.
    pub(super) last_transition: Option<Wall>,
}

/// Everything that live facts are made from.
pub(super) struct Sources<'a> {
    pub(super) engine: &'a Engine,
    pub(super) installed: &'a Installed,
    pub(super) pool: &'a Pool,
    pub(super) world: &'a World,
    pub(super) statics: &'a super::statics::Statics,
    pub(super) links: &'a Links,
    pub(super) clocks: Clocks,
}

impl Sources<'_> {
    /// The live facts of an instance.
    pub(super) fn live(&self, id: InstanceId, known: &Known) -> Live {
        let mut live = Live::new(&known.settings);
        let Some(view) = self.engine.view(id) else { return live };
        let config = &view.spec.config;
        live.state = state(view.state);
        live.want_state = state(view.want);
        live.base_priority = view.base_priority;
        live.effective_priority = view.effective_priority;
        live.total_priority = view.total_priority;
        let own = config.own_interface().and_then(|name| self.world.named(&name));
        let adverts = config.advert_interface().and_then(|name| self.world.named(&name));
        live.ifindex = adverts.map(|interface| interface.link.index);
        live.interface = config.own_interface();
        live.vmac_up = own.is_some_and(super::world::Interface::usable);
        live.source = view.source;
        live.master = master(&view);
        live.faults = faults(&view);
        live.scripts_init = view.awaited;
        live.last_transition = known.last_transition;
        live.next_timeout = view.deadline.map(|at| self.clocks.wall(at));
        live.master_down_timer = master_down(&view);
        live.last_advert_sent = view.last_advert_sent.map(|at| self.clocks.wall(at));
        (live.addresses, live.excluded_addresses) = self.installed.applied(id, config, self.world);
        (live.routes, live.rules) = self.installed.routing_applied(id, config);
        live.sockets = self.pool.descriptors(id);
        live
    }

    /// One instance as a whole.
    pub(super) fn instance(&self, id: InstanceId, known: &Known) -> Instance {
        Instance {
            id: known.status_id,
            settings: Arc::clone(&known.settings),
            live: self.live(id, known),
            statistics: self.statistics(id),
        }
    }

    /// Counters of an instance.
    pub(super) fn statistics(&self, id: InstanceId) -> Statistics {
        let Some(view) = self.engine.view(id) else {
            return Statistics::default();
        };
        let s = view.stats;
        Statistics {
            advert_rcvd: s.advert_rcvd,
            advert_sent: s.advert_sent,
            become_master: s.become_master,
            release_master: s.release_master,
            packet_len_err: s.packet_len_err,
            advert_interval_err: s.advert_interval_err,
            ip_ttl_err: s.ip_ttl_err,
            invalid_type_rcvd: s.invalid_type_rcvd,
            addr_list_err: s.addr_list_err,
            invalid_authtype: s.invalid_authtype,
            authtype_mismatch: s.authtype_mismatch,
            auth_failure: s.auth_failure,
            auth_ext_missing: s.auth_ext_missing,
            auth_ext_malformed: s.auth_ext_malformed,
            auth_ext_unknown_key: s.auth_ext_unknown_key,
            auth_ext_invalid_hmac: s.auth_ext_invalid_hmac,
            auth_ext_stale: s.auth_ext_stale,
            auth_ext_replay: s.auth_ext_replay,
            pri_zero_rcvd: s.pri_zero_rcvd,
            pri_zero_sent: s.pri_zero_sent,
            vers_err: s.vers_err,
            chk_err: s.chk_err,
            vrid_err: s.vrid_err,
            ..Statistics::default()
        }
    }
}

/// The state as everybody outside sees it.
pub(super) const fn state(state: EngineState) -> State {
    match state {
        EngineState::Init => State::Init,
        EngineState::Backup => State::Backup,
        EngineState::Master => State::Master,
        EngineState::Fault => State::Fault,
        EngineState::Stopped => State::Stop,
    }
}

fn master(view: &InstanceView<'_>) -> Option<Master> {
    if view.state != EngineState::Backup {
        return None;
    }
    view.master.map(|address| Master {
        address,
        priority: view.master_priority,
        interval: view.master_interval,
    })
}

fn faults(view: &InstanceView<'_>) -> Faults {
    let has = |fault: Fault| view.faults & (1 << (fault as u8)) != 0;
    Faults {
        trackers: view.tracker_faults,
        interfaces: u32::from(has(Fault::NoInterface)),
        base_interface: has(Fault::BaseInterface),
        duplicate_vrid: has(Fault::DuplicateVrid),
        no_source: has(Fault::NoSourceAddress) || has(Fault::Socket),
        config: has(Fault::Configuration),
    }
}

/// Length of the master down timer (`vrrp.md` 6.1).
fn master_down(view: &InstanceView<'_>) -> Micros {
    let config = &view.spec.config;
    let interval = view.master_interval;
    let unit = match config.version {
        keepalived_model::units::Version::V2 => Micros::SECOND,
        keepalived_model::units::Version::V3 => interval,
    };
    let skew = unit.as_micros() * u64::from(256 - u16::from(view.effective_priority)) / 256;
    interval.times(u64::from(config.down_timer_adverts)) + Micros(skew)
}

/// The line to the control process. When it does not read fast enough, everything is said anew as soon as it does.
#[derive(Debug, Default)]
pub(super) struct Audience {
    link: Option<Sender<Report>>,
    /// It has asked to be told.
    subscribed: bool,
    /// Something was not said: all must be repeated.
    behind: bool,
}

impl Audience {
    /// A control process is there, or another one.
    pub(super) fn connect(&mut self, link: Sender<Report>) {
        *self = Self {
            link: Some(link),
            subscribed: false,
            behind: false,
        };
    }

    /// It is gone.
    pub(super) fn disconnect(&mut self) {
        *self = Self::default();
    }

    /// It wants to be told.
    pub(super) fn subscribe(&mut self) {
        self.subscribed = true;
        self.behind = true;
    }

    /// Does anybody listen?
    pub(super) const fn listens(&self) -> bool {
        self.subscribed && !self.behind
    }

    /// Must everything be repeated?
    pub(super) const fn wants_all(&self) -> bool {
        self.subscribed && self.behind
    }

    /// Everything is being repeated now.
    pub(super) fn caught_up(&mut self) {
        self.behind = false;
    }

    /// Says one thing.
    pub(super) fn tell(&mut self, event: Event) {
        if self.listens()
            && let Some(link) = &self.link
            && !link.offer(&Report::Event(event))
        {
            self.behind = true;
        }
    }

    /// Waits until all that was said is on its way, at most `longest`.
    pub(super) async fn flush(&self, longest: std::time::Duration) {
        if let Some(link) = &self.link {
            link.flush(longest).await;
        }
    }

    /// Says it even when much waits already: answers to questions.
    pub(super) fn answer(&self, report: &Report) {
        if let Some(link) = &self.link {
            link.send(report);
        }
    }
}

/// Facts of the daemon that a snapshot begins with.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) started: Wall,
    pub(super) reloaded: Option<Wall>,
    pub(super) config_file: Box<str>,
    pub(super) namespace: Option<Box<str>>,
    pub(super) instance: Option<Box<str>>,
    pub(super) supervisor: u32,
    pub(super) host_name: Box<str>,
}

impl Identity {
    /// For the first event and the head of each snapshot.
    pub(super) fn daemon(&self, config: &Config) -> Daemon {
        Daemon {
            version: env!("CARGO_PKG_VERSION").into(),
            pid: self.supervisor,
            vrrp_pid: std::process::id(),
            started: self.started,
            reloaded: self.reloaded,
            config_file: self.config_file.clone(),
            global: Arc::new(config.global.clone()),
            router_id: config
                .global
                .router_id
                .clone()
                .unwrap_or_else(|| self.host_name.clone()),
            net_namespace: self.namespace.clone(),
            instance: self.instance.clone(),
        }
    }
}

/// Everything at one moment.
pub(super) fn snapshot(
    daemon: Daemon,
    sources: &Sources<'_>,
    order: &[InstanceId],
    known: &HashMap<InstanceId, Known>,
    config: &Config,
    scripts: Vec<Script>,
) -> Snapshot {
    let [addresses_applied, routes_applied, rules_applied] = sources.statics.applied();
    Snapshot {
        taken: sources.clocks.wall(sources.clocks.now),
        daemon,
        instances: order
            .iter()
            .filter_map(|id| Some(sources.instance(*id, known.get(id)?)))
            .collect(),
        groups: groups(sources, order, config),
        scripts,
        files: Vec::new(),
        processes: Vec::new(),
        bfds: Vec::new(),
        interfaces: interfaces(sources, config),
        statics: Statics {
            addresses: config.vrrp.static_addresses.clone(),
            addresses_applied,
            routes: config.vrrp.static_routes.clone(),
            routes_applied,
            rules: config.vrrp.static_rules.clone(),
            rules_applied,
            groups: config.vrrp.track_groups.clone(),
        },
        garp_groups: config.vrrp.garp_groups.clone(),
        sockets: sources.pool.status(order),
    }
}

fn groups(sources: &Sources<'_>, order: &[InstanceId], config: &Config) -> Vec<Group> {
    if config.vrrp.sync_groups.is_empty() {
        return Vec::new();
    }
    let mut found: HashMap<&str, Group> = HashMap::new();
    for view in order.iter().filter_map(|id| sources.engine.view(*id)) {
        let Some((now, settings)) = view.group.and_then(|id| sources.engine.group(id)) else {
            continue;
        };
        let group = found.entry(&*settings.name).or_insert_with(|| Group {
            settings: Arc::new(settings.clone()),
            state: state(now),
            faults: 0,
            members_init: 0,
        });
        group.faults += u32::from(view.state == EngineState::Fault && !view.awaiting);
        group.members_init += u32::from(view.awaiting);
    }
    let names = config.vrrp.sync_groups.iter().map(|group| &*group.name);
    names.filter_map(|name| found.remove(name)).collect()
}

fn interfaces(sources: &Sources<'_>, config: &Config) -> Vec<Interface> {
    let world = sources.world;
    let changeable = config.global.dynamic_interfaces == DynamicInterfaces::AllowChanges;
    let instances = config.vrrp.instances.iter();
    let ours: HashSet<IfName> = instances.flat_map(super::vmac::names).collect();
    world
        .interfaces()
        .filter_map(|i| {
            let link = &i.link;
            let name = IfName::new(&link.name)?;
            Some(Interface {
                name,
                ours: ours.contains(&name),
                index: link.index,
                up: link.flags.up(),
                running: link.flags.running(),
                mac: link.address.octets().to_vec(),
                broadcast_mac: link.broadcast.octets().to_vec(),
                mtu: link.mtu,
                hardware: link.hardware_type.0,
                multicast: link.flags.multicast(),
                // The other end of a veth pair is a parent to netlink too, but nothing lies on it.
                base: matches!(link.kind, LinkKind::Macvlan { .. } | LinkKind::Ipvlan { .. })
                    .then_some(link.parent)
                    .flatten()
                    .and_then(|parent| {
                        let base = &world.indexed(parent)?.link;
                        Some(Base {
                            name: IfName::new(&base.name)?,
                            up: base.flags.up(),
                            running: base.flags.running(),
                        })
                    }),
                addresses: i.addresses.iter().map(|a| a.local).collect(),
                watch: LinkWatch {
                    changeable: changeable && !link.flags.loopback(),
                    ..sources.links.watch(&name, world)
                },
            })
        })
        .collect()
}

/// A tracked script as displays see it. `status` is the verdict, `None` before the first.
pub(super) fn script(
    settings: Arc<keepalived_model::script::TrackScript>,
    good: Option<bool>,
    result: u32,
    checks: &Checks,
    tracker: keepalived_vrrp::TrackerId,
) -> Script {
    let (last, running) = checks.state(tracker);
    Script {
        settings,
        status: match good {
            None => ScriptStatus::Init,
            Some(true) => ScriptStatus::Good,
            Some(false) => ScriptStatus::Bad,
        },
        result,
        exit_code: match last {
            Some(super::checks::Verdict::Exited(status)) => Some(status),
            _ => None,
        },
        running,
    }
}

/// The change that says all live facts at once.
pub(super) fn all_live(live: Live) -> Change {
    Change::Live(Box::new(live))
}
