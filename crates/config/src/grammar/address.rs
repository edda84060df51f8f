//! Lines of `virtual_ipaddress`, `virtual_ipaddress_excluded` and `static_ipaddress` (`vrrp.md` 9.1).

use std::net::IpAddr;

use keepalived_model::{
    address::{Address, Broadcast, PreferredLifetime, Prefixed},
    units::Family,
};

use super::{Context, Words, iproute, number, prefixed};
use crate::{
    check::codes, diag::Diagnostic, suggest::nearest, table::VRRP_INSTANCE_VIRTUAL_IPADDRESS_ITEM, tree::Word,
};

/// Longest label, bytes (IFNAMSIZ - 1).
const LABEL_MAX: usize = 15;

/// Reads one address line. `None`: it is dropped, and that was said.
pub fn parse(cx: &mut Context<'_>, words: &[Word], is_static: bool) -> Option<Address> {
    let mut line = Words::new(words);
    let first = line.take()?;
    let mut address = Address::plain(prefixed(cx, first)?);
    let mut broadcast_word = None;
    while let Some(option) = line.take() {
        match &*option.text {
            "dev" => {
                let name = line.argument(cx, option)?;
                if address.interface.is_some() {
                    cx.say(
                        &codes::ADDRESS_OPTION,
                        option.span,
                        format!("`dev` is given twice for {}; the address is dropped", first.text),
                    );
                    return None;
                }
                address.interface = Some(cx.interface_word(name)?);
            }
            "brd" | "broadcast" => {
                let value = line.argument(cx, option)?;
                address.broadcast = broadcast(cx, &address, value)?;
                broadcast_word = Some(value);
            }
            "scope" => scope(cx, &mut address, &mut line, option),
            "label" => label(cx, &mut address, &mut line, option)?,
            "peer" => peer(cx, &mut address, &mut line, option),
            "home" => address.flags.home = true,
            "-nodad" => address.flags.dad = true,
            "mngtmpaddr" => address.flags.manage_temporary = true,
            "noprefixroute" => address.flags.no_prefix_route = true,
            "autojoin" => address.flags.auto_join = true,
            "no_track" => address.no_track = true,
            "use_vmac" if !is_static => address.use_vmac = true,
            "preferred_lft" => {
                if let Some(value) = line.argument(cx, option) {
                    address.preferred_lft = preferred(cx, value).or(address.preferred_lft);
                }
            }
            "track_group" if is_static => {
                if let Some(value) = line.argument(cx, option) {
                    address.track_group.get_or_insert_with(|| value.text.clone());
                }
            }
            _ => unknown(cx, option),
        }
    }
    if let (Some(_), Some(word)) = (address.peer, broadcast_word) {
        cx.say(
            &codes::ADDRESS_OPTION,
            word.span,
            "a broadcast address makes no sense together with `peer`; it is dropped",
        );
        address.broadcast = Broadcast::None;
    }
    Some(address)
}

fn broadcast(cx: &mut Context<'_>, address: &Address, value: &Word) -> Option<Broadcast> {
    let family = address.local.family();
    let parsed = match &*value.text {
        "+" | "-" if family == Family::V4 && address.local.prefix_len > 30 => {
            cx.say_help(
                &codes::ADDRESS_OPTION,
                value.span,
                format!(
                    "a /{} has no broadcast address; `brd` is dropped",
                    address.local.prefix_len
                ),
                "give the address a prefix length of at most 30, or drop `brd`",
            );
            // The address is worth more than its broadcast address, and 2.2.7 keeps it too.
            return Some(Broadcast::None);
        }
        "+" => Some(Broadcast::HostBitsSet),
        "-" => Some(Broadcast::HostBitsClear),
        text => text.parse().ok().map(Broadcast::Address),
    };
    match (parsed, family) {
        (Some(broadcast), Family::V4) => Some(broadcast),
        (_, Family::V6) => {
            cx.say(
                &codes::ADDRESS_OPTION,
                value.span,
                "IPv6 has no broadcast addresses; the line is dropped",
            );
            None
        }
        (None, Family::V4) => {
            cx.say_help(
                &codes::ADDRESS_OPTION,
                value.span,
                format!("`{}` is no broadcast address; the line is dropped", value.text),
                "write `+`, `-` or an IPv4 address",
            );
            None
        }
    }
}

fn scope(cx: &mut Context<'_>, address: &mut Address, line: &mut Words<'_>, option: &Word) {
    let Some(value) = line.argument(cx, option) else { return };
    let Some(number) = cx.iproute_number(iproute::Kind::Scope, value) else {
        return;
    };
    if address.local.family() == Family::V6 {
        cx.say(
            &codes::ADDRESS_OPTION,
            option.span,
            "the scope of an IPv6 address follows from the address; `scope` is dropped",
        );
        return;
    }
    address.scope = u8::try_from(number).unwrap_or(address.scope);
}

fn label(cx: &mut Context<'_>, address: &mut Address, line: &mut Words<'_>, option: &Word) -> Option<()> {
    let value = line.argument(cx, option)?;
    if value.text.len() > LABEL_MAX {
        cx.say(
            &codes::ADDRESS_OPTION,
            value.span,
            format!("a label has at most {LABEL_MAX} characters; the address is dropped"),
        );
        return None;
    }
    if address.local.family() == Family::V6 {
        cx.say(
            &codes::ADDRESS_OPTION,
            option.span,
            "IPv6 addresses have no labels; `label` is dropped",
        );
    } else {
        address.label = Some(value.text.clone());
    }
    Some(())
}

/// The other end: its prefix (the full length when none was written) replaces that of the address.
fn peer(cx: &mut Context<'_>, address: &mut Address, line: &mut Words<'_>, option: &Word) {
    let Some(value) = line.argument(cx, option) else { return };
    if address.peer.is_some() {
        cx.say(
            &codes::ADDRESS_OPTION,
            option.span,
            "`peer` is given twice; the first is used",
        );
        return;
    }
    let Some(other) = prefixed(cx, value) else { return };
    if other.family() != address.local.family() {
        cx.say(
            &codes::ADDRESS_OPTION,
            value.span,
            format!(
                "the peer is {} but the address is {}; `peer` is dropped",
                other.family(),
                address.local.family()
            ),
        );
        return;
    }
    if address.local.prefix_len != address.local.family().bits() {
        cx.say_help(
            &codes::ADDRESS_OPTION,
            value.span,
            format!(
                "the prefix length {} of the address is replaced by that of the peer",
                address.local.prefix_len
            ),
            "write the prefix length at the peer only",
        );
    }
    if let Some(local) = Prefixed::new(address.local.address, other.prefix_len) {
        address.local = local;
    }
    address.peer = Some(other);
}

fn preferred(cx: &mut Context<'_>, value: &Word) -> Option<PreferredLifetime> {
    if &*value.text == "forever" {
        return Some(PreferredLifetime::Forever);
    }
    match number::dec::<u32>(&value.text, 0, i64::from(u32::MAX)) {
        Ok(seconds) => Some(PreferredLifetime::Seconds(seconds)),
        Err(_) => {
            cx.say_help(
                &codes::ADDRESS_OPTION,
                value.span,
                format!("`{}` is no lifetime", value.text),
                "write seconds up to 4294967295, or `forever`",
            );
            None
        }
    }
}

fn unknown(cx: &mut Context<'_>, option: &Word) {
    let mut diagnostic = Diagnostic::new(
        &codes::UNKNOWN_ITEM_OPTION,
        option.span,
        format!("`{}` is no option of an address; it is ignored", option.text),
    );
    let text = option.text.split('/').next().unwrap_or("");
    if text.parse::<IpAddr>().is_ok() {
        diagnostic = diagnostic.help("write one address a line");
    } else if let Some(near) = nearest(
        &option.text,
        VRRP_INSTANCE_VIRTUAL_IPADDRESS_ITEM.names().chain(["track_group"]),
    ) {
        diagnostic = diagnostic.fix(option.span, near, format!("write `{near}` instead"));
    }
    cx.typing.say(diagnostic);
}
