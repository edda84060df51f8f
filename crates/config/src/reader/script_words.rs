//! The two richer splits of lines that name a script (`config-language.md` 8.2).

/// A quote without its partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingTerminator {
    /// `"` or `'`.
    pub quote: char,
    /// Where it stands, in bytes.
    pub at: usize,
}

/// First split, of the whole line: both kinds of quotes group, quoted and unquoted pieces join into one word, a backslash
/// protects the next character and is kept. Word 1 is the keyword, word 2 the command, word 3 the user, word 4 the group.
/// # Errors
/// A quote without its partner.
pub fn split_line(line: &str) -> Result<Vec<String>, MissingTerminator> {
    split(line, |out, chars| {
        out.push('\\');
        out.extend(chars.next().map(|(_, c)| c));
    })
}

/// Second split, of the command word (or of a `regex` line): the same quoting, escapes as in a shell's `$'...'`.
/// The first word is the program, the others its arguments.
/// # Errors
/// A quote without its partner.
pub fn split_command(command: &str) -> Result<Vec<String>, MissingTerminator> {
    split(command, escape)
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

fn split(text: &str, mut escape: impl FnMut(&mut String, &mut Chars<'_>)) -> Result<Vec<String>, MissingTerminator> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<MissingTerminator> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => escape(word.get_or_insert_default(), &mut chars),
            _ if quote.is_some_and(|q| q.quote == c) => quote = None,
            '"' | '\'' if quote.is_none() => {
                word.get_or_insert_default();
                quote = Some(MissingTerminator { quote: c, at });
            }
            _ if quote.is_none() && super::line::is_blank(c) => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    if let Some(open) = quote {
        return Err(open);
    }
    words.extend(word);
    Ok(words)
}

fn escape(out: &mut String, chars: &mut Chars<'_>) {
    let Some((_, c)) = chars.next() else {
        return;
    };
    let plain = match c {
        'a' => '\x07',
        'b' => '\x08',
        'E' => '\x1b',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '0'..='7' => {
            let first = c.to_digit(8).unwrap_or(0);
            char_of(digits(chars, 8, 2, first))
        }
        'x' => {
            if !chars.peek().is_some_and(|(_, c)| c.is_ascii_hexdigit()) {
                out.push('x');
                return;
            }
            char_of(digits(chars, 16, 2, 0))
        }
        'c' => match chars.next() {
            Some((_, control)) => char_of(u32::from(control) & 0x1f),
            None => 'c',
        },
        other => other,
    };
    out.push(plain);
}

fn digits(chars: &mut Chars<'_>, radix: u32, most: usize, first: u32) -> u32 {
    let mut value = first;
    for _ in 0..most {
        let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(radix)) else {
            break;
        };
        value = value * radix + digit;
        chars.next();
    }
    value
}

/// The character of a byte value; what does not fit a byte is cut as the original's `char` would be.
fn char_of(value: u32) -> char {
    char::from(u8::try_from(value & 0xff).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_examples() {
        assert_eq!(
            split_command("abcd\" efg h jkl \"mnop").unwrap(),
            ["abcd efg h jkl mnop"]
        );
        assert_eq!(
            split_command("abcd \"efg h jkl\" mnop").unwrap(),
            ["abcd", "efg h jkl", "mnop"]
        );
    }

    #[test]
    fn line_then_command() {
        let line = r#"notify_master "/bin/x 'a b' c\td" root wheel"#;
        let words = split_line(line).unwrap();
        assert_eq!(words, ["notify_master", "/bin/x 'a b' c\\td", "root", "wheel"]);
        assert_eq!(split_command(&words[1]).unwrap(), ["/bin/x", "a b", "c\td"]);
    }

    #[test]
    fn escapes() {
        assert_eq!(
            split_command(r#"a\x41\x4\101\cA\"\\\q \n"#).unwrap(),
            ["aA\x04A\x01\"\\q", "\n"]
        );
        assert_eq!(split_command(r"\xZ \c \").unwrap(), ["xZ", "\0"]);
        assert_eq!(split_command("\"\" ''").unwrap(), ["", ""]);
    }

    #[test]
    fn missing_terminators() {
        assert_eq!(split_line("notify \"abc"), Err(MissingTerminator { quote: '"', at: 7 }));
        assert_eq!(split_line("é\\é 'x").unwrap_err().at, 6);
    }
}
