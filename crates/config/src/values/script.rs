//! Script words: the richer splitting of lines that name a command (`config-language.md` 8.2).

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
    let mut words = first_split(raw)?.into_iter().skip(1);
    let argv = match words.next() {
        Some(command) => second_split(&command)?,
        None => Vec::new(),
    };
    Ok(ScriptLine {
        argv,
        user: words.next().map(String::into_boxed_str),
        group: words.next().map(String::into_boxed_str),
    })
}

/// First split: both quote kinds group, quoted and plain pieces join, a backslash protects the next character; backslashes stay.
///
/// # Errors
/// A sentence about a quote without its partner.
pub fn first_split(raw: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut chars = raw.chars().peekable();
    loop {
        while chars.next_if(|c| blank(*c)).is_some() {}
        if chars.peek().is_none() {
            return Ok(words);
        }
        let mut word = String::new();
        let mut quote = None;
        while let Some(&c) = chars.peek() {
            if quote.is_none() && blank(c) {
                break;
            }
            chars.next();
            match (c, quote) {
                ('\\', _) => {
                    word.push(c);
                    word.extend(chars.next());
                }
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(q)) if c == q => quote = None,
                (c, _) => word.push(c),
            }
        }
        if let Some(q) = quote {
            return Err(format!("String '{}': missing terminating {q}", raw.trim()));
        }
        words.push(word);
    }
}

/// Second split of a command word: the same quoting, and the escapes of C and of `echo -e`.
///
/// # Errors
/// A sentence about a quote without its partner.
pub fn second_split(command: &str) -> Result<Vec<Box<str>>, String> {
    let mut words = Vec::new();
    let mut chars = command.chars().peekable();
    loop {
        while chars.next_if(|c| blank(*c)).is_some() {}
        if chars.peek().is_none() {
            return Ok(words);
        }
        let mut word = Vec::new();
        let mut quote = None;
        while let Some(&c) = chars.peek() {
            if quote.is_none() && blank(c) {
                break;
            }
            chars.next();
            match (c, quote) {
                ('\\', _) => escape(&mut chars, &mut word),
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(q)) if c == q => quote = None,
                (c, _) => push(&mut word, c),
            }
        }
        if let Some(q) = quote {
            return Err(format!("String '{command}': missing terminating {q}"));
        }
        words.push(String::from_utf8_lossy(&word).into_owned().into_boxed_str());
    }
}

/// One word as it must be written so that the two splits give `argv` again.
#[must_use]
pub fn quote_command(argv: &[Box<str>]) -> String {
    let inner: Vec<String> = argv.iter().map(|word| protect(word)).collect();
    let joined = inner.join(" ");
    // The first split keeps backslashes, so only its own quotes must be hidden from it: there are none outside escapes.
    format!("\"{joined}\"")
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
            '"' | '\'' | '\\' | '\n' | '\r' => {
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

fn push(word: &mut Vec<u8>, c: char) {
    word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut Vec<u8>) {
    let Some(c) = chars.next() else {
        word.push(b'\\');
        return;
    };
    match c {
        'a' => word.push(7),
        'b' => word.push(8),
        'E' => word.push(27),
        'f' => word.push(12),
        'n' => word.push(b'\n'),
        'r' => word.push(b'\r'),
        't' => word.push(b'\t'),
        'v' => word.push(11),
        '0'..='7' => word.push(digits(chars, 8, 2, c.to_digit(8).unwrap_or(0))),
        'x' if chars.peek().is_some_and(char::is_ascii_hexdigit) => word.push(digits(chars, 16, 2, 0)),
        'c' => match chars.next() {
            Some(control) if control.is_ascii() => word.push(control as u8 & 0x1f),
            Some(other) => push(word, other),
            None => word.push(b'c'),
        },
        other => push(word, other),
    }
}

fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, radix: u32, most: usize, start: u32) -> u8 {
    let mut value = start;
    for _ in 0..most {
        match chars.peek().and_then(|c| c.to_digit(radix)) {
            Some(digit) => {
                value = value * radix + digit;
                chars.next();
            }
            None => break,
        }
    }
    (value & 0xff) as u8
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
            let text = format!("script {}", quote_command(&words));
            proptest::prop_assert_eq!(line(&text).unwrap().argv, words);
        }
    }
}
