//! `cargo xtask test`: suite after suite, each with its own summary, and one table at the end.

mod count;
mod packages;
mod suites;

use std::time::Instant;

pub(crate) use count::plain;
use suites::{SUITES, Suite};

/// What a suite came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// Why something was skipped or what failed, one line each.
    pub(crate) notes: Vec<String>,
}

impl Outcome {
    /// One thing that either passed or failed.
    pub(crate) fn one(name: &str, success: bool) -> Self {
        let notes = if success {
            Vec::new()
        } else {
            vec![format!("FAILED {name}")]
        };
        Self {
            passed: usize::from(success),
            failed: usize::from(!success),
            skipped: 0,
            notes,
        }
    }

    /// Something that cannot be done here.
    pub(crate) fn skip(why: impl Into<String>) -> Self {
        Self {
            skipped: 1,
            notes: vec![format!("SKIP {}", why.into())],
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.notes.extend(other.notes);
    }
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only the suites of these names (see --list).
    only: Vec<String>,
    /// Shows the suites and what they are for.
    #[arg(long)]
    list: bool,
}

/// Runs the suites; fails if one of them does.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if arguments.list {
        for suite in SUITES {
            println!("{:<12} {}", suite.name, suite.about);
        }
        return Ok(());
    }
    if let Some(stranger) = arguments
        .only
        .iter()
        .find(|name| SUITES.iter().all(|suite| suite.name != **name))
    {
        return Err(format!(
            "there is no suite {stranger}; cargo xtask test --list shows them"
        ));
    }
    let mut table = Vec::new();
    for suite in SUITES
        .iter()
        .filter(|suite| arguments.only.is_empty() || arguments.only.iter().any(|n| n == suite.name))
    {
        println!("\n==== {}: {}", suite.name, suite.about);
        let begin = Instant::now();
        let outcome = (suite.run)().unwrap_or_else(|why| {
            println!("{why}");
            Outcome {
                failed: 1,
                notes: vec![format!("FAILED {why}")],
                ..Outcome::default()
            }
        });
        let Outcome {
            passed,
            failed,
            skipped,
            ..
        } = &outcome;
        println!(
            "---- {}: {passed} passed, {failed} failed, {skipped} skipped",
            suite.name
        );
        table.push((suite, outcome, begin.elapsed().as_secs_f64()));
    }
    summary(&table)
}

fn summary(table: &[(&Suite, Outcome, f64)]) -> Result<(), String> {
    println!(
        "\n{:<12} {:>7} {:>7} {:>8} {:>9}",
        "suite", "passed", "failed", "skipped", "seconds"
    );
    let mut total = Outcome::default();
    for (suite, outcome, seconds) in table {
        let Outcome {
            passed,
            failed,
            skipped,
            notes,
        } = outcome;
        println!("{:<12} {passed:>7} {failed:>7} {skipped:>8} {seconds:>9.1}", suite.name);
        for note in notes {
            println!("  {note}");
        }
        total.add(outcome.clone());
    }
    println!(
        "\n{} passed, {} failed, {} skipped",
        total.passed, total.failed, total.skipped
    );
    if total.failed == 0 {
        Ok(())
    } else {
        Err("not everything passed".to_owned())
    }
}
