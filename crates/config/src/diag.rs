//! What is said about a configuration.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde::Serialize;

use crate::source::Span;

/// How much it matters to a person. What follows from it is policy elsewhere (`-t`, `--strict`, reload).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the original would not have said it (for example a keyword that has no effect yet).
    Note,
    /// Something was corrected or looks wrong.
    Warning,
    /// A statement or object was refused.
    Error,
    /// keepalived could not start with this (`config-language.md` 13.1).
    Fatal,
}

/// keepalived's own class of a diagnostic, in ascending order; it decides the exit code of `-t`
/// (`config-language.md` 11.2 and 11.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Class {
    /// Not counted by keepalived: printed only, or ours alone. Does not influence the exit code.
    None,
    /// A file is missing.
    FileNotFound,
    /// Bad interface.
    BadInterface,
    /// Fatal condition.
    Fatal,
    /// Several main files.
    MultipleFiles,
    /// Unknown keyword.
    UnknownKeyword,
    /// Brace where none belongs.
    UnexpectedBegin,
    /// Brace missing.
    MissingBegin,
    /// Closing brace where none belongs.
    UnexpectedEnd,
    /// Closing brace missing.
    MissingEnd,
    /// Quote without its partner.
    UnmatchedQuote,
    /// Required argument missing: the program stops with exit code 2.
    MissingParameter,
    /// Bad number.
    InvalidNumber,
    /// Anything else.
    General,
    /// Mere warning.
    Warning,
    /// Deprecated.
    Deprecated,
    /// Script security.
    Security,
    /// A configuration *file* error (include checks): exit code 6.
    ConfigFile,
}

/// A kind of diagnostic. Codes are stable: `KA` and four digits; ranges: 0xxx files and language, 1xxx keywords and values,
/// 2xxx VRRP, 3xxx LVS, 4xxx BFD, 5xxx scripts and security, 9xxx notes of ours.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// For example `KA1001`.
    pub id: &'static str,
    /// A few words, lower case.
    pub title: &'static str,
    /// What it means, why it matters and how to mend it; Markdown, shown by `keepalivedctl explain`.
    pub explanation: &'static str,
    /// Usual severity.
    pub severity: Severity,
    /// keepalived's class.
    pub class: Class,
}

/// A replacement that mends the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub replacement: String,
    /// In words, for example `write "priority" instead`.
    pub label: String,
}

/// One thing said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: &'static Code,
    /// Severity, normally that of the code.
    pub severity: Severity,
    /// What is wrong here, one sentence without a full stop.
    pub message: String,
    /// Where; `None` for the configuration as a whole.
    pub span: Option<Span>,
    /// Other places that matter, with a word on each.
    pub labels: Vec<(Span, String)>,
    /// How to mend it, in words.
    pub help: Option<String>,
    /// How to mend it, as an edit.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A diagnostic at a place.
    #[must_use]
    pub fn new(code: &'static Code, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            span: span.into(),
            labels: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Adds help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds an edit that mends it.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>, label: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span,
            replacement: replacement.into(),
            label: label.into(),
        });
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }
}

/// Collects diagnostics, bounded: after [`Diagnostics::LIMIT`] only counts go on, so that a machine-made file cannot fill memory or log.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
    /// Hashes of what was said, so that a line made a thousand times is complained of once.
    seen: HashSet<u64>,
    suppressed: usize,
    worst: Option<Severity>,
    class: Option<Class>,
    missing_parameter: bool,
    config_file: bool,
    no_main_file: bool,
    security: bool,
}

impl Diagnostics {
    /// How many are kept.
    pub const LIMIT: usize = 1_000;

    /// Takes one more; the same sentence at the same place is kept once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.items.len() < Self::LIMIT && !self.seen.insert(fingerprint(&diagnostic)) {
            return;
        }
        self.worst = self.worst.max(Some(diagnostic.severity));
        let class = diagnostic.code.class;
        self.class = self.class.max(Some(class));
        self.missing_parameter |= class == Class::MissingParameter;
        self.config_file |= class == Class::ConfigFile;
        self.no_main_file |= class == Class::FileNotFound && diagnostic.severity == Severity::Fatal;
        self.security |= class == Class::Security;
        if self.items.len() < Self::LIMIT {
            self.items.push(diagnostic);
        } else {
            self.suppressed += 1;
        }
    }

    /// Takes over everything that another collection holds and counted.
    pub fn append(&mut self, other: Self) {
        self.suppressed += other.suppressed;
        self.worst = self.worst.max(other.worst);
        self.class = self.class.max(other.class);
        self.missing_parameter |= other.missing_parameter;
        self.config_file |= other.config_file;
        self.no_main_file |= other.no_main_file;
        self.security |= other.security;
        for diagnostic in other.items {
            if self.items.len() < Self::LIMIT {
                self.items.push(diagnostic);
            } else {
                self.suppressed += 1;
            }
        }
    }

    /// Those that were kept, in the order of their discovery.
    #[must_use]
    pub fn items(&self) -> &[Diagnostic] {
        &self.items
    }

    /// Replaces every text for which `new` has another one.
    pub(crate) fn rewrite(&mut self, new: impl Fn(&str) -> Option<String>) {
        let put = |text: &mut String| {
            if let Some(new) = new(text) {
                *text = new;
            }
        };
        for item in &mut self.items {
            put(&mut item.message);
            item.help.iter_mut().for_each(put);
            item.labels.iter_mut().map(|l| &mut l.1).for_each(put);
            if let Some(fix) = &mut item.fix {
                put(&mut fix.label);
                put(&mut fix.replacement);
            }
        }
    }

    /// How many were said, kept or not.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.items.len() + self.suppressed
    }

    /// How many were counted but not kept.
    #[must_use]
    pub const fn suppressed(&self) -> usize {
        self.suppressed
    }

    /// The worst severity so far.
    #[must_use]
    pub const fn worst(&self) -> Option<Severity> {
        self.worst
    }

    /// Exit code of `keepalived -t` (`config-language.md` 11.3): 0, 2, 4, 5 or 6.
    #[must_use]
    pub fn test_exit_code(&self) -> u8 {
        if self.missing_parameter {
            return 2;
        }
        if self.config_file || self.security {
            return 6;
        }
        match self.class {
            None | Some(Class::None) => 0,
            Some(Class::FileNotFound | Class::BadInterface | Class::Fatal) => 4,
            Some(_) => 5,
        }
    }

    /// Would keepalived refuse to start (exit 2 or 6)?
    #[must_use]
    pub fn refuses_start(&self) -> bool {
        self.refusal().is_some()
    }

    /// Exit code with which the daemon refuses to start (`config-language.md` 11.4): 6 for a configuration file error
    /// or a missing main file, 2 for a missing argument or a fatal condition; `None` when it starts.
    #[must_use]
    pub fn refusal(&self) -> Option<u8> {
        if self.config_file || self.no_main_file {
            Some(6)
        } else if self.missing_parameter || self.worst == Some(Severity::Fatal) {
            Some(2)
        } else {
            None
        }
    }
}

fn fingerprint(diagnostic: &Diagnostic) -> u64 {
    let mut hasher = DefaultHasher::new();
    diagnostic.code.id.hash(&mut hasher);
    diagnostic.message.hash(&mut hasher);
    diagnostic
        .span
        .map(|s| (s.file, s.line, s.column, s.len))
        .hash(&mut hasher);
    hasher.finish()
}
