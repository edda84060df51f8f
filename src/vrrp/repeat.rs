//! `fifo_write_vrrp_states_on_reload`: every state once more, for readers that begin anew with the new FIFO.

use std::{collections::HashMap, fmt::Write as _};

use keepalived_vrrp::{Engine, GroupId, InstanceId, State};

/// The lines: sync groups first, then instances, both as configured; MASTER too, which the original leaves out.
pub(super) fn lines(engine: &Engine, order: &[InstanceId], groups: impl Iterator<Item = Box<str>>) -> Vec<String> {
    let mut by_name: HashMap<&str, (GroupId, State)> = HashMap::new();
    let mut instances = Vec::with_capacity(order.len());
    for view in order.iter().filter_map(|id| engine.view(*id)) {
        if let Some((id, (state, config))) = view.group.and_then(|id| Some((id, engine.group(id)?))) {
            by_name.insert(&config.name, (id, state));
        }
        if let Some(word) = word(view.state) {
            let (name, priority) = (&view.spec.config.name, view.effective_priority);
            let mut line = String::new();
            // Writing to a string does not fail.
            let _infallible = writeln!(line, "INSTANCE \"{name}\" {word} {priority}");
            instances.push(line);
        }
    }
    let groups = groups.filter_map(|name| {
        let word = word(by_name.get(&*name)?.1)?;
        Some(format!("GROUP \"{name}\" {word} 0\n"))
    });
    groups.chain(instances).collect()
}

const fn word(state: State) -> Option<&'static str> {
    match state {
        State::Master => Some("MASTER"),
        State::Backup => Some("BACKUP"),
        State::Fault => Some("FAULT"),
        State::Init | State::Stopped => None,
    }
}
