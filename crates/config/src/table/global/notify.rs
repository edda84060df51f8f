//! FIFOs, and who runs scripts.

use crate::table::decl::{EXTENSION, Keyword, Kind, Repeat, int, kw, may, must, text, want};

/// FIFOs and their readers, order and content of notifications.
pub(super) static FIFOS: &[Keyword] = &[
    kw("notify_fifo")
        .slots(&[want(text("path")), may(text("user")), may(text("group"))])
        .repeat(Repeat::First)
        .default("none")
        .values("names of all FIFOs must differ")
        .doc("FIFO that receives VRRP and checker events; opened/created with the given owner; unknown user or group makes it unset (log only)."),
    kw("notify_fifo_script")
        .slots(&[want(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .doc("Script kept running to read the notify_fifo; the FIFO path is appended as last argument."),
    kw("vrrp_notify_fifo")
        .slots(&[want(text("path")), may(text("user")), may(text("group"))])
        .repeat(Repeat::First)
        .default("none")
        .values("names of all FIFOs must differ")
        .doc("FIFO that receives VRRP events; opened/created with the given owner; unknown user or group makes it unset (log only)."),
    kw("vrrp_notify_fifo_script")
        .slots(&[want(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .doc("Script kept running to read the vrrp_notify_fifo; the FIFO path is appended as last argument."),
    kw("lvs_notify_fifo")
        .slots(&[want(text("path")), may(text("user")), may(text("group"))])
        .repeat(Repeat::First)
        .default("none")
        .values("names of all FIFOs must differ")
        .doc("FIFO that receives health-check events; opened/created with the given owner; unknown user or group makes it unset (log only)."),
    kw("lvs_notify_fifo_script")
        .slots(&[want(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .doc("Script kept running to read the lvs_notify_fifo; the FIFO path is appended as last argument."),
    kw("notify_ordered")
        .slots(&[may(Kind::Bool)])
        .since(EXTENSION)
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Run the notification scripts of each instance and group one at a time, in the order of events, with number, reason and states in the environment (see NOTIFICATION SCRIPTS); the original starts them all at once, in no order."),
    kw("notify_ordered_timeout")
        .slots(&[must(int(1, 86_400)).unit("s")])
        .since(EXTENSION)
        .default("60")
        .values("1..86400 s; else ignored")
        .doc("Longest run of a script under notify_ordered; it gets SIGTERM then, and SIGKILL two seconds later, so that the next event is told."),
    kw("vrrp_notify_priority_changes")
        .slots(&[may(Kind::Bool)])
        .default("false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Default: also write priority changes to the notify FIFOs."),
    kw("fifo_write_vrrp_states_on_reload")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Write the state of all instances and groups to the FIFOs after a reload."),
];

/// Users and security of scripts.
pub(super) static SCRIPTS: &[Keyword] = &[
    kw("script_user")
        .slots(&[want(text("user")), may(text("group"))])
        .default("keepalived_script if that user exists, else the daemon's own user")
        .values("group may be :, or :group to add supplementary groups")
        .doc("Default identity for scripts; an unknown user or group is reported and makes every later use of the default fail, so scripts relying on it are removed."),
    kw("enable_script_security")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Refuse scripts run with root rights whose path can be altered by others, and require the default script user to exist; without it any script gives -t exit 6."),
];
