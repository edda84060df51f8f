//! Integers and lengths of time.

use std::fmt;

use keepalived_model::time::Micros;

use crate::table::TimeUnit;

/// A number that was read, and what there is to say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// The value.
    pub value: T,
    /// Something is wrong with the text although a value could be read.
    pub problem: Option<Problem>,
}

/// What is wrong with the text of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No digits, or characters that belong to no number.
    Invalid,
    /// Digits, then other characters.
    Trailing,
    /// A sign where none may be.
    Negative,
    /// Larger than any integer of this program.
    TooLarge,
    /// Too many decimals; rounded.
    Decimals,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid | Self::Trailing => "invalid number",
            Self::Negative => "negative number",
            Self::TooLarge => "number outside integer range",
            Self::Decimals => "number has too many decimal places",
        })
    }
}

/// A decimal integer: white space and `+` before it are accepted, an empty word is 0.
///
/// # Errors
/// When there is no number at all in the text.
pub fn integer(text: &str, signed: bool) -> Result<Read<i64>, Problem> {
    let trimmed = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
    if trimmed.is_empty() {
        return Ok(Read {
            value: 0,
            problem: None,
        });
    }
    let (negative, digits) = sign(trimmed);
    if negative && !signed {
        return Err(Problem::Negative);
    }
    let end = digits.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    finish(digits, end, 10, negative)
}

/// An integer in C notation: decimal, octal after `0`, hexadecimal after `0x`.
///
/// # Errors
/// When there is no number at all in the text.
pub fn c_integer(text: &str, signed: bool) -> Result<Read<i64>, Problem> {
    let trimmed = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let (negative, digits) = sign(trimmed);
    if negative && !signed {
        return Err(Problem::Negative);
    }
    let (digits, radix) = c_radix(digits);
    let end = digits
        .bytes()
        .position(|b| !char::from(b).is_digit(radix))
        .unwrap_or(digits.len());
    finish(digits, end, radix, negative)
}

/// An unsigned 64-bit integer in C notation (`tunnel-id`).
#[must_use]
pub fn c_u64(text: &str) -> Option<u64> {
    let (digits, radix) = c_radix(text);
    (!digits.is_empty() && !digits.starts_with('+'))
        .then(|| u64::from_str_radix(digits, radix).ok())
        .flatten()
}

fn c_radix(digits: &str) -> (&str, u32) {
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        (hex, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (digits, 8)
    } else {
        (digits, 10)
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn finish(digits: &str, end: usize, radix: u32, negative: bool) -> Result<Read<i64>, Problem> {
    if end == 0 {
        return Err(Problem::Invalid);
    }
    let magnitude = i64::from_str_radix(&digits[..end], radix).map_err(|_| Problem::TooLarge)?;
    Ok(Read {
        value: if negative { -magnitude } else { magnitude },
        problem: (end < digits.len()).then_some(Problem::Trailing),
    })
}

/// A length of time in `unit` with decimals (`config-language.md` 10.2).
///
/// Surplus decimals are rounded half up. Characters after the digits leave what stands before them as a number of the
/// smallest unit, as keepalived reads it (`3y` is 3 microseconds).
///
/// # Errors
/// When there is no number at all in the text.
pub fn time(text: &str, unit: TimeUnit) -> Result<Read<u64>, Problem> {
    let (decimals, smallest) = match unit {
        TimeUnit::Seconds => (6, 1),
        TimeUnit::SecondsMillis => (3, 1_000),
        TimeUnit::Millis => (3, 1),
    };
    let trimmed = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
    if trimmed.starts_with('-') {
        return Err(Problem::Negative);
    }
    let digits = trimmed.strip_prefix('+').unwrap_or(trimmed);
    let mut value = 0_u64;
    let mut after_point = None;
    let mut seen = false;
    let mut problem = None;
    for byte in digits.bytes() {
        match (byte, after_point) {
            (b'.', None) => after_point = Some(0),
            (b'0'..=b'9', Some(count)) if count >= decimals => {
                if count == decimals && byte >= b'5' {
                    value = value.checked_add(1).ok_or(Problem::TooLarge)?;
                }
                problem = Some(Problem::Decimals);
                after_point = Some(count + 1);
            }
            (b'0'..=b'9', _) => {
                seen = true;
                value = value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(u64::from(byte - b'0')))
                    .ok_or(Problem::TooLarge)?;
                after_point = after_point.map(|count| count + 1);
            }
            _ => {
                problem = Some(Problem::Trailing);
                break;
            }
        }
    }
    if !seen && !digits.is_empty() {
        return Err(Problem::Invalid);
    }
    if problem != Some(Problem::Trailing) {
        for _ in after_point.unwrap_or(0)..decimals {
            value = value.checked_mul(10).ok_or(Problem::TooLarge)?;
        }
    }
    Ok(Read {
        value: value.checked_mul(smallest).ok_or(Problem::TooLarge)?,
        problem,
    })
}

/// A length of time as it is written in the configuration: no trailing zeros, whole numbers without a point.
#[must_use]
pub fn time_text(time: Micros, unit: TimeUnit) -> String {
    let per_unit = match unit {
        TimeUnit::Seconds | TimeUnit::SecondsMillis => 1_000_000,
        TimeUnit::Millis => 1_000,
    };
    let width = if per_unit == 1_000 { 3 } else { 6 };
    let (whole, part) = (time.0 / per_unit, time.0 % per_unit);
    if part == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{part:0width$}");
    text.trim_end_matches('0').to_owned()
}

/// A length of time with all its decimals, as range messages show it.
#[must_use]
pub fn time_full(micros: u64, unit: TimeUnit) -> String {
    match unit {
        TimeUnit::Seconds => format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000),
        TimeUnit::SecondsMillis => format!("{}.{:03}", micros / 1_000_000, micros % 1_000_000 / 1_000),
        TimeUnit::Millis => format!("{}.{:03}", micros / 1_000, micros % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(value: i64) -> Result<Read<i64>, Problem> {
        Ok(Read { value, problem: None })
    }

    #[test]
    fn integers_as_observed() {
        assert_eq!(integer(" 42", false), plain(42));
        assert_eq!(integer("+7", false), plain(7));
        assert_eq!(integer("010", false), plain(10));
        assert_eq!(integer("", false), plain(0));
        assert_eq!(integer("-3", true), plain(-3));
        assert_eq!(integer("-3", false), Err(Problem::Negative));
        assert_eq!(
            integer("0x64", false),
            Ok(Read {
                value: 0,
                problem: Some(Problem::Trailing)
            })
        );
        assert_eq!(integer("abc", false), Err(Problem::Invalid));
        assert_eq!(integer("99999999999999999999", false), Err(Problem::TooLarge));
    }

    #[test]
    fn c_notation() {
        assert_eq!(c_integer("0x10", false), plain(16));
        assert_eq!(c_integer("010", false), plain(8));
        assert_eq!(c_integer("0", false), plain(0));
        assert_eq!(c_u64("18446744073709551615"), Some(u64::MAX));
        assert_eq!(c_u64("18446744073709551616"), None);
        assert_eq!(c_u64("x"), None);
    }

    #[test]
    fn times_as_observed() {
        let seconds = |text| time(text, TimeUnit::Seconds);
        let exact = |value| Ok(Read { value, problem: None });
        assert_eq!(seconds("5"), exact(5_000_000));
        assert_eq!(seconds(".5"), exact(500_000));
        assert_eq!(seconds("1."), exact(1_000_000));
        assert_eq!(seconds("+1"), exact(1_000_000));
        assert_eq!(seconds("-1"), Err(Problem::Negative));
        assert_eq!(seconds("x"), Err(Problem::Invalid));
        assert_eq!(
            seconds("1.1234567"),
            Ok(Read {
                value: 1_123_457,
                problem: Some(Problem::Decimals)
            })
        );
        assert_eq!(
            seconds("3y"),
            Ok(Read {
                value: 3,
                problem: Some(Problem::Trailing)
            })
        );
        assert_eq!(time("0.5", TimeUnit::SecondsMillis), exact(500_000));
        assert_eq!(time("10", TimeUnit::Millis), exact(10_000));
        assert_eq!(seconds("18446744073709.551614"), exact(u64::MAX - 1));
        assert_eq!(seconds("18446744073709.551616"), Err(Problem::TooLarge));
    }

    #[test]
    fn times_print_shortest() {
        assert_eq!(time_text(Micros(1_500_000), TimeUnit::Seconds), "1.5");
        assert_eq!(time_text(Micros(3_000_000), TimeUnit::Seconds), "3");
        assert_eq!(time_text(Micros(10), TimeUnit::Seconds), "0.00001");
        assert_eq!(time_text(Micros(1_500), TimeUnit::Millis), "1.5");
        assert_eq!(time_full(10_000, TimeUnit::Seconds), "0.010000");
    }
}
