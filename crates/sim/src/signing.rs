//! How nodes prove who they are, how that changes while they run, and what their clocks show meanwhile.

use keepalived_model::{
    time::Micros,
    units::{Family, Secret, Version},
    vrrp::{AuthHmac, Authentication, HmacMode, Instance},
};

use crate::{plan::Happening, random::Random};

/// What clocks show when the world begins.
pub(crate) const EPOCH: Micros = Micros::from_secs(1_700_000_000);
/// `time_window` of every node.
pub(crate) const WINDOW: Micros = Micros::from_secs(5);

/// Authentication as every node is to have it, one step of a roll-out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// For version 2; AH only over IPv4.
    pub authentication: Authentication,
    /// In its place.
    pub hmac: Option<Box<AuthHmac>>,
}

impl Stage {
    /// None at all.
    pub(crate) const PLAIN: Self = Self {
        authentication: Authentication::None,
        hmac: None,
    };

    /// The same virtual router at this stage.
    pub(crate) fn applied(&self, instance: &Instance) -> Instance {
        let mut instance = instance.clone();
        let possible = match self.authentication {
            Authentication::Ah(_) => instance.version == Version::V2 && instance.family == Family::V4,
            _ => instance.version == Version::V2,
        };
        instance.authentication = if possible {
            self.authentication.clone()
        } else {
            Authentication::None
        };
        instance.auth_hmac.clone_from(&self.hmac);
        instance
    }
}

/// Keys with these ids, of which one signs.
fn signed(mode: HmacMode, ids: &[u8], active_key: u8, monotonic: bool) -> Stage {
    let key = |id: &u8| (*id, Secret::new([*id; 32]));
    Stage {
        authentication: Authentication::None,
        hmac: Some(Box::new(AuthHmac {
            keys: ids.iter().map(key).collect(),
            active_key,
            monotonic,
            window: WINDOW,
            mode,
        })),
    }
}

/// The way to signed adverts, or from one key to another, in the documented order.
pub(crate) fn rollout(r: &mut Random, monotonic: bool) -> Vec<Stage> {
    use HmacMode::{Enforce, Permissive, ReceiveOnly};
    let stage = |mode, ids: &[u8], active| signed(mode, ids, active, monotonic);
    if r.percent(50) {
        vec![
            Stage::PLAIN,
            stage(ReceiveOnly, &[7], 7),
            stage(Permissive, &[7], 7),
            stage(Enforce, &[7], 7),
        ]
    } else {
        vec![
            stage(Enforce, &[7], 7),
            stage(Enforce, &[7, 9], 7),
            stage(Enforce, &[7, 9], 9),
            stage(Enforce, &[9], 9),
        ]
    }
}

/// A roll-out that forgets a step.
pub(crate) fn hasty(r: &mut Random) -> Vec<Stage> {
    let mut stages = rollout(r, false);
    // the first two changes, or the last two, at once
    stages.drain(1..3);
    stages
}

/// What the nodes of a plan go through.
pub(crate) fn stages(r: &mut Random) -> Vec<Stage> {
    let secret = || Secret::new(*b"secret\0\0");
    let legacy = |authentication| {
        vec![Stage {
            authentication,
            hmac: None,
        }]
    };
    match r.range(0, 9) {
        0 | 1 => legacy(Authentication::Password(secret())),
        2 | 3 => legacy(Authentication::Ah(secret())),
        4 => vec![signed(HmacMode::Enforce, &[7], 7, r.percent(30))],
        5 | 6 => {
            let monotonic = r.percent(30);
            rollout(r, monotonic)
        }
        _ => vec![Stage::PLAIN],
    }
}

/// Every node goes to every stage, in an order of its own; nobody begins a stage before all have done the one before. The first stage
/// is where they start.
pub(crate) fn steps(
    r: &mut Random,
    stages: usize,
    nodes: usize,
    from: Micros,
    until: Micros,
) -> Vec<(Micros, Happening)> {
    let mut list = Vec::new();
    let each = until.0.saturating_sub(from.0) / (stages as u64).max(1);
    for stage in 1..stages {
        let begin = from.0 + each * stage as u64;
        for node in 0..nodes {
            let at = Micros(r.range(begin, begin + each / 2));
            list.push((at, Happening::Stage(node, stage)));
        }
    }
    list
}

/// Clocks that are set: single ones wrong for a while, all of them for good.
pub(crate) fn clocks(r: &mut Random, nodes: usize, length: Micros) -> Vec<(Micros, Happening)> {
    let mut list = Vec::new();
    for _ in 0..r.range(0, 3) {
        let at = Micros(r.range(0, length.0));
        let until = Micros(r.range(at.0, length.0));
        if r.percent(50) {
            list.push((at, Happening::Clocks(r.pick(&[-100_000, -3_000, 2_000, 700_000]))));
        } else {
            let (node, step) = (
                r.range(0, nodes as u64 - 1) as usize,
                r.pick(&[-900_000, -4_000, 3_000, 900_000]),
            );
            list.push((at, Happening::Clock(node, step)));
            list.push((until, Happening::Clock(node, -step)));
        }
    }
    list
}
