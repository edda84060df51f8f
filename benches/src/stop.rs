//! A clean stop of a thousand masters.

use std::path::Path;
use std::time::Duration;

use keepalived_compliance::daemon::until;
use keepalived_compliance::lab::capture::Stamp;
use keepalived_compliance::outcome::Verdict;

use crate::config::Shape;
use crate::figure::{Figure, millis};
use crate::pair::Pair;
use crate::watch::Watch;

pub(crate) fn work(program: &Path) -> Verdict<Vec<Figure>> {
    let shape = Shape::thousand(255, "1");
    let pair = Pair::new(shape.interfaces)?;
    let watch = Watch::start(&pair.first)?;
    let begin = Stamp::now();
    let mut daemon = pair.start(program, &pair.first, "first", &shape)?;
    pair.all_heard(begin, shape.instances(), 60.0)?;
    until(20.0, || watch.since(begin, true).len() >= shape.instances());
    std::thread::sleep(Duration::from_secs(1));
    let moment = Stamp::now();
    daemon.signal(15)?;
    daemon.wait_exit(30.0)?;
    let exit = Stamp::now().since(moment);
    std::thread::sleep(Duration::from_millis(100));
    let resigned: Vec<_> = pair
        .tape
        .since(moment)
        .into_iter()
        .filter(|a| a.priority == 0)
        .collect();
    Ok(vec![
        Figure::new("adverts with priority 0", resigned.len().to_string()),
        Figure::new(
            "last of them",
            millis(resigned.last().map_or(f64::NAN, |advert| advert.at.since(moment))),
        ),
        Figure::new(
            "last address gone",
            millis(
                watch
                    .since(moment, false)
                    .last()
                    .map_or(f64::NAN, |at| at.since(moment)),
            ),
        ),
        Figure::new("process ended", millis(exit)),
    ])
}
