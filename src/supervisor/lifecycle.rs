//! `startup_script` and `shutdown_script` (`runtime.md` 3.6).

use std::{path::Path, time::Duration};

use keepalived_linux::script::{Event, Script, Scripts, Surroundings};
use keepalived_model::{script::Command, time::Micros};

use super::notify::PRIVATE_VARIABLES;

/// How long a script has after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);
const DEFAULT_LIMIT: Duration = Duration::from_secs(10);

/// Runs a script to its end or its time-out. What becomes of it is only logged; `cancel` ends it early.
pub(super) async fn run(
    what: &str,
    command: Option<&Command>,
    limit: Option<Micros>,
    surroundings: &Surroundings,
    cancel: impl Future<Output = ()>,
) {
    let Some(command) = command else { return };
    let path = command
        .argv
        .first()
        .map(|program| program.to_string())
        .unwrap_or_default();
    tracing::debug!("Running {what} script {path}");
    let limit = limit.map_or(DEFAULT_LIMIT, Duration::from);
    match run_script(command, limit, surroundings, cancel).await {
        Ok(Outcome::Ended(status)) if status.success() => {
            tracing::debug!("{what} script {} succeeded", name(&path));
        }
        Ok(Outcome::Ended(status)) => match status.code() {
            Some(code) => tracing::info!("{what} script {path} failed, status {code}"),
            None => tracing::info!("{what} script {path} failed, {status}"),
        },
        Ok(Outcome::TimedOut) => tracing::info!("{what} script {path} timed out"),
        Ok(Outcome::Cancelled) => tracing::info!("{what} script {path} was ended because the daemon stops"),
        Err(error) => tracing::error!(alert = true, "failed to run {what} script {path}: {error}"),
    }
}

fn name(path: &str) -> String {
    Path::new(path).display().to_string()
}

enum Outcome {
    Ended(std::process::ExitStatus),
    TimedOut,
    Cancelled,
}

async fn run_script(
    command: &Command,
    limit: Duration,
    surroundings: &Surroundings,
    cancel: impl Future<Output = ()>,
) -> std::io::Result<Outcome> {
    let mut scripts = Scripts::new(surroundings.clone(), &PRIVATE_VARIABLES)?;
    let script = Script::configured(command).map_err(std::io::Error::other)?;
    let id = scripts.start(script);
    let early = tokio::select! {
        ended = ended(&mut scripts) => return ended.map(Outcome::Ended),
        () = tokio::time::sleep(limit) => Outcome::TimedOut,
        () = cancel => Outcome::Cancelled,
    };
    let terminate = rustix::process::Signal::TERM.as_raw();
    let _gone = scripts.signal_group(id, terminate);
    if tokio::time::timeout(GRACE, ended(&mut scripts)).await.is_err() {
        let _gone = scripts.signal_group(id, rustix::process::Signal::KILL.as_raw());
        ended(&mut scripts).await?;
    }
    Ok(early)
}

async fn ended(scripts: &mut Scripts) -> std::io::Result<std::process::ExitStatus> {
    loop {
        match scripts.next().await? {
            Event::Started { through_shell, .. } => {
                if through_shell {
                    tracing::info!("Please add a #! shebang to the script");
                }
            }
            Event::Failed { error, .. } => return Err(std::io::Error::other(error)),
            Event::Ended { status, .. } => {
                return status.ok_or_else(|| std::io::Error::other("its exit status was taken by somebody else"));
            }
        }
    }
}
