//! Do the scenarios notice wrong decisions? `cargo test -p keepalived-vrrp --features mutations --test mutations`
#![expect(
    clippy::duplicate_mod,
    reason = "each file of tests brings its own copy of the common part"
)]

#[path = "authentication.rs"]
mod authentication;
#[path = "groups.rs"]
mod groups;
#[path = "packets.rs"]
mod packets;
#[path = "scenarios.rs"]
mod scenarios;

use keepalived_vrrp::Mutation;

/// Lets every engine of this thread decide wrongly.
fn mutate(mutation: Option<Mutation>) {
    authentication::common::MUTATION.set(mutation);
    groups::MUTATION.set(mutation);
    packets::common::MUTATION.set(mutation);
    scenarios::common::MUTATION.set(mutation);
}

#[test]
fn every_mutation_is_noticed() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut survivors = Vec::new();
    for mutation in Mutation::ALL {
        mutate(Some(*mutation));
        let all = scenarios::ALL
            .iter()
            .chain(packets::ALL)
            .chain(groups::ALL)
            .chain(authentication::ALL);
        let killers: Vec<&str> = all
            .filter(|t| std::panic::catch_unwind(t.1).is_err())
            .map(|t| t.0)
            .collect();
        println!("{mutation:?}: {killers:?}");
        if killers.is_empty() {
            survivors.push(*mutation);
        }
    }
    mutate(None);
    std::panic::set_hook(quiet);
    assert!(survivors.is_empty(), "not noticed: {survivors:?}");
}
