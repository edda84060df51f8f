//! Script words: the richer splitting of lines that name a command (`config-language.md` 8.2).

use crate::reader::script_words::{MissingTerminator, split_command, split_line};

/// What a line with a script says after its keyword.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptLine {
    /// The program and its arguments; empty when there is no command.
    pub argv: Vec<Box<str>>,
    /// The next word: the user.
    pub user: Option<Box<str>>,
    /// The word after it: the group.
    pub group: Option<Box<str>>,
}

/// Splits a whole line (its keyword first) into command, user and group.
///
/// # Errors
/// A sentence about a quote without its partner.
pub fn line(raw: &str) -> Result<ScriptLine, String> {
    let mut words = split_line(raw)
        .map_err(|missing| unterminated(raw, missing))?
        .into_iter()
        .skip(1);
    let argv = match words.next() {
        Some(command) => arguments(&command)?,
        None => Vec::new(),
    };
    Ok(ScriptLine {
        argv,
        user: words.next().map(String::into_boxed_str),
        group: words.next().map(String::into_boxed_str),
    })
}

/// The arguments in a command word, split by the second set of rules.
///
/// # Errors
/// A sentence about a quote without its partner.
pub fn arguments(command: &str) -> Result<Vec<Box<str>>, String> {
    let words = split_command(command).map_err(|missing| unterminated(command, missing))?;
    Ok(words.into_iter().map(String::into_boxed_str).collect())
}

fn unterminated(text: &str, missing: MissingTerminator) -> String {
    format!("String '{}': missing terminating {}", text.trim(), missing.quote)
}

/// The command word that the second split makes `argv` of; it holds no double quote, so that it can be written in a pair of them.
#[must_use]
pub fn command_word(argv: &[Box<str>]) -> String {
    let words: Vec<String> = argv.iter().map(|word| protect(word)).collect();
    words.join(" ")
}

/// Escapes one argument for the second split without using quotes (which the outer pair would end).
fn protect(word: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(word.len());
    if word.is_empty() {
        return "''".to_owned();
    }
    for c in word.chars() {
        match c {
            // In octal, so that neither the comment rule nor the brace rule nor either split sees the character itself.
            '"' | '\'' | '\\' | '$' | '\n' | '\r' => {
                let _ = write!(out, "\\{:03o}", c as u32);
            }
            c if blank(c) => {
                let _ = write!(out, "\\{:03o}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

fn blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0b' | '\x0c' | '\r' | '\n')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn argv(raw: &str) -> Vec<Box<str>> {
        line(raw).unwrap().argv
    }

    #[test]
    fn command_user_group() {
        let read = line("notify \"/bin/x a b\" joe :wheel").unwrap();
        assert_eq!(read.argv, ["/bin/x", "a", "b"].map(Box::from));
        assert_eq!(read.user.as_deref(), Some("joe"));
        assert_eq!(read.group.as_deref(), Some(":wheel"));
    }

    #[test]
    fn quotes_join_and_nest() {
        assert_eq!(argv("script '/bin/x \"a b\"'"), ["/bin/x", "a b"].map(Box::from));
        assert_eq!(argv("script /bin/x\" a\"' b'"), ["/bin/x", "a", "b"].map(Box::from));
        assert_eq!(argv("script /bin/x\\ y"), ["/bin/x y"].map(Box::from));
        assert_eq!(argv("script"), Vec::<Box<str>>::new());
    }

    #[test]
    fn escapes() {
        assert_eq!(
            argv("script \"x \\101 \\x42c \\cA \\q\""),
            ["x", "A", "Bc", "\u{1}", "q"].map(Box::from)
        );
    }

    #[test]
    fn open_quote_is_reported() {
        assert_eq!(
            line("script \"/bin/x").unwrap_err(),
            "String 'script \"/bin/x': missing terminating \""
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_quoted_is_read_again(words in proptest::collection::vec("[ -~]{0,8}", 1..4)) {
            let words: Vec<Box<str>> = words.into_iter().map(String::into_boxed_str).collect();
            let text = format!("script \"{}\"", command_word(&words));
            proptest::prop_assert_eq!(line(&text).unwrap().argv, words);
        }
    }
}
