//! Rules that a killed predecessor left in our chains: those that we would make ourselves.

use std::collections::HashMap;
use std::net::IpAddr;

use keepalived_model::units::Family;

use super::IptablesSettings;
use super::programs::list_rules;
use super::rules::Rule;

/// Family, chain, and the words of the rule in no order.
type Key = (Family, String, Vec<String>);

/// All rules of our chains before we made any, each with the number of its copies.
#[derive(Debug, Default)]
pub(super) struct Left(HashMap<Key, usize>);

impl Left {
    /// Ask the programs.
    pub(super) fn read(settings: &IptablesSettings) -> Self {
        let mut left = Self::default();
        let chains = &settings.chains;
        for chain in std::iter::once(&chains.input).chain(&chains.output) {
            for family in [Family::V4, Family::V6] {
                left.listed(family, chain, &list_rules(&settings.programs, family, chain));
            }
        }
        left
    }

    fn listed(&mut self, family: Family, chain: &str, text: &str) {
        for line in text.lines() {
            let mut words = line.split_whitespace();
            if words.next() == Some("-A") && words.next() == Some(chain) {
                let mut words: Vec<String> = words.map(str::to_owned).collect();
                words.sort_unstable();
                *self.0.entry((family, chain.to_owned(), words)).or_default() += 1;
            }
        }
    }

    /// How many copies of a rule there are; they are taken care of, and forgotten.
    pub(super) fn take(&mut self, rule: &Rule) -> usize {
        if self.0.is_empty() {
            return 0;
        }
        let key = (rule.family, rule.chain.clone(), as_listed(&rule.body));
        self.0.remove(&key).unwrap_or(0)
    }
}

/// The words of a rule as the programs show them.
fn as_listed(body: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in body.split_whitespace() {
        match (word, word.parse::<IpAddr>()) {
            ("icmpv6", _) => words.extend(["ipv6-icmp", "-m", "icmp6"].map(str::to_owned)),
            (_, Ok(IpAddr::V4(address))) => words.push(format!("{address}/32")),
            (_, Ok(IpAddr::V6(address))) => words.push(format!("{address}/128")),
            _ => words.push(word.to_owned()),
        }
    }
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(family: Family, body: &str) -> Rule {
        Rule {
            family,
            chain: "in".to_owned(),
            first: true,
            body: body.to_owned(),
        }
    }

    #[test]
    fn rules_are_recognised_in_the_words_of_the_programs() {
        let mut left = Left::default();
        left.listed(
            Family::V4,
            "in",
            "-N in\n-A in -d 10.9.0.100/32 -j DROP\n-A in -d 10.9.0.100/32 -j DROP\n-A in -s 192.0.2.1/32 -j DROP\n\
             -A in -m set --match-set keepalived dst -j DROP\n-A other -d 10.9.0.101/32 -j DROP\n",
        );
        left.listed(
            Family::V6,
            "in",
            "-A in -d fe80::55/128 -i e0 -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT\n",
        );
        assert_eq!(left.take(&rule(Family::V4, "-d 10.9.0.100 -j DROP")), 2);
        assert_eq!(left.take(&rule(Family::V4, "-d 10.9.0.100 -j DROP")), 0);
        assert_eq!(left.take(&rule(Family::V4, "-d 10.9.0.101 -j DROP")), 0);
        assert_eq!(
            left.take(&rule(Family::V6, "-m set --match-set keepalived dst -j DROP")),
            0
        );
        assert_eq!(
            left.take(&rule(Family::V4, "-m set --match-set keepalived dst -j DROP")),
            1
        );
        let body = "-p icmpv6 --icmpv6-type 135 -d fe80::55 -i e0 -j ACCEPT";
        assert_eq!(left.take(&rule(Family::V6, body)), 1);
        // That of somebody else stays.
        assert_eq!(left.0.len(), 1);
    }
}
