//! Lines of `track_script`, `track_file`, `track_process`, `track_bfd` and `track_interface`:
//! `NAME [weight N [reverse|noreverse]]`.

use super::{Context, Words, number};
use crate::{check::codes, diag::Diagnostic, suggest::nearest, tree::Word};

/// What a tracker line says; a default of the tracked object stands behind `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The tracked object.
    pub name: &'a Word,
    /// `weight N`, if written and good.
    pub weight: Option<i16>,
    /// `reverse` or `noreverse`, if written.
    pub reverse: Option<bool>,
}

/// Reads one tracker; `limit` is 253 or 254. `None`: the entry is dropped, and that was said.
pub fn parse<'a>(cx: &mut Context<'_>, words: &'a [Word], limit: i16) -> Option<Item<'a>> {
    let mut line = Words::new(words);
    let mut item = Item {
        name: line.take()?,
        weight: None,
        reverse: None,
    };
    let Some(option) = line.take() else { return Some(item) };
    if &*option.text != "weight" {
        let mut diagnostic = Diagnostic::new(
            &codes::TRACKER_DROPPED,
            option.span,
            format!(
                "`{}` is no option of a tracker; the entry for {} is dropped",
                option.text, item.name.text
            ),
        );
        diagnostic = match nearest(&option.text, ["weight"]) {
            Some(near) => diagnostic.fix(option.span, near, "write `weight` instead"),
            None => diagnostic.help("write one tracked object a line"),
        };
        cx.typing.say(diagnostic);
        return None;
    }
    let Some(value) = line.take() else {
        cx.say(
            &codes::TRACKER_DROPPED,
            option.span,
            format!(
                "`weight` needs a number after it; the entry for {} is dropped",
                item.name.text
            ),
        );
        return None;
    };
    item.weight = weight(cx, value, limit);
    match line.take() {
        Some(word) if &*word.text == "reverse" => item.reverse = Some(true),
        Some(word) if &*word.text == "noreverse" => item.reverse = Some(false),
        Some(word) => cx.say_help(
            &codes::UNKNOWN_ITEM_OPTION,
            word.span,
            format!("`{}` is not possible after a weight; it is ignored", word.text),
            "only `reverse` or `noreverse` may follow",
        ),
        None => {}
    }
    Some(item)
}

/// A weight; 254 is reduced to 253 with a word where that is the limit, anything beyond is refused.
pub fn weight(cx: &mut Context<'_>, value: &Word, limit: i16) -> Option<i16> {
    match number::dec::<i16>(&value.text, -254, 254_i64) {
        Ok(weight) if weight.abs() > limit => {
            let kept = limit * weight.signum();
            cx.typing.say(
                Diagnostic::new(
                    &codes::BAD_WEIGHT,
                    value.span,
                    format!("weight {weight} is outside -{limit}..{limit}; {kept} is used"),
                )
                .fix(value.span, kept.to_string(), format!("write `{kept}`")),
            );
            Some(kept)
        }
        Ok(weight) => Some(weight),
        Err(_) => {
            cx.say_help(
                &codes::BAD_WEIGHT,
                value.span,
                format!(
                    "weight `{}` is no number from -{limit} to {limit}; the default is used",
                    value.text
                ),
                format!("write a number from -{limit} to {limit}"),
            );
            None
        }
    }
}
