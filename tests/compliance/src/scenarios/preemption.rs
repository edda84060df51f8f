//! Who yields to whom.

use super::Scenario;
use crate::check;
use crate::lab::Node::{A, B, I};
use crate::lab::capture::Stamp;
use crate::lab::inject::Forged;
use crate::outcome::{Verdict, near, near_since_log, same, within};
use crate::run::{Run, advert};
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A5",
        "preemption",
        9,
        "two MASTERs of one priority: the higher address wins",
        a5,
    ),
    Scenario::each(
        "A14",
        "preemption",
        11,
        "nopreempt: takes over only after the MASTER falls silent",
        a14,
    ),
    Scenario::each(
        "A15",
        "preemption",
        10,
        "preempt_delay: lower adverts are followed until it ends",
        a15,
    ),
    Scenario::each("A44a", "preemption", 5, "two owners: the lower address yields", a44a)
        .reference_deviates("2.2.7: whichever hears the other first yields with 254"),
    Scenario::each(
        "A44b",
        "preemption",
        12,
        "two owners: the higher address warns, then yields with 254",
        a44b,
    )
    .reference_deviates("2.2.7 yields at once and keeps 254"),
    Scenario::each(
        "A45",
        "preemption",
        8,
        "a MASTER that was not scheduled for long goes BACKUP silently",
        a45,
    )
    .ours(),
    Scenario::each(
        "R48",
        "preemption",
        9,
        "a peer of higher priority starts and takes over",
        r48,
    ),
];

fn a5(run: &mut Run) -> Verdict {
    let config = instance("version 2\nstate MASTER\npriority 150\nadvert_int 1", VIP);
    let begin = Stamp::now();
    run.lab.isolate(B, true)?;
    run.start(A, &config)?;
    run.start(B, &config)?;
    run.wait_advert(A, begin, 6.0)?;
    run.wait_address(B, "10.9.0.100", true, 6.0)?;
    let joined = Stamp::now();
    run.lab.isolate(B, false)?;
    let first = run.wait_advert(B, joined, 3.0)?;
    run.wait_address(A, "10.9.0.100", false, 2.5)?;
    run.pause(0.1);
    let after = Stamp::now();
    run.expect_silence(A, after, 2.5)?;
    check!(run.adverts(B, after).len() >= 2, "the winner does not go on sending");
    check!(
        run.adverts(A, first.at)
            .iter()
            .all(|f| advert(f).is_ok_and(|a| a.priority != 0)),
        "the loser sent priority 0"
    );
    run.wait_address(B, "10.9.0.100", true, 0.1)
}

fn a14(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(
        A,
        &instance("version 2\nstate BACKUP\nnopreempt\npriority 150\nadvert_int 1", VIP),
    )?;
    run.inject_each(1.0, 6, &Forged::new(2, 100))?;
    check!(run.adverts(A, begin).is_empty(), "took over although a MASTER is there");
    let first = run.wait_advert(A, begin, 5.0)?;
    let heard = run.adverts(I, begin);
    near(
        "take-over after the last advert",
        first.at.since(heard[heard.len() - 1].at),
        3.0 + 106.0 / 256.0,
    )
}

fn a15(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(
        A,
        &instance(
            "version 2\nstate BACKUP\npreempt_delay 4\npriority 150\nadvert_int 1",
            VIP,
        ),
    )?;
    run.wait_join(A, begin, 3.0)?;
    run.pause(0.3);
    run.inject_each(0.7, 12, &Forged::new(2, 100))?;
    let heard = run.adverts(I, begin);
    let first = run.wait_advert(A, begin, 0.5)?;
    // Sent at 0, 0.7 ... 3.5 they fall into the delay and are followed; the one at 4.2 is not.
    near(
        "take-over after the last followed advert",
        first.at.since(heard[5].at),
        3.0 + 106.0 / 256.0,
    )
}

fn a44a(run: &mut Run) -> Verdict {
    let config = instance("version 2\npriority 255\nadvert_int 1", VIP);
    let begin = Stamp::now();
    run.start(A, &config)?;
    run.start(B, &config)?;
    run.wait_priority(B, 255, begin, 3.0)?;
    if run.reference() {
        run.pause(2.0);
        let settled = Stamp::now();
        run.pause(2.5);
        let both = (run.adverts(A, settled).is_empty(), run.adverts(B, settled).is_empty());
        check!(both.0 != both.1, "not exactly one of them goes on: silent {both:?}");
        return Ok(());
    }
    run.wait_address(A, "10.9.0.100", false, 2.0)?;
    let settled = Stamp::now();
    run.expect_silence(A, settled, 2.5)?;
    let still = run.adverts(B, settled);
    check!(still.len() >= 2, "the owner with the higher address does not go on");
    check!(
        still.iter().all(|frame| advert(frame).is_ok_and(|a| a.priority == 255)),
        "its priority is no longer 255"
    );
    run.wait_address(B, "10.9.0.100", true, 0.1)
}

fn a44b(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(B, &instance("version 2\npriority 255\nadvert_int 1", VIP))?;
    run.wait_priority(B, 255, begin, 3.0)?;
    let rival = Stamp::now();
    run.inject_each(0.5, 10, &Forged::new(2, 255).from([10, 9, 0, 1]))?;
    run.wait_address(B, "10.9.0.100", false, 0.5)?;
    let last = run.adverts(I, rival).pop().map_or(rival, |frame| frame.at);
    let back = run.wait_advert(B, last, 5.0)?;
    same(
        "priority of the first advert after the return",
        advert(&back)?.priority,
        254,
    )?;
    let next = run.wait(back.at, 3.0, "a second advert", |f| {
        f.from == B && f.at > back.at && advert(f).is_ok()
    })?;
    same(
        "priority of the second",
        advert(&next)?.priority,
        if run.reference() { 254 } else { 255 },
    )
}

fn a45(run: &mut Run) -> Verdict {
    let lines = "version 3\nstate BACKUP\nnopreempt\ntimer_expired_backup 200\npriority 150\nadvert_int 0.5";
    let begin = Stamp::now();
    run.start(A, &instance(lines, VIP))?;
    run.wait_priority(A, 150, begin, 4.0)?;
    run.pause(1.0);
    run.signal_worker(A, 19)?;
    run.pause(2.5);
    let (woken, before) = (Stamp::now(), run.entered(A, "BACKUP")?);
    run.signal_worker(A, 18)?;
    let backup = run.wait_state(A, "BACKUP", before, 1.0)?;
    within("BACKUP after waking up", backup.since(woken), 0.0, 0.1)?;
    let first = run.wait_advert(A, woken, 4.0)?;
    near_since_log(
        "next advert: Master_Down later",
        first.at.since(backup),
        1.5 + 106.0 / 256.0 * 0.5,
    )?;
    same("its priority", advert(&first)?.priority, 150)
}

fn r48(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(B, &instance("version 2\npriority 100\nadvert_int 1", VIP))?;
    run.wait_advert(B, begin, 6.0)?;
    let second = Stamp::now();
    run.start(A, &instance("version 2\npriority 150\nadvert_int 1", VIP))?;
    let join = run.wait_join(A, second, 3.0)?;
    let first = run.wait_advert(A, second, 6.0)?;
    within(
        "take-over after the start",
        first.at.since(join.at),
        3.414 - 0.045,
        3.414 + 0.025,
    )?;
    run.daemon(B)?.wait_log(
        "(V1) Master received advert from 10.9.0.1 with higher priority 150, ours 100",
        0,
        1.0,
    )?;
    run.wait_address(B, "10.9.0.100", false, 0.5)?;
    run.expect_silence(B, Stamp::now(), 1.5)
}
