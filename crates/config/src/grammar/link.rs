//! Lines and words about links: `linkbeat_interfaces`, `interface_up_down_delays`, `use_vmac`, `use_ipvlan`.

use keepalived_model::{
    address::Prefixed,
    time::Micros,
    units::IfName,
    vrrp::{IpvlanMode, Linkbeat, LinkbeatMethod, UpDownDelay, Vmac},
};

use super::{Context, Words, iproute, prefixed};
use crate::{check::codes, diag::Diagnostic, suggest::nearest, tree::Word};

/// `INTERFACE [MII|ETHTOOL|IOCTL]`.
pub fn linkbeat(cx: &mut Context<'_>, words: &[Word]) -> Option<Linkbeat> {
    let mut line = Words::new(words);
    let interface = existing(cx, line.take()?)?;
    let mut method = None;
    while let Some(word) = line.take() {
        method = match &*word.text {
            "MII" => Some(LinkbeatMethod::Mii),
            "ETHTOOL" => Some(LinkbeatMethod::Ethtool),
            "IOCTL" => Some(LinkbeatMethod::Ioctl),
            other => {
                cx.say_help(
                    &codes::UNKNOWN_ITEM_OPTION,
                    word.span,
                    format!("`{other}` is no way to poll a link; it is ignored"),
                    "write MII, ETHTOOL or IOCTL, and one interface a line",
                );
                method
            }
        };
    }
    Some(Linkbeat { interface, method })
}

/// `INTERFACE DOWN [UP]`, seconds.
pub fn up_down_delay(cx: &mut Context<'_>, words: &[Word]) -> Option<UpDownDelay> {
    let mut line = Words::new(words);
    let first = line.take()?;
    let interface = existing(cx, first)?;
    let down = line.argument(cx, first)?;
    let down = delay(cx, down)?;
    let up = match line.take() {
        Some(word) => delay(cx, word)?,
        None => Micros::ZERO,
    };
    if let Some(word) = line.peek() {
        cx.say(
            &codes::SURPLUS_NOTE,
            word.span,
            format!("`{}` after the delays is ignored", word.text),
        );
    }
    Some(UpDownDelay { interface, down, up })
}

/// These lines need an interface that exists now; a missing one costs the line only (class FATAL, section 17 row 8).
fn existing(cx: &mut Context<'_>, word: &Word) -> Option<IfName> {
    let name = IfName::new(&word.text);
    if let Some(name) = name
        && cx.interface(name).is_some()
    {
        return Some(name);
    }
    cx.say(
        &codes::UNKNOWN_INTERFACE_ITEM,
        word.span,
        format!("there is no interface `{}`; the line is ignored", word.text),
    );
    None
}

fn delay(cx: &mut Context<'_>, word: &Word) -> Option<Micros> {
    const MOST: u64 = 255_000_000;
    match seconds(&word.text) {
        Some(delay) if delay <= MOST => Some(Micros(delay)),
        _ => {
            cx.say_help(
                &codes::BAD_DELAY_NOTE,
                word.span,
                format!("`{}` is no delay; the line is ignored", word.text),
                "write seconds from 0 to 255 with at most six decimals",
            );
            None
        }
    }
}

/// Decimal seconds in microseconds, rounded half up beyond six decimals.
fn seconds(text: &str) -> Option<u64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) || whole.len() > 9 {
        return None;
    }
    let mut value = whole.parse::<u64>().unwrap_or(0) * 1_000_000;
    let mut weight = 100_000;
    for digit in fraction.bytes().take(6) {
        value += u64::from(digit - b'0') * weight;
        weight /= 10;
    }
    if fraction.as_bytes().get(6).is_some_and(|d| *d >= b'5') {
        value += 1;
    }
    Some(value)
}

/// What `use_vmac` says beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MacWord {
    /// The octets; the last is to be filled with the VRID when `complete` is false.
    pub octets: [u8; 6],
    /// Six octets were written.
    pub complete: bool,
}

/// Reads the words after `use_vmac` into `vmac`.
pub fn use_vmac(cx: &mut Context<'_>, words: &[Word], vmac: &mut Vmac, mac: &mut Option<MacWord>) {
    let mut line = Words::new(words);
    while let Some(word) = line.take() {
        match &*word.text {
            "netlink_notify_msg" => vmac.netlink_notify = true,
            "group" => link_group(cx, &mut line, word, vmac),
            "name" => {
                if let Some(value) = line.argument(cx, word) {
                    link_name(cx, value, vmac);
                }
            }
            text if text.contains(':') => match parse_mac(text) {
                Ok(value) => *mac = Some(value),
                Err(why) => cx.say(&codes::BAD_MAC, word.span, format!("`{text}` {why}; it is ignored")),
            },
            _ => link_name(cx, word, vmac),
        }
    }
}

/// Reads the words after `use_ipvlan` into `vmac`; gives the address, if one was written.
pub fn use_ipvlan(cx: &mut Context<'_>, words: &[Word], vmac: &mut Vmac) -> Option<Prefixed> {
    let mut line = Words::new(words);
    let (mut mode, mut address) = (None, None);
    while let Some(word) = line.take() {
        let wanted = match &*word.text {
            "bridge" => Some(IpvlanMode::Bridge),
            "private" => Some(IpvlanMode::Private),
            "vepa" => Some(IpvlanMode::Vepa),
            _ => None,
        };
        match (&*word.text, wanted) {
            (_, Some(wanted)) if mode.is_none() => mode = Some(wanted),
            (_, Some(_)) => cx.say(
                &codes::LINK_OPTION,
                word.span,
                "the ipvlan mode is given twice; the first is used",
            ),
            ("group", _) => link_group(cx, &mut line, word, vmac),
            ("name", _) => {
                if let Some(value) = line.argument(cx, word) {
                    link_name(cx, value, vmac);
                }
            }
            (text, _)
                if text.contains(['.', ':', '/']) && text.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':') =>
            {
                if address.is_some() {
                    cx.say(
                        &codes::LINK_OPTION,
                        word.span,
                        "the ipvlan address is given twice; the first is used",
                    );
                } else {
                    address = prefixed(cx, word);
                }
            }
            _ => link_name(cx, word, vmac),
        }
    }
    vmac.ipvlan = Some(mode.unwrap_or_default());
    address
}

fn link_group(cx: &mut Context<'_>, line: &mut Words<'_>, word: &Word, vmac: &mut Vmac) {
    if let Some(value) = line.argument(cx, word)
        && let Some(group) = cx.iproute_number(iproute::Kind::Group, value)
    {
        vmac.group = Some(group);
    }
}

fn link_name(cx: &mut Context<'_>, word: &Word, vmac: &mut Vmac) {
    if vmac.name.is_some() {
        let mut diagnostic = Diagnostic::new(
            &codes::LINK_OPTION,
            word.span,
            format!("the interface already has a name; `{}` is ignored", word.text),
        );
        if let Some(near) = nearest(&word.text, ["netlink_notify_msg", "group", "bridge", "private", "vepa"]) {
            diagnostic = diagnostic.fix(word.span, near, format!("write `{near}` instead"));
        }
        cx.typing.say(diagnostic);
        return;
    }
    match IfName::new(&word.text).filter(|_| !word.text.contains(':')) {
        Some(name) => vmac.name = Some(name),
        None => cx.say_help(
            &codes::BAD_INTERFACE_NAME,
            word.span,
            format!("`{}` is not an interface name; it is ignored", word.text),
            "interface names have 1 to 15 characters without `/`, `:` or white space",
        ),
    }
}

/// Five or six octets of a unicast MAC address outside the range that RFC 9568 section 7.3 gives to VRRP.
fn parse_mac(text: &str) -> Result<MacWord, &'static str> {
    let mut octets = [0; 6];
    let mut count = 0;
    for piece in text.split(':') {
        let slot = octets.get_mut(count).ok_or("has more than six octets")?;
        if piece.is_empty() || piece.len() > 2 {
            return Err("is no MAC address");
        }
        *slot = u8::from_str_radix(piece, 16).map_err(|_| "is no MAC address")?;
        count += 1;
    }
    if count < 5 {
        return Err("has fewer than five octets");
    }
    if octets[0] & 1 != 0 {
        return Err("is a multicast address");
    }
    if octets[..4] == [0x00, 0x00, 0x5e, 0x00] && matches!(octets[4], 1 | 2) {
        return Err("is in the range that VRRP uses by itself");
    }
    Ok(MacWord {
        octets,
        complete: count == 6,
    })
}
