//! From the model back to the tree, such that reading the printed tree again gives an equal model.
//!
//! Every value that differs from the default that would be filled in is written, so nothing depends on the order in which
//! defaults were found. What the checks corrected stays corrected.

mod bfd;
mod build;
pub mod global;
mod instance;
mod items;
pub mod lines;
mod lvs;
mod track;

use keepalived_model::config::Config;

use crate::{lower::defaults::VrrpDefaults, tree::Statement};

/// The whole configuration as statements.
#[must_use]
pub fn statements(config: &Config) -> Vec<Statement> {
    let mut statements = global::statements(&config.global);
    statements.extend(objects(config));
    statements
}

/// The VRRP, virtual server and BFD parts of a configuration as statements. What `global` says counts as written elsewhere.
#[must_use]
pub fn objects(config: &Config) -> Vec<Statement> {
    let defaults = VrrpDefaults::from(&config.global);
    let mut statements = bfd::raise(&config.bfd);
    statements.extend(track::raise(&config.vrrp));
    statements.extend(items::statics(&config.vrrp));
    let group_says = config
        .vrrp
        .sync_groups
        .iter()
        .any(|g| g.notify_priority_changes.is_some());
    for instance in &config.vrrp.instances {
        statements.push(instance::raise(instance, &defaults, group_says));
    }
    for group in &config.vrrp.sync_groups {
        statements.push(instance::group(group, &defaults));
    }
    statements.extend(lvs::raise(&config.lvs, &config.global));
    statements
}
