//! Commands that ask a running daemon.

use std::{collections::BTreeMap, fmt::Write, process::ExitCode};

use futures_util::StreamExt;
use keepalived_status::{
    Wall,
    view::{Detail, Notice, Overview, Row},
};

use super::{args::Command, complain, print};
use crate::{
    remote::{self, Problem, Remote, Target},
    text::{MasterText, age, plain, seconds},
};

/// Runs one of the commands that need a daemon.
pub(super) fn run(target: &Target, command: Command) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("failed to start: {error}")),
    };
    match runtime.block_on(ask(target, command)) {
        Ok(text) => print(&text),
        Err(problem) => complain(&problem),
    }
}

async fn ask(target: &Target, command: Command) -> Result<String, Problem> {
    let remote = Remote::connect(target).await?;
    match command {
        Command::Status { json } => {
            let (overview, rows) = (remote.overview().await?, remote.rows().await?);
            Ok(if json {
                status_json(&overview, &rows)
            } else {
                status(&overview, &rows, Wall::now())
            })
        }
        Command::Instances { json: true } => Ok(json_line(&remote.rows().await?)),
        Command::Instances { json: false } => Ok(instances(&remote.rows().await?, Wall::now())),
        Command::Show { instance, json } => {
            let detail = remote.detail(&instance).await?;
            Ok(if json {
                json_line(&detail)
            } else {
                show(&detail, Wall::now())
            })
        }
        Command::Stats => remote.dump("stats").await,
        Command::Reload => remote.reload().await.map(|()| "Reloaded\n".to_owned()),
        Command::Garp { instance } => remote.send_garp(&instance).await.map(|()| String::new()),
        Command::Dump { kind } => remote.dump(kind.name()).await,
        Command::Watch { json } => watch(&remote, json).await,
        Command::Check { .. } | Command::Convert { .. } | Command::Explain { .. } => Ok(String::new()),
    }
}

fn json_line(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).map_or_else(|error| error.to_string(), |text| text + "\n")
}

fn counts(rows: &[Row]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.state.to_string()).or_default() += 1;
    }
    counts
}

fn status(o: &Overview, rows: &[Row], now: Wall) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _never_fails = writeln!(out, "{name:>13}: {}", plain(&value));
    };
    line("Version", o.version.clone());
    line("Process", o.pid.to_string());
    line("Router", o.router_id.clone());
    line("Configuration", o.config_file.clone());
    line("Running for", age(Some(o.started), now));
    if o.reloaded.is_some() {
        line("Reloaded", format!("{} ago", age(o.reloaded, now)));
    }
    let states: Vec<_> = counts(rows)
        .into_iter()
        .map(|(state, n)| format!("{n} {state}"))
        .collect();
    let states = if states.is_empty() {
        "none".into()
    } else {
        states.join(", ")
    };
    line("Instances", states);
    out
}

fn status_json(overview: &Overview, rows: &[Row]) -> String {
    json_line(&serde_json::json!({ "daemon": overview, "states": counts(rows) }))
}

fn instances(rows: &[Row], now: Wall) -> String {
    let mut out = String::new();
    let name = rows.iter().map(|r| r.name.chars().count()).max().unwrap_or(0).max(8);
    let interface = rows
        .iter()
        .filter_map(|r| r.interface.as_ref().map(String::len))
        .max()
        .unwrap_or(0)
        .max(9);
    let _never_fails = writeln!(
        out,
        "{:name$} {:interface$} VRID IP STATE  PRIO (BASE) {:22} SINCE",
        "INSTANCE", "INTERFACE", "MASTER"
    );
    for r in rows {
        let _never_fails = writeln!(
            out,
            "{:name$} {:interface$} {:>4} v{} {:6} {:>4} {:>6} {:22} {}",
            plain(&r.name),
            r.interface.as_deref().map_or_else(|| "-".into(), plain),
            r.vrid,
            r.family,
            r.state,
            r.effective,
            format!("({})", r.priority),
            MasterText(r.master),
            age(r.last_transition, now),
        );
    }
    out
}

fn show(d: &Detail, now: Wall) -> String {
    let mut out = String::new();
    for (name, value) in crate::console::facts(d, now) {
        let _never_fails = writeln!(out, "{name:>15}: {}", plain(&value));
    }
    let _never_fails = writeln!(
        out,
        "{:>15}: {} sent, {} received, every {}",
        "Adverts",
        d.row.tx,
        d.row.rx,
        seconds(d.advert_interval)
    );
    out
}

async fn watch(remote: &Remote, json: bool) -> Result<String, Problem> {
    let gone = |error: zbus::Error| Problem::NoBus(error.to_string());
    let mut notices = remote.status.receive_notice().await.map_err(gone)?;
    while let Some(signal) = notices.next().await {
        let Ok(args) = signal.args() else { continue };
        let text: &str = args.notice();
        let line = match (json, remote::notice(text)) {
            (true, _) => Some(text.to_owned()),
            (false, Some(notice)) => words(&notice),
            (false, None) => None,
        };
        if let Some(line) = line
            && print(&format!("{}\n", plain(&line))) != ExitCode::SUCCESS
        {
            break;
        }
    }
    Err(Problem::NoBus("the bus closed the connection".into()))
}

/// A notice as a line for people; `None` for what only refreshes a table.
pub(crate) fn words(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Reset | Notice::Instance(_) => return None,
        Notice::State { name, state, .. } => format!("({name}) {state}"),
        Notice::Priority {
            name, effective, base, ..
        } => format!("({name}) priority {effective} (base {base})"),
        Notice::Master {
            name,
            master: Some((address, priority)),
            ..
        } => format!("({name}) master is {address}, priority {priority}"),
        Notice::Master { name, master: None, .. } => format!("({name}) no other master"),
        Notice::Removed { name, .. } => format!("({name}) removed"),
        Notice::Group { name, state } => format!("group {name} {state}"),
        Notice::Tracker { kind, name, status } => format!("{kind} {name}: {status}"),
        Notice::Started => "VRRP started".into(),
        Notice::Reloaded { .. } => "configuration reloaded".into(),
        Notice::Stopped => "VRRP stopped".into(),
    })
}
