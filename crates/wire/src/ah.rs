//! The IP Authentication Header as VRRPv2 uses it (RFC 2402, RFC 2403; `vrrp.md` 3.8): layout only, no cryptography.

use std::net::Ipv4Addr;

use crate::{BufferTooSmall, array, ipv4};

/// IP protocol number.
pub const PROTOCOL: u8 = 51;
/// Length of the header.
pub const LEN: usize = 24;
/// Length of the integrity check value: HMAC-MD5 cut to 96 bits.
pub const ICV_LEN: usize = 12;

/// A header that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<'a> {
    bytes: &'a [u8; LEN],
}

impl<'a> View<'a> {
    /// The header at the start of an IP payload, and what follows it; `None` when there are fewer than 24 bytes.
    #[must_use]
    pub fn split(payload: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (bytes, rest) = payload.split_first_chunk()?;
        Some((Self { bytes }, rest))
    }

    /// Protocol of what follows.
    #[must_use]
    pub const fn next_header(&self) -> u8 {
        self.bytes[0]
    }

    /// Security parameter index: here the source address.
    #[must_use]
    pub fn spi(&self) -> u32 {
        u32::from_be_bytes(array(self.bytes, 4))
    }

    /// Sequence number.
    #[must_use]
    pub fn sequence(&self) -> u32 {
        u32::from_be_bytes(array(self.bytes, 8))
    }

    /// Integrity check value.
    #[must_use]
    pub fn icv(&self) -> [u8; ICV_LEN] {
        array(self.bytes, 12)
    }

    /// The header with its check value zero, as it goes into the digest.
    #[must_use]
    pub const fn without_icv(&self) -> [u8; LEN] {
        let mut header = *self.bytes;
        let mut i = LEN - ICV_LEN;
        while i < LEN {
            header[i] = 0;
            i += 1;
        }
        header
    }
}

/// Writes a header with a zero check value.
///
/// # Errors
/// When `out` is shorter than 24 bytes.
pub fn write(source: Ipv4Addr, sequence: u32, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
    let out = out.first_chunk_mut::<LEN>().ok_or(BufferTooSmall { needed: LEN })?;
    *out = [0; LEN];
    out[0] = crate::vrrp::PROTOCOL;
    out[1] = 4;
    out[4..8].copy_from_slice(&source.octets());
    out[8..12].copy_from_slice(&sequence.to_be_bytes());
    Ok(LEN)
}

/// The first 20 bytes of an IPv4 header as they go into the digest: TOS, fragment field and checksum zero, TTL zero only for unicast
/// (which is not what RFC 2402 says, and what every keepalived does).
#[must_use]
pub fn digest_ip_header(packet: &[u8], unicast: bool) -> [u8; ipv4::HEADER_LEN] {
    let mut header: [u8; ipv4::HEADER_LEN] = array(packet, 0);
    header[1] = 0;
    header[6..8].fill(0);
    header[10..12].fill(0);
    if unicast {
        header[8] = 0;
    }
    header
}
