//! How what happens changes what the console knows. No I/O: what is to be done is returned.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use keepalived_status::{
    InstanceId, State, Wall,
    view::{Detail, Notice, Overview, Row},
};

use super::model::{Dangerous, LOG_LIMIT, Link, Mode, Model, Rate};
use crate::{ctl::words, remote::Problem, text::plain};

/// Something happened.
#[derive(Debug)]
pub(super) enum Message {
    /// A key.
    Key(KeyEvent),
    /// A second passed.
    Tick(Wall),
    /// The daemon was found.
    Connected(Overview, Vec<Row>),
    /// Some rows again, with fresh counters.
    Rows(Wall, Vec<Row>),
    /// All about an instance.
    Detail(Box<Detail>),
    /// The daemon says something.
    Notice(Notice),
    /// The daemon is not there.
    Lost(Problem),
    /// An order was carried out, or not.
    Answer(String),
}

/// Something is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// End.
    Quit,
    /// Read everything again.
    ReadAll,
    /// Fetch all about this instance.
    Detail(String),
    /// Give this order.
    Order(Dangerous),
}

impl Model {
    /// Takes over what happened.
    pub(super) fn update(&mut self, message: Message) -> Option<Effect> {
        match message {
            Message::Key(key) if key.kind == KeyEventKind::Release => None,
            Message::Key(key) => self.key(key),
            Message::Tick(now) => {
                self.now = now;
                self.row().map(|row| Effect::Detail(row.name.clone()))
            }
            Message::Connected(overview, rows) => {
                self.link = Link::Up(overview);
                self.rows = rows.into_iter().map(|row| (row.id, row)).collect();
                self.rates.clear();
                self.detail = None;
                self.stale = true;
                None
            }
            Message::Rows(at, rows) => {
                rows.into_iter().for_each(|row| self.refresh(at, row));
                None
            }
            Message::Detail(detail) => {
                if Some(detail.row.id) == self.selected {
                    self.detail = Some(*detail);
                }
                None
            }
            Message::Notice(notice) => self.notice(notice),
            Message::Lost(problem) => {
                if !matches!(self.link, Link::Down(_)) {
                    self.say("connection to the daemon lost".into());
                }
                self.link = Link::Down(problem);
                None
            }
            Message::Answer(text) => {
                self.say(text);
                None
            }
        }
    }

    fn refresh(&mut self, at: Wall, row: Row) {
        let old = self.rates.get(&row.id).copied();
        let micros = old.map_or(0, |old| at.0.saturating_sub(old.at.0));
        let per_second = |new: u64, before: u64| new.saturating_sub(before).saturating_mul(10_000_000) / micros.max(1);
        let rate = match old {
            Some(old) if micros > 0 => Rate {
                rx: row.rx,
                tx: row.tx,
                at,
                rx_tenths: per_second(row.rx, old.rx),
                tx_tenths: per_second(row.tx, old.tx),
            },
            _ => Rate {
                rx: row.rx,
                tx: row.tx,
                at,
                ..Rate::default()
            },
        };
        self.rates.insert(row.id, rate);
        self.stale |= self
            .rows
            .get(&row.id)
            .is_none_or(|old| old.state != row.state || old.name != row.name);
        self.rows.insert(row.id, row);
    }

    fn notice(&mut self, notice: Notice) -> Option<Effect> {
        if let Some(words) = words(&notice) {
            self.say(words);
        }
        let changed = |id: InstanceId, selected: Option<InstanceId>, name: String| {
            (selected == Some(id)).then_some(Effect::Detail(name))
        };
        match notice {
            Notice::Reset | Notice::Started | Notice::Reloaded { .. } => Some(Effect::ReadAll),
            Notice::Instance(row) => {
                let effect = changed(row.id, self.selected, row.name.clone());
                self.stale = true;
                self.rows.insert(row.id, row);
                effect
            }
            Notice::State { id, name, state, at } => {
                if let Some(row) = self.rows.get_mut(&id) {
                    row.state = state;
                    row.last_transition = Some(at);
                    if state == State::Master {
                        row.master = None;
                    }
                    self.stale = true;
                }
                changed(id, self.selected, name)
            }
            Notice::Priority {
                id,
                name,
                base,
                effective,
                total,
            } => {
                if let Some(row) = self.rows.get_mut(&id) {
                    (row.priority, row.effective, row.total) = (base, effective, total);
                }
                changed(id, self.selected, name)
            }
            Notice::Master { id, name, master } => {
                if let Some(row) = self.rows.get_mut(&id) {
                    row.master = master;
                }
                changed(id, self.selected, name)
            }
            Notice::Removed { id, .. } => {
                self.rows.remove(&id);
                self.rates.remove(&id);
                self.stale = true;
                None
            }
            Notice::Tracker { .. } => self.row().map(|row| Effect::Detail(row.name.clone())),
            Notice::Group { .. } | Notice::Stopped => None,
        }
    }

    fn say(&mut self, text: String) {
        if self.log.len() == LOG_LIMIT {
            self.log.pop_front();
        }
        self.log.push_back((Wall::now().max(self.now), plain(&text)));
    }

    fn key(&mut self, key: KeyEvent) -> Option<Effect> {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Some(Effect::Quit);
        }
        match self.mode.clone() {
            Mode::Normal => self.normal_key(key.code),
            Mode::Filter => {
                self.filter_key(key.code);
                None
            }
            Mode::Help => {
                self.mode = Mode::Normal;
                None
            }
            Mode::Confirm(order) => {
                self.mode = Mode::Normal;
                matches!(key.code, KeyCode::Char('y' | 'Y')).then_some(Effect::Order(order))
            }
        }
    }

    fn normal_key(&mut self, code: KeyCode) -> Option<Effect> {
        let page = isize::try_from(self.height.max(2) - 1).unwrap_or(1);
        match code {
            KeyCode::Char('q') => return Some(Effect::Quit),
            KeyCode::Up | KeyCode::Char('k') => return self.walk(-1),
            KeyCode::Down | KeyCode::Char('j') => return self.walk(1),
            KeyCode::PageUp => return self.walk(-page),
            KeyCode::PageDown | KeyCode::Char(' ') => return self.walk(page),
            KeyCode::Home | KeyCode::Char('g') => return self.walk(isize::MIN),
            KeyCode::End | KeyCode::Char('G') => return self.walk(isize::MAX),
            KeyCode::Char('/') => self.mode = Mode::Filter,
            KeyCode::Esc => {
                self.filter.clear();
                self.stale = true;
            }
            KeyCode::Char('s') => {
                self.order = self.order.next();
                self.stale = true;
            }
            KeyCode::Char('c') => self.log.clear(),
            KeyCode::Char('?' | 'h') | KeyCode::F(1) => self.mode = Mode::Help,
            KeyCode::Char('R') => self.mode = Mode::Confirm(Dangerous::Reload),
            KeyCode::Char('A') => {
                if let Some(name) = self.row().map(|row| row.name.clone()) {
                    self.mode = Mode::Confirm(Dangerous::Garp(name));
                }
            }
            _ => {}
        }
        None
    }

    fn filter_key(&mut self, code: KeyCode) {
        match code {
            KeyCode::Enter => self.mode = Mode::Normal,
            KeyCode::Esc => {
                self.filter.clear();
                self.mode = Mode::Normal;
            }
            KeyCode::Backspace => {
                self.filter.pop();
            }
            KeyCode::Char(c) if !c.is_control() => self.filter.push(c),
            _ => {}
        }
        self.stale = true;
    }

    fn walk(&mut self, by: isize) -> Option<Effect> {
        self.settle();
        let last = self.visible.len().checked_sub(1)?;
        let position = self.position()?.saturating_add_signed(by).min(last);
        self.selected = self.visible.get(position).copied();
        self.detail = None;
        self.settle();
        self.row().map(|row| Effect::Detail(row.name.clone()))
    }
}
