//! Telling the user's programs: notify scripts, FIFOs and mail. Started and forgotten, never waited for by an election.

pub mod fifo;
pub mod mail;

use keepalived_linux::script::{InvalidScript, Script, ScriptId, Scripts};
use keepalived_model::{
    script::{Command, NotifyScripts},
    vrrp::{Instance, SyncGroup},
};
use keepalived_vrrp::Notified;

/// The word that scripts and FIFOs get for a state.
pub const fn state_word(state: Notified) -> &'static str {
    match state {
        Notified::Master => "MASTER",
        Notified::Backup => "BACKUP",
        Notified::Fault => "FAULT",
        Notified::Stop => "STOP",
        Notified::Deleted => "DELETED",
    }
}

/// Starts the scripts for a state of an instance: the specific one, then the generic one (`vrrp.md` 13.1, 13.2).
/// `complain` hears what cannot be run.
pub fn state(
    config: &Instance,
    state: Notified,
    priority: u8,
    scripts: &mut Scripts,
    complain: impl FnMut(String),
) -> Vec<ScriptId> {
    let arguments = ["INSTANCE", &config.name, state_word(state), &priority.to_string()];
    run(&config.notify, state, &arguments, scripts, complain)
}

/// Starts the scripts for a state of a sync group, whose priority is said to be 0.
pub fn group_state(
    config: &SyncGroup,
    state: Notified,
    scripts: &mut Scripts,
    complain: impl FnMut(String),
) -> Vec<ScriptId> {
    run(
        &config.notify,
        state,
        &["GROUP", &config.name, state_word(state), "0"],
        scripts,
        complain,
    )
}

fn run(
    notify: &NotifyScripts,
    state: Notified,
    arguments: &[&str; 4],
    scripts: &mut Scripts,
    mut complain: impl FnMut(String),
) -> Vec<ScriptId> {
    let specific = match state {
        Notified::Master => &notify.master,
        Notified::Backup => &notify.backup,
        Notified::Fault => &notify.fault,
        Notified::Stop => &notify.stop,
        Notified::Deleted => &notify.deleted,
    };
    let specific = specific.as_ref().map(|command| (command, &[][..]));
    let generic = notify.generic.as_ref().map(|command| (command, &arguments[..]));
    specific
        .into_iter()
        .chain(generic)
        .filter_map(|(command, more)| start(command, more, scripts, &mut complain))
        .collect()
}

/// Starts `notify_master_rx_lower_pri`.
pub fn lower_priority_received(config: &Instance, scripts: &mut Scripts, mut complain: impl FnMut(String)) {
    if let Some(command) = &config.notify.master_rx_lower_pri {
        let _forgotten = start(command, &[], scripts, &mut complain);
    }
}

fn start(
    command: &Command,
    more: &[&str],
    scripts: &mut Scripts,
    complain: &mut impl FnMut(String),
) -> Option<ScriptId> {
    match build(command, more) {
        Ok(script) => Some(scripts.start(script)),
        Err(error) => {
            let program = command.argv.first().map_or("", |word| word);
            complain(format!("Notify script {program} cannot be run: {error}"));
            None
        }
    }
}

fn build(command: &Command, more: &[&str]) -> Result<Script, InvalidScript> {
    more.iter()
        .try_fold(Script::configured(command)?, |script, word| script.arg(word))
}
