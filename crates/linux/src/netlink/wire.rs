//! The framing of netlink: messages and attributes, written into one growing buffer and read without copying.
//!
//! For what `netlink-packet-route` does not do: the transactions of the firewall, the text of extended acknowledgements, and
//! messages that it refuses. What is written and read of links, addresses, routes and rules is made of its types.
//! Source: `netlink(7)`, `rtnetlink(7)`.

/// Length of `struct nlmsghdr`.
const HEADER_LEN: usize = 16;
/// Length of `struct nlattr`.
const ATTRIBUTE_HEADER_LEN: usize = 4;
/// `NLA_F_NESTED | NLA_F_NET_BYTEORDER` are flags in the attribute's type.
const ATTRIBUTE_TYPE_MASK: u16 = 0x3fff;

/// Netlink aligns everything to four octets.
const fn align(len: usize) -> usize {
    (len + 3) & !3
}

/// Builds a datagram of one or more netlink messages.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    buffer: Vec<u8>,
    message_start: usize,
}

impl Writer {
    pub(crate) fn clear(&mut self) {
        self.buffer.clear();
        self.message_start = 0;
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Start a message; [`Writer::finish`] ends it.
    pub(crate) fn begin(&mut self, kind: u16, flags: u16, sequence: u32) {
        self.message_start = self.buffer.len();
        self.buffer.extend_from_slice(&[0; 4]);
        self.buffer.extend_from_slice(&kind.to_ne_bytes());
        self.buffer.extend_from_slice(&flags.to_ne_bytes());
        self.buffer.extend_from_slice(&sequence.to_ne_bytes());
        self.buffer.extend_from_slice(&[0; 4]);
    }

    /// The family's fixed header, or any bytes that are aligned by themselves.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        self.pad();
    }

    pub(crate) fn attribute(&mut self, kind: u16, value: &[u8]) {
        let len = u16::try_from(ATTRIBUTE_HEADER_LEN + value.len()).unwrap_or(u16::MAX);
        self.buffer.extend_from_slice(&len.to_ne_bytes());
        self.buffer.extend_from_slice(&kind.to_ne_bytes());
        self.buffer.extend_from_slice(value);
        self.pad();
    }

    /// A string attribute with its terminating zero.
    pub(crate) fn attribute_str(&mut self, kind: u16, value: &str) {
        let mut bytes = Vec::with_capacity(value.len() + 1);
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(0);
        self.attribute(kind, &bytes);
    }

    /// Write the attributes that `fill` adds inside one attribute.
    pub(crate) fn nested(&mut self, kind: u16, fill: impl FnOnce(&mut Self)) {
        let start = self.buffer.len();
        self.attribute(kind | 0x8000, &[]);
        fill(self);
        let len = u16::try_from(self.buffer.len() - start).unwrap_or(u16::MAX);
        self.buffer[start..start + 2].copy_from_slice(&len.to_ne_bytes());
    }

    pub(crate) fn finish(&mut self) {
        let start = self.message_start;
        let len = u32::try_from(self.buffer.len() - start).unwrap_or(u32::MAX);
        self.buffer[start..start + 4].copy_from_slice(&len.to_ne_bytes());
    }

    fn pad(&mut self) {
        self.buffer.resize(align(self.buffer.len()), 0);
    }
}

/// One message of a received datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    /// Who asked for what the message tells; 0 is the kernel itself.
    pub(crate) port: u32,
    pub(crate) payload: &'a [u8],
}

/// The messages of a datagram; ends at the first one that is cut short.
pub(crate) fn messages(mut datagram: &[u8]) -> impl Iterator<Item = Message<'_>> {
    std::iter::from_fn(move || {
        let len = usize::try_from(u32_at(datagram, 0)?).ok()?;
        if len < HEADER_LEN || len > datagram.len() {
            return None;
        }
        let message = Message {
            kind: u16_at(datagram, 4)?,
            flags: u16_at(datagram, 6)?,
            sequence: u32_at(datagram, 8)?,
            port: u32_at(datagram, 12)?,
            payload: &datagram[HEADER_LEN..len],
        };
        datagram = datagram.get(align(len)..).unwrap_or(&[]);
        Some(message)
    })
}

/// The attributes in `bytes` as (type, value); ends at the first one that is cut short.
pub(crate) fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let len = usize::from(u16_at(bytes, 0)?);
        let kind = u16_at(bytes, 2)? & ATTRIBUTE_TYPE_MASK;
        if len < ATTRIBUTE_HEADER_LEN || len > bytes.len() {
            return None;
        }
        let value = &bytes[ATTRIBUTE_HEADER_LEN..len];
        bytes = bytes.get(align(len)..).unwrap_or(&[]);
        Some((kind, value))
    })
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A string attribute without its terminating zero; bytes that are no UTF-8 are replaced.
pub(crate) fn text(value: &[u8]) -> String {
    let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
    String::from_utf8_lossy(&value[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::default();
        for sequence in 1..=3 {
            writer.begin(20, 5, sequence);
            writer.raw(&[1, 2, 3, 4, 5, 6, 7, 8]);
            writer.attribute(3, b"abc\0d");
            writer.nested(18, |nested| nested.attribute(1, &7_u32.to_ne_bytes()));
            writer.finish();
        }
        let all: Vec<_> = messages(writer.bytes()).collect();
        assert_eq!(
            all.iter().map(|message| message.sequence).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        let read: Vec<_> = attributes(&all[1].payload[8..]).collect();
        assert_eq!(read[0], (3, b"abc\0d".as_slice()));
        assert_eq!(text(read[0].1), "abc");
        assert_eq!(attributes(read[1].1).next(), Some((1, 7_u32.to_ne_bytes().as_slice())));
    }

    #[test]
    fn anything_cut_short_ends_the_reading() {
        let mut writer = Writer::default();
        writer.begin(20, 5, 1);
        writer.raw(&[0; 8]);
        writer.attribute(1, &[1, 2, 3, 4]);
        writer.finish();
        let whole = writer.bytes().to_vec();
        for len in 0..whole.len() {
            assert_eq!(messages(&whole[..len]).count(), 0, "{len} octets");
            let _ = attributes(&whole[..len]).count();
        }
        assert_eq!(messages(&[0; 64]).count(), 0, "a length of zero must not loop");
        assert_eq!(attributes(&[0; 64]).count(), 0, "a length of zero must not loop");
    }
}
