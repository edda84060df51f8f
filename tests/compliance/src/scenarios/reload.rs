//! What a reload leaves alone, and what it changes.

use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::Scenario;
use crate::check;
use crate::daemon::until;
use crate::fifo::Fifo;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, near, same, within};
use crate::run::{HUP, Run, advert, is_garp};
use crate::scenarios::text::{VIP, named};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "A49a",
        "reload",
        6,
        "rename the instance: MASTER goes on, nobody is told",
        a49a,
    ),
    Scenario::each(
        "A49b",
        "reload",
        6,
        "swap one VIP: the other stays, both are announced",
        a49b,
    ),
    Scenario::each(
        "A49c",
        "reload",
        6,
        "lower the priority: stays MASTER with the new priority",
        a49c,
    ),
    Scenario::each(
        "A49d",
        "reload",
        7,
        "another VRID: priority 0 for the old, a fresh start for the new",
        a49d,
    ),
    Scenario::each(
        "A50",
        "reload",
        4,
        "an instance with notify_deleted is removed: DELETED",
        a50,
    ),
    Scenario::each(
        "A56a",
        "reload",
        5,
        "a FIFO made by the daemon: new at a reload, removed at the end",
        a56a,
    ),
    Scenario::each(
        "A56b",
        "reload",
        5,
        "a FIFO that was there: kept at a reload and at the end",
        a56b,
    ),
];

const TWO: &str = "10.9.0.100/24\n10.9.0.101/24";

fn config(name: &str, vrid: u8, priority: u8, addresses: &str) -> String {
    let lines = format!("version 3\npriority {priority}\nadvert_int 0.5");
    format!(
        "global_defs {{\nvrrp_notify_fifo @DIR@/fifo\n}}\n{}",
        named(name, vrid, &lines, addresses)
    )
}

/// A is MASTER with priority 200 and two addresses, between two adverts; its first announcements are over.
fn master(run: &mut Run) -> Verdict<Fifo> {
    let fifo = run.open_fifo(A, "fifo")?;
    let begin = Stamp::now();
    let text = config("V1", 51, 200, TWO).replace("advert_int 0.5", "advert_int 0.5\ngarp_master_delay 0");
    run.start(A, &text)?;
    run.wait_advert(A, begin, 5.0)?;
    run.pause(0.3);
    run.wait_advert(A, Stamp::now(), 1.0)?;
    run.pause(0.2);
    Ok(fifo)
}

fn no_gap(run: &Run, since: Stamp, longest: f64) -> Verdict {
    let seen = run.adverts(A, since);
    for pair in seen.windows(2) {
        within("distance of two adverts", pair[1].at.since(pair[0].at), 0.0, longest)?;
    }
    check!(seen.len() >= 3, "only {} adverts", seen.len());
    Ok(())
}

fn a49a(run: &mut Run) -> Verdict {
    let fifo = master(run)?;
    let before = fifo.texts().len();
    let moment = run.reload(A, &config("Renamed", 51, 200, TWO))?;
    let at_once = run.wait_advert(A, moment, 0.3)?;
    run.pause(2.0);
    no_gap(run, at_once.at.minus(0.6), 0.55)?;
    let rest = run.adverts(A, moment.plus(0.25));
    check!(!rest.is_empty(), "no advert after the reload");
    for pair in rest.windows(2) {
        near("interval after the reload", pair[1].at.since(pair[0].at), 0.5)?;
    }
    check!(
        run.adverts(A, moment)
            .iter()
            .all(|f| advert(f).is_ok_and(|a| a.priority == 200)),
        "another priority was sent"
    );
    same(
        "FIFO lines since the reload",
        fifo.texts().split_off(before),
        Vec::<String>::new(),
    )
}

fn a49b(run: &mut Run) -> Verdict {
    let fifo = master(run)?;
    let before = fifo.texts().len();
    let moment = run.reload(A, &config("V1", 51, 200, "10.9.0.100/24\n10.9.0.102/24"))?;
    run.wait_address(A, "10.9.0.102", true, 0.5)?;
    run.wait_address(A, "10.9.0.101", false, 0.5)?;
    run.wait_address(A, "10.9.0.100", true, 0.0)?;
    run.pause(1.2);
    no_gap(run, moment.minus(0.6), 0.55)?;
    let soon: Vec<_> = run
        .lab
        .capture
        .frames(moment)
        .into_iter()
        .filter(|frame| frame.at.since(moment) < 1.0)
        .collect();
    for address in ["10.9.0.100", "10.9.0.102"] {
        let count = soon.iter().filter(|frame| is_garp(frame, A, address)).count();
        same(&format!("announcements of {address}"), count, 5)?;
    }
    let last = run.adverts(A, moment).pop();
    let addresses = last.as_ref().map(advert).transpose()?.map(|a| a.addresses.len());
    same("addresses in the last advert", addresses, Some(2))?;
    same(
        "FIFO lines since the reload",
        fifo.texts().split_off(before),
        Vec::<String>::new(),
    )
}

fn a49c(run: &mut Run) -> Verdict {
    let _fifo = master(run)?;
    let moment = run.reload(A, &config("V1", 51, 50, TWO))?;
    let new = run.wait_priority(A, 50, moment, 0.5)?;
    within("advert with the new priority", new.at.since(moment), 0.0, 0.15)?;
    run.pause(1.2);
    no_gap(run, moment.minus(0.6), 0.55)?;
    let kinds: Vec<u8> = run
        .adverts(A, moment)
        .iter()
        .filter_map(|f| advert(f).ok().map(|a| a.priority))
        .collect();
    check!(kinds.iter().all(|p| *p == 200 || *p == 50), "priorities {kinds:?}");
    check!(kinds.ends_with(&[50, 50]), "priorities {kinds:?}");
    run.wait_address(A, "10.9.0.100", true, 0.0)
}

fn a49d(run: &mut Run) -> Verdict {
    let _fifo = master(run)?;
    let moment = run.reload(A, &config("V1", 61, 200, TWO))?;
    let of = |vrid: u8, zero: bool| {
        move |f: &crate::lab::capture::Frame| {
            f.from == A && advert(f).is_ok_and(|a| a.vrid == vrid && (a.priority == 0) == zero)
        }
    };
    let zero = run.wait(moment, 0.5, "priority 0 of the old VRID", of(51, true))?;
    run.wait_address(A, "10.9.0.100", false, 0.5)?;
    let first = run.wait(moment, 4.0, "an advert of the new VRID", of(61, false))?;
    within(
        "Master_Down of the new",
        first.at.since(zero.at),
        1.609 - 0.06,
        1.609 + 0.12,
    )?;
    let late = run
        .adverts(A, zero.at.plus(0.05))
        .iter()
        .filter(|f| advert(f).is_ok_and(|a| a.vrid == 51))
        .count();
    same("adverts of the old VRID after its end", late, 0)
}

fn a50(run: &mut Run) -> Verdict {
    let fifo = run.open_fifo(A, "fifo")?;
    let second = named(
        "V2",
        52,
        "version 3\npriority 200\nadvert_int 0.2\nnotify_deleted",
        "10.9.0.101/24",
    );
    let begin = Stamp::now();
    run.start(A, &format!("{}{second}", config("V1", 51, 200, VIP)))?;
    fifo.wait("INSTANCE \"V2\" MASTER 200", begin, 3.0)?;
    run.pause(0.3);
    let moment = run.reload(A, &config("V1", 51, 200, VIP))?;
    fifo.wait("INSTANCE \"V2\" DELETED 200", moment, 1.0)?;
    run.wait_address(A, "10.9.0.101", false, 0.5)?;
    check!(
        !fifo.texts().iter().any(|line| line.contains("FAULT")),
        "FAULT was told too: {:?}",
        fifo.texts()
    );
    Ok(())
}

/// Waits until the other side of a FIFO is closed.
fn end_of_file(reader: &File, limit: f64) -> Verdict {
    let closed = until(limit, || {
        let mut set = [PollFd::new(reader.as_fd(), PollFlags::empty())];
        poll(&mut set, PollTimeout::ZERO).is_ok_and(|n| n == 1)
            && set[0]
                .revents()
                .is_some_and(|events| events.contains(PollFlags::POLLHUP))
    });
    check!(closed, "the reader sees no end of file within {limit} s");
    Ok(())
}

fn open_reader(path: &Path) -> Verdict<File> {
    Ok(File::options()
        .read(true)
        .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
        .open(path)?)
}

fn a56a(run: &mut Run) -> Verdict {
    let begin = Stamp::now();
    run.start(A, &config("V1", 51, 200, VIP))?;
    run.wait_advert(A, begin, 5.0)?;
    let path = run.directory(A).join("fifo");
    let (reader, before) = (open_reader(&path)?, std::fs::metadata(&path)?);
    same("mode", before.mode() & 0o7777, 0o600)?;
    run.signal(A, HUP)?;
    end_of_file(&reader, 1.0)?;
    let renewed = until(1.0, || {
        std::fs::metadata(&path).is_ok_and(|now| now.ino() != before.ino())
    });
    check!(renewed, "the FIFO is still the old one 1 s after the reload");
    same(
        "mode after the reload",
        std::fs::metadata(&path)?.mode() & 0o7777,
        0o600,
    )?;
    run.pause(0.3);
    run.stop(A)?;
    check!(!path.exists(), "the FIFO is still there");
    Ok(())
}

fn a56b(run: &mut Run) -> Verdict {
    let directory = run.directory(A);
    std::fs::create_dir_all(&directory)?;
    let path = directory.join("fifo");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::from_bits_truncate(0o600))?;
    let before = std::fs::metadata(&path)?.ino();
    let begin = Stamp::now();
    run.start(A, &config("V1", 51, 200, VIP))?;
    run.wait_advert(A, begin, 5.0)?;
    run.signal(A, HUP)?;
    run.daemon(A)?.wait_log("Reload complete", 0, 1.0)?;
    same("inode after the reload", std::fs::metadata(&path)?.ino(), before)?;
    run.pause(0.3);
    run.stop(A)?;
    same("inode after the end", std::fs::metadata(&path)?.ino(), before)
}
