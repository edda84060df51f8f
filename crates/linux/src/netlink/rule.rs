//! Policy rules (vrrp.md 9.4): a configured rule as the kernel wants it, and what the kernel tells about one.

use keepalived_model::address::Prefixed;
use keepalived_model::route::{Rule, RuleAction};
use keepalived_model::units::{Family, IfName};

use netlink_packet_route::rule::{RuleAttribute, RuleFlags, RuleMessage, RulePortRange, RuleUidRange};

use super::route::{address_family, family_of, realm, realms, unspecified};

const NO_LIMIT: u32 = u32::MAX;

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
    /// What `RTM_NEWRULE` or `RTM_DELRULE` says; `None` when it is of another family or contradicts itself.
    pub(super) fn of(message: &RuleMessage) -> Option<Self> {
        let header = &message.header;
        let family = family_of(header.family)?;
        let whole = |len| Prefixed::new(unspecified(family), len).filter(|_| len > 0);
        let mut info = Self {
            family,
            preference: 0,
            protocol: 0,
            invert: header.flags.contains(RuleFlags::Invert),
            from: whole(header.src_len),
            to: whole(header.dst_len),
            mark: (0, 0),
            iif: None,
            oif: None,
            tos: header.tos,
            tunnel_id: 0,
            uid_range: None,
            ip_protocol: 0,
            source_ports: None,
            destination_ports: None,
            realms: 0,
            suppress_prefix_length: NO_LIMIT,
            suppress_group: NO_LIMIT,
            action: header.action.into(),
            target: u32::from(header.table),
            l3mdev: false,
        };
        for attribute in &message.attributes {
            match attribute {
                RuleAttribute::Destination(address) => info.to = Prefixed::new(*address, header.dst_len),
                RuleAttribute::Source(address) => info.from = Prefixed::new(*address, header.src_len),
                _ => info.read(attribute),
            }
        }
        Some(info)
    }

    fn read(&mut self, attribute: &RuleAttribute) {
        let ports = |range: &RulePortRange| Some((range.start, range.end));
        match attribute {
            RuleAttribute::Iifname(name) => self.iif = IfName::new(name),
            RuleAttribute::Oifname(name) => self.oif = IfName::new(name),
            RuleAttribute::Priority(preference) => self.preference = *preference,
            RuleAttribute::Protocol(protocol) => self.protocol = (*protocol).into(),
            RuleAttribute::FwMark(mark) => self.mark.0 = *mark,
            RuleAttribute::FwMask(mask) => self.mark.1 = *mask,
            RuleAttribute::Realm(realm) => self.realms = realms(*realm),
            RuleAttribute::TunId(id) => self.tunnel_id = *id,
            RuleAttribute::SuppressIfGroup(group) => self.suppress_group = *group,
            RuleAttribute::SuppressPrefixLen(len) => self.suppress_prefix_length = *len,
            RuleAttribute::Table(table) if self.action != GOTO => self.target = *table,
            RuleAttribute::Goto(preference) => self.target = *preference,
            RuleAttribute::L3MDev(wanted) => self.l3mdev = *wanted,
            RuleAttribute::UidRange(range) => self.uid_range = Some((range.start, range.end)),
            RuleAttribute::IpProtocol(protocol) => self.ip_protocol = (*protocol).into(),
            RuleAttribute::SourcePortRange(range) => self.source_ports = ports(range),
            RuleAttribute::DestinationPortRange(range) => self.destination_ports = ports(range),
            _ => {}
        }
    }

    /// The payload of `RTM_NEWRULE` and `RTM_DELRULE`.
    pub(super) fn message(&self) -> RuleMessage {
        let len = |prefix: Option<Prefixed>| prefix.map_or(0, |prefix| prefix.prefix_len);
        let table = if self.action == GOTO { 0 } else { self.target };
        let mut message = RuleMessage::default();
        let header = &mut message.header;
        header.family = address_family(self.family);
        header.dst_len = len(self.to);
        header.src_len = len(self.from);
        header.tos = self.tos;
        header.table = u8::try_from(table).unwrap_or(0);
        header.action = self.action.into();
        if self.invert {
            header.flags = RuleFlags::Invert;
        }
        let address = |prefix: Prefixed| prefix.address;
        let text = |name: IfName| name.as_str().to_owned();
        let range = |(start, end)| RulePortRange { start, end };
        let marked = (self.mark != (0, 0)).then_some(self.mark);
        let limit = |limit: u32| (limit != NO_LIMIT).then_some(limit);
        message.attributes.extend(
            [
                self.to.map(address).map(RuleAttribute::Destination),
                self.from.map(address).map(RuleAttribute::Source),
                self.iif.map(text).map(RuleAttribute::Iifname),
                self.oif.map(text).map(RuleAttribute::Oifname),
                Some(RuleAttribute::Priority(self.preference)),
                marked.map(|(mark, _)| RuleAttribute::FwMark(mark)),
                marked.map(|(_, mask)| RuleAttribute::FwMask(mask)),
                (self.realms != 0).then(|| RuleAttribute::Realm(realm(self.realms))),
                limit(self.suppress_group).map(RuleAttribute::SuppressIfGroup),
                limit(self.suppress_prefix_length).map(RuleAttribute::SuppressPrefixLen),
                (table > 255).then_some(RuleAttribute::Table(table)),
                (self.action == GOTO).then_some(RuleAttribute::Goto(self.target)),
                Some(RuleAttribute::Protocol(self.protocol.into())),
                (self.tunnel_id != 0).then_some(RuleAttribute::TunId(self.tunnel_id)),
                self.l3mdev.then_some(RuleAttribute::L3MDev(true)),
                self.uid_range
                    .map(|(start, end)| RuleAttribute::UidRange(RuleUidRange { start, end })),
                (self.ip_protocol != 0).then(|| RuleAttribute::IpProtocol(self.ip_protocol.into())),
                self.source_ports.map(range).map(RuleAttribute::SourcePortRange),
                self.destination_ports
                    .map(range)
                    .map(RuleAttribute::DestinationPortRange),
            ]
            .into_iter()
            .flatten(),
        );
        message
    }
}
