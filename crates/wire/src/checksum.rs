//! The Internet checksum (RFC 1071), its incremental update (RFC 1624), and the pseudo headers of VRRP and ICMPv6.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A one's complement sum that is still open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(u64);

impl Sum {
    /// Adds bytes; an odd last byte counts as if followed by zero, so only the last piece may be odd.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut sum = self.0;
        let mut words = bytes.chunks_exact(2);
        for word in &mut words {
            sum += u64::from(u16::from_be_bytes([word[0], word[1]]));
        }
        if let [last] = words.remainder() {
            sum += u64::from(u16::from_be_bytes([*last, 0]));
        }
        Self(sum)
    }

    /// Adds one 16-bit word.
    #[must_use]
    pub const fn word(self, word: u16) -> Self {
        Self(self.0 + word as u64)
    }

    /// The folded complement: what stands in a checksum field. Over bytes with a right checksum in place it is 0.
    #[must_use]
    pub const fn finish(self) -> u16 {
        let mut sum = self.0;
        while sum >> 16 != 0 {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }
}

/// Sum of the pseudo header of VRRPv3 over IPv4 (RFC 5798 section 5.2.8): addresses, protocol, length of the VRRP message.
#[must_use]
pub fn pseudo_v4(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, len: u16) -> Sum {
    Sum::default()
        .bytes(&source.octets())
        .bytes(&destination.octets())
        .word(u16::from(protocol))
        .word(len)
}

/// Sum of the pseudo header of RFC 8200 section 8.1.
#[must_use]
pub fn pseudo_v6(source: Ipv6Addr, destination: Ipv6Addr, next_header: u8, len: u32) -> Sum {
    let [a, b, c, d] = len.to_be_bytes();
    Sum::default()
        .bytes(&source.octets())
        .bytes(&destination.octets())
        .bytes(&[a, b, c, d])
        .word(u16::from(next_header))
}

/// The checksum after one 16-bit word of the data changed (RFC 1624 equation 3).
#[must_use]
pub const fn update(checksum: u16, old: u16, new: u16) -> u16 {
    Sum(!checksum as u64 + !old as u64 + new as u64).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_1071_example() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Sum::default().bytes(&bytes).finish(), !0xddf2);
    }

    proptest::proptest! {
        #[test]
        fn incremental_is_full(mut data in proptest::collection::vec(0u8..=255, 2..40), at in 0usize..20, new: u16) {
            data.truncate(data.len() & !1);
            data[0] |= 1; // a sum of nothing but zeros has two representations
            let at = (at * 2) % data.len();
            let before = Sum::default().bytes(&data).finish();
            let old = u16::from_be_bytes([data[at], data[at + 1]]);
            data[at..at + 2].copy_from_slice(&new.to_be_bytes());
            let full = Sum::default().bytes(&data).finish();
            let quick = update(before, old, new);
            let same = full == quick || (full == 0xffff && quick == 0) || (full == 0 && quick == 0xffff);
            proptest::prop_assert!(same, "{full:04x} {quick:04x}");
        }
    }
}
