//! Bytes captured off the wire (`vrrp.md` appendix B), read and built again, and what arbitrary bytes do.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keepalived_wire::{
    BufferTooSmall, ah, arp, hmac_trailer, ipv4, ndisc,
    vrrp::{self, Advert, Kind, Message, auth_type},
};
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    digits.chunks(2).map(|d| d[0] << 4 | d[1]).collect()
}

const B1: &str = "45c0002c00010000ff70d0840a090001e0000012213396020101f6a10a0900640a0900657365637265740000";
const B2: &str = "45c0002800010000ff70d0870a090002e0000012213364010001705d0a0900640000000000000000";
const B3: &str = "45c0002000010000ff70d0900a090001e000001231336401006475610a090064";
const B4: &str = "45c0002000010000ff70d0900a090001e0000012313364010032602c0a090064";
const B5: &str = "45c0004000010000ff33d0ad0a090001e0000012700400000a090001000000018556515c544a23b61dfccb09
2133960102013c5d0a0900640000000000000000";
const B9: &str = "6c0e5010003470fffe80000000000000000000fffe000001ff020000000000000000000000000012
313596010032be61fe800000000000000000000000000100010700006b00cc66a90e0000b53adf8c3284eda0589cb66641c39649";

/// Builds the whole IPv4 packet of a message, header checksum included.
fn build_v4(message: Message, addresses: &[Ipv4Addr], source: Ipv4Addr, v3_pseudo: bool) -> Vec<u8> {
    let mut out = vec![0; 256];
    let list = addresses.iter().map(|a| IpAddr::V4(*a));
    let len = message.write(false, list, &mut out[20..]).unwrap();
    let body = &out[20..20 + len];
    let sum = if v3_pseudo {
        vrrp::checksum_v3(body, source, vrrp::GROUP_V4)
    } else {
        vrrp::checksum_plain(body)
    };
    out[26..28].copy_from_slice(&sum.to_be_bytes());
    let header = ipv4::Header {
        tos: vrrp::TOS,
        total_len: (20 + len) as u16,
        id: 1,
        ttl: vrrp::TTL,
        protocol: vrrp::PROTOCOL,
        source,
        destination: vrrp::GROUP_V4,
    };
    header.write(&mut out).unwrap();
    ipv4::fill_checksum(&mut out);
    out.truncate(20 + len);
    out
}

fn v2(priority: u8, auth: u8, auth_data: &[u8]) -> Message {
    let mut data = [0; 8];
    data[..auth_data.len()].copy_from_slice(auth_data);
    Message {
        vrid: 51,
        priority,
        kind: Kind::V2 {
            auth_type: auth,
            interval_secs: 1,
            auth_data: data,
        },
    }
}

fn v3(interval_centis: u16) -> Message {
    Message {
        vrid: 51,
        priority: 100,
        kind: Kind::V3 { interval_centis },
    }
}

const VIP: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 100);
const VIP2: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 101);
const A: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);
const B: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 2);

#[test]
fn b1_to_b4_are_built_byte_for_byte() {
    assert_eq!(
        build_v4(v2(150, auth_type::PASSWORD, b"secret"), &[VIP, VIP2], A, false),
        hex(B1)
    );
    assert_eq!(build_v4(v2(100, auth_type::NONE, b""), &[VIP], B, false), hex(B2));
    assert_eq!(build_v4(v3(100), &[VIP], A, true), hex(B3));
    assert_eq!(build_v4(v3(50), &[VIP], A, false), hex(B4));
}

#[test]
fn b1_is_read() {
    let bytes = hex(B1);
    let ip = ipv4::Packet::parse(&bytes).unwrap();
    assert_eq!((ip.header_len(), ip.total_len(), ip.id(), ip.ttl()), (20, 44, 1, 255));
    assert_eq!((ip.protocol(), ip.source(), ip.destination()), (112, A, vrrp::GROUP_V4));
    let advert = Advert::parse(ip.payload(), false).unwrap();
    assert_eq!(
        (advert.version(), advert.kind(), advert.vrid(), advert.priority()),
        (2, 1, 51, 150)
    );
    assert_eq!((advert.count(), advert.auth_type(), advert.interval_secs()), (2, 1, 1));
    assert_eq!(
        advert.addresses().collect::<Vec<_>>(),
        [IpAddr::V4(VIP), IpAddr::V4(VIP2)]
    );
    assert_eq!(advert.auth_data(), Some(b"secret\0\0"));
    assert_eq!(advert.expected_len(), advert.bytes().len());
    assert!(advert.checksum_plain_ok());
}

#[test]
fn b3_and_b4_checksums() {
    let bytes = hex(B3);
    let ip = ipv4::Packet::parse(&bytes).unwrap();
    let advert = Advert::parse(ip.payload(), false).unwrap();
    assert_eq!((advert.version(), advert.interval_centis()), (3, 100));
    assert!(advert.checksum_v3_ok(ip.source(), ip.destination()));
    assert!(!advert.checksum_plain_ok());
    assert!(!advert.checksum_v3_ok(ip.source(), B));
    let bytes = hex(B4);
    let advert = Advert::parse(&bytes[20..], false).unwrap();
    assert!(advert.checksum_plain_ok());
    assert!(!advert.checksum_v3_ok(A, vrrp::GROUP_V4));
}

#[test]
fn b5_layout_of_ah() {
    let bytes = hex(B5);
    let ip = ipv4::Packet::parse(&bytes).unwrap();
    assert_eq!(ip.protocol(), ah::PROTOCOL);
    let (header, rest) = ah::View::split(ip.payload()).unwrap();
    assert_eq!(
        (header.next_header(), header.spi(), header.sequence()),
        (112, u32::from(A), 1)
    );
    let mut built = [0; ah::LEN];
    ah::write(A, 1, &mut built).unwrap();
    assert_eq!(built, header.without_icv());
    let advert = Advert::parse(rest, false).unwrap();
    assert_eq!((advert.auth_type(), advert.auth_data()), (auth_type::AH, Some(&[0; 8])));
    assert!(advert.checksum_plain_ok());
}

#[test]
fn b9_layout_of_v6_and_trailer() {
    let bytes = hex(B9);
    let advert = Advert::parse(&bytes[40..], true).unwrap();
    assert_eq!(
        (advert.version(), advert.vrid(), advert.priority(), advert.count()),
        (3, 53, 150, 1)
    );
    let vip: Ipv6Addr = "fe80::100".parse().unwrap();
    assert_eq!(advert.addresses().collect::<Vec<_>>(), [IpAddr::V6(vip)]);
    let trailer = hmac_trailer::View::parse(advert.rest()).unwrap();
    assert!(trailer.well_formed());
    assert_eq!((trailer.key_id(), trailer.seconds()), (7, 0x6b00_cc66));
    let mut out = [0; 64];
    let message = Message {
        vrid: 53,
        priority: 150,
        kind: Kind::V3 { interval_centis: 50 },
    };
    let len = message.write(true, [IpAddr::V6(vip)].into_iter(), &mut out).unwrap();
    out[6..8].copy_from_slice(&advert.checksum().to_be_bytes());
    assert_eq!(&out[..len], advert.message());
}

#[test]
fn b10_and_b11_both_ways() {
    let bytes = hex("ffffffffffff020000000001080600010800060400010200000000010a090064ffffffffffff0a090064");
    let garp = arp::GratuitousArp {
        mac: [2, 0, 0, 0, 0, 1],
        address: VIP,
    };
    let mut out = [0; 100];
    let len = garp.write(&mut out).unwrap();
    assert_eq!(&out[..len], bytes);
    assert_eq!(arp::GratuitousArp::parse(&bytes), Some(garp));

    let bytes = hex(
        "33330000000102000000000186dd6000000000203afffe800000000000000000000000000100
        ff0200000000000000000000000000018800d59ca0000000fe8000000000000000000000000001000201020000000001",
    );
    let na = ndisc::NeighbourAdvertisement {
        mac: [2, 0, 0, 0, 0, 1],
        address: "fe80::100".parse().unwrap(),
        router: true,
    };
    let len = na.write(&mut out).unwrap();
    assert_eq!(&out[..len], bytes);
    assert_eq!(ndisc::NeighbourAdvertisement::parse(&bytes), Some(na));
}

#[test]
fn a_small_buffer_is_an_error() {
    let mut out = [0; 19];
    let err = v3(1)
        .write(false, [IpAddr::V4(VIP); 3].into_iter(), &mut out)
        .unwrap_err();
    assert_eq!(err, BufferTooSmall { needed: 20 });
}

fn any_addresses(v6: bool) -> BoxedStrategy<Vec<IpAddr>> {
    if v6 {
        prop::collection::vec(any::<u128>().prop_map(|a| IpAddr::V6(a.into())), 0..40).boxed()
    } else {
        prop::collection::vec(any::<u32>().prop_map(|a| IpAddr::V4(a.into())), 0..255).boxed()
    }
}

fn any_message() -> impl Strategy<Value = Message> {
    let kind = prop_oneof![
        (any::<u8>(), any::<u8>(), any::<[u8; 8]>()).prop_map(|(auth_type, interval_secs, auth_data)| Kind::V2 {
            auth_type,
            interval_secs,
            auth_data
        }),
        (0u16..4096).prop_map(|interval_centis| Kind::V3 { interval_centis }),
    ];
    (any::<u8>(), any::<u8>(), kind).prop_map(|(vrid, priority, kind)| Message { vrid, priority, kind })
}

proptest! {
    #[test]
    fn what_is_built_is_read_back(
        message in any_message(),
        (v6, addresses) in any::<bool>().prop_flat_map(|v6| (Just(v6), any_addresses(v6))),
    ) {
        let mut out = vec![0xa5; 2048];
        let len = message.write(v6, addresses.iter().copied(), &mut out).unwrap();
        let read = Advert::parse(&out[..len], v6).unwrap();
        prop_assert_eq!(read.expected_len(), len);
        prop_assert_eq!((read.vrid(), read.priority()), (message.vrid, message.priority));
        prop_assert_eq!(read.addresses().collect::<Vec<_>>(), addresses);
        match message.kind {
            Kind::V2 { auth_type, interval_secs, auth_data } => {
                prop_assert_eq!((read.version(), read.auth_type(), read.interval_secs()), (2, auth_type, interval_secs));
                prop_assert_eq!(read.auth_data(), (!v6).then_some(&auth_data));
            }
            Kind::V3 { interval_centis } => {
                prop_assert_eq!((read.version(), read.interval_centis()), (3, interval_centis));
            }
        }
        let sum = vrrp::checksum_plain(&out[..len]);
        out[6..8].copy_from_slice(&sum.to_be_bytes());
        prop_assert!(Advert::parse(&out[..len], v6).unwrap().checksum_plain_ok());
        let sum = vrrp::checksum_v3(&out[..len], A, B);
        out[6..8].copy_from_slice(&sum.to_be_bytes());
        prop_assert!(Advert::parse(&out[..len], v6).unwrap().checksum_v3_ok(A, B));
    }

    #[test]
    fn arbitrary_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), v6: bool) {
        if let Ok(advert) = Advert::parse(&bytes, v6) {
            let shown = advert.addresses().count();
            prop_assert!(shown <= usize::from(advert.count()));
            prop_assert!(advert.message().len() <= bytes.len());
            let _ = (advert.auth_data(), advert.rest(), advert.checksum_plain_ok(), advert.checksum_v3_ok(A, B));
            let _ = hmac_trailer::View::parse(advert.rest());
        }
        if let Ok(ip) = ipv4::Packet::parse(&bytes) {
            prop_assert!(ip.header().len() + ip.payload().len() == bytes.len());
            let _ = (ip.total_len(), ip.id(), ip.source(), ip.destination(), ah::View::split(ip.payload()));
        }
        let _ = (arp::GratuitousArp::parse(&bytes), ndisc::NeighbourAdvertisement::parse(&bytes));
        let _ = ah::digest_ip_header(&bytes, true);
    }
}
