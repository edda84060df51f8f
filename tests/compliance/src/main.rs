//! Scenarios run against the original keepalived, against ours, and against both on one network.
//!
//! `compliance [--only original|ours|mixed] [--list] [--needing kernel|card] [--stream] [--jobs N] [--retries N]
//! [NAME|GROUP|NUMBER ...]`

use std::process::ExitCode;

use keepalived_compliance::kernel::Feature;
use keepalived_compliance::notyet::NotYet;
use keepalived_compliance::runner::{Only, Pace, Totals, jobs, run};
use keepalived_compliance::scenarios::{Scenario, all};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needing {
    Kernel,
    Card,
}

impl Needing {
    fn is(self, scenario: &Scenario) -> bool {
        let card = scenario.needs.contains(&Feature::Card);
        match self {
            Self::Kernel => !scenario.needs.is_empty() && !card,
            Self::Card => card,
        }
    }
}

#[derive(Debug)]
struct Options {
    only: Only,
    list: bool,
    /// Only scenarios that need what not every kernel, or not every machine, has.
    needing: Option<Needing>,
    pace: Pace,
    names: Vec<String>,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!(
                "{why}\nusage: compliance [--only original|ours|mixed] [--list] [--needing kernel|card] [--stream] [--jobs N] \
                 [--retries N] [NAME ...]"
            );
            return ExitCode::from(2);
        }
    };
    let not_yet = NotYet::load();
    let known = jobs(&all(), Only::All);
    let strangers = not_yet.unknown(|name| known.iter().any(|job| job.name() == name));
    if !strangers.is_empty() {
        eprintln!("not-yet.txt: there is no {}", strangers.join(", no "));
        return ExitCode::from(2);
    }
    let wanted = |scenario: &&'static Scenario| {
        let named = options.names.is_empty() || options.names.iter().any(|name| scenario.answers_to(name));
        named && options.needing.is_none_or(|needing| needing.is(scenario))
    };
    let chosen: Vec<&'static Scenario> = all().into_iter().filter(wanted).collect();
    if chosen.is_empty() {
        eprintln!("no scenario is called {}", options.names.join(" or "));
        return ExitCode::from(2);
    }
    if options.list {
        for scenario in chosen {
            println!("{:<28} {:<12} {}", scenario.name, scenario.group, scenario.about);
            if !scenario.needs.is_empty() {
                let needs: Vec<&str> = scenario.needs.iter().map(|feature| feature.name()).collect();
                println!("{:<28} {:<12}   needs {}", "", "", needs.join(", "));
            }
            if let Some(why) = scenario.reference_deviates {
                println!("{:<28} {:<12}   the original deviates: {why}", "", "");
            }
        }
        return ExitCode::SUCCESS;
    }
    let Totals {
        passed,
        failed,
        skipped,
    } = run(jobs(&chosen, options.only), options.pace, &not_yet);
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        only: Only::All,
        list: false,
        needing: None,
        pace: Pace {
            width: 12,
            retries: 1,
            stream: false,
        },
        names: Vec::new(),
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--list" => options.list = true,
            "--needing" => {
                options.needing = Some(match value()?.as_str() {
                    "kernel" => Needing::Kernel,
                    "card" => Needing::Card,
                    other => return Err(format!("--needing {other}: kernel or card")),
                });
            }
            "--stream" => options.pace.stream = true,
            "--jobs" => options.pace.width = value()?.parse().map_err(|_| "--jobs needs a number".to_owned())?,
            "--retries" => {
                options.pace.retries = value()?.parse().map_err(|_| "--retries needs a number".to_owned())?
            }
            "--only" => {
                options.only = match value()?.as_str() {
                    "original" => Only::Original,
                    "ours" => Only::Ours,
                    "mixed" => Only::Mixed,
                    other => return Err(format!("--only {other}: original, ours or mixed")),
                };
            }
            _ if word.starts_with('-') => return Err(format!("unknown option {word}")),
            _ => options.names.push(word),
        }
    }
    Ok(options)
}
