//! The exit status of `-t` for the rows of the description of the configuration language, beside the original.

use super::Scenario;
use crate::check;
use crate::outcome::Verdict;
use crate::run::Run;
use crate::scenarios::runtime_start::test_config;

pub const SCENARIOS: &[Scenario] = &[Scenario::each(
    "config-rows",
    "config",
    12,
    "exit statuses of -t for the rows of the language description",
    rows,
)];

/// The rows; the tests of the configuration crate hold them against a machine made of tables.
const ROWS: &str = include_str!("../../../../crates/config/tests/data/outcomes.txt");

fn rows(run: &mut Run) -> Verdict {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for row in ROWS.split("\n=== ").skip(1) {
        let (title, text) = row.split_once('\n').unwrap_or((row, ""));
        let mut columns = title.split('|').map(str::trim).skip(1);
        let original = columns.next().and_then(|c| c.strip_prefix("original ")).unwrap_or("-");
        let ours = columns.next().and_then(|c| c.strip_prefix("ours ")).unwrap_or("-");
        let wanted = if run.reference() { original } else { ours };
        // What the table machine calls a script that others can change has no counterpart here.
        if wanted == "-" || text.contains("/loose") {
            continue;
        }
        let text = text.replace("eth0", "e0").replace("/script", "/usr/bin/true");
        let (status, said) = test_config(run, &text, &[])?;
        compared += 1;
        let got = status.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        // `timeout` reports a program that was killed by signal N with 128 + N.
        let is_signal = wanted == "signal" && status.is_none_or(|code| code > 128);
        if got != wanted && !is_signal {
            wrong.push(format!("row {title}: {got}, said:\n{}", said.trim_end()));
        }
    }
    check!(compared > 70, "only {compared} rows were compared");
    check!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
