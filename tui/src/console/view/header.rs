//! The first line: the daemon and how many instances are in which state.

use keepalived_status::State;
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};

use super::Theme;
use crate::{
    console::model::{Link, Model},
    text::{age, plain},
};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = Theme::of(model);
    let mut spans = vec![Span::styled("keepalived", theme.title())];
    match &model.link {
        Link::Connecting => spans.push(" connecting ...".into()),
        Link::Up(overview) => {
            let up = age(Some(overview.started), model.now);
            spans.push(
                format!(
                    " {} on {}, up {up}  ",
                    plain(&overview.version),
                    plain(&overview.router_id)
                )
                .into(),
            );
        }
        Link::Down(_) => spans.push(Span::styled(" not reachable, trying again  ", theme.alarm())),
    }
    for state in [State::Master, State::Backup, State::Fault, State::Init] {
        let n = model.count(state);
        if n > 0 {
            spans.push(Span::styled(format!(" {n} {state}"), theme.state(state)));
        }
    }
    frame.render_widget(Line::from(spans), area);
}
