//! ADVERTISEMENT packets: version 2 (RFC 2338 section 5, RFC 3768 section 5) and 3 (RFC 5798 and RFC 9568 section 5).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{
    BufferTooSmall, array,
    checksum::{Sum, pseudo_v4},
};

/// IP protocol number of VRRP.
pub const PROTOCOL: u8 = 112;
/// Length of the fixed part.
pub const HEADER_LEN: usize = 8;
/// Length of the authentication data that every version 2 message over IPv4 ends with.
pub const AUTH_LEN: usize = 8;
/// The only type there is.
pub const ADVERTISEMENT: u8 = 1;
/// TTL or hop limit that multicast adverts must have (RFC 9568 section 5.1.1.3).
pub const TTL: u8 = 255;
/// Type of service and traffic class of adverts.
pub const TOS: u8 = 0xc0;
/// Group of IPv4 (RFC 9568 section 5.1.1.2).
pub const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);
/// Group of IPv6 (RFC 9568 section 5.1.2.2).
pub const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12);

/// Authentication types of version 2.
pub mod auth_type {
    /// No authentication.
    pub const NONE: u8 = 0;
    /// Password in clear.
    pub const PASSWORD: u8 = 1;
    /// IP Authentication Header.
    pub const AH: u8 = 2;
}

/// The bytes are shorter than the fixed part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort {
    /// How many there are.
    pub got: usize,
}

/// A message whose fixed part is complete. Whether the rest is there is for [`Advert::expected_len`] to say; what is missing
/// reads as absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advert<'a> {
    bytes: &'a [u8],
    v6: bool,
}

impl<'a> Advert<'a> {
    /// A message that came over IPv4 (`v6` false) or IPv6.
    ///
    /// # Errors
    /// When there are fewer than 8 bytes.
    pub const fn parse(bytes: &'a [u8], v6: bool) -> Result<Self, TooShort> {
        if bytes.len() < HEADER_LEN {
            return Err(TooShort { got: bytes.len() });
        }
        Ok(Self { bytes, v6 })
    }

    fn byte(&self, at: usize) -> u8 {
        array::<1>(self.bytes, at)[0]
    }

    /// Version nibble, any value.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.byte(0) >> 4
    }

    /// Type nibble, any value.
    #[must_use]
    pub fn kind(&self) -> u8 {
        self.byte(0) & 0x0f
    }

    /// Virtual router identifier, 0..=255.
    #[must_use]
    pub fn vrid(&self) -> u8 {
        self.byte(1)
    }

    /// Priority, 0 when the sender resigns.
    #[must_use]
    pub fn priority(&self) -> u8 {
        self.byte(2)
    }

    /// Number of addresses the sender claims to list.
    #[must_use]
    pub fn count(&self) -> u8 {
        self.byte(3)
    }

    /// Version 2: authentication type, any value.
    #[must_use]
    pub fn auth_type(&self) -> u8 {
        self.byte(4)
    }

    /// Version 2: interval in seconds.
    #[must_use]
    pub fn interval_secs(&self) -> u8 {
        self.byte(5)
    }

    /// Version 3: interval in centiseconds, 0..=4095; the reserved bits are masked.
    #[must_use]
    pub fn interval_centis(&self) -> u16 {
        u16::from_be_bytes(array(self.bytes, 4)) & 0x0fff
    }

    /// Checksum field.
    #[must_use]
    pub fn checksum(&self) -> u16 {
        u16::from_be_bytes(array(self.bytes, 6))
    }

    /// Bytes of one address.
    #[must_use]
    pub const fn address_len(&self) -> usize {
        if self.v6 { 16 } else { 4 }
    }

    /// Has it authentication data: version 2 over IPv4?
    #[must_use]
    pub fn has_auth_data(&self) -> bool {
        self.version() == 2 && !self.v6
    }

    /// Bytes that the message says it has, without an HMAC trailer.
    #[must_use]
    pub fn expected_len(&self) -> usize {
        HEADER_LEN + usize::from(self.count()) * self.address_len() + if self.has_auth_data() { AUTH_LEN } else { 0 }
    }

    /// Every byte received.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The message without what follows it; shorter than `expected_len` when bytes are missing.
    #[must_use]
    pub fn message(&self) -> &'a [u8] {
        &self.bytes[..self.expected_len().min(self.bytes.len())]
    }

    /// What follows the message.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.expected_len()..).unwrap_or(&[])
    }

    /// The raw addresses that are there.
    #[must_use]
    pub fn address_bytes(&self) -> &'a [u8] {
        let len = usize::from(self.count()) * self.address_len();
        let end = (HEADER_LEN + len).min(self.bytes.len());
        let whole = (end - HEADER_LEN) / self.address_len() * self.address_len();
        &self.bytes[HEADER_LEN..HEADER_LEN + whole]
    }

    /// The addresses that are there, in order.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + 'a {
        let v6 = self.v6;
        self.address_bytes().chunks_exact(self.address_len()).map(move |chunk| {
            if v6 {
                IpAddr::from(array::<16>(chunk, 0))
            } else {
                IpAddr::from(array::<4>(chunk, 0))
            }
        })
    }

    /// The 8 bytes of authentication data, when it has them.
    #[must_use]
    pub fn auth_data(&self) -> Option<&'a [u8; AUTH_LEN]> {
        let at = HEADER_LEN + usize::from(self.count()) * self.address_len();
        if self.has_auth_data() {
            self.bytes.get(at..)?.first_chunk()
        } else {
            None
        }
    }

    /// Is the checksum right without a pseudo header (version 2 over IPv4, or `v3_checksum_as_v2`)?
    #[must_use]
    pub fn checksum_plain_ok(&self) -> bool {
        Sum::default().bytes(self.message()).finish() == 0
    }

    /// Is the checksum right with the pseudo header of version 3 over IPv4 (RFC 5798 section 5.2.8)?
    #[must_use]
    pub fn checksum_v3_ok(&self, source: Ipv4Addr, destination: Ipv4Addr) -> bool {
        let message = self.message();
        let len = u16::try_from(message.len()).unwrap_or(u16::MAX);
        pseudo_v4(source, destination, PROTOCOL, len).bytes(message).finish() == 0
    }
}

/// What differs between the versions in a message to be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Version 2.
    V2 {
        /// `auth_type`.
        auth_type: u8,
        /// Interval, seconds.
        interval_secs: u8,
        /// Authentication data; not written over IPv6.
        auth_data: [u8; AUTH_LEN],
    },
    /// Version 3.
    V3 {
        /// Interval, centiseconds, 0..=4095.
        interval_centis: u16,
    },
}

/// What a message to be built says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// VRID.
    pub vrid: u8,
    /// Priority.
    pub priority: u8,
    /// Version and what belongs to it.
    pub kind: Kind,
}

impl Message {
    /// Length of the message with `count` addresses.
    #[must_use]
    pub const fn len(&self, count: u8, v6: bool) -> usize {
        let auth = matches!(self.kind, Kind::V2 { .. }) && !v6;
        HEADER_LEN + (count as usize) * (if v6 { 16 } else { 4 }) + (if auth { AUTH_LEN } else { 0 })
    }

    /// Writes the message with its checksum field zero. Addresses of the other family and those beyond 255 are left out.
    ///
    /// # Errors
    /// When `out` is too short.
    pub fn write(
        &self,
        v6: bool,
        addresses: impl Iterator<Item = IpAddr> + Clone,
        out: &mut [u8],
    ) -> Result<usize, BufferTooSmall> {
        let fitting = addresses.filter(|a| a.is_ipv6() == v6).take(255);
        let count = fitting.clone().count().min(255) as u8;
        let len = self.len(count, v6);
        let out = out.get_mut(..len).ok_or(BufferTooSmall { needed: len })?;
        out.fill(0);
        out[1] = self.vrid;
        out[2] = self.priority;
        out[3] = count;
        let size = if v6 { 16 } else { 4 };
        for (place, address) in out[HEADER_LEN..].chunks_exact_mut(size).zip(fitting) {
            match address {
                IpAddr::V4(a) => place.copy_from_slice(&a.octets()),
                IpAddr::V6(a) => place.copy_from_slice(&a.octets()),
            }
        }
        match self.kind {
            Kind::V2 {
                auth_type,
                interval_secs,
                auth_data,
            } => {
                out[0] = 0x20 | ADVERTISEMENT;
                out[4] = auth_type;
                out[5] = interval_secs;
                if !v6 {
                    out[len - AUTH_LEN..].copy_from_slice(&auth_data);
                }
            }
            Kind::V3 { interval_centis } => {
                out[0] = 0x30 | ADVERTISEMENT;
                out[4..6].copy_from_slice(&(interval_centis & 0x0fff).to_be_bytes());
            }
        }
        Ok(len)
    }
}

/// The checksum of a message without pseudo header; its checksum field is read as zero.
#[must_use]
pub fn checksum_plain(message: &[u8]) -> u16 {
    sum_without_field(Sum::default(), message).finish()
}

/// The checksum of a version 3 message over IPv4. With the group as `destination` it is the unicast form of versions up to 1.3.6.
#[must_use]
pub fn checksum_v3(message: &[u8], source: Ipv4Addr, destination: Ipv4Addr) -> u16 {
    let len = u16::try_from(message.len()).unwrap_or(u16::MAX);
    sum_without_field(pseudo_v4(source, destination, PROTOCOL, len), message).finish()
}

fn sum_without_field(sum: Sum, message: &[u8]) -> Sum {
    let (head, tail) = message.split_at(message.len().min(6));
    sum.bytes(head).bytes(tail.get(2..).unwrap_or(&[]))
}
