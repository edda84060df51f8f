//! Comings and goings: reload, stop, death of either side, loss of the bus (`runtime.md` 8.5).

use keepalived_status::{Event, InstanceId, State, Wall, sample::instance};

use super::{
    bus::Bus,
    daemon::{Control, Listener, NAME, enabled, run},
};

#[test]
fn a_reload_that_removes_says_fault_then_reloaded() {
    run(async {
        let bus = Bus::open();
        let mut listener = Listener::new(&bus).await;
        let one = instance(1, "VI_1", "veth0", 51, State::Master);
        let six = instance(6, "VI_6", "veth0", 60, State::Backup);
        let control = Control::with(&bus, &[one, six]).await;
        for expected in ["VrrpStarted", "Instance/veth0/51/IPv4 2", "Instance/veth0/60/IPv4 1"] {
            assert_eq!(listener.next().await, expected);
        }
        // The engine stops it first; that is said once.
        control.say_state(6, State::Fault);
        control.say_state(6, State::Init);
        control.say(Event::Removed {
            id: InstanceId(6),
            state: State::Fault,
        });
        control.say(Event::Added(Box::new(instance(7, "VI_7", "veth1", 7, State::Init))));
        control.say_state(7, State::Backup);
        control.say(Event::Reloaded { at: Wall::now() });
        for expected in ["Instance/veth0/60/IPv4 3", "Instance/veth1/7/IPv4 1", "VrrpReloaded"] {
            assert_eq!(listener.next().await, expected);
        }
        control.say_state(7, State::Stop);
        control.say(Event::Stopped);
        assert_eq!(listener.next().await, "Instance/veth1/7/IPv4 98");
        assert_eq!(listener.next().await, "VrrpStopped");
        control.stop().await;
    });
}

#[test]
fn the_stop_of_the_daemon_is_said_and_the_name_given_back() {
    run(async {
        let bus = Bus::open();
        let mut listener = Listener::new(&bus).await;
        let control = Control::with(&bus, &[instance(1, "VI_1", "veth0", 51, State::Master)]).await;
        assert_eq!(listener.next().await, "VrrpStarted");
        assert_eq!(listener.next().await, "Instance/veth0/51/IPv4 2");
        control.stop().await;
        assert_eq!(listener.next().await, "VrrpStopped");
        let bus = keepalived_dbus::zbus::fdo::DBusProxy::new(&listener.connection)
            .await
            .unwrap();
        assert!(!bus.name_has_owner(NAME.try_into().unwrap()).await.unwrap());
    });
}

#[test]
fn a_new_vrrp_process_is_announced_a_new_control_process_is_not() {
    run(async {
        let bus = Bus::open();
        let mut listener = Listener::new(&bus).await;
        let one = instance(1, "VI_1", "veth0", 51, State::Master);
        let mut control = Control::with(&bus, std::slice::from_ref(&one)).await;
        assert_eq!(listener.next().await, "VrrpStarted");
        assert_eq!(listener.next().await, "Instance/veth0/51/IPv4 2");
        // The VRRP process dies: its successor counts from the beginning.
        control.relink();
        assert_eq!(control.command().await, keepalived_daemon::ipc::Command::Subscribe);
        let mut daemon = keepalived_status::sample::daemon();
        daemon.vrrp_pid = 102;
        control.say(Event::Reset(Box::new(daemon)));
        control.say(Event::Added(Box::new(instance(1, "VI_2", "veth0", 52, State::Backup))));
        control.say(Event::Started);
        for expected in ["Instance/veth0/51/IPv4 3", "VrrpStarted", "Instance/veth0/52/IPv4 1"] {
            assert_eq!(listener.next().await, expected);
        }
        // The control process dies: its successor tells nothing new.
        control.kill();
        let mut control = Control::start(&bus, 1);
        control.configure(&enabled()).await;
        control.answer_subscription(&[one]).await;
        listener.wait_for_name().await;
        control.say_state(1, State::Fault);
        assert_eq!(listener.next().await, "Instance/veth0/51/IPv4 3");
        control.stop().await;
    });
}

#[test]
fn a_bus_that_comes_late_or_again_is_entered() {
    run(async {
        let mut bus = Bus::open();
        bus.stop();
        let one = instance(1, "VI_1", "veth0", 51, State::Master);
        let control = Control::with(&bus, &[one]).await;
        // Give it time to find that there is no bus.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        for _ in 0..2 {
            bus.start();
            let listener = Listener::new(&bus).await;
            listener.wait_for_name().await;
            bus.stop();
        }
        control.say_state(1, State::Fault);
        control.stop().await;
    });
}

#[test]
fn another_daemon_keeps_the_name() {
    run(async {
        let bus = Bus::open();
        let listener = Listener::new(&bus).await;
        listener.connection.request_name(NAME).await.unwrap();
        let mut control = Control::with(&bus, &[]).await;
        let mut config = enabled();
        config.global.dbus.service_name = Some("org.keepalived.Second".into());
        control.configure(&config).await;
        let proxy = keepalived_dbus::zbus::fdo::DBusProxy::new(&listener.connection)
            .await
            .unwrap();
        super::daemon::soon(async {
            while !proxy
                .name_has_owner("org.keepalived.Second".try_into().unwrap())
                .await
                .unwrap()
            {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
        .await;
        let owner = proxy.get_name_owner(NAME.try_into().unwrap()).await.unwrap();
        assert_eq!(
            Some(owner.as_str()),
            listener.connection.unique_name().map(|n| n.as_str())
        );
        control.stop().await;
    });
}

/// All 255 virtual routers of 255 interfaces fail over at once; the last signal still comes, in order.
#[test]
#[ignore = "takes half a minute; run it with --ignored"]
fn sixty_five_thousand_instances() {
    run(async {
        let bus = Bus::open();
        let mut listener = Listener::new(&bus).await;
        let all: Vec<_> = (0..65_024_u32)
            .map(|n| {
                let (interface, vrid) = (format!("eth{}", n / 254), u8::try_from(n % 254 + 1).unwrap());
                instance(n + 1, &format!("VI_{n}"), &interface, vrid, State::Backup)
            })
            .collect();
        let begun = std::time::Instant::now();
        let control = Control::with(&bus, &all).await;
        assert_eq!(listener.next().await, "VrrpStarted");
        eprintln!("exported after {:?}", begun.elapsed());
        for _ in &all {
            assert!(listener.next().await.ends_with(" 1"));
        }
        eprintln!("announced after {:?}", begun.elapsed());
        for i in &all {
            control.say_state(i.id.0, State::Master);
        }
        for i in &all {
            let expected = format!("Instance/{}/{}/IPv4 2", i.settings.interface.unwrap(), i.settings.vrid);
            assert_eq!(listener.next().await, expected);
        }
        eprintln!("failed over after {:?}, {}", begun.elapsed(), control.memory());
        control.stop().await;
    });
}
