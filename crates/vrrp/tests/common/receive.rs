// Shared by the fuzz target and by its stable replay: bytes go into every codec, and into engines that are MASTER, BACKUP and
// stopped. Nothing may panic, and no packet may make an engine want more than a few actions or arm its timers in the past.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use keepalived_model::{
    address::{Address, Prefixed},
    time::{Instant, Micros},
    units::{Family, Secret, Version, Vrid},
    vrrp::{AuthHmac, Authentication, HmacMode, Instance},
};
use keepalived_vrrp::{Engine, Input, InstanceId, InstanceSpec, Received, Reconfiguration};
use keepalived_wire::{ah, arp, hmac_trailer, ipv4, ndisc, vrrp};

/// The first two bytes choose who hears the rest.
pub fn receive(data: &[u8]) {
    codecs(data);
    let (choice, bytes) = data.split_at(data.len().min(2));
    let choice = choice.iter().fold(0u16, |c, b| c << 8 | u16::from(*b));
    let mut engine = engine();
    let mut now = Instant(1);
    if choice & 1 != 0 {
        now += Micros::from_secs(10);
        engine.handle_timeout(now);
        settle(&mut engine, now);
    }
    for (id, (family, ..)) in (0..).zip(ENGINES) {
        let v6 = *family == Family::V6;
        let (source, destination): (IpAddr, IpAddr) = if v6 {
            ([0xfe80, 0, 0, 0, 0, 0, 0, choice].into(), vrrp::GROUP_V6.into())
        } else {
            ([10, 9, 0, choice.to_be_bytes()[1]].into(), vrrp::GROUP_V4.into())
        };
        let packet = Received {
            instance: InstanceId(id),
            source,
            destination,
            ttl: (choice & 2 == 0).then_some(255),
            bytes: Cow::Borrowed(bytes),
        };
        engine.handle(now, Input::Packet(packet));
        let actions = settle(&mut engine, now);
        assert!(actions < 20, "{actions} actions for one packet");
        assert!(engine.next_deadline().is_none_or(|d| d > now), "a timer in the past");
    }
}

fn codecs(data: &[u8]) {
    for v6 in [false, true] {
        if let Ok(advert) = vrrp::Advert::parse(data, v6) {
            let _ = (
                advert.addresses().count(),
                advert.auth_data(),
                advert.checksum_plain_ok(),
            );
            let _ = hmac_trailer::View::parse(advert.rest());
        }
    }
    if let Ok(ip) = ipv4::Packet::parse(data) {
        let _ = (ip.total_len(), ip.source(), ah::View::split(ip.payload()));
    }
    let _ = (
        arp::GratuitousArp::parse(data),
        ndisc::NeighbourAdvertisement::parse(data),
    );
}

/// How an instance proves who it is.
#[derive(Clone, Copy)]
enum Proof {
    None,
    Password,
    Ah,
    /// With the keys of the captured packets of `vrrp.md` appendix B, and any time.
    Hmac,
}

const ENGINES: &[(Family, Version, Proof)] = &[
    (Family::V4, Version::V2, Proof::None),
    (Family::V4, Version::V3, Proof::None),
    (Family::V6, Version::V3, Proof::None),
    (Family::V4, Version::V2, Proof::Password),
    (Family::V4, Version::V2, Proof::Ah),
    (Family::V4, Version::V2, Proof::Hmac),
    (Family::V4, Version::V3, Proof::Hmac),
    (Family::V6, Version::V3, Proof::Hmac),
];

fn engine() -> Engine {
    let mut engine = Engine::default();
    let specs = ENGINES.iter().map(|(family, version, proof)| {
        let mut spec = spec(*family, *version);
        let config = Arc::make_mut(&mut spec.config);
        match proof {
            Proof::None => {}
            Proof::Password => config.authentication = Authentication::Password(Secret::new(*b"secret")),
            Proof::Ah => config.authentication = Authentication::Ah(Secret::new(*b"mypw")),
            Proof::Hmac => {
                let counting: Vec<u8> = (0..32).collect();
                let letters = *b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ";
                config.auth_hmac = Some(Box::new(AuthHmac {
                    keys: vec![(7, Secret::new(counting)), (9, Secret::new(letters))],
                    active_key: 9,
                    monotonic: true,
                    window: Micros::from_secs(5),
                    mode: HmacMode::Permissive,
                }));
            }
        }
        spec
    });
    let instances = (0..).map(InstanceId).zip(specs);
    let wish = Reconfiguration {
        instances: instances.collect(),
        ..Reconfiguration::default()
    };
    engine.handle(Instant(1), Input::Reconfigure(Box::new(wish)));
    settle(&mut engine, Instant(1));
    engine
}

fn spec(family: Family, version: Version) -> InstanceSpec {
    let Some(vrid) = Vrid::new(51) else {
        unreachable!("51 is not 0")
    };
    let mut instance = Instance::plain("V", vrid, family);
    instance.version = version;
    let (vip, source): (IpAddr, IpAddr) = match family {
        Family::V4 => ([10, 9, 0, 100].into(), [10, 9, 0, 1].into()),
        Family::V6 => (
            [0xfe80, 0, 0, 0, 0, 0, 0, 0x100].into(),
            [0xfe80, 0, 0, 0, 0, 0, 0, 1].into(),
        ),
    };
    instance.addresses = vec![Address::plain(Prefixed {
        address: vip,
        prefix_len: 32,
    })];
    InstanceSpec::new(Arc::new(instance), Some(source))
}

/// Answers for the kernel; gives the number of actions.
fn settle(engine: &mut Engine, now: Instant) -> usize {
    let mut count = 0;
    while let Some(action) = engine.poll_action() {
        count += 1;
        if let keepalived_vrrp::Action::Kernel(batch) = action {
            engine.handle(now, Input::KernelDone(batch.ticket, Default::default()));
        }
    }
    count
}
