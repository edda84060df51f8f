//! The trailer of `auth_hmac` (`vrrp.md` 3.10): layout only, no cryptography.

use crate::{BufferTooSmall, array};

/// Length of the trailer.
pub const LEN: usize = 28;
/// Length of the digest: HMAC-SHA-256 cut to 128 bits.
pub const MAC_LEN: usize = 16;
/// The only extension type.
pub const TYPE: u8 = 1;

/// A trailer that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<'a> {
    bytes: &'a [u8; LEN],
}

impl<'a> View<'a> {
    /// `None` unless there are exactly 28 bytes.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self { bytes })
    }

    /// Type 1 and reserved bytes zero?
    #[must_use]
    pub const fn well_formed(&self) -> bool {
        self.bytes[0] == TYPE && self.bytes[2] == 0 && self.bytes[3] == 0
    }

    /// Key id, 0..=255.
    #[must_use]
    pub const fn key_id(&self) -> u8 {
        self.bytes[1]
    }

    /// Seconds of the sender's clock.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        u32::from_be_bytes(array(self.bytes, 4))
    }

    /// Seconds, fraction and counter as one number; compared by serial-number arithmetic.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        u64::from_be_bytes(array(self.bytes, 4))
    }

    /// The digest.
    #[must_use]
    pub fn mac(&self) -> [u8; MAC_LEN] {
        array(self.bytes, 12)
    }

    /// The first 12 bytes, which are signed.
    #[must_use]
    pub fn signed(&self) -> [u8; LEN - MAC_LEN] {
        array(self.bytes, 0)
    }
}

/// Writes a trailer with a zero digest.
///
/// # Errors
/// When `out` is shorter than 28 bytes.
pub fn write(key_id: u8, sequence: u64, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
    let out = out.first_chunk_mut::<LEN>().ok_or(BufferTooSmall { needed: LEN })?;
    *out = [0; LEN];
    out[0] = TYPE;
    out[1] = key_id;
    out[4..12].copy_from_slice(&sequence.to_be_bytes());
    Ok(LEN)
}

/// The 20 bytes that go into the digest before the message: family, version, VRID, zero, source address.
#[must_use]
pub fn pseudo_header(version: u8, vrid: u8, source: std::net::IpAddr) -> [u8; 20] {
    let mut header = [0; 20];
    header[1] = version;
    header[2] = vrid;
    match source {
        std::net::IpAddr::V4(a) => {
            header[0] = 4;
            header[4..8].copy_from_slice(&a.octets());
        }
        std::net::IpAddr::V6(a) => {
            header[0] = 6;
            header[4..20].copy_from_slice(&a.octets());
        }
    }
    header
}
