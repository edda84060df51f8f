//! Lines of `virtual_routes` and `static_routes` (`vrrp.md` 9.3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keepalived_model::{
    address::Prefixed,
    route::{Metric, NextHop, PROTOCOL_KEEPALIVED, Route, RouteMetrics, RoutePosition, RouteType},
    units::Family,
};

use super::{Context, Words, address, encap, iproute, number, prefixed};
use crate::{check::codes, diag::Diagnostic, suggest::nearest, table::STATIC_ROUTES_ITEM, tree::Word};

/// Type words of a route.
pub const TYPES: [(&str, RouteType); 12] = [
    ("local", RouteType::LOCAL),
    ("nat", RouteType::NAT),
    ("broadcast", RouteType::BROADCAST),
    ("brd", RouteType::BROADCAST),
    ("anycast", RouteType::ANYCAST),
    ("multicast", RouteType::MULTICAST),
    ("prohibit", RouteType::PROHIBIT),
    ("unreachable", RouteType::UNREACHABLE),
    ("blackhole", RouteType::BLACKHOLE),
    ("xresolve", RouteType::XRESOLVE),
    ("unicast", RouteType::UNICAST),
    ("throw", RouteType::THROW),
];

/// A route while it is read.
struct Draft {
    route: Route,
    family: Option<Family>,
    has_destination: bool,
    protocol_word: Option<crate::source::Span>,
    or: Option<IpAddr>,
}

/// Reads one route line. `None`: it is dropped, and that was said.
pub fn parse(cx: &mut Context<'_>, words: &[Word], is_static: bool) -> Option<Route> {
    let mut line = Words::new(words);
    let mut draft = Draft {
        route: Route::plain(unspecified(Family::V4)),
        family: None,
        has_destination: false,
        protocol_word: None,
        or: None,
    };
    while let Some(word) = line.take() {
        draft.option(cx, &mut line, word, is_static)?;
    }
    draft.finish(cx, words)
}

/// keepalived skips the word after `inet` and `inet6`; lines that were written for that (a word that means nothing) still work.
fn skip_dummy(cx: &mut Context<'_>, line: &mut Words<'_>, option: &Word) {
    let Some(next) = line.peek() else { return };
    let text = &*next.text;
    let means_something = text.bytes().all(|b| b.is_ascii_digit())
        || STATIC_ROUTES_ITEM.has(text)
        || matches!(text, "default" | "default6" | "any" | "all")
        || TYPES.iter().any(|(name, _)| *name == text)
        || text.split('/').next().is_some_and(|t| t.parse::<IpAddr>().is_ok());
    if !means_something {
        line.take();
        cx.say(
            &codes::ROUTE_OPTION,
            next.span,
            format!(
                "`{text}` after `{}` means nothing; it is skipped, as keepalived would",
                option.text
            ),
        );
    }
}

/// The default route of a family.
fn unspecified(family: Family) -> Prefixed {
    let address = match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Family::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    Prefixed { address, prefix_len: 0 }
}

/// Says why a route is dropped.
fn dropped<T>(cx: &mut Context<'_>, word: &Word, why: impl AsRef<str>) -> Option<T> {
    cx.say(
        &codes::ROUTE_DROPPED,
        word.span,
        format!("{}; the route is dropped", why.as_ref()),
    );
    None
}

impl Draft {
    /// The family becomes known, or contradicts what is known already.
    fn family(&mut self, cx: &mut Context<'_>, family: Family, word: &Word) -> Option<()> {
        match self.family {
            Some(known) if known != family => dropped(
                cx,
                word,
                format!("`{}` is {family} but the route is {known}", word.text),
            ),
            _ => {
                self.family = Some(family);
                Some(())
            }
        }
    }

    fn option(&mut self, cx: &mut Context<'_>, line: &mut Words<'_>, word: &Word, is_static: bool) -> Option<()> {
        match &*word.text {
            "inet" => {
                self.family(cx, Family::V4, word)?;
                skip_dummy(cx, line, word);
            }
            "inet6" => {
                self.family(cx, Family::V6, word)?;
                skip_dummy(cx, line, word);
            }
            "to" => {
                let mut value = line.argument(cx, word)?;
                if self.type_word(value) {
                    value = line.argument(cx, word)?;
                }
                self.destination(cx, value)?;
            }
            "via" | "gw" => self.route.gateway = Some(self.gateway(cx, line, word)?),
            "or" => {
                let gateway = self.gateway(cx, line, word)?;
                if self.or.is_some() {
                    cx.say(
                        &codes::ROUTE_OPTION,
                        word.span,
                        "only one `or` is possible; this one is ignored",
                    );
                } else {
                    self.or = Some(gateway);
                }
            }
            "nexthop" => self.nexthops(cx, line),
            "src" => {
                let value = line.argument(cx, word)?;
                let source = address(cx, value)?;
                self.family(cx, Family::of(source), value)?;
                self.route.source = Some(source);
            }
            "from" => {
                let value = line.argument(cx, word)?;
                if matches!(&*value.text, "default" | "any" | "all") {
                    return dropped(cx, value, format!("`from {}` is not possible in a route", value.text));
                }
                let from = prefixed(cx, value)?;
                if from.family() == Family::V4 {
                    return dropped(cx, value, "`from` is possible in IPv6 routes only");
                }
                self.family(cx, Family::V6, value)?;
                self.route.from = Some(from);
            }
            "dev" | "oif" => {
                let value = line.argument(cx, word)?;
                self.route.interface = Some(cx.interface_word(value)?);
            }
            "vrf" => {
                let value = line.argument(cx, word)?;
                self.route.vrf = Some(cx.interface_word(value)?);
            }
            "track_group" if is_static => {
                let value = line.argument(cx, word)?;
                self.route.track_group.get_or_insert_with(|| value.text.clone());
            }
            "no_track" => self.route.no_track = true,
            "onlink" => self.route.onlink = true,
            "add" => self.route.position = RoutePosition::Add,
            "append" => self.route.position = RoutePosition::Append,
            "prepend" => self.route.position = RoutePosition::Prepend,
            "encap" => self.route.encap = encap::parse(cx, line, word).map(Box::new),
            "as" => {
                line.eat("to");
                line.take();
                cx.say(&codes::ROUTE_OPTION, word.span, "`as` is not supported; it is ignored");
            }
            "tos" | "dsfield" | "table" | "protocol" | "scope" | "metric" | "priority" | "preference" | "expires"
            | "realms" | "pref" | "ttl-propagate" => self.attribute(cx, line, word)?,
            _ if METRICS.contains(&&*word.text) => self.metric(cx, line, word)?,
            _ => self.other(cx, word)?,
        }
        Some(())
    }

    /// A type, a destination, or something unknown.
    fn other(&mut self, cx: &mut Context<'_>, word: &Word) -> Option<()> {
        if self.type_word(word) {
            return Some(());
        }
        if self.has_destination {
            return self.unknown(cx, word);
        }
        self.destination(cx, word)
    }

    /// Is this a type, by name or number? Then it is taken.
    fn type_word(&mut self, word: &Word) -> bool {
        let named = TYPES
            .iter()
            .find(|(name, _)| *name == &*word.text)
            .map(|(_, kind)| *kind);
        let numbered = || {
            word.text
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| number::dec(&word.text, 0, 255).ok().map(RouteType))
        };
        let Some(kind) = named.or_else(|| numbered().flatten()) else {
            return false;
        };
        self.route.kind = Some(kind);
        // Observed with keepalived 2.2.7: the type means `add` too; a later word wins.
        self.route.position = RoutePosition::Add;
        true
    }

    fn unknown(&self, cx: &mut Context<'_>, word: &Word) -> Option<()> {
        let mut diagnostic = Diagnostic::new(
            &codes::ROUTE_DROPPED,
            word.span,
            format!("`{}` is no option of a route; the route is dropped", word.text),
        );
        if let Some(near) = nearest(&word.text, STATIC_ROUTES_ITEM.names().chain(["default"])) {
            diagnostic = diagnostic.fix(word.span, near, format!("write `{near}` instead"));
        }
        cx.typing.say(diagnostic);
        None
    }

    fn destination(&mut self, cx: &mut Context<'_>, word: &Word) -> Option<()> {
        let destination = match &*word.text {
            "default" | "any" | "all" => unspecified(self.family.unwrap_or(Family::V4)),
            "default6" => unspecified(Family::V6),
            text if text.split('/').next().is_some_and(|t| t.parse::<IpAddr>().is_ok()) => prefixed(cx, word)?,
            _ => return self.unknown(cx, word),
        };
        // `default` alone says nothing about the family: a later `via` may.
        if &*word.text == "default6" || word.text.contains(['.', ':']) {
            self.family(cx, destination.family(), word)?;
        }
        self.route.destination = destination;
        self.has_destination = true;
        Some(())
    }

    /// `[inet|inet6] ADDRESS` after `via`; the other family is possible (RFC 8950 style next hops).
    fn gateway(&mut self, cx: &mut Context<'_>, line: &mut Words<'_>, option: &Word) -> Option<IpAddr> {
        let written = if line.eat("inet") {
            Some(Family::V4)
        } else if line.eat("inet6") {
            Some(Family::V6)
        } else {
            None
        };
        let value = line.argument(cx, option)?;
        let gateway = address(cx, value)?;
        let family = Family::of(gateway);
        match written {
            Some(written) if written != family => dropped(cx, value, format!("`{}` is not {written}", value.text)),
            // A family word means: whatever the family of the route is.
            Some(_) => Some(gateway),
            None => {
                self.family(cx, family, value)?;
                Some(gateway)
            }
        }
    }

    fn attribute(&mut self, cx: &mut Context<'_>, line: &mut Words<'_>, word: &Word) -> Option<()> {
        let value = line.argument(cx, word)?;
        let byte = |n: u32| u8::try_from(n).ok();
        match &*word.text {
            "tos" | "dsfield" => self.route.tos = byte(cx.iproute_number(iproute::Kind::Tos, value)?)?,
            "table" => self.route.table = cx.iproute_number(iproute::Kind::Table, value)?,
            "protocol" => {
                self.route.protocol = byte(cx.iproute_number(iproute::Kind::Protocol, value)?)?;
                self.protocol_word = Some(value.span);
            }
            "scope" => self.route.scope = Some(byte(cx.iproute_number(iproute::Kind::Scope, value)?)?),
            "metric" | "priority" | "preference" => self.route.metric = Some(whole(cx, value)?),
            "expires" => {
                self.family(cx, Family::V6, word)?;
                self.route.expires = Some(whole(cx, value)?);
            }
            "realms" => {
                self.family(cx, Family::V4, word)?;
                self.route.realms = Some(realms(cx, value)?);
            }
            "pref" => {
                self.family(cx, Family::V6, word)?;
                self.route.pref = Some(match &*value.text {
                    "medium" => 0,
                    "high" => 1,
                    "low" => 3,
                    text => match number::c_max(text, 255) {
                        Ok(n) => u8::try_from(n).ok()?,
                        Err(_) => return dropped(cx, value, format!("`{text}` is none of low, medium, high")),
                    },
                });
            }
            _ => match &*value.text {
                "enabled" => self.route.ttl_propagate = Some(true),
                "disabled" => self.route.ttl_propagate = Some(false),
                _ => cx.say_help(
                    &codes::ROUTE_OPTION,
                    value.span,
                    format!("`{}` is not possible after `ttl-propagate`", value.text),
                    "write enabled or disabled",
                ),
            },
        }
        Some(())
    }

    fn metric(&mut self, cx: &mut Context<'_>, line: &mut Words<'_>, word: &Word) -> Option<()> {
        let name = &*word.text;
        let lock = LOCKABLE.contains(&name) && line.eat("lock");
        let value = line.argument(cx, word)?;
        let metrics: &mut RouteMetrics = self.route.metrics.get_or_insert_default();
        match name {
            "mtu" => metrics.mtu = Some(locked(cx, value, lock)?),
            "advmss" => metrics.advmss = Some(locked(cx, value, lock)?),
            "reordering" => metrics.reordering = Some(locked(cx, value, lock)?),
            "cwnd" => metrics.cwnd = Some(locked(cx, value, lock)?),
            "ssthresh" => metrics.ssthresh = Some(locked(cx, value, lock)?),
            "window" => metrics.window = Some(whole(cx, value)?),
            "initcwnd" => metrics.initcwnd = Some(whole(cx, value)?),
            "initrwnd" => metrics.initrwnd = Some(whole(cx, value)?),
            "hoplimit" => match number::dec(&value.text, 0, 255) {
                Ok(limit) => metrics.hoplimit = Some(limit),
                Err(_) => return dropped(cx, value, format!("`{}` is no hop limit", value.text)),
            },
            "rtt" => metrics.rtt_ms = Some(round_trip(cx, value, 8, lock)?),
            "rttvar" => metrics.rttvar_ms = Some(round_trip(cx, value, 4, lock)?),
            "rto_min" => metrics.rto_min_ms = Some(round_trip(cx, value, 1, lock)?),
            "features" => {
                if &*value.text == "ecn" {
                    metrics.ecn = true;
                } else {
                    cx.say_help(
                        &codes::ROUTE_OPTION,
                        value.span,
                        format!("`{}` is no feature", value.text),
                        "the only feature is ecn",
                    );
                }
            }
            "quickack" => metrics.quickack = Some(bit(cx, value)?),
            "fastopen_no_cookie" => metrics.fastopen_no_cookie = Some(bit(cx, value)?),
            _ => metrics.congctl = Some((value.text.clone(), lock)),
        }
        Some(())
    }

    /// Everything up to the end of the line.
    fn nexthops(&mut self, cx: &mut Context<'_>, line: &mut Words<'_>) {
        loop {
            let mut hop = NextHop::default();
            if self.nexthop(cx, line, &mut hop).is_none() {
                // The rest of the next hops is dropped, the route stays (`keywords.tsv`).
                while line.take().is_some() {}
                return;
            }
            self.route.nexthops.push(hop);
            if !line.eat("nexthop") {
                if let Some(word) = line.peek() {
                    cx.say(
                        &codes::ROUTE_OPTION,
                        word.span,
                        format!("`{}` after the next hops is ignored", word.text),
                    );
                }
                while line.take().is_some() {}
                return;
            }
        }
    }

    fn nexthop(&mut self, cx: &mut Context<'_>, line: &mut Words<'_>, hop: &mut NextHop) -> Option<()> {
        while let Some(word) = line.peek() {
            match &*word.text {
                "via" | "gw" => {
                    line.take();
                    hop.gateway = Some(self.gateway(cx, line, word)?);
                }
                "dev" | "oif" => {
                    line.take();
                    let value = line.argument(cx, word)?;
                    hop.interface = Some(cx.interface_word(value)?);
                }
                "weight" => {
                    line.take();
                    let value = line.argument(cx, word)?;
                    match number::dec(&value.text, 1, 256) {
                        Ok(weight) => hop.weight = weight,
                        Err(_) => {
                            cx.say_help(
                                &codes::ROUTE_OPTION,
                                value.span,
                                format!("`{}` is no weight of a next hop", value.text),
                                "write a number from 1 to 256",
                            );
                            return None;
                        }
                    }
                }
                "onlink" => {
                    line.take();
                    hop.onlink = true;
                }
                "encap" => {
                    line.take();
                    hop.encap = encap::parse(cx, line, word).map(Box::new);
                }
                "realms" => {
                    line.take();
                    let value = line.argument(cx, word)?;
                    hop.realms = Some(realms(cx, value)?);
                }
                "as" => {
                    line.take();
                    line.eat("to");
                    line.take();
                    cx.say(&codes::ROUTE_OPTION, word.span, "`as` is not supported");
                }
                _ => break,
            }
        }
        Some(())
    }

    fn finish(mut self, cx: &mut Context<'_>, words: &[Word]) -> Option<Route> {
        let first = words.first()?;
        if !self.has_destination {
            cx.say_help(
                &codes::ROUTE_DROPPED,
                first.span,
                "the route has no destination; it is dropped",
                "write a prefix such as 192.0.2.0/24, or `default`",
            );
            return None;
        }
        self.route.family = self.family.unwrap_or(Family::V4);
        if self.route.destination.prefix_len == 0 && self.route.destination.family() != self.route.family {
            self.route.destination = unspecified(self.route.family);
        }
        if let Some(other) = self.or {
            if self.route.nexthops.is_empty() {
                for gateway in [self.route.gateway.take(), Some(other)] {
                    self.route.nexthops.push(NextHop {
                        gateway,
                        interface: self.route.interface,
                        ..NextHop::default()
                    });
                }
                self.route.interface = None;
            } else {
                cx.say(
                    &codes::ROUTE_OPTION,
                    first.span,
                    "`or` and `nexthop` exclude each other; `or` is ignored",
                );
            }
        }
        if let (Some(span), false) = (self.protocol_word, self.route.no_track) {
            if self.route.protocol != PROTOCOL_KEEPALIVED {
                cx.say_help(
                    &codes::PROTOCOL_RESET,
                    span,
                    format!("a tracked route always has protocol {PROTOCOL_KEEPALIVED}"),
                    "add `no_track` to keep another protocol",
                );
            }
            self.route.protocol = PROTOCOL_KEEPALIVED;
        }
        if self.route.track_group.is_some() && self.route.interface.is_none() {
            cx.say_help(
                &codes::TRACK_GROUP_WITHOUT_INTERFACE,
                first.span,
                "`track_group` has no effect on a route without `dev`; it is dropped",
                "add `dev INTERFACE`",
            );
            self.route.track_group = None;
        }
        Some(self.route)
    }
}

/// Metrics that may be preceded by `lock`.
const LOCKABLE: [&str; 9] = [
    "mtu",
    "advmss",
    "reordering",
    "cwnd",
    "ssthresh",
    "rtt",
    "rttvar",
    "rto_min",
    "congctl",
];
/// All route metrics.
const METRICS: [&str; 16] = [
    "mtu",
    "advmss",
    "reordering",
    "cwnd",
    "ssthresh",
    "rtt",
    "rttvar",
    "rto_min",
    "congctl",
    "window",
    "initcwnd",
    "initrwnd",
    "hoplimit",
    "features",
    "quickack",
    "fastopen_no_cookie",
];

fn whole(cx: &mut Context<'_>, value: &Word) -> Option<u32> {
    match number::dec(&value.text, 0, i64::from(u32::MAX)) {
        Ok(number) => Some(number),
        Err(_) => dropped(cx, value, format!("`{}` is no number from 0 to 4294967295", value.text)),
    }
}

fn locked(cx: &mut Context<'_>, value: &Word, lock: bool) -> Option<Metric> {
    Some(Metric {
        value: whole(cx, value)?,
        lock,
    })
}

fn bit(cx: &mut Context<'_>, value: &Word) -> Option<bool> {
    match &*value.text {
        "0" => Some(false),
        "1" => Some(true),
        text => dropped(cx, value, format!("`{text}` is neither 0 nor 1")),
    }
}

/// `REALM[/REALM]`: source realm in the upper half.
pub(super) fn realms(cx: &mut Context<'_>, value: &Word) -> Option<u32> {
    let piece = |text: &str| Word {
        text: text.into(),
        ..value.clone()
    };
    match value.text.split_once('/') {
        Some((from, to)) => {
            let from = cx.iproute_number(iproute::Kind::Realm, &piece(from))?;
            let to = cx.iproute_number(iproute::Kind::Realm, &piece(to))?;
            Some(from << 16 | to)
        }
        None => cx.iproute_number(iproute::Kind::Realm, value),
    }
}

/// A time in milliseconds, kept within 200 ms..120 s: `NUMBERs`, `NUMBERms`, or a bare number in the kernel's unit, of which a
/// millisecond has `per_milli`.
fn round_trip(cx: &mut Context<'_>, value: &Word, per_milli: u64, lock: bool) -> Option<Metric> {
    const LEAST: u64 = 200;
    const MOST: u64 = 120_000;
    let text = &*value.text;
    let (digits, scale, unit) = if let Some(digits) = text.strip_suffix("ms") {
        (digits, 1, 1)
    } else if let Some(digits) = text.strip_suffix('s') {
        (digits, 1000, 1)
    } else {
        (text, 1, per_milli)
    };
    let Some(micros) = decimal_thousandths(digits) else {
        return dropped(cx, value, format!("`{text}` is no time such as 300ms or 1.5s"));
    };
    let millis = micros.saturating_mul(scale) / (1000 * unit);
    let kept = millis.clamp(LEAST, MOST);
    if kept != millis {
        cx.say(
            &codes::ROUTE_OPTION,
            value.span,
            format!("`{text}` is outside 200ms..120s; {kept}ms is used"),
        );
    }
    Some(Metric {
        value: u32::try_from(kept).ok()?,
        lock,
    })
}

/// A decimal number in thousandths, rounded down; `None` for anything else (no exponents).
fn decimal_thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) || whole.len() > 12 {
        return None;
    }
    let mut value = whole.parse::<u64>().unwrap_or(0) * 1000;
    let mut weight = 100;
    for digit in fraction.bytes().take(3) {
        value += u64::from(digit - b'0') * weight;
        weight /= 10;
    }
    Some(value)
}
