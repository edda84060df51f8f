//! What follows from BFD sessions.

use super::Scenario;
use crate::lab::Node::A;
use crate::lab::capture::{Frame, Stamp};
use crate::outcome::{Verdict, same};
use crate::run::{Run, advert_of};
use crate::scenarios::text::named;

pub const SCENARIOS: &[Scenario] = &[Scenario::each(
    "A39-absent",
    "bfd",
    5,
    "a BFD session without a peer is down: FAULT without weight, else the weight counts",
    absent,
)];

/// Instances by VRID: how each tracks the session, and the priority it advertises; `None` is FAULT.
const ROWS: [(u8, &str, Option<u8>); 6] = [
    (51, "weight 0", None),
    (52, "weight 0 reverse", Some(100)),
    (53, "weight 20", Some(100)),
    (54, "weight -20", Some(80)),
    (55, "weight -20 reverse", Some(120)),
    (56, "", Some(70)),
];

fn absent(run: &mut Run) -> Verdict {
    let mut config = "bfd_instance b1 {\nneighbor_ip 10.9.0.3\nsource_ip 10.9.0.1\nweight -30\n}\n".to_owned();
    for (vrid, weight, _) in ROWS {
        config += &named(
            &format!("V{vrid}"),
            vrid,
            &format!("version 3\nadvert_int 0.2\npriority 100\ntrack_bfd {{\nb1 {weight}\n}}"),
            &format!("10.9.0.{}/24", vrid + 50),
        );
    }
    let begin = Stamp::now();
    run.start(A, &config)?;
    run.wait_advert(A, begin, 3.0)?;
    run.pause(1.2);
    let frames = run.adverts(A, begin);
    for (vrid, weight, expected) in ROWS {
        let of_vrid = |frame: &Frame| advert_of(frame, A).filter(|a| a.vrid == vrid).map(|a| a.priority);
        let last = frames.iter().rev().find_map(of_vrid);
        same(&format!("priority with `b1 {weight}`"), last, expected)?;
    }
    Ok(())
}
