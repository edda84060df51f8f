//! Words after `lvs_method`: `NAT | DR | TUN [type ipip|gue|gre] [port N] [nocsum|csum|remcsum]`.

use keepalived_model::lvs::{Forwarding, Tunnel, TunnelChecksum};

use super::{Context, Words, number};
use crate::{check::codes, diag::Diagnostic, suggest::nearest, tree::Word};

/// Reads a forwarding method. `None`: the statement has no effect, which was said.
pub fn parse(cx: &mut Context<'_>, words: &[Word]) -> Option<Forwarding> {
    let mut line = Words::new(words);
    let method = line.take()?;
    match &*method.text {
        "NAT" => Some(Forwarding::Nat),
        "DR" => Some(Forwarding::Dr),
        "TUN" => tunnel(cx, &mut line, method).map(Forwarding::Tun),
        other => {
            let mut diagnostic = Diagnostic::new(
                &codes::VS_OPTION,
                method.span,
                format!("`{other}` is no forwarding method; the statement is ignored"),
            )
            .help("write NAT, DR or TUN");
            if let Some(near) = nearest(other, ["NAT", "DR", "TUN"]) {
                diagnostic = diagnostic.fix(method.span, near, format!("write `{near}` instead"));
            }
            cx.typing.say(diagnostic);
            None
        }
    }
}

fn bad<T>(cx: &mut Context<'_>, word: &Word, why: &str) -> Option<T> {
    cx.say(
        &codes::TUNNEL_OPTION,
        word.span,
        format!("{why}; the statement has no effect"),
    );
    None
}

fn tunnel(cx: &mut Context<'_>, line: &mut Words<'_>, method: &Word) -> Option<Tunnel> {
    let mut kind = "ipip";
    let mut port: Option<u16> = None;
    let mut checksum: Option<TunnelChecksum> = None;
    while let Some(word) = line.take() {
        match &*word.text {
            "type" => {
                let value = line.argument(cx, word)?;
                match ["ipip", "gue", "gre"].into_iter().find(|k| *k == &*value.text) {
                    Some(known) => kind = known,
                    None => return bad(cx, value, &format!("`{}` is no tunnel type", value.text)),
                }
            }
            "port" => {
                let value = line.argument(cx, word)?;
                match number::dec(&value.text, 1, 65_535) {
                    Ok(number) => port = Some(number),
                    Err(_) => return bad(cx, value, &format!("`{}` is no port", value.text)),
                }
            }
            "nocsum" => checksum = Some(TunnelChecksum::None),
            "csum" => checksum = Some(TunnelChecksum::Checksum),
            "remcsum" => checksum = Some(TunnelChecksum::Remote),
            other => return bad(cx, word, &format!("`{other}` is no tunnel option")),
        }
    }
    match (kind, port, checksum) {
        ("gue", Some(port), checksum) => Some(Tunnel::Gue {
            port,
            checksum: checksum.unwrap_or_default(),
        }),
        ("gue", None, _) => bad(cx, method, "a gue tunnel needs `port`"),
        (_, Some(_), _) => bad(cx, method, "only gue tunnels have a port"),
        ("gre", None, Some(TunnelChecksum::Remote)) => bad(cx, method, "gre tunnels know no remcsum"),
        ("gre", None, checksum) => Some(Tunnel::Gre {
            checksum: checksum.unwrap_or_default(),
        }),
        (_, None, Some(_)) => bad(cx, method, "ipip tunnels have no checksum"),
        (_, None, None) => Some(Tunnel::Ipip),
    }
}
