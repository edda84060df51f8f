//! What a configuration of the corpus says about itself, in comments that begin with `#:`.

use crate::fail;
use crate::outcome::Verdict;

/// A state that is waited for before anything is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected {
    /// `MASTER`, `BACKUP` or `FAULT`.
    pub state: String,
    /// How many instances enter it.
    pub times: usize,
}

/// A difference that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excuse {
    /// What a line of the difference holds.
    pub pattern: String,
    /// Why it differs; the compatibility page says the same.
    pub reason: String,
}

/// The header of a configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// `#: wait STATE [TIMES]`; MASTER once unless said.
    pub expected: Vec<Expected>,
    /// `#: setup LINE`: a shell line run before the daemon.
    pub setup: Vec<String>,
    /// `#: also NAME | LINE | LINE ...`: a file beside the configuration.
    pub files: Vec<(String, String)>,
    /// `#: differs PATTERN :: REASON`.
    pub excuses: Vec<Excuse>,
    /// `#: arguments WORD ...`: further arguments.
    pub arguments: Vec<String>,
    /// `#: reload`: the configuration is read again before it is compared.
    pub reload: bool,
}

impl Header {
    /// Reads the comments of a configuration.
    pub(super) fn read(text: &str) -> Verdict<Self> {
        let mut header = Self::default();
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("#:")) {
            let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            let rest = rest.trim();
            match word {
                "wait" => header.expected.push(expected(rest)),
                "setup" => header.setup.push(rest.to_owned()),
                "also" => header.files.push(file(rest)),
                "arguments" => header.arguments.extend(rest.split_whitespace().map(str::to_owned)),
                "reload" => header.reload = true,
                "differs" => match rest.split_once(" :: ") {
                    Some((pattern, reason)) => header.excuses.push(Excuse {
                        pattern: pattern.trim().to_owned(),
                        reason: reason.trim().to_owned(),
                    }),
                    None => fail!("a difference without a reason: {line}"),
                },
                _ => fail!("`#: {line}` means nothing"),
            }
        }
        if header.expected.is_empty() {
            header.expected.push(expected("MASTER"));
        }
        Ok(header)
    }
}

fn expected(words: &str) -> Expected {
    let mut words = words.split_whitespace();
    Expected {
        state: words.next().unwrap_or("MASTER").to_owned(),
        times: words.next().and_then(|n| n.parse().ok()).unwrap_or(1),
    }
}

fn file(words: &str) -> (String, String) {
    let mut parts = words.split(" | ");
    let name = parts.next().unwrap_or_default().trim().to_owned();
    let lines: Vec<&str> = parts.collect();
    (name, lines.join("\n") + "\n")
}
