//! `keepalived_bfd.data`: what is configured (`runtime.md` 7.2).

use std::fmt::{self, Write};

use keepalived_model::{bfd::BfdInstance, config::Config};

/// Writes the sections of the BFD process, without the global definitions.
///
/// # Errors
/// What writing to `out` reports.
pub(super) fn write(out: &mut dyn Write, config: &Config) -> fmt::Result {
    if config.bfd.is_empty() {
        return Ok(());
    }
    writeln!(out, "------< BFD Topology >------")?;
    config.bfd.iter().try_for_each(|session| instance(out, session))
}

fn instance(out: &mut dyn Write, session: &BfdInstance) -> fmt::Result {
    writeln!(out, " BFD Instance = {}", session.name)?;
    writeln!(out, "   Neighbor IP = {}", session.neighbor)?;
    if let Some(source) = session.source {
        writeln!(out, "   Source IP = {source}")?;
    }
    writeln!(out, "   Required min RX interval = {} us", session.min_rx.as_micros())?;
    writeln!(out, "   Desired min TX interval = {} us", session.min_tx.as_micros())?;
    writeln!(out, "   Desired idle TX interval = {} us", session.idle_tx.as_micros())?;
    writeln!(out, "   Detection multiplier = {}", session.multiplier)?;
    writeln!(out, "   TTL = {}", session.ttl)?;
    if let Some(hops) = session.max_hops {
        writeln!(out, "   max_hops = {hops}")?;
    }
    if session.passive {
        writeln!(out, "   passive")?;
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::Machine;

    #[test]
    fn sessions_are_listed() {
        let text = "bfd_instance b1 {\n neighbor_ip 192.0.2.2\n source_ip 192.0.2.1\n min_rx 20\n multiplier 4\n}\n";
        let options = keepalived_config::Options {
            main: "x".into(),
            config_id: None,
            all_config: false,
        };
        let loaded = keepalived_config::load_text("x", text, &options, &Machine::default());
        let mut out = String::new();
        write(&mut out, &loaded.config).unwrap();
        for line in [
            " BFD Instance = b1",
            "   Neighbor IP = 192.0.2.2",
            "   Source IP = 192.0.2.1",
            "   Required min RX interval = 20000 us",
            "   Detection multiplier = 4",
        ] {
            assert!(out.lines().any(|other| other == line), "{line:?} in\n{out}");
        }
    }
}
