//! `vrrp_sync_group` and `track_group`.

use super::decl::{Block, EXTENSION, Kind, OnBad, Repeat, choice, int, kw, may, must, text, want};

/// `track_group`.
pub static TRACK_GROUP: Block = Block::new("track_group", &[
    kw("group")
        .names("vrrp_instance")
        .repeat(Repeat::First)
        .values("any number of names per line")
        .doc("Instances belonging to the track group, resolved after parsing; unknown names are dropped (log only); a second group block is reported and ignored."),
]);

/// `vrrp_sync_group`.
pub static VRRP_SYNC_GROUP: Block = Block::new("vrrp_sync_group", &[
    kw("group")
        .names("vrrp_instance")
        .repeat(Repeat::First)
        .values("any number of names per line")
        .doc("Member instances, resolved after parsing; unknown members and members of another group are reported and skipped; a second group block is reported and ignored."),
    kw("track_interface")
        .items(&VRRP_SYNC_GROUP_TRACK_INTERFACE_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one interface per line")
        .doc("Interfaces tracked for all member instances; unweighted ones cause FAULT when down; a missing interface is fatal unless dynamic_interfaces; the own interface is dropped with a message."),
    kw("track_script")
        .items(&VRRP_SYNC_GROUP_TRACK_SCRIPT_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one script per line")
        .doc("vrrp_script entries tracked for all member instances; unknown or repeated names are dropped with a message."),
    kw("track_file")
        .items(&VRRP_SYNC_GROUP_TRACK_FILE_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one file per line")
        .doc("track_file entries tracked for all member instances; unknown or repeated names are dropped with a message."),
    kw("track_process")
        .items(&VRRP_SYNC_GROUP_TRACK_PROCESS_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one entry per line")
        .doc("vrrp_track_process entries tracked for all member instances; unknown or repeated names are dropped with a message. (build: track_process)"),
    kw("track_bfd")
        .items(&VRRP_SYNC_GROUP_TRACK_BFD_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one entry per line")
        .doc("bfd_instance entries tracked for all member instances; unknown or repeated names are dropped with a message. (build: bfd)"),
    kw("notify_backup")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run when the group enters BACKUP; later ones reported and ignored."),
    kw("notify_master")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run when the group enters MASTER."),
    kw("notify_fault")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run when the group enters FAULT."),
    kw("notify_stop")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run when VRRP stops."),
    kw("notify")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run after the specific ones on every transition, with four extra arguments: GROUP, name, state, priority."),
    kw("notify_ordered")
        .slots(&[may(Kind::Bool)])
        .since(EXTENSION)
        .default("the global notify_ordered")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Run the notification scripts of this group one at a time, in the order of events; see the global keyword."),
    kw("smtp_alert")
        .slots(&[may(Kind::Bool)])
        .default("smtp_alert_vrrp, else smtp_alert, else false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Mail on transitions of the group."),
    kw("global_tracking")
        .canonical("sync_group_tracking_weight")
        .repeat(Repeat::Flag)
        .deprecated("sync_group_tracking_weight", true)
        .default("off")
        .doc("Old switch, reported; acts like sync_group_tracking_weight."),
    kw("sync_group_tracking_weight")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Keep tracking weights of member instances although they are in a group (otherwise weighted trackers are neutralised)."),
    kw("notify_priority_changes")
        .slots(&[may(Kind::Bool)])
        .default("inherit")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Write priority changes of members to the FIFOs; used as default by member instances."),
]);

/// `vrrp_sync_group.track_interface.<item>`.
pub static VRRP_SYNC_GROUP_TRACK_INTERFACE_ITEM: Block = Block::new("vrrp_sync_group.track_interface.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-253, 253)).bad(OnBad::Use(0)).replace(254, 253), may(Kind::Literal("reverse"))])
        .repeat(Repeat::First)
        .default("0")
        .values("-253..253 (254 is reduced with message); else 0; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_sync_group.track_script.<item>`.
pub static VRRP_SYNC_GROUP_TRACK_SCRIPT_ITEM: Block = Block::new("vrrp_sync_group.track_script.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-253, 253)).replace(254, 253), may(choice(&["reverse", "noreverse"]))])
        .repeat(Repeat::First)
        .default("default of the object")
        .values("-253..253 (254 is reduced with message); else script default; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_sync_group.track_file.<item>`.
pub static VRRP_SYNC_GROUP_TRACK_FILE_ITEM: Block = Block::new("vrrp_sync_group.track_file.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-254, 254)), may(choice(&["reverse", "noreverse"]))])
        .repeat(Repeat::First)
        .default("default of the object")
        .values("-254..254; else file default; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_sync_group.track_process.<item>`.
pub static VRRP_SYNC_GROUP_TRACK_PROCESS_ITEM: Block = Block::new("vrrp_sync_group.track_process.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-254, 254)), may(choice(&["reverse", "noreverse"]))])
        .repeat(Repeat::First)
        .default("default of the object")
        .values("-254..254; else process default; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_sync_group.track_bfd.<item>`.
pub static VRRP_SYNC_GROUP_TRACK_BFD_ITEM: Block = Block::new("vrrp_sync_group.track_bfd.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-253, 253)), may(choice(&["reverse", "noreverse"]))])
        .repeat(Repeat::First)
        .default("default of the object")
        .values("-253..253; else session default; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);
