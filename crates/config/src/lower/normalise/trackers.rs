//! Trackers of the own interface, and weights that an address owner cannot use.

use keepalived_model::{units::Priority, vrrp::TrackRef};

use super::Normaliser;
use crate::check::codes;

impl Normaliser<'_, '_, '_> {
    pub(super) fn own_interface(&mut self) {
        let Some(own) = self.draft.interface else { return };
        let before = self.draft.track.interfaces.len();
        self.draft.track.interfaces.retain(|r| *r.name != *own.as_str());
        if self.draft.track.interfaces.len() != before {
            self.say(
                &codes::OWN_INTERFACE_TRACKED,
                self.draft.span,
                &format!("`track_interface {own}` is ignored, since it is the instance's own interface"),
            );
        }
    }

    /// 13.4: weights of an address owner.
    pub(super) fn owner_weights(&mut self, priority: Priority) {
        if !priority.is_owner() {
            return;
        }
        let mut dropped: Vec<Box<str>> = Vec::new();
        let track = &mut self.draft.track;
        let mut unweighted_only = |r: &TrackRef| {
            let keep = r.weight == 0;
            if !keep {
                dropped.push(r.name.clone());
            }
            keep
        };
        track.interfaces.retain(&mut unweighted_only);
        track.scripts.retain(|r| unweighted_only(r));
        track.bfds.retain(&mut unweighted_only);
        track.files.retain_mut(|r| {
            if r.weight == 1 {
                dropped.push(r.name.clone());
                r.weight = 0;
            }
            unweighted_only_file(r, &mut dropped)
        });
        for name in dropped {
            self.say(
                &codes::WEIGHT_NEUTRALISED,
                self.draft.span,
                &format!("the weight of tracker `{name}` has no effect with priority 255"),
            );
        }
    }
}

pub(super) fn unweighted_only_file(r: &TrackRef, dropped: &mut Vec<Box<str>>) -> bool {
    if r.weight != 0 {
        dropped.push(r.name.clone());
    }
    r.weight == 0
}
