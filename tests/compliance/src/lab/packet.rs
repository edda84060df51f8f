//! Ethernet frames as the capture sees them, decoded as far as the scenarios need. Independent of the project's own
//! `wire` crate on purpose: a test that shares the decoder shares its mistakes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a frame carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A VRRP packet (protocol 112, or 51 with 112 inside).
    Advert(Advert),
    /// An IGMP or MLD message about one or more groups.
    Group(Group),
    /// An ARP packet.
    Arp(Arp),
    /// An ICMPv6 neighbour advertisement.
    Neighbour(Neighbour),
    /// An ICMP echo reply, with the address that answers.
    EchoReply(Ipv4Addr),
    /// Anything else.
    Other,
}

/// A VRRP advertisement with the fields of its IP header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advert {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub ttl: u8,
    /// IPv4 identification, or 0 for IPv6.
    pub id: u16,
    pub tos: u8,
    pub version: u8,
    pub kind: u8,
    pub vrid: u8,
    pub priority: u8,
    pub auth_type: u8,
    /// Advertisement interval in centiseconds, whatever the version.
    pub interval_cs: u16,
    pub addresses: Vec<IpAddr>,
    /// Whether the VRRP checksum is the one the standard asks for.
    pub checksum_good: bool,
    /// Whether the checksum is the one of a packet to 224.0.0.18 (old unicast senders).
    pub checksum_for_group: bool,
    /// The IP packet, from its first octet.
    pub bytes: Vec<u8>,
}

/// A membership report or a leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// True when the message says that the group is left.
    pub leave: bool,
    pub groups: Vec<IpAddr>,
}

/// An ARP packet for IPv4 over Ethernet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arp {
    pub operation: u16,
    pub sender_mac: [u8; 6],
    pub sender: Ipv4Addr,
    pub target_mac: [u8; 6],
    pub target: Ipv4Addr,
}

impl Arp {
    /// Whether this announces the sender's own address.
    pub fn is_gratuitous(&self) -> bool {
        self.sender == self.target
    }
}

/// An ICMPv6 neighbour advertisement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    pub source: Ipv6Addr,
    pub destination: Ipv6Addr,
    pub target: Ipv6Addr,
    /// The first octet of the flags: router 0x80, solicited 0x40, override 0x20.
    pub flags: u8,
    pub hop_limit: u8,
}

/// Decodes one Ethernet frame.
pub fn decode(frame: &[u8]) -> Body {
    decode_frame(frame).unwrap_or(Body::Other)
}

/// One's-complement sum as used by IP, VRRP and ICMP.
pub fn ones_sum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0u32;
    for part in parts {
        for pair in part.chunks(2) {
            sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}

/// The pseudo header of VRRPv3 over IPv4.
pub fn pseudo_header(source: Ipv4Addr, destination: Ipv4Addr, length: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(12);
    header.extend_from_slice(&source.octets());
    header.extend_from_slice(&destination.octets());
    header.extend_from_slice(&[0, 112]);
    header.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    header
}

fn decode_frame(frame: &[u8]) -> Option<Body> {
    let payload = frame.get(14..)?;
    match u16_at(frame, 12)? {
        0x0800 => decode_ipv4(payload),
        0x86dd => decode_ipv6(payload),
        0x0806 => decode_arp(payload),
        _ => None,
    }
}

fn decode_arp(bytes: &[u8]) -> Option<Body> {
    Some(Body::Arp(Arp {
        operation: u16_at(bytes, 6)?,
        sender_mac: bytes.get(8..14)?.try_into().ok()?,
        sender: ipv4_at(bytes, 14)?,
        target_mac: bytes.get(18..24)?.try_into().ok()?,
        target: ipv4_at(bytes, 24)?,
    }))
}

fn decode_ipv4(packet: &[u8]) -> Option<Body> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let total = usize::from(u16_at(packet, 2)?).min(packet.len());
    let payload = packet.get(header..total)?;
    let (source, destination) = (ipv4_at(packet, 12)?, ipv4_at(packet, 16)?);
    match packet.get(9)? {
        112 => advert_over_ipv4(packet.get(..total)?, payload, source, destination),
        51 => advert_over_ipv4(packet.get(..total)?, payload.get(24..)?, source, destination),
        2 => decode_igmp(payload),
        1 if payload.first() == Some(&0) => Some(Body::EchoReply(source)),
        _ => None,
    }
}

fn advert_over_ipv4(packet: &[u8], message: &[u8], source: Ipv4Addr, destination: Ipv4Addr) -> Option<Body> {
    let mut advert = decode_advert(message, 4)?;
    // Eight octets of authentication data end version 2; a trailer of `auth_hmac` is never covered.
    let rest = if advert.version == 3 { 8 } else { 16 };
    let covered = message.get(..rest + 4 * advert.addresses.len())?;
    let sum = |to: Ipv4Addr| match advert.version {
        3 => ones_sum(&[&pseudo_header(source, to, covered.len()), covered]),
        _ => ones_sum(&[covered]),
    };
    advert.checksum_good = sum(destination) == 0;
    advert.checksum_for_group = sum(Ipv4Addr::new(224, 0, 0, 18)) == 0;
    advert.source = source.into();
    advert.destination = destination.into();
    advert.tos = *packet.get(1)?;
    advert.id = u16_at(packet, 4)?;
    advert.ttl = *packet.get(8)?;
    advert.bytes = packet.to_vec();
    Some(Body::Advert(advert))
}

fn decode_ipv6(packet: &[u8]) -> Option<Body> {
    let source = ipv6_at(packet, 8)?;
    let destination = ipv6_at(packet, 24)?;
    let hop_limit = *packet.get(7)?;
    let total = (40 + usize::from(u16_at(packet, 4)?)).min(packet.len());
    let (mut next, mut at) = (*packet.get(6)?, 40);
    if next == 0 {
        // Hop-by-hop options: MLD carries a router alert there.
        next = *packet.get(at)?;
        at += 8 + usize::from(*packet.get(at + 1)?) * 8;
    }
    let payload = packet.get(at..total)?;
    match (next, payload.first()?) {
        (112, _) => {
            let mut advert = decode_advert(payload, 16)?;
            let length = u32::try_from(payload.len()).ok()?.to_be_bytes();
            let pseudo = [&source.octets()[..], &destination.octets(), &length, &[0, 0, 0, 112]].concat();
            advert.checksum_good = ones_sum(&[&pseudo, payload]) == 0;
            advert.source = source.into();
            advert.destination = destination.into();
            advert.tos = (packet.first()? << 4) | (packet.get(1)? >> 4);
            advert.ttl = hop_limit;
            advert.bytes = packet.get(..total)?.to_vec();
            Some(Body::Advert(advert))
        }
        (58, 136) => Some(Body::Neighbour(Neighbour {
            source,
            destination,
            target: ipv6_at(payload, 8)?,
            flags: *payload.get(4)?,
            hop_limit,
        })),
        (58, 131 | 132) => {
            let groups = vec![ipv6_at(payload, 8)?.into()];
            Some(Body::Group(Group {
                leave: payload.first()? == &132,
                groups,
            }))
        }
        (58, 143) => decode_records(payload, 16),
        _ => None,
    }
}

fn decode_igmp(message: &[u8]) -> Option<Body> {
    match message.first()? {
        0x22 => decode_records(message, 4),
        kind @ (0x12 | 0x16 | 0x17) => Some(Body::Group(Group {
            leave: *kind == 0x17,
            groups: vec![ipv4_at(message, 4)?.into()],
        })),
        _ => None,
    }
}

/// The group records of an IGMPv3 or MLDv2 report: same shape, other address size.
fn decode_records(message: &[u8], address: usize) -> Option<Body> {
    let count = usize::from(u16_at(message, 6)?);
    let (mut at, mut groups, mut leave) = (8, Vec::new(), count > 0);
    for _ in 0..count {
        let sources = usize::from(u16_at(message, at + 2)?);
        // A report of "include nothing" (3) or "block" (6) leaves the group.
        leave &= matches!(message.get(at)?, 3 | 6);
        groups.push(address_at(message, at + 4, address)?);
        at += 4 + address + sources * address + usize::from(*message.get(at + 1)?) * 4;
    }
    Some(Body::Group(Group { leave, groups }))
}

fn decode_advert(message: &[u8], address: usize) -> Option<Advert> {
    let version = message.first()? >> 4;
    let count = usize::from(*message.get(3)?);
    let addresses = (0..count)
        .map_while(|i| address_at(message, 8 + i * address, address))
        .collect();
    let interval_cs = if version == 2 {
        u16::from(*message.get(5)?) * 100
    } else {
        u16_at(message, 4)? & 0x0fff
    };
    u16_at(message, 6)?;
    Some(Advert {
        source: Ipv4Addr::UNSPECIFIED.into(),
        destination: Ipv4Addr::UNSPECIFIED.into(),
        ttl: 0,
        id: 0,
        tos: 0,
        version,
        kind: message.first()? & 0x0f,
        vrid: *message.get(1)?,
        priority: *message.get(2)?,
        auth_type: if version == 2 { *message.get(4)? } else { 0 },
        interval_cs,
        addresses,
        checksum_good: false,
        checksum_for_group: false,
        bytes: Vec::new(),
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn ipv4_at(bytes: &[u8], at: usize) -> Option<Ipv4Addr> {
    Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok()?))
}

fn ipv6_at(bytes: &[u8], at: usize) -> Option<Ipv6Addr> {
    Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes.get(at..at + 16)?).ok()?))
}

fn address_at(bytes: &[u8], at: usize, size: usize) -> Option<IpAddr> {
    if size == 4 {
        ipv4_at(bytes, at).map(Into::into)
    } else {
        ipv6_at(bytes, at).map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect()
    }

    fn decode_ip(text: &str) -> Advert {
        let ether = if text.starts_with('6') { "86dd" } else { "0800" };
        match decode(&[hex("01005e0000120200000000 01"), hex(ether), hex(text)].concat()) {
            Body::Advert(advert) => advert,
            other => panic!("not an advert: {other:?}"),
        }
    }

    #[test]
    fn captured_v2_advert() {
        let advert =
            decode_ip("45c0002c00010000ff70d0840a090001e0000012213396020101f6a10a0900640a0900657365637265740000");
        assert!(advert.checksum_good);
        assert_eq!(
            (advert.version, advert.vrid, advert.priority, advert.auth_type),
            (2, 51, 150, 1)
        );
        assert_eq!(advert.interval_cs, 100);
        assert_eq!(advert.addresses.len(), 2);
    }

    #[test]
    fn captured_v3_adverts() {
        let good = decode_ip("45c0002000010000ff70d0900a090001e000001231336401006475610a090064");
        assert!(good.checksum_good && good.checksum_for_group);
        let bare = decode_ip("45c0002000010000ff70d0900a090001e0000012313364010032602c0a090064");
        assert!(!bare.checksum_good);
        assert_eq!(bare.interval_cs, 50);
    }

    #[test]
    fn short_frames_are_other() {
        for length in 0..60 {
            assert!(matches!(decode(&vec![0x45; length]), Body::Other));
        }
    }
}
