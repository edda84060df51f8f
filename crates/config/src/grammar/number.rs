//! Numbers in positional lines.

/// Why a number is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bad {
    /// Not a number.
    Syntax,
    /// Outside the range.
    Range,
}

/// A decimal number in a range; leading blanks and `+` are accepted and an empty word is 0 (10.1).
/// # Errors
/// When it is no number, or outside.
pub fn dec<T: TryFrom<i64>>(text: &str, min: i64, max: impl Into<i64>) -> Result<T, Bad> {
    let digits = text.trim_start();
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) || (digits.is_empty() && !text.is_empty()) {
        return Err(Bad::Syntax);
    }
    let magnitude = if digits.is_empty() {
        0
    } else {
        digits.parse::<i64>().map_err(|_| Bad::Range)?
    };
    let value = if negative { -magnitude } else { magnitude };
    if value < min || value > max.into() {
        return Err(Bad::Range);
    }
    T::try_from(value).map_err(|_| Bad::Range)
}

/// An unsigned number in C notation: decimal, octal with a leading 0, hexadecimal with 0x.
/// # Errors
/// When it is no number, or too large.
pub fn c_u64(text: &str) -> Result<u64, Bad> {
    let text = text.trim_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let (digits, radix) = if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (hex, 16)
    } else if text.len() > 1 && text.starts_with('0') {
        (&text[1..], 8)
    } else {
        (text, 10)
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(Bad::Syntax);
    }
    u64::from_str_radix(digits, radix).map_err(|_| Bad::Range)
}

/// As [`c_u64`], at most `max`.
/// # Errors
/// When it is no number, or too large.
pub fn c_max(text: &str, max: u64) -> Result<u64, Bad> {
    let value = c_u64(text)?;
    if value > max { Err(Bad::Range) } else { Ok(value) }
}

/// As [`c_u64`], fitting 32 bits.
/// # Errors
/// When it is no number, or too large.
pub fn c_u32(text: &str) -> Result<u32, Bad> {
    u32::try_from(c_u64(text)?).map_err(|_| Bad::Range)
}

/// Two digits an octet, blanks anywhere between octets, a single digit before a blank is one octet; with `wild`, `x` stands for
/// any nibble and the mask is clear there. Gives values and masks.
#[must_use]
pub fn hex_octets<'a>(words: impl Iterator<Item = &'a str>, wild: bool) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut values, mut masks) = (Vec::new(), Vec::new());
    for word in words.flat_map(str::split_ascii_whitespace) {
        for pair in word.as_bytes().chunks(2) {
            let (mut value, mut mask) = (0_u8, 0_u8);
            for &digit in pair {
                let (v, m) = match char::from(digit) {
                    'x' | 'X' if wild => (0, 0),
                    c => (u8::try_from(c.to_digit(16)?).ok()?, 0xf),
                };
                value = value << 4 | v;
                mask = mask << 4 | m;
            }
            if pair.len() == 1 && mask == 0xf {
                mask = 0xff;
            }
            values.push(value);
            masks.push(mask);
        }
    }
    Some((values, masks))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn decimal_numbers_follow_section_10_1() {
        assert_eq!(dec::<u8>("010", 0, 255), Ok(10));
        assert_eq!(dec::<u8>("+7", 0, 255), Ok(7));
        assert_eq!(dec::<u8>(" 42", 0, 255), Ok(42));
        assert_eq!(dec::<u8>("", 0, 255), Ok(0));
        assert_eq!(dec::<i16>("-253", -253, 253), Ok(-253));
        assert_eq!(dec::<u8>("0x10", 0, 255), Err(Bad::Syntax));
        assert_eq!(dec::<u8>("256", 0, 255), Err(Bad::Range));
    }

    #[test]
    fn c_numbers_know_three_bases() {
        assert_eq!(c_u64("0x10"), Ok(16));
        assert_eq!(c_u64("010"), Ok(8));
        assert_eq!(c_u64("10"), Ok(10));
        assert_eq!(c_u64("0"), Ok(0));
        assert_eq!(c_u64("1x"), Err(Bad::Syntax));
    }

    #[test]
    fn octets_pair_up() {
        assert_eq!(
            hex_octets(["0102 3", "4x"].iter().copied(), true).unwrap(),
            (vec![1, 2, 3, 0x40], vec![255, 255, 255, 0xf0])
        );
        assert!(hex_octets(["4x"].iter().copied(), false).is_none());
    }
}
