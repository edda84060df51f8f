//! Which rules and sets: pure. As the manual of keepalived says, rules for addresses stand at the beginning of the chains without sets, else at
//! their end, where those for reports of multicast membership always are.

use std::collections::HashSet;
use std::net::IpAddr;

use keepalived_model::units::{Family, IfName};

use super::IptablesSettings;
use super::programs::RuleChange;
use crate::netlink::{Place, Shielded};

/// Longest name of a set that leaves room for all suffixes, octets.
const LONGEST_SET: usize = 26;

/// The chains of `vrrp_iptables`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chains {
    /// For packets to the addresses.
    pub input: String,
    /// For packets from them, and for those of virtual MACs; without it neither is filtered.
    pub output: Option<String>,
}

impl Default for Chains {
    fn default() -> Self {
        Self {
            input: "INPUT".into(),
            output: Some("OUTPUT".into()),
        }
    }
}

/// The sets of `vrrp_ipsets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetNames {
    /// IPv4 addresses.
    pub v4: String,
    /// IPv6 addresses.
    pub v6: String,
    /// Link-local addresses with their interfaces.
    pub v6_interface: String,
    /// Interfaces that send no reports of IGMP.
    pub igmp: String,
    /// Interfaces that send no reports of MLD and solicit no routers.
    pub mld: String,
    /// Link-local addresses that interfaces do not advertise.
    pub nd: String,
}

impl SetNames {
    /// Names in the order of the keyword; those left out are made of the first, which is "keepalived" without any.
    #[must_use]
    pub fn new(names: &[&str]) -> Self {
        let name = |number: usize, suffix: &str| {
            names.get(number).map_or_else(
                || {
                    let first = names.first().copied().unwrap_or("keepalived");
                    let short: String = first.chars().take(LONGEST_SET).collect();
                    format!("{short}{suffix}")
                },
                |given| (*given).to_owned(),
            )
        };
        Self {
            v4: name(0, ""),
            v6: name(1, "6"),
            v6_interface: name(2, "_if6"),
            igmp: name(3, "_igmp"),
            mld: name(4, "_mld"),
            nd: name(5, "_nd"),
        }
    }
}

/// A rule of one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) family: Family,
    pub(super) chain: String,
    /// At the beginning of its chain, not at the end.
    pub(super) first: bool,
    pub(super) body: String,
}

/// What is to be done, sets before rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Lines for `ipset restore`.
    pub(super) sets: Vec<String>,
    pub(super) changes: Vec<RuleChange>,
}

impl Plan {
    pub(super) fn extend(&mut self, other: Self) {
        self.sets.extend(other.sets);
        self.changes.extend(other.changes);
    }

    /// Take back what another plan has made of elements and rules.
    pub(super) fn undo(&mut self, made: Self) {
        let deleted = |line: String| line.strip_prefix("add ").map(|rest| format!("del {rest}"));
        self.sets.extend(made.sets.into_iter().filter_map(deleted));
        let rules = made.changes.into_iter().map(|change| match change {
            RuleChange::Add(rule) | RuleChange::Delete(rule) => RuleChange::Delete(rule),
        });
        self.changes.extend(rules);
    }

    fn rule(&mut self, family: Family, chain: &str, first: bool, body: String) {
        self.changes.push(RuleChange::Add(Rule {
            family,
            chain: chain.to_owned(),
            first,
            body,
        }));
    }
}

/// A group of sets and their rules, made when something needs them first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Accept(Family),
    LinkLocal,
    Vmac(Family),
    ParentLinkLocal,
}

impl Part {
    pub(super) const ALL: [Self; 6] = [
        Self::Accept(Family::V4),
        Self::Accept(Family::V6),
        Self::LinkLocal,
        Self::Vmac(Family::V4),
        Self::Vmac(Family::V6),
        Self::ParentLinkLocal,
    ];

    pub(super) const fn of(shielded: &Shielded) -> Self {
        match shielded {
            Shielded::Address(_) => Self::Accept(shielded.family()),
            Shielded::LinkLocal(..) => Self::LinkLocal,
            Shielded::Vmac { family, .. } => Self::Vmac(*family),
            Shielded::ParentLinkLocal(..) => Self::ParentLinkLocal,
        }
    }

    fn set(self, names: &SetNames) -> (&str, &'static str) {
        match self {
            Self::Accept(Family::V4) => (&names.v4, "hash:ip family inet"),
            Self::Accept(Family::V6) => (&names.v6, "hash:ip family inet6"),
            Self::LinkLocal => (&names.v6_interface, "hash:net,iface family inet6"),
            Self::Vmac(Family::V4) => (&names.igmp, "hash:net,iface family inet"),
            Self::Vmac(Family::V6) => (&names.mld, "hash:net,iface family inet6"),
            Self::ParentLinkLocal => (&names.nd, "hash:net,iface family inet6"),
        }
    }
}

/// Types of ICMPv6: neighbour solicitation and advertisement always pass; router solicitations and reports of MLD do not leave by
/// virtual MACs.
const PASSING: [u8; 2] = [135, 136];
const KEPT: [u8; 3] = [131, 143, 133];
const ADVERTISEMENT: u8 = 136;

/// The set of a part and the rules that look into it.
pub(super) fn part(chains: &Chains, names: &SetNames, part: Part) -> Plan {
    let (set, kind) = part.set(names);
    let mut plan = Plan::default();
    plan.sets
        .extend([format!("create {set} {kind}"), format!("flush {set}")]);
    // With an interface: the one a packet comes in by, or leaves by.
    let (to, from) = match part {
        Part::Accept(_) => ("dst", "src"),
        _ => ("dst,src", "src,dst"),
    };
    let looks = |direction: &str| format!("-m set --match-set {set} {direction}");
    let output = chains.output.as_deref();
    match part {
        Part::Accept(family) => both_ways(&mut plan, family, chains, false, &looks(to), &looks(from)),
        Part::LinkLocal => both_ways(&mut plan, Family::V6, chains, false, &looks(to), &looks(from)),
        Part::Vmac(Family::V4) => {
            if let Some(chain) = output {
                plan.rule(
                    Family::V4,
                    chain,
                    false,
                    format!("-p igmp {} -j DROP", looks("dst,dst")),
                );
            }
        }
        Part::Vmac(Family::V6) => {
            for (chain, kind) in output.into_iter().flat_map(|chain| KEPT.map(|kind| (chain, kind))) {
                let body = format!("-p icmpv6 --icmpv6-type {kind} {} -j DROP", looks("dst,dst"));
                plan.rule(Family::V6, chain, false, body);
            }
        }
        Part::ParentLinkLocal => {
            if let Some(chain) = output {
                let body = format!("-p icmpv6 --icmpv6-type {ADVERTISEMENT} {} -j DROP", looks(from));
                plan.rule(Family::V6, chain, false, body);
            }
        }
    }
    plan
}

/// Drop what matches, except neighbour discovery. At the beginning of a chain the last rule to be put in is the first.
fn both_ways(plan: &mut Plan, family: Family, chains: &Chains, first: bool, to: &str, from: &str) {
    let ways = [(Some(&chains.input), to), (chains.output.as_ref(), from)];
    for (chain, matches) in ways.into_iter().filter_map(|(chain, matches)| Some((chain?, matches))) {
        let mut bodies: Vec<String> = Vec::new();
        if family == Family::V6 {
            bodies.extend(PASSING.map(|kind| format!("-p icmpv6 --icmpv6-type {kind} {matches} -j ACCEPT")));
        }
        bodies.push(format!("{matches} -j DROP"));
        if first {
            bodies.reverse();
        }
        for body in bodies {
            plan.rule(family, chain, first, body);
        }
    }
}

/// What shields one thing; `None` when its interface is gone.
pub(super) fn change(settings: &IptablesSettings, shielded: &Shielded) -> Option<Plan> {
    let mut plan = Plan::default();
    let element = |element: String| {
        settings.sets.as_ref().map(|names| {
            let (set, _) = Part::of(shielded).set(names);
            format!("add {set} {element}")
        })
    };
    let chains = &settings.chains;
    let output = chains.output.as_deref();
    match shielded {
        Shielded::Address(address) => match element(address.to_string()) {
            Some(line) => plan.sets.push(line),
            None => {
                let (to, from) = (format!("-d {address}"), format!("-s {address}"));
                both_ways(&mut plan, shielded.family(), chains, true, &to, &from);
            }
        },
        Shielded::LinkLocal(address, place) => {
            let name = name(place)?;
            match element(format!("{address},{name}")) {
                Some(line) => plan.sets.push(line),
                None => {
                    let (to, from) = (format!("-d {address} -i {name}"), format!("-s {address} -o {name}"));
                    both_ways(&mut plan, Family::V6, chains, true, &to, &from);
                }
            }
        }
        Shielded::Vmac { family, name, .. } => {
            let all: IpAddr = match family {
                Family::V4 => IpAddr::from([0_u8; 4]),
                Family::V6 => IpAddr::from([0_u8; 16]),
            };
            match (element(format!("{all}/0,{name}")), output) {
                (Some(line), _) => plan.sets.push(line),
                (None, Some(chain)) if *family == Family::V4 => {
                    plan.rule(Family::V4, chain, false, format!("-o {name} -p igmp -j DROP"));
                }
                (None, Some(chain)) => {
                    for kind in KEPT {
                        let body = format!("-o {name} -p icmpv6 --icmpv6-type {kind} -j DROP");
                        plan.rule(Family::V6, chain, false, body);
                    }
                }
                (None, None) => {}
            }
        }
        Shielded::ParentLinkLocal(address, name) => match (element(format!("{address},{name}")), output) {
            (Some(line), _) => plan.sets.push(line),
            (None, Some(chain)) => {
                let body = format!("-s {address} -o {name} -p icmpv6 --icmpv6-type {ADVERTISEMENT} -j DROP");
                plan.rule(Family::V6, chain, false, body);
            }
            (None, None) => {}
        },
    }
    Some(plan)
}

fn name(place: &Place) -> Option<String> {
    match place {
        Place::Name(name) => Some(IfName::as_str(name).to_owned()),
        Place::Index(index) => {
            let name = nix::net::if_::if_indextoname(*index).ok()?;
            name.into_string().ok()
        }
    }
}

/// Lines for `ipset restore` that remove the sets.
pub(super) fn destroy(names: &SetNames, parts: &HashSet<Part>) -> Vec<String> {
    let mut lines: Vec<String> = parts
        .iter()
        .map(|part| format!("destroy {}", part.set(names).0))
        .collect();
    lines.sort_unstable();
    lines
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::Programs;
    use super::*;

    fn settings(sets: bool, output: bool) -> IptablesSettings {
        IptablesSettings {
            programs: Programs::default(),
            chains: Chains {
                input: "in".into(),
                output: output.then(|| "out".into()),
            },
            sets: sets.then(|| SetNames::new(&[])),
        }
    }

    fn lines(plan: &Plan) -> Vec<String> {
        plan.changes.iter().map(RuleChange::line).collect()
    }

    fn address(text: &str) -> Shielded {
        Shielded::address(text.parse().unwrap(), Place::Name(IfName::new("e0").unwrap()))
    }

    #[test]
    fn without_sets_each_address_has_rules_at_the_beginning() {
        let plan = change(&settings(false, true), &address("192.0.2.1")).unwrap();
        assert!(plan.sets.is_empty());
        assert_eq!(
            lines(&plan),
            ["-I in -d 192.0.2.1 -j DROP", "-I out -s 192.0.2.1 -j DROP"]
        );
        // The last one is put in front of the others: neighbour discovery passes.
        let plan = change(&settings(false, false), &address("fe80::1")).unwrap();
        let expected = [
            "-I in -d fe80::1 -i e0 -j DROP",
            "-I in -p icmpv6 --icmpv6-type 136 -d fe80::1 -i e0 -j ACCEPT",
            "-I in -p icmpv6 --icmpv6-type 135 -d fe80::1 -i e0 -j ACCEPT",
        ];
        assert_eq!(lines(&plan), expected);
        let mut undone = Plan::default();
        undone.undo(plan);
        assert_eq!(lines(&undone), expected.map(|line| line.replace("-I", "-D")));
    }

    #[test]
    fn with_sets_an_address_is_an_element() {
        let settings = settings(true, true);
        let plan = change(&settings, &address("fe80::1")).unwrap();
        assert_eq!(plan.sets, ["add keepalived_if6 fe80::1,e0"]);
        let mut undone = Plan::default();
        undone.undo(plan);
        assert_eq!(undone.sets, ["del keepalived_if6 fe80::1,e0"]);
        let names = settings.sets.as_ref().unwrap();
        let plan = part(&settings.chains, names, Part::Accept(Family::V4));
        assert_eq!(plan.sets, ["create keepalived hash:ip family inet", "flush keepalived"]);
        assert_eq!(
            lines(&plan),
            [
                "-A in -m set --match-set keepalived dst -j DROP",
                "-A out -m set --match-set keepalived src -j DROP"
            ]
        );
    }

    #[test]
    fn names_of_sets_that_are_left_out() {
        let names = SetNames::new(&["a", "b"]);
        assert_eq!(
            [names.v4, names.v6, names.v6_interface, names.igmp, names.mld, names.nd],
            ["a", "b", "a_if6", "a_igmp", "a_mld", "a_nd"]
        );
        let long = "x".repeat(30);
        let names = SetNames::new(&[&long]);
        assert_eq!((names.v4.len(), names.igmp.len()), (30, 31));
    }

    #[test]
    fn a_virtual_mac_without_an_output_chain_is_left_alone() {
        let vmac = Shielded::Vmac {
            family: Family::V6,
            name: IfName::new("vrrp.1").unwrap(),
            vmac: 3,
            base: 2,
        };
        assert!(lines(&change(&settings(false, false), &vmac).unwrap()).is_empty());
        assert_eq!(lines(&change(&settings(false, true), &vmac).unwrap()).len(), 3);
        let plan = change(&settings(true, true), &vmac).unwrap();
        assert_eq!(plan.sets, ["add keepalived_mld ::/0,vrrp.1"]);
    }
}
