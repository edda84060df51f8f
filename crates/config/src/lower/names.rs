//! Named objects: found by hash, suggested by likeness, noticed when they come too late.

use crate::{
    check::codes,
    diag::{Diagnostic, Diagnostics},
    fnv::FnvMap,
    grammar::Context,
    source::Span,
    suggest::nearest,
    tree::Word,
};

/// Objects of one kind. Lookups find the first of a name.
#[derive(Debug)]
pub(crate) struct Names {
    what: &'static str,
    first: FnvMap<Box<str>, (usize, Span)>,
    /// References that found nothing, for a better word once everything is read.
    unresolved: Vec<(Box<str>, Span)>,
}

impl Names {
    /// None yet; `what` names the keyword, for example `vrrp_script`.
    #[must_use]
    pub(crate) fn new(what: &'static str) -> Self {
        Self {
            what,
            first: FnvMap::default(),
            unresolved: Vec::new(),
        }
    }

    /// Adds the object with this index; gives the place of the first of that name if there is one already.
    pub(crate) fn add(&mut self, name: &str, index: usize, span: Span) -> Option<Span> {
        if let Some((_, before)) = self.first.get(name) {
            return Some(*before);
        }
        self.first.insert(name.into(), (index, span));
        None
    }

    /// The first object of this name.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> Option<usize> {
        self.first.get(name).map(|(index, _)| *index)
    }

    /// Place of the first object of this name.
    #[must_use]
    pub(crate) fn span(&self, name: &str) -> Option<Span> {
        self.first.get(name).map(|(_, span)| *span)
    }

    /// A name that is probably meant, among the first `limit` names.
    #[must_use]
    pub(crate) fn near(&self, name: &str, limit: usize) -> Option<&str> {
        nearest(name, self.first.keys().take(limit).map(|n| &**n))
    }

    /// Looks up a reference; one that finds nothing is kept for [`Names::finish`].
    pub(crate) fn resolve(&mut self, word: &Word) -> Option<usize> {
        let found = self.get(&word.text);
        if found.is_none() && self.unresolved.len() <= Diagnostics::LIMIT {
            self.unresolved.push((word.text.clone(), word.span));
        }
        found
    }

    /// Says what could not be found, with the nearest name, or with the place of a definition that comes too late.
    pub(crate) fn finish(&mut self, cx: &mut Context<'_>) {
        for (name, span) in std::mem::take(&mut self.unresolved) {
            let mut diagnostic = Diagnostic::new(
                &codes::TRACKER_UNKNOWN,
                span,
                format!("{} `{name}` is not found; the entry is ignored", self.what),
            );
            diagnostic = match (self.span(&name), self.near(&name, cx.suggestions())) {
                (Some(place), _) => diagnostic
                    .label(place, "it is defined here")
                    .help("move the definition above the block that uses it"),
                (None, Some(near)) => diagnostic.fix(span, near, format!("write `{near}` instead")),
                (None, None) => diagnostic.help(format!("define `{} {name}` above this block", self.what)),
            };
            cx.typing.say(diagnostic);
        }
    }
}
