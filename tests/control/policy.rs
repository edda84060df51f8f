//! The policy that we ship (`runtime.md` 8.6).

use keepalived_status::{State, sample::instance};

use super::{
    bus::Bus,
    daemon::{Control, DAEMON, Listener, NAME, run},
};

#[test]
fn others_may_look_but_not_order() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can become another user");
        return;
    }
    run(async {
        let bus = Bus::like_system();
        let listener = Listener::new(&bus).await;
        let control = Control::with(&bus, &[instance(1, "VI_1", "veth0", 51, State::Master)]).await;
        listener.wait_for_name().await;
        let bus = tokio::task::spawn_blocking(move || {
            let object = "/org/keepalived/Vrrp1/Instance/veth0/51/IPv4";
            let look = ["get-property", NAME, object, "org.keepalived.Vrrp1.Instance", "State"];
            assert_eq!(bus.busctl_as_nobody(&look).unwrap(), "(us) 2 \"Master\"");
            let overview = ["call", NAME, DAEMON, "org.keepalived.Vrrp1.Status1", "GetOverview"];
            assert!(bus.busctl_as_nobody(&overview).unwrap().contains("lab1"));
            for (object, interface, method) in [
                (DAEMON, "org.keepalived.Vrrp1.Vrrp", "PrintData"),
                (DAEMON, "org.keepalived.Vrrp1.Vrrp", "ReloadConfig"),
                (DAEMON, "org.keepalived.Vrrp1.Control1", "Reload"),
                (object, "org.keepalived.Vrrp1.Instance", "SendGarp"),
            ] {
                let error = bus
                    .busctl_as_nobody(&["call", NAME, object, interface, method])
                    .unwrap_err();
                assert!(error.contains("denied"), "{method}: {error}");
            }
            bus.busctl(&["call", NAME, DAEMON, "org.keepalived.Vrrp1.Vrrp", "PrintData"])
                .unwrap();
            bus
        })
        .await
        .unwrap();
        control.stop().await;
        drop(bus);
    });
}
