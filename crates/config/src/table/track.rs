//! What can be tracked, and pacing and debouncing of interfaces.

use super::decl::{
    Block, Kind, OnBad, Repeat, Status, Surplus, choice, int, kw, may, must, rest, seconds, seconds_ms, text, want,
};

/// `garp_group`.
pub static GARP_GROUP: Block = Block::new("garp_group", &[
    kw("garp_interval")
        .slots(&[must(seconds(0, 4_294_967_295))])
        .default("unset")
        .values("0..4294.967295 s; else ignored")
        .doc("Pause between gratuitous ARPs within this group."),
    kw("gna_interval")
        .slots(&[must(seconds(0, 4_294_967_295))])
        .default("unset")
        .values("0..4294.967295 s; else ignored")
        .doc("Pause between unsolicited neighbour advertisements within this group."),
    kw("interface")
        .slots(&[must(Kind::Interface)])
        .repeat(Repeat::Yes)
        .default("none")
        .values("existing physical interface not yet in a group")
        .doc("Interface governed by this group; missing interface is fatal unless dynamic_interfaces; VMACs refused."),
    kw("interfaces")
        .names("interface")
        .repeat(Repeat::Yes)
        .default("none")
        .values("any number of names per line")
        .doc("Interfaces sharing one budget; each must exist and be in no other group; empty block reported."),
]);

/// `vrrp_script`.
pub static VRRP_SCRIPT: Block = Block::new("vrrp_script", &[
    kw("script")
        .slots(&[want(Kind::Script)])
        .default("none (mandatory)")
        .values("one (quoted) word: command with arguments; further words ignored")
        .doc("Command to run; without it the script definition is removed; a word starting with < followed by an absolute path checks that the file can be read instead of running something."),
    kw("interval")
        .slots(&[must(seconds_ms(1_000, 4_294_000_000)).replace(0, 1_000_000)])
        .default("1")
        .values("0.001..4294 s, 0 becomes 1 (reported), three decimals; else ignored")
        .doc("Time between runs."),
    kw("timeout")
        .slots(&[must(seconds_ms(1_000, 4_294_000_000)).replace(0, 1_000_000)])
        .default("value of interval")
        .values("0.001..4294 s, 0 becomes 1 (reported); else ignored")
        .doc("Time after which a running script counts as failed and is terminated."),
    kw("weight")
        .slots(&[must(int(-253, 253)), may(Kind::Literal("reverse"))])
        .surplus(Surplus::Reported)
        .default("0")
        .values("-253..253; else ignored; unknown option reported")
        .doc("Default priority change; 0 = failure means FAULT; reverse inverts the direction."),
    kw("rise")
        .slots(&[must(int(1, 2_147_483_647)).bad(OnBad::Use(1))])
        .default("1")
        .values("1..2147483647; else 1 with message")
        .doc("Successes needed to become up."),
    kw("fall")
        .slots(&[must(int(1, 2_147_483_647)).bad(OnBad::Use(1))])
        .default("1")
        .values("1..2147483647; else 1 with message")
        .doc("Failures needed to become down."),
    kw("user")
        .slots(&[must(text("user")), may(text("group"))])
        .default("script_user")
        .values("group may be : or :group; unknown removes the script")
        .doc("Identity to run as."),
    kw("init_fail")
        .status(Status::NoEffect("keepalived reads it and acts as without it"))
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Assume failure until the first result."),
]);

/// `vrrp_track_process`.
pub static VRRP_TRACK_PROCESS: Block = Block::new("vrrp_track_process", &[
    kw("process")
        .slots(&[must(text("command")), may(rest("ARGUMENT..."))])
        .repeat(Repeat::First)
        .default("none (mandatory)")
        .values("each (quoted) word is one element")
        .doc("Process to look for; arguments imply matching the whole command line; without it the entry is removed."),
    kw("param_match")
        .slots(&[may(choice(&["initial", "partial"]))])
        .default("exact")
        .values("no word = exact, also used to demand \"no arguments\"; other word reported")
        .doc("How configured arguments are compared; any form implies full_command."),
    kw("weight")
        .slots(&[want(int(-254, 254)), may(Kind::Literal("reverse"))])
        .repeat(Repeat::First)
        .default("0")
        .values("-254..254; else ignored; second value reported unless first was 0")
        .doc("Default priority change while the quorum is met/missed."),
    kw("quorum")
        .slots(&[must(int(1, 65_535))])
        .default("1")
        .values("1..65535 and not above quorum_max; else ignored")
        .doc("Minimum number of matching processes."),
    kw("quorum_max")
        .slots(&[must(int(0, 65_535))])
        .default("unlimited")
        .values("0..65535 and not below quorum (0 allowed when quorum is 1 or less: process must not run); else ignored")
        .doc("Maximum number of matching processes."),
    kw("delay")
        .slots(&[must(seconds(1, 3_600_000_000))])
        .default("0")
        .values("0.000001..3600 s; else ignored")
        .doc("Sets fork_delay and terminate_delay together."),
    kw("terminate_delay")
        .slots(&[must(seconds(1, 3_600_000_000))])
        .default("0")
        .values("0.000001..3600 s; else ignored")
        .doc("Wait after the quorum is lost before reporting failure."),
    kw("fork_delay")
        .slots(&[must(seconds(1, 3_600_000_000))])
        .default("0")
        .values("0.000001..3600 s; else ignored")
        .doc("Wait after the quorum is reached before reporting success."),
    kw("full_command")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Match the complete command line instead of the kernel process name."),
]);

/// `track_file`.
pub static TRACK_FILE: Block = Block::new("track_file", &[
    kw("file")
        .slots(&[want(text("path"))])
        .repeat(Repeat::First)
        .default("none (mandatory)")
        .values("directory must exist on a writable, inotify-capable file system; else entry removed")
        .doc("File whose first number is tracked."),
    kw("weight")
        .slots(&[want(int(-254, 254)).bad(OnBad::Use(1)), may(Kind::Literal("reverse"))])
        .repeat(Repeat::First)
        .default("1")
        .values("-254..254; else 1 with message; second value reported once the first differs from 1")
        .doc("Multiplier for the number read; 0 means non-zero = FAULT."),
    kw("init_file")
        .slots(&[may(int(-2_147_483_648, 2_147_483_647)).bad(OnBad::Use(0)).strict(), may(Kind::Literal("overwrite"))])
        .surplus(Surplus::Reported)
        .default("not written")
        .values("value -254..254 advisable (outside only reported); unknown words reported")
        .doc("Create the file with this value (0) at first start, replacing existing content when overwrite is given; never done on reload or under -t."),
]);

/// `vrrp_track_file`.
pub static VRRP_TRACK_FILE: Block = Block::new("vrrp_track_file", &[
    kw("file")
        .slots(&[want(text("path"))])
        .repeat(Repeat::First)
        .default("none (mandatory)")
        .values("directory must exist on a writable, inotify-capable file system; else entry removed")
        .doc("File whose first number is tracked."),
    kw("weight")
        .slots(&[want(int(-254, 254)).bad(OnBad::Use(1)), may(Kind::Literal("reverse"))])
        .repeat(Repeat::First)
        .default("1")
        .values("-254..254; else 1 with message; second value reported once the first differs from 1")
        .doc("Multiplier for the number read; 0 means non-zero = FAULT."),
    kw("init_file")
        .slots(&[may(int(-2_147_483_648, 2_147_483_647)).bad(OnBad::Use(0)).strict(), may(Kind::Literal("overwrite"))])
        .surplus(Surplus::Reported)
        .default("not written")
        .values("value -254..254 advisable (outside only reported); unknown words reported")
        .doc("Create the file with this value (0) at first start, replacing existing content when overwrite is given; never done on reload or under -t."),
]);

/// `linkbeat_interfaces.<item>`.
pub static LINKBEAT_INTERFACES_ITEM: Block = Block::new(
    "linkbeat_interfaces.<item>",
    &[kw("<ifname>")
        .slots(&[want(Kind::Interface), may(choice(&["MII", "ETHTOOL", "IOCTL"]))])
        .surplus(Surplus::Reported)
        .repeat(Repeat::Yes)
        .default("MII")
        .values("other or surplus words reported")
        .doc("Interface to poll and preferred method.")],
);

/// `interface_up_down_delays.<item>`.
pub static INTERFACE_UP_DOWN_DELAYS_ITEM: Block = Block::new("interface_up_down_delays.<item>", &[
    kw("<ifname>")
        .slots(&[want(Kind::Interface), want(seconds(0, 255_000_000)).bad(OnBad::Drop), may(seconds(0, 255_000_000)).bad(OnBad::Drop)])
        .default("up 0")
        .values("0..255 s, six decimals; else line dropped (log); surplus words logged")
        .doc("Debounce times in seconds; the down delay is reduced when not smaller than (down_timer_adverts-1) advert intervals; both cleared when down_timer_adverts is 1. (Manual claims a missing up delay copies the down delay.)"),
]);

/// `track_file.init_file.<arg>`.
pub static TRACK_FILE_INIT_FILE_ARG: Block = Block::new(
    "track_file.init_file.<arg>",
    &[
        kw("<value>")
            .slots(&[want(int(-254, 254)).strict()])
            .default("0")
            .values("any int; outside -254..254 reported but used; malformed 0")
            .doc("Initial content."),
        kw("overwrite")
            .repeat(Repeat::Flag)
            .default("off")
            .values("target must be a regular file, else the entry is removed")
            .doc("Replace existing content at first start."),
    ],
);

/// `vrrp_track_file.init_file.<arg>`.
pub static VRRP_TRACK_FILE_INIT_FILE_ARG: Block = Block::new(
    "vrrp_track_file.init_file.<arg>",
    &[
        kw("<value>")
            .slots(&[want(int(-254, 254)).strict()])
            .default("0")
            .values("any int; outside -254..254 reported but used; malformed 0")
            .doc("Initial content."),
        kw("overwrite")
            .repeat(Repeat::Flag)
            .default("off")
            .values("target must be a regular file, else the entry is removed")
            .doc("Replace existing content at first start."),
    ],
);
