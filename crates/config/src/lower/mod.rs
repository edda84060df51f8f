//! From typed entries to the model: defaults, normalisation, late resolution, corrections.
//!
//! [`Lowering`] takes top-level statements as they are read and keeps drafts, not trees; [`Lowering::finish`] resolves what
//! may come in any order (global settings, members, groups of virtual servers) and gives the model.

mod bfd;
pub mod defaults;
pub mod global;
mod hmac;
mod instance;
mod lvs;
mod names;
mod normalise;
mod script;
pub mod scripts;
mod statics;
mod sync;
mod track;

use std::{collections::HashSet, path::PathBuf};

use keepalived_model::{
    bfd::BfdInstance,
    config::Config,
    global::{DynamicInterfaces, Global},
    units::IfName,
    vrrp::{Instance, UpDownDelay, Vrrp},
};

pub use self::normalise::{FAULT_NO_PEER, seconds};
use self::{
    defaults::{LvsDefaults, VrrpDefaults},
    instance::Draft,
    names::Names,
    normalise::Finishing,
    statics::Statics,
    sync::{GroupDraft, TrackGroupDraft},
    track::Trackables,
};
use crate::{
    check::{codes, vrid},
    diag::{Diagnostic, Diagnostics},
    facts::Facts,
    grammar::{self, Context},
    secrets::Secrets,
    table::ROOT,
    tree::Statement,
    typed::{Entry, Seen},
};

/// Takes top-level statements one by one and makes the model of them.
#[derive(Debug)]
pub struct Lowering<'f> {
    cx: Context<'f>,
    /// Statements of the global settings, which apply to what stands before them too.
    globals: Vec<Statement>,
    seen: Seen,
    trackables: Trackables,
    instances: Vec<Draft>,
    instance_names: Names,
    groups: Vec<GroupDraft>,
    group_names: Names,
    track_groups: Vec<TrackGroupDraft>,
    track_group_names: Names,
    statics: Statics,
    bfd: Vec<BfdInstance>,
    bfd_peers: bfd::Peers,
    services: lvs::Services,
}

impl<'f> Lowering<'f> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(facts: &'f dyn Facts) -> Self {
        Self {
            cx: Context::new(facts),
            globals: Vec::new(),
            seen: Seen::default(),
            trackables: Trackables::default(),
            instances: Vec::new(),
            instance_names: Names::new("vrrp_instance"),
            groups: Vec::new(),
            group_names: Names::new("vrrp_sync_group"),
            track_groups: Vec::new(),
            track_group_names: Names::new("track_group"),
            statics: Statics::default(),
            bfd: Vec::new(),
            bfd_peers: bfd::Peers::default(),
            services: lvs::Services::default(),
        }
    }

    /// Takes one top-level statement; the tree is not kept.
    pub fn statement(&mut self, statement: Statement) {
        if global::is_global(statement.keyword()) {
            self.iproute_directories(&statement);
            self.globals.push(statement);
            return;
        }
        let Some(entry) = self.cx.typing.entry(&ROOT, &mut self.seen, &statement) else {
            return;
        };
        match entry.name() {
            "vrrp_instance" => self.instance(&entry),
            "vrrp_script" => self.trackables.script(&mut self.cx, &entry),
            "track_file" => self.trackables.file(&mut self.cx, &entry),
            "vrrp_track_process" => self.trackables.process(&mut self.cx, &entry),
            "vrrp_sync_group" => self.sync_group(&entry),
            "track_group" => self.track_group(&entry),
            "bfd_instance" => bfd::read(
                &mut self.cx,
                &mut self.trackables.bfd_names,
                &mut self.bfd,
                &mut self.bfd_peers,
                &entry,
            ),
            "static_ipaddress" | "static_routes" | "static_rules" => {
                self.statics.items(&mut self.cx, &self.track_group_names, &entry);
            }
            "virtual_server" => self
                .services
                .service(&mut self.cx, &mut self.trackables, &self.bfd, &entry),
            "virtual_server_group" => self.services.group(&mut self.cx, &entry),
            "SSL" => self.services.ssl(&mut self.cx, &entry),
            "garp_group" => self.statics.garp_group(&mut self.cx, &entry),
            "linkbeat_interfaces" => {
                for line in entry.body() {
                    let item = grammar::link::linkbeat(&mut self.cx, &line.words);
                    self.statics.linkbeats.extend(item);
                }
            }
            "interface_up_down_delays" => {
                for line in entry.body() {
                    let item = grammar::link::up_down_delay(&mut self.cx, &line.words);
                    self.statics.up_down_delays.extend(item);
                }
            }
            _ => {}
        }
    }

    /// Names in routes and rules are looked up when they are read, so these two count from where they stand.
    fn iproute_directories(&mut self, statement: &Statement) {
        let body = statement.body.as_ref().map_or(&[][..], |b| &b.statements);
        for inner in body {
            let directory = || inner.args().first().map(|w| PathBuf::from(&*w.text));
            match inner.keyword() {
                "iproute_etc_dir" => self.cx.iproute_etc = directory(),
                "iproute_usr_dir" => self.cx.iproute_usr = directory(),
                _ => {}
            }
        }
    }

    fn instance(&mut self, entry: &Entry<'_>) {
        if !self.new_name(entry, NameKind::Instance) {
            return;
        }
        let draft = instance::read(&mut self.cx, &mut self.trackables, &self.bfd, entry);
        self.instances.push(draft);
    }

    fn sync_group(&mut self, entry: &Entry<'_>) {
        if self.new_name(entry, NameKind::Group) {
            let draft = sync::read_group(&mut self.cx, &mut self.trackables, &self.bfd, entry);
            self.groups.push(draft);
        }
    }

    fn track_group(&mut self, entry: &Entry<'_>) {
        if self.new_name(entry, NameKind::TrackGroup) {
            let draft = sync::read_track_group(&mut self.cx, entry);
            self.track_groups.push(draft);
        }
    }

    /// Notes the name of a block; says so and gives `false` when it is taken.
    fn new_name(&mut self, entry: &Entry<'_>, kind: NameKind) -> bool {
        let (names, index, code) = match kind {
            NameKind::Instance => (
                &mut self.instance_names,
                self.instances.len(),
                &codes::INSTANCE_DUPLICATE,
            ),
            NameKind::Group => (&mut self.group_names, self.groups.len(), &codes::GROUP_DUPLICATE),
            NameKind::TrackGroup => (
                &mut self.track_group_names,
                self.track_groups.len(),
                &codes::GROUP_DUPLICATE,
            ),
        };
        let (name, span) = (entry.text(0), entry.span_of(0));
        let Some(before) = names.add(name, index, span) else {
            return true;
        };
        self.cx.typing.say(
            Diagnostic::new(
                code,
                span,
                format!(
                    "{} {name} is already defined; this block is ignored",
                    entry.keyword.name
                ),
            )
            .label(before, "the first is here")
            .help("give it another name"),
        );
        false
    }

    /// The instance of `lvs_sync_daemon` may come in any order, but it must come.
    fn sync_daemon(&mut self, global: &mut Global) {
        let name = global.lvs.sync_daemon.as_ref().and_then(|d| d.instance.clone());
        if let Some(name) = name.filter(|name| self.instance_names.get(name).is_none()) {
            self.cx.say(
                &codes::SYNC_DAEMON_INSTANCE,
                None,
                format!("lvs_sync_daemon names the unknown vrrp_instance {name}; it is cleared"),
            );
            global.lvs.sync_daemon = None;
        }
    }

    /// Resolves what may come in any order, fills in defaults and corrects. What was said may repeat secrets of the configuration;
    /// [`crate::load`] hides them.
    #[must_use]
    pub fn finish(self) -> (Config, Diagnostics) {
        let (config, diagnostics, _) = self.end();
        (config, diagnostics)
    }

    /// The same, with the words that must not be shown.
    pub(crate) fn end(mut self) -> (Config, Diagnostics, Secrets) {
        let lowered = global::lower(&mut self.cx.typing, self.cx.facts, &self.globals);
        let (mut global, mut scripts) = (lowered.global, lowered.scripts);
        self.sync_daemon(&mut global);
        let defaults = VrrpDefaults::from(&global);
        let mut vrrp = Vrrp::default();
        (vrrp.scripts, vrrp.files, vrrp.processes) =
            std::mem::take(&mut self.trackables).finish(&mut self.cx, &mut scripts);
        let usable: HashSet<Box<str>> = vrrp.scripts.iter().map(|s| s.name.clone()).collect();
        sync::inherit_notify(&self.groups, &self.instance_names, &mut self.instances);
        vrrp.instances.reserve_exact(self.instances.len());
        let mut places = Vec::with_capacity(self.instances.len());
        let mut wishes = Vec::with_capacity(self.instances.len());
        let mut with = Finishing {
            cx: &mut self.cx,
            scripts: &mut scripts,
            defaults: &defaults,
            usable: &usable,
        };
        for draft in std::mem::take(&mut self.instances) {
            let (span, wish) = (draft.span, draft.wish());
            if let Some(instance) = normalise::finish(&mut with, draft) {
                vrrp.instances.push(instance);
                places.push(span);
                wishes.push(wish);
            }
        }
        vrrp.sync_groups = sync::finish_groups(&mut with, self.groups, &mut vrrp.instances, &wishes);
        vrrp.track_groups = sync::finish_track_groups(with.cx, self.track_groups, &vrrp.instances);
        drop_unreferenced(&mut vrrp);
        vrid::check(
            with.cx,
            &mut vrrp.instances,
            &places,
            &vrrp.sync_groups,
            defaults.dynamic_interfaces,
        );
        self.statics.finish(&mut self.cx, &defaults, &mut vrrp);
        limit_delays(&vrrp.instances, &mut vrrp.up_down_delays);
        missing_interfaces(&mut self.cx, defaults.dynamic_interfaces);
        let lvs = lvs::finish(&mut self.cx, &mut scripts, LvsDefaults::from(&global), self.services);
        scripts.finish(&mut self.cx.typing.diagnostics);
        let config = Config {
            global,
            vrrp,
            lvs,
            bfd: self.bfd,
        };
        (config, self.cx.typing.diagnostics, self.cx.typing.secrets)
    }
}

/// Blocks whose second occurrence is skipped.
#[derive(Clone, Copy)]
enum NameKind {
    Instance,
    Group,
    TrackGroup,
}

/// Scripts whose last reference was dropped because its weight has no effect never run.
fn drop_unreferenced(vrrp: &mut Vrrp) {
    let lists = vrrp.instances.iter().map(|i| &i.track);
    let lists = lists.chain(vrrp.sync_groups.iter().map(|g| &g.track));
    let used: HashSet<&str> = lists.flat_map(|t| t.scripts.iter().map(|r| &*r.name)).collect();
    vrrp.scripts.retain(|script| used.contains(&*script.name));
}

/// 13.1 item 1.
fn missing_interfaces(cx: &mut Context<'_>, dynamic: DynamicInterfaces) {
    let missing = std::mem::take(&mut cx.missing_interfaces);
    if dynamic != DynamicInterfaces::Off {
        return;
    }
    for (span, name) in missing {
        cx.say_help(
            &codes::MISSING_INTERFACE,
            span,
            format!("interface {name} does not exist"),
            "correct the name, or write `dynamic_interfaces` in `global_defs` when it comes later",
        );
    }
}

/// `vrrp.md` 2.2 item 18: a link change must count before the master down timer expires.
fn limit_delays(instances: &[Instance], delays: &mut [UpDownDelay]) {
    if delays.is_empty() {
        return;
    }
    let mut by_interface: std::collections::HashMap<IfName, &mut UpDownDelay> =
        delays.iter_mut().map(|d| (d.interface, d)).collect();
    for instance in instances {
        let Some(delay) = instance.interface.and_then(|name| by_interface.get_mut(&name)) else {
            continue;
        };
        let advert = instance.advert_interval.as_micros();
        let limit = advert
            .saturating_mul(u64::from(instance.down_timer_adverts.saturating_sub(1)))
            .saturating_sub(advert / 256);
        if instance.down_timer_adverts == 1 {
            delay.up = keepalived_model::time::Micros::ZERO;
            delay.down = keepalived_model::time::Micros::ZERO;
        } else {
            let limit = keepalived_model::time::Micros(limit);
            (delay.down, delay.up) = (delay.down.min(limit), delay.up.min(limit));
        }
    }
}
