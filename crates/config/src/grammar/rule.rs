//! Lines of `virtual_rules` and `static_rules` (`vrrp.md` 9.4).

use keepalived_model::{
    address::Prefixed,
    route::{PROTOCOL_KEEPALIVED, Rule, RuleAction},
    units::Family,
};

use super::{Context, Words, iproute, number, prefixed};
use crate::{check::codes, diag::Diagnostic, source::Span, suggest::nearest, table::STATIC_RULES_ITEM, tree::Word};

/// A rule while it is read.
struct Draft {
    rule: Rule,
    family: Option<Family>,
    action: Option<RuleAction>,
    preference: Option<u32>,
    protocol_word: Option<Span>,
}

/// Reads one rule line. `None`: it is dropped, and that was said.
pub fn parse(cx: &mut Context<'_>, words: &[Word], is_static: bool) -> Option<Rule> {
    let mut line = Words::new(words);
    let mut draft = Draft {
        rule: Rule {
            family: Family::V4,
            invert: false,
            from: None,
            to: None,
            fwmark: None,
            iif: None,
            oif: None,
            tos: None,
            tunnel_id: None,
            uid_range: None,
            ip_protocol: None,
            source_ports: None,
            destination_ports: None,
            realms: None,
            suppress_prefix_length: None,
            suppress_group: None,
            preference: 0,
            protocol: PROTOCOL_KEEPALIVED,
            action: RuleAction::Nop,
            no_track: false,
            track_group: None,
        },
        family: None,
        action: None,
        preference: None,
        protocol_word: None,
    };
    while let Some(word) = line.take() {
        draft.option(cx, &mut line, word, is_static)?;
    }
    draft.finish(cx, words)
}

fn dropped<T>(cx: &mut Context<'_>, word: &Word, why: impl AsRef<str>) -> Option<T> {
    cx.say(
        &codes::RULE_DROPPED,
        word.span,
        format!("{}; the rule is dropped", why.as_ref()),
    );
    None
}

impl Draft {
    fn family(&mut self, cx: &mut Context<'_>, family: Family, word: &Word) -> Option<()> {
        match self.family {
            Some(known) if known != family => {
                dropped(cx, word, format!("`{}` is {family} but the rule is {known}", word.text))
            }
            _ => {
                self.family = Some(family);
                Some(())
            }
        }
    }

    fn act(&mut self, cx: &mut Context<'_>, action: RuleAction, word: &Word) -> Option<()> {
        if self.action.is_some() {
            return dropped(cx, word, format!("`{}` is a second action", word.text));
        }
        self.action = Some(action);
        Some(())
    }

    fn option(&mut self, cx: &mut Context<'_>, line: &mut Words<'_>, word: &Word, is_static: bool) -> Option<()> {
        match &*word.text {
            "inet" => {
                self.family(cx, Family::V4, word)?;
                skip_dummy(cx, line, word);
            }
            "inet6" => {
                self.family(cx, Family::V6, word)?;
                skip_dummy(cx, line, word);
            }
            "not" => self.rule.invert = true,
            "no_track" => self.rule.no_track = true,
            "type" => {}
            "l3mdev" => self.act(cx, RuleAction::L3mdev, word)?,
            "nop" => self.act(cx, RuleAction::Nop, word)?,
            "blackhole" => self.act(cx, RuleAction::Blackhole, word)?,
            "unreachable" => self.act(cx, RuleAction::Unreachable, word)?,
            "prohibit" => self.act(cx, RuleAction::Prohibit, word)?,
            "track_group" if is_static => {
                let value = line.argument(cx, word)?;
                self.rule.track_group.get_or_insert_with(|| value.text.clone());
            }
            text if STATIC_RULES_ITEM.has(text) => {
                let value = line.argument(cx, word)?;
                self.selector(cx, word, value)?;
            }
            text => {
                let mut diagnostic = Diagnostic::new(
                    &codes::RULE_DROPPED,
                    word.span,
                    format!("`{text}` is no option of a rule; the rule is dropped"),
                );
                if let Some(near) = nearest(text, STATIC_RULES_ITEM.names()) {
                    diagnostic = diagnostic.fix(word.span, near, format!("write `{near}` instead"));
                }
                cx.typing.say(diagnostic);
                return None;
            }
        }
        Some(())
    }

    fn selector(&mut self, cx: &mut Context<'_>, word: &Word, value: &Word) -> Option<()> {
        match &*word.text {
            "from" => self.rule.from = self.prefix(cx, value)?,
            "to" => self.rule.to = self.prefix(cx, value)?,
            "table" | "lookup" => {
                let table = cx.iproute_number(iproute::Kind::Table, value)?;
                if table == 0 {
                    return dropped(cx, value, "table 0 does not exist");
                }
                self.act(cx, RuleAction::Table(table), word)?;
            }
            "goto" => {
                let target = c_number(cx, value)?;
                self.act(cx, RuleAction::Goto(target), word)?;
            }
            "preference" | "order" | "priority" => self.preference = Some(c_number(cx, value)?),
            "tos" | "dsfield" => {
                self.rule.tos = Some(u8::try_from(cx.iproute_number(iproute::Kind::Tos, value)?).ok()?)
            }
            "fwmark" => {
                let (mark, mask) = match value.text.split_once('/') {
                    Some((mark, mask)) => (number::c_u32(mark), Some(number::c_u32(mask))),
                    None => (number::c_u32(&value.text), None),
                };
                match (mark, mask.transpose()) {
                    (Ok(mark), Ok(mask)) => self.rule.fwmark = Some((mark, mask)),
                    _ => return dropped(cx, value, format!("`{}` is no MARK or MARK/MASK", value.text)),
                }
            }
            "realms" => {
                self.family(cx, Family::V4, word)?;
                self.rule.realms = Some(super::route::realms(cx, value)?);
            }
            "suppress_prefixlength" | "sup_pl" => match number::dec(&value.text, 0, i64::from(i32::MAX)) {
                Ok(length) => self.rule.suppress_prefix_length = Some(length),
                Err(_) => return dropped(cx, value, format!("`{}` is no prefix length", value.text)),
            },
            "suppress_ifgroup" | "sup_group" => {
                self.rule.suppress_group = Some(cx.iproute_number(iproute::Kind::Group, value)?);
            }
            "iif" | "dev" => self.rule.iif = Some(cx.interface_word(value)?),
            "oif" => self.rule.oif = Some(cx.interface_word(value)?),
            "tunnel-id" => match number::c_u64(&value.text) {
                Ok(id) => self.rule.tunnel_id = Some(id),
                Err(_) => return dropped(cx, value, format!("`{}` is no tunnel id", value.text)),
            },
            "uidrange" => match range(&value.text, i64::from(u32::MAX)) {
                Some(range) => self.rule.uid_range = Some(range),
                None => {
                    return dropped(
                        cx,
                        value,
                        format!("`{}` is no range FIRST-LAST of user ids", value.text),
                    );
                }
            },
            _ => self.soft_selector(cx, word, value),
        }
        Some(())
    }

    /// Selectors whose bad values are ignored while the rule stays.
    fn soft_selector(&mut self, cx: &mut Context<'_>, word: &Word, value: &Word) {
        let ports =
            || range::<u16>(&value.text, 65_535).or_else(|| number::dec(&value.text, 0, 65_535).ok().map(|p| (p, p)));
        let understood = match &*word.text {
            "protocol" => cx
                .iproute_number(iproute::Kind::Protocol, value)
                .and_then(|n| u8::try_from(n).ok())
                .map(|protocol| {
                    self.rule.protocol = protocol;
                    self.protocol_word = Some(value.span);
                }),
            "ipproto" => ip_protocol(&value.text).map(|p| self.rule.ip_protocol = Some(p)),
            "sport" => ports().map(|p| self.rule.source_ports = Some(p)),
            _ => ports().map(|p| self.rule.destination_ports = Some(p)),
        };
        if understood.is_none() {
            cx.say(
                &codes::RULE_OPTION,
                value.span,
                format!(
                    "`{}` is not possible after `{}`; both are ignored",
                    value.text, word.text
                ),
            );
        }
    }

    fn prefix(&mut self, cx: &mut Context<'_>, value: &Word) -> Option<Option<Prefixed>> {
        if matches!(&*value.text, "default" | "any" | "all") {
            return Some(None);
        }
        let prefix = prefixed(cx, value)?;
        self.family(cx, prefix.family(), value)?;
        Some(Some(prefix))
    }

    fn finish(mut self, cx: &mut Context<'_>, words: &[Word]) -> Option<Rule> {
        let first = words.first()?;
        let Some(action) = self.action else {
            cx.say_help(
                &codes::RULE_DROPPED,
                first.span,
                "the rule has no action; it is dropped",
                "add `table NAME`, `goto PREFERENCE`, `blackhole`, `unreachable`, `prohibit` or `nop`",
            );
            return None;
        };
        let is_table = matches!(action, RuleAction::Table(_));
        if !is_table
            && (self.rule.realms.is_some()
                || self.rule.suppress_prefix_length.is_some()
                || self.rule.suppress_group.is_some())
        {
            return dropped(
                cx,
                first,
                "`realms` and `suppress_*` are possible only together with `table`",
            );
        }
        if let RuleAction::Goto(target) = action
            && self.preference.is_none_or(|p| p >= target)
        {
            return dropped(
                cx,
                first,
                format!("`goto {target}` needs a `preference` below {target}"),
            );
        }
        self.rule.family = self.family.unwrap_or(Family::V4);
        self.rule.action = action;
        self.rule.preference = match self.preference {
            Some(preference) => preference,
            None => {
                let taken = cx.take_preference(self.rule.family);
                cx.say_help(
                    &codes::RULE_WITHOUT_PREFERENCE,
                    first.span,
                    format!("the rule has no preference; {taken} is used"),
                    "write `preference N`, so that adding a rule above does not move this one",
                );
                taken
            }
        };
        if let (Some(span), false) = (self.protocol_word, self.rule.no_track) {
            if self.rule.protocol != PROTOCOL_KEEPALIVED {
                cx.say_help(
                    &codes::PROTOCOL_RESET,
                    span,
                    format!("a tracked rule always has protocol {PROTOCOL_KEEPALIVED}"),
                    "add `no_track` to keep another protocol",
                );
            }
            self.rule.protocol = PROTOCOL_KEEPALIVED;
        }
        if self.rule.track_group.is_some() && self.rule.iif.is_none() {
            cx.say_help(
                &codes::TRACK_GROUP_WITHOUT_INTERFACE,
                first.span,
                "`track_group` has no effect on a rule without `iif`; it is dropped",
                "add `iif INTERFACE`",
            );
            self.rule.track_group = None;
        }
        Some(self.rule)
    }
}

/// keepalived skips the word after `inet` and `inet6`; lines that were written for that (a word that means nothing) still work.
fn skip_dummy(cx: &mut Context<'_>, line: &mut Words<'_>, option: &Word) {
    let Some(next) = line.peek() else { return };
    if !STATIC_RULES_ITEM.has(&next.text) {
        line.take();
        cx.say(
            &codes::RULE_OPTION,
            next.span,
            format!(
                "`{}` after `{}` means nothing; it is skipped, as keepalived would",
                next.text, option.text
            ),
        );
    }
}

fn c_number(cx: &mut Context<'_>, value: &Word) -> Option<u32> {
    match number::c_u32(&value.text) {
        Ok(number) => Some(number),
        Err(_) => dropped(cx, value, format!("`{}` is no number from 0 to 4294967295", value.text)),
    }
}

/// `FIRST-LAST`.
fn range<T: TryFrom<i64> + PartialOrd>(text: &str, max: i64) -> Option<(T, T)> {
    let (first, last) = text.split_once('-')?;
    if first.is_empty() || last.is_empty() {
        return None;
    }
    let (first, last) = (number::dec(first, 0, max).ok()?, number::dec(last, 0, max).ok()?);
    (first <= last).then_some((first, last))
}

/// Names of `/etc/protocols` that rules use, or a number.
fn ip_protocol(text: &str) -> Option<u8> {
    const NAMES: [(&str, u8); 14] = [
        ("icmp", 1),
        ("igmp", 2),
        ("ipip", 4),
        ("tcp", 6),
        ("udp", 17),
        ("dccp", 33),
        ("ipv6", 41),
        ("gre", 47),
        ("esp", 50),
        ("ah", 51),
        ("ipv6-icmp", 58),
        ("ospf", 89),
        ("vrrp", 112),
        ("sctp", 132),
    ];
    NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, number)| *number)
        .or_else(|| (!text.is_empty()).then(|| number::dec(text, 0, 255).ok()).flatten())
}
