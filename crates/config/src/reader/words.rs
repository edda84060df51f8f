//! Splitting at blanks and double quotes (`config-language.md` 8.1) and at braces (section 4).

use std::ops::Range;

use super::line::is_blank;

/// One word of a line: where its text stands, without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: Range<usize>,
    pub(crate) quoted: bool,
}

impl Piece {
    /// The word with its quotes.
    pub(crate) fn whole(&self) -> Range<usize> {
        if self.quoted {
            self.text.start - 1..self.text.end + 1
        } else {
            self.text.clone()
        }
    }
}

/// Splits into words. The second value is the start of a quoted word that never ends; it is left out.
pub(crate) fn split(text: &str) -> (Vec<Piece>, Option<usize>) {
    let mut words = Vec::new();
    let open = split_into(text, &mut words);
    (words, open)
}

/// [`split`] into a vector that is used again; what it held is dropped.
pub(crate) fn split_into(text: &str, words: &mut Vec<Piece>) -> Option<usize> {
    words.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b if is_blank(b as char) => at += 1,
            b'"' => {
                let Some(len) = text[at + 1..].find('"') else {
                    return Some(at);
                };
                words.push(Piece {
                    text: at + 1..at + 1 + len,
                    quoted: true,
                });
                at += len + 2;
            }
            _ => {
                let start = at;
                while at < bytes.len() && bytes[at] != b'"' && !is_blank(bytes[at] as char) {
                    at += 1;
                }
                words.push(Piece {
                    text: start..at,
                    quoted: false,
                });
            }
        }
    }
    None
}

/// The first brace outside plain double quotes.
pub(crate) fn find_brace(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|b| match b {
        b'"' => {
            quoted = !quoted;
            false
        }
        b'{' | b'}' => !quoted,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<&str> {
        split(line).0.into_iter().map(|p| &line[p.text]).collect()
    }

    #[test]
    fn quotes_make_words_of_their_own() {
        assert_eq!(texts("state \"a b\"c d"), ["state", "a b", "c", "d"]);
        assert_eq!(texts("a\"b c\"d"), ["a", "b c", "d"]);
        assert_eq!(texts("state \"\""), ["state", ""]);
        assert_eq!(texts("state 'a b'"), ["state", "'a", "b'"]);
        assert_eq!(split("state \"abc").1, Some(6));
        assert_eq!(texts("state \"abc"), ["state"]);
    }

    #[test]
    fn braces_in_quotes_do_not_count() {
        assert_eq!(find_brace("a \"{\" {"), Some(6));
        assert_eq!(find_brace("a '{'"), Some(3));
        assert_eq!(find_brace("a"), None);
    }
}
