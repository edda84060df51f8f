//! OpenMetrics text of a snapshot, for Prometheus and for the text files of node_exporter.

use std::{
    fmt,
    io::{self, Write},
};

use crate::{
    instance::Instance,
    snapshot::Snapshot,
    state::State,
    statistics::Statistics,
    tracker::{Script, ScriptStatus},
};

/// Writes all metrics, ended by `# EOF`.
///
/// # Errors
/// What writing to `out` reports.
pub fn metrics(out: &mut impl Write, snapshot: &Snapshot) -> io::Result<()> {
    let d = &snapshot.daemon;
    writeln!(out, "# TYPE keepalived info\n# HELP keepalived The daemon.")?;
    let (version, router) = (Escaped(&d.version), Escaped(&d.router_id));
    writeln!(out, "keepalived_info{{version=\"{version}\",router_id=\"{router}\"}} 1")?;
    let all = &snapshot.instances;
    gauge(out, all, "state", "0 init, 1 backup, 2 master, 3 fault.", |i| {
        u64::from(i.live.state.code())
    })?;
    gauge(out, all, "master", "1 while it is master.", |i| {
        u64::from(i.live.state == State::Master)
    })?;
    gauge(out, all, "priority", "The priority it sends.", |i| {
        i.live.effective_priority.into()
    })?;
    gauge(out, all, "base_priority", "The configured priority.", |i| {
        i.live.base_priority.into()
    })?;
    gauge(out, all, "tracker_faults", "Trackers without weight that fail.", |i| {
        i.live.faults.trackers.into()
    })?;
    timestamp(out, all)?;
    for (name, help, count) in COUNTERS {
        writeln!(
            out,
            "# TYPE keepalived_vrrp_{name} counter\n# HELP keepalived_vrrp_{name} {help}"
        )?;
        for i in all {
            writeln!(
                out,
                "keepalived_vrrp_{name}_total{} {}",
                Labels(i),
                count(&i.statistics)
            )?;
        }
    }
    errors(out, all)?;
    scripts(out, &snapshot.scripts)?;
    writeln!(out, "# EOF")
}

type Counter = fn(&Statistics) -> u64;

const COUNTERS: [(&str, &str, Counter); 6] = [
    ("adverts_received", "Adverts received and accepted.", |s| s.advert_rcvd),
    ("adverts_sent", "Adverts sent.", |s| s.advert_sent),
    ("became_master", "Transitions to master.", |s| s.become_master),
    ("released_master", "Transitions away from master.", |s| s.release_master),
    ("priority_zero_received", "Adverts with priority 0 received.", |s| {
        s.pri_zero_rcvd
    }),
    ("priority_zero_sent", "Adverts with priority 0 sent.", |s| {
        s.pri_zero_sent
    }),
];

const ERRORS: [(&str, Counter); 16] = [
    ("length", |s| s.packet_len_err),
    ("advert_interval", |s| s.advert_interval_err),
    ("ttl", |s| s.ip_ttl_err),
    ("type", |s| s.invalid_type_rcvd),
    ("address_list", |s| s.addr_list_err),
    ("auth_type_invalid", |s| s.invalid_authtype),
    ("auth_type_mismatch", |s| s.authtype_mismatch),
    ("auth_failure", |s| s.auth_failure),
    ("hmac_missing", |s| s.auth_ext_missing),
    ("hmac_malformed", |s| s.auth_ext_malformed),
    ("hmac_unknown_key", |s| s.auth_ext_unknown_key),
    ("hmac_invalid", |s| s.auth_ext_invalid_hmac),
    ("hmac_stale", |s| s.auth_ext_stale),
    ("hmac_replay", |s| s.auth_ext_replay),
    ("version", |s| s.vers_err),
    ("checksum", |s| s.chk_err),
];

fn gauge(
    out: &mut impl Write,
    instances: &[Instance],
    name: &str,
    help: &str,
    value: impl Fn(&Instance) -> u64,
) -> io::Result<()> {
    writeln!(
        out,
        "# TYPE keepalived_vrrp_{name} gauge\n# HELP keepalived_vrrp_{name} {help}"
    )?;
    instances
        .iter()
        .try_for_each(|i| writeln!(out, "keepalived_vrrp_{name}{} {}", Labels(i), value(i)))
}

fn timestamp(out: &mut impl Write, instances: &[Instance]) -> io::Result<()> {
    let name = "keepalived_vrrp_last_transition_timestamp_seconds";
    writeln!(
        out,
        "# TYPE {name} gauge\n# UNIT {name} seconds\n# HELP {name} When the state last changed."
    )?;
    for i in instances {
        if let Some(at) = i.live.last_transition {
            writeln!(out, "{name}{} {}.{:06}", Labels(i), at.secs(), at.subsec_micros())?;
        }
    }
    Ok(())
}

fn errors(out: &mut impl Write, instances: &[Instance]) -> io::Result<()> {
    let name = "keepalived_vrrp_errors";
    writeln!(out, "# TYPE {name} counter\n# HELP {name} Adverts refused, by reason.")?;
    for i in instances {
        let labels = Labels(i).to_string();
        let labels = labels.trim_end_matches('}');
        for (reason, count) in ERRORS {
            writeln!(
                out,
                "{name}_total{labels},reason=\"{reason}\"}} {}",
                count(&i.statistics)
            )?;
        }
    }
    Ok(())
}

fn scripts(out: &mut impl Write, scripts: &[Script]) -> io::Result<()> {
    let name = "keepalived_script_good";
    writeln!(
        out,
        "# TYPE {name} gauge\n# HELP {name} 1 while a tracked script is good."
    )?;
    for s in scripts {
        let good = match s.status {
            ScriptStatus::Good => true,
            ScriptStatus::Init => !s.settings.init_fail,
            ScriptStatus::Bad | ScriptStatus::Disabled => false,
        };
        writeln!(
            out,
            "{name}{{script=\"{}\"}} {}",
            Escaped(&s.settings.name),
            u8::from(good)
        )?;
    }
    Ok(())
}

struct Labels<'a>(&'a Instance);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = &*self.0.settings;
        let interface = s.interface.as_ref().map_or("", |name| name.as_str());
        write!(
            f,
            "{{instance=\"{}\",interface=\"{}\",vrid=\"{}\",family=\"{}\"}}",
            Escaped(&s.name),
            Escaped(interface),
            s.vrid,
            s.family
        )
    }
}

/// A value of a label.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '"' => f.write_str("\\\""),
            '\\' => f.write_str("\\\\"),
            '\n' => f.write_str("\\n"),
            c => write!(f, "{c}"),
        })
    }
}
