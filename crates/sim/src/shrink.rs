//! What of a failing plan is needed for its failure.

use std::fmt;

use keepalived_model::time::Micros;

use crate::{Options, Plan, Violation, run};

/// Plays a plan again with ever less of what befalls it, as long as the same invariant is broken. Gives the least plan found and what it
/// breaks; `None` if the plan breaks nothing. At most a few hundred runs.
#[must_use]
pub fn shrink(plan: &Plan, options: Options) -> Option<(Plan, Violation)> {
    let violation = run(plan, options).err()?;
    let kind = kind(&violation);
    let mut best = (plan.clone(), violation);
    for simpler in [
        |p: &mut Plan| p.loss = 0,
        |p: &mut Plan| p.duplicates = 0,
        |p: &mut Plan| p.delay = Micros(10),
        |p: &mut Plan| p.kernel_delay = Micros(0),
    ] {
        let mut plan = best.0.clone();
        simpler(&mut plan);
        keep(&mut best, plan, options, &kind);
    }
    loop {
        let before = best.0.happenings.len();
        for place in (0..before).rev() {
            let mut plan = best.0.clone();
            plan.happenings.remove(place);
            keep(&mut best, plan, options, &kind);
        }
        if best.0.happenings.len() == before {
            return Some(best);
        }
    }
}

fn keep(best: &mut (Plan, Violation), plan: Plan, options: Options, wanted: &str) {
    if let Err(violation) = run(&plan, options)
        && kind(&violation) == wanted
    {
        *best = (plan, violation);
    }
}

/// The invariant without the numbers of this run.
fn kind(violation: &Violation) -> String {
    violation
        .what
        .chars()
        .filter(|c| !c.is_ascii_digit())
        .take(40)
        .collect()
}

impl fmt::Display for Plan {
    /// What differs from plan to plan, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { loss, duplicates, .. } = self;
        let (delay, kernel) = (self.delay.0, self.kernel_delay.0);
        writeln!(
            f,
            "loss {loss}%, duplicates {duplicates}%, delay {delay} µs, kernel {kernel} µs, {} stages, quiet from {} µs to {} µs",
            self.stages.len(),
            self.quiet_from.0,
            self.end.0
        )?;
        for (number, node) in self.nodes.iter().enumerate() {
            let (track, grouped) = (&node.track, node.grouped);
            writeln!(f, "node {number} {} grouped {grouped} {track:?}", node.source)?;
            for i in &node.instances {
                let (version, priority, interval) = (i.version, i.priority.get(), i.advert_interval.0);
                let (want, preemption, transport) = (i.want_state, i.preemption, &i.transport);
                writeln!(
                    f,
                    "  {} {version:?} {want:?} {priority} each {interval} µs {preemption:?} {transport:?}",
                    i.name
                )?;
            }
        }
        for (at, what) in &self.happenings {
            writeln!(f, "{:>10} {what:?}", at.0)?;
        }
        Ok(())
    }
}
