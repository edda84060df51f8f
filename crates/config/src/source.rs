//! Where text came from.

use std::{collections::HashMap, ops::Range};

use serde::{Deserialize, Serialize};

/// Index of a file in a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A piece of one physical line. Text made by a parameter or a sequence carries the place of the line that used it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Line, counted from 1.
    pub line: u32,
    /// First column, counted in bytes from 1.
    pub column: u32,
    /// Length in bytes; 0 points between two characters.
    pub len: u32,
    /// Expansion that produced the text, when it does not stand in the file (index into the source map).
    pub expansion: Option<ExpansionId>,
}

/// Index of an expansion in a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExpansionId(pub u32);

/// One file that was read, or one piece of given text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Name as it is shown to people.
    pub name: String,
    /// Its whole text (undecodable bytes replaced).
    pub text: String,
}

/// How a line came to be that does not stand in a file as it was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expansion<'a> {
    /// The line of the parameter's or sequence's definition.
    pub definition: Span,
    /// The line after expansion; kept for the first [`SourceMap::KEPT_LINES`] expanded lines only.
    pub text: Option<&'a str>,
}

/// All files of one reading.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    expansions: Vec<(Span, Range<u32>)>,
    expanded: String,
    shared: HashMap<Span, ExpansionId>,
    /// Texts as excerpts show them, where that is not as they are.
    shown: HashMap<FileId, String>,
}

impl SourceMap {
    /// How many expanded lines keep their text. A machine-made configuration has hundreds of thousands of them; those
    /// beyond this number share one record for each line of a definition.
    pub const KEPT_LINES: usize = 65_536;

    /// Notes an expanded line.
    pub fn add_expansion(&mut self, definition: Span, text: &str) -> ExpansionId {
        self.note_expansion(definition, text).0
    }

    /// Notes an expanded line; false if its record is shared by all further lines of this definition.
    pub(crate) fn note_expansion(&mut self, definition: Span, text: &str) -> (ExpansionId, bool) {
        let next = ExpansionId(u32::try_from(self.expansions.len()).unwrap_or(u32::MAX));
        if self.expansions.len() < Self::KEPT_LINES {
            let start = self.expanded.len();
            self.expanded.push_str(text);
            self.expansions
                .push((definition, offset(start)..offset(self.expanded.len())));
            return (next, true);
        }
        if let Some(id) = self.shared.get(&definition) {
            return (*id, false);
        }
        self.expansions.push((definition, u32::MAX..u32::MAX));
        self.shared.insert(definition, next);
        (next, false)
    }

    /// What is known of an expansion.
    #[must_use]
    pub fn expansion(&self, id: ExpansionId) -> Option<Expansion<'_>> {
        let (definition, range) = self.expansions.get(id.0 as usize)?;
        Some(Expansion {
            definition: *definition,
            text: self.expanded.get(range.start as usize..range.end as usize),
        })
    }

    /// Adds a file.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(SourceFile {
            name: name.into(),
            text: text.into(),
        });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The file, unless the id belongs to another map.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Its text as excerpts may show it: secrets are masked, each byte by one asterisk.
    pub(crate) fn shown(&self, id: FileId) -> Option<&str> {
        let text = || self.file(id).map(|file| file.text.as_str());
        self.shown.get(&id).map(String::as_str).or_else(text)
    }

    /// Masks secrets in what excerpts show. `mask` must keep the length of its text.
    pub(crate) fn conceal(&mut self, mask: impl Fn(&str) -> Option<String>) {
        for (number, file) in (0..).zip(&self.files) {
            if let Some(text) = mask(&file.text) {
                self.shown.insert(FileId(number), text);
            }
        }
        if let Some(text) = mask(&self.expanded) {
            self.expanded = text;
        }
    }

    /// All files in the order in which they were opened.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }
}

fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
