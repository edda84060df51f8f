//! The codes of diagnostics.

/// Declares codes, one `static` each, and the list of them all.
macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident = $id:literal, $severity:ident, $class:ident, $title:literal, $explanation:literal;)*) => {
        $($(#[$meta])* pub static $name: $crate::diag::Code = $crate::diag::Code {
            id: $id,
            title: $title,
            explanation: $explanation,
            severity: $crate::diag::Severity::$severity,
            class: $crate::diag::Class::$class,
        };)*
        /// All codes of this module, in ascending order.
        pub static ALL: &[&$crate::diag::Code] = &[$(&$name),*];
    };
}
pub mod keyword;
pub mod language;

use crate::diag::Code;

/// Every code there is, in ascending order within each family.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [language::ALL, keyword::ALL, crate::check::codes::ALL]
        .into_iter()
        .flatten()
        .copied()
}
