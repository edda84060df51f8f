//! The few words of nftables' netlink language that the firewall needs (linux/netfilter/nf_tables.h).

use keepalived_model::units::Family;

use super::route::family_number;
use super::wire::{Message, Writer, attributes, text};

const SUBSYSTEM: u16 = 10 << 8;
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
const NEW_TABLE: u16 = 0;
const GET_TABLE: u16 = 1;
const DELETE_TABLE: u16 = 2;
const NEW_CHAIN: u16 = 3;
const NEW_RULE: u16 = 6;
const NEW_SET: u16 = 9;
const NEW_ELEMENT: u16 = 12;
const DELETE_ELEMENT: u16 = 14;

const LIST_ELEMENT: u16 = 1;
const DATA_VALUE: u16 = 1;
const DATA_VERDICT: u16 = 2;
/// The first register of 16 octets, and the one of 4 octets that follows it.
const REGISTER: u32 = 1;
const NEXT_REGISTER: u32 = 12;
const NETWORK_HEADER: u32 = 1;
const TRANSPORT_HEADER: u32 = 2;
const IGMP: u8 = 2;
const ICMPV6: u8 = 58;
/// Octets of an interface's name or kind in a register, padded with zeros.
const INTERFACE_NAME_LEN: u32 = 16;
/// nft(8)'s word for numbers in the machine's own order of octets.
const HOST_ORDER: u32 = 1;
const SET_CONSTANT: u32 = 2;
const SET_MAP: u32 = 8;

/// Where a base chain sees packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    Input,
    Output,
}

/// A part of a set's key. The numbers of the types are those of nft(8), which shows sets by them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    Ipv4,
    Ipv6,
    InterfaceIndex,
    InterfaceName,
    Icmpv6Type,
}

impl Key {
    /// The type's number and the length in octets.
    const fn kind_and_len(self) -> (u32, u32) {
        match self {
            Self::Ipv4 => (7, 4),
            Self::Ipv6 => (8, 16),
            Self::InterfaceIndex => (20, 4),
            Self::InterfaceName => (41, INTERFACE_NAME_LEN),
            Self::Icmpv6Type => (29, 1),
        }
    }
}

/// What a rule does with a packet that it matches.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verdict<'a> {
    Drop,
    Accept,
    Goto(&'a str),
}

/// A note of nft(8): `kind` 0 is a set's key, 1 a map's value.
fn in_host_order(kind: u8) -> impl Iterator<Item = u8> {
    [kind, 4].into_iter().chain(HOST_ORDER.to_ne_bytes())
}

fn flags(bits: i32) -> u16 {
    u16::try_from(bits).unwrap_or(0)
}

/// A transaction being written.
#[derive(Debug, Default)]
pub(super) struct Nft {
    writer: Writer,
    sequence: u32,
    family: u8,
    table: String,
    sets: u32,
}

impl Nft {
    pub(super) fn bytes(&self) -> &[u8] {
        self.writer.bytes()
    }

    /// Start a transaction on the table called `table` of `family`.
    pub(super) fn begin(&mut self, family: Family, table: &str) {
        self.writer.clear();
        self.family = family_number(family);
        table.clone_into(&mut self.table);
        self.frame(BATCH_BEGIN);
    }

    pub(super) fn end(&mut self) {
        self.frame(BATCH_END);
    }

    /// Ask for a table; no transaction.
    pub(super) fn ask_for_table(&mut self, family: Family, table: &str) {
        self.writer.clear();
        self.family = family_number(family);
        table.clone_into(&mut self.table);
        self.message(GET_TABLE, 0, |writer, table| writer.attribute_str(1, table));
    }

    /// The frame of a transaction names the subsystem where other messages have their family.
    fn frame(&mut self, kind: u16) {
        self.sequence = self.sequence.wrapping_add(1);
        self.writer.begin(kind, flags(libc::NLM_F_REQUEST), self.sequence);
        let [high, low] = (SUBSYSTEM >> 8).to_be_bytes();
        self.writer.raw(&[0, 0, high, low]);
        self.writer.finish();
    }

    fn message(&mut self, kind: u16, create: i32, fill: impl FnOnce(&mut Writer, &str)) {
        self.sequence = self.sequence.wrapping_add(1);
        self.writer
            .begin(SUBSYSTEM | kind, flags(libc::NLM_F_REQUEST | create), self.sequence);
        self.writer.raw(&[self.family, 0, 0, 0]);
        fill(&mut self.writer, &self.table);
        self.writer.finish();
    }

    pub(super) fn add_table(&mut self) {
        self.message(NEW_TABLE, libc::NLM_F_CREATE, |writer, table| {
            writer.attribute_str(1, table)
        });
    }

    pub(super) fn delete_table(&mut self) {
        self.message(DELETE_TABLE, 0, |writer, table| writer.attribute_str(1, table));
    }

    pub(super) fn add_chain(&mut self, name: &str) {
        self.message(NEW_CHAIN, libc::NLM_F_CREATE, |writer, table| {
            writer.attribute_str(1, table);
            writer.attribute_str(3, name);
        });
    }

    pub(super) fn add_base_chain(&mut self, name: &str, hook: Hook, priority: i32) {
        let number: u32 = match hook {
            Hook::Input => 1,
            Hook::Output => 3,
        };
        self.message(NEW_CHAIN, libc::NLM_F_CREATE, |writer, table| {
            const ACCEPT: u32 = 1;
            writer.attribute_str(1, table);
            writer.attribute_str(3, name);
            writer.nested(4, |hook| {
                hook.attribute(1, &number.to_be_bytes());
                hook.attribute(2, &priority.to_be_bytes());
            });
            writer.attribute(5, &ACCEPT.to_be_bytes());
            writer.attribute_str(7, "filter");
        });
    }

    /// Add a set whose elements come and go.
    pub(super) fn add_set(&mut self, name: &str, key: &[Key]) {
        self.set(name, key, 0, None);
    }

    /// Add a set whose elements come with it and stay.
    pub(super) fn add_constant_set(&mut self, name: &str, key: Key, elements: &[&[u8]]) {
        self.set(name, &[key], SET_CONSTANT, None);
        for element in elements {
            self.element(name, element, None, true);
        }
    }

    /// Add a map.
    pub(super) fn add_map(&mut self, name: &str, key: Key, value: Key) {
        self.set(name, &[key], SET_MAP, Some(value));
    }

    fn set(&mut self, name: &str, key: &[Key], flags: u32, value: Option<Key>) {
        self.sets += 1;
        let id = self.sets;
        // A type of several parts has their numbers side by side, six bits each.
        let parts = key.iter().map(|part| part.kind_and_len());
        let (kind, len) = parts.fold((0, 0), |(kinds, lens), (kind, len)| (kinds << 6 | kind, lens + len));
        self.message(NEW_SET, libc::NLM_F_CREATE, |writer, table| {
            writer.attribute_str(1, table);
            writer.attribute_str(2, name);
            for (attribute, number) in [(3, flags), (4, kind), (5, len)] {
                writer.attribute(attribute, &number.to_be_bytes());
            }
            if let Some((kind, len)) = value.map(Key::kind_and_len) {
                writer.attribute(6, &kind.to_be_bytes());
                writer.attribute(7, &len.to_be_bytes());
            }
            writer.attribute(10, &id.to_be_bytes());
            // What nft(8) would note for itself; without it, it shows indices with their octets reversed.
            let of_key = matches!(key, [Key::InterfaceIndex]).then_some(0);
            let of_value = matches!(value, Some(Key::InterfaceIndex)).then_some(1);
            let notes: Vec<u8> = of_key.into_iter().chain(of_value).flat_map(in_host_order).collect();
            if !notes.is_empty() {
                writer.attribute(13, &notes);
            }
        });
    }

    /// Add an element to a set, or with its value to a map, where it may be already, or delete it.
    pub(super) fn element(&mut self, set: &str, key: &[u8], value: Option<&[u8]>, add: bool) {
        let (kind, create) = if add {
            (NEW_ELEMENT, libc::NLM_F_CREATE)
        } else {
            (DELETE_ELEMENT, 0)
        };
        self.message(kind, create, |writer, table| {
            writer.attribute_str(1, table);
            writer.attribute_str(2, set);
            writer.nested(3, |list| {
                list.nested(LIST_ELEMENT, |element| {
                    element.nested(1, |data| data.attribute(DATA_VALUE, key));
                    if let Some(value) = value {
                        element.nested(2, |data| data.attribute(DATA_VALUE, value));
                    }
                });
            });
        });
    }

    /// Add a rule behind those of the chain.
    pub(super) fn add_rule(&mut self, chain: &str, fill: impl FnOnce(&mut Expressions<'_>)) {
        self.rule(libc::NLM_F_APPEND, chain, fill);
    }

    /// Add a rule before those of the chain.
    pub(super) fn insert_rule(&mut self, chain: &str, fill: impl FnOnce(&mut Expressions<'_>)) {
        self.rule(0, chain, fill);
    }

    fn rule(&mut self, place: i32, chain: &str, fill: impl FnOnce(&mut Expressions<'_>)) {
        self.message(NEW_RULE, libc::NLM_F_CREATE | place, |writer, table| {
            writer.attribute_str(1, table);
            writer.attribute_str(2, chain);
            writer.nested(4, |list| fill(&mut Expressions { list }));
        });
    }
}

/// Does the kernel tell that a table of this name was deleted?
pub(super) fn is_deletion_of(message: &Message<'_>, table: &str) -> bool {
    // The family and two more octets come first.
    let told = message.payload.get(4..).unwrap_or_default();
    message.kind == SUBSYSTEM | DELETE_TABLE && attributes(told).any(|(kind, value)| kind == 1 && text(value) == table)
}

/// The expressions of one rule, in the order in which they are evaluated.
pub(super) struct Expressions<'a> {
    list: &'a mut Writer,
}

impl Expressions<'_> {
    fn expression(&mut self, name: &str, fill: impl FnOnce(&mut Writer)) {
        self.list.nested(LIST_ELEMENT, |element| {
            element.attribute_str(1, name);
            element.nested(2, fill);
        });
    }

    fn numbers(&mut self, name: &str, numbers: &[(u16, u32)]) {
        self.expression(name, |data| {
            for (attribute, value) in numbers {
                data.attribute(*attribute, &value.to_be_bytes());
            }
        });
    }

    /// Load octets of the IP header.
    pub(super) fn load_network(&mut self, offset: u32, len: u32) {
        self.numbers("payload", &[(1, REGISTER), (2, NETWORK_HEADER), (3, offset), (4, len)]);
    }

    /// Load the interface that a packet came in by, or goes out by, behind an IPv6 address.
    pub(super) fn load_interface(&mut self, hook: Hook, key: Key) {
        let meta = match (hook, key) {
            (Hook::Input, Key::InterfaceName) => 6,
            (Hook::Output, Key::InterfaceName) => 7,
            (Hook::Input, _) => 4,
            (Hook::Output, _) => 5,
        };
        self.numbers("meta", &[(1, NEXT_REGISTER), (2, meta)]);
    }

    /// Go on with packets that leave by a macvlan.
    pub(super) fn match_output_by_macvlan(&mut self) {
        const OUTPUT_KIND: u32 = 27;
        let mut kind = [0; INTERFACE_NAME_LEN as usize];
        kind[..7].copy_from_slice(b"macvlan");
        self.numbers("meta", &[(1, NEXT_REGISTER), (2, OUTPUT_KIND)]);
        self.equal_in(NEXT_REGISTER, &kind);
    }

    /// Send a copy to the address at `offset` of the IP header, by the interface that `map` gives for the one the packet leaves
    /// by; go on if the map knows that one.
    pub(super) fn duplicate(&mut self, offset: u32, len: u32, map: &str) {
        self.load_network(offset, len);
        self.load_interface(Hook::Output, Key::InterfaceIndex);
        self.expression("lookup", |data| {
            data.attribute_str(1, map);
            data.attribute(2, &NEXT_REGISTER.to_be_bytes());
            data.attribute(3, &NEXT_REGISTER.to_be_bytes());
        });
        self.numbers("dup", &[(1, REGISTER), (2, NEXT_REGISTER)]);
    }

    /// Go on if the interface that a packet leaves by is in `set`.
    pub(super) fn match_output_in(&mut self, set: &str) {
        self.load_interface(Hook::Output, Key::InterfaceIndex);
        self.expression("lookup", |data| {
            data.attribute_str(1, set);
            data.attribute(2, &NEXT_REGISTER.to_be_bytes());
        });
    }

    /// Go on if what is loaded is in `set`.
    pub(super) fn lookup(&mut self, set: &str) {
        self.expression("lookup", |data| {
            data.attribute_str(1, set);
            data.attribute(2, &REGISTER.to_be_bytes());
        });
    }

    /// Go on with IGMP.
    pub(super) fn match_igmp(&mut self) {
        self.load_network(9, 1);
        self.equal(&[IGMP]);
    }

    /// Go on with ICMPv6, its type being loaded.
    pub(super) fn load_icmpv6_type(&mut self) {
        const PROTOCOL: u32 = 16;
        self.numbers("meta", &[(2, PROTOCOL), (1, REGISTER)]);
        self.equal(&[ICMPV6]);
        self.numbers("payload", &[(1, REGISTER), (2, TRANSPORT_HEADER), (3, 0), (4, 1)]);
    }

    /// Go on if the ICMPv6 type that is loaded is this one.
    pub(super) fn match_icmpv6_type(&mut self, kind: u8) {
        self.load_icmpv6_type();
        self.equal(&[kind]);
    }

    /// Go on if the address at `offset` of the IPv6 header is in fe80::/10.
    pub(super) fn match_link_local(&mut self, offset: u32) {
        let mut mask = [0; 16];
        mask[..2].copy_from_slice(&[0xff, 0xc0]);
        let mut prefix = [0; 16];
        prefix[..2].copy_from_slice(&[0xfe, 0x80]);
        self.load_network(offset, 16);
        self.expression("bitwise", |data| {
            for (attribute, value) in [(1, REGISTER), (2, REGISTER), (3, 16)] {
                data.attribute(attribute, &value.to_be_bytes());
            }
            data.nested(4, |value| value.attribute(DATA_VALUE, &mask));
            data.nested(5, |value| value.attribute(DATA_VALUE, &[0; 16]));
        });
        self.equal(&prefix);
    }

    fn equal(&mut self, value: &[u8]) {
        self.equal_in(REGISTER, value);
    }

    fn equal_in(&mut self, register: u32, value: &[u8]) {
        const EQUAL: u32 = 0;
        self.expression("cmp", |data| {
            data.attribute(1, &register.to_be_bytes());
            data.attribute(2, &EQUAL.to_be_bytes());
            data.nested(3, |nest| nest.attribute(DATA_VALUE, value));
        });
    }

    /// End the rule, counting its packets if asked to.
    pub(super) fn decide(&mut self, verdict: Verdict<'_>, counted: bool) {
        const VERDICT_REGISTER: u32 = 0;
        if counted {
            self.expression("counter", |_| {});
        }
        let (code, chain): (i32, _) = match verdict {
            Verdict::Drop => (0, None),
            Verdict::Accept => (1, None),
            Verdict::Goto(chain) => (-4, Some(chain)),
        };
        self.expression("immediate", |data| {
            data.attribute(1, &VERDICT_REGISTER.to_be_bytes());
            data.nested(2, |value| {
                value.nested(DATA_VERDICT, |verdict| {
                    verdict.attribute(1, &code.to_be_bytes());
                    if let Some(chain) = chain {
                        verdict.attribute_str(2, chain);
                    }
                });
            });
        });
    }
}
