//! Unsolicited neighbour advertisements (RFC 4861 section 4.4 and 7.2.6; RFC 9568 section 6.4.2).

use std::net::Ipv6Addr;

use crate::{BufferTooSmall, array, checksum::pseudo_v6};

/// Length of the Ethernet frame.
pub const FRAME_LEN: usize = 86;
/// EtherType of IPv6.
pub const ETHERTYPE: u16 = 0x86dd;
/// Protocol number of ICMPv6.
pub const ICMPV6: u8 = 58;
/// All nodes on the link.
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
const ICMP_LEN: usize = 32;
const ADVERTISEMENT: u8 = 136;

/// What an unsolicited neighbour advertisement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeighbourAdvertisement {
    /// MAC of the interface.
    pub mac: [u8; 6],
    /// The address announced: source and target.
    pub address: Ipv6Addr,
    /// Router flag: the interface forwards.
    pub router: bool,
}

impl NeighbourAdvertisement {
    /// Writes the frame; its length is [`FRAME_LEN`].
    ///
    /// # Errors
    /// When `out` is too short.
    pub fn write(&self, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let out = out
            .first_chunk_mut::<FRAME_LEN>()
            .ok_or(BufferTooSmall { needed: FRAME_LEN })?;
        *out = [0; FRAME_LEN];
        out[..6].copy_from_slice(&[0x33, 0x33, 0, 0, 0, 1]);
        out[6..12].copy_from_slice(&self.mac);
        out[12..14].copy_from_slice(&ETHERTYPE.to_be_bytes());
        out[14] = 0x60;
        out[19] = ICMP_LEN as u8;
        out[20] = ICMPV6;
        out[21] = 255;
        out[22..38].copy_from_slice(&self.address.octets());
        out[38..54].copy_from_slice(&ALL_NODES.octets());
        out[54] = ADVERTISEMENT;
        // Override, and Router when it forwards; never Solicited
        out[58] = 0x20 | if self.router { 0x80 } else { 0 };
        out[62..78].copy_from_slice(&self.address.octets());
        out[78..80].copy_from_slice(&[2, 1]);
        out[80..86].copy_from_slice(&self.mac);
        let sum = pseudo_v6(self.address, ALL_NODES, ICMPV6, ICMP_LEN as u32)
            .bytes(&out[54..])
            .finish();
        out[56..58].copy_from_slice(&sum.to_be_bytes());
        Ok(FRAME_LEN)
    }

    /// Reads a frame; `None` when it is not an unsolicited neighbour advertisement of the form above with a right checksum.
    #[must_use]
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let frame = frame.first_chunk::<FRAME_LEN>()?;
        let source = Ipv6Addr::from(array::<16>(frame, 22));
        let destination = Ipv6Addr::from(array::<16>(frame, 38));
        let shape = frame[12..14] == ETHERTYPE.to_be_bytes()
            && frame[14] >> 4 == 6
            && frame[18..22] == [0, ICMP_LEN as u8, ICMPV6, 255]
            && frame[54..56] == [ADVERTISEMENT, 0]
            && frame[58] & 0x40 == 0
            && frame[78..80] == [2, 1];
        let sum = pseudo_v6(source, destination, ICMPV6, ICMP_LEN as u32).bytes(&frame[54..]);
        (shape && sum.finish() == 0).then(|| Self {
            mac: array(frame, 80),
            address: Ipv6Addr::from(array::<16>(frame, 62)),
            router: frame[58] & 0x80 != 0,
        })
    }
}
