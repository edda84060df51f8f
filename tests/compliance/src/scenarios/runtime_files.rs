//! Dumps, FIFOs, scripts and the link: rows 14 to 16 and 34 to 37.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

use super::Scenario;
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, near, same};
use crate::run::Run;
use crate::scenarios::runtime_start::quick_master;
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "R14",
        "runtime",
        4,
        "SIGUSR1: data dumps, mode 0600, no password in them",
        r14,
    )
    .reference_deviates("2.2.7 shows the password"),
    Scenario::each("R15", "runtime", 5, "SIGUSR2 and the clearing signal: counters", r15),
    Scenario::each(
        "R16",
        "runtime",
        4,
        "JSON dump: one line, mode 0600, an array of data and stats",
        r16,
    ),
    Scenario::each(
        "R34",
        "runtime",
        4,
        "a FIFO without reader keeps its lines for one that comes later",
        r34,
    ),
    Scenario::each(
        "R35",
        "runtime",
        3,
        "a regular file where the FIFO should be: not used, the daemon runs",
        r35,
    )
    .reference_deviates("2.2.7 says nothing and writes to the file"),
    Scenario::each("R36", "runtime", 4, "arguments of the generic script", r36).needs_root(),
    Scenario::each(
        "R37",
        "runtime",
        5,
        "link down: FAULT; up: BACKUP, MASTER after Master_Down",
        r37,
    ),
];

fn with_password() -> String {
    instance(
        "version 2\npriority 200\nstate MASTER\nadvert_int 1\nauthentication {\nauth_type PASS\nauth_pass geheim\n}",
        VIP,
    )
}

fn mode(run: &Run, name: &str) -> Verdict<u32> {
    Ok(std::fs::metadata(run.directory(A).join("tmp").join(name))?
        .permissions()
        .mode()
        & 0o7777)
}

fn r14(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &with_password())?;
    run.wait_join(A, begin, 3.0)?;
    let text = run.daemon(A)?.dump("keepalived.data", 10)?;
    for name in ["keepalived.data", "keepalived_parent.data"] {
        same(name, mode(run, name)?, 0o600)?;
    }
    for line in [
        "------< Global definitions >------",
        "------< VRRP Topology >------",
        " VRRP Instance = V1",
        "   State = BACKUP",
        "   Interface = e0",
        "   Virtual Router ID = 51",
        "   Priority = 200",
        "   Effective priority = 200",
        "   Authentication type = SIMPLE_PASSWORD",
        "     10.9.0.100/24 dev e0 scope global",
    ] {
        check!(
            text.lines().any(|found| found.trim_end() == line),
            "no line {line:?} in keepalived.data"
        );
    }
    same(
        "whether the password is shown",
        text.contains("geheim"),
        run.reference(),
    )
}

fn r15(run: &mut Run) -> Verdict {
    quick_master(run)?;
    run.pause(1.0);
    let first = run.counter(A, "Advertisements/Sent")?;
    check!(first >= 4, "only {first} adverts counted");
    let text = run.daemon(A)?.dump("keepalived.stats", 63)?;
    let sent = |text: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix("Sent: ")?.parse::<u64>().ok())
    };
    check!(sent(&text) >= Some(first), "the clearing signal wrote {text}");
    let after = run.counter(A, "Advertisements/Sent")?;
    check!(after < 4, "{after} adverts counted right after clearing");
    same("mode", mode(run, "keepalived.stats")?, 0o600)?;
    same(
        "times it became MASTER, after clearing",
        run.counter(A, "Became master")?,
        0,
    )
}

fn r16(run: &mut Run) -> Verdict {
    quick_master(run)?;
    let text = run.daemon(A)?.dump("keepalived.json", 36)?;
    same("mode", mode(run, "keepalived.json")?, 0o600)?;
    same("lines", text.lines().count(), 1)?;
    check!(
        text.starts_with("[{\"data\":{\"iname\":\"V1\",\"dont_track_primary\":0,"),
        "it begins {:.60}",
        text
    );
    let fields = [
        "\"vrid\":51",
        "\"base_priority\":200",
        "\"effective_priority\":200",
        "\"vipset\":true",
        "\"state\":2",
        "\"version\":3",
        "\"ifp_ifname\":\"e0\"",
        "\"stats\":{",
        "\"become_master\":1",
        "\"pri_zero_sent\":0",
    ];
    let squeezed: String = text.split_whitespace().collect();
    for field in fields {
        check!(squeezed.contains(field), "no {field} in {text}");
    }
    check!(
        text.contains("\"10.9.0.100\\/24 dev e0 scope global set\""),
        "the address in {text}"
    );
    Ok(())
}

fn with_fifo() -> String {
    format!(
        "global_defs {{\nvrrp_notify_fifo @DIR@/fifo\n}}\n{}",
        instance("version 3\npriority 100\nadvert_int 0.2", VIP)
    )
}

fn r34(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &with_fifo())?;
    run.wait_advert(A, begin, 3.0)?;
    run.pause(0.2);
    let path = run.directory(A).join("fifo");
    let mut reader = File::options()
        .read(true)
        .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
        .open(path)?;
    let mut buffer = [0u8; 4096];
    let length = reader.read(&mut buffer)?;
    let lines = "INSTANCE \"V1\" BACKUP 100\nINSTANCE \"V1\" MASTER 100\n";
    same(
        "what the late reader gets",
        String::from_utf8_lossy(&buffer[..length]).into_owned(),
        lines.to_owned(),
    )
}

fn r35(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    std::fs::write(directory.join("fifo"), "mine\n")?;
    let begin = Stamp::now();
    run.start(A, &with_fifo())?;
    run.wait_advert(A, begin, 3.0)?;
    run.pause(0.2);
    let logged = run.daemon(A)?.log().contains("is not a fifo");
    check!(logged || run.reference(), "it is not logged");
    same(
        "the file",
        std::fs::read_to_string(directory.join("fifo"))?,
        if run.reference() {
            "INSTANCE \"V1\" BACKUP 100\nINSTANCE \"V1\" MASTER 100\n"
        } else {
            "mine\n"
        }
        .to_owned(),
    )
}

fn r36(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let script = directory.join("told.sh");
    std::fs::write(
        &script,
        format!("#!/bin/sh\necho \"$(id -un) $*\" >> {}/told\n", directory.display()),
    )?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
    let lines = "version 3\npriority 100\nadvert_int 0.2\nnotify \"@DIR@/told.sh first second\"";
    let begin = Stamp::now();
    run.start(A, &instance(lines, VIP))?;
    run.wait_advert(A, begin, 3.0)?;
    run.pause(0.5);
    run.stop(A)?;
    let told = std::fs::read_to_string(directory.join("told"))?;
    let expected: Vec<String> = ["BACKUP", "MASTER", "STOP"]
        .iter()
        .map(|state| format!("root first second INSTANCE V1 {state} 100"))
        .collect();
    same(
        "what the script was told",
        told.lines().map(str::to_owned).collect(),
        expected,
    )
}

fn r37(run: &mut Run) -> Verdict {
    quick_master(run)?;
    run.pause(0.3);
    run.lab.node(A).ip(&["link set e0 down"])?;
    run.daemon(A)?.wait_log("(V1) Entering FAULT STATE", 0, 1.0)?;
    check!(
        run.daemon(A)?.log().contains("Netlink reports e0 down"),
        "the cause is not logged"
    );
    run.wait_address(A, "10.9.0.100", false, 0.5)?;
    let up = Stamp::now();
    run.lab.node(A).ip(&["link set e0 up"])?;
    run.daemon(A)?.wait_log("(V1) Entering BACKUP STATE", 1, 1.0)?;
    let first = run.wait_advert(A, up, 3.0)?;
    near(
        "MASTER after the link came up",
        first.at.since(up),
        0.6 + 0.2 * 56.0 / 256.0 + 0.01,
    )?;
    run.wait_address(A, "10.9.0.100", true, 0.5)
}
