//! The list of scenarios that are known to fail: each must fail until it is taken off the list.

use std::collections::BTreeMap;

/// Names of jobs (`A14/ours`) and why they fail.
#[derive(Debug)]
pub struct NotYet(BTreeMap<&'static str, &'static str>);

impl NotYet {
    /// The list that is part of this program: one name and its reason a line, `#` for comments.
    pub fn load() -> Self {
        let lines = include_str!("../not-yet.txt").lines().map(str::trim);
        let entries = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(entries.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect())
    }

    /// Whether a job is on the list.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names on the list that are no job at all: misspelt or outdated.
    pub fn unknown(&self, exists: impl Fn(&str) -> bool) -> Vec<&'static str> {
        self.0.keys().copied().filter(|name| !exists(name)).collect()
    }
}
