//! What the console knows.

use std::collections::{BTreeMap, HashMap, VecDeque};

use keepalived_status::{
    InstanceId, State, Wall,
    view::{Detail, Overview, Row},
};

use crate::remote::Problem;

/// Lines of the event log that are kept.
pub(super) const LOG_LIMIT: usize = 500;

/// Everything the console knows.
#[derive(Debug)]
pub(super) struct Model {
    /// Now, as of the last tick.
    pub(super) now: Wall,
    /// The daemon, or why there is none.
    pub(super) link: Link,
    /// All instances.
    pub(super) rows: BTreeMap<InstanceId, Row>,
    /// Adverts per second.
    pub(super) rates: HashMap<InstanceId, Rate>,
    /// Those shown, in the order shown.
    pub(super) visible: Vec<InstanceId>,
    /// `visible` does not fit `rows` any more.
    pub(super) stale: bool,
    /// What of the names, interfaces, states, groups is looked for.
    pub(super) filter: String,
    /// How rows are ordered.
    pub(super) order: Order,
    /// The selected instance.
    pub(super) selected: Option<InstanceId>,
    /// Position of the first line shown.
    pub(super) top: usize,
    /// Lines of the table, as of the last drawing.
    pub(super) height: usize,
    /// All about the selected instance.
    pub(super) detail: Option<Detail>,
    /// What happened, newest last.
    pub(super) log: VecDeque<(Wall, String)>,
    /// What keys mean now.
    pub(super) mode: Mode,
    /// Are colours wanted?
    pub(super) color: bool,
}

/// The daemon, or why there is none.
#[derive(Debug)]
pub(super) enum Link {
    /// Not tried yet.
    Connecting,
    /// There.
    Up(Overview),
    /// Tried again now and then.
    Down(Problem),
}

/// What keys mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// They move and order.
    Normal,
    /// They write the filter.
    Filter,
    /// The next one closes the help.
    Help,
    /// `y` does it, all others do not.
    Confirm(Dangerous),
}

/// What is not done without asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dangerous {
    /// Reload the configuration.
    Reload,
    /// Announce the addresses of this instance.
    Garp(String),
}

/// How rows are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// As in the configuration.
    Configuration,
    /// Faults first, then masters, then backups.
    State,
    /// By name.
    Name,
}

impl Order {
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Configuration => Self::State,
            Self::State => Self::Name,
            Self::Name => Self::Configuration,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "file",
            Self::State => "state",
            Self::Name => "name",
        }
    }
}

/// Adverts per second, and the counts it was made of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    pub(super) rx: u64,
    pub(super) tx: u64,
    pub(super) at: Wall,
    /// Per second, in tenths.
    pub(super) rx_tenths: u64,
    /// Per second, in tenths.
    pub(super) tx_tenths: u64,
}

impl Model {
    pub(super) fn new(now: Wall, filter: String, color: bool) -> Self {
        Self {
            now,
            link: Link::Connecting,
            rows: BTreeMap::new(),
            rates: HashMap::new(),
            visible: Vec::new(),
            stale: false,
            filter,
            order: Order::Configuration,
            selected: None,
            top: 0,
            height: 10,
            detail: None,
            log: VecDeque::new(),
            mode: Mode::Normal,
            color,
        }
    }

    /// The selected row.
    pub(super) fn row(&self) -> Option<&Row> {
        self.rows.get(&self.selected?)
    }

    /// How many instances are in this state.
    pub(super) fn count(&self, state: State) -> usize {
        self.rows.values().filter(|row| row.state == state).count()
    }

    /// Position of the selected row among those shown.
    pub(super) fn position(&self) -> Option<usize> {
        self.visible.iter().position(|id| Some(*id) == self.selected)
    }

    /// Brings `visible`, the selection and the window up to date. Called before drawing.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.choose();
        }
        let last = self.visible.len().saturating_sub(1);
        let position = match self.position() {
            Some(position) => position,
            None => {
                self.selected = self.visible.first().copied();
                0
            }
        };
        self.top = self.top.min((last + 1).saturating_sub(self.height));
        self.top = self.top.min(position).max((position + 1).saturating_sub(self.height));
    }

    fn choose(&mut self) {
        let wanted = self.filter.to_lowercase();
        let fits = |row: &&Row| wanted.is_empty() || matches(row, &wanted);
        let mut rows: Vec<&Row> = self.rows.values().filter(fits).collect();
        match self.order {
            Order::Configuration => {}
            Order::State => rows.sort_by_key(|row| (urgency(row.state), row.id)),
            Order::Name => rows.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id))),
        }
        self.visible = rows.into_iter().map(|row| row.id).collect();
    }
}

fn matches(row: &Row, wanted: &str) -> bool {
    let contains = |text: &str| text.to_lowercase().contains(wanted);
    contains(&row.name)
        || row.interface.as_deref().is_some_and(contains)
        || row.group.as_deref().is_some_and(contains)
        || contains(&row.state.to_string())
}

const fn urgency(state: State) -> u8 {
    match state {
        State::Fault => 0,
        State::Init => 1,
        State::Master => 2,
        State::Backup => 3,
        State::Deleted | State::Stop => 4,
    }
}
