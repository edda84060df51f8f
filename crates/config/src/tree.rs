//! The tree: statements with words and bodies, before anybody asks what the words mean.
//!
//! Both languages give the same tree: keepalived.conf through its reader, TOML through its own. Braces always nest here;
//! what a keyword thinks of its body is decided when the tree is typed.

use std::borrow::Cow;

use crate::source::Span;

/// One word of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text without quotes.
    pub text: Box<str>,
    /// Where it stands.
    pub span: Span,
    /// It was written in double quotes (so it may be empty or hold blanks).
    pub quoted: bool,
}

/// One statement: a keyword with arguments and perhaps a body, or one item of a value block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The words of the line; never empty. `words[0]` is the keyword (or the first word of an item).
    pub words: Vec<Word>,
    /// The raw text of the line after expansion and comment removal, kept only where it holds a quote or a backslash:
    /// script words are split from it again (`config-language.md` 8.2). `None` means: join the words with blanks.
    pub raw: Option<Box<str>>,
    /// The whole line.
    pub span: Span,
    /// What stands between `{` and `}`, when there are braces.
    pub body: Option<Body>,
}

/// Between `{` and `}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// In the order of the file.
    pub statements: Vec<Statement>,
    /// Where the `}` stands, unless it is missing.
    pub close: Option<Span>,
}

impl Statement {
    /// The keyword.
    #[must_use]
    pub fn keyword(&self) -> &str {
        self.words.first().map_or("", |w| &w.text)
    }

    /// The arguments after the keyword.
    #[must_use]
    pub fn args(&self) -> &[Word] {
        self.words.get(1..).unwrap_or(&[])
    }

    /// The whole line as text, from which script words are split (see [`Statement::raw`]).
    #[must_use]
    pub fn line(&self) -> Cow<'_, str> {
        if let Some(raw) = &self.raw {
            return Cow::Borrowed(raw);
        }
        let words: Vec<&str> = self.words.iter().map(|word| &*word.text).collect();
        Cow::Owned(words.join(" "))
    }
}
