//! Files: their mode, reloading, includes, places, dumps.

use crate::table::decl::{
    Block, Keyword, Kind, ReloadEffect, Repeat, Status, Surplus, int, kw, may, must, rest, rest_of, text, want,
};

/// Mode, reloading, includes, places, dumps.
pub(super) static FILES: &[Keyword] = &[
    kw("umask")
        .slots(&[must(rest("NUMBER | BIT[|BIT...]"))])
        .default("0177")
        .values("0..0777 in C notation, or IRUSR.. names joined by |; else ignored")
        .doc("File creation mask of the daemon; ignored (log only) if given on the command line."),
    kw("random_seed")
        .slots(&[must(int(0, 4_294_967_295)).strict()])
        .status(Status::NoEffect("keepalived stores the number and never uses it"))
        .reload(ReloadEffect::AtStart)
        .default("time of day")
        .values("0..4294967295; else ignored")
        .doc("Meant to make ${_RANDOM} reproducible; it is stored and has no effect."),
    kw("reload_check_config")
        .slots(&[may(text("file"))])
        .default("off; bare keyword = null device")
        .values("path")
        .doc("Validate the configuration in a separate process before a reload is carried out; side effect: any configuration error reported by a child while loading (also at first start) ends that child with exit 2."),
    kw("reload_time_file")
        .slots(&[want(text("path"))])
        .surplus(Surplus::Refused)
        .default("none")
        .values("exactly one word; else ignored")
        .doc("File whose first line schedules a reload: HH:MM:SS, or date YY-MM-DD / YYYY-MM-DD plus time, optional trailing Z for UTC."),
    kw("reload_repeat")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not delete reload_time_file after the reload, so a time without date repeats daily."),
    kw("reload_file")
        .slots(&[may(text("path"))])
        .default("off; bare keyword = keepalived.reload beside the PID file")
        .values("path")
        .doc("File created/truncated while configuration is being read and deleted afterwards, as a hand-shake with configuration writers."),
    kw("include_check")
        .slots(&[may(rest_of("([+|-]TYPE)*", &GLOBAL_DEFS_INCLUDE_CHECK_ARG))])
        .repeat(Repeat::Merged)
        .default("no checks")
        .values("read, match, wildcard_match, brace_match; bare keyword = all")
        .doc("Which failures of include lines are treated as configuration file errors; restored to its previous value when an included file ends."),
    kw("config_save_dir")
        .slots(&[must(text("directory"))])
        .default("off")
        .values("created with mode 0700 if its parent exists; else reported")
        .doc("Debug aid: copies of the consolidated configuration are saved here at each load."),
    kw("tmp_config_directory")
        .slots(&[want(text("directory"))])
        .repeat(Repeat::First)
        .reload(ReloadEffect::Refused)
        .default("anonymous memory file")
        .values("existing writable directory")
        .doc("Keep the consolidated configuration copy in an unnamed file on this file system instead of memory; not changeable on reload."),
    kw("data_use_instance")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Include instance and namespace names in the names of dump files."),
    kw("json_version")
        .slots(&[want(int(1, 2))])
        .since("2.2.8")
        .default("1")
        .values("1 or 2; else ignored")
        .doc("Layout of the JSON dump: 2 wraps the instances in a named member and adds process tracking. (build: json)"),
    kw("iproute_usr_dir")
        .slots(&[want(text("directory"))])
        .surplus(Surplus::Refused)
        .since("2.3.2")
        .default("build-time value")
        .values("exactly one word; else ignored")
        .doc("Vendor directory of the iproute2 name tables (rt_tables, rt_protos, ...)."),
    kw("iproute_etc_dir")
        .slots(&[want(text("directory"))])
        .surplus(Surplus::Refused)
        .since("2.3.2")
        .default("build-time value")
        .values("exactly one word; else ignored")
        .doc("Administrator directory of the iproute2 name tables; its files take precedence."),
    kw("state_dump_file")
        .slots(&[want(text("path"))])
        .since("2.3.3")
        .default("keepalived*.data in the temporary directory")
        .values("non-empty word; trailing / = directory, no leading / = inside the temporary directory")
        .doc("Location/template of the SIGUSR1 state dumps; process suffixes (_parent, _check, _bfd) are inserted before the extension. (Manual calls it state_file_location, which is not accepted.)"),
    kw("stats_dump_file")
        .slots(&[want(text("path"))])
        .since("2.3.3")
        .default("keepalived.stats in the temporary directory")
        .values("non-empty word")
        .doc("Location of the SIGUSR2 statistics file; keepalived 2.4.3 accepts it and does not use it."),
    kw("json_dump_file")
        .slots(&[want(text("path"))])
        .since("2.3.3")
        .default("keepalived.json in the temporary directory")
        .values("non-empty word")
        .doc("Location of the JSON dump; keepalived 2.4.3 accepts it and does not use it."),
];

/// `global_defs.include_check.<arg>`.
pub static GLOBAL_DEFS_INCLUDE_CHECK_ARG: Block = Block::new(
    "global_defs.include_check.<arg>",
    &[
        kw("read")
            .repeat(Repeat::Merged)
            .default("off")
            .values("prefix + adds, - removes, none replaces (first word only) and always includes read")
            .doc("Error when a matching file cannot be read, is a directory, executable or not regular."),
        kw("match")
            .repeat(Repeat::Merged)
            .default("off")
            .values("prefix + adds, - removes, none replaces (first word only) and always includes read")
            .doc("Error when a name without wildcard matches nothing."),
        kw("wildcard_match")
            .repeat(Repeat::Merged)
            .default("off")
            .values("prefix + adds, - removes, none replaces (first word only) and always includes read")
            .doc("Error when a wildcard matches nothing."),
        kw("brace_match")
            .repeat(Repeat::Merged)
            .default("off")
            .values("prefix + adds, - removes, none replaces (first word only) and always includes read")
            .doc("Error when one alternative of a brace expression matches nothing."),
    ],
);

/// `global_defs.umask.<arg>`.
pub static GLOBAL_DEFS_UMASK_ARG: Block = Block::new(
    "global_defs.umask.<arg>",
    &[kw("<bits>")
        .slots(&[want(rest(
            "IRUSR IWUSR IXUSR IRWXU IRGRP IWGRP IXGRP IRWXG IROTH IWOTH IXOTH IRWXO joined by |",
        ))])
        .repeat(Repeat::Yes)
        .values("blanks around | allowed; other syntax reported, mask unchanged")
        .doc("Symbolic mask bits.")],
);
