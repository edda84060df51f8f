//! A corpus of configurations: after the same one, both programs must have made the same of the kernel, and must leave the same behind.

mod header;
mod snapshot;

use std::time::Duration;

use header::Header;
use snapshot::Snapshot;

use crate::daemon::{Daemon, Launch, until};
use crate::lab::Node::{self, A, B};
use crate::lab::namespace::Namespace;
use crate::outcome::{Verdict, slack_seconds};
use crate::run::{HUP, Run, TERM};
use crate::{check, fail};

/// The interfaces that every configuration finds. Duplicate addresses are not looked for: that would take seconds.
const LINKS: [&str; 14] = [
    "link add e0 address 02:00:00:00:00:e0 type veth peer name p0 address 02:00:00:00:01:e0",
    "link add e1 address 02:00:00:00:00:e1 type veth peer name p1 address 02:00:00:00:01:e1",
    "link add e2 address 02:00:00:00:00:e2 type veth peer name p2 address 02:00:00:00:01:e2",
    "link set e0 up",
    "link set p0 up",
    "link set e1 up",
    "link set p1 up",
    "link set e2 up",
    "link set p2 up",
    "link add mv1 link e1 address 02:00:00:00:00:a1 type macvlan mode bridge",
    "link set mv1 up",
    "address add 10.9.0.1/24 dev e0",
    "address add 10.8.0.1/24 dev e1",
    "address add fd09::1/64 dev e0 nodad",
];

/// How long differences may last, for what the kernel does a little later.
const SETTLE: f64 = 2.5;

/// One program with a namespace of its own.
struct Side {
    daemon: Daemon,
    namespace: Namespace,
}

/// Runs both programs side by side with one configuration.
pub fn compare(run: &mut Run, text: &str) -> Verdict {
    let (text, second) = match text.split_once("\n#: then\n") {
        Some((first, second)) => (first, Some(second)),
        None => (text, None),
    };
    let header = Header::read(text)?;
    let mut original = start(run, A, &header, text)?;
    let mut ours = start(run, B, &header, text)?;
    for side in [&original, &ours] {
        wait(side, &header)?;
    }
    if header.reload || second.is_some() {
        for side in [&original, &ours] {
            if let Some(second) = second {
                side.daemon.rewrite(second)?;
            }
            side.daemon.signal(HUP)?;
        }
        std::thread::sleep(Duration::from_millis(1500));
        for side in [&mut original, &mut ours] {
            check!(side.daemon.alive()?, "it does not survive a reload");
        }
    }
    let mut found = settled("running", &original, &ours)?;
    for side in [&mut original, &mut ours] {
        side.daemon.signal(TERM)?;
    }
    for side in [&mut original, &mut ours] {
        let code = side.daemon.wait_exit(8.0 + slack_seconds())?.code();
        check!(code == Some(0), "exit status {code:?}");
    }
    found.extend(settled("stopped", &original, &ours)?);
    judge(&header, &found)
}

fn start(run: &Run, node: Node, header: &Header, text: &str) -> Verdict<Side> {
    let namespace = Namespace::new(if node == A { "original" } else { "ours" })?;
    for setting in [
        "default/accept_dad",
        "default/dad_transmits",
        "default/router_solicitations",
    ] {
        namespace.sysctl(&format!("ipv6/conf/{setting}"), "0")?;
    }
    namespace.ip(&LINKS)?;
    let addressed = || {
        namespace
            .shell("ip -6 addr show dev p2")
            .is_ok_and(|text| text.contains("fe80::ff:fe00:1e2"))
    };
    check!(until(3.0, addressed), "the interfaces get no link-local addresses");
    for line in &header.setup {
        namespace.shell(line)?;
    }
    let directory = run.directory(node);
    std::fs::create_dir_all(&directory)?;
    for (name, content) in &header.files {
        std::fs::write(directory.join(name), content)?;
    }
    let launch = Launch {
        config: text.to_owned(),
        args: header.arguments.clone(),
        ..Launch::default()
    };
    let daemon = Daemon::start(run.executable(node), &namespace, &directory, &launch)?;
    Ok(Side { daemon, namespace })
}

fn wait(side: &Side, header: &Header) -> Verdict {
    for expected in &header.expected {
        let needle = format!("entering {} state", expected.state.to_lowercase());
        let enough = || side.daemon.log().to_lowercase().matches(&needle).count() >= expected.times;
        if !until(9.0 + slack_seconds(), enough) {
            fail!("not {} times {}: {}", expected.times, expected.state, side.daemon.log());
        }
    }
    Ok(())
}

/// The differences that stay.
fn settled(when: &str, original: &Side, ours: &Side) -> Verdict<Vec<String>> {
    let mut differences = Vec::new();
    let take = |side: &Side| Snapshot::take(&side.namespace);
    let mut failure = None;
    let equal = until(SETTLE + slack_seconds(), || {
        std::thread::sleep(Duration::from_millis(250));
        match (take(original), take(ours)) {
            (Ok(original), Ok(ours)) => {
                differences = Snapshot::differences(&original, &ours);
                differences.is_empty()
            }
            (Err(stop), _) | (_, Err(stop)) => {
                failure = Some(stop);
                true
            }
        }
    });
    if let Some(stop) = failure.filter(|_| equal) {
        return Err(stop);
    }
    Ok(differences.into_iter().map(|line| format!("{when}, {line}")).collect())
}

/// Every difference must be excused, and every excuse must be needed.
fn judge(header: &Header, found: &[String]) -> Verdict {
    let excused = |line: &&String| header.excuses.iter().any(|excuse| line.contains(&excuse.pattern));
    let left: Vec<&String> = found.iter().filter(|line| !excused(line)).collect();
    if !left.is_empty() {
        let lines: Vec<String> = left.iter().map(|line| format!("\n      {line}")).collect();
        fail!("{} differences{}", left.len(), lines.concat());
    }
    for excuse in &header.excuses {
        let needed = found.iter().any(|line| line.contains(&excuse.pattern));
        check!(
            needed,
            "no difference holds `{}` any more: {}",
            excuse.pattern,
            excuse.reason
        );
    }
    Ok(())
}
