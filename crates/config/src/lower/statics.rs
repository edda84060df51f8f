//! Static addresses, routes and rules, announcement pacing, link polling and debouncing.

use std::collections::HashSet;

use keepalived_model::{
    address::Address,
    route::{Route, Rule},
    time::Micros,
    units::IfName,
    vrrp::{GarpGroup, Linkbeat, UpDownDelay, Vrrp},
};

use super::{defaults::VrrpDefaults, names::Names};
use crate::{
    check::codes,
    grammar::{self, Context},
    source::Span,
    table::GARP_GROUP,
    tree::Statement,
    typed::{Entry, Seen},
};

/// Everything static, as far as read.
#[derive(Debug, Default)]
pub(crate) struct Statics {
    addresses: Vec<(Address, Span)>,
    routes: Vec<Route>,
    rules: Vec<Rule>,
    garp_groups: Vec<GarpGroup>,
    garp_interfaces: HashSet<IfName>,
    /// `linkbeat_interfaces`.
    pub(crate) linkbeats: Vec<Linkbeat>,
    /// `interface_up_down_delays`.
    pub(crate) up_down_delays: Vec<UpDownDelay>,
}

impl Statics {
    /// Reads `static_ipaddress`, `static_routes` or `static_rules`.
    pub(crate) fn items(&mut self, cx: &mut Context<'_>, track_groups: &Names, entry: &Entry<'_>) {
        for line in entry.body() {
            let span = line.words.first().map_or(line.span, |w| w.span);
            match entry.name() {
                "static_ipaddress" => {
                    if let Some(mut address) = grammar::address::parse(cx, &line.words, true) {
                        known_group(cx, track_groups, line, &mut address.track_group);
                        self.addresses.push((address, span));
                    }
                }
                "static_routes" => {
                    if let Some(mut route) = grammar::route::parse(cx, &line.words, true) {
                        known_group(cx, track_groups, line, &mut route.track_group);
                        self.routes.push(route);
                    }
                }
                _ => {
                    if let Some(mut rule) = grammar::rule::parse(cx, &line.words, true) {
                        known_group(cx, track_groups, line, &mut rule.track_group);
                        self.rules.push(rule);
                    }
                }
            }
        }
    }

    /// Reads a `garp_group` block.
    pub(crate) fn garp_group(&mut self, cx: &mut Context<'_>, entry: &Entry<'_>) {
        let (mut garp, mut gna) = (None, None);
        let mut interfaces = Vec::new();
        let mut seen = Seen::default();
        for statement in entry.body() {
            let Some(inner) = cx.typing.entry(&GARP_GROUP, &mut seen, statement) else {
                continue;
            };
            match inner.name() {
                "garp_interval" => garp = inner.opt_micros(0),
                "gna_interval" => gna = inner.opt_micros(0),
                "interface" => interfaces.extend(inner.word(0)),
                _ => {
                    let before = interfaces.len();
                    interfaces.extend(inner.names());
                    if interfaces.len() == before {
                        cx.say(&codes::GARP_GROUP, inner.span(), "the list of interfaces is empty");
                    }
                }
            }
        }
        if garp.is_none() && gna.is_none() {
            cx.say_help(
                &codes::GARP_GROUP,
                entry.span(),
                "the garp_group sets no interval; it is removed",
                "add `garp_interval SECONDS` or `gna_interval SECONDS`",
            );
            return;
        }
        let mut names = Vec::new();
        for word in interfaces {
            let Some(name) = cx.interface_word(word) else { continue };
            if cx.interface(name).is_some_and(|f| f.base.is_some()) {
                cx.say(
                    &codes::GARP_GROUP,
                    word.span,
                    format!("{name} is a virtual MAC interface; it is skipped"),
                );
            } else if !self.garp_interfaces.insert(name) {
                cx.say(
                    &codes::GARP_GROUP,
                    word.span,
                    format!("{name} is already in a garp_group; it is skipped"),
                );
            } else {
                names.push(name);
            }
        }
        self.garp_groups.push(GarpGroup {
            garp_interval: garp.unwrap_or(Micros::ZERO),
            gna_interval: gna.unwrap_or(Micros::ZERO),
            interfaces: names,
        });
    }

    /// Puts everything in its place once `default_interface` is known.
    pub(crate) fn finish(self, cx: &mut Context<'_>, defaults: &VrrpDefaults, vrrp: &mut Vrrp) {
        for (mut address, span) in self.addresses {
            if address.interface.is_none() {
                let name = defaults.default_interface.or_else(|| IfName::new("eth0"));
                let Some(name) = name.filter(|name| cx.interface(*name).is_some()) else {
                    cx.say_help(
                        &codes::MISSING_DEFAULT_INTERFACE,
                        span,
                        format!(
                            "the default interface {} of static address {} does not exist; the address is dropped",
                            defaults.default_interface.map_or("eth0".to_owned(), |n| n.to_string()),
                            address.local.address
                        ),
                        "add `dev INTERFACE`, or `default_interface INTERFACE` in `global_defs`",
                    );
                    continue;
                };
                address.interface = Some(name);
            }
            vrrp.static_addresses.push(address);
        }
        vrrp.static_routes = self.routes;
        vrrp.static_rules = self.rules;
        vrrp.garp_groups = self.garp_groups;
        vrrp.linkbeats = self.linkbeats;
        vrrp.up_down_delays = last_of_each(self.up_down_delays);
    }
}

/// A later line for the same interface replaces the earlier one.
fn last_of_each(mut delays: Vec<UpDownDelay>) -> Vec<UpDownDelay> {
    let mut seen = HashSet::new();
    delays.reverse();
    delays.retain(|d| seen.insert(d.interface));
    delays.reverse();
    delays
}

/// A `track_group` must be defined above the item that names it.
fn known_group(cx: &mut Context<'_>, groups: &Names, line: &Statement, group: &mut Option<Box<str>>) {
    let Some(name) = group.as_deref() else { return };
    if groups.get(name).is_some() {
        return;
    }
    let span = line
        .words
        .iter()
        .rev()
        .find(|w| &*w.text == name)
        .map_or(line.span, |w| w.span);
    let mut diagnostic = crate::diag::Diagnostic::new(
        &codes::TRACK_GROUP_UNKNOWN,
        span,
        format!("track_group {name} is not found; it is ignored"),
    );
    diagnostic = match groups.near(name, cx.suggestions()) {
        Some(near) => diagnostic.fix(span, near, format!("write `{near}` instead")),
        None => diagnostic.help("define the `track_group` above this block"),
    };
    cx.typing.say(diagnostic);
    *group = None;
}
