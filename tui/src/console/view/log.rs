//! What happened, newest last.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Borders, Paragraph},
};

use super::Theme;
use crate::{console::model::Model, text::age};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let theme = Theme::of(model);
    let block = Block::new()
        .borders(Borders::TOP)
        .title(Span::styled(" Events ", theme.title()));
    let height = usize::from(area.height.saturating_sub(1));
    let first = model.log.len().saturating_sub(height);
    let lines: Vec<Line<'_>> = model
        .log
        .iter()
        .skip(first)
        .map(|(at, text)| {
            let ago = Span::styled(format!("{:>6} ", age(Some(*at), model.now)), theme.faint());
            Line::from(vec![ago, Span::raw(text.as_str())])
        })
        .collect();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}
