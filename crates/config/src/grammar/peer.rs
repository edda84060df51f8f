//! Lines of `unicast_peer`: `ADDRESS [min_ttl N] [max_ttl N]`.

use keepalived_model::vrrp::Peer;

use super::{Context, Words, address, number};
use crate::{check::codes, tree::Word};

/// Reads one peer; the second value tells whether TTL limits were written. `None`: it is dropped, and that was said.
pub fn parse(cx: &mut Context<'_>, words: &[Word]) -> Option<(Peer, bool)> {
    let mut line = Words::new(words);
    let first = line.take()?;
    let mut peer = Peer {
        address: address(cx, first)?,
        min_ttl: 0,
        max_ttl: 255,
    };
    let mut limited = false;
    while let Some(option) = line.take() {
        let slot = match &*option.text {
            "min_ttl" => &mut peer.min_ttl,
            "max_ttl" => &mut peer.max_ttl,
            other => {
                cx.say_help(
                    &codes::UNKNOWN_ITEM_OPTION,
                    option.span,
                    format!("`{other}` is no option of a unicast peer; it is ignored"),
                    "the options are `min_ttl N` and `max_ttl N`; write one peer a line",
                );
                continue;
            }
        };
        let Some(value) = line.argument(cx, option) else { break };
        match number::dec(&value.text, 0, 255) {
            Ok(ttl) => {
                *slot = ttl;
                limited = true;
            }
            Err(_) => cx.say(
                &codes::BAD_ITEM_NUMBER,
                value.span,
                format!("`{}` is no TTL from 0 to 255; `{}` is ignored", value.text, option.text),
            ),
        }
    }
    if peer.min_ttl > peer.max_ttl {
        cx.say(
            &codes::PEER_TTL,
            first.span,
            format!(
                "min_ttl {} is above max_ttl {}, so no advert of this peer is accepted",
                peer.min_ttl, peer.max_ttl
            ),
        );
    }
    Some((peer, limited))
}
