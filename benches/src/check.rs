//! `keepalived -t` on configurations of unusual size.

use std::fmt::Write as _;
use std::time::Duration;

use crate::config;
use crate::measure::{Measured, measure};
use crate::page::Contestant;

pub(crate) fn table(contestants: &[Contestant], limit: Duration) -> Result<String, String> {
    let mut page = "\n## Checking large configurations (`-t`)\n\n| configuration |".to_owned();
    for contestant in contestants {
        let _ = write!(page, " {} | peak memory |", contestant.name);
    }
    page += "\n|---|";
    page += &"---:|---:|".repeat(contestants.len());
    page.push('\n');
    for (title, text) in [
        (
            "65,024 instances from the `~SEQ` line of the manual",
            config::manual_sequence(),
        ),
        ("10,000 instances written out", config::written_out(10_000)),
        (
            "100 virtual servers with 100 real servers each",
            config::virtual_servers(100, 100),
        ),
    ] {
        let file = std::env::temp_dir().join(format!("keepalived-bench-{}.conf", std::process::id()));
        std::fs::write(&file, text).map_err(|error| format!("failed to write {}: {error}", file.display()))?;
        let _ = write!(page, "| {title} |");
        for contestant in contestants {
            let cell = match measure(&contestant.path, &["-t", "-f", &file.to_string_lossy()], limit)? {
                Measured::Done { seconds, peak_kib, .. } => {
                    format!("{seconds:.2} s | {:.0} MiB", peak_kib as f64 / 1024.0)
                }
                Measured::GivenUp => format!("more than {} s | - ", limit.as_secs()),
            };
            println!("{title}: {}: {cell}", contestant.name);
            let _ = write!(page, " {cell} |");
        }
        page.push('\n');
        // Left in the temporary directory it does no harm.
        let _ = std::fs::remove_file(&file);
    }
    Ok(page)
}
