//! The advert of an instance: built once per configuration, copied and patched per sending.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use keepalived_model::{
    units::{Family, Version},
    vrrp::{Authentication, Instance, Transport},
};
use keepalived_wire::{
    BufferTooSmall, ah, checksum, hmac_trailer, ipv4,
    vrrp::{self, Kind, Message, auth_type},
};

use crate::{
    auth::{self, Key},
    spec::InstanceId,
};

/// How the checksum of an advert is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChecksumForm {
    /// By the kernel (IPv6).
    Kernel,
    /// Over the message alone (version 2, `v3_checksum_as_v2`).
    Plain,
    /// With the pseudo header of the real destination.
    Pseudo,
    /// With the pseudo header of the group, whatever the destination (`old_unicast_checksum`).
    PseudoGroup(Ipv4Addr),
}

/// What does not change from advert to advert. The message has priority 0 and, except over IPv6, the checksum that goes with it and
/// with the first destination.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template {
    source: IpAddr,
    /// Where to; for IPv4 each with the checksum of the message of priority 0.
    destinations: Box<[(IpAddr, u16)]>,
    ttl: Option<u8>,
    multicast: bool,
    message: Box<[u8]>,
    form: ChecksumForm,
    key: Key,
}

impl Template {
    pub(crate) fn new(config: &Instance, source: IpAddr, old_checksum: bool) -> Self {
        let v6 = config.family == Family::V6;
        let (kind, plain) = match config.version {
            Version::V2 => (v2_kind(config), true),
            Version::V3 => {
                let interval_centis = config.advert_interval.as_centis().min(4095) as u16;
                (Kind::V3 { interval_centis }, config.checksum.v3_as_v2)
            }
        };
        let multicast = matches!(config.transport, Transport::Multicast { .. });
        let form = match (v6, plain, old_checksum && !multicast) {
            (true, ..) => ChecksumForm::Kernel,
            (false, true, _) => ChecksumForm::Plain,
            (false, false, true) => ChecksumForm::PseudoGroup(config.checksum.old_group),
            (false, false, false) => ChecksumForm::Pseudo,
        };
        let message = Message {
            vrid: config.vrid.get(),
            priority: 0,
            kind,
        };
        let count = config.addresses.len().min(255) as u8;
        let mut bytes = vec![0; message.len(count, v6)];
        // the length was computed by the same type, so this cannot be too short; if it were, an empty advert would be sent
        let written = message.write(v6, config.addresses.iter().map(|a| a.local.address), &mut bytes);
        bytes.truncate(written.unwrap_or(0));
        let ttl = match &config.transport {
            Transport::Multicast { .. } => Some(vrrp::TTL),
            Transport::Unicast { ttl, .. } if v6 => *ttl,
            Transport::Unicast { ttl, .. } => Some(ttl.unwrap_or(vrrp::TTL)),
        };
        let destinations = destinations(config)
            .map(|to| (to, form.sum(&bytes, source, to)))
            .collect();
        Self {
            source,
            destinations,
            ttl,
            multicast,
            message: bytes.into(),
            form,
            key: Key::of(config),
        }
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    /// Bytes before the message: IP header and AH.
    fn before(&self) -> usize {
        let header = if self.form == ChecksumForm::Kernel {
            0
        } else {
            ipv4::HEADER_LEN
        };
        header + self.key.before()
    }

    /// Bytes of one datagram as given to the socket.
    fn datagram_len(&self) -> usize {
        self.before() + self.message.len() + self.key.after()
    }
}

impl ChecksumForm {
    fn sum(self, message: &[u8], source: IpAddr, destination: IpAddr) -> u16 {
        let IpAddr::V4(source) = source else { return 0 };
        let IpAddr::V4(destination) = destination else { return 0 };
        match self {
            Self::Kernel => 0,
            Self::Plain => vrrp::checksum_plain(message),
            Self::Pseudo => vrrp::checksum_v3(message, source, destination),
            Self::PseudoGroup(group) => vrrp::checksum_v3(message, source, group),
        }
    }
}

fn destinations(config: &Instance) -> Box<dyn Iterator<Item = IpAddr> + '_> {
    match &config.transport {
        Transport::Multicast { group, .. } => Box::new(std::iter::once(*group)),
        Transport::Unicast { peers, .. } => Box::new(peers.iter().map(|p| p.address)),
    }
}

fn v2_kind(config: &Instance) -> Kind {
    let mut auth_data = [0; vrrp::AUTH_LEN];
    let auth_type = match &config.authentication {
        Authentication::None => auth_type::NONE,
        Authentication::Password(secret) => {
            auth_data = password(secret.expose());
            auth_type::PASSWORD
        }
        Authentication::Ah(_) => auth_type::AH,
    };
    Kind::V2 {
        auth_type,
        interval_secs: config.advert_interval.as_secs().clamp(1, 255) as u8,
        auth_data,
    }
}

/// A password as it stands in the packet: cut to 8 bytes, padded with NUL.
pub(crate) fn password(bytes: &[u8]) -> [u8; vrrp::AUTH_LEN] {
    let mut data = [0; vrrp::AUTH_LEN];
    let len = bytes.len().min(data.len());
    data[..len].copy_from_slice(&bytes[..len]);
    data
}

/// One advert to be sent to every destination of an instance. Cheap to keep; nothing is allocated to send it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Transmit {
    pub(crate) instance: InstanceId,
    pub(crate) template: Arc<Template>,
    pub(crate) priority: u8,
    pub(crate) id: u16,
    /// AH or HMAC sequence number.
    pub(crate) sequence: u64,
}

impl Transmit {
    /// Whose advert it is.
    #[must_use]
    pub const fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Its priority; 0 when it resigns.
    #[must_use]
    pub const fn priority(&self) -> u8 {
        self.priority
    }

    /// Does it go to a group (then it is sent without routing)?
    #[must_use]
    pub fn is_multicast(&self) -> bool {
        self.template.multicast
    }

    /// Address it comes from; over IPv6 the socket must be told.
    #[must_use]
    pub fn source(&self) -> IpAddr {
        self.template.source
    }

    /// TTL or hop limit, already in an IPv4 header; over IPv6 `None` is the kernel's default.
    #[must_use]
    pub fn ttl(&self) -> Option<u8> {
        self.template.ttl
    }

    /// How many datagrams it is: one, or one for each peer.
    #[must_use]
    pub fn copies(&self) -> usize {
        self.template.destinations.len()
    }

    /// Where datagram `copy` goes; `None` from [`Transmit::copies`] on.
    #[must_use]
    pub fn destination(&self, copy: usize) -> Option<IpAddr> {
        self.template.destinations.get(copy).map(|d| d.0)
    }

    /// Bytes of each datagram.
    #[must_use]
    pub fn len(&self) -> usize {
        self.template.datagram_len()
    }

    /// Never: an advert has a header.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes datagram `copy` as the socket wants it: with its IPv4 header (header checksum zero, the kernel's affair), or over IPv6
    /// without header and with a zero checksum, the kernel's affair too. Gives its length; 0 for a `copy` that does not exist.
    ///
    /// # Errors
    /// When `out` is shorter than [`Transmit::len`].
    pub fn write(&self, copy: usize, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let t = &*self.template;
        let Some(&(destination, sum)) = t.destinations.get(copy) else {
            return Ok(0);
        };
        let needed = t.datagram_len();
        let out = out.get_mut(..needed).ok_or(BufferTooSmall { needed })?;
        let at = t.before();
        let end = at + t.message.len();
        let message = &mut out[at..end];
        message.copy_from_slice(&t.message);
        let Some(head) = message.first_chunk_mut::<{ vrrp::HEADER_LEN }>() else {
            return Ok(0);
        };
        head[2] = self.priority;
        if let (IpAddr::V4(source), IpAddr::V4(destination)) = (t.source, destination) {
            let count = head[3];
            let sum = checksum::update(sum, u16::from(count), u16::from_be_bytes([self.priority, count]));
            head[6..8].copy_from_slice(&sum.to_be_bytes());
            let header = ipv4::Header {
                tos: vrrp::TOS,
                total_len: needed.min(usize::from(u16::MAX)) as u16,
                id: self.id,
                ttl: t.ttl.unwrap_or(vrrp::TTL),
                protocol: if t.key.before() > 0 {
                    ah::PROTOCOL
                } else {
                    vrrp::PROTOCOL
                },
                source,
                destination,
            };
            header.write(out)?;
        }
        self.seal(out, at, end)?;
        Ok(needed)
    }

    /// Puts the proof of origin in: AH before the message at `at..end`, or a trailer after it.
    fn seal(&self, out: &mut [u8], at: usize, end: usize) -> Result<(), BufferTooSmall> {
        let t = &*self.template;
        match (&t.key, t.source) {
            (Key::Ah(key), IpAddr::V4(source)) => {
                let mut header = [0; ah::LEN];
                ah::write(source, self.sequence as u32, &mut header)?;
                let icv = auth::ah_icv(key.expose(), out, &header, &out[at..end], !t.multicast);
                header[ah::LEN - ah::ICV_LEN..].copy_from_slice(&icv);
                out[at - ah::LEN..at].copy_from_slice(&header);
            }
            (Key::Hmac(id, key), source) => {
                let mut trailer = [0; hmac_trailer::LEN];
                hmac_trailer::write(*id, self.sequence, &mut trailer)?;
                let signed = hmac_trailer::LEN - hmac_trailer::MAC_LEN;
                let mac = auth::trailer_mac(key.expose(), source, &out[at..end], &trailer[..signed]);
                trailer[signed..].copy_from_slice(&mac);
                out[end..end + hmac_trailer::LEN].copy_from_slice(&trailer);
            }
            _ => {}
        }
        Ok(())
    }
}
