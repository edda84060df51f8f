//! `HTTP_GET` and `SSL_GET`.

use keepalived_model::lvs::{HttpProtocol, Regex};

use super::check::Common;
use crate::{
    check::codes,
    grammar::{Context, number},
    table::{Block, CHECK_HTTP_GET_URL, CHECK_SSL_GET_URL},
    typed::{Entry, Seen},
    values::script::arguments,
};

/// Status codes that a `url` accepts when none is written.
const DEFAULT_STATUS: (u16, u16) = (200, 299);

/// What the block says.
#[derive(Debug, Default)]
pub(super) struct HttpDraft {
    pub(super) protocol: HttpProtocol,
    pub(super) virtualhost: Option<Box<str>>,
    pub(super) fast_recovery: bool,
    pub(super) sni: bool,
    pub(super) sni_name: Option<Box<str>>,
    pub(super) tls_compliant: bool,
    pub(super) urls: Vec<UrlDraft>,
}

/// One `url`.
#[derive(Debug)]
pub(super) struct UrlDraft {
    pub(super) path: Box<str>,
    pub(super) digest: Option<[u8; 16]>,
    pub(super) status: Vec<(u16, u16)>,
    pub(super) virtualhost: Option<Box<str>>,
    pub(super) regex: Option<Box<Regex>>,
    pub(super) tls_compliant: Option<bool>,
}

/// Reads the block. `None`: it has no usable `url` and is dropped, which was said.
pub(super) fn read(
    cx: &mut Context<'_>,
    block: &'static Block,
    common: &mut Common,
    entry: &Entry<'_>,
) -> Option<Box<HttpDraft>> {
    let is_ssl = entry.name() == "SSL_GET";
    let mut draft = HttpDraft::default();
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(block, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "virtualhost" => draft.virtualhost = inner.boxed(0),
            "http_protocol" => {
                draft.protocol = match inner.choice(0) {
                    Some("1.1") => HttpProtocol::V1_1,
                    Some("1.0C" | "1.0c") => HttpProtocol::V1_0Close,
                    _ => HttpProtocol::V1_0,
                }
            }
            "enable_sni" => draft.sni = inner.bool(),
            "sni_name" => {
                draft.sni = true;
                draft.sni_name = inner.boxed(0).or(draft.sni_name);
            }
            "fast_recovery" => draft.fast_recovery = inner.bool(),
            "tls_compliant" => draft.tls_compliant = inner.bool(),
            "url" => {
                let url_block = if is_ssl {
                    &CHECK_SSL_GET_URL
                } else {
                    &CHECK_HTTP_GET_URL
                };
                let url = url(cx, url_block, &inner);
                draft.urls.extend(url);
            }
            _ => {
                common.take(cx, &inner);
            }
        }
    }
    if draft.urls.is_empty() {
        cx.say_help(
            &codes::CHECK_DROPPED,
            entry.keyword_span(),
            format!("{} has no url with a path; it is dropped", entry.name()),
            "add `url { path /PATH }`",
        );
        return None;
    }
    Some(Box::new(draft))
}

fn url(cx: &mut Context<'_>, block: &'static Block, entry: &Entry<'_>) -> Option<UrlDraft> {
    let mut path: Option<Box<str>> = None;
    let (mut digest, mut virtualhost, mut tls_compliant) = (None, None, None);
    let mut status = Vec::new();
    let mut pattern: Option<Box<str>> = None;
    let mut regex = Regex::default();
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(block, &mut seen, statement) else {
            continue;
        };
        match inner.name() {
            "path" => path = inner.boxed(0),
            "digest" => digest = decode_digest(inner.text(0)),
            "status_code" => status_codes(cx, &inner, &mut status),
            "virtualhost" => virtualhost = inner.boxed(0),
            "tls_compliant" => tls_compliant = Some(inner.bool()),
            "regex" => pattern = decode_pattern(cx, &inner).or(pattern),
            "regex_no_match" => regex.no_match = true,
            "regex_options" => add_options(&inner, &mut regex.options),
            "regex_min_offset" => regex.min_offset = inner.u32(0) as usize,
            "regex_max_offset" => regex.max_offset = Some(inner.u32(0) as usize),
            "regex_stack" => add_stack(cx, &inner, &mut regex),
            _ => {}
        }
    }
    let Some(path) = path else {
        cx.say_help(
            &codes::CHECK_DROPPED,
            entry.keyword_span(),
            "the url has no path; it is dropped",
            "add `path /PATH`",
        );
        return None;
    };
    if regex.max_offset.is_some_and(|max| max < regex.min_offset) {
        cx.say(
            &codes::CHECK_NOTE,
            entry.keyword_span(),
            "regex_max_offset is below regex_min_offset; both are ignored",
        );
        regex.min_offset = 0;
        regex.max_offset = None;
    }
    Some(UrlDraft {
        path,
        digest,
        status: if status.is_empty() {
            vec![DEFAULT_STATUS]
        } else {
            merge(status)
        },
        virtualhost,
        regex: pattern.map(|pattern| Box::new(Regex { pattern, ..regex })),
        tls_compliant,
    })
}

fn decode_digest(text: &str) -> Option<[u8; 16]> {
    let mut digest = [0; 16];
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(digest)
}

/// Numbers and ranges within 100..=599; bad words are reported and skipped.
fn status_codes(cx: &mut Context<'_>, entry: &Entry<'_>, status: &mut Vec<(u16, u16)>) {
    for word in entry.rest(0) {
        let (first, last) = word.text.split_once('-').unwrap_or((&word.text, &word.text));
        let range = (
            number::dec::<u16>(first, 100, 599_i64),
            number::dec::<u16>(last, 100, 599_i64),
        );
        match range {
            (Ok(first), Ok(last)) if first <= last => status.push((first, last)),
            _ => cx.say_help(
                &codes::CHECK_OPTION,
                word.span,
                format!("`{}` is no status code or range; it is skipped", word.text),
                "write numbers from 100 to 599, or FIRST-LAST",
            ),
        }
    }
}

/// Sorted, without overlaps.
fn merge(mut ranges: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u16, u16)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match merged.last_mut() {
            Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// The pattern is the second word of the whole line after the escapes of script words (8.2).
fn decode_pattern(cx: &mut Context<'_>, entry: &Entry<'_>) -> Option<Box<str>> {
    let statement = entry.statement;
    let joined;
    let raw = match &statement.raw {
        Some(raw) => &**raw,
        None => {
            let words: Vec<&str> = statement.words.iter().map(|w| &*w.text).collect();
            joined = words.join(" ");
            &joined
        }
    };
    let words = match arguments(raw) {
        Ok(words) => words,
        Err(why) => {
            cx.say(&codes::SCRIPT_QUOTE, entry.span(), why);
            return None;
        }
    };
    match <[Box<str>; 2]>::try_from(words) {
        Ok([_, pattern]) => Some(pattern),
        Err(_) => {
            cx.say_help(
                &codes::CHECK_OPTION,
                entry.span(),
                "`regex` needs exactly one word; it is ignored",
                "put the pattern in double quotes",
            );
            None
        }
    }
}

/// In the order of the table, so that the same set is the same value; unknown words are skipped silently, as keepalived does.
fn add_options(entry: &Entry<'_>, options: &mut Vec<Box<str>>) {
    let wanted = |name: &str| options.iter().any(|o| &**o == name) || entry.rest(0).iter().any(|w| &*w.text == name);
    *options = Regex::OPTIONS
        .into_iter()
        .filter(|name| wanted(name))
        .map(Box::from)
        .collect();
}

fn add_stack(cx: &mut Context<'_>, entry: &Entry<'_>, regex: &mut Regex) {
    let (start, most) = (entry.u32(0) as usize, entry.u32(1) as usize);
    if start > most {
        cx.say(
            &codes::CHECK_NOTE,
            entry.span(),
            "the start of `regex_stack` is above its maximum; it is ignored",
        );
        return;
    }
    let before = regex.stack.unwrap_or((0, 0));
    regex.stack = Some((before.0.max(start), before.1.max(most)));
}
