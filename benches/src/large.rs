//! More instances than anybody has on one machine.

use std::path::Path;
use std::time::Duration;

use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::lab::usage::{resident_kib, run_seconds};
use keepalived_compliance::outcome::Verdict;

use crate::config::Shape;
use crate::figure::{Figure, mebibytes, seconds};
use crate::pair::Pair;
use crate::tape::worst_gap;

/// 64 cables with 255 virtual routers each.
pub(crate) fn sixteen(program: &Path) -> Verdict<Vec<Figure>> {
    work(program, 64)
}

/// 257 cables with 255 virtual routers each.
pub(crate) fn sixty_five(program: &Path) -> Verdict<Vec<Figure>> {
    work(program, 257)
}

fn work(program: &Path, interfaces: usize) -> Verdict<Vec<Figure>> {
    let shape = Shape {
        interfaces,
        each: 255,
        priority: 255,
        interval: "1",
    };
    let mut pair = Pair::new(interfaces)?;
    let begin = Stamp::now();
    let daemon = pair.start(program, &pair.first, "first", &shape)?;
    let (_, ready) = pair.all_heard(begin, shape.instances(), 240.0)?;
    std::thread::sleep(Duration::from_secs(10));
    let pid = daemon.vrrp_pid()?;
    pair.tape.pause();
    let (cpu, before) = (run_seconds(pid)?, pair.sent()?);
    std::thread::sleep(Duration::from_secs(8));
    let (spent, adverts) = (run_seconds(pid)? - cpu, pair.sent()? - before);
    pair.tape.clear();
    pair.tape.resume(&pair.second)?;
    let from = Stamp::now();
    std::thread::sleep(Duration::from_secs(8));
    let quiet = worst_gap(&pair.tape.since(from), Stamp::now());
    let memory = resident_kib(pid)?;
    daemon.rewrite(&shape.text().replacen("garp_master_repeat 1", "garp_master_repeat 2", 1))?;
    let moment = Stamp::now();
    daemon.signal(1)?;
    std::thread::sleep(Duration::from_secs(20));
    let across = worst_gap(&pair.tape.since(moment.minus(1.5)), Stamp::now());
    Ok(vec![
        Figure::new("last instance sends its first advert", seconds(ready)),
        Figure::new("processor, steady", format!("{:.1} % of a core", spent / 8.0 * 100.0)),
        Figure::new("adverts per second", format!("{:.0}", adverts as f64 / 8.0)),
        Figure::new("worst gap between two adverts of one instance", seconds(quiet)),
        Figure::new("worst gap across a reload that changes one instance", seconds(across)),
        Figure::new("resident memory of the VRRP process", mebibytes(memory)),
        Figure::new(
            "resident memory per instance",
            format!("{:.2} KiB", memory as f64 / shape.instances() as f64),
        ),
    ])
}
