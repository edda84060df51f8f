//! Scheduling of the VRRP, checker and BFD processes.

use crate::table::decl::{Keyword, Later, OnBad, Repeat, Status, int, kw, must, rest, want};

/// Priority, memory, processors, limits.
pub(super) static PROCESSES: &[Keyword] = &[
    kw("vrrp_priority")
        .slots(&[want(int(-20, 19)).bad(OnBad::Use(0))])
        .default("0")
        .values("-20..19; invalid or missing sets 0")
        .doc("Nice value of the VRRP process."),
    kw("vrrp_no_swap")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Lock the VRRP process in memory."),
    kw("vrrp_rt_priority")
        .slots(&[want(int(1, 99)).bad(OnBad::Clamp)])
        .default("0 (normal scheduling)")
        .values("1..99, values outside are clamped with a message; non-numeric ignored")
        .doc("Run the VRRP process with real-time round-robin scheduling at this priority."),
    kw("vrrp_cpu_affinity")
        .slots(&[want(rest("CPU..."))])
        .default("all CPUs")
        .values("0..online CPUs-1 each; one bad id discards the whole list")
        .doc("Restrict the VRRP process to these CPUs."),
    kw("vrrp_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .default("10000")
        .values("1..4294967295 us, 1 becomes 2; invalid sets 0")
        .doc("CPU time in microseconds the VRRP process may use between blocking calls while real-time scheduled."),
    kw("vrrp_rlimit_rtime")
        .canonical("vrrp_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .deprecated("vrrp_rlimit_rttime", false)
        .default("10000")
        .values("as vrrp_rlimit_rttime")
        .doc("Misspelt older form of vrrp_rlimit_rttime; logs a deprecation note."),
    kw("checker_priority")
        .slots(&[want(int(-20, 19)).bad(OnBad::Use(0))])
        .status(Status::Planned(Later::Lvs))
        .default("0")
        .values("-20..19; invalid or missing sets 0")
        .doc("Nice value of the checker process."),
    kw("checker_no_swap")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Lock the checker process in memory."),
    kw("checker_rt_priority")
        .slots(&[want(int(1, 99)).bad(OnBad::Clamp)])
        .status(Status::Planned(Later::Lvs))
        .default("0 (normal scheduling)")
        .values("1..99, values outside are clamped with a message; non-numeric ignored")
        .doc("Run the checker process with real-time round-robin scheduling at this priority."),
    kw("checker_cpu_affinity")
        .slots(&[want(rest("CPU..."))])
        .status(Status::Planned(Later::Lvs))
        .default("all CPUs")
        .values("0..online CPUs-1 each; one bad id discards the whole list")
        .doc("Restrict the checker process to these CPUs."),
    kw("checker_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .status(Status::Planned(Later::Lvs))
        .default("10000")
        .values("1..4294967295 us, 1 becomes 2; invalid sets 0")
        .doc("CPU time in microseconds the checker process may use between blocking calls while real-time scheduled."),
    kw("checker_rlimit_rtime")
        .canonical("checker_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .status(Status::Planned(Later::Lvs))
        .deprecated("checker_rlimit_rttime", false)
        .default("10000")
        .values("as checker_rlimit_rttime")
        .doc("Misspelt older form of checker_rlimit_rttime; logs a deprecation note."),
    kw("bfd_priority")
        .slots(&[want(int(-20, 19)).bad(OnBad::Use(0))])
        .status(Status::Planned(Later::Bfd))
        .default("0")
        .values("-20..19; invalid or missing sets 0")
        .doc("Nice value of the BFD process."),
    kw("bfd_no_swap")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Bfd))
        .default("off")
        .doc("Lock the BFD process in memory."),
    kw("bfd_rt_priority")
        .slots(&[want(int(1, 99)).bad(OnBad::Clamp)])
        .status(Status::Planned(Later::Bfd))
        .default("0 (normal scheduling)")
        .values("1..99, values outside are clamped with a message; non-numeric ignored")
        .doc("Run the BFD process with real-time round-robin scheduling at this priority."),
    kw("bfd_cpu_affinity")
        .slots(&[want(rest("CPU..."))])
        .status(Status::Planned(Later::Bfd))
        .default("all CPUs")
        .values("0..online CPUs-1 each; one bad id discards the whole list")
        .doc("Restrict the BFD process to these CPUs."),
    kw("bfd_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .status(Status::Planned(Later::Bfd))
        .default("10000")
        .values("1..4294967295 us, 1 becomes 2; invalid sets 0")
        .doc("CPU time in microseconds the BFD process may use between blocking calls while real-time scheduled."),
    kw("bfd_rlimit_rtime")
        .canonical("bfd_rlimit_rttime")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(0)).replace(1, 2).unit("us")])
        .status(Status::Planned(Later::Bfd))
        .deprecated("bfd_rlimit_rttime", false)
        .default("10000")
        .values("as bfd_rlimit_rttime")
        .doc("Misspelt older form of bfd_rlimit_rttime; logs a deprecation note."),
];
