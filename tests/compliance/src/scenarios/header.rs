//! Authentication header: one sequence over both routers.

use super::Scenario;
use crate::check;
use crate::lab::Node::{A, B};
use crate::lab::capture::{Frame, Stamp};
use crate::outcome::{Stop, Verdict, same};
use crate::run::{Run, advert};
use crate::scenarios::text::{VIP, instance};

pub const SCENARIOS: &[Scenario] = &[Scenario::each(
    "A20",
    "auth",
    14,
    "AH: the sequence goes on over a failover and back",
    a20,
)
.pairs()];

fn sequence(frame: &Frame) -> Verdict<u32> {
    let bytes = &advert(frame)?.bytes;
    same("protocol", bytes.get(9).copied(), Some(51))?;
    let field = bytes.get(28..32).and_then(|four| four.try_into().ok());
    field
        .map(u32::from_be_bytes)
        .ok_or_else(|| Stop::Fail("no sequence number".to_owned()))
}

fn a20(run: &mut Run) -> Verdict {
    let config = |priority| {
        let lines = format!(
            "version 2\npriority {priority}\nadvert_int 1\nauthentication {{\nauth_type AH\nauth_pass mypw\n}}"
        );
        instance(&lines, VIP)
    };
    let begin = Stamp::now();
    run.start(A, &config(150))?;
    run.start(B, &config(100))?;
    run.wait_advert(A, begin, 6.0)?;
    run.pause(2.2);
    check!(run.adverts(B, begin).is_empty(), "B does not accept what A signs");
    run.stop(A)?;
    run.wait_advert(B, begin, 3.0)?;
    run.pause(1.2);
    let again = Stamp::now();
    run.start(A, &config(150))?;
    run.wait_advert(A, again, 6.0)?;
    run.wait_address(B, "10.9.0.100", false, 1.0)?;
    run.pause(1.2);
    let all: Vec<Frame> = run
        .lab
        .capture
        .frames(begin)
        .into_iter()
        .filter(|frame| advert(frame).is_ok())
        .collect();
    let numbers = all.iter().map(sequence).collect::<Verdict<Vec<u32>>>()?;
    same("the first number", numbers.first().copied(), Some(1))?;
    check!(
        numbers.windows(2).all(|pair| pair[0] < pair[1]),
        "the numbers are {numbers:?}"
    );
    let good = all
        .iter()
        .all(|frame| advert(frame).is_ok_and(|a| a.checksum_good && a.auth_type == 2));
    check!(good, "wrong checksum or authentication type");
    Ok(())
}
