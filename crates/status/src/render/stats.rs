//! `keepalived.stats` (`runtime.md` 7.3).

use std::io::{self, Write};

use crate::{instance::Instance, statistics::Statistics};

/// Writes the counters of all `instances`.
///
/// # Errors
/// What writing to `out` reports.
pub fn stats<'a>(out: &mut impl Write, instances: impl IntoIterator<Item = &'a Instance>) -> io::Result<()> {
    for instance in instances {
        one(out, &instance.settings.name, &instance.statistics)?;
    }
    Ok(())
}

fn one(out: &mut impl Write, name: &str, s: &Statistics) -> io::Result<()> {
    writeln!(out, "VRRP Instance: {name}")?;
    section(
        out,
        "Advertisements",
        &[("Received", s.advert_rcvd), ("Sent", s.advert_sent)],
    )?;
    writeln!(out, "  Became master: {}", s.become_master)?;
    writeln!(out, "  Released master: {}", s.release_master)?;
    section(
        out,
        "Packet Errors",
        &[
            ("Length", s.packet_len_err),
            ("TTL", s.ip_ttl_err),
            ("Invalid Type", s.invalid_type_rcvd),
            ("Advertisement Interval", s.advert_interval_err),
            ("Address List", s.addr_list_err),
        ],
    )?;
    section(
        out,
        "Authentication Errors",
        &[
            ("Invalid Type", s.invalid_authtype),
            ("Type Mismatch", s.authtype_mismatch),
            ("Failure", s.auth_failure),
        ],
    )?;
    section(
        out,
        "Authentication Extension Errors",
        &[
            ("Missing", s.auth_ext_missing),
            ("Malformed", s.auth_ext_malformed),
            ("Unknown Key", s.auth_ext_unknown_key),
            ("Invalid HMAC", s.auth_ext_invalid_hmac),
            ("Stale", s.auth_ext_stale),
            ("Replay", s.auth_ext_replay),
        ],
    )?;
    section(
        out,
        "Priority Zero",
        &[("Received", s.pri_zero_rcvd), ("Sent", s.pri_zero_sent)],
    )
}

fn section(out: &mut impl Write, title: &str, lines: &[(&str, u64)]) -> io::Result<()> {
    writeln!(out, "  {title}:")?;
    lines
        .iter()
        .try_for_each(|(name, value)| writeln!(out, "    {name}: {value}"))
}
