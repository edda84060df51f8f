//! The longest pause between two adverts of an instance across a reload.

use std::path::Path;
use std::time::Duration;

use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::outcome::Verdict;

use crate::config::Shape;
use crate::figure::{Figure, seconds};
use crate::pair::Pair;
use crate::tape::worst_gap;

pub(crate) fn work(program: &Path) -> Verdict<Vec<Figure>> {
    let shape = Shape::thousand(255, "1");
    let pair = Pair::new(shape.interfaces)?;
    let begin = Stamp::now();
    let daemon = pair.start(program, &pair.first, "first", &shape)?;
    pair.all_heard(begin, shape.instances(), 60.0)?;
    std::thread::sleep(Duration::from_secs(5));
    let quiet = worst_gap(&pair.tape.since(Stamp::now().minus(4.0)), Stamp::now());
    let moment = Stamp::now();
    daemon.signal(1)?;
    std::thread::sleep(Duration::from_secs(6));
    let adverts = pair.tape.since(moment.minus(1.5));
    let worst = worst_gap(&adverts, Stamp::now());
    let zeros = adverts.iter().filter(|a| a.at >= moment && a.priority == 0).count();
    Ok(vec![
        Figure::new("worst gap between two adverts of one instance before", seconds(quiet)),
        Figure::new("worst gap across the reload", seconds(worst)),
        Figure::new("adverts with priority 0", zeros.to_string()),
    ])
}
