//! Does the simulator notice wrong decisions? `cargo test -p keepalived-sim --features mutations --test mutations`

use keepalived_sim::{Options, Plan, run};
use keepalived_vrrp::Mutation;

/// Seeds that may be needed until a mutation is noticed.
const SEEDS: u64 = 400;

/// What no invariant of the LAN can see; the scenarios of `keepalived-vrrp` see these.
const INVISIBLE: &[Mutation] = &[
    Mutation::NoSkew,
    Mutation::InvertTie,
    Mutation::KeepLearntInterval,
    Mutation::NoSecondBurst,
    Mutation::OwnerRecoversAtOnce,
    Mutation::PriorityKeepsTimer,
    Mutation::LoneMember,
];

#[test]
fn the_simulator_notices() {
    let mut survivors = Vec::new();
    for mutation in Mutation::ALL {
        let options = Options {
            mutation: Some(*mutation),
            ..Options::default()
        };
        let killer = (1..=SEEDS).find_map(|seed| run(&Plan::of(seed), options).err());
        match killer {
            Some(v) => println!("{mutation:?}: seed {}: {}", v.seed, v.what),
            None => survivors.push(*mutation),
        }
    }
    survivors.retain(|m| !INVISIBLE.contains(m));
    assert!(survivors.is_empty(), "not noticed: {survivors:?}");
}
