//! Gratuitous ARP on a veth pair, with a capture and the neighbour's table as witnesses.

use crate::common::{Other, capture, frame, in_namespace, link_index, run};
use keepalived_linux::announce::Announcer;

/// A gratuitous ARP request for 192.0.2.`host` from 02:00:00:00:00:01.
fn gratuitous_arp(host: u8) -> Vec<u8> {
    let mac = [2, 0, 0, 0, 0, 1];
    let mut frame = vec![0xff; 6];
    frame.extend_from_slice(&mac);
    frame.extend_from_slice(&[8, 6, 0, 1, 8, 0, 6, 4, 0, 1]);
    frame.extend_from_slice(&mac);
    frame.extend_from_slice(&[192, 0, 2, host]);
    frame.extend_from_slice(&[0xff; 6]);
    frame.extend_from_slice(&[192, 0, 2, host]);
    frame
}

#[test]
fn frames_leave_as_they_are_given() {
    in_namespace("announce", || {
        let other = Other::joined();
        let capture = other.call(|| {
            std::fs::write("/proc/sys/net/ipv4/conf/vb/arp_accept", "1").unwrap();
            capture("vb")
        });
        let index = link_index("va");
        let mut announcer = Announcer::for_frames().unwrap();
        for host in 10..=250 {
            announcer.push_frame(if host == 20 { 9999 } else { index }, &gratuitous_arp(host));
        }
        assert_eq!(announcer.len(), 241);
        let mut failed = Vec::new();
        assert_eq!(announcer.send(|at, error| failed.push((at, error.raw_os_error()))), 240);
        assert_eq!(failed, [(10, Some(libc::ENXIO))]);
        assert!(announcer.is_empty());
        for host in (10..=250).filter(|&host| host != 20) {
            let seen = frame(&capture, |frame| frame[12..14] == [8, 6]);
            assert_eq!(seen, gratuitous_arp(host));
        }
        let neighbours = other.call(|| run("ip neigh show dev vb"));
        assert!(
            neighbours.contains("192.0.2.250 lladdr 02:00:00:00:00:01"),
            "{neighbours}"
        );

        let mut announcer = Announcer::for_payloads().unwrap();
        announcer.push_payload(index, 0x0806, &[0xff; 6], &gratuitous_arp(251)[14..]);
        assert_eq!(announcer.send(|at, error| panic!("frame {at}: {error}")), 1);
        let seen = frame(&capture, |frame| frame[12..14] == [8, 6]);
        assert_eq!((&seen[..6], &seen[14..]), (&[0xff; 6][..], &gratuitous_arp(251)[14..]));
    });
}
