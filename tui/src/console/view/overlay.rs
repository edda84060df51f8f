//! Boxes over the picture: help and questions.

use ratatui::{
    Frame,
    layout::{Constraint, Flex, Layout, Rect},
    text::{Line, Text},
    widgets::{Block, Clear, Paragraph},
};

use crate::{
    console::model::{Dangerous, Mode, Model},
    text::plain,
};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    match &model.mode {
        Mode::Normal | Mode::Filter => {}
        Mode::Help => show(frame, area, " Keys ", HELP.lines().map(Line::from).collect()),
        Mode::Confirm(order) => {
            let question = match order {
                Dangerous::Reload => "Reload the configuration of the daemon?".to_owned(),
                Dangerous::Garp(name) => format!("Announce the addresses of {} on the network again?", plain(name)),
            };
            let lines = Text::from(vec![
                Line::from(question),
                Line::from("y does it, any other key does not"),
            ]);
            show(frame, area, " Sure? ", lines);
        }
    }
}

const HELP: &str = "\
Up, Down, j, k       one instance up or down
PageUp, PageDown     one page
Home, End, g, G      first and last
/                    show only what contains a text
Esc                  show all again
s                    order: as in the file, by state, by name
c                    forget events
A                    announce addresses again (asks)
R                    reload the configuration (asks)
q, Ctrl-C            quit

PRIO is the priority sent / the configured one.
Any key closes this.";

fn show(frame: &mut Frame<'_>, area: Rect, title: &'static str, text: Text<'_>) {
    let width = u16::try_from(text.width()).unwrap_or(u16::MAX).saturating_add(4);
    let height = u16::try_from(text.height()).unwrap_or(u16::MAX).saturating_add(2);
    let [middle] = Layout::horizontal([Constraint::Length(width)])
        .flex(Flex::Center)
        .areas(area);
    let [middle] = Layout::vertical([Constraint::Length(height)])
        .flex(Flex::Center)
        .areas(middle);
    frame.render_widget(Clear, middle);
    frame.render_widget(Paragraph::new(text).block(Block::bordered().title(title)), middle);
}
