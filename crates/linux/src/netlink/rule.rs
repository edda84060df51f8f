//! Policy rules (vrrp.md 9.4): a configured rule as the kernel wants it, and what the kernel tells about one.

use keepalived_model::address::Prefixed;
use keepalived_model::route::{Rule, RuleAction};
use keepalived_model::units::{Family, IfName};

use super::route::{address, family_number, family_of, unspecified, write_address};
use super::wire::{Writer, attributes, text, u16_at, u32_at};
use crate::mmsg::array;

/// Length of `struct fib_rule_hdr`.
const RULE_HEADER_LEN: usize = 12;
const FIB_RULE_INVERT: u32 = 2;
const NO_LIMIT: u32 = u32::MAX;

// Attributes of rules, linux/fib_rules.h.
const FRA_DST: u16 = 1;
const FRA_SRC: u16 = 2;
const FRA_IIFNAME: u16 = 3;
const FRA_GOTO: u16 = 4;
const FRA_PRIORITY: u16 = 6;
const FRA_FWMARK: u16 = 10;
const FRA_FLOW: u16 = 11;
const FRA_TUN_ID: u16 = 12;
const FRA_SUPPRESS_IFGROUP: u16 = 13;
const FRA_SUPPRESS_PREFIXLEN: u16 = 14;
const FRA_TABLE: u16 = 15;
const FRA_FWMASK: u16 = 16;
const FRA_OIFNAME: u16 = 17;
const FRA_L3MDEV: u16 = 19;
const FRA_UID_RANGE: u16 = 20;
const FRA_PROTOCOL: u16 = 21;
const FRA_IP_PROTO: u16 = 22;
const FRA_SPORT_RANGE: u16 = 23;
const FRA_DPORT_RANGE: u16 = 24;

/// What tells rules apart, in the form in which the kernel tells it: equal values are the same rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RuleInfo {
    /// IPv4 or IPv6.
    pub family: Family,
    /// The preference, or priority.
    pub preference: u32,
    /// Who made it: 18 is ours.
    pub protocol: u8,
    invert: bool,
    from: Option<Prefixed>,
    to: Option<Prefixed>,
    mark: (u32, u32),
    iif: Option<IfName>,
    oif: Option<IfName>,
    tos: u8,
    tunnel_id: u64,
    uid_range: Option<(u32, u32)>,
    ip_protocol: u8,
    source_ports: Option<(u16, u16)>,
    destination_ports: Option<(u16, u16)>,
    realms: u32,
    suppress_prefix_length: u32,
    suppress_group: u32,
    action: u8,
    /// The table, or the preference to go on at.
    target: u32,
    l3mdev: bool,
}

/// The number of an action, and its table or target.
const fn action(action: RuleAction) -> (u8, u32) {
    match action {
        RuleAction::Table(table) => (1, table),
        RuleAction::L3mdev => (1, 0),
        RuleAction::Goto(preference) => (2, preference),
        RuleAction::Nop => (3, 0),
        RuleAction::Blackhole => (6, 0),
        RuleAction::Unreachable => (7, 0),
        RuleAction::Prohibit => (8, 0),
    }
}

const GOTO: u8 = 2;

impl From<&Rule> for RuleInfo {
    fn from(rule: &Rule) -> Self {
        let (action, target) = action(rule.action);
        let written = |prefix: Option<Prefixed>| prefix.filter(|prefix| prefix.prefix_len > 0);
        Self {
            family: rule.family,
            preference: rule.preference,
            protocol: rule.protocol,
            invert: rule.invert,
            from: written(rule.from),
            to: written(rule.to),
            mark: rule
                .fwmark
                .map_or((0, 0), |(mark, mask)| (mark, mask.unwrap_or(u32::MAX))),
            iif: rule.iif,
            oif: rule.oif,
            tos: rule.tos.unwrap_or(0),
            tunnel_id: rule.tunnel_id.unwrap_or(0),
            uid_range: rule.uid_range,
            ip_protocol: rule.ip_protocol.unwrap_or(0),
            source_ports: rule.source_ports,
            destination_ports: rule.destination_ports,
            realms: if rule.family == Family::V4 {
                rule.realms.unwrap_or(0)
            } else {
                0
            },
            suppress_prefix_length: rule.suppress_prefix_length.unwrap_or(NO_LIMIT),
            suppress_group: rule.suppress_group.unwrap_or(NO_LIMIT),
            action,
            target,
            l3mdev: rule.action == RuleAction::L3mdev,
        }
    }
}

impl RuleInfo {
    /// Read the payload of `RTM_NEWRULE` or `RTM_DELRULE`; `None` when it is cut short or of another family.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let family = family_of(*payload.first()?)?;
        let (to_len, from_len) = (*payload.get(1)?, *payload.get(2)?);
        let whole = |len| Prefixed::new(unspecified(family), len).filter(|_| len > 0);
        let mut info = Self {
            family,
            preference: 0,
            protocol: 0,
            invert: u32_at(payload, 8)? & FIB_RULE_INVERT != 0,
            from: whole(from_len),
            to: whole(to_len),
            mark: (0, 0),
            iif: None,
            oif: None,
            tos: *payload.get(3)?,
            tunnel_id: 0,
            uid_range: None,
            ip_protocol: 0,
            source_ports: None,
            destination_ports: None,
            realms: 0,
            suppress_prefix_length: NO_LIMIT,
            suppress_group: NO_LIMIT,
            action: *payload.get(7)?,
            target: u32::from(*payload.get(4)?),
            l3mdev: false,
        };
        for (kind, value) in attributes(payload.get(RULE_HEADER_LEN..)?) {
            info.read(kind, value, to_len, from_len)?;
        }
        Some(info)
    }

    /// One attribute; `None` when it is cut short.
    fn read(&mut self, kind: u16, value: &[u8], to_len: u8, from_len: u8) -> Option<()> {
        let ports = || Some((u16_at(value, 0)?, u16_at(value, 2)?));
        match kind {
            FRA_DST => self.to = Prefixed::new(address(self.family, value)?, to_len),
            FRA_SRC => self.from = Prefixed::new(address(self.family, value)?, from_len),
            FRA_IIFNAME => self.iif = IfName::new(&text(value)),
            FRA_OIFNAME => self.oif = IfName::new(&text(value)),
            FRA_PRIORITY => self.preference = u32_at(value, 0)?,
            FRA_PROTOCOL => self.protocol = *value.first()?,
            FRA_FWMARK => self.mark.0 = u32_at(value, 0)?,
            FRA_FWMASK => self.mark.1 = u32_at(value, 0)?,
            FRA_FLOW => self.realms = u32_at(value, 0)?,
            FRA_TUN_ID => self.tunnel_id = u64::from_be_bytes(array(value, 0)?),
            FRA_SUPPRESS_IFGROUP => self.suppress_group = u32_at(value, 0)?,
            FRA_SUPPRESS_PREFIXLEN => self.suppress_prefix_length = u32_at(value, 0)?,
            FRA_TABLE if self.action != GOTO => self.target = u32_at(value, 0)?,
            FRA_GOTO => self.target = u32_at(value, 0)?,
            FRA_L3MDEV => self.l3mdev = *value.first()? != 0,
            FRA_UID_RANGE => self.uid_range = Some((u32_at(value, 0)?, u32_at(value, 4)?)),
            FRA_IP_PROTO => self.ip_protocol = *value.first()?,
            FRA_SPORT_RANGE => self.source_ports = ports(),
            FRA_DPORT_RANGE => self.destination_ports = ports(),
            _ => {}
        }
        Some(())
    }

    /// The header and attributes of `RTM_NEWRULE` and `RTM_DELRULE`.
    pub(super) fn write(&self, writer: &mut Writer) {
        let len = |prefix: Option<Prefixed>| prefix.map_or(0, |prefix| prefix.prefix_len);
        let table = if self.action == GOTO { 0 } else { self.target };
        let [a, b, c, d] = if self.invert {
            FIB_RULE_INVERT.to_ne_bytes()
        } else {
            [0; 4]
        };
        let small_table = u8::try_from(table).unwrap_or(0);
        let family = family_number(self.family);
        writer.raw(&[
            family,
            len(self.to),
            len(self.from),
            self.tos,
            small_table,
            0,
            0,
            self.action,
            a,
            b,
            c,
            d,
        ]);
        for (kind, prefix) in [(FRA_DST, self.to), (FRA_SRC, self.from)] {
            if let Some(prefix) = prefix {
                write_address(writer, kind, prefix.address);
            }
        }
        for (kind, name) in [(FRA_IIFNAME, self.iif), (FRA_OIFNAME, self.oif)] {
            if let Some(name) = name {
                writer.attribute_str(kind, name.as_str());
            }
        }
        let marked = self.mark != (0, 0);
        let numbers = [
            (FRA_PRIORITY, true, self.preference),
            (FRA_FWMARK, marked, self.mark.0),
            (FRA_FWMASK, marked, self.mark.1),
            (FRA_FLOW, self.realms != 0, self.realms),
            (
                FRA_SUPPRESS_IFGROUP,
                self.suppress_group != NO_LIMIT,
                self.suppress_group,
            ),
            (
                FRA_SUPPRESS_PREFIXLEN,
                self.suppress_prefix_length != NO_LIMIT,
                self.suppress_prefix_length,
            ),
            (FRA_TABLE, table > 255, table),
            (FRA_GOTO, self.action == GOTO, self.target),
        ];
        for (kind, _, value) in numbers.into_iter().filter(|(_, wanted, _)| *wanted) {
            writer.attribute_u32(kind, value);
        }
        self.write_narrow(writer);
    }

    /// The attributes that are no plain number of 32 bits.
    fn write_narrow(&self, writer: &mut Writer) {
        writer.attribute(FRA_PROTOCOL, &[self.protocol]);
        if self.tunnel_id != 0 {
            writer.attribute(FRA_TUN_ID, &self.tunnel_id.to_be_bytes());
        }
        if self.l3mdev {
            writer.attribute(FRA_L3MDEV, &[1]);
        }
        if let Some((first, last)) = self.uid_range {
            writer.attribute(FRA_UID_RANGE, &[first.to_ne_bytes(), last.to_ne_bytes()].concat());
        }
        if self.ip_protocol != 0 {
            writer.attribute(FRA_IP_PROTO, &[self.ip_protocol]);
        }
        for (kind, ports) in [
            (FRA_SPORT_RANGE, self.source_ports),
            (FRA_DPORT_RANGE, self.destination_ports),
        ] {
            if let Some((first, last)) = ports {
                writer.attribute(kind, &[first.to_ne_bytes(), last.to_ne_bytes()].concat());
            }
        }
    }
}
