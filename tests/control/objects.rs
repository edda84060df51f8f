//! Objects, properties and methods, as `busctl` sees them (`runtime.md` 8.4).

use keepalived_daemon::ipc::{Command, FromWorker, Report, ToWorker};
use keepalived_dbus::client::{ControlProxy, StatusProxy};
use keepalived_status::{
    InstanceId, Snapshot, State, Statistics,
    sample::instance,
    view::{Detail, Overview, Row},
};

use super::{
    bus::Bus,
    daemon::{Control, DAEMON, Listener, NAME, run},
};

const INSTANCE: &str = "/org/keepalived/Vrrp1/Instance/veth0/51/IPv4";

async fn two(bus: &Bus) -> (Control, Listener) {
    let mut listener = Listener::new(bus).await;
    let instances = [
        instance(1, "VI_1", "veth0", 51, State::Master),
        instance(2, "VI_2", "veth0.7", 60, State::Backup),
    ];
    let control = Control::with(bus, &instances).await;
    assert_eq!(listener.next().await, "VrrpStarted");
    assert_eq!(listener.next().await, "Instance/veth0/51/IPv4 2");
    assert_eq!(listener.next().await, "Instance/veth0_7/60/IPv4 1");
    (control, listener)
}

/// `busctl` blocks, the test's own tasks must go on.
async fn busctl(bus: &std::sync::Arc<Bus>, arguments: &[&str]) -> Result<String, String> {
    let (bus, arguments) = (
        bus.clone(),
        arguments.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>(),
    );
    tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        bus.busctl(&arguments)
    })
    .await
    .unwrap()
}

#[test]
fn the_tree_is_that_of_keepalived() {
    run(async {
        let bus = std::sync::Arc::new(Bus::open());
        let (control, _listener) = two(&bus).await;
        let tree = busctl(&bus, &["tree", "--list", NAME]).await.unwrap();
        let objects: Vec<_> = tree
            .lines()
            .filter(|l| l.ends_with("IPv4") || l.ends_with("/Vrrp"))
            .collect();
        assert_eq!(
            objects,
            [INSTANCE, "/org/keepalived/Vrrp1/Instance/veth0_7/60/IPv4", DAEMON]
        );
        control.stop().await;
    });
}

#[test]
fn interfaces_are_those_of_the_description() {
    run(async {
        let bus = std::sync::Arc::new(Bus::open());
        let (control, _listener) = two(&bus).await;
        for (object, interface) in [
            (INSTANCE, "org.keepalived.Vrrp1.Instance"),
            (DAEMON, "org.keepalived.Vrrp1.Vrrp"),
            (DAEMON, "org.keepalived.Vrrp1.Status1"),
            (DAEMON, "org.keepalived.Vrrp1.Control1"),
        ] {
            let xml = busctl(&bus, &["introspect", "--xml-interface", NAME, object])
                .await
                .unwrap();
            let file = format!("{}/dbus/introspection/{interface}.xml", env!("CARGO_MANIFEST_DIR"));
            let wanted = std::fs::read_to_string(file).unwrap();
            assert_eq!(members(&xml, interface), members(&wanted, interface), "{interface}");
        }
        control.stop().await;
    });
}

/// Members of an interface with their arguments, sorted; comments, annotations and formatting do not matter.
fn members(xml: &str, interface: &str) -> Vec<String> {
    let start = xml
        .find(&format!("<interface name=\"{interface}\""))
        .expect("the interface is described");
    let body = &xml[start..start + xml[start..].find("</interface>").unwrap()];
    let mut members: Vec<String> = Vec::new();
    for tag in body.split('<').skip(2) {
        let kind = tag.split([' ', '>', '/']).next().unwrap();
        let value = |name: &str| {
            let from = tag.find(&format!("{name}=\""))? + name.len() + 2;
            Some(&tag[from..from + tag[from..].find('"')?])
        };
        match kind {
            "method" | "signal" => members.push(format!("{kind} {}", value("name").unwrap())),
            "property" => members.push(format!(
                "property {} {}",
                value("name").unwrap(),
                value("type").unwrap()
            )),
            "arg" => {
                let direction = value("direction").unwrap_or("out");
                let last = members.last_mut().unwrap();
                last.push_str(&format!(
                    " {}:{}:{direction}",
                    value("name").unwrap_or(""),
                    value("type").unwrap()
                ));
            }
            _ => {}
        }
    }
    members.sort();
    members
}

#[test]
fn properties_are_structures() {
    run(async {
        let bus = std::sync::Arc::new(Bus::open());
        let (control, mut listener) = two(&bus).await;
        let property = |name| ["get-property", NAME, INSTANCE, "org.keepalived.Vrrp1.Instance", name];
        assert_eq!(busctl(&bus, &property("State")).await.unwrap(), "(us) 2 \"Master\"");
        assert_eq!(busctl(&bus, &property("Name")).await.unwrap(), "(s) \"VI_1\"");
        control.say_state(1, State::Fault);
        assert_eq!(listener.next().await, "Instance/veth0/51/IPv4 3");
        assert_eq!(busctl(&bus, &property("State")).await.unwrap(), "(us) 3 \"Fault\"");
        let error = busctl(&bus, &property("Colour")).await.unwrap_err();
        assert!(error.to_lowercase().contains("property"), "{error}");
        control.stop().await;
    });
}

#[test]
fn methods_become_orders() {
    run(async {
        let bus = std::sync::Arc::new(Bus::open());
        let (mut control, _listener) = two(&bus).await;
        let vrrp = "org.keepalived.Vrrp1.Vrrp";
        for (method, command) in [
            ("PrintData", Command::PrintData),
            ("PrintStats", Command::PrintStats),
            ("PrintStatsClear", Command::PrintStatsClear),
        ] {
            busctl(&bus, &["call", NAME, DAEMON, vrrp, method]).await.unwrap();
            assert_eq!(control.command().await, command);
        }
        let instance = "org.keepalived.Vrrp1.Instance";
        busctl(&bus, &["call", NAME, INSTANCE, instance, "SendGarp"])
            .await
            .unwrap();
        assert_eq!(control.command().await, Command::SendGarp(InstanceId(1)));
        busctl(&bus, &["call", NAME, DAEMON, vrrp, "ReloadConfig"])
            .await
            .unwrap();
        assert!(matches!(control.answer().await, FromWorker::Reload { .. }));
        let error = busctl(
            &bus,
            &[
                "call",
                NAME,
                "/org/keepalived/Vrrp1/Instance/x/1/IPv4",
                instance,
                "SendGarp",
            ],
        )
        .await;
        assert!(error.unwrap_err().contains("nknown object"));
        control.stop().await;
    });
}

#[test]
fn reload_waits_and_gives_the_reason() {
    run(async {
        let bus = Bus::open();
        let (mut control, listener) = two(&bus).await;
        let proxy = ControlProxy::new(&listener.connection).await.unwrap();
        for result in [Ok(()), Err("keepalived.conf: line 3: unknown keyword".to_owned())] {
            let (answer, told) = tokio::join!(proxy.reload(), async {
                let FromWorker::Reload { request } = control.answer().await else {
                    panic!("a reload was asked for");
                };
                let result = result.clone();
                control.orders.send(&ToWorker::ReloadResult { request, result })
            });
            assert!(told);
            match (answer, result) {
                (Ok(()), Ok(())) => {}
                (Err(error), Err(reason)) => {
                    let text = error.to_string();
                    assert!(
                        text.contains("org.keepalived.Vrrp1.Error.ReloadFailed") && text.contains(&reason),
                        "{text}"
                    );
                }
                (answer, result) => panic!("{answer:?} for {result:?}"),
            }
        }
        control.stop().await;
    });
}

#[test]
fn consoles_read_pages_and_details() {
    run(async {
        let bus = Bus::open();
        let (mut control, mut listener) = two(&bus).await;
        let proxy = StatusProxy::new(&listener.connection).await.unwrap();
        let overview: Overview = serde_json::from_str(&proxy.get_overview().await.unwrap()).unwrap();
        assert_eq!((overview.instances, &*overview.router_id), (2, "lab1"));
        let page = |first, count| {
            let proxy = proxy.clone();
            async move {
                let text = proxy.get_instances(first, count).await.unwrap();
                serde_json::from_str::<Vec<Row>>(&text).unwrap()
            }
        };
        let rows = page(0, 1).await;
        assert_eq!((rows.len(), &*rows[0].name, rows[0].state), (1, "VI_1", State::Master));
        assert_eq!(page(2, 10).await[0].name, "VI_2");
        assert_eq!(page(3, 10).await, []);
        // Looking at counters fetches fresh ones, but not more than about once a second.
        assert_eq!(control.command().await, Command::Statistics);
        let statistics = Statistics {
            advert_sent: 77,
            ..Statistics::default()
        };
        control.say(keepalived_status::Event::Statistics(vec![(InstanceId(1), statistics)]));
        control.say_state(2, State::Master);
        while !listener.notice().await.contains("\"name\":\"VI_2\"") {}
        let detail: Detail = serde_json::from_str(&proxy.get_instance("VI_1").await.unwrap()).unwrap();
        assert_eq!(detail.row.tx, 77);
        assert_eq!(detail.addresses, ["10.9.0.51/24 dev veth0 scope global set"]);
        let error = proxy.get_instance("VI_9").await.unwrap_err().to_string();
        assert!(error.contains("UnknownInstance"), "{error}");
        control.stop().await;
    });
}

#[test]
fn dumps_come_from_a_snapshot_of_the_vrrp_process() {
    run(async {
        let bus = Bus::open();
        let (mut control, listener) = two(&bus).await;
        let proxy = ControlProxy::new(&listener.connection).await.unwrap();
        let (text, ()) = tokio::join!(proxy.dump("stats"), async {
            let Command::Snapshot { request } = control.command().await else {
                panic!("a snapshot was asked for");
            };
            let snapshot = Box::new(Snapshot {
                instances: vec![instance(1, "VI_1", "veth0", 51, State::Master)],
                ..Snapshot::default()
            });
            assert!(control.reports.send(&Report::Snapshot { request, snapshot }));
        });
        assert!(text.unwrap().starts_with("VRRP Instance: VI_1\n  Advertisements:\n"));
        assert!(
            proxy
                .dump("colours")
                .await
                .unwrap_err()
                .to_string()
                .contains("UnknownKind")
        );
        control.stop().await;
    });
}
