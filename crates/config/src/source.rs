//! Where text came from.

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

/// All files of one reading.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
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

    /// All files in the order in which they were opened.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }
}
