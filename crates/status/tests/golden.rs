//! Our dumps against those of Debian's keepalived 2.2.7 for the same instances in the same situation.
//!
//! The reference for our form is 2.4.3: `as_2_2_7` and the tests undo exactly its documented differences (`runtime.md` 7.2, 7.4).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{net::IpAddr, sync::Arc};

use keepalived_model::{
    address::{Address, Prefixed},
    global::Global,
    script::{Command, Credentials, NotifyScripts},
    time::Micros,
    units::{Family, IfName, Priority, Secret, Version, Vrid},
    vrrp::{
        self, AuthHmac, Authentication, Checksum, Garp, HmacMode, Peer, Preemption, TrackRef, Tracking, Transport,
        Vmac, WantState,
    },
};
use keepalived_status::{
    Applied, Faults, Instance, InstanceId, Master, Settings, Snapshot, State, Wall,
    render::{self, Zone},
};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn address(text: &str, len: u8) -> Address {
    Address::plain(Prefixed::new(ip(text), len).unwrap())
}

fn script(argv: &[&str]) -> Option<Box<Command>> {
    Some(Box::new(Command {
        argv: argv.iter().map(|w| (*w).into()).collect(),
        credentials: Some(Credentials {
            uid: 0,
            gid: 0,
            groups: vec![],
        }),
        user: None,
        group: None,
    }))
}

/// An instance with keepalived's defaults.
fn wanted(name: &str, vrid: u8, version: Version, family: Family) -> vrrp::Instance {
    let group = if family == Family::V4 { "224.0.0.18" } else { "ff02::12" };
    vrrp::Instance {
        name: name.into(),
        vrid: Vrid::new(vrid).unwrap(),
        family,
        version,
        interface: IfName::new("veth0"),
        vrf: None,
        want_state: WantState::Backup,
        priority: Priority::new(90).unwrap(),
        advert_interval: Micros::SECOND,
        down_timer_adverts: 3,
        transport: Transport::Multicast {
            group: ip(group),
            source: None,
        },
        track_src_ip: false,
        dont_track_primary: false,
        authentication: Authentication::None,
        auth_hmac: None,
        addresses: vec![],
        excluded_addresses: vec![],
        routes: vec![],
        rules: vec![],
        promote_secondaries: false,
        preemption: Preemption::Immediate,
        timer_expired_backup: None,
        accept: true,
        strict: false,
        skip_check_adv_addr: false,
        lower_prio_no_advert: false,
        higher_prio_send_advert: false,
        owner_ignore_adverts: false,
        checksum: Checksum::default(),
        garp: Garp {
            delay: Micros::from_secs(5),
            repeat: 5,
            refresh: Micros::ZERO,
            refresh_repeat: 1,
            lower_prio_delay: Micros::from_secs(5),
            lower_prio_repeat: 5,
            extra_if: Micros::ZERO,
            extra_if_all: false,
        },
        vmac: None,
        track: Tracking::default(),
        notify: NotifyScripts::default(),
        notify_deleted: false,
        notify_priority_changes: false,
        smtp_alert: false,
        kernel_rx_buf_size: None,
        linkbeat_use_polling: false,
        lvs_sync_daemon_interface: None,
        debug: 0,
        config_fault: None,
    }
}

/// What `vrrp_strict` and the garp settings of the second run change.
fn strict(w: &mut vrrp::Instance) {
    w.strict = true;
    w.accept = false;
    w.lower_prio_no_advert = true;
    w.garp.refresh = Micros::from_secs(60);
    w.garp.lower_prio_delay = Micros::ZERO;
    w.garp.lower_prio_repeat = 0;
}

fn instance(w: &vrrp::Instance, state: State, at: u64, down: u64, sockets: (i32, i32)) -> Instance {
    let mut i = Instance::new(InstanceId(0), Arc::new(Settings::new(w, None)));
    i.live.state = state;
    i.live.want_state = state;
    i.live.last_transition = Some(Wall(at));
    i.live.master_down_timer = Micros(down);
    i.live.sockets = Some(sockets);
    i.live.last_advert_sent = Some(Wall(1));
    i
}

fn native_ipv6() -> Instance {
    let mut w = wanted("VI_6", 60, Version::V3, Family::V6);
    w.advert_interval = Micros::from_millis(500);
    w.preemption = Preemption::Delayed(Micros::from_secs(5));
    w.addresses = vec![address("fe80::100", 64), address("2001:db8::5", 128)];
    let mut i = instance(&w, State::Master, 1_795_222_245_406_020, 1_824_218, (17, 18));
    i.live.next_timeout = Some(Wall(1_795_222_249_906_600));
    i.live.source = Some(ip("fe80::ac1a:5fff:fe02:d37c"));
    i.live.ifindex = Some(3);
    i.live.addresses = Applied::All;
    i.statistics.advert_sent = 9;
    i.statistics.become_master = 1;
    i
}

fn unicast() -> Instance {
    let mut w = wanted("VI_U", 61, Version::V2, Family::V4);
    w.priority = Priority::new(50).unwrap();
    w.preemption = Preemption::Disabled;
    w.transport = Transport::Unicast {
        source: Some(ip("10.9.0.1")),
        peers: vec![Peer {
            address: ip("10.9.0.9"),
            min_ttl: 0,
            max_ttl: 255,
        }],
        ttl: None,
        check_source: false,
    };
    w.addresses = vec![address("10.9.0.222", 32)];
    let mut i = instance(&w, State::Master, 1_795_222_247_386_780, 3_804_687, (19, 20));
    i.live.next_timeout = Some(Wall(1_795_222_250_386_894));
    i.live.addresses = Applied::All;
    i.statistics.advert_sent = 3;
    i.statistics.become_master = 1;
    i
}

fn backup_with_vmac() -> Instance {
    let mut w = wanted("VI_V", 70, Version::V3, Family::V4);
    strict(&mut w);
    w.advert_interval = Micros::from_millis(500);
    w.vmac = Some(Box::new(Vmac {
        for_instance: true,
        ..Vmac::default()
    }));
    w.addresses = vec![address("10.9.0.170", 24)];
    let mut i = instance(&w, State::Backup, 1_795_222_304_487_627, 1_824_218, (23, 24));
    i.live.interface = IfName::new("vrrp.70");
    i.live.vmac_up = true;
    i.live.source = Some(ip("10.9.0.1"));
    i.live.next_timeout = Some(Wall(1_795_222_314_030_769));
    i.live.master = Some(Master {
        address: ip("10.9.0.2"),
        priority: 150,
        interval: Micros::from_millis(500),
    });
    i.statistics.advert_rcvd = 13;
    i
}

fn fault() -> Instance {
    let mut w = wanted("VI_F", 71, Version::V3, Family::V4);
    strict(&mut w);
    w.dont_track_primary = true;
    w.addresses = vec![address("10.9.0.171", 24)];
    let tracked = |name: &str, weight| TrackRef {
        name: name.into(),
        weight,
        reverse: false,
    };
    w.track.interfaces = vec![tracked("veth2", 10), tracked("veth3", 0)];
    w.notify_deleted = true;
    w.notify.fault = script(&["/usr/bin/echo", "f"]);
    w.notify.stop = script(&["/usr/bin/echo", "a b", "c"]);
    w.notify.master_rx_lower_pri = script(&["/usr/bin/echo", "f"]);
    let mut i = instance(&w, State::Fault, 1_795_222_311_476_496, 3_648_437, (21, 22));
    i.live.source = Some(ip("10.9.0.1"));
    i.live.faults = Faults {
        interfaces: 1,
        ..Faults::default()
    };
    i.statistics.advert_sent = 5;
    i.statistics.become_master = 1;
    i.statistics.release_master = 1;
    i.statistics.pri_zero_sent = 1;
    i
}

fn snapshot() -> Snapshot {
    Snapshot {
        instances: vec![native_ipv6(), unicast(), backup_with_vmac(), fault()],
        ..Snapshot::default()
    }
}

/// Undoes what 2.4.3 prints differently from 2.2.7.
fn as_2_2_7(dump: &str) -> String {
    let mut out = String::new();
    let mut name = "";
    for line in dump
        .lines()
        .skip_while(|l| *l != "------< VRRP Topology >------")
        .skip(1)
    {
        name = line.strip_prefix(" VRRP Instance = ").unwrap_or(name);
        if line.starts_with("------<") {
            break;
        } else if line.starts_with("   Flags of interface faults") {
            let down = usize::from(line.contains("i/f down"));
            out = out.replace("faults = @", &format!("faults = {down}"));
        } else if line.starts_with("   Number of tracker faults") {
            // 2.2.7 has one number for trackers and interfaces.
            assert!(line.ends_with("= 0"), "the runs had no failing trackers");
            out.push_str("   Number of interface and track script faults = @\n");
        } else if line == "   Flags: none" && ["VI_V", "VI_F"].contains(&name) {
            // 2.2.7 counts a flag of strict instances that it has no words for.
            out.push_str("   Flags:\n");
        } else if !line.starts_with("   Last advert sent") {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_data_dump_reads_as_the_original() {
    let ours = as_2_2_7(&written(|out| render::data(out, &snapshot(), Zone::UTC)));
    let theirs = include_str!("golden/instances.data");
    for (a, b) in ours.lines().zip(theirs.lines()) {
        assert_eq!(a, b);
    }
    assert_eq!(ours, theirs);
}

/// Lines of 2.2.7 that we leave out: the version of a library that we do not use, and the ids of a default user, whom we name.
const NOT_OURS: [&str; 2] = [" libnftnl version", " Default script uid:gid"];

#[test]
fn global_definitions_read_as_the_original() {
    let mut global = Global::default();
    global.script_policy.security = true;
    global.script_policy.user = Some("root".into());
    let mut snapshot = Snapshot::default();
    snapshot.daemon.router_id = "lab1".into();
    snapshot.daemon.global = Arc::new(global);
    let ours = written(|out| render::data(out, &snapshot, Zone::UTC));
    let ours = ours.replace(" Default script user = root\n", "");
    let theirs = include_str!("golden/global.data").lines();
    let theirs: Vec<_> = theirs
        .filter(|l| !NOT_OURS.iter().any(|not| l.starts_with(not)))
        .collect();
    assert_eq!(ours.lines().collect::<Vec<_>>(), theirs);
}

#[test]
fn statistics_read_as_the_original() {
    let ours = written(|out| render::stats(out, &snapshot().instances[..2]));
    let extension = "  Authentication Extension Errors:\n    Missing: 0\n    Malformed: 0\n    Unknown Key: 0\n    Invalid HMAC: 0\n    Stale: 0\n    Replay: 0\n";
    assert_eq!(ours.matches(extension).count(), 2);
    assert_eq!(ours.replace(extension, ""), include_str!("golden/instances.stats"));
}

#[test]
fn json_is_that_of_the_original() {
    let ours = written(|out| render::json(out, &snapshot(), 1));
    let extension = concat!(
        "\"auth_ext_missing\":0,\"auth_ext_malformed\":0,\"auth_ext_unknown_key\":0,",
        "\"auth_ext_invalid_hmac\":0,\"auth_ext_stale\":0,\"auth_ext_replay\":0,"
    );
    assert_eq!(ours.matches(extension).count(), 4);
    assert_eq!(ours.replace(extension, ""), include_str!("golden/instances.json"));
}

#[test]
fn json_version_2_wraps_version_1() {
    let one = written(|out| render::json(out, &snapshot(), 1));
    let two = written(|out| render::json(out, &snapshot(), 2));
    assert_eq!(two, format!("{{\"vrrp\":{},\"track_process\":[]}}\n", one.trim_end()));
}

#[test]
fn no_secret_reaches_status() {
    let mut w = wanted("VI_1", 1, Version::V2, Family::V4);
    w.authentication = Authentication::Password(Secret::new(&b"hunter2!"[..]));
    let mut signed = wanted("VI_2", 2, Version::V3, Family::V4);
    signed.auth_hmac = Some(Box::new(AuthHmac {
        keys: vec![(7, Secret::new(*b"hunter2!hunter2!hunter2!hunter2!"))],
        active_key: 7,
        monotonic: false,
        window: Micros::from_secs(5),
        mode: HmacMode::Enforce,
    }));
    let mut s = snapshot();
    s.instances = vec![
        instance(&w, State::Master, 1, 1, (1, 2)),
        instance(&signed, State::Master, 2, 1, (1, 2)),
    ];
    let text = written(|out| render::data(out, &s, Zone::UTC)) + &written(|out| render::json(out, &s, 2));
    assert!(text.contains("Password = ********") && text.contains("\"auth_data\":\"********\""));
    assert!(!format!("{text}{s:?}").contains("hunter2"));
}

/// Every line of OpenMetrics is a comment or one sample; a family has its type before its samples and comes once.
#[test]
fn metrics_are_well_formed() {
    let mut s = snapshot();
    let mut w = wanted("quote\"back\\slash\nline", 9, Version::V3, Family::V4);
    w.interface = None;
    s.instances.push(instance(&w, State::Init, 1, 1, (1, 2)));
    let text = written(|out| render::metrics(out, &s));
    assert!(text.ends_with("# EOF\n"));
    let mut families: Vec<&str> = Vec::new();
    for line in text.lines().take_while(|line| *line != "# EOF") {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let family = family.split(' ').next().unwrap();
            assert!(!families.contains(&family), "{family} twice");
            families.push(family);
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with(families.last().unwrap()), "{line}");
            value.parse::<f64>().unwrap();
        }
    }
    let labels = r#"{instance="VI_V",interface="veth0",vrid="70",family="IPv4"}"#;
    assert!(text.contains(&format!("keepalived_vrrp_state{labels} 1\n")));
    assert!(text.contains(&format!("keepalived_vrrp_adverts_received_total{labels} 13\n")));
    assert!(
        text.contains(r#"instance="quote\"back\\slash\nline",interface="","#),
        "{text}"
    );
}
