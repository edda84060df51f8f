//! The TOML form of a configuration: the same tree, the same keywords. See docs/toml.md for the mapping.

mod read;
mod shape;
mod text;
mod write;

pub use read::read;
pub use write::to_toml;

/// Keys that are not keywords.
pub(crate) mod reserved {
    /// Words between a keyword and its brace.
    pub(crate) const ARGUMENTS: &str = "_args";
    /// The body as a list of lines.
    pub(crate) const ITEMS: &str = "_items";
    /// The line of an item that has a body.
    pub(crate) const LINE: &str = "_line";
    /// The order of statements where that of the keys is not enough.
    pub(crate) const ORDER: &str = "_order";
}
