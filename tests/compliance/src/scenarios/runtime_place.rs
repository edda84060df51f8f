//! Namespaces, privileges, scheduling, and addresses that outlive the daemon: rows 53 to 56.

use std::path::PathBuf;

use super::Scenario;
use crate::check;
use crate::daemon::{Launch, until};
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Stop, Verdict, same};
use crate::run::{Run, TERM};
use crate::scenarios::runtime_start::{private_run, quick};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "R53",
        "runtime",
        4,
        "net_namespace and instance: pid file, data file, ident",
        r53,
    ),
    Scenario::each(
        "R54a",
        "runtime",
        4,
        "not root, with NET_ADMIN, NET_RAW, NET_BIND_SERVICE: becomes MASTER",
        r54a,
    )
    .needs_root(),
    Scenario::each("R54b", "runtime", 2, "not root, without NET_RAW: exit 4", r54b).needs_root(),
    Scenario::each("R55", "runtime", 3, "vrrp_rt_priority: SCHED_RR and its limit", r55).needs_root(),
    Scenario::each(
        "R56",
        "runtime",
        6,
        "--dont-release-vrrp: the VIP stays; the next start removes it",
        r56,
    ),
];

fn r53(run: &mut Run) -> Verdict {
    let prepare = "mkdir /run/netns && ip netns add ns53 && ip -n ns53 link add e0 type veth peer name e1 && \
                   ip -n ns53 link set e1 up && ip -n ns53 link set e0 up && ip -n ns53 address add 10.9.0.1/24 dev e0 && \
                   { sleep 30 & echo $! > @DIR@/outside; } &&";
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let prepare = prepare.replace("@DIR@", &directory.to_string_lossy());
    let config = format!(
        "net_namespace ns53\ninstance ID\nglobal_defs {{\ndata_use_instance\n}}\n{}",
        quick()
    );
    let args = ["-n", "-l", "-G", "-D", "-P"].map(str::to_owned).to_vec();
    run.launch(
        A,
        &Launch {
            config,
            args,
            bare: true,
            wrapper: private_run(&prepare),
            ..Launch::default()
        },
    )?;
    run.daemon(A)?.wait_log("(V1) Entering MASTER STATE", 0, 4.0)?;
    let outside = std::fs::read_to_string(directory.join("outside"))?;
    let file = PathBuf::from(format!(
        "/proc/{}/root/run/keepalived/ns53/keepalived_ID.pid",
        outside.trim()
    ));
    let pid = run.daemon(A)?.pid();
    same("the pid file", std::fs::read_to_string(&file)?, format!("{pid}\n"))?;
    run.daemon(A)?.dump("keepalived.ns53_ID.data", 10)?;
    same("exit status", run.stop(A)?, 0)
}

/// Words that start a program as nobody with some capabilities.
fn unprivileged(capabilities: &str) -> Vec<String> {
    let text = format!(
        "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all,{capabilities} --ambient-caps -all,{capabilities}"
    );
    text.split_whitespace().map(str::to_owned).collect()
}

fn as_nobody(run: &mut Run, capabilities: &str) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(directory.join("tmp"))?;
    let nobody = nix::unistd::Uid::from_raw(65534);
    for path in [&directory, &directory.join("tmp")] {
        nix::unistd::chown(path, Some(nobody), None)?;
    }
    run.launch(
        A,
        &Launch {
            config: quick(),
            wrapper: unprivileged(capabilities),
            ..Launch::default()
        },
    )
}

fn r54a(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    as_nobody(run, "+net_admin,+net_raw,+net_bind_service")?;
    run.wait_advert(A, begin, 4.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)
}

fn r54b(run: &mut Run) -> Verdict {
    as_nobody(run, "+net_admin,+net_bind_service")?;
    same("exit status", run.daemon(A)?.wait_exit(4.0)?.code(), Some(4))
}

fn r55(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &format!("global_defs {{\nvrrp_rt_priority 20\n}}\n{}", quick()))?;
    run.wait_advert(A, begin, 3.0)?;
    let pid = run.daemon(A)?.vrrp_pid()?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // Counted from the state, which is field 3 of proc(5): rt_priority is 40, policy 41.
    if fields.get(38) == Some(&"0") && run.daemon(A)?.log().to_lowercase().contains("operation not permitted") {
        return Err(Stop::Skip("real-time scheduling is not allowed here".to_owned()));
    }
    same(
        "priority and policy",
        (fields.get(37), fields.get(38)),
        (Some(&"20"), Some(&"2")),
    )?;
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits"))?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max realtime timeout"))
        .unwrap_or_default();
    check!(line.contains("10000"), "the limit is {line:?}");
    Ok(())
}

fn r56(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.launch(
        A,
        &Launch {
            config: quick(),
            args: vec!["--dont-release-vrrp".to_owned()],
            ..Launch::default()
        },
    )?;
    run.wait_advert(A, begin, 3.0)?;
    run.wait_address(A, "10.9.0.100", true, 0.5)?;
    run.signal(A, TERM)?;
    same("exit status", run.daemon(A)?.wait_exit(5.0)?.code(), Some(0))?;
    run.wait_address(A, "10.9.0.100", true, 0.0)?;
    run.start(A, &quick().replace("advert_int 0.2", "advert_int 1"))?;
    run.wait_address(A, "10.9.0.100", false, 1.0)?;
    let back = until(5.0, || run.lab.has_address(A, [10, 9, 0, 100].into()).unwrap_or(false));
    check!(back, "it does not become MASTER again");
    Ok(())
}
