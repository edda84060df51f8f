//! Words that must not be shown again: passwords and keys, wherever a message or an excerpt of a file would repeat them.

use std::collections::{BTreeMap, HashSet};

use crate::{
    codes::language::UNTERMINATED_QUOTE,
    diag::Diagnostics,
    source::{FileId, SourceMap, Span},
    table::Block,
    tree::Statement,
};

/// What stands between words in a file, and around a word that a message quotes.
const fn divides(c: char) -> bool {
    matches!(
        c,
        '\'' | '"' | '=' | ',' | ';' | ':' | '(' | ')' | '{' | '}' | '<' | '>' | '\\'
    ) || c.is_ascii_whitespace()
}

/// The secrets of one reading.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    words: HashSet<Box<str>>,
    /// Blocks with secrets in them: first line to last line. What an open quote swallowed there is no word of any statement.
    blocks: BTreeMap<(FileId, u32), u32>,
}

impl Secrets {
    /// A block that holds secrets, with its statements noted: those of `secret` keywords and those that it does not know.
    pub(crate) fn block(&mut self, block: &Block, secret: &str, statement: &Statement) {
        let Some(body) = &statement.body else { return };
        let open = statement.span;
        let end = body.close.map_or(u32::MAX, |close| close.line);
        self.blocks.insert((open.file, open.line), end);
        for inner in &body.statements {
            if inner.keyword() == secret {
                self.arguments(inner);
            } else if !block.has(inner.keyword()) {
                self.unknown(inner);
            }
        }
    }

    /// Everything after the keyword, but not the number of a key, nor the name of its file.
    fn arguments(&mut self, statement: &Statement) {
        for word in statement.args() {
            self.value(&word.text);
        }
    }

    /// A statement that its block does not know may be a keyword mistyped or a secret that got lost.
    fn unknown(&mut self, statement: &Statement) {
        self.arguments(statement);
        let keyword = statement.keyword();
        if !keyword.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            self.text(keyword);
        }
    }

    fn value(&mut self, text: &str) {
        let number = text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
        if !number && !text.starts_with("file:") {
            self.text(text);
        }
    }

    fn text(&mut self, text: &str) {
        let mut pieces = text.split(divides).filter(|p| !p.is_empty()).peekable();
        let first = pieces.next();
        // pieces of what is cut in two are only worth hiding if they say something
        let whole = pieces.peek().is_none();
        for piece in first.into_iter().chain(pieces).filter(|p| whole || p.len() > 3) {
            if !self.words.contains(piece) {
                self.words.insert(piece.into());
            }
        }
    }

    /// Hides them in what was said and in what excerpts are taken from.
    pub(crate) fn hide(mut self, diagnostics: &mut Diagnostics, sources: &mut SourceMap) {
        let quotes = diagnostics
            .items()
            .iter()
            .filter(|d| d.code.id == UNTERMINATED_QUOTE.id);
        for span in quotes.filter_map(|d| d.span).collect::<Vec<Span>>() {
            self.swallowed(span, sources);
        }
        if self.words.is_empty() || diagnostics.items().is_empty() {
            return;
        }
        diagnostics.rewrite(|text| self.mask(text));
        sources.conceal(|text| self.mask(text));
    }

    /// What stands after an open quote in a block of secrets.
    fn swallowed(&mut self, span: Span, sources: &SourceMap) {
        let before = self.blocks.range(..=(span.file, span.line)).next_back();
        if !before.is_some_and(|((file, _), end)| *file == span.file && span.line <= *end) {
            return;
        }
        let file = sources.file(span.file);
        let line = file.and_then(|f| f.text.lines().nth((span.line as usize).saturating_sub(1)));
        if let Some(line) = line {
            let words = line.split_ascii_whitespace();
            words.skip(1).for_each(|word| self.value(word));
            let first = line.split('"').nth(1).unwrap_or("");
            self.value(first);
        }
    }

    /// The text with asterisks for secrets, each byte one; `None` when there are none in it.
    fn mask(&self, text: &str) -> Option<String> {
        let mut out: Option<String> = None;
        let mut at = 0;
        for word in text.split(divides) {
            if self.words.contains(word) {
                let out = out.get_or_insert_with(|| String::with_capacity(text.len()));
                out.push_str(&text[out.len()..at]);
                out.extend(std::iter::repeat_n('*', word.len()));
            }
            // every divider is one byte long
            at += word.len() + 1;
        }
        let mut out = out?;
        out.push_str(&text[out.len()..]);
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_hidden_and_nothing_moves() {
        let mut secrets = Secrets::default();
        secrets.text("geheim");
        secrets.text("hex:00ff00");
        for (text, masked) in [
            ("auth_pass geheim # geheimer", Some("auth_pass ****** # geheimer")),
            ("$PASS=geheim", Some("$PASS=******")),
            ("invalid number 'geheim'", Some("invalid number '******'")),
            ("key 7 hex:00ff00", Some("key 7 hex:******")),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(secrets.mask(text).as_deref(), masked, "{text}");
        }
    }
}
