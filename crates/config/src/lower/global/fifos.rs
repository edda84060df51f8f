//! Notification FIFOs.

use keepalived_model::global::{Fifo, Fifos};

use super::{Draft, script};
use crate::{
    check::codes,
    lower::scripts::{Loudness, Scripts},
    source::Span,
    typed::{Entry, Typing},
    values::script::ScriptLine,
};

/// One FIFO while it is read.
#[derive(Debug, Default)]
struct FifoDraft {
    fifo: Option<(Span, Fifo)>,
    script: Option<(Span, ScriptLine)>,
}

/// All three while they are read.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    global: FifoDraft,
    vrrp: FifoDraft,
    lvs: FifoDraft,
    write_states_on_reload: bool,
}

impl Draft<'_> {
    /// Reads a keyword of a FIFO; false when it is none.
    pub(super) fn fifo(&mut self, typing: &mut Typing, entry: &Entry<'_>) -> bool {
        let drafts = &mut self.fifos;
        let (draft, is_script) = match entry.name() {
            "notify_fifo" => (&mut drafts.global, false),
            "notify_fifo_script" => (&mut drafts.global, true),
            "vrrp_notify_fifo" => (&mut drafts.vrrp, false),
            "vrrp_notify_fifo_script" => (&mut drafts.vrrp, true),
            "lvs_notify_fifo" => (&mut drafts.lvs, false),
            "lvs_notify_fifo_script" => (&mut drafts.lvs, true),
            "fifo_write_vrrp_states_on_reload" => {
                drafts.write_states_on_reload = true;
                return true;
            }
            _ => return false,
        };
        if is_script {
            draft.script = script(typing, entry);
        } else {
            draft.fifo = entry.boxed(0).map(|path| {
                let fifo = Fifo {
                    path,
                    user: entry.boxed(1),
                    group: entry.boxed(2),
                    owner: None,
                    script: None,
                };
                (entry.span(), fifo)
            });
        }
        true
    }
}

impl Drafts {
    /// Resolves owners and scripts, and drops what is named twice (`config-language.md` 13.10).
    pub(super) fn finish(mut self, typing: &mut Typing, scripts: &mut Scripts<'_>) -> Fifos {
        let path = |draft: &FifoDraft| draft.fifo.as_ref().map(|(_, fifo)| fifo.path.clone());
        let global = path(&self.global);
        for (name, draft) in [("vrrp_notify_fifo", &mut self.vrrp), ("lvs_notify_fifo", &mut self.lvs)] {
            if let Some((span, _)) = draft.fifo.take_if(|(_, fifo)| Some(&fifo.path) == global.as_ref()) {
                let message = format!("{name} is the same as notify_fifo - ignoring it");
                typing.report(&codes::FIFO_EQUAL, span, message);
            }
        }
        let both = path(&self.vrrp).is_some() && path(&self.vrrp) == path(&self.lvs);
        if both
            && self.vrrp.script.is_some()
            && let Some((span, _)) = self.lvs.script.take()
        {
            let message = "vrrp_notify_fifo and lvs_notify_fifo are the same - ignoring lvs_notify_fifo_script";
            typing.report(&codes::FIFO_EQUAL, span, message);
        }
        Fifos {
            global: finish(typing, scripts, self.global, "notify_fifo"),
            vrrp: finish(typing, scripts, self.vrrp, "vrrp_notify_fifo"),
            lvs: finish(typing, scripts, self.lvs, "lvs_notify_fifo"),
            write_states_on_reload: self.write_states_on_reload,
        }
    }
}

fn finish(typing: &mut Typing, scripts: &mut Scripts<'_>, draft: FifoDraft, name: &str) -> Option<Fifo> {
    let (span, mut fifo) = draft.fifo?;
    match scripts.identity(fifo.user.as_deref(), fifo.group.as_deref()) {
        Ok(owner) => fifo.owner = owner,
        Err(why) if fifo.user.is_some() => {
            typing.report(
                &codes::SCRIPT_USER_NOTE,
                span,
                format!("{name}: {why} - ignoring the FIFO"),
            );
            return None;
        }
        Err(_) => {}
    }
    fifo.script = draft.script.and_then(|(span, line)| {
        let what = format!("{name}_script");
        let usable = scripts.line(&mut typing.diagnostics, span, line, &what, Loudness::Logged)?;
        Some(usable.command)
    });
    Some(fifo)
}
