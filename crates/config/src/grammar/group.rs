//! Lines of `virtual_server_group` (`lvs.md` 2.3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keepalived_model::{lvs::GroupEntry, units::Family};

use super::{Context, Words, bad_address, number};
use crate::{check::codes, tree::Word};

/// Reads one entry. `None`: it is dropped, and that was said.
pub fn parse(cx: &mut Context<'_>, words: &[Word]) -> Option<GroupEntry> {
    let mut line = Words::new(words);
    let first = line.take()?;
    if &*first.text == "fwmark" {
        return mark(cx, &mut line, first);
    }
    let (from, to) = range(cx, first)?;
    let port = match line.take() {
        Some(word) => port(cx, word)?,
        None => 0,
    };
    Some(GroupEntry::Range {
        first: from,
        last: to,
        port,
    })
}

/// A port; a word of zeros means any.
pub fn port(cx: &mut Context<'_>, word: &Word) -> Option<u16> {
    match number::dec(&word.text, 0, 65_535) {
        Ok(port) if port != 0 || word.text.bytes().all(|b| b == b'0') => Some(port),
        _ => {
            cx.say_help(
                &codes::BAD_PORT,
                word.span,
                format!("`{}` is not a port", word.text),
                "write a number from 1 to 65535",
            );
            None
        }
    }
}

fn mark(cx: &mut Context<'_>, line: &mut Words<'_>, option: &Word) -> Option<GroupEntry> {
    let value = line.argument(cx, option)?;
    let Ok(mark) = number::dec(&value.text, 0, i64::from(u32::MAX)) else {
        cx.say_help(
            &codes::BAD_MARK,
            value.span,
            format!("`{}` is no firewall mark", value.text),
            "write a decimal number from 0 to 4294967295",
        );
        return None;
    };
    let family = match line.take() {
        None => None,
        Some(word) if &*word.text == "inet" => Some(Family::V4),
        Some(word) if &*word.text == "inet6" => Some(Family::V6),
        Some(word) => {
            cx.say_help(
                &codes::GROUP_ENTRY,
                word.span,
                format!("`{}` is no address family; the entry is dropped", word.text),
                "write inet or inet6",
            );
            return None;
        }
    };
    Some(GroupEntry::Mark { mark, family })
}

fn bad<T>(cx: &mut Context<'_>, word: &Word, why: &str) -> Option<T> {
    cx.say(&codes::GROUP_ENTRY, word.span, format!("{why}; the entry is dropped"));
    None
}

/// `ADDRESS`, `ADDRESS/LENGTH`, `FIRST-LAST` with a full or a short end.
fn range(cx: &mut Context<'_>, word: &Word) -> Option<(IpAddr, IpAddr)> {
    let text = &*word.text;
    if let Some((start, end)) = text.split_once('-') {
        let Ok(first) = start.parse::<IpAddr>() else {
            bad_address(cx, word);
            return None;
        };
        return span(cx, word, first, end);
    }
    let (start, length) = match text.split_once('/') {
        Some((start, length)) => (start, Some(length)),
        None => (text, None),
    };
    let Ok(first) = start.parse::<IpAddr>() else {
        bad_address(cx, word);
        return None;
    };
    let Some(length) = length else {
        return Some((first, first));
    };
    let Ok(length) = number::dec::<u8>(length, 1, Family::of(first).bits()) else {
        return bad(cx, word, "the prefix length is out of range");
    };
    match network(first, length) {
        Some(last) => Some((first, last)),
        None => bad(cx, word, &format!("{first} has host bits set beyond /{length}")),
    }
}

fn span(cx: &mut Context<'_>, word: &Word, first: IpAddr, end: &str) -> Option<(IpAddr, IpAddr)> {
    if let Ok(last) = end.parse::<IpAddr>() {
        if Family::of(last) != Family::of(first) {
            return bad(cx, word, "the ends of the range are of different families");
        }
        if last < first {
            return bad(cx, word, "the range ends before it begins");
        }
        return Some((first, last));
    }
    let last = match first {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            match number::dec::<u8>(end, 0, 255) {
                Ok(e) if e > d && !end.is_empty() => IpAddr::V4(Ipv4Addr::new(a, b, c, e)),
                _ => {
                    return bad(
                        cx,
                        word,
                        &format!("the end of the range must be a number from {} to 255", u16::from(d) + 1),
                    );
                }
            }
        }
        IpAddr::V6(v6) => {
            let mut groups = v6.segments();
            match u16::from_str_radix(end, 16) {
                Ok(e) if e > groups[7] => {
                    groups[7] = e;
                    IpAddr::V6(Ipv6Addr::from(groups))
                }
                _ => {
                    return bad(
                        cx,
                        word,
                        "the end of the range must be a hexadecimal number above the last group",
                    );
                }
            }
        }
    };
    Some((first, last))
}

/// The last address of a network; `None` when the first one has host bits set.
fn network(first: IpAddr, length: u8) -> Option<IpAddr> {
    match first {
        IpAddr::V4(v4) => {
            let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            (v4.to_bits() & host == 0).then(|| IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() | host)))
        }
        IpAddr::V6(v6) => {
            let host = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            (v6.to_bits() & host == 0).then(|| IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() | host)))
        }
    }
}
