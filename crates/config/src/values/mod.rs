//! Values: what one word says (`config-language.md` section 10).
//!
//! Each reader takes a word and gives the value, or a sentence about what is wrong with it. What follows from a wrong value -
//! ignored, clamped, a default - stands in the keyword's declaration and is done by [`crate::typed`].

pub mod address;
pub mod number;
pub mod script;
pub mod umask;

/// `true on yes` / `false off no`, lower case only (`config-language.md` 10.3).
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "on" | "yes" => Some(true),
        "false" | "off" | "no" => Some(false),
        _ => None,
    }
}

/// Cuts a text to at most `max` bytes at a character boundary.
#[must_use]
pub fn cut(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
