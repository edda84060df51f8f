//! Bytes and values of VRRP, its IPv4 header, gratuitous ARP and unsolicited neighbour advertisements.
//!
//! A packet is a view of borrowed bytes whose length was checked once; reading a field cannot fail. Building writes into the caller's
//! buffer and allocates nothing. Nothing here panics, whatever the bytes.

pub mod ah;
pub mod arp;
pub mod checksum;
pub mod hmac_trailer;
pub mod ipv4;
pub mod ndisc;
pub mod vrrp;

/// The buffer given to a builder is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferTooSmall {
    /// Bytes needed.
    pub needed: usize,
}

impl std::fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "failed to build a packet: {} bytes of buffer are needed",
            self.needed
        )
    }
}

impl std::error::Error for BufferTooSmall {}

/// The first `N` bytes after `at`; zeros where `bytes` is too short, which a checked view never is.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes
        .get(at..)
        .and_then(|b| b.first_chunk::<N>())
        .copied()
        .unwrap_or([0; N])
}
