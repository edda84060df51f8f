//! `encap` of routes and next hops.

use keepalived_model::route::Encap;

use super::{Context, Words, iproute, number};
use crate::{check::codes, tree::Word};

/// Reads what follows `encap`. Bad or unknown parameters are reported and give `None`; the route is kept (`keywords.tsv`).
pub fn parse(cx: &mut Context<'_>, line: &mut Words<'_>, option: &Word) -> Option<Encap> {
    let kind = line.argument(cx, option)?;
    match &*kind.text {
        "ip" => ip(cx, line, kind),
        "ip6" => ip6(cx, line, kind),
        "mpls" => mpls(cx, line, kind),
        "ila" => ila(cx, line, kind),
        other => {
            cx.say_help(
                &codes::ROUTE_ENCAP,
                kind.span,
                format!("`{other}` is no encapsulation"),
                "write ip, ip6, mpls or ila",
            );
            None
        }
    }
}

fn bad<T>(cx: &mut Context<'_>, word: &Word, what: &str) -> Option<T> {
    cx.say(
        &codes::ROUTE_ENCAP,
        word.span,
        format!("`{}` is no {what}; the encapsulation is dropped", word.text),
    );
    None
}

fn needs_target(cx: &mut Context<'_>, kind: &Word, has_target: bool) -> Option<()> {
    if !has_target {
        cx.say(
            &codes::ROUTE_ENCAP,
            kind.span,
            format!(
                "`encap {}` needs `dst` or `id`; the encapsulation is dropped",
                kind.text
            ),
        );
    }
    has_target.then_some(())
}

fn ip(cx: &mut Context<'_>, line: &mut Words<'_>, kind: &Word) -> Option<Encap> {
    let (mut id, mut dst, mut src, mut tos, mut ttl, mut flags) = (None, None, None, None, None, None);
    while let Some(word) = line.peek() {
        match &*word.text {
            "id" | "dst" | "src" | "tos" | "ttl" | "flags" => {}
            _ => break,
        }
        line.take();
        let value = line.argument(cx, word)?;
        match &*word.text {
            "id" => {
                id = Some(
                    number::c_u64(&value.text)
                        .ok()
                        .or_else(|| bad(cx, value, "tunnel id"))?,
                )
            }
            "dst" => dst = Some(value.text.parse().ok().or_else(|| bad(cx, value, "IPv4 address"))?),
            "src" => src = Some(value.text.parse().ok().or_else(|| bad(cx, value, "IPv4 address"))?),
            "tos" => tos = Some(u8::try_from(cx.iproute_number(iproute::Kind::Tos, value)?).ok()?),
            "ttl" => {
                ttl = Some(
                    number::dec(&value.text, 0, 255)
                        .ok()
                        .or_else(|| bad(cx, value, "TTL"))?,
                )
            }
            _ => {
                flags = Some(
                    number::dec(&value.text, 0, 65_535)
                        .ok()
                        .or_else(|| bad(cx, value, "set of flags"))?,
                )
            }
        }
    }
    needs_target(cx, kind, id.is_some() || dst.is_some())?;
    Some(Encap::Ip {
        id,
        dst,
        src,
        tos,
        ttl,
        flags,
    })
}

fn ip6(cx: &mut Context<'_>, line: &mut Words<'_>, kind: &Word) -> Option<Encap> {
    let (mut id, mut dst, mut src, mut tc, mut hoplimit, mut flags) = (None, None, None, None, None, None);
    while let Some(word) = line.peek() {
        match &*word.text {
            "id" | "dst" | "src" | "tc" | "hoplimit" | "flags" => {}
            _ => break,
        }
        line.take();
        let value = line.argument(cx, word)?;
        match &*word.text {
            "id" => {
                id = Some(
                    number::c_u64(&value.text)
                        .ok()
                        .or_else(|| bad(cx, value, "tunnel id"))?,
                )
            }
            "dst" => dst = Some(value.text.parse().ok().or_else(|| bad(cx, value, "IPv6 address"))?),
            "src" => src = Some(value.text.parse().ok().or_else(|| bad(cx, value, "IPv6 address"))?),
            "tc" => tc = Some(u8::try_from(cx.iproute_number(iproute::Kind::Tos, value)?).ok()?),
            "hoplimit" => {
                hoplimit = Some(
                    number::dec(&value.text, 0, 255)
                        .ok()
                        .or_else(|| bad(cx, value, "hop limit"))?,
                )
            }
            _ => {
                flags = Some(
                    number::dec(&value.text, 0, 65_535)
                        .ok()
                        .or_else(|| bad(cx, value, "set of flags"))?,
                )
            }
        }
    }
    needs_target(cx, kind, id.is_some() || dst.is_some())?;
    Some(Encap::Ip6 {
        id,
        dst,
        src,
        tc,
        hoplimit,
        flags,
    })
}

/// Labels are 20 bits (RFC 3032 section 2.1).
fn mpls(cx: &mut Context<'_>, line: &mut Words<'_>, kind: &Word) -> Option<Encap> {
    let value = line.argument(cx, kind)?;
    let mut labels = Vec::new();
    for label in value.text.split('/') {
        let Ok(label) = number::c_max(label, 0xf_ffff) else {
            return bad(
                cx,
                value,
                "MPLS label stack (labels up to 1048575 with `/` between them)",
            );
        };
        labels.push(u32::try_from(label).ok()?);
    }
    Some(Encap::Mpls(labels))
}

fn ila(cx: &mut Context<'_>, line: &mut Words<'_>, kind: &Word) -> Option<Encap> {
    let value = line.argument(cx, kind)?;
    let groups: Vec<&str> = value.text.split(':').collect();
    let locator = (groups.len() == 4).then(|| {
        groups.iter().try_fold(0_u64, |sum, group| {
            let ok = (1..=4).contains(&group.len()) && group.bytes().all(|b| b.is_ascii_hexdigit());
            ok.then(|| u64::from_str_radix(group, 16).map(|g| sum << 16 | g).ok())
                .flatten()
        })
    });
    match locator.flatten() {
        Some(locator) => Some(Encap::Ila(locator)),
        None => bad(cx, value, "ILA locator (four hexadecimal groups with `:` between them)"),
    }
}
