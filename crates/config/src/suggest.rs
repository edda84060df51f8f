//! Did you mean: the nearest of some words.

use crate::table::{self, Block};

/// The candidate nearest to `word`, when it is near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    let mut best = None;
    for candidate in candidates {
        if candidate.len().abs_diff(word.len()) > limit + 1 {
            continue;
        }
        let distance = if candidate.eq_ignore_ascii_case(word) {
            0
        } else if same_but_separators(candidate, word) {
            1
        } else {
            distance(word, candidate)
        };
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The keyword of `block` that was probably meant.
#[must_use]
pub fn keyword(block: &'static Block, word: &str) -> Option<&'static str> {
    nearest(word, block.names())
}

/// Where the word would be a keyword: paths of blocks, the root as "the top level".
#[must_use]
pub fn other_places(block: &'static Block, word: &str) -> Vec<&'static str> {
    table::places(word)
        .filter(|(place, _)| !std::ptr::eq(*place, block) && !place.is_options() && !place.path.starts_with('<'))
        .map(|(place, _)| {
            if place.path.is_empty() {
                "the top level"
            } else {
                place.path
            }
        })
        .collect()
}

fn same_but_separators(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
    plain(a) == plain(b)
}

/// Edit distance with transpositions of neighbours (optimal string alignment), over bytes: keywords are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &y) in b.iter().enumerate() {
            let mut least = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{GLOBAL_DEFS, VRRP_INSTANCE};

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("priority", "priority"), 0);
        assert_eq!(distance("priorty", "priority"), 1);
        assert_eq!(distance("pirority", "priority"), 1);
    }

    #[test]
    fn misspelt_keywords_are_recognised() {
        for (written, meant) in [
            ("priorty", "priority"),
            ("vitual_router_id", "virtual_router_id"),
            ("virtual_routerid", "virtual_router_id"),
            ("virtual-router-id", "virtual_router_id"),
            ("Interface", "interface"),
            ("adver_int", "advert_int"),
            ("no_preempt", "nopreempt"),
        ] {
            assert_eq!(keyword(&VRRP_INSTANCE, written), Some(meant), "{written}");
        }
        assert_eq!(keyword(&GLOBAL_DEFS, "enable_dbuss"), Some("enable_dbus"));
    }

    #[test]
    fn foreign_words_are_not_guessed() {
        assert_eq!(keyword(&VRRP_INSTANCE, "foo"), None);
        assert_eq!(keyword(&VRRP_INSTANCE, "x"), None);
        assert_eq!(keyword(&VRRP_INSTANCE, "enable_dbus"), None);
    }

    #[test]
    fn keyword_of_another_block_is_located() {
        assert_eq!(other_places(&VRRP_INSTANCE, "enable_dbus"), ["global_defs"]);
        assert_eq!(other_places(&GLOBAL_DEFS, "vrrp_instance"), ["the top level"]);
    }
}
