//! Cold start: a thousand owners, from the start of the process.

use std::path::Path;

use keepalived_compliance::daemon::until;
use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::lab::usage::resident_kib;
use keepalived_compliance::outcome::Verdict;

use crate::config::Shape;
use crate::figure::{Figure, mebibytes, seconds};
use crate::pair::Pair;
use crate::watch::Watch;

pub(crate) fn work(program: &Path) -> Verdict<Vec<Figure>> {
    let shape = Shape::thousand(255, "1");
    let pair = Pair::new(shape.interfaces)?;
    let watch = Watch::start(&pair.first)?;
    let begin = Stamp::now();
    let daemon = pair.start(program, &pair.first, "first", &shape)?;
    let (first, last) = pair.all_heard(begin, shape.instances(), 60.0)?;
    let complete = until(20.0, || watch.since(begin, true).len() >= shape.instances());
    let set = watch.since(begin, true).last().map_or(f64::NAN, |at| at.since(begin));
    let memory = resident_kib(daemon.vrrp_pid()?)?;
    Ok(vec![
        Figure::new("first advert of the first", seconds(first)),
        Figure::new("first advert of the last", seconds(last)),
        Figure::new(
            "all addresses set",
            if complete {
                seconds(set)
            } else {
                "not within 20 s".to_owned()
            },
        ),
        Figure::new("resident memory of the VRRP process", mebibytes(memory)),
    ])
}
