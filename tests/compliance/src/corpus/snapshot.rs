//! The state of a namespace as lines that can be compared: without numbers, times and orders that mean nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::lab::namespace::Namespace;
use crate::outcome::{Stop, Verdict};

/// Sections and their lines, sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    lines: Vec<String>,
}

/// What is asked for, and how an element of the answer is made a line.
const QUERIES: [(&str, &str); 8] = [
    ("addr", "ip -j addr"),
    ("link", "ip -j -d link"),
    ("route", "ip -j -d route show table all"),
    ("route6", "ip -j -d -6 route show table all"),
    ("rule", "ip -j -d rule"),
    ("rule6", "ip -j -d -6 rule"),
    ("nft", "nft -j list ruleset"),
    ("sysctl", SYSCTLS),
];

/// Settings that a virtual router changes, of all interfaces.
const SYSCTLS: &str = "cd /proc/sys/net && grep -H . ipv4/conf/*/arp_ignore ipv4/conf/*/arp_filter ipv4/conf/*/rp_filter \
                       ipv4/conf/*/accept_local ipv4/conf/*/promote_secondaries ipv4/conf/*/igmp* ipv6/conf/*/disable_ipv6 \
                       ipv6/conf/*/accept_ra ipv6/conf/*/addr_gen_mode 2>/dev/null || true";

/// Fields that differ from run to run.
const NOISE: [&str; 16] = [
    "ifindex",
    "handle",
    "index",
    "link_index",
    "stats",
    "stats64",
    "metainfo",
    "bytes",
    "packets",
    "txqlen",
    "numtxqueues",
    "numrxqueues",
    "hello_timer",
    "gc_timer",
    "used",
    "lastuse",
];

impl Snapshot {
    /// Asks the kernel.
    pub(super) fn take(namespace: &Namespace) -> Verdict<Self> {
        let mut lines = Vec::new();
        for (section, query) in QUERIES {
            let text = namespace.shell(query)?;
            if section == "sysctl" {
                lines.extend(text.lines().map(|line| format!("sysctl {line}")));
                continue;
            }
            let value: Value = if text.trim().is_empty() {
                Value::Array(Vec::new())
            } else {
                serde_json::from_str(&text).map_err(|error| Stop::Fail(format!("`{query}`: {error}: {text}")))?
            };
            match section {
                "addr" => addresses(&value, &mut lines),
                "nft" => ruleset(&value, &mut lines),
                _ => lines.extend(elements(&value).map(|element| line(section, element))),
            }
        }
        lines.sort_unstable();
        Ok(Self { lines })
    }

    /// Lines that only one of the two has.
    pub(super) fn differences(original: &Self, ours: &Self) -> Vec<String> {
        let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
        for line in &original.lines {
            *counts.entry(line).or_default() += 1;
        }
        for line in &ours.lines {
            *counts.entry(line).or_default() -= 1;
        }
        let told = counts.into_iter().filter(|(_, count)| *count != 0);
        told.map(|(line, count)| {
            let who = if count > 0 { "original" } else { "ours" };
            format!("only {who}: {line}")
        })
        .collect()
    }
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten().filter(|element| {
        // `ip -j` prints an empty object for what it cannot show in JSON.
        element.as_object().is_none_or(|object| !object.is_empty())
    })
}

fn line(section: &str, value: &Value) -> String {
    let name = value.get("ifname").and_then(Value::as_str).unwrap_or_default();
    format!("{section} {name} {}", clean(value))
}

fn addresses(links: &Value, lines: &mut Vec<String>) {
    for link in elements(links) {
        let name = link.get("ifname").and_then(Value::as_str).unwrap_or_default();
        let infos = link.get("addr_info").map(elements).into_iter().flatten();
        lines.extend(infos.map(|info| format!("addr {name} {}", clean(info))));
    }
}

/// Rules keep their order within a chain, all else has none.
fn ruleset(value: &Value, lines: &mut Vec<String>) {
    let mut rules: BTreeMap<String, usize> = BTreeMap::new();
    for object in value.get("nftables").map(elements).into_iter().flatten() {
        let Some((kind, content)) = object.as_object().and_then(|object| object.iter().next()) else {
            continue;
        };
        if kind == "metainfo" {
            continue;
        }
        let text = |field: &str| content.get(field).and_then(Value::as_str).unwrap_or_default();
        let place = format!("{} {} {}", text("family"), text("table"), text("chain"));
        let number = if kind == "rule" {
            let number = rules.entry(place.clone()).or_default();
            *number += 1;
            format!("{number} ")
        } else {
            String::new()
        };
        lines.push(format!("nft {kind} {place} {number}{}", clean(content)));
    }
}

/// The same without noise, members sorted, elements of sets sorted, running times as such.
fn clean(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.iter().filter(|(name, _)| !NOISE.contains(&name.as_str()));
            let cleaned: Map<String, Value> = kept.map(|(name, value)| (name.clone(), member(name, value))).collect();
            Value::Object(cleaned)
        }
        Value::Array(list) => Value::Array(list.iter().map(clean).collect()),
        _ => value.clone(),
    }
}

fn member(name: &str, value: &Value) -> Value {
    const FOREVER: u64 = 4_294_967_295;
    let sorted = |value: &Value| {
        let mut list: Vec<Value> = value.as_array().into_iter().flatten().map(clean).collect();
        list.sort_by_key(Value::to_string);
        Value::Array(list)
    };
    match name {
        "valid_life_time" | "preferred_life_time" | "expires" | "valid_lft" | "preferred_lft" => match value.as_u64() {
            Some(0 | FOREVER) | None => clean(value),
            Some(_) => Value::from("some seconds"),
        },
        "elem" | "flags" => sorted(value),
        _ => clean(value),
    }
}
