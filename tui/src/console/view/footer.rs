//! The last line: keys, or the filter while it is written.

use ratatui::{Frame, layout::Rect, text::Line};

use super::Theme;
use crate::{
    console::model::{Mode, Model},
    text::plain,
};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = Theme::of(model);
    let line = match &model.mode {
        Mode::Filter => Line::from(format!("/{}\u{2581}  Enter keeps, Esc clears", plain(&model.filter))),
        _ => {
            let shown = if model.visible.len() == model.rows.len() {
                model.rows.len().to_string()
            } else {
                format!("{} of {}", model.visible.len(), model.rows.len())
            };
            let keys = "? help  / filter  s order  A announce  R reload  q quit";
            Line::from(format!("{keys}  | {shown} by {}", model.order.name()))
        }
    };
    frame.render_widget(line.style(theme.faint()), area);
}
