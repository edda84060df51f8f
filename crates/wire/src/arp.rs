//! Gratuitous ARP (RFC 826, RFC 5227; request form as in RFC 9568 section 6.4.2).

use std::net::Ipv4Addr;

use crate::{BufferTooSmall, array};

/// Length of the Ethernet frame.
pub const FRAME_LEN: usize = 42;
/// EtherType.
pub const ETHERTYPE: u16 = 0x0806;

/// What a gratuitous ARP says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GratuitousArp {
    /// MAC of the interface.
    pub mac: [u8; 6],
    /// The address announced: sender and target.
    pub address: Ipv4Addr,
}

impl GratuitousArp {
    /// Writes the frame; its length is [`FRAME_LEN`].
    ///
    /// # Errors
    /// When `out` is too short.
    pub fn write(&self, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let out = out
            .first_chunk_mut::<FRAME_LEN>()
            .ok_or(BufferTooSmall { needed: FRAME_LEN })?;
        out[..6].fill(0xff);
        out[6..12].copy_from_slice(&self.mac);
        out[12..14].copy_from_slice(&ETHERTYPE.to_be_bytes());
        // Ethernet, IPv4, lengths 6 and 4, request
        out[14..22].copy_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
        out[22..28].copy_from_slice(&self.mac);
        out[28..32].copy_from_slice(&self.address.octets());
        out[32..38].fill(0xff);
        out[38..42].copy_from_slice(&self.address.octets());
        Ok(FRAME_LEN)
    }

    /// Reads a frame; `None` when it is not a gratuitous ARP request or reply for IPv4 over Ethernet.
    #[must_use]
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let frame = frame.first_chunk::<FRAME_LEN>()?;
        let ethernet_ipv4 = frame[12..14] == ETHERTYPE.to_be_bytes() && frame[14..20] == [0, 1, 8, 0, 6, 4];
        let operation = u16::from_be_bytes(array(frame, 20));
        let gratuitous = frame[28..32] == frame[38..42];
        (ethernet_ipv4 && (operation == 1 || operation == 2) && gratuitous).then(|| Self {
            mac: array(frame, 22),
            address: array::<4>(frame, 28).into(),
        })
    }
}
