//! How a keyword is declared: everything that is known of it stands in one value, from which the typed reader, the manual
//! page, the JSON schema, `explain` and the compatibility page are made.

use std::sync::OnceLock;

/// What [`Keyword::since`] says of a keyword that the original does not have.
pub const EXTENSION: &str = "extension";

/// One keyword of one block, or one option word of an item or of a statement.
#[derive(Clone, Copy, Debug)]
pub struct Keyword {
    /// As it is written.
    pub name: &'static str,
    /// The name under which the lowering knows it: that of the current spelling for an older spelling, else `name`.
    pub canonical: &'static str,
    /// Arguments in order.
    pub slots: &'static [Slot],
    /// What becomes of words after the last slot.
    pub surplus: Surplus,
    /// What stands between its braces.
    pub body: BodyKind,
    /// What a second occurrence in the same block does.
    pub repeat: Repeat,
    /// First release of keepalived that has it; older than the oldest that was looked at (2.2.7) when that is named;
    /// [`EXTENSION`] when none has.
    pub since: &'static str,
    /// Whether it does something in this program.
    pub status: Status,
    /// It should be written otherwise.
    pub deprecated: Option<Deprecated>,
    /// What changing it costs at a reload.
    pub reload: ReloadEffect,
    /// Default, as shown to people.
    pub default: &'static str,
    /// What is accepted and what happens otherwise, as shown to people.
    pub values: &'static str,
    /// What it does, one or two sentences.
    pub doc: &'static str,
}

/// Words after the last slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surplus {
    /// Not looked at.
    Ignored,
    /// Reported; the statement stands.
    Reported,
    /// Reported; the statement is ignored.
    Refused,
}

/// Whether a keyword does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Live,
    /// It is read, checked and kept, but acts only in a later work.
    Planned(Later),
    /// It never does anything; why.
    NoEffect(&'static str),
}

/// The work that will bring a planned keyword to life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// The rest of VRRP: authentication headers, groups, trackers, routes and rules, virtual MACs, firewalls, FIFOs, mail.
    Vrrp,
    /// SNMP.
    Snmp,
    /// IPVS and its health checks.
    Lvs,
    /// BFD.
    Bfd,
}

impl Later {
    /// In words, continuing "acts with ...".
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Vrrp => "the complete VRRP feature set",
            Self::Snmp => "SNMP support",
            Self::Lvs => "load balancing (IPVS) support",
            Self::Bfd => "BFD support",
        }
    }
}

/// An older spelling or an older way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecated {
    /// What to write instead.
    pub by: &'static str,
    /// keepalived reports it under `-t` (exit code 5); otherwise it only logs it or says nothing.
    pub reported: bool,
}

/// What a second occurrence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The later value wins.
    Last,
    /// The later value wins and that is reported.
    LastReported,
    /// The first valid one wins; later ones are reported and ignored.
    First,
    /// It can only be switched on.
    Flag,
    /// Each occurrence adds an object or items.
    Yes,
    /// Settings of several occurrences combine.
    Merged,
    /// The largest value wins.
    Largest,
}

/// What changing a setting costs at a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadEffect {
    /// Taken over while everything goes on.
    InPlace,
    /// The object concerned is restarted.
    Restart,
    /// The reload is refused; only a restart of the daemon takes it over.
    Refused,
    /// Looked at only when the daemon starts.
    AtStart,
}

/// What stands between the braces.
#[derive(Clone, Copy, Debug)]
pub enum BodyKind {
    /// No braces.
    None,
    /// Keywords.
    Block(&'static Block),
    /// One item a line, with the options of this block.
    Items(&'static Block),
    /// Any number of names a line; what they name.
    Names(&'static str),
}

/// One argument.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// What is read.
    pub kind: Kind,
    /// Whether it must be there.
    pub presence: Presence,
    /// What happens to a value that is not acceptable.
    pub on_bad: OnBad,
    /// A value that stands for another one: keepalived turns the first into the second and says so.
    pub replace: Option<(i64, i64)>,
    /// keepalived reads this number strictly: characters after it make it unacceptable, in the daemon too.
    pub strict: bool,
    /// Unit of a plain number, for people.
    pub unit: &'static str,
}

/// Whether an argument must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Missing: the program stops with exit code 2.
    Required,
    /// Missing: reported, the statement is ignored.
    Expected,
    /// May be missing.
    Optional,
}

/// What happens to a value that is not acceptable, always with a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBad {
    /// The statement is ignored, so an earlier value stays.
    Ignore,
    /// This number is used.
    Use(i64),
    /// It is as if the argument were not there.
    Absent,
    /// The nearest acceptable number is used.
    Clamp,
    /// The whole line (item, route, rule) or block is dropped.
    Drop,
}

/// What an argument is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any word.
    Text {
        /// Shown in angle brackets, for example `name`.
        what: &'static str,
        /// Longest length in bytes; 0 for any.
        max: usize,
        /// A longer word is cut, with a diagnostic, instead of being refused.
        cut: bool,
    },
    /// A decimal integer in a range.
    Int {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// An integer in C notation (decimal, 0 octal, 0x hexadecimal) in a range.
    CInt {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A 64-bit unsigned integer in C notation.
    U64,
    /// A length of time with decimals.
    Time {
        /// Unit of the text.
        unit: TimeUnit,
        /// Smallest, in microseconds.
        min: u64,
        /// Largest, in microseconds.
        max: u64,
    },
    /// `true on yes` / `false off no`; nothing means true.
    Bool,
    /// An IPv4 or IPv6 address.
    Address,
    /// An address with an optional `/LENGTH`.
    Prefix,
    /// A port, 1..=65535; a word of zeros means none.
    Port,
    /// Name of a network interface.
    Interface,
    /// One of these words; its index is the value.
    Choice {
        /// The words.
        words: &'static [&'static str],
        /// Upper and lower case are the same.
        any_case: bool,
    },
    /// This very word, when it stands here; never an error.
    Literal(&'static str),
    /// One of these words, when one stands here; never an error.
    Maybe(&'static [&'static str]),
    /// Exactly this many hexadecimal digits.
    Hex {
        /// How many.
        digits: usize,
    },
    /// A name of an iproute2 table, or a number.
    Named(&'static str),
    /// Script word with its own quoting, then user and group: the whole rest of the line.
    Script,
    /// All remaining words, with the option words of this block where there are some; read by the lowering.
    Rest {
        /// Shown to people.
        syntax: &'static str,
        /// Option words.
        options: Option<&'static Block>,
    },
}

/// Unit of a length of time in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds with six decimals.
    Seconds,
    /// Seconds with three decimals.
    SecondsMillis,
    /// Milliseconds with three decimals.
    Millis,
}

/// Keywords that are valid in one place.
#[derive(Debug)]
pub struct Block {
    /// Where it stands: names joined by dots, empty for the root; `<item>` for the options of an item, `<arg>` for option words.
    pub path: &'static str,
    /// In the order of the manual.
    pub keywords: &'static [Keyword],
    index: OnceLock<Index>,
}

impl Block {
    /// A block; used by the table only.
    pub(super) const fn new(path: &'static str, keywords: &'static [Keyword]) -> Self {
        Self {
            path,
            keywords,
            index: OnceLock::new(),
        }
    }

    /// The keyword of this spelling and its place in `keywords`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(usize, &'static Keyword)> {
        let at = self
            .index
            .get_or_init(|| Index::new(self.keywords))
            .find(name, self.keywords)?;
        self.keywords.get(at).map(|keyword| (at, keyword))
    }

    /// The words that can be written here, without the placeholders of positional arguments.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keywords
            .iter()
            .map(|keyword| keyword.name)
            .filter(|name| !name.starts_with('<'))
    }

    /// Can this word be written here?
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        !name.starts_with('<') && self.find(name).is_some()
    }

    /// Are these the option words of an item or statement, not keywords of a block?
    #[must_use]
    pub fn is_options(&self) -> bool {
        self.path.contains(".<")
    }

    /// Last part of the path, which is the keyword that opens the block.
    #[must_use]
    pub fn opener(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or("")
    }
}

/// Open addressing over a cheap hash: one probe for nearly every keyword, no allocation per lookup.
#[derive(Debug)]
struct Index {
    slots: Box<[u16]>,
}

impl Index {
    const EMPTY: u16 = u16::MAX;

    fn new(keywords: &[Keyword]) -> Self {
        let size = (keywords.len() * 4).next_power_of_two().max(4);
        let mut slots = vec![Self::EMPTY; size].into_boxed_slice();
        for (at, keyword) in keywords.iter().enumerate() {
            let mut place = hash(keyword.name) & (size - 1);
            while slots[place] != Self::EMPTY {
                place = (place + 1) & (size - 1);
            }
            slots[place] = u16::try_from(at).unwrap_or(Self::EMPTY);
        }
        Self { slots }
    }

    fn find(&self, name: &str, keywords: &[Keyword]) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut place = hash(name) & mask;
        loop {
            let at = usize::from(*self.slots.get(place)?);
            if at == usize::from(Self::EMPTY) {
                return None;
            }
            if keywords.get(at)?.name == name {
                return Some(at);
            }
            place = (place + 1) & mask;
        }
    }
}

/// Length, first and last eight bytes: enough to tell keywords apart, and the same cost for all of them.
fn hash(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (bytes.iter().fold(0, |packed, b| (packed << 8) | u64::from(*b)), 0),
    };
    let mixed = (first ^ last.rotate_left(29) ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize
}

// Builders: they make the table read like the manual.

/// A keyword without arguments and braces: a flag.
pub(super) const fn kw(name: &'static str) -> Keyword {
    Keyword {
        name,
        canonical: name,
        slots: &[],
        surplus: Surplus::Ignored,
        body: BodyKind::None,
        repeat: Repeat::Last,
        since: "2.2.7",
        status: Status::Live,
        deprecated: None,
        reload: ReloadEffect::InPlace,
        default: "",
        values: "",
        doc: "",
    }
}

impl Keyword {
    pub(super) const fn canonical(mut self, name: &'static str) -> Self {
        self.canonical = name;
        self
    }
    pub(super) const fn slots(mut self, slots: &'static [Slot]) -> Self {
        self.slots = slots;
        self
    }
    pub(super) const fn surplus(mut self, surplus: Surplus) -> Self {
        self.surplus = surplus;
        self
    }
    pub(super) const fn block(mut self, block: &'static Block) -> Self {
        self.body = BodyKind::Block(block);
        self
    }
    pub(super) const fn items(mut self, block: &'static Block) -> Self {
        self.body = BodyKind::Items(block);
        self.surplus = Surplus::Reported;
        self
    }
    pub(super) const fn names(mut self, what: &'static str) -> Self {
        self.body = BodyKind::Names(what);
        self.surplus = Surplus::Reported;
        self
    }
    pub(super) const fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }
    pub(super) const fn since(mut self, since: &'static str) -> Self {
        self.since = since;
        self
    }
    pub(super) const fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
    pub(super) const fn deprecated(mut self, by: &'static str, reported: bool) -> Self {
        self.deprecated = Some(Deprecated { by, reported });
        self
    }
    pub(super) const fn reload(mut self, reload: ReloadEffect) -> Self {
        self.reload = reload;
        self
    }
    pub(super) const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }
    pub(super) const fn values(mut self, values: &'static str) -> Self {
        self.values = values;
        self
    }
    pub(super) const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }
}

const fn slot(kind: Kind, presence: Presence) -> Slot {
    Slot {
        kind,
        presence,
        on_bad: OnBad::Ignore,
        replace: None,
        strict: false,
        unit: "",
    }
}

/// An argument without which the program stops (`!` in the list of keywords).
pub(super) const fn must(kind: Kind) -> Slot {
    slot(kind, Presence::Required)
}
/// An argument whose absence is reported.
pub(super) const fn want(kind: Kind) -> Slot {
    slot(kind, Presence::Expected)
}
/// An argument that may be missing.
pub(super) const fn may(kind: Kind) -> Slot {
    slot(kind, Presence::Optional)
}

impl Slot {
    pub(super) const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }
    pub(super) const fn bad(mut self, on_bad: OnBad) -> Self {
        self.on_bad = on_bad;
        self
    }
    pub(super) const fn replace(mut self, from: i64, to: i64) -> Self {
        self.replace = Some((from, to));
        self
    }
    pub(super) const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }
}

/// A decimal integer.
pub(super) const fn int(min: i64, max: i64) -> Kind {
    Kind::Int { min, max }
}
/// An integer in C notation.
pub(super) const fn cint(min: i64, max: i64) -> Kind {
    Kind::CInt { min, max }
}
/// Seconds with microseconds; limits in microseconds.
pub(super) const fn seconds(min: u64, max: u64) -> Kind {
    Kind::Time {
        unit: TimeUnit::Seconds,
        min,
        max,
    }
}
/// Seconds with milliseconds; limits in microseconds.
pub(super) const fn seconds_ms(min: u64, max: u64) -> Kind {
    Kind::Time {
        unit: TimeUnit::SecondsMillis,
        min,
        max,
    }
}
/// Milliseconds with microseconds; limits in microseconds.
pub(super) const fn millis(min: u64, max: u64) -> Kind {
    Kind::Time {
        unit: TimeUnit::Millis,
        min,
        max,
    }
}
/// Any word.
pub(super) const fn text(what: &'static str) -> Kind {
    Kind::Text {
        what,
        max: 0,
        cut: false,
    }
}
/// A word of limited length.
pub(super) const fn text_max(what: &'static str, max: usize) -> Kind {
    Kind::Text { what, max, cut: false }
}
/// A word that is cut to a length.
pub(super) const fn text_cut(what: &'static str, max: usize) -> Kind {
    Kind::Text { what, max, cut: true }
}
/// One of some words.
pub(super) const fn choice(words: &'static [&'static str]) -> Kind {
    Kind::Choice { words, any_case: false }
}
/// One of some words, upper or lower case.
pub(super) const fn choice_any_case(words: &'static [&'static str]) -> Kind {
    Kind::Choice { words, any_case: true }
}
/// The remaining words.
pub(super) const fn rest(syntax: &'static str) -> Kind {
    Kind::Rest { syntax, options: None }
}
/// The remaining words, made of options.
pub(super) const fn rest_of(syntax: &'static str, options: &'static Block) -> Kind {
    Kind::Rest {
        syntax,
        options: Some(options),
    }
}
/// Largest length of time, in microseconds (18446744073709.551614 s).
pub(super) const TIMER_MAX: u64 = u64::MAX - 1;
