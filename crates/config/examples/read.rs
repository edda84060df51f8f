//! Reads a configuration file and says how many statements it has and how long that took: `cargo run --release -p
//! keepalived-config --example read FILE`. A hook for looking at the reader's speed alone.

use std::{env, path::Path, process::ExitCode, time::Instant};

use keepalived_config::{
    Options,
    diag::Diagnostics,
    facts::{Facts, InterfaceFact, ScriptFact},
    reader,
    source::SourceMap,
    tree::Statement,
};
use keepalived_model::{script::Credentials, units::IfName};

/// A machine on which nothing is there.
#[derive(Debug)]
struct Nothing;

impl Facts for Nothing {
    fn interface(&self, _: &IfName) -> Option<InterfaceFact> {
        None
    }
    fn credentials(&self, user: &str, _: Option<&str>) -> Result<Credentials, String> {
        Err(format!("user {user} is unknown"))
    }
    fn script(&self, _: &str, _: Option<&Credentials>, _: bool) -> ScriptFact {
        ScriptFact::Unusable("not looked for".to_owned())
    }
    fn environment(&self, name: &str) -> Option<String> {
        env::var(name).ok()
    }
    fn random(&self, min: u64, _: u64) -> u64 {
        min
    }
    fn host_name(&self) -> String {
        "localhost".to_owned()
    }
    fn cpus(&self) -> u16 {
        1
    }
    fn iproute2_table(&self, _: &str, _: Option<&Path>, _: Option<&Path>) -> String {
        String::new()
    }
}

fn count(statement: &Statement) -> u64 {
    let inner = statement
        .body
        .iter()
        .flat_map(|body| &body.statements)
        .map(count)
        .sum::<u64>();
    1 + inner
}

fn main() -> ExitCode {
    let Some(main) = env::args().nth(1) else {
        eprintln!("usage: read FILE");
        return ExitCode::FAILURE;
    };
    let options = Options {
        main,
        config_id: None,
        all_config: false,
    };
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let (mut blocks, mut statements) = (0_u64, 0);
    let start = Instant::now();
    reader::read(&options, &Nothing, &mut sources, &mut diagnostics, &mut |statement| {
        blocks += 1;
        statements += count(&statement);
    });
    let spent = start.elapsed();
    println!(
        "{blocks} blocks, {statements} statements, {} diagnostics in {spent:?}",
        diagnostics.items().len()
    );
    ExitCode::SUCCESS
}
