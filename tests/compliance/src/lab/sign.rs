//! Adverts with an authentication header or an HMAC trailer, made and checked with nothing but the digest crates: what
//! the daemon under test computes is compared with a second opinion.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::Sha256;

use super::inject::{Forged, ipv4, ipv6};
use super::packet::{Advert, ones_sum};
use crate::outcome::{Stop, Verdict};

/// Octets of an HMAC trailer.
pub const TRAILER: usize = 28;
/// Octets of an authentication header.
pub const AH: usize = 24;

/// An authentication header to be built; whatever is spoilt has a working default.
#[derive(Debug, Clone)]
pub struct Header {
    pub password: [u8; 8],
    pub sequence: u32,
    pub next_header: u8,
    /// `None`: the source address.
    pub spi: Option<u32>,
    /// The TTL that the digest covers.
    pub digest_ttl: u8,
    /// Added to the last octet of the digest.
    pub error: u8,
    /// Protocol of the IP header.
    pub protocol: u8,
}

impl Header {
    /// A correct one for multicast.
    pub fn new(password: [u8; 8], sequence: u32) -> Self {
        Self {
            password,
            sequence,
            next_header: 112,
            spi: None,
            digest_ttl: 255,
            error: 0,
            protocol: 51,
        }
    }

    /// The IPv4 packet around an advert (of version 2, authentication type 2).
    pub fn packet(&self, forged: &Forged) -> Vec<u8> {
        let (IpAddr::V4(source), IpAddr::V4(destination)) = (forged.source, forged.destination) else {
            return Vec::new();
        };
        let mut header = vec![self.next_header, 4, 0, 0];
        header.extend(self.spi.unwrap_or_else(|| u32::from(source)).to_be_bytes());
        header.extend(self.sequence.to_be_bytes());
        header.extend([0; 12]);
        let message = forged.message();
        let inside = [header, message].concat();
        let mut packet = ipv4(source, destination, forged.ttl, self.protocol, &inside);
        let mut icv = check_value(self.password, &packet, self.digest_ttl);
        icv[11] = icv[11].wrapping_add(self.error);
        packet[32..44].copy_from_slice(&icv);
        packet
    }
}

/// The check value of a packet: its mutable fields, and the value itself, count as zero.
fn check_value(password: [u8; 8], packet: &[u8], ttl: u8) -> [u8; 12] {
    let mut covered = packet.to_vec();
    covered[1] = 0;
    covered[6..8].fill(0);
    covered[8] = ttl;
    covered[10..12].fill(0);
    covered[32..44].fill(0);
    let mut mac = Hmac::<Md5>::new_from_slice(&password).unwrap_or_else(|_| unreachable!("any length will do"));
    mac.update(&covered);
    first(&mac.finalize().into_bytes())
}

/// The sequence number in the authentication header of a captured advert, whose check value is right.
pub fn verified_sequence(advert: &Advert, password: [u8; 8]) -> Verdict<u32> {
    let bytes = &advert.bytes;
    crate::outcome::same("protocol", bytes.get(9).copied(), Some(51))?;
    crate::check!(
        bytes.len() >= 20 + AH + 8,
        "an authentication header of {} octets",
        bytes.len()
    );
    let multicast = matches!(advert.destination, IpAddr::V4(to) if to.is_multicast());
    let ttl = if multicast { advert.ttl } else { 0 };
    crate::check!(
        bytes[32..44] == check_value(password, bytes, ttl),
        "a wrong check value: {bytes:02x?}"
    );
    crate::check!(bytes[24..28] == bytes[12..16], "the SPI is not the source address");
    Ok(u32::from_be_bytes(first(&bytes[28..32])))
}

/// A trailer to be built; whatever is spoilt has a working default.
#[derive(Debug, Clone)]
pub struct Seal {
    pub key_id: u8,
    pub key: Vec<u8>,
    /// Seconds, fraction and counter as one number.
    pub sequence: u64,
    pub kind: u8,
    pub reserved: u8,
    /// Added to the last octet of the digest.
    pub error: u8,
}

impl Seal {
    /// A correct one, made `ahead` seconds from now.
    pub fn at(key_id: u8, key: &[u8], ahead: f64) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0.0, |d| d.as_secs_f64())
            + ahead;
        let sequence = ((now * 65_536.0) as u64) << 16;
        Self {
            key_id,
            key: key.to_vec(),
            sequence,
            kind: 1,
            reserved: 0,
            error: 0,
        }
    }

    /// The IP packet around an advert.
    pub fn packet(&self, forged: &Forged) -> Vec<u8> {
        let mut message = forged.message();
        let mut trailer = vec![self.kind, self.key_id, self.reserved, 0];
        trailer.extend(self.sequence.to_be_bytes());
        let mut digest = digest(&self.key, forged.source, &message, &trailer);
        digest[15] = digest[15].wrapping_add(self.error);
        trailer.extend(digest);
        match (forged.source, forged.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                message.extend(trailer);
                ipv4(source, destination, forged.ttl, 112, &message)
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                message.extend(trailer);
                message[6..8].fill(0);
                let sum = forged.checksum(&message);
                message[6..8].copy_from_slice(&sum.to_be_bytes());
                ipv6(source, destination, forged.ttl, 112, &message)
            }
            _ => Vec::new(),
        }
    }
}

fn digest(key: &[u8], source: IpAddr, message: &[u8], trailer: &[u8]) -> [u8; 16] {
    let mut covered = vec![if source.is_ipv4() { 4 } else { 6 }, message[0] >> 4, message[1], 0];
    match source {
        IpAddr::V4(source) => covered.extend([&source.octets()[..], &[0; 12]].concat()),
        IpAddr::V6(source) => covered.extend(source.octets()),
    }
    covered.extend(&message[..6]);
    covered.extend([0, 0]);
    covered.extend(&message[8..]);
    covered.extend(trailer);
    covered.extend([0; 16]);
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("any length will do"));
    mac.update(&covered);
    first(&mac.finalize().into_bytes())
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

/// What the trailer of a captured advert says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    pub key_id: u8,
    pub sequence: u64,
}

/// Octets of the VRRP message (and what follows it) in a captured advert, which has no options and no other headers.
fn payload(advert: &Advert) -> &[u8] {
    let header = if advert.source.is_ipv4() { 20 } else { 40 };
    advert.bytes.get(header..).unwrap_or(&[])
}

/// Whether a captured advert is longer than its message.
pub fn has_trailer(advert: &Advert) -> bool {
    payload(advert).len() > message_length(advert)
}

fn message_length(advert: &Advert) -> usize {
    let (each, auth) = match (advert.source, advert.version) {
        (IpAddr::V4(_), 2) => (4, 8),
        (IpAddr::V4(_), _) => (4, 0),
        _ => (16, 0),
    };
    8 + each * advert.addresses.len() + auth
}

/// The trailer of a captured advert, signed with one of these keys.
pub fn verified_trailer(advert: &Advert, keys: &[(u8, &[u8])]) -> Verdict<Sealed> {
    let payload = payload(advert);
    let at = message_length(advert);
    crate::outcome::same("length with trailer", payload.len(), at + TRAILER)?;
    let (message, trailer) = payload.split_at(at);
    crate::outcome::same("head of the trailer", [trailer[0], trailer[2], trailer[3]], [1, 0, 0])?;
    let key_id = trailer[1];
    let key = keys.iter().find(|(id, _)| *id == key_id);
    let (_, key) = key.ok_or_else(|| Stop::Fail(format!("signed with key {key_id}")))?;
    let wanted = digest(key, advert.source, message, &trailer[..12]);
    crate::check!(trailer[12..] == wanted, "wrong digest: {trailer:02x?}");
    if advert.source.is_ipv4() && advert.version == 2 {
        crate::check!(ones_sum(&[message]) == 0, "the checksum covers the trailer");
        crate::outcome::same("authentication type", advert.auth_type, 0)?;
    }
    crate::check!(advert.checksum_good, "wrong checksum");
    Ok(Sealed {
        key_id,
        sequence: u64::from_be_bytes(first(&trailer[4..12])),
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn captured(packet: &[u8]) -> Advert {
        let ether: &[u8] = if packet[0] >> 4 == 6 { &[0x86, 0xdd] } else { &[8, 0] };
        match super::super::packet::decode(&[&[1, 0, 0x5e, 0, 0, 0x12, 2, 0, 0, 0, 0, 3], ether, packet].concat()) {
            super::super::packet::Body::Advert(advert) => advert,
            other => panic!("not an advert: {other:?}"),
        }
    }

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
        digits.chunks(2).map(|d| (d[0] << 4 | d[1]) as u8).collect()
    }

    /// Vectors B.5 and B.7 to B.9 of the VRRP description.
    #[test]
    fn the_original_signs_as_we_check() {
        let b5 = hex("45c0004000010000ff33d0ad0a090001e0000012700400000a09000100000001\
             8556515c544a23b61dfccb092133960102013c5d0a0900640000000000000000");
        assert!(verified_sequence(&captured(&b5), *b"mypw\0\0\0\0").is_ok_and(|n| n == 1));
        let counting: Vec<u8> = (0..32).collect();
        let keys: [(u8, &[u8]); 2] = [(7, &counting), (9, b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ")];
        for packet in [
            "45c0003c00010000ff70d0740a090001e000001231339601003243930a090064\
             010700006b00cc66a8c00000dc20ec50db1951f72624395236d08a7d",
            "45c0004400010000ff70d06c0a090001e00000122134960100013e5a0a090066\
             0000000000000000010900006b00cc685dc000002282491ebf26f0c35ff8e19317f2505f",
            "6c0e5010003470fffe80000000000000000000fffe000001ff02000000000000\
             0000000000000012313596010032be61fe800000000000000000000000000100\
             010700006b00cc66a90e0000b53adf8c3284eda0589cb66641c39649",
        ] {
            let verdict = verified_trailer(&captured(&hex(packet)), &keys);
            assert!(verdict.is_ok(), "{verdict:?}");
        }
    }

    #[test]
    fn what_is_built_verifies() {
        let mut v6 = Forged::new(3, 100);
        v6.source = "fe80::3".parse().unwrap_or(v6.source);
        v6.destination = "ff02::12".parse().unwrap_or(v6.destination);
        v6.addresses = vec!["fe80::100".parse().unwrap_or(v6.source)];
        for forged in [Forged::new(2, 100), Forged::new(3, 100), v6] {
            let seal = Seal::at(7, &[7; 32], 0.0);
            let advert = captured(&seal.packet(&forged));
            let verdict = verified_trailer(&advert, &[(7, &[7; 32])]);
            assert!(verdict.is_ok_and(|s| s.sequence == seal.sequence));
        }
        let mut forged = Forged::new(2, 100);
        forged.auth_type = 2;
        forged.source = Ipv4Addr::new(10, 9, 0, 3).into();
        let packet = Header::new(*b"mypw\0\0\0\0", 77).packet(&forged);
        assert!(verified_sequence(&captured(&packet), *b"mypw\0\0\0\0").is_ok_and(|n| n == 77));
    }
}
