//! `umask`: a number in C notation or symbolic bits joined by `|`.

use super::number::c_integer;

/// Symbolic names and their bits.
pub const BITS: [(&str, u16); 12] = [
    ("IRUSR", 0o400),
    ("IWUSR", 0o200),
    ("IXUSR", 0o100),
    ("IRWXU", 0o700),
    ("IRGRP", 0o040),
    ("IWGRP", 0o020),
    ("IXGRP", 0o010),
    ("IRWXG", 0o070),
    ("IROTH", 0o004),
    ("IWOTH", 0o002),
    ("IXOTH", 0o001),
    ("IRWXO", 0o007),
];

/// Reads a mask, 0..=0o777.
///
/// # Errors
/// A sentence about what is not understood.
pub fn umask(text: &str) -> Result<u16, String> {
    let text = text.trim();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let read = c_integer(text, false).map_err(|problem| format!("{problem} '{text}'"))?;
        return match (read.problem, u16::try_from(read.value)) {
            (None, Ok(mask)) if mask <= 0o777 => Ok(mask),
            (Some(problem), _) => Err(format!("{problem} '{text}'")),
            _ => Err(format!("number '{text}' outside range [0, 0777]")),
        };
    }
    text.split('|').map(str::trim).try_fold(0, |mask, word| {
        BITS.iter()
            .find(|(name, _)| *name == word)
            .map(|(_, bit)| mask | bit)
            .ok_or_else(|| format!("'{word}' is no permission bit"))
    })
}

#[cfg(test)]
mod tests {
    use super::umask;

    #[test]
    fn masks() {
        assert_eq!(umask("0177"), Ok(0o177));
        assert_eq!(umask("63"), Ok(63));
        assert_eq!(umask("0x3f"), Ok(0x3f));
        assert_eq!(umask("IRWXG | IRWXO"), Ok(0o077));
        assert_eq!(umask("IXUSR|IRWXG|IRWXO"), Ok(0o177));
        assert!(umask("01000").is_err());
        assert!(umask("IRWX").is_err());
        assert!(umask("").is_err());
        assert!(umask("08").is_err());
    }
}
