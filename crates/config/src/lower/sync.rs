//! `vrrp_sync_group` and `track_group`.

use std::collections::{HashMap, HashSet};

use keepalived_model::{
    bfd::BfdInstance,
    vrrp::{Instance, SyncGroup, TrackGroup, TrackRef, Tracking, WantState},
};

use super::{
    instance::{Draft, NotifyDraft, Wish},
    names::Names,
    normalise::{Finishing, notify_scripts},
    track::{List, Trackables},
};
use crate::{
    check::codes,
    diag::Diagnostic,
    grammar::Context,
    source::Span,
    suggest::nearest,
    table::{TRACK_GROUP, VRRP_SYNC_GROUP},
    typed::{Entry, Seen},
};

/// A sync group while the rest is read.
#[derive(Debug)]
pub(crate) struct GroupDraft {
    name: Box<str>,
    span: Span,
    members: Vec<(Box<str>, Span)>,
    track: Tracking,
    tracking_weight: bool,
    notify: NotifyDraft,
    notify_priority_changes: Option<bool>,
    smtp_alert: Option<bool>,
}

/// A track group while the rest is read.
#[derive(Debug)]
pub(crate) struct TrackGroupDraft {
    name: Box<str>,
    span: Span,
    members: Vec<(Box<str>, Span)>,
}

fn members(entry: &Entry<'_>) -> Vec<(Box<str>, Span)> {
    entry.names().map(|word| (word.text.clone(), word.span)).collect()
}

/// Reads a `vrrp_sync_group` block. A second `group` block is reported and ignored (`Repeat::First` of the table).
pub(crate) fn read_group(
    cx: &mut Context<'_>,
    trackables: &mut Trackables,
    bfds: &[BfdInstance],
    entry: &Entry<'_>,
) -> GroupDraft {
    let mut draft = GroupDraft {
        name: entry.text(0).into(),
        span: entry.span_of(0),
        members: Vec::new(),
        track: Tracking::default(),
        tracking_weight: false,
        notify: NotifyDraft::default(),
        notify_priority_changes: None,
        smtp_alert: None,
    };
    let mut seen = Seen::default();
    for statement in entry.body() {
        let Some(inner) = cx.typing.entry(&VRRP_SYNC_GROUP, &mut seen, statement) else {
            continue;
        };
        if let Some(list) = List::of(inner.name()) {
            trackables.list(cx, bfds, list, inner.body(), &mut draft.track);
            continue;
        }
        match inner.name() {
            "group" => draft.members = members(&inner),
            "sync_group_tracking_weight" => draft.tracking_weight = true,
            "notify_priority_changes" => draft.notify_priority_changes = Some(inner.bool()),
            "smtp_alert" => draft.smtp_alert = Some(inner.bool()),
            _ => {
                draft.notify.take(cx, &inner);
            }
        }
    }
    draft
}

/// Reads a `track_group` block.
pub(crate) fn read_track_group(cx: &mut Context<'_>, entry: &Entry<'_>) -> TrackGroupDraft {
    let mut draft = TrackGroupDraft {
        name: entry.text(0).into(),
        span: entry.span_of(0),
        members: Vec::new(),
    };
    let mut seen = Seen::default();
    for statement in entry.body() {
        if let Some(inner) = cx.typing.entry(&TRACK_GROUP, &mut seen, statement) {
            draft.members = members(&inner);
        }
    }
    draft
}

/// `notify_priority_changes` of a group is the default of its members.
pub(crate) fn inherit_notify(groups: &[GroupDraft], names: &Names, instances: &mut [Draft]) {
    for group in groups {
        let Some(value) = group.notify_priority_changes else {
            continue;
        };
        for (member, _) in &group.members {
            if let Some(instance) = names.get(member).and_then(|index| instances.get_mut(index)) {
                instance.notify_priority_changes.get_or_insert(value);
            }
        }
    }
}

/// Resolves members (13.5) and neutralises weights (13.4).
pub(crate) fn finish_groups(
    with: &mut Finishing<'_, '_>,
    drafts: Vec<GroupDraft>,
    instances: &mut [Instance],
    wishes: &[Wish],
) -> Vec<SyncGroup> {
    let by_name: HashMap<Box<str>, usize> = instances.iter().enumerate().map(|(i, v)| (v.name.clone(), i)).collect();
    let mut taken: HashMap<usize, Box<str>> = HashMap::new();
    let mut groups = Vec::new();
    for draft in drafts {
        let indices = resolve(with.cx, &draft, &by_name, &mut taken);
        if indices.is_empty() {
            with.cx.say_help(
                &codes::GROUP_EMPTY,
                draft.span,
                format!("sync group {} has no members; it is removed", draft.name),
                "list at least two instances in its `group` block",
            );
            continue;
        }
        if indices.len() == 1 {
            with.cx.say(
                &codes::GROUP_SINGLE,
                draft.span,
                format!("sync group {} has only one member", draft.name),
            );
        }
        mixed_owners(with.cx, &draft, &indices, wishes);
        groups.push(finish_group(with, draft, &indices, instances));
    }
    groups
}

/// A member that owns its addresses and says so, and one that says it does not.
fn mixed_owners(cx: &mut Context<'_>, draft: &GroupDraft, indices: &[usize], wishes: &[Wish]) {
    let some = |wish| indices.iter().any(|i| wishes.get(*i) == Some(&wish));
    if some(Wish::Owner) && some(Wish::Backup) {
        cx.say(
            &codes::GROUP_MIXED_OWNERS,
            draft.span,
            format!(
                "sync group {} has some member(s) as address owner and some not as address owner",
                draft.name
            ),
        );
    }
}

fn resolve(
    cx: &mut Context<'_>,
    draft: &GroupDraft,
    by_name: &HashMap<Box<str>, usize>,
    taken: &mut HashMap<usize, Box<str>>,
) -> Vec<usize> {
    let mut indices = Vec::with_capacity(draft.members.len());
    for (name, span) in &draft.members {
        let why = match by_name.get(name) {
            None => {
                let mut diagnostic = Diagnostic::new(
                    &codes::GROUP_MEMBER,
                    *span,
                    format!(
                        "there is no vrrp_instance {name}; it is skipped in sync group {}",
                        draft.name
                    ),
                );
                let candidates = by_name.keys().take(cx.suggestions()).map(|k| &**k);
                if let Some(near) = nearest(name, candidates) {
                    diagnostic = diagnostic.fix(*span, near, format!("write `{near}` instead"));
                }
                cx.typing.say(diagnostic);
                continue;
            }
            Some(index) => match taken.get(index) {
                None => {
                    taken.insert(*index, draft.name.clone());
                    indices.push(*index);
                    continue;
                }
                Some(group) => format!(
                    "instance {name} is already in sync group {group}; it is skipped in {}",
                    draft.name
                ),
            },
        };
        cx.say(&codes::GROUP_MEMBER, *span, why);
    }
    indices
}

fn finish_group(
    with: &mut Finishing<'_, '_>,
    mut draft: GroupDraft,
    indices: &[usize],
    instances: &mut [Instance],
) -> SyncGroup {
    let mut all = indices.iter().filter_map(|i| instances.get(*i));
    let owners = all.clone().filter(|i| i.is_owner()).count();
    let all_master = all.all(|i| i.want_state == WantState::Master && i.is_owner());
    if owners != 0 {
        // An owner in the group: the group's own trackers cannot change priorities (13.4).
        zero_weights(&mut draft.track);
    }
    let of_group = Lists::of(&draft.track);
    for index in indices {
        let Some(instance) = instances.get_mut(*index) else {
            continue;
        };
        if !all_master && instance.want_state == WantState::Master {
            instance.want_state = keepalived_model::vrrp::WantState::Backup;
        }
        if !draft.tracking_weight {
            neutralise(with.cx, draft.span, &draft.name, instance);
        }
        for (kind, name, weight) in of_group.both(&instance.track) {
            let message = format!(
                "({}) {kind} {name} is tracked here and by sync group {}",
                instance.name, draft.name
            );
            let outcome = if weight == 0 {
                "weight 0 of the instance counts"
            } else {
                "the weight of the group counts"
            };
            with.cx.say_help(
                &codes::TRACK_BOTH,
                draft.span,
                format!("{message}; {outcome}"),
                "remove it from the instance",
            );
        }
    }
    draft.track.scripts.retain(|r| with.usable.contains(&r.name));
    let notify = notify_scripts(with, &draft.name, draft.notify);
    SyncGroup {
        members: indices
            .iter()
            .filter_map(|i| instances.get(*i))
            .map(|i| i.name.clone())
            .collect(),
        name: draft.name,
        track: draft.track,
        tracking_weight: draft.tracking_weight,
        notify,
        notify_priority_changes: draft.notify_priority_changes,
        smtp_alert: draft.smtp_alert.unwrap_or(with.defaults.smtp_alert),
    }
}

/// What a group tracks, by keyword.
struct Lists([(&'static str, HashSet<Box<str>>); 5]);

impl Lists {
    fn lists(track: &Tracking) -> [(&'static str, &[TrackRef]); 5] {
        [
            ("track_interface", &track.interfaces),
            ("track_script", &track.scripts),
            ("track_file", &track.files),
            ("track_process", &track.processes),
            ("track_bfd", &track.bfds),
        ]
    }

    fn of(track: &Tracking) -> Self {
        let names = |list: &[TrackRef]| list.iter().map(|r| r.name.clone()).collect();
        Self(Self::lists(track).map(|(kind, list)| (kind, names(list))))
    }

    /// What a member tracks too: keyword, name and weight there.
    fn both<'t>(&self, own: &'t Tracking) -> Vec<(&'static str, &'t str, i16)> {
        let lists = self.0.iter().zip(Self::lists(own));
        let same = lists.flat_map(|((kind, names), (_, list))| {
            let same = list.iter().filter(|r| names.contains(&r.name));
            same.map(|r| (*kind, &*r.name, r.weight))
        });
        same.collect()
    }
}

fn zero_weights(track: &mut Tracking) {
    let lists = [
        &mut track.interfaces,
        &mut track.files,
        &mut track.processes,
        &mut track.bfds,
    ];
    for reference in lists.into_iter().flatten().chain(track.scripts.iter_mut()) {
        reference.weight = 0;
    }
}

/// 13.4: members of a group without `sync_group_tracking_weight`. Interfaces become unweighted, scripts and BFD sessions are
/// dropped, files with the default weight become unweighted and with others are dropped.
fn neutralise(cx: &mut Context<'_>, span: Span, group: &str, instance: &mut Instance) {
    let mut touched: Vec<Box<str>> = Vec::new();
    let track = &mut instance.track;
    for reference in &mut track.interfaces {
        if reference.weight != 0 {
            touched.push(reference.name.clone());
            reference.weight = 0;
        }
    }
    let mut keep = |reference: &TrackRef| {
        if reference.weight != 0 {
            touched.push(reference.name.clone());
        }
        reference.weight == 0
    };
    track.scripts.retain(|r| keep(r));
    track.bfds.retain(&mut keep);
    track.files.retain_mut(|r| {
        let weight = r.weight;
        if weight == 1 {
            touched.push(r.name.clone());
            r.weight = 0;
        } else if weight != 0 {
            touched.push(r.name.clone());
        }
        matches!(weight, 0 | 1)
    });
    for name in touched {
        cx.say_help(
            &codes::WEIGHT_NEUTRALISED,
            span,
            format!(
                "({}) the weight of tracker `{name}` has no effect in sync group {group}",
                instance.name
            ),
            "write `sync_group_tracking_weight` in the group when members are to change their priorities",
        );
    }
}

/// Resolves members of track groups; unknown ones are skipped and empty groups removed (13.6, only logged by keepalived).
pub(crate) fn finish_track_groups(
    cx: &mut Context<'_>,
    drafts: Vec<TrackGroupDraft>,
    instances: &[Instance],
) -> Vec<TrackGroup> {
    if drafts.is_empty() {
        return Vec::new();
    }
    let known: HashSet<&str> = instances.iter().map(|i| &*i.name).collect();
    let mut groups = Vec::new();
    for draft in drafts {
        let mut members = Vec::new();
        for (name, span) in draft.members {
            if known.contains(&*name) {
                members.push(name);
            } else {
                cx.say(
                    &codes::TRACK_GROUP_MEMBER,
                    span,
                    format!(
                        "there is no vrrp_instance {name}; it is skipped in track group {}",
                        draft.name
                    ),
                );
            }
        }
        if members.is_empty() {
            cx.say(
                &codes::TRACK_GROUP_EMPTY,
                draft.span,
                format!("track group {} has no members; it is removed", draft.name),
            );
        } else {
            groups.push(TrackGroup {
                name: draft.name,
                members,
            });
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use keepalived_model::vrrp::{TrackRef, Tracking};

    use crate::{
        diag::Diagnostics,
        lower::Lowering,
        testing::{Machine, tree},
    };

    /// The instances' trackers (V1, V2), the group's, and what was said.
    fn lowered(group: &str, priority: u8, member: &str) -> (Vec<Tracking>, Tracking, Diagnostics) {
        let text = format!(
            "vrrp_script s {{\nscript /good/s\nweight 5\n}}\ntrack_file f {{\nfile /tmp/f\n}}\n\
             vrrp_track_process p {{\nprocess sleep\n}}\nbfd_instance b {{\nneighbor_ip 192.0.2.2\n}}\n\
             vrrp_sync_group G {{\ngroup {{\nV1\nV2\n}}\n{group}\n}}\n\
             vrrp_instance V1 {{\ninterface eth0\nvirtual_router_id 51\npriority {priority}\n{member}\nvirtual_ipaddress {{\n10.0.0.1\n}}\n}}\n\
             vrrp_instance V2 {{\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {{\n10.0.0.2\n}}\n}}\n"
        );
        let mut lowering = Lowering::new(&Machine);
        for statement in tree(&text) {
            lowering.statement(statement);
        }
        let (config, said) = lowering.finish();
        let track = config.vrrp.instances.iter().map(|i| i.track.clone()).collect();
        let group = config.vrrp.sync_groups.first().map(|g| g.track.clone());
        (track, group.unwrap_or_default(), said)
    }

    /// One list of trackers: `NAME WEIGHT`.
    fn list<'a>(list: impl IntoIterator<Item = &'a TrackRef>) -> Vec<String> {
        list.into_iter().map(|r| format!("{} {}", r.name, r.weight)).collect()
    }

    fn all(track: &Tracking) -> String {
        [
            list(&track.interfaces),
            list(&track.scripts),
            list(&track.files),
            list(&track.processes),
            list(&track.bfds),
        ]
        .concat()
        .join(", ")
    }

    fn block(keyword: &str, line: &str) -> String {
        format!("track_{keyword} {{\n{line}\n}}\n")
    }

    /// The table of `vrrp.md` 7.3: keyword, line, what is left of it in a group, in a group with `sync_group_tracking_weight` (or its
    /// old name), and of an owner.
    #[test]
    fn weights_are_neutralised_as_the_table_says() {
        for (keyword, line, in_group, kept, of_owner) in [
            ("interface", "eth1 weight 20", "eth1 0", "eth1 20", ""),
            ("interface", "eth1", "eth1 0", "eth1 0", "eth1 0"),
            ("script", "s", "", "s 5", ""),
            ("script", "s weight 0", "s 0", "s 0", "s 0"),
            ("file", "f", "f 0", "f 1", "f 0"),
            ("file", "f weight 2", "", "f 2", ""),
            ("bfd", "b weight 3", "", "b 3", ""),
            ("bfd", "b", "b 0", "b 0", "b 0"),
            ("process", "p weight 3", "p 3", "p 3", "p 3"),
        ] {
            let tracked = block(keyword, line);
            let (track, _, said) = lowered("", 100, &tracked);
            assert_eq!(all(&track[0]), in_group, "{line}");
            let neutralised = in_group != kept;
            let code = said.items().iter().any(|d| d.code.id == "KA2305");
            assert_eq!(code, neutralised, "{line}");
            for keyword in ["sync_group_tracking_weight", "global_tracking"] {
                assert_eq!(
                    all(&lowered(keyword, 100, &tracked).0[0]),
                    kept,
                    "{line} with {keyword}"
                );
            }
            let (track, ..) = lowered("sync_group_tracking_weight", 255, &tracked);
            assert_eq!(all(&track[0]), of_owner, "{line} of an owner");
        }
    }

    #[test]
    fn a_group_keeps_its_weights_unless_a_member_is_an_owner() {
        let group = [
            block("interface", "eth1 weight 20"),
            block("script", "s weight 4"),
            block("file", "f weight 3"),
            block("process", "p weight 2"),
            block("bfd", "b weight 1"),
        ]
        .concat();
        assert_eq!(all(&lowered(&group, 100, "").1), "eth1 20, s 4, f 3, p 2, b 1");
        assert_eq!(all(&lowered(&group, 255, "").1), "eth1 0, s 0, f 0, p 0, b 0");
    }

    #[test]
    fn what_both_track_counts_once_with_the_groups_weight() {
        let group = format!("sync_group_tracking_weight\n{}", block("file", "f weight 3"));
        for (member, expected) in [("f weight 2", 3), ("f weight 0", 0), ("f", 3)] {
            let (track, of_group, said) = lowered(&group, 100, &block("file", member));
            assert_eq!(all(&track[0].in_group(&of_group)), format!("f {expected}"), "{member}");
            assert_eq!(all(&track[1].in_group(&of_group)), "f 3");
            assert!(said.items().iter().any(|d| d.code.id == "KA2310"), "{member}");
        }
    }

    /// Names that do not exist and weights that are too large are said with their place; the nearest name is offered.
    #[test]
    fn mistakes_are_named_with_their_place() {
        for (line, code) in [
            ("ff", "KA2301"),
            ("f weight 255", "KA2304"),
            ("f weight x", "KA2304"),
            ("f weight", "KA2303"),
            ("f wieght 3", "KA2303"),
            ("f weight 3 backwards", "KA2007"),
            ("f\nf", "KA2302"),
        ] {
            let (.., said) = lowered(&block("file", line), 100, "");
            let diagnostic = said.items().iter().find(|d| d.code.id == code);
            assert!(
                diagnostic.is_some_and(|d| d.span.is_some()),
                "{line}: {:?}",
                said.items().iter().collect::<Vec<_>>()
            );
        }
    }
}
