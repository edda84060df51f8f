//! The IPv4 header (RFC 791) as VRRP raw sockets need it.

use std::net::Ipv4Addr;

use crate::{BufferTooSmall, array, checksum::Sum};

/// Length of a header without options, which is what [`Header::write`] writes.
pub const HEADER_LEN: usize = 20;

/// Why bytes are no IPv4 packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// Shorter than its header.
    TooShort,
    /// The version nibble is not 4.
    Version(u8),
}

/// A packet whose header is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    bytes: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Checks that there is a whole header; lengths beyond it are the caller's affair (`total_len`).
    ///
    /// # Errors
    /// When the bytes hold no whole IPv4 header.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let first = *bytes.first().ok_or(ParseError::TooShort)?;
        if first >> 4 != 4 {
            return Err(ParseError::Version(first >> 4));
        }
        let header = usize::from(first & 0x0f) * 4;
        if header < HEADER_LEN || bytes.len() < header {
            return Err(ParseError::TooShort);
        }
        Ok(Self { bytes })
    }

    /// Length of the header with options, 20..=60 bytes.
    #[must_use]
    pub fn header_len(&self) -> usize {
        usize::from(array::<1>(self.bytes, 0)[0] & 0x0f) * 4
    }

    /// The header, options included.
    #[must_use]
    pub fn header(&self) -> &'a [u8] {
        self.bytes.get(..self.header_len()).unwrap_or(&[])
    }

    /// Total length as the header says, bytes.
    #[must_use]
    pub fn total_len(&self) -> u16 {
        u16::from_be_bytes(array(self.bytes, 2))
    }

    /// Identification.
    #[must_use]
    pub fn id(&self) -> u16 {
        u16::from_be_bytes(array(self.bytes, 4))
    }

    /// Time to live.
    #[must_use]
    pub fn ttl(&self) -> u8 {
        array::<1>(self.bytes, 8)[0]
    }

    /// Protocol number.
    #[must_use]
    pub fn protocol(&self) -> u8 {
        array::<1>(self.bytes, 9)[0]
    }

    /// Source address.
    #[must_use]
    pub fn source(&self) -> Ipv4Addr {
        Ipv4Addr::from(array::<4>(self.bytes, 12))
    }

    /// Destination address.
    #[must_use]
    pub fn destination(&self) -> Ipv4Addr {
        Ipv4Addr::from(array::<4>(self.bytes, 16))
    }

    /// All that was received after the header, whatever the total length says.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.bytes.get(self.header_len()..).unwrap_or(&[])
    }

    /// All that was received.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// What an IPv4 header of ours says; the rest is constant (`vrrp.md` 3.4): no options, not fragmented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Type of service, 0xC0 for VRRP.
    pub tos: u8,
    /// Whole packet, bytes.
    pub total_len: u16,
    /// Identification.
    pub id: u16,
    /// Time to live.
    pub ttl: u8,
    /// Protocol number.
    pub protocol: u8,
    /// Source.
    pub source: Ipv4Addr,
    /// Destination.
    pub destination: Ipv4Addr,
}

impl Header {
    /// Writes the header with its checksum field zero (the kernel fills it in; [`fill_checksum`] does the same).
    ///
    /// # Errors
    /// When `out` is shorter than 20 bytes.
    pub fn write(&self, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let out = out
            .first_chunk_mut::<HEADER_LEN>()
            .ok_or(BufferTooSmall { needed: HEADER_LEN })?;
        *out = [0; HEADER_LEN];
        out[0] = 0x45;
        out[1] = self.tos;
        out[2..4].copy_from_slice(&self.total_len.to_be_bytes());
        out[4..6].copy_from_slice(&self.id.to_be_bytes());
        out[8] = self.ttl;
        out[9] = self.protocol;
        out[12..16].copy_from_slice(&self.source.octets());
        out[16..20].copy_from_slice(&self.destination.octets());
        Ok(HEADER_LEN)
    }
}

/// Puts the header checksum into a packet built by [`Header::write`], as the kernel does on sending.
pub fn fill_checksum(packet: &mut [u8]) {
    if let Some(header) = packet.first_chunk_mut::<HEADER_LEN>() {
        header[10..12].fill(0);
        let sum = Sum::default().bytes(header.as_slice()).finish();
        header[10..12].copy_from_slice(&sum.to_be_bytes());
    }
}
