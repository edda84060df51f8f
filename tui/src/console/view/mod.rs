//! How the console looks: a file for each panel.

pub(super) mod detail;
mod footer;
mod header;
mod log;
mod overlay;
mod table;

use keepalived_status::State;
use ratatui::{
    Frame,
    layout::{Constraint, Layout},
    style::{Color, Modifier, Style},
};

use super::model::Model;

/// Below this height only the table is shown.
const TALL: u16 = 16;

/// Draws everything. The model learns the height of the table.
pub(super) fn draw(frame: &mut Frame<'_>, model: &mut Model) {
    let area = frame.area();
    let bottom = if area.height < TALL {
        0
    } else {
        (area.height / 2).clamp(9, 16)
    };
    let [top, middle, bottom, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(bottom),
        Constraint::Length(1),
    ])
    .areas(area);
    model.height = usize::from(middle.height.saturating_sub(1));
    model.settle();
    header::draw(frame, top, model);
    table::draw(frame, middle, model);
    let [left, right] = Layout::horizontal([Constraint::Percentage(58), Constraint::Percentage(42)]).areas(bottom);
    if bottom.height > 0 {
        detail::draw(frame, left, model);
        log::draw(frame, right, model);
    }
    footer::draw(frame, foot, model);
    overlay::draw(frame, area, model);
}

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
struct Theme(bool);

impl Theme {
    fn of(model: &Model) -> Self {
        Self(model.color)
    }

    fn state(self, state: State) -> Style {
        let color = match state {
            State::Master => Color::Green,
            State::Backup => Color::Cyan,
            State::Fault => Color::Red,
            State::Init => Color::Yellow,
            State::Deleted | State::Stop => Color::DarkGray,
        };
        let bold = matches!(state, State::Master | State::Fault);
        let style = if bold {
            Style::new().add_modifier(Modifier::BOLD)
        } else {
            Style::new()
        };
        if self.0 { style.fg(color) } else { style }
    }

    fn faint(self) -> Style {
        if self.0 {
            Style::new().fg(Color::DarkGray)
        } else {
            Style::new()
        }
    }

    fn bar(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn alarm(self) -> Style {
        let style = Style::new().add_modifier(Modifier::BOLD);
        if self.0 { style.fg(Color::Red) } else { style }
    }
}
