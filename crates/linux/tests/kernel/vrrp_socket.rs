//! Adverts between two namespaces, with a capture as the second witness.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::common::{Other, block_on, capture, frame, in_namespace, link_index, run};
use keepalived_linux::vrrp_socket::{
    Interface, IpProtocol, Peers, ReceiveBatch, ReceiveBuffer, ReceiveSocket, Receivers, SendBatch, SendSocket,
    SocketSpec,
};
use keepalived_model::units::IfName;

const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12);

fn spec(interface: &str, peers: Peers) -> SocketSpec {
    let interface = Interface {
        name: IfName::new(interface).unwrap(),
        index: link_index(interface),
    };
    SocketSpec {
        peers,
        protocol: IpProtocol::Vrrp,
        interface: Some(interface),
        vrf: None,
    }
}

/// A version 2 advert of `vrid` in an IPv4 packet; the checksum of the IP header is left to the kernel.
fn packet_v4(vrid: u8, source: Ipv4Addr, destination: Ipv4Addr, ttl: u8) -> Vec<u8> {
    let mut packet = vec![0x45, 0xc0, 0, 40, 0, vrid, 0, 0, ttl, 112, 0, 0];
    packet.extend_from_slice(&source.octets());
    packet.extend_from_slice(&destination.octets());
    packet.extend_from_slice(&[0x21, vrid, 100, 1, 0, 1, 0, 0, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    packet
}

fn must_not_fail(at: usize, error: std::io::Error) {
    panic!("packet {at}: {error}");
}

#[test]
fn multicast_v4_arrives_as_it_was_sent() {
    in_namespace("multicast_v4", || {
        let other = Other::joined();
        let (receiver, capture) = other.call(|| {
            let spec = spec("vb", Peers::Multicast { group: GROUP_V4.into() });
            let buffer = ReceiveBuffer {
                bytes: 262_144,
                force: true,
            };
            (ReceiveSocket::open(&spec, Some(buffer)).unwrap(), capture("vb"))
        });
        assert!(other.call(|| run("ip maddr show dev vb")).contains("224.0.0.18"));
        let sender = SendSocket::open(&spec("va", Peers::Multicast { group: GROUP_V4.into() })).unwrap();
        let mut batch = SendBatch::default();
        let source = Ipv4Addr::new(192, 0, 2, 1);
        for vrid in 1..=200 {
            sender.push_v4(&mut batch, &packet_v4(vrid, source, GROUP_V4, 255), GROUP_V4);
        }
        assert_eq!(sender.send(&mut batch, must_not_fail), 200);
        assert!(batch.is_empty());

        let seen = frame(&capture, |frame| frame[12..14] == [8, 0] && frame[23] == 112);
        assert_eq!(seen[..6], [0x01, 0, 0x5e, 0, 0, 0x12], "group MAC");
        assert_eq!(seen[15], 0xc0, "TOS");
        assert_eq!(seen[18..20], [0, 1], "our IP identification");
        let sum: u32 = seen[14..34]
            .chunks(2)
            .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]))
            .sum();
        assert_eq!((sum >> 16) + (sum & 0xffff), 0xffff, "IP header checksum is filled in");

        block_on(async {
            let mut receivers = Receivers::new().unwrap();
            receivers.insert(7, receiver).unwrap();
            let mut batch = ReceiveBatch::new();
            let mut next = 1;
            while next <= 200 {
                assert_eq!(receivers.receive(&mut batch).await.unwrap(), 7);
                for packet in batch.iter() {
                    assert_eq!(packet.source, IpAddr::V4(source));
                    assert_eq!(packet.destination, IpAddr::V4(GROUP_V4));
                    assert_eq!((packet.hop_limit, packet.truncated), (Some(255), false));
                    assert_eq!((packet.payload.len(), packet.payload[21]), (40, next));
                    next += 1;
                }
            }
            let closed = receivers.remove(7).unwrap();
            assert!(receivers.is_empty());
            drop(closed);
        });
        assert!(
            !other.call(|| run("ip maddr show dev vb")).contains("224.0.0.18"),
            "the group is left"
        );
    });
}

#[test]
fn multicast_v6_has_checksum_hop_limit_and_the_source_asked_for() {
    in_namespace("multicast_v6", || {
        let other = Other::joined();
        let (receiver, capture) = other.call(|| {
            let spec = spec("vb", Peers::Multicast { group: GROUP_V6.into() });
            (ReceiveSocket::open(&spec, None).unwrap(), capture("vb"))
        });
        let spec = spec("va", Peers::Multicast { group: GROUP_V6.into() });
        let sender = SendSocket::open(&spec).unwrap();
        let mut batch = SendBatch::default();
        let message = [
            0x31, 51, 100, 1, 0, 100, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
        ];
        let source: Ipv6Addr = "fe80::1".parse().unwrap();
        let from = Some((source, spec.interface.unwrap().index));
        sender.push_v6(&mut batch, &message, GROUP_V6, from, None);
        assert_eq!(sender.send(&mut batch, must_not_fail), 1);
        let seen = frame(&capture, |frame| frame[12..14] == [0x86, 0xdd] && frame[20] == 112);
        assert_eq!(seen[..6], [0x33, 0x33, 0, 0, 0, 0x12]);
        assert_eq!((seen[14], seen[15] & 0xf0), (0x6c, 0), "traffic class 0xc0");
        assert_eq!(seen[21], 255, "hop limit");
        assert_eq!(seen[22..38], source.octets());
        assert_ne!(seen[60..62], [0, 0], "the kernel writes the checksum");
        block_on(async {
            let mut receivers = Receivers::new().unwrap();
            receivers.insert(1, receiver).unwrap();
            let mut batch = ReceiveBatch::new();
            receivers.receive(&mut batch).await.unwrap();
            let packets: Vec<_> = batch.iter().collect();
            assert_eq!(packets.len(), 1);
            assert_eq!(packets[0].source, IpAddr::V6(source));
            assert_eq!(packets[0].destination, IpAddr::V6(GROUP_V6));
            assert_eq!(packets[0].hop_limit, Some(255));
            assert_eq!(packets[0].payload[..6], message[..6]);
        });
    });
}

#[test]
fn unicast_carries_the_ttl_asked_for_in_both_families() {
    in_namespace("unicast", || {
        let other = Other::joined();
        let there_v4 = Ipv4Addr::new(192, 0, 2, 2);
        let there_v6: Ipv6Addr = "2001:db8::2".parse().unwrap();
        let (four, six) = other.call(move || {
            let four = ReceiveSocket::open(
                &spec(
                    "vb",
                    Peers::Unicast {
                        source: there_v4.into(),
                    },
                ),
                None,
            )
            .unwrap();
            let mut any = spec(
                "vb",
                Peers::Unicast {
                    source: there_v6.into(),
                },
            );
            any.interface = None;
            (four, ReceiveSocket::open(&any, None).unwrap())
        });
        let here_v4 = Ipv4Addr::new(192, 0, 2, 1);
        let here_v6: Ipv6Addr = "2001:db8::1".parse().unwrap();
        let mut batch = SendBatch::default();
        let sender = SendSocket::open(&spec("va", Peers::Unicast { source: here_v4.into() })).unwrap();
        sender.push_v4(&mut batch, &packet_v4(9, here_v4, there_v4, 33), there_v4);
        assert_eq!(sender.send(&mut batch, must_not_fail), 1);
        let sender = SendSocket::open(&spec("va", Peers::Unicast { source: here_v6.into() })).unwrap();
        sender.push_v6(
            &mut batch,
            &[0x31, 9, 100, 1, 0, 100, 0, 0],
            there_v6,
            Some((here_v6, 0)),
            Some(44),
        );
        assert_eq!(sender.send(&mut batch, must_not_fail), 1);
        block_on(async {
            let mut receivers = Receivers::new().unwrap();
            receivers.insert(4, four).unwrap();
            receivers.insert(6, six).unwrap();
            let mut batch = ReceiveBatch::new();
            let mut seen = std::collections::BTreeMap::new();
            while seen.len() < 2 {
                let key = receivers.receive(&mut batch).await.unwrap();
                let packet = batch.iter().next().unwrap();
                seen.insert(key, (packet.source, packet.destination, packet.hop_limit));
            }
            assert_eq!(seen[&4], (here_v4.into(), there_v4.into(), Some(33)));
            assert_eq!(seen[&6], (here_v6.into(), there_v6.into(), Some(44)));
        });
    });
}

#[test]
fn a_refused_packet_stops_no_other() {
    in_namespace("refused", || {
        let _other = Other::joined();
        let here: Ipv6Addr = "2001:db8::1".parse().unwrap();
        // No route leads there.
        let nowhere: Ipv6Addr = "2001:db9::99".parse().unwrap();
        let there: Ipv6Addr = "2001:db8::2".parse().unwrap();
        let sender = SendSocket::open(&spec("va", Peers::Unicast { source: here.into() })).unwrap();
        let mut batch = SendBatch::default();
        for at in 0..100 {
            let to = if at == 50 { nowhere } else { there };
            sender.push_v6(&mut batch, &[0x31, 9, 100, 1, 0, 100, 0, 0], to, Some((here, 0)), None);
        }
        let mut failed = Vec::new();
        assert_eq!(
            sender.send(&mut batch, |at, error| failed.push((at, error.raw_os_error()))),
            99
        );
        assert_eq!(failed, [(50, Some(libc::ENETUNREACH))]);
    });
}

#[test]
fn an_address_we_do_not_have_yet_can_be_listened_on() {
    in_namespace("freebind", || {
        let _other = Other::joined();
        let source = Ipv4Addr::new(203, 0, 113, 1);
        ReceiveSocket::open(&spec("va", Peers::Unicast { source: source.into() }), None).unwrap();
        let mut gone = spec("va", Peers::Unicast { source: source.into() });
        gone.interface = Some(Interface {
            name: IfName::new("nothere").unwrap(),
            index: 99,
        });
        let error = ReceiveSocket::open(&gone, None).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENODEV));
    });
}

#[test]
fn an_idle_set_waits_and_a_late_socket_wakes_it() {
    in_namespace("set", || {
        let other = Other::joined();
        let receiver =
            other.call(|| ReceiveSocket::open(&spec("vb", Peers::Multicast { group: GROUP_V4.into() }), None).unwrap());
        let sender = SendSocket::open(&spec("va", Peers::Multicast { group: GROUP_V4.into() })).unwrap();
        block_on(async {
            let mut receivers = Receivers::new().unwrap();
            receivers.insert(3, receiver).unwrap();
            let mut batch = ReceiveBatch::new();
            for round in 1..=5 {
                let wait = std::time::Duration::from_millis(20);
                assert!(
                    tokio::time::timeout(wait, receivers.receive(&mut batch)).await.is_err(),
                    "nothing was sent"
                );
                let mut out = SendBatch::default();
                sender.push_v4(
                    &mut out,
                    &packet_v4(round, Ipv4Addr::new(192, 0, 2, 1), GROUP_V4, 255),
                    GROUP_V4,
                );
                assert_eq!(sender.send(&mut out, must_not_fail), 1);
                assert_eq!(receivers.receive(&mut batch).await.unwrap(), 3);
                assert_eq!(
                    batch.iter().map(|packet| packet.payload[21]).collect::<Vec<_>>(),
                    [round]
                );
            }
        });
    });
}
