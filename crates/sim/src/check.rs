//! What must hold, at every step and after quiet.

use std::{collections::BTreeSet, fmt};

use keepalived_model::{time::Micros, vrrp::Preemption};
use keepalived_vrrp::{Action, BatchOperation, InstanceId, InstanceView, Notified, Reason, State};

use crate::{node::Node, plan::Plan};

/// An invariant that did not hold.
#[derive(Clone)]
pub struct Violation {
    /// The seed.
    pub seed: u64,
    /// When, since the world began.
    pub at: Micros,
    /// Node, or `None` for several together.
    pub node: Option<usize>,
    /// What.
    pub what: String,
    /// What the engines lived through, if that was asked for.
    pub records: Vec<Vec<crate::Recorded>>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: at {} µs on node {:?}: {}\nreplay: SIM_START={} SIM_SEEDS=1 cargo test -p keepalived-sim --test seeds (the input log goes where SIM_LOG says)",
            self.seed, self.at.0, self.node, self.what, self.seed
        )
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Violation {}

fn fail<T>(plan: &Plan, at: Micros, node: impl Into<Option<usize>>, what: String) -> Result<T, Violation> {
    Err(Violation {
        seed: plan.seed,
        at,
        node: node.into(),
        what,
        records: Vec::new(),
    })
}

/// What a node does, before it is done.
pub(crate) fn action(
    plan: &Plan,
    now: Micros,
    number: usize,
    node: &mut Node,
    action: &Action,
) -> Result<(), Violation> {
    let clock = node.clock(now);
    match action {
        Action::Transmit(t) => {
            let index = t.instance().index();
            let interval = node.instances[index].advert_interval;
            let seen = &mut node.seen[index];
            if t.priority() == 0 {
                seen.resignations += 1;
                seen.last_advert = None;
                return Ok(());
            }
            seen.adverts += 1;
            let silent = seen
                .last_advert
                .replace(clock)
                .map_or(Micros::ZERO, |last| clock.since(last));
            if silent > interval + Micros(1) {
                return fail(
                    plan,
                    now,
                    number,
                    format!("MASTER of {index} was silent for {} µs", silent.0),
                );
            }
        }
        Action::Kernel(batch) if batch.operation == BatchOperation::Install => {
            let seen = &mut node.seen[batch.instance().index()];
            seen.announced = false;
            if seen.last_advert.is_none() {
                return fail(plan, now, number, "addresses before the first advert".into());
            }
        }
        Action::Announce(a) => {
            let index = a.instance.index();
            node.seen[index].announced = true;
            for (_, address) in a.addresses() {
                if !node.kernel.contains(&(index, address.local.address)) {
                    return fail(
                        plan,
                        now,
                        number,
                        format!("announced {} without having it", address.local.address),
                    );
                }
            }
        }
        Action::State(change) => {
            let still = view(node, change.instance.index()).is_some_and(|v| v.state == State::Master);
            let seen = &mut node.seen[change.instance.index()];
            if seen.told.replace(change.new) == Some(change.new) {
                return fail(plan, now, number, format!("told {:?} twice", change.new));
            }
            if change.new != Notified::Master {
                seen.last_advert = None;
            } else if still && !seen.announced {
                // one that has left the state before the kernel answered is told of it late, and announces nothing
                return fail(
                    plan,
                    now,
                    number,
                    "told MASTER before its addresses were announced".into(),
                );
            }
            let obeys = change.config.preemption == Preemption::Disabled;
            if obeys && change.reason == Reason::Preempted {
                return fail(plan, now, number, "preempted in spite of nopreempt".into());
            }
        }
        _ => {}
    }
    Ok(())
}

fn view(node: &Node, index: usize) -> Option<InstanceView<'_>> {
    node.engine.as_ref()?.view(InstanceId(index as u32))
}

/// What holds after every step of a node.
pub(crate) fn state(plan: &Plan, now: Micros, number: usize, node: &Node) -> Result<(), Violation> {
    let is = |state| move |n: usize| view(node, n).is_some_and(|v| v.state == state);
    let members = || 0..node.seen.len();
    if node.grouped && members().any(is(State::Master)) && members().any(is(State::Backup)) {
        return fail(plan, now, number, "its sync group is MASTER in part".into());
    }
    for (index, seen) in node.seen.iter().enumerate() {
        let Some(v) = view(node, index) else { continue };
        let master = v.state == State::Master;
        let interval = node.instances[index].advert_interval;
        let silent = seen.last_advert.map(|last| node.clock(now).since(last));
        if master && silent.is_none_or(|s| s > interval + Micros(1)) {
            return fail(plan, now, number, format!("MASTER of {index} is silent: {silent:?}"));
        }
        let s = v.stats;
        let counted = s.become_master - s.release_master == u64::from(master)
            && s.advert_sent == seen.adverts + seen.resignations
            && s.pri_zero_sent == seen.resignations
            && refused(s) + s.advert_rcvd <= seen.delivered;
        if !counted {
            return fail(
                plan,
                now,
                number,
                format!("counters of {index} do not fit {seen:?}: {s:?}"),
            );
        }
        let faulty = node.is_faulty(index);
        if faulty && matches!(v.state, State::Master | State::Backup) {
            return fail(plan, now, number, format!("{index} is {:?} with a fault", v.state));
        }
    }
    Ok(())
}

fn refused(s: &keepalived_vrrp::Stats) -> u64 {
    s.packet_len_err
        + s.ip_ttl_err
        + s.vers_err
        + s.invalid_type_rcvd
        + s.authtype_mismatch
        + s.invalid_authtype
        + s.auth_failure
        + s.advert_interval_err
        + s.chk_err
        + s.auth_ext_missing
        + s.auth_ext_malformed
        + s.auth_ext_unknown_key
        + s.auth_ext_invalid_hmac
        + s.auth_ext_stale
        + s.auth_ext_replay
}

/// While nothing is lost and everything is done in order, a router never has two masters.
pub(crate) fn one_voice(plan: &Plan, now: Micros, nodes: &[Node]) -> Result<(), Violation> {
    if plan.one_voice_from.is_none_or(|from| now < from || now > plan.end) {
        return Ok(());
    }
    for index in 0..plan.nodes[0].instances.len() {
        let is_master = |n: &&Node| view(n, index).is_some_and(|v| v.state == State::Master);
        if nodes.iter().filter(is_master).count() > 1 {
            return fail(plan, now, None, format!("{index} has two masters"));
        }
    }
    Ok(())
}

/// A packet that must be refused: it is counted, and changes nothing.
pub(crate) fn noise(
    plan: &Plan,
    now: Micros,
    number: usize,
    what: &str,
    before: Calm,
    after: Calm,
) -> Result<(), Violation> {
    if before == after {
        return Ok(());
    }
    fail(plan, now, number, format!("{what} changed {before:?} to {after:?}"))
}

/// What a damaged packet must not change: state, deadline, master, adverts received.
pub(crate) type Calm = Vec<(
    State,
    Option<keepalived_model::time::Instant>,
    Option<std::net::IpAddr>,
    u64,
)>;

/// See [`Calm`].
pub(crate) fn calm(node: &Node) -> Calm {
    let views = (0..node.instances.len()).filter_map(|n| view(node, n));
    views
        .map(|v| (v.state, v.deadline, v.master, v.stats.advert_rcvd))
        .collect()
}

/// The master of the first router resigned a little longer than a skew ago: who is MASTER now has the highest priority, or nearly.
pub(crate) fn after_resignation(plan: &Plan, nodes: &[Node], alive: &[usize]) -> Result<(), Violation> {
    let is_master = |n: &&usize| view(&nodes[**n], 0).is_some_and(|v| v.state == State::Master);
    let highest = alive.iter().map(|n| nodes[*n].priority(0)).max();
    let masters: Vec<u8> = alive.iter().filter(is_master).map(|n| nodes[*n].priority(0)).collect();
    match (&masters[..], highest) {
        (_, None) => Ok(()),
        // packets take a while, and skews of neighbours differ by less
        ([p], Some(h)) if p.saturating_add(5) >= h => Ok(()),
        _ => fail(
            plan,
            plan.end,
            None,
            format!("after a resignation masters have {masters:?}, the highest is {highest:?}"),
        ),
    }
}

/// Who of a part of the LAN can be MASTER of a router.
pub(crate) fn able(nodes: &[Node], parts: &[u8], part: u8, index: usize) -> Vec<usize> {
    let here = |n: &usize| parts[*n] == part && nodes[*n].engine.is_some() && !nodes[*n].is_faulty(index);
    (0..nodes.len()).filter(here).collect()
}

/// Who is MASTER of the first router.
pub(crate) fn master(nodes: &[Node]) -> Option<usize> {
    let is_master = |n: &usize| view(&nodes[*n], 0).is_some_and(|v| v.state == State::Master);
    (0..nodes.len()).find(is_master)
}

/// A process has stopped: nothing of it is left.
pub(crate) fn stopped(plan: &Plan, now: Micros, number: usize, node: &Node) -> Result<(), Violation> {
    if node.kernel.is_empty() {
        return Ok(());
    }
    fail(plan, now, number, format!("stopped and left {:?}", node.kernel))
}

/// After quiet: one master in each part of the LAN, the right one, and every kernel has what its state says.
pub(crate) fn after_quiet(plan: &Plan, nodes: &[Node], parts: &[u8]) -> Result<(), Violation> {
    for (number, node) in nodes.iter().enumerate().filter(|n| n.1.engine.is_some()) {
        kernel_is_right(plan, number, node)?;
    }
    let islands: BTreeSet<u8> = parts.iter().copied().collect();
    for part in islands {
        for index in 0..plan.nodes[0].instances.len() {
            let alive = able(nodes, parts, part, index);
            one_master(plan, nodes, index, &alive)?;
        }
    }
    Ok(())
}

fn one_master(plan: &Plan, nodes: &[Node], index: usize, alive: &[usize]) -> Result<(), Violation> {
    let states: Vec<(usize, State)> = alive
        .iter()
        .filter_map(|n| Some((*n, view(&nodes[*n], index)?.state)))
        .collect();
    let masters: Vec<usize> = states.iter().filter(|s| s.1 == State::Master).map(|s| s.0).collect();
    let others_wait = states.iter().all(|s| matches!(s.1, State::Master | State::Backup));
    let [master] = masters[..] else {
        if alive.is_empty() && masters.is_empty() {
            return Ok(());
        }
        return fail(
            plan,
            plan.end,
            None,
            format!("{index} has masters {masters:?} of {states:?}"),
        );
    };
    if !others_wait {
        return fail(plan, plan.end, None, format!("{index}: {states:?}"));
    }
    let highest = nodes[master].priority(index);
    for n in alive {
        let preempts = nodes[*n].instances[index].preemption == Preemption::Immediate;
        if preempts && nodes[*n].priority(index) > highest {
            return fail(
                plan,
                plan.end,
                *n,
                format!("{index}: {master} is MASTER with {highest} and this node has more"),
            );
        }
    }
    Ok(())
}

fn kernel_is_right(plan: &Plan, number: usize, node: &Node) -> Result<(), Violation> {
    let mut wanted = BTreeSet::new();
    for index in 0..node.instances.len() {
        let Some(v) = view(node, index) else {
            return fail(plan, plan.end, number, format!("{index} is gone"));
        };
        let config = &node.instances[index];
        if v.state == State::Master {
            let all = config.addresses.iter().chain(&config.excluded_addresses);
            wanted.extend(all.map(|a| (index, a.local.address)));
        }
        if v.effective_priority != node.priority(index) && v.state != State::Fault {
            let (is, should) = (v.effective_priority, node.priority(index));
            return fail(
                plan,
                plan.end,
                number,
                format!("{index} has priority {is}, not {should}"),
            );
        }
        let told = match v.state {
            State::Master => Notified::Master,
            State::Backup => Notified::Backup,
            _ => Notified::Fault,
        };
        if node.seen[index].told != Some(told) {
            let heard = node.seen[index].told;
            return fail(
                plan,
                plan.end,
                number,
                format!("{index} is {told:?}, the world was told {heard:?}"),
            );
        }
        if node.is_faulty(index) != (v.state == State::Fault) {
            return fail(plan, plan.end, number, format!("{index} is {:?}", v.state));
        }
    }
    let states: BTreeSet<u8> = (0..node.instances.len())
        .filter_map(|n| Some(view(node, n)?.state as u8))
        .collect();
    if node.grouped && states.len() > 1 {
        return fail(
            plan,
            plan.end,
            number,
            format!("its sync group is in states {states:?}"),
        );
    }
    if node.kernel != wanted {
        return fail(
            plan,
            plan.end,
            number,
            format!("kernel has {:?}, not {wanted:?}", node.kernel),
        );
    }
    Ok(())
}
