//! What an advert costs, and a turn of an engine that is as full as VRRP allows.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must stop")]

use std::{borrow::Cow, hint::black_box, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use keepalived_model::{
    address::{Address, Prefixed},
    time::{Instant, Micros},
    units::{Family, Vrid},
    vrrp::Instance,
};
use keepalived_vrrp::{Action, Engine, Input, InstanceId, InstanceSpec, Received, Reconfiguration};

const FULL: u32 = 65_535;

fn instance(n: u32) -> InstanceSpec {
    let mut i = Instance::plain(&format!("V{n}"), Vrid::new((n % 255) as u8 + 1).unwrap(), Family::V4);
    i.addresses = vec![Address::plain(
        Prefixed::new(std::net::Ipv4Addr::from(0x0a00_0000 + n).into(), 32).unwrap(),
    )];
    InstanceSpec::new(Arc::new(i), Some("10.9.0.1".parse().unwrap()))
}

/// Drains the actions as a worker would: writes adverts, answers for the kernel.
fn drain(engine: &mut Engine, now: Instant, buffer: &mut [u8]) -> usize {
    let mut adverts = 0;
    while let Some(action) = engine.poll_action() {
        match action {
            Action::Transmit(t) => adverts += usize::from(t.write(0, buffer).is_ok()),
            Action::Kernel(batch) => engine.handle(now, Input::KernelDone(batch.ticket, Default::default())),
            other => drop(black_box(other)),
        }
    }
    adverts
}

/// Every instance is MASTER.
fn full_engine(buffer: &mut [u8]) -> (Engine, Instant) {
    let mut engine = Engine::default();
    let wish = Reconfiguration {
        instances: (0..FULL).map(|n| (InstanceId(n), instance(n))).collect(),
        ..Reconfiguration::default()
    };
    let mut now = Instant(0);
    engine.handle(now, Input::Reconfigure(Box::new(wish)));
    drain(&mut engine, now, buffer);
    for _ in 0..12 {
        now += Micros::SECOND;
        engine.handle_timeout(now);
        drain(&mut engine, now, buffer);
    }
    (engine, now)
}

fn benches(c: &mut Criterion) {
    let mut buffer = [0; 1500];
    let (mut engine, mut now) = full_engine(&mut buffer);
    c.bench_function("turn: 65535 adverts due at once", |b| {
        b.iter(|| {
            now += Micros::SECOND;
            engine.handle_timeout(now);
            assert_eq!(drain(&mut engine, now, &mut buffer), FULL as usize);
        });
    });
    let mut small = Engine::default();
    small.handle(Instant(0), Input::Add(InstanceId(0), Box::new(instance(0))));
    drain(&mut small, Instant(0), &mut buffer);
    small.handle_timeout(Instant(10_000_000));
    let mut advert = None;
    while let Some(action) = small.poll_action() {
        if let Action::Transmit(t) = action {
            advert = Some(t);
        }
    }
    let advert = advert.unwrap();
    c.bench_function("encode an advert", |b| {
        b.iter(|| black_box(&advert).write(0, &mut buffer))
    });
    let len = advert.write(0, &mut buffer).unwrap();
    let bytes = buffer[..len].to_vec();
    let mut backup = Engine::default();
    backup.handle(Instant(0), Input::Add(InstanceId(0), Box::new(instance(0))));
    drain(&mut backup, Instant(0), &mut buffer);
    c.bench_function("decode, check and follow an advert", |b| {
        b.iter(|| {
            let packet = Received {
                instance: InstanceId(0),
                source: [10, 9, 0, 2].into(),
                destination: [224, 0, 0, 18].into(),
                ttl: Some(255),
                bytes: Cow::Borrowed(&bytes),
            };
            backup.handle(Instant(1), Input::Packet(packet));
            drain(&mut backup, Instant(1), &mut buffer)
        });
    });
}

criterion_group!(engine, benches);
criterion_main!(engine);
