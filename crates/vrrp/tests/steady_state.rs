//! An engine as full as VRRP allows: nothing is allocated in the steady state, and what one advert costs does not grow with their number.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(unsafe_code, reason = "an allocator that counts cannot be written without")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    borrow::Cow,
    cell::Cell,
    sync::Arc,
};

use keepalived_model::{
    address::{Address, Prefixed},
    time::{Instant, Micros},
    units::{Family, Vrid},
    vrrp::Instance,
};
use keepalived_vrrp::{Action, Engine, Input, InstanceId, InstanceSpec, Received, Reconfiguration, State};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|n| n.set(n.get() + 1));
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: `ptr` came from `alloc` above, which is the system's.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const FULL: u32 = 65_535;

fn engine(count: u32) -> Engine {
    let spec = |n: u32| {
        let mut i = Instance::plain(&format!("V{n}"), Vrid::new((n % 255) as u8 + 1).unwrap(), Family::V4);
        let address = std::net::Ipv4Addr::from(0x0a00_0000 + n);
        i.addresses = vec![Address::plain(Prefixed::new(address.into(), 32).unwrap())];
        InstanceSpec::new(Arc::new(i), Some("10.9.0.1".parse().unwrap()))
    };
    let wish = Reconfiguration {
        instances: (0..count).map(|n| (InstanceId(n), spec(n))).collect(),
        ..Reconfiguration::default()
    };
    let mut engine = Engine::default();
    engine.handle(Instant(0), Input::Reconfigure(Box::new(wish)));
    engine
}

/// Does what the engine wants; gives the number of adverts.
fn drain(engine: &mut Engine, now: Instant, buffer: &mut [u8]) -> u32 {
    let mut adverts = 0;
    while let Some(action) = engine.poll_action() {
        match action {
            Action::Transmit(t) => adverts += u32::from(t.write(0, buffer).is_ok()),
            Action::Kernel(batch) => engine.handle(now, Input::KernelDone(batch.ticket, Default::default())),
            _ => {}
        }
    }
    adverts
}

/// Lets the seconds pass one after the other.
fn pass(engine: &mut Engine, now: &mut Instant, seconds: u64, buffer: &mut [u8]) -> u32 {
    (0..seconds)
        .map(|_| {
            *now += Micros::SECOND;
            engine.handle_timeout(*now);
            drain(engine, *now, buffer)
        })
        .sum()
}

#[test]
fn masters_allocate_nothing() {
    let mut buffer = [0; 1500];
    let mut engine = engine(FULL);
    let mut now = Instant(0);
    drain(&mut engine, now, &mut buffer);
    pass(&mut engine, &mut now, 12, &mut buffer);
    assert_eq!(engine.view(InstanceId(FULL - 1)).unwrap().state, State::Master);
    let before = ALLOCATIONS.get();
    let adverts = pass(&mut engine, &mut now, 3, &mut buffer);
    assert_eq!((adverts, ALLOCATIONS.get() - before), (3 * FULL, 0));
}

#[test]
fn backups_allocate_nothing() {
    let mut buffer = [0; 1500];
    let mut master = engine(255);
    let mut now = Instant(0);
    drain(&mut master, now, &mut buffer);
    now += Micros::from_secs(5);
    master.handle_timeout(now);
    let mut packets: Vec<Vec<u8>> = Vec::new();
    while let Some(action) = master.poll_action() {
        if let Action::Transmit(t) = action {
            let len = t.write(0, &mut buffer).unwrap();
            packets.push(buffer[..len].to_vec());
        }
    }
    let mut backup = engine(FULL);
    drain(&mut backup, Instant(0), &mut buffer);
    let hear = |backup: &mut Engine, now: Instant, buffer: &mut [u8]| {
        for n in 0..FULL {
            let packet = Received {
                instance: InstanceId(n),
                source: [10, 9, 0, 2].into(),
                destination: [224, 0, 0, 18].into(),
                ttl: Some(255),
                bytes: Cow::Borrowed(&packets[(n % 255) as usize]),
            };
            backup.handle(now, Input::Packet(packet));
            drain(backup, now, buffer);
        }
    };
    hear(&mut backup, Instant(1), &mut buffer);
    let before = ALLOCATIONS.get();
    for second in 1..4 {
        hear(&mut backup, Instant(second * 1_000_000), &mut buffer);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert_eq!(backup.view(InstanceId(FULL - 1)).unwrap().stats.advert_rcvd, 4);
    for n in 0..FULL {
        let deadline = backup.view(InstanceId(n)).unwrap().deadline;
        assert_eq!(deadline, Some(Instant(3_000_000 + 3_609_375)), "{n} was re-armed");
    }
}
