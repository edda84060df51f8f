//! `~SEQ` and `~LST` (`config-language.md` 7).

use super::{
    Reader,
    frames::{Frame, Values},
    line::{Line, is_blank, skip_blanks},
    params::{DefinitionLine, name_length},
};
use crate::{codes::language as code, diag::Diagnostic};

/// Longest text from the second element through the parenthesis.
const MAX_BOUNDS: usize = 63;

/// A kind of repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sequence { hexadecimal: bool },
    List,
}

/// Numbers of a sequence still to come.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    next: Option<i64>,
    step: i64,
    end: i64,
    hexadecimal: bool,
}

impl Iterator for Numbers {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let value = self.next?;
        let following = value.checked_add(self.step);
        self.next = following.filter(|n| if self.step > 0 { *n <= self.end } else { *n >= self.end });
        Some(if self.hexadecimal {
            format!("{value:x}")
        } else {
            value.to_string()
        })
    }
}

/// The number of a sequence, in C notation.
fn number(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        (16, hex)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, &digits[1..])
    } else {
        (10, digits)
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let value = i64::from_str_radix(digits, radix).ok()?;
    Some(if negative { -value } else { value })
}

/// Checks the bounds of a sequence.
fn numbers(bounds: &[&str], hexadecimal: bool) -> Result<Numbers, &'static str> {
    let values: Option<Vec<i64>> = bounds.iter().map(|b| number(b)).collect();
    let (start, step, end) = match values.as_deref() {
        Some([end]) => (if *end < 0 { -1 } else { 1 }, if *end >= 1 { 1 } else { -1 }, *end),
        Some([start, end]) => (*start, if start <= end { 1 } else { -1 }, *end),
        Some([start, step, end]) => (*start, *step, *end),
        Some(_) => return Err("one, two or three numbers follow the variable"),
        None => return Err("a bound is not a number"),
    };
    if step == 0 || (step > 0 && start > end) || (step < 0 && start < end) {
        return Err("the step does not lead from the start to the end");
    }
    if hexadecimal && (start < 0 || end < 0) {
        return Err("~SEQx is only valid for numbers that are not negative");
    }
    Ok(Numbers {
        next: Some(start),
        step,
        end,
        hexadecimal,
    })
}

/// `~SEQ`, `~SEQx` or `~LST` at the start of a text: the kind and where its parenthesis opens.
fn head(text: &str) -> Option<(Kind, Option<usize>)> {
    let (kind, len) = if text.starts_with("~SEQx") {
        (Kind::Sequence { hexadecimal: true }, 5)
    } else if text.starts_with("~SEQ") {
        (Kind::Sequence { hexadecimal: false }, 4)
    } else if text.starts_with("~LST") {
        (Kind::List, 4)
    } else {
        return None;
    };
    let at = skip_blanks(text, len);
    Some((kind, text[at..].starts_with('(').then_some(at)))
}

/// The variables and the sets of values of a list.
fn list(text: &str) -> Result<(Vec<String>, Vec<Vec<String>>), &'static str> {
    let mut sets = Vec::new();
    let mut rest = text.trim_matches(is_blank);
    loop {
        let (set, after) = if let Some(inner) = rest.strip_prefix('{') {
            let (inner, after) = inner.split_once('}').ok_or("a closing brace is missing")?;
            (inner.split(',').map(str::to_owned).collect(), after)
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (vec![rest[..end].to_owned()], &rest[end..])
        };
        let set: Vec<String> = set.iter().map(|v| v.trim_matches(is_blank).to_owned()).collect();
        if set
            .iter()
            .any(|v| v.contains(|c: char| is_blank(c) || "{}(".contains(c)))
        {
            return Err("a value holds a blank, brace or parenthesis");
        }
        sets.push(set);
        let after = after.trim_start_matches(is_blank);
        if after.is_empty() {
            break;
        }
        rest = after
            .strip_prefix(',')
            .ok_or("a comma is missing")?
            .trim_start_matches(is_blank);
    }
    let variables = sets.remove(0);
    if variables.iter().any(|v| v.is_empty() || name_length(v) != v.len()) {
        return Err("a variable is not a name");
    }
    if sets.is_empty() {
        return Err("no values are given");
    }
    if sets.iter().any(|set| set.len() > variables.len()) {
        return Err("a set has more values than there are variables");
    }
    Ok((variables, sets))
}

impl Reader<'_> {
    /// Takes the line if it is a sequence or list (also a wrong one).
    pub(super) fn repetition(&mut self, line: &Line, start: usize) -> bool {
        let Some((kind, open)) = head(&line.text[start..]) else {
            return false;
        };
        let frame = open
            .ok_or("an opening parenthesis must follow")
            .and_then(|open| self.repetition_frame(line, start, start + open, kind));
        match frame {
            Ok(frame) => self.frames.push(frame),
            Err(reason) => {
                let (code, name) = match kind {
                    Kind::List => (&code::BAD_LIST, "~LST"),
                    Kind::Sequence { .. } => (&code::BAD_SEQUENCE, "~SEQ"),
                };
                let text = format!("invalid {name} specification '{}'", &line.text[start..]);
                let span = line.plain_span(start..line.text.len());
                self.diagnostics.push(Diagnostic::new(code, span, text).help(reason));
            }
        }
        true
    }

    fn repetition_frame(&mut self, line: &Line, start: usize, open: usize, kind: Kind) -> Result<Frame, &'static str> {
        let close = open
            + line.text[open..]
                .find(')')
                .ok_or("the closing parenthesis is missing")?;
        let inner = &line.text[open + 1..close];
        let (variables, values) = match kind {
            Kind::List => {
                let (variables, sets) = list(inner)?;
                (variables, Values::Sets(sets.into_iter()))
            }
            Kind::Sequence { hexadecimal } => {
                let (variable, bounds) = inner.split_once(',').ok_or("a variable and its end are needed")?;
                let variable = variable.trim_matches(is_blank);
                if variable.is_empty() || name_length(variable) != variable.len() {
                    return Err("the variable is not a name");
                }
                let bounds = self.bounds(line, bounds)?;
                let parts: Vec<&str> = bounds.split(',').map(|b| b.trim_matches(is_blank)).collect();
                (
                    vec![variable.to_owned()],
                    Values::Numbers(numbers(&parts, hexadecimal)?),
                )
            }
        };
        Ok(Frame::Repeat {
            variables,
            values,
            line: line.clone(),
            start: close + 1,
            head: line.plain_span(start..close + 1),
        })
    }

    /// The bounds with references replaced.
    fn bounds(&mut self, line: &Line, bounds: &str) -> Result<String, &'static str> {
        const TOO_LONG: &str = "~SEQ parameter strings too long: at most 63 characters";
        if bounds.len() + 1 > MAX_BOUNDS {
            return Err(TOO_LONG);
        }
        if !bounds.contains('$') {
            return Ok(bounds.to_owned());
        }
        let mut expanded = line.clone();
        expanded.text = format!("{bounds})");
        let frames = self.frames.len();
        self.substitute(&mut expanded, 0);
        self.frames.truncate(frames);
        if expanded.text.len() > MAX_BOUNDS {
            return Err(TOO_LONG);
        }
        expanded.text.pop();
        Ok(expanded.text)
    }

    /// Gives the variables of a repetition their next values; false at its end.
    pub(super) fn assign(&mut self, variables: &[String], set: Vec<String>, head: crate::source::Span) {
        let mut set = set.into_iter();
        for variable in variables {
            let line = DefinitionLine::new(set.next().unwrap_or_default(), head);
            self.define(variable.clone(), vec![line]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bounds: &[&str], hexadecimal: bool) -> Result<Vec<String>, &'static str> {
        numbers(bounds, hexadecimal).map(|n| n.take(100).collect())
    }

    #[test]
    fn sequences_of_the_specification() {
        assert_eq!(all(&["3"], false).unwrap(), ["1", "2", "3"]);
        assert_eq!(all(&["0"], false).unwrap(), ["1", "0"]);
        assert_eq!(all(&["-2"], false).unwrap(), ["-1", "-2"]);
        assert_eq!(all(&["5", "3"], false).unwrap(), ["5", "4", "3"]);
        assert_eq!(all(&["1", "3", "8"], false).unwrap(), ["1", "4", "7"]);
        assert_eq!(all(&["8", "4", "0x14"], true).unwrap(), ["8", "c", "10", "14"]);
        assert_eq!(all(&["010", "010"], false).unwrap(), ["8"]);
        assert!(all(&["1", "0", "3"], false).is_err());
        assert!(all(&["1", "-1", "3"], false).is_err());
        assert!(all(&["-1", "3"], true).is_err());
        assert!(all(&["1", "2", "3", "4"], false).is_err());
        assert!(all(&["x"], false).is_err());
        assert_eq!(
            all(&["9223372036854775807", "9223372036854775807"], false)
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn lists_of_the_specification() {
        let (variables, sets) = list("{A,B},{1,2},{3}").unwrap();
        assert_eq!(variables, ["A", "B"]);
        assert_eq!(sets, [vec!["1", "2"], vec!["3"]]);
        assert_eq!(list("IP, 1, ,3").unwrap().1, [["1"], [""], ["3"]]);
        assert!(list("A,x y,z").is_err());
        assert!(list("A").is_err());
        assert!(list("A,{1,2}").is_err());
        assert!(list("{A").is_err());
    }
}
