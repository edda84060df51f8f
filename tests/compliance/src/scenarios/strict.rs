//! Strict mode: what it makes of settings, and what it refuses.

use super::Scenario;
use crate::check;
use crate::daemon::Launch;
use crate::lab::Node::A;
use crate::outcome::{Verdict, same};
use crate::run::Run;
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "strict-values",
        "strict",
        3,
        "strict_mode corrects every setting that breaks the RFC, as the dump shows",
        values,
    ),
    Scenario::each(
        "strict-refusals",
        "strict",
        4,
        "strict mode: no instance without addresses or with unicast peers; without it both run",
        refusals,
    )
    .reference_deviates("2.2.7 runs with unicast peers in strict mode too"),
    Scenario::each(
        "strict-six",
        "strict",
        3,
        "strict mode: version 2 over IPv6 becomes version 3",
        six,
    ),
];

fn values(run: &mut Run) -> Verdict {
    let lines = "version 2\nstrict_mode\nstate MASTER\npriority 200\nadvert_int 1\naccept\npreempt_delay 4\n\
                 down_timer_adverts 5\ngarp_lower_prio_repeat 4\ngarp_lower_prio_delay 4\nlower_prio_no_advert off\n\
                 higher_prio_send_advert on\nauthentication {\nauth_type PASS\nauth_pass x\n}";
    run.start(A, &instance(lines, VIP))?;
    run.daemon(A)?.wait_log("Startup complete", 0, 3.0)?;
    let text = run.daemon(A)?.dump("keepalived.data", 10)?;
    for line in [
        "Wantstate = BACKUP",
        "Enforcing strict VRRP compliance",
        "Gratuitous ARP lower priority delay = 0",
        "Gratuitous ARP lower priority repeat = 0",
        "Down timer adverts = 3",
        "Send advert after receive lower priority advert = false",
        "Send advert after receive higher priority advert = false",
        "Accept = disabled",
        "Preempt = enabled",
        "Authentication type = none",
    ] {
        check!(text.lines().any(|l| l.trim() == line), "no `{line}` in {text}");
    }
    check!(!text.contains("Preempt delay"), "preempt_delay is still there");
    Ok(())
}

fn refusals(run: &mut Run) -> Verdict {
    let unicast = instance("version 3\nunicast_src_ip 10.9.0.1\nunicast_peer {\n10.9.0.3\n}", VIP);
    let none = "vrrp_instance V1 {\ninterface e0\nvirtual_router_id 51\nversion 2\n}\n".to_owned();
    for (what, text) in [("unicast peers", unicast), ("no address", none)] {
        run.start(A, &text)?;
        run.wait_state(A, "BACKUP", 0, 3.0)?;
        run.stop(A)?;
        std::fs::remove_file(run.directory(A).join("log"))?;
        let strict = Launch {
            config: format!("global_defs {{\nvrrp_strict\n}}\n{text}"),
            ..Launch::default()
        };
        run.launch(A, &strict)?;
        if run.reference() && what == "unicast peers" {
            run.wait_state(A, "BACKUP", 0, 3.0)?;
            run.stop(A)?;
            std::fs::remove_file(run.directory(A).join("log"))?;
            continue;
        }
        let status = run.daemon(A)?.wait_exit(5.0)?;
        same(
            &format!("exit status of strict mode with {what}"),
            status.code(),
            Some(2),
        )?;
    }
    Ok(())
}

fn six(run: &mut Run) -> Verdict {
    for (strict, version) in [("off", "2"), ("on", "3")] {
        let config = instance(&format!("version 2\nstrict_mode {strict}"), "fe80::100/64");
        run.start(A, &config)?;
        run.daemon(A)?.wait_log("Startup complete", 0, 3.0)?;
        let dumped = super::interfaces::data_value(run, "VRRP Version")?;
        same(
            &format!("version with strict_mode {strict}"),
            dumped,
            version.to_owned(),
        )?;
        run.stop(A)?;
        std::fs::remove_file(run.directory(A).join("log"))?;
    }
    Ok(())
}
