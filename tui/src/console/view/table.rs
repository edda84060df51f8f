//! The table of instances. Only the lines on screen are made, so that 65,024 instances scroll like ten.

use keepalived_status::view::Row as Instance;
use ratatui::{
    Frame,
    layout::{Constraint, Rect},
    text::{Line, Text},
    widgets::{Cell, Paragraph, Row, Table, Wrap},
};

use super::Theme;
use crate::{
    console::model::{Link, Model, Rate},
    text::{age, plain},
};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    if model.visible.is_empty() {
        frame.render_widget(Paragraph::new(nothing(model)).wrap(Wrap { trim: false }), area);
        return;
    }
    let theme = Theme::of(model);
    let window = model.visible.iter().skip(model.top).take(model.height);
    let rows = window.filter_map(|id| model.rows.get(id)).map(|row| {
        let rate = model.rates.get(&row.id).copied();
        let line = Row::new(cells(row, rate, model, theme));
        if Some(row.id) == model.selected {
            line.style(theme.bar())
        } else {
            line
        }
    });
    let header = [
        "INSTANCE", "IFACE", "VRID", "IP", "STATE", "PRIO", "MASTER", "SINCE", "RX/s", "TX/s",
    ];
    let widths = [
        Constraint::Fill(1),
        Constraint::Length(9),
        Constraint::Length(4),
        Constraint::Length(2),
        Constraint::Length(6),
        Constraint::Length(7),
        Constraint::Length(15),
        Constraint::Length(6),
        Constraint::Length(5),
        Constraint::Length(5),
    ];
    let table = Table::new(rows, widths).header(Row::new(header).style(theme.title()));
    frame.render_widget(table, area);
}

fn cells(row: &Instance, rate: Option<Rate>, model: &Model, theme: Theme) -> [Cell<'static>; 10] {
    let selected = Some(row.id) == model.selected;
    // The bar of the selected line is reversed: a colour there would be a coloured block.
    let state = if selected { theme.bar() } else { theme.state(row.state) };
    let priority = if row.effective == row.priority {
        row.effective.to_string()
    } else {
        format!("{}/{}", row.effective, row.priority)
    };
    let right = |text: String| Cell::from(Line::from(text).right_aligned());
    let tenths = |value: u64| {
        if value >= 1000 {
            (value / 10).to_string()
        } else {
            format!("{}.{}", value / 10, value % 10)
        }
    };
    [
        Cell::from(plain(&row.name)),
        Cell::from(row.interface.as_deref().map_or_else(|| "-".into(), plain)),
        right(row.vrid.to_string()),
        Cell::from(format!("v{}", row.family)),
        Cell::from(row.state.to_string()).style(state),
        right(priority),
        Cell::from(
            row.master
                .map_or_else(|| "-".into(), |(address, _)| address.to_string()),
        ),
        right(age(row.last_transition, model.now)),
        right(rate.map_or_else(|| "-".into(), |r| tenths(r.rx_tenths))),
        right(rate.map_or_else(|| "-".into(), |r| tenths(r.tx_tenths))),
    ]
}

fn nothing(model: &Model) -> Text<'static> {
    match &model.link {
        Link::Connecting => Text::raw("Looking for the daemon ..."),
        Link::Down(problem) => Text::raw(plain_lines(&problem.to_string())),
        Link::Up(_) if model.rows.is_empty() => Text::raw("The daemon has no VRRP instances."),
        Link::Up(_) => Text::raw(format!("No instance fits \"{}\"; Esc shows all.", plain(&model.filter))),
    }
}

fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}
